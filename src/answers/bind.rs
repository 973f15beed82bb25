//! Files that answers name: what to read, and what was read.
//!
//! Comes in: answers and, from the program, the state of each wanted file. Goes out: answers that hold the bytes, each
//! read once, digested from the same bytes that are used. What failed travels on as a finding.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Answers;
use crate::diagnostic::Place;
use crate::digest::Digest;

/// A file that the program must read, and the answer that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Path as written, relative to the answers file, with `/`.
    pub path: String,
    /// Where it is named.
    pub place: Place,
}

/// What the program found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// A regular file inside the root, read once.
    Bytes(Arc<[u8]>),
    /// Nothing is there.
    Missing,
    /// A folder is there.
    Folder,
    /// The program may not read it: outside the root, a symbolic link, too large. The sentence says which.
    Refused(String),
}

/// States by the path as written.
pub type Files = BTreeMap<String, FileState>;

/// A file that the evidence register names and the program read.
#[derive(Debug, Clone)]
pub struct BoundFile {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) bytes: Option<Arc<[u8]>>,
    pub(super) sha256: Option<Digest>,
}

impl BoundFile {
    /// Id in the register.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Path as written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes that were hashed; none if the file could not be had.
    #[must_use]
    pub fn bytes(&self) -> Option<Arc<[u8]>> {
        self.bytes.clone()
    }

    /// Digest of the bytes.
    #[must_use]
    pub fn sha256(&self) -> Option<Digest> {
        self.sha256
    }

    /// IANA media type by the file's extension; `application/octet-stream` for unknown ones.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        todo!()
    }
}

/// Puts files into the answers that name them.
#[must_use]
pub fn bind(answers: Answers, files: &Files) -> Answers {
    let _ = files;
    answers
}
