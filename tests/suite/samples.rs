//! The samples, found by walking `samples/`: each folder with an answers.yaml is one.

use std::path::PathBuf;

use techfile::Catalog;
use techfile::answers::Answers;
use techfile::source::Source;

use crate::repository::{files, folders, read, root};
use crate::tree::Tree;

/// One sample.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Sample {
    /// The folder that its evidence lies in.
    pub(crate) fn folder(&self) -> PathBuf {
        root().join("samples").join(&self.name)
    }

    /// A path in its folder, from the root of the repository.
    pub(crate) fn path(&self, file: &str) -> String {
        format!("samples/{}/{file}", self.name)
    }

    /// What it is built with: a sample with a folder `catalog` brings a look and words of its own.
    pub(crate) fn catalog(&self) -> Catalog {
        let folder = self.path("catalog/");
        let own = files(&folder).into_iter();
        Catalog::with(own.map(|path| (path[folder.len()..].to_owned(), std::fs::read(root().join(path)).unwrap())))
    }

    /// Its answers without their places.
    pub(crate) fn tree(&self) -> Tree {
        let source = Source::new(self.path("answers.yaml"), self.text.as_str());
        Tree::of(Answers::parse(source).expect("a sample is YAML").root())
    }
}

/// Every sample, in alphabetical order.
pub(crate) fn samples() -> Vec<Sample> {
    let named = folders("samples").into_iter();
    named
        .filter(|name| root().join("samples").join(name).join("answers.yaml").is_file())
        .map(|name| {
            let text = read(&format!("samples/{name}/answers.yaml"));
            let kind = text.lines().find_map(|line| line.strip_prefix("kind:")).expect("a sample names its kind");
            Sample { kind: kind.split('#').next().unwrap().trim().to_owned(), name, text }
        })
        .collect()
}

/// The complete sample of a kind: the one with the most answers.
pub(crate) fn complete(kind: &str) -> Option<Sample> {
    samples().into_iter().filter(|sample| sample.kind == kind).max_by_key(|sample| sample.text.len())
}
