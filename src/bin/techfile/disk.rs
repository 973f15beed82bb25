//! The only reader and writer of files.
//!
//! Comes in: paths that a person or an answer named. Goes out: bytes, each file read once, and files written whole or
//! not at all. Limits are held before anything is read; no symbolic link is followed where an answer names the path.

mod evidence;
mod lock;
mod look;
mod read;
mod releases;
#[cfg(feature = "pdf")]
mod remember;
mod root;
mod subjects;
mod versions;
mod write;

use std::path::{Path, PathBuf};

use crate::exit::Failure;

pub(crate) use evidence::{data, gather};
#[cfg(feature = "pdf")]
pub(crate) use lock::{HIDDEN, Locks};
#[cfg(feature = "pdf")]
pub(crate) use look::{Look, bytes};
pub(crate) use look::{Seen, digest, look};
#[cfg(feature = "pdf")]
pub(crate) use read::manifests;
pub(crate) use read::{Content, Listed, all, answers, catalogue, documents, listed, pdf};
#[cfg(feature = "pdf")]
pub(crate) use releases::Frozen;
pub(crate) use releases::{RELEASES, Shelf};
#[cfg(feature = "pdf")]
pub(crate) use remember::{forget, remember, save};
#[cfg(feature = "pdf")]
pub(crate) use root::stays_in;
pub(crate) use root::{PROJECT, Root, from_here, is_folder, is_project, is_there, lies_in, project, real, root_of_new};
pub(crate) use subjects::{Subject, file, files, ledger, ledger_above, names, no_link, optional, shelved, subjects};
pub(crate) use versions::{Lies, parts, version};
#[cfg(feature = "pdf")]
pub(crate) use write::{Out, Written, discard, unfinished_in, write_all};
pub(crate) use write::{absent, create};

/// A path as people read it: with `/`, and from the working folder if it lies under that.
#[expect(clippy::disallowed_methods, reason = "only names are shortened; no document depends on the folder")]
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let near = here.as_deref().filter(|_| path.is_absolute()).and_then(|here| path.strip_prefix(here).ok());
    let path: PathBuf = near.filter(|near| !near.as_os_str().is_empty()).unwrap_or(path).components().collect();
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    match text.strip_prefix("./") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn io(doing: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = shown(path);
    move |error| Failure::io(doing, path, &error)
}
