//! The single answers of a file, each with what its kind says it may be.

use std::collections::BTreeMap;

use techfile::catalog::{Kind, Shape};

use crate::tree::Tree;

/// One answer that has no parts.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) pointer: String,
    pub(crate) sort: Sort,
}

/// What an answer may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sort {
    /// One line of the author's own words.
    Plain,
    /// Paragraphs of the author's own words.
    Markdown,
    /// A fact that stands in several places, by its name; one line.
    Fact(String),
    /// The same in paragraphs.
    MarkdownFact(String),
    /// Digits that are the answer.
    Decimal,
    Integer,
    Bool,
    Date,
    /// One of these words.
    Choice(Vec<String>),
    /// Names something, or is written by a rule: ids, references, paths, digests, patterns.
    Ruled,
}

impl Sort {
    /// Whether it is in the author's own words.
    pub(crate) fn is_free(&self) -> bool {
        matches!(self, Self::Plain | Self::Markdown | Self::Fact(_) | Self::MarkdownFact(_))
    }
}

/// Every single answer of a file, in its order.
pub(crate) fn leaves(tree: &Tree, kind: &Kind) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(tree, Some(kind.schema().root()), String::new(), &mut found);
    // What references lead to is a name.
    let targets = targets(kind);
    for leaf in &mut found {
        if targets.iter().any(|target| matches(target, &leaf.pointer)) {
            leaf.sort = Sort::Ruled;
        }
    }
    found
}

/// Pointers, with `*` for items, of all that references lead to and of what the evidence register binds.
fn targets(kind: &Kind) -> Vec<String> {
    let mut found = vec!["/evidence/*/file".to_owned(), "/evidence/*/sha256".to_owned(), "/evidence/*/id".to_owned()];
    references(kind.schema().json(), &mut found);
    found
}

fn references(json: &serde_json::Value, found: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(map) => {
            found.extend(map.get("x-ref").and_then(|target| target.as_str()).map(str::to_owned));
            map.values().for_each(|value| references(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn matches(pattern: &str, pointer: &str) -> bool {
    pattern.split('/').count() == pointer.split('/').count()
        && pattern.split('/').zip(pointer.split('/')).all(|(wanted, token)| wanted == "*" || wanted == token)
}

const MARKERS: [&str; 3] = ["pending", "not_applicable", "to_follow"];

fn walk(tree: &Tree, shape: Option<Shape<'_>>, pointer: String, found: &mut Vec<Leaf>) {
    match tree {
        Tree::Map(entries) => {
            if let [(key, inner)] = entries.as_slice()
                && MARKERS.contains(&key.as_str())
            {
                return marker(key, inner, &format!("{pointer}/{key}"), found);
            }
            let branch = shape.and_then(|shape| {
                let (name, _) = shape.discriminator()?;
                let (_, value) = entries.iter().find(|(key, _)| key == name)?;
                let Tree::Text(text) = value else { return None };
                Some(shape.choose(text)?.1)
            });
            for (key, value) in entries {
                let below = branch.or(shape).and_then(|shape| shape.property(key));
                walk(value, below, format!("{pointer}/{key}"), found);
            }
        }
        Tree::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, shape.and_then(Shape::items), format!("{pointer}/{index}"), found);
            }
        }
        Tree::Null => {}
        Tree::Bool(_) => found.push(Leaf { pointer, sort: Sort::Bool }),
        Tree::Number(_) | Tree::Text(_) => {
            let sort = shape.map_or(Sort::Ruled, sort);
            found.push(Leaf { pointer, sort });
        }
    }
}

/// The texts of what stands in place of an answer.
fn marker(key: &str, inner: &Tree, pointer: &str, found: &mut Vec<Leaf>) {
    let own = |key: &str| match key {
        "what" | "owner" | "pending" | "not_applicable" => Sort::Plain,
        "due" => Sort::Date,
        _ => Sort::Ruled,
    };
    match inner {
        Tree::Map(entries) => {
            for (key, _) in entries {
                found.push(Leaf { pointer: format!("{pointer}/{key}"), sort: own(key) });
            }
        }
        _ => found.push(Leaf { pointer: pointer.to_owned(), sort: own(key) }),
    }
}

fn sort(shape: Shape<'_>) -> Sort {
    let choices = shape.texts("enum");
    if !choices.is_empty() {
        return Sort::Choice(choices.into_iter().map(str::to_owned).collect());
    }
    if let Some(fact) = shape.text("x-fact") {
        let sort = if shape.is_markdown() { Sort::MarkdownFact } else { Sort::Fact };
        return sort(fact.to_owned());
    }
    match (shape.kind(), shape.text("format")) {
        (Some("integer"), _) => Sort::Integer,
        (Some("boolean"), _) => Sort::Bool,
        (_, Some("decimal")) => Sort::Decimal,
        (_, Some("date")) => Sort::Date,
        _ if ["const", "pattern", "x-ref"].iter().any(|rule| shape.keyword(rule).is_some()) => Sort::Ruled,
        _ if shape.is_markdown() => Sort::Markdown,
        _ => Sort::Plain,
    }
}

/// Writes `text` after every answer in the author's own words, with the number of the answer in it, and returns those
/// texts by pointer. One fact gets one text wherever it stands; a Markdown answer gets a paragraph more.
pub(crate) fn mark(
    tree: &mut Tree,
    leaves: &[Leaf],
    text: impl Fn(usize, &Sort) -> String,
) -> BTreeMap<String, String> {
    let mut marks = BTreeMap::new();
    let mut facts: BTreeMap<&String, String> = BTreeMap::new();
    for (number, leaf) in leaves.iter().enumerate() {
        let mark = match &leaf.sort {
            Sort::Plain | Sort::Markdown => text(number, &leaf.sort),
            Sort::Fact(fact) => facts.entry(fact).or_insert_with(|| text(number, &Sort::Plain)).clone(),
            Sort::MarkdownFact(fact) => facts.entry(fact).or_insert_with(|| text(number, &Sort::Markdown)).clone(),
            _ => continue,
        };
        let Some(Tree::Text(answer)) = tree.at_mut(&leaf.pointer) else { continue };
        let paragraphs = matches!(leaf.sort, Sort::Markdown | Sort::MarkdownFact(_));
        let glue = if paragraphs { "\n\n" } else { " " };
        let end = if answer.ends_with('\n') { "\n" } else { "" };
        *answer = format!("{}{glue}{mark}{end}", answer.trim_end());
        marks.insert(leaf.pointer.clone(), mark);
    }
    marks
}

/// The same answers in few words: the shape of a file does not depend on how long its texts are, only the time to read it.
#[allow(dead_code, reason = "the other test binary looks at whole texts")]
pub(crate) fn shorten(tree: &mut Tree, leaves: &[Leaf]) {
    for leaf in leaves.iter().filter(|leaf| leaf.sort.is_free()) {
        if let Some(Tree::Text(text)) = tree.at_mut(&leaf.pointer) {
            let letters = |c: char| c.is_alphanumeric() || c == ' ';
            let short: String = text.chars().filter(|c| letters(*c)).take(30).collect();
            if !short.trim().is_empty() && short.len() < text.len() {
                // Different texts stay different, equal ones equal.
                *text = format!("{} {}", short.trim(), &techfile::digest::Digest::of(text.as_bytes()).to_string()[..8]);
            }
        }
    }
}
