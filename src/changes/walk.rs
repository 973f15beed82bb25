//! Two versions side by side, answer by answer.
//!
//! Comes in: both versions and the shape of their kind. Goes out: changes in the order of the schema. Items of lists are
//! lined up first; a group that became another thing is one change with everything below it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::align::{Alignment, by_content, by_key, telling};
use super::{Change, Changes, End, Sort, Version, What, marker, words};
use crate::answers::join;
use crate::catalog::{Kind, Shape};
use crate::check::clauses_below;

/// The part that no identity of the content holds.
const SIGN_OFF: &str = "sign_off";
/// The part that every revision changes.
const CONTROL: &str = "/document";
/// The register of evidence and the property that names a file.
const EVIDENCE: &str = "/evidence";
const FILE: &str = "file";

/// What is different in `new`, held against `old`.
#[must_use]
pub fn compare(old: Version<'_>, new: Version<'_>, kind: &Kind) -> Changes {
    let root = kind.schema().root();
    let mut walk = Walk { old, new, list: Vec::new(), clauses: BTreeSet::new() };
    let at = At { shape: Some(root), ..At::default() };
    walk.answer(old.answers, new.answers, &at);
    let Walk { list, clauses, .. } = walk;
    let mut clauses: Vec<String> = clauses.into_iter().collect();
    kind.sort(&mut clauses);
    Changes { clauses, list }
}

/// A place in both versions, with what is known of it.
#[derive(Clone, Default)]
struct At<'s> {
    before: String,
    after: String,
    names: Rc<[String]>,
    path: Rc<[String]>,
    /// The clauses that ask for this answer: those of the nearest place that names any.
    clauses: Rc<[String]>,
    /// All clauses on the way down to it.
    all: Rc<[String]>,
    shape: Option<Shape<'s>>,
}

impl<'s> At<'s> {
    /// One step down. `before` and `after` are the steps in either version, `label` is how a reader knows it.
    fn below(&self, before: &str, after: &str, label: String, name: Option<String>, shape: Option<Shape<'s>>) -> Self {
        let own: Vec<String> = shape.map(Shape::clauses).unwrap_or_default().into_iter().map(str::to_owned).collect();
        let more = |list: &Rc<[String]>, one: Option<String>| list.iter().cloned().chain(one).collect();
        Self {
            before: join(&self.before, before),
            after: join(&self.after, after),
            names: more(&self.names, name),
            path: more(&self.path, Some(label)),
            all: if own.is_empty() { self.all.clone() } else { self.all.iter().chain(&own).cloned().collect() },
            clauses: if own.is_empty() { self.clauses.clone() } else { own.into() },
            shape,
        }
    }

    fn key(&self, key: &str, shape: Option<Shape<'s>>) -> Self {
        let name = shape.and_then(Shape::title).map_or_else(|| format!("`{key}`"), str::to_owned);
        self.below(key, key, key.to_owned(), Some(name), shape)
    }

    /// An item: its own name says more than that of its shape.
    fn item(&self, from: usize, to: usize, label: String) -> Self {
        let shape = self.shape.and_then(Shape::items);
        self.below(&from.to_string(), &to.to_string(), label.clone(), Some(label), shape)
    }

    fn sort(&self, value: &Json) -> Sort {
        sort(value, self.shape)
    }
}

fn sort(value: &Json, shape: Option<Shape<'_>>) -> Sort {
    if marker(value).is_some() {
        return Sort::Words;
    }
    match value {
        Json::Array(_) | Json::Object(_) => Sort::Group,
        Json::String(_) => match shape {
            Some(shape) if shape.is_decimal() => Sort::Decimal,
            Some(shape) if shape.text("format") == Some("date") => Sort::Date,
            Some(shape) if !shape.is_coded() => Sort::Words,
            _ => Sort::Coded,
        },
        _ => Sort::Coded,
    }
}

/// The single answers of a group, and what stands in place of some. What is no group has none.
fn ends(value: &Json, shape: Option<Shape<'_>>) -> Vec<End> {
    let mut out = Vec::new();
    if sort(value, shape) == Sort::Group {
        branches(value, shape, ("", ""), &mut out);
    }
    out
}

/// `named` are key and title of the nearest property above.
fn branches(value: &Json, shape: Option<Shape<'_>>, named: (&str, &str), out: &mut Vec<End>) {
    match value {
        _ if marker(value).is_some() => {}
        Json::Object(map) => {
            let taken = shape.map(|shape| shape.taken(value));
            for (key, value) in map {
                let shape = of(taken, key);
                branches(value, shape, (key, shape.and_then(Shape::title).unwrap_or(key)), out);
            }
            return;
        }
        Json::Array(items) => {
            for item in items {
                branches(item, shape.and_then(Shape::items), named, out);
            }
            return;
        }
        _ => {}
    }
    let (key, name) = named;
    out.push(End { name: name.to_owned(), key: key.to_owned(), sort: sort(value, shape), value: value.clone() });
}

/// A group of answers in one version, with the shape of the choice that it took.
type Side<'v> = (&'v Map<String, Json>, Option<Shape<'v>>);

struct Walk<'v> {
    old: Version<'v>,
    new: Version<'v>,
    list: Vec<Change>,
    clauses: BTreeSet<String>,
}

impl Walk<'_> {
    fn answer(&mut self, old: &Json, new: &Json, at: &At<'_>) {
        // Files may differ where the answers that name them do not.
        if old == new && !at.path.is_empty() && at.after != EVIDENCE {
            return;
        }
        let open = marker(old).is_some() || marker(new).is_some();
        match (old, new) {
            (Json::Object(before), Json::Object(after)) if !open => {
                let taken = |value: &Json| at.shape.map(|shape| shape.taken(value));
                self.group((before, taken(old)), (after, taken(new)), at);
            }
            (Json::Array(before), Json::Array(after)) => self.items(before, after, at),
            _ if old == new => {}
            _ => self.changed(old, new, at),
        }
    }

    /// Properties in the order of the questions: those of the choice that was taken, then those of the one before.
    fn group(&mut self, (before, old): Side<'_>, (after, new): Side<'_>, at: &At<'_>) {
        let given: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
        let asked = [new, old].into_iter().flatten().flat_map(Shape::properties).map(|(key, _)| key);
        let mut seen = BTreeSet::new();
        let keys: Vec<&str> =
            asked.chain(given.iter().copied()).filter(|key| given.contains(key) && seen.insert(*key)).collect();
        for key in keys.into_iter().filter(|key| !(at.path.is_empty() && *key == SIGN_OFF)) {
            match (before.get(key), after.get(key)) {
                (Some(was), Some(is)) => self.answer(was, is, &at.key(key, of(new, key).or_else(|| of(old, key)))),
                (None, Some(is)) => self.push(What::Added(is.clone()), at.key(key, of(new, key))),
                (Some(was), None) => self.push(What::Removed(was.clone()), at.key(key, of(old, key))),
                (None, None) => {}
            }
        }
    }

    fn items(&mut self, old: &[Json], new: &[Json], at: &At<'_>) {
        let keys = at.shape.map(|shape| shape.texts("x-unique")).unwrap_or_default();
        let key = telling(&keys, old, new);
        let of = at.shape.and_then(Shape::items);
        let Alignment { pairs, removed, added, moved } = match key {
            Some(key) => by_key(key, old, new),
            // A name or a number is another one, not the same with a change.
            None => by_content(old, new, of.is_none_or(|of| !of.is_coded())),
        };
        let label = |item: &Json, index: usize| {
            let own = key.and_then(|key| item.get(key)).and_then(Json::as_str);
            own.map_or_else(|| (index + 1).to_string(), str::to_owned)
        };
        let gone = |walk: &mut Self, index: usize| {
            walk.push(What::Removed(old[index].clone()), at.item(index, index, label(&old[index], index)));
        };
        // An item that went is told where it stood.
        let mut waiting = removed.into_iter().peekable();
        let from: BTreeMap<usize, usize> = pairs.iter().map(|(from, to)| (*to, *from)).collect();
        for (index, item) in new.iter().enumerate() {
            let Some(from) = from.get(&index).copied() else {
                debug_assert!(added.contains(&index), "an item is in a pair or new");
                self.push(What::Added(item.clone()), at.item(index, index, label(item, index)));
                continue;
            };
            if !moved.contains(&index) {
                while let Some(lost) = waiting.next_if(|lost| *lost < from) {
                    gone(self, lost);
                }
            }
            let at = at.item(from, index, label(item, index));
            if moved.contains(&index) {
                self.push(What::Moved { from: from + 1, to: index + 1 }, at.clone());
            }
            self.answer(&old[from], item, &at);
            if at.before.rsplit_once('/').is_some_and(|(list, _)| list == EVIDENCE) {
                self.file(&old[from], item, &at);
            }
        }
        waiting.for_each(|lost| gone(self, lost));
    }

    /// A piece of evidence whose file holds something else, whatever it is called.
    fn file(&mut self, old: &Json, new: &Json, at: &At<'_>) {
        let digest =
            |version: Version<'_>, item: &Json| version.evidence.get(item.get(FILE).and_then(Json::as_str)?).copied();
        let (Some(old), Some(new)) = (digest(self.old, old), digest(self.new, new)) else { return };
        if old != new {
            let shape = at.shape.and_then(|shape| shape.property(FILE));
            self.push(What::File { old, new }, at.key(FILE, shape));
        }
    }

    fn changed(&mut self, old: &Json, new: &Json, at: &At<'_>) {
        let words = at.sort(old) == Sort::Words && at.sort(new) == Sort::Words;
        let texts = if words { texts(old, new) } else { None };
        let pieces = texts.map(|(old, new)| words::pieces(&old, &new)).unwrap_or_default();
        self.push(What::Changed { old: old.clone(), new: new.clone(), pieces }, at.clone());
    }

    fn push(&mut self, mut what: What, at: At<'_>) {
        match &mut what {
            What::Added(value) | What::Removed(value) => in_order(value, at.shape),
            What::Changed { old, new, .. } => [old, new].into_iter().for_each(|value| in_order(value, at.shape)),
            What::Moved { .. } | What::File { .. } => {}
        }
        let (before, after, sort, values) = match &what {
            What::Added(new) => (false, true, at.sort(new), vec![new]),
            What::Removed(old) => (true, false, at.sort(old), vec![old]),
            What::Changed { old, new, .. } => (true, true, at.sort(old).max(at.sort(new)), vec![old, new]),
            What::Moved { .. } | What::File { .. } => (true, true, Sort::Coded, Vec::new()),
        };
        let ends = match &what {
            What::Added(new) => [Vec::new(), ends(new, at.shape)],
            What::Removed(old) => [ends(old, at.shape), Vec::new()],
            What::Changed { old, new, .. } => [ends(old, at.shape), ends(new, at.shape)],
            What::Moved { .. } | What::File { .. } => [Vec::new(), Vec::new()],
        };
        if !at.after.strip_prefix(CONTROL).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            self.clauses.extend(at.all.iter().cloned());
            for value in values {
                inside(value, at.shape, &mut self.clauses);
            }
        }
        self.list.push(Change {
            before: before.then_some(at.before),
            after: after.then_some(at.after),
            names: at.names.to_vec(),
            path: at.path.to_vec(),
            clauses: at.clauses.to_vec(),
            sort,
            ends,
            what,
        });
    }
}

fn of<'s>(shape: Option<Shape<'s>>, key: &str) -> Option<Shape<'s>> {
    shape?.property(key)
}

/// The clauses that a group of answers meets inside; where something stands in place of the group, all that it could.
fn inside(value: &Json, shape: Option<Shape<'_>>, clauses: &mut BTreeSet<String>) {
    let Some(shape) = shape else { return };
    if marker(value).is_some() {
        return clauses.extend(clauses_below(shape));
    }
    clauses.extend(shape.clauses().into_iter().map(str::to_owned));
    match value {
        Json::Object(map) => {
            let shape = shape.taken(value);
            map.iter().for_each(|(key, value)| inside(value, shape.property(key), clauses));
        }
        Json::Array(items) => items.iter().for_each(|item| inside(item, shape.items(), clauses)),
        _ => {}
    }
}

/// Brings a group into the order of its questions: canonical answers stand in that of the alphabet.
fn in_order(value: &mut Json, shape: Option<Shape<'_>>) {
    let shape = shape.map(|shape| shape.taken(value));
    match value {
        Json::Object(map) => {
            let mut old = std::mem::take(map);
            let asked = shape.into_iter().flat_map(Shape::properties).map(|(key, _)| key);
            let known: Vec<(String, Json)> = asked.filter_map(|key| old.remove_entry(key)).collect();
            map.extend(known.into_iter().chain(old));
            map.iter_mut().for_each(|(key, value)| in_order(value, of(shape, key)));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| in_order(item, shape.and_then(Shape::items))),
        _ => {}
    }
}

/// The two texts, if nothing but a text changed: in an answer, or in what stands in its place.
fn texts(old: &Json, new: &Json) -> Option<(String, String)> {
    match (marker(old), marker(new)) {
        (Some(old), Some(new)) => {
            let same = (old.kind, &old.owner, &old.due) == (new.kind, &new.owner, &new.due);
            old.text.zip(new.text).filter(|_| same)
        }
        (None, None) => Some((old.as_str()?.to_owned(), new.as_str()?.to_owned())),
        _ => None,
    }
}
