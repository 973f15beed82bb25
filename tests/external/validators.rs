//! PDF/A-3a and PDF/UA-1 by two validators that share no code; and controls, for a validator that accepts everything
//! proves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Test;
use crate::bench::{Built, OUT, Program, documents, everything, expect, generated, not_built, spoken};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "every_document_is_built", needs: &[], run: built },
    Test { name: "page_validation_passes_every_document", needs: &[Program::Python], run: page_validation },
    Test { name: "verapdf_passes_every_document", needs: &[Program::VeraPdf, Program::Tool("java")], run: verapdf },
    Test {
        name: "what_is_broken_is_found",
        needs: &[Program::Python, Program::VeraPdf, Program::Tool("java")],
        run: controls,
    },
    Test { name: "qpdf_finds_no_fault", needs: &[Program::Tool("qpdf")], run: qpdf },
    Test { name: "the_structure_is_what_validators_do_not_ask", needs: &[Program::Python], run: structure },
];

fn built() {
    assert!(not_built().is_empty(), "\n{}", not_built().join("\n"));
}

/// Every line is `FILE<TAB>PROFILE<TAB>pass`, for both profiles of each document.
pub(crate) fn all_pass(report: &str, documents: usize) {
    let others: Vec<&str> = report.lines().filter(|line| !line.ends_with("\tpass")).collect();
    assert_eq!(others, Vec::<&str>::new());
    assert_eq!(report.lines().count(), 2 * documents, "{report}");
}

fn page_validation() {
    let pdfs: Vec<PathBuf> = everything().map(Built::pdf).collect();
    assert!(generated().len() >= 40, "{} generated documents", generated().len());
    assert_eq!(refused_by_page(&pdfs), Vec::<String>::new());
}

/// What page-validation says against each file, under both profiles, in one process; false alarms left out.
pub(crate) fn refused_by_page(pdfs: &[PathBuf]) -> Vec<String> {
    let report = page_report("3a,ua1", pdfs);
    let verdicts = verdicts(&report);
    assert_eq!(verdicts.len(), 2 * pdfs.len(), "{report}");
    let refused = verdicts.iter().filter(|verdict| !verdict.passed());
    refused.map(|verdict| format!("{}\n{}", verdict.line, verdict.rules.join("\n"))).collect()
}

fn page_report(profiles: &str, pdfs: &[PathBuf]) -> String {
    let output = Program::Python.command().args(["tests/tools/page_check.py", profiles]).args(pdfs).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", spoken(&output));
    spoken(&output)
}

/// One line of a report, with the rules under it.
struct Verdict<'r> {
    line: &'r str,
    rules: Vec<&'r str>,
}

fn verdicts(report: &str) -> Vec<Verdict<'_>> {
    let mut found: Vec<Verdict<'_>> = Vec::new();
    for line in report.lines() {
        match found.last_mut() {
            Some(verdict) if line.starts_with("  ") => verdict.rules.push(line),
            _ => found.push(Verdict { line, rules: Vec::new() }),
        }
    }
    found
}

impl Verdict<'_> {
    fn passed(&self) -> bool {
        self.line.ends_with("\tpass")
    }
}

/// Generated documents that veraPDF looks at besides the samples; it is too slow for all.
const CHOSEN: [&str; 8] =
    ["everything", "pictures-all", "notes", "lists-mixed", "rows-300-uneven", "letters-el", "letters-bg", "approved"];

fn verapdf() {
    let chosen = generated().iter().filter(|document| CHOSEN.contains(&document.name.as_str()));
    let pdfs: Vec<PathBuf> = documents().iter().chain(chosen).map(Built::pdf).collect();
    assert_eq!(pdfs.len(), documents().len() + CHOSEN.len());
    let output = Program::VeraPdf.command().arg("3a,ua1").args(&pdfs).output().unwrap();
    all_pass(&spoken(&output), pdfs.len());
}

/// A document that has one of everything, broken in many ways: in each, our structure checks must find what was broken; and
/// where validators should see it, both must, under the same profile.
fn controls() {
    let folder = OUT.join("broken");
    fs::create_dir_all(&folder).unwrap();
    let whole = generated().iter().find(|document| document.name == "everything").unwrap();
    expect(Program::Python.command().arg("tests/external/break_pdf.py").arg(whole.pdf()).arg(&folder));
    let mut broken: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    broken.retain(|path| path.extension().is_some_and(|end| end == "pdf"));
    broken.sort();
    assert!(broken.len() >= 25, "{broken:?}");
    let output = Program::Python
        .command()
        .args(["tests/external/structure.py", "--beside"])
        .arg(whole.out.join(&whole.stem))
        .args(&broken)
        .output()
        .unwrap();
    let report = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{report}");
    for path in &broken {
        let name = path.file_name().unwrap().to_str().unwrap();
        let found: Vec<&str> = report.lines().filter_map(|line| line.strip_prefix(&format!("{name}: "))).collect();
        let reason = fs::read_to_string(path.with_extension("reason")).unwrap();
        let right =
            if reason.is_empty() { found.is_empty() } else { found.iter().any(|fault| fault.contains(&reason)) };
        assert!(right, "{name}: looked for {reason:?}, found {found:?}");
    }
    let judged = |path: &&PathBuf| path.file_stem().unwrap().to_str().unwrap().contains('.');
    let judged: Vec<PathBuf> = broken.iter().filter(judged).cloned().collect();
    assert!(judged.len() >= 5, "{judged:?}");
    let vera = Program::VeraPdf.command().arg("3a,ua1").args(&judged).output().unwrap();
    let (page, vera) = (page_report("3a,ua1", &judged), spoken(&vera));
    for (page, vera) in verdicts(&page).iter().zip(verdicts(&vera)) {
        let mut parts = vera.line.split('\t');
        let (path, profile) = (Path::new(parts.next().unwrap()), parts.next().unwrap());
        assert!(page.line.starts_with(&format!("{}\t{profile}\t", path.display())), "{} and {}", page.line, vera.line);
        let passed = page.passed();
        assert_eq!(passed, vera.passed(), "the validators disagree: {} and {}", page.line, vera.line);
        let expected = path.file_stem().unwrap().to_str().unwrap().split('.').nth(1).unwrap();
        assert_eq!(!passed, expected.contains(profile), "{}", page.line);
    }
    assert_eq!(
        (verdicts(&page).len(), vera.lines().filter(|line| !line.starts_with("  ")).count()),
        (2 * judged.len(), 2 * judged.len())
    );
}

fn qpdf() {
    for document in everything() {
        let output = expect(Program::Tool("qpdf").command().arg("--check").arg(document.pdf()));
        assert!(!spoken(&output).contains("WARNING"), "{}: {}", document.name, spoken(&output));
    }
}

/// Outline, table headers, heading order, reading order, alternative text, links, attachments, metadata, footers:
/// `structure.py` says.
fn structure() {
    let pdfs = everything().map(Built::pdf);
    let output = Program::Python.command().arg("tests/external/structure.py").args(pdfs).output().unwrap();
    assert!(output.status.success(), "{}", spoken(&output));
}
