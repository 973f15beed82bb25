//! Two runs that write into one folder.

use std::fs::{self, File};

use super::{States, code, start, unfinished, until};
use crate::desk::Desk;

/// The lock of an output folder, as another run holds it.
fn held(desk: &Desk, out: &str) -> File {
    let folder = desk.at(out).join(".techfile");
    fs::create_dir_all(&folder).unwrap();
    let file = File::options().write(true).create(true).truncate(false).open(folder.join("lock")).unwrap();
    file.lock().unwrap();
    file
}

/// O72: ten seconds, then 74; waited for and told once, however many documents a run has.
#[test]
fn a_second_build_into_a_folder_waits_and_gives_up_with_74() {
    let states = States::new();
    let desk = &states.desk;
    desk.write("other.yaml", &states.answers[0]);
    states.set(0);
    let before = states.out();
    let lock = held(desk, "out");
    let ran = desk.ends(74, &["build", "answers.yaml", "other.yaml", "--out", "out"]);
    let told = "error: another techfile writes into `out`: resource busy\n";
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("--out DIR"), "it says what to do: {}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert!(states.out() == before, "the folder of somebody else is left as it is");
    // Another folder is free.
    desk.ends(0, &["build", "answers.yaml", "--out", "elsewhere"]);
    drop(lock);
    states.finish_all();
}

#[test]
fn where_nothing_is_to_be_written_nobody_waits() {
    let states = States::new();
    let lock = held(&states.desk, "out");
    let ran = states.desk.ends(0, &["build", "answers.yaml", "--out", "out"]);
    assert!(ran.stderr.starts_with("up to date"), "{}", ran.stderr);
    drop(lock);
}

/// It waits no longer than it must.
#[cfg(target_os = "linux")]
#[test]
fn a_build_goes_on_when_the_folder_is_free() {
    let states = States::new();
    states.set(0);
    let lock = held(&states.desk, "out");
    let mut child = start(&states.desk, &["build", "answers.yaml", "--out", "out"]);
    until(&mut child, super::has_opened_the_lock);
    assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    assert!(states.out() == states.built[1], "it did not wait with writing");
    drop(lock);
    assert_eq!(code(child.wait().unwrap()), 0);
    assert!(states.out() == states.built[0]);
}

/// O72: eight at once, of two states: each writes all or waits, and the last one's files are all there is.
#[test]
fn of_eight_builds_at_once_the_last_one_leaves_its_files_whole() {
    let states = States::new();
    for (state, folder) in ["a", "b"].into_iter().enumerate() {
        states.desk.write(&format!("{folder}/answers.yaml"), &states.answers[state]);
        fs::copy(states.desk.at("drops.txt"), states.desk.at(folder).join("drops.txt")).unwrap();
    }
    let arguments = ["build", "a/answers.yaml", "--out", "out"];
    let other = ["build", "b/answers.yaml", "--out", "out"];
    for _ in 0..3 {
        fs::remove_dir_all(states.desk.at("out")).unwrap();
        let runs: Vec<_> =
            (0..8).map(|run| start(&states.desk, if run % 2 == 0 { &arguments } else { &other })).collect();
        for child in runs {
            let output = child.wait_with_output().unwrap();
            assert_eq!(code(output.status), 0, "{}", String::from_utf8_lossy(&output.stderr));
        }
        let out = states.out();
        // The evidence lies at the same place from each answers file, so the outputs are the same as in one folder.
        assert!(states.built.contains(&out), "files of two runs are mixed: {:?}", out.keys());
        assert_eq!(unfinished(states.desk.path()), Vec::<String>::new());
    }
}

impl States {
    /// Both documents of the first test, to their end.
    fn finish_all(&self) {
        self.desk.ends(0, &["build", "answers.yaml", "other.yaml", "--out", "out"]);
        assert_eq!(self.desk.files("out")["answers.md"], self.built[0]["answers.md"]);
    }
}
