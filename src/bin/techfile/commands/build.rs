//! `techfile build PATH...`

use std::path::{Path, PathBuf};

use techfile::catalog::Catalog;
use techfile::project::Shard;
use techfile::report::run::{Beside, Line, State, report};

use crate::build::{Batch, Ended, How, Options, Orphan, Target, Wanted, depfile, orphans, program, told};
use crate::disk::{self, Locks};
use crate::documents::number;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// What was asked for.
pub(super) struct Asked<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) out: Option<&'a Path>,
    pub(super) check: bool,
    pub(super) prune: bool,
    pub(super) jobs: Option<u16>,
    pub(super) shard: Option<Shard>,
    pub(super) report: Option<&'a Path>,
    pub(super) cache: bool,
    pub(super) depfile: Option<&'a Path>,
    /// The catalogue folder.
    pub(super) catalog: Option<&'a Path>,
}

pub(super) fn run(catalog: &Catalog, asked: &Asked<'_>, terminal: &Terminal) -> Result<Exit, Failure> {
    let Asked { paths, out, jobs, shard, catalog: folder, .. } = *asked;
    let options = Options { paths, out, shard, jobs, catalog: folder };
    let batch = Batch::of(&options, terminal)?;
    if asked.depfile.is_some() && batch.targets.len() != 1 {
        return Err(Failure::usage("`--depfile` tells of one document, and there is not just one")
            .help("name one answers file; `techfile plan --format ninja` writes a rule for each"));
    }
    let locks = if shard.is_some() { Locks::of_a_part() } else { Locks::default() };
    let wanted = if asked.check { Wanted::Checked } else { Wanted::Made };
    let how = How { wanted, cache: asked.cache, program: program(catalog), locks, warm: false };
    let single = batch.targets.len() == 1 && batch.lost.is_empty();
    let mut failed = Ok(());
    let mut keep_first = |result: Result<(), Failure>| {
        if failed.is_ok() {
            failed = result;
        }
    };
    let mut lines = batch.run(&options, catalog, &how, terminal, |target, ended| {
        keep_first(one(target, ended, (asked.check, single), terminal));
        if let Some(file) = asked.depfile.filter(|_| ended.line.exit == 0) {
            let rule = depfile(target, &ended.inputs, &catalogue(folder));
            keep_first(rule.and_then(|rule| disk::save(file, rule.as_bytes())));
        }
    })?;
    failed?;
    let mut beside = Beside::default();
    let mut exit = lines.iter().map(|line| Exit::of_code(line.exit)).fold(batch.exit, Exit::max);
    exit = exit.max(batch.agree(&lines, catalog, terminal));
    if asked.prune && !batch.is_complete() {
        terminal.say_wrong("nothing was removed: mend first what is told above");
    } else if let Some(root) = Batch::whole(&options).filter(|_| batch.is_complete()) {
        let found = orphans(&root, &batch.all)?;
        exit = exit.max(left_over(&found, &root, asked, &how.locks, terminal)?);
        beside.left_over.extend(found.iter().filter(|_| !asked.prune).map(Orphan::name));
    }
    lines.extend(batch.lost);
    if let Some(file) = asked.report {
        beside.exit = exit.code();
        disk::save(file, report(lines.clone(), shard, beside).0.as_bytes())?;
    }
    if !single {
        terminal.say(&summary(&lines));
    }
    Ok(exit)
}

/// The files of a catalogue folder.
pub(super) fn catalogue(folder: Option<&Path>) -> Vec<String> {
    let files = folder.and_then(|folder| disk::catalogue(folder).ok().map(|files| (folder, files)));
    let named = files
        .into_iter()
        .flat_map(|(folder, files)| files.into_iter().map(move |(name, _)| disk::shown(&folder.join(name))));
    named.collect()
}

/// Tells what became of a document.
fn one(target: &Target, ended: &Ended, (check, single): (bool, bool), terminal: &Terminal) -> Result<(), Failure> {
    let line = &ended.line;
    let markdown = || disk::shown(&target.path(&target.own("md")));
    let reasons = || line.reasons.iter().flat_map(|reason| ["  = because ", reason, "\n"]).collect::<String>();
    match line.state {
        // What is wrong was told where it was found.
        State::Failed if line.reasons.is_empty() => {}
        State::Failed => {
            terminal.say_wrong(&format!("changed since it was built: {}\n{}", markdown(), reasons()));
            terminal.result(&ended.difference)?;
        }
        // Nothing was made that could be listed.
        State::Current if check => terminal.detail(&format!("{}: {}", line.file, told(line))),
        State::Built | State::Current => {
            terminal.result(&format!("{}\n", target.pdf()))?;
            // The path alone does not say which answers it belongs to, and goes elsewhere.
            let sentence = if single { told(line) } else { format!("{}: {}", line.file, told(line)) };
            if single || line.state == State::Built { terminal.say(&sentence) } else { terminal.detail(&sentence) }
        }
        State::New | State::Stale => {
            let word = if line.state == State::New { "not built" } else { "stale" };
            terminal.say_wrong(&format!(
                "{word}: {}, of {}\n{}  = help: run `techfile build {}`",
                markdown(),
                line.file,
                reasons(),
                line.file
            ));
            terminal.result(&ended.difference)?;
        }
    }
    Ok(())
}

/// Tells of outputs whose document is gone, or removes them.
fn left_over(
    found: &[Orphan],
    root: &Path,
    asked: &Asked<'_>,
    locks: &Locks,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    for orphan in found {
        if asked.prune {
            orphan.prune(locks, root)?;
            terminal.say(&format!("removed {} and the files beside it: its document is gone", orphan.name()));
        } else {
            terminal.say_wrong(&format!(
                "left over: {}, of a document that is gone\n  = help: run `techfile build --prune`",
                orphan.name()
            ));
        }
    }
    Ok(if asked.check && !found.is_empty() { Exit::Stale } else { Exit::Success })
}

/// "12 documents: 1 built, 11 up to date".
fn summary(lines: &[Line]) -> String {
    let count = |state: State| lines.iter().filter(|line| line.state == state).count();
    let states = [
        (State::Built, "built"),
        (State::Current, "up to date"),
        (State::Stale, "stale"),
        (State::New, "not built"),
        (State::Failed, "failed"),
    ];
    let parts: Vec<String> = states
        .into_iter()
        .map(|(state, word)| (count(state), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let parts = if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") };
    let names: Vec<&str> =
        lines.iter().filter(|line| line.state == State::Failed).map(|line| line.file.as_str()).collect();
    let failed = if names.is_empty() { String::new() } else { format!(" ({})", short(&names)) };
    format!("{}: {parts}{failed}", number(lines.len(), "document"))
}

/// The first of some names.
fn short(names: &[&str]) -> String {
    const MOST: usize = 10;
    let more = names.len().saturating_sub(MOST);
    let first = names[..names.len() - more].join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}
