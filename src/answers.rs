//! YAML text into answers: a value and a place for every part.
//!
//! Comes in: a [`Source`]. Goes out: [`Answers`], a tree whose every key and value knows its bytes. Only a syntax error
//! or a limit ends here; everything else that is wrong is found by `check`. Knows nothing of kinds.

mod bind;
mod data;
mod filled;
mod from;
mod markers;
mod parse;

pub use bind::{BoundFile, FileState, Files, Wanted, bind, named_by};
pub(crate) use filled::fill as fill_lists;
pub use from::{DIGITS, Drawn, FROM, draw, fill};
pub use markers::{Marker, MarkerKind};

use crate::diagnostic::{Diagnostic, Place, Rejected};
use crate::source::{Source, Span};

/// Answers as a person wrote them, with the findings made on the way.
#[derive(Debug, Clone)]
pub struct Answers {
    source: Source,
    root: Node,
    findings: Vec<Diagnostic>,
    files: Vec<BoundFile>,
    drawn: Vec<Drawn>,
    limits: Limits,
}

/// One value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    value: Value,
    source: Source,
    span: Span,
    origin: Option<Box<Origin>>,
}

/// Where the value of a `$from` comes from.
#[derive(Debug, Clone, PartialEq)]
struct Origin {
    /// The place in the other file; none where the value could not be had, which is a finding of its own.
    place: Option<Place>,
    /// Whether it was a cell of a table, which has no type but the one that the schema gives it.
    cell: bool,
}

/// What a value is. Numbers keep the digits that were written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing after the colon.
    Null,
    /// Plain `true` or `false`; nothing else is a boolean.
    Bool(bool),
    /// A plain JSON number, as written: `0.910` stays `0.910`.
    Number(String),
    /// Everything else, quoted or not.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file, without two equal keys.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    key: String,
    key_span: Span,
    node: Node,
}

/// What reading refuses, so that a hostile file costs little. Every refusal prints the number it hit. A project may set
/// some of them, up to [`Limits::HIGHEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an answers file.
    pub file_bytes: usize,
    /// Nesting of lists and mappings.
    pub depth: usize,
    /// Keys and values in all.
    pub nodes: usize,
    /// Bytes of one key.
    pub key_bytes: usize,
    /// Bytes of one scalar.
    pub scalar_bytes: usize,
    /// Bytes of a file that values are drawn from.
    pub data_bytes: usize,
    /// Files that values are drawn from.
    pub data_files: usize,
    /// Keys and values of one of them.
    pub data_nodes: usize,
    /// Keys and values drawn into one document.
    pub drawn_nodes: usize,
    /// Bytes of one evidence file.
    pub evidence_bytes: usize,
    /// Evidence files of a document.
    pub evidence_files: usize,
    /// Bytes of all of them.
    pub evidence_total: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Limits {
    /// Where nobody says otherwise.
    pub const USUAL: Self = Self {
        file_bytes: 4 << 20,
        depth: 64,
        nodes: 200_000,
        key_bytes: 256,
        scalar_bytes: 1 << 20,
        data_bytes: 16 << 20,
        data_files: 500,
        data_nodes: 500_000,
        drawn_nodes: 200_000,
        evidence_bytes: 50 << 20,
        evidence_files: 500,
        evidence_total: 200 << 20,
    };
    /// No project goes beyond these: what fits into them is still read in seconds and held in memory. A release is read
    /// within them, whatever the project allowed that made it.
    pub const HIGHEST: Self = Self {
        file_bytes: 32 << 20,
        depth: 64,
        nodes: 2_000_000,
        key_bytes: 256,
        scalar_bytes: 16 << 20,
        data_bytes: 128 << 20,
        data_files: 5_000,
        data_nodes: 2_000_000,
        drawn_nodes: 2_000_000,
        evidence_bytes: 256 << 20,
        evidence_files: 5_000,
        evidence_total: 1 << 30,
    };
}

impl Answers {
    /// Reads YAML.
    ///
    /// ```
    /// use techfile::{Answers, Source};
    /// let answers = Answers::parse(Source::new("a.yaml", "kind: memo\nscore: 0.910\n"))?;
    /// let score = answers.root().get("score").expect("it is there");
    /// assert_eq!(score.node().text(), Some("0.910"));
    /// # Ok::<(), techfile::diagnostic::Rejected>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that is no YAML, or is YAML that we refuse: anchors, aliases, tags, merge keys, more than one
    /// document; or a limit.
    pub fn parse(source: Source) -> Result<Self, Rejected> {
        Self::parse_within(source, Limits::default())
    }

    /// Reads YAML within other limits.
    ///
    /// # Errors
    /// As [`Answers::parse`].
    pub fn parse_within(source: Source, limits: Limits) -> Result<Self, Rejected> {
        let (root, findings) = parse::tree(&source, limits)?;
        Ok(Self { source, root, findings, files: Vec::new(), drawn: Vec::new(), limits })
    }

    /// The text that was read.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The top of the tree: always a mapping.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// What was found wrong so far.
    #[must_use]
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// The files that the answers name, as far as they were bound, in the order of the evidence register.
    #[must_use]
    pub fn files(&self) -> &[BoundFile] {
        &self.files
    }

    /// The files that `$from` drew values from, by their paths from the root.
    #[must_use]
    pub fn drawn(&self) -> &[Drawn] {
        &self.drawn
    }

    /// The `kind` that the answers claim to be.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.root.get("kind").and_then(|entry| entry.node.text())
    }
}

impl Node {
    fn new(value: Value, source: Source, span: Span) -> Self {
        Self { value, source, span, origin: None }
    }

    /// The place in another file that the value was drawn from.
    #[must_use]
    pub fn origin(&self) -> Option<&Place> {
        self.origin.as_ref()?.place.as_ref()
    }

    /// Whether a `$from` stands here whose value could not be had.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.place.is_none())
    }

    /// Whether the value was a cell of a table.
    #[must_use]
    pub fn is_cell(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.cell)
    }

    /// The place that the answer under a pointer was drawn from, or what holds it.
    #[must_use]
    pub fn origin_under(&self, pointer: &str) -> Option<&Place> {
        let mut node = self;
        let mut origin = self.origin();
        for token in pointer.split('/').skip(1) {
            let Some(next) = node.child(&unescape(token)) else { break };
            node = next;
            origin = node.origin().or(origin);
        }
        origin
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Bytes of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The place of the value, under the pointer that the caller knows.
    #[must_use]
    pub fn place(&self, pointer: impl Into<String>) -> Place {
        Place { source: self.source.clone(), span: self.span, pointer: pointer.into() }
    }

    /// The entry with this key, if the value is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The entries of a mapping; none for other values.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for other values.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The characters of a text or a number.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The node under an RFC 6901 pointer.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        pointer.split('/').skip(1).try_fold(self, |node, token| node.child(&unescape(token)))
    }

    /// What a mapping holds under a key, a list under a number.
    fn child(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(_) => self.get(key).map(Entry::node),
            Value::List(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        }
    }
}

impl Entry {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The place of the key.
    #[must_use]
    pub fn key_place(&self, pointer: impl Into<String>) -> Place {
        Place { source: self.node.source.clone(), span: self.key_span, pointer: pointer.into() }
    }
}

/// A pointer one step longer (RFC 6901 escapes `~` and `/`).
#[must_use]
pub fn join(pointer: &str, token: &str) -> String {
    if token.contains(['~', '/']) {
        [pointer, "/", &token.replace('~', "~0").replace('/', "~1")].concat()
    } else {
        [pointer, "/", token].concat()
    }
}

/// A step of a pointer as it was before it was escaped.
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
