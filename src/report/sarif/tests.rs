//! What readers of SARIF find in a log.

use serde_json::{Value as Json, json};

use super::*;
use crate::catalog::Catalog;
use crate::report::FileFindings;
use crate::report::tests::{failed, file, finding, place};

fn rendered(files: &[FileFindings], failed: &[Failed]) -> Json {
    let run = Run { files, failed, catalog: &Catalog::builtin(), strict: false };
    serde_json::from_str(&render(&run)).unwrap()
}

#[test]
fn a_result_names_its_rule_its_place_and_the_places_beside_it() {
    let text = "é: 1\nb: 2\n";
    let name = "docs/ä b.yaml";
    let mut found = finding(name, text, "b: 2", "/b").related(place(name, text, "1", "/é"), "see [here](1) {0}");
    found.message = "wrong {0} [x](http://y)\u{202e}".into();
    let log = rendered(&[file(name, vec![found])], &[]);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["tool"]["driver"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["invocations"], json!([{"executionSuccessful": true}]));
    let result = &run["results"][0];
    let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    assert_eq!(result["message"]["text"], "wrong {{0}} [x] (http://y)\\u{{202e}}\nlaw:1\nhelp: mend it");
    let artifact = json!({"uri": "docs/%C3%A4%20b.yaml", "uriBaseId": "%SRCROOT%"});
    assert_eq!(
        result["locations"],
        json!([{
            "physicalLocation": {
                "artifactLocation": artifact,
                "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 5},
            },
            "logicalLocations": [{"fullyQualifiedName": "/b", "kind": "member"}],
        }])
    );
    let related = &result["relatedLocations"][0];
    assert_eq!((&related["id"], &related["message"]["text"]), (&json!(1), &json!("see [here] (1) {{0}}")));
    assert_eq!(related["physicalLocation"]["region"]["startColumn"], 4, "characters, not bytes");
    let prints = &result["partialFingerprints"];
    assert_eq!(prints["techfile/v1"], prints["primaryLocationLineHash"]);
    assert_eq!(prints["techfile/v1"].as_str().map(str::len), Some(64));
}

#[test]
fn every_code_is_a_rule_with_its_explanation() {
    let log = rendered(&[], &[]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().clone();
    assert_eq!(rules.len(), Code::ALL.len());
    for (rule, code) in rules.iter().zip(Code::ALL) {
        assert_eq!(rule["id"], code.as_str());
        assert_eq!(rule["help"]["markdown"].as_str(), code.explain());
        assert!(rule.get("helpUri").is_none());
        // GitHub reads at most 1024 characters of each.
        for part in ["shortDescription", "fullDescription"] {
            let length = rule[part]["text"].as_str().unwrap().chars().count();
            assert!((20..=1024).contains(&length), "{}: {part} has {length} characters", code.as_str());
        }
    }
    assert_eq!(log["runs"][0]["results"], json!([]));
}

#[test]
fn a_file_as_a_whole_has_no_region_and_a_failure_is_a_notification() {
    let whole = Diagnostic { place: place("/tmp/a.yaml", "", "", ""), ..finding("a", "a", "a", "") };
    let log = rendered(&[file("/tmp/a.yaml", vec![whole])], &[failed("no `b.yaml`")]);
    let location = &log["runs"][0]["results"][0]["locations"][0];
    assert_eq!(location, &json!({"physicalLocation": {"artifactLocation": {"uri": "file:///tmp/a.yaml"}}}));
    let told = json!({"level": "error", "message": {"text": "no `b.yaml`\nhelp: look"}});
    assert_eq!(
        log["runs"][0]["invocations"],
        json!([{"executionSuccessful": false, "exitCode": 2, "toolExecutionNotifications": [told]}])
    );
}
