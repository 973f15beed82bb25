//! What lies around answers: the root, the files that were read for them, the releases before them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use techfile::answers::Limits;
use techfile::changes::Earlier;
use techfile::check::CheckedAnswers;
use techfile::digest::Digest;

use super::Input;
use crate::disk::{self, Root, Shelf};
use crate::exit::Failure;
use crate::releases;

/// What lies around answers: the root, the files that were read for them, the releases before them.
pub(crate) struct Around {
    pub(super) root: Root,
    /// Path of the answers file from the root; `None` if it is not UTF-8.
    pub(super) own: Option<String>,
    /// What was read, by its path from the root.
    read: BTreeMap<String, Arc<[u8]>>,
    pub(super) limits: Limits,
    /// What else would make another document of it, by path from the root: files of other documents and of the ledger,
    /// with their digests, or nothing where there was no file.
    others: RefCell<BTreeMap<String, Option<Digest>>>,
    /// The documents that it is made of.
    among: Option<Digest>,
    /// Whether it depends on something that is not in these lists.
    untraced: bool,
}

impl Around {
    pub(super) fn of(input: &Input) -> Result<Self, Failure> {
        let root = Root::of(&input.path)?;
        let name = input.path.file_name().and_then(|name| name.to_str());
        let own = name.and_then(|name| root.beside(name));
        Ok(Self {
            root,
            own,
            read: BTreeMap::new(),
            limits: *input.limits(),
            others: RefCell::default(),
            among: None,
            untraced: false,
        })
    }

    pub(super) fn note(&mut self, path: Option<String>, bytes: impl Into<Arc<[u8]>>) {
        if let Some(path) = path {
            self.read.insert(path, bytes.into());
        }
    }

    /// Path of the answers file from the root.
    pub(crate) fn own(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// Every file that was read, by its path from the root.
    #[cfg(feature = "pdf")]
    pub(crate) fn read(&self) -> &BTreeMap<String, Arc<[u8]>> {
        &self.read
    }

    /// Where the releases of a document lie.
    pub(crate) fn shelf(&self, document: &str) -> Result<Shelf, Failure> {
        Shelf::of(&self.root, document)
    }

    /// The release that the document is compared with.
    pub(crate) fn earlier(&self, checked: &CheckedAnswers<'_>) -> Result<Option<Earlier>, Failure> {
        let control = checked.control();
        let releases = self.shelf(&control.id)?;
        // What the ledger names does not change; the ledger does.
        for name in releases.witnesses() {
            let seen = disk::digest(&self.root.folder().join(&name));
            self.others.borrow_mut().insert(name, seen);
        }
        // One that appears on the way to the answers is refused.
        self.others.borrow_mut().extend(self.root.elsewhere(&control.id).map(|name| (name, None)));
        match releases.ledger()? {
            Some(ledger) => releases::earlier(&releases, &ledger, &control.revision),
            None => Ok(None),
        }
    }

    /// Notes that the document is made of others: their paths, and what was read for one of them.
    pub(super) fn made_of(&mut self, paths: &[PathBuf]) {
        let names: Vec<&str> = paths.iter().filter_map(|path| path.to_str()).collect();
        self.among = Some(among(&names));
        self.untraced |= self.root.project().is_none() || names.len() != paths.len();
    }

    pub(super) fn also(&mut self, other: &Self) {
        self.untraced |= other.untraced || other.own.is_none() || other.root.folder() != self.root.folder();
        let read = other.read.iter().map(|(path, bytes)| (path.clone(), Some(Digest::of(bytes))));
        self.others.get_mut().extend(read);
    }

    /// Everything that would make another document of it; `None` if something would that is no file in the root.
    #[cfg(feature = "pdf")]
    pub(crate) fn traces(&self) -> Option<Traces> {
        if self.untraced || self.own.is_none() {
            return None;
        }
        let collected = self.own.as_deref().map(techfile::collect::path);
        let read = self.read.iter().filter(|(path, _)| Some(*path) != collected.as_ref());
        let mut files = self.others.borrow().clone();
        files.extend(read.map(|(path, bytes)| (path.clone(), Some(Digest::of(bytes)))));
        Some(Traces { folder: self.root.folder().to_owned(), files, among: self.among })
    }
}

/// What a document was made from.
#[cfg(feature = "pdf")]
pub(crate) struct Traces {
    /// The folder that all paths start from.
    pub(crate) folder: PathBuf,
    /// Digests of files; nothing where there was no file.
    pub(crate) files: BTreeMap<String, Option<Digest>>,
    /// The documents that it is made of, if it is made of any.
    pub(crate) among: Option<Digest>,
}

/// The digest of a list of documents.
pub(crate) fn among(names: &[&str]) -> Digest {
    Digest::of(serde_json::Value::from(names).to_string().as_bytes())
}
