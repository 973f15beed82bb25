//! What a run meets on the machine: disks that are full or may only be read, no `/tmp`, other clocks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Test;
use crate::bench::{OUT, Program, expect, folder, root, spoken, techfile};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "a_full_disk_leaves_what_was_there", needs: &[Program::Mounts], run: full },
    Test { name: "a_disk_that_may_only_be_read_is_told", needs: &[Program::Mounts], run: read_only },
    Test { name: "no_folder_for_temporary_files_is_needed", needs: &[Program::Mounts], run: no_tmp },
    Test { name: "names_are_on_the_disk_before_what_vouches_for_them", needs: STRACE, run: order },
    Test { name: "a_signal_waits_for_a_slow_disk_and_a_second_one_does_not", needs: STRACE, run: slow },
    Test { name: "no_clock_changes_a_byte", needs: &[Program::Tool("faketime")], run: clocks },
];

const STRACE: &[Program] = &[Program::Tool("strace"), Program::Tool("kill")];

/// A folder with the toy's answers, which are approved, and the same with another number.
fn desk(name: &str) -> PathBuf {
    let desk = OUT.join(name);
    fs::create_dir_all(desk.join("disk")).unwrap();
    let toy = root().join("tests/suite/toy");
    fs::copy(toy.join("drops.txt"), desk.join("drops.txt")).unwrap();
    let text = fs::read_to_string(toy.join("answers.yaml")).unwrap();
    for (file, pieces) in [("old.yaml", "pieces: 5"), ("new.yaml", "pieces: 6")] {
        let path = desk.join(file);
        let draft = text.replace("pieces: 5", pieces).replace("  status: draft", "  status: in-review");
        fs::write(&path, &draft).unwrap();
        let signer = ["--by", "Ada Doe", "--role", "Head of Toys", "--date", "2026-11-20"];
        let lines = expect(techfile(&["sign-off", path.to_str().unwrap()]).args(signer)).stdout;
        let approved = format!("  status: approved\n{}", String::from_utf8(lines).unwrap());
        fs::write(&path, draft.replace("  status: in-review\n", &approved)).unwrap();
    }
    desk
}

/// The beginning of every script: `t` is the program, `state` the names and digests of what lies on the disk.
const HEAD: &str = r#"
set -eu
cd "$1"
program=$2 catalog=$3
t() { "$program" --catalog "$catalog" "$@" 2>said; }
state() { find disk -type f ! -path '*/.techfile/*' ! -name filler -exec sha256sum {} + | sort -k 2; }
ends() {
    wanted=$1 code=0
    shift
    t "$@" >/dev/null || code=$?
    [ "$code" = "$wanted" ] || { echo "$* ended with $code"; cat said; exit 1; }
}
says() { grep -q -e "$1" said || { echo "not said: $1"; cat said; exit 1; }; }
same() { [ "$1" = "$(state)" ] || { echo "$2: the disk is another one"; echo "$1"; state; exit 1; }; }
"#;

/// Runs a script in a shell that may mount file systems.
fn mounted(desk: &Path, script: &str) {
    let mut command = Program::Mounts.command();
    command.args(["-c", &format!("{HEAD}{script}"), "sh"]).arg(desk);
    command.arg(env!("CARGO_BIN_EXE_techfile")).arg(root().join("tests/suite/toy"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", spoken(&output));
}

/// O70: wherever a build or a release runs out of space, nothing of what was there is touched, nothing is left over, and
/// with space it comes to its end.
fn full() {
    mounted(
        &desk("full"),
        r#"
mount -t tmpfs -o size=8m none disk
ends 0 build old.yaml --out disk/out
before=$(state)
mv new.yaml old.yaml
failed=0 done=''
# Ever more pages of 4 KiB are free.
for free in 0 1 2 4 7 11 16 22 29 37 46 56 80 120 200; do
    dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
    truncate -s "-$((free * 4096))" disk/filler
    code=0
    t build old.yaml --out disk/out >/dev/null || code=$?
    rm disk/filler
    case $code in
        74) same "$before" "free: $free"; says 'no space left'; failed=$((failed + 1)) ;;
        0) done=$free; break ;;
        *) echo "free: $free, ended with $code"; cat said; exit 1 ;;
    esac
done
[ -n "$done" ] && [ "$failed" -gt 4 ] || { echo "failed $failed times, done with $done"; exit 1; }
dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
ends 74 new toy --out disk/fresh.yaml
[ ! -e disk/fresh.yaml ]
"#,
    );
    // A release: the same, in the folder that is the disk.
    mounted(
        &desk("full-release"),
        r#"
mount -t tmpfs -o size=8m none disk
cp old.yaml drops.txt disk
mkdir disk/releases
failed=0 done=''
for free in 0 1 2 4 7 11 16 29 46 80 120 200 300 500 800 1200; do
    dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
    truncate -s "-$((free * 4096))" disk/filler
    code=0
    t release disk/old.yaml --reason first >/dev/null || code=$?
    rm disk/filler
    case $code in
        74) says 'no space left'; failed=$((failed + 1)) ;;
        0) done=$free; break ;;
        *) echo "free: $free, ended with $code"; cat said; exit 1 ;;
    esac
    # Until the journal is written there is no release; what was staged is gone.
    [ ! -e disk/releases/TOY-1/1 ]
    [ -z "$(find disk -name '*.tmp')" ] || { find disk; exit 1; }
done
[ -n "$done" ] && [ "$failed" -gt 4 ] || { echo "failed $failed times, done with $done"; exit 1; }
ends 0 verify disk/releases
"#,
    );
}

/// O71: where nothing can be written, what needs no writing goes on, and everything else is told.
fn read_only() {
    mounted(
        &desk("read-only"),
        r#"
mount -t tmpfs none disk
ends 0 build old.yaml --out disk/out
cp old.yaml new.yaml drops.txt disk
before=$(state)
mount -o remount,ro disk
ends 0 build old.yaml --out disk/out
says 'up to date'
ends 0 check disk/old.yaml
mv new.yaml old.yaml
ends 74 build old.yaml --out disk/out
says 'read-only file system'
ends 74 build old.yaml --out disk/elsewhere
ends 74 release disk/old.yaml --reason first
says 'read-only file system'
ends 74 new toy --out disk/fresh.yaml
ends 74 new --project disk/project toy
same "$before" 'read only'
mount -o remount,rw disk
ends 0 build old.yaml --out disk/out
"#,
    );
}

/// O75: temporary files lie beside what they become, never in a folder of the system.
fn no_tmp() {
    mounted(
        &desk("no-tmp"),
        r#"
# The repository may lie below one of the folders that are taken away.
mount --bind . /mnt
cd /mnt
mount -t tmpfs none disk
cp old.yaml drops.txt disk
cp "$program" disk/techfile
cp -r "$catalog" disk/house
program=disk/techfile catalog=disk/house
ends 0 build old.yaml --out disk/out
before=$(state)
rm -r disk/out
for folder in /tmp /var/tmp /dev/shm; do
    [ ! -d "$folder" ] || mount -t tmpfs -o ro none "$folder"
done
ends 0 build old.yaml --out disk/out
same "$before" 'without /tmp'
ends 0 release disk/old.yaml --reason first
"#,
    );
}

/// O75: the clock of the machine is nobody's date.
fn clocks() {
    let desk = desk("clocks");
    let made = |name: &str, clock: Option<&str>| {
        let place = desk.join(name);
        fs::create_dir_all(&place).unwrap();
        fs::copy(desk.join("old.yaml"), place.join("old.yaml")).unwrap();
        fs::copy(desk.join("drops.txt"), place.join("drops.txt")).unwrap();
        for arguments in [&["build", "old.yaml", "--out", "out"][..], &["release", "old.yaml", "--reason", "first"]] {
            let mut command = match clock {
                Some(clock) => {
                    let mut command = Program::Tool("faketime").command();
                    command.arg(clock).arg(env!("CARGO_BIN_EXE_techfile"));
                    command
                }
                None => Command::new(env!("CARGO_BIN_EXE_techfile")),
            };
            let command = command.current_dir(&place).arg("--catalog").arg(root().join("tests/suite/toy"));
            expect(command.args(arguments));
        }
        ["out", "out/old.files", "releases/TOY-1", "releases/TOY-1/1"].map(|part| folder(&place.join(part)))
    };
    let today = made("today", None);
    for clock in ["1970-01-01 00:00:01", "2038-01-19 03:14:08", "2040-02-29 12:00:00", "9999-12-31 23:59:59"] {
        // The clock is really another one.
        let year = expect(Program::Tool("faketime").command().args([clock, "date", "+%Y"])).stdout;
        assert_eq!(String::from_utf8_lossy(&year).trim(), &clock[..4]);
        assert!(made(&clock[..4], Some(clock)) == today, "{clock}: other bytes");
    }
}

/// Our program in a folder, with strace beside it: the process that is started is ours.
fn traced(desk: &Path, options: &[&str], arguments: &[&str]) -> Command {
    let mut command = Program::Tool("strace").command();
    command.current_dir(desk).args(["-D", "-f", "-y"]).args(options).arg(env!("CARGO_BIN_EXE_techfile"));
    command.args(arguments).arg("--catalog").arg(root().join("tests/suite/toy"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// After a power cut: each file is on the disk before it gets its name, and the names of what digests are of before those
/// digests get theirs.
fn order() {
    let desk = desk("order");
    let log = desk.join("log");
    let trace = ["-e", "trace=fsync,/^rename", "-o", log.to_str().unwrap()];
    expect(&mut traced(&desk, &trace, &["build", "old.yaml", "--out", "disk"]));
    // Each thread tells of its end. The first that writes anything is the process itself.
    let ended = |log: &String| {
        let own = log.split(' ').next().unwrap();
        log.lines().any(|line| line.starts_with(own) && line.ends_with(" +++ exited with 0 +++"))
    };
    let log = until(|| fs::read_to_string(&log).ok().filter(ended));
    let quoted = |line: &str, at: usize| line.split('"').nth(at).map(str::to_owned);
    let (mut synced, mut unsaid) = (BTreeSet::new(), BTreeSet::new());
    let mut named = Vec::new();
    // What a thread waits for, by its number: files go to the disk side by side.
    let mut begun = BTreeMap::new();
    for (thread, line) in log.lines().filter_map(|line| line.split_once(' ')) {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("fsync(") {
            begun.insert(thread, rest.split_once('<').and_then(|rest| Some(rest.1.split_once('>')?.0)).unwrap());
        }
        if (line.starts_with("fsync(") || line.starts_with("<... fsync resumed")) && line.ends_with("= 0") {
            let path = begun.remove(thread).unwrap();
            synced.insert(path.to_owned());
            unsaid.retain(|folder: &PathBuf| folder != Path::new(path));
        } else if let (Some(from), Some(to)) = (quoted(line, 1), quoted(line, 3)) {
            // What is remembered proves itself when it is read.
            if to.contains(".techfile/cache/") {
                continue;
            }
            assert!(synced.contains(&from), "{to} got its name before its bytes were on the disk");
            let to = desk.join(to);
            if to.extension().is_some_and(|end| end == "sha256") {
                assert_eq!(unsaid, BTreeSet::new(), "names that are not on the disk have digests");
            }
            unsaid.insert(to.parent().unwrap().to_owned());
            named.push(to);
        }
    }
    assert_eq!(unsaid, BTreeSet::new(), "the program ended, and names are not on the disk");
    assert!(named.len() > 10 && named.last().unwrap().ends_with("old.pdf.sha256"), "{named:?}");
}

/// O68: on a disk that takes long for each file. One signal is heard after the file, and takes back what was prepared; the
/// second one ends the process where it stands, and the next run clears away.
fn slow() {
    for (signal, code, hurry) in [("INT", 130, false), ("TERM", 143, false), ("INT", 130, true), ("TERM", 143, true)] {
        let desk = desk(&format!("slow-{signal}-{hurry}"));
        let out = desk.join("disk");
        let build = |file: &str| ["build".to_owned(), file.to_owned(), "--out".to_owned(), "disk".to_owned()];
        let toy = root().join("tests/suite/toy");
        let finish = |file: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_techfile"));
            expect(command.current_dir(&desk).args(build(file)).arg("--catalog").arg(&toy));
        };
        finish("old.yaml");
        fs::rename(desk.join("new.yaml"), desk.join("old.yaml")).unwrap();
        let before = [folder(&out), folder(&out.join("old.files"))];
        // Two seconds for each file are enough to send signals meanwhile.
        let delay = "inject=fsync:delay_enter=2000000";
        let arguments = build("old.yaml");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut child =
            traced(&desk, &["-e", "trace=fsync", "-e", delay, "-o", "/dev/null"], &arguments).spawn().unwrap();
        let left = || {
            let entries = fs::read_dir(out.join("old.files")).unwrap().map(|entry| entry.unwrap().file_name());
            entries.filter(|name| name.to_string_lossy().ends_with(".tmp")).count()
        };
        // Of the files that are put on the disk at a time, so many lie in this folder.
        let begun = 5;
        until(|| (left() == begun).then_some(()));
        let id = child.id().to_string();
        let send = || {
            let _ = Program::Tool("kill").command().args(["-s", signal, &id]).stderr(Stdio::null()).status();
        };
        send();
        let status = if hurry {
            until(|| {
                send();
                child.try_wait().unwrap()
            })
        } else {
            child.wait().unwrap()
        };
        assert_eq!(status.code(), Some(code), "{signal}: {status}");
        assert_eq!(left(), if hurry { begun } else { 0 }, "{signal}");
        let mut after = [folder(&out), folder(&out.join("old.files"))];
        for files in &mut after {
            files.retain(|name, _| !name.ends_with(".tmp"));
        }
        assert!(after == before, "{signal}: an output is another one");
        finish("old.yaml");
        assert_eq!(left(), 0, "{signal}: the next run left something");
        assert_ne!(folder(&out)["old.md"], before[0]["old.md"]);
    }
}

/// Asks until there is an answer.
fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
