//! What the commands say: help, guesses, several documents, paths of evidence, signatures.

use std::fs;
use std::path::PathBuf;

use crate::program::{Ran, techfile};
use crate::repository::root;
use crate::snapshots::differs;

const COMMANDS: [&str; 16] = [
    "kinds", "new", "schema", "check", "coverage", "build", "release", "record", "history", "diff", "explain",
    "sign-off", "plan", "watch", "report", "verify",
];

/// An empty folder to work in, and a kind of one question.
struct Desk {
    folder: tempfile::TempDir,
    catalog: String,
}

impl Desk {
    fn new() -> Self {
        let catalog = root().join("tests/suite/commands/catalog");
        Self { folder: tempfile::tempdir().unwrap(), catalog: catalog.to_str().unwrap().to_owned() }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["--catalog", &self.catalog];
        all.extend(arguments);
        techfile(self.folder.path(), &all)
    }

    /// A memo that says `text` and registers the evidence `file`.
    fn memo(&self, path: &str, text: &str, file: Option<&str>) {
        let evidence = file.map(|file| format!("evidence:\n  - {{id: E-1, title: A file, file: {file}}}\n"));
        self.write(path, format!("{HEAD}memo_text: \"{text}\"\n{}", evidence.unwrap_or_default()));
    }
}

const HEAD: &str = "kind: memo\n\
    document: {id: M-1, title: A memo, revision: \"1\", date: \"2026-01-02\", language: en, owner: Ada Smit}\n";

/// No panic, no backtrace, no colour: whatever happens, a sentence.
fn clean(ran: &Ran) {
    for noise in ["panicked", "stack backtrace", "\u{1b}", "os error"] {
        assert!(!ran.stderr.contains(noise) && !ran.stdout.contains(noise), "{noise}: {}{}", ran.stdout, ran.stderr);
    }
}

fn ends(ran: &Ran, code: i32) {
    clean(ran);
    assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn help_is_what_it_was() {
    let mut faults = Vec::new();
    let desk = Desk::new();
    for name in std::iter::once("").chain(COMMANDS) {
        let ran = techfile(
            desk.folder.path(),
            &[name, "--help"].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>(),
        );
        ends(&ran, 0);
        let file = if name.is_empty() { "techfile" } else { name };
        faults.extend(differs(&format!("tests/suite/commands/help/{file}.txt"), &ran.stdout));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn of_several_documents_each_is_processed_and_the_heaviest_end_counts() {
    let desk = Desk::new();
    desk.memo("good.yaml", "text", None);
    desk.write("wrong.yaml", HEAD);
    desk.memo("unsafe.yaml", "text", Some("../x"));
    for (paths, code, files) in [
        (&["good.yaml"][..], 0, 1),
        (&["wrong.yaml", "good.yaml"], 1, 2),
        (&["wrong.yaml", "nowhere.yaml", "good.yaml"], 2, 2),
        (&["unsafe.yaml", "nowhere.yaml", "wrong.yaml"], 5, 2),
    ] {
        let ran = desk.run(&[&["check", "--format", "json"], paths].concat());
        ends(&ran, code);
        assert!(ran.stdout.contains(&format!("\"summary\":{{\"files\":{files},")), "{}", ran.stdout);
    }
    // Each that can be built is built.
    ends(&desk.run(&["build", "wrong.yaml", "good.yaml"]), 1);
    assert!(desk.at("build/good.pdf").exists() && !desk.at("build/wrong.pdf").exists());
    desk.memo("docs/a/answers.yaml", "one", None);
    ends(&desk.run(&["check", "docs"]), 0);
    desk.memo("docs/b/answers.yaml", "two", None);
    let ran = desk.run(&["check", "docs"]);
    ends(&ran, 0);
    assert!(ran.stderr.contains("in 2 files"), "{}", ran.stderr);
    let clash = desk.run(&["build", "docs"]);
    ends(&clash, 2);
    assert!(clash.stderr.contains("`docs/a/answers.yaml` and `docs/b/answers.yaml` would both become"));
    assert!(!desk.at("build/answers.pdf").exists());
}

#[test]
fn what_is_no_text_is_told_with_its_place() {
    let desk = Desk::new();
    desk.write("latin.yaml", b"kind: memo\nowner: caf\xe9\n");
    desk.write("wide.yaml", b"\xff\xfek\0i\0");
    desk.write("empty.yaml", "");
    fs::File::create(desk.at("huge.yaml")).unwrap().set_len(5 << 20).unwrap();
    for (file, code, says) in [
        ("latin.yaml", 1, "latin.yaml:2:11"),
        ("wide.yaml", 1, "UTF-16"),
        ("empty.yaml", 1, "empty"),
        ("huge.yaml", 5, "4 MiB"),
    ] {
        let ran = desk.run(&["check", file]);
        ends(&ran, code);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[test]
fn evidence_is_read_only_where_it_may_lie() {
    let desk = Desk::new();
    desk.write("inside/e.txt", "evidence");
    for (file, code) in [
        ("inside/e.txt", 0),
        ("../e.txt", 5),
        ("../../etc/passwd", 5),
        ("/etc/passwd", 5),
        ("\"C:\\\\x\"", 5),
        ("\"\\\\\\\\srv\\\\share\"", 5),
        ("~/.ssh/id", 5),
        ("file:///x", 5),
        ("\"%2e%2e/x\"", 5),
        ("..%5cx", 5),
        ("a/./../../x", 5),
        ("inside//e.txt", 5),
        ("inside/", 5),
        ("\"\"", 5),
        (".", 5),
        ("\"a\\0b\"", 1),
        ("\"a\\nb\"", 1),
        ("missing.txt", 1),
        ("inside", 1),
    ] {
        desk.memo("a.yaml", "see [it](evidence:E-1)", Some(file));
        for command in ["check", "build"] {
            let ran = desk.run(&[command, "a.yaml"]);
            ends(&ran, code);
            assert!(code == 0 || ran.stderr.contains("a.yaml:5:"), "{file}: {}", ran.stderr);
        }
    }
    // A project's folder is wider.
    desk.memo("docs/a.yaml", "see [it](evidence:E-1)", Some("../inside/e.txt"));
    ends(&desk.run(&["check", "docs/a.yaml"]), 5);
    desk.write("techfile.yaml", "");
    ends(&desk.run(&["check", "docs/a.yaml"]), 0);
}

#[test]
fn there_are_never_too_many_files() {
    let desk = Desk::new();
    let mut text = format!("{HEAD}memo_text: text\nevidence:\n");
    for index in 0..501 {
        desk.write(&format!("e/{index}.txt"), format!("{index}"));
        text.extend(["  - {id: E-", &index.to_string(), ", title: One, file: e/", &index.to_string(), ".txt}\n"]);
    }
    desk.write("a.yaml", text);
    let ran = desk.run(&["check", "a.yaml"]);
    ends(&ran, 5);
    assert!(ran.stderr.contains("at most 500 evidence files"), "{}", ran.stderr);
}

/// The folder of pictures bears the name of the answers file, whatever that is.
#[test]
fn pictures_are_shown_whatever_the_file_is_called() {
    let desk = Desk::new();
    fs::copy(root().join("samples/credit-scoring/evidence/override.svg"), desk.at("picture.svg")).unwrap();
    for stem in ["plain", "with space", "a(b)#c", "a%20b", "\u{fc}ber"] {
        desk.memo(&format!("{stem}.yaml"), "![a drawing](evidence:E-1)", Some("picture.svg"));
        ends(&desk.run(&["build", &format!("{stem}.yaml")]), 0);
        assert!(desk.at(&format!("build/{stem}.files/E-1.svg")).exists(), "{stem}");
        let typ = fs::read_to_string(desk.at(&format!("build/{stem}.typ"))).unwrap();
        assert!(typ.contains("picture(\"E-1.svg\", \"a drawing\")"), "{stem} shows no picture");
    }
}

#[test]
fn a_signature_holds_for_what_was_signed() {
    let desk = Desk::new();
    let signer = ["--by", "Ada \"A\" Smit", "--role", "Quality: all of it", "--date", "2026-01-03"];
    let approved = |text: &str, lines: &str| {
        desk.write("a.yaml", format!("{HEAD}sign_off:\n  status: approved\n{lines}memo_text: {text}\n"));
    };
    approved("one", "");
    let ran = desk.run(&["check", "a.yaml"]);
    ends(&ran, 1);
    assert!(ran.stderr.contains("error[approval-missing]"), "{}", ran.stderr);
    let before = fs::read(desk.at("a.yaml")).unwrap();
    let printed = desk.run(&[&["sign-off", "a.yaml"], &signer[..]].concat());
    ends(&printed, 0);
    assert_eq!(fs::read(desk.at("a.yaml")).unwrap(), before, "it writes nothing");
    assert!(printed.stdout.starts_with("  approvals:\n    - by: \"Ada \\\"A\\\" Smit\"\n"), "{}", printed.stdout);
    approved("one", &printed.stdout);
    ends(&desk.run(&["build", "a.yaml"]), 0);
    approved("two", &printed.stdout);
    let ran = desk.run(&["build", "a.yaml"]);
    ends(&ran, 1);
    assert!(ran.stderr.contains("error[approval-outdated]"), "{}", ran.stderr);
    // Signing again continues the list.
    let again = desk.run(&[&["sign-off", "a.yaml"], &signer[..]].concat());
    ends(&again, 0);
    assert!(again.stdout.starts_with("    - by:"), "{}", again.stdout);
    approved("two", &format!("  approvals:\n{}", again.stdout));
    ends(&desk.run(&["check", "a.yaml"]), 0);
    // A review may be of one clause.
    let review = desk.run(&[&["sign-off", "a.yaml", "--review", "--clause", "annex-iv.1.a"], &signer[..]].concat());
    ends(&review, 0);
    assert!(review.stdout.contains("clause: \"eu-ai-act:annex-iv.1.a\"\n      digest: \""), "{}", review.stdout);
    approved("two", &format!("  approvals:\n{}{}", again.stdout, review.stdout));
    ends(&desk.run(&["check", "a.yaml", "--deny", "warnings"]), 0);
}

#[test]
fn a_slip_in_a_name_is_guessed() {
    let desk = Desk::new();
    for (arguments, right) in [
        (["new", "meme"], "memo"),
        (["schema", "anex-iv"], "annex-iv"),
        (["explain", "mising-answer"], "missing-answer"),
        (["explain", "annex-iv.2.z"], "annex-iv.2.a"),
    ] {
        let ran = desk.run(&arguments);
        ends(&ran, 2);
        assert!(ran.stderr.contains(&format!("did you mean `{right}`?")), "{}", ran.stderr);
    }
}

#[test]
fn kinds_schema_and_explain_answer_on_stdout() {
    let desk = Desk::new();
    let kinds = desk.run(&["kinds"]);
    ends(&kinds, 0);
    let mut lines = kinds.stdout.lines().skip_while(|line| line.split_whitespace().next() != Some("memo"));
    assert!(lines.next().is_some_and(|line| line.ends_with("  Memo")), "{}", kinds.stdout);
    assert!(lines.next().is_some_and(|line| line.trim().starts_with("AI Act, Article 11(1)")), "{}", kinds.stdout);
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["kinds", "--format", "json"]).stdout).unwrap();
    assert!(json["kinds"].as_array().unwrap().iter().any(|kind| kind["id"] == "memo" && kind["title"] == "Memo"));
    let schema: serde_json::Value = serde_json::from_str(&desk.run(&["schema", "memo"]).stdout).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    for code in techfile::diagnostic::Code::ALL {
        let ran = desk.run(&["explain", code.as_str()]);
        ends(&ran, 0);
        assert!(ran.stdout.starts_with(&format!("{}\n\n", code.as_str())) && ran.stderr.is_empty());
    }
    let clause = desk.run(&["explain", "annex-iv.1.a"]).stdout;
    for part in
        ["AI Act, Annex IV, point 1(a)", "\nText\n", "\nLegal state\n", "memo /memo_text", "\nSource\n", "2024/1689"]
    {
        assert!(clause.contains(part), "{part}: {clause}");
    }
    assert_eq!(clause, desk.run(&["explain", "eu-ai-act:annex-iv.1.a"]).stdout);
}
