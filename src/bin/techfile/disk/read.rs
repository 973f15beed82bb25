//! Answers files and catalogue folders.
#![expect(clippy::disallowed_methods, reason = "this is the one reader")]

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use techfile::answers::Limits;

use super::{io, shown};
use crate::exit::Failure;

/// Bytes of one catalogue file.
const CATALOGUE_FILE: u64 = 20 << 20;
/// Bytes of a whole catalogue folder.
const CATALOGUE: u64 = 64 << 20;
/// Files of a catalogue folder.
const CATALOGUE_FILES: usize = 5000;
/// Folders in folders.
const DEPTH: usize = 32;

/// What an answers file holds.
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// More than we read, in words.
    TooLarge(String),
}

/// Opens a file. Anything else that bears a name, such as a pipe, may never answer.
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    let state = fs::metadata(path)?;
    // A folder is told by whoever reads it.
    let ours = state.is_file() || state.is_dir();
    if ours { File::open(path) } else { Err(std::io::Error::other("it is no regular file")) }
}

/// Reads an answers file, unless its size says that it is none.
pub(crate) fn answers(path: &Path, limits: &Limits) -> Result<Content, Failure> {
    let limit = limits.file_bytes;
    let file = open(path).map_err(io("cannot read", path))?;
    let size = file.metadata().map_err(io("cannot read", path))?.len();
    let too_large = |size: u64| {
        Content::TooLarge(format!(
            "the file has {size} bytes, more than the {limit} ({} MiB) of an answers file",
            limit >> 20
        ))
    };
    if size > limit as u64 {
        return Ok(too_large(size));
    }
    let mut bytes = Vec::new();
    // One byte more than the limit shows a file that grew.
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(io("cannot read", path))?;
    if bytes.len() > limit { Ok(too_large(bytes.len() as u64)) } else { Ok(Content::Bytes(bytes)) }
}

/// Bytes of a PDF that somebody names.
const PDF: u64 = 1 << 30;

/// Reads a PDF that somebody names.
pub(crate) fn pdf(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = super::optional(path, PDF)?;
    bytes.ok_or_else(|| Failure::usage(format!("there is no file `{}`", shown(path))))
}

/// Files that were found, in order, and what was in the way of others: which path, and why.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) faults: Vec<(PathBuf, Failure)>,
}

impl Listed {
    /// The files, if nothing was in the way.
    pub(crate) fn whole(self) -> Result<Vec<PathBuf>, Failure> {
        self.faults.into_iter().next().map_or(Ok(self.files), |(_, failure)| Err(failure))
    }
}

/// The answers files that a path means: a file is itself; a folder is every `answers.yaml` and `answers.<xx>.yaml`, its
/// translations, in or below it, in order.
pub(crate) fn listed(path: &Path) -> Result<Listed, Failure> {
    let state = match fs::metadata(path) {
        Ok(state) => state,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(Failure::usage(format!("there is no file or folder `{}`", shown(path)))
                .help("give an answers file, or start one with `techfile new KIND`"));
        }
        // A path that no system takes (a NUL, too long) names no file.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidFilename) => {
            return Err(Failure::usage(format!("`{}` is no path", shown(path))));
        }
        Err(error) => return Err(io("cannot read", path)(error)),
    };
    if !state.is_dir() {
        return Ok(Listed { files: vec![path.to_owned()], faults: Vec::new() });
    }
    let listed = found(path, &|file| file.file_name().and_then(|name| name.to_str()).is_some_and(is_answers));
    if listed.files.is_empty() && listed.faults.is_empty() {
        return Err(Failure::usage(format!("no `answers.yaml` lies in or below the folder `{}`", shown(path)))
            .help("name the answers file itself, or start one with `techfile new KIND`"));
    }
    Ok(listed)
}

/// The same for whoever needs all of them.
pub(crate) fn documents(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    listed(path)?.whole()
}

/// The files in and below a folder whose paths from it fit, without what was released.
pub(crate) fn all(folder: &Path, fits: impl Fn(&str) -> bool) -> Listed {
    found(folder, &|file| {
        let parts: Option<Vec<&str>> =
            file.strip_prefix(folder).ok().and_then(|path| path.iter().map(|part| part.to_str()).collect());
        parts.is_some_and(|parts| fits(&parts.join("/")))
    })
}

/// The files in and below a folder that fit. What lies on a shelf was released: nobody works on it. What is hidden is
/// nobody's document.
fn found(folder: &Path, fits: &dyn Fn(&Path) -> bool) -> Listed {
    let Listed { mut files, mut faults } = Listed::default();
    let mut waiting = vec![(folder.to_owned(), DEPTH)];
    while let Some((folder, depth)) = waiting.pop() {
        let read = fs::read_dir(&folder).and_then(|entries| {
            entries.map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)))).collect()
        });
        let entries: Vec<_> = match read {
            Ok(entries) => entries,
            Err(error) => {
                let failure = io("cannot read", &folder)(error);
                faults.push((folder, failure));
                continue;
            }
        };
        for (name, state) in entries.into_iter().filter(|(name, _)| !name.as_encoded_bytes().starts_with(b".")) {
            let path = folder.join(name);
            if state.is_dir() && depth == 0 {
                let failure = Failure::refused(format!("`{}` lies more than {DEPTH} folders deep", shown(&path)));
                faults.push((path, failure));
            } else if state.is_dir() && !super::Shelf::is(&path) {
                waiting.push((path, depth - 1));
            } else if state.is_dir() || !fits(&path) {
            } else if state.is_file() {
                files.push(path);
            } else if !fs::metadata(&path).is_ok_and(|state| state.is_dir()) {
                let what =
                    if state.is_symlink() { "a symbolic link, which is not followed" } else { "no regular file" };
                let failure = Failure::refused(format!("`{}` is {what}", shown(&path)));
                faults.push((
                    path,
                    failure.help("put the file itself in its place, or give it a name that no document has"),
                ));
            }
        }
    }
    files.sort();
    faults.sort_by(|(one, _), (other, _)| one.cmp(other));
    Listed { files, faults }
}

/// The manifests in and below an output folder; none if there is no such folder.
#[cfg(feature = "pdf")]
pub(crate) fn manifests(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !fs::symlink_metadata(root).is_ok_and(|state| state.is_dir()) {
        return Ok(Vec::new());
    }
    let mut found = below(root, DEPTH, usize::MAX, Links::Skip)?;
    let manifest = |file: &PathBuf| file.file_name().and_then(|name| name.to_str()).is_some_and(is_manifest);
    found.retain(manifest);
    // What was released stays, even if somebody has put the releases into the output folder.
    found.retain(|file| !file.ancestors().skip(1).any(super::Shelf::is));
    Ok(found)
}

#[cfg(feature = "pdf")]
fn is_manifest(name: &str) -> bool {
    // The copy in `<name>.files/` is called `manifest.json`.
    name.ends_with(".manifest.json")
}

/// `answers.yaml`, or `answers.nl.yaml`: answers in the language that the name says.
fn is_answers(name: &str) -> bool {
    let middle = name.strip_prefix("answers").and_then(|rest| rest.strip_suffix(".yaml"));
    middle.is_some_and(|middle| match middle.strip_prefix('.') {
        Some(language) => language.len() == 2 && language.bytes().all(|letter| letter.is_ascii_lowercase()),
        None => middle.is_empty(),
    })
}

/// The files of a catalogue folder by their paths in the catalogue.
pub(crate) fn catalogue(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    if !fs::metadata(folder).is_ok_and(|state| state.is_dir()) {
        return Err(Failure::usage(format!("there is no catalogue folder `{}`", shown(folder)))
            .help("`--catalog` takes a folder that holds `schemas/` and `templates/`"));
    }
    let mut files = Vec::new();
    let mut total = 0;
    for part in ["schemas", "templates"] {
        let root = folder.join(part);
        match fs::symlink_metadata(&root) {
            Err(_) => continue,
            Ok(state) if state.is_symlink() => return Err(link(&root)),
            Ok(_) => {}
        }
        for path in below(&root, DEPTH, CATALOGUE_FILES, Links::Refuse)? {
            let file = open(&path).map_err(io("cannot read", &path))?;
            let size = file.metadata().map_err(io("cannot read", &path))?.len();
            total += size;
            if size > CATALOGUE_FILE || total > CATALOGUE {
                return Err(Failure::refused(format!(
                    "the catalogue is too large at `{}`: {CATALOGUE_FILE} bytes (20 MiB) a file, {CATALOGUE} (64 MiB) in all",
                    shown(&path)
                )));
            }
            let mut bytes = Vec::new();
            file.take(CATALOGUE_FILE).read_to_end(&mut bytes).map_err(io("cannot read", &path))?;
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let parts: Option<Vec<&str>> = name.iter().map(|part| part.to_str()).collect();
            let Some(parts) = parts else {
                return Err(Failure::usage(format!("the name of the catalogue file `{}` is not UTF-8", shown(&path))));
            };
            files.push((parts.join("/"), bytes));
        }
    }
    if files.is_empty() {
        return Err(Failure::usage(format!("the catalogue folder `{}` holds no files", shown(folder)))
            .help("put `<kind>.schema.json` into `schemas/` and `<kind>.md.tera` into `templates/` below it"));
    }
    Ok(files)
}

/// What to do about symbolic links in a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only outputs are left over"))]
    Skip,
    Refuse,
}

/// Regular files in and below a folder, sorted; hidden ones are nobody's documents.
pub(super) fn below(folder: &Path, depth: usize, most: usize, links: Links) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut waiting = vec![(folder.to_owned(), depth)];
    while let Some((folder, depth)) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(io("cannot read", &folder))? {
            let entry = entry.map_err(io("cannot read", &folder))?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = folder.join(entry.file_name());
            let state = entry.file_type().map_err(io("cannot read", &path))?;
            if state.is_symlink() && links == Links::Refuse {
                return Err(link(&path));
            } else if state.is_dir() && depth == 0 {
                return Err(Failure::refused(format!("`{}` lies more than {DEPTH} folders deep", shown(&path))));
            } else if state.is_dir() {
                waiting.push((path, depth - 1));
            } else if state.is_file() && files.len() == most {
                return Err(Failure::refused(format!("the catalogue has more than {most} files")));
            } else if state.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn link(path: &Path) -> Failure {
    Failure::refused(format!("`{}` is a symbolic link; a catalogue is made of files", shown(path)))
}
