//! A change as words that stayed, went and came, for every sort of change.
//!
//! Comes in: a change, and how the reader's language says a single value. Goes out: pieces to set as the page or the
//! terminal sets them. What they look like is not known here.

use serde_json::{Map, Value as Json};

use super::{Change, End, Fate, Piece, Sort, What};

/// How a value is said.
pub type Say<'s> = dyn Fn(&Json, Sort) -> String + 's;

/// How the single answers of a group are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// As findings call them, in English.
    Titles,
    /// By their keys.
    Keys,
}

impl Change {
    /// The change as pieces, in the order in which they are read. A text of which only white space changed is all the
    /// same; an item that moved, and an answer without a word, have none.
    #[must_use]
    pub fn shown(&self, say: &Say<'_>, called: Called) -> Vec<Piece> {
        let piece = |fate, text: &str| Piece { fate, text: text.split_whitespace().collect::<Vec<_>>().join(" ") };
        let [before, after] = &self.ends;
        let went = |old: &Json| piece(Fate::Removed, &self.said(old, before, say, called));
        let came = |new: &Json| piece(Fate::Added, &self.said(new, after, say, called));
        let all = match &self.what {
            What::Changed { pieces, .. } if !pieces.is_empty() => pieces.clone(),
            What::Changed { old, new, .. } => vec![went(old), came(new)],
            What::Added(new) => vec![came(new)],
            What::Removed(old) => vec![went(old)],
            What::File { old, new } => vec![piece(Fate::Removed, &old.short()), piece(Fate::Added, &new.short())],
            What::Moved { .. } => Vec::new(),
        };
        all.into_iter().filter(|piece| !piece.text.is_empty()).collect()
    }

    /// A value in words: of a group, what stands at the ends of its branches, each behind its name, and several of one
    /// name behind one.
    fn said(&self, value: &Json, ends: &[End], say: &Say<'_>, called: Called) -> String {
        let name = |end: &End| match called {
            Called::Titles => end.name.clone(),
            Called::Keys => end.key.clone(),
        };
        if ends.is_empty() {
            // A group without an answer has no words.
            let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
            return if empty { String::new() } else { say(value, self.sort) };
        }
        let same = ends.chunk_by(|one, other| one.key == other.key);
        let said = same.map(|ends| {
            let values: Vec<String> = ends.iter().map(|end| say(&end.value, end.sort)).collect();
            let name = name(&ends[0]);
            format!("{name}{}{}", if name.is_empty() { "" } else { ": " }, values.join(", "))
        });
        said.collect::<Vec<_>>().join("; ")
    }
}
