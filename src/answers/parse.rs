//! YAML events into a tree.
//!
//! Comes in: a source and limits. Goes out: the tree, with findings that do not end the run (duplicate keys, keys that
//! are no text). YAML that could mean two things, or multiply itself, ends here: anchors, aliases, tags, merge keys and
//! second documents are refused where they stand. Limits are counted while reading, so a hostile file costs little.

mod meant;

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use super::{Entry, Limits, Node, Value, join};
use crate::decimal::{Decimal, DecimalError};
use crate::diagnostic::{Code, Diagnostic, Place, Rejected};
use crate::source::{Source, Span};

/// Answers: the top is a mapping.
pub(super) fn tree(source: &Source, limits: Limits) -> Result<(Node, Vec<Diagnostic>), Rejected> {
    read(source, limits)?.finish()
}

/// Data of somebody else: whatever stands at the top, and nothing else wrong.
pub(super) fn data(source: &Source, limits: Limits) -> Result<Node, Rejected> {
    let Builder { root, findings, .. } = read(source, limits)?;
    match Rejected::new(findings) {
        Some(rejected) => Err(rejected),
        None => Ok(root.unwrap_or_else(|| Node::new(Value::Null, source.clone(), Span::default()))),
    }
}

fn read(source: &Source, limits: Limits) -> Result<Builder<'_>, Rejected> {
    let mut builder = Builder { source, limits, stack: Vec::new(), root: None, nodes: 0, findings: Vec::new() };
    builder.file()?;
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits.depth + 2,
        block_nesting_limit: limits.depth + 2,
    };
    for event in Parser::new_from_str_with_options(source.text(), options) {
        let (event, span) = event.map_err(|error| builder.syntax(&error))?;
        let tag = span.tag_span().and_then(|tag| tag.byte_range());
        let span = span.byte_range().map_or_else(Span::default, |range| Span::new(range.start, range.end));
        if event.tag().is_some() {
            let at = tag.map_or(span, |range| Span::new(range.start, range.end));
            return Err(builder.refused(
                at,
                "tags are refused",
                "write the value without a tag; quote it if it must be text",
            ));
        }
        builder.take(event, span)?;
    }
    Ok(builder)
}

/// A collection that is still being read.
enum Open {
    List { span: Span, items: Vec<Node> },
    Map { span: Span, entries: Vec<Entry>, seen: BTreeMap<String, usize>, key: Option<Key> },
}

/// A key that waits for its value.
struct Key {
    text: String,
    span: Span,
    /// Why its value is read and thrown away.
    unusable: bool,
}

struct Builder<'s> {
    source: &'s Source,
    limits: Limits,
    stack: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    findings: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Rejected> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => Err(self.refused(
                span,
                "a second document starts here",
                "keep one document in a file; `---` may stand only at the top",
            )),
            Event::Anchor(..) => Err(self.refused(
                span,
                "anchors are refused",
                "write the value where it is needed; what a reader sees must not depend on another place",
            )),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                Err(self.refused(span, "aliases are refused", "write the value where it is needed"))
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, span),
            Event::SequenceStart(..) => self.open(Open::List { span, items: Vec::new() }, span),
            Event::MappingStart(..) => {
                self.open(Open::Map { span, entries: Vec::new(), seen: BTreeMap::new(), key: None }, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Result<(), Rejected> {
        if text.len() > self.limits.scalar_bytes {
            let message = format!("a text of {} bytes is over the limit of {}", text.len(), self.limits.scalar_bytes);
            return Err(self.limit(span, message));
        }
        self.count(span)?;
        let value = match style {
            ScalarStyle::Plain => plain(text),
            _ => Value::Text(text.to_owned()),
        };
        if let Some(Open::Map { key: key @ None, .. }) = self.stack.last_mut() {
            let unusable = !matches!(value, Value::Text(_));
            *key = Some(Key { text: text.to_owned(), span, unusable });
            return self.key(span);
        }
        self.place(Node::new(value, self.source.clone(), span))
    }

    /// Judges the key that was just read.
    fn key(&mut self, span: Span) -> Result<(), Rejected> {
        let pointer = self.pointer();
        let place = Place { source: self.source.clone(), span, pointer };
        let Some(Open::Map { entries, seen, key: Some(key), .. }) = self.stack.last_mut() else { return Ok(()) };
        if key.text == "<<" {
            let finding = Diagnostic::error(Code::Syntax, place, "merge keys are refused")
                .help("write out the answers that `<<` would bring in");
            return Err(Rejected::one(finding));
        }
        if key.text.len() > self.limits.key_bytes {
            let message = format!("a key of {} bytes is over the limit of {}", key.text.len(), self.limits.key_bytes);
            return Err(Rejected::one(Diagnostic::error(Code::Limit, place, message)));
        }
        if key.unusable {
            let finding = Diagnostic::error(Code::WrongType, place, format!("the key `{}` is no text", key.text))
                .help("keys are names; if this one is meant, put it in quotes");
            self.findings.push(finding);
        } else if let Some(first) = seen.get(&key.text).and_then(|at| entries.get(*at)) {
            key.unusable = true;
            let finding =
                Diagnostic::error(Code::DuplicateKey, place, format!("the key `{}` stands here twice", key.text))
                    .label("this answer would be lost or would hide the other")
                    .related(first.key_place(String::new()), "first written here")
                    .help("keep one of the two");
            self.findings.push(finding);
        }
        Ok(())
    }

    fn open(&mut self, open: Open, span: Span) -> Result<(), Rejected> {
        if let Some(Open::Map { key: None, .. }) = self.stack.last() {
            return Err(self.refused(span, "a list or a mapping cannot be a key", "write a name before the colon"));
        }
        if self.stack.len() >= self.limits.depth {
            let message = format!("lists and mappings nest deeper than the limit of {}", self.limits.depth);
            return Err(self.limit(span, message));
        }
        self.count(span)?;
        self.stack.push(open);
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Rejected> {
        let node = match self.stack.pop() {
            Some(Open::List { span, items }) => {
                let span = self.until(span, end, items.last().map(|item| item.span.end));
                Node::new(Value::List(items), self.source.clone(), span)
            }
            Some(Open::Map { span, entries, .. }) => {
                let span =
                    self.until(span, end, entries.last().map(|entry| entry.node.span.end.max(entry.key_span.end)));
                Node::new(Value::Map(entries), self.source.clone(), span)
            }
            None => return Ok(()),
        };
        self.place(node)
    }

    /// A collection ends at its bracket or, in block style, with its last part and not with the blank lines after it.
    fn until(&self, start: Span, end: Span, last: Option<usize>) -> Span {
        let bracket = self.source.slice(end).starts_with([']', '}']);
        let stop = if bracket { end.end } else { last.unwrap_or(start.end) };
        Span::new(start.start, stop.max(start.start))
    }

    fn place(&mut self, node: Node) -> Result<(), Rejected> {
        match self.stack.last_mut() {
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, seen, key, .. }) => match key.take() {
                Some(key) if !key.unusable => {
                    seen.insert(key.text.clone(), entries.len());
                    entries.push(Entry { key: key.text, key_span: key.span, node });
                }
                Some(_) => {}
                None => return Err(self.refused(node.span, "a value stands without a key", "write a name before it")),
            },
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn finish(self) -> Result<(Node, Vec<Diagnostic>), Rejected> {
        let start = Place { source: self.source.clone(), span: Span::new(0, 0), pointer: String::new() };
        let help = "start from `techfile new KIND`, or write `kind:` and the answers of that kind";
        match self.root {
            Some(root) if matches!(root.value, Value::Map(_)) => Ok((root, self.findings)),
            Some(Node { value: Value::Null, .. }) | None => {
                let empty = Diagnostic::error(Code::Syntax, start, "the file is empty").help(help);
                Err(Rejected::one(empty))
            }
            Some(root) => {
                let place = root.place("");
                let message = "the file must be a mapping of questions to answers";
                Err(Rejected::one(Diagnostic::error(Code::WrongType, place, message).help(help)))
            }
        }
    }

    fn file(&self) -> Result<(), Rejected> {
        let bytes = self.source.text().len();
        if bytes > self.limits.file_bytes {
            let message = format!("the file has {bytes} bytes, over the limit of {}", self.limits.file_bytes);
            return Err(self.limit(Span::new(0, 0), message));
        }
        Ok(())
    }

    fn count(&mut self, span: Span) -> Result<(), Rejected> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(self.limit(span, format!("the file has more than {} keys and values", self.limits.nodes)));
        }
        Ok(())
    }

    /// Where the reader is now.
    fn pointer(&self) -> String {
        self.stack.iter().fold(String::new(), |pointer, open| match open {
            Open::List { items, .. } => join(&pointer, &items.len().to_string()),
            Open::Map { key: Some(key), .. } => join(&pointer, &key.text),
            Open::Map { .. } => pointer,
        })
    }

    fn limit(&self, span: Span, message: String) -> Rejected {
        let place = Place { source: self.source.clone(), span, pointer: self.pointer() };
        Rejected::one(Diagnostic::error(Code::Limit, place, message))
    }

    fn refused(&self, span: Span, message: &str, help: &str) -> Rejected {
        let place = Place { source: self.source.clone(), span, pointer: self.pointer() };
        Rejected::one(Diagnostic::error(Code::Syntax, place, message).help(help))
    }

    fn syntax(&self, error: &ScanError) -> Rejected {
        let text = self.source.text();
        let met = error.marker().byte_offset().unwrap_or(text.len());
        let met = text.floor_char_boundary(met);
        let bracket = self.stack.last().map(|open| match open {
            Open::List { span, .. } | Open::Map { span, .. } => span.start,
        });
        let bracket = bracket.filter(|at| text[*at..].starts_with(['[', '{']));
        let meant = meant::guess(text, met, error.kind(), bracket);
        let at = meant.as_ref().map_or(met, |meant| meant.at);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            let message = format!("lists and mappings nest deeper than the limit of {}", self.limits.depth);
            return self.limit(self.letter(at), message);
        }
        let message = meant.as_ref().and_then(|meant| meant.message.clone());
        let message = format!("this is no YAML: {}", message.unwrap_or_else(|| error.info().clone()));
        let place = |at: usize| Place { source: self.source.clone(), span: self.letter(at), pointer: self.pointer() };
        let mut finding = Diagnostic::error(Code::Syntax, place(at), message);
        if let Some(meant) = meant {
            let aside = meant.message.is_some() && text[at.min(met)..at.max(met)].contains('\n');
            if aside {
                finding = finding.related(place(met), "it was noticed here");
            }
            finding = finding.help(meant.help);
        }
        Rejected::one(finding)
    }

    /// The character at an offset, if it can be shown.
    fn letter(&self, at: usize) -> Span {
        let next = self.source.text().get(at..).and_then(|rest| rest.chars().next());
        Span::new(at, at + next.filter(|next| !next.is_control()).map_or(0, char::len_utf8))
    }
}

/// YAML's core schema, less what it guesses: only `true`, `false`, `null` and JSON numbers are more than text.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match Decimal::parse(text) {
            Err(DecimalError::Grammar) => Value::Text(text.to_owned()),
            Ok(_) | Err(DecimalError::NegativeZero | DecimalError::TooLong) => Value::Number(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Node, Vec<Diagnostic>), Rejected> {
        tree(&Source::new("a.yaml", text), Limits::default())
    }

    /// Code and position of the finding that ends reading.
    fn end(text: &str) -> (Code, usize, usize) {
        let rejected = read(text).expect_err("it must be refused");
        let finding = &rejected.findings()[0];
        let (start, _) = finding.place.positions();
        (finding.code, start.line, start.column)
    }

    #[test]
    fn every_part_knows_its_bytes() {
        let text = "é: [1, {b: 'x'}]\nlist:\n  - a\n  - |\n    two\n    lines\nend: yes\n";
        let source = Source::new("a.yaml", text);
        let (root, findings) = tree(&source, Limits::default()).expect("it is YAML");
        assert!(findings.is_empty());
        let slice = |pointer: &str| source.slice(root.at(pointer).expect("it is there").span());
        assert_eq!(slice("/é/0"), "1");
        assert_eq!(slice("/é/1"), "{b: 'x'}");
        assert_eq!(slice("/é/1/b"), "'x'");
        assert_eq!(slice("/list/0"), "a");
        assert!(slice("/list").starts_with("- a\n  - |"), "{:?}", slice("/list"));
        assert_eq!(root.at("/list/1").and_then(Node::text), Some("two\nlines\n"));
        assert_eq!(root.at("/end").map(Node::value), Some(&Value::Text("yes".into())));
        assert_eq!(source.slice(root.get("list").expect("it is there").key_span), "list");
    }

    #[test]
    fn scalars_are_what_they_look_like() {
        for (text, value) in [
            ("1.10", Value::Number("1.10".into())),
            ("1e3", Value::Number("1e3".into())),
            ("-0", Value::Number("-0".into())),
            ("010", Value::Text("010".into())),
            ("0x1F", Value::Text("0x1F".into())),
            ("1_000", Value::Text("1_000".into())),
            ("+1", Value::Text("+1".into())),
            ("22:22:22", Value::Text("22:22:22".into())),
            (".inf", Value::Text(".inf".into())),
            ("NO", Value::Text("NO".into())),
            ("True", Value::Text("True".into())),
            ("true", Value::Bool(true)),
            ("'true'", Value::Text("true".into())),
            ("~", Value::Null),
            ("", Value::Null),
        ] {
            let (root, _) = read(&format!("a: {text}\n")).expect("it is YAML");
            assert_eq!(root.get("a").map(|entry| entry.node().value().clone()), Some(value), "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused_where_it_stands() {
        for (text, line, column) in [
            ("a: 1\nb: &x [1]\n", 2, 4),
            ("a: &a [*a]\n", 1, 4),
            ("a: *x\n", 1, 4),
            ("a: !!python/object/apply:os.system x\n", 1, 4),
            ("a: !include x\n", 1, 4),
            ("a: 1\n<<: {b: 1}\n", 2, 1),
            ("a: 1\n---\nb: 1\n", 2, 1),
            ("? {x: y}\n: 1\n", 1, 3),
            ("[a]: 1\n", 1, 1),
            ("", 1, 1),
            ("# only a comment\n", 1, 1),
            ("---\n", 1, 1),
        ] {
            assert_eq!(end(text), (Code::Syntax, line, column), "{text}");
        }
        assert_eq!(end("- a\n"), (Code::WrongType, 1, 1));
        assert_eq!(end("text\n"), (Code::WrongType, 1, 1));
        assert_eq!(end("a:\n\t- b\n"), (Code::Syntax, 2, 1));
        assert_eq!(end("a: 1\nb:\n  c: 2\n\td: 3\n"), (Code::Syntax, 4, 1));
    }

    #[test]
    fn duplicate_keys_show_both_places_and_lose_nothing_silently() {
        for text in ["a: 1\n\"a\": 2\n", "a: {b: 1, b: 2}\n", "a: 1\nb: 2\na: 3\n"] {
            let (_, findings) = read(text).expect("it is YAML");
            assert_eq!(findings.len(), 1, "{text}");
            assert_eq!(findings[0].code, Code::DuplicateKey);
            assert_eq!(findings[0].related.len(), 1);
        }
        for text in ["1: a\n", "true: a\n", "null: a\n"] {
            let (root, findings) = read(text).expect("it is YAML");
            assert_eq!(findings[0].code, Code::WrongType, "{text}");
            assert!(root.entries().is_empty());
        }
    }

    #[test]
    fn limits_end_reading() {
        assert_eq!(end(&"[".repeat(100_000)).0, Code::Limit);
        assert_eq!(end(&"- ".repeat(10_000)).0, Code::Limit);
        assert_eq!(end(&format!("a: {}\n", "x".repeat((1 << 20) + 1))).0, Code::Limit);
        assert_eq!(end(&format!("{}: 1\n", "x".repeat(257))).0, Code::Limit);
        assert_eq!(end(&format!("a: [{}]\n", "1,".repeat(200_001))).0, Code::Limit);
        assert_eq!(end(&"a: b\n".repeat(1 << 20)).0, Code::Limit);
    }

    #[test]
    fn line_ends_are_layout() {
        let texts = [
            "a: |\n  x\n  y\nb: \"p\n  q\"\n",
            "a: |\r\n  x\r\n  y\r\nb: \"p\r\n  q\"\r\n",
            "a: |\r  x\r  y\rb: \"p\r  q\"\r",
        ];
        for text in texts {
            let (root, _) = read(text).expect("it is YAML");
            assert_eq!(root.at("/a").and_then(Node::text), Some("x\ny\n"), "{text:?}");
            assert_eq!(root.at("/b").and_then(Node::text), Some("p q"), "{text:?}");
        }
    }
}
