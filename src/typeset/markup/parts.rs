//! Which parts of a document begin a page.
//!
//! Comes in: the events of a document's body. Goes out: for each heading, whether it begins a part that is long enough for
//! a page of its own and finds its page begun. It is guessed from the words, because pages that decide by their own length may never come to rest.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::{LINE, Placed, headings};
use crate::typeset::literal::Width;

/// A part with at most so many lines flows: somewhat less than half a page.
const SHORT: u32 = 24;
/// Lines that a picture and a chart take, roughly.
const PICTURE: u32 = 20;
const CHART: u32 = 12;

/// For each heading of these events whether a page begins with it. The first needs none: the body begins a page.
pub(super) fn begin_pages(events: &[Placed<'_>]) -> Vec<bool> {
    let top = |at: &usize| {
        matches!(events[*at].0, Event::Start(Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. }))
    };
    let all: Vec<usize> = headings(events).map(|(at, _)| at).collect();
    // What stands on the page already, if no more than this has been set since it began.
    let mut before = 0_u32;
    let mut begun = Vec::new();
    for (index, at) in all.iter().enumerate() {
        let next = all[index + 1..].iter().find(|at| top(at));
        let length = if top(at) { lines(&events[*at..next.copied().unwrap_or(events.len())]) } else { 0 };
        let begins = length > SHORT && before > SHORT;
        before = if begins { length } else { before.saturating_add(length) };
        begun.push(begins);
    }
    begun
}

/// How many lines these events take, from above rather than below.
fn lines(events: &[Placed<'_>]) -> u32 {
    let (mut lines, mut width, mut columns, mut row) = (0_u32, 0_u32, 1_u32, 1_u32);
    for (event, _) in events {
        match event {
            Event::Text(text) | Event::Code(text) => width = width.saturating_add(Width::of(text).0),
            Event::Start(Tag::Table(alignments)) => columns = u32::try_from(alignments.len()).unwrap_or(1).max(1),
            Event::End(TagEnd::TableCell) => {
                row = row.max(1 + width.saturating_mul(columns) / LINE);
                width = 0;
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                lines = lines.saturating_add(row);
                row = 1;
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock) => {
                lines = lines.saturating_add(1 + width.div_ceil(LINE));
                width = 0;
            }
            Event::Html(html) if html.contains("chart:") => lines = lines.saturating_add(CHART),
            Event::Start(Tag::Image { .. }) => lines = lines.saturating_add(PICTURE),
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::events;
    use super::*;

    /// After a part that is a page long.
    fn begun(text: &str) -> Vec<bool> {
        let first = "A paragraph.\n\n".repeat(20);
        begin_pages(&events(&format!("## First\n\n{first}{text}"))).split_off(1)
    }

    #[test]
    fn short_parts_flow_and_long_ones_begin_a_page() {
        let long = "A paragraph.\n\n".repeat(20);
        assert_eq!(begun(&format!("## A\n\nNothing.\n\n## B\n\n{long}## C\n\nNothing.\n")), [false, true, false]);
        assert_eq!(begun(&format!("## A\n\n### B\n\n{long}## C\n")), [true, false, false], "parts, not their chapters");
        assert_eq!(begin_pages(&events(&format!("## A\n\n{long}## B\n\n{long}"))), [false, true]);
        assert_eq!(begin_pages(&events(&format!("## A\n\nNothing.\n\n## B\n\n{long}"))), [false, false]);
        let words = "word ".repeat(500);
        assert_eq!(begun(&format!("## A\n\n{words}\n")), [true]);
        let row = "| some words | some other words |\n".repeat(30);
        assert_eq!(begun(&format!("## A\n\n| a | b |\n| - | - |\n{row}")), [true]);
        assert_eq!(begun("## A\n\n| a | b |\n| - | - |\n| c | d |\n"), [false]);
        assert_eq!(begun(&format!("## A\n\n| a | b |\n| - | - |\n| {words} | d |\n")), [true]);
        assert_eq!(begun("## A\n\n![x](x.png)\n\n![y](y.png)\n"), [true]);
    }
}
