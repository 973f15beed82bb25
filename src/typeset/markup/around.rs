//! What stands around an element.
//!
//! Comes in: events. Goes out: what one word has in several elements, and whether a table follows. An element is written
//! when it ends, without those beside it; whether its words fit their column depends on them.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::{Placed, is_comment};
use crate::typeset::literal::{Joined, OPENERS, Width};

/// For each of these events what its words have before and behind it.
pub(super) fn joined(events: &[Placed<'_>]) -> Vec<Joined> {
    let mut out = vec![Joined::default(); events.len()];
    let mut word = 0_u32;
    for (joined, (event, _)) in out.iter_mut().zip(events) {
        match part(event) {
            Part::Words(text) => {
                joined.before = word;
                let tail = text.rsplit(SPACES).next().unwrap_or_default();
                let own = Width::of(tail).0;
                word = if tail.len() < text.len() { own } else { word.saturating_add(own) };
            }
            Part::Mark => {}
            Part::End => word = 0,
        }
    }
    let (mut word, mut opens) = (0_u32, false);
    for (joined, (event, _)) in out.iter_mut().zip(events).rev() {
        match part(event) {
            Part::Words(text) => {
                (joined.behind, joined.opens) = (word, opens);
                let head = text.split(SPACES).next().unwrap_or_default();
                let own = Width::of(head).0;
                word = if head.len() < text.len() { own } else { word.saturating_add(own) };
                opens = head.starts_with(|c: char| c.is_alphanumeric() || OPENERS.contains(&c));
            }
            Part::Mark => {}
            Part::End => (word, opens) = (0, false),
        }
    }
    out
}

const SPACES: [char; 4] = [' ', '\n', '\t', '\r'];

/// What an event is to the word that stands there.
enum Part<'e> {
    Words(&'e str),
    /// Changes its look and not its letters.
    Mark,
    End,
}

fn part<'e>(event: &'e Event<'_>) -> Part<'e> {
    match event {
        Event::InlineHtml(html) if is_comment(html) => Part::Mark,
        Event::Text(text)
        | Event::Code(text)
        | Event::InlineHtml(text)
        | Event::InlineMath(text)
        | Event::DisplayMath(text) => Part::Words(text),
        Event::FootnoteReference(_)
        | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. })
        | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) => Part::Mark,
        _ => Part::End,
    }
}

/// Whether these events begin with a table, or with the figure that is drawn from one.
pub(super) fn is_table(events: &[Placed<'_>]) -> bool {
    match events {
        [(Event::Start(Tag::Table(_)), _), ..] => true,
        [(Event::Start(Tag::HtmlBlock), _), (Event::Html(html), _), ..] => html.contains("chart:"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::events;
    use super::*;

    #[test]
    fn a_word_may_have_parts_in_several_elements() {
        let events = events("an a=`b`, *c*d **e** f");
        let widths: Vec<(String, u32, u32, bool)> = events
            .iter()
            .zip(joined(&events))
            .filter_map(|((event, _), joined)| match event {
                Event::Text(text) | Event::Code(text) => {
                    Some((text.to_string(), joined.before, joined.behind, joined.opens))
                }
                _ => None,
            })
            .collect();
        let of = |text: &str| Width::of(text).0;
        let expected = [
            ("an a=", 0, of("b,"), true),
            ("b", of("a="), of(","), false),
            (", ", of("a=b"), of("cd"), true),
            ("c", 0, of("d"), true),
            ("d ", of("c"), of("e"), true),
            ("e", 0, 0, false),
            (" f", of("e"), 0, false),
        ];
        let expected: Vec<_> =
            expected.map(|(text, before, behind, opens)| (text.to_owned(), before, behind, opens)).into();
        assert_eq!(widths, expected);
    }
}
