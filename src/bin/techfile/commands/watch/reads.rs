//! Which changes on the disk may change a document.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::Target;
use crate::disk::{self, Root};

/// What each document is known to read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    of: BTreeMap<PathBuf, Document>,
    /// The output folders: what is written there is read by nobody.
    outputs: BTreeSet<PathBuf>,
    catalog: Option<PathBuf>,
    /// Whether it is not known which documents there are.
    pub(super) lost: bool,
}

#[derive(Debug)]
struct Document {
    /// The folder that nothing it reads lies outside of.
    root: PathBuf,
    /// The files that it read; none if that is not known, as of one that has errors: a file that it misses may come.
    files: Option<BTreeSet<PathBuf>>,
}

impl Reads {
    /// These are the documents now.
    pub(super) fn begin(&mut self, targets: &[Target], catalog: Option<&Path>) {
        self.lost = false;
        self.catalog = catalog.and_then(disk::real);
        self.outputs = targets.iter().map(|target| target.root.clone()).collect();
        self.of.retain(|path, _| targets.iter().any(|target| target.input.path == *path));
    }

    /// A document reads these files, by their paths from its root.
    pub(super) fn note(&mut self, target: &Target, files: &BTreeMap<String, String>) {
        let Ok(root) = Root::of(&target.input.path) else { return };
        let root = root.folder().to_owned();
        let files = (!files.is_empty()).then(|| files.keys().map(|file| root.join(file)).collect());
        self.of.insert(target.input.path.clone(), Document { root, files });
    }

    /// Whether somebody may have changed a document there; `targets` are those that were looked at last.
    pub(super) fn count(&self, path: &Path, targets: &[Target]) -> bool {
        // Events that got lost may have been any.
        if path.as_os_str().is_empty() {
            return true;
        }
        if self.outputs.iter().filter_map(|output| disk::real(output)).any(|output| path.starts_with(output)) {
            return false;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.lost
            || disk::is_project(path)
            // What a document says of its past may be written for the first time.
            || name.contains(".ledger.")
            || self.catalog.as_ref().is_some_and(|catalog| path.starts_with(catalog))
            || self.of.values().any(|document| document.may_read(path))
            || self.may_become_one(path, name, targets)
            // A folder that came may hold anything.
            || disk::is_folder(path)
    }

    fn may_become_one(&self, path: &Path, name: &str, targets: &[Target]) -> bool {
        let named = |target: &Target| {
            let own = self.of.get(&target.input.path).and_then(|document| path.strip_prefix(&document.root).ok());
            let own = own.and_then(|own| own.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>());
            let home = target.input.home.as_ref();
            own.zip(home).is_some_and(|(own, home)| home.project.names(&own.join("/")))
        };
        name.strip_prefix("answers.").is_some_and(|rest| rest.strip_suffix("yaml").is_some())
            || targets.iter().any(named)
    }
}

impl Document {
    /// Whether a path is one of its files, or a folder on the way to one.
    fn may_read(&self, path: &Path) -> bool {
        match &self.files {
            Some(files) => files.iter().any(|file| file.starts_with(path)),
            None => path.starts_with(&self.root) || self.root.starts_with(path),
        }
    }
}
