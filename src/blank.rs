//! The answers file that a person starts with: every question of a kind, each an open point with its clause and an
//! example.
//!
//! Comes in: a [`Kind`] and the [`Catalog`] that cites its clauses. Goes out: YAML that checks clean as a draft and
//! builds at once. Knows no answer, and no kind by name.

mod example;
mod lines;

use crate::answers::MarkerKind;
use crate::catalog::{Applicability, Catalog, Kind, Shape};
use lines::{Lines, folded, scalar, wrapped};

/// The control block and sign-off, which hold values from the start.
const CONTROL: [&str; 3] = ["kind", "document", "sign_off"];
/// The register of evidence, which holds files and no questions.
const EVIDENCE: &str = "evidence";

/// The answers file to start with.
#[must_use]
pub fn blank(kind: &Kind, catalog: &Catalog) -> String {
    let root = kind.schema().root();
    let required = root.required();
    let mut out = Lines::default();
    head(kind, &mut out);
    out.line(0, &format!("kind: {}", kind.id()));
    if let Some(document) = root.property("document") {
        control(document, kind, catalog, &mut out);
    }
    if root.property("sign_off").is_some() {
        out.blank();
        out.comment(0, "Who stands behind the document. `techfile sign-off` prints the lines to add here.");
        out.line(0, "sign_off:");
        out.line(2, "status: draft   # then in-review, then approved");
    }
    for (name, shape) in root.properties().filter(|(name, _)| !CONTROL.contains(name)) {
        let needed = required.contains(&name);
        if name == EVIDENCE {
            evidence(shape, needed, &mut out);
        } else {
            section(name, shape, needed, catalog, &mut out);
        }
    }
    out.finish()
}

/// What this file is and how it is answered.
fn head(kind: &Kind, out: &mut Lines) {
    out.comment(0, kind.title());
    if let Some(about) = kind.schema().root().description() {
        out.comment(0, about);
    }
    out.line(0, "#");
    for line in [
        "How to answer:",
        "- Every question below stands as an open point: `pending:` with the question under `what:`. Put the answer in",
        "  place of the whole `pending:` part, in any order. The lines after `Example:` show the form of an answer;",
        "  without their `# ` they are one.",
        "- Questions that start with `# Optional` are left out until you remove the `# ` before them.",
        "- See how far you are:  techfile check FILE      Make the PDF, open points and all:  techfile build FILE",
        "- `techfile explain CLAUSE` prints the text of a clause, `techfile explain CODE` what a finding means.",
        "",
        "What may stand in place of an answer:",
        "  pending: {what: the question, owner: who answers, due: \"2026-12-31\"}   still open; owner and due by in-review",
        "  not_applicable: \"the reason\"                                           the question does not apply, and why",
    ] {
        out.line(0, format!("# {line}").trim_end());
    }
    out.blank();
}

/// The control block: values that build at once, each to be looked at.
fn control(shape: Shape<'_>, kind: &Kind, catalog: &Catalog, out: &mut Lines) {
    out.blank();
    out.comment(0, "Which document this is. Change these values to yours.");
    out.line(0, "document:");
    let required = shape.required();
    for (name, property) in shape.properties() {
        let value = match name {
            "id" => Some("DOC-001".to_owned()),
            "title" => Some(scalar(kind.title())),
            "revision" => Some("\"1\"".to_owned()),
            "date" => Some(format!("\"{}\"", day(catalog))),
            "language" => Some(language(kind, catalog)),
            _ => None,
        };
        if let Some(question) = property.description().or(property.title()) {
            out.comment(2, question);
        }
        match value {
            Some(value) => out.line(2, &format!("{name}: {value}")),
            None => {
                let example = example::of(name, property);
                let needed = required.contains(&name);
                example.iter().for_each(|line| out.line(2, &if needed { line.clone() } else { format!("# {line}") }));
            }
        }
    }
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
    out.line(0, &format!("# ---- {} {}", shape.title().unwrap_or(name), "-".repeat(40)));
    let required = shape.required();
    let list = shape.kind() == Some("array") || shape.discriminator().is_some();
    if list || !needed || required.is_empty() {
        question(0, name, shape, needed, &Law::above(shape), catalog, out);
        return;
    }
    if let Some(about) = shape.description() {
        out.comment(0, about);
    }
    out.line(0, &format!("{name}:"));
    let law = Law::above(shape);
    for (index, (key, property)) in shape.properties().enumerate() {
        if index > 0 {
            out.blank();
        }
        question(2, key, property, required.contains(&key), &law, catalog, out);
    }
}

/// What the law says of a place, for the places below it.
struct Law<'s> {
    clauses: Vec<&'s str>,
    applicability: Applicability,
    may_follow: bool,
}

impl<'s> Law<'s> {
    fn above(shape: Shape<'s>) -> Self {
        Self {
            clauses: shape.clauses(),
            applicability: shape.applicability().unwrap_or(Applicability::Chapeau),
            may_follow: follows(shape).unwrap_or(false),
        }
    }
}

fn follows(shape: Shape<'_>) -> Option<bool> {
    shape.keyword("x-to-follow")?.as_bool()
}

/// One question: clause, what may stand in its place, example, and the open point.
fn question(
    indent: usize,
    name: &str,
    shape: Shape<'_>,
    needed: bool,
    law: &Law<'_>,
    catalog: &Catalog,
    out: &mut Lines,
) {
    let own = shape.clauses();
    let clauses: Vec<String> =
        if own.is_empty() { &law.clauses } else { &own }.iter().map(|id| catalog.cite(id)).collect();
    let title = shape.title().unwrap_or(name);
    let asked = if clauses.is_empty() { String::new() } else { format!(" ({})", clauses.join("; ")) };
    let optional = if needed { "" } else { "Optional: " };
    out.comment(indent, &format!("{optional}{title}{asked}"));
    let applicability = shape.applicability().unwrap_or(law.applicability);
    if needed && applicability == Applicability::WhereApplicable {
        out.comment(indent, "If there is nothing to say, write the reason:");
        out.line(indent, &format!("#   {name}: {{{}: \"the reason\"}}", MarkerKind::NotApplicable.key()));
    }
    if follows(shape).unwrap_or(law.may_follow) {
        out.comment(indent, "If it comes only after the conformity assessment:");
        out.line(indent, &format!("#   {name}: {{{}: conformity-assessment}}", MarkerKind::ToFollow.key()));
    }
    let what = shape.description().unwrap_or(title);
    if !needed {
        wrapped(what, lines::WIDTH - indent).iter().for_each(|line| out.line(indent, &format!("# {line}")));
    }
    if needed {
        out.line(indent, "# Example:");
    }
    for line in example::of(name, shape) {
        out.line(indent, format!("# {line}").trim_end());
    }
    if needed {
        out.line(indent, &format!("{name}:"));
        out.line(indent + 2, &format!("{}:", MarkerKind::Pending.key()));
        folded("what", what, indent + 4, out);
    }
}

/// The register: files that prove what is said.
fn evidence(shape: Shape<'_>, needed: bool, out: &mut Lines) {
    out.blank();
    out.blank();
    out.line(0, &format!("# ---- {} {}", shape.title().unwrap_or("Evidence"), "-".repeat(40)));
    if let Some(about) = shape.description() {
        out.comment(0, about);
    }
    out.line(0, "# Example:");
    example::of(EVIDENCE, shape).iter().for_each(|line| out.line(0, &format!("# {line}")));
    if needed {
        out.line(0, &format!("{EVIDENCE}: []"));
    }
}
