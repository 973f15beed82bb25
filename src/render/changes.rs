//! What changed since the last release of another revision, as templates see it.
//!
//! Comes in: checked answers, that release, the headings of the document. Goes out: a Tera value: the clauses that say
//! something else, then a line for each answer, its words parted into those that stayed, went and came. Every text is
//! escaped where it is printed; none of it is markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;
use tera::Value;

use super::Words;
use super::context::object;
use super::filters::date_in_words;
use super::layout::{Names, lookup};
use crate::answers::MarkerKind;
use crate::catalog::{CatalogError, Glyphs};
use crate::changes::{Called, Change, Changes, Earlier, Fate, Piece, Sort, Version, What, compare, marker, shortened};
use crate::check::{CheckedAnswers, can_stand};
use crate::digest::Digest;

/// So many unchanged words stand beside a change.
const BESIDE: usize = 6;
/// So many words that went or came are shown; the rest is in the releases themselves.
const SHOWN: usize = 60;
/// Language of the titles that schemas give.
const TITLES: &str = "en";

/// What changed since a release, not yet in words.
pub(super) struct Since<'s> {
    checked: &'s CheckedAnswers<'s>,
    words: &'s Words,
    glyphs: &'s Glyphs,
    earlier: &'s Earlier,
    changes: Changes,
}

impl<'s> Since<'s> {
    /// Holds checked answers against an earlier release; answers of another kind have nothing to be held against.
    pub(super) fn of(
        checked: &'s CheckedAnswers<'s>,
        words: &'s Words,
        earlier: Option<&'s Earlier>,
    ) -> Result<Option<Self>, CatalogError> {
        let Some(earlier) = earlier.filter(|earlier| earlier.said.kind() == checked.kind().id()) else {
            return Ok(None);
        };
        let files = checked.evidence().iter();
        let evidence: BTreeMap<String, Digest> =
            files.filter_map(|item| Some((item.file.clone(), item.file_id?.1))).collect();
        let now = Version { answers: checked.value(), evidence: &evidence };
        let changes = compare(earlier.said.version(), now, checked.kind());
        Ok(Some(Self { checked, words, glyphs: checked.catalog().glyphs()?, earlier, changes }))
    }

    /// The value that templates see. `names` are the headings that lines may lead to.
    pub(super) fn value(&self, names: &Names) -> Result<Value, CatalogError> {
        let title = self.words.get("changes_since").replace("{revision}", &self.legible(&self.earlier.revision));
        let clauses = self.changes.clauses.iter().map(|id| self.clause(id)).collect::<Result<Vec<_>, _>>()?;
        let lines = self.changes.list.iter().map(|change| self.line(change, names)).collect::<Vec<_>>();
        Ok(object([
            ("title", Value::normal_string(&title)),
            ("clauses", Value::from(clauses)),
            ("lines", Value::from(lines)),
        ]))
    }

    fn clause(&self, id: &str) -> Result<Value, CatalogError> {
        let language = &self.checked.control().language;
        let catalog = self.checked.catalog();
        let label = catalog.cite_in(id, language)?;
        let heading = catalog.heading_in(id, language)?;
        Ok(object([
            ("label", Value::normal_string(&label)),
            ("title", heading.map_or_else(Value::none, Value::normal_string)),
        ]))
    }

    fn line(&self, change: &Change, names: &Names) -> Value {
        // What is gone leads to where it would stand.
        let pointer = match (&change.after, &change.before) {
            (Some(after), _) => after.as_str(),
            (None, before) => {
                before.as_deref().and_then(|before| before.rsplit_once('/')).map_or("", |(above, _)| above)
            }
        };
        let (answer, called) = if self.checked.control().language == TITLES {
            (change.names.join(" › "), Called::Titles)
        } else {
            (change.path.join(" / "), Called::Keys)
        };
        let pieces = shortened(&change.shown(&|value, sort| self.said(value, sort), called), BESIDE, Some(SHOWN));
        let only_space = pieces.iter().all(|piece| piece.fate == Fate::Same);
        let (label, text) = match &change.what {
            What::Added(_) => ("change_added", String::new()),
            What::Removed(_) => ("change_removed", String::new()),
            What::Moved { from, to } => ("change_moved", format!("{from} → {to}")),
            What::File { .. } => ("change_file", String::new()),
            What::Changed { .. } if only_space => ("change_space", String::new()),
            What::Changed { .. } => ("", String::new()),
        };
        let label = self.words.find(label).map_or_else(Value::none, Value::normal_string);
        let pieces = if only_space { Vec::new() } else { pieces.iter().map(|piece| self.piece(piece)).collect() };
        object([
            ("answer", Value::normal_string(&self.legible(&answer))),
            ("leads_to", lookup(pointer, names).map_or_else(Value::none, |_| Value::normal_string(pointer))),
            ("label", label),
            ("places", if text.is_empty() { Value::none() } else { Value::normal_string(&text) }),
            ("pieces", Value::from(pieces)),
        ])
    }

    /// A value in the words of the document's language.
    fn said(&self, value: &Json, sort: Sort) -> String {
        let word = |name: &str| self.words.get(name);
        if let Some(marker) = marker(value) {
            let text = marker.text.unwrap_or_default();
            let owner = marker.owner.map(|owner| format!("{} {owner}", word("marker_pending_owner")));
            let due = marker.due.map(|due| format!("{} {}", word("marker_pending_due"), self.date(&due)));
            return match marker.kind {
                MarkerKind::ToFollow => word("marker_to_follow").to_owned(),
                MarkerKind::NotApplicable => format!("{}: {text}", word("marker_not_applicable")),
                MarkerKind::Pending => {
                    let more = owner.into_iter().chain(due).collect::<Vec<_>>().join(", ");
                    let dash = if more.is_empty() { "" } else { " — " };
                    format!("{}: {text}{dash}{more}", word("marker_pending"))
                }
            };
        }
        match (value, sort) {
            (Json::String(text), Sort::Date) => self.date(text),
            (Json::String(text), Sort::Decimal) => text.replace('.', word("decimal_separator")),
            (Json::String(text), _) => text.clone(),
            (Json::Bool(value), _) => word(if *value { "yes" } else { "no" }).to_owned(),
            (other, _) => other.to_string(),
        }
    }

    fn date(&self, date: &str) -> String {
        date_in_words(date, &self.words.0)
    }

    fn piece(&self, piece: &Piece) -> Value {
        let fate = match piece.fate {
            Fate::Same => "same",
            Fate::Removed => "removed",
            Fate::Added => "added",
        };
        object([("fate", Value::normal_string(fate)), ("words", Value::normal_string(&self.legible(&piece.text)))])
    }

    /// An earlier release is not checked again: what the page cannot show, and what a sign of ours could be made of, is
    /// shown by its number.
    fn legible(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for character in text.chars() {
            if character == ' ' || can_stand(character, self.glyphs) {
                shown.push(character);
            } else {
                // Writing into a String cannot fail.
                let _ = write!(shown, "\\u{{{:04x}}}", u32::from(character));
            }
        }
        shown
    }
}
