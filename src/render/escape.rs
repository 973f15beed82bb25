//! Plain text into Markdown that reads as exactly that text.
//!
//! Comes in: a text that is no markup. Goes out: the same text for CommonMark with tables, strikethrough, footnotes and
//! task lists, safe in a paragraph, a list item, a table cell and a heading. Only what would be read as markup where it
//! stands gets a backslash, so that reviews stay readable. Knows nothing of answers.

/// A whole plain answer: line breaks become spaces, white space around it goes.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    inline(text.trim(), true)
}

/// A text that surely does not start a line.
#[must_use]
pub(super) fn within(text: &str) -> String {
    inline(text.trim(), false)
}

/// A piece of text. `starts` says that it may be the first of a line.
#[must_use]
pub(super) fn inline(text: &str, starts: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let opening = if starts { opening(text) } else { None };
    let closing = text.len() - text.chars().rev().take_while(|c| *c == '#').count();
    let mut copied = 0;
    for (index, character) in text.char_indices() {
        let rest = &text[index + character.len_utf8()..];
        let blank = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        let escaped = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '$' => true,
            '_' => {
                let inside = |beside: Option<char>| beside.is_some_and(char::is_alphanumeric);
                !(inside(text[..index].chars().next_back()) && inside(rest.chars().next()))
            }
            '&' => is_entity(rest),
            '#' => index >= closing,
            // After a footnote mark a colon would make a definition; GitHub makes links of bare addresses.
            ':' => index == 0 || rest.starts_with("//"),
            '.' => text[..index].get(index.saturating_sub(3)..).is_some_and(|www| www.eq_ignore_ascii_case("www")),
            _ => false,
        } || opening == Some(index);
        // What stays as it is goes out in one piece.
        if escaped || blank {
            out.push_str(&text[copied..index]);
            out.push_str(if escaped { "\\" } else { "" });
            out.push(if blank { ' ' } else { character });
            copied = text.len() - rest.len();
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// Where the character stands that would open a block at the start of a line.
fn opening(text: &str) -> Option<usize> {
    let ends = |at: usize| text[at..].chars().next().is_none_or(char::is_whitespace);
    let first = text.chars().next()?;
    let run = text.len() - text.trim_start_matches(first).len();
    match first {
        '>' => Some(0),
        '-' | '=' => (run > 1 || ends(1)).then_some(0),
        '+' => ends(1).then_some(0),
        '#' => (run <= 6 && ends(run)).then_some(0),
        '0'..='9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let mark = matches!(text.as_bytes().get(digits), Some(b'.' | b')'));
            (mark && ends(digits + 1)).then_some(digits)
        }
        _ => None,
    }
}

/// Whether an ampersand before this would be read as a character reference, also together with what a template writes
/// after the text.
fn is_entity(rest: &str) -> bool {
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    name == rest.len() || (name > 0 && rest.as_bytes()[name] == b';')
}

/// Where a link may lead, with every character in percents that could end the link or be read as markup.
#[must_use]
pub(super) fn destination(target: &str) -> String {
    let mut out = String::with_capacity(target.len());
    for character in target.chars() {
        match character {
            ' ' | '"' | '(' | ')' | '<' | '>' | '[' | ']' | '\\' | '^' | '`' | '{' | '|' | '}' | '*' => {
                percent(character, &mut out);
            }
            control if control.is_control() || control.is_whitespace() => percent(control, &mut out),
            other => out.push(other),
        }
    }
    out
}

fn percent(character: char, out: &mut String) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0').to_ascii_uppercase();
        out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
    }
}

/// The same for a file of ours: nothing of its name may be read as a part of an address.
#[must_use]
pub(super) fn file(path: &str) -> String {
    destination(&path.replace('%', "%25")).replace('#', "%23").replace('?', "%3F")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    /// The text of a Markdown text, and the tags in it.
    fn read(markdown: &str) -> (String, Vec<String>) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM
            | Options::ENABLE_MATH;
        let (mut text, mut tags) = (String::new(), Vec::new());
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(piece) => text.push_str(&piece),
                Event::Start(Tag::Heading { .. }) => tags.push("Heading".to_owned()),
                Event::Start(tag) => tags.push(format!("{tag:?}").split([' ', '(']).next().unwrap_or("").to_owned()),
                Event::End(_) => {}
                other => tags.push(format!("{other:?}")),
            }
        }
        (text, tags)
    }

    /// What a reader sees of a text: line breaks are spaces, white space around it is not there.
    fn seen(text: &str) -> String {
        let spaced: String = text
            .trim()
            .chars()
            .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
            .collect();
        spaced
    }

    fn stands(text: &str) {
        let (safe, seen) = (plain(text), seen(text));
        if seen.is_empty() {
            return;
        }
        let tags = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(read(&safe), (seen.clone(), tags(&["Paragraph"])), "{text:?} as a paragraph");
        assert_eq!(read(&format!("- {safe}\n")), (seen.clone(), tags(&["List", "Item"])), "{text:?} in a list");
        assert_eq!(read(&format!("## {safe}\n")), (seen.clone(), tags(&["Heading"])), "{text:?} as a heading");
        assert_eq!(read(&format!("> {safe}\n")).0, seen, "{text:?} in a quotation");
        let table = format!("| h | i |\n| - | - |\n| {safe} | x |\n");
        let cell = tags(&["Table", "TableHead", "TableCell", "TableCell", "TableRow", "TableCell", "TableCell"]);
        assert_eq!(read(&table), (format!("hi{seen}x"), cell), "{text:?} in a table");
        let second = format!("a\n{safe}\n");
        assert_eq!(read(&second), (format!("a{seen}"), tags(&["Paragraph", "SoftBreak"])), "{text:?} on a second line");
        let bold = format!("**{safe}** x");
        assert_eq!(read(&bold), (format!("{seen} x"), tags(&["Paragraph", "Strong"])), "{text:?} in bold");
    }

    #[test]
    fn every_mark_is_text() {
        for text in [
            "#read(\"/etc/passwd\")",
            "# H1",
            "a #",
            "- x",
            "+ x",
            "1. x",
            "12) x",
            "> x",
            "===",
            "---",
            "| a | b |",
            "a\\|b",
            "`a`",
            "``",
            "*a*",
            "_a_",
            "snake_case",
            "__a__",
            "~~a~~",
            "~a~",
            "[a](javascript:alert(1))",
            "![x](http://e/x.png)",
            "<script>",
            "<!-- x -->",
            "&lt;",
            "&",
            "R&D",
            "AT&T;",
            "&#123;",
            "[^1]: x",
            "[x]: /u",
            "{{ x }}",
            "{% raw %}",
            "= H",
            "// c",
            "$x$",
            "\\",
            "a\\",
            "%%TOC%%",
            "a\nb",
            "\u{a0}x",
            ":--",
            "www.x.y https://x.y",
            "[ ] todo",
            "a  b",
            "***",
            "@ref <label>",
            "1.",
            "-",
            "\t x",
            "1986\\. x",
            ":x",
        ] {
            stands(text);
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "A plain sentence, with 3.5 % (and more).",
            "R&D department",
            "snake_case",
            "0.910",
            "-5 %",
            "#1",
            "+31 6",
            "a - b + c = d > e",
            "C# code",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn any_text_is_read_as_itself(text in "\\PC{0,24}") { stands(&text); }

        #[test]
        fn any_marks_are_read_as_themselves(text in "[-+*_~`#>=|:!&;<\\[\\]()\\\\.0-9a x^$\n]{0,16}") { stands(&text); }
    }
}
