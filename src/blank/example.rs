//! Examples of answers, in the form that their shape asks for.
//!
//! Comes in: a name and a shape. Goes out: lines of YAML, from the schema's own example or, failing that, from the parts
//! of the shape. What nobody can guess is `…`, which `check` refuses as a placeholder.

use serde_json::Value as Json;

use super::lines::{WIDTH, scalar, wrapped};
use crate::catalog::Shape;

/// What nobody can guess.
const UNKNOWN: &str = "\"…\"";
/// Steps into parts of parts; shapes may contain themselves.
const DEPTH: usize = 6;

/// `name: …` and what belongs under it.
pub(super) fn of(name: &str, shape: Shape<'_>) -> Vec<String> {
    keyed(name, &form(shape, DEPTH))
}

/// The same for each form of a choice, with the word that chooses it; none if there is nothing to choose.
pub(super) fn choices(name: &str, shape: Shape<'_>) -> Vec<(String, Vec<String>)> {
    let Some((key, words)) = shape.discriminator().filter(|_| given(shape).is_none()) else { return Vec::new() };
    let branches = words.into_iter().zip(shape.branches()).enumerate();
    branches
        .map(|(index, (word, branch))| (format!("{key}: {word}"), keyed(name, &parts(branch, index, None, DEPTH))))
        .collect()
}

/// A value: on the line of its key, or on lines of its own below it.
enum Form {
    Inline(String),
    Lines(Vec<String>),
    /// A text of several lines, with its block mark.
    Block(&'static str, Vec<String>),
}

fn given(shape: Shape<'_>) -> Option<&Json> {
    shape.keyword("examples")?.as_array()?.first()
}

/// The example for this form of a choice: what the forms share may have one for each.
fn given_to(shape: Shape<'_>, form: usize) -> Option<&Json> {
    shape.keyword("examples")?.as_array()?.get(form)
}

fn keyed(name: &str, form: &Form) -> Vec<String> {
    match form {
        Form::Inline(value) => vec![format!("{name}: {value}")],
        Form::Lines(lines) => under(format!("{name}:"), lines),
        Form::Block(mark, lines) => under(format!("{name}: {mark}"), lines),
    }
}

fn under(first: String, lines: &[String]) -> Vec<String> {
    let indented = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") });
    std::iter::once(first).chain(indented).collect()
}

/// Items of a list: `- ` before the first line, two spaces before the others.
fn item(form: Form) -> Vec<String> {
    match form {
        Form::Inline(value) => vec![format!("- {value}")],
        Form::Block(mark, lines) => under(format!("- {mark}"), &lines),
        Form::Lines(lines) => {
            let mark = |index| if index == 0 { "- " } else { "  " };
            lines.iter().enumerate().map(|(index, line)| format!("{}{line}", mark(index))).collect()
        }
    }
}

/// A value of the schema's examples as YAML.
fn yaml(value: &Json) -> Form {
    match value {
        Json::String(text) if text.trim_end().contains('\n') => {
            Form::Block("|", text.trim_end().lines().map(str::to_owned).collect())
        }
        Json::String(text) if text.chars().count() > WIDTH - 20 && !text.contains("  ") => {
            Form::Block(">-", wrapped(text, WIDTH - 10))
        }
        Json::String(text) => Form::Inline(scalar(text)),
        Json::Array(items) if items.is_empty() => Form::Inline("[]".into()),
        Json::Array(items) => Form::Lines(items.iter().flat_map(|value| item(yaml(value))).collect()),
        Json::Object(map) if map.is_empty() => Form::Inline("{}".into()),
        Json::Object(map) => Form::Lines(map.iter().flat_map(|(key, value)| keyed(key, &yaml(value))).collect()),
        other => Form::Inline(other.to_string()),
    }
}

/// A value made of the parts of a shape.
fn form(shape: Shape<'_>, depth: usize) -> Form {
    if let Some(example) = given(shape) {
        return yaml(example);
    }
    let first = |values: &Json| values.as_array().and_then(|values| values.first()).map(yaml);
    if let Some(constant) = shape.keyword("const") {
        return yaml(constant);
    }
    if let Some(form) = shape.keyword("enum").and_then(first) {
        return form;
    }
    match shape.kind() {
        _ if depth == 0 => Form::Inline(UNKNOWN.into()),
        Some("array") => match shape.items() {
            // Of a list whose items take several forms, one of each.
            Some(items) if items.discriminator().is_some() && given(items).is_none() => {
                let choices = items.discriminator();
                let each = items.branches().enumerate();
                let each = each.map(|(index, branch)| parts(branch, index, choices.as_ref(), depth - 1));
                Form::Lines(each.flat_map(item).collect())
            }
            Some(items) => Form::Lines(item(form(items, depth - 1))),
            None => Form::Inline("[]".into()),
        },
        Some("object") | None if shape.properties().next().is_some() || shape.discriminator().is_some() => {
            parts(shape.branches().next().unwrap_or(shape), 0, shape.discriminator().as_ref(), depth)
        }
        Some("boolean") => Form::Inline("true".into()),
        Some("integer") => Form::Inline(shape.keyword("minimum").map_or_else(|| "1".into(), Json::to_string)),
        _ if shape.is_decimal() => Form::Inline("0.95".into()),
        _ if shape.text("format") == Some("date") => Form::Inline("\"2026-12-31\"".into()),
        _ => Form::Inline(UNKNOWN.into()),
    }
}

/// What the parts of an object may be, in the form that was chosen, and which one that is.
fn parts(chosen: Shape<'_>, number: usize, choices: Option<&(&str, Vec<&str>)>, depth: usize) -> Form {
    let required = chosen.required();
    let mut lines = Vec::new();
    for (name, part) in chosen.properties() {
        let needed = required.contains(&name) || choices.as_ref().is_some_and(|(own, _)| *own == name);
        let value = given_to(part, number).map_or_else(|| form(part, depth - 1), yaml);
        let unknown = matches!(&value, Form::Inline(text) if text == UNKNOWN);
        let block = matches!(value, Form::Block(..));
        let mut own = keyed(name, &value);
        let words: Vec<&str> = match choices {
            Some((discriminator, words)) if *discriminator == name => words.clone(),
            _ => part.texts("enum"),
        };
        let mut notes = Vec::new();
        if !needed {
            notes.push("optional".to_owned());
        }
        if words.len() > 1 {
            notes.push(format!("one of: {}", words.join(", ")));
        } else if let (Some(title), true) = (part.title(), unknown) {
            notes.push(title.to_owned());
        }
        // A block mark must end its line.
        if let (Some(first), false, false) = (own.first_mut(), notes.is_empty(), block) {
            first.push_str("   # ");
            first.push_str(&notes.join("; "));
        }
        lines.extend(own);
    }
    Form::Lines(lines)
}
