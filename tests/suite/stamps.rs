//! The build id says what produced a document, the content id only what it says: whatever goes into a document and is no
//! answer changes the one and never the other.

use techfile::stamp::Theme;
use techfile::{Catalog, render, stamp};

use crate::repository::{read, root};
use crate::stages::{catalog_with, checked};

/// The toy's catalogue with another file in place of one.
fn catalog(changed: Option<(&str, Vec<u8>)>) -> Catalog {
    catalog_with(changed.map(|(path, bytes)| (path.to_owned(), bytes)))
}

/// Content id and build id.
fn ids(catalog: &Catalog, answers: &str) -> (String, String) {
    let folder = root().join("tests/suite/toy");
    let checked = checked(answers, "answers.yaml", &folder, catalog).expect("the toy has no error");
    let document = render(checked, "answers", None).unwrap_or_else(|error| panic!("{error}"));
    let content = document.identity().content_id.to_string();
    let stamped = stamp(document, Theme::of(catalog).unwrap());
    (content, stamped.build_id().to_string())
}

#[test]
fn what_is_no_answer_changes_the_build_id_and_never_the_content_id() {
    let answers = read("tests/suite/toy/answers.yaml");
    let (content, build) = ids(&catalog(None), &answers);
    assert_eq!(ids(&catalog(None), &answers), (content.clone(), build.clone()), "the same again");
    let base = catalog(None);
    for (path, from, to) in [
        ("schemas/toy.schema.json", "What is the toy called?", "How is the toy called?"),
        ("templates/toy.md.tera", "## 1.", "## 1 ."),
        ("templates/control.md.tera", "{#-", "{#- A comment."),
        ("templates/locales/en/toy.yaml", "toy_weight: Weight", "toy_weight: Mass"),
        ("templates/locales/en/common.yaml", "status_draft: draft", "status_draft: first draft"),
        ("templates/document.typ.tera", "", "// a comment\n"),
        ("templates/theme.typ", "", "// a comment\n"),
        ("schemas/clauses/eu-ai-act.yaml", "state: {date: \"2026-11-23\"", "state: {date: \"2026-11-24\""),
    ] {
        let text = base.text(path).unwrap();
        assert!(text.contains(from), "{path} does not hold {from:?}");
        let changed = catalog(Some((path, text.replacen(from, to, 1).into_bytes())));
        let (other_content, other_build) = ids(&changed, &answers);
        assert_eq!(other_content, content, "{path}");
        assert_ne!(other_build, build, "{path}");
    }
    // One byte more in a font.
    let (path, bytes) = base.fonts().next().unwrap();
    let (other_content, other_build) = ids(&catalog(Some((path, [bytes, b"\0"].concat()))), &answers);
    assert_eq!(other_content, content, "{path}");
    assert_ne!(other_build, build, "{path}");
}

#[test]
fn sign_off_changes_the_build_id_alone_and_an_answer_both() {
    let answers = read("tests/suite/toy/answers.yaml");
    let catalog = catalog(None);
    let (content, build) = ids(&catalog, &answers);
    let review = answers.replace("status: draft", "status: in-review");
    assert_eq!(ids(&catalog, &review).0, content);
    assert_ne!(ids(&catalog, &review).1, build);
    let other = answers.replace("pieces: 5", "pieces: 6");
    assert_ne!(ids(&catalog, &other).0, content);
    assert_ne!(ids(&catalog, &other).1, build);
    // How a file is written is no part of either.
    let comment = format!("# a comment\r\n{}", answers.replace('\n', "\r\n"));
    assert_eq!(ids(&catalog, &comment), (content, build));
}
