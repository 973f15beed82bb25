//! What somebody has put into a folder of releases who may write there: it anchors nothing, and leads nowhere.

use std::fs;

use serde_json::Value as Json;
use techfile::digest::Digest;
use techfile::identity::canonical;

use crate::desk::Desk;

const RELEASE: [&str; 4] = ["release", "answers.yaml", "--reason", "first release"];
const LEDGER: &str = "releases/TOY-1/TOY-1.ledger.jsonl";
const HEAD: &str = "releases/TOY-1/TOY-1.ledger.head";
const JOURNAL: &str = "releases/TOY-1/.techfile-pending.jsonl";

fn released() -> Desk {
    let desk = Desk::approved();
    desk.ends(0, &RELEASE);
    desk
}

/// The line after the last, as somebody writes it who knows the format.
fn next(desk: &Desk, change: impl Fn(&mut Json)) -> String {
    let ledger = desk.text(LEDGER);
    let last = ledger.split_inclusive('\n').next_back().unwrap();
    let mut line: Json = serde_json::from_str(last).unwrap();
    line["prev"] = Digest::of(last.as_bytes()).to_string().into();
    line["seq"] = (ledger.lines().count() + 1).into();
    change(&mut line);
    String::from_utf8(canonical(&line)).unwrap() + "\n"
}

#[test]
fn a_planted_line_is_no_release_and_no_command_makes_it_one() {
    let desk = released();
    let line = next(&desk, |line| line["rev"] = "9".into());
    desk.write(JOURNAL, &line);
    desk.write("releases/TOY-1/9/answers.pdf", "%PDF-1.7 forged");
    let before = desk.files("releases");
    for ledger in [desk.text(LEDGER), desk.text(LEDGER) + &line] {
        desk.write(LEDGER, &ledger);
        let told = desk.ends(0, &["verify", "releases"]);
        assert!(told.stdout.contains("a ledger of 1 line: holds"), "{}", told.stdout);
        for words in ["a command was interrupted", "`releases/TOY-1/9` is the folder of a release that was interrupted"]
        {
            assert!(told.stderr.contains(words), "{}", told.stderr);
        }
        let history = desk.ends(0, &["history", "answers.yaml"]);
        assert!(!history.stdout.contains("revision 9"), "{}", history.stdout);
        let told = desk.ends(4, &["record", "answers.yaml", "--withdraw", "1", "--reason", "x"]);
        assert!(told.stderr.contains("cannot be finished"), "{}", told.stderr);
        assert_eq!(desk.text(HEAD).into_bytes(), before["TOY-1/TOY-1.ledger.head"], "the head is not renewed");
        assert_eq!(desk.text(LEDGER), ledger);
    }
    // A signed file of nothing that was released.
    let desk = released();
    let line = next(&desk, |line| {
        line["event"] = "signed".into();
        line["date"] = Json::Null;
        line["reason"] = Json::Null;
        let digest = Digest::of(b"x").to_string();
        line["files"] = serde_json::json!([{"name": "a.pdf", "of": digest, "sha256": digest, "size": 1}]);
    });
    desk.write(JOURNAL, &line);
    desk.ends(4, &["record", "answers.yaml", "--withdraw", "1", "--reason", "x"]);
}

#[test]
fn a_command_that_was_interrupted_is_finished_aloud() {
    let desk = released();
    let (first, old) = (desk.text(LEDGER), desk.text(HEAD));
    desk.revise("answers.yaml", "2", "pieces: 5", "pieces: 6");
    desk.ends(0, &RELEASE);
    let whole = desk.files("releases");
    let last = desk.text(LEDGER)[first.len()..].to_owned();
    // Between ledger and head, and before the ledger: the old state for whoever reads.
    for ledger in [desk.text(LEDGER), first] {
        desk.write(LEDGER, &ledger);
        desk.write(HEAD, &old);
        desk.write(JOURNAL, &last);
        let history = desk.ends(0, &["history", "answers.yaml"]);
        assert!(!history.stdout.contains("revision 2"), "{}", history.stdout);
        let told = desk.ends(0, &["verify", "releases/TOY-1/2/answers.pdf", "--ledger", LEDGER]);
        assert!(told.stdout.contains("self-consistent, not anchored"), "{}", told.stdout);
        let told = desk.ends(0, &RELEASE);
        assert!(told.stderr.contains("finished what was interrupted: line 2 of `releases/TOY-1/TOY-1.ledger.jsonl`"));
        assert_eq!(desk.files("releases"), whole);
    }
    // What the line names has changed meanwhile.
    desk.write(HEAD, &old);
    desk.write(JOURNAL, &last);
    desk.write("releases/TOY-1/2/answers.md", "other words");
    let told = desk.ends(4, &RELEASE);
    assert!(told.stderr.contains("cannot be finished") && told.stderr.contains("answers.md"), "{}", told.stderr);
    assert_eq!(desk.text(HEAD), old);
}

#[test]
fn a_first_release_that_was_interrupted_before_its_head_was_no_release() {
    let desk = released();
    let whole = desk.files("releases");
    desk.write(JOURNAL, &desk.text(LEDGER));
    fs::remove_file(desk.at(HEAD)).unwrap();
    desk.ends(0, &["build", "answers.yaml", "--out", "out"]);
    let told = desk.ends(0, &["history", "answers.yaml"]);
    assert!(told.stdout.is_empty(), "{}", told.stdout);
    let told = desk.ends(0, &["verify", "releases"]);
    assert!(told.stderr.contains("a command was interrupted: line 1"), "{}", told.stderr);
    desk.ends(0, &RELEASE);
    assert_eq!(desk.files("releases"), whole);
}

#[test]
fn a_revision_bears_no_name_of_a_file_beside_it() {
    for label in ["TOY-1.ledger.head", "toy-1.LEDGER.jsonl", "TOY-1.ledger.head.sig"] {
        let desk = Desk::new();
        desk.write(
            "answers.yaml",
            &desk.text("answers.yaml").replace("revision: \"1\"", &format!("revision: \"{label}\"")),
        );
        desk.approve("answers.yaml");
        let told = desk.ends(5, &RELEASE);
        assert!(told.stderr.contains("is the name of a file"), "{}", told.stderr);
        assert!(!desk.at("releases").exists());
    }
}

#[cfg(unix)]
#[test]
fn links_and_pipes_lead_nowhere() {
    use std::os::unix::fs::symlink;
    use std::process::Command;
    let outside = tempfile::tempdir().unwrap();
    let mine = outside.path().join(".techfile-aB3dE9.tmp");
    fs::write(&mine, "mine").unwrap();
    for link in ["releases", "releases/TOY-1"] {
        let desk = Desk::approved();
        fs::create_dir_all(desk.at(link).parent().unwrap()).unwrap();
        symlink(outside.path(), desk.at(link)).unwrap();
        let told = desk.ends(5, &RELEASE);
        assert!(told.stderr.contains("is a symbolic link"), "{}", told.stderr);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{link}");
        assert!(mine.exists());
    }
    // A secret in place of a ledger is not printed, and nothing that a link leads to is verified.
    fs::write(outside.path().join("secret"), "api_token=hunter2\n").unwrap();
    for name in [LEDGER, HEAD, "releases/TOY-1/1", "releases/TOY-1/1/answers.md", "releases/TOY-1/1/answers.files"] {
        let desk = released();
        let (there, moved) = (desk.at(name), desk.at("moved"));
        fs::rename(&there, &moved).unwrap();
        symlink(&moved, &there).unwrap();
        let told = desk.ends(5, &["verify", "releases"]);
        assert!(told.stderr.contains("is a symbolic link"), "{name}: {}", told.stderr);
        if there.is_file() {
            fs::remove_file(&there).unwrap();
            symlink(outside.path().join("secret"), &there).unwrap();
            let told = desk.ends(5, &["verify", "releases"]);
            assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
        }
    }
    // Nobody waits for a pipe.
    let desk = released();
    for (name, arguments) in [
        ("x.pdf", &["verify", "x.pdf"][..]),
        (LEDGER, &["history", "answers.yaml"]),
        ("releases/.gitattributes", &RELEASE),
        ("signed.pdf", &["record", "answers.yaml", "--signed", "signed.pdf"]),
    ] {
        let kept = fs::read(desk.at(name)).ok();
        let _ = fs::remove_file(desk.at(name));
        assert!(Command::new("mkfifo").arg(desk.at(name)).status().unwrap().success());
        let told = desk.ends(5, arguments);
        assert!(told.stderr.contains("a pipe or a device"), "{name}: {}", told.stderr);
        fs::remove_file(desk.at(name)).unwrap();
        if let Some(bytes) = kept {
            fs::write(desk.at(name), bytes).unwrap();
        }
    }
}

#[test]
fn an_empty_folder_in_a_release_is_seen() {
    let desk = released();
    fs::create_dir(desk.at("releases/TOY-1/1/answers.files/empty")).unwrap();
    let told = desk.ends(4, &["verify", "releases"]);
    assert!(told.stderr.contains("is an empty folder"), "{}", told.stderr);
}

#[test]
fn a_release_that_differs_runs_no_template() {
    let desk = released();
    let name = "releases/TOY-1/1/inputs/catalog/templates/toy.md.tera";
    let endless = "{% for a in range(end=100000) %}{% for b in range(end=100000) %}{% endfor %}{% endfor %}";
    desk.write(name, &(desk.text(name) + endless));
    let told = desk.ends(4, &["verify", "releases", "--rebuild"]);
    assert!(told.stderr.contains("was not made again, for it is not what was released"), "{}", told.stderr);
    assert!(!told.stdout.contains("made again"), "{}", told.stdout);
}
