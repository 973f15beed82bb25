//! Blocks of known form into Markdown.
//!
//! Comes in: blocks, and where they will stand. Goes out: Markdown that every reader of CommonMark with tables reads the
//! same way. Makes nothing prettier than it must be.

use super::{Align, Block, Evidence, Inline, Item, Mark, Target};
use crate::render::escape;

/// Where an answer stands.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Level of the heading above it.
    pub(super) level: u8,
    /// Its number in the document, for the labels of its notes.
    pub(super) number: usize,
}

struct Writer<'e> {
    style: Style,
    evidence: &'e dyn Evidence,
}

/// Writes the blocks of an answer.
pub(super) fn blocks(blocks: &[Block], style: Style, evidence: &dyn Evidence) -> String {
    Writer { style, evidence }.blocks(blocks, true)
}

impl Writer<'_> {
    fn blocks(&self, blocks: &[Block], apart: bool) -> String {
        let mut out = String::new();
        // Two lists side by side are told apart by their marks.
        let mut other = false;
        for (index, block) in blocks.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| blocks.get(before));
            other = match (before, block) {
                (Some(Block::List { start: one, .. }), Block::List { start: two, .. }) => {
                    one.is_some() == two.is_some() && !other
                }
                _ => false,
            };
            if index > 0 {
                out.push_str(if apart { "\n\n" } else { "\n" });
            }
            out.push_str(&self.block(block, other));
        }
        out
    }

    fn block(&self, block: &Block, other: bool) -> String {
        match block {
            Block::Para(line) => self.line(line, false),
            Block::Heading(depth, line) => {
                let level = (self.style.level + depth).clamp(1, 6);
                format!("{} {}", "#".repeat(level.into()), self.line(line, false))
            }
            Block::Quote(blocks) => prefixed(&self.blocks(blocks, true), "> ", "> "),
            Block::Code(language, text) => {
                let fence = "`".repeat(3.max(longest_run(text, '`') + 1));
                format!("{fence}{language}\n{text}\n{fence}")
            }
            Block::List { start, loose, items } => self.list(*start, *loose, items, other),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::Rule => "___".to_owned(),
            Block::Note(number, blocks) => {
                let first = format!("[^{}-{number}]: ", self.style.number);
                prefixed(&self.blocks(blocks, true), &first, "    ")
            }
        }
    }

    fn list(&self, start: Option<u64>, loose: bool, items: &[Item], other: bool) -> String {
        let mut out = String::new();
        for (index, item) in items.iter().enumerate() {
            let mark = match (start, other) {
                (None, false) => "- ".to_owned(),
                (None, true) => "* ".to_owned(),
                (Some(first), _) => {
                    format!("{}{} ", first.saturating_add(index as u64), if other { ')' } else { '.' })
                }
            };
            let rest = " ".repeat(mark.len());
            let task = match item.done {
                None => "",
                Some(true) => "[x] ",
                Some(false) => "[ ] ",
            };
            if index > 0 {
                out.push_str(if loose { "\n\n" } else { "\n" });
            }
            let inner = format!("{task}{}", self.blocks(&item.blocks, loose));
            out.push_str(&prefixed(&inner, &mark, &rest));
        }
        out
    }

    fn table(&self, columns: &[(Align, usize)], rows: &[Vec<Vec<Inline>>]) -> String {
        let row = |cells: &[Vec<Inline>]| -> String {
            let cells: Vec<String> = cells.iter().map(|cell| self.line(cell, true)).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rule = |(align, width): &(Align, usize)| {
            let dashes = "-".repeat(*width);
            match align {
                Align::None => dashes,
                Align::Left => format!(":{dashes}"),
                Align::Center => format!(":{dashes}:"),
                Align::Right => format!("{dashes}:"),
            }
        };
        let rules: Vec<String> = columns.iter().map(rule).collect();
        let mut lines: Vec<String> = rows.iter().map(|cells| row(cells)).collect();
        lines.insert(1.min(lines.len()), format!("| {} |", rules.join(" | ")));
        lines.join("\n")
    }

    fn line(&self, line: &[Inline], cell: bool) -> String {
        let mut out = String::new();
        let mut starts = true;
        for (index, inline) in line.iter().enumerate() {
            match inline {
                Inline::Text(text) => {
                    out.push_str(&escape::inline(text, starts));
                    // Before a link an exclamation mark would make a picture.
                    if out.ends_with('!') && matches!(line.get(index + 1), Some(Inline::Link(..) | Inline::NoteRef(_)))
                    {
                        out.insert(out.len() - 1, '\\');
                    }
                }
                Inline::Code(text) => out.push_str(&code(text, cell)),
                Inline::Break => out.push_str("\\\n"),
                Inline::Marked(mark, inner) => {
                    let mark = match mark {
                        Mark::Emphasis => "*",
                        Mark::Strong => "**",
                        Mark::Strike => "~~",
                    };
                    out.extend([mark, &self.line(inner, cell), mark]);
                }
                Inline::Link(target, inner) => {
                    let target = match target {
                        Target::Address(address) => address.clone(),
                        Target::Evidence(id) => self.evidence.link(id),
                    };
                    out.extend(["[", &self.line(inner, cell), "](", &target.replace('&', "&amp;"), ")"]);
                }
                Inline::Picture(id, alt) => {
                    let (target, registered) = self.evidence.picture(id);
                    let alt = if alt.is_empty() { registered.unwrap_or_default() } else { alt.clone() };
                    let target = escape::destination(&target).replace('&', "&amp;");
                    out.extend(["![", &escape::within(&alt), "](", &target, ")"]);
                }
                Inline::NoteRef(number) => {
                    out.extend(["[^", &self.style.number.to_string(), "-", &number.to_string(), "]"]);
                }
            }
            starts = matches!(inline, Inline::Break);
        }
        out
    }
}

fn code(text: &str, cell: bool) -> String {
    let ticks = "`".repeat(longest_run(text, '`') + 1);
    let spaces = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = if text.starts_with('`') || text.ends_with('`') || spaces { " " } else { "" };
    let text = if cell { text.replace('|', "\\|") } else { text.to_owned() };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// Puts `first` before the first line and `rest` before the others; empty lines stay without white space at their end.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let lines = text.split('\n').enumerate().map(|(index, line)| match (index, line) {
        (0, line) => format!("{first}{line}"),
        (_, "") => rest.trim_end().to_owned(),
        (_, line) => format!("{rest}{line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
