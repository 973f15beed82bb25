//! A run over documents: which of them are current, and who makes the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;

use techfile::catalog::Catalog;
use techfile::digest::Digest;
use techfile::project::Shard;
use techfile::report::FileFindings;
use techfile::report::run::{Error, Line, disagreements};
use techfile::report::text::Colour;

use super::crew::{Answer, Crew, Task};
use super::make::{Ended, How, Wanted, begun, failed, make};
use super::target::{Target, one_output_each};
use crate::disk::{self, Root, Seen};
use crate::documents::{Ahead, ahead, among, collects, gathered, process};
use crate::exit::{Exit, Failure};
use crate::project::{Homes, agree};
use crate::terminal::Terminal;

/// What was asked for.
pub(crate) struct Options<'o> {
    pub(crate) paths: &'o [PathBuf],
    pub(crate) out: Option<&'o Path>,
    pub(crate) shard: Option<Shard>,
    pub(crate) jobs: Option<u16>,
    /// The catalogue folder that was named.
    pub(crate) catalog: Option<&'o Path>,
}

/// Documents, and what is known of them.
pub(crate) struct Batch {
    pub(crate) targets: Vec<Target>,
    /// Every document of the run, also those of other parts.
    pub(crate) all: Vec<Target>,
    /// What there is to say of paths that no document came of.
    pub(crate) lost: Vec<Line>,
    pub(crate) exit: Exit,
}

/// The program with its catalogue, by digest. A program that was built anew is another one.
#[expect(clippy::disallowed_methods, reason = "what made a document is asked, not what is in it")]
pub(crate) fn program(catalog: &Catalog) -> Digest {
    let look = std::env::current_exe().map(|path| disk::look(&path));
    let look = match look {
        Ok(Seen::File(look)) => look.numbers().to_vec(),
        _ => Vec::new(),
    };
    let parts = serde_json::json!([env!("CARGO_PKG_VERSION"), look, catalog.digest().to_string()]);
    Digest::of(parts.to_string().as_bytes())
}

/// A document as a worker is given it.
pub(crate) fn task(target: &Target) -> Task {
    let path = target.input.path.to_string_lossy().into_owned();
    Task { path, line: begun(target), allowance: target.allowance() }
}

/// What there is to say of a document that need not be looked at, and the files that it is made from.
pub(crate) fn remembered(target: &Target, how: &How) -> Option<Ended> {
    let record = how.record(target)?;
    let root = Root::of(&target.input.path).ok()?;
    let names = || {
        let paths = target.input.home.as_ref()?.documents().ok()?;
        Some(among(&paths.iter().map(|path| path.to_str()).collect::<Option<Vec<_>>>()?))
    };
    let spare = |name: &str| {
        let kept = |suffix: &str| name == target.own(suffix);
        let pages = target.input.home.as_ref().is_some_and(|home| home.keeps("pdf"));
        how.wanted == Wanted::Checked && !(kept("md") || kept("manifest.json") || (kept("pdf") && pages))
    };
    let line = record.current(target, root.folder(), names, &spare)?;
    Some(Ended { line, inputs: record.inputs(), difference: String::new() })
}

/// Tells of a document that was lost with its worker, of which nobody has told.
pub(crate) fn lost(line: &Line, terminal: &Terminal) {
    if let Some(Error { message, help }) = &line.error {
        let (exit, help) = (Exit::of_code(line.exit), help.clone());
        terminal.fail(&Failure { exit, message: format!("`{}`: {message}", line.file), help });
    }
}

impl Batch {
    /// The documents that somebody named.
    pub(crate) fn of(options: &Options<'_>, terminal: &Terminal) -> Result<Self, Failure> {
        let (inputs, lost) = gathered(options.paths, terminal)?;
        let mut lost: Vec<Line> = lost.into_iter().map(|lost| failed(Line::new(&lost.name), lost.failure)).collect();
        let mut all = Vec::new();
        for input in inputs {
            let name = input.name.clone();
            match Target::new(input, options.out) {
                Ok(target) => all.push(target),
                Err(failure) => {
                    let told = |line: &Line| line.error.as_ref().is_some_and(|error| error.message == failure.message);
                    if !lost.iter().any(told) {
                        terminal.fail(&failure);
                    }
                    lost.push(failed(Line::new(&name), failure));
                }
            }
        }
        let exit = lost.iter().map(|line| Exit::of_code(line.exit)).fold(Exit::Success, Exit::max);
        one_output_each(&all)?;
        let own = |target: &&Target| options.shard.is_none_or(|shard| shard.holds(&target.key()));
        let targets = all.iter().filter(own).cloned().collect();
        Ok(Self { targets, all, lost, exit })
    }

    /// Whether all documents are known. Who does not know them does not know whose outputs are left over.
    pub(crate) fn is_complete(&self) -> bool {
        self.lost.is_empty()
    }

    /// Takes the documents through. `done` hears of each, in order, as soon as it can.
    pub(crate) fn run<'b>(
        &'b self,
        options: &Options<'_>,
        catalog: &Catalog,
        how: &How,
        terminal: &Terminal,
        mut done: impl FnMut(&'b Target, &Ended),
    ) -> Result<Vec<Line>, Failure> {
        let mut ended: BTreeMap<usize, Ended> = BTreeMap::new();
        let mut todo = Vec::new();
        for (index, target) in self.targets.iter().enumerate() {
            match remembered(target, how) {
                Some(known) => {
                    ended.insert(index, known);
                }
                None => todo.push(index),
            }
        }
        // What is made of others comes after them: what is wrong with those is told first.
        let late = |index: &usize| todo.len() > 1 && collects(&self.targets[*index].input, catalog);
        let late: Vec<bool> = todo.iter().map(late).collect();
        let (last, mut order): (Vec<_>, Vec<_>) = todo.iter().copied().zip(late).partition(|(_, late)| *late);
        order.extend(last);
        let order: Vec<usize> = order.into_iter().map(|(index, _)| index).collect();
        let mut lines: Vec<Option<Line>> = vec![None; self.targets.len()];
        let mut tell = |index: usize, ended: Ended| {
            done(&self.targets[index], &ended);
            lines[index] = Some(ended.line);
        };
        for (index, ended) in ended {
            tell(index, ended);
        }
        // One that is left of several may be the one that took too much the last time: it has a worker, too.
        if let ([only], [_]) = (order.as_slice(), self.all.as_slice()) {
            let target = &self.targets[*only];
            let work = || make(target, catalog, how, terminal);
            tell(*only, if how.warm { work() } else { ahead(&target.input, Ahead::Pages, catalog, work) });
        } else if !order.is_empty() {
            let crew = self.crew(options, how, terminal)?;
            if how.wanted == Wanted::Made {
                self.lock(how, &order)?;
            }
            let tasks: Vec<Task> = order.iter().map(|index| task(&self.targets[*index])).collect();
            // Answers come as they come, and are told in order.
            let mut early: BTreeMap<usize, Answer> = BTreeMap::new();
            let (mut next, mut count) = (0, 0);
            crew.work(&tasks, |at, answer| {
                early.insert(at, answer);
                count += 1;
                while let Some(Answer { line, inputs, difference, said }) = early.remove(&next) {
                    terminal.clear();
                    terminal.repeat(&said);
                    if said.is_empty() {
                        lost(&line, terminal);
                    }
                    tell(order[next], Ended { line, inputs, difference });
                    next += 1;
                }
                terminal.progress(count, order.len(), &tasks[at].line.file);
            })?;
            terminal.clear();
        }
        Ok(lines.into_iter().flatten().collect())
    }

    /// Locks the output folders for the workers, which cannot lock them one after the other.
    fn lock(&self, how: &How, order: &[usize]) -> Result<(), Failure> {
        for index in order {
            let root = &self.targets[*index].root;
            // A folder that cannot be written into is found out by who has something to write into it.
            if let Err(failure) = how.locks.take(root)
                && how.locks.still_open(root).is_err()
            {
                return Err(failure);
            }
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "a worker is this program again")]
    pub(crate) fn crew(&self, options: &Options<'_>, how: &How, terminal: &Terminal) -> Result<Crew, Failure> {
        let program =
            std::env::current_exe().map_err(|error| Failure::io("cannot find", "the program itself", &error))?;
        let path = |path: &Path| {
            let told = || Failure::usage(format!("the name of `{}` is not UTF-8", disk::shown(path)));
            path.to_str().map(str::to_owned).ok_or_else(told)
        };
        let mut arguments: Vec<String> = terminal.flags().into_iter().map(str::to_owned).collect();
        for (flag, given) in [("--out", options.out), ("--catalog", options.catalog)] {
            if let Some(given) = given {
                arguments.extend([flag.to_owned(), path(given)?]);
            }
        }
        for (flag, on) in [
            ("--check", how.wanted == Wanted::Checked),
            ("--plan", how.wanted == Wanted::Planned),
            ("--no-cache", !how.cache),
            ("--coloured", terminal.colour() == Colour::On),
            ("--warm", how.warm),
        ] {
            arguments.extend(on.then(|| flag.to_owned()));
        }
        let run = self.all.iter().map(|target| path(&target.input.path)).collect::<Result<_, _>>()?;
        let count = options.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
        Ok(Crew { program, arguments, run, count, warm: how.warm })
    }

    /// Tells what documents of one project say differently about one fact.
    pub(crate) fn agree(&self, lines: &[Line], catalog: &Catalog, terminal: &Terminal) -> Exit {
        let found = disagreements(lines);
        if found.is_empty() {
            return Exit::Success;
        }
        let mut concerned: BTreeSet<&str> = BTreeSet::new();
        for (index, finding) in &found {
            concerned.insert(&lines[*index].file);
            concerned.extend(finding.related.iter().map(|related| related.place.source.name()));
        }
        // Lines know places; whoever reads a finding wants to see what stands there.
        let (mut stated, mut found) = (Vec::new(), Vec::new());
        for (target, line) in self.targets.iter().zip(lines) {
            let Some(home) = target.input.home.clone().filter(|_| concerned.contains(&*line.file)) else { continue };
            let quiet = Terminal::plain().dictating(Colour::Off);
            let outcome =
                process(&target.input, catalog, &quiet, |checked, _| Ok((checked.facts().to_vec(), Vec::new())));
            let facts = outcome.ok().and_then(|outcome| outcome.value).unwrap_or_default();
            stated.push((home, found.len(), facts));
            let file = target.input.name.clone();
            found.push(FileFindings { file, document: None, findings: Vec::new(), allowed: Vec::new() });
        }
        let exit = agree(&stated, &mut found);
        found.iter().flat_map(|found| &found.findings).for_each(|finding| terminal.finding(finding, catalog));
        exit
    }

    /// The output folder, if the run is one over a whole project; also if that has no document any more.
    pub(crate) fn whole(options: &Options<'_>) -> Option<PathBuf> {
        let project = match options.paths {
            [] => Path::new("."),
            [one] if disk::is_project(one) => one,
            _ => return None,
        };
        // What is wrong with the project was told when its documents were looked for.
        let home = Homes::default().of(project, &Terminal::plain().dictating(Colour::Off)).ok().flatten()?;
        Some(options.out.map_or_else(|| home.output(), Path::to_owned))
    }
}
