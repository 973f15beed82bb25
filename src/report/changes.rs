//! A comparison for people and for machines.
//!
//! Comes in: two versions and what changed between them. Goes out: text for a terminal, Markdown for a review, or JSON
//! whose fields are a promise. Text of an answer is shown, never obeyed: no control character reaches a terminal, nothing
//! becomes markup. Knows nothing of files.

mod json;
mod markdown;
mod text;

use serde_json::Value as Json;

pub use json::render as json;
pub use markdown::render as markdown;
pub use text::render as text;

use crate::answers::{Marker, MarkerKind, join};
use crate::catalog::Catalog;
use crate::changes::{Change, Changes, Said, Sort, What, marker};

/// Two versions and what changed between them.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'c> {
    /// Cites the clauses.
    pub catalog: &'c Catalog,
    /// The earlier version: the name that people know it by, and what it says.
    pub old: (&'c str, &'c Said),
    /// The later version.
    pub new: (&'c str, &'c Said),
    /// What changed.
    pub changes: &'c Changes,
}

/// So many unchanged words stand beside a change.
const BESIDE: usize = 8;

/// What happened, in one word.
fn verb(what: &What) -> &'static str {
    match what {
        What::Added(_) => "added",
        What::Removed(_) => "removed",
        What::Changed { .. } => "changed",
        What::Moved { .. } => "moved",
        What::File { .. } => "file",
    }
}

/// What happened beside the words: an answer that was open is answered, an item has moved.
fn remark(change: &Change) -> Option<String> {
    let state = |value: &Json| match marker(value).map(|marker| marker.kind) {
        None => "answered",
        Some(MarkerKind::Pending) => "open",
        Some(MarkerKind::NotApplicable) => "not applicable",
        Some(MarkerKind::ToFollow) => "to follow",
    };
    match &change.what {
        What::Added(_) => Some("added".to_owned()),
        What::Removed(_) => Some("removed".to_owned()),
        What::Moved { from, to } => Some(format!("moved from place {from} to place {to}")),
        What::File { .. } => Some("the file has another content".to_owned()),
        What::Changed { old, new, .. } if state(old) != state(new) => {
            Some(format!("was {}, is {}", state(old), state(new)))
        }
        What::Changed { old: Json::String(old), new: Json::String(new), .. }
            if old.split_whitespace().eq(new.split_whitespace()) =>
        {
            Some("only spaces or line breaks changed".to_owned())
        }
        What::Changed { .. } => None,
    }
}

/// A value in English.
fn said(value: &Json, _: Sort) -> String {
    match (marker(value), value) {
        (Some(marker), _) => standing(&marker),
        (None, Json::String(text)) => text.clone(),
        (None, Json::Bool(value)) => if *value { "yes" } else { "no" }.to_owned(),
        (None, other) => other.to_string(),
    }
}

fn standing(marker: &Marker) -> String {
    let text = marker.text.as_deref().unwrap_or_default();
    let owner = marker.owner.as_ref().map(|owner| format!("to be answered by {owner}"));
    let due = marker.due.as_ref().map(|due| format!("due {due}"));
    let more: Vec<String> = owner.into_iter().chain(due).collect();
    match marker.kind {
        MarkerKind::ToFollow => format!("to follow: {text}"),
        MarkerKind::NotApplicable => format!("not applicable: {text}"),
        MarkerKind::Pending if more.is_empty() => format!("open: {text}"),
        MarkerKind::Pending => format!("open: {text} ({})", more.join(", ")),
    }
}

/// The single answers of a group with the way to each.
fn leaves(value: &Json, pointer: &str, out: &mut Vec<(String, String)>) {
    match value {
        Json::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &join(pointer, &(index + 1).to_string()), out);
            }
        }
        Json::Object(map) if marker(value).is_none() && !map.is_empty() => {
            for (key, item) in map {
                leaves(item, &join(pointer, key), out);
            }
        }
        end => out.push((pointer.trim_start_matches('/').to_owned(), said(end, Sort::Coded))),
    }
}

/// "1 clause", "2 clauses".
fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
