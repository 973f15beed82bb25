//! Documents that are made by processes of their own, and `watch`: what dies takes nothing with it.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value as Json;

use crate::desk::Desk;
use crate::exits::edit;
use crate::incremental::desk;
use crate::program::command;

/// Longer than anything takes on the slowest machine: who waits so long waits in vain.
const LONG: Duration = Duration::from_secs(90);

/// The toy's catalogue with a line more in its template.
fn house(desk: &Desk, line: &str) {
    for part in ["schemas/toy.schema.json", "templates/toy.md.tera", "templates/locales/en/toy.yaml"] {
        let text = crate::repository::read(&format!("tests/suite/toy/{part}"));
        desk.write(&format!("house/{part}"), &text);
    }
    edit(&desk.at("house/templates/toy.md.tera"), "## 2. ", &format!("{line}\n\n## 2. "));
}

/// The workers of a process, by their numbers.
fn workers(of: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let entry = entry.unwrap();
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(state) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // Behind the name in brackets: the state, then the number of the process that started it.
        let rest = state.rsplit(')').next().unwrap().trim().to_owned();
        let mut fields = rest.split(' ');
        let (state, parent) = (fields.next().unwrap().to_owned(), fields.next().unwrap().to_owned());
        if parent == of.to_string() && state != "Z" {
            found.push(number);
        }
    }
    found
}

fn signal(name: &str, number: u32) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {number}")]).status().unwrap();
    assert!(sent.success(), "kill -{name} {number}");
}

/// Waits until something holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..LONG.as_millis() / 20 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("waited in vain for {what}");
}

fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

fn report(desk: &Desk) -> Vec<Json> {
    desk.text("report.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    command(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_document_whose_worker_is_killed_fails_alone() {
    let desk = desk(6);
    // One document never ends; which one, its answers say.
    house(
        &desk,
        "{% if answers.pieces == 66 %}{% for a in range(end=90000) %}{% for b in range(end=90000) %}{% for c in range(end=90000) %}{% endfor %}{% endfor %}{% endfor %}{% endif %}",
    );
    edit(&desk.at("docs/002/answers.yaml"), "pieces: 5", "pieces: 66");
    let arguments = ["build", "-j", "2", "--catalog", "house", "--report", "report.jsonl"];
    let run = start(desk.path(), &arguments);
    until("all others", || {
        (0..6).filter(|at| *at != 2).all(|at| desk.at(&format!("build/docs/00{at}/answers.pdf.sha256")).exists())
    });
    until("the last worker", || workers(run.id()).len() == 1);
    signal("KILL", workers(run.id())[0]);
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("`docs/002/answers.yaml`: cannot finish"), "{said}");
    assert!(said.contains("6 documents: 5 built, 1 failed (docs/002/answers.yaml)"), "{said}");
    let report = report(&desk);
    assert_eq!(report.len(), 7);
    assert_eq!((&report[2]["state"], &report[2]["exit"]), (&"failed".into(), &74.into()));
    assert_eq!((&report[6]["summary"]["built"], &report[6]["summary"]["exit"]), (&5.into(), &74.into()));
}

#[test]
fn a_document_that_takes_too_much_memory_or_time_fails_alone() {
    let desk = desk(4);
    house(
        &desk,
        "{% if answers.pieces == 66 %}{% set_global x = \"0123456789\" %}{% for i in range(end=40) %}{% set_global x = x ~ x %}{% endfor %}{{ x }}{% endif %}{% if answers.pieces == 77 %}{% for a in range(end=90000) %}{% for b in range(end=90000) %}{% for c in range(end=90000) %}{% endfor %}{% endfor %}{% endfor %}{% endif %}",
    );
    edit(&desk.at("docs/001/answers.yaml"), "pieces: 5", "pieces: 66");
    edit(&desk.at("docs/002/answers.yaml"), "pieces: 5", "pieces: 77");
    edit(&desk.at("docs/003/answers.yaml"), "serial: T-0001", "serial: T1");
    desk.write(
        "techfile.yaml",
        "documents: [\"docs/**/answers.yaml\"]\ncatalog: house\nlimits: {seconds: 20, memory_mib: 1024}\n",
    );
    let run = start(desk.path(), &["build", "-j", "2", "--report", "report.jsonl"]).wait_with_output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(5), "a limit weighs more than a finding: {said}");
    assert!(said.contains("`docs/001/answers.yaml`: it needed more than 1024 MiB of memory"), "{said}");
    assert!(said.contains("`docs/002/answers.yaml`: it took longer than 20 seconds"), "{said}");
    let states: Vec<String> =
        report(&desk)[..4].iter().map(|line| format!("{} {}", line["state"], line["exit"])).collect();
    assert_eq!(states, ["\"built\" 0", "\"failed\" 5", "\"failed\" 5", "\"failed\" 1"]);

    // One that is left is as limited as one of many, and so is a plan.
    edit(&desk.at("docs/002/answers.yaml"), "pieces: 77", "pieces: 5");
    edit(&desk.at("docs/003/answers.yaml"), "serial: T1", "serial: T-0001");
    for arguments in [&["build", "--report", "report.jsonl"][..], &["build", "--report", "report.jsonl"], &["plan"]] {
        let run = start(desk.path(), arguments).wait_with_output().unwrap();
        let said = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(5), "{arguments:?}: {said}");
        assert!(said.contains("`docs/001/answers.yaml`: it needed more than 1024 MiB of memory"), "{said}");
    }
    assert_eq!(report(&desk).len(), 5);
}

#[test]
fn workers_end_with_the_process_that_started_them() {
    let desk = desk(2);
    house(
        &desk,
        "{% for a in range(end=90000) %}{% for b in range(end=90000) %}{% for c in range(end=90000) %}{% endfor %}{% endfor %}{% endfor %}",
    );
    let run = start(desk.path(), &["build", "-j", "2", "--catalog", "house"]);
    until("two workers", || workers(run.id()).len() == 2);
    let started = workers(run.id());
    signal("TERM", run.id());
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(143));
    let gone = |number: &u32| {
        let state = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        state.is_empty() || state.rsplit(')').next().unwrap().trim().starts_with('Z')
    };
    until("both to end", || started.iter().all(gone));
    assert!(!desk.at("build/docs").exists());
}

#[test]
fn watch_builds_what_is_saved_and_survives_what_is_broken() {
    let desk = desk(2);
    let answers = desk.at("docs/001/answers.yaml");
    let mut run = start(
        desk.path(),
        &["watch", "--catalog", &crate::repository::root().join("tests/suite/toy").to_string_lossy()],
    );
    let (made, said) = (lines(run.stdout.take().unwrap()), lines(run.stderr.take().unwrap()));
    let hear = |part: &str| {
        let mut all = String::new();
        loop {
            let line = said.recv_timeout(LONG).unwrap_or_else(|_| panic!("waited in vain for {part:?}:\n{all}"));
            all += &format!("{line}\n");
            if line.contains(part) {
                return all;
            }
        }
    };
    hear("watching 2 documents; Ctrl-C ends");
    let first = [made.recv_timeout(LONG).unwrap(), made.recv_timeout(LONG).unwrap()];
    assert_eq!(first, ["build/docs/000/answers.pdf", "build/docs/001/answers.pdf"]);
    let markdown = || desk.text("build/docs/001/answers.md");
    let shows = |part: &str| until(part, || markdown().contains(part));

    edit(&answers, "floor: wood, dents: 1", "floor: stone, dents: 1");
    let told = hear("docs/001/answers.yaml: built, content ");
    assert!(!told.contains("docs/000"), "{told}");
    shows("stone");

    // Broken YAML is told of once, whatever else happens, and what was built stays.
    let good = fs::read_to_string(&answers).unwrap();
    let before = markdown();
    fs::write(&answers, format!("{good}\nx: [")).unwrap();
    hear("error[syntax]");
    assert_eq!(markdown(), before);
    fs::write(&answers, good.replace("stone", "cork")).unwrap();
    hear("docs/001/answers.yaml: built");
    shows("cork");

    // An editor that writes another file and gives it the name.
    fs::write(desk.at("docs/001/answers.yaml~"), good.replace("stone", "sand")).unwrap();
    fs::rename(desk.at("docs/001/answers.yaml~"), &answers).unwrap();
    hear("docs/001/answers.yaml: built");
    shows("sand");

    // A file that goes and comes back; a new document; evidence of both.
    fs::remove_file(&answers).unwrap();
    fs::create_dir_all(desk.at("docs/002")).unwrap();
    fs::write(desk.at("docs/002/answers.yaml"), good.replace("TOY-1", "TOY-9")).unwrap();
    hear("docs/002/answers.yaml: built");
    fs::write(&answers, good.replace("stone", "grass")).unwrap();
    hear("docs/001/answers.yaml: built");
    shows("grass");
    fs::write(desk.at("drops.txt"), "another").unwrap();
    // In any order: a round that was still going on may meet the new file half way.
    let mut all = String::new();
    while !["000", "001", "002"].iter().all(|name| all.contains(&format!("docs/{name}/answers.yaml: built"))) {
        all += &hear("built");
    }

    // The worker dies: the next document has a new one.
    let old = workers(run.id());
    assert_eq!(old.len(), 1);
    signal("KILL", old[0]);
    until("it to be gone", || workers(run.id()).is_empty());
    edit(&answers, "grass", "slate");
    hear("docs/001/answers.yaml: built");
    shows("slate");

    // All outputs go: each is made again and told of again, though nothing that is said has changed.
    fs::remove_dir_all(desk.at("build")).unwrap();
    edit(&answers, "toy_name:", "# a comment\ntoy_name:");
    let mut all = String::new();
    while !["000", "001", "002"].iter().all(|name| all.contains(&format!("docs/{name}/answers.yaml: built"))) {
        all += &hear("built");
    }
    // Two documents that say different things are told of when they are saved, and once.
    edit(&answers, "toy_name: Stacking tower", "toy_name: Falling tower");
    edit(&answers, "box_name: Stacking tower", "box_name: Falling tower");
    hear("error[conflicting-values]");
    edit(&answers, "Falling tower", "Stacking tower");
    edit(&answers, "box_name: Falling tower", "box_name: Stacking tower");
    hear("docs/001/answers.yaml: built");
    // So is a project that cannot be used, which the next state of it mends.
    let project = desk.text("techfile.yaml");
    desk.write("techfile.yaml", "documents: x\n");
    hear("cannot be used");
    desk.write("techfile.yaml", &project);
    edit(&answers, "slate", "chalk");
    let told = hear("docs/001/answers.yaml: built");
    assert!(!told.contains("cannot be used"), "{told}");

    signal("INT", run.id());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    // What was made warm is what is made cold.
    let warm = crate::outputs::tree(&desk.at("build"));
    desk.ends(0, &["build", "--no-cache", "--out", "cold"]);
    assert!(warm == crate::outputs::tree(&desk.at("cold")));
}
