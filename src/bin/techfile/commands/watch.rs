//! `techfile watch PATH...`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};
use techfile::catalog::Catalog;
use techfile::report::run::State;

use crate::build::{Answer, Batch, Crew, Hand, How, Options, Target, Wanted, lost, program, remembered, task, told};
use crate::disk::{self, Locks, Root};
use crate::documents::number;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// How long nobody may save anything before something is made: editors write in several steps.
const QUIET: Duration = Duration::from_millis(50);

type Heard = Receiver<notify::Result<Event>>;

/// Somebody who looks at the same documents again and again.
struct Watch<'w> {
    options: Options<'w>,
    catalog: Catalog,
    how: How,
    /// The worker, and what it was hired for.
    hand: Option<(Hand, Crew)>,
    /// What was said of each document last: the same thing is not said twice.
    said: BTreeMap<String, String>,
    terminal: &'w Terminal,
}

pub(super) fn run(
    catalog: Catalog,
    paths: &[PathBuf],
    folder: Option<&Path>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let options = Options { paths, out: None, shard: None, jobs: Some(1), catalog: folder };
    let first = Batch::of(&options, terminal)?;
    if first.targets.is_empty() {
        return Ok(first.exit);
    }
    let (sender, heard) = channel();
    let mut watcher = recommended_watcher(sender).map_err(|error| cannot("files", &error))?;
    let roots = listen(&mut watcher, &first.targets, folder)?;
    let how =
        How { wanted: Wanted::Made, cache: true, program: program(&catalog), locks: Locks::default(), warm: true };
    let mut watch = Watch { options, catalog, how, hand: None, said: BTreeMap::new(), terminal };
    watch.round(&first)?;
    terminal.say(&format!("watching {}; Ctrl-C ends", number(first.targets.len(), "document")));
    loop {
        let Some(changed) = next(&heard, &roots) else {
            return Err(Failure::io("cannot watch", "files", &std::io::ErrorKind::BrokenPipe.into()));
        };
        watch.renew(&changed);
        // Whatever is wrong now may be right in a moment.
        match Batch::of(&watch.options, terminal) {
            Ok(batch) => watch.round(&batch)?,
            Err(failure) => {
                terminal.fail(&failure);
            }
        }
    }
}

fn cannot(what: &str, error: &notify::Error) -> Failure {
    let error = std::io::Error::other(error.to_string());
    Failure::io("cannot watch", what, &error)
        .help("systems watch only so many folders: name a smaller one, or raise the limit")
}

/// Watches the roots of documents and the catalogue; the output folders, in which nothing is listened to.
fn listen(
    watcher: &mut RecommendedWatcher,
    targets: &[Target],
    catalog: Option<&Path>,
) -> Result<Vec<PathBuf>, Failure> {
    let mut roots = BTreeSet::new();
    for target in targets {
        roots.insert(Root::of(&target.input.path)?.folder().to_owned());
    }
    roots.extend(catalog.and_then(disk::real));
    for root in &roots {
        // A folder below another one is watched with it.
        if !root.ancestors().skip(1).any(|above| roots.contains(above)) {
            watcher.watch(root, RecursiveMode::Recursive).map_err(|error| cannot(&disk::shown(root), &error))?;
        }
    }
    Ok(targets.iter().map(|target| target.root.clone()).collect::<BTreeSet<_>>().into_iter().collect())
}

/// Waits until somebody has saved something that may count, and then until nobody saves any more.
fn next(heard: &Heard, outputs: &[PathBuf]) -> Option<Vec<PathBuf>> {
    let mut changed = Vec::new();
    loop {
        let event = if changed.is_empty() {
            heard.recv().ok()?
        } else {
            match heard.recv_timeout(QUIET) {
                Ok(event) => event,
                Err(_) => return Some(changed),
            }
        };
        // Events that got lost may have been any.
        let Ok(event) = event else {
            changed.push(PathBuf::new());
            continue;
        };
        if matches!(event.kind, EventKind::Access(_)) {
            continue;
        }
        let outputs: Vec<PathBuf> = outputs.iter().filter_map(|output| disk::real(output)).collect();
        changed.extend(event.paths.into_iter().filter(|path| !outputs.iter().any(|output| path.starts_with(output))));
    }
}

impl Watch<'_> {
    /// Reads the catalogue again if one of its files has changed.
    fn renew(&mut self, changed: &[PathBuf]) {
        let Some(folder) = self.options.catalog else { return };
        let real = disk::real(folder);
        if !changed.iter().any(|path| real.as_ref().is_none_or(|real| path.starts_with(real))) {
            return;
        }
        match disk::catalogue(folder) {
            Ok(files) => {
                self.catalog = Catalog::with(files);
                self.how.program = program(&self.catalog);
                self.hand = None;
            }
            Err(failure) => {
                self.terminal.fail(&failure);
            }
        }
    }

    /// Makes what is not current.
    fn round(&mut self, batch: &Batch) -> Result<(), Failure> {
        self.said.retain(|file, _| batch.targets.iter().any(|target| target.input.name == *file));
        for target in &batch.targets {
            if remembered(target, &self.how).is_some() {
                self.said.remove(&target.input.name);
                continue;
            }
            let crew = batch.crew(&self.options, &self.how, self.terminal)?;
            // Another list of documents needs a worker that knows it.
            if self.hand.as_ref().is_none_or(|(_, hired)| hired.run != crew.run) {
                self.hand = Some((Hand::default(), crew));
            }
            let Some((hand, crew)) = &mut self.hand else { continue };
            let answer = hand.make(crew, &task(target))?;
            self.tell(target, &answer)?;
        }
        Ok(())
    }

    fn tell(&mut self, target: &Target, answer: &Answer) -> Result<(), Failure> {
        let Answer { line, said, .. } = answer;
        let news = serde_json::to_string(line).unwrap_or_default();
        if self.said.insert(line.file.clone(), news.clone()).is_some_and(|before| before == news) {
            return Ok(());
        }
        self.terminal.repeat(said);
        match line.state {
            State::Built => {
                self.terminal.result(&format!("{}\n", target.pdf()))?;
                self.terminal.say(&format!("{}: {}", line.file, told(line)));
            }
            State::Failed if said.is_empty() => lost(line, self.terminal),
            // What its outputs say has not changed.
            _ => {}
        }
        Ok(())
    }
}
