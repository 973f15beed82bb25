//! The samples, found by walking `samples/`: each answers.yaml in a folder, however deep, is one, and each translation
//! beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use techfile::Catalog;
use techfile::answers::Answers;
use techfile::source::Source;

use crate::repository::{files, read, root};
use crate::stages::drawn;
use crate::tree::Tree;

/// One sample.
pub(crate) struct Sample {
    /// Its folder, such as `whisper` or `credit-scoring/aims/ai-policy`; `whisper.nl` for a translation.
    pub(crate) name: String,
    folder: String,
    /// The language that the name of the file says, if it is a translation.
    language: Option<String>,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Sample {
    /// The folder that its evidence lies in.
    pub(crate) fn folder(&self) -> PathBuf {
        root().join("samples").join(&self.folder)
    }

    /// The name that its outputs share.
    pub(crate) fn stem(&self) -> String {
        with(self.language.as_deref(), "answers")
    }

    /// Path of its answers, from the root of the repository.
    pub(crate) fn answers(&self) -> String {
        self.path(&format!("{}.yaml", self.stem()))
    }

    /// Path of the Markdown that it must become, from the root of the repository.
    pub(crate) fn golden(&self) -> String {
        self.path(&format!("{}.md", with(self.language.as_deref(), "document")))
    }

    /// Whether it is the translation of another.
    pub(crate) fn is_translation(&self) -> bool {
        self.language.is_some()
    }

    /// A path in its folder, from the root of the repository.
    pub(crate) fn path(&self, file: &str) -> String {
        format!("samples/{}/{file}", self.folder)
    }

    /// What it is built with: a sample with a folder `catalog` brings a look and words of its own.
    pub(crate) fn catalog(&self) -> Catalog {
        let folder = self.path("catalog/");
        let own = files(&folder).into_iter();
        Catalog::with(own.map(|path| (path[folder.len()..].to_owned(), std::fs::read(root().join(path)).unwrap())))
    }

    /// Its answers without their places, with what they draw from other files.
    pub(crate) fn tree(&self) -> Tree {
        let source = Source::new(self.answers(), self.text.as_str());
        let answers = Answers::parse(source).expect("a sample is YAML");
        Tree::of(drawn(answers, &self.answers(), &self.folder()).root())
    }
}

/// `answers`, or `answers.nl`.
fn with(language: Option<&str>, name: &str) -> String {
    language.map_or_else(|| name.to_owned(), |language| format!("{name}.{language}"))
}

/// Every sample, in alphabetical order, each before its translations.
pub(crate) fn samples() -> Vec<Sample> {
    let mut found = Vec::new();
    let all = files("samples");
    let folders: BTreeSet<&str> =
        all.iter().filter_map(|path| path.strip_prefix("samples/")?.strip_suffix("/answers.yaml")).collect();
    for folder in folders {
        let mut languages: Vec<Option<String>> = all
            .iter()
            .filter_map(|path| path.strip_prefix(&format!("samples/{folder}/answers"))?.strip_suffix(".yaml"))
            .map(|middle| middle.strip_prefix('.').map(str::to_owned))
            .collect();
        languages.sort();
        found.extend(languages.into_iter().map(|language| {
            let text = read(&format!("samples/{folder}/{}.yaml", with(language.as_deref(), "answers")));
            let kind = text.lines().find_map(|line| line.strip_prefix("kind:")).expect("a sample names its kind");
            let kind = kind.split('#').next().unwrap().trim().to_owned();
            Sample { name: with(language.as_deref(), folder), kind, text, folder: folder.to_owned(), language }
        }));
    }
    found
}

/// The folder of the sample project: the technical documentation of an invented provider and its management system.
pub(crate) const PROJECT: &str = "credit-scoring";

/// The documents of the sample project.
pub(crate) fn project() -> Vec<Sample> {
    let of_project = |sample: &Sample| Path::new(&sample.folder).starts_with(PROJECT) && !sample.is_translation();
    samples().into_iter().filter(of_project).collect()
}

/// The complete sample of a kind: the one with the most answers.
pub(crate) fn complete(kind: &str) -> Option<Sample> {
    let of_kind = samples().into_iter().filter(|sample| sample.kind == kind && !sample.is_translation());
    of_kind.max_by_key(|sample| sample.text.len())
}
