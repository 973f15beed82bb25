//! The shelf of a document: `releases/<id>/` with its ledger, its head and a folder for each revision.
//!
//! A release becomes valid in one step at a time, each of which a later run can finish: the folder is made under a hidden
//! name, then, under a lock, a journal names the line to come, the folder gets its name, the ledger its line, the head its
//! digest, and the journal goes. Whoever reads in between sees the old state or the new one.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one reader and writer")]
#![cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only documents are released"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use techfile::answers::Limits;
use techfile::diagnostic::{Diagnostic, Severity};
use techfile::digest::Digest;
use techfile::record::layout::{HEAD, JOURNAL, LEDGER, OURS, is_unfinished};
use techfile::record::ledger::{Beside, Event, Ledger, Line, head_file};
use techfile::record::verify;
use tempfile::{Builder, TempPath};

use super::lock::wait;
use super::subjects::{self, Shelved};
use super::write::{beside, clear, ensure, remove, replace, sync};
use super::{Root, io, shown};
use crate::exit::Failure;
use crate::interrupt::Hold;

/// The folder of all releases, in the root.
pub(crate) const RELEASES: &str = "releases";
/// What keeps git from changing bytes that are digested; also the file that is locked.
const ATTRIBUTES: &str = ".gitattributes";
const ATTRIBUTE_LINES: &str = "\
# Every file here is named by its digest: git must not change a line end, and never joins two ledgers by itself.
* -text
*.ledger.jsonl -text merge=binary
*.ledger.head -text merge=binary
*.sha256 -text
*.manifest.json -text
*.md -text
*.typ -text
";
const STAGED: &str = ".tmp";

/// Where the releases of one document lie.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    releases: PathBuf,
    folder: PathBuf,
    id: String,
}

/// What became of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frozen {
    New,
    /// It was released before, with the very same bytes.
    Already,
}

/// The shelf's lock, and the right to write.
struct Locked {
    _lock: File,
    hold: Hold,
    /// What was finished, for people.
    told: Option<String>,
}

impl Shelf {
    /// The shelf of a document under a root.
    pub(super) fn new(root: &Path, id: &str) -> Self {
        let releases = root.join(RELEASES);
        Self { folder: releases.join(id), releases, id: id.to_owned() }
    }

    /// The shelf of a document, unless another one on the way to its answers holds releases of it: whoever turns the
    /// folder above into a project must not begin a second ledger.
    pub(crate) fn of(root: &Root, id: &str) -> Result<Self, Failure> {
        let shelf = Self::new(root.folder(), id);
        let mut elsewhere = root.below().map(|folder| Self::new(&folder, id));
        match elsewhere.find(|other| fs::symlink_metadata(other.ledger_path()).is_ok()) {
            Some(Self { folder: older, .. }) => {
                let (older, own) = (shown(&older), shown(&shelf.folder));
                let message =
                    format!("`{id}` was released before, into `{older}`, and its project keeps releases in `{own}`");
                Err(Failure::refused(message)
                    .help(format!("move `{older}` to `{own}`, so that one ledger tells of all its revisions")))
            }
            None => Ok(shelf),
        }
    }

    /// The shelf that a folder is, if it holds a ledger of its own name.
    pub(crate) fn at(folder: &Path) -> Option<Self> {
        let id = folder.file_name()?.to_str()?.to_owned();
        let shelf = Self { releases: super::folder_of(folder), folder: folder.to_owned(), id };
        fs::symlink_metadata(shelf.ledger_path()).is_ok_and(|state| state.is_file()).then_some(shelf)
    }

    /// Whether a folder is a shelf, or was about to become one: what lies in it was released and is nobody's answers.
    pub(super) fn is(folder: &Path) -> bool {
        Self::at(folder).is_some() || fs::symlink_metadata(folder.join(JOURNAL)).is_ok()
    }

    /// Its ledger, by the path from a root.
    pub(super) fn ledger_from(&self, root: &Path) -> Option<String> {
        let path = self.ledger_path();
        let parts: Option<Vec<&str>> = path.strip_prefix(root).ok()?.iter().map(|part| part.to_str()).collect();
        parts.map(|parts| parts.join("/"))
    }

    /// The folder, as people know it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The ledger's name, as people know it.
    pub(crate) fn ledger_name(&self) -> String {
        shown(&self.ledger_path())
    }

    fn ledger_path(&self) -> PathBuf {
        self.folder.join(format!("{}{LEDGER}", self.id))
    }

    fn head_path(&self) -> PathBuf {
        self.folder.join(format!("{}{HEAD}", self.id))
    }

    /// The files that say what was released, by their paths from the root.
    pub(crate) fn witnesses(&self) -> [String; 3] {
        let id = &self.id;
        [format!("{id}{LEDGER}"), format!("{id}{HEAD}"), JOURNAL.to_owned()]
            .map(|name| format!("{RELEASES}/{id}/{name}"))
    }

    /// The ledger as it lies there, with its head and its journal.
    fn written(&self) -> Result<Shelved, Failure> {
        subjects::ledger(&self.ledger_path())
    }

    /// The ledger, which must hold; `None` if nothing was ever released.
    pub(crate) fn ledger(&self) -> Result<Option<Ledger>, Failure> {
        let written = self.written()?;
        let Some(bytes) = &written.ledger else {
            return match written.head {
                None => Ok(None),
                Some(_) => Err(self.broken("it is gone, and its head is still there")),
            };
        };
        let (ledger, findings) = Ledger::read(&self.ledger_name(), bytes, written.beside());
        if let Some(finding) = wrong(&findings) {
            return Err(self.broken(&finding.message));
        }
        let begun = ledger.lines().next().is_some();
        Ok(begun.then_some(ledger))
    }

    fn broken(&self, why: &str) -> Failure {
        let name = self.ledger_name();
        Failure::verification(format!("the ledger `{name}` does not hold: {why}"))
            .help(format!("`techfile verify {}` tells everything that is wrong with it", shown(&self.folder)))
    }

    /// The bytes of a file of a release, if it is there.
    pub(crate) fn file(&self, revision: &str, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        subjects::optional(&self.folder.join(revision).join(name), Limits::HIGHEST.evidence_bytes as u64)
    }

    /// Finishes a release that was interrupted, if there is one, so that what is read next is the newest state; what was
    /// done, for people.
    pub(crate) fn settle(&self) -> Result<Option<String>, Failure> {
        if fs::symlink_metadata(self.folder.join(JOURNAL)).is_err() {
            return Ok(None);
        }
        Ok(self.prepare()?.told)
    }

    /// Freezes a revision. `seen` is the ledger's head when the release was made; if it is another one now, somebody was
    /// faster and the release speaks of a past that is gone.
    pub(crate) fn freeze(
        &self,
        revision: &str,
        files: &BTreeMap<String, Vec<u8>>,
        seen: Digest,
        line: impl FnOnce(&Ledger) -> Vec<u8>,
    ) -> Result<Frozen, Failure> {
        self.one_name(revision)?;
        let Locked { _lock, hold, .. } = self.prepare()?;
        let ledger = self.ledger()?;
        let head = ledger.as_ref().map_or(Digest::ZEROS, Ledger::head);
        let target = self.folder.join(revision);
        let released = ledger.as_ref().is_some_and(|ledger| ledger.release(revision).is_some());
        if head != seen {
            return Err(Failure::refused(format!("somebody else has written to `{}` meanwhile", self.ledger_name()))
                .help("run the command again; it reads what is there now"));
        }
        let there = fs::symlink_metadata(&target).is_ok();
        if released && !there {
            return Err(Failure::refused(format!(
                "revision {revision} is released already, but `{}` is gone",
                shown(&target)
            ))
            .help("put the folder back from git or from where it was published"));
        }
        if there {
            return match differs(&target, files)? {
                None if released => Ok(Frozen::Already),
                None => {
                    Err(Failure::refused(format!("`{}` is there, but the ledger does not name it", shown(&target)))
                        .help("find out where it came from; if it is of no use, remove it"))
                }
                Some(name) => Err(Failure::refused(format!(
                    "revision {revision} is released already, with another `{name}`: {}",
                    shown(&target)
                ))
                .help("a released revision never changes: give the document a new revision label")),
            };
        }
        let mut builder = Builder::new();
        builder.prefix(OURS).suffix(STAGED);
        #[cfg(unix)]
        let everybody = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o777);
        #[cfg(unix)]
        // Others may read a release, as far as the user's umask says so.
        builder.permissions(everybody);
        let mut hold = hold;
        let mut staged = builder.tempdir_in(&self.folder).map_err(io("cannot write into", &self.folder))?;
        let mut folders = BTreeSet::from([staged.path().to_owned()]);
        for (name, bytes) in files {
            let path = staged.path().join(name);
            replace(&path, bytes, &hold)?;
            folders.extend(path.ancestors().skip(1).take_while(|path| *path != staged.path()).map(Path::to_owned));
            (hold, staged) = hold.go_on(staged);
        }
        folders.iter().try_for_each(|folder| sync(folder))?;
        let line = line(&ledger.clone().unwrap_or_else(|| Ledger::empty(&self.ledger_name())));
        let ready = self.ready(ledger, &line, &hold)?;
        // From here on the release is finished, whoever asks for an end.
        self.journal(&line, &hold)?;
        fs::rename(staged.keep(), &target).map_err(io("cannot write", &target))?;
        sync(&self.folder)?;
        self.commit(ready)?;
        Ok(Frozen::New)
    }

    /// Adds the line of an event that makes no files.
    pub(crate) fn append(&self, seen: Digest, line: impl FnOnce(&Ledger) -> Vec<u8>) -> Result<(), Failure> {
        let Locked { _lock, hold, .. } = self.prepare()?;
        let Some(ledger) = self.ledger()?.filter(|ledger| ledger.head() == seen) else {
            return Err(Failure::refused(format!("somebody else has written to `{}` meanwhile", self.ledger_name()))
                .help("run the command again; it reads what is there now"));
        };
        let line = line(&ledger);
        let ready = self.ready(Some(ledger), &line, &hold)?;
        self.journal(&line, &hold)?;
        self.commit(ready)
    }

    fn journal(&self, line: &[u8], hold: &Hold) -> Result<(), Failure> {
        replace(&self.folder.join(JOURNAL), line, hold)?;
        sync(&self.folder)
    }

    /// Ledger and head with one more line, ready to get their names: a disk that is full is found out before anything is
    /// journalled.
    fn ready(&self, ledger: Option<Ledger>, line: &[u8], hold: &Hold) -> Result<[TempPath; 2], Failure> {
        let (bytes, head) = ledger.unwrap_or_else(|| Ledger::empty(&self.ledger_name())).with(line);
        Ok([beside(&self.ledger_path(), &bytes, hold)?, beside(&self.head_path(), &head_file(head), hold)?])
    }

    /// The last steps, under the lock.
    fn commit(&self, [ledger, head]: [TempPath; 2]) -> Result<(), Failure> {
        for (file, path) in [(ledger, self.ledger_path()), (head, self.head_path())] {
            file.persist(&path).map_err(|error| io("cannot write", &path)(error.error))?;
            sync(&self.folder)?;
        }
        remove(&self.folder.join(JOURNAL))
    }

    /// Takes the lock and finishes what was interrupted.
    fn prepare(&self) -> Result<Locked, Failure> {
        let attributes = self.releases.join(ATTRIBUTES);
        // Nothing is written through a link: it may lead out of the root.
        [&self.releases, &self.folder, &attributes].into_iter().try_for_each(|path| subjects::no_link(path))?;
        if fs::symlink_metadata(&self.folder).is_err() {
            super::write::make(&self.folder)?;
            sync(&self.releases)?;
            sync(&super::folder_of(&self.releases))?;
        }
        ensure(&attributes, ATTRIBUTE_LINES.as_bytes())?;
        let file = subjects::opened(&attributes)?;
        lock(&file, &attributes)?;
        let hold = Hold::new();
        clear(&self.releases)?;
        let told = self.recover(&hold)?;
        Ok(Locked { _lock: file, hold, told })
    }

    /// Whoever may write into the folder may write a journal: it is followed only where all that it vouches for is there,
    /// and never in silence.
    fn recover(&self, hold: &Hold) -> Result<Option<String>, Failure> {
        for entry in fs::read_dir(&self.folder).map_err(io("cannot read", &self.folder))? {
            let entry = entry.map_err(io("cannot read", &self.folder))?;
            let path = entry.path();
            if is_unfinished(&entry.file_name().to_string_lossy()) {
                let kind = entry.file_type().map_err(io("cannot read", &path))?;
                let gone = if kind.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                gone.map_err(io("cannot remove", &path))?;
            }
        }
        let written = self.written()?;
        let Some(journal) = &written.journal else { return Ok(None) };
        let name = self.ledger_name();
        let bytes = written.ledger.as_deref().unwrap_or_default();
        let (ledger, findings) = Ledger::read(&name, bytes, written.beside());
        if let Some(finding) = wrong(&findings) {
            return Err(self.broken(&finding.message));
        }
        let Some(line) = ledger.coming() else {
            sync(&self.folder)?;
            remove(&self.folder.join(JOURNAL))?;
            return Ok(None);
        };
        let stands = bytes.ends_with(journal);
        if line.event == Event::Release && !stands && fs::symlink_metadata(self.folder.join(&line.rev)).is_err() {
            // It had not come far enough to be a release.
            remove(&self.folder.join(JOURNAL))?;
            return Ok(None);
        }
        self.vouched(&ledger, line, journal)?;
        let told = format!("finished what was interrupted: line {} of `{name}`, the {}", line.seq, line.what());
        let ready = self.ready(Some(ledger), journal, hold)?;
        self.commit(ready)?;
        Ok(Some(told))
    }

    /// Demands that a line continues the ledger and that the files that it names are there.
    fn vouched(&self, ledger: &Ledger, line: &Line, bytes: &[u8]) -> Result<(), Failure> {
        let refused = |why: &str| {
            let name = shown(&self.folder.join(JOURNAL));
            Failure::verification(format!("the command that `{name}` tells of cannot be finished: {why}")).help(
                format!(
                    "nothing was written; find out who put it there, and take it away with what belongs to it ({})",
                    line.what()
                ),
            )
        };
        let (all, head) = ledger.with(bytes);
        let head = head_file(head);
        let (after, findings) = Ledger::read(&self.ledger_name(), &all, Beside { head: Some(&head), journal: None });
        if let Some(finding) = wrong(&findings) {
            return Err(refused(&finding.message));
        }
        if line.doc != self.id {
            return Err(refused(&format!("it is of `{}`", line.doc)));
        }
        if line.event == Event::Release {
            let folder = self.folder.join(&line.rev);
            subjects::no_link(&folder)?;
            let files = subjects::files(&folder, |_| true)?;
            let verdict = verify::release(&shown(&folder), &files, Some(&after));
            if let Some(finding) = wrong(&verdict.findings) {
                return Err(refused(&finding.message));
            }
        }
        let released = after.release(&line.rev).map(|release| &release.files);
        let known = |of: &Option<String>| {
            of.is_some() && released.is_some_and(|files| files.iter().any(|file| of.as_ref() == Some(&file.sha256)))
        };
        if line.event == Event::Signed && !line.files.iter().all(|file| known(&file.of)) {
            return Err(refused("it names a signed file of something that was never released"));
        }
        Ok(())
    }

    /// On many disks `TF-1` and `tf-1` are one folder; and beside the revisions lie the ledger, its head and who bears
    /// witness of it.
    fn one_name(&self, revision: &str) -> Result<(), Failure> {
        let own = [LEDGER, HEAD].map(|end| format!("{}{end}", self.id).to_lowercase());
        let label = revision.to_lowercase();
        if own.iter().any(|own| label.strip_prefix(own).is_some_and(|end| end.is_empty() || end.starts_with('.'))) {
            return Err(Failure::refused(format!("`{revision}` is the name of a file in `{}`", shown(&self.folder)))
                .help("give the document another revision label"));
        }
        for (folder, own) in [(&self.releases, self.id.as_str()), (&self.folder, revision)] {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            if let Some(other) = names.into_iter().find(|name| name != own && name.eq_ignore_ascii_case(own)) {
                return Err(Failure::refused(format!(
                    "`{own}` differs from `{other}` in `{}` only by its capitals",
                    shown(folder)
                ))
                .help("on many disks these are one folder: choose another name, or write it as it is there"));
            }
        }
        Ok(())
    }
}

/// The first finding that is more than a warning.
fn wrong(findings: &[Diagnostic]) -> Option<&Diagnostic> {
    findings.iter().find(|finding| finding.severity == Severity::Error)
}

/// The first file in which a folder differs from these files.
fn differs(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Option<String>, Failure> {
    for (name, bytes) in files {
        if !super::write::holds(&folder.join(name), bytes) {
            return Ok(Some(name.clone()));
        }
    }
    let extra = super::read::below(folder, usize::MAX, usize::MAX, super::read::Links::Refuse)?;
    let extra = extra.iter().filter_map(|path| path.strip_prefix(folder).ok().map(shown));
    Ok(extra.into_iter().find(|name| !files.contains_key(name)))
}

fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    if wait(file, false).map_err(io("cannot lock", path))? {
        return Ok(());
    }
    let error = std::io::Error::from(ErrorKind::ResourceBusy);
    Err(io("another release holds", path)(error).help("wait until it is done; a lock ends with its process"))
}
