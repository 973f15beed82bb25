//! A comparison as JSON, version 1: may gain fields, never lose or re-read one.
//!
//! The wire has structs of its own, so that a change of [`Change`] cannot change what other programs read.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Comparison, verb};
use crate::changes::{Change, Fate, Said, What};

#[derive(Serialize)]
struct Report<'r> {
    version: u8,
    kind: &'r str,
    old: Side<'r>,
    new: Side<'r>,
    clauses: Vec<Clause<'r>>,
    changes: Vec<One<'r>>,
}

#[derive(Serialize)]
struct Side<'r> {
    file: &'r str,
    document: &'r str,
    revision: &'r str,
    content_id: String,
}

#[derive(Serialize)]
struct Clause<'r> {
    id: &'r str,
    cited: String,
    title: Option<&'r str>,
}

#[derive(Serialize)]
struct One<'r> {
    change: &'static str,
    /// Pointer in the earlier version.
    before: Option<&'r str>,
    /// Pointer in the later version.
    after: Option<&'r str>,
    names: &'r [String],
    clauses: &'r [String],
    old: Option<Json>,
    new: Option<Json>,
    words: Vec<Words<'r>>,
}

#[derive(Serialize)]
struct Words<'r> {
    fate: &'static str,
    text: &'r str,
}

/// The comparison as one line of JSON.
///
/// # Panics
/// Never: texts and numbers are JSON.
#[must_use]
pub fn render(comparison: &Comparison<'_>) -> String {
    let catalog = comparison.catalog;
    let clauses = comparison.changes.clauses.iter().map(|id| Clause {
        id,
        cited: catalog.cite(id),
        title: catalog.clause(id).map(|clause| clause.title.as_str()),
    });
    let report = Report {
        version: 1,
        kind: comparison.new.1.kind(),
        old: side(comparison.old),
        new: side(comparison.new),
        clauses: clauses.collect(),
        changes: comparison.changes.list.iter().map(one).collect(),
    };
    serde_json::to_string(&report).expect("texts and numbers are JSON")
}

fn side<'r>((file, said): (&'r str, &'r Said)) -> Side<'r> {
    let content_id = said.content_id().to_string();
    Side { file, document: said.document(), revision: said.revision(), content_id }
}

fn one(change: &Change) -> One<'_> {
    let (old, new) = match &change.what {
        What::Added(new) => (None, Some(new.clone())),
        What::Removed(old) => (Some(old.clone()), None),
        What::Changed { old, new, .. } => (Some(old.clone()), Some(new.clone())),
        What::Moved { from, to } => (Some((*from).into()), Some((*to).into())),
        What::File { old, new } => (Some(old.to_string().into()), Some(new.to_string().into())),
    };
    let pieces = match &change.what {
        What::Changed { pieces, .. } => pieces.as_slice(),
        _ => &[],
    };
    let words = pieces.iter().map(|piece| Words {
        fate: match piece.fate {
            Fate::Same => "same",
            Fate::Removed => "removed",
            Fate::Added => "added",
        },
        text: &piece.text,
    });
    One {
        change: verb(&change.what),
        before: change.before.as_deref(),
        after: change.after.as_deref(),
        names: &change.names,
        clauses: &change.clauses,
        old,
        new,
        words: words.collect(),
    }
}
