//! Releases without techfile: the script `VERIFY.txt` with nothing of ours on the PATH.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use techfile::digest::Digest;

use crate::Test;
use crate::bench::{OUT, Program, expect, spoken};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "the_script_accepts_every_release", needs: NEEDS, run: accepts },
    Test { name: "the_script_knows_a_release_that_was_interrupted", needs: NEEDS, run: interrupted },
    Test { name: "a_signature_that_writes_the_metadata_anew_is_accepted", needs: NEEDS, run: usual },
];

pub(crate) const NEEDS: &[Program] =
    &[Program::Python, Program::Tool("qpdf"), Program::Tool("pdfdetach"), Program::Tool("dash")];

/// What the script may use: the tools of POSIX, and what every system with a shell has beside them.
const POSIX: [&str; 21] = [
    "awk", "cat", "cmp", "cut", "find", "grep", "head", "ls", "mkdir", "od", "paste", "rm", "sed", "sh", "sort",
    "split", "tail", "tr", "uniq", "wc", "xargs",
];
const QPDF: &[&str] = &["sha256sum", "qpdf"];
const POPPLER: &[&str] = &["sha256sum", "pdfdetach", "pdfinfo", "pdftotext"];
pub(crate) const ALL: &[&str] = &["sha256sum", "qpdf", "pdfdetach", "pdfinfo", "pdftotext"];

/// Folders of documents with their releases, made by `releases.py`.
pub(crate) static RELEASES: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = OUT.join("releases");
    let program = [env!("CARGO_BIN_EXE_techfile"), "--catalog", "tests/suite/toy"];
    let credit = "samples/credit-scoring/answers.yaml";
    expect(Program::Python.command().arg("tests/external/releases.py").arg(&folder).arg(credit).args(program));
    folder
});

/// A folder with these tools and no others.
pub(crate) fn path(name: &str, tools: &[&str]) -> PathBuf {
    let folder = OUT.join("path").join(name);
    if !folder.exists() {
        fs::create_dir_all(&folder).unwrap();
        for tool in POSIX.iter().chain(tools) {
            let there = ["/usr/bin", "/bin", "/usr/local/bin"].map(|place| Path::new(place).join(tool));
            symlink(there.iter().find(|path| path.is_file()).unwrap_or_else(|| panic!("no {tool}")), folder.join(tool))
                .unwrap();
        }
    }
    folder
}

/// Runs the script of a release by this shell, with nothing else on the PATH.
pub(crate) fn script(shell: &'static str, tools: &Path, folder: &Path, arguments: &[String]) -> Output {
    let mut command = Program::Tool(shell).command();
    if shell == "busybox" {
        command.arg("sh");
    }
    command.current_dir(folder).env_clear().env("PATH", tools).env("TMPDIR", &*OUT);
    command.arg("VERIFY.txt").args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// The revisions of every document that was released: folder and label.
fn revisions() -> Vec<PathBuf> {
    let below = |folder: &Path| {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_dir()).collect::<BTreeSet<_>>()
    };
    let documents = below(&RELEASES).into_iter().flat_map(|document| below(&document.join("releases")));
    documents.flat_map(|document| below(&document)).collect()
}

fn accepts() {
    let sets =
        [("qpdf", QPDF), ("poppler", POPPLER), ("all", ALL), ("sums", &["sha256sum"]), ("perl", &["shasum", "perl"])];
    // The script is for any POSIX shell.
    let shells = ["dash", "bash", "busybox"].into_iter().filter(|shell| Program::Tool(shell).is_there());
    let shells: Vec<&'static str> = shells.collect();
    let all = revisions();
    assert_eq!(all.len(), 8, "{all:?}");
    for folder in &all {
        let before = tree(folder);
        for (name, tools) in sets {
            if tools.contains(&"shasum") && !Program::Tool("shasum").is_there() {
                continue;
            }
            // The other shells once: a shell does not care which PDF tools there are.
            for shell in &shells[..if name == "all" { shells.len() } else { 1 }] {
                let output = script(shell, &path(name, tools), folder, &[]);
                let said = spoken(&output);
                assert!(output.status.success() && said.contains("\nVERIFIED: "), "{}: {said}", folder.display());
                assert!(output.stderr.is_empty(), "{}: {said}", folder.display());
                let unchecked = said.lines().filter(|line| line.starts_with("not checked: ")).count();
                let expected = match name {
                    "qpdf" => 1,
                    "sums" | "perl" => 3,
                    _ => 0,
                };
                assert_eq!(unchecked, expected, "{name}: {said}");
            }
        }
        assert_eq!(tree(folder), before, "the script writes nothing");
    }
    let place = RELEASES.join("tower/releases/T-100");
    let said = |revision: &str, arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let output = script("dash", &path("all", ALL), &place.join(revision), &arguments);
        assert!(output.status.success(), "{}", spoken(&output));
        spoken(&output)
    };
    assert!(said("1", &[]).contains("WITHDRAWN: line 4 of the ledger withdraws revision 1"));
    assert!(said("1", &[]).contains("a later release is revision 3"));
    let signed = said("2", &["../../../signed/tower.pdf", "tower.pdf"]);
    assert!(signed.contains("signed: the ledger names a signed file of this PDF"), "{signed}");
    assert!(signed.contains("../../../signed/tower.pdf is the released PDF with a signature"), "{signed}");
    assert!(signed.contains("ok: tower.pdf is the released PDF"), "{signed}");
    // A folder on its own says what it cannot say, until somebody names the ledger.
    let alone = OUT.join("alone");
    copy(&place.join("3"), &alone);
    let output = script("dash", &path("all", ALL), &alone, &[]);
    assert!(output.status.success() && spoken(&output).contains("\nNOT ANCHORED: "), "{}", spoken(&output));
    let ledger = place.join("T-100.ledger.jsonl").to_str().unwrap().to_owned();
    let output = script("dash", &path("all", ALL), &alone, &[ledger]);
    assert!(output.status.success() && spoken(&output).contains("\nVERIFIED: "), "{}", spoken(&output));
}

/// A process that ended between two renames left a journal: what was whole before is whole still, what no head covers
/// counts for nothing, and a journal excuses nothing else.
fn interrupted() {
    let place = OUT.join("interrupted");
    copy(&RELEASES.join("tower/releases/T-100"), &place);
    let (ledger, head) = (place.join("T-100.ledger.jsonl"), place.join("T-100.ledger.head"));
    let whole = fs::read_to_string(&ledger).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let (before, last) = (lines[..4].concat(), lines[4]);
    let run = |revision: &str| {
        let output = script("dash", &path("all", ALL), &place.join(revision), &[]);
        (output.status.code(), spoken(&output))
    };
    let accepts = |revision: &str| {
        let (code, said) = run(revision);
        assert!(code == Some(0) && said.contains("\nVERIFIED: "), "{revision}: {said}");
        said
    };
    let rejects = |revision: &str, words: &str| {
        let (code, said) = run(revision);
        assert!(code == Some(1) && said.contains(words), "{revision}: {said}");
    };
    // The line and its head are there, the journal is not yet removed.
    fs::write(place.join(".techfile-pending.jsonl"), last).unwrap();
    assert!(accepts("3").contains("WARNING: a release or a record was interrupted"));
    // The line is there, the head is that of the line before it.
    fs::write(&head, format!("{}\n", Digest::of(lines[3].as_bytes()))).unwrap();
    for revision in ["1", "2"] {
        let said = accepts(revision);
        assert!(said.contains("WARNING: the head does not cover line 5 of the ledger: it is left out"), "{said}");
        assert!(said.contains("WARNING: ../3 is the folder of the release that was interrupted"), "{said}");
    }
    rejects("3", "the release of revision 3 was interrupted");
    // The folder is there, the line is not.
    fs::write(&ledger, &before).unwrap();
    accepts("1");
    accepts("2");
    rejects("3", "the release of revision 3 was interrupted");
    // A journal excuses no change of what was released before.
    let listed = place.join("1/SHA256SUMS");
    let sums = fs::read(&listed).unwrap();
    fs::write(place.join(".techfile-pending.jsonl"), last.replace("\"rev\":\"3\"", "\"rev\":\"1\"")).unwrap();
    fs::write(&listed, b"x").unwrap();
    rejects("2", "the ledger names another SHA256SUMS for revision 1");
    fs::write(&listed, sums).unwrap();
    fs::write(place.join(".techfile-pending.jsonl"), last).unwrap();
    // A line that is not the journal's.
    fs::write(&ledger, format!("{before}{}", last.replace("a new story", "an old story"))).unwrap();
    rejects("1", "the head is not the digest of the last line");
    // A head that is of neither line.
    fs::write(&ledger, &whole).unwrap();
    fs::write(&head, format!("{}\n", Digest::of(lines[2].as_bytes()))).unwrap();
    rejects("1", "the head is not the digest of the last line");
    fs::remove_file(&head).unwrap();
    rejects("1", "nothing shows that the last lines");
}

/// What pyHanko does when nobody asks for anything: it writes the metadata anew, its properties as attributes.
fn usual() {
    let place = OUT.join("usual");
    copy(&RELEASES.join("tower"), &place);
    let (folder, signed) = (place.join("releases/T-100/3"), place.join("usual"));
    let pdf = folder.join("tower.pdf");
    expect(Program::Python.command().arg("tests/external/sign.py").arg("--usual").arg(&signed).arg(&pdf));
    let signed = signed.join("tower.pdf");
    let added = fs::read(&signed).unwrap().split_off(fs::read(&pdf).unwrap().len());
    let anew = String::from_utf8_lossy(&added).contains("pdf:Keywords=\"techfile:content=");
    assert!(anew, "this pyHanko leaves the metadata alone, so the test shows nothing");
    let techfile = |arguments: &[&str], path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_techfile"));
        spoken(&expect(command.args(arguments).arg(path).args(["--catalog", "tests/suite/toy"])))
    };
    techfile(&["record", place.join("tower.yaml").to_str().unwrap(), "--signed"], &signed);
    let ledger = place.join("releases/T-100/T-100.ledger.jsonl");
    let said = techfile(&["verify", "--ledger", ledger.to_str().unwrap()], &signed);
    assert!(said.contains(": signed, line 6 of the ledger"), "{said}");
    let output = script("dash", &path("all", ALL), &folder, &[signed.to_str().unwrap().to_owned()]);
    assert!(output.status.success() && spoken(&output).contains("\nVERIFIED: "), "{}", spoken(&output));
}

/// Names, sizes and times of what lies in a folder.
fn tree(folder: &Path) -> BTreeSet<(PathBuf, u64, std::time::SystemTime)> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let (path, about) = entry.map(|entry| (entry.path(), entry.metadata().unwrap())).unwrap();
        if about.is_dir() {
            found.extend(tree(&path));
        }
        found.insert((path, about.len(), about.modified().unwrap()));
    }
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    expect(Command::new("cp").arg("-R").arg(from).arg(to));
}
