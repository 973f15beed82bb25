//! What has changed between two states of a document.
//!
//! Comes in: the checked answers of an earlier release. Goes out: what the document says about it. Knows nothing of
//! ledgers and files.

use serde_json::Value as Json;

use crate::digest::Digest;

/// The release that a document is compared with: the last one of another revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// Its revision label.
    pub revision: String,
    /// Its content id.
    pub content_id: Digest,
    /// The ledger as it was before this revision was released: the digest of its last line then.
    pub ledger_head: Digest,
    /// Its canonical answers, without `sign_off`.
    pub answers: Json,
}
