//! Released files held against themselves, against each other and against the ledger.
//!
//! Comes in: bytes of a PDF, a bundle, the folder of a release or of a document, a ledger. Goes out: a verdict with
//! everything that differs. Digests are taken of the bytes as they are; nothing is put into canonical form first. A short
//! content id is looked for where it must stand, but proves nothing.

mod bundle;
mod document;
mod ids;
mod pages;
mod printed;
#[cfg(feature = "pdf")]
mod rebuild;
mod release;
mod statement;
mod sums;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use bundle::bundle;
pub use document::{Folder, document, ledger};
pub use pages::pdf;
#[cfg(feature = "pdf")]
pub use rebuild::rebuild;
pub use release::release;

use super::ledger::Ledger;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::digest::Digest;
use crate::source::{Source, Span};

/// Files of a folder by their names from there, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What one subject came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The name that people know it by.
    pub name: String,
    /// Number of the document.
    pub document: Option<String>,
    /// Label of the revision.
    pub revision: Option<String>,
    /// What is said.
    pub content_id: Option<Digest>,
    /// What produced it.
    pub build_id: Option<Digest>,
    /// Where a ledger names the digest of the PDF, or of the file itself: "released" or "signed", and the line.
    pub anchor: Option<String>,
    /// Whether a ledger lies where it should, and does not hold itself, so that it vouches for nothing.
    pub ledger_fails: bool,
    /// The line of the ledger that took the release back.
    pub withdrawn: Option<u64>,
    /// Why it could not be looked at; then nothing else is known of it.
    pub unread: Option<String>,
    /// How a rebuild compared; `None` if none was asked for.
    pub rebuilt: Option<Rebuilt>,
    /// What it is, where it has no ids of its own: "a ledger of 3 lines".
    pub what: Option<String>,
    /// All that differs.
    pub findings: Vec<Diagnostic>,
}

/// How a release compared with what was made again from its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rebuilt {
    /// Every byte is equal.
    Equal,
    /// By another version or on another platform: what could be compared is equal. In words.
    Partly(String),
    /// Something differs; findings say what.
    Differs,
}

/// What a verdict comes to, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It holds, and a ledger vouches for it; or it is a ledger that holds.
    Verified,
    /// It contradicts itself nowhere, and nobody vouches for it.
    Consistent,
    /// It is what was released, and was taken back.
    Withdrawn,
    /// Something differs.
    Failed,
    /// It could not be looked at.
    NotVerified,
}

impl State {
    /// As it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Consistent => "consistent",
            Self::Withdrawn => "withdrawn",
            Self::Failed => "failed",
            Self::NotVerified => "not-verified",
        }
    }
}

/// Who speaks for a file beside itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Vouchers<'v> {
    /// The ledger of the document.
    pub ledger: Option<&'v Ledger>,
    /// Name and bytes of the list of digests beside a PDF.
    pub sidecar: Option<(&'v str, &'v [u8])>,
}

impl Verdict {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// What could not be looked at.
    #[must_use]
    pub fn unread(name: &str, why: &str) -> Self {
        Self { unread: Some(why.to_owned()), ..Self::new(name) }
    }

    /// Whether it was looked at and nothing differs.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.unread.is_none() && !self.differs()
    }

    /// Whether something differs.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// What it comes to.
    #[must_use]
    pub fn state(&self) -> State {
        match () {
            () if self.unread.is_some() => State::NotVerified,
            () if self.differs() => State::Failed,
            () if self.withdrawn.is_some() => State::Withdrawn,
            () if self.anchor.is_none() && self.content_id.is_some() => State::Consistent,
            () => State::Verified,
        }
    }

    /// One line for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let Some(why) = &self.unread {
            return format!("{}: NOT VERIFIED: {why}", self.name);
        }
        let mut parts = Vec::new();
        if let (Some(document), Some(revision)) = (&self.document, &self.revision) {
            parts.push(format!("{document} revision {revision}"));
        }
        if let Some(id) = &self.content_id {
            parts.push(format!("content {}", id.short()));
        }
        parts.extend(self.what.clone());
        let subject = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        let wrong = self.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let state = match (wrong, &self.anchor) {
            (1, _) => "FAILED, 1 difference".to_owned(),
            (2.., _) => format!("FAILED, {wrong} differences"),
            (0, Some(anchor)) => anchor.clone(),
            (0, None) if self.ledger_fails => "self-consistent, not anchored: its ledger does not hold".into(),
            (0, None) if self.content_id.is_some() => "self-consistent, not anchored: no ledger vouches for it".into(),
            (0, None) => "holds".to_owned(),
        };
        let withdrawn = self.withdrawn.map(|line| format!(", WITHDRAWN by line {line}: no longer in force"));
        let withdrawn = withdrawn.unwrap_or_default();
        let rebuilt = match &self.rebuilt {
            Some(Rebuilt::Equal) => "; made again, every byte is equal".to_owned(),
            Some(Rebuilt::Partly(how)) => format!("; made again {how}"),
            Some(Rebuilt::Differs) => "; made again, it differs".to_owned(),
            None => String::new(),
        };
        format!("{}{subject}: {state}{withdrawn}{rebuilt}", self.name)
    }
}

/// A finding about a file as a whole.
fn about(code: Code, file: &str, message: impl Into<String>, help: &str) -> Diagnostic {
    let place = Place { source: Source::new(file, ""), span: Span::default(), pointer: String::new() };
    Diagnostic::error(code, place, message).help(help)
}

/// The same where nothing differs.
fn warn(code: Code, file: &str, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..about(code, file, message, help) }
}

/// A path below a folder, as people read it.
fn below(folder: &str, name: &str) -> String {
    match folder {
        "" | "." => name.to_owned(),
        _ => format!("{}/{name}", folder.trim_end_matches('/')),
    }
}

const RESTORE: &str = "get the released file: from git, from the archive, or from whoever published it";
const LINE_ENDS: &str =
    "git or an editor changed LF into CR LF: restore the file, and keep `releases/.gitattributes`, which prevents it";
