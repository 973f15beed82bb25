//! What a build remembers of a document, so that the next one need not look at it again.
//!
//! A record lies at `<output folder>/.techfile/cache/`, one a document, under its own digest: what does not read back
//! as it was written is as good as absent. It never holds a byte of an output. It only says which files, by digest, the
//! outputs were made from, and what digests they had; whether both still hold is looked at on the disk each time. Who
//! deletes it loses time and nothing else. Whoever may write here may write the outputs as well; `build --no-cache`,
//! `release` and `verify` believe no record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use techfile::digest::Digest;
use techfile::report::run::{Line, State};

use super::target::{SUFFIXES, Target};
use crate::disk::{self, Look, Seen};
use crate::documents::Traces;

/// Version of the format.
const FORMAT: &str = "techfile-record/1";

/// What made a document, by digest: the program with its catalogue, and the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Maker {
    program: String,
    project: Option<String>,
}

/// A file as it was when the document was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    sha256: String,
    look: [String; 4],
}

/// What is remembered of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    format: String,
    maker: Maker,
    /// Documents that it is made of, by digest of their list.
    among: Option<String>,
    /// Files that it is made from, by their paths from the root; nothing where there was none.
    inputs: BTreeMap<String, Option<Known>>,
    /// Files that were made, by their names beside each other.
    outputs: BTreeMap<String, Known>,
    /// What was said of it.
    line: Line,
}

impl Maker {
    pub(crate) fn new(program: Digest, project: Option<Digest>) -> Self {
        Self { program: program.to_string(), project: project.map(|digest| digest.to_string()) }
    }
}

impl Known {
    fn of(path: &Path, sha256: Digest) -> Option<Self> {
        match disk::look(path) {
            Seen::File(look) => Some(Self { sha256: sha256.to_string(), look: look.numbers() }),
            Seen::Absent | Seen::Other => None,
        }
    }

    /// Whether the file is still the same. `since` is how the record looks, for files that others write: of those a digest
    /// alone proves nothing, because whoever plants a record can write any digest into it, and not how a file will look that
    /// is saved later.
    fn holds(&self, path: &Path, since: Option<&Look>) -> bool {
        let Seen::File(now) = disk::look(path) else { return false };
        let same = Look::parse(&self.look.each_ref().map(String::as_str)) == Some(now);
        if same && since.is_none_or(|since| now.settled(since)) {
            return true;
        }
        (same || since.is_none()) && disk::digest(path).is_some_and(|digest| digest.to_string() == self.sha256)
    }
}

/// The folder that records lie in.
const FOLDER: &str = "cache";

/// The name of the record of a document, by the name that its outputs share.
fn name(key: &str) -> String {
    format!("{}.json", Digest::of(key.as_bytes()))
}

/// Where such a record lies.
fn place(root: &Path, key: &str) -> PathBuf {
    root.join(disk::HIDDEN).join(FOLDER).join(name(key))
}

impl Record {
    /// Writes down how a document was made, unless a file that it was made from is another by now.
    pub(crate) fn keep(target: &Target, traces: &Traces, maker: &Maker, names: &[String], line: &Line) {
        let record = || {
            let mut inputs = BTreeMap::new();
            for (path, digest) in &traces.files {
                let at = traces.folder.join(path);
                let known = match *digest {
                    // Looked at before it is read: what is written later looks different.
                    Some(digest) => {
                        let known = Known::of(&at, digest)?;
                        Some(known).filter(|_| disk::digest(&at) == Some(digest)).map(Some)?
                    }
                    None if disk::look(&at) == Seen::Absent => None,
                    None => return None,
                };
                inputs.insert(path.clone(), known);
            }
            let mut outputs = BTreeMap::new();
            for name in names {
                let digest = Digest::parse(line.outputs.get(&target.name(name))?)?;
                outputs.insert(name.clone(), Known::of(&target.path(name), digest)?);
            }
            let among = traces.among.map(|digest| digest.to_string());
            let (format, maker, line) = (FORMAT.to_owned(), maker.clone(), line.clone());
            Some(Self { format, maker, among, inputs, outputs, line })
        };
        match record().and_then(|record| serde_json::to_string(&record).ok()) {
            Some(json) => {
                let bytes = format!("{}\n{json}\n", Digest::of(json.as_bytes()));
                disk::remember(&target.root, FOLDER, &name(&target.key()), bytes.as_bytes());
            }
            None => Self::forget(&target.root, &target.key()),
        }
    }

    /// Forgets a document, by the name that its outputs share.
    pub(crate) fn forget(root: &Path, key: &str) {
        disk::forget(&place(root, key));
    }

    /// The record of a document, if there is one that was made by this program in this way.
    pub(crate) fn of(target: &Target, maker: &Maker) -> Option<Self> {
        let bytes = disk::bytes(&place(&target.root, &target.key()))?;
        let (digest, json) = std::str::from_utf8(&bytes).ok()?.split_once('\n')?;
        let json = json.strip_suffix('\n')?;
        if Digest::parse(digest) != Some(Digest::of(json.as_bytes())) {
            return None;
        }
        let record: Self = serde_json::from_str(json).ok()?;
        (record.format == FORMAT && record.maker == *maker).then_some(record)
    }

    /// What there is to say of a document that need not be looked at again: every file that it was made from is as it was,
    /// so are its outputs, and nothing was found in it. Outputs in `spare` may be absent.
    pub(crate) fn current(
        &self,
        target: &Target,
        folder: &Path,
        among: impl FnOnce() -> Option<Digest>,
        spare: &dyn Fn(&str) -> bool,
    ) -> Option<Line> {
        if !self.line.is_quiet() || self.line.exit != 0 {
            return None;
        }
        let Seen::File(since) = disk::look(&place(&target.root, &target.key())) else { return None };
        let inputs = self.inputs.iter().all(|(path, known)| {
            let at = folder.join(path);
            known.as_ref().map_or_else(|| disk::look(&at) == Seen::Absent, |known| known.holds(&at, Some(&since)))
        });
        let among = self.among.is_none() || self.among == among().map(|digest| digest.to_string());
        if !(inputs && among && self.keeps(target, spare)) {
            return None;
        }
        let mut line = self.line.clone();
        line.state = State::Current;
        // Whoever stands elsewhere knows the same file by another name.
        line.file.clone_from(&target.input.name);
        line.project = target.input.home.as_ref().map(|home| disk::shown(&home.folder));
        Some(line)
    }

    /// Whether the outputs are those that were made.
    fn keeps(&self, target: &Target, spare: &dyn Fn(&str) -> bool) -> bool {
        let own = |suffix: &str| self.outputs.contains_key(&target.own(suffix));
        SUFFIXES.into_iter().all(own)
            && !disk::unfinished_in(&target.out(), &format!("{}.files", target.input.stem))
            && self.outputs.iter().all(|(name, known)| {
                let at = target.path(name);
                (spare(name) && disk::look(&at) == Seen::Absent) || known.holds(&at, None)
            })
    }

    /// Whether the outputs on the disk are those of this build.
    pub(crate) fn fits(&self, target: &Target, build_id: Digest) -> bool {
        let manifest = self.outputs.get(&target.own("manifest.json"));
        // The build id is the digest of the manifest: a record that says otherwise is wrong.
        self.line.build_id == Some(build_id.to_string())
            && manifest.is_some_and(|known| known.sha256 == build_id.to_string())
            && self.keeps(target, &|_| false)
    }

    /// The names of the outputs, and their digests by path from the output folder.
    pub(crate) fn outputs(&self) -> (Vec<String>, BTreeMap<String, String>) {
        (self.outputs.keys().cloned().collect(), self.line.outputs.clone())
    }

    /// The files that it is made from, with their digests.
    pub(crate) fn inputs(&self) -> BTreeMap<String, String> {
        let known = self.inputs.iter();
        known.filter_map(|(path, known)| Some((path.clone(), known.as_ref()?.sha256.clone()))).collect()
    }
}
