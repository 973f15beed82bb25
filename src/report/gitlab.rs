//! Findings as a Code Quality report of GitLab, in which a merge request shows what came and what went.
//!
//! The report is a list of issues, the part of the Code Climate format that GitLab reads: description, check name,
//! fingerprint, severity, path and line. What could not be done is an issue, too: without it a run that looked at nothing
//! would show every finding as resolved.

use serde::Serialize;

use super::{Failed, Run, fingerprint};
use crate::diagnostic::{Diagnostic, Severity};
use crate::digest::Digest;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'r str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The list of a run, on one line.
///
/// # Panics
/// Never: texts and numbers are JSON.
#[must_use]
pub fn render(run: &Run<'_>) -> String {
    let prints = fingerprint::fingerprints(run);
    let found = run.findings().zip(prints).map(|((_, found), print)| issue(run, found, &print));
    let issues: Vec<Issue<'_>> = run.failed.iter().enumerate().map(failure).chain(found).collect();
    serde_json::to_string(&issues).expect("texts and numbers are JSON")
}

fn issue<'r>(run: &Run<'_>, found: &'r Diagnostic, print: &Digest) -> Issue<'r> {
    let (start, end) = found.place.positions();
    Issue {
        description: run.lines_with_places(found).join("; "),
        check_name: found.code.as_str(),
        fingerprint: print.to_string(),
        severity: match found.severity {
            Severity::Error if found.code.refuses() => "critical",
            Severity::Error => "major",
            Severity::Warning => "minor",
        },
        location: Location {
            path: found.place.source.name(),
            // What ends before the first column of a line does not reach into it.
            lines: Lines { begin: start.line, end: (end.line - usize::from(end.column == 1)).max(start.line) },
        },
    }
}

/// No file is at fault; GitLab asks for one all the same.
fn failure<'r>((index, failed): (usize, &Failed)) -> Issue<'r> {
    let key = serde_json::to_vec(&(&failed.message, index)).expect("texts and numbers are JSON");
    Issue {
        description: failed.lines().join("; "),
        check_name: "failure",
        fingerprint: Digest::of(&key).to_string(),
        severity: "blocker",
        location: Location { path: "techfile.yaml", lines: Lines { begin: 1, end: 1 } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::report::tests::{failed, file, finding};

    #[test]
    fn the_list_is_the_one_that_gitlab_reads() {
        let catalog = Catalog::builtin();
        let files = [file("a.yaml", vec![finding("a.yaml", "a: 1\nb:\n  - x\nc: 2\n", "b:\n  - x\n", "/b")])];
        let failed = [failed("no `c.yaml`")];
        let run = Run { files: &files, failed: &failed, catalog: &catalog, strict: false };
        let said = render(&run);
        let print = fingerprint::fingerprints(&run)[0].to_string();
        assert!(
            said.ends_with(&format!(
                concat!(
                    r#",{{"description":"is wrong; law:1; help: mend it","check_name":"wrong-value","fingerprint":"{}","#,
                    r#""severity":"major","location":{{"path":"a.yaml","lines":{{"begin":2,"end":3}}}}}}]"#
                ),
                print
            )),
            "{said}"
        );
        assert!(said.starts_with(r#"[{"description":"no `c.yaml`; help: look","check_name":"failure""#), "{said}");
        assert_eq!(render(&Run { files: &[], failed: &[], ..run }), "[]");
    }
}
