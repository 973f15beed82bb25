//! Builds that do only what is needed, and say what that is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use proptest::prelude::*;
use serde_json::Value as Json;

use crate::desk::Desk;
use crate::exits::edit;
use crate::outputs::tree;
use crate::program::Ran;

/// A project of so many documents that share an evidence file.
pub(crate) fn desk(count: usize) -> Desk {
    let desk = Desk::new();
    let text = desk.text("answers.yaml").replace("drops.txt", "../../drops.txt");
    fs::remove_file(desk.at("answers.yaml")).unwrap();
    for index in 0..count {
        desk.write(&format!("docs/{index:03}/answers.yaml"), &text.replace("TOY-1", &format!("TOY-{index}")));
    }
    desk.write("techfile.yaml", "documents: [\"docs/**/answers.yaml\"]\n");
    desk
}

/// When each file below a folder was written last, what builds remember included.
fn times(folder: &Path) -> BTreeMap<String, SystemTime> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, path.metadata().unwrap().modified().unwrap());
            }
        }
    }
    found
}

/// The documents whose outputs were written between two looks.
fn rebuilt(before: &BTreeMap<String, SystemTime>, after: &BTreeMap<String, SystemTime>) -> BTreeSet<String> {
    let written = after.iter().filter(|(name, time)| before.get(*name) != Some(time));
    written.filter_map(|(name, _)| Some(name.strip_prefix("docs/")?.split('/').next()?.to_owned())).collect()
}

pub(crate) fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Document numbers by state, as a report tells them.
fn states(desk: &Desk, arguments: &[&str], code: i32) -> BTreeMap<String, Vec<String>> {
    let ran = desk.ends(code, &[arguments, &["--report", "report.jsonl"]].concat());
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines(&desk.text("report.jsonl")).iter().filter(|line| line["summary"].is_null()) {
        let file = line["file"].as_str().unwrap().split('/').nth(1).unwrap().to_owned();
        found.entry(line["state"].as_str().unwrap().to_owned()).or_default().push(file);
    }
    assert!(!ran.stderr.contains("panicked"));
    found
}

#[test]
fn a_second_build_writes_nothing_at_all() {
    let desk = desk(3);
    desk.ends(0, &["build"]);
    let before = times(&desk.at("build"));
    let again = desk.ends(0, &["build"]);
    assert_eq!(again.stderr, "3 documents: 3 up to date\n");
    assert_eq!(again.stdout.lines().count(), 3);
    assert_eq!(times(&desk.at("build")), before);
    // The hidden folder keeps itself out of git.
    assert_eq!(desk.text("build/.techfile/.gitignore"), "*\n");
    // Looking at everything anew comes to the same.
    let bytes = tree(&desk.at("build"));
    assert_eq!(desk.ends(0, &["build", "--no-cache"]).stderr, "3 documents: 3 up to date\n");
    assert_eq!(tree(&desk.at("build")), bytes);
}

#[test]
fn exactly_what_changed_is_built() {
    let desk = desk(20);
    desk.ends(0, &["build"]);
    let look = || times(&desk.at("build"));
    let changed = |what: &dyn Fn()| {
        let before = look();
        what();
        desk.ends(0, &["build"]);
        rebuilt(&before, &look())
    };
    let at = |index: usize| desk.at(&format!("docs/{index:03}/answers.yaml"));
    assert_eq!(changed(&|| edit(&at(7), "pieces: 5", "pieces: 6")), ["007".to_owned()].into());
    assert_eq!(changed(&|| edit(&at(8), "toy_name:", "# a comment\ntoy_name:")), BTreeSet::new());
    // The same bytes with another time, as after a checkout.
    assert_eq!(changed(&|| fs::write(at(9), fs::read(at(9)).unwrap()).unwrap()), BTreeSet::new());
    let all: BTreeSet<String> = (0..20).map(|index| format!("{index:03}")).collect();
    assert_eq!(changed(&|| fs::write(desk.at("drops.txt"), "another").unwrap()), all);
    // An output that somebody changed or removed comes back.
    let pdf = "build/docs/003/answers.pdf";
    let (was, bytes) = (look(), fs::read(desk.at(pdf)).unwrap());
    fs::remove_file(desk.at(pdf)).unwrap();
    fs::write(desk.at("build/docs/004/answers.md"), "mine").unwrap();
    desk.ends(0, &["build"]);
    assert_eq!(rebuilt(&was, &look()), ["003".to_owned(), "004".to_owned()].into());
    assert_eq!(fs::read(desk.at(pdf)).unwrap(), bytes);
}

#[test]
fn what_is_made_of_others_is_built_when_it_prints_something_else() {
    let desk = Desk::new();
    fs::remove_file(desk.at("answers.yaml")).unwrap();
    for (at, kind) in ["ai-policy", "document-register", "alignment-report"].into_iter().enumerate() {
        let file = format!("docs/{kind}/answers.yaml");
        desk.ends(0, &["new", kind, "--out", &file]);
        edit(&desk.at(&file), "DOC-001", &format!("DOC-{at}"));
    }
    desk.write("techfile.yaml", "documents: [\"docs/**/answers.yaml\"]\n");
    desk.ends(0, &["build"]);
    let policy = desk.at("docs/ai-policy/answers.yaml");
    let changed = |from: &str, to: &str| {
        let before = times(&desk.at("build"));
        edit(&policy, from, to);
        desk.ends(0, &["build"]);
        rebuilt(&before, &times(&desk.at("build"))).into_iter().collect::<Vec<_>>()
    };
    // The register prints titles and content ids of all documents, the report which clauses are answered.
    assert_eq!(changed("title: AI policy", "title: Policy for AI"), ["ai-policy", "document-register"]);
    assert_eq!(changed("kind:", "# a comment\nkind:"), Vec::<String>::new());
    let open = "related_policies:\n  pending:\n    what: >-\n";
    let text = fs::read_to_string(&policy).unwrap();
    let question = text.split(open).nth(1).expect("the one question of its clause").split("\n\n").next().unwrap();
    assert_eq!(
        changed(
            &format!("{open}{question}\n"),
            "related_policies: [{title: Security of information, relation: beside, how: Both bind.}]\n"
        ),
        ["ai-policy", "alignment-report", "document-register"]
    );
}

#[test]
fn a_template_rebuilds_its_users_and_no_other() {
    let folder = crate::exits::toy();
    let at = |path: &str| folder.path().join(path);
    let run = |code: i32, arguments: &[&str]| -> Ran {
        let ran = crate::exits::toy_run(folder.path(), arguments);
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
        ran
    };
    fs::create_dir_all(at("docs/toy")).unwrap();
    fs::rename(at("answers.yaml"), at("docs/toy/answers.yaml")).unwrap();
    fs::rename(at("answers.nl.yaml"), at("docs/toy/answers.nl.yaml")).unwrap();
    fs::remove_file(at("docs/toy/answers.nl.yaml")).unwrap();
    fs::rename(at("drops.txt"), at("docs/toy/drops.txt")).unwrap();
    fs::write(at("techfile.yaml"), "documents: [\"docs/**/answers.yaml\"]\n").unwrap();
    run(0, &["new", "ai-policy", "--out", "docs/policy/answers.yaml"]);
    run(0, &["build"]);
    let before = times(&at("build"));
    edit(&at("house/templates/toy.md.tera"), "## 2. ", "New words.\n\n## 2. ");
    let told = run(3, &["build", "--check"]);
    assert!(told.stderr.contains("because the template `templates/toy.md.tera` changed"), "{}", told.stderr);
    assert!(told.stderr.contains("2 documents: 1 up to date, 1 stale"), "{}", told.stderr);
    run(0, &["build"]);
    assert_eq!(rebuilt(&before, &times(&at("build"))), ["toy".to_owned()].into());
}

#[test]
fn check_writes_nothing_and_says_what_is_stale_and_why() {
    let desk = desk(3);
    let fresh = desk.ends(3, &["build", "--check"]);
    assert!(fresh.stderr.contains("not built: build/docs/000/answers.md"), "{}", fresh.stderr);
    assert!(!desk.at("build").exists());
    desk.ends(0, &["build"]);
    desk.ends(0, &["build", "--check"]);
    // What git does not keep may be absent, and nothing else is needed.
    for name in ["answers.pdf", "answers.typ", "answers.pdf.sha256"] {
        fs::remove_file(desk.at("build/docs/000").join(name)).unwrap();
    }
    fs::remove_dir_all(desk.at("build/docs/000/answers.files")).unwrap();
    fs::remove_dir_all(desk.at("build/.techfile")).unwrap();
    let (before, seen) = (tree(desk.path()), times(desk.path()));
    let current = desk.ends(0, &["build", "--check"]);
    assert_eq!((current.stderr.as_str(), current.stdout.as_str()), ("3 documents: 3 up to date\n", ""));
    assert_eq!((tree(desk.path()), times(desk.path())), (before, seen));
    desk.write("techfile.yaml", "documents: [\"docs/**/answers.yaml\"]\nkeep: [md, manifest, pdf]\n");
    let absent = desk.ends(3, &["build", "--check"]);
    assert!(absent.stderr.contains("because `answers.pdf` is missing"), "{}", absent.stderr);
    desk.ends(0, &["build"]);
    desk.ends(0, &["build", "--check"]);

    edit(&desk.at("docs/001/answers.yaml"), "pieces: 5", "pieces: 66");
    desk.write("drops.txt", "another");
    let told = desk.ends(3, &["build", "--check", "--no-cache"]);
    assert!(told.stderr.contains("stale: build/docs/001/answers.md, of docs/001/answers.yaml"), "{}", told.stderr);
    assert!(told.stderr.contains("because the evidence file `../../drops.txt` changed"), "{}", told.stderr);
    assert!(told.stderr.contains("run `techfile build docs/001/answers.yaml`"), "{}", told.stderr);
    assert!(told.stdout.contains("--- build/docs/001/answers.md\n+++ build/docs/001/answers.md (now)\n"));
    let pieces: Vec<&str> = told.stdout.lines().filter(|line| line.contains("66")).collect();
    assert!(pieces.iter().any(|line| line.starts_with('+')), "{}", told.stdout);
    let state = states(&desk, &["build", "--check"], 3);
    assert_eq!(state.keys().collect::<Vec<_>>(), ["stale"]);
    // An error of the answers weighs more than being stale.
    edit(&desk.at("docs/002/answers.yaml"), "serial: T-0001", "serial: T1");
    desk.ends(1, &["build", "--check"]);
}

#[test]
fn a_pdf_that_is_not_the_one_that_was_built_is_stale() {
    let desk = desk(1);
    desk.ends(0, &["build"]);
    let pdf = desk.at("build/docs/000/answers.pdf");
    let good = fs::read(&pdf).unwrap();
    let check = |why: &str| {
        let told = desk.ends(3, &["build", "--check"]);
        assert!(told.stderr.contains(why), "{why}: {}", told.stderr);
    };
    fs::write(&pdf, [&good[..], b"x"].concat()).unwrap();
    check("is not the file whose digest stands in `answers.pdf.sha256`");
    // One of another state, with nothing beside it that says so.
    edit(&desk.at("docs/000/answers.yaml"), "pieces: 5", "pieces: 6");
    desk.ends(0, &["build"]);
    fs::write(&pdf, &good).unwrap();
    fs::remove_file(desk.at("build/docs/000/answers.pdf.sha256")).unwrap();
    check("because `answers.pdf` was built from something else");
    desk.ends(0, &["build"]);
    // Markdown that somebody corrected by hand.
    edit(&desk.at("build/docs/000/answers.md"), "Stacking", "Staking");
    check("because `answers.md` was changed by hand");
    let text = desk.text("build/docs/000/answers.md").replace("Staking", "Stacking").replace('\n', "\r\n");
    desk.write("build/docs/000/answers.md", &text);
    check("has lines that end in CR LF");
    // Pages whose digest stands nowhere may be anybody's.
    desk.ends(0, &["build"]);
    let sidecar = desk.at("build/docs/000/answers.pdf.sha256");
    fs::remove_file(&sidecar).unwrap();
    desk.ends(0, &["build", "--check"]);
    let check = |why: &str| {
        let told = desk.ends(3, &["build", "--check", "--no-cache"]);
        assert!(told.stderr.contains(why), "{why}: {}", told.stderr);
    };
    check("because `answers.pdf.sha256`, which holds the digest of `answers.pdf`, is missing");
    fs::write(&sidecar, "nothing").unwrap();
    check("because `answers.pdf.sha256` does not hold the digest of `answers.pdf`");
    fs::remove_file(&pdf).unwrap();
    desk.ends(0, &["build", "--check", "--no-cache"]);
}

#[test]
fn what_a_document_left_is_told_and_pruned() {
    let desk = desk(3);
    desk.ends(0, &["build"]);
    desk.write("build/docs/001/notes.txt", "mine");
    desk.write("build/other.manifest.json", "{\"format\": \"of somebody else\"}");
    fs::remove_dir_all(desk.at("docs/001")).unwrap();
    fs::remove_dir_all(desk.at("docs/002")).unwrap();
    let told = desk.ends(3, &["build", "--check"]);
    for left in ["build/docs/001/answers.manifest.json", "build/docs/002/answers.manifest.json"] {
        assert!(told.stderr.contains(&format!("left over: {left}")), "{}", told.stderr);
    }
    let told = desk.ends(0, &["build"]);
    assert!(told.stderr.contains("`techfile build --prune`"), "{}", told.stderr);
    let plan: Json = serde_json::from_str(&desk.ends(0, &["plan", "--format", "json"]).stdout).unwrap();
    assert_eq!(plan["orphans"].as_array().unwrap().len(), 2);
    // Who builds one document does not know what else there is.
    desk.ends(0, &["build", "docs/000", "--prune"]);
    assert!(desk.at("build/docs/001/answers.pdf").exists());
    desk.ends(0, &["build", "--prune"]);
    let left: Vec<String> = tree(&desk.at("build")).into_keys().filter(|name| !name.starts_with("docs/000")).collect();
    assert_eq!(left, ["docs/001/notes.txt", "other.manifest.json"]);
    assert!(!desk.at("build/docs/002").exists());
    desk.ends(0, &["build", "--check"]);
    assert_eq!(records(&desk).len(), 1, "what was pruned is forgotten");

    // A project of its own below is no reason to overlook what is left.
    desk.write("docs/003/techfile.yaml", "");
    desk.write("docs/003/drops.txt", "d");
    let text = desk.text("docs/000/answers.yaml").replace("../../drops.txt", "drops.txt").replace("TOY-0", "TOY-3");
    desk.write("docs/003/answers.yaml", &text);
    desk.write("docs/004/answers.yaml", &desk.text("docs/000/answers.yaml").replace("TOY-0", "TOY-4"));
    desk.ends(0, &["build"]);
    fs::remove_dir_all(desk.at("docs/004")).unwrap();
    let told = desk.ends(3, &["build", "--check"]);
    assert!(told.stderr.contains("left over: build/docs/004/answers.manifest.json"), "{}", told.stderr);
}

/// A slip in `documents` makes every document look gone.
#[test]
fn nothing_is_pruned_after_a_fault_of_the_project() {
    let desk = desk(2);
    desk.ends(0, &["build"]);
    let project = desk.text("techfile.yaml");
    let before = desk.files("build");
    desk.write("techfile.yaml", "documents: [docs/answer.yaml]\n");
    for arguments in
        [&["build", "--prune"][..], &["build", "--check"], &["build"], &["plan"], &["plan", "--format", "json"]]
    {
        let told = desk.ends(2, arguments);
        assert!(told.stderr.contains("nothing fits docs/answer.yaml"), "{}", told.stderr);
        for word in ["removed build", "left over", "--prune"] {
            assert!(!told.stderr.contains(word), "{arguments:?}: {}", told.stderr);
        }
        assert!(!told.stdout.contains("answers.manifest.json"), "{}", told.stdout);
    }
    assert!(desk.ends(2, &["build", "--prune"]).stderr.contains("nothing was removed"));
    assert_eq!(desk.files("build"), before);
    desk.write("techfile.yaml", &project);
    desk.ends(0, &["build", "--check"]);
}

#[test]
fn a_plan_tells_what_a_build_would_do_and_does_nothing() {
    let desk = desk(3);
    desk.ends(0, &["build", "docs/000", "docs/001"]);
    edit(&desk.at("docs/001/answers.yaml"), "dents: 1,", "dents: 0,");
    let before = tree(desk.path());
    let plan = desk.ends(0, &["plan"]).stdout;
    assert_eq!(
        plan,
        "current  docs/000/answers.yaml -> build/docs/000/answers.pdf\n\
         stale    docs/001/answers.yaml -> build/docs/001/answers.pdf\n\
         \x20        because the answers changed: AI Act, Annex IV, point 2(g)\n\
         new      docs/002/answers.yaml -> build/docs/002/answers.pdf\n"
    );
    let plan: Json = serde_json::from_str(&desk.ends(0, &["plan", "--format", "json"]).stdout).unwrap();
    let first = &plan["documents"][0];
    assert_eq!((&first["document"], &first["state"]), (&"TOY-0".into(), &"current".into()));
    let paths: Vec<&str> =
        first["inputs"].as_array().unwrap().iter().map(|input| input["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["docs/000/answers.yaml", "drops.txt"]);
    assert_eq!(first["inputs"][1]["sha256"], techfile::digest::Digest::of(before["drops.txt"].as_slice()).to_string());
    assert_eq!(tree(desk.path()), before);
    // The PDF counts here, as `build` would make it.
    fs::remove_file(desk.at("build/docs/000/answers.pdf")).unwrap();
    assert!(desk.ends(0, &["plan"]).stdout.starts_with("stale    docs/000/answers.yaml"));
}

/// Every record below a build folder.
fn records(desk: &Desk) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(desk.at("build/.techfile/cache")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// Whatever happens to what was remembered, the outputs are those of a build that remembers nothing.
    #[test]
    fn what_is_remembered_can_be_lost_broken_or_false(harm in 0..6usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let desk = desk(2);
        desk.ends(0, &["build"]);
        let paths = records(&desk);
        edit(&desk.at("docs/001/answers.yaml"), "pieces: 5", "pieces: 6");
        let [first, second] = [&paths[0], &paths[1]].map(|path| fs::read(path).unwrap());
        match harm {
            0 => fs::remove_dir_all(desk.at("build/.techfile")).unwrap(),
            1 => {
                let mut broken = second.clone();
                let at = at.index(broken.len());
                broken[at] ^= byte | 1;
                fs::write(&paths[1], broken).unwrap();
            }
            2 => {
                fs::write(&paths[0], &second).unwrap();
                fs::write(&paths[1], &first).unwrap();
            }
            3 => paths.iter().for_each(|path| fs::write(path, &first[..at.index(first.len())]).unwrap()),
            4 => {
                // Of another program, or of another project; sealed anew.
                for path in &paths {
                    let text = fs::read_to_string(path).unwrap();
                    let (_, json) = text.split_once('\n').unwrap();
                    let mut record: Json = serde_json::from_str(json).unwrap();
                    record["maker"][if byte % 2 == 0 { "program" } else { "project" }] = "0".into();
                    let json = record.to_string();
                    fs::write(path, format!("{}\n{json}\n", techfile::digest::Digest::of(json.as_bytes()))).unwrap();
                }
            }
            _ => {
                fs::remove_dir_all(desk.at("build/.techfile/cache")).unwrap();
                fs::write(desk.at("build/.techfile/cache"), "a file").unwrap();
            }
        }
        desk.ends(0, &["build"]);
        desk.ends(0, &["build", "--no-cache", "--out", "fresh"]);
        prop_assert_eq!(tree(&desk.at("build")), tree(&desk.at("fresh")));
    }
}

#[test]
fn what_has_changed_since_an_approval_is_told() {
    let desk = Desk::new();
    edit(&desk.at("answers.yaml"), "pieces: 5", "pieces: {$from: metrics.json#/pieces}");
    desk.write("metrics.json", "{\"pieces\": 5}\n");
    desk.write("techfile.yaml", "documents: [answers.yaml]\n");
    desk.approve("answers.yaml");
    desk.ends(0, &["build"]);
    desk.write("metrics.json", "{\"pieces\": 6}\n");
    let told = desk.ends(1, &["build", "--check"]);
    for part in [
        "error[approval-outdated]",
        "changed since it was built: build/answers.md\n  = because the answers changed",
        "  = because the data file `metrics.json` changed\n",
    ] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    assert!(told.stdout.contains("-**Pieces:** 5\n+**Pieces:** 6\n"), "{}", told.stdout);
    let plan = desk.ends(1, &["plan"]).stdout;
    assert!(plan.contains("because the data file `metrics.json` changed"), "{plan}");
    // A build makes nothing of it, and says what is wrong.
    let refused = desk.ends(1, &["build"]);
    assert!(refused.stderr.contains("nothing was written") && refused.stdout.is_empty(), "{}", refused.stderr);
}

/// A record that says of answers which were edited later what is true of them, sealed anew.
#[test]
fn a_record_that_was_forged_is_not_believed() {
    let desk = desk(1);
    desk.ends(0, &["build"]);
    let answers = desk.at("docs/000/answers.yaml");
    let before = techfile::digest::Digest::of(&fs::read(&answers).unwrap()).to_string();
    edit(&answers, "pieces: 5", "pieces: 6");
    let now = techfile::digest::Digest::of(&fs::read(&answers).unwrap()).to_string();
    let path = &records(&desk)[0];
    let text = fs::read_to_string(path).unwrap();
    let json = text.split_once('\n').unwrap().1.trim_end().replace(&before, &now);
    fs::write(path, format!("{}\n{json}\n", techfile::digest::Digest::of(json.as_bytes()))).unwrap();
    assert!(fs::read_to_string(path).unwrap().contains(&now), "the forgery");
    desk.ends(3, &["build", "--check"]);
    assert!(desk.ends(0, &["build"]).stderr.starts_with("built"));
    assert!(desk.text("build/docs/000/answers.md").contains("**Pieces:** 6"));
}

/// Whoever watches is told of what was saved, and of nothing else; also where what is told is written into the same folder.
#[cfg(target_os = "linux")]
#[test]
fn watch_tells_what_is_new_and_once() {
    let desk = desk(1);
    let answers = desk.at("docs/000/answers.yaml");
    edit(&answers, "date: \"2026-11-10\"", "date: \"2026-11-25\"");
    let told = || desk.text("w.err");
    let (warning, built) = ("warning[date-order]", "docs/000/answers.yaml: built");
    let until = |part: &str, times: usize| {
        let there = || told().matches(part).count() >= times;
        let waited = (0..4_500).any(|_| {
            there() || {
                std::thread::sleep(std::time::Duration::from_millis(20));
                false
            }
        });
        assert!(waited, "waited in vain for {part}: {}", told());
    };
    let still = || std::thread::sleep(std::time::Duration::from_millis(700));
    let catalog = crate::repository::root().join("tests/suite/toy");
    let mut run = crate::program::command(desk.path())
        .args(["watch", "--verbose", "--catalog", catalog.to_str().unwrap()])
        .stderr(fs::File::create(desk.at("w.err")).unwrap())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("watching 1 document", 1);
    still();
    let before = told();
    assert_eq!(before.matches(warning).count(), 1, "{before}");
    desk.write("notes.txt", "nobody reads this");
    desk.write("docs/000/notes.yaml", "nor this: x");
    still();
    assert_eq!(told(), before, "nothing was looked at again");
    edit(&answers, "floor: wood, dents: 1", "floor: stone, dents: 1");
    until(built, 2);
    edit(&answers, "toy_name:", "# a line more\ntoy_name:");
    edit(&answers, "floor: stone", "floor: cork");
    until(built, 3);
    desk.write("drops.txt", "another");
    until(built, 4);
    still();
    assert_eq!(told().matches(warning).count(), 1, "{}", told());
    assert_eq!(told().matches(built).count(), 4, "{}", told());
    run.kill().unwrap();
    run.wait().unwrap();
}
