//! The folder of a document: its ledger, the head, and a folder for each revision that was released.
//!
//! Comes in: the ledger's bytes and the names of what lies beside it. Goes out: the ledger and a verdict on it; the folders
//! of the releases are verified one by one against that ledger.

use super::{RESTORE, Verdict, about, below, warn};
use crate::diagnostic::Code;
use crate::record::layout::{HEAD, JOURNAL, LEDGER, WITNESSES, is_unfinished};
use crate::record::ledger::{Beside, Event, Ledger};

/// What lies in the folder of a document.
#[derive(Debug, Clone, Copy)]
pub struct Folder<'f> {
    /// The folder, as people know it.
    pub folder: &'f str,
    /// Its own name, which is that of the document.
    pub id: &'f str,
    /// Names of the folders in it.
    pub folders: &'f [String],
    /// Names of the files in it.
    pub files: &'f [String],
}

/// Verifies a ledger by itself: its chain and its head.
#[must_use]
pub fn ledger(name: &str, bytes: &[u8], beside: Beside<'_>) -> (Ledger, Verdict) {
    let (ledger, findings) = Ledger::read(name, bytes, beside);
    let lines = ledger.lines().count();
    let mut verdict = Verdict { findings, ..Verdict::new(name) };
    verdict.document = ledger.lines().next().map(|line| line.doc.clone());
    verdict.what = Some(format!("a ledger of {lines} line{}", if lines == 1 { "" } else { "s" }));
    if bytes.is_empty() {
        let message = format!("the ledger `{name}` has no line");
        verdict.findings.push(about(Code::LedgerLine, name, message, RESTORE));
    }
    (ledger, verdict)
}

/// Verifies what the ledger of a folder says of the folder. `None` as bytes: there is no ledger.
#[must_use]
pub fn document(place: Folder<'_>, bytes: Option<&[u8]>, beside: Beside<'_>) -> (Ledger, Verdict) {
    let own = [format!("{}{LEDGER}", place.id), format!("{}{HEAD}", place.id)];
    let name = below(place.folder, &own[0]);
    let Some(bytes) = bytes else {
        let mut verdict = Verdict { what: Some("no ledger".into()), ..Verdict::new(&name) };
        verdict.findings.push(about(Code::FileMissing, &name, format!("the ledger `{name}` is missing"), RESTORE));
        return (Ledger::empty(&name), verdict);
    };
    let (ledger, mut verdict) = ledger(&name, bytes, beside);
    if let Some(line) = ledger.lines().find(|line| line.doc != place.id) {
        let message = format!("the folder is that of `{}`, and line {} is of `{}`", place.id, line.seq, line.doc);
        verdict.findings.push(about(Code::LedgerLine, &name, message, RESTORE));
    }
    for line in ledger.lines().filter(|line| line.event == Event::Release) {
        if !place.folders.contains(&line.rev) {
            let file = below(place.folder, &line.rev);
            let message = format!("`{file}` is missing; the ledger names revision {} as released", line.rev);
            let finding = about(Code::FileMissing, &file, message, RESTORE);
            verdict.findings.push(finding.related(ledger.place_of(line), "here it was released"));
        }
    }
    // A release that is being made, or was interrupted, has its folder before the head covers its line.
    let coming = ledger.coming().filter(|line| line.event == Event::Release).map(|line| &line.rev);
    if let Some(revision) = coming.filter(|revision| place.folders.contains(revision)) {
        let file = below(place.folder, revision);
        let message = format!("`{file}` is the folder of a release that was interrupted: no head covers it");
        let help = "it is no release until the next `techfile release` or `techfile record` has finished it";
        verdict.findings.push(warn(Code::NotReleased, &file, message, help));
    }
    let released = |name: &String| ledger.release(name).is_some() || coming == Some(name);
    let folders = place.folders.iter().filter(|name| !released(name));
    // Signatures over the head and time stamps of it lie beside it.
    let witness = |name: &str| name.strip_prefix(&own[1]).is_some_and(|end| WITNESSES.contains(&end));
    let known = |name: &str| own.iter().any(|own| own == name) || name == JOURNAL || witness(name);
    let files = place.files.iter().filter(|name| !known(name));
    for extra in folders.chain(files).filter(|name| !is_unfinished(name)) {
        let file = below(place.folder, extra);
        let message = format!("`{file}` is nothing that the ledger knows");
        let help = "take it away, or find out who put it there; signed files are kept elsewhere";
        verdict.findings.push(about(Code::FileExtra, &file, message, help));
    }
    (ledger, verdict)
}
