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
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        let _ = node;
        todo!()
    }
}
