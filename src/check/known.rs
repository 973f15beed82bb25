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
use crate::catalog::{Catalog, CatalogError, Fact, Plain, Shape};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::source::Span;

/// Language in which each fact is told.
const BASE: &str = "en";

pub(super) fn judge(walk: &Walk<'_>, catalog: &Catalog) -> Result<Vec<Diagnostic>, CatalogError> {
    let mut findings = Vec::new();
    let language = walk.value.pointer("/document/language").and_then(Json::as_str).unwrap_or_default();
    let Some(known) = catalog.known_wrong()?.filter(|known| known.reads(language)) else { return Ok(findings) };
    for part in &walk.parts {
        // Words of a list, dates and digits are in nobody's own words.
        if part.marker.is_none() && part.shape.is_none_or(Shape::is_coded) {
            continue;
        }
        let markdown = part.marker.is_none() && part.shape.is_some_and(Shape::is_markdown);
        for (node, text) in texts(part) {
            let blocks = if markdown { blocks(text) } else { vec![text.to_owned()] };
            for block in blocks {
                let plain = Plain::new(&block);
                for (fact, range) in known.find(language, &plain)? {
                    findings.push(finding(part, node, fact, language, plain.slice(&range)));
                }
            }
        }
    }
    Ok(findings)
}

fn finding(part: &Part<'_>, node: &Node, fact: &Fact, language: &str, words: &str) -> Diagnostic {
    let whole = node.place(part.pointer.clone());
    let own = Plain::new(whole.source.slice(whole.span)).find(words);
    let place = match own {
        Some(own) => Place { span: Span::new(whole.span.start + own.start, whole.span.start + own.end), ..whole },
        None => whole,
    };
    let correct = fact.correct.get(language).or_else(|| fact.correct.get(BASE)).map_or("", String::as_str);
    let message = format!("{} states what is superseded or was never so ({})", part.name(), fact.id);
    Diagnostic::warning(Code::KnownWrong, place, message).clauses(fact.clauses.iter().cloned()).help(format!(
        "{} ({}; since {})",
        correct.trim(),
        fact.source,
        fact.since
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
