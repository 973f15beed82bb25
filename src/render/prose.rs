//! Markdown answers, cleaned: what a document may show of them, written back as Markdown.
//!
//! Comes in: the Markdown of one answer. Goes out: Markdown of known form under the section that holds it. `check` has
//! refused what is dangerous; this is the second line: raw HTML becomes text, links lead to https, http, mailto or to
//! evidence, pictures are evidence, headings never skip a level. No word is lost. What was written is read again, and
//! must say the same.

mod read;
mod write;

use crate::check::MARKDOWN;

/// A piece of a text that stands on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Para(Vec<Inline>),
    /// Level from 1, as deep as the answer nests it.
    Heading(u8, Vec<Inline>),
    Quote(Vec<Block>),
    Code(String, String),
    List {
        start: Option<u64>,
        loose: bool,
        items: Vec<Item>,
    },
    Table {
        columns: Vec<(Align, usize)>,
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Rule,
    Note(usize, Vec<Block>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    done: Option<bool>,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Inline {
    Text(String),
    Code(String),
    Break,
    Marked(Mark, Vec<Inline>),
    Link(Target, Vec<Inline>),
    Picture(String, String),
    NoteRef(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Emphasis,
    Strong,
    Strike,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    None,
    Left,
    Center,
    Right,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Address(String),
    Evidence(String),
}

/// Where evidence is shown, told by whoever lays out the document.
pub(super) trait Evidence {
    /// Target of a link to the register.
    fn link(&self, id: &str) -> String;
    /// Target of a picture and the words for those who cannot see it.
    fn picture(&self, id: &str) -> (String, Option<String>);
}

/// Deepest nesting of quotations and lists; what is deeper joins the level above.
const MAX_DEPTH: usize = 12;
/// Name before the id of evidence.
const SCHEME: &str = "evidence:";

/// The Markdown of an answer as it stands in a document: below a heading of `level`, as answer number `number`.
#[must_use]
pub(super) fn clean(text: &str, level: u8, number: usize, evidence: &dyn Evidence) -> String {
    written(read::blocks(text), write::Style { level, number }, evidence)
}

/// The first paragraph of an answer, without its notes and pictures, which stand where the whole answer does.
pub(super) fn opening(text: &str, number: usize, evidence: &dyn Evidence) -> String {
    let paragraphs = read::blocks(text).into_iter().filter_map(|block| match block {
        Block::Para(inlines) => Some(without_notes(inlines)).filter(|left| !left.is_empty()),
        _ => None,
    });
    let first = paragraphs.take(1).map(Block::Para).collect();
    written(first, write::Style { level: 1, number }, evidence)
}

fn without_notes(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut kept: Vec<Inline> = Vec::new();
    for inline in inlines {
        match (inline, kept.last_mut()) {
            (Inline::NoteRef(_) | Inline::Picture(..), _) => {}
            (Inline::Marked(mark, inner), _) => kept.push(Inline::Marked(mark, without_notes(inner))),
            (Inline::Link(target, inner), _) => kept.push(Inline::Link(target, without_notes(inner))),
            // One text, as it will be read back.
            (Inline::Text(text), Some(Inline::Text(before))) => before.push_str(&text),
            (other, _) => kept.push(other),
        }
    }
    kept
}

fn written(mut blocks: Vec<Block>, style: write::Style, evidence: &dyn Evidence) -> String {
    if !reads_back(&blocks, style) {
        // Emphasis can meet other emphasis so that no way of writing both is read back; words weigh more.
        for block in &mut blocks {
            if !reads_back(std::slice::from_ref(block), style) {
                block.unmark();
            }
        }
        if !reads_back(&blocks, style) {
            blocks.iter_mut().for_each(Block::unmark);
        }
    }
    write::blocks(&blocks, style, evidence)
}

/// Ids of the evidence that an answer shows as pictures.
pub(super) fn pictures(text: &str) -> Vec<String> {
    let pictures = pulldown_cmark::Parser::new_ext(text, MARKDOWN).filter_map(|event| match event {
        pulldown_cmark::Event::Start(pulldown_cmark::Tag::Image { dest_url, .. }) => {
            dest_url.strip_prefix(SCHEME).map(str::to_owned)
        }
        _ => None,
    });
    pictures.collect()
}

fn reads_back(blocks: &[Block], style: write::Style) -> bool {
    read::blocks(&write::blocks(blocks, style, &Unresolved)) == blocks
}

/// Evidence as it is written in answers.
struct Unresolved;

impl Evidence for Unresolved {
    fn link(&self, id: &str) -> String {
        format!("{SCHEME}{id}")
    }

    fn picture(&self, id: &str) -> (String, Option<String>) {
        (format!("{SCHEME}{id}"), None)
    }
}

impl Block {
    /// The same words without emphasis.
    fn unmark(&mut self) {
        match self {
            Self::Para(line) => *line = read::tidy(unmarked(std::mem::take(line)), true),
            Self::Heading(_, line) => *line = read::tidy(unmarked(std::mem::take(line)), false),
            Self::Quote(blocks) | Self::Note(_, blocks) => blocks.iter_mut().for_each(Self::unmark),
            Self::List { items, .. } => {
                items.iter_mut().flat_map(|item| &mut item.blocks).for_each(Self::unmark);
            }
            Self::Table { rows, .. } => {
                for cell in rows.iter_mut().flatten() {
                    *cell = read::tidy(unmarked(std::mem::take(cell)), false);
                }
            }
            Self::Code(..) | Self::Rule => {}
        }
    }
}

fn unmarked(line: Vec<Inline>) -> Vec<Inline> {
    let mut plain = Vec::new();
    for inline in line {
        match inline {
            Inline::Marked(_, inner) => unmarked(inner).into_iter().for_each(|inline| push(&mut plain, inline)),
            Inline::Link(target, inner) => plain.push(Inline::Link(target, unmarked(inner))),
            other => push(&mut plain, other),
        }
    }
    plain
}

/// Adds to a line; texts side by side are one text.
fn push(line: &mut Vec<Inline>, inline: Inline) {
    match (line.last_mut(), inline) {
        (Some(Inline::Text(before)), Inline::Text(more)) => before.push_str(&more),
        (_, inline) => line.push(inline),
    }
}

#[cfg(test)]
mod tests;
