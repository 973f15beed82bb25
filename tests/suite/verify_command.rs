//! `techfile verify` as people and scripts run it.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use techfile::record::ledger::{Entry, Event};
use tempfile::{TempDir, tempdir};

use crate::forged::{appended, entry, forged};
use crate::program::{Ran, techfile};

const ARCHIVE: [&str; 3] = ["releases/D-1/D-1.ledger.jsonl", "releases/D-1/D-1.ledger.head", "releases/D-1/1/a.pdf"];

/// A folder with one release and its ledger.
fn shelf() -> TempDir {
    let dir = tempdir().unwrap();
    let forged = forged();
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put(ARCHIVE[0], &forged.ledger);
    put(ARCHIVE[1], &forged.head);
    put("releases/.gitattributes", b"* -text\n");
    for (name, bytes) in &forged.files {
        put(&format!("releases/D-1/1/{name}"), bytes);
    }
    dir
}

fn verify(dir: &Path, arguments: &[&str]) -> Ran {
    techfile(dir, &[&["verify"], arguments].concat())
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_holds_is_one_line_and_0_and_what_does_not_is_told_and_4() {
    let dir = shelf();
    let held = "releases/D-1/D-1.ledger.jsonl: a ledger of 1 line: holds\n";
    for path in ["releases", ".", "releases/D-1"] {
        let ran = verify(dir.path(), &[path]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, "2 of 2 hold\n"), "{}", ran.stdout);
        let lines: Vec<&str> = ran.stdout.split_inclusive('\n').collect();
        assert_eq!(lines[0], held);
        assert!(lines[1].starts_with("releases/D-1/1: D-1 revision 1, content "), "{}", lines[1]);
        assert!(lines[1].ends_with(": released, line 1 of the ledger\n"), "{}", lines[1]);
    }
    for path in ["releases/D-1/1", "releases/D-1/1/a.pdf", "releases/D-1/1/a.md", "releases/D-1/1/a.manifest.json"] {
        let ran = verify(dir.path(), &[path]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{path}");
        assert!(ran.stdout.ends_with(": released, line 1 of the ledger\n"), "{path}: {}", ran.stdout);
    }
    let ran = verify(dir.path(), &[ARCHIVE[1]]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, held));
    // From inside, the ledger above is found as well.
    let ran = techfile(&dir.path().join("releases/D-1/1"), &["verify", "a.pdf", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.matches(": released, line 1 of the ledger\n").count(), 2, "{}", ran.stdout);
    for path in ARCHIVE {
        let dir = shelf();
        flip(&dir.path().join(path));
        let ran = verify(dir.path(), &["releases", "-q"]);
        assert_eq!(ran.code, 4, "{path}: {}", ran.stdout);
        assert!(
            ran.stdout.contains("FAILED") && ran.stderr.contains("error[") && ran.stderr.contains("help: "),
            "{path}"
        );
    }
}

#[test]
fn a_copy_needs_a_ledger_to_be_more_than_consistent() {
    let dir = shelf();
    fs::copy(dir.path().join(ARCHIVE[2]), dir.path().join("copy.pdf")).unwrap();
    let ran = verify(dir.path(), &["copy.pdf"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.ends_with(": self-consistent, not anchored: no ledger vouches for it\n"), "{}", ran.stdout);
    let ran = verify(dir.path(), &["copy.pdf", "--ledger", ARCHIVE[0]]);
    assert!(ran.stdout.ends_with(": released, line 1 of the ledger\n"), "{}", ran.stdout);
    // A ledger that does not hold vouches for nothing.
    fs::remove_file(dir.path().join(ARCHIVE[1])).unwrap();
    let ran = verify(dir.path(), &["copy.pdf", "--ledger", ARCHIVE[0]]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.stderr.contains("error[head-mismatch]") && ran.stdout.contains("not anchored: its ledger"),
        "{}",
        ran.stdout
    );
    // A list of digests beside a PDF is held against it.
    fs::write(dir.path().join("copy.pdf.sha256"), format!("{}  copy.pdf\n", "0".repeat(64))).unwrap();
    let ran = verify(dir.path(), &["copy.pdf"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("error[file-modified]"), "{}", ran.stderr);
}

#[test]
fn a_ledger_vouches_for_what_is_there_whatever_else_is_not() {
    let dir = shelf();
    fs::create_dir(dir.path().join("releases/D-1/stray")).unwrap();
    fs::write(dir.path().join("releases/D-1/stray/notes.txt"), "x").unwrap();
    let ran = verify(dir.path(), &["releases"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stdout.contains("D-1.ledger.jsonl: a ledger of 1 line: FAILED, 1 difference\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with(": released, line 1 of the ledger\n"), "{}", ran.stdout);
    // As by itself.
    let alone = verify(dir.path(), &["releases/D-1/1"]);
    assert!(alone.code == 0 && ran.stdout.ends_with(&alone.stdout), "{}", alone.stdout);
    // A ledger that is broken itself vouches for nothing.
    fs::remove_file(dir.path().join(ARCHIVE[1])).unwrap();
    let ran = verify(dir.path(), &["releases"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stdout.ends_with(": self-consistent, not anchored: its ledger does not hold\n"), "{}", ran.stdout);
}

#[test]
fn programs_read_findings_and_verdicts_from_stdout() {
    let dir = shelf();
    fs::write(dir.path().join("releases/D-1/1/notes.txt"), "x").unwrap();
    let ran = verify(dir.path(), &["releases/D-1", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (4, ""));
    let told: Json = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["version"], 1);
    assert_eq!(told["findings"].as_array().unwrap().len(), 1);
    assert_eq!(told["findings"][0]["code"], "file-extra");
    assert_eq!(told["findings"][0]["file"], "releases/D-1/1/notes.txt");
    assert_eq!(told["findings"][0]["document"], "D-1");
    assert_eq!(told["summary"]["errors"], 1);
    let verified = &told["verified"];
    assert_eq!(verified[0]["path"], ARCHIVE[0]);
    assert_eq!(verified[1]["path"], "releases/D-1/1");
    assert_eq!(verified[1]["revision"], "1");
    assert_eq!(verified[1]["content_id"].as_str().map(str::len), Some(64));
    assert_eq!((&verified[1]["anchored"], &verified[1]["rebuilt"]), (&Json::Bool(true), &Json::Null));
    assert_eq!((&verified[0]["state"], &verified[1]["state"]), (&json!("verified"), &json!("failed")));
    assert_eq!((&verified[1]["withdrawn"], told.get("failures")), (&Json::Bool(false), None));
    let copy = dir.path().join("copy.pdf");
    fs::copy(dir.path().join(ARCHIVE[2]), copy).unwrap();
    let told = verify(dir.path(), &["copy.pdf", "--format", "json"]).stdout;
    assert!(told.contains(r#""state":"consistent""#), "{told}");
}

/// What could not be looked at is not left out, whoever reads.
#[cfg(unix)]
#[test]
fn programs_read_what_could_not_be_verified() {
    let dir = shelf();
    let path = dir.path().join("releases/D-1/1/a.typ");
    fs::rename(&path, dir.path().join("a.typ")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("a.typ"), &path).unwrap();
    for folder in ["releases", "releases/D-1/1"] {
        let ran = verify(dir.path(), &[folder, "--format", "json"]);
        let told: Json = serde_json::from_str(&ran.stdout).unwrap();
        let last = told["verified"].as_array().unwrap().last().unwrap();
        assert_eq!((ran.code, &last["path"], &last["state"]), (5, &json!("releases/D-1/1"), &json!("not-verified")));
        let failures = told["failures"].as_array().unwrap();
        assert_eq!((failures.len(), &failures[0]["exit"]), (1, &json!(5)), "{told}");
        assert!(
            failures[0]["message"].as_str().unwrap().contains("`releases/D-1/1/a.typ` is a symbolic link"),
            "{told}"
        );
        assert!(failures[0]["help"].is_string(), "{told}");
    }
    let ran = verify(dir.path(), &["releases"]);
    assert!(
        ran.stdout.contains("releases/D-1/1: NOT VERIFIED: `releases/D-1/1/a.typ` is a symbolic link"),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.ends_with("1 of 2 hold\n"), "{}", ran.stderr);
    let ran = verify(dir.path(), &["nope.pdf", ARCHIVE[2], "--format", "json"]);
    let told: Json = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &told["failures"][0]["exit"]), (2, &json!(2)));
    assert!(told["failures"][0]["message"].as_str().unwrap().contains("`nope.pdf`"), "{told}");
    assert_eq!(told["verified"].as_array().unwrap().len(), 1);
}

#[test]
fn a_release_that_was_taken_back_does_not_read_as_in_force() {
    let dir = shelf();
    let forged = forged();
    let line = Entry { event: Event::Withdrawn, files: vec![], ..entry(&forged.files, "1") };
    let (ledger, head) = appended(&forged.ledger, line);
    fs::write(dir.path().join(ARCHIVE[0]), ledger).unwrap();
    fs::write(dir.path().join(ARCHIVE[1]), head).unwrap();
    for path in ["releases/D-1/1", ARCHIVE[2]] {
        let ran = verify(dir.path(), &[path]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let end = ": released, line 1 of the ledger, WITHDRAWN by line 2: no longer in force\n";
        assert!(ran.stdout.ends_with(end), "{}", ran.stdout);
        let told: Json = serde_json::from_str(&verify(dir.path(), &[path, "--format", "json"]).stdout).unwrap();
        let entry = &told["verified"][0];
        assert_eq!((&entry["state"], &entry["withdrawn"]), (&json!("withdrawn"), &Json::Bool(true)));
        assert_eq!(entry["anchored"], Json::Bool(true), "it is still what the ledger names");
    }
}

#[test]
fn what_cannot_be_verified_is_2_and_stops_nothing_else() {
    let dir = shelf();
    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    for wrong in ["nope", "notes.txt", "empty"] {
        let ran = verify(dir.path(), &[wrong, ARCHIVE[2]]);
        assert_eq!(ran.code, 2, "{wrong}");
        assert!(ran.stdout.contains("released, line 1"), "{wrong}");
        assert!(ran.stderr.contains(wrong) && ran.stderr.contains("help: "), "{}", ran.stderr);
    }
    assert_eq!(verify(dir.path(), &[]).code, 2);
    assert_eq!(verify(dir.path(), &[ARCHIVE[2], "--ledger", "nope"]).code, 2);
    assert_eq!(verify(dir.path(), &[ARCHIVE[2], "--rebuild"]).code, 2);
}

#[cfg(unix)]
#[test]
fn a_link_is_no_file_of_a_release() {
    let dir = shelf();
    let path = dir.path().join("releases/D-1/1/a.typ");
    fs::rename(&path, dir.path().join("a.typ")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("a.typ"), &path).unwrap();
    let ran = verify(dir.path(), &["releases"]);
    assert_eq!(ran.code, 5);
    assert!(ran.stderr.contains("is a symbolic link"), "{}", ran.stderr);
}

#[test]
fn a_hostile_ledger_is_refused_or_told() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("X.ledger.jsonl");
    let good = String::from_utf8(forged().ledger).unwrap();
    let long = format!("{{\"doc\":\"{}\"}}\n", "x".repeat(3 << 20));
    let deep = format!("{}{}\n", "[".repeat(1 << 20), "]".repeat(1 << 20));
    let cases = [
        (String::new(), "error[ledger-line]"),
        ("\n".repeat(100_000), "error[limit]"),
        (long, "error[ledger-line]"),
        (deep, "error[ledger-line]"),
        (good.replace("\"seq\":1", "\"seq\":1.0"), "error[ledger-line]"),
        (good.replace("\"seq\":1", "\"seq\":1e0"), "error[ledger-line]"),
        (good.replace("\"seq\":1", "\"seq\":-1"), "error[ledger-line]"),
        (good.replace("\"event\":\"release\"", "\"event\":\"burned\""), "error[ledger-line]"),
        (good.replace("\"tool\":", "\"time\":1,\"tool\":"), "error[ledger-line]"),
        (good.replace("\"doc\":\"D-1\"", "\"doc\":\"\\u001b[2J\""), "error["),
        (format!("\u{feff}{good}"), "error[ledger-line]"),
    ];
    for (text, wanted) in cases {
        fs::write(&path, &text).unwrap();
        let ran = verify(dir.path(), &["X.ledger.jsonl"]);
        assert_eq!(ran.code, 4, "{wanted}: {}", &text[..text.len().min(200)]);
        assert!(ran.stderr.contains(wanted), "{}", &ran.stderr[..ran.stderr.len().min(2_000)]);
        assert!(ran.stderr.len() < 100_000 && !ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'));
    }
    let file = fs::File::create(&path).unwrap();
    file.set_len(1 << 30).unwrap();
    assert_eq!(verify(dir.path(), &["X.ledger.jsonl"]).code, 5, "a sparse file of 1 GB is not read");
}
