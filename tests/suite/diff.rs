//! `techfile diff` as people and scripts meet it.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use techfile::changes::Said;
use tempfile::{TempDir, tempdir};

use crate::desk::Desk;
use crate::program::{Ran, techfile};
use crate::repository::{read, root};

/// A folder with two versions of the toy, and the catalogue that it needs.
fn toys() -> TempDir {
    let folder = tempdir().unwrap();
    let toy = read("tests/suite/toy/answers.yaml");
    let later = toy.replacen("a **stick**", "a **pole** ", 1);
    let later = later.replacen("revision: \"1\"", "revision: \"2\"", 2).replacen("weight: 0.910", "weight: 0.905", 1);
    fs::write(folder.path().join("old.yaml"), toy).unwrap();
    fs::write(folder.path().join("new.yaml"), later).unwrap();
    fs::copy(root().join("tests/suite/toy/drops.txt"), folder.path().join("drops.txt")).unwrap();
    folder
}

fn diff(folder: &Path, arguments: &[&str]) -> Ran {
    let catalog = root().join("tests/suite/toy");
    techfile(folder, &[&["--catalog", catalog.to_str().unwrap(), "diff"], arguments].concat())
}

fn build(folder: &Path, name: &str, out: &str) {
    let catalog = root().join("tests/suite/toy");
    let ran = techfile(folder, &["--catalog", catalog.to_str().unwrap(), "build", name, "--out", out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn changes_are_told_and_are_no_error() {
    let folder = toys();
    let same = diff(folder.path(), &["old.yaml", "old.yaml"]);
    assert_eq!((same.code, same.stderr.as_str()), (0, ""));
    assert!(same.stdout.ends_with("\nno differences\n"), "{}", same.stdout);
    let ran = diff(folder.path(), &["old.yaml", "new.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for told in [
        "old  old.yaml: TOY-1 revision 1, content ",
        "\n1 clause with changed answers, document control aside\n  AI Act, Annex IV, point 1(b): ",
        "\n/story  the story\n  (AI Act, Annex IV, point 1(b))\n  Four rings on a [-**stick**.-] {+**pole** .+} - for ",
        "\n/weight  the weight\n  0.910 → 0.905\n",
    ] {
        assert!(ran.stdout.contains(told), "{told:?} is not in\n{}", ran.stdout);
    }
    assert!(ran.stdout.find("clause with") < ran.stdout.find("/story"), "clauses come first");
    let markdown = diff(folder.path(), &["old.yaml", "new.yaml", "--format", "markdown"]);
    assert!(markdown.stdout.contains("| the weight |  | ~~0.910~~ **0.905** |\n"), "{}", markdown.stdout);
    let json = diff(folder.path(), &["old.yaml", "new.yaml", "--format", "json"]).stdout;
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["version"], &json["kind"], &json["new"]["revision"]), (&1.into(), &"toy".into(), &"2".into()));
    assert_eq!(json["changes"].as_array().unwrap().len(), 5);
}

#[test]
fn a_version_is_also_what_a_build_left() {
    let folder = toys();
    build(folder.path(), "old.yaml", "a");
    build(folder.path(), "new.yaml", "b");
    let answers = diff(folder.path(), &["old.yaml", "new.yaml"]).stdout;
    let body = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
    for sides in [["a", "b"], ["a/old.md", "b/new.manifest.json"], ["a/old.pdf", "new.yaml"], ["old.yaml", "b/new.typ"]]
    {
        let ran = diff(folder.path(), &sides);
        assert_eq!((ran.code, body(&ran.stdout)), (0, body(&answers)), "{sides:?}: {}", ran.stderr);
    }
    // A build that contradicts itself says nothing.
    let path = folder.path().join("b/new.files/answers.json");
    let changed = fs::read_to_string(&path).unwrap().replacen("Ring", "Rung", 1);
    fs::write(&path, changed).unwrap();
    let ran = diff(folder.path(), &["a", "b"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert!(ran.stderr.contains("`b/new.manifest.json` does not hold"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = toys();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("wrong.yaml"), read("tests/suite/toy/answers.yaml").replacen("weight: 0.910", "weight: heavy", 1))
        .unwrap();
    fs::create_dir(at("none")).unwrap();
    let other = root().join("samples/house-style/answers.yaml");
    for (sides, code, told) in [
        (["old.yaml", "gone.yaml"], 2, "there is no file or folder `gone.yaml`"),
        (["old.yaml", "none"], 2, "no `answers.yaml` lies in or below"),
        (["old.yaml", "gone.yaml@3"], 2, "gone.yaml"),
        (["old.yaml", "old.yaml@3"], 2, "old.yaml"),
        (["wrong.yaml", "old.yaml"], 1, "only answers without an error can be compared"),
        (["old.yaml", other.to_str().unwrap()], 2, "only documents of one kind"),
    ] {
        let ran = diff(folder.path(), &sides);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{sides:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{sides:?}: {}", ran.stderr);
    }
    // Both sides are looked at before anybody is told.
    let both = diff(folder.path(), &["wrong.yaml", "gone.yaml"]);
    assert_eq!(both.code, 2);
    assert!(both.stderr.contains("wrong-type") && both.stderr.contains("gone.yaml"), "{}", both.stderr);
}

/// Who prepares a revision looks at the differences before anybody can have approved them.
#[test]
fn a_new_revision_with_the_approvals_of_the_last_one_can_be_compared() {
    let desk = Desk::approved();
    desk.ends(0, &["release", "answers.yaml", "--reason", "first"]);
    let approved = desk.text("answers.yaml");
    let line = "    - {revision: \"2\", date: \"2026-11-27\", author: Ada Doe, summary: Another}\n";
    let text = approved
        .replacen("revision: \"1\"", "revision: \"2\"", 1)
        .replacen("date: \"2026-11-20\"", "date: \"2026-11-27\"", 1)
        .replacen("sign_off:\n", &format!("{line}sign_off:\n"), 1);
    desk.write("answers.yaml", &text);
    let ran = desk.ends(0, &["diff", "answers.yaml@1", "answers.yaml"]);
    assert!(ran.stdout.contains("/document/date  "), "{}", ran.stdout);
    // The approval is of other words; its date is right.
    let ran = desk.ends(1, &["check", "answers.yaml"]);
    assert!(ran.stderr.contains("error[approval-outdated]") && !ran.stderr.contains("date-order"), "{}", ran.stderr);
    // An approval of these very words cannot be older than they are.
    let early = approved.replace("date: \"2026-11-20\"\n      content_id", "date: \"2026-11-19\"\n      content_id");
    assert_ne!(early, approved);
    desk.write("answers.yaml", &early);
    let ran = desk.ends(1, &["check", "answers.yaml"]);
    let told = "error[date-order]: the approval of 2026-11-19 lies before the document's date 2026-11-20";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn a_released_revision_is_written_with_its_label() {
    let desk = Desk::approved();
    let release = |reason: &str| desk.ends(0, &["release", "answers.yaml", "--reason", reason]);
    let none = desk.ends(2, &["diff", "answers.yaml@1", "answers.yaml"]);
    assert!(none.stderr.contains("nothing of `answers.yaml` was released yet"), "{}", none.stderr);
    release("first");
    let same = desk.ends(0, &["diff", "answers.yaml@1", "answers.yaml"]);
    assert!(same.stdout.ends_with("\nno differences\n"), "{}", same.stdout);
    desk.revise("answers.yaml", "2", "a **stick**", "a **pole**");
    release("second");
    let by_label = desk.ends(0, &["diff", "answers.yaml@1", "answers.yaml@2"]);
    assert!(by_label.stdout.starts_with("old  answers.yaml@1: TOY-1 revision 1, content "), "{}", by_label.stdout);
    assert!(by_label.stdout.contains("a [-**stick**.-] {+**pole**.+}"), "{}", by_label.stdout);
    let body = |ran: &Ran| ran.stdout.split_once("\n\n").unwrap().1.to_owned();
    for sides in [
        ["answers.yaml@1", "answers.yaml"],
        ["releases/TOY-1@1", "releases/TOY-1/2"],
        ["releases/TOY-1/1/answers.pdf", "releases/TOY-1/2/answers.pdf"],
    ] {
        assert_eq!(body(&desk.ends(0, &["diff", sides[0], sides[1]])), body(&by_label), "{sides:?}");
    }
    // The document says the same of itself, and what it says rests on what the release keeps.
    let markdown = desk.text("releases/TOY-1/2/answers.md");
    assert!(markdown.contains("\n## Changes since revision 1\n"), "{markdown}");
    assert!(markdown.contains("a ~~\\*\\*stick\\*\\*.~~ **\\*\\*pole\\*\\*.**"), "{markdown}");
    let earlier = fs::read(desk.at("releases/TOY-1/2/inputs/earlier.json")).unwrap();
    let earlier = Said::from_json(&earlier).expect("it is whole");
    assert_eq!((earlier.revision(), earlier.document()), ("1", "TOY-1"));
    assert!(!desk.at("releases/TOY-1/1/inputs/earlier.json").exists());
    desk.ends(0, &["verify", "releases/TOY-1/2", "--rebuild"]);
    let unknown = desk.ends(2, &["diff", "answers.yaml@7", "answers.yaml"]);
    assert!(unknown.stderr.contains("its revisions are 1, 2"), "{}", unknown.stderr);
    desk.ends(0, &["record", "answers.yaml", "--withdraw", "1", "--reason", "a splinter"]);
    assert!(
        desk.ends(0, &["diff", "answers.yaml@1", "answers.yaml"])
            .stderr
            .contains("revision 1 of `answers.yaml` is withdrawn")
    );
    // A release that was changed says nothing, by its label and by its PDF.
    let answers = desk.text("releases/TOY-1/1/answers.files/answers.json").replacen("Ring", "Rung", 1);
    desk.write("releases/TOY-1/1/answers.files/answers.json", &answers);
    let broken = desk.ends(4, &["diff", "answers.yaml@1", "answers.yaml"]);
    assert!(broken.stderr.contains("the release `releases/TOY-1/1` does not hold"), "{}", broken.stderr);
    let pdf = fs::read(desk.at("releases/TOY-1/2/answers.pdf")).unwrap();
    fs::write(desk.at("cut.pdf"), &pdf[..pdf.len() / 2]).unwrap();
    assert_eq!(desk.ends(4, &["diff", "cut.pdf", "answers.yaml"]).stdout, "");
}
