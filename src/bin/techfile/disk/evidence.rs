//! Evidence: files that answers name.
//!
//! How a path is written has been judged by the library. Here it is followed part by part from the root: the folder of
//! the nearest `techfile.yaml`, or that of the answers file. A symbolic link is never followed, wherever it leads.
#![expect(clippy::disallowed_methods, reason = "this is the one reader")]

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use techfile::answers::{FileState, Files, Limits, Wanted};

use super::{Root, io};
use crate::exit::Failure;

/// Reads what the answers in `file` want.
pub(crate) fn gather(file: &Path, wanted: &[Wanted], limits: &Limits) -> Result<Files, Failure> {
    let mut files = Files::new();
    if wanted.is_empty() {
        return Ok(files);
    }
    let root = Root::of(file)?;
    let mut left = limits.evidence_total as u64;
    for (index, wanted) in wanted.iter().enumerate() {
        let state = if index < limits.evidence_files {
            root.read(&wanted.path, &Room { file: limits.evidence_bytes as u64, left, all: limits.evidence_total })?
        } else {
            FileState::TooLarge(format!("a document has at most {} evidence files", limits.evidence_files))
        };
        if let FileState::Bytes(bytes) = &state {
            left -= bytes.len() as u64;
        }
        files.insert(wanted.path.clone(), state);
    }
    Ok(files)
}

/// How much one more file may hold.
struct Room {
    /// Bytes of the file.
    file: u64,
    /// Bytes that are left of those of all files.
    left: u64,
    /// Bytes of all files.
    all: usize,
}

/// Reads files that values are drawn from, named by their paths from the root of the answers in `file`.
pub(crate) fn data(file: &Path, wanted: &[Wanted], before: usize, limits: &Limits) -> Result<Files, Failure> {
    let root = Root::of(file)?;
    let root =
        Root { way: if root.way.iter().any(|part| part.to_str().is_none()) { root.way } else { Vec::new() }, ..root };
    let mut files = Files::new();
    for (index, wanted) in wanted.iter().enumerate() {
        let state = if before + index < limits.data_files {
            let file = limits.data_bytes as u64;
            root.read(&wanted.path, &Room { file, left: file, all: limits.data_bytes })?
        } else {
            FileState::TooLarge(format!("a document draws from at most {} files", limits.data_files))
        };
        files.insert(wanted.path.clone(), state);
    }
    Ok(files)
}

impl Root {
    fn read(&self, path: &str, room: &Room) -> Result<FileState, Failure> {
        let mut parts = self.way.clone();
        for part in path.split('/') {
            if part != ".." {
                parts.push(part.into());
            } else if parts.pop().is_none() {
                return Ok(FileState::Refused("it leads out of the folder that evidence must lie in".into()));
            }
        }
        let (seen, at) = match self.follow(&parts)? {
            Ok(reached) => reached,
            Err(state) => return Ok(state),
        };
        if !seen.is_file() {
            return Ok(FileState::Refused("it is no regular file".into()));
        }
        if let Some(state) = room.lacks(seen.len()) {
            return Ok(state);
        }
        let file = File::open(&at).map_err(io("cannot read", &at))?;
        let opened = file.metadata().map_err(io("cannot read", &at))?;
        // Between looking and opening, somebody may have put a link there: what was opened must be what was seen, and
        // the way to it must still be free of links.
        let again = self.follow(&parts)?;
        if !same(&seen, &opened) || !again.is_ok_and(|(now, _)| same(&now, &opened)) {
            return Ok(FileState::Refused("it was exchanged while it was being read".into()));
        }
        let mut bytes = Vec::new();
        file.take(room.file.min(room.left) + 1).read_to_end(&mut bytes).map_err(io("cannot read", &at))?;
        Ok(room.lacks(bytes.len() as u64).unwrap_or_else(|| FileState::Bytes(Arc::from(bytes))))
    }

    /// Walks down from the root without ever passing a link.
    fn follow(&self, parts: &[PathBuf]) -> Result<Result<(Metadata, PathBuf), FileState>, Failure> {
        let mut at = self.folder.clone();
        for (index, part) in parts.iter().enumerate() {
            at.push(part);
            let state = match fs::symlink_metadata(&at) {
                Ok(state) => state,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename
                    ) =>
                {
                    return Ok(Err(FileState::Missing));
                }
                Err(error) => return Err(io("cannot read", &at)(error)),
            };
            let last = index + 1 == parts.len();
            if state.is_symlink() {
                let what = if last { "it is a symbolic link" } else { "one of its folders is a symbolic link" };
                return Ok(Err(FileState::Refused(what.into())));
            } else if last && state.is_dir() {
                return Ok(Err(FileState::Folder));
            } else if last {
                return Ok(Ok((state, at)));
            } else if !state.is_dir() {
                return Ok(Err(FileState::Missing));
            }
        }
        Ok(Err(FileState::Folder))
    }
}

impl Room {
    /// Why a file of this size is not read.
    fn lacks(&self, size: u64) -> Option<FileState> {
        let Self { file, left, all } = *self;
        if size > file {
            Some(FileState::TooLarge(format!("it has {size} bytes, more than {file} ({} MiB)", file >> 20)))
        } else if size > left {
            Some(FileState::TooLarge(format!("with it the evidence has more than {all} bytes ({} MiB)", all >> 20)))
        } else {
            None
        }
    }
}

#[cfg(unix)]
fn same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(a: &Metadata, b: &Metadata) -> bool {
    (a.file_type(), a.len()) == (b.file_type(), b.len())
}

#[cfg(test)]
mod tests {
    use techfile::Source;
    use techfile::diagnostic::Place;
    use techfile::source::Span;

    use super::*;

    fn read(file: &Path, path: &str) -> FileState {
        let place = Place { source: Source::new("a.yaml", ""), span: Span::default(), pointer: String::new() };
        let files = gather(file, &[Wanted { path: path.to_owned(), place }], &Limits::default())
            .expect("the folder can be read");
        files[path].clone()
    }

    fn refused(state: &FileState) -> &str {
        match state {
            FileState::Refused(why) | FileState::TooLarge(why) => why,
            other => panic!("{other:?} is no refusal"),
        }
    }

    #[test]
    fn evidence_lies_below_the_root_and_nowhere_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("project/docs/a/evidence")).expect("folders");
        fs::write(at("project/docs/a/evidence/e.txt"), "near").expect("a file");
        fs::write(at("project/shared.txt"), "shared").expect("a file");
        fs::write(at("outside.txt"), "outside").expect("a file");
        let file = at("project/docs/a/answers.yaml");
        assert_eq!(read(&file, "evidence/e.txt"), FileState::Bytes(Arc::from(*b"near")));
        assert_eq!(read(&file, "evidence"), FileState::Folder);
        assert_eq!(read(&file, "evidence/none.txt"), FileState::Missing);
        assert_eq!(read(&file, "evidence/e.txt/below"), FileState::Missing);
        assert!(refused(&read(&file, "../../shared.txt")).contains("leads out"));
        fs::write(at("project/techfile.yaml"), "").expect("a file");
        assert_eq!(read(&file, "../../shared.txt"), FileState::Bytes(Arc::from(*b"shared")));
        assert!(refused(&read(&file, "../../../outside.txt")).contains("leads out"));
    }

    #[test]
    fn size_is_judged_before_reading() {
        let dir = tempfile::tempdir().expect("a folder");
        let sparse = File::create(dir.path().join("sparse")).expect("a file");
        sparse.set_len(5 << 30).expect("a sparse file");
        let state = read(&dir.path().join("a.yaml"), "sparse");
        assert!(refused(&state).contains("50 MiB"));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_wherever_it_leads() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().expect("a folder");
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("root/real")).expect("folders");
        fs::write(at("root/real/e.txt"), "inside").expect("a file");
        fs::write(at("outside.txt"), "outside").expect("a file");
        symlink(at("outside.txt"), at("root/out.txt")).expect("a link");
        symlink(at("root/real/e.txt"), at("root/in.txt")).expect("a link");
        symlink(at("root/real"), at("root/folder")).expect("a link");
        symlink(at("nowhere"), at("root/dangling")).expect("a link");
        let file = at("root/a.yaml");
        for path in ["out.txt", "in.txt", "folder/e.txt", "folder", "dangling"] {
            assert!(refused(&read(&file, path)).contains("symbolic link"), "{path}");
        }
    }
}
