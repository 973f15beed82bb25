//! PDF/A-3a and PDF/UA-1 by two validators that share no code; and controls, for a validator that accepts everything
//! proves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Test;
use crate::bench::{DOCUMENTS, OUT, Program, expect, root, spoken};

pub(crate) const TESTS: &[Test] = &[
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

/// Lines `FILE<TAB>PROFILE<TAB>pass|fail|error` that are no pass.
fn not_passed(report: &str) -> Vec<&str> {
    report.lines().filter(|line| !line.ends_with("\tpass")).collect()
}

fn all_pass(report: &str, documents: usize) {
    assert_eq!(not_passed(report), Vec::<&str>::new());
    assert_eq!(report.lines().count(), 2 * documents, "{report}");
}

fn page_validation() {
    let pdfs: Vec<PathBuf> = DOCUMENTS.iter().map(crate::bench::Built::pdf).collect();
    let output = Program::Python.command().args(["tests/tools/page_check.py", "3a,ua1"]).args(&pdfs).output().unwrap();
    all_pass(&spoken(&output), pdfs.len());
}

fn verapdf() {
    let pdfs: Vec<PathBuf> = DOCUMENTS.iter().map(crate::bench::Built::pdf).collect();
    let output = Program::VeraPdf.command().arg("3a,ua1").args(&pdfs).output().unwrap();
    all_pass(&spoken(&output), pdfs.len());
}

/// One document, broken in as many ways as there are names: each must fail in both validators, under the same profile.
fn controls() {
    let folder = OUT.join("controls");
    fs::create_dir_all(&folder).unwrap();
    let toy = DOCUMENTS.iter().find(|document| document.name == "toy").unwrap();
    expect(Program::Python.command().arg("tests/external/break_pdf.py").arg(toy.pdf()).arg(&folder));
    let mut broken: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    broken.sort();
    assert!(broken.len() >= 4, "{broken:?}");
    for path in broken {
        for profile in ["3a", "ua1"] {
            let page = passes(Program::Python.command().arg("tests/tools/page_check.py"), profile, &path);
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
    for document in DOCUMENTS.iter() {
        let output = expect(Program::Tool("qpdf").command().arg("--check").arg(document.pdf()));
        assert!(!spoken(&output).contains("WARNING"), "{}: {}", document.name, spoken(&output));
    }
}

/// Table headers, heading order, alternative text, link schemes, no JavaScript, title of the window: `structure.py` says.
fn structure() {
    for document in DOCUMENTS.iter() {
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
