//! A provision for people: what it asks, how the law stands, what a breach costs, what answers it, and its counterparts.
//!
//! Comes in: a clause with its framework, the catalogue of kinds, the crosswalk. Goes out: text in lines of a bearable
//! length. Everything that it says of law is data of the catalogue.

use crate::catalog::{Act, Catalog, Clause, Crosswalk, Form, Framework, Level, Relation, Row, Shape, Status};

/// Characters in a line.
const WIDTH: usize = 96;
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
    section("Text", clause.text.as_deref().map(|text| wrapped(text, "  ")).unwrap_or_default());
    section("What it needs, in our words", clause.needs.as_deref().map(|text| wrapped(text, "  ")).unwrap_or_default());
    section("Documented information", documented(clause));
    if let Some(condition) = &clause.condition {
        section("Condition", wrapped(&format!("“{}”: {}", condition.words, condition.covers), "  "));
    }
    section("Legal state", state(framework, clause));
    section("Fines", fines(framework, clause));
    section("Confidence", confidence(clause));
    section("Answered by", answered(catalog, &id));
    section("Counterparts", counterparts(catalog, crosswalk, &id));
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

/// What a breach can cost, and why.
fn fines(framework: &Framework, clause: &Clause) -> String {
    let Some(penalties) = &framework.penalties else { return String::new() };
    let Some((tier, duty)) = penalties.of(&clause.id) else {
        return penalties.elsewhere(&clause.id).map(item).unwrap_or_default();
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

/// What the other framework has for a clause, for its parts or, failing both, for the nearest clause above it.
fn counterparts(catalog: &Catalog, crosswalk: &Crosswalk, id: &str) -> String {
    let below = parts(crosswalk, id);
    if crosswalk.of(id).next().is_none() && !below.is_empty() {
        return below;
    }
    let above = std::iter::successors(Some(id), |id| Some(id.rsplit_once('.')?.0));
    let Some((of, rows)) =
        above.map(|id| (id, crosswalk.of(id).collect::<Vec<_>>())).find(|(_, rows)| !rows.is_empty())
    else {
        return item("the crosswalk names none");
    };
    let mut out = String::new();
    if of != id {
        out += &item(&format!("those of {}, of which this is a part:", catalog.cite(of)));
    }
    for row in rows {
        out += &item(&told(catalog, row, of));
    }
    out += &below;
    let lone = crosswalk.without_counterpart.iter().filter(|lone| lone.clauses.iter().any(|clause| clause == of));
    lone.for_each(|lone| out += &item(&format!("what the other side does not know at all: {}", lone.what)));
    let state = &crosswalk.state;
    out += &item(&format!(
        "whoever meets one side has not met the other; {} confidence, state of {}",
        level(state.confidence),
        state.date
    ));
    out
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
    let told = |parts: &[&str]| item(&format!("its parts are told of one by one: {}", parts.join(", ")));
    if parts.is_empty() { String::new() } else { told(&parts) }
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

/// What answers a clause: kinds that it is the basis of, and the questions that name it or, failing them, its parts.
fn answered(catalog: &Catalog, id: &str) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    let parts = format!("{id}.");
    for kind in catalog.kind_ids().filter_map(|kind| catalog.kind(kind)?.ok()) {
        if kind.legal_basis().contains(&id) {
            rows.push((kind.id().to_owned(), format!("the whole document: {}", kind.title())));
            continue;
        }
        let mut found = Vec::new();
        walk(kind.schema().root(), "", DEPTH, &|clause| clause == id, &mut found);
        if found.is_empty() {
            walk(kind.schema().root(), "", DEPTH, &|clause| clause.starts_with(&parts), &mut found);
        }
        let found = found.into_iter();
        rows.extend(found.map(|(at, title)| (format!("{} {at}", kind.id()), title.unwrap_or_default().to_owned())));
    }
    let width = rows.iter().map(|(place, _)| place.len()).max().unwrap_or(0);
    let lines = rows.iter().map(|(place, title)| format!("  {place:width$}  {title}").trim_end().to_owned() + "\n");
    lines.collect::<Vec<_>>().concat()
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
