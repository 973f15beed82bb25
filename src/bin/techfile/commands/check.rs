//! `techfile check PATH...`

use std::path::PathBuf;
use std::rc::Rc;

use techfile::catalog::Catalog;
use techfile::check::overdue;
use techfile::diagnostic::{Code, in_order};
use techfile::project::Allow;
use techfile::render;
use techfile::report::{FileFindings, Run, github, gitlab, json, junit, sarif};

use crate::cli::{Deny, Findings};
use crate::disk;
use crate::documents::{Ahead, Input, ahead, inputs, process, summary};
use crate::exit::{Exit, Failure};
use crate::project::{Home, agree};
use crate::terminal::Terminal;

/// How to judge and how to tell.
pub(super) struct Options<'o> {
    pub(super) format: Findings,
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
    let all = exit == Exit::Success;
    let mut found: Vec<FileFindings> = Vec::new();
    let mut stated = Vec::new();
    let mut open = 0;
    let mut one = |input: &Input| {
        let outcome = process(input, catalog, terminal, |checked, around| {
            let (open, facts) = (checked.open_points().len(), checked.facts().to_vec());
            let mut late = options.as_of.map(|day| overdue(&checked, day)).unwrap_or_default();
            let earlier = around.earlier(&checked)?;
            // Only the finished words show whether an approval still fits them.
            late.extend(render(checked, &input.stem, earlier.as_ref())?.remarks().iter().cloned());
            Ok(((open, facts), in_order(late)))
        });
        match outcome {
            Ok(outcome) => {
                exit = exit.max(Exit::of(&outcome.found.findings));
                let (points, facts) = outcome.value.unwrap_or_default();
                open += points;
                stated.extend(input.home.clone().map(|home| (home, found.len(), facts)));
                found.push(outcome.found);
            }
            Err(failure) => exit = exit.max(terminal.fail(&failure)),
        }
    };
    if let Some(first) = inputs.first() {
        ahead(first, Ahead::Words, catalog, || inputs.iter().for_each(&mut one));
    }
    exit = exit.max(agree(&stated, &mut found));
    // Only who has seen all documents can say that a warning is in none of them.
    if all && (paths.is_empty() || paths.iter().all(|path| disk::is_project(path))) {
        let mut homes: Vec<Rc<Home>> = inputs.iter().filter_map(|input| input.home.clone()).collect();
        homes.dedup_by(|a, b| Rc::ptr_eq(a, b));
        let judged = |allow: &Allow| allow.code != Code::Overdue || options.as_of.is_some();
        found.extend(homes.iter().filter_map(|home| home.unused(catalog, judged)));
    }
    if options.deny == Some(Deny::Warnings) && found.iter().any(|found| !found.findings.is_empty()) {
        exit = exit.max(Exit::Findings);
    }
    if options.format == Findings::Text {
        found.iter().flat_map(|found| &found.findings).for_each(|finding| terminal.finding(finding, catalog));
        if !found.is_empty() {
            terminal.say(&summary(&found, open));
        }
    }
    told(options.format, &found, catalog, options.deny == Some(Deny::Warnings), terminal)?;
    Ok(exit)
}

/// Gives programs what they asked for: what was found and, so that no format hides it, what failed.
pub(super) fn told(
    format: Findings,
    files: &[FileFindings],
    catalog: &Catalog,
    strict: bool,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let run = Run { files, failed: &terminal.failed(), catalog, strict };
    match format {
        Findings::Text => Ok(()),
        Findings::Json => terminal.json(&(json::render(&run) + "\n")),
        Findings::Sarif => terminal.json(&(sarif::render(&run) + "\n")),
        // Its lines are commands.
        Findings::Github => terminal.data(&github::render(&run)),
        Findings::Gitlab => terminal.json(&(gitlab::render(&run) + "\n")),
        Findings::Junit => terminal.data(&junit::render(&run)),
    }
}
