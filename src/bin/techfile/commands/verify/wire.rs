//! What `verify --format json` says beside the findings: the state of each subject, and what could not be done.

use serde::Serialize;
use serde_json::Value as Json;
use techfile::record::verify::Verdict;
use techfile::report::Failed;

use crate::terminal::Terminal;

/// What the program adds to a subject.
#[derive(Serialize)]
struct Came {
    state: &'static str,
    withdrawn: bool,
}

/// Something that could not be done, as `check` says it.
#[derive(Serialize)]
struct Failure<'f> {
    message: &'f str,
    help: Option<&'f str>,
    exit: u8,
}

/// A report with the state of each subject and, if there is any, under `failures` what could not be done.
pub(super) fn written(report: &str, verdicts: &[Verdict], terminal: &Terminal) -> String {
    let mut report: Json = serde_json::from_str(report).expect("the library writes JSON");
    let entries = report["verified"].as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut);
    for (entry, verdict) in entries.zip(verdicts) {
        let came = Came { state: verdict.state().as_str(), withdrawn: verdict.withdrawn.is_some() };
        if let Json::Object(came) = json(&came) {
            entry.extend(came);
        }
    }
    let failed = terminal.failed();
    if !failed.is_empty() {
        let failure =
            |Failed { message, help, exit }: &Failed| json(&Failure { message, help: help.as_deref(), exit: *exit });
        report["failures"] = failed.iter().map(failure).collect();
    }
    report.to_string()
}

fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).expect("texts and numbers are JSON")
}
