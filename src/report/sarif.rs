//! Findings as SARIF 2.1.0, the format of OASIS for results of static analysis.
//!
//! Every code is a rule with its explanation; a result names its rule, its place, the places beside it and a fingerprint
//! that stays when lines move. Warnings that the project allows are left out: the largest reader of SARIF, GitHub code
//! scanning, takes no notice of suppressions and would open an alert for each. What could not be done is a notification
//! of the invocation.

mod text;

use serde::Serialize;

use super::{Failed, Run, fingerprint, visible};
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::digest::Digest;
use text::{escaped, first_sentence, uri};

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Analysis; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Analysis {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
}

/// The name of the first is ours; the second is the one that GitHub code scanning goes by.
#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "techfile/v1")]
    own: String,
    #[serde(rename = "primaryLocationLineHash")]
    github: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<&'static str>,
}

/// The log of a run, on one line.
///
/// # Panics
/// Never: texts and numbers are JSON.
#[must_use]
pub fn render(run: &Run<'_>) -> String {
    let prints = fingerprint::fingerprints(run);
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Analysis {
            tool: Tool {
                driver: Driver {
                    name: "techfile",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: Code::ALL.iter().map(|code| rule(*code)).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: run.failed.is_empty(),
                exit_code: run.failed.iter().map(|failed| failed.exit).max(),
                tool_execution_notifications: run.failed.iter().map(notification).collect(),
            }],
            column_kind: "unicodeCodePoints",
            results: run.findings().zip(prints).map(|((_, found), print)| result(run, found, &print)).collect(),
        }],
    };
    serde_json::to_string(&log).expect("texts and numbers are JSON")
}

/// What a code means. All rules are told, so that two logs of one version differ in their results only.
fn rule(code: Code) -> Rule {
    let explanation = code.explain().unwrap_or_default();
    let whole = explanation.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    Rule {
        id: code.as_str(),
        short_description: Message::of(&first_sentence(&whole)),
        full_description: Message::of(&whole),
        help: Message { text: escaped(explanation), markdown: Some(explanation) },
    }
}

fn notification(failed: &Failed) -> Notification {
    Notification { level: "error", message: Message::of(&failed.lines().join("\n")) }
}

fn result(run: &Run<'_>, found: &Diagnostic, print: &Digest) -> Finding {
    let related = found.related.iter().enumerate().map(|(index, related)| Location {
        id: Some(index + 1),
        message: Some(Message::of(&visible(&related.message))),
        ..at(&related.place)
    });
    Finding {
        rule_id: found.code.as_str(),
        rule_index: Code::ALL.iter().position(|code| *code == found.code).unwrap_or_default(),
        level: match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: Message::of(&run.lines(found).join("\n")),
        locations: [at(&found.place)],
        related_locations: related.collect(),
        partial_fingerprints: Fingerprints { own: print.to_string(), github: print.to_string() },
    }
}

fn at(place: &Place) -> Location {
    let (start, end) = place.positions();
    // A file as a whole, such as one that could not be decoded, has no region.
    let region = (!place.source.text().is_empty()).then_some(Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    });
    let logical = (!place.pointer.is_empty())
        .then(|| Logical { fully_qualified_name: visible(&place.pointer).into_owned(), kind: "member" });
    let (uri, absolute) = uri(place.source.name());
    Location {
        id: None,
        physical: Physical {
            artifact_location: Artifact { uri, uri_base_id: (!absolute).then_some("%SRCROOT%") },
            region,
        },
        logical_locations: logical.into_iter().collect(),
        message: None,
    }
}

impl Message {
    fn of(text: &str) -> Self {
        Self { text: escaped(text), markdown: None }
    }
}

#[cfg(test)]
mod tests;
