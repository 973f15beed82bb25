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

/// What one word has in the elements before and behind a text: `deployment=` goes on in the code `60095122`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Joined {
    /// How wide that is, in thousandths of the font's size.
    pub(super) before: u32,
    pub(super) behind: u32,
    /// The next element may stand on a line of its own: it does not begin with what closes or parts.
    pub(super) opens: bool,
}

/// Expressions that show a label, in order; a token wider than `room` may break.
pub(super) fn text(text: &str, room: Width) -> Vec<String> {
    shown(pieces(text, room, Joined::default(), false))
}

/// As [`text`], for running text between other elements: a number also stays with its name and its sign.
pub(super) fn running(text: &str, room: Width, joined: Joined) -> Vec<String> {
    shown(pieces(text, room, joined, true))
}

fn shown(pieces: Vec<Piece>) -> Vec<String> {
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => string(&text),
            Piece::Word(word) => format!("hyphenated({})", string(&word)),
            Piece::Whole(words) => format!("box({})", string(&words)),
            Piece::Break => BREAK.to_owned(),
        })
        .collect()
}

/// As [`running`], for words of machines.
pub(super) fn code(text: &str, room: Width, joined: Joined) -> Vec<String> {
    pieces(text, room, joined, false)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Word(text) | Piece::Whole(text) => format!("raw({})", string(&text)),
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

/// Characters that open what stands behind them: a line never ends with one.
pub(super) const OPENERS: [char; 9] = ['(', '[', '{', '<', '"', '\'', '“', '„', '«'];

/// A part of a text.
enum Piece {
    Text(String),
    /// A word of a language, too long for its room.
    Word(String),
    /// Words of which no line ends with the first. A space that does not break would be another character to whoever
    /// copies or searches the page.
    Whole(String),
    Break,
}

/// Wider groups of words may break where they like: kept whole they would leave much of a line empty.
const WIDEST_WHOLE: Width = Width(12_000);

fn pieces(text: &str, room: Width, joined: Joined, kept: bool) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let token_from = |start: usize| text[start..].find(' ').map_or(text.len(), |space| start + space + 1);
    let mut start = 0;
    while start < text.len() {
        let first = token_from(start);
        let (mut last, mut end) = (start, first);
        while end < text.len() {
            let next = token_from(end);
            if !kept || !stay_together(&text[last..end], &text[end..next]) {
                break;
            }
            (last, end) = (end, next);
            // The name gives way, and the groups of its number may still fit.
            if !WIDEST_WHOLE.min(room).holds(text[start..next].trim_end()) {
                end = first;
                break;
            }
        }
        // What other elements add to it.
        let around = |end: usize| {
            let before = if start == 0 { joined.before } else { 0 };
            let behind = if end == text.len() && !text.ends_with(' ') { joined.behind } else { 0 };
            (before, behind)
        };
        let fits = |end: usize| {
            let token = text[start..end].trim_end();
            match around(end) {
                (0, 0) => room.holds(token),
                (before, behind) => Width::of(token).0.saturating_add(before).saturating_add(behind) <= room.0,
            }
        };
        if end > first && fits(end) {
            let words = text[start..end].trim_end();
            out.push(Piece::Whole(words.to_owned()));
            push(&mut out, &text[start + words.len()..end]);
            start = end;
            continue;
        }
        let token = &text[start..first];
        if fits(first) && !(kept && is_address(token)) {
            push(&mut out, token);
        } else {
            split(&mut out, token, room, around(first).1 > 0 && joined.opens);
        }
        start = first;
    }
    out
}

/// Whether no line should end between two words: in a number with its groups, before a per cent sign, and between a name
/// and its number (`EUR 5`, `Article 9`, `Control A.2.4`).
fn stay_together(one: &str, other: &str) -> bool {
    let other = other.trim_end();
    let one = one.trim_end();
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    if one.ends_with(|c: char| c.is_ascii_digit()) {
        let group = one.bytes().rev().take_while(u8::is_ascii_digit).count() <= 3 && digits(other) == 3;
        return group || other.starts_with(['%', '‰']);
    }
    let name = one.trim_start_matches(OPENERS);
    // A year behind its month is no number of anything.
    let year = digits(other) == 4 && name.contains(char::is_lowercase);
    is_number(other)
        && !year
        && name.starts_with(char::is_uppercase)
        && name.chars().all(char::is_alphabetic)
        && name.chars().nth(2).is_some()
}

/// An address that the compiler would break behind a hyphen, which a reader would take for one of the break.
fn is_address(token: &str) -> bool {
    token.contains("://") && token.contains('-')
}

/// A number of a clause or an amount: `9`, `7.5`, `A.2.4`, `14(4)(a)`.
fn is_number(token: &str) -> bool {
    let digits = match token.split_once('.') {
        Some((letter, rest)) if letter.len() == 1 && letter.starts_with(|c: char| c.is_ascii_uppercase()) => rest,
        _ => token,
    };
    digits.starts_with(|c: char| c.is_ascii_digit()) && token.len() <= 16
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
fn split(out: &mut Vec<Piece>, token: &str, room: Width, goes_on: bool) {
    // Before the next element it may break as well, and what opens that element stays with it.
    let (token, opening) = if goes_on { token.split_at(token.trim_end_matches(OPENERS).len()) } else { (token, "") };
    let group = usize::try_from(room.0 / 640).unwrap_or(8).clamp(2, 8);
    // A hyphen in a name or an address would be read as part of it.
    let machine = token.trim_end().trim_end_matches(SEPARATORS).contains(|c: char| {
        c.is_ascii_digit() || matches!(c, '/' | '_' | '=' | '@' | '\\' | '&' | '+' | '~' | '.' | ':')
    });
    let address = is_address(token);
    let mut first = true;
    for part in token.split_inclusive(|c| SEPARATORS.contains(&c) && !(address && c == '-')) {
        // A closing mark or a space stays where it is: it is no new part.
        if !first && part.chars().any(char::is_alphanumeric) {
            out.push(Piece::Break);
        }
        first = false;
        if room.holds(part.trim_end()) {
            if address && part.contains('-') {
                out.push(Piece::Whole(part.trim_end().to_owned()));
                push(out, &part[part.trim_end().len()..]);
            } else {
                push(out, part);
            }
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
    // Nothing but an opening mark: the element before has ended in a break.
    if goes_on && !token.is_empty() {
        out.push(Piece::Break);
    }
    push(out, opening);
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

    #[test]
    fn a_number_stays_with_its_groups_its_sign_and_its_name() {
        let whole = |words: &str| running(words, Width(44_000), Joined::default()).join("+");
        assert_eq!(whole("cost EUR 2 410. Then"), r#""cost "+box("EUR 2 410.")+" Then""#);
        assert_eq!(whole("2 227 of 3 089"), r#"box("2 227")+" of "+box("3 089")"#);
        assert_eq!(whole("(1 204 331) or 18.5 %, 95 %"), r#"box("(1 204 331)")+" or "+box("18.5 %,")+" "+box("95 %")"#);
        assert_eq!(whole("see Control A.2.4; Clause 7.5"), r#""see "+box("Control A.2.4;")+" "+box("Clause 7.5")"#);
        assert_eq!(whole("under Article 14(4)(a)"), r#""under "+box("Article 14(4)(a)")"#);
        for apart in
            ["in 2026 there", "5 April 2026", "of 27 000000", "20261 100", "5 of 12", "AI 2", "the A.I. of", "7 % 8"]
        {
            assert_eq!(whole(apart).matches("box(").count(), usize::from(apart.contains('%')), "{apart}");
        }
        let narrow = running("EUR 2 410", Width(3_000), Joined::default());
        assert_eq!(narrow.join("+"), r#""EUR "+box("2 410")"#, "only what fits");
        assert_eq!(text("EUR 2 410", Width(44_000)), [r#""EUR 2 410""#], "a label is cut where it has to be");
    }

    #[test]
    fn an_address_breaks_behind_its_strokes_and_points() {
        let address = |room| running("https://eur-lex.europa.eu/a now", Width(room), Joined::default()).join("+");
        let parts = r#""https://"+brk+box("eur-lex.")+brk+"europa."+brk+"eu/"+brk+"a now""#;
        assert_eq!((address(44_000).as_str(), address(6_000).as_str()), (parts, parts));
    }

    #[test]
    fn a_word_that_goes_on_in_other_elements_may_break_between_them() {
        let room = Width(6_000);
        let joined = |before, behind, opens| Joined { before, behind, opens };
        let code = running("see info=[", room, joined(0, 4_400, true));
        assert_eq!(code.join("+"), r#""see info="+brk+"[""#);
        assert_eq!(running("(", room, joined(0, 8_000, true)).join("+"), r#""(""#);
        assert_eq!(running("info=", room, joined(0, 1_000, true)).join("+"), r#""info=""#, "all of it fits");
        assert_eq!(super::code("60095122", room, joined(3_000, 300, false)).join("+"), r#"raw("60095122")"#);
        assert_eq!(super::code("60095122", room, joined(3_000, 900, true)).join("+"), r#"raw("60095122")+brk"#);
        assert_eq!(running("now a=", room, joined(0, 8_000, true)).join("+"), r#""now a="+brk"#);
    }
}
