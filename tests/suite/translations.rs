//! Translated answers against their originals: the Dutch toy against the English one, changed in one place at a time.

use techfile::diagnostic::{Diagnostic, Severity};
use techfile::translation::{Original, judge};

use crate::repository::{read, root};
use crate::stages::{catalog, checked, translated};

const ORIGINAL: &str = "tests/suite/toy/answers.yaml";
const TRANSLATION: &str = "tests/suite/toy/answers.nl.yaml";

/// What is found in the toy's translation after a change.
fn after(changes: &[(&str, &str)]) -> Vec<Diagnostic> {
    let mut text = read(TRANSLATION);
    for (from, to) in changes {
        assert!(text.contains(from), "the translation does not hold {from:?}");
        text = text.replacen(from, to, 1);
    }
    let (folder, catalog) = (root().join("tests/suite/toy"), catalog());
    match checked(&text, "answers.nl.yaml", &folder, &catalog) {
        Ok(checked) => translated(&checked, &folder, &catalog),
        Err(findings) => panic!("{changes:?}: {findings:#?}"),
    }
}

/// Severity and pointer of each `translation-differs`, and the line of the original that it shows.
fn differences(changes: &[(&str, &str)]) -> Vec<String> {
    let found = after(changes);
    let differs = found.iter().filter(|finding| finding.code.as_str() == "translation-differs");
    let told = differs.map(|finding| {
        let other = &finding.related[0].place;
        assert_eq!(finding.place.source.name(), "answers.nl.yaml");
        assert_eq!(other.source.name(), "answers.yaml");
        assert!(finding.help.is_some(), "{finding:?}");
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let line = read(ORIGINAL).lines().nth(other.positions().0.line - 1).unwrap().trim().to_owned();
        format!("{severity} at {} beside {}", finding.place.pointer, line.split([':', ' ']).next().unwrap())
    });
    told.collect()
}

#[test]
fn the_same_facts_in_other_words_are_a_translation() {
    assert_eq!(after(&[]), []);
    for (from, to) in [
        ("toy_name: Stapeltoren", "toy_name: Torentje"),
        ("box_name: Stapeltoren", "box_name: Stapeltoren"),
        ("Vier ringen op een **stok**.", "Ringen, vier in getal, op een *stok*."),
        ("title: Valproeven", "title: Proeven waarbij het valt"),
        ("file: drops.txt, date: \"2026-11-10\"", "file: answers.yaml, date: \"2026-11-12\""),
        ("id: TOY-1-NL", "id: TOY-7"),
        ("date: \"2026-11-21\"", "date: \"2026-12-01\""),
        ("status: draft", "status: in-review"),
        ("weight: 0.910", "weight: \"0.910\""),
    ] {
        let changes: &[(&str, &str)] = if from.starts_with("toy_name") {
            &[(from, to), ("box_name: Stapeltoren", "box_name: Torentje")]
        } else {
            &[(from, to)]
        };
        assert_eq!(after(changes), [], "{from}");
    }
}

#[test]
fn another_fact_is_found_with_both_places() {
    for (from, to, expected) in [
        ("weight: 0.910", "weight: 0.91", &["error at /weight beside weight"][..]),
        ("pieces: 5", "pieces: 6", &["error at /pieces beside pieces"]),
        ("washable: true", "washable: false", &["error at /washable beside washable"]),
        ("made: \"2026-11-01\"", "made: \"2026-11-02\"", &["error at /made beside made"]),
        ("serial: T-0001", "serial: T-0002", &["error at /serial beside serial"]),
        ("dents: 2.0", "dents: 1.0", &["error at /drops/1/dents beside -"]),
        (
            "wanted: lower, outcome: met}\n  - {height: 2 m",
            "outcome: met}\n  - {height: 2 m",
            &["error at /drops/0/wanted beside -"],
        ),
        (", sits_on: base", ", sits_on: ring", &["error at /parts/1/sits_on beside -"]),
        ("source: battery, cells: twee AAA-cellen", "source: hand", &["error at /power/source beside power"]),
        // A choice, a truth value or a text that one of the two leaves out.
        ("washable: true\n", "", &["error at /washable beside washable"]),
        (", note: oplaadbaar", "", &["error at /power/note beside power"]),
        ("  - {id: ring, part_name: Ring, sits_on: base}\n", "", &["error at /parts beside -"]),
        // Markers.
        ("{to_follow: conformity-assessment}", "CE-verklaring", &["error at /declaration beside declaration"]),
        (
            "{to_follow: conformity-assessment}",
            "{pending: {what: welke}}",
            &["error at /declaration beside declaration"],
        ),
        ("pieces: 5", "pieces: {not_applicable: het is er een}", &["error at /pieces beside pieces"]),
        // The evidence is the same, and proves the same.
        ("date: \"2026-11-10\"", "date: \"2026-11-12\"", &["error at /evidence/0/date beside -"]),
        // Numbers and citations in texts.
        ("1 m", "3 m", &["warning at /drops/0/height beside -"]),
        ("twee AAA-cellen", "2 AAA-cellen", &[]),
        (
            "zie de [valproeven](evidence:E-1)",
            "zie de valproeven",
            &["warning at /story beside Four", "warning at /story beside Four"],
        ),
    ] {
        assert_eq!(differences(&[(from, to)]), expected, "{from} -> {to}");
    }
    // An item that changed places differs in its id, and in nothing that follows from it.
    let swapped = [
        ("- {id: base, part_name: Voet}", "- {id: ring, part_name: Ring, sits_on: base}"),
        ("- {id: ring, part_name: Ring, sits_on: base}\ndrops", "- {id: base, part_name: Voet}\ndrops"),
    ];
    assert_eq!(differences(&swapped), ["error at /parts/0/id beside -", "error at /parts/1/id beside -"]);
    let english = differences(&[("language: nl", "language: en")]);
    assert_eq!(english, ["error at /document/language beside language"]);
}

#[test]
fn editors_know_translations_and_new_files_are_none() {
    let catalog = catalog();
    for id in catalog.kind_ids() {
        let kind = catalog.kind(id).unwrap().unwrap();
        assert!(kind.schema().root().property("translation_of").is_some(), "{id} cannot be translated");
        assert!(!techfile::blank::blank(kind, &catalog, "DOC-001").contains("translation_of"), "{id}");
    }
    let kind = catalog.kind("toy").unwrap().unwrap();
    let editor = jsonschema::options().build(&kind.editor_schema(&catalog)).unwrap();
    let mut answers: serde_json::Value = serde_saphyr::from_str(&read(TRANSLATION)).unwrap();
    assert!(editor.is_valid(&answers));
    for wrong in [serde_json::json!({"pending": {"what": "which"}}), serde_json::json!({"file": "answers.yaml"})] {
        answers["translation_of"] = wrong;
        assert!(!editor.is_valid(&answers), "{}", answers["translation_of"]);
    }
}

#[test]
fn a_reason_is_an_answer_too() {
    let (folder, catalog) = (root().join("tests/suite/toy"), catalog());
    let with = |path: &str, reason: &str| {
        let text = read(path);
        let story = text[text.find("story:").unwrap()..text.find("declaration:").unwrap()].to_owned();
        text.replace(&story, &format!("story: {{not_applicable: {reason}}}\n"))
    };
    let original = checked(&with(ORIGINAL, "only 2 were made"), "answers.yaml", &folder, &catalog).unwrap();
    for (reason, expected) in [("er zijn er maar 2 gemaakt", 0), ("er zijn er maar 3 gemaakt", 1)] {
        let translation = checked(&with(TRANSLATION, reason), "answers.nl.yaml", &folder, &catalog).unwrap();
        let found = judge(&translation, &Original::Checked(&original));
        let found: Vec<_> = found.iter().filter(|found| found.place.pointer == "/story").collect();
        assert_eq!(found.len(), expected, "{found:#?}");
        assert!(found.iter().all(|found| found.severity == Severity::Warning && found.message.ends_with(": 2")));
    }
}

#[test]
fn an_original_that_moved_on_is_outdated() {
    let id = read(TRANSLATION).split("content_id: \"").nth(1).unwrap()[..64].to_owned();
    let other = "1".repeat(64);
    let found = after(&[(&id, &other)]);
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((finding.code.as_str(), finding.severity), ("translation-outdated", Severity::Warning));
    assert_eq!(finding.place.pointer, "/translation_of/content_id");
    assert!(finding.message.contains("1111 1111 1111 1111"), "{}", finding.message);
    assert!(finding.message.contains(&format!("{} {} ", &id[..4], &id[4..8])), "{}", finding.message);
    assert!(finding.help.as_deref().is_some_and(|help| help.contains(&id)), "{:?}", finding.help);
    let approval = format!(
        "status: approved\n  approvals:\n    - {{by: A, role: B, date: \"2026-11-22\", content_id: \"{other}\", body: \"{other}\"}}"
    );
    // The open declaration of the toy would wait for the assessment, approved or not.
    let approved = after(&[(&id, &other), ("status: draft", &approval)]);
    assert_eq!(approved[0].severity, Severity::Error, "{approved:#?}");
}

#[cfg(feature = "cli")]
mod program {
    use std::fs;

    use serde_json::Value as Json;

    use super::{ORIGINAL, TRANSLATION, read, root};
    use crate::program::{Ran, techfile};

    /// A folder with the toy, its translation and its evidence.
    struct Desk(tempfile::TempDir);

    impl Desk {
        fn new() -> Self {
            let desk = Self(tempfile::tempdir().unwrap());
            desk.write("answers.yaml", &read(ORIGINAL));
            desk.write("answers.nl.yaml", &read(TRANSLATION));
            desk.write("drops.txt", &read("tests/suite/toy/drops.txt"));
            desk
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.path().join(name), text).unwrap();
        }

        fn run(&self, arguments: &[&str]) -> Ran {
            let toy = root().join("tests/suite/toy");
            techfile(self.0.path(), &[&["--catalog", toy.to_str().unwrap()], arguments].concat())
        }
    }

    #[test]
    fn a_folder_means_the_answers_and_their_translations() {
        let desk = Desk::new();
        for other in ["answers.NL.yaml", "answers.nld.yaml", "answers.nl.yml", "my.answers.nl.yaml", "answersnl.yaml"] {
            desk.write(other, "kind: nothing\n");
        }
        let ran = desk.run(&["check", "."]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("in 2 files"), "{}", ran.stderr);
    }

    #[test]
    fn machines_see_both_places() {
        let desk = Desk::new();
        desk.write("answers.nl.yaml", &read(TRANSLATION).replace("pieces: 5", "pieces: 6"));
        let ran = desk.run(&["check", "answers.nl.yaml", "--format", "json"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let report: Json = serde_json::from_str(&ran.stdout).unwrap();
        let finding = &report["findings"][0];
        assert_eq!(finding["code"], "translation-differs");
        assert_eq!((&finding["file"], &finding["pointer"]), (&"answers.nl.yaml".into(), &"/pieces".into()));
        assert_eq!(finding["severity"], "error");
        let line = |text: &str| text.lines().position(|line| line.starts_with("pieces:")).unwrap() + 1;
        assert_eq!(finding["line"], line(&read(TRANSLATION)));
        let other = &finding["related"][0];
        assert_eq!((&other["file"], &other["pointer"]), (&"answers.yaml".into(), &"/pieces".into()));
        assert_eq!((&other["line"], &other["column"]), (&line(&read(ORIGINAL)).into(), &9.into()));
    }

    #[test]
    fn a_translation_that_differs_is_neither_built_nor_signed() {
        let desk = Desk::new();
        let sign = ["sign-off", "answers.nl.yaml", "--by", "Ada Doe", "--role", "Head of Toys", "--date", "2026-11-22"];
        assert_eq!(desk.run(&sign).code, 0);
        // The original moves on: whoever signs is told.
        desk.write("answers.yaml", &read(ORIGINAL).replace("Four rings", "Four coloured rings"));
        let ran = desk.run(&sign);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.starts_with("warning[translation-outdated]"), "{}", ran.stderr);
        desk.write("answers.yaml", &read(ORIGINAL).replace("pieces: 5", "pieces: 6"));
        let ran = desk.run(&sign);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
        #[cfg(feature = "pdf")]
        {
            let ran = desk.run(&["build", "answers.nl.yaml"]);
            assert_eq!(ran.code, 1, "{}", ran.stderr);
            assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
            desk.write("answers.yaml", &read(ORIGINAL));
            let ran = desk.run(&["build", "."]);
            assert_eq!(
                (ran.code, ran.stdout.as_str()),
                (0, "build/answers.nl.pdf\nbuild/answers.pdf\n"),
                "{}",
                ran.stderr
            );
            let markdown = fs::read_to_string(desk.0.path().join("build/answers.nl.md")).unwrap();
            assert!(markdown.contains("| answers.yaml (`"), "the document says what it translates");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_original_is_read_only_where_evidence_may_lie() {
        let desk = Desk::new();
        std::os::unix::fs::symlink("answers.yaml", desk.0.path().join("link.yaml")).unwrap();
        for (file, code, told) in [
            ("link.yaml", 5, "symbolic link"),
            ("../answers.yaml", 5, "leads out"),
            ("nowhere.yaml", 1, "there is no original"),
            ("drops.txt", 1, "nothing can be held against it"),
        ] {
            let text = read(TRANSLATION).replace("file: answers.yaml", &format!("file: {file}"));
            desk.write("answers.nl.yaml", &text);
            let ran = desk.run(&["check", "answers.nl.yaml"]);
            assert_eq!(ran.code, code, "{file}: {}", ran.stderr);
            assert!(ran.stderr.contains(told), "{file}: {}", ran.stderr);
        }
        desk.write("answers.yaml", &format!("{}# {}\n", read(ORIGINAL), "x".repeat(5 << 20)));
        desk.write("answers.nl.yaml", &read(TRANSLATION));
        let ran = desk.run(&["check", "answers.nl.yaml"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("4194304"), "{}", ran.stderr);
    }
}
