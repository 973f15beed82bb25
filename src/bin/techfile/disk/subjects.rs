//! What a path means to `verify`: PDFs, bundles, releases, the folders of documents, ledgers; and their bytes.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one reader")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use techfile::record::layout::{HEAD, JOURNAL, LEDGER};
use techfile::record::ledger::{Beside, MAX_BYTES};
use techfile::record::verify::Files;

use super::{folder_of, io, shown};
use crate::exit::Failure;

/// Bytes of one file.
const FILE: u64 = 1 << 30;
/// Bytes of one folder.
const FOLDER: u64 = 2 << 30;
/// Files of one folder.
const COUNT: usize = 100_000;
/// Folders in folders in which subjects are looked for, and files in a release.
const DEPTH: usize = 32;

/// What is to be verified.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Pdf(PathBuf),
    /// The files `<stem>.…` of a folder.
    Bundle(PathBuf, String),
    /// The folder of one revision.
    Release(PathBuf),
    /// `releases/<id>`, with the id.
    Document(PathBuf, String),
    Ledger(PathBuf),
}

/// A ledger with what lies beside it.
#[derive(Debug, Default)]
pub(crate) struct Shelved {
    pub(crate) name: String,
    pub(crate) ledger: Option<Vec<u8>>,
    pub(super) head: Option<Vec<u8>>,
    pub(super) journal: Option<Vec<u8>>,
}

impl Shelved {
    pub(crate) fn beside(&self) -> Beside<'_> {
        Beside { head: self.head.as_deref(), journal: self.journal.as_deref() }
    }
}

/// What a path means.
pub(crate) fn subjects(path: &Path) -> Result<Vec<Subject>, Failure> {
    let none = |what: String| {
        Failure::usage(what).help(
            "give a PDF, a file of a bundle, the folder of a release or of a document in `releases`, or a `*.ledger.jsonl`",
        )
    };
    let state = match fs::metadata(path) {
        Ok(state) => state,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(io("cannot read", path)(error)),
        Err(_) => return Err(none(format!("there is no file or folder `{}`", shown(path)))),
    };
    if state.is_dir() {
        let mut found = Vec::new();
        collect(path, DEPTH, &mut found)?;
        found.sort();
        if found.is_empty() {
            return Err(none(format!("nothing in the folder `{}` can be verified", shown(path))));
        }
        return Ok(found);
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if let Some(stem) = name.strip_suffix(HEAD) {
        return Ok(vec![Subject::Ledger(path.with_file_name(format!("{stem}{LEDGER}")))]);
    }
    if name.ends_with(LEDGER) {
        return Ok(vec![Subject::Ledger(path.to_owned())]);
    }
    if name.to_ascii_lowercase().ends_with(".pdf") || begins_as_pdf(path)? {
        return Ok(vec![Subject::Pdf(path.to_owned())]);
    }
    match bundle_stem(name) {
        Some(stem) => Ok(vec![Subject::Bundle(folder_of(path), stem.to_owned())]),
        None => Err(none(format!("`{}` is nothing that techfile releases", shown(path)))),
    }
}

/// The name that the files of a build share, if this is one of those beside the PDF.
pub(super) fn bundle_stem(name: &str) -> Option<&str> {
    [".manifest.json", ".pdf.sha256", ".md", ".typ"].iter().find_map(|suffix| name.strip_suffix(suffix))
}

fn begins_as_pdf(path: &Path) -> Result<bool, Failure> {
    let mut first = Vec::new();
    let file = opened(path)?;
    file.take(5).read_to_end(&mut first).map_err(io("cannot read", path))?;
    Ok(first == b"%PDF-")
}

/// Names of the folders and of the files in a folder, in order.
pub(crate) fn names(folder: &Path) -> Result<(Vec<String>, Vec<String>), Failure> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(io("cannot read", folder))? {
        let entry = entry.map_err(io("cannot read", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let list = if entry.path().is_dir() { &mut folders } else { &mut files };
        if list.len() == COUNT {
            return Err(Failure::refused(format!("`{}` holds more than {COUNT} files", shown(folder))));
        }
        list.push(name);
    }
    folders.sort();
    files.sort();
    Ok((folders, files))
}

/// The subjects in and below a folder. What belongs to one is none by itself.
fn collect(folder: &Path, depth: usize, found: &mut Vec<Subject>) -> Result<(), Failure> {
    let (folders, files) = names(folder)?;
    let ends = |suffix: &str| files.iter().find_map(|name| name.strip_suffix(suffix));
    if let Some(id) = ends(LEDGER).or_else(|| ends(HEAD)) {
        found.push(Subject::Document(folder.to_owned(), id.to_owned()));
        return Ok(());
    }
    let has = |name: &str| files.iter().any(|file| file == name);
    let manifest = ends(".manifest.json").is_some();
    if has("VERIFY.txt") || ends(".intoto.json").is_some() || (manifest && has("SHA256SUMS")) {
        found.push(Subject::Release(folder.to_owned()));
        return Ok(());
    }
    let stems: Vec<&str> = files.iter().filter_map(|name| name.strip_suffix(".manifest.json")).collect();
    found.extend(stems.iter().map(|stem| Subject::Bundle(folder.to_owned(), (*stem).to_owned())));
    let alone = files.iter().filter(|name| name.strip_suffix(".pdf").is_some_and(|stem| !stems.contains(&stem)));
    found.extend(alone.map(|name| Subject::Pdf(folder.join(name))));
    let below = folders.iter().filter(|name| {
        let own = name.strip_suffix(".files").is_some_and(|stem| stems.contains(&stem));
        !own && !name.starts_with('.')
    });
    for name in below {
        let path = folder.join(name);
        let linked = fs::symlink_metadata(&path).is_ok_and(|state| state.is_symlink());
        if depth > 0 && !linked {
            collect(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

/// The ledger in the folder of a document.
pub(crate) fn shelved(folder: &Path, id: &str) -> Result<Shelved, Failure> {
    ledger(&folder.join(format!("{id}{LEDGER}")))
}

/// A ledger, with its head and its journal.
pub(crate) fn ledger(path: &Path) -> Result<Shelved, Failure> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let head = path.with_file_name(format!("{}{HEAD}", name.strip_suffix(LEDGER).unwrap_or(name)));
    let journal = path.with_file_name(JOURNAL);
    [path, &head, &journal].into_iter().try_for_each(no_link)?;
    Ok(Shelved {
        name: shown(path),
        ledger: optional(path, MAX_BYTES as u64)?,
        head: optional(&head, 4_096)?,
        journal: optional(&journal, 1 << 20)?,
    })
}

/// The one ledger of the document whose release a folder may be: it lies in the folder above.
pub(crate) fn ledger_above(folder: &Path) -> Option<PathBuf> {
    let above = fs::canonicalize(folder).ok()?.parent()?.to_owned();
    // Somebody else's folder may be closed: then nothing vouches.
    let (_, files) = names(&above).ok()?;
    let mut ledgers = files.iter().filter(|name| name.ends_with(LEDGER));
    let one = ledgers.next().filter(|_| ledgers.next().is_none())?;
    // As people would write it, from where they stand.
    let near = if folder.file_name().is_some() { folder_of(folder) } else { folder.join("..") };
    Some(near.join(one))
}

/// A file's bytes, if it is there.
pub(crate) fn optional(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        _ => all(path, opened(path)?, limit).map(Some),
    }
}

/// A file's bytes.
pub(crate) fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    all(path, opened(path)?, FILE)
}

/// A file that is open. A pipe would keep whoever opens it waiting.
pub(super) fn opened(path: &Path) -> Result<File, Failure> {
    let state = fs::metadata(path).map_err(io("cannot read", path))?;
    if !state.is_file() && !state.is_dir() {
        return Err(Failure::refused(format!("`{}` is no file: a pipe or a device", shown(path)))
            .help("put the file itself in its place"));
    }
    File::open(path).map_err(io("cannot read", path))
}

/// Demands that a name in a release is no link, which may lead to anybody's files.
pub(crate) fn no_link(path: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(path).is_ok_and(|state| state.is_symlink()) {
        return Err(Failure::refused(format!("`{}` is a symbolic link, which may lead elsewhere", shown(path)))
            .help("a release consists of files and folders: put what it leads to in its place"));
    }
    Ok(())
}

fn all(path: &Path, file: File, limit: u64) -> Result<Vec<u8>, Failure> {
    let state = file.metadata().map_err(io("cannot read", path))?;
    if state.is_dir() {
        return Err(io("cannot read", path)(std::io::Error::from(ErrorKind::IsADirectory)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(state.len().min(limit)).unwrap_or_default());
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io("cannot read", path))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::refused(format!("`{}` has more than {limit} bytes", shown(path))));
    }
    Ok(bytes)
}

/// Every file below a folder whose name, from there, is wanted.
pub(crate) fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Files, Failure> {
    let mut found: Files = BTreeMap::new();
    let mut waiting = vec![(folder.to_owned(), String::new(), DEPTH)];
    let mut total = 0;
    while let Some((path, prefix, depth)) = waiting.pop() {
        let mut empty = true;
        for entry in fs::read_dir(&path).map_err(io("cannot read", &path))? {
            let entry = entry.map_err(io("cannot read", &path))?;
            let at = entry.path();
            empty = false;
            let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else {
                return Err(Failure::verification(format!("the name of `{}` is not UTF-8", shown(&at)))
                    .help("no file of techfile has such a name: take it away, or find out who put it there"));
            };
            let kind = entry.file_type().map_err(io("cannot read", &at))?;
            if kind.is_dir() && !wanted(&format!("{name}/")) {
                continue;
            }
            if kind.is_dir() && depth > 0 {
                waiting.push((at, format!("{name}/"), depth - 1));
            } else if !wanted(&name) {
            } else if kind.is_symlink() {
                no_link(&at)?;
            } else if !kind.is_file() {
                return Err(Failure::verification(format!("`{}` is no file: a pipe or too deep a folder", shown(&at)))
                    .help("what is verified consists of files: put the file itself in its place"));
            } else {
                let bytes = file(&at)?;
                total += bytes.len() as u64;
                if total > FOLDER || found.len() == COUNT {
                    return Err(Failure::refused(format!(
                        "`{}` holds more than {FOLDER} bytes (2 GiB) or {COUNT} files",
                        shown(folder)
                    )));
                }
                found.insert(name, bytes);
            }
        }
        if empty && !prefix.is_empty() {
            return Err(Failure::verification(format!("`{}` is an empty folder, which no release has", shown(&path)))
                .help("take it away, or find out who put it there; a release is never added to"));
        }
    }
    Ok(found)
}
