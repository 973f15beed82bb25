//! What changed between two versions: all of it, and nothing else.

mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use techfile::Catalog;
use techfile::answers::join;
use techfile::changes::{Change, Changes, Sort, Version, What, compare};
use techfile::digest::Digest;
use techfile::identity::canonical;

use crate::repository::{read, root};
use crate::samples::samples;
use crate::stages::{catalog, checked};
use crate::tree::Chance;

static CATALOG: LazyLock<Catalog> = LazyLock::new(catalog);

/// Typed answers with their kind: the toy first, which is small.
static ANSWERS: LazyLock<Vec<(String, Json)>> = LazyLock::new(|| {
    let toy = checked(&read("tests/suite/toy/answers.yaml"), "toy", &root().join("tests/suite/toy"), &CATALOG);
    let toy = ("toy".to_owned(), toy.expect("it is clean").value().clone());
    let samples = samples().into_iter().map(|sample| {
        let catalog = sample.catalog();
        let checked = checked(&sample.text, &sample.name, &sample.folder(), &catalog).expect("samples check");
        (sample.kind.clone(), checked.value().clone())
    });
    std::iter::once(toy).chain(samples).collect()
});

fn between(kind: &str, old: &Json, new: &Json) -> Changes {
    let none = BTreeMap::new();
    let version = |answers| Version { answers, evidence: &none };
    compare(version(old), version(new), CATALOG.kind(kind).unwrap().unwrap())
}

fn toy() -> Json {
    ANSWERS[0].1.clone()
}

/// The toy with one answer changed, and what is told of it: pointer, and what happened.
fn told(change: impl FnOnce(&mut Json)) -> (Vec<String>, Vec<String>) {
    let mut new = toy();
    change(&mut new);
    let changes = between("toy", &toy(), &new);
    let list = changes.list.iter().map(|change| {
        let what = match &change.what {
            What::Added(_) => "added".to_owned(),
            What::Removed(_) => "removed".to_owned(),
            What::Changed { .. } => "changed".to_owned(),
            What::Moved { from, to } => format!("moved {from} to {to}"),
            What::File { .. } => "file".to_owned(),
        };
        format!("{}: {what}", change.names.join(" > "))
    });
    (list.collect(), changes.clauses)
}

#[test]
fn changed_clauses_come_in_the_order_of_their_framework() {
    for (kind, answers) in ANSWERS.iter() {
        let clauses = between(kind, &json!({}), answers).clauses;
        let place = |id: &String| {
            let (framework, clause) = id.split_once(':').unwrap();
            let all = CATALOG.framework(framework).unwrap().unwrap().clauses();
            (framework.to_owned(), all.iter().position(|known| known.id == clause).unwrap())
        };
        assert!(clauses.is_sorted_by_key(place), "{kind}: {clauses:?}");
    }
}

/// What somebody does to the answers, the changes that are told then, the clauses that changed.
type Case = (fn(&mut Json), &'static [&'static str], &'static [&'static str]);

#[test]
fn each_sort_of_change_is_told_once_with_its_clauses() {
    let clause = |ids: &[&str]| ids.iter().map(|id| format!("eu-ai-act:annex-iv.{id}")).collect::<Vec<_>>();
    let cases: [Case; 8] = [
        (|_| {}, &[], &[]),
        (|new| new["story"] = "Five rings.".into(), &["the story: changed"], &["1.b"]),
        (|new| new["story"] = json!({"pending": "words"}), &["the story: changed"], &["1.b"]),
        (|new| new["weight"] = "0.91".into(), &["the weight: changed"], &[]),
        (
            |new| new["parts"][1]["part_name"] = "Big ring".into(),
            &["the parts > ring > the name of the part: changed"],
            &["2.c"],
        ),
        (
            |new| {
                let parts = new["parts"].as_array_mut().unwrap();
                parts.insert(0, json!({"id": "top"}));
            },
            &["the parts > top: added"],
            &["2.c"],
        ),
        (|new| new["parts"].as_array_mut().unwrap().reverse(), &["the parts > ring: moved 2 to 1"], &["2.c"]),
        (
            |new| new["power"] = json!({"source": "hand"}),
            &[
                "the power > the source: changed",
                "the power > a note on the power: removed",
                "the power > the cells: removed",
            ],
            &["1.e"],
        ),
    ];
    for (change, list, clauses) in cases {
        let (found, met) = told(change);
        let sorted = |list: Vec<String>| list.into_iter().collect::<BTreeSet<_>>();
        assert_eq!(sorted(found), sorted(list.iter().map(|line| (*line).to_owned()).collect()));
        assert_eq!(met, clause(clauses), "{list:?}");
    }
    // Each revision has another number; that alone changes no clause.
    let (found, clauses) = told(|new| new["document"]["revision"] = "2".into());
    assert_eq!((found.len(), clauses), (1, Vec::new()));
    assert_eq!(told(|new| new["sign_off"] = json!({"status": "approved"})).0, Vec::<String>::new());
}

#[test]
fn evidence_with_another_content_is_a_change_of_its_item() {
    let file = |text: &str| BTreeMap::from([("drops.txt".to_owned(), Digest::of(text.as_bytes()))]);
    let (toy, old, new) = (toy(), file("one"), file("two"));
    let kind = CATALOG.kind("toy").unwrap().unwrap();
    let find = |evidence: &BTreeMap<String, Digest>| {
        compare(Version { answers: &toy, evidence: &old }, Version { answers: &toy, evidence }, kind)
    };
    assert!(find(&old).is_empty());
    let found = find(&new);
    let [change] = found.list.as_slice() else { panic!("{found:?}") };
    assert_eq!((change.pointer(), &change.path[1]), ("/evidence/0/file", &"E-1".to_owned()));
    assert_eq!(change.what, What::File { old: old["drops.txt"], new: new["drops.txt"] });
    // Nothing changed where both are equal, whatever they are.
    for odd in [json!(1), json!({"evidence": {"pending": "x"}}), json!({"evidence": "x"})] {
        assert!(between("toy", &odd, &odd).is_empty(), "{odd}");
    }
    // What nobody knows the digest of cannot be said to have changed.
    assert!(find(&BTreeMap::new()).is_empty());
}

#[test]
fn texts_in_somebodys_words_are_told_word_by_word_and_others_whole() {
    for (old, new, by_word, sort) in [
        (json!("a b"), json!("a c"), true, Sort::Words),
        (json!({"not_applicable": "a b"}), json!({"not_applicable": "a c"}), true, Sort::Words),
        (
            json!({"pending": {"what": "a", "owner": "b"}}),
            json!({"pending": {"what": "a", "owner": "c"}}),
            false,
            Sort::Words,
        ),
        (json!({"pending": "a"}), json!("a"), false, Sort::Words),
    ] {
        let (mut before, mut after) = (toy(), toy());
        (before["story"], after["story"]) = (old, new);
        let found = between("toy", &before, &after);
        let [Change { what: What::Changed { pieces, .. }, sort: found, .. }] = found.list.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((!pieces.is_empty(), *found), (by_word, sort), "{}", after["story"]);
    }
    let mut new = toy();
    (new["weight"], new["sold"]) = ("0.92".into(), "2026-11-03".into());
    let sorts: Vec<Sort> = between("toy", &toy(), &new).list.iter().map(|change| change.sort).collect();
    assert_eq!(sorts, [Sort::Decimal, Sort::Date]);
}

/// Changes something somewhere; the result need not be right, only JSON.
fn mutate(value: &mut Json, chance: &mut Chance, top: bool) {
    let deeper = chance.below(4) > 0;
    match value {
        Json::Object(map) if !map.is_empty() => {
            let keys: Vec<String> = map.keys().filter(|key| !(top && *key == "kind")).cloned().collect();
            let key = keys[chance.below(keys.len())].clone();
            match chance.below(8) {
                0 => drop(map.remove(&key)),
                1 => drop(map.insert(format!("k~/{}", chance.below(3)), json!({"a": ["b"]}))),
                _ => mutate(&mut map[&key], chance, false),
            }
        }
        Json::Array(items) if !items.is_empty() && deeper => {
            let (from, to) = (chance.below(items.len()), chance.below(items.len()));
            match chance.below(5) {
                0 => items.swap(from, to),
                1 => drop(items.remove(from)),
                2 => items.insert(to, items[from].clone()),
                3 => items.push(json!("new")),
                _ => mutate(&mut items[from], chance, false),
            }
        }
        Json::String(text) if chance.below(3) > 0 => text.push_str(" x"),
        other => {
            *other = match chance.below(5) {
                0 => json!({"pending": {"what": "w"}}),
                1 => json!({"not_applicable": "because"}),
                2 => json!(["a", "b"]),
                3 => json!({"k": 1}),
                _ => json!("another text"),
            };
        }
    }
}

/// The later version, made of the earlier one and the changes alone.
fn applied(old: &Json, changes: &[Change], before: &str, after: &str) -> Json {
    let here = |change: &&Change| change.before.as_deref() == Some(before) && change.after.as_deref() == Some(after);
    let said = changes.iter().filter(here).find_map(|change| match &change.what {
        What::Changed { new, .. } => Some(new.clone()),
        _ => None,
    });
    if let Some(new) = said {
        return new;
    }
    let last = |pointer: &Option<String>, group: &str| -> Option<String> {
        let (above, last) = pointer.as_deref()?.rsplit_once('/')?;
        (above == group).then(|| last.replace("~1", "/").replace("~0", "~"))
    };
    let gone: BTreeSet<String> = changes
        .iter()
        .filter(|change| matches!(change.what, What::Removed(_)))
        .filter_map(|change| last(&change.before, before))
        .collect();
    let mut come: BTreeMap<String, Json> = BTreeMap::new();
    for change in changes {
        if let (What::Added(new), Some(key)) = (&change.what, last(&change.after, after)) {
            come.insert(key, new.clone());
        }
    }
    match old {
        Json::Object(map) => {
            let kept = map
                .iter()
                .filter(|(key, _)| !gone.contains(*key))
                .map(|(key, value)| (key.clone(), applied(value, changes, &join(before, key), &join(after, key))));
            Json::Object(kept.chain(come).collect::<Map<_, _>>())
        }
        Json::Array(items) => {
            let moved: BTreeMap<usize, usize> = changes
                .iter()
                .filter(|change| last(&change.before, before).is_some() && last(&change.after, after).is_some())
                .filter_map(|change| match change.what {
                    What::Moved { from, to } => Some((to - 1, from - 1)),
                    _ => None,
                })
                .collect();
            let elsewhere: BTreeSet<usize> = moved.values().copied().collect();
            let mut rest =
                (0..items.len()).filter(|index| !gone.contains(&index.to_string()) && !elsewhere.contains(index));
            let length = items.len() - gone.len() + come.len();
            let new = (0..length).map(|to| {
                if let Some(new) = come.get(&to.to_string()) {
                    return new.clone();
                }
                let from = moved.get(&to).copied().or_else(|| rest.next()).expect("an item stays, moves or is new");
                applied(&items[from], changes, &join(before, &from.to_string()), &join(after, &to.to_string()))
            });
            Json::Array(new.collect())
        }
        other => other.clone(),
    }
}

/// Pointers of all single answers.
fn leaves(value: &Json, pointer: &str, out: &mut BTreeMap<String, Json>) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, value)| leaves(value, &join(pointer, key), out));
        }
        Json::Array(items) if !items.is_empty() => {
            let each = items.iter().enumerate();
            each.for_each(|(index, item)| leaves(item, &join(pointer, &index.to_string()), out));
        }
        leaf => drop(out.insert(pointer.to_owned(), leaf.clone())),
    }
}

/// Whether a change, which stands at `pointer` in this version, tells of an answer. A group with nothing in it is told by
/// what went out of it or came into it.
fn tells(change: &Change, pointer: Option<&String>, leaf: &str, value: &Json) -> bool {
    let within = |top: &str, one: &str| one == top || one.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'));
    let empty = matches!(value, Json::Object(_) | Json::Array(_));
    pointer.is_some_and(|top| within(top, leaf)) || (empty && within(leaf, change.pointer()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_changes_and_the_earlier_version_make_the_later_one(seed in any::<u64>(), times in 0..12_usize) {
        let mut chance = Chance(seed | 1);
        let all = &*ANSWERS;
        let (kind, old) = &all[if chance.below(4) == 0 { chance.below(all.len()) } else { 0 }];
        let without = |value: &Json| {
            let mut value = value.clone();
            value.as_object_mut().map(|map| map.remove("sign_off"));
            value
        };
        let (old, mut new) = (without(old), without(old));
        (0..times).for_each(|_| mutate(&mut new, &mut chance, true));
        let changes = between(kind, &old, &new);
        prop_assert_eq!(changes.is_empty(), canonical(&old) == canonical(&new));
        let made = applied(&old, &changes.list, "", "");
        prop_assert_eq!(String::from_utf8(canonical(&made)), String::from_utf8(canonical(&new)));
        // The same the other way round.
        let back = between(kind, &new, &old);
        prop_assert_eq!(canonical(&applied(&new, &back.list, "", "")), canonical(&old));
        // Without lists, where numbers shift, every single answer that differs lies in a change.
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        leaves(&old, "", &mut before);
        leaves(&new, "", &mut after);
        let shifts = changes.list.iter().any(|change| change.pointer().bytes().any(|byte| byte.is_ascii_digit()));
        if !shifts {
            type Place = fn(&Change) -> Option<&String>;
            let sides: [(_, _, Place); 2] =
                [(&before, &after, |change| change.before.as_ref()), (&after, &before, |change| change.after.as_ref())];
            for (here, there, place) in sides {
                for (leaf, value) in here.iter().filter(|(leaf, value)| there.get(*leaf) != Some(value)) {
                    let told = changes.list.iter().any(|change| tells(change, place(change), leaf, value));
                    prop_assert!(told, "{}", leaf);
                }
            }
        }
    }
}

/// Long texts and lists that have little in common cost little: of each, the words that stand in both are still found.
#[test]
fn long_versions_that_are_unlike_are_compared_soon() {
    let words = |seed: u64, different: usize| {
        let mut chance = Chance(seed);
        (0..20_000).map(|_| format!("w{} ", chance.below(different))).collect::<String>()
    };
    let list = |seed: u64, different: usize| {
        let mut chance = Chance(seed);
        Json::Array((0..400).map(|_| json!({"height": chance.below(different).to_string()})).collect())
    };
    for different in [2, 50, 100_000] {
        let (mut old, mut new) = (toy(), toy());
        (old["story"], new["story"]) = (words(1, different).into(), words(2, different).into());
        (old["drops"], new["drops"]) = (list(1, different), list(2, different));
        let found = between("toy", &old, &new);
        assert_eq!(canonical(&applied(&old, &found.list, "", "")), canonical(&new), "{different}");
    }
}
