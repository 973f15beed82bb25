//! Text as Typst string literals, with places where long tokens may break.
//!
//! Comes in: any text. Goes out: code in which it is data. A token that would not fit its column gets invisible places to
//! break; no character is added, so what a reader copies from the page is what was answered.

use std::fmt::Write as _;

/// Code that a line may break at: nothing, as wide as nothing.
const BREAK: &str = "brk";

/// A string literal that evaluates to exactly this text.
pub(super) fn string(text: &str) -> String {
    let mut code = String::with_capacity(text.len() + 2);
    code.push('"');
    for character in text.chars() {
        match character {
            '"' => code.push_str("\\\""),
            '\\' => code.push_str("\\\\"),
            '\n' => code.push_str("\\n"),
            '\r' => code.push_str("\\r"),
            '\t' => code.push_str("\\t"),
            // Written out, so that an editor shows the Typst source as it is read.
            hidden if is_hidden(hidden) => {
                let _ = write!(code, "\\u{{{:x}}}", u32::from(hidden));
            }
            shown => code.push(shown),
        }
    }
    code.push('"');
    code
}

/// Controls, marks of direction, and spaces that nobody sees.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Expressions that show the text, in order; a token wider than `room` may break.
pub(super) fn text(text: &str, room: Width) -> Vec<String> {
    pieces(text, room)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => string(&text),
            Piece::Word(word) => format!("hyphenated({})", string(&word)),
            Piece::Break => BREAK.to_owned(),
        })
        .collect()
}

/// As [`text`], for words of machines.
pub(super) fn code(text: &str, room: Width) -> Vec<String> {
    pieces(text, room)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Word(text) => format!("raw({})", string(&text)),
            Piece::Break => BREAK.to_owned(),
        })
        .collect()
}

/// How wide text is, roughly, in thousandths of the font's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Width(pub u32);

impl Width {
    /// The width of a text, from above rather than below.
    pub(super) fn of(text: &str) -> Self {
        // Ten thousand times the font's size is wider than anything.
        Self(text.chars().map(Self::of_character).fold(0, |sum, width| (sum + width).min(10_000_000)))
    }

    /// Whether a text is no wider than this.
    fn holds(self, text: &str) -> bool {
        // Most texts are so short that nobody has to look at their letters.
        text.len().checked_mul(WIDEST).is_some_and(|most| most <= self.0 as usize) || Self::of(text) <= self
    }

    fn of_character(character: char) -> u32 {
        match character {
            'i' | 'j' | 'l' | 'f' | 't' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | '/' | ' '
            | '-' => 340,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | 'щ' | 'ш' | 'ж' | 'ю' => 860,
            '0'..='9' => 510,
            upper if upper.is_uppercase() => 620,
            _ => 560,
        }
    }
}

/// The most that a byte of a text can add to its width.
const WIDEST: usize = 860;

/// Characters that a long token may break behind.
const SEPARATORS: [char; 22] = [
    '\u{a0}', '\u{202f}', '/', '_', '-', '.', ':', '=', '&', '?', ',', ';', '+', '~', '\\', '|', '%', ')', ']', '}',
    '–', '·',
];

/// A part of a text.
enum Piece {
    Text(String),
    /// A word of a language, too long for its room.
    Word(String),
    Break,
}

fn pieces(text: &str, room: Width) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for token in text.split_inclusive(' ') {
        if room.holds(token.trim_end()) {
            push(&mut out, token);
        } else {
            split(&mut out, token, room);
        }
    }
    out
}

fn push(out: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => out.push(Piece::Text(text.to_owned())),
    }
}

/// Breaks a token behind its separators; what is still too wide breaks by syllables or, where those would not help, after
/// every few characters.
fn split(out: &mut Vec<Piece>, token: &str, room: Width) {
    let group = usize::try_from(room.0 / 640).unwrap_or(8).clamp(2, 8);
    // A hyphen in a name or an address would be read as part of it.
    let machine = token.trim_end().trim_end_matches(SEPARATORS).contains(|c: char| {
        c.is_ascii_digit() || matches!(c, '/' | '_' | '=' | '@' | '\\' | '&' | '+' | '~' | '.' | ':')
    });
    let mut first = true;
    for part in token.split_inclusive(SEPARATORS) {
        // A closing mark or a space stays where it is: it is no new part.
        if !first && part.chars().any(char::is_alphanumeric) {
            out.push(Piece::Break);
        }
        first = false;
        if room.holds(part.trim_end()) {
            push(out, part);
            continue;
        }
        let letters = part.trim_end_matches(|c: char| !c.is_alphabetic());
        if letters.chars().count() <= 34
            && letters.chars().all(char::is_alphabetic)
            && !machine
            && Width::of(letters).0 / 3 <= room.0
        {
            out.push(Piece::Word(letters.to_owned()));
            push(out, &part[letters.len()..]);
            continue;
        }
        let characters: Vec<char> = part.chars().collect();
        for (index, group) in characters.chunks(group).enumerate() {
            if index > 0 && group.iter().any(|c| c.is_alphanumeric()) {
                out.push(Piece::Break);
            }
            push(out, &group.iter().collect::<String>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(string("a\"b\\"), r#""a\"b\\""#);
        assert_eq!(string("\u{202e}x\0\u{2028}"), r#""\u{202e}x\u{0}\u{2028}""#);
        assert_eq!(string("żółć Ωμέγα"), "\"żółć Ωμέγα\"");
    }

    #[test]
    fn only_what_does_not_fit_may_break() {
        let room = Width(12_000);
        assert_eq!(text("a short line of words, all of which fit", room).len(), 1);
        let code = text("see credit_scoring_model_version_three now", room);
        assert_eq!(code.join("+"), r#""see credit_"+brk+"scoring_"+brk+"model_"+brk+"version_"+brk+"three now""#);
        let code = text(&format!("({})", "ab12".repeat(6)), room);
        assert_eq!(code.join("+"), r#""(ab12ab1"+brk+"2ab12ab1"+brk+"2ab12ab1"+brk+"2)""#);
        let code = text("Verarbeitungsgrundlagen,", room);
        assert_eq!(code.join("+"), r#"hyphenated("Verarbeitungsgrundlagen")+",""#);
        let code = text("https://averylongexample.example/", Width(5_000));
        assert!(code.iter().all(|piece| !piece.starts_with("hyphenated(")), "{code:?}");
        let code = text("1\u{a0}200\u{a0}000\u{a0}000", Width(5_000));
        assert_eq!(code.join("+"), "\"1\u{a0}\"+brk+\"200\u{a0}\"+brk+\"000\u{a0}\"+brk+\"000\"");
        let long = "x".repeat(48);
        assert_eq!(text(&long, room).iter().filter(|code| *code == BREAK).count(), 5);
        assert_eq!(text(&long, Width(3_000)).iter().filter(|code| *code == BREAK).count(), 11);
    }
}
