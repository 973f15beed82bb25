//! Runs that are disturbed: by signals, by kills, by each other, by where they run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};

use crate::desk::Desk;
use crate::program::command;
use crate::repository::root;

/// Who else writes into the folder.
mod locks;
/// Ends that somebody asks for.
#[cfg(unix)]
mod signals;
/// Streams, variables and places that are not as usual.
mod surroundings;

type Files = BTreeMap<String, Vec<u8>>;

/// A desk with two states of the same answers; the second has a file more.
struct States {
    desk: Desk,
    answers: [String; 2],
    /// What a build of each leaves.
    built: [Files; 2],
}

impl States {
    fn new() -> Self {
        let desk = Desk::new();
        let first = desk.text("answers.yaml");
        let second = first
            .replace("pieces: 5", "pieces: 6")
            .replace("signed_by: Ada Doe}", "signed_by: Ada Doe, attach: true}")
            .replace("Four rings", "Six rings");
        let answers = [first, second];
        let built = answers.each_ref().map(|text| {
            desk.write("answers.yaml", text);
            desk.ends(0, &["build", "answers.yaml", "--out", "out"]);
            desk.files("out")
        });
        assert!(built[0].keys().count() < built[1].keys().count() && built[0] != built[1]);
        Self { desk, answers, built }
    }

    /// The other state is to be built.
    fn set(&self, state: usize) {
        self.desk.write("answers.yaml", &self.answers[state]);
    }

    /// What lies in the output folder now.
    fn out(&self) -> Files {
        self.desk.files("out")
    }

    /// Every output is that of one of the two states, whole.
    fn each_is_whole(&self, out: &Files) {
        for (name, bytes) in out.iter().filter(|(name, _)| !is_unfinished(name)) {
            let whole = self.built.iter().any(|built| built.get(name) == Some(bytes));
            assert!(whole, "{name} is neither the old nor the new one");
        }
        for name in self.built[0].keys().filter(|name| self.built[1].contains_key(*name)) {
            assert!(out.contains_key(name), "{name} is gone");
        }
    }

    /// Builds to the end and demands that nothing is left of what was there before.
    fn finish(&self, state: usize) {
        self.desk.ends(0, &["build", "answers.yaml", "--out", "out"]);
        assert!(self.out() == self.built[state], "the outputs are not those of one run");
        assert_eq!(unfinished(self.desk.path()), Vec::<String>::new());
    }
}

/// Starts the program on a desk with the toy's catalogue; it says what it reads and writes.
fn start(desk: &Desk, arguments: &[&str]) -> Child {
    let mut program = command(desk.path());
    program.args(arguments).arg("-v").arg("--catalog").arg(root().join("tests/suite/toy"));
    program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The end as a shell tells it: a code, or 128 and the signal.
fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    status.code().or(signal.map(|signal| 128 + signal)).unwrap()
}

fn is_unfinished(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap();
    name.starts_with(".techfile-") && name.ends_with(".tmp")
}

/// Files and folders below a folder, hidden ones, too, that a run has not finished.
fn unfinished(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if is_unfinished(&entry.file_name().to_string_lossy()) {
            found.push(path.display().to_string());
        } else if path.is_dir() && !path.is_symlink() {
            found.extend(unfinished(&path));
        }
    }
    found
}

/// Waits until something has come about, or the program has ended.
fn until(child: &mut Child, come: impl Fn(&Child) -> bool) {
    while !come(child) && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_micros(50));
    }
}

/// How far a build has come, as seen from outside.
#[derive(Clone, Copy)]
enum Moment {
    /// It has begun.
    Start,
    /// So many files lie ready under other names.
    Ready(usize),
    /// This output is another one than before.
    Changed(&'static str),
    /// It has ended.
    End,
}

impl Moment {
    const ALL: [Self; 8] = [
        Self::Start,
        Self::Ready(1),
        Self::Ready(9),
        Self::Changed("answers.files/document.json"),
        Self::Changed("answers.md"),
        Self::Changed("answers.pdf"),
        Self::Changed("answers.pdf.sha256"),
        Self::End,
    ];

    fn has_come(self, out: &Path, before: &Files) -> bool {
        match self {
            Self::Start => true,
            Self::Ready(count) => unfinished(out).len() >= count,
            Self::Changed(name) => fs::read(out.join(name)).is_ok_and(|now| before.get(name) != Some(&now)),
            Self::End => false,
        }
    }
}

/// O69: whenever a build is killed, each output is the old one or the new one, and the next run leaves no trace of it.
#[test]
fn two_hundred_kills_of_a_build_leave_each_output_old_or_new() {
    let seen = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|first| scope.spawn(move || hundred_kills(first))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).fold([0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]])
    });
    assert!(seen.iter().all(|seen| *seen > 9), "nothing written, something, everything: the kills fell there {seen:?}");
}

/// How many kills came before anything was written, while it was, and after everything.
fn hundred_kills(first: usize) -> [usize; 3] {
    let states = States::new();
    let out = states.desk.at("out");
    let mut seen = [0; 3];
    for turn in (first..200).step_by(2) {
        let state = turn / 2 % 2;
        states.set(state);
        let before = states.out();
        let moment = Moment::ALL[turn / 4 % Moment::ALL.len()];
        let mut child = start(&states.desk, &["build", "answers.yaml", "--out", "out"]);
        until(&mut child, |_| moment.has_come(&out, &before));
        for _ in 0..turn * 37 % 1000 {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        child.wait().unwrap();
        let after = states.out();
        states.each_is_whole(&after);
        let now: Files = after.into_iter().filter(|(name, _)| !is_unfinished(name)).collect();
        seen[if now == before { 0 } else { 1 + usize::from(now == states.built[state]) }] += 1;
        if turn % 20 < 2 || !unfinished(&out).is_empty() && turn % 6 < 2 {
            states.finish(state);
        }
    }
    states.finish(1);
    seen
}

/// Whether a run stands before the lock of an output folder, or holds it.
#[cfg(target_os = "linux")]
fn has_opened_the_lock(child: &Child) -> bool {
    let open = fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter().flatten().filter_map(Result::ok);
    open.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|file| file.ends_with(".techfile/lock"))
}
