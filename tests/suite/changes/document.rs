//! "Changes since revision N": what a document says of its past, on the page.

use std::collections::BTreeSet;

use proptest::prelude::*;
use techfile::changes::{Earlier, Fate, Said};
use techfile::digest::Digest;
use techfile::identity::{canonical, identify};
use techfile::{Catalog, CheckedAnswers, render};

use crate::commonmark::reading;
use crate::repository::{read, root};
use crate::samples::{PROJECT, Sample, samples};
use crate::snapshots::differs;
use crate::stages::checked;

use super::CATALOG;

const TOY: &str = "tests/suite/toy/answers.yaml";

fn said(checked: &CheckedAnswers<'_>) -> Said {
    let identity = identify(checked);
    Said::read(&identity.answers_json, &identity.content_json).expect("we wrote it")
}

/// A text with some of its parts replaced, each of which is there.
fn with(text: &str, parts: &[(&str, &str)]) -> String {
    parts.iter().fold(text.to_owned(), |text, (part, other)| {
        assert!(text.contains(part), "{part:?} is not there");
        text.replacen(part, other, 1)
    })
}

/// The complete sample, with the first risk of its register written where it is drawn, so that it can be changed there.
fn complete() -> (Sample, String) {
    let sample = samples().into_iter().find(|sample| sample.name == PROJECT).expect("the complete sample");
    let register = read(&sample.path("risk-register.yaml"));
    let start = register.find("  R-01:\n").expect("a risk") + "  R-01:\n".len();
    let end = register.find("  R-02:\n").expect("another risk");
    let risk: String = register[start..end].lines().map(|line| format!("  {line}\n")).collect();
    let drawn = "    - {$from: risk-register.yaml#/product/R-01}\n";
    let text = with(&sample.text, &[(drawn, &risk.replacen("      id:", "    - id:", 1))]);
    (sample, text)
}

/// The document of later answers, which names an earlier release.
fn document(early: &str, late: &str, folder: &str, catalog: &Catalog) -> techfile::Document {
    let folder = root().join(folder);
    let check =
        |text: &str| checked(text, "answers.yaml", &folder, catalog).unwrap_or_else(|found| panic!("{found:?}"));
    let earlier = Earlier::new(said(&check(early)), Digest::of(b"a line"));
    render(check(late), "answers", Some(&earlier)).unwrap_or_else(|error| panic!("{error}"))
}

/// The control pages of the toy's next revision.
const NEXT: [(&str, &str); 10] = [
    ("revision: \"1\"\n", "revision: \"2\"\n"),
    (
        "    - {revision: \"1\", date: \"2026-11-20\", author: Ada Doe, summary: First issue}\n",
        "    - {revision: \"1\", date: \"2026-11-20\", author: Ada Doe, summary: First issue}\n    \
      - {revision: \"2\", date: \"2026-11-21\", author: Ada Doe, summary: A *safer* stick}\n",
    ),
    ("date: \"2026-11-20\"\n", "date: \"2026-11-21\"\n"),
    ("Four rings on a **stick**.", "Four rings on a **pole** of ~~soft~~ <b>wood</b> | that bends."),
    ("declaration: {to_follow: conformity-assessment}", "declaration: Toy declaration 7"),
    ("weight: 0.910", "weight: 0.905"),
    ("washable: true", "washable: false"),
    (
        "  - {id: base, part_name: Base}\n  - {id: ring, part_name: Ring, sits_on: base}\n",
        "  - {id: ring, part_name: Ring, sits_on: base}\n  - {id: base, part_name: Base}\n  - {id: top, part_name: \"[Top](x)\"}\n",
    ),
    (
        "power: {source: battery, cells: two AAA cells, note: rechargeable}",
        "power: {pending: {what: Which drive?, owner: Ada Doe, due: \"2027-01-31\"}}",
    ),
    ("  - {height: 2 m, floor: wood, dents: 2.0, at_most: 2, wanted: lower, outcome: met}\n", ""),
];

#[test]
fn the_next_revision_says_what_changed() {
    let toy = read(TOY);
    let document = document(&toy, &with(&toy, &NEXT), "tests/suite/toy", &CATALOG);
    let section = section(&document.markdown());
    if let Some(fault) = differs("tests/suite/changes/toy.md", &section) {
        panic!("{fault}");
    }
}

/// The section about changes.
fn section(markdown: &str) -> String {
    let start = markdown.find("\n## Changes since revision ").expect("a section of its own") + 1;
    let end = start + 4 + markdown[start + 4..].find("\n## ").expect("the reviews come after it");
    markdown[start..end].to_owned()
}

#[test]
fn a_long_document_says_only_what_changed() {
    let (sample, text) = complete();
    let catalog = sample.catalog();
    let late = with(
        &text,
        &[
            ("owner: Head of Regulatory Affairs\n", "owner: Head of Quality\n"),
            (
                "A residual risk is acceptable if it is at most moderate and at most",
                "A residual risk is acceptable if it is at most minor and at most",
            ),
            (
                "      initial: {likelihood: likely, severity: moderate}\n",
                "      initial: {likelihood: almost-certain, severity: moderate}\n",
            ),
            ("status: in-place}\n", "status: verified}\n"),
        ],
    );
    let document = document(&text, &late, sample.path("").trim_end_matches('/'), &catalog);
    let section = section(&document.markdown());
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| [")).collect();
    assert_eq!(rows.len(), 4, "{section}");
    for told in [
        "](#document-control) | Head of ~~Regulatory Affairs~~ **Quality** |",
        "| … acceptable if it is at most ~~moderate~~ **minor** and at most unlikely, or at … |",
        "› R-01 ›",
        "~~likely~~ **almost-certain** |",
        "~~in-place~~ **verified** |",
        "\n- AI Act, Annex IV, point 5: ",
    ] {
        assert!(section.contains(told), "{told:?} is not in\n{section}");
    }
    assert!(section.find("point 5:") < section.find("| Answer |"), "clauses come first");
    let summary = document.markdown().lines().find(|line| line.starts_with("| Changed since")).map(str::to_owned);
    let summary = summary.expect("the summary tells of this revision");
    assert!(summary.ends_with("(#changes-since-revision-3) |"), "{summary}");
    pages(document, &catalog);
}

/// A reviewer is told of a clause exactly where the digest that was reviewed is another one; document control aside,
/// which every revision changes.
#[test]
fn changed_clauses_are_those_whose_digest_changed() {
    let toy = read(TOY);
    let folder = root().join("tests/suite/toy");
    let parts = NEXT.iter().filter(|(part, _)| !part.contains("revision") && !part.contains("date"));
    let all: Vec<(&str, &str)> = parts.copied().collect();
    let each = all.chunks(1).chain([all.as_slice()]);
    let toys = each.map(|parts| (toy.clone(), with(&toy, parts), folder.clone(), crate::stages::catalog()));
    let (sample, text) = complete();
    let late = with(
        &text,
        &[
            (
                "      initial: {likelihood: likely, severity: moderate}\n",
                "      initial: {likelihood: possible, severity: moderate}\n",
            ),
            ("at most moderate and at most", "at most minor and at most"),
        ],
    );
    let long = (text, late, sample.folder(), sample.catalog());
    for (early, late, folder, catalog) in toys.chain([long]) {
        let check =
            |text: &str| checked(text, "answers.yaml", &folder, &catalog).unwrap_or_else(|found| panic!("{found:?}"));
        let (early, late) = (check(&early), check(&late));
        let (was, is) = (identify(&early), identify(&late));
        let other: BTreeSet<&String> =
            is.clauses.iter().filter(|(id, digest)| was.clauses[*id] != **digest).map(|(id, _)| id).collect();
        let (was, is) = (said(&early), said(&late));
        let changes = techfile::changes::compare(was.version(), is.version(), late.kind());
        assert_eq!(changes.clauses.iter().collect::<BTreeSet<_>>(), other, "{:?}", changes.list);
    }
}

#[test]
fn nothing_is_said_without_an_earlier_release_or_of_another_kind() {
    let toy = read(TOY);
    let check = || checked(&toy, "answers.yaml", &root().join("tests/suite/toy"), &CATALOG).expect("it is clean");
    let plain = render(check(), "answers", None).unwrap();
    assert!(!plain.markdown().contains("Changes since"));
    let sample = samples().into_iter().find(|sample| sample.kind != "toy").expect("another kind");
    let catalog = sample.catalog();
    let other = checked(&sample.text, &sample.name, &sample.folder(), &catalog).expect("samples check");
    let earlier = Earlier::new(said(&other), Digest::of(b"a line"));
    let markdown = render(check(), "answers", Some(&earlier)).unwrap().markdown();
    assert_eq!(markdown, plain.markdown());
}

#[test]
fn changes_are_on_pages_that_nobody_signs() {
    let toy = read(TOY);
    let late = with(&toy, &NEXT);
    let document = document(&toy, &late, "tests/suite/toy", &CATALOG);
    let alone = checked(&late, "answers.yaml", &root().join("tests/suite/toy"), &CATALOG).expect("it is clean");
    let alone = render(alone, "answers", None).unwrap();
    assert_eq!(document.body_digest(), alone.body_digest());
    assert_eq!(document.identity().content_id, alone.identity().content_id);
    // Signing changes no heading, so no link leads elsewhere.
    let signed = late.replacen("status: draft", "status: in-review", 1);
    let signed = super::document::document(&toy, &signed, "tests/suite/toy", &CATALOG);
    let headings =
        |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(headings(&document.markdown()), headings(&signed.markdown()));
    assert_eq!(section(&document.markdown()), section(&signed.markdown()));
}

/// The toy, held against a release of which somebody changed the bytes together with their ids.
fn after(change: impl FnOnce(&mut serde_json::Value)) -> techfile::Document {
    after_both(change, |_| {})
}

fn after_both(
    change: impl FnOnce(&mut serde_json::Value),
    change_content: impl FnOnce(&mut serde_json::Value),
) -> techfile::Document {
    let toy = || checked(&read(TOY), "answers.yaml", &root().join("tests/suite/toy"), &CATALOG).expect("it is clean");
    let mut answers = toy().value().clone();
    answers.as_object_mut().unwrap().remove("sign_off");
    change(&mut answers);
    let bytes = canonical(&answers);
    let mut content: serde_json::Value = serde_json::from_slice(&identify(&toy()).content_json).unwrap();
    content["answers"] = serde_json::json!({"sha256": Digest::of(&bytes).to_string(), "size": bytes.len()});
    change_content(&mut content);
    let said = Said::read(&bytes, &canonical(&content)).expect("it has its own content id");
    render(toy(), "answers", Some(&Earlier::new(said, Digest::of(b"a line")))).unwrap()
}

#[test]
fn evidence_with_another_content_is_told() {
    let other = Digest::of(b"another file");
    let document = after_both(|_| {}, |content| content["evidence"][0]["sha256"] = other.to_string().into());
    let section = section(&document.markdown());
    let now = Digest::of(read("tests/suite/toy/drops.txt").as_bytes());
    let told = format!(
        "› E-1 › file of the evidence | Evidence file with another content: ~~{}~~ **{}** |",
        other.short(),
        now.short()
    );
    assert!(section.contains(&told), "{told}\n{section}");
}

/// An earlier release is data: what it says is text on the page, whatever it looks like.
#[test]
fn no_earlier_answer_becomes_markup() {
    let hostile = "\u{e004}2f78\u{e005} \u{202e}x # x <script> ~~a~~ **b** | c ![d](e) `f` [^1] {{ w.x }}";
    let document = after(|answers| {
        for key in ["toy_name", "story", "serial", "unknown"] {
            answers[key] = hostile.into();
        }
        answers["parts"][0]["id"] = hostile.into();
    });
    let section = section(&document.markdown());
    // What signs are made of, and what turns the text round, is shown by its number.
    assert!(section.contains(r"\\u{e004}2f78\\u{e005} \\u{202e}x"), "{section}");
    let seen = reading(&section);
    assert_eq!((seen.html.len(), seen.headings.len()), (0, 1), "{seen:?}");
    assert!(seen.targets.iter().all(|target| target.starts_with('#')), "{:?}", seen.targets);
    let words = r"# x <script> ~~a~~ **b** | c ![d](e) `f` [^1] {{ w.x }}";
    assert!(seen.text.matches(words).count() >= 4, "{}", seen.text);
    pages(document, &CATALOG);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_went_is_struck_through_and_what_came_is_bold(old in "[-*_~`#!|<>&\\\\\\[\\]().:a1 \n]{1,30}") {
        prop_assume!(!old.trim().is_empty());
        let document = after(|answers| answers["box_name"] = old.as_str().into());
        let section = section(&document.markdown());
        let pieces = techfile::changes::pieces(&old, "Stacking tower");
        let of = |fate: Fate| -> Vec<&str> {
            pieces.iter().filter(|piece| piece.fate == fate).map(|piece| piece.text.as_str()).collect()
        };
        let row = section.lines().find(|line| line.contains("the name on the box")).expect("a row of its own");
        let seen = reading(&format!("| a | b |\n| - | - |\n{row}\n"));
        prop_assert_eq!(&seen.struck.iter().map(String::as_str).collect::<Vec<_>>(), &of(Fate::Removed), "{}", row);
        prop_assert_eq!(&seen.strong.iter().map(String::as_str).collect::<Vec<_>>(), &of(Fate::Added), "{}", row);
    }
}

/// Sets the pages; with `PAGES=folder` they stay there for somebody to look at.
#[cfg(feature = "pdf")]
fn pages(document: techfile::Document, catalog: &Catalog) {
    use std::fs;
    let theme = techfile::stamp::Theme::of(catalog).unwrap();
    let set = techfile::typeset(techfile::stamp(document, theme)).unwrap_or_else(|error| panic!("{error}"));
    let Ok(folder) = std::env::var("PAGES") else { return };
    for (name, bytes) in techfile::bundle(set).files() {
        let path = std::path::Path::new(&folder).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Without Typst there are no pages.
#[cfg(not(feature = "pdf"))]
fn pages(_: techfile::Document, _: &Catalog) {}
