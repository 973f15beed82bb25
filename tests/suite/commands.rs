//! The commands, run as people run them: what they print, what they leave behind, how they exit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::program::{Ran, command, run, techfile};
use crate::repository::root;
use crate::snapshots::differs;

const COMMANDS: [&str; 7] = ["kinds", "new", "schema", "check", "build", "explain", "sign-off"];

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
fn wrong_usage_is_told_and_exits_with_2() {
    let desk = Desk::new();
    desk.memo("a.yaml", "text", None);
    for arguments in [
        &[][..],
        &["--frob"],
        &["frob"],
        &["kinds", "--frob"],
        &["kinds", "--format", "xml"],
        &["new"],
        &["new", "meme"],
        &["schema", "meme"],
        &["check"],
        &["build"],
        &["check", "nowhere.yaml"],
        &["build", "nowhere"],
        &["check", "a.yaml", "--as-of", "2026-02-30"],
        &["check", "a.yaml", "--deny", "errors"],
        &["check", "a.yaml", "-q", "-v"],
        &["explain"],
        &["explain", "missing-answers"],
        &["explain", "annex-iv.2.z"],
        &["sign-off", "a.yaml", "--by", "A", "--role", "B"],
        &["sign-off", "a.yaml", "--by", "A", "--role", "B", "--date", "today"],
        &["sign-off", "a.yaml", "--by", "A\nB", "--role", "B", "--date", "2026-01-02"],
        &["sign-off", "a.yaml", "--by", "A", "--role", "B", "--date", "2026-01-02", "--clause", "annex-iv.1.a"],
        &["sign-off", "a.yaml", "--by", "A", "--role", "B", "--date", "2026-01-02", "--review", "--clause", "x"],
    ] {
        let ran = desk.run(arguments);
        ends(&ran, 2);
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{arguments:?}");
    }
    for (wrong, right) in [("meme", "`memo`"), ("anex-iv", "`annex-iv`")] {
        assert!(desk.run(&["new", wrong]).stderr.contains(&format!("did you mean {right}?")));
    }
    assert!(desk.run(&["explain", "mising-answer"]).stderr.contains("did you mean `missing-answer`?"));
    ends(&techfile(desk.folder.path(), &["kinds", "--catalog", "nowhere"]), 2);
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let desk = Desk::new();
    let odd = OsStr::from_bytes(b"\xff.yaml");
    for arguments in [["check"], ["new"], ["explain"]] {
        ends(&run(command(desk.folder.path()).args(arguments).arg(odd)), 2);
    }
    fs::write(desk.folder.path().join(odd), HEAD).unwrap();
    ends(&run(command(desk.folder.path()).args(["check", "--catalog", &desk.catalog]).arg(odd)), 2);
}

#[test]
fn what_new_makes_checks_clean_and_builds_at_once() {
    let desk = Desk::new();
    let ran = desk.run(&["new", "memo"]);
    ends(&ran, 0);
    assert_eq!(ran.stdout, "answers.yaml\n");
    let made = fs::read_to_string(desk.at("answers.yaml")).unwrap();
    let checked = desk.run(&["check", "answers.yaml", "--deny", "warnings"]);
    ends(&checked, 0);
    assert_eq!(checked.stderr, "no findings in answers.yaml; 1 open point\n");
    let built = desk.run(&["build", "answers.yaml"]);
    ends(&built, 0);
    assert_eq!(built.stdout, "build/answers.pdf\n");
    for name in ["md", "typ", "pdf", "manifest.json", "pdf.sha256", "files/document.json"] {
        assert!(desk.at(&format!("build/answers.{name}")).exists(), "{name}");
    }
    // Nothing is overwritten, whatever is there.
    for again in
        [&["new", "memo"][..], &["new", "annex-iv", "--out", "answers.yaml"], &["new", "memo", "--out", "build"]]
    {
        ends(&desk.run(again), 5);
    }
    assert_eq!(fs::read_to_string(desk.at("answers.yaml")).unwrap(), made);
    let shown = desk.run(&["new", "memo", "--out", "-"]);
    ends(&shown, 0);
    assert_eq!(shown.stdout, made);
}

#[test]
fn outputs_that_would_not_change_are_not_touched() {
    let desk = Desk::new();
    desk.memo("a.yaml", "text", None);
    ends(&desk.run(&["build", "a.yaml"]), 0);
    let age = |name: &str| fs::metadata(desk.at(name)).unwrap().modified().unwrap();
    let (pdf, markdown) = (age("build/a.pdf"), age("build/a.md"));
    let again = desk.run(&["build", "a.yaml"]);
    ends(&again, 0);
    assert!(again.stderr.starts_with("up to date, content "), "{}", again.stderr);
    assert_eq!((age("build/a.pdf"), age("build/a.md")), (pdf, markdown));
    desk.memo("a.yaml", "other text", None);
    assert!(desk.run(&["build", "a.yaml"]).stderr.starts_with("built, content "));
    assert_ne!(age("build/a.pdf"), pdf);
}

#[test]
fn a_rejected_document_leaves_nothing_behind() {
    let desk = Desk::new();
    desk.write("a.yaml", HEAD);
    let ran = desk.run(&["build", "a.yaml"]);
    ends(&ran, 1);
    assert!(ran.stderr.contains("error[missing-answer]: text of the memo is missing"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("1 error in a.yaml; nothing was written\n"), "{}", ran.stderr);
    assert!(!desk.at("build").exists());
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
    desk.write("big/huge.bin", "");
    fs::File::create(desk.at("big/huge.bin")).unwrap().set_len(5 << 30).unwrap();
    let mut cases = vec![
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
        ("big/huge.bin", 5),
    ];
    if cfg!(unix) {
        cases.extend([("out.txt", 5), ("in.txt", 5), ("folder/e.txt", 5)]);
        link(Path::new("/etc/passwd"), &desk.at("out.txt"));
        link(&desk.at("inside/e.txt"), &desk.at("in.txt"));
        link(&desk.at("inside"), &desk.at("folder"));
    }
    for (file, code) in cases {
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

#[cfg(unix)]
fn link(to: &Path, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) {}

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

#[test]
fn what_cannot_be_written_is_told_with_its_path() {
    let desk = Desk::new();
    desk.memo("a.yaml", "text", None);
    desk.write("file", "");
    fs::create_dir_all(desk.at("taken/a.pdf")).unwrap();
    for (out, path) in [("file", "file"), ("taken", "taken/a.pdf")] {
        let ran = desk.run(&["build", "a.yaml", "--out", out]);
        ends(&ran, 74);
        assert!(ran.stderr.contains(&format!("`{path}`")), "{}", ran.stderr);
    }
    assert_eq!(fs::read_dir(desk.at("taken")).unwrap().count(), 1, "nothing is written by halves");
    ends(&desk.run(&["new", "memo", "--out", "file/answers.yaml"]), 74);
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
fn a_day_enters_only_by_as_of() {
    let desk = Desk::new();
    let pending = "memo_text: {pending: {what: the text, owner: Ada Smit, due: \"2026-01-31\"}}\n";
    desk.write("a.yaml", format!("{HEAD}{pending}"));
    ends(&desk.run(&["check", "a.yaml", "--deny", "warnings"]), 0);
    ends(&desk.run(&["check", "a.yaml", "--deny", "warnings", "--as-of", "2026-01-31"]), 0);
    let late = desk.run(&["check", "a.yaml", "--as-of", "2026-02-01"]);
    ends(&late, 0);
    assert!(late.stderr.contains("warning[overdue]"), "{}", late.stderr);
    ends(&desk.run(&["check", "a.yaml", "--deny", "warnings", "--as-of", "2026-02-01"]), 1);
}

#[test]
fn kinds_schema_and_explain_answer_on_stdout() {
    let desk = Desk::new();
    let kinds = desk.run(&["kinds"]);
    ends(&kinds, 0);
    assert!(kinds.stdout.contains("memo      Memo\n          AI Act, Article 11(1)"), "{}", kinds.stdout);
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

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::new();
    let mut child = command(desk.folder.path())
        .args(["schema", "annex-iv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_fault_in_a_kind_is_not_blamed_on_the_answers() {
    let desk = Desk::new();
    for (path, text) in [
        ("own/schemas/memo.schema.json", "{\"type\": "),
        (
            "own/schemas/memo.schema.json",
            "{\"type\": \"object\", \"properties\": {\"kind\": {\"$ref\": \"#/$defs/none\"}}}",
        ),
    ] {
        desk.write(path, text);
        desk.memo("a.yaml", "text", None);
        let ran = techfile(desk.folder.path(), &["check", "a.yaml", "--catalog", "own"]);
        ends(&ran, 2);
        assert!(ran.stderr.contains("a fault in the catalogue, not in your answers"), "{}", ran.stderr);
        // The other kinds are still listed.
        let kinds = techfile(desk.folder.path(), &["kinds", "--catalog", "own"]);
        ends(&kinds, 2);
        assert!(kinds.stdout.contains("annex-iv"), "{}", kinds.stdout);
    }
    if cfg!(unix) {
        link(&desk.at("own/schemas/memo.schema.json"), &desk.at("own/schemas/more.schema.json"));
        ends(&techfile(desk.folder.path(), &["kinds", "--catalog", "own"]), 5);
    }
}
