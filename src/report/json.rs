//! Findings as JSON, version 1: may gain fields, never lose or re-read one.
//!
//! The wire has structs of its own, so that a change of [`Diagnostic`] cannot change what other programs read.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Failed, FileFindings, Run, Summary};
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::record::verify::{Rebuilt, Verdict};

#[derive(Serialize)]
struct Report<'r> {
    version: u8,
    findings: Vec<Finding<'r>>,
    summary: Counts<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Failure<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<Vec<Verified<'r>>>,
}

#[derive(Serialize)]
struct Verified<'r> {
    path: &'r str,
    document: Option<&'r str>,
    revision: Option<&'r str>,
    content_id: Option<String>,
    build_id: Option<String>,
    anchored: bool,
    state: &'static str,
    withdrawn: bool,
    rebuilt: Option<&'r str>,
}

/// Something that could not be done.
#[derive(Serialize)]
struct Failure<'r> {
    message: &'r str,
    help: Option<&'r str>,
    exit: u8,
}

#[derive(Serialize)]
struct Finding<'r> {
    code: &'static str,
    severity: &'static str,
    document: Option<&'r str>,
    file: &'r str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    pointer: &'r str,
    clause: Option<&'r str>,
    clauses: &'r [String],
    message: &'r str,
    help: Option<&'r str>,
    related: Vec<Related<'r>>,
}

#[derive(Serialize)]
struct Related<'r> {
    file: &'r str,
    line: usize,
    column: usize,
    pointer: &'r str,
    message: &'r str,
}

#[derive(Serialize)]
struct Counts<'r> {
    files: usize,
    errors: usize,
    warnings: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<Allowed<'r>>,
}

/// A warning that somebody has judged.
#[derive(Serialize)]
struct Allowed<'r> {
    reason: &'r str,
    #[serde(flatten)]
    finding: Finding<'r>,
}

/// A run as one line of JSON: its findings and, if there are any, under `failures` what it could not do.
///
/// # Panics
/// Never: texts and numbers are JSON.
#[must_use]
pub fn render(run: &Run<'_>) -> String {
    written(run.files, run.failed, None)
}

/// Findings with what was verified and, under `failures`, what could not be.
///
/// # Panics
/// Never: texts and numbers are JSON.
#[must_use]
pub fn verified(files: &[FileFindings], failed: &[Failed], verdicts: &[Verdict]) -> String {
    let verified = verdicts.iter().map(|verdict| Verified {
        path: &verdict.name,
        document: verdict.document.as_deref(),
        revision: verdict.revision.as_deref(),
        content_id: verdict.content_id.map(|id| id.to_string()),
        build_id: verdict.build_id.map(|id| id.to_string()),
        anchored: verdict.anchor.is_some(),
        state: verdict.state().as_str(),
        withdrawn: verdict.withdrawn.is_some(),
        rebuilt: verdict.rebuilt.as_ref().map(|rebuilt| match rebuilt {
            Rebuilt::Equal => "equal",
            Rebuilt::Partly(_) => "partly",
            Rebuilt::Differs => "differs",
        }),
    });
    written(files, failed, Some(verified.collect()))
}

fn written(files: &[FileFindings], failed: &[Failed], verified: Option<Vec<Verified<'_>>>) -> String {
    let findings = files.iter().flat_map(|file| file.findings.iter().map(move |found| finding(file, found))).collect();
    let allowed = files.iter().flat_map(|file| {
        let own = file.allowed.iter();
        own.map(move |(found, reason)| Allowed { reason, finding: finding(file, found) })
    });
    let allowed = allowed.collect();
    let failures = failed.iter().map(|failed| {
        let Failed { message, help, exit } = failed;
        Failure { message, help: help.as_deref(), exit: *exit }
    });
    let failures = failures.collect();
    let Summary { files, errors, warnings, .. } = Summary::of(files);
    let summary = Counts { files, errors, warnings, allowed };
    let report = Report { version: 1, findings, summary, failures, verified };
    serde_json::to_string(&report).expect("texts and numbers are JSON")
}

/// One finding as JSON.
///
/// # Panics
/// Never: texts and numbers are JSON.
pub(super) fn value(file: &FileFindings, found: &Diagnostic) -> Json {
    serde_json::to_value(finding(file, found)).expect("texts and numbers are JSON")
}

/// One warning that the project allows.
///
/// # Panics
/// Never: texts and numbers are JSON.
pub(super) fn allowed(file: &FileFindings, found: &Diagnostic, reason: &str) -> Json {
    serde_json::to_value(Allowed { reason, finding: finding(file, found) }).expect("texts and numbers are JSON")
}

fn finding<'r>(file: &'r FileFindings, found: &'r Diagnostic) -> Finding<'r> {
    let (start, end) = found.place.positions();
    Finding {
        code: found.code.as_str(),
        severity: match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        document: file.document.as_deref(),
        file: found.place.source.name(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        pointer: &found.place.pointer,
        clause: found.clauses.first().map(String::as_str),
        clauses: &found.clauses,
        message: &found.message,
        help: found.help.as_deref(),
        related: found.related.iter().map(|related| at(&related.place, &related.message)).collect(),
    }
}

fn at<'r>(place: &'r Place, message: &'r str) -> Related<'r> {
    let (start, _) = place.positions();
    Related { file: place.source.name(), line: start.line, column: start.column, pointer: &place.pointer, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::diagnostic::Code;
    use crate::source::{Source, Span};

    #[test]
    fn the_wire_is_the_one_that_was_promised() {
        let source = Source::new("a.yaml", "kind: x\nprovider:\n  name: N\n");
        let place = |start, end, pointer: &str| Place {
            source: source.clone(),
            span: Span::new(start, end),
            pointer: pointer.into(),
        };
        let found = Diagnostic::error(Code::MissingAnswer, place(8, 16, "/provider/address"), "no \u{1b} address")
            .clauses(["f:1.a".into()])
            .related(place(0, 4, "/kind"), "the kind");
        let file = FileFindings {
            file: "a.yaml".into(),
            document: Some("TF-1".into()),
            findings: vec![found],
            allowed: Vec::new(),
        };
        let catalog = Catalog::builtin();
        let failed = Failed { message: "no `b.yaml`".into(), help: None, exit: 2 };
        let run = Run { files: &[file], failed: &[], catalog: &catalog, strict: false };
        assert!(
            render(&Run { failed: &[failed], ..run })
                .ends_with(r#""warnings":0},"failures":[{"message":"no `b.yaml`","help":null,"exit":2}]}"#)
        );
        assert_eq!(
            render(&run),
            concat!(
                r#"{"version":1,"findings":[{"code":"missing-answer","severity":"error","document":"TF-1","#,
                r#""file":"a.yaml","line":2,"column":1,"end_line":2,"end_column":9,"pointer":"/provider/address","#,
                r#""clause":"f:1.a","clauses":["f:1.a"],"message":"no \u001b address","help":null,"#,
                r#""related":[{"file":"a.yaml","line":1,"column":1,"pointer":"/kind","message":"the kind"}]}],"#,
                r#""summary":{"files":1,"errors":1,"warnings":0}}"#
            )
        );
    }
}
