//! Where the outputs of a document lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::crew::Allowance;
use crate::disk::{self, Root};
use crate::documents::Input;
use crate::exit::Failure;

/// The files that every document leaves, by what stands behind the name they share.
pub(crate) const SUFFIXES: [&str; 5] = ["pdf", "md", "typ", "manifest.json", "pdf.sha256"];

/// A document and its place in the output folder.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) input: Input,
    /// The output folder of the run or of the project.
    pub(crate) root: PathBuf,
    /// The way from there to the folder that the outputs lie in, with `/`; empty for the folder itself.
    way: String,
}

impl Target {
    /// Where a document goes: in a project below its output folder, by the way to the answers file.
    pub(crate) fn new(input: Input, given: Option<&Path>) -> Result<Self, Failure> {
        if given.is_none() {
            let (output, within) = match &input.home {
                Some(home) => (home.output(), home.folder.as_path()),
                None => (PathBuf::from("build"), Path::new(".")),
            };
            if !disk::stays_in(&output, within) {
                return Err(Failure::refused(format!(
                    "the output folder `{}` is a symbolic link that leads out of `{}`, or lies behind one",
                    disk::shown(&output),
                    disk::shown(within)
                ))
                .help("remove the link, or name the folder that it leads to by `--out DIR`"));
            }
        }
        let Some(home) = &input.home else {
            let root = given.unwrap_or(Path::new("build")).to_owned();
            return Ok(Self { root, way: String::new(), input });
        };
        let root = given.map_or_else(|| home.output(), Path::to_owned);
        let way: Vec<String> =
            Root::of(&input.path)?.way().iter().map(|part| part.to_string_lossy().into_owned()).collect();
        Ok(Self { root, way: way.join("/"), input })
    }

    /// The folder that the outputs lie in.
    pub(crate) fn out(&self) -> PathBuf {
        if self.way.is_empty() { self.root.clone() } else { self.root.join(&self.way) }
    }

    /// The path of an output, by its name beside the others.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.out().join(name)
    }

    /// The path of an output from the output folder, with `/`.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.way.is_empty() { name.to_owned() } else { format!("{}/{name}", self.way) }
    }

    /// The name that its outputs share, from the output folder.
    pub(crate) fn key(&self) -> String {
        self.name(&self.input.stem)
    }

    /// The name of one of the files that every document leaves.
    pub(crate) fn own(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.input.stem)
    }

    /// What making it may take.
    pub(crate) fn allowance(&self) -> Allowance {
        let usual = Allowance::default();
        let limits = self.input.home.as_ref().map(|home| home.project.effort).unwrap_or_default();
        Allowance {
            seconds: limits.seconds.unwrap_or(usual.seconds),
            memory: limits.memory_mib.unwrap_or(usual.memory),
        }
    }

    /// The PDF, as people know it.
    pub(crate) fn pdf(&self) -> String {
        disk::shown(&self.path(&self.own("pdf")))
    }
}

/// Two documents of one name would overwrite each other.
pub(crate) fn one_output_each(targets: &[Target]) -> Result<(), Failure> {
    let mut taken: BTreeMap<String, &Target> = BTreeMap::new();
    for target in targets {
        // On many disks `A.pdf` and `a.pdf` are one file.
        if let Some(other) = taken.insert(target.pdf().to_lowercase(), target) {
            let (first, second) = (&other.input.name, &target.input.name);
            return Err(Failure::usage(format!("`{first}` and `{second}` would both become `{}`", target.pdf()))
                .help("build them one at a time, each with an `--out` of its own, or rename one"));
        }
    }
    Ok(())
}
