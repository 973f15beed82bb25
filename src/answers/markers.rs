//! What may stand in place of an answer.
//!
//! Comes in: a node. Goes out: the marker it is, if it is one. Whether a marker may stand there is for `check` to say.

use super::Node;

/// What stands in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Which marker.
    pub kind: MarkerKind,
    /// `what`, the reason, or the event that is awaited.
    pub text: Option<String>,
    /// Who will answer (`pending` only).
    pub owner: Option<String>,
    /// By when, `YYYY-MM-DD` (`pending` only).
    pub due: Option<String>,
}

/// Which marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkerKind {
    /// `{pending: {what, owner, due}}`: still to be answered.
    Pending,
    /// `{not_applicable: reason}`: does not apply to this system.
    NotApplicable,
    /// `{to_follow: conformity-assessment}`: exists only after that event.
    ToFollow,
}

impl MarkerKind {
    /// Every marker.
    pub const ALL: [Self; 3] = [Self::Pending, Self::NotApplicable, Self::ToFollow];

    /// The key that makes a mapping this marker.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::NotApplicable => "not_applicable",
            Self::ToFollow => "to_follow",
        }
    }
}

impl Marker {
    /// The marker that a node is: a mapping with exactly one key, which is a marker's.
    ///
    /// `pending: text` is short for `pending: {what: text}`.
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        let [entry] = node.entries() else { return None };
        let kind = MarkerKind::ALL.into_iter().find(|kind| kind.key() == entry.key())?;
        let inner = entry.node();
        let part = |key: &str| inner.get(key).and_then(|entry| entry.node().text()).map(str::to_owned);
        Some(match kind {
            MarkerKind::Pending if inner.text().is_none() => {
                Self { kind, text: part("what"), owner: part("owner"), due: part("due") }
            }
            _ => Self { kind, text: inner.text().map(str::to_owned), owner: None, due: None },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answers, Source};

    fn marker(text: &str) -> Option<Marker> {
        let answers = Answers::parse(Source::new("a.yaml", format!("a: {text}\n"))).expect("it is YAML");
        Marker::of(answers.root().at("/a").expect("it is there"))
    }

    #[test]
    fn a_marker_is_a_mapping_of_one_known_key() {
        let pending = marker("{pending: {what: the address, owner: Ada, due: \"2027-01-01\"}}").expect("a marker");
        assert_eq!((pending.kind, pending.text.as_deref()), (MarkerKind::Pending, Some("the address")));
        assert_eq!((pending.owner.as_deref(), pending.due.as_deref()), (Some("Ada"), Some("2027-01-01")));
        assert_eq!(marker("{pending: later}").and_then(|marker| marker.text).as_deref(), Some("later"));
        assert_eq!(marker("{not_applicable: no product}").map(|marker| marker.kind), Some(MarkerKind::NotApplicable));
        assert_eq!(marker("{to_follow: conformity-assessment}").map(|marker| marker.kind), Some(MarkerKind::ToFollow));
        for text in ["{pending: x, other: y}", "pending", "[pending]", "{Pending: x}"] {
            assert_eq!(marker(text), None, "{text}");
        }
    }
}
