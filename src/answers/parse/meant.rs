//! What people usually meant where YAML fails.
//!
//! Comes in: the text, where its reader stumbled and over what. Goes out: what is probably wrong, where that is, and what to
//! do. A guess looks at a line or two; where none fits, the reader's own words stand.

use granit_parser::ErrorKind;

/// What is probably wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meant {
    /// Byte of the text where it is; where the reader stumbled, if it is not known better.
    pub(super) at: usize,
    /// What, in place of the reader's own words.
    pub(super) message: Option<String>,
    /// What to do.
    pub(super) help: String,
}

/// `bracket` is where the innermost list or mapping in brackets begins that is still open.
pub(super) fn guess(text: &str, at: usize, kind: &ErrorKind, bracket: Option<usize>) -> Option<Meant> {
    let plain = |help: &str| Some(Meant { at, message: None, help: help.to_owned() });
    if let Some(tab) = indenting_tab(text, at) {
        return Some(Meant { at: tab, message: None, help: TABS.to_owned() });
    }
    let guess = Guess::new(text, at);
    match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => plain(TABS),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => guess.quote('"').or_else(|| plain(BEHIND)),
        ErrorKind::InvalidTrailingSingleQuotedScalar => guess.quote('\'').or_else(|| plain(BEHIND)),
        ErrorKind::InvalidQuotedScalarIndent => guess.quote('"').or_else(|| guess.quote('\'')),
        ErrorKind::UnclosedQuotedScalar => plain("close the quotation mark; inside double quotes write `\\\"`"),
        ErrorKind::UnexpectedCharacter { .. } => plain("put the text in quotes, or below `|` on lines of its own"),
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence => guess.bracket(bracket),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => guess
            .bracket(bracket)
            .or_else(|| guess.blank())
            .or_else(|| guess.indented())
            .or_else(|| plain("a text that holds `: ` must be in quotes or stand below `|`")),
        ErrorKind::SimpleKeyExpected => guess.blank().or_else(|| {
            plain("write `name: answer`; a text that goes on is indented further than the name that it answers")
        }),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            guess.bracket(bracket).or_else(|| guess.blank()).or_else(|| guess.outdented())
        }
        _ => None,
    }
}

const TABS: &str = "indent with spaces, never with tabs";
const BEHIND: &str = "nothing may stand behind the closing quotation mark; inside double quotes write `\\\"`";
const LEVEL: &str = "what stands on one level begins in one column";

/// The line of an offset and those before it that hold something.
struct Guess<'t> {
    text: &'t str,
    at: usize,
    line: Line<'t>,
    above: Option<Line<'t>>,
}

#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    /// Without white space at its ends.
    words: &'t str,
    indent: usize,
}

impl<'t> Line<'t> {
    fn at(text: &'t str, start: usize) -> Self {
        let line = text[start..].lines().next().unwrap_or_default();
        let words = line.trim_start_matches(' ');
        Self { start, words: words.trim_end_matches([' ', '\r']), indent: line.len() - words.len() }
    }

    /// Behind the `- ` of items: what is there, and its column.
    fn entry(self) -> (&'t str, usize) {
        let mut words = self.words;
        while let Some(rest) = words.strip_prefix("- ") {
            words = rest.trim_start_matches(' ');
        }
        (words, self.indent + self.words.len() - words.len())
    }

    /// The name that the line begins with, up to its colon.
    fn name(self) -> Option<&'t str> {
        let (name, _) = self.entry().0.split_once(':')?;
        let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        (name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') && name.chars().all(fits))
            .then_some(name)
    }
}

impl<'t> Guess<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let above = Self::before(text, start).find(|line| !line.words.is_empty() && !line.words.starts_with('#'));
        Self { text, at, line: Line::at(text, start), above }
    }

    /// The lines before an offset, the nearest first.
    fn before(text: &'t str, start: usize) -> impl Iterator<Item = Line<'t>> {
        std::iter::successors(Some(start), move |start| {
            let end = start.checked_sub(1)?;
            Some(text[..end].rfind('\n').map_or(0, |end| end + 1))
        })
        .skip(1)
        .map(move |start| Line::at(text, start))
    }

    /// A quotation mark on a line before that nothing closes there: the next one closed it, and the rest is too much.
    fn quote(&self, mark: char) -> Option<Meant> {
        let opened = |line: Line<'t>| {
            let value = line.entry().0;
            let value = line.name().map_or(value, |name| value[name.len() + 1..].trim_start());
            let inner = value.trim_start_matches(['[', '{', ' ']).strip_prefix(mark)?;
            let inner = if mark == '"' { inner.replace("\\\\", "").replace("\\\"", "") } else { inner.to_owned() };
            let whole = line.start + line.indent + line.words.len();
            (!inner.contains(mark)).then(|| whole - value.trim_start_matches(['[', '{', ' ']).len())
        };
        let at = Self::before(self.text, self.line.start).find_map(opened)?;
        Some(Meant {
            at,
            message: Some("a quotation mark is opened here and not closed".to_owned()),
            help: format!("close it with `{mark}`; inside double quotes write `\\\"`"),
        })
    }

    /// A bracket on a line before that is still open.
    fn bracket(&self, bracket: Option<usize>) -> Option<Meant> {
        let at = bracket.filter(|at| *at < self.line.start)?;
        let (open, close) = if self.text[at..].starts_with('[') { ('[', ']') } else { ('{', '}') };
        Some(Meant {
            at,
            message: Some(format!("a `{open}` is opened here and not closed")),
            help: format!("close it with `{close}`; commas separate what stands in it"),
        })
    }

    /// A blank that is missing behind the dash of an item or behind the colon of a name, on this line or the one before.
    fn blank(&self) -> Option<Meant> {
        [Some(self.line), self.above].into_iter().flatten().find_map(|line| {
            let first = line.start + line.indent;
            if let Some(rest) = line.words.strip_prefix('-')
                && rest.starts_with(|letter: char| letter.is_alphabetic() || matches!(letter, '"' | '\'' | '{' | '['))
            {
                let message = Some("a blank is missing behind the `-` of an item".to_owned());
                return Some(Meant { at: first, message, help: format!("write `- {rest}`") });
            }
            let name = line.name()?;
            let (words, column) = line.entry();
            let colon = column + name.len();
            let rest = &words[name.len() + 1..];
            let next = rest.chars().next().filter(|next| !matches!(next, ' ' | '\t' | '/' | ':'))?;
            let at = line.start + colon + 1;
            if next.is_whitespace() {
                let message =
                    format!("what stands behind `{name}:` looks like a blank and is U+{:04X}", u32::from(next));
                return Some(Meant {
                    at,
                    message: Some(message),
                    help: "put an ordinary blank in its place".to_owned(),
                });
            }
            let message = format!("a blank is missing behind `{name}:`");
            Some(Meant { at, message: Some(message), help: format!("write `{name}: {rest}`") })
        })
    }

    /// A name that begins further right than the entry above it, which has an answer already.
    fn indented(&self) -> Option<Meant> {
        let above = self.above?;
        let (words, column) = above.entry();
        let own = self.line.name()?;
        let (own_words, own_column) = self.line.entry();
        let colon = self.line.start + own_column + own.len();
        let answered = above.name().is_none_or(|name| !words[name.len() + 1..].trim().is_empty());
        if colon != self.at || own_column <= column || !answered || own_words.is_empty() {
            return None;
        }
        Some(Meant {
            at: self.line.start + own_column,
            message: Some(format!(
                "`{own}` is indented by {own_column}, the entry above it by {column}, which has its answer already"
            )),
            help: format!("indent both alike: {LEVEL}"),
        })
    }

    /// A line that begins in a column in which no entry above it does.
    fn outdented(&self) -> Option<Meant> {
        let above = self.above?;
        let column = self.at - self.line.start;
        (self.text[self.line.start..self.at].trim().is_empty() && column < above.entry().1).then(|| Meant {
            at: self.at,
            message: Some(format!("this line is indented by {column}, which fits no entry above it")),
            help: format!("the line above begins its entry at {}: {LEVEL}", above.entry().1),
        })
    }
}

/// The tab in the white space that starts the line of an offset, or the line after it.
fn indenting_tab(text: &str, at: usize) -> Option<usize> {
    let mut start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    for line in text[start..].split_inclusive('\n').take(2) {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..indent].find('\t') {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::Source;
    use crate::answers::{Answers, Limits};

    /// Line, column and message of the finding, the help, and the line of the second place.
    fn told(text: &str) -> (usize, usize, String, String, Option<usize>) {
        let rejected =
            Answers::parse_within(Source::new("a.yaml", text), Limits::default()).expect_err("it is no YAML");
        let found = &rejected.findings()[0];
        let (start, _) = found.place.positions();
        let other = found.related.first().map(|related| related.place.positions().0.line);
        let message = found.message.strip_prefix("this is no YAML: ").expect("it begins so").to_owned();
        (start.line, start.column, message, found.help.clone().unwrap_or_default(), other)
    }

    #[test]
    fn what_was_meant_is_told_where_it_stands() {
        for (text, line, column, message, help, other) in [
            ("p:\n   name: X\n  address: y\n", 3, 3, "indented by 2, which fits no entry", "entry at 3", None),
            ("a:\n  s: E 1\n   p: \"1\"\n", 3, 4, "`p` is indented by 3, the entry above it by 2", "alike", None),
            ("f:\n  - form: p\n   d: x\n", 3, 4, "indented by 3, which fits no entry", "entry at 4", None),
            ("f:\n  - form: p\n     d: x\n", 3, 6, "`d` is indented by 5, the entry above it by 4", "alike", None),
            ("f:\n  -form: p\n   d: x\n", 2, 3, "a blank is missing behind the `-`", "`- form: p`", Some(3)),
            ("name:X\no: y\n", 1, 6, "a blank is missing behind `name:`", "write `name: X`", Some(2)),
            ("p:\n  name:X\n  o: y\n", 2, 8, "a blank is missing behind `name:`", "write `name: X`", Some(3)),
            ("name:\u{a0}X\no: y\n", 1, 6, "looks like a blank and is U+00A0", "ordinary blank", Some(2)),
            ("n: \"X\no: y\nm: \"z\" # c\n", 1, 4, "a quotation mark is opened here", "close it with `\"`", Some(3)),
            ("p:\n  - n: 'X\n  - o: y\n  - m: it's\n", 2, 8, "a quotation mark is opened", "with `'`", Some(4)),
            ("n: \"a\" b\n", 1, 8, "invalid trailing content", "behind the closing quotation mark", None),
            ("d:\n  a: [A, B\n  t: x\n", 2, 6, "a `[` is opened here and not closed", "with `]`", Some(3)),
            ("d: {i: x\no: y\n", 1, 4, "a `{` is opened here and not closed", "with `}`", Some(2)),
            ("n: a: b\n", 1, 5, "mapping values are not allowed", "a text that holds `: `", None),
            ("n: x\nother\nm: y\n", 2, 1, "simple key expected", "write `name: answer`", None),
        ] {
            let (at, from, says, does, second) = told(text);
            assert_eq!((at, from), (line, column), "{text}: {says}");
            assert!(says.contains(message), "{text}: {says}");
            assert!(does.contains(help), "{text}: {does}");
            assert_eq!(second, other, "{text}: {says}");
        }
    }
}
