//! PDF/A-3a and PDF/UA-1 by two validators that share no code; and controls, for a validator that accepts everything
//! proves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Test;
use crate::bench::{OUT, Program, documents, expect, not_built, root, spoken};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "every_document_is_built", needs: &[], run: built },
    Test { name: "page_validation_passes_every_document", needs: &[Program::Python], run: page_validation },
    Test { name: "verapdf_passes_every_document", needs: &[Program::VeraPdf, Program::Tool("java")], run: verapdf },
    Test {
        name: "both_validators_refuse_what_is_broken",
        needs: &[Program::Python, Program::VeraPdf, Program::Tool("java")],
        run: controls,
    },
    Test { name: "qpdf_finds_no_fault", needs: &[Program::Tool("qpdf")], run: qpdf },
    Test { name: "the_structure_is_what_validators_do_not_ask", needs: &[Program::Python], run: structure },
];

fn built() {
    assert!(not_built().is_empty(), "\n{}", not_built().join("\n"));
}

/// Lines `FILE<TAB>PROFILE<TAB>pass|fail|error` that are no pass.
fn not_passed(report: &str) -> Vec<&str> {
    report.lines().filter(|line| !line.ends_with("\tpass")).collect()
}

fn all_pass(report: &str, documents: usize) {
    assert_eq!(not_passed(report), Vec::<&str>::new());
    assert_eq!(report.lines().count(), 2 * documents, "{report}");
}

fn page_validation() {
    for document in documents() {
        let pdf = document.pdf();
        let report = page_report("3a,ua1", &pdf);
        if !is_false_alarm(&report, &pdf) {
            all_pass(&report, 1);
        }
    }
}

fn page_report(profiles: &str, pdf: &Path) -> String {
    let output = Program::Python.command().args(["tests/tools/page_check.py", profiles]).arg(pdf).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", spoken(&output));
    spoken(&output)
}

/// page-validation finds the end of a stream by its line break, and so takes data that happen to end in a carriage return
/// for one byte too many. veraPDF counts the bytes. That rule alone, as often as there are such streams, is no fault.
fn is_false_alarm(report: &str, pdf: &Path) -> bool {
    let rules: Vec<&str> = report.lines().filter(|line| line.starts_with("  ")).collect();
    let returns = streams_that_end_in_a_carriage_return(&fs::read(pdf).unwrap());
    let known =
        format!("  PDFA3A-STREAM-LENGTH-001 a stream /Length does not match its raw content length ({returns} times)");
    returns > 0 && rules == [known.as_str()]
}

/// Streams whose declared length is right and whose last byte is a carriage return, with a line feed after it.
fn streams_that_end_in_a_carriage_return(pdf: &[u8]) -> usize {
    let find = |from: usize, wanted: &[u8]| {
        pdf[from..].windows(wanted.len()).position(|part| part == wanted).map(|at| from + at)
    };
    let mut count = 0;
    let mut from = 0;
    while let Some(end) = find(from, b"\r\nendstream") {
        from = end + 1;
        let head = &pdf[..end];
        let Some(start) = head.windows(7).rposition(|part| part == b"stream\n").map(|at| at + 7) else { continue };
        let Some(length) = head[..start].windows(8).rposition(|part| part == b"/Length ") else { continue };
        let digits =
            head[length + 8..start].iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte));
        let declared: usize = digits.collect::<String>().parse().unwrap();
        count += usize::from(start + declared == end + 1);
    }
    count
}

fn verapdf() {
    let pdfs: Vec<PathBuf> = documents().iter().map(crate::bench::Built::pdf).collect();
    let output = Program::VeraPdf.command().arg("3a,ua1").args(&pdfs).output().unwrap();
    all_pass(&spoken(&output), pdfs.len());
}

/// One document, broken in as many ways as there are names: each must fail in both validators, under the same profile.
fn controls() {
    let folder = OUT.join("controls");
    fs::create_dir_all(&folder).unwrap();
    let toy = documents().iter().find(|document| document.name == "toy").unwrap();
    expect(Program::Python.command().arg("tests/external/break_pdf.py").arg(toy.pdf()).arg(&folder));
    let mut broken: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    broken.sort();
    assert!(broken.len() >= 4, "{broken:?}");
    for path in broken {
        for profile in ["3a", "ua1"] {
            let report = page_report(profile, &path);
            let page = not_passed(&report).is_empty() || is_false_alarm(&report, &path);
            let vera = passes(&mut Program::VeraPdf.command(), profile, &path);
            assert_eq!(page, vera, "{}: the validators disagree on {profile}", path.display());
            let expected = path.file_stem().unwrap().to_str().unwrap().split('.').nth(1).unwrap();
            assert_eq!(!vera, expected.contains(profile), "{}: {profile}", path.display());
        }
    }
}

fn passes(command: &mut std::process::Command, profile: &str, path: &Path) -> bool {
    let output = command.arg(profile).arg(path).output().unwrap();
    match output.status.code() {
        Some(0) => true,
        Some(1) => false,
        _ => panic!("{}", spoken(&output)),
    }
}

fn qpdf() {
    for document in documents() {
        let output = expect(Program::Tool("qpdf").command().arg("--check").arg(document.pdf()));
        assert!(!spoken(&output).contains("WARNING"), "{}: {}", document.name, spoken(&output));
    }
}

/// Table headers, heading order, alternative text, link schemes, no JavaScript, title of the window: `structure.py` says.
fn structure() {
    for document in documents() {
        let output = Program::Python
            .command()
            .arg(root().join("tests/external/structure.py"))
            .arg(document.pdf())
            .arg(document.file(".manifest.json"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}:\n{}", document.name, spoken(&output));
    }
}
