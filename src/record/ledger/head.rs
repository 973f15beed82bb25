//! What lies beside the lines of a ledger: the head, and the journal of a command that was interrupted.
//!
//! Comes in: a ledger whose lines were read, and what lies beside it. Goes out: the lines that the head covers, and what is
//! wrong with the rest. A journal is no proof of anything, since whoever may write into the folder may write one.

use super::{Beside, Ledger, head_file, read, trimmed};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::digest::Digest;
use crate::source::Span;

const LINE_ENDS: &str =
    "git or an editor changed LF into CR LF: restore the files, and keep `releases/.gitattributes`, which prevents it";

/// The digest in a head, as it is written and in no other way: 64 small digits and a line feed.
fn told(head: &[u8]) -> Option<Digest> {
    let told = std::str::from_utf8(head).ok().and_then(|text| Digest::parse(text.strip_suffix('\n')?));
    told.filter(|told| head_file(*told) == head)
}

impl Ledger {
    /// The ledger as it was before somebody changed its line ends: it vouches for nothing, but what it would vouch for is
    /// no stranger beside it.
    pub(super) fn read_with_line_feeds(name: &str, text: &str, beside: Beside<'_>) -> (Self, Vec<Diagnostic>) {
        let unix = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n").into_bytes();
        let (head, journal) = (beside.head.map(unix), beside.journal.map(unix));
        let before = Beside { head: head.as_deref(), journal: journal.as_deref() };
        let (ledger, mut findings) =
            Self::read(name, text.replace("\r\n", "\n").replace('\r', "\n").as_bytes(), before);
        let fits = findings.iter().all(|finding| finding.severity != Severity::Error);
        let more = if fits { "; with LF the ledger and its head would fit" } else { "" };
        let message = format!("the lines of the ledger end in CR LF{more}");
        let place = ledger.place(Span::default());
        findings.insert(0, Diagnostic::error(Code::LedgerLine, place, message).help(LINE_ENDS));
        (ledger, findings)
    }

    /// Between two renames of a command that was interrupted the line is there, and the head is still the one before, or
    /// none yet. What a head covers is all that counts.
    pub(super) fn leave_out(&mut self, beside: Beside<'_>) {
        let Some((line, span)) = self.lines.last() else { return };
        let own = &self.source.text().as_bytes()[span.range()];
        let before = Digest::parse(&line.prev);
        let head = beside.head.map_or(Some(Digest::ZEROS), told);
        if beside.journal == Some(own) && Digest::of(own) == self.head && before.is_some() && head == before {
            self.head = before.unwrap_or(self.head);
            self.covered = span.start;
            self.coming = self.lines.pop().map(|(line, _)| line);
        }
    }

    /// What a journal beside the ledger means.
    pub(super) fn interrupted(&mut self, journal: &[u8]) -> Diagnostic {
        let said = std::str::from_utf8(journal).ok().and_then(|text| read(text).ok());
        let ours = "the next `techfile release` or `techfile record` on this document finishes it; if nobody ran such a \
                    command, find out who put `.techfile-pending.jsonl` there";
        let (message, help) = if let Some(line) = &self.coming {
            let (number, what) = (line.seq, line.what());
            let message = format!(
                "a command was interrupted: line {number}, the {what}, is not covered by the head and vouches for nothing"
            );
            (message, ours)
        } else if let Some(line) = said.filter(|line| Digest::parse(&line.prev) == Some(self.head)) {
            let what = line.what();
            self.coming = Some(line);
            (format!("a command was interrupted: the {what} is not in the ledger, and nothing vouches for it"), ours)
        } else if Digest::of(journal) == self.head {
            ("a command was interrupted after its last step; the head covers every line".to_owned(), ours)
        } else {
            let message = "the journal `.techfile-pending.jsonl` beside the ledger does not continue it";
            (message.to_owned(), "no command leaves such a file: find out who put it there, and take it away")
        };
        let last = self.lines.last().map_or_else(Span::default, |(_, span)| trimmed(self.source.text(), *span));
        Diagnostic::warning(Code::HeadMismatch, self.place(last), message).help(help)
    }

    pub(super) fn judge_head(&self, beside: Beside<'_>, findings: &mut Vec<Diagnostic>) {
        let last = self.lines.last().map_or_else(Span::default, |(_, span)| trimmed(self.source.text(), *span));
        let Some(bytes) = beside.head else {
            if self.covered == 0 && beside.journal.is_some() {
                return;
            }
            let message = "there is no head beside the ledger, so nobody can see whether its last lines are there";
            let finding = Diagnostic::error(Code::HeadMismatch, self.place(last), message);
            findings.push(finding.help("put the file `*.ledger.head` back from where the release was published"));
            return;
        };
        let told = told(bytes);
        if told == Some(self.head) {
            return;
        }
        let windows = std::str::from_utf8(bytes)
            .is_ok_and(|text| text.strip_suffix("\r\n").and_then(Digest::parse) == Some(self.head));
        let finding = if windows {
            Diagnostic::error(Code::HeadMismatch, self.place(last), "the head ends in CR LF; it would fit with LF")
                .help("git or an editor changed the line end: restore the file, and keep `releases/.gitattributes`")
        } else if told.is_none() {
            Diagnostic::error(Code::HeadMismatch, self.place(last), "the head beside the ledger is no digest")
                .help("it holds 64 hexadecimal digits and a line feed: put it back from where it was published")
        } else {
            let known = self.lines.iter().position(|(line, _)| Digest::parse(&line.prev) == told);
            let message = match known {
                Some(index) => format!("the head is that of line {index}: lines were added without it"),
                None => "the last line is not the one that the head names: lines at the end are gone or changed".into(),
            };
            Diagnostic::error(Code::HeadMismatch, self.place(last), message)
                .help("compare with a copy that was published, signed or printed in a later revision")
        };
        findings.push(finding);
    }
}
