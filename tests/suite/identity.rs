//! The content id: what cannot change it and what must.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;

use proptest::prelude::*;
use techfile::Catalog;
use techfile::answers::{Answers, FileState};
use techfile::digest::Digest;
use techfile::identity::{Identity, identify};
use techfile::source::Source;

use crate::leaves::{Leaf, Sort, leaves, shorten};
use crate::repository::{read, root};
use crate::samples::samples;
use crate::stages::{bound, catalog};
use crate::tree::Tree;

static CATALOG: LazyLock<Catalog> = LazyLock::new(catalog);

/// Answers to change, and where their evidence lies.
struct Subject {
    name: String,
    kind: String,
    tree: Tree,
    folder: PathBuf,
    id: LazyLock<Digest, Box<dyn FnOnce() -> Digest + Send>>,
}

impl Subject {
    fn new(name: &str, kind: &str, tree: Tree, folder: PathBuf) -> Self {
        let (yaml, place, own) = (tree.plain(), folder.clone(), name.to_owned());
        let compute = move || id(yaml.as_bytes(), &place).unwrap_or_else(|| panic!("{own} does not check"));
        let (name, kind) = (name.to_owned(), kind.to_owned());
        Self { name, kind, tree, folder, id: LazyLock::new(Box::new(compute)) }
    }
}

/// The toy's sample, which is small and has one of everything, and every sample of the repository.
static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    let toy = Answers::parse(Source::new("answers.yaml", read("tests/suite/toy/answers.yaml"))).unwrap();
    let toy = Subject::new("toy", "toy", Tree::of(toy.root()), root().join("tests/suite/toy"));
    let samples = samples().into_iter();
    let samples = samples.map(|sample| Subject::new(&sample.name, &sample.kind, sample.tree(), sample.folder()));
    std::iter::once(toy).chain(samples).collect()
});

/// The content id of YAML; `None` if the answers are refused.
fn id(yaml: &[u8], folder: &std::path::Path) -> Option<Digest> {
    let answers = bound(yaml, "answers.yaml", folder).ok()?;
    Some(identify(&techfile::check(answers, &CATALOG).ok()?).content_id)
}

/// Each sample in another style; the line ends and the mark at the start of the file are another matter than YAML's.
fn written(subject: &Subject, seed: u64, line_end: &str, mark: bool) -> Vec<u8> {
    let text = subject.tree.write(seed).replace('\n', line_end);
    let mark: &[u8] = if mark { b"\xef\xbb\xbf" } else { b"" };
    [mark, text.as_bytes()].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// O24 line ends, O25 a byte order mark.
    #[test]
    fn comments_order_quotes_indentation_and_line_ends_do_not_change_the_content_id(
        seed in any::<u64>(),
        line_end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        mark in any::<bool>(),
    ) {
        // The toy mostly, which is small; a sample every fourth time.
        let all = SUBJECTS.len() as u64;
        let subject = &SUBJECTS[usize::try_from(if seed % 4 == 0 { seed / 4 % all } else { 0 }).unwrap()];
        let bytes = written(subject, seed, line_end, mark);
        let seen = id(&bytes, &subject.folder);
        prop_assert_eq!(seen, Some(*subject.id), "{}\n{}", subject.name, String::from_utf8_lossy(&bytes));
    }
}

/// O24: mixed within one file.
#[test]
fn lines_that_end_in_different_ways_are_one_content() {
    let subject = &SUBJECTS[0];
    let ends = ["\n", "\r\n", "\r"];
    let text = subject.tree.write(7);
    let mixed: String = text.lines().enumerate().map(|(n, line)| format!("{line}{}", ends[n % 3])).collect();
    assert_eq!(id(mixed.as_bytes(), &subject.folder), Some(*subject.id));
}

/// Another answer of the same sort; `None` where only one is right.
fn another(answer: &Tree, sort: &Sort, way: usize) -> Option<Tree> {
    match (answer, sort) {
        (Tree::Text(text), sort) if sort.is_free() => Some(Tree::Text(match way {
            0 => format!("{}x", text.trim_end()),
            1 => format!("X{text}"),
            // A letter of another case is another answer, and so is a comma less.
            _ => text.replacen([',', 'e'], "E", 1),
        })),
        (Tree::Bool(value), _) => Some(Tree::Bool(!value)),
        (Tree::Number(digits) | Tree::Text(digits), Sort::Integer) => {
            Some(Tree::Number((digits.parse::<u64>().ok()? + 1 + way as u64).to_string()))
        }
        // The digits are the answer: one zero more is another number of digits.
        (Tree::Number(digits) | Tree::Text(digits), Sort::Decimal) => {
            Some(Tree::Number(format!("{digits}{}", if digits.contains('.') { "0" } else { ".0" })))
        }
        (Tree::Text(date), Sort::Date) => {
            let (month, day) = date.rsplit_once('-')?;
            let day: u32 = day.parse().ok()?;
            Some(Tree::Text(format!("{month}-{:02}", if day < 28 { day + 1 } else { day - 1 })))
        }
        (Tree::Text(word), Sort::Choice(words)) => {
            let others: Vec<&String> = words.iter().filter(|other| *other != word).collect();
            Some(Tree::Text((*others.get(way % others.len().max(1))?).clone()))
        }
        (Tree::Text(text), Sort::Ruled) => Some(Tree::Text(format!("{text}x"))),
        _ => None,
    }
}

/// The subject with one leaf changed, wherever the fact stands; with its YAML.
fn changed(subject: &Subject, all: &[Leaf], leaf: &Leaf, way: usize) -> Option<String> {
    let mut tree = subject.tree.clone();
    let same = |other: &&Leaf| match (&leaf.sort, &other.sort) {
        (Sort::Fact(fact) | Sort::MarkdownFact(fact), Sort::Fact(other) | Sort::MarkdownFact(other)) => fact == other,
        _ => leaf.pointer == other.pointer,
    };
    for place in all.iter().filter(same) {
        let answer = tree.at_mut(&place.pointer)?;
        *answer = another(answer, &place.sort, way)?;
    }
    (tree != subject.tree).then(|| tree.plain())
}

#[test]
fn any_changed_leaf_outside_sign_off_changes_the_content_id_and_none_inside_does() {
    thread::scope(|scope| {
        for subject in SUBJECTS.iter() {
            scope.spawn(|| change_each_leaf(subject));
        }
    });
}

fn change_each_leaf(subject: &Subject) {
    let kind = CATALOG.kind(&subject.kind).unwrap().unwrap();
    let mut tree = subject.tree.clone();
    let all = leaves(&tree, kind);
    shorten(&mut tree, &all);
    let subject = &Subject::new(&subject.name, &subject.kind, tree, subject.folder.clone());
    let mut ids = BTreeSet::from([subject.id.to_string()]);
    let mut facts = BTreeSet::new();
    let (mut moved, mut words, mut refused) = (0, 0, Vec::new());
    // A long file in steps, the toy and short ones leaf by leaf; with the feature `external`, as CI runs it, every leaf.
    let step = if cfg!(feature = "external") { 1 } else { all.len().div_ceil(60).max(1) };
    for leaf in all.iter().step_by(step) {
        // One fact is changed once, in all its places.
        if let Sort::Fact(fact) | Sort::MarkdownFact(fact) = &leaf.sort
            && !facts.insert(fact)
        {
            continue;
        }
        let seen = (0..3).find_map(|way| {
            let yaml = changed(subject, &all, leaf, way)?;
            id(yaml.as_bytes(), &subject.folder)
        });
        let inside = leaf.pointer.starts_with("/sign_off/");
        let free = leaf.sort.is_free();
        words += usize::from(free && !inside);
        match seen {
            Some(id) if inside => assert_eq!(id, *subject.id, "{}: {}", subject.name, leaf.pointer),
            Some(id) => {
                assert!(ids.insert(id.to_string()), "{}: {} changed and nobody sees it", subject.name, leaf.pointer);
                moved += 1;
            }
            // Answers that no longer hold together have no content id.
            None => refused.push((&leaf.pointer, free && !inside)),
        }
    }
    let lost: Vec<_> = refused.iter().filter(|(_, free)| *free).collect();
    assert!(words > 0 && lost.is_empty(), "{}: words that could not be changed: {lost:?}", subject.name);
    assert!(moved > 10, "{}: {moved} leaves changed, refused: {refused:?}", subject.name);
}

/// The toy's identity with other files as its evidence; all hold the same.
fn identity(answers: &str, evidence: &[&str]) -> Identity {
    let register = evidence.iter().enumerate().map(|(index, path)| {
        format!("  - {{id: E-{}, title: Drops, file: {path}, date: \"2026-11-10\", signed_by: Ada}}\n", index + 1)
    });
    let (start, _) = answers.split_once("proof: [E-1]\n").expect("the proof comes before the evidence");
    let ids: Vec<String> = (1..=evidence.len()).map(|number| format!("E-{number}")).collect();
    let text = format!("{start}proof: [{}]\nevidence:\n{}", ids.join(", "), register.collect::<String>());
    let answers = Answers::parse(Source::new("answers.yaml", text)).expect("it reads");
    let files = evidence.iter().map(|path| ((*path).to_owned(), FileState::Bytes(b"dropped\n"[..].into())));
    let answers = techfile::bind(answers, &files.collect());
    identify(&techfile::check(answers, &CATALOG).unwrap_or_else(|found| panic!("{found:?}")))
}

/// T10: a letter that slides from one part into the next leaves the same letters in the same order, and other digests.
#[test]
fn no_letter_slides_from_one_part_into_the_next() {
    let toy = read("tests/suite/toy/answers.yaml");
    let with = |parts: &[(&str, &str)]| {
        parts.iter().fold(toy.clone(), |text, (from, to)| {
            assert!(text.contains(from), "{from:?} is not there");
            text.replace(from, to)
        })
    };
    let plain = identity(&toy, &["drops.txt"]);
    // From the id of the document to its revision.
    let slid = with(&[("id: TOY-1\n", "id: TOY-\n"), ("revision: \"1\"", "revision: \"11\"")]);
    let slid = identity(&slid, &["drops.txt"]);
    assert_ne!(slid.content_id, plain.content_id);
    // From one answer of a clause to the next.
    let slid = with(&[("cells: two AAA cells, note: rechargeable", "cells: two AAA cell, note: srechargeable")]);
    let slid = identity(&slid, &["drops.txt"]);
    let differ = |clause: &str| slid.clauses[clause] != plain.clauses[clause];
    assert!(differ("eu-ai-act:annex-iv.1.e") && !differ("eu-ai-act:annex-iv.1.a"), "{:?}", slid.clauses);
    assert_ne!(slid.content_id, plain.content_id);
    // From the path of one piece of evidence to that of the next.
    let listed = |paths: &[&str]| -> serde_json::Value {
        let content: serde_json::Value = serde_json::from_slice(&identity(&toy, paths).content_json).unwrap();
        content["evidence"].clone()
    };
    let (one, slid) = (listed(&["a.txt", "tb.txt"]), listed(&["a.txtt", "b.txt"]));
    let paths = |list: &serde_json::Value| -> String {
        list.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect()
    };
    assert_eq!((paths(&one), paths(&slid)), ("a.txttb.txt".to_owned(), "a.txttb.txt".to_owned()));
    assert_ne!(one, slid);
}

/// Anybody can recompute the digest of a clause from `answers.json` with a JSON library that writes RFC 8785.
#[test]
fn a_clause_is_digested_as_canonical_json_of_its_answers() {
    for sample in samples() {
        let folder = sample.folder();
        let checked = crate::stages::checked(&sample.text, &sample.name, &folder, &CATALOG).expect("samples check");
        let identity = identify(&checked);
        for covered in checked.coverage() {
            let said = covered.pointers.iter().filter_map(|pointer| Some((pointer, checked.value().pointer(pointer)?)));
            let framed = serde_json::json!({
                "format": "techfile-clause/1",
                "clause": covered.clause,
                "answers": said.filter(|(pointer, _)| !pointer.starts_with("/sign_off")).collect::<Vec<_>>(),
            });
            let digest = Digest::of(&techfile::identity::canonical(&framed));
            assert_eq!(identity.clauses[&covered.clause], digest, "{}: {}", sample.name, covered.clause);
        }
    }
}
