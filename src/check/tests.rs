//! A toy kind that has one of everything.

mod mistakes;

use super::*;
use crate::Source;
use crate::catalog::Shape;

const COMMON: &str = r#"{"$defs": {
  "control": {"type": "object", "additionalProperties": false, "required": ["id", "title", "revision", "date", "language"],
    "properties": {"id": {"type": "string"}, "title": {"type": "string"}, "revision": {"type": "string"},
      "date": {"type": "string", "format": "date"}, "language": {"type": "string"},
      "next_review": {"type": "string", "format": "date", "x-not-before": "/document/date"},
      "revisions": {"type": "array", "items": {"type": "object", "properties": {"revision": {"type": "string"},
        "date": {"type": "string", "format": "date"}}}}}},
  "evidence": {"type": "array", "x-unique": "id", "items": {"type": "object", "required": ["id", "title", "file"],
    "properties": {"id": {"type": "string"}, "title": {"type": "string"}, "file": {"type": "string"}, "alt": {"type": "string"}}}},
  "cites": {"type": "array", "items": {"type": "string", "x-ref": "/evidence/*/id"}},
  "danger": {"type": "object", "title": "danger", "required": ["id", "level"], "x-recommended": ["note"],
    "properties": {"id": {"type": "string", "title": "id of the danger", "examples": ["D-1"]}, "level": {"type": "integer", "minimum": 1},
      "note": {"type": "string"}}}
}}"#;

const TOY: &str = r#"{"type": "object", "additionalProperties": false, "required": ["kind", "document", "what"],
  "properties": {
    "kind": {"const": "toy"},
    "document": {"$ref": "common.schema.json#/$defs/control"},
    "sign_off": {"type": "object", "properties": {"status": {"type": "string", "enum": ["draft", "in-review", "approved"]},
      "approvals": {"type": "array", "items": {"type": "object"}}}},
    "what": {"type": "string", "title": "the thing", "description": "What is it?", "minLength": 1, "x-clause": "eu-ai-act:annex-iv.1.a",
      "x-applicability": "always"},
    "why": {"type": "string", "contentMediaType": "text/markdown", "x-clause": "eu-ai-act:annex-iv.1.b", "x-applicability": "where-applicable"},
    "later": {"type": "string", "x-to-follow": true, "x-clause": "eu-ai-act:annex-iv.8"},
    "size": {"type": "string", "format": "decimal"},
    "count": {"type": "integer", "minimum": 1},
    "sure": {"type": "boolean"},
    "start": {"type": "string", "format": "date"},
    "end": {"type": "string", "format": "date", "x-not-before": "1/start"},
    "parts": {"type": "array", "minItems": 1, "x-unique": ["id"], "x-same": {"by": ["name"], "value": "value"},
      "items": {"type": "object", "additionalProperties": false, "required": ["id"], "x-recommended": ["name"],
        "x-judges": {"value": "value", "threshold": "threshold", "better": "better", "verdict": "verdict"},
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "value": {"type": "string", "format": "decimal"},
          "threshold": {"type": "string", "format": "decimal"}, "better": {"enum": ["higher", "lower"], "type": "string"},
          "verdict": {"type": "string"}, "part_of": {"type": "string", "x-ref": "/parts/*/id"}}}},
    "route": {"type": "object", "required": ["way"], "unevaluatedProperties": false, "properties": {"note": {"type": "string"}},
      "oneOf": [
        {"required": ["road"], "properties": {"way": {"type": "string", "const": "land"}, "road": {"type": "string"}}},
        {"required": ["ship"], "properties": {"way": {"type": "string", "const": "sea"}, "ship": {"type": "string"}}}]},
    "trip": {"type": "object", "required": ["way"], "unevaluatedProperties": false, "x-recommended": ["name"],
      "properties": {"name": {"type": "string"}},
      "oneOf": [
        {"x-recommended": ["story"], "properties": {"way": {"type": "string", "const": "land"}, "miles": {"type": "string", "format": "decimal"},
          "story": {"type": "string", "contentMediaType": "text/markdown"}}},
        {"properties": {"way": {"type": "string", "const": "sea"}, "start": {"type": "string", "format": "date"}}}]},
    "dangers": {"type": "array", "x-unique": "id", "items": {"$ref": "common.schema.json#/$defs/danger", "unevaluatedProperties": false,
      "required": ["owner"], "properties": {"owner": {"type": "string"}, "note": {"$ref": "common.schema.json#/$defs/danger/properties/note"},
        "id": {"$ref": "common.schema.json#/$defs/danger/properties/id", "examples": ["X-1"]}}}},
    "tags": {"type": "array", "uniqueItems": true, "items": {"type": "string"}},
    "version": {"type": "string", "x-fact": "version"},
    "again": {"type": "string", "x-fact": "version"},
    "shown": {"$ref": "common.schema.json#/$defs/cites"},
    "evidence": {"$ref": "common.schema.json#/$defs/evidence"}
  }}"#;

fn catalog() -> Catalog {
    let files = [("schemas/common.schema.json", COMMON), ("schemas/toy.schema.json", TOY)];
    Catalog::with(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())))
}

const HEAD: &str = "kind: toy\ndocument: {id: T-1, title: T, revision: \"1\", date: \"2026-01-02\", language: en}\n";

/// Codes and pointers of everything that is found; `what` is answered unless the text answers it.
fn found(text: &str) -> Vec<(&'static str, String)> {
    let what = if text.lines().any(|line| line.starts_with("what:")) { "" } else { "what: a thing\n" };
    raw(&format!("{HEAD}{what}{text}"))
}

fn raw(text: &str) -> Vec<(&'static str, String)> {
    let answers = match Answers::parse(Source::new("a.yaml", text)) {
        Ok(answers) => answers,
        Err(rejected) => return list(rejected.findings()),
    };
    match check(answers, &catalog()) {
        Ok(checked) => list(checked.remarks()),
        Err(Unchecked::Rejected(rejected)) => list(rejected.findings()),
        Err(Unchecked::Catalog(error)) => panic!("{error}"),
    }
}

fn list(findings: &[Diagnostic]) -> Vec<(&'static str, String)> {
    findings.iter().map(|finding| (finding.code.as_str(), finding.place.pointer.clone())).collect()
}

fn expect(cases: &[(&str, &[(&str, &str)])]) {
    for (text, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(code, pointer)| (*code, (*pointer).to_owned())).collect();
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn types_are_those_of_the_schema() {
    expect(&[
        ("size: 0.910\ncount: 3\nsure: true\nversion: \"1.10\"\n", &[]),
        ("size: \"0.910\"\n", &[]),
        ("version: 1.10\n", &[("wrong-type", "/version")]),
        ("version: true\n", &[("wrong-type", "/version")]),
        ("size: many\n", &[("wrong-type", "/size")]),
        ("size: -0\n", &[("wrong-type", "/size")]),
        ("size: .inf\n", &[("wrong-type", "/size")]),
        ("count: 1.0\n", &[("wrong-type", "/count")]),
        ("count: 010\n", &[("wrong-type", "/count")]),
        ("count: 9007199254740993\n", &[("wrong-type", "/count")]),
        ("count: 0\n", &[("wrong-value", "/count")]),
        ("sure: yes\n", &[("wrong-type", "/sure")]),
        ("parts: a\n", &[("wrong-type", "/parts")]),
        ("parts: [a]\n", &[("wrong-type", "/parts/0")]),
        ("what: [a]\n", &[("wrong-type", "/what")]),
        ("what:\n", &[("missing-answer", "/what")]),
        ("start: 2026-02-30\n", &[("wrong-value", "/start")]),
        ("start: 2026-01-02T25:00Z\n", &[("wrong-value", "/start")]),
        ("what: no\n", &[]),
    ]);
}

#[test]
fn rules_of_the_schema_speak_in_places() {
    expect(&[
        ("whta: x\n", &[("unknown-key", "/whta")]),
        ("parts: []\n", &[("not-allowed-empty", "/parts")]),
        ("parts: [{name: a, nmae: b}]\n", &[("missing-answer", "/parts/0/id"), ("unknown-key", "/parts/0/nmae")]),
        ("parts: [{id: a}]\n", &[("recommended", "/parts/0")]),
        ("route: {way: land, road: A1}\n", &[]),
        ("route: {way: land, note: n}\n", &[("missing-answer", "/route/road")]),
        ("route: {way: land, road: A1, ship: s}\n", &[("unknown-key", "/route/ship")]),
        ("route: {way: air}\n", &[("wrong-value", "/route/way")]),
        ("route: {note: x}\n", &[("missing-answer", "/route/way")]),
        ("route: {way: {pending: {what: which}}}\n", &[]),
        ("what: \"\"\n", &[("not-allowed-empty", "/what")]),
        ("sign_off: {status: done}\n", &[("wrong-value", "/sign_off/status")]),
    ]);
    assert_eq!(raw("kind: tooy\n"), [("unknown-kind", "/kind".to_owned())]);
    assert_eq!(raw("what: x\n"), [("missing-answer", String::new())]);
    assert_eq!(raw("kind: toy\n").len(), 2);
}

#[test]
fn a_kind_adds_to_what_kinds_share() {
    expect(&[
        ("dangers: [{id: a, level: 1, owner: o, note: n}]\n", &[]),
        ("dangers: [{id: a, level: 1, owner: o}]\n", &[("recommended", "/dangers/0")]),
        (
            "dangers: [{note: n, onwer: o}]\n",
            &[
                ("missing-answer", "/dangers/0/level"),
                ("missing-answer", "/dangers/0/id"),
                ("unknown-key", "/dangers/0/onwer"),
            ],
        ),
        // One mistake makes no other property unknown.
        ("dangers: [{id: a, level: 0, owner: o, note: n}]\n", &[("wrong-value", "/dangers/0/level")]),
        ("dangers: [{id: [a], level: 1, owner: o, note: n}]\n", &[("wrong-type", "/dangers/0/id")]),
        (
            "dangers: [{id: a, level: 1, owner: o, note: n}, {id: a, level: 1, owner: o, note: n}]\n",
            &[("conflicting-values", "/dangers/1/id")],
        ),
    ]);
    let catalog = catalog();
    let kind = catalog.kind("toy").expect("it is there").expect("it is right");
    let danger = kind.schema().root().property("dangers").and_then(Shape::items).expect("it is a list");
    assert_eq!(danger.properties().map(|(name, _)| name).collect::<Vec<_>>(), ["level", "owner", "note", "id"]);
    assert_eq!((danger.title(), danger.kind()), (Some("danger"), Some("object")));
    let id = danger.property("id").expect("it is there");
    assert_eq!((id.title(), id.texts("examples")), (Some("id of the danger"), vec!["X-1"]));
}

#[test]
fn keywords_hold_answers_together() {
    expect(&[
        ("start: \"2026-01-02\"\nend: \"2026-01-01\"\n", &[("date-order", "/end")]),
        ("parts: [{id: a, name: x, part_of: b}]\n", &[("dangling-reference", "/parts/0/part_of")]),
        ("parts: [{id: a, name: x, part_of: b}, {id: b, name: y}]\n", &[]),
        ("parts: [{id: a, name: x}, {id: A, name: y}]\n", &[("conflicting-values", "/parts/1/id")]),
        (
            "parts: [{id: a, name: x, value: 1}, {id: b, name: x, value: 2}]\n",
            &[("conflicting-values", "/parts/1/value")],
        ),
        ("parts: [{id: a, name: x, value: 0.9}, {id: b, name: x, value: 0.90}]\n", &[]),
        (
            "parts: [{id: a, name: x, value: 0.8, threshold: 0.9, better: higher, verdict: met}]\n",
            &[("verdict", "/parts/0/verdict")],
        ),
        (
            "parts: [{id: a, name: x, value: 0.8, threshold: 0.9, better: higher, verdict: missed}]\n",
            &[("threshold-missed", "/parts/0/verdict")],
        ),
        ("parts: [{id: a, name: x, value: 0.8, threshold: 0.9, better: lower, verdict: met}]\n", &[]),
        ("parts: [{id: a, name: x, value: 0.8, verdict: met}]\n", &[("verdict", "/parts/0/verdict")]),
        ("version: \"1\"\nagain: \"2\"\n", &[("conflicting-values", "/again")]),
    ]);
}

#[test]
fn markers_stand_where_they_may() {
    expect(&[
        ("what: {pending: {what: the thing}}\n", &[]),
        ("what: {pending: {what: \"\"}}\n", &[("open-point", "/what")]),
        ("what: {pending: {what: a, whom: b}}\n", &[("unknown-key", "/what/pending/whom")]),
        ("sign_off: {status: in-review}\nwhat: {pending: {what: a}}\n", &[("open-point", "/what")]),
        (
            "sign_off: {status: in-review}\nwhat: {pending: {what: a, owner: O, due: \"2026-02-30\"}}\n",
            &[("wrong-value", "/what")],
        ),
        (
            "sign_off: {status: approved}\nwhat: {pending: {what: a, owner: O, due: \"2026-02-01\"}}\n",
            &[("approval-missing", "/sign_off/status"), ("open-point", "/what")],
        ),
        ("what: {not_applicable: never}\n", &[("not-applicable", "/what")]),
        ("why: {not_applicable: never}\n", &[]),
        ("why: {not_applicable: \" \"}\n", &[("missing-reason", "/why")]),
        ("why: {not_applicable: n/a}\n", &[("missing-reason", "/why")]),
        ("size: {not_applicable: nothing to measure}\n", &[("not-applicable", "/size")]),
        ("later: {to_follow: conformity-assessment}\n", &[]),
        ("later: {to_follow: tomorrow}\n", &[("wrong-value", "/later")]),
        ("why: {to_follow: conformity-assessment}\n", &[("open-point", "/why")]),
        ("parts: {pending: {what: all of them}}\n", &[]),
    ]);
    let sealed = "kind: toy\nwhat: x\ndocument: {id: T, title: {pending: {what: t}}, revision: \"1\", date: \"2026-01-02\", language: en}\n";
    assert!(raw(sealed).contains(&("wrong-type", "/document/title".to_owned())), "{:?}", raw(sealed));
}

#[test]
fn while_a_choice_is_open_the_answers_of_its_branches_are_known() {
    let open = "trip: {way: {pending: {what: which}}, name: n, ";
    expect(&[
        (&format!("{open}miles: 1.50}}\n"), &[]),
        (&format!("{open}miles: many}}\n"), &[("wrong-type", "/trip/miles")]),
        (&format!("{open}story: \"[a](/x)\"}}\n"), &[("markup", "/trip/story")]),
    ]);
    let catalog = catalog();
    let answers = Answers::parse(Source::new("a", format!("{HEAD}what: x\n{open}miles: 1e1}}\n"))).expect("YAML");
    assert_eq!(check(answers, &catalog).expect("no error").value().pointer("/trip/miles"), Some(&Json::from("10")));
}

#[test]
fn a_list_can_only_cover_what_there_is() {
    let with = |group: &str| {
        let toy = TOY.replacen(r#""x-unique": ["id"],"#, &format!(r#""x-unique": ["id"], "x-covers": "{group}","#), 1);
        let files = [("schemas/common.schema.json", COMMON), ("schemas/toy.schema.json", toy.as_str())];
        let catalog = Catalog::with(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
        let text = format!("{HEAD}what: x\nparts: [{{id: a.2.2, name: x}}]\n");
        match check(Answers::parse(Source::new("a", text)).expect("YAML"), &catalog) {
            Ok(_) => "nothing".to_owned(),
            Err(Unchecked::Catalog(error)) => error.message,
            Err(Unchecked::Rejected(rejected)) => rejected.findings()[0].message.clone(),
        }
    };
    assert!(with("iso-42001:z").contains("`iso-42001:z`, which is no clause"), "{}", with("iso-42001:z"));
    assert!(with("iso-9001:4").contains("which is no clause"), "{}", with("iso-9001:4"));
    assert!(with("iso-42001:a").starts_with("37 of 38 are missing"), "{}", with("iso-42001:a"));
    assert_eq!(with("iso-42001:annex-a"), "nothing");
}

#[test]
fn two_open_points_in_a_list_are_not_the_same_thing_twice() {
    expect(&[
        ("tags: [{pending: {what: a}}, {pending: {what: b}}]\n", &[]),
        ("tags: [{pending: {what: a}}, {pending: {what: a}}, b]\n", &[]),
        ("tags: [{pending: {what: a}}, b, b]\n", &[("wrong-value", "/tags")]),
    ]);
}

#[test]
fn a_branch_recommends_beside_what_all_branches_do() {
    expect(&[
        ("trip: {way: land, name: n, story: s}\n", &[]),
        ("trip: {way: land, name: n}\n", &[("recommended", "/trip")]),
        ("trip: {way: land}\n", &[("recommended", "/trip"), ("recommended", "/trip")]),
        ("trip: {way: sea}\n", &[("recommended", "/trip")]),
    ]);
}

#[test]
fn texts_hold_what_a_page_can_show() {
    expect(&[
        ("what: TODO\n", &[("placeholder", "/what")]),
        ("what: \"a\\u0007b\"\n", &[("forbidden-character", "/what")]),
        ("what: \"a\\u202Eb\"\n", &[("forbidden-character", "/what")]),
        ("what: \"a\\u200Bb\"\n", &[("forbidden-character", "/what")]),
        ("what: \"a\\uE000b\"\n", &[("forbidden-character", "/what")]),
        ("what: a 😀\n", &[("missing-glyph", "/what")]),
        ("what: \"p\\u0430ypal\"\n", &[("mixed-script", "/what")]),
        ("what: \"e\\u0301\"\n", &[("not-normalized", "/what")]),
        ("what: \"a\\nb\"\n", &[("wrong-value", "/what")]),
        ("what: >\n  a\n  b\n", &[]),
        ("why: |\n  a\n\n  b\n", &[]),
    ]);
    let marks = format!("what: \"e{}\"\n", "\\u0323".repeat(40));
    assert!(found(&marks).contains(&("forbidden-character", "/what".to_owned())));
    assert_eq!(found(&format!("what: {}\n", "x".repeat(2001))), [("wrong-value", "/what".to_owned())]);
}

#[test]
fn markdown_leads_only_where_it_may() {
    let with = |text: &str| {
        found(&format!("why: |\n  {text}\nevidence: [{{id: E-1, title: t, file: f.txt}}]\nshown: [E-1]\n"))
    };
    for text in ["[a](https://x.eu)", "<https://x.eu>", "[a](mailto:a@x.eu)", "[a](evidence:E-1)", "# H", "`<b>`"] {
        assert_eq!(with(text), [], "{text}");
    }
    for text in [
        "[a](javascript:x)",
        "[a](JaVaScRiPt:x)",
        "[a](//x.eu)",
        "[a](/x)",
        "[a](file:///x)",
        "[](https://x.eu)",
        "![a](https://x.eu/y.png)",
        "#",
    ] {
        assert_eq!(with(text), [("markup", "/why".to_owned())], "{text}");
    }
    assert_eq!(with("a <b>bold</b> word"), [("markup", "/why".to_owned())]);
    assert_eq!(with("## H\n\n  #### H"), [("markup", "/why".to_owned())]);
    assert_eq!(with("### H\n\n  # H\n\n  ## H\n\n  ### H"), []);
    assert_eq!(with("a &#x1F600; b"), [("missing-glyph", "/why".to_owned())]);
    assert_eq!(with("[x](https://e.eu/&#x202e;a)"), [("forbidden-character", "/why".to_owned())]);
    assert_eq!(with(&format!("a{}", "&#x301;".repeat(60)))[0].0, "forbidden-character");
    assert_eq!(with(&format!("|{}\n  |{}\n", "a|".repeat(17), "-|".repeat(17))), [("markup", "/why".to_owned())]);
    for text in ["[a]: https://x.eu", "&nbsp;", "---"] {
        assert_eq!(with(text), [("not-allowed-empty", "/why".to_owned())], "{text}");
    }
    assert_eq!(with("fish &amp; chips &eacute;"), []);
    assert_eq!(with("[a](evidence:E-2)"), [("dangling-reference", "/why".to_owned())]);
    assert_eq!(with("![](evidence:E-1)"), [("missing-alt-text", "/why".to_owned())]);
    expect(&[
        ("evidence: [{id: E-1, title: t, file: f}]\n", &[("evidence-unused", "/evidence/0/id")]),
        (
            "shown: [manifest]\nevidence: [{id: manifest, title: t, file: m.json}]\n",
            &[("wrong-value", "/evidence/0/id")],
        ),
        (
            "shown: [E-1, E-1.pdf]\nevidence: [{id: E-1, title: t, file: x.pdf}, {id: E-1.pdf, title: t, file: y}]\n",
            &[("wrong-value", "/evidence/1/id")],
        ),
        ("shown: [E-9]\n", &[("dangling-reference", "/shown/0")]),
    ]);
}

#[test]
fn the_value_does_not_depend_on_the_order_of_the_file() {
    let one = format!("{HEAD}what: x\nwhy: {{pending: {{what: b}}}}\nsize: {{pending: {{what: a}}}}\n");
    let two = format!("size: {{pending: {{what: a}}}}\nwhy: {{pending: {{what: b}}}}\nwhat: x\n{HEAD}");
    let catalog = catalog();
    let checked =
        |text: &str| check(Answers::parse(Source::new("a", text)).expect("YAML"), &catalog).expect("no error");
    assert_eq!(checked(&one).value().to_string(), checked(&two).value().to_string());
    let points = |text: &str| {
        checked(text).open_points().iter().map(|p| (p.id.clone(), p.place.pointer.clone())).collect::<Vec<_>>()
    };
    assert_eq!(points(&one), points(&two));
    let state = |clause: &str| checked(&one).coverage().iter().find(|c| c.clause.ends_with(clause)).map(|c| c.state);
    assert_eq!(state("1.a"), Some(CoverState::Answered));
    assert_eq!(state("1.b"), Some(CoverState::Open));
    assert_eq!(state("iv.8"), Some(CoverState::Missing));
}

#[test]
fn what_stands_in_place_of_a_part_covers_the_clauses_inside_it() {
    let whole = TOY.replace(
        r#""sure": {"type": "boolean"},"#,
        r#""sure": {"type": "object", "x-clause": "eu-ai-act:annex-iv.9", "x-applicability": "where-applicable",
          "properties": {"inner": {"type": "string", "x-clause": "eu-ai-act:art-72.3"}}},"#,
    );
    let files = [("schemas/common.schema.json", COMMON), ("schemas/toy.schema.json", whole.as_str())];
    let catalog = Catalog::with(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
    let state = |text: &str, clause: &str| {
        let answers = Answers::parse(Source::new("a", format!("{HEAD}what: x\n{text}"))).expect("YAML");
        let checked = check(answers, &catalog).expect("no error");
        checked.coverage().iter().find(|covered| covered.clause.ends_with(clause)).map(|covered| covered.state)
    };
    assert_eq!(state("sure: {not_applicable: never so}\n", "72.3"), Some(CoverState::NotApplicable));
    assert_eq!(state("sure: {pending: {what: all of it}}\n", "72.3"), Some(CoverState::Open));
    assert_eq!(state("sure: {inner: x}\n", "72.3"), Some(CoverState::Answered));
    assert_eq!(state("", "72.3"), Some(CoverState::Missing));
}

#[test]
fn many_mistakes_of_one_sort_are_found_without_looking_everything_up_anew() {
    let keys = (0..20_000).map(|index| format!("unknown{index}: x\n")).collect::<Vec<_>>().concat();
    assert_eq!(found(&keys).len(), 20_000);
    let parts = (0..20_000)
        .map(|index| format!("  - {{id: p{index}, name: n{index}, part_of: p0}}\n"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(found(&format!("parts:\n{parts}")), []);
}

#[test]
fn names_of_devices_are_names_of_no_file() {
    for (id, fit) in
        [("CON", false), ("con.txt", false), ("COM1", false), ("a.", false), ("CONTROL-1", true), ("COM10", true)]
    {
        let text = format!("{}what: x\n", HEAD.replace("id: T-1", &format!("id: {id}")));
        assert_eq!(raw(&text).is_empty(), fit, "{id}: {:?}", raw(&text));
    }
}
