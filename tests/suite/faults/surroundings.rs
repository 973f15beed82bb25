//! Streams, variables and places that are not as usual: the same bytes, or a clean end.

use std::fs;
use std::process::{Command, Stdio};

use super::{States, code, start, unfinished};
use crate::desk::Desk;
use crate::outputs::tree;
use crate::program::{command, run};
use crate::repository::root;

/// O75: variables that name what is not there, or a language with other letters. The desk's runs have no variable at all.
#[test]
fn no_variable_changes_a_byte() {
    let desk = Desk::new();
    desk.ends(0, &["build", "answers.yaml", "--out", "bare"]);
    let bare = desk.files("bare");
    let odd: [&[(&str, &str)]; 5] = [
        &[("PATH", ""), ("HOME", ""), ("TMPDIR", ""), ("TMP", ""), ("TEMP", "")],
        &[("PATH", "/nowhere"), ("HOME", "/nowhere"), ("TMPDIR", "/nowhere"), ("XDG_CACHE_HOME", "/nowhere")],
        &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("LANGUAGE", "tr"), ("TZ", "Asia/Kathmandu")],
        &[("LC_ALL", "no-such-language"), ("TZ", ":/nowhere"), ("SOURCE_DATE_EPOCH", "-1")],
        &[
            ("TZ", "<+2545>-25:45"),
            ("TYPST_FONT_PATHS", "/usr/share/fonts"),
            ("TYPST_PACKAGE_PATH", "/"),
            ("RUST_LOG", "trace"),
        ],
    ];
    for (number, variables) in odd.into_iter().enumerate() {
        let out = format!("odd-{number}");
        let mut program = command(desk.path());
        program.envs(variables.iter().copied()).args(["build", "answers.yaml", "--out", &out, "--catalog"]);
        let ran = run(program.arg(root().join("tests/suite/toy")));
        assert_eq!(ran.code, 0, "{variables:?}: {}", ran.stderr);
        assert!(desk.files(&out) == bare, "{variables:?} change what is built");
    }
}

/// O73: whoever reads the path of a PDF, or what is wrong, may have gone; the documents are made all the same.
#[test]
fn a_reader_that_has_gone_stops_no_build() {
    let desk = Desk::new();
    for arguments in [&["build", "answers.yaml", "--out", "out"][..], &["check", "answers.yaml", "--format", "json"]] {
        let mut child = start(&desk, arguments);
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(code(child.wait().unwrap()), 0, "{arguments:?}");
    }
    assert!(desk.files("out").contains_key("answers.pdf"));
}

/// O70: a result that does not fit where it goes is told, in every command that has one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_behind_stdout_is_74() {
    let desk = Desk::new();
    for arguments in [
        &["build", "answers.yaml", "--out", "out"][..],
        &["check", "answers.yaml", "--format", "json"],
        &["kinds"],
        &["schema", "toy"],
        &["new", "toy", "--out", "-"],
        &["explain", "missing-answer"],
        &["coverage", "answers.yaml"],
    ] {
        let mut program = command(desk.path());
        program.args(arguments).arg("--catalog").arg(root().join("tests/suite/toy"));
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = run(program.stdout(Stdio::from(full)));
        assert_eq!(ran.code, 74, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("cannot write to `stdout`: no space left"), "{arguments:?}: {}", ran.stderr);
    }
    // The document was made before its path was told.
    assert!(desk.files("out").contains_key("answers.pdf"));
}

/// O71: a link in place of an output is replaced, and what it leads to is nobody's output.
#[cfg(unix)]
#[test]
fn a_link_in_place_of_an_output_leads_nowhere() {
    use std::os::unix::fs::symlink;
    let states = States::new();
    let desk = &states.desk;
    desk.write("precious.txt", "precious");
    for name in ["answers.pdf", "answers.files/document.json"] {
        fs::remove_file(desk.at("out").join(name)).unwrap();
        symlink(desk.at("precious.txt"), desk.at("out").join(name)).unwrap();
    }
    states.finish(1);
    assert_eq!(desk.text("precious.txt"), "precious");
    // A folder that is a link is taken for the folder, if somebody names it.
    fs::rename(desk.at("out"), desk.at("real")).unwrap();
    symlink(desk.at("real"), desk.at("out")).unwrap();
    states.set(0);
    states.finish(0);
    assert!(desk.files("real") == states.built[0]);
    // Within a document's own folder a link is refused, before anything is written.
    fs::remove_dir_all(desk.at("real/answers.files/theme")).unwrap();
    fs::create_dir(desk.at("mine")).unwrap();
    symlink(desk.at("mine"), desk.at("real/answers.files/theme")).unwrap();
    states.set(1);
    let ran = desk.ends(5, &["build", "answers.yaml", "--out", "out"]);
    assert!(ran.stderr.contains("`out/answers.files/theme` is a symbolic link"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(desk.at("mine")).unwrap().count(), 0);
    assert_eq!(desk.files("real")["answers.md"], states.built[0]["answers.md"]);
}

/// Who may read what is made is for the umask to say.
#[cfg(unix)]
#[test]
fn outputs_are_as_open_as_the_umask_lets_them_be() {
    use std::os::unix::fs::PermissionsExt as _;
    for (umask, file, folder) in [("077", 0o600, 0o700), ("027", 0o640, 0o750), ("002", 0o664, 0o775)] {
        let desk = Desk::approved();
        for arguments in ["build answers.yaml --out out", "release answers.yaml --reason first"] {
            let toy = root().join("tests/suite/toy");
            let line = format!("umask {umask}; exec \"$0\" --catalog \"$1\" {arguments}");
            let mut shell = Command::new("sh");
            shell.current_dir(desk.path()).args(["-c", &line, env!("CARGO_BIN_EXE_techfile")]).arg(toy);
            let ran = run(&mut shell);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
        for place in ["out", "releases"] {
            let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&desk.at(place)), folder, "{umask}: {place}");
            for name in tree(&desk.at(place)).keys() {
                assert_eq!(mode(&desk.at(place).join(name)), file, "{umask}: {place}/{name}");
            }
        }
        assert_eq!(unfinished(desk.path()), Vec::<String>::new());
    }
}

/// O74: many answers that say nothing are told, each with its place; many that say something become many rows.
#[test]
fn ten_thousand_empty_answers_and_five_thousand_rows_are_within_all_limits() {
    let desk = Desk::new();
    let text = desk.text("answers.yaml");
    let ring = "  - {id: ring, part_name: Ring, sits_on: base}\n";
    assert!(text.contains(ring));
    let empty: String =
        (0..10_000).map(|part| format!("  - {{id: ring-{part}, part_name: Ring, sits_on: }}\n")).collect();
    desk.write("empty.yaml", &text.replace(ring, &empty));
    let ran = desk.ends(1, &["check", "empty.yaml"]);
    assert_eq!(ran.stderr.matches("error[missing-answer]: no answer for the part below\n").count(), 10_000);
    let rows: String = (0..5_000).map(|row| format!("  | {row} | drop {row} |\n")).collect();
    let tests = "  - see the [drop tests]";
    desk.write("rows.yaml", &text.replace(tests, &format!("\n  | drop | name |\n  |---|---|\n{rows}\n{tests}")));
    desk.ends(0, &["build", "rows.yaml", "--out", "out"]);
    let markdown = desk.text("out/rows.md");
    assert_eq!(markdown.lines().filter(|line| line.contains("| drop ")).count(), 5_001);
    assert!(desk.files("out").contains_key("rows.pdf"));
}
