//! Our keywords: rules between answers that JSON Schema cannot say.
//!
//! Comes in: a walk. Goes out: findings of `x-ref`, `x-unique`, `x-not-before`, `x-recommended`, `x-same`, `x-judges` and
//! `x-fact`. What a rule is about stands in the schema; here is only how it is read. A place where a marker stands, or
//! whose type is wrong, takes no part.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Fact;
use super::walk::{Part, Walk, ask, nearest_id};
use crate::answers::join;
use crate::catalog::{Schema, Shape};
use crate::decimal::Decimal;
use crate::diagnostic::{Code, Diagnostic, Place};

/// `meant` are the answers that stand there under a misspelt name.
pub(super) fn judge(walk: &Walk<'_>, schema: &Schema, meant: &BTreeSet<String>) -> Vec<Diagnostic> {
    let muted = walk.muted.iter().map(String::as_str).collect();
    let mut rules = Rules { walk, meant, muted, findings: Vec::new(), known: BTreeMap::new() };
    rules.recommended("", schema.root());
    for part in walk.parts.iter().filter(|part| part.marker.is_none()) {
        let Some(whole) = part.shape else { continue };
        let shape = walk.value.pointer(&part.pointer).map_or(whole, |value| whole.taken(value));
        if let Some(target) = shape.text("x-ref") {
            rules.reference(part, target);
        }
        for key in shape.texts("x-unique") {
            rules.unique(part, key);
        }
        if let Some(target) = shape.text("x-not-before") {
            rules.not_before(part, target);
        }
        if let Some(rule) = shape.keyword("x-same") {
            rules.same(part, rule);
        }
        if let Some(rule) = shape.keyword("x-judges") {
            rules.verdict(part, rule);
        }
        rules.recommended(&part.pointer, whole);
    }
    rules.facts();
    rules.findings
}

/// The facts that a document states, each where it does so first, and what is its own. A fact of something that has no name yet is stated of
/// nothing that another document could mean.
pub(super) fn stated(walk: &Walk<'_>) -> Vec<Fact> {
    let language = walk.value.pointer("/document/language").and_then(Json::as_str).unwrap_or_default();
    let mut facts: BTreeMap<(&str, String), Fact> = BTreeMap::new();
    for part in walk.parts.iter().filter(|part| part.marker.is_none()) {
        let Some(shape) = part.shape else { continue };
        let own = shape.keyword("x-own").is_some();
        let Some(name) = shape.text("x-fact").or(own.then_some(&*part.pointer)) else { continue };
        let Some(text) = walk.value.pointer(&part.pointer).and_then(Json::as_str) else { continue };
        let subject = if own { Some(text.to_lowercase()) } else { subject(walk, part) };
        let Some(subject) = subject else { continue };
        facts.entry((name, subject.clone())).or_insert_with(|| Fact {
            own,
            name: name.to_owned(),
            subject,
            value: text.to_owned(),
            title: part.name(),
            place: part.place(),
            clauses: part.law.clauses.to_vec(),
            language: if shape.is_coded() && !own { String::new() } else { language.to_owned() },
        });
    }
    facts.into_values().collect()
}

/// What the fact at a part is a fact of, by `x-fact-of`; empty without that keyword, `None` where it has no name.
fn subject(walk: &Walk<'_>, part: &Part<'_>) -> Option<String> {
    let Some(target) = part.shape.and_then(|shape| shape.text("x-fact-of")) else { return Some(String::new()) };
    let name = walk.value.pointer(&resolve(&part.pointer, target))?.as_str()?;
    // Another way to write a name means the same: the name itself is a fact, and both ways are shown.
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    (!plain.is_empty()).then_some(plain)
}

struct Rules<'w, 'a> {
    walk: &'w Walk<'a>,
    meant: &'w BTreeSet<String>,
    /// Pointers of answers of the wrong type, and of what stands in place of one.
    muted: BTreeSet<&'w str>,
    findings: Vec<Diagnostic>,
    /// What references of one kind may name, gathered once: a long list refers to a long list.
    known: BTreeMap<&'a str, BTreeSet<&'w str>>,
}

impl<'w, 'a> Rules<'w, 'a> {
    fn part(&self, pointer: &str) -> Option<&Part<'a>> {
        self.walk.part(pointer)
    }

    fn text(&self, pointer: &str) -> Option<&'w str> {
        if self.muted.contains(pointer) { None } else { self.walk.value.pointer(pointer)?.as_str() }
    }

    fn reference(&mut self, part: &Part<'_>, target: &'a str) {
        let Some(text) = self.text(&part.pointer) else { return };
        let walk = self.walk;
        let known = self
            .known
            .entry(target)
            .or_insert_with(|| targets(&walk.value, target).into_iter().map(|(_, value)| value).collect());
        if text.is_empty() || known.contains(text) {
            return;
        }
        let list = target.trim_end_matches(|c: char| c != '/').trim_end_matches('/').trim_end_matches("/*");
        // Nobody needs a guess among thousands, and each costs a comparison.
        let near = (known.len() <= 1_000).then(|| nearest_id(text, known.iter().copied())).flatten();
        let elsewhere = identified(walk, text);
        let help = match near.filter(|_| elsewhere.is_none()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => {
                format!("nothing is listed under `{}` yet: add it there", list.trim_start_matches('/'))
            }
            None => {
                let known: Vec<&str> = known.iter().copied().take(12).collect();
                format!("add it under `{}`, or name one of: {}", list.trim_start_matches('/'), known.join(", "))
            }
        };
        let finding = match elsewhere {
            Some((other, place)) => {
                let own = list.trim_start_matches('/');
                let message = format!("`{text}` is named here, but it is an id of `{other}`, not of `{own}`");
                part.error(Code::DanglingReference, message).related(place, format!("`{text}` is given here"))
            }
            None => part.error(Code::DanglingReference, format!("`{text}` is named here but does not exist")),
        };
        self.findings.push(finding.help(help));
    }

    fn unique(&mut self, list: &Part<'_>, key: &str) {
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for index in 0..list.node.items().len() {
            let pointer = join(&join(&list.pointer, &index.to_string()), key);
            let Some(text) = self.text(&pointer).map(str::to_owned) else { continue };
            // Two that differ in case only are one name on many file systems and to most readers.
            match first.get(&text.to_lowercase()) {
                None => drop(first.insert(text.to_lowercase(), pointer)),
                Some(earlier) => {
                    let (Some(part), Some(earlier)) = (self.part(&pointer), self.part(earlier)) else { continue };
                    let message = format!("the {key} `{text}` is given twice");
                    let finding =
                        part.error(Code::ConflictingValues, message).related(earlier.place(), "first given here");
                    self.findings.push(finding.help("give each a name of its own, and mend what refers to it"));
                }
            }
        }
    }

    fn not_before(&mut self, part: &Part<'_>, target: &str) {
        let target = resolve(&part.pointer, target);
        let (Some(date), Some(other)) = (self.text(&part.pointer), self.text(&target)) else { return };
        if !crate::catalog::is_date(date) || !crate::catalog::is_date(other) || date >= other {
            return;
        }
        let Some(earlier) = self.part(&target) else { return };
        let message = format!("{} ({date}) lies before {} ({other})", part.name(), earlier.name());
        let finding = part.error(Code::DateOrder, message).related(earlier.place(), "this comes first");
        self.findings.push(finding.help("mend the date that is wrong"));
    }

    fn same(&mut self, list: &Part<'_>, rule: &Json) {
        let keys: Vec<&str> =
            rule.get("by").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
        let Some(value) = rule.get("value").and_then(Json::as_str) else { return };
        let mut first: BTreeMap<Vec<Option<String>>, String> = BTreeMap::new();
        for index in 0..list.node.items().len() {
            let item = join(&list.pointer, &index.to_string());
            let group: Vec<_> = keys.iter().map(|key| self.text(&join(&item, key)).map(str::to_owned)).collect();
            let pointer = join(&item, value);
            let Some(now) = self.text(&pointer).map(str::to_owned) else { continue };
            if group.iter().all(Option::is_none) {
                continue;
            }
            let Some(earlier) = first.get(&group) else {
                first.insert(group, pointer);
                continue;
            };
            let before = self.text(earlier).unwrap_or_default();
            if before == now || equal(before, &now) {
                continue;
            }
            let (Some(part), Some(other)) = (self.part(&pointer), self.part(earlier)) else { continue };
            let what: Vec<&str> = group.iter().flatten().map(String::as_str).collect();
            let message = format!("{} is {now} here but {before} elsewhere", what.join(", "));
            let finding = part.error(Code::ConflictingValues, message).related(other.place(), "the other value");
            self.findings.push(finding.help("keep the value that was measured, or say what tells the two apart"));
        }
    }

    /// A verdict follows from value, threshold and direction; nobody may write another.
    fn verdict(&mut self, part: &Part<'_>, rule: &Json) {
        let at = |name: &str| rule.get(name).and_then(Json::as_str).map(|key| join(&part.pointer, key));
        let number = |name: &str| at(name).and_then(|pointer| Decimal::parse(self.text(&pointer)?).ok());
        let words = |name: &str| at(name).and_then(|pointer| self.text(&pointer).map(str::to_owned));
        let (value, threshold) = (number("value"), number("threshold"));
        // A threshold that is no number is told where it stands, and nothing follows from it.
        if threshold.is_none() && at("threshold").is_some_and(|pointer| self.is_faulty(&pointer)) {
            return;
        }
        let written = words("verdict");
        let follows = match (&value, &threshold, words("better").as_deref()) {
            (Some(value), Some(threshold), Some("higher")) => value.compare(threshold).is_ge().into(),
            (Some(value), Some(threshold), Some("lower")) => value.compare(threshold).is_le().into(),
            (Some(_), None, _) => Verdict::None,
            _ => return,
        };
        let place =
            at("verdict").and_then(|pointer| self.part(&pointer)).or_else(|| at("value").and_then(|p| self.part(&p)));
        let Some(place) = place else { return };
        let numbers = match (&value, &threshold) {
            (Some(value), Some(threshold)) => Some(format!("{value} against the threshold {threshold}")),
            _ => None,
        };
        let threshold = at("threshold").and_then(|pointer| self.part(&pointer));
        match written.as_deref() {
            Some(word) if word != follows.word() && Verdict::ALL.iter().any(|verdict| verdict.word() == word) => {
                let (message, help) = match numbers {
                    Some(numbers) => (
                        format!("the verdict is `{word}`, but {numbers} means `{}`", follows.word()),
                        "mend the verdict, the value or the threshold".to_owned(),
                    ),
                    None => (
                        format!("the verdict is `{word}`, but there is no threshold to hold the value against"),
                        format!("write `{}`, or give the threshold", follows.word()),
                    ),
                };
                let mut finding = place.error(Code::Verdict, message).help(help);
                if let Some(threshold) = threshold {
                    finding = finding.related(threshold.place(), "the threshold");
                }
                self.findings.push(finding);
            }
            _ if follows == Verdict::Missed => {
                let numbers = numbers.unwrap_or_default();
                let message = format!("{} misses its threshold: {numbers}", self.named(part));
                let finding = place.warning(Code::ThresholdMissed, message);
                self.findings
                    .push(finding.help("say in the document why the system may be used all the same, or mend it"));
            }
            _ => {}
        }
    }

    /// Whether something of the wrong type stands there, which is a finding of its own.
    fn is_faulty(&self, pointer: &str) -> bool {
        self.muted.contains(pointer) && self.part(pointer).is_some_and(|part| part.marker.is_none())
    }

    fn named(&self, part: &Part<'_>) -> String {
        let name = self.text(&join(&part.pointer, "name")).or_else(|| self.text(&join(&part.pointer, "id")));
        name.map_or_else(|| part.name(), |name| format!("`{name}`"))
    }

    /// What all branches of a choice recommend, then what the one that was taken adds.
    fn recommended(&mut self, pointer: &str, whole: Shape<'_>) {
        let Some(value) = self.walk.value.pointer(pointer).filter(|value| value.is_object()) else { return };
        let shape = whole.taken(value);
        let mut keys = whole.texts("x-recommended");
        keys.extend(shape.texts("x-recommended"));
        for (index, key) in keys.iter().enumerate() {
            let own = join(pointer, key);
            if value.get(*key).is_some() || keys[..index].contains(key) || self.meant.contains(&own) {
                continue;
            }
            let of = shape.property(key);
            let part = self.part(pointer);
            let Some(place) =
                part.map(|part| part.key.clone()).or_else(|| self.walk.parts.first().map(|first| first.key.clone()))
            else {
                continue;
            };
            let clauses: Vec<String> = match (of, part) {
                (Some(of), Some(part)) => part.law.under(of).clauses.to_vec(),
                _ => Vec::new(),
            };
            let message = format!("{} would make the document better", super::walk::name(of, &own));
            let finding = Diagnostic::warning(Code::Recommended, place, message)
                .label(format!("`{key}` is not answered here"))
                .clauses(clauses);
            self.findings.push(match of {
                Some(of) => ask(finding, of),
                None => finding,
            });
        }
    }

    /// One fact of one thing has one value, wherever in the document it is stated.
    fn facts(&mut self) {
        let mut first: BTreeMap<(&str, Option<String>), &Part<'a>> = BTreeMap::new();
        let mut findings = Vec::new();
        for part in self.walk.parts.iter().filter(|part| part.marker.is_none()) {
            let Some(fact) = part.shape.and_then(|shape| shape.text("x-fact")) else { continue };
            let Some(text) = self.text(&part.pointer) else { continue };
            let earlier = first.entry((fact, subject(self.walk, part))).or_insert(part);
            let before = self.text(&earlier.pointer).unwrap_or_default();
            if before != text {
                let message = format!("{} is `{text}` here but `{before}` elsewhere", part.name());
                let finding =
                    part.error(Code::ConflictingValues, message).related(earlier.place(), "the other statement");
                findings.push(finding.help("one fact has one value: mend the one that is wrong"));
            }
        }
        self.findings.extend(findings);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Met,
    Missed,
    None,
}

impl Verdict {
    const ALL: [Self; 3] = [Self::Met, Self::Missed, Self::None];

    fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::None => "no-threshold",
        }
    }
}

impl From<bool> for Verdict {
    fn from(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }
}

/// The list that has an item of this id, and where the id stands.
fn identified(walk: &Walk<'_>, id: &str) -> Option<(String, Place)> {
    walk.parts.iter().find_map(|part| {
        if part.node.text() != Some(id) {
            return None;
        }
        let (item, key) = part.pointer.rsplit_once('/')?;
        let (list, _) = item.rsplit_once('/')?;
        let own = walk.part(list)?;
        let unique = own.shape?.texts("x-unique");
        unique.contains(&key).then(|| (list.trim_start_matches('/').to_owned(), part.place()))
    })
}

/// `0.91` and `0.910` are two ways to write one value.
fn equal(a: &str, b: &str) -> bool {
    match (Decimal::parse(a), Decimal::parse(b)) {
        (Ok(a), Ok(b)) => a.compare(&b).is_eq(),
        _ => false,
    }
}

/// Texts under a pointer in which `*` stands for every item of a list, with their own pointers.
pub(super) fn targets<'v>(value: &'v Json, pattern: &str) -> Vec<(String, &'v str)> {
    let mut found = vec![(String::new(), value)];
    for token in pattern.split('/').skip(1) {
        let below = found.into_iter().flat_map(|(pointer, value)| -> Vec<(String, &Json)> {
            match (token, value) {
                ("*", Json::Array(items)) => {
                    items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)).collect()
                }
                (key, Json::Object(map)) => map.get(key).map(|item| (join(&pointer, key), item)).into_iter().collect(),
                _ => Vec::new(),
            }
        });
        found = below.collect();
    }
    found.into_iter().filter_map(|(pointer, value)| Some((pointer, value.as_str()?))).collect()
}

/// A pointer as schemas write it: from the top (`/document/date`), or relative (`1/start`: one level up, then `start`).
fn resolve(from: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let (levels, rest) = target.split_once('/').unwrap_or((target, ""));
    let levels: usize = levels.parse().unwrap_or(1);
    let base = (0..levels).fold(from, |at, _| at.rsplit_once('/').map_or("", |(above, _)| above));
    format!("{base}/{rest}")
}
