//! The answers file that a person starts with: every question of a kind, each an open point with its clause and an
//! example.
//!
//! Comes in: a [`Kind`] and the [`Catalog`] that cites its clauses. Goes out: YAML that checks clean as a draft and
//! builds at once. Knows no answer, and no kind by name.

mod example;
mod lines;

use crate::answers::MarkerKind;
use crate::catalog::{Applicability, Catalog, Kind, SEALED, Shape};
use lines::{Lines, folded, scalar};

/// The register of evidence, which holds files and no questions.
const EVIDENCE: &str = "evidence";

/// The answers file to start with; `number` is that of the document, such as `DOC-001`.
#[must_use]
pub fn blank(kind: &Kind, catalog: &Catalog, number: &str) -> String {
    let root = kind.schema().root();
    let required = root.required();
    let mut out = Lines::default();
    head(kind, &mut out);
    out.line(0, &format!("kind: {}", kind.id()));
    if let Some(document) = root.property("document") {
        control(document, kind, catalog, number, &mut out);
    }
    if root.property("sign_off").is_some() {
        out.blank();
        out.prose(0, "Who stands behind the document. `techfile sign-off` prints the lines to add here.");
        out.line(0, "sign_off:");
        out.line(2, "status: draft   # then in-review, then approved");
    }
    // The register of evidence is the one shared part that is written below, among the questions.
    for (name, shape) in questions(root) {
        let needed = required.contains(&name);
        if name == EVIDENCE {
            evidence(shape, needed, &mut out);
        } else {
            section(name, shape, needed, catalog, &mut out);
        }
    }
    out.finish()
}

/// What is asked: the kind's own parts and the evidence, without the lists that nobody writes by hand.
fn questions(root: Shape<'_>) -> impl Iterator<Item = (&str, Shape<'_>)> {
    root.properties()
        .filter(|(name, shape)| (*name == EVIDENCE || !SEALED.contains(name)) && shape.keyword("x-collect").is_none())
}

/// What this file is and how it is answered.
fn head(kind: &Kind, out: &mut Lines) {
    out.prose(0, kind.title());
    if let Some(about) = kind.schema().root().description() {
        out.prose(0, about);
    }
    for line in [
        "",
        "How to answer",
        "- Each question stands as an open point: `pending:` with the question under `what:`. Put your answer in place of",
        "  the whole `pending:` part. Answer in any order; what is still open is listed in the document.",
        "- Lines that start with `# ` show the form of an answer. Remove the `# ` and they are one. `\"…\"` is for you to fill.",
        "- Files that prove an answer are registered under `evidence`, at the end; answers cite them by their id.",
        "- See how far you are with `techfile check FILE`; make the PDF, open points and all, with `techfile build FILE`.",
        "- `techfile explain CODE` says what a finding means, `techfile explain CLAUSE` what a clause asks.",
        "",
        "What may stand in place of an answer",
        "- Still open:      pending: {what: the question, owner: who answers, due: \"2026-12-31\"}",
        "                   (owner and due can wait until the document is in review)",
        "- Does not apply:  not_applicable: \"the reason\"",
    ] {
        out.line(0, format!("## {line}").trim_end());
    }
    out.blank();
}

/// The control block: values that build at once, each to be looked at.
fn control(shape: Shape<'_>, kind: &Kind, catalog: &Catalog, number: &str, out: &mut Lines) {
    out.blank();
    out.prose(0, "Which document this is. Change these values to yours.");
    out.line(0, "document:");
    let required = shape.required();
    for (name, property) in shape.properties() {
        let value = match name {
            "id" => Some(scalar(number)),
            "title" => Some(scalar(kind.title())),
            "revision" => Some("\"1\"".to_owned()),
            "date" => Some(format!("\"{}\"", day(catalog))),
            "language" => Some(language(kind, catalog)),
            "owner" => Some("not named yet".to_owned()),
            _ => None,
        };
        let value = value.filter(|_| name != "owner" || required.contains(&name));
        if let Some(question) = property.description().or(property.title()) {
            out.prose(2, question);
        }
        let example = || match name {
            // The first line of the history is about this revision.
            "revisions" => history(&day(catalog)),
            _ => example::of(name, property),
        };
        if let Some(value) = value {
            out.line(2, &format!("{name}: {value}"));
        } else if required.contains(&name) {
            for line in example() {
                out.line(2, &line);
            }
        } else {
            out.example(2, &example());
        }
    }
}

fn history(day: &str) -> Vec<String> {
    let lines = ["revisions:", "  - revision: \"1\"", "    date: DAY", "    author: \"…\"", "    summary: first draft"];
    lines.map(|line| line.replace("DAY", &format!("\"{day}\""))).to_vec()
}

/// The day that stands in a new file. The library has no clock, so it is the day of which the law is the state: a true
/// date, never before the law that is answered.
fn day(catalog: &Catalog) -> String {
    let frameworks = catalog.framework_ids().filter_map(|id| catalog.framework(id)?.ok());
    frameworks.map(|framework| framework.state.date.clone()).max().unwrap_or_else(|| "2026-01-01".to_owned())
}

/// English if the kind has words for it, else the first language that it has.
fn language(kind: &Kind, catalog: &Catalog) -> String {
    let own = format!("/{}.yaml", kind.id());
    let mut known = catalog.paths().filter_map(|path| path.strip_prefix("templates/locales/")?.strip_suffix(&own));
    let first = known.next().unwrap_or("en");
    if known.any(|language| language == "en") { "en".to_owned() } else { scalar(first) }
}

/// A part of the document: its questions, or itself as one question.
fn section(name: &str, shape: Shape<'_>, needed: bool, catalog: &Catalog, out: &mut Lines) {
    out.blank();
    out.blank();
    let required = shape.required();
    let whole = shape.kind() != Some("object") || shape.discriminator().is_some() || required.is_empty();
    if whole || !needed {
        question(0, name, shape, needed, &shape.clauses(), catalog, out);
        return;
    }
    banner(shape.title().unwrap_or(name), out);
    if let Some(about) = shape.description() {
        out.prose(0, about);
    }
    let clauses = shape.clauses();
    instead(shape, needed, "The whole part", 0, out);
    out.line(0, &format!("{name}:"));
    for (index, (key, property)) in shape.properties().enumerate() {
        if index > 0 {
            out.blank();
        }
        question(2, key, property, required.contains(&key), &clauses, catalog, out);
    }
}

/// A line that is found when scrolling.
fn banner(title: &str, out: &mut Lines) {
    let rule = "=".repeat((lines::WIDTH - title.chars().count().min(lines::WIDTH)).max(4));
    out.line(0, &format!("## {title} {rule}"));
}

/// What may stand in place of an answer here, if the shape itself says so.
fn instead(shape: Shape<'_>, needed: bool, what: &str, indent: usize, out: &mut Lines) {
    let mut markers = Vec::new();
    if needed && shape.applicability() == Some(Applicability::WhereApplicable) {
        markers.push(format!("`{}: \"the reason\"`", MarkerKind::NotApplicable.key()));
    }
    if shape.keyword("x-to-follow").and_then(serde_json::Value::as_bool) == Some(true) {
        markers.push(format!("`{}: conformity-assessment`", MarkerKind::ToFollow.key()));
    }
    if !markers.is_empty() {
        out.prose(indent, &format!("{what} may also be answered by {}.", markers.join(" or ")));
    }
}

/// " (AI Act, Annex IV, point 1(a); Article 13(2))": each framework named once.
fn cited(clauses: &[&str], catalog: &Catalog) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut before = "";
    for id in clauses {
        let full = catalog.cite(id);
        let framework = id.split(':').next().unwrap_or(id);
        let short = full.split_once(", ").map(|(_, clause)| clause.to_owned()).filter(|_| framework == before);
        parts.push(short.unwrap_or(full));
        before = framework;
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

/// One question: clause, what may stand in its place, example, and the open point.
fn question(
    indent: usize,
    name: &str,
    shape: Shape<'_>,
    needed: bool,
    inherited: &[&str],
    catalog: &Catalog,
    out: &mut Lines,
) {
    let own = shape.clauses();
    let title = shape.title().unwrap_or(name);
    let asked = cited(if own.is_empty() { inherited } else { &own }, catalog);
    let optional = if needed { "" } else { "Optional: " };
    let heading = format!("{optional}{title}{asked}");
    if indent == 0 {
        banner(&heading, out);
    } else {
        out.prose(indent, &heading);
    }
    instead(shape, needed, "It", indent, out);
    let what = shape.description().or(shape.title());
    if let (Some(what), false) = (what.filter(|what| *what != title), needed) {
        out.prose(indent, what);
    }
    let forms = example::choices(name, shape);
    if forms.is_empty() {
        out.example(indent, &example::of(name, shape));
    }
    for (choice, form) in forms {
        out.prose(indent, &format!("With `{choice}`:"));
        out.example(indent, &form);
    }
    if needed {
        out.line(indent, &format!("{name}:"));
        out.line(indent + 2, &format!("{}:", MarkerKind::Pending.key()));
        folded("what", what.unwrap_or(title), indent + 4, out);
    }
}

/// The register: files that prove what is said.
fn evidence(shape: Shape<'_>, needed: bool, out: &mut Lines) {
    out.blank();
    out.blank();
    banner(shape.title().unwrap_or("Evidence"), out);
    out.prose(0, shape.description().unwrap_or("Files that prove what is said; answers cite them by their id."));
    out.example(0, &example::of(EVIDENCE, shape));
    if needed {
        out.line(0, &format!("{EVIDENCE}: []"));
    }
}
