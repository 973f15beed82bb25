//! Findings for people: the line of the answers, what is wrong under it, the clause that asks, what to do.
//!
//! Comes in: findings and the catalogue that cites clauses. Goes out: text in the manner of rustc, with or without
//! colour. No control character of an answer comes out: in messages each is written as `\u{…}`, in the shown line as one
//! stand-in, so that columns stay true.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::{is_invisible, visible};
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Place, Severity};

/// Whether the text may hold escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// For a terminal that wants colours.
    On,
    /// For files, pipes and `NO_COLOR`.
    Off,
}

/// One finding, with a line feed at its end.
#[must_use]
pub fn render(finding: &Diagnostic, catalog: &Catalog, colour: Colour) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut parts = vec![place(&finding.place, AnnotationKind::Primary, &finding.label)];
    parts.extend(finding.related.iter().map(|other| place(&other.place, AnnotationKind::Context, &other.message)));
    let notes = finding.clauses.iter().map(|clause| Level::NOTE.message(visible(&catalog.cite(clause)).into_owned()));
    parts.extend(notes.map(Element::from));
    if let Some(help) = &finding.help {
        parts.push(Level::HELP.message(visible(help)).into());
    }
    let title = level.primary_title(visible(&finding.message)).id(finding.code.as_str());
    let report = [Group::with_title(title).elements(parts)];
    let renderer = match colour {
        Colour::On => Renderer::styled(),
        Colour::Off => Renderer::plain(),
    };
    let text = renderer.render(&report);
    let mut shown = String::with_capacity(text.len() + 1);
    for line in text.lines() {
        shown.extend([&*arrow(line), "\n"]);
    }
    shown
}

/// A line that names a further place, with the arrow of the first one in front of it: a runner of GitHub Actions takes what
/// begins with `::` for a command.
fn arrow(line: &str) -> Cow<'_, str> {
    let Some((before, name)) = line.split_once("::: ") else { return Cow::Borrowed(line) };
    // Nothing stands before it but blanks and colours.
    let mut rest = before.trim_start();
    while let Some(end) = rest.strip_prefix("\u{1b}[").and_then(|colour| colour.split_once('m')) {
        rest = end.1.trim_start();
    }
    if rest.is_empty() { Cow::Owned(format!("{before}--> {name}")) } else { Cow::Borrowed(line) }
}

/// Where it is and the line there.
fn place<'p>(place: &'p Place, kind: AnnotationKind, label: &'p str) -> Element<'p> {
    let (start, _) = place.positions();
    let name = visible(place.source.name()).into_owned();
    if place.source.text().is_empty() {
        // The file as a whole.
        return Origin::path(name).into();
    }
    if Excerpt::is_long(place) {
        return Origin::path(name).line(start.line).char_column(start.column).into();
    }
    let line = Excerpt::of(place);
    let mut annotation = kind.span(line.range);
    if !label.is_empty() {
        annotation = annotation.label(visible(label));
    }
    Snippet::source(line.text).path(name).line_start(start.line).annotation(annotation).into()
}

/// The first line of a place, made visible, and the bytes to underline in it.
struct Excerpt {
    text: String,
    range: Range<usize>,
}

/// Longest line, in bytes, that is shown. A file on one line is no text for people, and each finding would print it.
const MAX_LINE: usize = 4_096;

impl Excerpt {
    fn is_long(place: &Place) -> bool {
        let text = place.source.text();
        let start = floor(text, place.span.start);
        let before = text[..start].bytes().rev().take(MAX_LINE).take_while(|byte| !b"\n\r".contains(byte)).count();
        let after = text[start..].bytes().take(MAX_LINE).take_while(|byte| !b"\n\r".contains(byte)).count();
        before + after >= MAX_LINE
    }

    fn of(place: &Place) -> Self {
        let text = place.source.text();
        let start = floor(text, place.span.start);
        let end = floor(text, place.span.end).max(start);
        let ends = |character: char| character == '\n' || character == '\r';
        let line_start = text[..start].rfind(ends).map_or(0, |at| at + 1);
        let line_end = text[start..].find(ends).map_or(text.len(), |at| start + at);
        let mut shown = Self { text: String::new(), range: 0..0 };
        for (at, character) in text[line_start..line_end].char_indices() {
            let at = line_start + at;
            if at == start {
                shown.range.start = shown.text.len();
            }
            shown.text.push(stand_in(character));
            if at < end {
                shown.range.end = shown.text.len();
            }
        }
        if start == line_end {
            shown.range.start = shown.text.len();
        }
        shown.range.end = shown.range.end.max(shown.range.start);
        shown
    }
}

/// One visible character for each that is not: a control picture, or the replacement character.
fn stand_in(character: char) -> char {
    match character {
        '\t' => '\t',
        '\u{7f}' => '\u{2421}',
        control if control < ' ' => char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{fffd}'),
        other if is_invisible(other) => '\u{fffd}',
        other => other,
    }
}

/// The last character boundary at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::{Source, Span};

    fn at(text: &str, needle: &str) -> Place {
        let start = text.find(needle).expect("it is in the text");
        Place {
            source: Source::new("answers.yaml", text),
            span: Span::new(start, start + needle.len()),
            pointer: String::new(),
        }
    }

    #[test]
    fn a_finding_shows_its_line_its_clause_and_its_help() {
        let text = "kind: a\ndocument: b\n\nprovider:\n  name: N\n";
        let finding = Diagnostic::error(Code::MissingAnswer, at(text, "provider"), "the provider has no address")
            .label("`address` is missing here")
            .clauses(["law:1.a".into()])
            .help("add `address:` with street, postcode, town and country");
        let expected = "\
error[missing-answer]: the provider has no address
 --> answers.yaml:4:1
  |
4 | provider:
  | ^^^^^^^^ `address` is missing here
  |
  = note: law:1.a
  = help: add `address:` with street, postcode, town and country
";
        assert_eq!(render(&finding, &Catalog::builtin(), Colour::Off), expected);
        assert!(render(&finding, &Catalog::builtin(), Colour::On).contains("\u{1b}["));
    }

    #[test]
    fn hostile_characters_are_shown_and_the_column_is_that_of_the_file() {
        let text = "a: \"\u{202e}\u{9b}31m\"\nbé: 1 # \u{1b}]0;x\u{7}\n";
        let finding = Diagnostic::warning(Code::ForbiddenCharacter, at(text, "1 #"), "a\u{1b}b")
            .related(at(text, "31m"), "\u{1b}here");
        let shown = render(&finding, &Catalog::builtin(), Colour::Off);
        assert!(!shown.chars().any(|c| c != '\n' && crate::report::is_invisible(c)), "{shown}");
        assert!(shown.contains("answers.yaml:2:5"), "{shown}");
        assert!(shown.contains("answers.yaml:1:7"), "{shown}");
        assert!(shown.contains("bé: 1 # ␛]0;x␇"), "{shown}");
        assert!(shown.contains(r"a\u{001b}b"), "{shown}");
    }

    #[test]
    fn a_place_of_many_lines_underlines_the_first_and_the_end_of_a_file_has_a_caret() {
        let text = "a:\n  - b\n  - c\n";
        let shown =
            render(&Diagnostic::error(Code::WrongType, at(text, "- b\n  - c"), "m"), &Catalog::builtin(), Colour::Off);
        assert!(shown.contains("2 |   - b\n  |   ^^^\n"), "{shown}");
        let long = format!("a: {}\n", "x".repeat(5_000));
        let shown = render(&Diagnostic::error(Code::WrongType, at(&long, "a"), "m"), &Catalog::builtin(), Colour::Off);
        assert!(shown.contains("answers.yaml:1:1") && shown.len() < 200, "{shown}");
        let mut end = at(text, "c\n");
        end.span = Span::new(text.len(), text.len());
        let shown = render(&Diagnostic::error(Code::Syntax, end, "m"), &Catalog::builtin(), Colour::Off);
        assert!(shown.contains("answers.yaml:4:1"), "{shown}");
    }
}
