//! O68: SIGINT is 130, SIGTERM 143, wherever a run stands; outputs are all old or all new, and nothing lies beside them.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::{Moment, States, code, start, unfinished, until};
use crate::desk::Desk;
use crate::program::command;
use crate::repository::root;

const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

fn send(child: &Child, signal: &str) {
    // Whether the process is still there is its business.
    let kill = format!("kill -s {signal} {}", child.id());
    Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status().unwrap();
}

/// Sends a signal, and demands that the program ends by itself with its code, or had ended already.
fn ends(mut child: Child, signal: &str, expected: i32) -> bool {
    send(&child, signal);
    let code = code(child.wait().unwrap());
    assert!(code == expected || code == 0, "{signal} ended it with {code}");
    code == expected
}

#[test]
fn a_build_that_is_interrupted_leaves_all_outputs_old_or_new() {
    let states = States::new();
    let out = states.desk.at("out");
    let arguments = ["build", "answers.yaml", "--out", "out"];
    let began = Instant::now();
    states.set(0);
    states.finish(0);
    let whole = began.elapsed();
    let (mut interrupted, mut turn) = (0, 0);
    let mut check = |wait: &dyn Fn(&mut Child, &super::Files)| {
        turn += 1;
        let state = turn % 2;
        let (signal, expected) = SIGNALS[turn / 2 % 2];
        states.set(state);
        let before = states.out();
        let mut child = start(&states.desk, &arguments);
        wait(&mut child, &before);
        interrupted += usize::from(ends(child, signal, expected));
        let after = states.out();
        assert!(after == before || after == states.built[state], "outputs of two runs are mixed");
        assert_eq!(unfinished(states.desk.path()), Vec::<String>::new(), "a temporary file is left");
    };
    for moment in [Moment::ALL; 4].concat() {
        check(&|child, before| until(child, |_| moment.has_come(&out, before)));
    }
    for part in 0..40 {
        check(&|_, _| std::thread::sleep(whole * part / 40));
    }
    // The first of each round, at least, was not done yet.
    assert!(interrupted > 10, "{interrupted} runs were interrupted");
    states.finish(turn % 2);
}

#[test]
fn a_check_that_is_interrupted_ends_and_leaves_nothing() {
    let desk = Desk::new();
    let before = desk.files(".");
    let began = Instant::now();
    desk.ends(0, &["check", "answers.yaml"]);
    let whole = began.elapsed();
    for part in 0..20 {
        let (signal, expected) = SIGNALS[part % 2];
        let child = start(&desk, &["check", "answers.yaml"]);
        std::thread::sleep(whole * u32::try_from(part).unwrap() / 20);
        ends(child, signal, expected);
    }
    assert_eq!(desk.files("."), before);
}

/// Held on to by a reader that has stopped to read: the program ends by itself, with the code, not by the signal. For a
/// pipe in place of answers nobody waits.
#[test]
fn a_run_that_waits_ends_with_its_code() {
    for (signal, expected) in SIGNALS {
        let desk = Desk::new();
        let mut program = command(desk.path());
        let catalog = root().join("tests/suite/toy");
        program.args(["schema", "annex-iv", "--catalog"]).arg(catalog).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0]).unwrap();
        send(&child, signal);
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(expected), "{status}");
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest).unwrap();
        assert!(rest.len() < desk.ends(0, &["schema", "annex-iv"]).stdout.len() - 1, "it was not interrupted");
    }
}

/// For a folder that somebody else writes into.
#[cfg(target_os = "linux")]
#[test]
fn a_build_that_waits_for_a_folder_can_be_interrupted() {
    for (signal, expected) in SIGNALS {
        let states = States::new();
        states.set(0);
        let lock = fs::File::open(states.desk.at("out/.techfile/lock")).unwrap();
        lock.lock().unwrap();
        let mut child = start(&states.desk, &["build", "answers.yaml", "--out", "out"]);
        until(&mut child, super::has_opened_the_lock);
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(expected));
        assert!(states.out() == states.built[1]);
        drop(lock);
        states.finish(0);
    }
}

/// A release is there as a whole, with its line in the ledger, or not at all.
#[test]
fn a_release_that_is_interrupted_is_whole_or_not_there() {
    let desk = Desk::approved();
    let arguments = ["release", "answers.yaml", "--reason", "first release"];
    let began = Instant::now();
    desk.ends(0, &arguments);
    let (whole, new) = (began.elapsed(), desk.files("releases"));
    let shelf = desk.at("releases/TOY-1");
    let staged = |count: usize| {
        let folders = || fs::read_dir(&shelf).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let files = |folder: &std::path::Path| fs::read_dir(folder).into_iter().flatten().count();
        folders().any(|path| super::is_unfinished(path.to_str().unwrap()) && files(&path) >= count)
    };
    let (mut there, mut interrupted) = (0, 0);
    for turn in 0..40 {
        fs::remove_dir_all(desk.at("releases")).unwrap();
        let (signal, expected) = SIGNALS[turn % 2];
        let mut child = start(&desk, &arguments);
        match turn / 2 % 4 {
            0 => until(&mut child, |_| staged(turn / 8)),
            1 => until(&mut child, |_| shelf.join(".techfile-pending.jsonl").exists()),
            2 => until(&mut child, |_| shelf.join("TOY-1.ledger.jsonl").exists()),
            _ => std::thread::sleep(whole * u32::try_from(turn).unwrap() / 40),
        }
        interrupted += usize::from(ends(child, signal, expected));
        assert_eq!(unfinished(desk.path()), Vec::<String>::new(), "turn {turn}: a temporary file is left");
        assert!(!shelf.join(".techfile-pending.jsonl").exists(), "turn {turn}: something is not finished");
        let ledger = shelf.join("TOY-1.ledger.jsonl").exists();
        assert_eq!(shelf.join("1").exists(), ledger, "turn {turn}");
        if ledger {
            there += 1;
            assert!(desk.files("releases") == new, "turn {turn}: the release is not whole");
        }
        fs::create_dir_all(desk.at("releases")).unwrap();
    }
    assert!(
        there > 0 && there < 40 && interrupted > 0,
        "{there} of 40 releases are there, {interrupted} were interrupted"
    );
}
