//! A stamped document onto pages.
//!
//! Comes in: [`StampedDocument`]. Goes out: Typst source that the stock compiler takes, and the PDF. Every answer is data
//! in a string literal; none is ever markup.

use std::collections::BTreeMap;
use std::fmt;

use crate::stamp::StampedDocument;

/// A document on pages.
#[derive(Debug, Clone)]
pub struct TypesetDocument {
    pub(crate) stamped: StampedDocument,
    /// Typst source; reads what lies in `files` beside it.
    pub(crate) typ: String,
    /// What lies in `<name>.files/`: theme, `document.json`, stamp, pictures, attachments.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) pdf: Vec<u8>,
}

/// Why no page came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypesetError {
    /// Sentences of the compiler, with the place in the Typst source.
    pub messages: Vec<String>,
}

impl fmt::Display for TypesetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pages could not be set: {}", self.messages.join("; "))
    }
}

impl std::error::Error for TypesetError {}

/// Sets the pages.
///
/// # Errors
/// What the compiler or the PDF standards refuse.
pub fn typeset(stamped: StampedDocument) -> Result<TypesetDocument, TypesetError> {
    let _ = stamped;
    todo!()
}
