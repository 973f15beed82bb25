//! Markdown as a parser reads it that shares no code with ours (comrak).

use std::collections::BTreeSet;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What a reader of a Markdown document meets.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// All words, headings included, with a line break after each block.
    pub(crate) text: String,
    pub(crate) headings: BTreeSet<String>,
    /// Targets of links and pictures.
    pub(crate) targets: BTreeSet<String>,
    /// Raw HTML, comments among it.
    pub(crate) html: BTreeSet<String>,
    /// What is struck through, and what is bold.
    pub(crate) struck: Vec<String>,
    pub(crate) strong: Vec<String>,
}

/// Reads a document, without its front matter.
pub(crate) fn reading(markdown: &str) -> Reading {
    let body =
        markdown.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map_or(markdown, |(_, body)| body);
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.footnotes = true;
    options.extension.tasklist = true;
    let arena = Arena::new();
    let root = parse_document(&arena, body, &options);
    let mut reading = Reading::default();
    for node in root.descendants() {
        let value = node.data.borrow().value.clone();
        match value {
            NodeValue::Text(text) => reading.text.push_str(&text),
            NodeValue::Code(code) => reading.text.push_str(&code.literal),
            NodeValue::CodeBlock(block) => reading.text.push_str(&block.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => reading.text.push(' '),
            NodeValue::HtmlBlock(block) => drop(reading.html.insert(block.literal)),
            NodeValue::HtmlInline(text) => drop(reading.html.insert(text)),
            NodeValue::Link(link) | NodeValue::Image(link) => {
                reading.targets.insert(link.url.clone());
                if !link.title.is_empty() {
                    reading.targets.insert(link.title.clone());
                }
            }
            NodeValue::Heading(_) => {
                reading.text.push('\n');
                reading.headings.insert(words(node));
            }
            NodeValue::Strikethrough => reading.struck.push(words(node)),
            NodeValue::Strong => reading.strong.push(words(node)),
            other if other.block() => reading.text.push('\n'),
            _ => {}
        }
    }
    reading
}

fn words<'n>(node: &'n AstNode<'n>) -> String {
    let words = node.descendants().filter_map(|below| match &below.data.borrow().value {
        NodeValue::Text(text) => Some(text.to_string()),
        NodeValue::Code(code) => Some(code.literal.clone()),
        _ => None,
    });
    words.collect()
}

#[test]
fn the_other_parser_reads_what_we_think() {
    let seen = reading(
        "---\nid: x\n---\n# A `b` c\n\nd [e](https://f.eu \"g\") <!-- h -->\ni\n\n| j | k |\n| --- | --- |\n| l\\|m | n |\n",
    );
    assert_eq!(seen.headings.iter().collect::<Vec<_>>(), ["A b c"]);
    assert_eq!(seen.targets.iter().collect::<Vec<_>>(), ["g", "https://f.eu"]);
    assert_eq!(seen.html.iter().collect::<Vec<_>>(), ["<!-- h -->"]);
    assert!(seen.text.contains("d e  i") && seen.text.contains("l|m"), "{:?}", seen.text);
    assert!(!seen.text.contains("id: x"));
}
