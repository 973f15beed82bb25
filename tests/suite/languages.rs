//! Documents in other alphabets: the toy in Greek and in Bulgarian, found by walking `languages/`, and the Dutch one.
//!
//! A language is files that `--catalog` brings. Its documents show every letter, and no word of English by accident.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value as Json;

use techfile::catalog::words_path;
use techfile::{Catalog, render};

use crate::repository::{files, folders, read, root};
use crate::samples::{Sample, samples};
use crate::stages::{catalog_with, checked, short};
use crate::words::all_faults;

const FOLDER: &str = "tests/suite/languages";

/// A document in a language that the program does not bring.
struct Language {
    name: String,
    catalog: Catalog,
    answers: String,
}

fn languages() -> Vec<Language> {
    let found: Vec<Language> = folders(FOLDER)
        .into_iter()
        .map(|name| {
            let folder = format!("{FOLDER}/{name}/");
            let own = files(&folder).into_iter().filter(|path| path[folder.len()..].contains('/'));
            let own = own.map(|path| (path[folder.len()..].to_owned(), fs::read(root().join(&path)).unwrap()));
            Language { catalog: catalog_with(own), answers: read(&format!("{folder}answers.yaml")), name }
        })
        .collect();
    assert!(found.len() > 1, "Greek and Bulgarian");
    found
}

impl Language {
    fn checked(&self, answers: &str) -> Result<techfile::CheckedAnswers<'_>, Vec<techfile::diagnostic::Diagnostic>> {
        let folder = root().join(FOLDER).join(&self.name);
        checked(answers, "answers.yaml", &folder, &self.catalog)
    }
}

/// Whether words stand in a text, and not only as a part of another word.
fn stands(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// English words that stand in a document of another language, where that language has its own.
fn english(markdown: &str, kind: &str, language: &str, catalog: &Catalog) -> Vec<String> {
    // The front matter is for programs.
    let markdown = markdown.split("\n---\n").nth(1).expect("the words after the front matter");
    let english = catalog.words(kind, "en").unwrap();
    let own = catalog.words(kind, language).unwrap();
    let mut found: Vec<String> = english
        .all()
        .iter()
        // Short ones are parts of other words, and what is the same in both is no accident.
        .filter(|(name, word)| word.chars().count() > 4 && own.all().get(*name) != Some(*word))
        .filter(|(_, word)| stands(markdown, word))
        .map(|(name, word)| format!("{name}: {word}"))
        .collect();
    let mut titles = BTreeSet::new();
    questions(catalog.kind(kind).unwrap().unwrap().schema().json(), &mut titles);
    // Titles of one word may be words of the other language, too.
    found.extend(titles.into_iter().filter(|title| title.contains(' ') && stands(markdown, title)).map(str::to_owned));
    let law = catalog.framework("eu-ai-act").unwrap().unwrap();
    found.extend(
        ["Annex IV", &law.title, &law.short_name].map(str::to_owned).into_iter().filter(|text| markdown.contains(text)),
    );
    found
}

/// How findings, which are English, name the answers.
fn questions<'s>(schema: &'s Json, titles: &mut BTreeSet<&'s str>) {
    match schema {
        Json::Object(map) => {
            titles.extend(map.get("title").and_then(Json::as_str));
            map.values().for_each(|value| questions(value, titles));
        }
        Json::Array(items) => items.iter().for_each(|item| questions(item, titles)),
        _ => {}
    }
}

#[test]
fn a_language_is_files_and_its_documents_are_in_it() {
    for language in languages() {
        assert_eq!(all_faults(&language.catalog), Vec::<String>::new());
        let checked = language.checked(&language.answers).unwrap_or_else(|found| panic!("{found:#?}"));
        assert_eq!(checked.remarks(), [], "{}", language.name);
        let document = render(checked, "answers", None).unwrap_or_else(|error| panic!("{error}"));
        let markdown = document.markdown();
        assert_eq!(
            english(&markdown, "toy", &language.name, &language.catalog),
            Vec::<String>::new(),
            "{}",
            language.name
        );
        let words = language.catalog.words("toy", &language.name).unwrap();
        let title = &words.all()["kind_title"];
        assert!(markdown.contains(&format!("\n# {title}\n")), "{}", language.name);
        // Every character of the document is in the fonts.
        let glyphs = language.catalog.glyphs().unwrap();
        let lost: Vec<char> = markdown.chars().filter(|c| !c.is_whitespace() && !glyphs.has(*c)).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", language.name);
    }
}

#[test]
fn the_dutch_toy_is_dutch() {
    let catalog = crate::stages::catalog();
    let folder = root().join("tests/suite/toy");
    let checked = checked(&read("tests/suite/toy/answers.nl.yaml"), "answers.nl.yaml", &folder, &catalog).unwrap();
    let document = render(checked, "answers.nl", None).unwrap_or_else(|error| panic!("{error}"));
    let markdown = document.markdown();
    assert_eq!(english(&markdown, "toy", "nl", &catalog), Vec::<String>::new());
    let label = catalog.label_in("eu-ai-act:annex-iv.1.a", "nl").unwrap();
    assert!(label.to_lowercase().contains("bijlage") && markdown.contains(label), "{label}");
    assert!(markdown.contains("0,910"), "numbers are written as Dutch is");
}

/// What changed since an earlier release is said in the language of the document, too.
#[test]
fn changes_are_told_in_the_language_of_the_document() {
    let toy = crate::stages::catalog();
    let folder = root().join("tests/suite/toy");
    let dutch = read("tests/suite/toy/answers.nl.yaml");
    let mut told = Vec::new();
    for (name, catalog, answers, folder) in languages()
        .iter()
        .map(|language| {
            (&*language.name, &language.catalog, &*language.answers, root().join(FOLDER).join(&language.name))
        })
        .chain([("nl", &toy, &*dutch, folder)])
    {
        let check =
            |text: &str| checked(text, "answers.yaml", &folder, catalog).unwrap_or_else(|found| panic!("{found:#?}"));
        let parts = ["  - {id: base", "  - {id: odd}\n  - {id: base"];
        let early = answers.replacen("0.910", "0.905", 1).replacen("true", "false", 1);
        let early =
            early.replacen("declaration: {to_follow: conformity-assessment}", "declaration: {pending: {what: x}}", 1);
        let early = early.replacen(parts[0], parts[1], 1);
        assert_ne!(early, answers);
        let identity = techfile::identity::identify(&check(&early));
        let said = techfile::changes::Said::read(&identity.answers_json, &identity.content_json).unwrap();
        let earlier = techfile::changes::Earlier::new(said, techfile::digest::Digest::of(b""));
        let document = render(check(answers), "answers", Some(&earlier)).unwrap_or_else(|error| panic!("{error}"));
        let markdown = document.markdown();
        assert_eq!(english(&markdown, "toy", name, catalog), Vec::<String>::new(), "{name}");
        let words = catalog.words("toy", name).unwrap();
        let heading = format!("\n## {}\n", words.all()["changes_since"].replace("{revision}", &earlier.revision));
        assert!(markdown.contains(&heading) && markdown.contains("~~0,905~~ **0,910**"), "{name}: {heading}");
        told.push(heading);
    }
    assert!(told.len() > 2, "{told:?}");
}

#[test]
fn the_translated_samples_are_in_their_language() {
    let translations: Vec<_> = samples().into_iter().filter(Sample::is_translation).collect();
    assert!(!translations.is_empty(), "the Dutch sample");
    for sample in translations {
        let catalog = sample.catalog();
        let checked = checked(&sample.text, &sample.answers(), &sample.folder(), &catalog).unwrap();
        let language = checked.control().language.clone();
        assert!(sample.name.ends_with(&format!(".{language}")), "{} is in `{language}`", sample.name);
        let markdown = render(checked, &sample.stem(), None).unwrap_or_else(|error| panic!("{error}")).markdown();
        assert_eq!(english(&markdown, &sample.kind, &language, &catalog), Vec::<String>::new(), "{}", sample.name);
    }
}

/// The samples of all kinds as documents in Dutch: what the kind says is Dutch, what its author said is left as it is. What
/// collects is filled from the others, and the words of the law and of the crosswalk that it prints are Dutch, too.
#[test]
fn every_kind_says_its_own_words_in_dutch() {
    let catalog = Catalog::builtin();
    let mut seen = std::collections::BTreeSet::new();
    let mut faults = Vec::new();
    for sample in crate::samples::project() {
        let text = sample.text.replacen("\n  language: en\n", "\n  language: nl\n", 1);
        let draft = text.replacen("  status: approved\n", "  status: draft\n", 1);
        let checked = checked(&draft, &sample.answers(), &sample.folder(), &catalog)
            .unwrap_or_else(|found| panic!("{}: {found:#?}", sample.name));
        let written = checked.answers().root().clone();
        let document = render(checked, &sample.stem(), None).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        let markdown = document.markdown();
        let mut own = String::new();
        crate::tree::Tree::of(&written).words(&mut own);
        let own = own.split_whitespace().collect::<Vec<_>>().join(" ");
        let dutch = catalog.words(&sample.kind, "nl").unwrap();
        let found = english(&markdown, &sample.kind, "nl", &catalog);
        let word = |told: &str| told.split_once(": ").map_or(told, |(_, word)| word).to_owned();
        faults.extend(
            found
                .iter()
                .filter(|told| {
                    // A word of both languages may stand for another question.
                    !own.contains(&word(told)) && !dutch.all().values().any(|own| *own == word(told))
                })
                .map(|told| format!("{}: {told}", sample.name)),
        );
        seen.insert(sample.kind);
        for english in ["Annex IV", "Article ", "Clause ", "Control A.", "similar purpose"] {
            let count = |text: &str| text.matches(english).count();
            if count(&markdown) > 0 && count(&own) == 0 {
                faults.push(format!("{}: {english}", sample.name));
            }
        }
    }
    assert_eq!(seen, catalog.kind_ids().map(str::to_owned).collect());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_law_without_a_word_of_it_in_the_language_is_a_fault_of_the_catalogue() {
    for language in languages() {
        let path = format!("schemas/clauses/{}/eu-ai-act.yaml", language.name);
        let text = language.catalog.text(&path).unwrap();
        let line = text.lines().find(|line| line.trim_start().starts_with("annex-iv.2.c:")).unwrap();
        for (without, told) in [
            (text.replace(line, ""), "the clause `annex-iv.2.c` has no label"),
            (
                text.lines().filter(|line| !line.starts_with("short_name")).map(|line| format!("{line}\n")).collect(),
                "short_name",
            ),
        ] {
            let own = language.catalog.paths().filter(|path| path.contains(&format!("/{}/", language.name)));
            let own = own.map(|path| (path.to_owned(), language.catalog.bytes(path).unwrap().to_vec()));
            let catalog =
                catalog_with(own.collect::<Vec<_>>().into_iter().chain([(path.clone(), without.into_bytes())]));
            let folder = root().join(FOLDER).join(&language.name);
            let checked = checked(&language.answers, "answers.yaml", &folder, &catalog).expect("the answers are right");
            let fault = render(checked, "answers", None).map(|_| ()).expect_err(told).to_string();
            assert!(fault.contains(&path) && fault.contains(told), "{fault}");
        }
    }
}

#[test]
fn an_emoji_in_an_answer_is_a_finding_with_its_line() {
    for language in languages() {
        let text = &language.answers;
        let line = text.lines().position(|line| line.trim_start().starts_with("- ") && !line.contains('{')).unwrap();
        let changed: String = text
            .lines()
            .enumerate()
            .map(|(number, text)| format!("{text}{}\n", if number == line { " 🙂" } else { "" }))
            .collect();
        let found = language.checked(&changed).expect_err("an emoji has no glyph");
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!(short(finding), "missing-glyph at /story");
        assert_eq!(finding.place.positions().0.line, line + 1, "{}", language.name);
        assert_eq!(finding.place.source.slice(finding.place.span), "🙂");
    }
}

#[test]
fn the_files_of_a_language_are_inputs() {
    for language in languages() {
        let checked = language.checked(&language.answers).unwrap();
        let document = render(checked, "answers", None).unwrap();
        let theme = techfile::stamp::Theme::of(&language.catalog).unwrap();
        let manifest = String::from_utf8(techfile::stamp(document, theme).manifest_json().to_vec()).unwrap();
        let own = format!("schemas/clauses/{}/eu-ai-act.yaml", language.name);
        let words = ["common", "toy"].map(|name| words_path(&language.name, name));
        for path in [own, "schemas/clauses/eu-ai-act.yaml".to_owned()].iter().chain(&words) {
            assert!(manifest.contains(&format!("\"path\":\"{path}\"")), "{path} is missing in {manifest}");
        }
        assert!(!manifest.contains("locales/en/"), "{manifest}");
    }
}

/// The compiler refuses a PDF with a character that no font has, so pages show every letter.
#[cfg(feature = "pdf")]
#[test]
fn documents_in_other_alphabets_become_pages() {
    for language in languages() {
        let document = render(language.checked(&language.answers).unwrap(), "answers", None).unwrap();
        let theme = techfile::stamp::Theme::of(&language.catalog).unwrap();
        let typeset = techfile::typeset(techfile::stamp(document, theme)).unwrap_or_else(|error| panic!("{error}"));
        let bundle = techfile::bundle(typeset);
        let pdf = bundle.files().get("answers.pdf").expect("the PDF");
        // The catalogue, which says `/Lang`, is packed; the metadata is not.
        let tag = format!("<dc:language><rdf:Bag><rdf:li>{}</rdf:li>", language.name);
        assert!(pdf.windows(tag.len()).any(|bytes| bytes == tag.as_bytes()), "{}: no {tag}", language.name);
    }
}
