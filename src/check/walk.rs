//! Answers beside their schema, part by part.
//!
//! Comes in: the tree of answers and the shape of their kind. Goes out: every part with its shape, clauses and marker, in
//! the order of the schema; the typed value; findings about types. Judges no marker and no rule between answers.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Number, Value as Json};

use crate::answers::{Entry, FROM, Marker, Node, Value, join};
use crate::catalog::{Applicability, SEALED, Shape};
use crate::decimal::{Decimal, DecimalError};
use crate::diagnostic::{Code, Diagnostic, Place};

/// One answer, or a group of answers, with everything that is known about its place.
pub(super) struct Part<'a> {
    pub(super) pointer: String,
    /// Place of the key; of the value where there is no key.
    pub(super) key: Place,
    pub(super) node: &'a Node,
    pub(super) shape: Option<Shape<'a>>,
    pub(super) law: Law,
    pub(super) marker: Option<Marker>,
}

/// What the law says of a place: inherited downwards, the nearest word wins.
#[derive(Clone)]
pub(super) struct Law {
    pub(super) clauses: Rc<[String]>,
    /// Whether the place names its clauses itself.
    pub(super) own: bool,
    pub(super) applicability: Applicability,
    pub(super) may_follow: bool,
    /// Whether this is identity, sign-off or evidence: nothing may stand in place of such answers.
    pub(super) sealed: bool,
}

/// What a walk found.
pub(super) struct Walk<'a> {
    pub(super) parts: Vec<Part<'a>>,
    by_pointer: BTreeMap<String, usize>,
    /// The answers, typed; where the type is wrong or a marker stands, what was written.
    pub(super) value: Json,
    pub(super) findings: Vec<Diagnostic>,
    /// Pointers at and below which the rules of the schema have nothing to add.
    pub(super) muted: Vec<String>,
}

impl Law {
    pub(super) fn none() -> Self {
        Self {
            clauses: Rc::from([]),
            own: false,
            applicability: Applicability::Chapeau,
            may_follow: false,
            sealed: false,
        }
    }

    pub(super) fn under(&self, shape: Shape<'_>) -> Self {
        let clauses = shape.clauses();
        let own = !clauses.is_empty();
        Self {
            clauses: if own { clauses.into_iter().map(str::to_owned).collect() } else { self.clauses.clone() },
            own,
            applicability: shape.applicability().unwrap_or(self.applicability),
            may_follow: shape.keyword("x-to-follow").and_then(Json::as_bool).unwrap_or(self.may_follow),
            sealed: self.sealed,
        }
    }
}

impl Part<'_> {
    /// How findings name the answer.
    pub(super) fn name(&self) -> String {
        name(self.shape, &self.pointer)
    }

    /// The place of the value.
    pub(super) fn place(&self) -> Place {
        self.node.place(self.pointer.clone())
    }

    /// An error about the answer, with its clauses.
    pub(super) fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.place(), message).clauses(self.law.clauses.iter().cloned())
    }

    /// A warning about the answer, with its clauses.
    pub(super) fn warning(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, self.place(), message).clauses(self.law.clauses.iter().cloned())
    }
}

/// How findings name the answer at a place: the schema's title, else the key.
pub(super) fn name(shape: Option<Shape<'_>>, pointer: &str) -> String {
    match shape.and_then(Shape::title) {
        Some(title) => title.to_owned(),
        None => {
            format!("`{}`", pointer.rsplit('/').find(|token| token.parse::<usize>().is_err()).unwrap_or("the file"))
        }
    }
}

/// Walks the answers beside the shape of their kind.
pub(super) fn walk<'a>(root: &'a Node, shape: Shape<'a>) -> Walk<'a> {
    under(root, shape, &Law::none())
}

/// Walks a file in which nothing can stand in place of an answer.
pub(super) fn sealed<'a>(root: &'a Node, shape: Shape<'a>) -> Walk<'a> {
    under(root, shape, &Law { sealed: true, ..Law::none() })
}

fn under<'a>(root: &'a Node, shape: Shape<'a>, law: &Law) -> Walk<'a> {
    let mut walk = Walk {
        parts: Vec::new(),
        by_pointer: BTreeMap::new(),
        value: Json::Null,
        findings: Vec::new(),
        muted: Vec::new(),
    };
    let law = law.under(shape);
    walk.value = walk.map(root, "", shape, &law);
    walk
}

impl<'a> Walk<'a> {
    /// The part at a pointer.
    pub(super) fn part(&self, pointer: &str) -> Option<&Part<'a>> {
        self.by_pointer.get(pointer).map(|index| &self.parts[*index])
    }

    fn visit(&mut self, node: &'a Node, key: Place, shape: Option<Shape<'a>>, law: &Law) -> Json {
        let pointer = key.pointer.clone();
        let marker = if law.sealed { None } else { Marker::of(node) };
        let stands_in = marker.is_some();
        self.by_pointer.insert(pointer.clone(), self.parts.len());
        self.parts.push(Part { pointer: pointer.clone(), key: key.clone(), node, shape, law: law.clone(), marker });
        if stands_in || node.is_lost() {
            self.muted.push(pointer);
            return untyped(node);
        }
        let Some(shape) = shape else { return untyped(node) };
        match (node.value(), shape.kind()) {
            (Value::Null, _) => {
                let finding = Diagnostic::error(
                    Code::MissingAnswer,
                    key,
                    format!("no answer for {}", name(Some(shape), &pointer)),
                )
                .label("nothing is written here")
                .clauses(law.clauses.iter().cloned());
                self.wrong(&pointer, ask(finding, shape));
                Json::Null
            }
            (Value::Map(_), Some("object") | None) => self.map(node, &pointer, shape, law),
            (Value::List(items), Some("array")) => {
                let of = shape.items();
                let law = of.map_or_else(|| law.clone(), |of| law.under(of));
                let items = items.iter().enumerate().map(|(index, item)| {
                    let pointer = join(&pointer, &index.to_string());
                    self.visit(item, item.place(pointer), of, &law)
                });
                Json::Array(items.collect())
            }
            (_, Some("string")) if shape.is_decimal() => self.decimal(node, &pointer, shape, law),
            (Value::Text(text), Some("string") | None) => Json::String(text.clone()),
            (Value::Bool(value), Some("boolean")) => Json::Bool(*value),
            (Value::Number(digits), Some("integer")) if whole(digits).is_some() => {
                Json::Number(whole(digits).unwrap_or(Number::from(0)))
            }
            // The cells of a table have no types of their own.
            (Value::Text(digits), Some("integer")) if node.is_cell() && whole(digits).is_some() => {
                Json::Number(whole(digits).unwrap_or(Number::from(0)))
            }
            (Value::Text(word), Some("boolean")) if node.is_cell() && ["true", "false"].contains(&word.as_str()) => {
                Json::Bool(word == "true")
            }
            // `open` says that nothing can stand here; that it has the wrong type, too, helps nobody.
            _ if law.sealed && Marker::of(node).is_some() => {
                self.muted.push(pointer);
                untyped(node)
            }
            (_, expected) => {
                let finding = mismatch(node, expected, &name(Some(shape), &pointer), &pointer);
                let finding = Diagnostic { help: undrawn(node).or(finding.help), ..finding };
                self.wrong(&pointer, finding.clauses(law.clauses.iter().cloned()));
                untyped(node)
            }
        }
    }

    /// Properties in the order of the schema, then unknown keys, which the schema's rules report.
    fn map(&mut self, node: &'a Node, pointer: &str, shape: Shape<'a>, law: &Law) -> Json {
        let shape = self.chosen(node, pointer, shape, law);
        let mut value = Map::new();
        let known = shape.properties().filter_map(|(key, of)| Some((node.get(key)?, Some(of))));
        let mut entries: Vec<(&'a Entry, Option<Shape<'a>>)> = known.collect();
        let unknown: Vec<_> = node
            .entries()
            .iter()
            .filter(|entry| !entries.iter().any(|(known, _)| known.key() == entry.key()))
            .collect();
        // While a choice is open, what its branches ask for is known as well.
        entries.extend(unknown.into_iter().map(|entry| (entry, shape.property(entry.key()))));
        for (entry, of) in entries {
            let mut law = of.map_or_else(|| law.clone(), |of| law.under(of));
            law.sealed |= pointer.is_empty() && SEALED.contains(&entry.key());
            let key = entry.key_place(join(pointer, entry.key()));
            value.insert(entry.key().to_owned(), self.visit(entry.node(), key, of, &law));
        }
        Json::Object(value)
    }

    /// The branch of a choice that the answer took.
    fn chosen(&mut self, node: &'a Node, pointer: &str, shape: Shape<'a>, law: &Law) -> Shape<'a> {
        let Some((discriminator, choices)) = shape.discriminator() else { return shape };
        let Some(entry) = node.get(discriminator) else { return shape };
        let chosen = entry.node().text().and_then(|text| shape.choose(text));
        if let Some((_, branch)) = chosen {
            return branch;
        }
        self.muted.push(pointer.to_owned());
        if Marker::of(entry.node()).is_none() {
            let place = entry.node().place(join(pointer, discriminator));
            let finding =
                Diagnostic::error(Code::WrongValue, place, format!("`{discriminator}` is none of the choices"))
                    .clauses(law.clauses.iter().cloned())
                    .help(one_of(&choices, entry.node().text()));
            self.findings.push(finding);
        }
        shape
    }

    fn decimal(&mut self, node: &Node, pointer: &str, shape: Shape<'_>, law: &Law) -> Json {
        let name = name(Some(shape), pointer);
        let message = match node.text().map(Decimal::parse) {
            Some(Ok(number)) => return Json::String(number.to_string()),
            Some(Err(DecimalError::NegativeZero)) => format!("{name} is minus zero; zero has no sign"),
            Some(Err(DecimalError::TooLong)) => {
                format!("{name} has more than {} digits when written out", crate::decimal::MAX_DIGITS)
            }
            _ => format!("{name} is no decimal number"),
        };
        let finding = Diagnostic::error(Code::WrongType, node.place(pointer), message)
            .clauses(law.clauses.iter().cloned())
            .help(undrawn(node).unwrap_or_else(|| {
                "write digits and a point, such as 0.910; the unit has a place of its own".to_owned()
            }));
        self.wrong(pointer, finding);
        untyped(node)
    }

    fn wrong(&mut self, pointer: &str, finding: Diagnostic) {
        self.muted.push(pointer.to_owned());
        self.findings.push(finding);
    }
}

/// Adds the question and an example to a finding about a missing answer.
pub(super) fn ask(finding: Diagnostic, shape: Shape<'_>) -> Diagnostic {
    let example = shape.keyword("examples").and_then(|examples| examples.get(0)).and_then(Json::as_str);
    let example = example.filter(|example| example.len() < 100 && !example.contains('\n'));
    let question = shape.description().unwrap_or("write the answer");
    finding.help(match example {
        Some(example) => format!("{question} For example: {example}"),
        None => question.to_owned(),
    })
}

/// What the choices are, the nearest first.
pub(super) fn one_of(choices: &[&str], written: Option<&str>) -> String {
    let list = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
    match written.and_then(|written| nearest(written, choices.iter().copied())) {
        Some(near) => format!("did you mean `{near}`? the choices are {list}"),
        None => format!("write one of {list}"),
    }
}

/// The known word that a misspelt one probably means.
pub(super) fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = 1 + written.chars().count() / 4;
    known
        .map(|word| (strsim::osa_distance(&written.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, word)| word)
}

/// The same for ids: what begins with other letters, as `M-01` does and `R-01` does not, is another sort of thing.
pub(super) fn nearest_id<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let sort = |id: &str| -> Option<String> {
        let letters: String = id.chars().take_while(|letter| letter.is_alphabetic()).collect();
        let number = id[letters.len()..].trim_start_matches(['-', '_', '.']);
        let numbered = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit());
        numbered.then(|| letters.to_lowercase())
    };
    let own = sort(written);
    nearest(written, known.filter(|id| own.is_none() || sort(id).is_none_or(|sort| Some(sort) == own)))
}

fn mismatch(node: &Node, expected: Option<&str>, name: &str, pointer: &str) -> Diagnostic {
    let wrong = |message: String| Diagnostic::error(Code::WrongType, node.place(pointer), message);
    match (node.value(), expected) {
        (Value::Number(digits), Some("string")) => wrong(format!("{name} is a text, but this is a number"))
            .help(format!("put it in quotes: \"{digits}\"; without them, other programs read it as another value")),
        (Value::Bool(value), Some("string")) => {
            wrong(format!("{name} is a text, but this is a truth value")).help(format!("put it in quotes: \"{value}\""))
        }
        (Value::Text(_), Some("string")) | (_, None) => wrong(format!("{name} is not what the schema expects")),
        (_, Some("string")) => wrong(format!("{name} is one text, but this is {}", called(node))),
        (_, Some("boolean")) => wrong(format!("{name} is `true` or `false`, but this is {}", called(node)))
            .help("write true or false, without quotes"),
        (_, Some("integer")) => wrong(format!("{name} is a whole number, but this is {}", called(node)))
            .help("write digits only, without quotes, point, exponent or separators, such as 12000"),
        (_, Some("array")) => wrong(format!("{name} is a list, but this is {}", called(node)))
            .help("write each item on a line of its own, after `- `"),
        (_, Some(_)) => wrong(format!("{name} has parts of its own, but this is {}", called(node)))
            .help("write the parts below it, indented by two spaces, as `name: answer`"),
    }
}

/// Somebody wanted a value of another file and forgot the sign that says so.
pub(super) fn undrawn(node: &Node) -> Option<String> {
    let key = FROM.trim_start_matches('$');
    let target = node.get(key)?.node().text()?;
    target.contains('#').then(|| format!("did you mean `{{{FROM}: {target}}}`? the `$` says that the value is drawn"))
}

fn called(node: &Node) -> &'static str {
    match node.value() {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

/// Digits only, within the integers that every JSON reader keeps exactly (RFC 7493, 2.2).
fn whole(digits: &str) -> Option<Number> {
    let number: i64 = digits.parse().ok()?;
    (digits != "-0" && number.abs() < 1 << 53).then(|| Number::from(number))
}

fn untyped(node: &Node) -> Json {
    match node.value() {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) | Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(untyped).collect()),
        Value::Map(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key().to_owned(), untyped(entry.node()))).collect())
        }
    }
}
