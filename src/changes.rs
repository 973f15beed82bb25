//! What changed between two versions of a document.
//!
//! Comes in: the canonical answers of both, the digests of their evidence, the kind. Goes out: [`Changes`]: the clauses
//! that say something else, then answer by answer what went, came, changed or moved. Knows nothing of files, of words of
//! a language, and of why somebody compares.

mod align;
mod said;
mod shown;
mod walk;
mod words;

use std::collections::BTreeMap;

use serde_json::Value as Json;

pub use said::{Earlier, Said};
pub use shown::{Called, Say};
pub use walk::compare;
pub use words::{Fate, Piece, pieces, shortened};

use crate::answers::{Marker, MarkerKind};
use crate::digest::Digest;

/// One of two versions.
#[derive(Debug, Clone, Copy)]
pub struct Version<'v> {
    /// The answers, typed by their schema. `sign_off` does not count.
    pub answers: &'v Json,
    /// Digests of the evidence by path, as far as they are known.
    pub evidence: &'v BTreeMap<String, Digest>,
}

/// What is different in the later of two versions. Without a change both have the same canonical answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Ids of the clauses below which an answer changed, in the order of their framework. Document control does not count:
    /// each revision has another number and another date.
    pub clauses: Vec<String>,
    /// The changes, in the order of the schema.
    pub list: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stood in the earlier version; none if the answer is new.
    pub before: Option<String>,
    /// Where it stands in the later version; none if the answer is gone.
    pub after: Option<String>,
    /// What findings call the answer, after what they call the groups that it lies in.
    pub names: Vec<String>,
    /// The keys that lead to it; an item of a list by its own name, or by its number from one.
    pub path: Vec<String>,
    /// Ids of the clauses that ask for the answer.
    pub clauses: Vec<String>,
    /// What its texts are.
    pub sort: Sort,
    /// The single answers of a group, in the earlier version and in the later one; none where there is no group.
    pub ends: [Vec<End>; 2],
    /// What happened.
    pub what: What,
}

/// A single answer at the end of a branch of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// What findings call it.
    pub name: String,
    /// Its key, or that of the list that it is an item of.
    pub key: String,
    /// What its text is.
    pub sort: Sort,
    /// The answer, or what stands in its place.
    pub value: Json,
}

/// What happened to an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added(Json),
    /// It is gone.
    Removed(Json),
    /// It says something else.
    Changed {
        /// What it said.
        old: Json,
        /// What it says.
        new: Json,
        /// The same word by word, where both are in somebody's own words.
        pieces: Vec<Piece>,
    },
    /// The item stands at another place of its list; places count from one.
    Moved {
        /// Its place in the earlier version.
        from: usize,
        /// Its place in the later version.
        to: usize,
    },
    /// The evidence has another content.
    File {
        /// Digest of the earlier file.
        old: Digest,
        /// Digest of the later file.
        new: Digest,
    },
}

/// What the texts of an answer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// In somebody's own words.
    Words,
    /// A day of the calendar.
    Date,
    /// Digits that are the answer.
    Decimal,
    /// One of a list of words, a name, a reference, a number, a truth value.
    Coded,
    /// Answers below it, each of a sort of its own.
    Group,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Change {
    /// Where it stands; where it stood, if it is gone.
    #[must_use]
    pub fn pointer(&self) -> &str {
        self.after.as_deref().or(self.before.as_deref()).unwrap_or_default()
    }
}

/// What stands in place of an answer, read from typed answers.
#[must_use]
pub fn marker(value: &Json) -> Option<Marker> {
    let (key, inner) = value.as_object().filter(|map| map.len() == 1)?.iter().next()?;
    let kind = MarkerKind::ALL.into_iter().find(|kind| kind.key() == key)?;
    let part = |key: &str| inner.get(key).and_then(Json::as_str).map(str::to_owned);
    Some(match kind {
        MarkerKind::Pending if inner.is_object() => {
            Marker { kind, text: part("what"), owner: part("owner"), due: part("due") }
        }
        _ => Marker { kind, text: inner.as_str().map(str::to_owned), owner: None, due: None },
    })
}
