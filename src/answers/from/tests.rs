use std::sync::Arc;

use super::*;
use crate::Source;

fn filled(answers: &str, files: &[(&str, &str)]) -> Answers {
    let answers = Answers::parse(Source::new("p/docs/a.yaml", answers)).expect("it is YAML");
    let mut read = Files::new();
    for _ in 0..40 {
        let wanted = answers.draws("docs/a.yaml", &read);
        if wanted.is_empty() {
            return fill(answers, "docs/a.yaml", &read);
        }
        for wanted in wanted {
            let found = files.iter().find(|(path, _)| *path == wanted.path);
            let state =
                found.map_or(FileState::Missing, |(_, text)| FileState::Bytes(Arc::from(text.as_bytes().to_vec())));
            read.insert(wanted.path, state);
        }
    }
    panic!("it never ends");
}

#[test]
fn values_come_with_their_digits_and_both_places() {
    let facts = "provider: {name: N, size: 1.10}\nversion: {$from: ../data/m.json#/v}\n";
    let answers = filled(
        "a: {$from: ../shared/facts.yaml#/provider}\nb: {$from: ../shared/facts.yaml#/version}\nc: {$from: ../data/m.json#/auc/0, digits: 3}\nd: 'x'\n",
        &[("shared/facts.yaml", facts), ("data/m.json", "{\"v\": \"2.0\",\n \"auc\": [0.91250000000000001]}")],
    );
    assert_eq!(answers.findings(), []);
    let text = |pointer: &str| answers.root().at(pointer).and_then(Node::text).map(str::to_owned);
    assert_eq!(text("/a/size").as_deref(), Some("1.10"));
    assert_eq!(text("/b").as_deref(), Some("2.0"));
    assert_eq!(text("/c").as_deref(), Some("0.913"));
    let node = answers.root().at("/c").expect("it is there");
    assert_eq!(node.place("").positions().0.line, 3);
    let origin = node.origin().expect("it was drawn");
    assert_eq!((origin.source.name(), origin.pointer.as_str()), ("p/data/m.json", "/auc/0"));
    assert_eq!(origin.positions().0.line, 2);
    let drawn: Vec<&str> = answers.drawn().iter().map(|drawn| drawn.path.as_str()).collect();
    assert_eq!(drawn, ["data/m.json", "shared/facts.yaml"]);
    assert_eq!(answers.root().at("/d").and_then(Node::origin), None);
}

#[test]
fn what_cannot_be_drawn_is_a_finding_at_the_from() {
    let files = [
        ("docs/f.yaml", "x: {$from: g.yaml#/y}\nz: {$from: f.yaml#/z/q}\nall: {$from: '#'}\nl: [1, 2]\nw: word\n"),
        ("docs/g.yaml", "y: {$from: f.yaml#/x}\n"),
        ("docs/bad.json", "{\"a\": 1, \"a\": 2}"),
        ("docs/anchor.yaml", "a: &x 1\n"),
        ("docs/t.txt", "1"),
    ];
    for (from, code) in [
        ("{$from: f.yaml#/x}", Code::DataCycle),
        ("{$from: f.yaml#/z}", Code::DataCycle),
        ("{$from: f.yaml#/all}", Code::DataCycle),
        ("{$from: '#/a'}", Code::DataCycle),
        ("{$from: f.yaml#/none}", Code::DataMissing),
        ("{$from: f.yaml#/l/2}", Code::DataMissing),
        ("{$from: f.yaml#/l/0/x}", Code::DataMissing),
        ("{$from: none.yaml#/a}", Code::DataMissing),
        ("{$from: ../../x.yaml#/a}", Code::UnsafePath),
        ("{$from: /etc/x.yaml#/a}", Code::UnsafePath),
        ("{$from: 'https://x.eu/y.json#/a'}", Code::UnsafePath),
        ("{$from: bad.json#/a}", Code::Syntax),
        ("{$from: anchor.yaml#/a}", Code::Syntax),
        ("{$from: t.txt#/a}", Code::WrongValue),
        ("{$from: f.yaml}", Code::WrongValue),
        ("{$from: f.yaml#l}", Code::WrongValue),
        ("{$from: 1}", Code::WrongType),
        ("{$from: f.yaml#/l/0, digits: -1}", Code::WrongType),
        ("{$from: f.yaml#/w, digits: 1}", Code::WrongType),
        ("{$from: f.yaml#/l, digits: 1}", Code::WrongType),
        ("{$from: f.yaml#/l, other: 1}", Code::UnknownKey),
    ] {
        let answers = filled(&format!("b: 1\na: {from}\n"), &files);
        let codes: Vec<Code> = answers.findings().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [code], "{from}");
        let finding = &answers.findings()[0];
        assert_eq!((finding.place.pointer.as_str(), finding.place.positions().0.line), ("/a", 2), "{from}");
        assert!(answers.root().at("/a").is_some_and(Node::is_lost), "{from}");
    }
}

#[test]
fn a_value_that_multiplies_itself_ends_at_the_limit() {
    let mut text = "a0: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for level in 1..9 {
        let item = format!("{{$from: '#/a{}'}}", level - 1);
        text.extend([format!("a{level}: ["), vec![item; 10].join(", "), "]\n".to_owned()]);
    }
    let answers = filled("a: {$from: bomb.yaml#/a8}\n", &[("docs/bomb.yaml", &text)]);
    assert_eq!(answers.findings()[0].code, Code::Limit);
}

#[test]
fn front_matter_is_data_and_the_text_below_is_not() {
    let card = "---\nlicense: mit\nmodel-index:\n- results:\n  - metrics: [{value: 0.910}]\n---\n# Card\n--- : [\n";
    let answers =
        filled("a: {$from: README.md#/model-index/0/results/0/metrics/0/value}\n", &[("docs/README.md", card)]);
    assert_eq!(answers.findings(), []);
    assert_eq!(answers.root().at("/a").and_then(Node::text), Some("0.910"));
}

#[test]
fn files_are_called_as_people_see_them() {
    for (name, own, file, shown) in [
        ("docs/a.yaml", "docs/a.yaml", "x/y.json", "x/y.json"),
        ("p/docs/a.yaml", "docs/a.yaml", "x/y.json", "p/x/y.json"),
        ("a.yaml", "docs/a.yaml", "x/y.json", "../x/y.json"),
        ("a.yaml", "docs/a.yaml", "docs/y.json", "y.json"),
        ("a.yaml", "docs/b/a.yaml", "docs/y.json", "../y.json"),
        ("../c/a.yaml", "docs/c/a.yaml", "y.json", "../../y.json"),
    ] {
        assert_eq!(grasp::shown(name, own, file), shown, "{name} {own} {file}");
    }
}

#[test]
fn a_file_without_a_pointer_is_shown_with_one() {
    let answers = filled("a: {$from: changes.csv}\n", &[]);
    let help = answers.findings()[0].help.as_deref().unwrap_or_default();
    assert_eq!(help, "write `{$from: \"changes.csv#\"}` for all of the file, or `changes.csv#/name` for a part of it");
}
