//! Every language says everything: its words are those of English, its law has every label that a document prints.
//!
//! Found by walking `templates/locales/` and `schemas/clauses/`, the toy's beside the built-in ones.

use std::collections::{BTreeMap, BTreeSet};

use techfile::Catalog;
use techfile::catalog::{Glyphs, Kind, translation_path, words_path};

use crate::kinds::clauses;
use crate::repository::read;
use crate::stages::{catalog, catalog_with, found};

/// The language that the others must equal.
const BASE: &str = "en";
/// What a house may bring beside the files of the kinds.
const HOUSE: &str = "house";
/// The one word that may be empty: most words have no official wording.
const OFFICIAL: &str = "official_words";
const SOURCE: &str = "source_of_words";

type Words = BTreeMap<String, String>;

fn words(catalog: &Catalog, path: &str) -> Words {
    let text = catalog.text(path).unwrap_or_else(|error| panic!("{error}"));
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Language and name of each file of words.
fn files(catalog: &Catalog) -> Vec<(String, String)> {
    let paths = catalog.paths().filter_map(|path| path.strip_prefix("templates/locales/"));
    paths
        .map(|path| {
            let (language, file) = path.split_once('/').unwrap_or_else(|| panic!("{path}: in no language"));
            let name = file.strip_suffix(".yaml").unwrap_or_else(|| panic!("{path}: no words"));
            (language.to_owned(), name.to_owned())
        })
        .collect()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

fn unseen(text: &str, glyphs: &Glyphs) -> Option<char> {
    text.chars().find(|character| !character.is_whitespace() && !glyphs.has(*character))
}

/// What is wrong with the words of one file, held against those of English.
fn faults(path: &str, words: &Words, base: &Words, glyphs: &Glyphs) -> Vec<String> {
    let mut faults = Vec::new();
    faults.extend(base.keys().filter(|name| !words.contains_key(*name)).map(|name| format!("{path}: no `{name}`")));
    for (name, word) in words {
        let Some(original) = base.get(name) else {
            faults.push(format!("{path}: `{name}` is no word of English"));
            continue;
        };
        if word.trim().is_empty() && name != OFFICIAL && !original.is_empty() {
            faults.push(format!("{path}: `{name}` is empty"));
        }
        if placeholders(word) != placeholders(original) {
            faults.push(format!("{path}: `{name}` has not the placeholders of {original:?}"));
        }
        faults.extend(unseen(word, glyphs).map(|lost| format!("{path}: `{name}`: no font has {lost:?}")));
    }
    for name in words.get(OFFICIAL).into_iter().flat_map(|names| names.split_whitespace()) {
        if !words.contains_key(name) {
            faults.push(format!("{path}: `{OFFICIAL}` names `{name}`, which is not there"));
        }
    }
    if words.get(SOURCE).is_none_or(|source| source.trim().len() <= 10) {
        faults.push(format!("{path}: `{SOURCE}` does not say where the words come from"));
    }
    faults
}

/// What is wrong with the words of any language of a catalogue.
pub(crate) fn all_faults(catalog: &Catalog) -> Vec<String> {
    let glyphs = catalog.glyphs().unwrap();
    let mut found = Vec::new();
    for (language, name) in files(catalog).into_iter().filter(|(_, name)| name != HOUSE) {
        let path = words_path(&language, &name);
        if name != "common" && catalog.kind(&name).is_none() {
            found.push(format!("{path}: there is no kind of this name"));
            continue;
        }
        if catalog.bytes(&words_path(&language, "common")).is_none() {
            found.push(format!("{path}: the language has no common words"));
        }
        let base = words(catalog, &words_path(BASE, &name));
        found.extend(faults(&path, &words(catalog, &path), &base, glyphs));
        if name != "common" && !base.contains_key("kind_title") {
            found.push(format!("{path}: no `kind_title`"));
        }
    }
    found
}

#[test]
fn every_language_has_the_words_of_english_and_no_others() {
    none(&all_faults(&catalog()));
}

#[test]
fn the_test_of_words_sees_what_is_wrong() {
    let catalog = catalog();
    let glyphs = catalog.glyphs().unwrap();
    let base: Words = [("a", "one"), ("b", "{day} {month}"), (SOURCE, "made up for this"), (OFFICIAL, "")]
        .map(|(name, word)| (name.to_owned(), word.to_owned()))
        .into();
    assert_eq!(faults("x", &base, &base, glyphs), Vec::<String>::new());
    for (name, word, told) in [
        ("c", Some("three"), "no word of English"),
        ("a", None, "no `a`"),
        ("a", Some(" "), "`a` is empty"),
        ("a", Some("\u{4e00}"), "no font has"),
        ("b", Some("{day}"), "placeholders"),
        (SOURCE, Some(""), "where the words come from"),
        (OFFICIAL, Some("a z"), "names `z`"),
    ] {
        let mut words = base.clone();
        words.remove(name);
        words.extend(word.map(|word| (name.to_owned(), word.to_owned())));
        let faults = faults("x", &words, &base, glyphs);
        assert!(faults.iter().any(|fault| fault.contains(told)), "{name}: {faults:?}");
    }
}

#[test]
fn every_kind_can_be_written_in_dutch_and_some_in_more_languages() {
    let catalog = Catalog::builtin();
    let mut all = BTreeSet::new();
    for kind in catalog.kind_ids() {
        let languages: Vec<&str> = catalog.languages(kind).collect();
        assert!(languages.contains(&"en") && languages.contains(&"nl"), "{kind}: {languages:?}");
        all.extend(languages);
    }
    assert!(["de", "en", "fr", "it", "nl"].iter().all(|language| all.contains(language)), "{all:?}");
}

/// Every clause that a document of a kind can print, in an order that does not matter.
fn printed(catalog: &Catalog, kind: &Kind) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = kind.legal_basis().into_iter().map(str::to_owned).collect();
    clauses(kind.schema().json(), &mut ids);
    let own = Catalog::template_path(kind.id());
    let folder = format!("templates/{}/", kind.id());
    for path in catalog.paths().filter(|path| **path == own || path.starts_with(&folder)) {
        let text = catalog.text(path).unwrap();
        ids.extend(text.split("clause=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    ids
}

#[test]
fn every_clause_that_is_printed_has_a_label_in_every_language() {
    let catalog = catalog();
    let mut faults = Vec::new();
    for id in catalog.kind_ids() {
        let kind = catalog.kind(id).unwrap().unwrap_or_else(|error| panic!("{error}"));
        let printed = printed(&catalog, kind);
        assert!(!printed.is_empty(), "{id} prints no clause");
        for language in catalog.languages(id) {
            for clause in &printed {
                faults.extend(catalog.label_in(clause, language).err().map(|error| format!("{language}: {error}")));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_translated_clause_is_one_of_the_law_with_its_source() {
    let catalog = catalog();
    let glyphs = catalog.glyphs().unwrap();
    let mut faults = Vec::new();
    let mut seen = 0;
    for framework in catalog.framework_ids() {
        for language in catalog.languages_of(framework) {
            // Ids, sources and empty texts are refused here.
            let wording = catalog.framework_in(framework, language).unwrap().unwrap_or_else(|error| panic!("{error}"));
            let path = translation_path(language, framework);
            for clause in wording.law().clauses() {
                let Ok(label) = wording.label(clause) else { continue };
                seen += usize::from(wording.text(clause).is_some());
                for text in [Some(label), wording.heading(clause), wording.text(clause)].into_iter().flatten() {
                    let lost = unseen(text, glyphs);
                    faults.extend(lost.map(|lost| format!("{path}: `{}`: no font has {lost:?}", clause.id)));
                }
            }
            let names = [wording.title(), wording.short_name(), wording.attribution(), wording.consolidated()];
            faults.extend(names.iter().filter_map(|name| unseen(name, glyphs)).map(|lost| format!("{path}: {lost:?}")));
        }
    }
    none(&faults);
    assert!(seen > 20, "{seen} texts");
}

#[test]
fn a_language_without_words_is_a_finding_and_words_make_it_good() {
    let folder = crate::repository::root().join("tests/suite/toy");
    let answers = read("tests/suite/toy/answers.yaml").replace("language: en", "language: sv");
    assert_eq!(found(&answers, &folder, &catalog()), ["wrong-value at /document/language"]);
    // What is no language at all is told once.
    let none = answers.replace("language: sv", "language: xx");
    assert_eq!(found(&none, &folder, &catalog()), ["wrong-value at /document/language"]);
    let own = |name: &str| (words_path("sv", name), catalog().bytes(&words_path(BASE, name)).unwrap().to_vec());
    assert_eq!(
        found(&answers, &folder, &catalog_with([own("toy")])),
        ["wrong-value at /document/language"],
        "a language needs the common words, too"
    );
    assert_eq!(found(&answers, &folder, &catalog_with([own("toy"), own("common")])), Vec::<String>::new());
}
