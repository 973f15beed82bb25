//! Both layouts and the wire.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::changes::{End, What, pieces};
use crate::digest::Digest;
use crate::identity::canonical;

fn version(revision: &str) -> Said {
    let answers = b"{}";
    let content = json!({
        "answers": {"sha256": Digest::of(answers).to_string(), "size": 2},
        "document": "D-1",
        "evidence": [],
        "kind": "k",
        "revision": revision,
    });
    Said::read(answers, &canonical(&content)).expect("it is right")
}

fn change(what: What) -> Change {
    let at = Some("/a/0".to_owned());
    let names = vec!["the list".to_owned(), "A|*b*\u{1b}".to_owned()];
    Change {
        before: at.clone(),
        after: at,
        path: names.clone(),
        names,
        clauses: vec!["law:1".into()],
        sort: Sort::Words,
        ends: [Vec::new(), Vec::new()],
        what,
    }
}

fn end(name: &str, value: &str) -> End {
    End { name: name.to_owned(), key: name.to_owned(), sort: Sort::Words, value: value.into() }
}

fn told(list: Vec<Change>) -> [String; 3] {
    let (old, new, catalog) = (version("1"), version("2"), Catalog::builtin());
    let changes = Changes { clauses: if list.is_empty() { vec![] } else { vec!["law:1".into()] }, list };
    let comparison =
        Comparison { catalog: &catalog, old: ("old.yaml", &old), new: ("n\u{202e}.yaml", &new), changes: &changes };
    [text(&comparison), markdown(&comparison), json(&comparison)]
}

#[test]
fn equal_versions_are_told_to_be_equal() {
    let [text, markdown, json] = told(Vec::new());
    assert!(text.ends_with("\nno differences\n"), "{text}");
    assert!(markdown.ends_with("\nNo differences.\n"), "{markdown}");
    assert!(json.contains("\"changes\":[]"), "{json}");
}

#[test]
fn each_sort_of_change_reads_as_people_say_it() {
    let (old, new) = ("three *rings*\non it", "three big\u{9b} rings on it");
    let [text, markdown, json] = told(vec![
        change(What::Changed { old: old.into(), new: new.into(), pieces: pieces(old, new) }),
        change(What::Changed {
            old: json!({"pending": {"what": "q", "owner": "Ada", "due": "2027-01-01"}}),
            new: "done".into(),
            pieces: Vec::new(),
        }),
        change(What::Changed { old: "a b".into(), new: "a  b".into(), pieces: pieces("a b", "a  b") }),
        Change {
            sort: Sort::Group,
            ends: [Vec::new(), vec![end("the id", "R"), end("the words", "x\ny"), end("the words", "z")]],
            ..change(What::Added(json!({"id": "R", "measures": [{"text": "x\ny"}, {"text": "z"}]})))
        },
        Change {
            sort: Sort::Decimal,
            ..change(What::Changed { old: "1".into(), new: "2".into(), pieces: Vec::new() })
        },
        change(What::Moved { from: 3, to: 1 }),
        change(What::File { old: Digest::of(b"1"), new: Digest::of(b"2") }),
    ]);
    for part in [
        "old  old.yaml: D-1 revision 1, content ",
        "new  n\\u{202e}.yaml: D-1 revision 2",
        "\n1 clause with changed answers, document control aside\n  law:1\n",
        "\n7 differences\n\n/a/0  the list › A|*b*\\u{001b}\n  (law:1)\n  three [-*rings*-] {+big\\u{009b} rings+} on it\n",
        "  was open, is answered\n  - open: q (to be answered by Ada, due 2027-01-01)\n  + done\n",
        "  only spaces or line breaks changed\n\n",
        "  added\n  + id: R\n  + measures/1/text: x y\n",
        "  1 → 2\n",
        "  moved from place 3 to place 1\n",
        "  the file has another content\n  6b86 b273 ff34 fce1 → d473 5e3a 265e 16ee\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    for part in [
        "| old | old.yaml | 1 | ",
        r"| the list › A\|\*b\*\\u{001b} | law:1 | three ~~\*rings\*~~ **big\\u{009b} rings** on it |",
        "was open, is answered: ~~open: q (to be answered by Ada, due 2027-01-01)~~ **done** |",
        "| only spaces or line breaks changed |",
        "| added: **the id: R; the words: x y, z** |",
        "| moved from place 3 to place 1 |",
    ] {
        assert!(markdown.contains(part), "{part:?} is not in\n{markdown}");
    }
    let wire: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let kinds: BTreeMap<usize, &str> = wire["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["change"].as_str().unwrap_or(""))
        .enumerate()
        .collect();
    let expected = ["changed", "changed", "changed", "added", "changed", "moved", "file"];
    assert_eq!(kinds.into_values().collect::<Vec<_>>(), expected);
    assert_eq!(wire["changes"][0]["words"][1], json!({"fate": "removed", "text": "*rings*"}));
    assert_eq!((&wire["changes"][5]["old"], &wire["changes"][5]["new"]), (&json!(3), &json!(1)));
    assert_eq!(wire["old"]["revision"], "1");
}
