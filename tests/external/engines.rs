//! Engines that others run documents with: Snakemake, Pods, make and ninja.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::Test;
use crate::bench::{Program, expect, root, spoken};
use crate::integrations::{edit, in_folder, project, techfile};

pub(crate) const TESTS: &[Test] = &[
    Test {
        name: "parts_are_made_by_snakemake_and_by_pods",
        needs: &[Program::Package("snakemake"), Program::Tool("dash")],
        run: parts,
    },
    Test {
        name: "make_and_ninja_make_the_documents",
        needs: &[Program::Package("ninja"), Program::Tool("make")],
        run: make,
    },
];

/// The parts of a run as jobs of Snakemake and as the command of a Pod: each report holds every document once.
fn parts() {
    let documents = |report: &Path| {
        let text = fs::read_to_string(report).unwrap();
        let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let files = lines.iter().filter_map(|line| line["file"].as_str().map(str::to_owned));
        files.collect::<Vec<_>>()
    };
    let both = ["docs/ai-policy/answers.yaml", "docs/competence/answers.yaml"];
    let folder = project("snakemake");
    fs::copy(root().join("examples/ci/Snakefile"), folder.join("Snakefile")).unwrap();
    let mut snakemake = in_folder(Program::Package("snakemake"), &folder);
    snakemake.env("HOME", &folder).env("XDG_CACHE_HOME", folder.join(".cache"));
    expect(snakemake.args(["--quiet", "--cores", "2", "--config", "parts=3"]));
    assert_eq!(documents(&folder.join("report.jsonl")), both);

    let pod = fs::read_to_string(root().join("examples/ci/kubernetes-job.yaml")).unwrap();
    let job: Json = serde_saphyr::from_str(pod.split("\n---\n").next().unwrap()).unwrap();
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["env"][0]["value"], job["spec"]["completions"].to_string(), "as many parts as Pods");
    let folder = project("pods");
    let reports: Vec<String> = (0..8).map(|index| format!("part-{index}.jsonl")).collect();
    for index in 0..8 {
        let mut shell = in_folder(Program::Tool("dash"), &folder);
        shell.env("JOB_COMPLETION_INDEX", index.to_string()).env("PARTS", "8");
        expect(shell.arg("-c").arg(container["args"][0].as_str().unwrap()));
    }
    let mut all = vec!["report", "merge"];
    all.extend(reports.iter().map(String::as_str));
    let merged = techfile(&folder, &all);
    assert!(merged.status.success(), "{}", spoken(&merged));
    fs::write(folder.join("report.jsonl"), merged.stdout).unwrap();
    assert_eq!(documents(&folder.join("report.jsonl")), both);
}

/// The targets of the Makefile, the build file that `plan` writes, and the step for a build file of one's own.
fn make() {
    let folder = project("made");
    for file in ["Makefile", "documents.ninja"] {
        fs::copy(root().join("examples/ci").join(file), folder.join(file)).unwrap();
    }
    let make = |target: &str| in_folder(Program::Tool("make"), &folder).arg(target).output().unwrap();
    assert!(!make("current").status.success(), "nothing is built yet");
    let first = make("ninja");
    assert!(first.status.success(), "{}", spoken(&first));
    assert!(folder.join("build/docs/ai-policy/answers.pdf").exists());
    let again = make("ninja");
    assert!(again.status.success() && spoken(&again).contains("no work to do"), "{}", spoken(&again));
    each_input_makes_its_document(&folder);
    for target in ["documents", "current"] {
        let output = make(target);
        assert!(output.status.success(), "{target}: {}", spoken(&output));
    }
    expect(in_folder(Program::Package("ninja"), &folder).args(["-f", "documents.ninja"]));
    let report = fs::read_to_string(folder.join("build/report.jsonl")).unwrap();
    assert_eq!(report.matches("\"state\":\"current\"").count(), 2, "{report}");
    // A name that a shell could take for a command.
    expect(Command::new(env!("CARGO_BIN_EXE_techfile")).current_dir(&folder).args([
        "new",
        "aims-scope",
        "--out",
        "docs/it's $(touch MADE)#1:$a/answers.yaml",
    ]));
    let named = make("ninja");
    assert!(named.status.success(), "{}", spoken(&named));
    assert!(folder.join("build/docs/it's $(touch MADE)#1:$a/answers.pdf").exists() && !folder.join("MADE").exists());
    assert!(spoken(&make("ninja")).contains("no work to do"));
}

/// Real ninja, after each change: the documents that `build` was run for.
fn each_input_makes_its_document(folder: &Path) {
    let made = || {
        let output = in_folder(Program::Tool("make"), folder).args(["ninja", "--no-print-directory"]).output().unwrap();
        let said = spoken(&output);
        assert!(output.status.success(), "{said}");
        let steps = said.lines().filter_map(|line| line.split("techfile build docs/").nth(1));
        let mut steps: Vec<&str> = steps.filter_map(|rest| rest.split('/').next()).collect();
        assert_eq!(steps.is_empty(), said.contains("no work to do"), "{said}");
        steps.sort_unstable();
        steps.dedup();
        steps.join(" ")
    };
    let write = |path: &str, text: &str| fs::write(folder.join(path), text).unwrap();
    let (policy, competence) =
        (folder.join("docs/ai-policy/answers.yaml"), folder.join("docs/competence/answers.yaml"));
    let pending = "organisation:\n  pending:\n    what: >-\n      Which organisation runs the AI management system?\n";
    write("facts.json", "{\"name\": \"Example\"}\n");
    edit(&policy, pending, "organisation: {$from: ../../facts.json#/name}\n");
    assert_eq!(made(), "ai-policy", "an answer");
    write("facts.json", "{\"name\": \"Another\"}\n");
    assert_eq!(made(), "ai-policy", "a file that an answer is drawn from");
    write("notes.txt", "of nobody");
    assert_eq!(made(), "", "a file that nobody names");
    edit(&competence, "\nkind:", "\n# a comment\nkind:");
    assert_eq!(made(), "competence", "ninja sees that the file is another one");
    edit(&folder.join("techfile.yaml"), "title: Our documents", "title: Their documents");
    assert_eq!(made(), "ai-policy competence", "the project");
    // What is made of the others is made anew when one comes, changes or goes.
    expect(Command::new(env!("CARGO_BIN_EXE_techfile")).current_dir(folder).args([
        "new",
        "document-register",
        "--out",
        "docs/register/answers.yaml",
    ]));
    assert_eq!(made(), "register");
    expect(Command::new(env!("CARGO_BIN_EXE_techfile")).current_dir(folder).args([
        "new",
        "ai-policy",
        "--out",
        "docs/second/answers.yaml",
    ]));
    assert_eq!(made(), "register second");
    let register = || fs::read_to_string(folder.join("build/docs/register/answers.md")).unwrap();
    assert!(register().contains("DOC-004"), "{}", register());
    edit(&folder.join("docs/second/answers.yaml"), "title: AI policy", "title: Second policy");
    assert_eq!(made(), "register second");
    assert!(register().contains("Second policy"), "{}", register());
    fs::remove_dir_all(folder.join("docs/second")).unwrap();
    assert_eq!(made(), "register");
    assert!(!register().contains("Second policy"), "{}", register());
    for folder in ["docs/register", "build/docs/register", "build/docs/second"].map(|name| folder.join(name)) {
        fs::remove_dir_all(folder).unwrap();
    }
}
