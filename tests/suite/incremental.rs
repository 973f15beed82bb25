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

fn lines(text: &str) -> Vec<Json> {
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
    assert_eq!(
        changed(
            "in_force_from:\n  pending:\n    what: >-\n      From which day on does the policy bind?\n",
            "in_force_from: \"2026-11-16\"\n"
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
fn parts_make_together_what_one_run_makes() {
    let desk = desk(12);
    edit(&desk.at("docs/004/answers.yaml"), "serial: T-0001", "serial: T1");
    edit(&desk.at("docs/005/answers.yaml"), ", part_name: Base}", "}");
    desk.ends(1, &["build", "--out", "whole", "--report", "whole.jsonl"]);
    let whole = desk.text("whole.jsonl");
    let bytes = tree(&desk.at("whole"));
    for count in [1, 2, 7] {
        let mut together = BTreeMap::new();
        let mut reports = Vec::new();
        for part in 1..=count {
            let (out, report) = (format!("part-{count}-{part}"), format!("part-{count}-{part}.jsonl"));
            let shard = format!("hash:{part}/{count}");
            let ran = desk.run(&["build", "--out", &out, "--shard", &shard, "--report", &report]);
            assert!([0, 1].contains(&ran.code), "{}", ran.stderr);
            for (name, bytes) in if desk.at(&out).exists() { tree(&desk.at(&out)) } else { BTreeMap::new() } {
                assert!(together.insert(name.clone(), bytes).is_none(), "{name} is in two parts");
            }
            reports.push(report);
        }
        assert!(together == bytes, "{count} parts");
        let merge: Vec<&str> = ["report", "merge"].into_iter().chain(reports.iter().map(String::as_str)).collect();
        assert_eq!(desk.ends(1, &merge).stdout, whole, "{count} parts");
    }
    let sum = lines(&whole).pop().unwrap();
    assert_eq!(
        (&sum["summary"]["documents"], &sum["summary"]["failed"], &sum["summary"]["warnings"]),
        (&12.into(), &1.into(), &1.into())
    );
    desk.write("cut.jsonl", whole.lines().next().unwrap());
    let cut = desk.ends(2, &["report", "merge", "whole.jsonl", "cut.jsonl"]);
    assert!(cut.stderr.contains("`cut.jsonl` is no whole report"), "{}", cut.stderr);
    desk.ends(2, &["build", "--shard", "hash:3/2"]);
    desk.ends(74, &["report", "merge", "nowhere.jsonl"]);
}

#[test]
fn one_worker_or_several_make_the_same_and_say_the_same() {
    let desk = desk(6);
    edit(&desk.at("docs/002/answers.yaml"), "serial: T-0001", "serial: T1");
    let one = desk.ends(1, &["build", "-j", "1", "--out", "one", "--report", "one.jsonl"]);
    let many = desk.ends(1, &["build", "-j", "4", "--out", "many", "--report", "many.jsonl"]);
    assert_eq!(one.stderr, many.stderr);
    assert_eq!(one.stdout.replace("one/", "many/"), many.stdout);
    assert!(one.stderr.ends_with("6 documents: 5 built, 1 failed (docs/002/answers.yaml)\n"), "{}", one.stderr);
    assert!(tree(&desk.at("one")) == tree(&desk.at("many")));
    assert_eq!(desk.text("one.jsonl"), desk.text("many.jsonl"));
    assert!(!one.stderr.contains('\u{1b}'));
}

#[test]
fn documents_that_contradict_each_other_are_told_of_whether_or_not_they_are_built() {
    let desk = desk(2);
    edit(&desk.at("docs/001/answers.yaml"), "Stacking tower", "Stacking towers");
    edit(&desk.at("docs/001/answers.yaml"), "box_name: Stacking tower", "box_name: Stacking towers");
    let first = desk.run(&["build", "--report", "first.jsonl"]);
    let again = desk.run(&["build", "--report", "again.jsonl"]);
    assert_eq!(first.code, again.code);
    let [first, again] = [first, again].map(|ran| ran.stderr.split("error[").nth(1).map(str::to_owned));
    if let (Some(first), Some(again)) = (&first, &again) {
        let finding = |text: &str| text.split("\n\n").next().unwrap().to_owned();
        assert_eq!(finding(first), finding(again));
        assert!(first.contains("Stacking towers"), "the line itself is shown: {first}");
    }
    let sums = ["first.jsonl", "again.jsonl"].map(|name| lines(&desk.text(name)).pop().unwrap());
    assert_eq!(sums[0]["findings"], sums[1]["findings"]);
}
