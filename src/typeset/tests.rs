//! Whole documents onto pages.

use super::*;
use crate::catalog::Catalog;
use crate::check::{Control, SignOff, Status};
use crate::digest::Digest;
use crate::identity::Identity;
use crate::render::{Document, Enclosed};
use crate::stamp::{Theme, stamp, stamp_by};

const PIXEL: &[u8] = include_bytes!("../../tests/pages/chart.png");
const DRAWING: &[u8] = include_bytes!("../../tests/pages/drawing.svg");

pub(super) fn document(control: &str, body: &str) -> Document {
    let catalog = Catalog::builtin();
    let words: BTreeMap<String, String> =
        serde_saphyr::from_str(catalog.text("templates/locales/en/common.yaml").unwrap()).unwrap();
    let content_json = br#"{"format":"techfile-content/1"}"#.to_vec();
    let file = |name: &str, media_type, bytes: &[u8], shown, attached| Enclosed {
        name: name.to_owned(),
        media_type,
        title: format!("Evidence {name}"),
        bytes: bytes.into(),
        shown,
        attached,
    };
    Document {
        stem: "demo".to_owned(),
        kind: "demo".to_owned(),
        control: Control {
            id: "TF-2026-001".to_owned(),
            title: "Credit scoring of consumers: \"Scorio\" #1 & <more>".to_owned(),
            revision: "3".to_owned(),
            date: "2026-11-20".to_owned(),
            language: "en".to_owned(),
            classification: Some("confidential".to_owned()),
            owner: Some("Head of Compliance".to_owned()),
            authors: vec!["A. Müller".to_owned(), "Ż. Nowak".to_owned()],
            next_review: Some("2027-11-20".to_owned()),
            retention_until: None,
        },
        sign_off: SignOff { status: Status::Draft, reviews: Vec::new(), approvals: Vec::new() },
        identity: Identity {
            answers_json: b"{}".to_vec(),
            content_id: Digest::of(&content_json),
            content_json,
            clauses: BTreeMap::new(),
        },
        front_matter: "---\nkind: \"demo\"\n---\n".to_owned(),
        control_pages: control.to_owned(),
        body: body.to_owned(),
        words,
        files: vec![
            file("E-01.png", "image/png", PIXEL, true, false),
            file("E-02.svg", "image/svg+xml", DRAWING, true, true),
        ],
        inputs: Vec::new(),
        sources: Vec::new(),
        evidence: Vec::new(),
        earlier: None,
        approved_by: Vec::new(),
        suspects: Vec::new(),
        remarks: Vec::new(),
    }
}

pub(super) fn pages(control: &str, body: &str) -> Result<TypesetDocument, TypesetError> {
    typeset(stamp(document(control, body), Theme::of(&Catalog::builtin()).unwrap()))
}

const CONTROL: &str = include_str!("../../tests/pages/control.md");
const BODY: &str = include_str!("../../tests/pages/body.md");

#[test]
fn a_document_with_one_of_everything_is_set() {
    let typeset = pages(CONTROL, BODY).unwrap_or_else(|error| panic!("{error}"));
    assert!(typeset.pdf.starts_with(b"%PDF-1.7") && typeset.pdf.ends_with(b"%%EOF\n"));
    // Small objects lie together; what says who made it for whom is readable without a decompressor.
    let holds = |wanted: &[u8]| typeset.pdf.windows(wanted.len()).any(|part| part == wanted);
    assert!(holds(b"/Type/ObjStm") && holds(b"<pdfuaid:part>1<") && !holds(b"/StructElem"));
    leave("demo", typeset);
}

#[test]
fn what_seldom_stands_together_is_set() {
    let typeset = pages(CONTROL, include_str!("../../tests/pages/odd.md")).unwrap_or_else(|error| panic!("{error}"));
    leave("odd", typeset);
}

#[test]
fn charts_are_drawn_from_tables_of_every_kind() {
    let typeset = pages(CONTROL, include_str!("../../tests/pages/charts.md")).unwrap_or_else(|error| panic!("{error}"));
    // One figure a chart, but three of sixty rows and none where there is no number.
    assert_eq!(typeset.typ.matches("\nchart-").count(), 13);
    leave("charts", typeset);
}

/// Leaves the demo where a person or a validator can look at it.
#[expect(clippy::disallowed_methods, reason = "only where the test was built with TECHFILE_DEMO=<folder>")]
fn leave(name: &str, typeset: TypesetDocument) {
    let Some(folder) = option_env!("TECHFILE_DEMO") else { return };
    let folder = std::path::Path::new(folder).join(name);
    for (name, bytes) in crate::bundle::bundle(typeset).files() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn what_is_too_deep_or_hostile_is_set_all_the_same() {
    let list: Vec<String> = (0..60).map(|depth| format!("{}- item{depth}\n", "  ".repeat(depth))).collect();
    let list = list.concat();
    let body = format!(
        "## {code}\n\n{}x{}\n\n{list}\n{} quote\n\n| {code} | b |\n|---|---|\n| {code} | `{code}` |\n\n- {code}\n\n> {code}[^1]\n\n[^1]: {code}\n",
        "*_".repeat(60),
        "_*".repeat(60),
        ">".repeat(60),
        code = "#panic() $x$ @ref &lt;label> // /\\* \" \\\\ \\u{22} {{ x }} {% raw %} %%TOC%%",
    );
    let typeset = pages(CONTROL, &body).unwrap_or_else(|error| panic!("{error}"));
    assert!(typeset.typ.contains("#panic() $x$ @ref <label> // /* \\\" \\\\ \\\\u{22} {{ x }} {% raw %} %%TOC%%"));
}

#[test]
fn the_same_document_has_the_same_bytes_and_its_own_ids() {
    let first = pages(CONTROL, BODY).unwrap();
    assert_eq!(first.pdf, pages(CONTROL, BODY).unwrap().pdf);
    let sums = String::from_utf8(first.files["SHA256SUMS"].to_vec()).unwrap();
    let listed: Vec<&str> = sums.lines().map(|line| &line[66..]).collect();
    assert_eq!(listed, ["answers.json", "content.json", "manifest.json", "E-02.svg"], "what is attached, and no more");
    for name in listed {
        assert!(sums.contains(&format!("{}  {name}\n", Digest::of(&first.files[name]))), "{name} in {sums}");
    }
    let stamp: serde_json::Value = serde_json::from_slice(&first.files["stamp.json"]).unwrap();
    assert_eq!(stamp["build_id"], Digest::of(&first.files["manifest.json"]).to_string());
    assert_eq!(stamp["content_id"], Digest::of(&first.files["content.json"]).to_string());
    let bundle = crate::bundle::bundle(first);
    let listed = String::from_utf8(bundle.files()["demo.pdf.sha256"].clone()).unwrap();
    let names: Vec<&str> = listed.lines().map(|line| &line[66..]).collect();
    assert_eq!(names, ["demo.pdf", "demo.md", "demo.typ", "demo.manifest.json"]);
    for name in names {
        assert!(listed.contains(&format!("{}  {name}\n", Digest::of(&bundle.files()[name]))), "{name}");
    }
}

#[test]
fn what_the_compiler_refuses_names_the_place() {
    let error = pages(CONTROL, "## A\n\nno font has \u{1f600}\n").unwrap_err();
    let [message] = error.messages.as_slice() else { panic!("{error}") };
    assert!(message.contains("could not be displayed") && message.contains("\"no font has \u{1f600}\")"), "{error}");
    let mut theme = Theme::of(&Catalog::builtin()).unwrap();
    theme.wrapper = "{{ nothing }}".to_owned();
    assert!(typeset(stamp(document(CONTROL, BODY), theme)).is_err());
    let error = pages(CONTROL, "<!-- chart: pie -->\n\n| a |\n|---|\n| 1 |\n").unwrap_err();
    assert!(error.to_string().contains("there is no chart `pie`"), "{error}");
    let error = pages(CONTROL, "![alt](demo.files/E-09.png)").unwrap_err();
    assert!(error.to_string().contains("`demo.files/E-09.png`"), "{error}");
    let mut wrong = document(CONTROL, "## A\n");
    wrong.files[0].name = "Stamp.json".to_owned();
    let error = typeset(stamp(wrong, Theme::of(&Catalog::builtin()).unwrap())).unwrap_err();
    assert!(error.to_string().contains("`Stamp.json`"), "{error}");
}

#[test]
fn a_document_without_control_pages_notes_or_body_is_set() {
    let mut bare = document("", "");
    bare.control.classification = None;
    bare.control.authors.clear();
    bare.sign_off.status = Status::Approved;
    bare.stem = "out \"of\" the ordinary".to_owned();
    let typeset =
        typeset(stamp(bare, Theme::of(&Catalog::builtin()).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    assert!(typeset.typ.contains(r#"#import "out \"of\" the ordinary.files/theme.typ""#));
}

/// T7: what the catalogue's files change is tested beside them; the version is no file.
#[test]
fn another_version_of_the_program_makes_another_build_of_the_same_content() {
    let theme = Theme::of(&Catalog::builtin()).expect("the built-in theme");
    let made = |version: &str| stamp_by(document("# Demo\n", "## A\n"), theme.clone(), version);
    let (one, other) = (made("0.1.0"), made("0.1.1"));
    assert_eq!(one.build_id(), made("0.1.0").build_id());
    assert_ne!(one.build_id(), other.build_id());
    assert_eq!(one.document().identity(), other.document().identity());
    let now = stamp(document("# Demo\n", "## A\n"), theme.clone());
    assert_eq!(now.build_id(), made(env!("CARGO_PKG_VERSION")).build_id());
}
