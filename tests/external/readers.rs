//! Programs that people read documents with: each opens every document without complaint, and signatures change nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Test;
use crate::bench::{Built, OUT, Program, documents, everything, expect, generated, spoken};
use crate::validators::{all_pass, refused_by_page};

pub(crate) const TESTS: &[Test] = &[
    Test {
        name: "three_programs_count_the_same_pages",
        needs: &[Program::Tool("pdftoppm"), Program::Tool("mutool"), Program::Tool("gs")],
        run: pages,
    },
    Test { name: "letters_of_all_languages_come_out_again", needs: &[Program::Tool("pdftotext")], run: letters },
    Test {
        name: "a_signature_changes_nothing",
        needs: &[Program::Python, Program::Tool("pdfsig"), Program::VeraPdf, Program::Tool("java")],
        run: signatures,
    },
];

/// Poppler, `MuPDF` and Ghostscript draw every page, say nothing against it, and agree on how many there are.
fn pages() {
    for document in everything() {
        let pdf = document.pdf();
        let info = spoken(&expect(Program::Tool("pdfinfo").command().arg(&pdf)));
        let poppler: usize = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse().unwrap();
        let drawn = expect(Program::Tool("pdftoppm").command().args(["-r", "5"]).arg(&pdf));
        assert_eq!(complaints(&drawn.stderr), Vec::<String>::new(), "{}", document.name);

        let listed = expect(Program::Tool("mutool").command().arg("pages").arg(&pdf));
        let mupdf = spoken(&listed).lines().filter(|line| line.starts_with("<page ")).count();
        let drawn = expect(
            Program::Tool("mutool").command().args(["draw", "-q", "-r", "5", "-F", "pnm", "-o", "/dev/null"]).arg(&pdf),
        );
        assert_eq!(complaints(&drawn.stderr), Vec::<String>::new(), "{}", document.name);

        let options = ["-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=nullpage"];
        let drawn = expect(Program::Tool("gs").command().args(options).arg(&pdf));
        let said = spoken(&drawn);
        let ghostscript = said.lines().filter(|line| line.starts_with("Page ")).count();
        assert!(!said.contains("Error") && !said.contains("Warning"), "{}: {said}", document.name);
        assert_eq!((poppler, mupdf), (ghostscript, ghostscript), "{}: {said}", document.name);
    }
}

/// What a program said, without what is not about the document.
fn complaints(stderr: &[u8]) -> Vec<String> {
    // `MuPDF` may be built without colour profiles.
    let known = "ICC support is not available";
    let said = String::from_utf8_lossy(stderr).into_owned();
    let lines = said.lines().filter(|line| !line.trim().is_empty() && !line.contains(known));
    lines.map(str::to_owned).collect()
}

fn letters() {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
    let mut seen = 0;
    for document in generated().iter().filter(|document| document.name.starts_with("letters-")) {
        let answers: serde_json::Value = serde_json::from_slice(&fs::read(&document.answers).unwrap()).unwrap();
        let sentence = answers["toy_name"].as_str().unwrap();
        let text = spoken(&expect(Program::Tool("pdftotext").command().arg(document.pdf()).arg("-")));
        assert!(bare(&text).contains(&bare(sentence)), "{}: {sentence}", document.name);
        seen += 1;
    }
    assert!(seen >= 24, "{seen} languages");
}

/// `PAdES` by pyHanko with a key that is thrown away: the signature holds, what was there before is there still, and both
/// validators pass as before.
fn signatures() {
    let folder = OUT.join("signed");
    // One name may come twice among the samples, so each gets a folder.
    let chosen = ["everything", "approved", "pictures-all"];
    let some = generated().iter().filter(|document| chosen.contains(&document.name.as_str()));
    let signed: Vec<PathBuf> = documents().iter().chain(some).map(|document| sign(document, &folder)).collect();
    assert_eq!(signed.len(), documents().len() + chosen.len());
    for pdf in &signed {
        let said = spoken(&expect(Program::Tool("pdfsig").command().arg("-nocert").arg(pdf)));
        for wanted in ["Total document signed", "Signature is Valid", "ETSI.CAdES.detached"] {
            assert!(said.contains(wanted), "{}: {said}", pdf.display());
        }
    }
    assert_eq!(refused_by_page(&signed), Vec::<String>::new());
    let output = Program::VeraPdf.command().arg("3a,ua1").args(&signed).output().unwrap();
    all_pass(&spoken(&output), signed.len());
}

fn sign(document: &Built, folder: &Path) -> PathBuf {
    let folder = folder.join(&document.name);
    let output = expect(Program::Python.command().arg("tests/external/sign.py").arg(&folder).arg(document.pdf()));
    assert_eq!(spoken(&output).trim(), "", "{}", document.name);
    folder.join(document.pdf().file_name().unwrap())
}
