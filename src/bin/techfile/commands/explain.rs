//! `techfile explain CODE|CLAUSE`

use techfile::catalog::{Act, Catalog, Clause, Form, Framework, Level, Shape, Status};
use techfile::diagnostic::Code;

use crate::exit::{Exit, Failure, nearest};
use crate::terminal::Terminal;

/// Characters in a line.
const WIDTH: usize = 96;
/// Steps below the root of a kind's questions; shapes may contain themselves.
const DEPTH: usize = 12;

pub(super) fn run(catalog: &Catalog, what: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(code) = Code::parse(what) {
        terminal.result(&format!("{}\n\n{}", code.as_str(), reflowed(code.explain().unwrap_or_default())))?;
        return Ok(Exit::Success);
    }
    let frameworks = catalog.framework_ids().filter_map(|id| catalog.framework(id));
    let frameworks: Vec<&Framework> = frameworks.collect::<Result<_, _>>()?;
    let named = |framework: &Framework, clause: &Clause| format!("{}:{}", framework.framework, clause.id);
    // By its id, or as findings and documents cite it.
    let means = |framework: &Framework, clause: &Clause| {
        let cited = format!("{}, {}", framework.short_name, clause.label);
        [&clause.id, &named(framework, clause), &clause.label, &cited]
            .into_iter()
            .any(|name| name.eq_ignore_ascii_case(what))
    };
    let all =
        || frameworks.iter().flat_map(|framework| framework.clauses().iter().map(move |clause| (*framework, clause)));
    if let Some((framework, clause)) = all().find(|(framework, clause)| means(framework, clause)) {
        terminal.result(&told(catalog, framework, clause))?;
        return Ok(Exit::Success);
    }
    let long = what.contains(':');
    let clauses: Vec<String> =
        all().map(|(f, clause)| if long { named(f, clause) } else { clause.id.clone() }).collect();
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let help = match nearest(what, codes.chain(clauses.iter().map(String::as_str))) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "give the code of a finding, such as `missing-answer`, or the id of a clause, such as `annex-iv.2.d`".into()
        }
    };
    Err(Failure::usage(format!("`{what}` is neither the code of a finding nor the id of a clause")).help(help))
}

fn told(catalog: &Catalog, framework: &Framework, clause: &Clause) -> String {
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
    section("Confidence", confidence(clause));
    section("Answered by", answered(catalog, &id));
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

/// What is less than certain about an entry.
fn confidence(clause: &Clause) -> String {
    let Some(confidence) = &clause.confidence else { return String::new() };
    let level = match confidence.level {
        Level::MediumHigh => "medium to high",
        Level::Medium => "medium",
    };
    wrapped(&format!("{level}, as to {}", confidence.about), "  ")
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

/// An explanation in lines of a bearable length; what is indented stands as it is.
fn reflowed(markdown: &str) -> String {
    let paragraphs = markdown.split("\n\n").map(|paragraph| {
        if paragraph.starts_with("    ") {
            format!("{paragraph}\n")
        } else {
            wrapped(&paragraph.replace('\n', " "), "")
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// Words in lines of a bearable length.
fn wrapped(text: &str, indent: &str) -> String {
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
