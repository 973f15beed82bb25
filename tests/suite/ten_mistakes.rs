//! Ten different mistakes in one file are ten findings in one run, each at its line and column.

use serde_json::Value as Json;

use crate::program::techfile;
use crate::repository::{read, root};

const FOLDER: &str = "tests/suite/rejects/annex-iv";

/// Code, line, column and the characters that stand there.
const MISTAKES: [(&str, u64, u64, &str); 10] = [
    ("date-order", 10, 16, "\"2026-11-19\""),
    ("missing-answer", 12, 1, "provider"),
    ("unknown-key", 15, 3, "registraton"),
    ("missing-reason", 16, 28, "{not_applicable: n/a}"),
    ("wrong-type", 19, 12, "1.10"),
    ("markup", 21, 16, "[our site](javascript:alert(1))"),
    ("placeholder", 23, 55, "TBD"),
    ("duplicate-key", 28, 3, "deployers"),
    ("wrong-value", 35, 15, "2026-02-30"),
    ("dangling-reference", 36, 14, "E-01"),
];

#[test]
fn ten_mistakes_are_ten_findings_with_line_and_column() {
    let ran = techfile(&root().join(FOLDER), &["check", "ten-mistakes.yaml", "--format", "json"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stderr, "", "what machines read is alone");
    let report: Json = serde_json::from_str(&ran.stdout).unwrap();
    let text = read(&format!("{FOLDER}/ten-mistakes.yaml"));
    let seen: Vec<(&str, u64, u64, String)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let number = |key: &str| finding[key].as_u64().unwrap();
            let line = text.lines().nth(usize::try_from(number("line")).unwrap() - 1).unwrap();
            let index = |key: &str| usize::try_from(number(key)).unwrap() - 1;
            let piece = line.chars().skip(index("column")).take(index("end_column") - index("column")).collect();
            (finding["code"].as_str().unwrap(), number("line"), number("column"), piece)
        })
        .collect();
    let expected: Vec<_> =
        MISTAKES.iter().map(|(code, line, column, piece)| (*code, *line, *column, (*piece).to_owned())).collect();
    assert_eq!(seen, expected);
    assert_eq!(report["summary"]["errors"], 10);
    assert_eq!(report["summary"]["warnings"], 0);
}
