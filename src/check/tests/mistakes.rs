//! One mistake, one finding; and words that say which mistake it is.

use super::*;

/// Each finding as code, pointer, message and help.
fn told(text: &str) -> Vec<String> {
    let answers = Answers::parse(Source::new("a.yaml", format!("{HEAD}what: a thing\n{text}"))).expect("YAML");
    let findings = match check(answers, &catalog()) {
        Ok(checked) => checked.remarks().to_vec(),
        Err(Unchecked::Rejected(rejected)) => rejected.findings().to_vec(),
        Err(Unchecked::Catalog(error)) => panic!("{error}"),
    };
    let told = findings.iter().map(|found| {
        let (code, pointer) = (found.code.as_str(), &found.place.pointer);
        format!("{code} {pointer}: {} ({})", found.message, found.help.as_deref().unwrap_or_default())
    });
    told.collect()
}

#[test]
fn an_item_of_the_register_with_a_fault_is_registered_all_the_same() {
    let with = |item: &str| {
        let text = format!("shown: [E-1]\nwhy: \"[a](evidence:E-1)\"\nevidence: [{{id: E-1, {item}}}]\n");
        found(&text).into_iter().map(|(code, pointer)| format!("{code} {pointer}")).collect::<Vec<_>>()
    };
    assert_eq!(with("title: t, file: f"), [""; 0]);
    assert_eq!(with("file: f"), ["missing-answer /evidence/0/title"]);
    assert_eq!(with("title: t"), ["missing-answer /evidence/0/file"]);
    assert_eq!(with("title: [t], file: f"), ["wrong-type /evidence/0/title"]);
}

#[test]
fn a_misspelt_name_is_one_mistake() {
    expect(&[
        ("dangers: [{id: a, level: 1, note: n, onwer: o}]\n", &[("unknown-key", "/dangers/0/onwer")]),
        // What is recommended is not missing either.
        ("dangers: [{id: a, level: 1, noet: n, owner: o}]\n", &[("unknown-key", "/dangers/0/noet")]),
        ("route: {wya: land, road: r}\n", &[("unknown-key", "/route/wya")]),
        // Nothing like the name that is missing: two mistakes.
        (
            "dangers: [{id: a, level: 1, note: n, xyz: o}]\n",
            &[("missing-answer", "/dangers/0/owner"), ("unknown-key", "/dangers/0/xyz")],
        ),
    ]);
}

#[test]
fn nothing_follows_from_what_is_no_number() {
    expect(&[
        (
            "parts: [{id: a, name: x, value: \"0,065\"}, {id: b, name: x, value: 0.065}]\n",
            &[("wrong-type", "/parts/0/value")],
        ),
        (
            "parts: [{id: a, name: x, value: 0.9, threshold: \"0,5\", better: higher, verdict: met}]\n",
            &[("wrong-type", "/parts/0/threshold")],
        ),
        ("version: 1.10\nagain: \"1.10\"\n", &[("wrong-type", "/version")]),
    ]);
}

#[test]
fn a_verdict_without_a_threshold_is_told_in_words() {
    assert_eq!(
        told("parts: [{id: a, name: x, value: 0.9, better: higher, verdict: met}]\n"),
        ["verdict /parts/0/verdict: the verdict is `met`, but there is no threshold to hold the value against \
             (write `no-threshold`, or give the threshold)"]
    );
}

#[test]
fn a_reference_is_guessed_among_its_own_sort() {
    let with = |text: &str| told(text).join("\n");
    let list = "parts: [{id: M-01, name: x, part_of: ID}]\n\
                dangers: [{id: R-01, level: 1, note: n, owner: o}]\n";
    let said = with(&list.replace("ID", "R-01"));
    assert!(said.contains("`R-01` is named here, but it is an id of `dangers`, not of `parts`"), "{said}");
    assert!(!said.contains("did you mean"), "{said}");
    let said = with(&list.replace("ID", "R-02"));
    assert!(said.contains("`R-02` is named here but does not exist") && !said.contains("did you mean"), "{said}");
    let said = with(&list.replace("ID", "M-1"));
    assert!(said.contains("did you mean `M-01`?"), "{said}");
    let said = with("why: \"[a](evidence:R-01)\"\nshown: [E-01]\nevidence: [{id: E-01, title: t, file: f}]\n");
    assert!(!said.contains("did you mean"), "{said}");
}

#[test]
fn what_a_table_would_lose_is_found_in_its_line() {
    let with = |table: &str| {
        let lines = table.trim_end().replace('\n', "\n  ");
        told(&format!("why: |\n  Words.\n\n  {lines}\n")).join("\n")
    };
    let said = with("| a | b |\n|---|---|\n| 1 | 2 | LOST |\n");
    assert!(said.starts_with("markup /why: a row of a table has 3 cells and the head 2"), "{said}");
    let said = with("> | a | b |\n> |---|---|---|\n> | 1 | 2 | 3 |\n");
    assert!(
        said.starts_with("markup /why: this is no table: the row of dashes has 3 cells, the head above it 2"),
        "{said}"
    );
    let said = with("- | a | b |\n  |---|\n");
    assert!(said.contains("the row of dashes has 1 cell, the head above it 2"), "{said}");
    for text in [
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |\n| 4 | 5 | |\n| 6 \\| 7 | 8 |\n",
        "```\n| a | b |\n|---|\n```\n",
        "> | a | b |\n> |---|---|\n> | 1 | 2 |\n",
    ] {
        assert_eq!(with(text), "", "{text}");
    }
    // The place is that of the row.
    let text = format!("{HEAD}what: x\nwhy: |\n  | a |\n  |---|\n  | 1 | LOST |\n");
    let answers = Answers::parse(Source::new("a.yaml", text)).expect("YAML");
    let Err(Unchecked::Rejected(rejected)) = check(answers, &catalog()) else { panic!("it is an error") };
    assert_eq!(rejected.findings()[0].place.positions().0.line, 7);
}

#[test]
fn an_open_point_says_which_question_it_is() {
    let said =
        told("sign_off: {status: in-review}\nwhy: {pending: {what: w}}\nlater: {pending: {what: v, owner: o}}\n");
    let said = said.join("\n");
    assert!(said.contains("the open point about `why` does not say owner and due"), "{said}");
    assert!(said.contains("the open point about `later` does not say due"), "{said}");
}

#[test]
fn a_forgotten_sign_of_a_drawn_value_is_told() {
    for text in
        ["size: {from: metrics.json#/auc}\n", "count: {from: metrics.json#/auc}\n", "trip: {from: metrics.json#/auc}\n"]
    {
        let said = told(text).join("\n");
        assert!(said.contains("did you mean `{$from: metrics.json#/auc}`?"), "{text}: {said}");
    }
    let said = told("trip: {way: sea, from: Genoa}\n").join("\n");
    assert!(!said.contains("$from"), "{said}");
}

#[test]
fn the_present_revision_has_the_date_of_the_document() {
    let with = |date: &str| {
        let head =
            HEAD.replace("language: en", &format!("language: en, revisions: [{{revision: \"1\", date: \"{date}\"}}]"));
        raw(&format!("{head}what: x\n"))
    };
    assert_eq!(with("2026-01-02"), []);
    for date in ["2026-01-01", "2026-01-03"] {
        assert_eq!(with(date), [("date-order", "/document/revisions/0/date".to_owned())], "{date}");
    }
}
