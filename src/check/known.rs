//! Texts that repeat what is known to be wrong about the law and the standard.
//!
//! Comes in: a walk and the catalogue's list of facts. Goes out: a warning for each fact that an answer gets wrong, with
//! what is so, where that stands, and the place of the words. Of a Markdown answer the text is read, block by block.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde_json::Value as Json;

use super::markdown::OPTIONS;
use super::prose::texts;
use super::walk::{Part, Walk};
use crate::answers::Node;
use crate::catalog::{Catalog, CatalogError, Fact, Plain, Shape, plain};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::source::Span;

pub(super) fn judge(walk: &Walk<'_>, catalog: &Catalog) -> Result<Vec<Diagnostic>, CatalogError> {
    let mut findings = Vec::new();
    let language = walk.value.pointer("/document/language").and_then(Json::as_str).unwrap_or_default();
    let Some(known) = catalog.known_wrong(language).transpose()? else { return Ok(findings) };
    let (lines, pieces) = lines(walk);
    for (fact, ranges) in known.find(&lines)? {
        let mut spots: Option<Spots<'_>> = None;
        for range in ranges {
            let index = pieces.partition_point(|piece| piece.start <= range.start).saturating_sub(1);
            let Some(piece) = pieces.get(index) else { continue };
            if pieces.get(index + 1).is_some_and(|next| range.end > next.start) {
                continue;
            }
            let words = lines.get(range).unwrap_or_default();
            let spots = match &mut spots {
                Some(spots) if std::ptr::eq(spots.node, piece.node) => spots,
                other => other.insert(Spots::of(piece.node)),
            };
            if let Some(span) = spots.next(words) {
                findings.push(finding(piece.part, piece.node, fact, span));
            }
        }
    }
    Ok(findings)
}

/// A text of the answers among all of them.
struct Piece<'w, 'a> {
    start: usize,
    part: &'w Part<'a>,
    node: &'w Node,
}

/// Every text as patterns read it, each on a line, and where each begins.
fn lines<'w, 'a>(walk: &'w Walk<'a>) -> (String, Vec<Piece<'w, 'a>>) {
    let (mut lines, mut pieces) = (String::new(), Vec::new());
    for part in &walk.parts {
        // Words of a list, dates and digits are in nobody's own words.
        if part.marker.is_none() && part.shape.is_none_or(Shape::is_coded) {
            continue;
        }
        let markdown = part.marker.is_none() && part.shape.is_some_and(Shape::is_markdown);
        for (node, text) in texts(part) {
            let blocks = if markdown { blocks(text) } else { vec![text.to_owned()] };
            for block in blocks {
                pieces.push(Piece { start: lines.len(), part, node });
                lines.push_str(&plain(&block, |_, _| {}));
                // `.` ends at the line, and what reads on to the end of a sentence ends at the full stop.
                lines.push_str("\n.\n");
            }
        }
    }
    (lines, pieces)
}

/// Where the words of findings stand as they were written, one after the other: a text is read once for each fact.
struct Spots<'w> {
    node: &'w Node,
    written: Plain,
    from: usize,
    whole: bool,
}

impl<'w> Spots<'w> {
    fn of(node: &'w Node) -> Self {
        let Place { source, span, .. } = node.place(String::new());
        Self { node, written: Plain::new(source.slice(span)), from: 0, whole: false }
    }

    /// The bytes of these words; of the whole text where markup stands between them, and that only once.
    fn next(&mut self, words: &str) -> Option<Span> {
        let Place { span, .. } = self.node.place(String::new());
        if let Some((own, end)) = self.written.find(words, self.from) {
            self.from = end;
            return Some(Span::new(span.start + own.start, span.start + own.end));
        }
        (!std::mem::replace(&mut self.whole, true)).then_some(span)
    }
}

fn finding(part: &Part<'_>, node: &Node, fact: &Fact, span: Span) -> Diagnostic {
    let place = Place { span, ..node.place(part.pointer.clone()) };
    let Fact { known, told } = fact;
    let message = format!("{} states what is superseded or was never so ({})", part.name(), known.id);
    Diagnostic::warning(Code::KnownWrong, place, message).clauses(known.clauses.iter().cloned()).help(format!(
        "{} ({}; since {})",
        told.correct.trim(),
        known.source,
        known.since
    ))
}

/// What a reader sees of each block: a paragraph, a heading, a row of a table.
fn blocks(markdown: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for event in Parser::new_ext(markdown, OPTIONS) {
        let Some(block) = blocks.last_mut() else { break };
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                block.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::Start(Tag::TableCell) => block.push(' '),
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
            | Event::End(
                TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image
                | TagEnd::TableCell,
            )
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
            _ if !block.is_empty() => blocks.push(String::new()),
            _ => {}
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_what_a_reader_sees_of_it() {
        let markdown = "one *two*\n`three` [four](https://x.eu)\n\n- a\n- b\n\n| c | d |\n| - | - |\n| e | **f** |\n";
        assert_eq!(blocks(markdown), ["one two three four", "a", "b", " c d", " e f"]);
        assert_eq!(blocks(""), Vec::<String>::new());
    }
}
