//! Answers that must be refused: one file a case, found by walking `rejects/<kind>/`.
//!
//! The first line of a file says what is found, `# expect: code at /pointer; code at /pointer`; the file beside it that
//! ends in `.stderr` is the report as a person sees it. Cases too large for a file are made here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::repository::{files, folders, root};
use crate::stages::{catalog, checked, found};

const FOLDER: &str = "tests/suite/rejects";

/// One file that must be refused.
struct Reject {
    /// Path from the root.
    path: String,
    bytes: Vec<u8>,
    expected: Vec<String>,
}

fn rejects() -> Vec<Reject> {
    let cases = files(FOLDER).into_iter().filter(|path| path.ends_with(".yaml"));
    let cases: Vec<Reject> = cases
        .map(|path| {
            let bytes = fs::read(root().join(&path)).unwrap();
            let first = bytes.split(|byte| *byte == b'\n').next().unwrap();
            let first = String::from_utf8(first.to_vec()).unwrap();
            let expected = first.strip_prefix("# expect: ").unwrap_or_else(|| panic!("{path}: no `# expect: …`"));
            let mut expected: Vec<String> =
                expected.split("; ").map(|found| found.replace(" at the file", " at ")).collect();
            expected.sort();
            Reject { path, bytes, expected }
        })
        .collect();
    assert!(cases.len() > 80, "{} cases", cases.len());
    cases
}

fn folder_of(path: &str) -> PathBuf {
    root().join(path).parent().unwrap().to_owned()
}

#[test]
fn each_case_is_refused_for_its_reason() {
    let catalog = catalog();
    let mut faults = Vec::new();
    for case in rejects() {
        // Bytes that are no text never reach the library; the program says so.
        let Ok(text) = std::str::from_utf8(&case.bytes) else { continue };
        let mut seen = found(text, &folder_of(&case.path), &catalog);
        seen.sort();
        if seen != case.expected {
            faults.push(format!("{}\n  expected {:?}\n  found    {seen:?}", case.path, case.expected));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_case_is_of_a_kind_and_every_report_of_a_case() {
    let catalog = catalog();
    for kind in folders(FOLDER) {
        assert!(catalog.kind_ids().any(|id| id == kind), "{FOLDER}/{kind}: there is no such kind");
    }
    for report in files(FOLDER).into_iter().filter(|path| path.ends_with(".stderr")) {
        let case = report.replace(".stderr", ".yaml");
        assert!(root().join(&case).is_file(), "{report} belongs to no case");
    }
}

/// Cases that are too large for a file, or are no text: name, bytes, what is found.
fn made() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let text = |text: String| text.into_bytes();
    let wide = |marks: &[u8]| [marks, b"k\0i\0n\0d\0".as_slice()].concat();
    let toy = |answer: String| {
        let head =
            "kind: toy\ndocument: {id: T-1, title: T, revision: \"1\", date: \"2026-01-02\", language: en, owner: O}\n";
        format!("{head}parts: [{{id: a, part_name: A}}]\npower: {{source: hand}}\ntoy_name: {answer}\n").into_bytes()
    };
    let anchored = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(10_000));
    let blocks: String = (0..10_000).map(|_| "- ").collect();
    vec![
        ("O2 one anchor, many aliases", text(anchored), "syntax at "),
        ("O4 flow nesting", text(format!("a: {}", "[".repeat(100_000))), "limit"),
        ("O5 block nesting", text(format!("a:\n  {blocks}x\n")), "limit"),
        ("O5 block nesting by lines", text((0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect()), "limit"),
        ("O11 an empty file", Vec::new(), "syntax at "),
        ("O26 UTF-16, little end first", wide(b"\xff\xfe"), "syntax at "),
        ("O26 UTF-16, big end first", wide(b"\xfe\xff\0"), "syntax at "),
        ("O26 UTF-32", wide(b"\xff\xfe\0\0"), "syntax at "),
        ("O30 a long text", text(format!("a: {}\n", "x ".repeat((1 << 19) + 1))), "limit at /a"),
        ("O30 a long file", text(format!("a: b\n{}", "# comment\n".repeat(500_000))), "limit at "),
        ("O30 many values", text(format!("a: [{}]\n", "1,".repeat(300_000))), "limit at /a/"),
        ("O30 a long key", text(format!("{}: b\n", "k".repeat(257))), "limit at /kkk"),
        ("O66 a word of 200,000 letters", toy("x".repeat(200_000)), "wrong-value at /toy_name"),
        ("a heading for the bookmarks", toy(format!("T\nstory: \"# {}\"", "long ".repeat(250))), "markup at /story"),
        (
            "more authors than a PDF can name",
            String::from_utf8(toy("T".to_owned()))
                .unwrap()
                .replace("owner: O", &format!("owner: O, authors: [{}]", "Ada Doe, ".repeat(500)))
                .into_bytes(),
            "wrong-value at /document/authors",
        ),
        ("O67 31 marks on one letter", toy(format!("e{}", "\u{323}".repeat(31))), "forbidden-character at /toy_name"),
        (
            "O67 5,000 marks on one letter",
            toy(format!("e{}", "\u{323}".repeat(5_000))),
            "forbidden-character at /toy_name",
        ),
    ]
}

#[test]
fn what_is_too_large_is_refused_at_once() {
    let catalog = catalog();
    for (name, bytes, expected) in made() {
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        if text.contains('\0') {
            continue;
        }
        let seen = found(text, Path::new("."), &catalog);
        assert!(seen.iter().any(|found| found.starts_with(expected)), "{name}: {seen:?}");
    }
}

#[test]
fn what_other_readers_misread_is_taken_as_it_is_written() {
    let catalog = catalog();
    let with = |answer: &str| {
        let head =
            "kind: toy\ndocument: {id: T-1, title: T, revision: \"1\", date: \"2026-01-02\", language: en, owner: O}\n";
        format!("{head}parts: [{{id: a, part_name: A}}]\npower: {{source: hand}}\ntoy_name: {answer}\n")
    };
    // O13 the country Norway and other old truth values, O16 digits that are no number, O17 times that are no base 60.
    let texts = [
        "no",
        "NO",
        "off",
        "y",
        "yes",
        "On",
        "True",
        "1_000",
        "0x1F",
        "010",
        "0o10",
        "+1",
        "22:22:22",
        "1:30",
        "2026-01-02",
        ".inf",
        "-.nan",
        "1.2.3",
        "=",
        "NaN",
    ];
    for text in texts {
        let checked = checked(&with(text), "a.yaml", Path::new("."), &catalog).expect(text);
        assert_eq!(checked.value()["toy_name"], *text);
        assert_eq!(checked.remarks(), [], "{text}");
    }
    // O63 characters without width, O64 letters of another script: told, with the place, and taken.
    for (text, code) in [
        ("\"Tow\\u200Ber\"", "forbidden-character"),
        ("\"Tow\\u200Der\"", "forbidden-character"),
        ("\"Tow\\uFEFFer\"", "forbidden-character"),
        ("\"Tow\\u2060er\"", "forbidden-character"),
        ("\"Tow\\u00ADer\"", "forbidden-character"),
        ("Tower-\u{430}1, t\u{430}wer", "mixed-script"),
        ("Caf\u{65}\u{301}", "not-normalized"),
    ] {
        assert_eq!(found(&with(text), Path::new("."), &catalog), [format!("{code} at /toy_name")], "{text}");
        assert!(checked(&with(text), "a.yaml", Path::new("."), &catalog).is_ok(), "{text}");
    }
    // O67: thirty marks are still a letter to somebody.
    let marks = with(&format!("e{}", "\u{323}".repeat(30)));
    assert_eq!(found(&marks, Path::new("."), &catalog), ["not-normalized at /toy_name"]);
}

#[cfg(feature = "cli")]
mod reports {
    use super::{fs, made, rejects};
    use crate::program::{Ran, techfile};
    use crate::repository::root;
    use crate::snapshots::differs;

    /// Findings that refuse end in 5, others in 1.
    fn exit(expected: &[String]) -> i32 {
        let refuses = |found: &String| found.starts_with("limit") || found.starts_with("unsafe-path");
        if expected.iter().any(refuses) { 5 } else { 1 }
    }

    fn is_clean(ran: &Ran) -> bool {
        let control = |byte: &u8| *byte < b' ' && *byte != b'\n';
        ran.stdout.is_empty() && !ran.stderr.bytes().any(|byte| control(&byte)) && !ran.stderr.contains("panicked")
    }

    #[test]
    fn each_report_is_what_a_person_sees() {
        let mut faults = Vec::new();
        for case in rejects() {
            let (folder, file) = case.path.rsplit_once('/').unwrap();
            let ran = techfile(&root().join(folder), &["--catalog", "../../toy", "check", file]);
            if ran.code != exit(&case.expected) || !is_clean(&ran) {
                faults.push(format!("{}: exit {}\n{}{}", case.path, ran.code, ran.stdout, ran.stderr));
            }
            faults.extend(differs(&case.path.replace(".yaml", ".stderr"), &ran.stderr));
        }
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }

    #[test]
    fn what_is_too_large_or_no_text_is_refused_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let toy = root().join("tests/suite/toy");
        for (name, bytes, expected) in made() {
            fs::write(folder.path().join("answers.yaml"), bytes).unwrap();
            let ran = techfile(folder.path(), &["--catalog", toy.to_str().unwrap(), "check", "answers.yaml"]);
            assert_eq!(ran.code, exit(&[expected.to_owned()]), "{name}: {}", ran.stderr);
            assert!(is_clean(&ran), "{name}: {}", ran.stderr);
            let code = expected.split(' ').next().unwrap();
            assert!(ran.stderr.starts_with(&format!("error[{code}]: ")), "{name}: {}", ran.stderr);
            assert!(ran.stderr.len() < 1 << 16, "{name}: a report of {} bytes", ran.stderr.len());
        }
    }
}
