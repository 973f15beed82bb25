//! `{$from: path#/json/pointer}` in place of an answer: one fact in one place, and what pipelines write.
//!
//! Comes in: answers and the bytes of the files that they draw from, by their paths from the root. Goes out: answers in
//! which each such place holds the value, with the place of the `$from` for findings and that of the value beside it. What
//! is drawn may draw in turn; what cannot be had is a finding. Values are judged by `check`, as if they had been written.

mod grasp;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Answers, Entry, FileState, Files, Limits, Node, Origin, Value, Wanted, data, join};
use crate::decimal::Decimal;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::digest::Digest;
use grasp::Grasp;

/// The key that makes a mapping stand for a value of another place.
pub const FROM: &str = "$from";
/// Beside it: how many digits after the point are kept.
pub const DIGITS: &str = "digits";
/// Files that lead to files, and values that lead to values.
const STEPS: usize = 32;

/// A file that values were drawn from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drawn {
    /// Path from the root, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Digest of the bytes that were read.
    pub sha256: Digest,
}

impl Answers {
    /// The files that are still to be read before [`fill`] can draw every value, as paths from the root; `own` is that of
    /// these answers. Files may lead to files: ask again until there is none.
    #[must_use]
    pub fn draws(&self, own: &str, read: &Files) -> Vec<Wanted> {
        let mut filler = Filler::new(self, own, read);
        let _ = filler.written(&self.root, "");
        filler.wanted
    }
}

/// Draws every value that a `$from` names, and asks for files until none is wanted: `read` is given those that are wanted
/// and what was read before.
///
/// # Errors
/// What `read` refuses.
pub fn draw<E>(
    answers: Answers,
    own: &str,
    mut read: impl FnMut(Vec<Wanted>, &Files) -> Result<Files, E>,
) -> Result<Answers, E> {
    let mut files = Files::new();
    loop {
        let wanted = answers.draws(own, &files);
        if wanted.is_empty() {
            return Ok(fill(answers, own, &files));
        }
        let more = read(wanted, &files)?;
        files.extend(more);
    }
}

/// Draws every value that a `$from` names. `own` is the path of these answers from the root, `files` what was read.
#[must_use]
pub fn fill(mut answers: Answers, own: &str, files: &Files) -> Answers {
    let mut filler = Filler::new(&answers, own, files);
    let Some(root) = filler.written(&answers.root, "") else { return answers };
    let Filler { findings, drawn, .. } = filler;
    answers.drawn = drawn.into_values().collect();
    answers.findings.extend(findings);
    answers.root = root;
    answers
}

/// Why a value cannot be had.
struct Trouble {
    code: Code,
    message: String,
    help: Cow<'static, str>,
    /// Where it was met on the way.
    related: Vec<(Place, String)>,
}

/// A value that was found, and where.
struct Found {
    node: Node,
    file: String,
    pointer: String,
}

/// Where a `$from` of the answers stands: every part of its value bears this place.
#[derive(Clone, Copy)]
struct Use<'u> {
    node: &'u Node,
}

struct Filler<'f> {
    own: &'f str,
    name: &'f str,
    files: &'f Files,
    trees: BTreeMap<String, Rc<Node>>,
    wanted: Vec<Wanted>,
    drawn: BTreeMap<String, Drawn>,
    findings: Vec<Diagnostic>,
    steps: Vec<(String, String)>,
    nodes: usize,
    limits: Limits,
    asked: BTreeSet<String>,
}

impl<'f> Filler<'f> {
    fn new(answers: &'f Answers, own: &'f str, files: &'f Files) -> Self {
        let trees = BTreeMap::from([(own.to_owned(), Rc::new(answers.root.clone()))]);
        Self {
            own,
            name: answers.source.name(),
            files,
            trees,
            wanted: Vec::new(),
            drawn: BTreeMap::new(),
            findings: Vec::new(),
            steps: Vec::new(),
            nodes: 0,
            limits: answers.limits,
            asked: BTreeSet::new(),
        }
    }

    /// A part of the answers as written; `None` if nothing in it is drawn from elsewhere.
    fn written(&mut self, node: &Node, pointer: &str) -> Option<Node> {
        match &node.value {
            Value::Map(_) if node.get(FROM).is_some() => Some(self.used(node, pointer)),
            Value::Map(entries) => {
                let mut changed = None;
                for (index, entry) in entries.iter().enumerate() {
                    if let Some(node) = self.written(&entry.node, &join(pointer, &entry.key)) {
                        changed.get_or_insert_with(|| entries.clone())[index].node = node;
                    }
                }
                changed.map(|entries| Node { value: Value::Map(entries), ..node.clone() })
            }
            Value::List(items) => {
                let mut changed = None;
                for (index, item) in items.iter().enumerate() {
                    if let Some(node) = self.written(item, &join(pointer, &index.to_string())) {
                        changed.get_or_insert_with(|| items.clone())[index] = node;
                    }
                }
                changed.map(|items| Node { value: Value::List(items), ..node.clone() })
            }
            _ => None,
        }
    }

    /// What stands in place of a `$from` in the answers.
    fn used(&mut self, node: &Node, pointer: &str) -> Node {
        let own = self.own.to_owned();
        self.steps.clear();
        let found = Grasp::of(node).and_then(|grasp| self.drawn(&grasp, &own, Use { node }));
        match found {
            Ok(value) => value,
            Err(trouble) => {
                let finding = Diagnostic::error(trouble.code, node.place(pointer), trouble.message).help(trouble.help);
                let related = trouble.related.into_iter();
                self.findings.push(related.fold(finding, |finding, (place, what)| finding.related(place, what)));
                let origin = Some(Box::new(Origin { place: None, cell: false }));
                Node { value: Value::Null, origin, ..node.clone() }
            }
        }
    }

    /// The value that a reference in `file` names, as it stands at its place of use.
    fn drawn(&mut self, grasp: &Grasp, file: &str, at: Use<'_>) -> Result<Node, Trouble> {
        let steps = self.steps.len();
        let found = self.find(grasp, file, at)?;
        let value = self.graft(&found.node, &found.file, &found.pointer, at)?;
        self.steps.truncate(steps);
        match grasp.digits {
            Some(digits) => rounded(value, digits),
            None => Ok(value),
        }
    }

    fn find(&mut self, grasp: &Grasp, file: &str, at: Use<'_>) -> Result<Found, Trouble> {
        let target = if grasp.path.is_empty() { file.to_owned() } else { grasp::beside(file, &grasp.path)? };
        self.locate(target, grasp.pointer.clone(), at)
    }

    /// Goes down to a pointer; a reference on the way is followed with the rest of it.
    fn locate(&mut self, file: String, pointer: String, at: Use<'_>) -> Result<Found, Trouble> {
        let step = (file.clone(), pointer.clone());
        if self.steps.contains(&step) || self.steps.len() >= STEPS {
            let chain = self.steps.iter().chain([&step]).map(|(file, pointer)| format!("`{file}#{pointer}`"));
            let message = format!("this value leads back to itself: {}", chain.collect::<Vec<_>>().join(" → "));
            return Err(Trouble::new(Code::DataCycle, message, "write the value in one of these places"));
        }
        self.steps.push(step);
        let tree = self.tree(&file, at)?;
        let mut node: &Node = &tree;
        let mut reached = String::new();
        let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
        for (index, token) in tokens.iter().enumerate() {
            if node.get(FROM).is_some() {
                let mut grasp = Grasp::of(node).map_err(|trouble| trouble.at(node.place(&*reached)))?;
                for token in &tokens[index..] {
                    grasp.pointer.push('/');
                    grasp.pointer.push_str(token);
                }
                return self.find(&grasp, &file, at);
            }
            let next = format!("{reached}/{token}");
            let Some(child) = node.child(&super::unescape(token)) else {
                let place = node.place(&*reached);
                let message = format!("there is nothing at `{pointer}` in `{file}`");
                let help = "mend the pointer: `/` before each name, and numbers from 0 for the items of a list";
                return Err(Trouble::new(Code::DataMissing, message, help).met(place, grasp::offers(node, &next)));
            };
            node = child;
            reached = next;
        }
        Ok(Found { node: node.clone(), file, pointer })
    }

    /// A value as it stands where it is used: places of the `$from`, and where each part comes from.
    fn graft(&mut self, node: &Node, file: &str, pointer: &str, at: Use<'_>) -> Result<Node, Trouble> {
        self.nodes += 1;
        if self.nodes > self.limits.drawn_nodes {
            let most = self.limits.drawn_nodes;
            let message = format!("more than {most} keys and values are drawn into the document");
            return Err(Trouble::new(Code::Limit, message, "draw only what the document says"));
        }
        if node.get(FROM).is_some() {
            let grasp = Grasp::of(node).map_err(|trouble| trouble.at(node.place(pointer)))?;
            return self.drawn(&grasp, file, at);
        }
        let value = match &node.value {
            Value::Map(entries) => {
                let entries = entries.iter().map(|entry| {
                    let node = self.graft(&entry.node, file, &join(pointer, &entry.key), at)?;
                    Ok(Entry { key: entry.key.clone(), key_span: at.node.span, node })
                });
                Value::Map(entries.collect::<Result<_, Trouble>>()?)
            }
            Value::List(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| self.graft(item, file, &join(pointer, &index.to_string()), at));
                Value::List(items.collect::<Result<_, Trouble>>()?)
            }
            other => other.clone(),
        };
        let origin = Origin { place: Some(node.place(pointer)), cell: data::is_table(file) };
        Ok(Node { value, source: at.node.source.clone(), span: at.node.span, origin: Some(Box::new(origin)) })
    }

    /// The tree of a file, read once.
    fn tree(&mut self, file: &str, at: Use<'_>) -> Result<Rc<Node>, Trouble> {
        if let Some(tree) = self.trees.get(file) {
            return Ok(Rc::clone(tree));
        }
        let put = "put the file there, or mend the path: it counts from the folder of the file that names it";
        let bytes = match self.files.get(file) {
            None => {
                if self.asked.insert(file.to_owned()) {
                    self.wanted.push(Wanted { path: file.to_owned(), place: at.node.place("") });
                }
                return Err(Trouble::new(Code::DataMissing, format!("there is no file `{file}`"), put));
            }
            Some(FileState::Missing) => {
                return Err(Trouble::new(Code::DataMissing, format!("there is no file `{file}`"), put));
            }
            Some(FileState::Folder) => {
                let message = format!("`{file}` is a folder, not a file");
                return Err(Trouble::new(Code::DataMissing, message, put));
            }
            Some(FileState::Refused(why)) => {
                let help = "copy the file into the project and name it from there";
                return Err(Trouble::new(Code::UnsafePath, format!("`{file}` is refused: {why}"), help));
            }
            Some(FileState::TooLarge(why)) => {
                let message = format!("`{file}` is too large: {why}");
                return Err(Trouble::new(Code::Limit, message, "let the pipeline write the values that are needed"));
            }
            Some(FileState::Bytes(bytes)) => bytes,
        };
        let name = grasp::shown(self.name, self.own, file);
        let tree = data::tree(file, &name, bytes, self.limits).map_err(|unread| Trouble::unread(file, unread))?;
        let (size, sha256) = (bytes.len() as u64, Digest::of(bytes));
        self.drawn.insert(file.to_owned(), Drawn { path: file.to_owned(), size, sha256 });
        let tree = Rc::new(tree);
        self.trees.insert(file.to_owned(), Rc::clone(&tree));
        Ok(tree)
    }
}

/// A number with so many digits after the point.
fn rounded(node: Node, digits: usize) -> Result<Node, Trouble> {
    let number = node.text().and_then(|text| Decimal::parse(text).ok());
    let number = number.and_then(|number| number.rounded(digits));
    let Some(number) = number else {
        let help = "remove `digits`, or name a number; one number is rounded, never a list";
        let trouble = Trouble::new(Code::WrongType, "`digits` rounds a number, and this is none".to_owned(), help);
        return Err(match node.origin() {
            Some(place) => trouble.met(place.clone(), "this is drawn"),
            None => trouble,
        });
    };
    Ok(Node { value: Value::Number(number.to_string()), ..node })
}

impl Trouble {
    fn new(code: Code, message: String, help: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message, help: help.into(), related: Vec::new() }
    }

    fn met(mut self, place: Place, what: impl Into<String>) -> Self {
        self.related.push((place, what.into()));
        self
    }

    /// The same, met at another place than where it is told.
    fn at(self, place: Place) -> Self {
        self.met(place, "this leads on")
    }

    fn unread(file: &str, unread: data::Unread) -> Self {
        match unread {
            data::Unread::Ending => Self::new(
                Code::WrongValue,
                format!("values cannot be drawn from `{file}`: its ending is none that is read"),
                data::ENDINGS,
            ),
            data::Unread::Encoding(why) => {
                Self::new(Code::Syntax, format!("`{file}` cannot be read: {why}"), "save the file as UTF-8")
            }
            data::Unread::Wrong(finding) => {
                let code = if finding.code == Code::Limit { Code::Limit } else { Code::Syntax };
                let message = format!("`{file}` cannot be read: {}", finding.message);
                Self::new(code, message, "mend the file, or let what writes it write it again")
                    .met(finding.place, "here")
            }
        }
    }
}

#[cfg(test)]
mod tests;
