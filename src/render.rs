//! Checked answers into words: Markdown by the kind's template.
//!
//! Comes in: [`CheckedAnswers`]. Goes out: a [`Document`] whose content id is known. A fault here is a fault in the
//! kind, never in the answers. Knows nothing of pages.

mod changes;
mod context;
mod escape;
mod filters;
mod layout;
mod prose;
mod slugs;
mod stage;

use std::fmt;

use crate::catalog::Catalog;
use crate::changes::Earlier;
use crate::check::{CheckedAnswers, Control, SignOff};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::identity::Identity;

pub(crate) use escape::plain;
#[cfg(feature = "pdf")]
pub(crate) use filters::date_in_words;
#[cfg(feature = "pdf")]
pub(crate) use slugs::Slugs;

/// A document in words.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "some of it only pages need"))]
pub struct Document {
    /// Name that its files share: `foo` for `foo.yaml`. Pictures in the Markdown lie in `foo.files/`.
    pub(crate) stem: String,
    pub(crate) kind: String,
    pub(crate) control: Control,
    pub(crate) sign_off: SignOff,
    pub(crate) identity: Identity,
    /// Front matter as fenced YAML, with its fences.
    pub(crate) front_matter: String,
    /// Title, summary, document control, revisions, approvals: what changes with sign-off.
    pub(crate) control_pages: String,
    /// What is signed.
    pub(crate) body: String,
    /// Words of the wrapper (footer, control page, watermark), in the document's language.
    pub(crate) words: std::collections::BTreeMap<String, String>,
    /// Files that the pages show or carry.
    pub(crate) files: Vec<Enclosed>,
    /// What produced it, for the manifest: catalogue files used, with size and digest, sorted by path.
    pub(crate) inputs: Vec<Input>,
    /// The files that its answers were drawn from.
    pub(crate) sources: Vec<crate::answers::Drawn>,
    /// Evidence files, by their paths as the answers write them.
    pub(crate) evidence: Vec<crate::answers::Drawn>,
    /// The release that it is compared with.
    pub(crate) earlier: Option<Earlier>,
    /// Who approved these very words.
    pub(crate) approved_by: Vec<String>,
    /// What was reviewed and has changed since, in words.
    pub(crate) suspects: Vec<String>,
    pub(crate) remarks: Vec<Diagnostic>,
}

/// A catalogue file that went into the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// `schema`, `template`, `words`, `clauses`, `font`, `theme`.
    pub role: &'static str,
    /// Path in the catalogue.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Digest of the bytes.
    pub sha256: Digest,
}

impl Input {
    /// A file of a catalogue, if it has it.
    pub(crate) fn of(catalog: &Catalog, role: &'static str, path: String) -> Option<Self> {
        let (size, sha256) = (catalog.bytes(&path)?.len() as u64, catalog.digest_of(&path)?);
        Some(Self { role, path, size, sha256 })
    }
}

/// An evidence file that the document shows or carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// `<id>.<ext>`: its name in the outputs.
    pub name: String,
    /// IANA media type.
    pub media_type: &'static str,
    /// Title, as the attachment's description.
    pub title: String,
    /// The bytes that were hashed.
    pub bytes: std::sync::Arc<[u8]>,
    /// Whether a picture in the text shows it.
    pub shown: bool,
    /// Whether the PDF carries it.
    pub attached: bool,
}

/// A fault in a kind's template: never in the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// File, line and column in the template, as far as known.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl Document {
    /// The whole Markdown: front matter, control pages, body.
    #[must_use]
    pub fn markdown(&self) -> String {
        format!("{}\n{}\n{}", self.front_matter, self.control_pages, self.body)
    }

    /// What is signed: the Markdown without front matter and control pages.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Digest of what is signed.
    #[must_use]
    pub fn body_digest(&self) -> Digest {
        Digest::of(self.body.as_bytes())
    }

    /// Content id and the bytes behind it.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What was reviewed and has changed since, in words: `Annex IV, point 2(d)`, or `the document`.
    #[must_use]
    pub fn suspects(&self) -> &[String] {
        &self.suspects
    }

    /// Findings that only the finished words could show: outdated approvals and reviews.
    #[must_use]
    pub fn remarks(&self) -> &[Diagnostic] {
        &self.remarks
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (a fault in the kind, not in your answers)", self.place, self.message)
    }
}

impl std::error::Error for TemplateError {}

/// The words of a language; a name that is not there has been refused before it is asked for.
#[derive(Debug, Clone)]
struct Words(std::collections::BTreeMap<String, String>);

impl Words {
    fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A word that every language has.
    fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or("")
    }
}

/// Renders the Markdown of a document whose files will be named after `stem`, and which says what has changed since an
/// earlier release.
///
/// # Errors
/// A fault in the kind's template or words.
pub fn render(checked: CheckedAnswers<'_>, stem: &str, earlier: Option<&Earlier>) -> Result<Document, TemplateError> {
    stage::render(checked, stem, earlier)
}

#[cfg(test)]
mod tests;
