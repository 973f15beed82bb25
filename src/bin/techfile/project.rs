//! The project that a path lies in: the nearest `techfile.yaml`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::LazyLock;

use techfile::Source;
use techfile::answers::Limits;
use techfile::catalog::Catalog;
use techfile::check::Fact;
use techfile::diagnostic::Diagnostic;
use techfile::digest::Digest;
use techfile::project::{NoProject, Project, contradictions};
use techfile::report::FileFindings;

use crate::disk::{self, Content, Listed, Root};
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// A project and where it lies.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) project: Project,
    /// Its folder, as people reach it.
    pub(crate) folder: PathBuf,
    name: String,
    /// Digest of its file.
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only builds remember what they were made from"))]
    pub(crate) digest: Digest,
    /// Numbers of the allowed warnings that were met.
    met: RefCell<BTreeSet<usize>>,
}

/// The projects that were met on the way, each read once.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    seen: RefCell<BTreeMap<PathBuf, Result<Rc<Home>, Failure>>>,
}

impl Homes {
    /// The project that a file or a folder lies in, if it lies in one.
    pub(crate) fn of(&self, path: &Path, terminal: &Terminal) -> Result<Option<Rc<Home>>, Failure> {
        let Some(file) = disk::project(path)? else { return Ok(None) };
        let whole = disk::folder_of(&file);
        if let Some(home) = self.seen.borrow().get(&whole) {
            return home.clone().map(Some);
        }
        // Whoever names a file from the working folder reads all names from there: reports of two checkouts agree.
        let folder = if path.is_absolute() { whole.clone() } else { disk::from_here(&whole) };
        let home = read(&folder.join(disk::PROJECT), folder, terminal).map(Rc::new);
        self.seen.borrow_mut().insert(whole, home.clone());
        home.map(Some)
    }
}

/// What a project may say does not depend on its catalogue, and several may be read.
static BUILTIN: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

fn read(file: &Path, folder: PathBuf, terminal: &Terminal) -> Result<Home, Failure> {
    let name = disk::shown(file);
    terminal.detail(&format!("reading the project {name}"));
    let bytes = match disk::answers(file, &Limits::default())? {
        Content::Bytes(bytes) => bytes,
        Content::TooLarge(why) => return Err(Failure::refused(format!("`{name}`: {why}"))),
    };
    let digest = Digest::of(&bytes);
    let source = Source::from_bytes(&*name, &bytes)
        .map_err(|error| Failure::usage(format!("`{name}`: {error}")).help("save the file as UTF-8"))?;
    match Project::parse(source, &BUILTIN, env!("CARGO_PKG_VERSION")) {
        Ok(project) => Ok(Home { project, folder, name, digest, met: RefCell::default() }),
        Err(NoProject::Catalog(error)) => Err(error.into()),
        Err(NoProject::Rejected(rejected)) => {
            rejected.findings().iter().for_each(|finding| terminal.finding(finding, &BUILTIN));
            Err(Failure::usage(format!("the project `{name}` cannot be used"))
                .help("mend what is told above; `techfile schema project` prints what the file may hold"))
        }
    }
}

impl Home {
    /// The folder that its documents are built into.
    #[cfg(feature = "pdf")]
    pub(crate) fn output(&self) -> PathBuf {
        self.folder.join(&self.project.output)
    }

    /// Whether git keeps an output; Markdown and manifest unless the project says otherwise.
    #[cfg(feature = "pdf")]
    pub(crate) fn keeps(&self, output: &str) -> bool {
        self.project.keep.iter().any(|kept| kept == output)
    }

    /// Its answers files, in order, for whoever needs all of them.
    pub(crate) fn documents(&self) -> Result<Vec<PathBuf>, Failure> {
        self.listed()?.whole()
    }

    /// Its answers files, and what is in the way of others.
    pub(crate) fn listed(&self) -> Result<Listed, Failure> {
        let root = Root::of(&self.folder.join(disk::PROJECT))?;
        let found = if self.project.documents.is_empty() {
            disk::listed(&self.folder)?
        } else {
            disk::all(&self.folder, |path| self.project.names(path))
        };
        // What the project writes is none of its sources, and neither is its own file.
        let output = root.folder().join(&self.project.output);
        let own = |path: &PathBuf| path.file_name().is_some_and(|name| name == disk::PROJECT);
        let Listed { mut files, mut faults } = found;
        files.retain(|path| !own(path) && !disk::lies_in(path, &output));
        faults.retain(|(path, _)| !own(path) && !disk::lies_in(&disk::folder_of(path), &output));
        if files.is_empty() && faults.is_empty() {
            let patterns = self.project.documents.join(", ");
            return Err(Failure::usage(format!(
                "the project `{}` has no document: nothing fits {patterns}",
                self.name
            ))
            .help("mend `documents`, or start one with `techfile new KIND`"));
        }
        Ok(Listed { files, faults })
    }

    /// Takes out what the project allows.
    pub(crate) fn allow(&self, found: &mut FileFindings) {
        for (index, finding) in self.project.allows(found.document.as_deref(), &mut found.findings) {
            self.met.borrow_mut().insert(index);
            found.allowed.push((finding, self.project.allow[index].reason.clone()));
        }
    }

    /// What is to be said of the project itself after all its documents were checked.
    pub(crate) fn unused(
        &self,
        catalog: &Catalog,
        judged: impl Fn(&techfile::project::Allow) -> bool,
    ) -> Option<FileFindings> {
        let met = self.met.borrow();
        let allow = self.project.allow.iter().enumerate();
        let unused = allow.filter(|(index, allow)| !met.contains(index) && judged(allow));
        let known: BTreeSet<&str> = catalog.kind_ids().flat_map(|kind| catalog.languages(kind)).collect();
        let known: Vec<&str> = known.into_iter().collect();
        let mut findings: Vec<Diagnostic> = self.project.wordless(&known);
        findings.extend(unused.map(|(_, allow)| allow.unused()));
        let file = self.name.clone();
        (!findings.is_empty()).then_some(FileFindings { file, document: None, findings, allowed: Vec::new() })
    }
}

/// Adds what documents of one project say differently about one fact.
pub(crate) fn agree(stated: &[(Rc<Home>, usize, Vec<Fact>)], found: &mut [FileFindings]) -> Exit {
    let mut exit = Exit::Success;
    let mut homes: Vec<&Rc<Home>> = Vec::new();
    for (home, _, _) in stated {
        if !homes.iter().any(|other| Rc::ptr_eq(other, home)) {
            homes.push(home);
        }
    }
    for home in homes {
        let own: Vec<_> = stated.iter().filter(|(other, _, _)| Rc::ptr_eq(other, home)).collect();
        let facts: Vec<Vec<Fact>> = own.iter().map(|(_, _, facts)| facts.clone()).collect();
        for (index, finding) in contradictions(&facts) {
            exit = exit.max(Exit::Findings);
            found[own[index].1].findings.push(finding);
        }
    }
    exit
}
