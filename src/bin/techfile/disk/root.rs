//! The root of a document: the folder that its evidence may not leave and its releases lie in.
//!
//! It is the folder of the nearest `techfile.yaml`, or that of the answers file.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one reader")]

use std::fs;
use std::path::{Path, PathBuf};

use super::{Shelf, folder_of, io};
use crate::exit::Failure;

/// The file that marks the folder of a project.
pub(crate) const PROJECT: &str = "techfile.yaml";

/// Whether a path names the file of a project.
pub(crate) fn is_project(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == PROJECT)
}

/// Whether there is a folder.
pub(crate) fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|state| state.is_dir())
}

/// The root of the project that a file would lie in if it were made, and how many folders lie between; `None` outside of a
/// project.
pub(crate) fn root_of_new(file: &Path) -> Result<Option<(PathBuf, usize)>, Failure> {
    let home = folder_of(file);
    let Some(near) = home.ancestors().map(here).find(|folder| is_folder(folder)) else { return Ok(None) };
    let missing = home.components().count().saturating_sub(near.components().count());
    let whole = fs::canonicalize(&near).map_err(io("cannot read", &near))?;
    let found = whole.ancestors().position(|folder| folder.join(PROJECT).is_file());
    Ok(found.and_then(|above| Some((whole.ancestors().nth(above)?.to_owned(), above + missing))))
}

/// A folder; the working folder if the path is empty.
fn here(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

/// Whether there is anything at a path.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

/// The file of the project that a file or a folder lies in.
pub(crate) fn project(path: &Path) -> Result<Option<PathBuf>, Failure> {
    // What is not there is told by whoever reads it.
    let Ok(state) = fs::metadata(path) else { return Ok(None) };
    let file = if state.is_dir() { path.join(PROJECT) } else { path.to_owned() };
    let home = folder_of(&file);
    let whole = fs::canonicalize(&home).map_err(io("cannot read", &home))?;
    let found = whole.ancestors().map(|folder| folder.join(PROJECT));
    let mut found = found.filter(|file| fs::symlink_metadata(file).is_ok_and(|state| state.is_file()));
    Ok(found.next())
}

/// A folder without links as it is reached from the working folder, if it is that, lies below it or above it.
pub(crate) fn from_here(folder: &Path) -> PathBuf {
    let Ok(here) = fs::canonicalize(".") else { return folder.to_owned() };
    match (folder.strip_prefix(&here), here.strip_prefix(folder)) {
        (Ok(below), _) if below.as_os_str().is_empty() => PathBuf::from("."),
        (Ok(below), _) => below.to_owned(),
        (_, Ok(down)) => down.components().map(|_| "..").collect(),
        _ => folder.to_owned(),
    }
}

/// The path of a file or a folder without links, if it is there.
pub(crate) fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// Whether a path, which need not be there yet, leads nowhere but into a folder, whatever links stand on the way.
#[cfg(feature = "pdf")]
pub(crate) fn stays_in(path: &Path, folder: &Path) -> bool {
    let Some(there) = path.ancestors().map(here).find(|path| fs::symlink_metadata(path).is_ok()) else { return false };
    lies_in(&there, folder)
}

/// Whether a file lies in a folder or below it.
pub(crate) fn lies_in(file: &Path, folder: &Path) -> bool {
    let (Ok(file), Ok(folder)) = (fs::canonicalize(file), fs::canonicalize(folder)) else { return false };
    file.starts_with(folder)
}

/// The folder, and the way from it to the answers file.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    pub(super) folder: PathBuf,
    pub(super) way: Vec<PathBuf>,
    /// Whether a project says that this is its folder.
    pub(super) project: bool,
}

impl Root {
    /// The root of an answers file.
    pub(crate) fn of(file: &Path) -> Result<Self, Failure> {
        let home = folder_of(file);
        let home = fs::canonicalize(&home).map_err(io("cannot read", &home))?;
        let mut way = Vec::new();
        for folder in home.ancestors() {
            if fs::symlink_metadata(folder.join(PROJECT)).is_ok_and(|state| state.is_file()) {
                way.reverse();
                return Ok(Self { folder: folder.to_owned(), way, project: true });
            }
            way.extend(folder.file_name().map(PathBuf::from));
        }
        Ok(Self { folder: home, way: Vec::new(), project: false })
    }

    /// The folder of the project, if there is one.
    pub(crate) fn project(&self) -> Option<&Path> {
        self.project.then_some(&*self.folder)
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folders between the root and the answers file, the one that it lies in included.
    pub(super) fn below(&self) -> impl Iterator<Item = PathBuf> {
        self.way.iter().scan(self.folder.clone(), |at, part| {
            at.push(part);
            Some(at.clone())
        })
    }

    /// Where a ledger of a document must not lie, because its releases belong into the root; by paths from there.
    pub(crate) fn elsewhere(&self, id: &str) -> impl Iterator<Item = String> {
        self.below().filter_map(|folder| Shelf::new(&folder, id).ledger_from(&self.folder))
    }

    /// The folders from the root to the answers file.
    #[cfg(feature = "pdf")]
    pub(crate) fn way(&self) -> &[PathBuf] {
        &self.way
    }

    /// The path from the root of a file that lies beside the answers file, with `/`; `None` where a folder on the way
    /// has a name that is no UTF-8.
    pub(crate) fn beside(&self, name: &str) -> Option<String> {
        let mut parts: Vec<&str> = self.way.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
        parts.push(name);
        Some(parts.join("/"))
    }
}
