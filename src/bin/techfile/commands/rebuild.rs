//! `techfile verify --rebuild`: a release is made again by a process of its own. Its templates come from whoever sent it, and
//! may take so long and so much and no more.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use techfile::diagnostic::{Code, Diagnostic, Place};
use techfile::record::verify::{self, Rebuilt};
use techfile::report::run::Line;
use techfile::source::{Source, Span};

use crate::build::{Allowance, Answer, Crew, Hand, Job, Task};
use crate::disk;
use crate::exit::{Exit, Failure};

/// Seconds that one release may take: a long document takes a minute. Its memory is that of a document.
const SECONDS: u64 = 600;

/// How a release compared and what differs (file, message, help), on its way between two processes.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    rebuilt: Rebuilt,
    findings: Vec<(String, String, String)>,
}

/// Has a release made again.
#[expect(clippy::disallowed_methods, reason = "a worker is this program again")]
pub(super) fn again(folder: &Path) -> Result<(Rebuilt, Vec<Diagnostic>), Failure> {
    let name = disk::shown(folder);
    let program = std::env::current_exe().map_err(|error| Failure::io("cannot find", "the program itself", &error))?;
    let no_text = || Failure::usage(format!("the name of `{name}` is not UTF-8"));
    let path = folder.to_str().ok_or_else(no_text)?.to_owned();
    let crew = Crew { program, arguments: vec!["--rebuild".to_owned()], run: Vec::new(), count: 1, warm: false };
    let task = Task { path, line: Line::new(&name), allowance: Allowance { seconds: SECONDS, ..Allowance::default() } };
    let answer = Hand::default().make(&crew, &task)?;
    if let Some(error) = answer.line.error {
        let message = format!("`{name}` cannot be made again: {}", error.message);
        let exit = Exit::of_code(answer.line.exit);
        if exit != Exit::Refused {
            return Err(Failure { exit, message, help: error.help });
        }
        let help = "its templates or answers ask for more than any document of techfile needs: find out who made it";
        return Ok((Rebuilt::Differs, vec![about(Code::Limit, &name, message, help)]));
    }
    let told: Told = serde_json::from_str(&answer.said)
        .map_err(|error| Failure::internal(format!("`{name}` cannot be made again"), &error.to_string()))?;
    let findings = told.findings.into_iter();
    let findings = findings.map(|(file, message, help)| about(Code::RebuildDiffers, &file, message, &help));
    Ok((told.rebuilt, findings.collect()))
}

/// Makes a release again, for another process.
pub(super) fn answer(job: &Job) -> Result<Answer, Failure> {
    let folder = Path::new(&job.path);
    let name = disk::shown(folder);
    let files = disk::files(folder, |_| true)?;
    let (rebuilt, findings) = verify::rebuild(&name, &files, super::release::TARGET);
    let findings = findings
        .into_iter()
        .map(|finding| (finding.place.source.name().to_owned(), finding.message, finding.help.unwrap_or_default()));
    let told = Told { rebuilt, findings: findings.collect() };
    let said = serde_json::to_string(&told)
        .map_err(|error| Failure::internal("an answer cannot be written", &error.to_string()))?;
    Ok(Answer { line: Line::new(&name), inputs: BTreeMap::new(), difference: String::new(), said })
}

fn about(code: Code, file: &str, message: String, help: &str) -> Diagnostic {
    let place = Place { source: Source::new(file, ""), span: Span::default(), pointer: String::new() };
    Diagnostic::error(code, place, message).help(help)
}
