//! `techfile diff OLD NEW`

use std::path::{Path, PathBuf};

use techfile::catalog::Catalog;
use techfile::changes::{Said, compare};
use techfile::digest::Digest;
use techfile::identity::identify;
use techfile::record::ledger::Event;
use techfile::report::changes::{self, Comparison};

use crate::cli::Layout;
use crate::disk::{self, Lies};
use crate::documents::{Input, process, summary};
use crate::exit::{Exit, Failure};
use crate::releases::{said, shelf};
use crate::terminal::Terminal;

pub(super) fn run(
    catalog: &Catalog,
    (old, new): (&Path, &Path),
    layout: Layout,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Success;
    let mut sides = Vec::new();
    for path in [old, new] {
        match side(path, catalog, terminal) {
            Ok(Ok(said)) => sides.push((disk::shown(path), said)),
            Ok(Err(findings)) => exit = exit.max(findings),
            Err(failure) => exit = exit.max(terminal.fail(&failure)),
        }
    }
    let [(old_name, old), (new_name, new)] = sides.as_slice() else { return Ok(exit) };
    if old.kind() != new.kind() {
        let message = format!("`{old_name}` is of kind `{}`, `{new_name}` of kind `{}`", old.kind(), new.kind());
        return Err(Failure::usage(message).help("only documents of one kind answer the same questions"));
    }
    let kind = super::kind(catalog, new.kind())?;
    let changes = compare(old.version(), new.version(), kind);
    let comparison = Comparison { catalog, old: (old_name, old), new: (new_name, new), changes: &changes };
    match layout {
        Layout::Text => terminal.result(&changes::text(&comparison))?,
        Layout::Markdown => terminal.result(&changes::markdown(&comparison))?,
        Layout::Json => terminal.json(&(changes::json(&comparison) + "\n"))?,
    }
    Ok(Exit::Success)
}

/// What a version says, or how it ended that it says nothing.
fn side(path: &Path, catalog: &Catalog, terminal: &Terminal) -> Result<Result<Said, Exit>, Failure> {
    match disk::version(path)? {
        Lies::Answers(path) => answers(path, catalog, terminal),
        Lies::Bundle(folder, stem) => bundle(&folder, &stem).map(Ok),
        Lies::Pdf(path) => pdf(&path).map(Ok),
        Lies::Revision(path, revision) => released(&path, &revision, terminal).map(Ok),
    }
}

/// Answers say something only without an error: what does not check has no content id.
fn answers(path: PathBuf, catalog: &Catalog, terminal: &Terminal) -> Result<Result<Said, Exit>, Failure> {
    let input = Input::new(path)?;
    let outcome = process(&input, catalog, terminal, |checked, _| {
        let identity = identify(&checked);
        let said = Said::read(&identity.answers_json, &identity.content_json).map_err(Failure::verification)?;
        Ok((said, Vec::new()))
    })?;
    if let Some(said) = outcome.value {
        return Ok(Ok(said));
    }
    outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
    let told = summary(std::slice::from_ref(&outcome.found), 0);
    terminal.say(&format!("{told}; only answers without an error can be compared"));
    Ok(Err(Exit::of(&outcome.found.findings)))
}

/// The files of a build, held against each other.
fn bundle(folder: &Path, stem: &str) -> Result<Said, Failure> {
    let parts = disk::parts(folder, stem)?;
    let name = disk::shown(&folder.join(format!("{stem}.manifest.json")));
    let said = Said::read(&parts.answers, &parts.content).map_err(|why| broken(&name, &why))?;
    let manifest: Option<serde_json::Value> = serde_json::from_slice(&parts.manifest).ok();
    let told = manifest.as_ref().and_then(|manifest| Digest::parse(manifest.get("content_id")?.as_str()?));
    if told != Some(said.content_id()) {
        return Err(broken(&name, "it names another content id than the files beside it have"));
    }
    Ok(said)
}

fn broken(name: &str, why: &str) -> Failure {
    Failure::verification(format!("`{name}` does not hold: {why}"))
        .help("nothing can be said of what it says; take it from where it was published, or build it again")
}

/// What a PDF carries. Whether its pages say the same is for `verify`.
#[cfg(feature = "pdf")]
fn pdf(path: &Path) -> Result<Said, Failure> {
    use techfile::record::pdf::{Fault, Limits, Pdf};
    let (bytes, name) = (disk::pdf(path)?, disk::shown(path));
    let parts = Pdf::read(&bytes, Limits::default())
        .and_then(|mut pdf| Ok((pdf.attachment("answers.json")?, pdf.attachment("content.json")?)));
    match parts {
        Ok((answers, content)) => Said::read(&answers, &content).map_err(|why| broken(&name, &why)),
        Err(Fault::Limit(why)) => Err(Failure::refused(format!("`{name}`: {why}"))),
        Err(fault) => Err(broken(&name, &fault.to_string())),
    }
}

#[cfg(not(feature = "pdf"))]
fn pdf(path: &Path) -> Result<Said, Failure> {
    Err(Failure::usage(format!("`{}` is a PDF, which this techfile was built without", disk::shown(path))))
}

/// A released revision, as the ledger vouches for it.
fn released(path: &Path, revision: &str, terminal: &Terminal) -> Result<Said, Failure> {
    let shelf = shelf(path)?;
    let nothing = || Failure::usage(format!("nothing of `{}` was released yet", disk::shown(path)));
    let ledger = shelf.ledger()?.ok_or_else(nothing)?;
    let Some(line) = ledger.release(revision) else {
        let releases = ledger.lines().filter(|line| line.event == Event::Release);
        let labels: Vec<&str> = releases.map(|line| line.rev.as_str()).collect();
        let message = format!("`{}` has no released revision `{revision}`", disk::shown(path));
        return Err(Failure::usage(message).help(format!("its revisions are {}", labels.join(", "))));
    };
    if ledger.withdrawn(revision).is_some() {
        terminal.say(&format!("revision {revision} of `{}` is withdrawn", disk::shown(path)));
    }
    said(&shelf, line)
}
