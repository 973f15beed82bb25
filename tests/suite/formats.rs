//! What services for continuous integration are given: each format by its schema, the same findings in all of them, valid
//! output whatever goes wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::exits::{edit, toy, toy_run};
use crate::program::{Ran, techfile};
use crate::repository::read;

/// Every format that programs read.
const FORMATS: [&str; 5] = ["json", "sarif", "github", "gitlab", "junit"];

fn check(folder: &Path, format: &str, more: &[&str]) -> Ran {
    toy_run(folder, &[&["check", "--format", format], more].concat())
}

/// Holds a report against the schema of its format and gives it with the number of findings and of failures in it.
fn valid(format: &str, text: &str) -> (Json, usize, usize) {
    let json = || serde_json::from_str::<Json>(text).unwrap_or_else(|error| panic!("{format}: {error}: {text}"));
    match format {
        "json" => {
            let report = json();
            let count = |key: &str| report[key].as_array().map_or(0, Vec::len);
            let counts = (count("findings"), count("failures"));
            (report, counts.0, counts.1)
        }
        "sarif" => {
            // The pattern for languages, which nothing here uses, has a bracket too much and is no regular expression.
            let schema = read("tests/tools/sarif-schema-2.1.0.json").replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
            let schema: Json = serde_json::from_str(&schema).unwrap();
            let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
            let report = json();
            let faults: Vec<String> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
            assert_eq!(faults, [""; 0], "{text}");
            let run = &report["runs"][0];
            let told = run["invocations"][0]["toolExecutionNotifications"].as_array().map_or(0, Vec::len);
            assert_eq!(run["invocations"][0]["executionSuccessful"], told == 0);
            (run.clone(), run["results"].as_array().unwrap().len(), told)
        }
        "gitlab" => {
            let schema: Json = serde_json::from_str(&read("tests/tools/gitlab-codeclimate.json")).unwrap();
            let schema = jsonschema::options().build(&schema).unwrap();
            let report = json();
            let issues = report.as_array().unwrap();
            let mut prints = BTreeSet::new();
            for issue in issues {
                assert!(schema.is_valid(issue), "{issue}");
                // What the schema leaves open and GitLab's pages ask for.
                let severity = issue["severity"].as_str().unwrap();
                assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{issue}");
                assert!(issue["location"]["lines"]["begin"].as_u64() >= Some(1), "{issue}");
                assert!(issue["location"]["path"].is_string() && issue["check_name"].is_string(), "{issue}");
                assert!(prints.insert(issue["fingerprint"].as_str().unwrap()), "two are alike: {issue}");
            }
            let failures = issues.iter().filter(|issue| issue["check_name"] == "failure").count();
            (report.clone(), issues.len() - failures, failures)
        }
        "junit" => {
            let report = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let count = |tag: &str| report.descendants().filter(|node| node.has_tag_name(tag)).count();
            for suite in report.root_element().children().filter(roxmltree::Node::is_element) {
                let told = |tag: &str| suite.descendants().filter(|node| node.has_tag_name(tag)).count().to_string();
                for (attribute, tag) in
                    [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
                {
                    assert_eq!(suite.attribute(attribute), Some(&*told(tag)), "{text}");
                }
                assert_ne!(told("testcase"), "0", "a file without a finding passes: {text}");
            }
            (Json::Null, count("failure") + count("skipped"), count("error"))
        }
        "github" => {
            assert!(text.ends_with('\n'), "{text}");
            let shown = text.lines().filter(|line| line.starts_with("::error ") || line.starts_with("::warning "));
            let failures = shown.clone().filter(|line| line.contains("title=techfile::")).count();
            (Json::Null, shown.count() - failures, failures)
        }
        other => panic!("{other}"),
    }
}

/// A file with three errors and a warning.
fn wrong(folder: &Path) {
    let answers = folder.join("answers.yaml");
    edit(&answers, "serial: T-0001", "serial: T1");
    edit(&answers, "weight: 0.910", "weight: heavy");
    edit(&answers, "{id: ring, part_name: Ring, sits_on: base}", "{id: ring, sits_on: base}");
    edit(&answers, "made: \"2026-11-01\"", "made: \"2026-02-30\"");
}

#[test]
fn every_format_tells_the_same_findings_and_ends_the_same() {
    let folder = toy();
    for format in FORMATS {
        let ran = check(folder.path(), format, &["answers.yaml"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{format}");
        let (_, findings, failures) = valid(format, &ran.stdout);
        assert_eq!((findings, failures), (0, 0), "{format}: {}", ran.stdout);
    }
    wrong(folder.path());
    let plain = check(folder.path(), "json", &["answers.yaml"]);
    let plain: Json = serde_json::from_str(&plain.stdout).unwrap();
    let plain = plain["findings"].as_array().unwrap();
    assert!(plain.len() >= 4 && plain.iter().any(|finding| finding["severity"] == "warning"), "{plain:?}");
    for format in FORMATS {
        let ran = check(folder.path(), format, &["answers.yaml"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{format}");
        let (report, findings, failures) = valid(format, &ran.stdout);
        assert_eq!((findings, failures), (plain.len(), 0), "{format}: {}", ran.stdout);
        for (index, finding) in plain.iter().enumerate() {
            let code = finding["code"].as_str().unwrap();
            match format {
                "sarif" => {
                    let result = &report["results"][index];
                    let region = &result["locations"][0]["physicalLocation"]["region"];
                    assert_eq!((&result["ruleId"], &result["level"]), (&finding["code"], &finding["severity"]));
                    assert_eq!(region["startLine"], finding["line"]);
                    assert_eq!(region["startColumn"], finding["column"]);
                    assert_eq!(region["endLine"], finding["end_line"]);
                    assert_eq!(region["endColumn"], finding["end_column"]);
                }
                "gitlab" => {
                    assert_eq!(report[index]["check_name"], finding["code"]);
                    assert_eq!(report[index]["location"]["lines"]["begin"], finding["line"]);
                }
                "github" => {
                    let place = format!(
                        "::{} file=answers.yaml,line={},",
                        finding["severity"].as_str().unwrap(),
                        finding["line"]
                    );
                    let title = format!(",title={code}::");
                    assert!(
                        ran.stdout.lines().any(|line| line.starts_with(&place) && line.contains(&title)),
                        "{place}"
                    );
                }
                "junit" => assert!(ran.stdout.contains(&format!("type=\"{code}\"")), "{code}"),
                _ => {}
            }
        }
    }
    // Warnings that are denied are no longer skipped.
    let denied = check(folder.path(), "junit", &["answers.yaml", "--deny", "warnings"]);
    assert!(!denied.stdout.contains("<skipped") && denied.stdout.contains("skipped=\"0\""), "{}", denied.stdout);
}

#[test]
fn fingerprints_stay_when_lines_and_other_answers_change() {
    let folder = toy();
    wrong(folder.path());
    let prints = |format: &str| -> Vec<String> {
        let (report, ..) = valid(format, &check(folder.path(), format, &["answers.yaml"]).stdout);
        let list = if format == "sarif" { &report["results"] } else { &report };
        let list = list.as_array().unwrap().iter().map(|found| match format {
            "sarif" => &found["partialFingerprints"]["techfile/v1"],
            _ => &found["fingerprint"],
        });
        list.map(|print| print.as_str().unwrap().to_owned()).collect()
    };
    for format in ["sarif", "gitlab"] {
        let before = prints(format);
        edit(&folder.path().join("answers.yaml"), "toy_name:", "# A comment.\n\ntoy_name:");
        edit(&folder.path().join("answers.yaml"), "pieces: 5", "pieces: 4");
        assert_eq!(prints(format), before, "{format}");
        edit(&folder.path().join("answers.yaml"), "pieces: 4", "pieces: 5");
    }
}

#[test]
fn what_fails_is_told_in_every_format() {
    let folder = toy();
    let empty = tempfile::tempdir().unwrap();
    for format in FORMATS {
        // One of two paths is missing: the other is checked.
        let ran = check(folder.path(), format, &["answers.yaml", "not-there.yaml"]);
        let (_, findings, failures) = valid(format, &ran.stdout);
        assert_eq!((ran.code, findings, failures), (2, 0, 1), "{format}: {}", ran.stdout);
        assert!(ran.stdout.contains("not-there.yaml") && ran.stderr.contains("not-there.yaml"), "{format}");
        // Nothing can be checked at all.
        let ran = techfile(empty.path(), &["check", "--format", format]);
        let (_, findings, failures) = valid(format, &ran.stdout);
        assert_eq!((ran.code, findings, failures), (2, 0, 1), "{format}: {}", ran.stdout);
        let ran = techfile(empty.path(), &["--catalog", "nowhere", "check", "--format", format]);
        let (_, findings, failures) = valid(format, &ran.stdout);
        assert_eq!((ran.code, findings, failures), (2, 0, 1), "{format}: {}", ran.stdout);
    }
    fs::write(folder.path().join("techfile.yaml"), "documents: 1\n").unwrap();
    for format in FORMATS {
        let ran = check(folder.path(), format, &[]);
        let (_, _, failures) = valid(format, &ran.stdout);
        assert_eq!((ran.code, failures), (2, 1), "{format}: {}", ran.stdout);
    }
    // For people there is nothing on stdout.
    assert_eq!(techfile(empty.path(), &["check"]).stdout, "");
}

/// Whatever answers and names of files say, the runner of GitHub Actions meets only our own commands.
#[test]
fn no_answer_commands_the_runner() {
    let folder = toy();
    let answers = folder.path().join("answers.yaml");
    let hostile = "x\\n::set-output name=a::b\\n::stop-commands::t\\r::error::c##[error]d\\u2028::add-mask::e";
    edit(&answers, "serial: T-0001", &format!("serial: \"{hostile}\""));
    edit(
        &answers,
        "pieces: 5",
        &format!("pieces: 5\n\"{hostile}\": 1\n\"##[stop-commands]t\": 1\n\"::set-output name=q::r\": 2"),
    );
    let odd = folder.path().join("##[add-mask]a,b:c%0A.yaml");
    fs::copy(&answers, &odd).unwrap();
    let odd = odd.file_name().unwrap().to_str().unwrap();
    let ran = check(folder.path(), "github", &["answers.yaml", odd, "##[error]not-there.yaml"]);
    assert_eq!(ran.code, 2);
    let lines: Vec<&str> =
        ran.stdout.split(['\n', '\r', '\u{85}', '\u{2028}']).filter(|line| !line.is_empty()).collect();
    let (last, commands) = lines.split_last().unwrap();
    assert!(commands.len() >= 9, "{}", ran.stdout);
    for line in commands {
        assert!(line.starts_with("::error title=techfile::") || line.starts_with("::error file="), "{line}");
        let head = line.trim_start_matches("::").split("::").next().unwrap();
        assert!(
            !head.contains('%') || head.contains("%2C") || head.contains("%3A") || head.contains("%250A"),
            "{head}"
        );
    }
    assert!(ran.stdout.contains("file=##[add-mask]a%2Cb%3Ac%250A.yaml,line="), "{}", ran.stdout);
    assert!(last.starts_with("::notice title=techfile::12 errors in 2 files; 1 failure; "), "{last}");
    // The older form of a command counts anywhere in a line, and both streams are read.
    for line in ran.stderr.lines() {
        assert!(!line.contains("##[") && !line.trim_start().starts_with("::"), "{line}");
    }
    let people = toy_run(folder.path(), &["check", "answers.yaml", odd]);
    for line in people.stderr.lines() {
        assert!(!line.contains("##[") && !line.trim_start().starts_with("::"), "{line}");
    }
}

#[test]
fn a_hundred_findings_are_ten_annotations_and_their_true_count() {
    let folder = toy();
    let keys: String = (0..100).map(|index| format!("unknown_{index}: 1\n")).collect();
    let answers = folder.path().join("answers.yaml");
    edit(&answers, "pieces: 5\n", &format!("pieces: 5\n{keys}"));
    let ran = check(folder.path(), "github", &["answers.yaml"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("::error ")).count(), 10, "{}", ran.stdout);
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.starts_with("::notice title=techfile::100 errors in 1 file; the 10 most severe"), "{last}");
}

#[test]
fn warnings_that_the_project_allows_are_no_alerts() {
    let folder = toy();
    edit(
        &folder.path().join("answers.yaml"),
        "{id: ring, part_name: Ring, sits_on: base}",
        "{id: ring, sits_on: base}",
    );
    let before = check(folder.path(), "json", &["answers.yaml"]);
    assert!(before.stdout.contains("\"warnings\":1"), "{}", before.stdout);
    fs::write(folder.path().join("techfile.yaml"), "allow: [{code: recommended, reason: the ring has no name}]\n")
        .unwrap();
    for format in FORMATS {
        let ran = check(folder.path(), format, &["answers.yaml", "--deny", "warnings"]);
        let (_, findings, failures) = valid(format, &ran.stdout);
        assert_eq!((ran.code, findings, failures), (0, 0, 0), "{format}: {}", ran.stdout);
    }
}
