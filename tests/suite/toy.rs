//! A document kind that is files only: `toy/` holds its schema, template, words and sample, and no Rust knows it.
//!
//! Each keyword that ARCHITECTURE.md lists has an answer here that passes and one that fails. The keywords are read from
//! that page, so a new one fails until it has both.

use std::collections::BTreeSet;

use techfile::diagnostic::Diagnostic;

use crate::repository::{read, root};
use crate::stages::{catalog, checked, found, short};

/// A keyword, an answer that it lets pass, one that it does not, and what is found then.
struct Case {
    keyword: &'static str,
    good: &'static str,
    bad: &'static str,
    found: &'static [&'static str],
}

const fn case(keyword: &'static str, good: &'static str, bad: &'static str, found: &'static [&'static str]) -> Case {
    Case { keyword, good, bad, found }
}

const CASES: &[Case] = &[
    case(
        "contentMediaType",
        "story: \"one\\n\\n- two\\n\"",
        "declaration: \"one\\n\\n- two\\n\"",
        &["wrong-value at /declaration"],
    ),
    case("format: decimal", "weight: 0.910", "weight: heavy", &["wrong-type at /weight"]),
    case("format: decimal", "weight: \"1e3\"", "weight: .inf", &["wrong-type at /weight"]),
    case("format: date", "made: \"2026-02-28\"", "made: \"2026-02-30\"", &["wrong-value at /made"]),
    case(
        "x-applicability",
        "story: {not_applicable: nobody plays with it}",
        "toy_name: {not_applicable: it has none}",
        &["not-applicable at /toy_name"],
    ),
    case(
        "x-applicability",
        "story: {not_applicable: nobody plays with it}",
        // Where the clause has no condition of its own, a reason is allowed and looked at: a warning.
        "drops: {not_applicable: it cannot fall}",
        &["not-applicable at /drops"],
    ),
    case(
        "x-to-follow",
        "declaration: {to_follow: conformity-assessment}",
        "story: {to_follow: conformity-assessment}",
        &["open-point at /story"],
    ),
    case(
        "x-ref",
        "parts: [{id: a, part_name: A}, {id: b, part_name: B, sits_on: a}]",
        "parts: [{id: a, part_name: A, sits_on: b}]",
        &["dangling-reference at /parts/0/sits_on"],
    ),
    case(
        "x-unique",
        "parts: [{id: a, part_name: A}, {id: b, part_name: A}]",
        "parts: [{id: a, part_name: A}, {id: a, part_name: A}]",
        &["conflicting-values at /parts/1/id"],
    ),
    case("x-not-before", "sold: \"2026-11-01\"", "sold: \"2026-10-31\"", &["date-order at /sold"]),
    case("x-recommended", "parts: [{id: a, part_name: A}]", "parts: [{id: a}]", &["recommended at /parts/0"]),
    case(
        "x-same",
        "drops: [{height: 1 m, floor: wood, dents: 1}, {height: 1 m, floor: wood, dents: 1.0}]",
        "drops: [{height: 1 m, floor: wood, dents: 1}, {height: 1 m, floor: wood, dents: 2}]",
        &["conflicting-values at /drops/1/dents"],
    ),
    case(
        "x-judges",
        "drops: [{height: 1 m, dents: 2, at_most: 2.00, wanted: lower, outcome: met}]",
        "drops: [{height: 1 m, dents: 3, at_most: 2, wanted: lower, outcome: met}]",
        &["verdict at /drops/0/outcome"],
    ),
    case(
        "x-judges",
        "drops: [{height: 1 m, dents: 2, outcome: no-threshold}]",
        // The honest verdict on a missed threshold passes with a warning.
        "drops: [{height: 1 m, dents: 3, at_most: 2, wanted: lower, outcome: missed}]",
        &["threshold-missed at /drops/0/outcome"],
    ),
    case(
        "x-covers",
        "fines: [{number: ART-99.4.b, answer: B}, {number: art-99.4.a, answer: A}, {number: art-99.4.da, answer: C}]",
        "fines: [{number: art-99.4.a, answer: A}, {number: art-99.4.da, answer: C}]",
        &["missing-answer at /fines"],
    ),
    case(
        "x-covers",
        // One that does not say yet which it is may be the one that is missing.
        "fines: [{number: art-99.4.a, answer: A}, {number: art-99.4.da, answer: C}, {pending: {what: the third}}]",
        "fines: [{number: art-99.4, answer: A}, {pending: {what: the others}}, {number: art-99.4.da, answer: C}]",
        &["missing-answer at /fines", "wrong-value at /fines/0/number"],
    ),
    case("x-fact", "box_name: Stacking tower", "box_name: Stacking Tower", &["conflicting-values at /box_name"]),
    case(
        "x-fact-of",
        "parts: [{id: a, part_name: A}, {id: b, part_name: B}]",
        "parts: [{id: a, part_name: A}, {id: A, part_name: B}]",
        &["conflicting-values at /parts/1/id", "conflicting-values at /parts/1/part_name"],
    ),
    case("x-pattern-help", "serial: T-0001", "serial: T1", &["wrong-value at /serial"]),
    case("required", "parts: [{id: a, part_name: A}]", "parts: [{part_name: A}]", &["missing-answer at /parts/0/id"]),
    case("oneOf", "power: {source: hand}", "power: {source: battery}", &["missing-answer at /power/cells"]),
    case(
        "oneOf",
        "power: {source: hand, note: n}",
        "power: {source: hand, cells: two}",
        &["unknown-key at /power/cells"],
    ),
];

/// The toy's sample with some top-level answers replaced.
fn with(answers: &str) -> String {
    let sample = read("tests/suite/toy/answers.yaml");
    let key = answers.split_once(':').map(|(key, _)| key).expect("`key: answer`");
    let mut kept = Vec::new();
    let mut skipping = false;
    for line in sample.lines() {
        if !line.is_empty() && !line.starts_with([' ', '#']) {
            skipping = line.split(':').next() == Some(key);
        }
        if !skipping {
            kept.push(line);
        }
    }
    format!("{}\n{answers}\n", kept.join("\n"))
}

fn findings(text: &str) -> Vec<Diagnostic> {
    let catalog = catalog();
    match checked(text, "answers.yaml", &root().join("tests/suite/toy"), &catalog) {
        Ok(checked) => checked.remarks().to_vec(),
        Err(findings) => findings,
    }
}

#[test]
fn the_sample_is_clean() {
    let folder = root().join("tests/suite/toy");
    assert_eq!(found(&read("tests/suite/toy/answers.yaml"), &folder, &catalog()), Vec::<String>::new());
}

#[test]
fn each_keyword_lets_the_right_answer_pass_and_finds_the_wrong_one() {
    for case in CASES {
        // A case that leaves nothing cite the evidence is about something else.
        let short = |text: &str| -> Vec<String> {
            findings(&with(text))
                .iter()
                .map(short)
                .filter(|found| found != "evidence-unused at /evidence/0/id")
                .collect()
        };
        assert_eq!(short(case.good), Vec::<String>::new(), "{}: {}", case.keyword, case.good);
        assert_eq!(short(case.bad), case.found, "{}: {}", case.keyword, case.bad);
    }
}

#[test]
fn findings_speak_the_words_of_the_schema() {
    let missing = findings(&with("toy_name:"));
    let finding = &missing[0];
    assert_eq!(short(finding), "missing-answer at /toy_name");
    assert_eq!(finding.message, "no answer for the name of the toy");
    assert_eq!(finding.help.as_deref(), Some("What is the toy called? For example: Stacking tower"));
    let pattern = findings(&with("serial: T1"));
    let help = "write a capital letter, a hyphen and four digits, such as T-0001";
    assert_eq!(pattern[0].help.as_deref(), Some(help));
    // A title that no schema gives: the key stands in for it.
    assert!(findings(&with("serial_no: x"))[0].message.contains("`serial_no`"));
}

#[test]
fn what_a_list_leaves_out_is_named() {
    let found = findings(&with("fines: [{number: art-99.4.a, answer: A}]"));
    let told = "2 of 3 are missing from the fines: Article 99(4), point (b) (Penalties), Article 99(4), point (da) (Penalties)";
    assert_eq!(found[0].message, told);
    let sample = read("samples/credit-scoring/aims/statement-of-applicability/answers.yaml");
    let controls = sample.split_once("\ncontrols:\n").expect("the list of controls").1;
    let first = controls.split("\n  - ").next().expect("the first control");
    let one =
        sample.replacen(controls, &format!("{first}\n{}", &controls[controls.find("\nown_controls:").unwrap()..]), 1);
    let without = sample.replacen(&format!("{first}\n"), "", 1);
    let catalog = techfile::Catalog::builtin();
    let folder = root().join("samples/credit-scoring/aims/statement-of-applicability");
    let told = |text: &str| {
        let found = checked(text, "answers.yaml", &folder, &catalog).expect_err("controls are missing");
        found.into_iter().find(|finding| finding.message.contains("missing from")).expect("it is said").message
    };
    assert_eq!(told(&without), "1 of 38 is missing from controls of Annex A: Control A.2.2 (AI policy)");
    let many = told(&one);
    assert!(many.starts_with("37 of 38 are missing from controls of Annex A: Control A.2.3 ("), "{many}");
    assert!(many.ends_with(" and 25 more"), "{many}");
}

#[test]
fn a_clause_is_inherited_downwards_and_the_nearest_wins() {
    for (answers, clauses) in [
        ("toy_name:", vec!["eu-ai-act:annex-iv.1.a"]),
        ("parts: [{part_name: A}]", vec!["eu-ai-act:annex-iv.2.c"]),
        ("power: {source: battery}", vec!["eu-ai-act:annex-iv.1.e"]),
        ("proof: [E-9]", vec!["eu-ai-act:annex-iv.2.g"]),
        ("weight: heavy", vec![]),
    ] {
        assert_eq!(findings(&with(answers))[0].clauses, clauses, "{answers}");
    }
}

#[test]
fn a_kind_says_who_asks_for_it() {
    let catalog = catalog();
    let kind = catalog.kind("toy").expect("it is in the catalogue").expect("it has no fault");
    assert_eq!(kind.title(), "Toy file");
    assert_eq!(kind.legal_basis(), ["eu-ai-act:art-11.1"]);
    assert!(techfile::Catalog::builtin().kind("toy").is_none(), "the toy must come from its files alone");
}

/// Nothing answered is dropped: a template that prints an answer nowhere is a fault in the kind.
#[test]
fn a_template_that_drops_an_answer_is_refused() {
    let template = read("tests/suite/toy/templates/toy.md.tera");
    for (line, pointer) in [("toy_note", "/power/note"), ("toy_story", "/story"), ("toy_cells", "/power/cells")] {
        let without: String =
            template.lines().filter(|text| !text.contains(line)).map(|text| format!("{text}\n")).collect();
        let catalog = crate::stages::catalog_with([("templates/toy.md.tera".to_owned(), without.into_bytes())]);
        let folder = root().join("tests/suite/toy");
        let answers = read("tests/suite/toy/answers.yaml");
        let checked = checked(&answers, "answers.yaml", &folder, &catalog).expect("the answers are right");
        let fault = techfile::render(checked, "answers", None).map(|_| ()).expect_err(line);
        assert!(fault.message.contains(pointer), "{line}: {fault}");
        assert!(fault.place.contains("templates/toy.md.tera"), "{line}: {fault}");
    }
}

#[test]
fn every_keyword_of_the_architecture_has_its_cases() {
    let text = read("ARCHITECTURE.md");
    let table = text.split("| keyword | on | meaning |").nth(1).expect("the table of keywords");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let listed: BTreeSet<&str> =
        rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    // Tested above by what findings say, in `coverage.rs` and `collect.rs` by what is covered and
    // collected, and in `projects.rs` by what two documents may not share.
    let told = ["title", "description", "examples", "x-legal-basis", "x-clause", "x-excludes", "x-collect", "x-own"];
    // A toy that is made of other toys would be no toy for the other tests: a register shows how documents are collected.
    let schema = ["tests/suite/toy/schemas/toy", "schemas/document-register", "schemas/common"]
        .map(|name| read(&format!("{name}.schema.json")))
        .concat();
    assert!(listed.len() > 12, "the table was not read: {listed:?}");
    for keyword in listed {
        let word = keyword.split(':').next().unwrap();
        assert!(schema.contains(&format!("\"{word}\"")), "the toy kind does not use `{keyword}`");
        let tested = CASES.iter().any(|case| case.keyword == keyword || case.keyword == word);
        assert!(tested || told.contains(&word), "no case for `{keyword}`");
    }
}
