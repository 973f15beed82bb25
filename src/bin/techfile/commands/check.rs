//! `techfile check PATH...`

use std::path::PathBuf;

use techfile::catalog::Catalog;
use techfile::check::overdue;
use techfile::diagnostic::in_order;
use techfile::render;
use techfile::report::{FileFindings, json};

use crate::cli::{Deny, Format};
use crate::documents::{inputs, process, summary};
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// How to judge and how to tell.
pub(super) struct Options<'o> {
    pub(super) format: Format,
    pub(super) deny: Option<Deny>,
    pub(super) as_of: Option<&'o str>,
}

pub(super) fn run(
    catalog: &Catalog,
    paths: &[PathBuf],
    options: &Options<'_>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let (inputs, mut exit) = inputs(paths, terminal)?;
    let mut found: Vec<FileFindings> = Vec::new();
    let mut open = 0;
    for input in inputs {
        let outcome = process(&input, catalog, terminal, |checked, around| {
            let open = checked.open_points().len();
            let mut late = options.as_of.map(|day| overdue(&checked, day)).unwrap_or_default();
            let earlier = around.earlier(&checked)?;
            // Only the finished words show whether an approval still fits them.
            late.extend(render(checked, &input.stem, earlier.as_ref())?.remarks().iter().cloned());
            Ok((open, in_order(late)))
        });
        match outcome {
            Ok(outcome) => {
                let denied = options.deny == Some(Deny::Warnings) && !outcome.found.findings.is_empty();
                exit = exit.max(Exit::of(&outcome.found.findings)).max(if denied {
                    Exit::Findings
                } else {
                    Exit::Success
                });
                if options.format == Format::Text {
                    outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
                }
                open += outcome.value.unwrap_or(0);
                found.push(outcome.found);
            }
            Err(failure) => exit = exit.max(terminal.fail(&failure)),
        }
    }
    match options.format {
        Format::Json => terminal.result(&format!("{}\n", json::render(&found)))?,
        Format::Text if found.is_empty() => {}
        Format::Text => terminal.say(&summary(&found, open)),
    }
    Ok(exit)
}
