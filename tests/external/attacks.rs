//! Attacks on releases, made by `attacks.py`: the script and `techfile verify` find each of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;

use crate::Test;
use crate::bench::{OUT, Program, expect, spoken, techfile};
use crate::release::{ALL, NEEDS, RELEASES, copy, path, script};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "the_script_rejects_every_attack", needs: NEEDS, run: script_rejects },
    Test { name: "techfile_verify_rejects_every_attack", needs: NEEDS, run: program_rejects },
    Test { name: "a_rebuild_finds_what_no_ledger_vouches_for", needs: NEEDS, run: rebuild },
];

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
fn script_rejects() {
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

/// A release alone, with an edited page and everything computed anew that can be: it fits together, and says that nobody
/// vouches for it. Only the pages made again are other ones.
fn rebuild() {
    let verify = |folder: &Path, arguments: &[&str]| {
        let output = techfile(&["verify", folder.to_str().unwrap()]).args(arguments).output().unwrap();
        (output.status.code(), spoken(&output))
    };
    for revision in ["1", "2", "3"] {
        let (code, said) = verify(&RELEASES.join("tower/releases/T-100").join(revision), &["--rebuild"]);
        assert_eq!(code, Some(0), "{said}");
    }
    let edited = ATTACKS.iter().find(|attack| attack.place.ends_with("text-edited-covered/T-100")).unwrap();
    let alone = OUT.join("edited");
    copy(&edited.place.join("2"), &alone);
    let output = script("dash", &path("all", ALL), &alone, &[]);
    assert!(output.status.success() && spoken(&output).contains("\nNOT ANCHORED: "), "{}", spoken(&output));
    let (code, said) = verify(&alone, &[]);
    assert!(code == Some(0) && said.contains("not anchored"), "{said}");
    let (code, said) = verify(&alone, &["--rebuild"]);
    assert!(code == Some(4) && said.contains("tower.pdf` has other bytes when it is made again"), "{said}");
}
