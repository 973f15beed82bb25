//! What is in the way of a document, or of its outputs, is told, and stops no other document.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::desk::Desk;
use crate::incremental::{desk, lines};

/// The last line of a report, and the exit of each document.
fn report(desk: &Desk, name: &str) -> (serde_json::Value, Vec<(String, u64)>) {
    let mut lines = lines(&desk.text(name));
    let sum = lines.pop().unwrap();
    let exit = |line: &serde_json::Value| (line["file"].as_str().unwrap().to_owned(), line["exit"].as_u64().unwrap());
    (sum["summary"].clone(), lines.iter().map(exit).collect())
}

#[test]
fn what_is_no_document_stops_no_other_and_stands_in_the_report() {
    let desk = desk(3);
    let copy = |name: &str| desk.write(name, &desk.text("docs/000/answers.yaml"));
    copy("docs/t\tab/answers.yaml");
    copy("docs/back\\slash/answers.yaml");
    copy("docs/001/more/answers.yaml");
    desk.write("docs/001/techfile.yaml", "x: [");
    let deep = "docs/deep/".to_owned() + &"d/".repeat(32);
    copy(&(deep + "answers.yaml"));
    let ran = desk.ends(5, &["build", "--report", "report.jsonl"]);
    assert_eq!(ran.stdout, "build/docs/000/answers.pdf\nbuild/docs/002/answers.pdf\n", "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("`docs/001/techfile.yaml` cannot be used").count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("this is no YAML").count(), 1, "{}", ran.stderr);
    let (sum, found) = report(&desk, "report.jsonl");
    assert_eq!(
        (&sum["documents"], &sum["built"], &sum["failed"], &sum["exit"]),
        (&7.into(), &2.into(), &5.into(), &5.into())
    );
    let found: Vec<(&str, u64)> = found.iter().map(|(name, exit)| (name.as_str(), *exit)).collect();
    let (deep, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|(name, _)| name.starts_with("docs/deep/"));
    assert_eq!((deep.len(), deep[0].1), (1, 5));
    let expected = [
        ("docs/000/answers.yaml", 0),
        ("docs/001/answers.yaml", 2),
        ("docs/001/more/answers.yaml", 2),
        ("docs/002/answers.yaml", 0),
        ("docs/back\\slash/answers.yaml", 2),
        ("docs/t\tab/answers.yaml", 2),
    ];
    assert_eq!(rest, expected);
    // Each part finds the same, and together they are the whole.
    desk.ends(5, &["build", "--report", "whole.jsonl"]);
    for part in ["1", "2"] {
        desk.ends(5, &["build", "--shard", &format!("hash:{part}/2"), "--report", &format!("{part}.jsonl")]);
    }
    assert_eq!(desk.ends(5, &["report", "merge", "1.jsonl", "2.jsonl"]).stdout, desk.text("whole.jsonl"));
    let check = desk.ends(5, &["check"]);
    assert!(check.stderr.ends_with("in 2 files; 2 open points\n"), "{}", check.stderr);
    let check: serde_json::Value = serde_json::from_str(&desk.ends(5, &["check", "--format", "json"]).stdout).unwrap();
    assert_eq!(check["failures"].as_array().unwrap().len(), 4);
    // Whoever names files of both hears of both.
    let named = desk.ends(2, &["build", "docs/001/answers.yaml", "docs/002/answers.yaml"]);
    assert_eq!(named.stdout, "build/docs/002/answers.pdf\n", "{}", named.stderr);
}

#[test]
fn answers_behind_a_link_are_refused_and_nothing_of_them_is_removed() {
    let desk = desk(3);
    desk.ends(0, &["build"]);
    fs::rename(desk.at("docs/001/answers.yaml"), desk.at("docs/001/x.yaml")).unwrap();
    symlink("x.yaml", desk.at("docs/001/answers.yaml")).unwrap();
    symlink("nowhere", desk.at("docs/002/answers.nl.yaml")).unwrap();
    // Links that are nobody's answers are nobody's business.
    symlink("x.yaml", desk.at("docs/001/y.yaml")).unwrap();
    symlink("../docs", desk.at("docs/again")).unwrap();
    for arguments in [&["check", "docs"][..], &["check"], &["build", "--prune"]] {
        let ran = desk.ends(5, arguments);
        assert!(ran.stderr.contains("`docs/001/answers.yaml` is a symbolic link"), "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("answers.nl.yaml"), arguments == ["check", "docs"], "{}", ran.stderr);
        assert!(!ran.stderr.contains("y.yaml` is") && !ran.stderr.contains("again"), "{}", ran.stderr);
    }
    assert!(desk.at("build/docs/001/answers.pdf").exists());
    // A file that somebody names is that file.
    desk.ends(0, &["check", "docs/001/answers.yaml"]);
}

#[test]
fn outputs_stay_in_the_output_folder() {
    let desk = desk(1);
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), desk.at("build")).unwrap();
    let ran = desk.ends(5, &["build"]);
    assert!(
        ran.stderr.contains("the output folder `build` is a symbolic link that leads out of `.`"),
        "{}",
        ran.stderr
    );
    fs::remove_file(desk.at("build")).unwrap();
    symlink(outside.path().join("not-there"), desk.at("build")).unwrap();
    desk.ends(5, &["build"]);
    fs::remove_file(desk.at("build")).unwrap();
    fs::create_dir(desk.at("build")).unwrap();
    symlink(outside.path(), desk.at("build/docs")).unwrap();
    let ran = desk.ends(5, &["build"]);
    assert!(ran.stderr.contains("`build/docs` is a symbolic link"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // Within the project, or by name, a link is as good as the folder.
    fs::remove_dir_all(desk.at("build")).unwrap();
    fs::create_dir(desk.at("made")).unwrap();
    symlink("made", desk.at("build")).unwrap();
    symlink(outside.path(), desk.at("link")).unwrap();
    desk.ends(0, &["build"]);
    desk.ends(0, &["build", "--out", "link"]);
    assert!(desk.at("made/docs/000/answers.pdf").exists() && outside.path().join("docs/000/answers.pdf").exists());
}

#[test]
fn a_project_above_begins_no_second_ledger() {
    let desk = Desk::approved();
    fs::create_dir_all(desk.at("docs/a")).unwrap();
    for name in ["answers.yaml", "drops.txt"] {
        fs::rename(desk.at(name), desk.at("docs/a").join(name)).unwrap();
    }
    let release = ["release", "docs/a/answers.yaml", "--reason", "first"];
    desk.ends(0, &release);
    desk.write("techfile.yaml", "");
    let ledger = desk.text("docs/a/releases/TOY-1/TOY-1.ledger.jsonl");
    for arguments in [&release[..], &["build"], &["check"], &["history", "docs/a/answers.yaml"]] {
        let ran = desk.ends(5, arguments);
        let told = "`TOY-1` was released before, into `docs/a/releases/TOY-1`, and its project keeps releases in `releases/TOY-1`";
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert!(ran.stderr.contains("move `docs/a/releases/TOY-1` to `releases/TOY-1`"), "{}", ran.stderr);
    }
    assert!(!desk.at("releases").exists());
    fs::rename(desk.at("docs/a/releases"), desk.at("releases")).unwrap();
    assert_eq!(desk.ends(0, &["history", "docs/a/answers.yaml"]).stdout.matches("released").count(), 1);
    desk.ends(0, &["build"]);
    // What a build remembers hides none that appears later.
    desk.write("docs/a/releases/TOY-1/TOY-1.ledger.jsonl", &ledger);
    desk.ends(5, &["build"]);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let desk = Desk::new();
    assert!(Command::new("mkfifo").arg(desk.at("pipe.yaml")).status().unwrap().success());
    for (arguments, code, told) in [
        (&["check", "pipe.yaml"], 74, "cannot read `pipe.yaml`: it is no regular file"),
        (&["build", "pipe.yaml"], 74, "cannot read `pipe.yaml`: it is no regular file"),
        (&["verify", "pipe.yaml"], 5, "`pipe.yaml` is no file: a pipe or a device"),
    ] {
        let ran = desk.ends(code, arguments);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    fs::rename(desk.at("pipe.yaml"), desk.at("answers.nl.yaml")).unwrap();
    let ran = desk.ends(5, &["check", "."]);
    assert!(ran.stderr.contains("`answers.nl.yaml` is no regular file"), "{}", ran.stderr);
}

#[test]
fn a_backslash_in_a_name_is_refused() {
    let desk = Desk::approved();
    fs::rename(desk.at("answers.yaml"), desk.at("a\\b.yaml")).unwrap();
    let ran = desk.ends(2, &["release", "a\\b.yaml", "--reason", "first"]);
    assert!(ran.stderr.contains("the name of `a\\b.yaml` holds a backslash"), "{}", ran.stderr);
    assert!(!desk.at("releases").exists());
}

#[test]
fn what_is_left_over_stands_in_the_report_and_in_its_exit() {
    let desk = desk(4);
    desk.ends(0, &["build", "--report", "all.jsonl"]);
    assert!(!desk.text("all.jsonl").contains("left_over"));
    fs::remove_dir_all(desk.at("docs/003")).unwrap();
    fs::remove_dir_all(desk.at("docs/002")).unwrap();
    let left = ["build/docs/002/answers.manifest.json", "build/docs/003/answers.manifest.json"];
    for (check, exit) in [(&["build", "--check"][..], 3), (&["build"], 0)] {
        desk.ends(exit, &[check, &["--report", "whole.jsonl"]].concat());
        let sum = lines(&desk.text("whole.jsonl")).pop().unwrap();
        assert_eq!((&sum["left_over"], &sum["summary"]["exit"]), (&serde_json::json!(left), &exit.into()));
        for part in ["1", "2"] {
            let shard = format!("hash:{part}/2");
            desk.ends(exit, &[check, &["--shard", &shard, "--report", &format!("{part}.jsonl")]].concat());
        }
        let merged = desk.ends(exit, &["report", "merge", "1.jsonl", "2.jsonl"]).stdout;
        assert_eq!(merged, desk.text("whole.jsonl"));
    }
    desk.ends(0, &["build", "--prune", "--report", "pruned.jsonl"]);
    assert!(!desk.text("pruned.jsonl").contains("left_over"));
}

#[test]
fn a_project_within_is_verified_with_the_one_around_it() {
    let desk = desk(2);
    desk.write("docs/001/techfile.yaml", "output: out\n");
    fs::copy(desk.at("drops.txt"), desk.at("docs/001/drops.txt")).unwrap();
    let text = desk.text("docs/001/answers.yaml").replace("../../drops.txt", "drops.txt");
    desk.write("docs/001/answers.yaml", &text);
    desk.ends(0, &["build"]);
    let ran = desk.ends(0, &["verify"]);
    assert!(ran.stdout.contains("docs/001/out/answers.pdf"), "{}", ran.stdout);
    fs::write(desk.at("docs/001/out/answers.md"), "painted over").unwrap();
    let ran = desk.ends(4, &["verify"]);
    assert!(ran.stderr.contains("docs/001/out"), "{}", ran.stderr);
    // One that cannot be used is told, and stops no other.
    desk.write("docs/001/techfile.yaml", "x: [");
    let ran = desk.ends(2, &["verify"]);
    assert!(ran.stdout.contains("build/docs/000/answers.pdf"), "{}", ran.stdout);
}

#[test]
fn no_result_is_a_command_to_a_runner() {
    let desk = desk(1);
    let hostile = "##[add-mask]x";
    let folder = format!("docs/{hostile}");
    fs::rename(desk.at("docs/000"), desk.at(&folder)).unwrap();
    let answers = format!("{folder}/answers.yaml");
    let text = desk.text(&answers).replace("title: Toy file", &format!("title: \"{hostile}\""));
    desk.write(&answers, &text);
    desk.write("other.yaml", &text.replace(hostile, "##[error]y").replace("../../drops.txt", "drops.txt"));
    let safe = |ran: &crate::program::Ran| {
        assert!(!ran.stdout.contains("##[") && !ran.stderr.contains("##["), "{}{}", ran.stdout, ran.stderr);
    };
    for arguments in [&["plan"][..], &["build"], &["verify"], &["diff", &answers, "other.yaml"], &["coverage"]] {
        let ran = desk.ends(0, arguments);
        safe(&ran);
        assert!(ran.stdout.contains("##\u{ff3b}") || arguments == ["coverage"], "{arguments:?}: {}", ran.stdout);
    }
    for arguments in [
        &["plan", "--format", "json"][..],
        &["verify", "--format", "json"],
        &["diff", &answers, "other.yaml", "--format", "json"],
        &["check", "--format", "sarif"],
    ] {
        let ran = desk.ends(0, arguments);
        safe(&ran);
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(json.to_string().contains("##[") || arguments[0] == "check", "{}", ran.stdout);
    }
}
