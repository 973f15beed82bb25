//! Which item of a list became which.
//!
//! Comes in: two lists and, if the schema has one, the property that tells items apart. Goes out: pairs, items that went,
//! items that came, and which of the pairs stand in another order. Knows nothing of what items mean.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::identity::canonical;

/// How two lists belong together. Indices count from zero.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alignment {
    /// Index in the earlier list and in the later one, in the order of the later.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Indices in the earlier list.
    pub(super) removed: Vec<usize>,
    /// Indices in the later list.
    pub(super) added: Vec<usize>,
    /// Indices in the later list of pairs that others were overtaken by.
    pub(super) moved: BTreeSet<usize>,
}

/// So many comparisons of items are worth the time that they take.
const COMPARISONS: usize = 2_500;
/// From this likeness on, in percent, two items are one that changed.
const ALIKE: usize = 50;

/// The property that tells the items of both lists apart: the first that each of them has, and has for itself.
pub(super) fn telling<'k>(keys: &[&'k str], old: &[Json], new: &[Json]) -> Option<&'k str> {
    let tells = |key: &str, items: &[Json]| {
        let mut seen = BTreeSet::new();
        items.iter().all(|item| item.get(key).and_then(Json::as_str).is_some_and(|id| seen.insert(id)))
    };
    keys.iter().copied().find(|key| tells(key, old) && tells(key, new))
}

/// Lines up lists whose items say by `key` which one they are.
pub(super) fn by_key(key: &str, old: &[Json], new: &[Json]) -> Alignment {
    let id = |item: &Json| item.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let places: BTreeMap<String, usize> = old.iter().enumerate().map(|(index, item)| (id(item), index)).collect();
    let pairs = new.iter().enumerate().filter_map(|(index, item)| Some((*places.get(&id(item))?, index)));
    finish(pairs.collect(), old.len(), new.len())
}

/// Lines up lists by what their items say. Items may be one that changed only where `blend` says so.
pub(super) fn by_content(old: &[Json], new: &[Json], blend: bool) -> Alignment {
    let bytes = |items: &[Json]| items.iter().map(canonical).collect::<Vec<_>>();
    let (old_bytes, new_bytes) = (bytes(old), bytes(new));
    let mut pairs = Vec::new();
    let mut gaps = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &old_bytes, &new_bytes) {
        if let DiffOp::Equal { old_index, new_index, len } = operation {
            pairs.extend((0..len).map(|step| (old_index + step, new_index + step)));
        } else {
            gaps.push((operation.old_range(), operation.new_range()));
        }
    }
    // The same item in another place has moved.
    let mut waiting: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for index in gaps.iter().flat_map(|(range, _)| range.clone()).rev() {
        waiting.entry(&old_bytes[index]).or_default().push(index);
    }
    for index in gaps.iter().flat_map(|(_, range)| range.clone()) {
        if let Some(from) = waiting.get_mut(new_bytes[index].as_slice()).and_then(Vec::pop) {
            pairs.push((from, index));
        }
    }
    if blend {
        let (taken_old, taken_new): (BTreeSet<usize>, BTreeSet<usize>) = pairs.iter().copied().unzip();
        for (from, to) in gaps {
            let from: Vec<usize> = from.filter(|index| !taken_old.contains(index)).collect();
            let to: Vec<usize> = to.filter(|index| !taken_new.contains(index)).collect();
            pairs.extend(alike(&from, old, &to, new));
        }
    }
    finish(pairs, old.len(), new.len())
}

/// Pairs of items that are alike, in one order, so that together they are as alike as can be.
fn alike(from: &[usize], old: &[Json], to: &[usize], new: &[Json]) -> Vec<(usize, usize)> {
    if from.is_empty() || to.is_empty() || from.len() * to.len() > COMPARISONS {
        return Vec::new();
    }
    let bags = |indices: &[usize], items: &[Json]| indices.iter().map(|index| bag(&items[*index])).collect::<Vec<_>>();
    let (from_bags, to_bags) = (bags(from, old), bags(to, new));
    let likeness: Vec<Vec<usize>> =
        from_bags.iter().map(|a| to_bags.iter().map(|b| likeness(a, b)).collect()).collect();
    let width = to.len() + 1;
    let mut best = vec![0; (from.len() + 1) * width];
    for (i, row) in likeness.iter().enumerate().rev() {
        for (j, like) in row.iter().enumerate().rev() {
            let both = if *like >= ALIKE { like + best[(i + 1) * width + j + 1] } else { 0 };
            best[i * width + j] = both.max(best[(i + 1) * width + j]).max(best[i * width + j + 1]);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < from.len() && j < to.len() {
        let here = best[i * width + j];
        if likeness[i][j] >= ALIKE && here == likeness[i][j] + best[(i + 1) * width + j + 1] {
            pairs.push((from[i], to[j]));
            (i, j) = (i + 1, j + 1);
        } else if here == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// The words of an item, sorted.
fn bag(item: &Json) -> Vec<String> {
    fn words(item: &Json, out: &mut Vec<String>) {
        match item {
            Json::Array(items) => items.iter().for_each(|item| words(item, out)),
            Json::Object(map) => map.values().for_each(|item| words(item, out)),
            Json::String(text) => out.extend(text.split_whitespace().map(str::to_owned)),
            other => out.push(other.to_string()),
        }
    }
    let mut out = Vec::new();
    words(item, &mut out);
    out.sort_unstable();
    out
}

/// How much two bags of words share, in percent.
fn likeness(a: &[String], b: &[String]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    (200 * common).checked_div(a.len() + b.len()).unwrap_or(0)
}

fn finish(mut pairs: Vec<(usize, usize)>, old: usize, new: usize) -> Alignment {
    pairs.sort_unstable_by_key(|(_, to)| *to);
    let (from, to): (BTreeSet<usize>, BTreeSet<usize>) = pairs.iter().copied().unzip();
    let kept = rising(&pairs.iter().map(|(from, _)| *from).collect::<Vec<_>>());
    Alignment {
        removed: (0..old).filter(|index| !from.contains(index)).collect(),
        added: (0..new).filter(|index| !to.contains(index)).collect(),
        moved: pairs.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, (_, to))| *to).collect(),
        pairs,
    }
}

/// Positions of a longest rising run of numbers, all different: the items that need not be called moved.
fn rising(numbers: &[usize]) -> BTreeSet<usize> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        before.push(length.checked_sub(1).map(|length| ends[length]));
        if length == ends.len() { ends.push(at) } else { ends[length] = at }
    }
    std::iter::successors(ends.last().copied(), |at| before[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn list(json: &Json) -> &[Json] {
        json.as_array().expect("a list")
    }

    #[test]
    fn items_with_a_name_keep_it_wherever_they_stand() {
        let (old, new) =
            (json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]), json!([{"id": "c"}, {"id": "a"}, {"id": "d"}]));
        assert_eq!(telling(&["x", "id"], list(&old), list(&new)), Some("id"));
        let found = by_key("id", list(&old), list(&new));
        assert_eq!((found.pairs, found.removed, found.added), (vec![(2, 0), (0, 1)], vec![1], vec![2]));
        assert_eq!(found.moved.len(), 1, "one of two that changed places has moved");
        assert_eq!(telling(&["id"], list(&json!([{"id": "a"}, {"id": "a"}])), &[]), None);
    }

    #[test]
    fn items_without_a_name_are_known_by_what_they_say() {
        let (old, new) = (json!(["E-1", "E-2", "E-3"]), json!(["E-3", "E-1", "E-4"]));
        let found = by_content(list(&old), list(&new), false);
        assert_eq!((found.removed, found.added, found.moved.len()), (vec![1], vec![2], 1));
        let (old, new) = (json!(["one two three", "x"]), json!(["zero", "one two four", "x"]));
        let found = by_content(list(&old), list(&new), true);
        assert_eq!((found.pairs, found.added), (vec![(0, 1), (1, 2)], vec![0]));
        assert!(found.moved.is_empty());
    }
}
