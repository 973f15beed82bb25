//! A PDF against itself: what it carries, what its metadata say, what stands on its pages; and against who vouches.
//!
//! Comes in: the bytes of a PDF, perhaps a ledger and a list of digests. Goes out: a verdict. A PDF alone shows only what
//! contradicts itself; whoever rewrites all of it contradicts nothing. What makes it the released one is the ledger.

use serde_json::Value as Json;

use super::ids::{self, Ids};
use super::{Files, RESTORE, Verdict, Vouchers, about, sums, warn};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;
use crate::record::ledger::{Event, Ledger, Line};
use crate::record::pdf::{Fault, Limits, Metadata, Pdf};

/// What every PDF of ours carries.
const OWN: [&str; 4] = ["answers.json", "content.json", "manifest.json", "SHA256SUMS"];

/// A PDF that was looked at.
pub(super) struct Looked {
    /// Its ids, if it says them.
    pub(super) ids: Option<Ids>,
    /// What it carries, by name.
    pub(super) carried: Files,
    /// What its pages say, with one space for all white space.
    pub(super) words: Vec<String>,
    /// One past the last byte of its first revision.
    pub(super) end: usize,
    pub(super) findings: Vec<Diagnostic>,
}

/// Verifies a PDF.
#[must_use]
pub fn pdf(name: &str, bytes: &[u8], vouchers: Vouchers<'_>) -> Verdict {
    let looked = look(name, bytes);
    let mut verdict = Verdict { findings: looked.findings, ..Verdict::new(name) };
    verdict.identify(looked.ids.as_ref());
    if let Some((list, listed)) = vouchers.sidecar {
        verdict.findings.extend(beside(name, bytes, list, listed));
    }
    anchor(&mut verdict, name, bytes, looked.end, looked.ids.as_ref(), vouchers.ledger);
    verdict
}

impl Verdict {
    pub(super) fn identify(&mut self, ids: Option<&Ids>) {
        let Some(ids) = ids else { return };
        self.document = Some(ids.document.clone());
        self.revision = Some(ids.revision.clone());
        self.content_id = Some(ids.content_id);
        self.build_id = Some(ids.build_id);
    }

    /// A release that was taken back: it is still what it was, and no longer in force.
    pub(super) fn withdrawn_by(&mut self, ledger: &Ledger, revision: &str) {
        let Some(line) = ledger.withdrawn(revision) else { return };
        self.withdrawn = Some(line.seq);
        let reason = line.reason.as_deref().unwrap_or("no reason is given");
        let message = format!("revision {revision} was withdrawn: {reason}");
        let finding = Diagnostic::warning(Code::Withdrawn, ledger.place_of(line), message);
        self.findings.push(finding.help("use a later revision; this one is kept for the record"));
    }
}

/// The PDF's line in the list beside it.
fn beside(name: &str, bytes: &[u8], list: &str, listed: &[u8]) -> Option<Diagnostic> {
    let own = name.rsplit('/').next().unwrap_or(name);
    match sums::parse(listed) {
        Err(why) => Some(sums::unreadable(list, &why)),
        Ok(listed) => match listed.get(own) {
            Some(wanted) => sums::one(name, bytes, *wanted, &format!("`{list}`")),
            None => Some(about(Code::FileMissing, list, format!("`{list}` does not name `{own}`"), RESTORE)),
        },
    }
}

/// A PDF against itself.
pub(super) fn look(name: &str, bytes: &[u8]) -> Looked {
    let mut looked =
        Looked { ids: None, carried: Files::new(), words: Vec::new(), end: bytes.len(), findings: Vec::new() };
    if let Err(fault) = looked.read(name, bytes) {
        looked.findings.push(unreadable(name, &fault));
    }
    looked
}

fn unreadable(name: &str, fault: &Fault) -> Diagnostic {
    let code = if matches!(fault, Fault::Limit(_)) { Code::Limit } else { Code::PdfUnreadable };
    about(
        code,
        name,
        format!("`{name}` cannot be read as a PDF of techfile: {fault}"),
        "it is damaged, or another program wrote it anew: get the released file. Signatures behind it do no harm",
    )
}

impl Looked {
    fn read(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let mut pdf = Pdf::read(bytes, Limits::default())?;
        self.end = pdf.first_end();
        for attachment in pdf.attachments()? {
            if self.carried.insert(attachment.name.clone(), attachment.bytes).is_some() {
                return Err(Fault::Broken(format!("it carries two files named `{}`", attachment.name)));
            }
        }
        for own in OWN.iter().filter(|own| !self.carried.contains_key(**own)) {
            let message = format!("`{name}` carries no `{own}`, so it is no document of techfile or was written anew");
            self.findings.push(about(Code::FileMissing, name, message, RESTORE));
        }
        self.attachments(name);
        let Some(ids) = self.ids.clone() else { return Ok(()) };
        let answers = self.carried.get("answers.json").and_then(|answers| ids::json(answers, None).ok());
        let of_answers = answers.as_ref().map_or(&Json::Null, |answers| &answers["document"]);
        // Whoever signs a file writes into it when that was.
        let signed = self.end < bytes.len();
        for (place, said) in [("metadata", pdf.information()?), ("XMP metadata", pdf.xmp()?)] {
            let mut differ = metadata(&ids, of_answers["title"].as_str(), &said);
            differ.extend(super::printed::written(&ids, of_answers, &said, signed));
            self.findings.extend(
                differ
                    .into_iter()
                    .map(|what| about(Code::IdMismatch, name, format!("the {place} of `{name}` {what}"), RESTORE)),
            );
        }
        self.findings.extend(pdf.strange()?.into_iter().map(|what| {
            about(Code::FileExtra, name, format!("`{name}` {what}, as no document of techfile does"), RESTORE)
        }));
        self.words = pdf.pages()?.iter().map(|page| spaced(page)).collect();
        self.pages(name, &ids);
        let differ = super::printed::feet(&self.words, &ids);
        self.findings.extend(differ.into_iter().map(|what| about(Code::IdMismatch, name, what, RESTORE)));
        Ok(())
    }

    /// What it carries against its own list, and the three texts that identify it against each other.
    fn attachments(&mut self, name: &str) {
        let place = |part: &str| format!("{name}: {part}");
        if let Some(list) = self.carried.get("SHA256SUMS") {
            match sums::parse(list) {
                Err(why) => self.findings.push(sums::unreadable(&place("SHA256SUMS"), &why)),
                Ok(listed) => {
                    let others = self.carried.iter().filter(|(part, _)| part.as_str() != "SHA256SUMS");
                    let others = others.map(|(part, bytes)| (part.as_str(), bytes.as_slice()));
                    let mut differ = sums::all("", others, listed, "the attached SHA256SUMS");
                    // What every PDF carries has been missed already.
                    let missed = |finding: &Diagnostic| OWN.contains(&finding.place.source.name());
                    differ.retain(|finding| finding.code != Code::FileMissing || !missed(finding));
                    for finding in &mut differ {
                        let part = finding.place.source.name().to_owned();
                        finding.place.source = crate::source::Source::new(place(&part), "");
                    }
                    self.findings.extend(differ);
                }
            }
        }
        match self.carried.get("manifest.json").map(|bytes| ids::manifest(&place("manifest.json"), bytes)) {
            Some(Ok(ids)) => self.ids = Some(ids),
            Some(Err(finding)) => self.findings.push(*finding),
            None => {}
        }
        let (Some(content), Some(answers)) = (self.carried.get("content.json"), self.carried.get("answers.json"))
        else {
            return;
        };
        if let Some(ids) = &self.ids {
            self.findings.extend(ids::agree(ids, content, answers, &place));
            if ids.content_id != Digest::of(content) {
                return;
            }
        }
        let named = ids::evidence(content);
        for (part, bytes) in self.carried.iter().filter(|(part, _)| !OWN.contains(&part.as_str())) {
            let digest = Digest::of(bytes);
            if !named.iter().any(|(_, known)| *known == digest) {
                let message = format!("the attached `{part}` is no evidence that content.json names");
                self.findings.push(about(Code::FileExtra, &place(part), message, RESTORE));
            }
        }
    }

    /// The short content id on every page, both ids in full on the last.
    fn pages(&mut self, name: &str, ids: &Ids) {
        let pages = &self.words;
        // In groups: the full ids in lists of approvals begin with the same digits, and are no foot of a page.
        let short = ids.content_id.short();
        let without: Vec<String> = pages
            .iter()
            .zip(1..)
            .filter(|(page, _)| !page.contains(&short))
            .map(|(_, number)| number.to_string())
            .collect();
        let mut differ = |message: String| self.findings.push(about(Code::IdMismatch, name, message, RESTORE));
        if pages.is_empty() {
            differ(format!("`{name}` has no pages"));
        } else if !without.is_empty() {
            let (what, verb) = if without.len() == 1 { ("page", "does") } else { ("pages", "do") };
            let (some, more) = without.split_at(without.len().min(8));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            let list = some.join(", ");
            differ(format!(
                "{what} {list}{more} of `{name}` {verb} not bear its content id {}",
                ids.content_id.short()
            ));
        }
        for (what, id) in [("content id", ids.content_id), ("build id", ids.build_id)] {
            let bears = |page: &String| page.replace(' ', "").contains(&id.to_string());
            if !pages.is_empty() && !pages.iter().any(bears) {
                differ(format!("no page of `{name}` bears its {what} in full, as the control page does"));
            }
        }
    }
}

fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What metadata say else than they should.
fn metadata(ids: &Ids, title: Option<&str>, said: &Metadata) -> Vec<String> {
    let mut differ = Vec::new();
    let keywords = said.keywords.as_deref().unwrap_or("");
    let wanted = [("content id", "techfile:content=", ids.content_id), ("build id", "techfile:build=", ids.build_id)];
    for (what, prefix, id) in wanted {
        let found: Vec<&str> = keywords.split(',').filter_map(|word| word.trim().strip_prefix(prefix)).collect();
        if found != [id.prefixed()] {
            let found = if found.is_empty() { "none".to_owned() } else { found.join(" and ") };
            differ.push(format!("name as {what}: {found}; it is {}", id.prefixed()));
        }
    }
    let subject = format!("content {}", ids.content_id.prefixed());
    if said.subject.as_deref() != Some(&subject) {
        differ.push(format!("have another subject than `{subject}`"));
    }
    if title.is_some() && said.title.as_deref() != title {
        differ.push("have another title than the answers".to_owned());
    }
    differ
}

/// A PDF against the ledger, and bytes behind its end against the lines that speak of signatures.
pub(super) fn anchor(
    verdict: &mut Verdict,
    name: &str,
    bytes: &[u8],
    end: usize,
    ids: Option<&Ids>,
    ledger: Option<&Ledger>,
) {
    let digest = Digest::of(bytes).to_string();
    let vouching = |ledger: &Ledger| {
        let named = |line: &&Line| line.files.iter().any(|file| file.sha256 == digest);
        ledger.lines().find(named).cloned()
    };
    if let (Some(ledger), Some(line)) = (ledger, ledger.and_then(vouching)) {
        if let Some(ids) = ids {
            verdict.findings.extend(same(ledger, &line, ids));
        }
        if line.event == Event::Signed {
            verdict.findings.extend(signed(ledger, &line, name, &digest, &bytes[..end.min(bytes.len())]));
        }
        verdict.anchor = Some(match line.event {
            Event::Signed => format!("signed, line {} of the ledger", line.seq),
            _ => format!("released, line {} of the ledger", line.seq),
        });
        verdict.withdrawn_by(ledger, &line.rev);
        return;
    }
    let first = Digest::of(&bytes[..end.min(bytes.len())]).to_string();
    let of_release = |line: &Line| line.files.iter().any(|file| file.sha256 == first);
    if end < bytes.len() {
        let more = match bytes.len() - end {
            1 => "1 byte".to_owned(),
            more => format!("{more} bytes"),
        };
        let who = if ledger.is_some() { "no `signed` line of the ledger names it" } else { "no ledger vouches for it" };
        verdict.findings.push(about(
            Code::PdfExtended,
            name,
            format!("`{name}` has {more} behind its end, which may repaint any page, and {who}"),
            "a signature is recorded by `techfile record ANSWERS --signed FILE`; else get the file without them",
        ));
    }
    let (Some(ledger), Some(ids)) = (ledger, ids) else { return };
    let finding = match ledger.release(&ids.revision).filter(|line| line.doc == ids.document) {
        // All that is wrong with it are the bytes behind its end, and those have been told.
        Some(line) if end < bytes.len() && of_release(line) => return,
        Some(line) => about(
            Code::FileModified,
            name,
            format!("`{name}` is not the file that the ledger names for revision {}", ids.revision),
            RESTORE,
        )
        .related(ledger.place_of(line), "this line names another digest"),
        None => {
            unreleased(name, ledger, ids, "it was built but never released, or this is the ledger of another document")
        }
    };
    verdict.findings.push(finding);
}

/// What no line releases that a head covers.
pub(super) fn unreleased(name: &str, ledger: &Ledger, ids: &Ids, help: &str) -> Diagnostic {
    let coming = ledger.coming().filter(|line| line.event == Event::Release);
    if coming.is_some_and(|line| line.rev == ids.revision && line.doc == ids.document) {
        let message =
            format!("the release of {} revision {} was interrupted: no head covers it", ids.document, ids.revision);
        let help = "it is no release until the next `techfile release` or `techfile record` has finished it";
        return warn(Code::NotReleased, name, message, help);
    }
    let message = format!("the ledger knows no release of {} revision {}", ids.document, ids.revision);
    about(Code::NotReleased, name, message, help)
}

/// A line against the ids of the document that it vouches for.
pub(super) fn same(ledger: &Ledger, line: &Line, ids: &Ids) -> Vec<Diagnostic> {
    let pairs = [
        ("document", &line.doc, &ids.document),
        ("revision", &line.rev, &ids.revision),
        ("content id", &line.content_id, &ids.content_id.to_string()),
        ("build id", &line.build_id, &ids.build_id.to_string()),
    ];
    let differ = pairs.into_iter().filter(|(_, said, is)| said != is).map(|(what, said, is)| {
        let message = format!("line {} of the ledger says {what} {said}, and the document {is}", line.seq);
        Diagnostic::error(Code::IdMismatch, ledger.place_of(line), message).help(RESTORE)
    });
    differ.collect()
}

/// A signed file against the release that was signed: it must begin with every byte of it.
fn signed(ledger: &Ledger, line: &Line, name: &str, digest: &str, first: &[u8]) -> Option<Diagnostic> {
    let first = Digest::of(first).to_string();
    let of = line.files.iter().find(|file| file.sha256 == digest).and_then(|file| file.of.as_ref());
    let release = ledger.release(&line.rev);
    let released = release.is_some_and(|release| release.files.iter().any(|file| file.sha256 == first));
    if of == Some(&first) && released {
        return None;
    }
    let message = format!("`{name}` does not begin with the file that was released as revision {}", line.rev);
    Some(about(Code::FileModified, name, message, RESTORE).related(ledger.place_of(line), "this line calls it signed"))
}
