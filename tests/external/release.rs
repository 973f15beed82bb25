//! Releases without techfile: the script `VERIFY.txt` with nothing of ours on the PATH, attacks on releases, and the
//! recipes for witnesses.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::{fs, thread};

use techfile::digest::Digest;

use crate::Test;
use crate::bench::{OUT, Program, expect, spoken, techfile};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "the_script_accepts_every_release", needs: NEEDS, run: accepts },
    Test { name: "the_script_knows_a_release_that_was_interrupted", needs: NEEDS, run: interrupted },
    Test { name: "the_script_rejects_every_attack", needs: NEEDS, run: rejects },
    Test { name: "techfile_verify_rejects_every_attack", needs: NEEDS, run: program_rejects },
    Test {
        name: "the_recipes_of_the_script_work",
        needs: &[
            Program::Python,
            Program::Tool("ssh-keygen"),
            Program::Tool("openssl"),
            Program::Tool("curl"),
            Program::Tool("pdfsig"),
        ],
        run: recipes,
    },
];

const NEEDS: &[Program] = &[Program::Python, Program::Tool("qpdf"), Program::Tool("pdfdetach"), Program::Tool("dash")];

/// What the script may use: the tools of POSIX, and what every system with a shell has beside them.
const POSIX: [&str; 21] = [
    "awk", "cat", "cmp", "cut", "find", "grep", "head", "ls", "mkdir", "od", "paste", "rm", "sed", "sh", "sort",
    "split", "tail", "tr", "uniq", "wc", "xargs",
];
const QPDF: &[&str] = &["sha256sum", "qpdf"];
const POPPLER: &[&str] = &["sha256sum", "pdfdetach", "pdfinfo", "pdftotext"];
const ALL: &[&str] = &["sha256sum", "qpdf", "pdfdetach", "pdfinfo", "pdftotext"];

/// Folders of documents with their releases, made by `releases.py`.
static RELEASES: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = OUT.join("releases");
    let program = [env!("CARGO_BIN_EXE_techfile"), "--catalog", "tests/suite/toy"];
    let credit = "samples/credit-scoring/answers.yaml";
    expect(Program::Python.command().arg("tests/external/releases.py").arg(&folder).arg(credit).args(program));
    folder
});

/// One script that must find an attack.
struct Attack {
    /// The folder `releases/<id>`.
    place: PathBuf,
    revision: String,
    arguments: Vec<String>,
    says: String,
}

static ATTACKS: LazyLock<Vec<Attack>> = LazyLock::new(|| {
    let out = OUT.join("attacks");
    let mut command = Program::Python.command();
    let output = expect(command.arg("tests/external/attacks.py").arg(&*RELEASES).arg(&out));
    let rows = String::from_utf8(output.stdout).unwrap();
    let attack = |row: &str| {
        let [name, revision, arguments, says] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        Attack {
            place: out.join(name).join("T-100"),
            revision: revision.to_owned(),
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            says: says.to_owned(),
        }
    };
    rows.lines().map(attack).collect()
});

/// A folder with these tools and no others.
fn path(name: &str, tools: &[&str]) -> PathBuf {
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
fn script(shell: &'static str, tools: &Path, folder: &Path, arguments: &[String]) -> Output {
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

/// A process that ended between two renames left a journal: what was whole before is whole still, and a journal excuses
/// nothing else.
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
    accepts("3");
    // The line is there, the head is that of the line before it.
    fs::write(&head, format!("{}\n", Digest::of(lines[3].as_bytes()))).unwrap();
    for revision in ["1", "2", "3"] {
        assert!(accepts(revision).contains("a release was interrupted before its last step"));
    }
    // The folder is there, the line is not.
    fs::write(&ledger, &before).unwrap();
    accepts("1");
    accepts("2");
    rejects("3", "the release of revision 3 was interrupted");
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

fn copy(from: &Path, to: &Path) {
    expect(Command::new("cp").arg("-R").arg(from).arg(to));
}

/// Goes through the attacks in two threads and gathers what went wrong.
fn each<T: Sync>(attacks: &[T], check: impl Fn(&T) -> Option<String> + Sync) {
    let faults: Vec<String> = thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|half| {
                scope.spawn({
                    let check = &check;
                    move || attacks.iter().skip(half).step_by(2).filter_map(check).collect::<Vec<_>>()
                })
            })
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Exit code 1 and the sentence that says what differs; what it takes for an attack is not the attack before.
fn rejects() {
    let tools = path("all", ALL);
    assert!(ATTACKS.len() > 120, "{} attacks", ATTACKS.len());
    each(&ATTACKS, |attack| {
        let folder = attack.place.join(&attack.revision);
        let output = script("dash", &tools, &folder, &attack.arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let found = output.status.code() == Some(1)
            && stderr.starts_with("DIFFERENT: ")
            && stderr.contains(&attack.says)
            && stderr.lines().count() == 1;
        (!found).then(|| format!("{}: `{}`, but: {}", folder.display(), attack.says, spoken(&output)))
    });
}

/// `techfile verify` on the whole folder of a document finds each of them, too.
fn program_rejects() {
    for document in ["tower/releases/T-100", "odd/releases/T-101", "credit/releases/TF-EKS-2026-001"] {
        expect(&mut techfile(&["verify", RELEASES.join(document).to_str().unwrap()]));
    }
    // What is attacked, and the ledger that vouches for a copy; that one release is not another one is no attack.
    let attacks = ATTACKS.iter().filter(|attack| attack.arguments.iter().all(|copy| !copy.starts_with("../2/")));
    let subjects: BTreeSet<(PathBuf, Option<PathBuf>)> = attacks
        .map(|attack| match attack.arguments.first() {
            None => (attack.place.clone(), None),
            Some(copy) => {
                let ledger = attack.place.join("T-100.ledger.jsonl");
                (attack.place.join(&attack.revision).join(copy), Some(ledger))
            }
        })
        .collect();
    each(&subjects.into_iter().collect::<Vec<_>>(), |(subject, ledger)| {
        let mut command = techfile(&["verify", subject.to_str().unwrap()]);
        if let Some(ledger) = ledger {
            command.arg("--ledger").arg(ledger);
        }
        let output = command.output().unwrap();
        let (code, said) = (output.status.code(), spoken(&output));
        (code != Some(4) || !said.contains("error[")).then(|| format!("{}: {code:?}: {said}", subject.display()))
    });
}

/// The commands that stand in `VERIFY.txt`, run as they stand there.
fn recipes() {
    let place = OUT.join("recipes");
    copy(&RELEASES.join("tower/releases/T-100"), &place);
    let folder = place.join("3");
    let text = fs::read_to_string(folder.join("VERIFY.txt")).unwrap();
    let recipes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("#   ")?.split_once(": "))
        .filter(|(verb, _)| ["sign", "verify", "ask", "send"].contains(verb))
        .map(|(_, command)| command.trim())
        .collect();
    let [sign, verify_signature, ask, send, verify_time, pdfsig, verify_copy] = recipes[..] else {
        panic!("{recipes:?}")
    };
    let keys = OUT.join("keys");
    fs::create_dir_all(&keys).unwrap();
    let key = keys.join("key");
    expect(Program::Tool("ssh-keygen").command().args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key));
    let public = fs::read_to_string(keys.join("key.pub")).unwrap();
    fs::write(keys.join("signers"), format!("qa@example.org namespaces=\"techfile-ledger\" {public}")).unwrap();
    let mut authority = Program::Python.command();
    let mut authority =
        authority.arg("tests/external/tsa.py").arg(keys.join("tsa")).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(authority.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let run = |folder: &Path, command: &str| {
        let mut shell = Program::Tool("dash").command();
        shell.current_dir(folder).env("KEY", &key).env("NAME", "qa@example.org").env("SIGNERS", keys.join("signers"));
        shell.env("TSA", address.trim()).env("CA", keys.join("tsa/ca.pem"));
        shell.env("SIGNED", RELEASES.join("tower/signed/tower.pdf"));
        shell.arg("-c").arg(command).output().unwrap()
    };
    let works = |folder: &Path, command: &str| {
        let output = run(folder, command);
        assert!(output.status.success(), "{command}: {}", spoken(&output));
        spoken(&output)
    };
    works(&folder, sign);
    assert!(works(&folder, verify_signature).starts_with("Good \"techfile-ledger\" signature for qa@example.org"));
    works(&folder, ask);
    works(&folder, send);
    assert!(authority.wait().unwrap().success());
    assert!(works(&folder, verify_time).contains("Verification: OK"));
    assert!(works(&folder, pdfsig).contains("Signature is Valid"));
    assert!(
        works(&place.join("2"), verify_copy).contains("is the released PDF with a signature that the ledger names")
    );

    // A ledger that was written anew fits together; the witnesses of the true one say otherwise.
    let head = place.join("T-100.ledger.head");
    let forged = fs::read(RELEASES.join("forged/releases/T-100/T-100.ledger.head")).unwrap();
    assert_ne!(fs::read(&head).unwrap(), forged);
    fs::write(&head, forged).unwrap();
    for witness in [verify_signature, verify_time] {
        assert!(!run(&folder, witness).status.success(), "{witness}");
    }
}
