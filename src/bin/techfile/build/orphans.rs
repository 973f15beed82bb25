//! Outputs whose document is gone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::record::Record;
use super::target::{SUFFIXES, Target};
use crate::disk::{self, Locks, Out};
use crate::exit::Failure;

/// The files of a document that the project no longer has.
pub(crate) struct Orphan {
    /// The folder that they lie in.
    folder: PathBuf,
    /// The name that they share.
    stem: String,
}

impl Orphan {
    /// The manifest, as people know it.
    pub(crate) fn name(&self) -> String {
        disk::shown(&self.folder.join(format!("{}.manifest.json", self.stem)))
    }

    /// Removes them, and folders that held nothing else below the output folder.
    pub(crate) fn prune(&self, locks: &Locks, root: &Path) -> Result<(), Failure> {
        let names: Vec<String> = SUFFIXES.iter().map(|suffix| format!("{}.{suffix}", self.stem)).collect();
        let out = Out { root: root.to_owned(), folder: self.folder.clone() };
        disk::discard(locks, &out, &names, &format!("{}.files", self.stem))?;
        let way = self.folder.strip_prefix(root).unwrap_or(&self.folder);
        Record::forget(root, &disk::shown(&way.join(&self.stem)));
        Ok(())
    }
}

/// The orphans in the output folder of a project. A file is an output if a manifest of techfile lies beside it; what
/// anybody else has put there is nobody's business.
pub(crate) fn orphans(root: &Path, targets: &[Target]) -> Result<Vec<Orphan>, Failure> {
    let own: BTreeSet<PathBuf> = targets.iter().map(|target| target.path(&target.own("manifest.json"))).collect();
    let mut found = Vec::new();
    for path in disk::manifests(root)? {
        let stem = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".manifest.json"));
        let Some(stem) = stem.filter(|_| !own.contains(&path)) else { continue };
        let ours = disk::bytes(&path)
            .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
            .is_some_and(|manifest| manifest["format"] == "techfile-manifest/1");
        if ours {
            found.push(Orphan { folder: disk::folder_of(&path), stem: stem.to_owned() });
        }
    }
    Ok(found)
}
