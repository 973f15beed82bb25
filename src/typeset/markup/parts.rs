//! Which parts of a document begin a page.
//!
//! Comes in: the events of a document's body. Goes out: for each heading, whether it begins a part that a page begins with.
//! It is guessed from the words, because pages that decide by their own length may never come to rest.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::{LINE, Placed, headings, plain};
use crate::typeset::literal::Width;
use crate::typeset::table::Table;

/// Height of a page's text, and of one line, in points.
const PAGE: u32 = 700;
const TEXT: u32 = 13;
const FINE: u32 = 10;
/// A part no higher than this flows.
const SHORT: u32 = 320;
/// How much of a page must be filled before the next part leaves the rest of it empty.
const FILLED: u32 = 400;
/// So many pages that a guess of their height may be wrong by half a page.
const MANY: u32 = 6 * PAGE;
/// What a picture and a chart take, roughly.
const PICTURE: u32 = 250;
const CHART: u32 = 150;

/// For each heading of these events whether a page begins with it. The first needs none: the body begins a page.
pub(super) fn begin_pages(events: &[Placed<'_>]) -> Vec<bool> {
    let top = |at: &usize| {
        matches!(events[*at].0, Event::Start(Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. }))
    };
    let all: Vec<usize> = headings(events).map(|(at, _)| at).collect();
    // What has been set since a page began.
    let mut before = 0_u32;
    let mut begun = Vec::new();
    for (index, at) in all.iter().enumerate() {
        let next = all[index + 1..].iter().find(|at| top(at));
        let length = if top(at) { height(&events[*at..next.copied().unwrap_or(events.len())]) } else { 0 };
        let begins = length > SHORT && is_filled(before);
        before = if begins { length } else { before.saturating_add(length) };
        begun.push(begins);
    }
    begun
}

/// Whether enough of the last page is filled, whichever way the guess is wrong. After many pages nobody knows; there a page
/// begins by the best guess, because the compiler sets what stands between two such breaks side by side.
fn is_filled(before: u32) -> bool {
    let doubt = if before > MANY { 0 } else { before / 14 };
    let (least, most) = (before - doubt, before.saturating_add(doubt));
    least / PAGE == most / PAGE && least % PAGE > FILLED
}

/// How high these events are in points, roughly.
fn height(events: &[Placed<'_>]) -> u32 {
    let (mut height, mut width) = (0_u32, 0_u32);
    let mut table: Option<Table> = None;
    let mut cell = 0;
    let mut quote = 0_u32;
    for (index, (event, source)) in events.iter().enumerate() {
        let added = match event {
            Event::Start(Tag::Table(alignments)) => {
                table = Some(Table::new(alignments, source, &events[index..], LINE));
                0
            }
            Event::Start(Tag::TableCell) => {
                cell = index;
                0
            }
            Event::End(TagEnd::TableCell) => {
                if let Some(table) = &mut table {
                    table.cell(String::new(), &plain(&events[cell..index]));
                }
                0
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                if let Some(table) = &mut table {
                    table.end_row();
                }
                3
            }
            Event::End(TagEnd::Table) => table.take().map_or(0, |table| table.lines() * FINE * 6 / 7) + 20,
            Event::Text(text) | Event::Code(text) if table.is_none() => {
                width = width.saturating_add(Width::of(text).0);
                0
            }
            Event::Start(Tag::BlockQuote(_)) => {
                quote += 1;
                12
            }
            Event::End(TagEnd::BlockQuote(_)) => {
                quote = quote.saturating_sub(1);
                0
            }
            Event::End(TagEnd::Heading(level)) => match level {
                HeadingLevel::H1 | HeadingLevel::H2 => 55,
                HeadingLevel::H3 => 35,
                _ => 28,
            },
            Event::End(TagEnd::Paragraph) if quote > 0 => 7 + lines(width, LINE * 100 / 85) * FINE,
            Event::End(TagEnd::Paragraph) => 9 + lines(width, LINE) * TEXT,
            Event::End(TagEnd::Item | TagEnd::CodeBlock) => lines(width, LINE) * TEXT,
            Event::End(TagEnd::List(_)) => 9,
            Event::Html(html) if html.contains("chart:") => CHART,
            Event::Start(Tag::Image { .. }) => PICTURE,
            _ => 0,
        };
        if matches!(event, Event::End(TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock)) {
            width = 0;
        }
        height = height.saturating_add(added);
    }
    height
}

/// Widths are guessed from above, by about a quarter.
fn lines(width: u32, line: u32) -> u32 {
    (width / 4 * 3).div_ceil(line)
}

#[cfg(test)]
mod tests {
    use super::super::events;
    use super::*;

    /// After a part that is somewhat less than a page long.
    fn begun(text: &str) -> Vec<bool> {
        let first = "A paragraph.\n\n".repeat(24);
        begin_pages(&events(&format!("## First\n\n{first}{text}"))).split_off(1)
    }

    #[test]
    fn long_parts_begin_a_page_where_enough_of_the_last_one_is_filled() {
        let long = "A paragraph.\n\n".repeat(20);
        assert_eq!(begun(&format!("## A\n\n{long}")), [true]);
        assert_eq!(begun("## A\n\nNothing.\n"), [false], "a short part flows");
        assert_eq!(begun(&format!("## A\n\n### B\n\n{long}## C\n")), [true, false, false], "parts, not their chapters");
        assert_eq!(begin_pages(&events(&format!("## A\n\nNothing.\n\n## B\n\n{long}"))), [false, false]);
        let more = "A paragraph.\n\n".repeat(36);
        assert_eq!(
            begin_pages(&events(&format!("## A\n\n{more}## B\n\n{long}"))),
            [false, false],
            "little stands on its second page"
        );
        let words = "word ".repeat(700);
        assert_eq!(begun(&format!("## A\n\n{words}\n")), [true]);
        let row = "| some words | some other words |\n".repeat(40);
        assert_eq!(begun(&format!("## A\n\n| a | b |\n| - | - |\n{row}")), [true]);
        assert_eq!(begun("## A\n\n| a | b |\n| - | - |\n| c | d |\n"), [false]);
        assert_eq!(begun(&format!("## A\n\n| a | b |\n| - | - |\n| {words} | d |\n")), [true]);
        assert_eq!(begun("## A\n\n![x](x.png)\n\n![y](y.png)\n"), [true]);
    }

    #[test]
    fn a_guess_that_may_be_wrong_empties_no_page() {
        assert!(is_filled(PAGE * 3 / 4) && !is_filled(PAGE / 2));
        assert!(!is_filled(PAGE - 10) && !is_filled(PAGE * 3 - 100), "it may be the next page");
        assert!(is_filled(MANY + PAGE - 10));
    }
}
