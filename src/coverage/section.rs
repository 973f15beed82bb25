//! Places in answers: what the schema calls them, and lists that go through a group of clauses one by one.
//!
//! Comes in: the shape of a kind and a typed value. Goes out: [`Section`]s, and an [`Answer`] for each item of a list with
//! `x-covers`. Which number means which clause follows from the schema: the item's unique property, in small letters.

use serde_json::Value as Json;

use super::{Answer, COLLECT, Reason, Section, over};
use crate::answers::{MarkerKind, unescape};
use crate::catalog::Shape;
use crate::check::{CoverState, OpenPoint};

/// The keyword of a list that goes through a group of clauses.
const COVERS: &str = "x-covers";
/// The keyword of a branch that leaves its clause out; it names the property that says why.
const EXCLUDES: &str = "x-excludes";

/// A place and what the nearest title above it calls it.
pub(super) fn at(root: Shape<'_>, value: &Json, pointer: &str) -> Section {
    let (mut shape, mut value) = (Some(root), Some(value));
    let mut title = None;
    for token in pointer.split('/').skip(1) {
        let token = unescape(token);
        let chosen = shape.map(|shape| value.map_or(shape, |value| shape.taken(value)));
        (shape, value) = match value {
            Some(Json::Array(items)) => {
                (chosen.and_then(Shape::items), token.parse().ok().and_then(|index: usize| items.get(index)))
            }
            _ => (chosen.and_then(|shape| shape.property(&token)), value.and_then(|value| value.get(&token))),
        };
        title = shape.and_then(Shape::title).or(title);
    }
    Section { pointer: pointer.to_owned(), title: title.unwrap_or(pointer).to_owned() }
}

/// Whether a place is a list that is filled from other documents, or in one.
pub(super) fn is_collected(root: Shape<'_>, pointer: &str) -> bool {
    let Some(token) = pointer.split('/').nth(1) else { return false };
    root.property(&unescape(token)).is_some_and(|shape| shape.text(COLLECT).is_some())
}

/// The lists that go through a group of clauses: the property, its shape and the group.
pub(crate) fn lists(root: Shape<'_>) -> impl Iterator<Item = (&str, Shape<'_>, &str)> {
    root.properties().filter_map(|(name, list)| Some((name, list, list.text(COVERS)?)))
}

/// What the items of lists with `x-covers` say of their clauses. An item of which a part is still to come is not done.
pub(super) fn listed(root: Shape<'_>, value: &Json, open: &[OpenPoint]) -> Vec<Answer> {
    let mut found = Vec::new();
    for (name, list, group) in lists(root) {
        let Some(key) = list.text("x-unique") else { continue };
        let Some(items) = value.get(name).and_then(Json::as_array) else { continue };
        for (index, item) in items.iter().enumerate() {
            let Some(number) = item.get(key).and_then(Json::as_str) else { continue };
            let taken = list.items().map(|shape| shape.taken(item));
            let reason = taken.and_then(|shape| item.get(shape.text(EXCLUDES)?)?.as_str());
            let section = at(root, value, &format!("/{name}/{index}"));
            let below = format!("{}/", section.pointer);
            let open = open.iter().filter(|point| point.place.pointer.starts_with(&below));
            let open = open.map(|point| match point.marker.kind {
                MarkerKind::ToFollow => CoverState::ToFollow,
                MarkerKind::Pending | MarkerKind::NotApplicable => CoverState::Open,
            });
            let said = if reason.is_some() { CoverState::NotApplicable } else { CoverState::Answered };
            found.push(Answer {
                clause: clause(group, number),
                state: over(open.chain([said])),
                reasons: reason
                    .map(|text| Reason { section: section.clone(), text: text.to_owned() })
                    .into_iter()
                    .collect(),
                sections: vec![section],
                words: taken.map(|shape| words(shape, item, key)).unwrap_or_default(),
            });
        }
    }
    found
}

/// What an item says of itself in words of a list, such as how far its clause has come; not which clause it is about.
fn words(shape: Shape<'_>, item: &Json, key: &str) -> Vec<String> {
    let chosen = shape.properties().filter(|(name, property)| *name != key && property.keyword("enum").is_some());
    let told = chosen.filter_map(|(name, property)| {
        let word = item.get(name)?.as_str()?;
        Some(format!("{}: {word}", property.title().unwrap_or(name)))
    });
    told.collect()
}

/// The clauses that lists with `x-covers` go through: every number that their items may have.
pub(super) fn groups(root: Shape<'_>) -> Vec<String> {
    let numbered = lists(root).filter_map(|(_, list, group)| {
        let numbers = list.items()?.property(list.text("x-unique")?)?.keyword("enum")?.as_array()?;
        Some((group, numbers))
    });
    numbered
        .flat_map(|(group, numbers)| numbers.iter().filter_map(Json::as_str).map(move |number| clause(group, number)))
        .collect()
}

fn clause(group: &str, number: &str) -> String {
    let framework = group.split(':').next().unwrap_or(group);
    format!("{framework}:{}", number.to_lowercase())
}
