//! Findings as JUnit XML, in the form that Jenkins, GitLab and most others read (the xUnit plugin's `junit-10.xsd`).
//!
//! Each answers file is a test suite, each finding in it a test case that fails; a file without a finding has one that
//! passes. A warning is a skipped test case, since it stops nothing, or a failed one where warnings are denied. What could
//! not be done is an error in a suite of its own. There is no time and no host: the same findings give the same bytes.

use std::fmt::Write as _;

use super::{FileFindings, Run, visible};
use crate::diagnostic::{Diagnostic, Severity};

/// One test case: its name, and the element that says how it ended.
struct Case {
    name: String,
    end: Option<(&'static str, String)>,
}

/// The document of a run.
#[must_use]
pub fn render(run: &Run<'_>) -> String {
    let mut suites: Vec<(String, Vec<Case>)> =
        run.files.iter().map(|file| (file.file.clone(), cases(run, file))).collect();
    if !run.failed.is_empty() {
        suites.push(("techfile".to_owned(), failures(run)));
    }
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let _ = writeln!(
        out,
        r#"<testsuites name="techfile" tests="{}" failures="{}" errors="{}">"#,
        all().count(),
        ended(all(), "failure"),
        ended(all(), "error")
    );
    for (name, cases) in &suites {
        suite(name, cases, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(name: &str, cases: &[Case], out: &mut String) {
    let name = attribute(name);
    // Writing into a String cannot fail.
    let _ = writeln!(
        out,
        r#"  <testsuite name="{name}" tests="{}" failures="{}" errors="{}" skipped="{}">"#,
        cases.len(),
        ended(cases, "failure"),
        ended(cases, "error"),
        ended(cases, "skipped")
    );
    for case in cases {
        let _ = write!(out, r#"    <testcase classname="{name}" name="{}""#, attribute(&case.name));
        match &case.end {
            Some((element, body)) => {
                let _ = writeln!(out, ">\n      <{element} {body}</{element}>\n    </testcase>");
            }
            None => out.push_str("/>\n"),
        }
    }
    out.push_str("  </testsuite>\n");
}

fn ended<'c>(cases: impl IntoIterator<Item = &'c Case>, how: &str) -> usize {
    cases.into_iter().filter(|case| case.end.as_ref().is_some_and(|(element, _)| *element == how)).count()
}

fn cases(run: &Run<'_>, file: &FileFindings) -> Vec<Case> {
    if file.findings.is_empty() {
        return vec![Case { name: "no findings".to_owned(), end: None }];
    }
    file.findings.iter().map(|found| case(run, found)).collect()
}

fn case(run: &Run<'_>, found: &Diagnostic) -> Case {
    let (start, _) = found.place.positions();
    let place = format!("{}:{}:{}", found.place.source.name(), start.line, start.column);
    let element = match found.severity {
        Severity::Warning if !run.strict => "skipped",
        _ => "failure",
    };
    let lines = [vec![visible(&place).into_owned()], run.lines_with_places(found)].concat();
    Case {
        name: [found.code.as_str(), &found.place.pointer].join(" ").trim_end().to_owned(),
        end: Some((element, body(found.code.as_str(), &found.message, &lines))),
    }
}

fn failures(run: &Run<'_>) -> Vec<Case> {
    let case = |failed: &super::Failed| Case {
        name: failed.message.clone(),
        end: Some(("error", body(&format!("exit-{}", failed.exit), &failed.message, &failed.lines()))),
    };
    run.failed.iter().map(case).collect()
}

/// The attributes of an element and its text, without the tag around them.
fn body(kind: &str, message: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!(r#"type="{kind}" message="{}">{}"#, attribute(message), lines.join("\n"))
}

/// A text on one line, for an attribute.
fn attribute(text: &str) -> String {
    escaped(&visible(text))
}

/// The five characters with a meaning, and the two that are no control and yet no character of XML 1.0.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' => out.push_str("\\u{fffe}"),
            '\u{ffff}' => out.push_str("\\u{ffff}"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::report::Failed;
    use crate::report::tests::{failed, file, finding};

    fn rendered(files: &[FileFindings], failed: &[Failed], strict: bool) -> String {
        render(&Run { files, failed, catalog: &Catalog::builtin(), strict })
    }

    #[test]
    fn a_suite_a_file_and_a_case_a_finding() {
        let text = "a: 1\n";
        let warning = Diagnostic { severity: Severity::Warning, ..finding("a.yaml", text, "a", "/a") };
        let files = [file("a.yaml", vec![finding("a.yaml", text, "a", "/a"), warning]), file("b.yaml", Vec::new())];
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="techfile" tests="4" failures="1" errors="1">
  <testsuite name="a.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="a.yaml" name="wrong-value /a">
      <failure type="wrong-value" message="is wrong">a.yaml:1:1
is wrong
law:1
help: mend it</failure>
    </testcase>
    <testcase classname="a.yaml" name="wrong-value /a">
      <skipped type="wrong-value" message="is wrong">a.yaml:1:1
is wrong
law:1
help: mend it</skipped>
    </testcase>
  </testsuite>
  <testsuite name="b.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="b.yaml" name="no findings"/>
  </testsuite>
  <testsuite name="techfile" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="techfile" name="no `c.yaml`">
      <error type="exit-2" message="no `c.yaml`">no `c.yaml`
help: look</error>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(rendered(&files, &[failed("no `c.yaml`")], false), expected);
        assert!(rendered(&files, &[], true).contains(r#"tests="3" failures="2" errors="0">"#));
    }

    #[test]
    fn every_character_comes_out_as_xml() {
        for point in (0..=0x10_ffff).filter(|point| *point < 0x3000 || point % 0x10_000 > 0xfff0) {
            let Some(character) = char::from_u32(point) else { continue };
            let mut found = finding("a.yaml", "a: 1\n", "a", &format!("/{character}"));
            found.message = format!("<{character}]]>&\"'");
            let said = rendered(&[file(&format!("{character}.yaml"), vec![found])], &[], false);
            let read = roxmltree::Document::parse(&said).unwrap_or_else(|error| panic!("U+{point:04X}: {error}"));
            let failure = read.descendants().find(|node| node.has_tag_name("failure")).unwrap();
            let shown = visible(&format!("<{character}]]>&\"'")).replace('\u{fffe}', "\\u{fffe}");
            let shown = shown.replace('\u{ffff}', "\\u{ffff}");
            assert_eq!(failure.attribute("message"), Some(&*shown), "U+{point:04X}");
            assert!(failure.text().unwrap().contains(&shown), "U+{point:04X}");
            assert!(!said.chars().any(|c| c != '\n' && crate::report::is_invisible(c)), "U+{point:04X}");
        }
    }
}
