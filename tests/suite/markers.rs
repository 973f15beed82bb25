//! Nothing answered is dropped and nothing answered becomes markup, in any kind: every answer in the author's own words
//! bears a marker, and an independent parser looks for it in the Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use techfile::answers::Answers;
use techfile::source::Source;
use techfile::{Catalog, render};

use crate::commonmark::{Reading, reading};
use crate::hostile;
use crate::leaves::{Sort, leaves, mark};
use crate::repository::{read, root};
use crate::samples::samples;
use crate::stages::{catalog, checked};
use crate::tree::Tree;

/// Answers to mark.
struct Subject {
    name: String,
    kind: String,
    tree: Tree,
    folder: PathBuf,
}

fn subjects() -> Vec<Subject> {
    let toy = Answers::parse(Source::new("answers.yaml", read("tests/suite/toy/answers.yaml"))).unwrap();
    let toy = Subject {
        name: "toy".to_owned(),
        kind: "toy".to_owned(),
        tree: Tree::of(toy.root()),
        folder: root().join("tests/suite/toy"),
    };
    let samples = samples().into_iter().map(|sample| Subject {
        tree: draft(sample.tree()),
        folder: sample.folder(),
        kind: sample.kind.clone(),
        name: sample.name,
    });
    std::iter::once(toy).chain(samples).collect()
}

/// The same as a draft: another text is not what was approved.
pub(crate) fn draft(mut tree: Tree) -> Tree {
    if let Some(sign_off) = tree.at_mut("/sign_off") {
        *sign_off = Tree::Map(vec![("status".to_owned(), Tree::Text("draft".to_owned()))]);
    }
    tree
}

fn markdown(subject: &Subject, tree: &Tree, catalog: &Catalog) -> Reading {
    let checked = checked(&tree.plain(), "answers.yaml", &subject.folder, catalog).unwrap_or_else(|findings| {
        let seen: Vec<String> =
            findings.iter().map(|found| format!("{}: {}", crate::stages::short(found), found.message)).collect();
        panic!("{}: {}", subject.name, seen.join("\n"))
    });
    let document = render(checked, "answers", None).unwrap_or_else(|error| panic!("{}: {error}", subject.name));
    reading(&document.markdown())
}

/// Marks every answer by `text` and reads the document.
fn marked(
    subject: &Subject,
    catalog: &Catalog,
    text: impl Fn(usize, &Sort) -> String,
) -> (Reading, BTreeMap<String, String>) {
    let kind = catalog.kind(&subject.kind).unwrap().unwrap();
    let mut tree = subject.tree.clone();
    let marks = mark(&mut tree, &leaves(&subject.tree, kind), text);
    assert!(marks.len() > 5, "{}: {} answers were marked", subject.name, marks.len());
    (markdown(subject, &tree, catalog), marks)
}

/// White space is the reader's: lines may be broken anywhere.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of a heading, as forges make it.
fn slug(heading: &str) -> String {
    let letter = |c: char| match c {
        ' ' => Some('-'),
        c => (c.is_alphanumeric() || "-_".contains(c)).then_some(c),
    };
    heading.to_lowercase().chars().filter_map(letter).collect()
}

/// What is wrong with a document whose answers bear marks.
fn faults(subject: &Subject, plain: &Reading, seen: &Reading, marks: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let text = flat(&seen.text);
    for (pointer, mark) in marks {
        if !text.contains(&flat(mark)) {
            faults.push(format!("{}: {pointer}: {mark:?} does not come out", subject.name));
        }
    }
    // A name that is a heading, such as the document's title, is the same heading with its mark.
    let unmarked = |text: &String| {
        marks.values().fold(flat(text), |text, mark| text.replace(&flat(mark), "").trim_end().to_owned())
    };
    let headings: BTreeSet<String> = seen.headings.iter().map(unmarked).collect();
    // So is the way to a heading that bears the name of something.
    let ways: BTreeSet<String> = seen.headings.iter().map(|heading| format!("#{}", slug(heading))).collect();
    let targets = seen.targets.difference(&ways).cloned().collect();
    for (what, plain, seen) in [
        ("heading", &plain.headings, &headings),
        ("link target", &plain.targets, &targets),
        ("HTML", &plain.html, &seen.html),
    ] {
        let new: Vec<&String> = seen.difference(plain).collect();
        if !new.is_empty() {
            faults.push(format!("{}: a mark became a {what}: {new:?}", subject.name));
        }
    }
    faults
}

#[test]
fn every_answer_comes_out_and_none_becomes_markup() {
    let catalog = catalog();
    let mut found = Vec::new();
    for subject in subjects() {
        let plain = markdown(&subject, &subject.tree, &catalog);
        let (seen, marks) = marked(&subject, &catalog, |number, _| format!("Zq{number:04}qZ"));
        found.extend(faults(&subject, &plain, &seen, &marks));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn code_in_an_answer_stays_words() {
    let catalog = catalog();
    let mut found = Vec::new();
    for subject in subjects() {
        let plain = markdown(&subject, &subject.tree, &catalog);
        // In three shifts each answer gets code of several sorts; a long sample has enough answers for two.
        for shift in 0..if subject.name == "toy" { 9 } else { 2 } {
            let (seen, mut marks) = marked(&subject, &catalog, |number, sort| hostile::code(number, shift, sort));
            for mark in marks.values_mut() {
                *mark = hostile::read(mark);
            }
            found.extend(faults(&subject, &plain, &seen, &marks));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn html_in_a_markdown_answer_is_shown_as_words() {
    let catalog = catalog();
    for subject in subjects() {
        let html = "<script>x</script> <b onclick=\"y\">z</b> <!-- c -->";
        let plain = markdown(&subject, &subject.tree, &catalog);
        let (seen, marks) = marked(&subject, &catalog, |number, sort| match sort {
            Sort::Markdown => format!("Zq{number}q {html}\n\n<details>\n<summary>s</summary>\n</details>"),
            _ => format!("Zq{number}q {html}"),
        });
        let found = faults(&subject, &plain, &seen, &marks);
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}
