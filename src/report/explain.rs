//! A provision for people: what it asks, how the law stands, what a breach costs, what answers it, and its counterparts.
//!
//! Comes in: a clause with its framework, the catalogue of kinds, the crosswalk. Goes out: text in lines of a bearable
//! length. Everything that it says of law is data of the catalogue.

use crate::catalog::{
    Act, Catalog, Clause, Crosswalk, Form, Framework, Level, Relation, Row, Shape, Status, is_within,
};
use crate::coverage::lists;

/// Characters in a line.
const WIDTH: usize = 96;
/// Characters of a part's text that tell it from the others.
const OPENING: usize = 90;
/// Steps below the root of a kind's questions; shapes may contain themselves.
const DEPTH: usize = 12;

/// What `explain` says of a clause.
#[must_use]
pub fn provision(catalog: &Catalog, crosswalk: &Crosswalk, framework: &Framework, clause: &Clause) -> String {
    let id = format!("{}:{}", framework.framework, clause.id);
    let mut out = format!("{}, {}: {}\n{id}\n", framework.short_name, clause.label, clause.title);
    let mut section = |heading: &str, text: String| {
        if !text.is_empty() {
            out.extend(["\n", heading, "\n", &text]);
        }
    };
    let below = headed(framework, clause);
    let text = clause.text.as_deref().filter(|_| below.is_empty());
    section("Text", text.map(|text| wrapped(text, "  ")).unwrap_or_default());
    section("Parts", below);
    section("What it needs, in our words", clause.needs.as_deref().map(|text| wrapped(text, "  ")).unwrap_or_default());
    section("Documented information", documented(clause));
    if let Some(condition) = &clause.condition {
        section("Condition", wrapped(&format!("“{}”: {}", condition.words, condition.covers), "  "));
    }
    section("Legal state", state(framework, clause));
    section("Fines", fines(framework, clause));
    section("Confidence", confidence(clause));
    section("Answered by", answered(catalog, clause, &id));
    section("Counterparts", counterparts(catalog, crosswalk, clause, &id));
    let related = clause.related.iter().filter_map(|other| framework.clause(other));
    let related: Vec<String> =
        related.map(|other| format!("  {}  {}, {}\n", other.id, other.label, other.title)).collect();
    section("Related", related.concat());
    section("Source", wrapped(&format!("{}. {}", framework.title, framework.attribution), "  "));
    out
}

/// The document or record that a clause calls for.
fn documented(clause: &Clause) -> String {
    let Some(documented) = &clause.documented else { return String::new() };
    let form = match documented.form {
        Form::Document => "a document",
        Form::Record => "a record",
    };
    wrapped(&format!("{form}: {}", documented.what), "  ")
}

/// The parts of a provision whose own text is only its heading.
fn headed(framework: &Framework, clause: &Clause) -> String {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if clause.text.as_deref().map(words).as_deref() != Some(&clause.title) {
        return String::new();
    }
    let mut told = framework.children(&clause.id);
    // An introductory sentence that stands alone leads to points.
    if let [only] = told[..] {
        told.extend(framework.children(&only.id));
    }
    let line = |part: &&Clause| {
        let what = match part.text.as_deref() {
            _ if part.title != clause.title => part.title.clone(),
            Some(text) => opening(&words(text)),
            None => "deleted".to_owned(),
        };
        item(&format!("{} ({}): {what}", part.label, part.id))
    };
    told.iter().map(line).collect::<Vec<_>>().concat()
}

/// The first words of a text.
fn opening(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(OPENING) else { return text.to_owned() };
    let end = text[..end].rfind(' ').unwrap_or(end);
    format!("{} …", text[..end].trim_end_matches([',', ';', ':']))
}

/// What a breach can cost, and why. Nobody can breach what was taken out.
fn fines(framework: &Framework, clause: &Clause) -> String {
    let Some(penalties) = framework.penalties.as_ref().filter(|_| clause.state.status != Status::Deleted) else {
        return String::new();
    };
    let Some((tier, duty)) = penalties.of(&clause.id) else {
        return penalties.elsewhere(&clause.id).map_or_else(|| one_by_one(&penalties.below(&clause.id)), item);
    };
    let through = duty.and_then(|duty| duty.through.as_deref()).map(|by| format!(", through {by}"));
    let basis = duty.map_or_else(
        || framework.clause(&tier.clause).map_or_else(String::new, |clause| clause.label.clone()),
        |duty| duty.basis.clone(),
    );
    let (amount, share) = (&tier.amount, &tier.share);
    [
        item(&format!(
            "up to {amount} or, for an undertaking, {share} of its worldwide annual turnover, whichever is higher ({basis}{})",
            through.unwrap_or_default()
        )),
        item(&format!("whichever is lower for {}", tier.lower_for.join("; for "))),
        item(&penalties.note),
        item(&format!("this is the state of {}: {}", penalties.date, penalties.source)),
    ]
    .concat()
}

fn item(text: &str) -> String {
    format!("  - {}", wrapped(text, "    ").trim_start())
}

/// What the other framework has for a clause, for its parts and for the clauses above it. What was taken out inherits
/// nothing.
fn counterparts(catalog: &Catalog, crosswalk: &Crosswalk, clause: &Clause, id: &str) -> String {
    if clause.state.status == Status::Deleted && crosswalk.of(id).next().is_none() {
        return String::new();
    }
    let mut out = String::new();
    let mut known: Vec<&str> = Vec::new();
    for of in upwards(id) {
        let rows: Vec<&Row> = crosswalk.of(of).filter(|row| !known.contains(&row.id.as_str())).collect();
        if of != id && !rows.is_empty() {
            out += &item(&format!("those of {}, of which this is a part:", catalog.cite(of)));
        }
        for row in &rows {
            out += &item(&told(catalog, row, of));
            known.push(&row.id);
        }
        if of == id {
            out += &parts(crosswalk, id);
        }
        if !rows.is_empty() {
            let lone = crosswalk.without_counterpart.iter();
            for lone in lone.filter(|lone| lone.clauses.iter().any(|clause| clause == of)) {
                out += &item(&format!("what the other side does not know at all: {}", lone.what));
            }
        }
    }
    if out.is_empty() {
        return item("the crosswalk names none");
    }
    if !known.is_empty() {
        let state = &crosswalk.state;
        out += &item(&format!(
            "whoever meets one side has not met the other; {} confidence, state of {}",
            level(state.confidence),
            state.date
        ));
    }
    out
}

/// A clause and those above it, the nearest first.
fn upwards(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(id), |id| Some(id.rsplit_once('.')?.0))
}

/// One row, as one of its sides reads it.
fn told(catalog: &Catalog, row: &Row, of: &str) -> String {
    let cited =
        |ids: &[String]| ids.iter().map(|id| format!("{} ({id})", catalog.cite(id))).collect::<Vec<_>>().join("; ");
    let others = if row.from.iter().any(|id| id == of) { &row.to } else { &row.from };
    let about = row.about.as_deref().map(|about| format!(", as to {about}")).unwrap_or_default();
    let relation = match row.relation {
        Relation::SimilarPurpose => format!("similar purpose{about}: {}", cited(others)),
        Relation::Partial => format!("in part{about}: {}", cited(others)),
        Relation::None if row.nearest.is_empty() => format!("no counterpart{about}"),
        Relation::None => format!("no counterpart{about}; the nearest is {}", cited(&row.nearest)),
    };
    format!("{relation}. {}", row.reason.trim())
}

/// The parts of a clause that have counterparts.
fn parts(crosswalk: &Crosswalk, id: &str) -> String {
    let below = format!("{id}.");
    let mut parts: Vec<&str> = Vec::new();
    let named = crosswalk.rows.iter().flat_map(|row| row.from.iter().chain(&row.to));
    for part in named.filter(|part| part.starts_with(&below)) {
        if !parts.contains(&part.as_str()) {
            parts.push(part);
        }
    }
    one_by_one(&parts)
}

/// Parts of a clause of which each has something of its own to tell.
fn one_by_one(parts: &[&str]) -> String {
    if parts.is_empty() {
        String::new()
    } else {
        item(&format!("its parts are told of one by one: {}", parts.join(", ")))
    }
}

/// What is less than certain about an entry.
fn confidence(clause: &Clause) -> String {
    let Some(confidence) = &clause.confidence else { return String::new() };
    wrapped(&format!("{}, as to {}", level(confidence.level), confidence.about), "  ")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::MediumHigh => "medium to high",
        Level::Medium => "medium",
    }
}

fn state(framework: &Framework, clause: &Clause) -> String {
    let mut out = String::new();
    let mut say = |text: String| {
        let lines = wrapped(&text, "    ");
        out.push_str("  - ");
        out.push_str(lines.trim_start());
    };
    if let Some(act) = framework.act(clause) {
        let point = clause.state.point.as_deref().map(|point| format!(", {point}")).unwrap_or_default();
        let what = match clause.state.status {
            Status::InForce if act.in_force.is_none() => "as published in",
            Status::InForce => "as adopted by",
            Status::Amended => "as amended by",
            Status::Inserted => "inserted by",
            Status::Deleted => "deleted by",
        };
        let since = act.in_force.as_deref().map(|day| format!(", in force since {day}")).unwrap_or_default();
        say(format!("{what} {}{point} ({}){since}", named(act), act.published));
    }
    if let Some(moved) = clause.moved_to.as_ref().and_then(|id| framework.clause(id)) {
        say(format!("its content is now in {} ({})", moved.label, moved.id));
    }
    if let Some(application) = framework.applies(clause) {
        for start in &application.dates {
            say(format!("applies from {} to {} ({})", start.from, start.systems, start.basis));
        }
        application.note.iter().for_each(|note| say(note.clone()));
    }
    say(format!("this is the state of {}, {}", framework.state.date, framework.state.consolidated));
    out
}

/// "Regulation (EU) 2026/1744": the name up to its number, else the number alone.
fn named(act: &Act) -> String {
    let end = act.title.find(&act.id).map(|at| at + act.id.len());
    end.map_or_else(|| act.id.clone(), |end| act.title[..end].to_owned())
}

/// What answers a clause or, failing that, the nearest clause above it. Nothing answers what was taken out.
fn answered(catalog: &Catalog, clause: &Clause, id: &str) -> String {
    if clause.state.status == Status::Deleted {
        return String::new();
    }
    for of in upwards(id) {
        let rows = asking(catalog, of, of == id);
        if rows.is_empty() {
            continue;
        }
        let lead = if of == id {
            String::new()
        } else {
            wrapped(&format!("what answers {}, of which this is a part:", catalog.cite(of)), "  ")
        };
        let width = rows.iter().map(|(place, _)| place.len()).max().unwrap_or(0);
        let lines = rows.iter().map(|(place, title)| format!("  {place:width$}  {title}").trim_end().to_owned() + "\n");
        return lead + &lines.collect::<Vec<_>>().concat();
    }
    String::new()
}

/// Kinds that a clause is the basis of, the questions that name it or, failing them, its parts, and the lists that go
/// through all of a group in which it is.
fn asking(catalog: &Catalog, id: &str, with_parts: bool) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let parts = format!("{id}.");
    for kind in catalog.kind_ids().filter_map(|kind| catalog.kind(kind)?.ok()) {
        if kind.legal_basis().contains(&id) {
            rows.push((kind.id().to_owned(), format!("the whole document: {}", kind.title())));
            continue;
        }
        let root = kind.schema().root();
        let mut found = Vec::new();
        walk(root, "", DEPTH, &|clause| clause == id, &mut found);
        if found.is_empty() && with_parts {
            walk(root, "", DEPTH, &|clause| clause.starts_with(&parts), &mut found);
        }
        for (name, list, _) in lists(root).filter(|(.., group)| is_within(id, group)) {
            let pointer = format!("/{name}");
            if !found.iter().any(|(known, _)| *known == pointer) {
                found.push((pointer, list.title()));
            }
        }
        let found = found.into_iter();
        rows.extend(found.map(|(at, title)| (format!("{} {at}", kind.id()), title.unwrap_or_default().to_owned())));
    }
    rows
}

fn walk<'s>(
    shape: Shape<'s>,
    pointer: &str,
    depth: usize,
    names: &dyn Fn(&str) -> bool,
    found: &mut Vec<(String, Option<&'s str>)>,
) {
    if shape.clauses().into_iter().any(names) && !found.iter().any(|(known, _)| *known == pointer) {
        found.push((pointer.to_owned(), shape.title()));
    }
    if depth == 0 {
        return;
    }
    for whole in std::iter::once(shape).chain(shape.branches()) {
        for (name, property) in whole.properties() {
            walk(property, &format!("{pointer}/{name}"), depth - 1, names, found);
        }
    }
    if let Some(items) = shape.items() {
        walk(items, &format!("{pointer}/*"), depth - 1, names, found);
    }
}

/// Words in lines of a bearable length.
#[must_use]
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > WIDTH {
                out.extend([indent, &line, "\n"]);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        out.push_str(if line.is_empty() { "" } else { indent });
        out.push_str(&line);
        out.push('\n');
    }
    out
}
