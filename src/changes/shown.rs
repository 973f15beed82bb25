//! A change as words that stayed, went and came, for every sort of change.
//!
//! Comes in: a change, and how the reader's language says a single value. Goes out: pieces to set as the page or the
//! terminal sets them. What they look like is not known here.

use serde_json::Value as Json;

use super::{Change, Fate, Piece, Sort, What, marker};

/// How a value is said.
pub type Say<'s> = dyn Fn(&Json, Sort) -> String + 's;

impl Change {
    /// The change as pieces, in the order in which they are read. A text of which only white space changed is all the
    /// same; an item that moved, and an answer without a word, have none.
    #[must_use]
    pub fn shown(&self, say: &Say<'_>) -> Vec<Piece> {
        let piece = |fate, text: &str| Piece { fate, text: text.split_whitespace().collect::<Vec<_>>().join(" ") };
        let said = |fate, value: &Json| piece(fate, &self.said(value, say));
        let all = match &self.what {
            What::Changed { pieces, .. } if !pieces.is_empty() => pieces.clone(),
            What::Changed { old, new, .. } => vec![said(Fate::Removed, old), said(Fate::Added, new)],
            What::Added(new) => vec![said(Fate::Added, new)],
            What::Removed(old) => vec![said(Fate::Removed, old)],
            What::File { old, new } => vec![piece(Fate::Removed, &old.short()), piece(Fate::Added, &new.short())],
            What::Moved { .. } => Vec::new(),
        };
        all.into_iter().filter(|piece| !piece.text.is_empty()).collect()
    }

    /// A value in words: of a group, what stands at the ends of its branches.
    fn said(&self, value: &Json, say: &Say<'_>) -> String {
        if marker(value).is_some() || !(value.is_object() || value.is_array()) {
            return say(value, self.sort);
        }
        let mut ends = Vec::new();
        leaves(value, &mut ends);
        ends.into_iter().map(|end| say(end, Sort::Coded)).collect::<Vec<_>>().join("; ")
    }
}

/// The single answers of a group, and what stands in place of some.
fn leaves<'j>(value: &'j Json, out: &mut Vec<&'j Json>) {
    match value {
        _ if marker(value).is_some() => out.push(value),
        Json::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Json::Object(map) => map.values().for_each(|item| leaves(item, out)),
        other => out.push(other),
    }
}
