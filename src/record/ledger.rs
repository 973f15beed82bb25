//! The ledger of a document: one line an event, each bound to the line before it.
//!
//! Comes in: the bytes of `*.ledger.jsonl` and of the head beside it. Goes out: the events and what is wrong with them,
//! or the next line. A line is canonical JSON (RFC 8785) and a line feed; `prev` is the SHA-256 of the line before with
//! its line feed, 64 zeros in the first. A chain cannot show that its last lines are gone: that is what the head is for,
//! which people sign and later documents print.

mod head;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::digest::Digest;
use crate::identity::canonical;
use crate::source::{Source, Span};
use crate::stamp::tool;

/// The format that lines name.
pub const FORMAT: &str = "techfile-ledger/1";
/// Bytes of a ledger that are read.
pub const MAX_BYTES: usize = 256 << 20;
/// Faults that are told of one ledger.
const MOST: usize = 100;
/// Bytes of one line.
const MAX_LINE: usize = 1 << 20;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A revision was frozen.
    Release,
    /// Somebody signed the PDF of a release: its bytes are the unsigned ones and more.
    Signed,
    /// A release is no longer in force. Nothing is deleted.
    Withdrawn,
}

/// A file that an event vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    /// Its name in the folder of the release.
    pub name: String,
    /// Its SHA-256, 64 digits.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Of a signed file: the SHA-256 of the file that was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// One line of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// [`FORMAT`].
    pub format: String,
    /// Its number, from 1.
    pub seq: u64,
    /// SHA-256 of the line before.
    pub prev: String,
    /// What happened.
    pub event: Event,
    /// Number of the document.
    pub doc: String,
    /// Label of the revision.
    pub rev: String,
    /// Content id of the revision, 64 digits.
    pub content_id: String,
    /// Build id of the revision, 64 digits.
    pub build_id: String,
    /// Date of the released document, as it says itself.
    pub date: Option<String>,
    /// What is vouched for.
    pub files: Vec<Vouched>,
    /// Why.
    pub reason: Option<String>,
    /// Whose approvals stood when it was released.
    pub reviewed_by: Vec<String>,
    /// Name and version of the program.
    pub tool: String,
}

/// What is to be said of an event; the ledger knows the rest.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// Number of the document.
    pub doc: String,
    /// Label of the revision.
    pub rev: String,
    /// Content id of the revision.
    pub content_id: Digest,
    /// Build id of the revision.
    pub build_id: Digest,
    /// Date of the released document.
    pub date: Option<String>,
    /// What is vouched for.
    pub files: Vec<Vouched>,
    /// Why.
    pub reason: Option<String>,
    /// Whose approvals stand.
    pub reviewed_by: Vec<String>,
}

/// A ledger, as far as it could be read.
#[derive(Debug, Clone)]
pub struct Ledger {
    source: Source,
    lines: Vec<(Line, Span)>,
    head: Digest,
    /// Bytes of the lines that the head covers.
    covered: usize,
    /// The line of a command that was interrupted.
    coming: Option<Line>,
}

/// What lies beside the lines of a ledger.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'b> {
    /// The bytes of `*.ledger.head`; `None` if there is none.
    pub head: Option<&'b [u8]>,
    /// The line of a release that was interrupted, if there is one.
    pub journal: Option<&'b [u8]>,
}

impl Vouched {
    /// Names bytes.
    #[must_use]
    pub fn of(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self { name: name.into(), sha256: Digest::of(bytes).to_string(), size: bytes.len() as u64, of: None }
    }

    /// Its digest, if it is one.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        Digest::parse(&self.sha256)
    }
}

impl Line {
    /// What happened, in words.
    #[must_use]
    pub fn what(&self) -> String {
        let event = match self.event {
            Event::Release => "release",
            Event::Signed => "signed file",
            Event::Withdrawn => "withdrawal",
        };
        format!("{event} of revision {}", self.rev)
    }
}

/// The bytes of `*.ledger.head`.
#[must_use]
pub fn head_file(head: Digest) -> Vec<u8> {
    format!("{head}\n").into_bytes()
}

impl Ledger {
    /// A ledger that has no line yet.
    #[must_use]
    pub fn empty(name: &str) -> Self {
        Self { source: Source::new(name, ""), lines: Vec::new(), head: Digest::ZEROS, covered: 0, coming: None }
    }

    /// Reads a ledger and tells all that is wrong with it. Lines that cannot be read are left out, and so is the line of a
    /// command that was interrupted before the head covered it: [`Self::coming`].
    #[must_use]
    pub fn read(name: &str, bytes: &[u8], beside: Beside<'_>) -> (Self, Vec<Diagnostic>) {
        let mut ledger = Self::empty(name);
        let mut findings = Vec::new();
        if bytes.len() > MAX_BYTES {
            let why = format!("the ledger has more than {MAX_BYTES} bytes (256 MiB)");
            findings.push(Diagnostic::error(Code::Limit, ledger.place(Span::default()), why).help(RESTORE));
            return (ledger, findings);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            let place = ledger.place(Span::default());
            findings.push(Diagnostic::error(Code::LedgerLine, place, "the ledger is no UTF-8 text").help(RESTORE));
            return (ledger, findings);
        };
        if text.contains("\r\n") {
            return Self::read_with_line_feeds(name, text, beside);
        }
        ledger.source = Source::new(name, text);
        let mut reader = Reader::default();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let span = Span::new(at, at + line.len());
            at += line.len();
            if let Some(read) = reader.line(&ledger, line, span, &mut findings) {
                ledger.lines.push((read, span));
            }
            if findings.len() > MOST {
                let why = format!("the ledger has more than {MOST} faults; the rest of it was not read");
                findings.push(Diagnostic::error(Code::Limit, ledger.place(span), why).help(RESTORE));
                return (ledger, findings);
            }
        }
        ledger.head = reader.previous;
        ledger.covered = text.len();
        ledger.leave_out(beside);
        ledger.judge_head(beside, &mut findings);
        findings.extend(beside.journal.map(|journal| ledger.interrupted(journal)));
        (ledger, findings)
    }

    /// The lines in their order.
    #[must_use]
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter().map(|(line, _)| line)
    }

    /// Where a line stands.
    #[must_use]
    pub fn place_of(&self, line: &Line) -> Place {
        let found = self.lines.iter().find(|(other, _)| std::ptr::eq(other, line) || other == line);
        self.place(found.map_or_else(Span::default, |(_, span)| trimmed(self.source.text(), *span)))
    }

    /// The digest of the last line.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.head
    }

    /// The line of a command that was interrupted: no head covers it, and it vouches for nothing.
    #[must_use]
    pub fn coming(&self) -> Option<&Line> {
        self.coming.as_ref()
    }

    /// The line that released a revision.
    #[must_use]
    pub fn release(&self, revision: &str) -> Option<&Line> {
        self.lines().find(|line| line.event == Event::Release && line.rev == revision)
    }

    /// The last release of another revision than this one, and the ledger's head before this one was released: what
    /// the document of this revision says of its past. It is the same before and after the release.
    #[must_use]
    pub fn before(&self, revision: &str) -> Option<(&Line, Digest)> {
        let own = self.release(revision);
        let head = own.map_or(Some(self.head), |line| Digest::parse(&line.prev))?;
        let until = own.map_or(u64::MAX, |line| line.seq);
        let earlier = self.lines().rfind(|line| line.event == Event::Release && line.seq < until)?;
        Some((earlier, head))
    }

    /// Whether a release was taken back.
    #[must_use]
    pub fn withdrawn(&self, revision: &str) -> Option<&Line> {
        self.lines().find(|line| line.event == Event::Withdrawn && line.rev == revision)
    }

    /// The next line, with its line feed.
    #[must_use]
    pub fn next(&self, entry: Entry) -> Vec<u8> {
        let line = Line {
            format: FORMAT.to_owned(),
            seq: self.lines.len() as u64 + 1,
            prev: self.head.to_string(),
            event: entry.event,
            doc: entry.doc,
            rev: entry.rev,
            content_id: entry.content_id.to_string(),
            build_id: entry.build_id.to_string(),
            date: entry.date,
            files: entry.files,
            reason: entry.reason,
            reviewed_by: entry.reviewed_by,
            tool: tool(),
        };
        written(&line)
    }

    /// The ledger's bytes with one line more, and the head that goes with them.
    #[must_use]
    pub fn with(&self, line: &[u8]) -> (Vec<u8>, Digest) {
        ([&self.source.text().as_bytes()[..self.covered], line].concat(), Digest::of(line))
    }

    fn place(&self, span: Span) -> Place {
        Place { source: self.source.clone(), span, pointer: String::new() }
    }
}

/// A line as it is written.
fn written(line: &Line) -> Vec<u8> {
    let json = serde_json::to_value(line).expect("a line is texts and numbers");
    let mut bytes = canonical(&json);
    bytes.push(b'\n');
    bytes
}

/// What the lines so far came to.
struct Reader {
    number: u64,
    previous: Digest,
    /// Digest of each line, with its number.
    seen: BTreeMap<Digest, u64>,
    /// Revisions that were released, with their line.
    released: BTreeMap<String, Span>,
    document: Option<String>,
}

impl Default for Reader {
    fn default() -> Self {
        let seen = BTreeMap::from([(Digest::ZEROS, 0)]);
        Self { number: 0, previous: Digest::ZEROS, seen, released: BTreeMap::new(), document: None }
    }
}

impl Reader {
    fn line(&mut self, ledger: &Ledger, text: &str, span: Span, findings: &mut Vec<Diagnostic>) -> Option<Line> {
        self.number += 1;
        let number = self.number;
        let place = ledger.place(trimmed(ledger.source.text(), span));
        let mut tell = |code, message: String, help: &str| {
            findings.push(Diagnostic::error(code, place.clone(), message).help(help));
        };
        let before = std::mem::replace(&mut self.previous, Digest::of(text.as_bytes()));
        let line = match read(text) {
            Ok(line) => line,
            Err(why) => {
                tell(Code::LedgerLine, format!("line {number} of the ledger {why}"), RESTORE);
                return None;
            }
        };
        let prev = Digest::parse(&line.prev);
        if prev != Some(before) {
            if let Some(fork) = prev.and_then(|prev| self.seen.get(&prev)) {
                let message = format!("line {number} follows line {fork}, and so does line {}: a fork", fork + 1);
                tell(
                    Code::Fork,
                    message,
                    "keep the line that was published first; release the other once more, under a new revision",
                );
            } else {
                let message = format!(
                    "line {number} does not follow the line before it: one of them was changed, or a line between them is gone"
                );
                tell(Code::ChainBroken, message, RESTORE);
            }
        }
        if line.seq != number {
            tell(Code::SequenceGap, format!("line {number} calls itself number {}", line.seq), RESTORE);
        }
        if self.document.get_or_insert_with(|| line.doc.clone()) != &line.doc {
            tell(Code::LedgerLine, format!("line {number} is of another document, `{}`", line.doc), RESTORE);
        }
        match line.event {
            Event::Release => {
                if let Some(first) = self.released.insert(line.rev.to_lowercase(), span) {
                    let first = ledger.place(trimmed(ledger.source.text(), first));
                    let message = format!("revision {} is released a second time", line.rev);
                    let finding = Diagnostic::error(Code::DuplicateRevision, place.clone(), message);
                    findings.push(finding.related(first, "here it was released first").help(RESTORE));
                }
            }
            Event::Signed | Event::Withdrawn => {
                if !self.released.contains_key(&line.rev.to_lowercase()) {
                    let message = format!("line {number} speaks of revision {}, which was never released", line.rev);
                    tell(Code::LedgerLine, message, RESTORE);
                }
            }
        }
        self.seen.insert(self.previous, number);
        Some(line)
    }
}

const RESTORE: &str = "put the ledger back from where it was published or from git; a line is never edited";

/// One line, or what is wrong with it, after "line 3 of the ledger".
fn read(text: &str) -> Result<Line, String> {
    if text.len() > MAX_LINE {
        return Err(format!("has more than {MAX_LINE} bytes"));
    }
    let Some(body) = text.strip_suffix('\n') else {
        return Err("has no line feed at its end: it was cut off".to_owned());
    };
    if body.ends_with('\r') {
        return Err("ends in CR LF; git or an editor changed its line ends".to_owned());
    }
    let line: Line = serde_json::from_str(body).map_err(|error| {
        let text = error.to_string();
        format!("cannot be read: {}", text.split(" at line ").next().unwrap_or(&text))
    })?;
    if line.format != FORMAT {
        return Err(format!("has the format `{}`, not `{FORMAT}`", line.format));
    }
    let digests =
        [&line.prev, &line.content_id, &line.build_id].into_iter().chain(line.files.iter().map(|file| &file.sha256));
    if let Some(wrong) =
        digests.chain(line.files.iter().filter_map(|file| file.of.as_ref())).find(|text| Digest::parse(text).is_none())
    {
        return Err(format!("holds `{wrong}`, which is no SHA-256"));
    }
    if written(&line) != text.as_bytes() {
        return Err("is not canonical JSON (RFC 8785), as every line is written".to_owned());
    }
    Ok(line)
}

/// A span without the line feed at its end, as it is underlined.
fn trimmed(text: &str, span: Span) -> Span {
    let line = &text[span.range()];
    Span::new(span.start, span.start + line.trim_end_matches(['\n', '\r']).len())
}

#[cfg(test)]
mod tests;
