//! `techfile coverage PATH...`

use std::path::PathBuf;

use techfile::catalog::Catalog;
use techfile::coverage::{Stated, coverage};
use techfile::report::FileFindings;
use techfile::report::coverage::{self as report, Overview};

use crate::cli::Layout;
use crate::documents::{inputs, process, summary};
use crate::exit::{Exit, Failure, nearest};
use crate::terminal::Terminal;

/// The language of the program's own words.
const ENGLISH: &str = "en";

pub(super) fn run(
    catalog: &Catalog,
    paths: &[PathBuf],
    framework: Option<&str>,
    layout: Layout,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let wanted = wanted(catalog, framework)?;
    let (inputs, mut exit) = inputs(paths, terminal)?;
    let mut documents: Vec<Stated> = Vec::new();
    let mut found: Vec<FileFindings> = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    for input in inputs {
        let outcome = match process(&input, catalog, terminal, |checked, _| Ok((Stated::of(&checked), Vec::new()))) {
            Ok(outcome) => outcome,
            Err(failure) => {
                exit = exit.max(terminal.fail(&failure));
                left_out.push(input.name.clone());
                continue;
            }
        };
        exit = exit.max(Exit::of(&outcome.found.findings));
        outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
        if !outcome.found.findings.is_empty() {
            found.push(outcome.found);
        }
        if outcome.value.is_none() {
            left_out.push(input.name.clone());
        }
        documents.extend(outcome.value);
    }
    let frameworks: Vec<_> =
        wanted.into_iter().map(|id| coverage(catalog, id, &documents, ENGLISH)).collect::<Result<_, _>>()?;
    let overview = Overview { catalog, documents: &documents, frameworks: &frameworks, left_out: &left_out };
    match layout {
        Layout::Text => terminal.result(&report::text(&overview))?,
        Layout::Markdown => terminal.result(&report::markdown(&overview))?,
        Layout::Json => terminal.json(&(report::json(&overview) + "\n"))?,
    }
    if exit != Exit::Success && !found.is_empty() {
        terminal.say(&format!("{}; documents with errors are left out", summary(&found, 0)));
    }
    Ok(exit)
}

/// The frameworks that somebody asked for.
fn wanted<'c>(catalog: &'c Catalog, framework: Option<&str>) -> Result<Vec<&'c str>, Failure> {
    let known: Vec<&str> = catalog.framework_ids().collect();
    let Some(id) = framework else { return Ok(known) };
    if let Some(known) = known.iter().find(|known| **known == id) {
        return Ok(vec![*known]);
    }
    let help = match nearest(id, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the frameworks are: {}", known.join(", ")),
    };
    Err(Failure::usage(format!("there is no framework `{id}`")).help(help))
}
