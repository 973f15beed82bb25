//! Which clause is answered where, and how far.
//!
//! Comes in: a walk and the schema. Goes out: one line for each clause that the kind can answer, in the order of the
//! schema, whether or not anything was answered.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::{Part, Walk};
use super::{CoverState, Covered};
use crate::answers::{MarkerKind, Value};
use crate::catalog::Shape;

/// Schemas are finite; this only ends a recursive one.
const MAX_DEPTH: usize = 32;

pub(super) fn coverage(walk: &Walk<'_>, root: Shape<'_>) -> Vec<Covered> {
    let order = clauses_below(root);
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    for part in &walk.parts {
        // A group whose answers all meet narrower clauses still meets its own.
        let above = std::iter::successors(Some(part.pointer.as_str()), |pointer| Some(pointer.rsplit_once('/')?.0));
        let groups = above.skip(1).filter_map(|pointer| walk.part(pointer)).filter(|group| group.law.own);
        let all: BTreeSet<&str> =
            groups.chain([part]).flat_map(|part| part.law.clauses.iter()).map(String::as_str).collect();
        for clause in all {
            let tally = found.entry(clause.to_owned()).or_default();
            tally.add(part);
            if part.law.own && part.law.clauses.iter().any(|own| own == clause) {
                tally.pointers.push(part.pointer.clone());
            }
        }
        // What stands in place of a whole part stands in place of the narrower clauses inside it, too.
        if let (Some(_), Some(shape)) = (&part.marker, part.shape) {
            let mut inside = Vec::new();
            clauses(shape, 0, &mut inside);
            for clause in inside.into_iter().filter(|clause| !part.law.clauses.contains(clause)) {
                let tally = found.entry(clause).or_default();
                tally.add(part);
                tally.pointers.push(part.pointer.clone());
            }
        }
    }
    order
        .into_iter()
        .map(|clause| {
            let tally = found.remove(clause.as_str()).unwrap_or_default();
            Covered {
                state: tally.state(),
                clause,
                pointers: tally.pointers,
                reasons: tally.reasons,
                excused: tally.excused,
            }
        })
        .collect()
}

/// The clauses that answers of a shape can meet, in the order of the questions.
pub(crate) fn clauses_below(shape: Shape<'_>) -> Vec<String> {
    let mut order = Vec::new();
    clauses(shape, 0, &mut order);
    order
}

/// Clauses in the order of the questions.
fn clauses(shape: Shape<'_>, depth: usize, order: &mut Vec<String>) {
    for clause in shape.clauses() {
        if !order.iter().any(|known| known == clause) {
            order.push(clause.to_owned());
        }
    }
    if depth == MAX_DEPTH {
        return;
    }
    shape.properties().for_each(|(_, below)| clauses(below, depth + 1, order));
    shape.branches().for_each(|branch| branch.properties().for_each(|(_, below)| clauses(below, depth + 1, order)));
    if let Some(items) = shape.items() {
        clauses(items, depth + 1, order);
    }
}

#[derive(Default)]
struct Tally {
    answered: bool,
    open: bool,
    follows: bool,
    reasons: Vec<String>,
    excused: Vec<String>,
    pointers: Vec<String>,
}

impl Tally {
    fn add(&mut self, part: &Part<'_>) {
        match &part.marker {
            None => self.answered |= !matches!(part.node.value(), Value::Map(_) | Value::List(_) | Value::Null),
            Some(marker) => match marker.kind {
                MarkerKind::Pending => self.open = true,
                MarkerKind::ToFollow => self.follows = true,
                MarkerKind::NotApplicable => {
                    self.excused.extend(marker.text.iter().map(|_| part.pointer.clone()));
                    self.reasons.extend(marker.text.clone());
                }
            },
        }
    }

    fn state(&self) -> CoverState {
        if self.open {
            CoverState::Open
        } else if self.follows {
            CoverState::ToFollow
        } else if self.answered {
            CoverState::Answered
        } else if self.reasons.is_empty() {
            CoverState::Missing
        } else {
            CoverState::NotApplicable
        }
    }
}
