//! Parts of a run, wherever and by however many they are made, are together what one run makes and says.

use std::collections::BTreeMap;

use crate::exits::edit;
use crate::incremental::{desk, lines};
use crate::outputs::tree;

#[test]
fn parts_make_together_what_one_run_makes() {
    let desk = desk(12);
    edit(&desk.at("docs/004/answers.yaml"), "serial: T-0001", "serial: T1");
    edit(&desk.at("docs/005/answers.yaml"), ", part_name: Base}", "}");
    desk.ends(1, &["build", "--out", "whole", "--report", "whole.jsonl"]);
    let whole = desk.text("whole.jsonl");
    let bytes = tree(&desk.at("whole"));
    for count in [1, 2, 7, 16] {
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
        if count > 1 {
            let lost = desk.ends(2, &merge[..merge.len() - 1]).stderr;
            assert!(lost.starts_with(&format!("error: there is no report of part `hash:{count}/{count}`\n")), "{lost}");
        }
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
    let absent = desk.ends(2, &["report", "merge", "nowhere.jsonl"]).stderr;
    assert!(absent.contains("there is no file `nowhere.jsonl`") && absent.contains("help: "), "{absent}");
}

/// Workers that write into one folder at the same time leave the unfinished files of each other alone.
#[test]
fn documents_may_lie_in_one_folder() {
    let desk = desk(1);
    let text = desk.text("docs/000/answers.yaml").replace("../../drops.txt", "drops.txt");
    std::fs::remove_file(desk.at("techfile.yaml")).unwrap();
    let names: Vec<String> = (0..40).map(|index| format!("toy-{index:02}.yaml")).collect();
    for (index, name) in names.iter().enumerate() {
        desk.write(name, &text.replace("TOY-0", &format!("TOY-{index}")));
    }
    let build: Vec<&str> = ["build", "-j", "4"].into_iter().chain(names.iter().map(String::as_str)).collect();
    assert!(desk.ends(0, &build).stderr.ends_with("40 documents: 40 built\n"));
    assert!(tree(&desk.at("build")).keys().all(|name| !name.ends_with(".tmp")));
    assert_eq!(desk.ends(0, &build).stderr, "40 documents: 40 up to date\n");
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
    let [first, again] = ["first.jsonl", "again.jsonl"].map(|report| {
        let ran = desk.ends(1, &["build", "--report", report]);
        let finding = ran.stderr.split("error[").nth(1).expect("it is told").split("\n\n").next().unwrap();
        assert!(finding.starts_with("conflicting-values") && finding.contains("Stacking towers"), "{finding}");
        finding.to_owned()
    });
    assert_eq!(first, again);
    let sums = ["first.jsonl", "again.jsonl"].map(|name| lines(&desk.text(name)).pop().unwrap());
    assert_eq!(sums[0]["findings"].as_array().unwrap().len(), 1);
    assert_eq!(sums[0]["findings"], sums[1]["findings"]);

    // The same, if each was built in a checkout of its own: neither run could see it.
    desk.ends(1, &["build", "--no-cache", "--out", "whole", "--report", "whole.jsonl"]);
    // These two fall to the third part of six and to the fifth.
    let parts: Vec<String> = (1..=6)
        .map(|part| {
            let other = crate::incremental::desk(2);
            for file in ["docs/001/answers.yaml", "techfile.yaml"] {
                other.write(file, &desk.text(file));
            }
            let shard = format!("hash:{part}/6");
            let run = ["build", "--out", "whole", "--shard", &shard, "--report", "part.jsonl"];
            assert!([0, 1].contains(&other.run(&run).code));
            other.text("part.jsonl")
        })
        .collect();
    let counts: Vec<usize> = parts.iter().map(|part| part.lines().count()).collect();
    assert_eq!(counts, [1, 1, 2, 1, 2, 1]);
    let names: Vec<String> = (1..=6).map(|part| format!("part-{part}.jsonl")).collect();
    for (part, name) in parts.iter().zip(&names) {
        assert!(lines(part).last().unwrap()["findings"] == serde_json::json!([]), "{part}");
        assert_eq!(part.contains("\"project\":\".\""), part.lines().count() == 2, "{part}");
        desk.write(name, part);
    }
    let merge: Vec<&str> = ["report", "merge"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let merged = desk.ends(1, &merge).stdout;
    assert_eq!(merged, desk.text("whole.jsonl"));
}

#[test]
fn from_inside_a_project_names_count_from_there() {
    let desk = desk(1);
    let inside = |code: i32, arguments: &[&str]| {
        let catalog = crate::repository::root().join("tests/suite/toy");
        let arguments = [arguments, &["--catalog", catalog.to_str().unwrap()]].concat();
        let ran = crate::program::techfile(&desk.at("docs"), &arguments);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        ran
    };
    assert_eq!(inside(0, &["build"]).stdout, "../build/docs/000/answers.pdf\n");
    assert!(inside(0, &["plan", "--format", "ninja"]).stdout.contains("build ../build/docs/000/answers.pdf | "));
    // The same document, however somebody comes to it.
    assert_eq!(inside(0, &["build", "000", "../techfile.yaml", "../docs"]).stdout.lines().count(), 1);
    edit(&desk.at("docs/000/answers.yaml"), "pieces: 5", "pieces: 6");
    let told = inside(3, &["build", "--check"]);
    assert!(
        told.stderr.contains("stale: ../build/docs/000/answers.md, of ../docs/000/answers.yaml"),
        "{}",
        told.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_build_file_holds_names_as_names_or_refuses_them() {
    let desk = desk(1);
    let copy = |name: &str| desk.write(&format!("docs/{name}/answers.yaml"), &desk.text("docs/000/answers.yaml"));
    copy("it's $(touch a) b:c");
    let plan = desk.ends(0, &["plan", "--format", "ninja"]).stdout;
    let note = r"note = 'build/.techfile/deps/docs/it'\''s $$(touch a) b:c/answers.d'";
    assert!(plan.contains(note), "{plan}");
    assert!(plan.contains(" --depfile $note -- $in\n"), "{plan}");
    assert!(plan.contains("document docs/it's$ $$(touch$ a)$ b$:c/answers.yaml\n"), "{plan}");
    for letter in ["|", ";", "*", "^", "`", "<"] {
        let name = format!("x{letter}y");
        copy(&name);
        let ran = desk.ends(2, &["plan", "--format", "ninja"]);
        assert!(ran.stderr.contains(&format!("cannot read the path `docs/{name}/answers.yaml`")), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
        desk.ends(0, &["plan"]);
        std::fs::remove_dir_all(desk.at(&format!("docs/{name}"))).unwrap();
    }
}
