//! The rules of JSON Schema, in the reader's words.
//!
//! Comes in: the typed value and the compiled schema. Goes out: findings for what the schema itself demands. Errors that
//! only follow from another one are left out, and in a choice only the branch that was taken speaks. A misspelt name is
//! one mistake: the answer that it stands for is not missing as well.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Rule;
use serde_json::Value as Json;

use super::walk::{Law, Walk, ask, name, nearest, one_of, undrawn};
use crate::answers::{FROM, Node, join};
use crate::catalog::{CatalogError, Schema, Shape};
use crate::diagnostic::{Code, Diagnostic, Place};

/// What the rules of a schema say.
pub(super) struct Judged {
    pub(super) findings: Vec<Diagnostic>,
    /// Pointers of the answers that a misspelt name was meant for.
    pub(super) meant: BTreeSet<String>,
}

pub(super) fn judge(root: &Node, schema: &Schema, walk: &Walk<'_>) -> Result<Judged, CatalogError> {
    let mut instance = walk.value.clone();
    for pointer in &walk.muted {
        if let Some(value) = instance.pointer_mut(pointer)
            && !pointer.is_empty()
        {
            // Like nothing else, so that two of them in a list are not the same thing twice; no answer holds U+0000.
            *value = Json::String(format!("\0{pointer}"));
        }
    }
    let errors = schema.validator()?.iter_errors(&instance);
    let muted = walk.muted.iter().map(String::as_str).collect();
    let mut rules = Rules { root, schema, walk, muted, findings: Vec::new(), meant: BTreeSet::new() };
    let (late, early): (Vec<_>, Vec<_>) = errors.partition(|error| follows(error));
    for error in early.iter().chain(&late) {
        rules.take(error);
    }
    let Rules { mut findings, meant, .. } = rules;
    findings.retain(|finding| finding.code != Code::MissingAnswer || !meant.contains(&finding.place.pointer));
    Ok(Judged { findings, meant })
}

/// Unevaluated properties are also reported where a branch failed for another reason.
fn follows(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Rule::UnevaluatedProperties { .. })
}

struct Rules<'r> {
    root: &'r Node,
    schema: &'r Schema,
    walk: &'r Walk<'r>,
    /// Pointers at and below which there is nothing to add.
    muted: BTreeSet<&'r str>,
    findings: Vec<Diagnostic>,
    meant: BTreeSet<String>,
}

impl<'r> Rules<'r> {
    fn take(&mut self, error: &ValidationError<'_>) {
        let pointer = error.instance_path().as_str().to_owned();
        let mut above = std::iter::successors(Some(pointer.as_str()), |at| Some(at.rsplit_once('/')?.0));
        if above.any(|at| self.muted.contains(at)) {
            return;
        }
        let (shape, law) = self.shape(&pointer);
        match error.kind() {
            Rule::Required { property } => {
                if let Some(property) = property.as_str() {
                    self.missing(&pointer, property, shape, &law);
                }
            }
            Rule::AdditionalProperties { unexpected } => self.unknown(&pointer, unexpected, shape, &law),
            Rule::UnevaluatedProperties { unexpected } => {
                let unexpected: Vec<String> = match shape {
                    // Properties of the branch that was taken are known, whatever made the branch fail.
                    Some(shape) => unexpected.iter().filter(|key| shape.property(key).is_none()).cloned().collect(),
                    None => unexpected.clone(),
                };
                self.unknown(&pointer, &unexpected, shape, &law);
            }
            Rule::OneOfNotValid { context } | Rule::OneOfMultipleValid { context } | Rule::AnyOf { context } => {
                self.choice(&pointer, context, shape, &law);
            }
            Rule::PropertyNames { error } => self.take(error),
            kind => self.plain(&pointer, kind, shape, &law),
        }
    }

    /// The shape at a pointer, with the branches that were taken, and what the law says there.
    fn shape(&self, pointer: &str) -> (Option<Shape<'r>>, Law) {
        let mut shape = Some(self.schema.root());
        let mut law = Law::none().under(self.schema.root());
        let mut at = String::new();
        for token in pointer.split('/').skip(1) {
            let taken = shape.map(|shape| self.branch(shape, &at));
            shape = taken.and_then(|shape| match token.parse::<usize>() {
                Ok(_) if shape.items().is_some() => shape.items(),
                _ => shape.property(token),
            });
            law = shape.map_or_else(|| law.clone(), |shape| law.under(shape));
            at = format!("{at}/{token}");
        }
        (shape.map(|shape| self.branch(shape, pointer)), law)
    }

    fn branch(&self, shape: Shape<'r>, pointer: &str) -> Shape<'r> {
        let taken = || {
            let (discriminator, _) = shape.discriminator()?;
            let text = self.root.at(pointer)?.get(discriminator)?.node().text()?;
            Some(shape.choose(text)?.1)
        };
        taken().unwrap_or(shape)
    }

    /// The place that stands for an object or a list: its key where it has one.
    fn head(&self, pointer: &str) -> Place {
        match self.walk.part(pointer) {
            Some(part) => part.key.clone(),
            None => match self.root.entries().first() {
                Some(first) => first.key_place(pointer),
                None => self.root.place(pointer),
            },
        }
    }

    fn missing(&mut self, pointer: &str, property: &str, shape: Option<Shape<'r>>, law: &Law) {
        let own = join(pointer, property);
        let shape = shape.and_then(|shape| shape.property(property));
        let law = shape.map_or_else(|| law.clone(), |shape| law.under(shape));
        let place = Place { pointer: own.clone(), ..self.head(pointer) };
        let finding = Diagnostic::error(Code::MissingAnswer, place, format!("no answer for {}", name(shape, &own)))
            .label(format!("`{property}` is missing here"))
            .clauses(law.clauses.iter().cloned());
        let finding = match shape {
            Some(shape) => ask(finding, shape),
            None => finding.help(format!("add `{property}:`")),
        };
        self.findings
            .push(Diagnostic { help: finding.help.map(|help| format!("add `{property}:` — {help}")), ..finding });
    }

    fn unknown(&mut self, pointer: &str, keys: &[String], shape: Option<Shape<'r>>, law: &Law) {
        let mut known: Vec<&str> = shape.into_iter().flat_map(Shape::properties).map(|(key, _)| key).collect();
        known.extend(shape.and_then(Shape::discriminator).map(|(key, _)| key).filter(|key| !known.contains(key)));
        let is_free = |known: &&str| self.root.at(&join(pointer, known)).is_none();
        let free: Vec<&str> = known.iter().copied().filter(is_free).collect();
        for key in keys {
            let own = join(pointer, key);
            let place = self.head(&own);
            let near = nearest(key, free.iter().copied());
            let law = near.and_then(|near| shape?.property(near)).map_or_else(|| law.clone(), |of| law.under(of));
            let finding = Diagnostic::error(Code::UnknownKey, place, format!("there is no question `{key}` here"))
                .clauses(law.clauses.iter().cloned());
            let drawn = self.root.at(pointer).and_then(undrawn).filter(|_| FROM.ends_with(key.as_str()));
            let help = match near {
                _ if drawn.is_some() => drawn.unwrap_or_default(),
                Some(near) => {
                    self.meant.insert(join(pointer, near));
                    format!("did you mean `{near}`?")
                }
                None if known.is_empty() => "remove it".to_owned(),
                None => format!("remove it, or use one of: {}", known.join(", ")),
            };
            self.findings.push(finding.help(help));
        }
    }

    fn choice(
        &mut self,
        pointer: &str,
        context: &[Vec<ValidationError<'static>>],
        shape: Option<Shape<'r>>,
        law: &Law,
    ) {
        let taken = shape.and_then(|shape| {
            let (discriminator, choices) = shape.discriminator()?;
            let text = self.root.at(pointer)?.get(discriminator).map(|entry| entry.node().text());
            Some((discriminator, choices, text, shape))
        });
        match taken {
            Some((_, _, Some(Some(text)), shape)) => {
                let errors = shape.choose(text).and_then(|(index, _)| context.get(index));
                for error in errors.into_iter().flatten() {
                    self.take(error);
                }
            }
            Some((discriminator, choices, None, shape)) => {
                let own = join(pointer, discriminator);
                if !self.findings.iter().any(|finding| finding.place.pointer == own) {
                    self.missing(pointer, discriminator, Some(shape), law);
                }
                if let Some(finding) = self.findings.iter_mut().find(|finding| finding.place.pointer == own) {
                    finding.help = Some(format!("add `{discriminator}:` — {}", one_of(&choices, None)));
                }
            }
            Some(_) => {}
            None => {
                let message = format!("{} fits none of the forms that the schema allows", name(shape, pointer));
                let finding = Diagnostic::error(Code::WrongValue, self.head(pointer), message);
                self.findings.push(finding.clauses(law.clauses.iter().cloned()));
            }
        }
    }

    fn plain(&mut self, pointer: &str, kind: &Rule, shape: Option<Shape<'r>>, law: &Law) {
        let node = self.root.at(pointer);
        let text = node.and_then(Node::text);
        let name = name(shape, pointer);
        let empty = node
            .is_some_and(|node| node.items().is_empty() && node.entries().is_empty() && text.is_none_or(str::is_empty));
        let (code, message, help) = match kind {
            Rule::MinItems { .. } | Rule::MinLength { .. } | Rule::MinProperties { .. } if empty => {
                let help = "answer it, or write `pending: {what: …}` in its place while it is open";
                (Code::NotAllowedEmpty, format!("the answer for {name} is empty"), Some(help.to_owned()))
            }
            Rule::MinItems { limit } => {
                (Code::WrongValue, format!("at least {limit} items are needed for {name}"), None)
            }
            Rule::MaxItems { limit } => (Code::WrongValue, format!("at most {limit} items may stand in {name}"), None),
            Rule::MinLength { limit } => {
                (Code::WrongValue, format!("at least {limit} characters are needed for {name}"), None)
            }
            Rule::MaxLength { limit } => {
                (Code::WrongValue, format!("at most {limit} characters may stand in {name}"), None)
            }
            Rule::MinProperties { limit } => {
                (Code::WrongValue, format!("at least {limit} parts are needed for {name}"), None)
            }
            Rule::Minimum { limit } => (Code::WrongValue, format!("{name} must not be less than {limit}"), None),
            Rule::Maximum { limit } => (Code::WrongValue, format!("{name} must not be more than {limit}"), None),
            Rule::Enum { options } => {
                let choices: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                (Code::WrongValue, format!("{name} is none of the choices"), Some(one_of(&choices, text)))
            }
            Rule::Constant { expected_value } => {
                (Code::WrongValue, format!("{name} must be {expected_value}"), Some(format!("write {expected_value}")))
            }
            Rule::Format { format } if format == "date" => (
                Code::WrongValue,
                format!("{name} is no date of the calendar"),
                Some("write year, month and day as \"2026-11-20\"".to_owned()),
            ),
            Rule::Format { format } => (Code::WrongValue, format!("{name} is not written as {format}"), None),
            Rule::Pattern { pattern } => {
                let help = shape.and_then(|shape| shape.text("x-pattern-help"));
                let help = help.map_or_else(|| format!("it must match {pattern}"), str::to_owned);
                (Code::WrongValue, format!("{name} is not written as it should be"), Some(help))
            }
            Rule::UniqueItems => (Code::WrongValue, format!("{name} names something twice"), None),
            Rule::Type { .. } => (Code::WrongType, format!("{name} is of another type than the schema says"), None),
            other => (Code::WrongValue, format!("{name} breaks the rule `{}` of its schema", other.keyword()), None),
        };
        let at = node.map_or_else(|| self.head(pointer), |node| node.place(pointer));
        let place =
            if matches!(kind, Rule::MinItems { .. } | Rule::MinProperties { .. }) { self.head(pointer) } else { at };
        let finding = Diagnostic::error(code, place, message).clauses(law.clauses.iter().cloned());
        self.findings.push(Diagnostic { help, ..finding });
    }
}
