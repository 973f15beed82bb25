//! Locks: who writes into an output folder does so alone.
//!
//! The lock is the system's, on a file that stays there; it ends with the process that holds it, so no lock is ever left
//! over. Output folders keep that file in a hidden folder of ours that git does not see.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one writer")]
#![cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only documents are written into output folders"))]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::io;
use crate::exit::Failure;

/// The folder in an output folder that holds what is ours and nobody's document.
pub(crate) const HIDDEN: &str = ".techfile";
/// The file in it that is locked.
const LOCK: &str = "lock";
/// How often, and how many times, a lock is tried: ten seconds.
const PAUSE: Duration = Duration::from_millis(50);
const TRIES: usize = 200;

/// The output folders that this run has locked: each when something is first written into it, and until the end of the
/// run, so that what another run writes is not mixed with what this one does.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    /// By the folder's real path; `None` where somebody else kept it too long.
    taken: Mutex<BTreeMap<PathBuf, Option<File>>>,
    /// Who else may write.
    with: With,
}

/// Who else may write into a folder that is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum With {
    #[default]
    Nobody,
    /// Runs over other parts of the same documents.
    OtherParts,
    /// Whoever started this process holds the lock for it.
    Above,
}

impl Locks {
    /// For a process that works for another one, which holds the lock.
    pub(crate) fn held_above() -> Self {
        Self { with: With::Above, ..Self::default() }
    }

    /// For a run over a part of the documents, whose other parts may be made at the same time.
    pub(crate) fn of_a_part() -> Self {
        Self { with: With::OtherParts, ..Self::default() }
    }

    /// Locks an output folder, unless this run has done so; waits up to ten seconds, but once.
    pub(crate) fn take(&self, root: &Path) -> Result<(), Failure> {
        super::write::make(root)?;
        if self.with == With::Above {
            return Ok(());
        }
        let real = fs::canonicalize(root).map_err(io("cannot read", root))?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = match taken.entry(real) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let folder = hidden(root)?;
                let path = folder.join(LOCK);
                let file = open(&path)?;
                let shared = self.with == With::OtherParts;
                let free = match wait(&file, shared) {
                    // A network drive without locks: each file is still written whole.
                    Err(error) if error.kind() == ErrorKind::Unsupported => true,
                    waited => waited.map_err(io("cannot lock", &path))?,
                };
                // What another part has begun is not left over.
                if free && !shared {
                    super::write::clear(&folder)?;
                }
                new.insert(free.then_some(file))
            }
        };
        if lock.is_some() { Ok(()) } else { Err(busy(root)) }
    }

    /// Fails where waiting for the folder was in vain before: nothing more can be written into it in this run.
    pub(crate) fn still_open(&self, root: &Path) -> Result<(), Failure> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let given_up = fs::canonicalize(root).is_ok_and(|real| matches!(taken.get(&real), Some(None)));
        if given_up { Err(busy(root)) } else { Ok(()) }
    }
}

fn busy(root: &Path) -> Failure {
    let error = std::io::Error::from(ErrorKind::ResourceBusy);
    io("another techfile writes into", root)(error).help(
        "it has not finished within ten seconds: wait until it is done, or write into another folder with `--out DIR`; the lock ends with its process",
    )
}

/// The hidden folder of an output folder, with the file that keeps git out of it.
pub(super) fn hidden(root: &Path) -> Result<PathBuf, Failure> {
    let folder = root.join(HIDDEN);
    if fs::symlink_metadata(&folder).is_ok_and(|state| state.is_symlink()) {
        return Err(super::write::linked(&folder));
    }
    super::write::make(&folder)?;
    super::write::ensure(&folder.join(".gitignore"), b"*\n")?;
    Ok(folder)
}

/// The file to lock. Somebody else's may be locked as well, although not written.
fn open(path: &Path) -> Result<File, Failure> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(path),
        opened => opened,
    }
    .map_err(io("cannot open", path))
}

/// Waits for a lock, ten seconds at most; whether it came.
pub(super) fn wait(file: &File, shared: bool) -> std::io::Result<bool> {
    for tries in 1..=TRIES {
        match if shared { file.try_lock_shared() } else { file.try_lock() } {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if tries == TRIES => {}
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_locks_a_folder_once_whatever_it_is_called() {
        let dir = tempfile::tempdir().expect("a folder");
        let locks = Locks::default();
        locks.take(&dir.path().join("out")).expect("it is free");
        locks.take(&dir.path().join("out/../out")).expect("it is ours");
        let file = open(&dir.path().join("out/.techfile/lock")).expect("it is there");
        assert!(matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        assert_eq!(fs::read(dir.path().join("out/.techfile/.gitignore")).expect("it is there"), b"*\n");
        drop(locks);
        file.try_lock().expect("the lock ends with the run");
    }

    #[test]
    fn parts_are_made_side_by_side_and_nothing_else_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let parts = [Locks::of_a_part(), Locks::of_a_part()];
        for part in &parts {
            part.take(dir.path()).expect("they share it");
        }
        let file = open(&dir.path().join(".techfile/lock")).expect("it is there");
        assert!(matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        drop(parts);
        file.try_lock().expect("it is free");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_hidden_folder_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("out")).expect("a folder");
        std::os::unix::fs::symlink(dir.path(), dir.path().join("out/.techfile")).expect("a link");
        let failure = Locks::default().take(&dir.path().join("out")).expect_err("no");
        assert_eq!(failure.exit.code(), 5);
        assert!(!dir.path().join("lock").exists());
    }
}
