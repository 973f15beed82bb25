//! `techfile watch PATH...`

mod fresh;
mod reads;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};
use techfile::catalog::Catalog;
use techfile::report::run::{Line, State};

use self::fresh::fresh;
use self::reads::Reads;
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
    paths: &'w [PathBuf],
    /// The catalogue folder that was named; without it that of the project counts, which may change.
    given: Option<&'w Path>,
    folder: Option<PathBuf>,
    catalog: Catalog,
    how: How,
    /// The worker, and what it was hired for.
    hand: Option<(Hand, Crew)>,
    /// What each document reads.
    reads: Reads,
    /// What became of each document last.
    lines: BTreeMap<String, Line>,
    /// What became of each document when it was without an error last.
    sound: BTreeMap<String, Line>,
    /// What was said last of the project, and of facts that documents state differently.
    said: [String; 2],
    terminal: &'w Terminal,
}

pub(super) fn run(
    catalog: Catalog,
    paths: &[PathBuf],
    (given, folder): (Option<&Path>, Option<PathBuf>),
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let how =
        How { wanted: Wanted::Made, cache: true, program: program(&catalog), locks: Locks::default(), warm: true };
    let (reads, said) = (Reads::default(), Default::default());
    let (lines, sound) = (BTreeMap::new(), BTreeMap::new());
    let mut watch = Watch { paths, given, folder, catalog, how, hand: None, reads, lines, sound, said, terminal };
    let mut batch = Batch::of(&watch.options(), terminal)?;
    if batch.targets.is_empty() {
        return Ok(batch.exit);
    }
    let (sender, heard) = channel();
    let mut ears =
        Ears { watcher: recommended_watcher(sender).map_err(|error| cannot("files", &error))?, roots: BTreeSet::new() };
    ears.listen(&batch.targets, watch.folder.as_deref())?;
    watch.round(&batch)?;
    terminal.say(&format!("watching {}; Ctrl-C ends", number(batch.targets.len(), "document")));
    loop {
        let Some(changed) = next(&heard, |path| watch.reads.count(path, &batch.targets)) else {
            return Err(Failure::io("cannot watch", "files", &std::io::ErrorKind::BrokenPipe.into()));
        };
        // Whatever is wrong now may be right in a moment.
        if let Some(now) = watch.look(&changed) {
            ears.listen(&now.targets, watch.folder.as_deref())?;
            watch.round(&now)?;
            batch = now;
        } else {
            watch.reads.lost = true;
        }
    }
}

/// The catalogue folder that counts.
fn folder(paths: &[PathBuf], given: Option<&Path>, terminal: &Terminal) -> Result<Option<PathBuf>, Failure> {
    given.map_or_else(|| super::of_paths(paths, terminal), |given| Ok(Some(given.to_owned())))
}

fn cannot(what: &str, error: &notify::Error) -> Failure {
    let error = std::io::Error::other(error.to_string());
    Failure::io("cannot watch", what, &error)
        .help("systems watch only so many folders: name a smaller one, or raise the limit")
}

/// Who hears of changes, and in which folders.
struct Ears {
    watcher: RecommendedWatcher,
    roots: BTreeSet<PathBuf>,
}

impl Ears {
    /// Listens in the roots of documents and in the catalogue as well.
    fn listen(&mut self, targets: &[Target], catalog: Option<&Path>) -> Result<(), Failure> {
        let mut wanted = BTreeSet::new();
        for target in targets {
            wanted.insert(Root::of(&target.input.path)?.folder().to_owned());
        }
        wanted.extend(catalog.and_then(disk::real));
        for root in wanted {
            // A folder below another one is watched with it.
            if !root.ancestors().any(|above| self.roots.contains(above)) {
                let watched = self.watcher.watch(&root, RecursiveMode::Recursive);
                watched.map_err(|error| cannot(&disk::shown(&root), &error))?;
                self.roots.insert(root);
            }
        }
        Ok(())
    }
}

/// Waits until somebody has saved something that may count, and then until nobody saves such a thing any more: whoever
/// reads all the time, or writes what does not count, holds nothing up.
#[expect(clippy::disallowed_methods, reason = "when something is made changes nothing of what is made")]
fn next(heard: &Heard, counts: impl Fn(&Path) -> bool) -> Option<Vec<PathBuf>> {
    let mut changed = Vec::new();
    let mut end: Option<Instant> = None;
    loop {
        let event = match end {
            None => heard.recv().ok()?,
            Some(end) => match heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(event) => event,
                Err(_) => return Some(changed),
            },
        };
        let before = changed.len();
        match event {
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) => changed.extend(event.paths.into_iter().filter(|path| counts(path))),
            // Events that got lost may have been any.
            Err(_) => changed.push(PathBuf::new()),
        }
        if changed.len() > before {
            end = Some(Instant::now() + QUIET);
        } else if end.is_some_and(|end| end <= Instant::now()) {
            return Some(changed);
        }
    }
}

impl Watch<'_> {
    fn options(&self) -> Options<'_> {
        Options { paths: self.paths, out: None, shard: None, jobs: Some(1), catalog: self.folder.as_deref() }
    }

    /// The documents as they are now; nothing if the project cannot be used.
    fn look(&mut self, changed: &[PathBuf]) -> Option<Batch> {
        let aside = self.aside();
        let batch = self.renew(changed, &aside).and_then(|()| Batch::of(&self.options(), &aside));
        let batch = batch.map_err(|failure| aside.fail(&failure)).ok();
        self.news(0, aside.taken());
        batch
    }

    /// Somebody who hears first what may have been said already.
    fn aside(&self) -> Terminal {
        Terminal::plain().dictating(self.terminal.colour())
    }

    /// Says what is new.
    fn news(&mut self, about: usize, said: String) {
        if self.said[about] != said {
            self.terminal.repeat(&said);
            self.said[about] = said;
        }
    }

    /// Reads the catalogue again if another one counts, or one of its files has changed.
    fn renew(&mut self, changed: &[PathBuf], aside: &Terminal) -> Result<(), Failure> {
        let folder = folder(self.paths, self.given, aside)?;
        let real = folder.as_deref().and_then(disk::real);
        let touched = |path: &PathBuf| real.as_ref().is_none_or(|real| path.starts_with(real));
        if folder == self.folder && (folder.is_none() || !changed.iter().any(touched)) {
            return Ok(());
        }
        self.catalog = super::loaded(folder.as_deref())?;
        self.folder = folder;
        self.how.program = program(&self.catalog);
        self.hand = None;
        Ok(())
    }

    /// Makes what is not current.
    fn round(&mut self, batch: &Batch) -> Result<(), Failure> {
        self.lines.retain(|file, _| batch.targets.iter().any(|target| target.input.name == *file));
        self.reads.begin(&batch.targets, self.folder.as_deref());
        let mut hired = false;
        for target in &batch.targets {
            if let Some(known) = remembered(target, &self.how) {
                self.reads.note(target, &known.inputs);
                self.lines.insert(known.line.file.clone(), known.line);
                continue;
            }
            if !hired {
                let crew = batch.crew(&self.options(), &self.how, self.terminal)?;
                // Another list of documents needs a worker that knows it.
                if self
                    .hand
                    .as_ref()
                    .is_none_or(|(_, other)| (&other.run, &other.arguments) != (&crew.run, &crew.arguments))
                {
                    self.hand = Some((Hand::default(), crew));
                }
                hired = true;
            }
            let Some((hand, crew)) = &mut self.hand else { continue };
            let answer = hand.make(crew, &task(target))?;
            self.tell(target, answer)?;
        }
        let lines: Vec<Line> =
            batch.targets.iter().filter_map(|target| self.lines.get(&target.input.name).cloned()).collect();
        let aside = self.aside();
        batch.agree(&lines, &self.catalog, &aside);
        self.news(1, aside.taken());
        Ok(())
    }

    fn tell(&mut self, target: &Target, answer: Answer) -> Result<(), Failure> {
        let Answer { line, inputs, said, .. } = answer;
        self.reads.note(target, &inputs);
        let before = self.lines.insert(line.file.clone(), line.clone());
        // What is as wrong as it was is not told again.
        if line.state == State::Failed && before.as_ref() == Some(&line) {
            return Ok(());
        }
        self.terminal.repeat(&fresh(&said, &line, self.sound.get(&line.file)));
        if line.state != State::Failed {
            self.sound.insert(line.file.clone(), line.clone());
        }
        match line.state {
            State::Built => {
                self.terminal.result(&format!("{}\n", target.pdf()))?;
                self.terminal.say(&format!("{}: {}", line.file, told(&line)));
            }
            State::Failed if said.is_empty() => lost(&line, self.terminal),
            // What its outputs say has not changed.
            _ => {}
        }
        Ok(())
    }
}
