//! Places in answers: what the schema calls them, and lists that go through a group of clauses one by one.
//!
//! Comes in: the shape of a kind and a typed value. Goes out: [`Section`]s, and an [`Answer`] for each item of a list with
//! `x-covers`. Which number means which clause follows from the schema: the item's unique property, in small letters.

use serde_json::Value as Json;

use super::{Answer, Section};
use crate::answers::unescape;
use crate::catalog::Shape;
use crate::check::CoverState;

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

/// What the items of lists with `x-covers` say of their clauses.
pub(super) fn listed(root: Shape<'_>, value: &Json) -> Vec<Answer> {
    let mut found = Vec::new();
    for (name, list) in root.properties() {
        let (Some(group), Some(key)) = (list.text(COVERS), list.text("x-unique")) else { continue };
        let Some(items) = value.get(name).and_then(Json::as_array) else { continue };
        for (index, item) in items.iter().enumerate() {
            let Some(number) = item.get(key).and_then(Json::as_str) else { continue };
            let taken = list.items().map(|shape| shape.taken(item));
            let reason = taken.and_then(|shape| item.get(shape.text(EXCLUDES)?)?.as_str());
            let section = at(root, value, &format!("/{name}/{index}"));
            found.push(Answer {
                clause: clause(group, number),
                state: if reason.is_some() { CoverState::NotApplicable } else { CoverState::Answered },
                sections: vec![section],
                reasons: reason.map(str::to_owned).into_iter().collect(),
            });
        }
    }
    found
}

/// The clauses that lists with `x-covers` go through: every number that their items may have.
pub(super) fn groups(root: Shape<'_>) -> Vec<String> {
    let lists = root.properties().filter_map(|(_, list)| {
        let numbers = list.items()?.property(list.text("x-unique")?)?.keyword("enum")?.as_array()?;
        Some((list.text(COVERS)?, numbers))
    });
    lists
        .flat_map(|(group, numbers)| numbers.iter().filter_map(Json::as_str).map(move |number| clause(group, number)))
        .collect()
}

fn clause(group: &str, number: &str) -> String {
    let framework = group.split(':').next().unwrap_or(group);
    format!("{framework}:{}", number.to_lowercase())
}
