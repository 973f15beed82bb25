//! Files that are no outputs: what a run remembers for the next one, and what somebody asked for beside the outputs.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one writer")]

use std::fs;
use std::path::Path;

use super::lock::hidden;
use super::write::{draft, linked, make, replace};
use super::{folder_of, io};
use crate::exit::Failure;
use crate::interrupt::Hold;

/// Writes down something that may be lost, under a name in the hidden folder of an output folder. That it cannot be
/// written is no failure: it saves time and nothing else.
pub(crate) fn remember(root: &Path, folder: &str, name: &str, bytes: &[u8]) {
    let written = || {
        let hidden = hidden(root)?;
        let folder = hidden.join(folder);
        if fs::symlink_metadata(&folder).is_ok_and(|state| state.is_symlink()) {
            return Err(linked(&folder));
        }
        make(&folder)?;
        let path = folder.join(name);
        let hold = Hold::new();
        // In the hidden folder itself: who locks it next clears it.
        let file = draft(&hidden, &path, bytes, &hold)?;
        file.persist(&path).map_err(|error| io("cannot write", &path)(error.error))
    };
    let _: Result<_, Failure> = written();
}

/// Forgets it.
pub(crate) fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Writes a file that a person named, whole or not at all.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    make(&folder_of(path))?;
    replace(path, bytes, &Hold::new()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kill_left_goes_with_the_next_try_and_what_others_are_writing_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let hidden = hidden(dir.path()).expect("it can be made");
        let hold = Hold::new();
        let [own, other] = ["a.json", "b.json"].map(|name| {
            let file = draft(&hidden, &hidden.join("records").join(name), b"half", &hold).expect("it can be written");
            file.into_temp_path().keep().expect("as if killed")
        });
        remember(dir.path(), "records", "a.json", b"whole");
        assert_eq!(fs::read(hidden.join("records/a.json")).expect("it is there"), b"whole");
        assert_eq!([own.exists(), other.exists()], [false, true]);
        super::super::write::clear(&hidden).expect("nobody writes there");
        assert!(!other.exists());
    }
}
