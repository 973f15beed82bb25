//! Texts: what no page can show, what nobody may read past, what is no answer.
//!
//! Comes in: a walk and the characters that the fonts have. Goes out: findings about placeholders and characters of every
//! text, with the place of the character where it can be seen in the file. Markdown answers are read in `markdown`.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::walk::{Part, Walk};
use crate::answers::{Entry, Node, Value};
use crate::catalog::Glyphs;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::source::Span;

/// Longest run of combining marks on one letter; real writing has three or four.
const MAX_MARKS: usize = 30;
/// Longest word without a place to break; URLs and digests are far shorter.
const MAX_WORD: usize = 2_000;

pub(super) fn judge(walk: &Walk<'_>, glyphs: &Glyphs) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    // Nearly every text is plain ASCII, which holds no other trouble than controls.
    let plain = (' '..='~').all(|character| glyphs.has(character));
    for part in &walk.parts {
        for (node, text) in texts(part) {
            let mut text = Text { part, node, written: text, findings: &mut findings };
            if part.marker.is_none() {
                text.answer();
            }
            if !(plain && text.is_plain()) {
                text.characters(glyphs);
            }
            text.words();
        }
    }
    findings
}

/// Findings about the characters of a Markdown answer as a reader meets them: `&#x202e;` is one character.
pub(super) fn decoded(part: &Part<'_>, text: &str, glyphs: &Glyphs) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    Text { part, node: part.node, written: text, findings: &mut findings }.characters(glyphs);
    findings
}

/// The text of a part that is one; of a marker, the texts that stand in place of the answer.
pub(super) fn texts<'p>(part: &'p Part<'_>) -> Vec<(&'p Node, &'p str)> {
    let mut found = Vec::new();
    let mut waiting = vec![part.node];
    while let Some(node) = waiting.pop() {
        match node.value() {
            Value::Text(text) => found.push((node, text.as_str())),
            _ if part.marker.is_some() => waiting.extend(node.entries().iter().map(Entry::node).chain(node.items())),
            _ => {}
        }
    }
    found
}

/// The words that make a text no answer.
pub(super) fn placeholder(text: &str) -> Option<&'static str> {
    let whole = text.trim();
    let alone = ["…", "...", "xxx", "n/a", "?", "-"];
    if let Some(found) = alone.into_iter().find(|alone| whole.eq_ignore_ascii_case(alone)) {
        return Some(found);
    }
    let mut words = whole.split(|c: char| !c.is_alphanumeric());
    words.find_map(|word| ["TODO", "TBD", "FIXME"].into_iter().find(|mark| *mark == word)).or_else(|| {
        let marked = whole.contains('<').then(|| whole.to_ascii_lowercase())?;
        ["<fill in>", "<insert>"].into_iter().find(|mark| marked.contains(mark))
    })
}

/// Whether a character can stand on a page and is read there as what it is.
pub(crate) fn can_stand(character: char, glyphs: &Glyphs) -> bool {
    match Trouble::of(character) {
        None => glyphs.has(character),
        Some(trouble) => matches!(trouble, Trouble::Invisible),
    }
}

struct Text<'t, 'a> {
    part: &'t Part<'a>,
    node: &'t Node,
    written: &'t str,
    findings: &'t mut Vec<Diagnostic>,
}

impl Text<'_, '_> {
    fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding.clauses(self.part.law.clauses.iter().cloned()));
    }

    /// Whether it holds nothing but letters, digits, signs and line ends of ASCII.
    fn is_plain(&self) -> bool {
        self.written.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
    }

    /// Whether it is an answer at all.
    fn answer(&mut self) {
        let name = self.part.name();
        if self.written.trim().is_empty() {
            let finding = self.part.error(Code::NotAllowedEmpty, format!("the answer for {name} is empty"));
            return self.push(finding.help("answer it, or write `pending: {what: …}` in its place while it is open"));
        }
        if let Some(found) = placeholder(self.written) {
            let place = self.at(found).unwrap_or_else(|| self.part.place());
            let finding = Diagnostic::error(Code::Placeholder, place, format!("{name} still holds a placeholder"));
            self.push(finding.help("answer it, or write `pending: {what: …}` in its place while it is open"));
        }
        let one_line = self.part.shape.is_some_and(|shape| !shape.is_markdown());
        if one_line && self.written.trim_end_matches(['\n', '\r']).contains(['\n', '\r']) {
            let finding = self.part.error(Code::WrongValue, format!("{name} is one line, but this text has several"));
            self.push(finding.help("write it on one line; to fold a long line in the file use `>-`"));
        }
    }

    fn characters(&mut self, glyphs: &Glyphs) {
        let mut seen: Vec<char> = Vec::new();
        let mut marks = 0;
        for character in self.written.chars() {
            marks = if is_combining_mark(character) { marks + 1 } else { 0 };
            if marks == MAX_MARKS + 1 {
                let message = format!("more than {MAX_MARKS} marks are stacked on one letter");
                let finding = self.part.error(Code::ForbiddenCharacter, message);
                self.push(finding.help("remove the marks; the letter cannot be read"));
            }
            if matches!(character, '\n' | '\r' | '\t') || seen.contains(&character) {
                continue;
            }
            let trouble = Trouble::of(character);
            if trouble.is_none() && glyphs.has(character) {
                continue;
            }
            let point = format!("U+{:04X}", u32::from(character));
            let (code, severe, message, help) = match trouble {
                Some(Trouble::Control) => (
                    Code::ForbiddenCharacter,
                    true,
                    format!("the control character {point} is in this text"),
                    "remove it",
                ),
                Some(Trouble::Direction) => (
                    Code::ForbiddenCharacter,
                    true,
                    format!("the character {point} turns the direction of the text round"),
                    "remove it; with it, a reader sees another text than a program",
                ),
                Some(Trouble::Private) => (
                    Code::ForbiddenCharacter,
                    true,
                    format!("the character {point} has no agreed meaning"),
                    "replace it",
                ),
                Some(Trouble::Invisible) => (
                    Code::ForbiddenCharacter,
                    false,
                    format!("the character {point} cannot be seen"),
                    "remove it, unless the writing needs it",
                ),
                None => (
                    Code::MissingGlyph,
                    true,
                    format!("no font of the document has the character `{character}` ({point})"),
                    "write it in words, or in letters of the languages of the Union",
                ),
            };
            seen.push(character);
            let place = self.at(character.encode_utf8(&mut [0; 4])).unwrap_or_else(|| self.part.place());
            let finding = if severe {
                Diagnostic::error(code, place, message)
            } else {
                Diagnostic::warning(code, place, message)
            };
            self.push(finding.help(help));
        }
        if !unicode_normalization::is_nfc(self.written) {
            let composed: String = self.written.nfc().take(40).collect();
            let message = "letters are written in pieces (not in Unicode's normal form C)";
            let finding = self.part.warning(Code::NotNormalized, message);
            self.push(finding.help(format!("type it again, composed: {composed}")));
        }
    }

    fn words(&mut self) {
        for word in self.written.split(char::is_whitespace) {
            if word.len() > MAX_WORD && word.chars().count() > MAX_WORD {
                let message = format!("a word of {} characters fits no page", word.chars().count());
                let finding = self.part.error(Code::WrongValue, message);
                self.push(finding.help("put spaces into it, or attach it as evidence"));
                return;
            }
        }
        if self.written.is_ascii() {
            return;
        }
        let mixed = self.written.split(|c: char| !c.is_alphanumeric()).find(|word| is_mixed(word));
        if let Some(word) = mixed {
            let place = self.at(word).unwrap_or_else(|| self.part.place());
            let foreign: String = word.chars().filter(|c| c.script() != Script::Latin && c.is_alphabetic()).collect();
            let points: Vec<String> = foreign.chars().map(|c| format!("{c} (U+{:04X})", u32::from(c))).collect();
            let message = format!("the word `{word}` mixes letters of two scripts: {}", points.join(", "));
            let finding = Diagnostic::warning(Code::MixedScript, place, message);
            self.push(finding.help("type the word again; letters that look alike are different names to a program"));
        }
    }

    /// Where a piece of the text stands in the file, if it is written there as it is read.
    fn at(&self, piece: &str) -> Option<Place> {
        let whole = self.node.place(self.part.pointer.clone());
        let offset = whole.source.slice(whole.span).find(piece)?;
        let start = whole.span.start + offset;
        Some(Place { span: Span::new(start, start + piece.len()), ..whole })
    }
}

enum Trouble {
    Control,
    Direction,
    Private,
    Invisible,
}

impl Trouble {
    fn of(character: char) -> Option<Self> {
        match character {
            '\u{2028}' | '\u{2029}' => Some(Self::Control),
            // Bidi_Control of the Unicode Character Database.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                Some(Self::Direction)
            }
            '\u{e000}'..='\u{f8ff}'
            | '\u{f0000}'..='\u{10ffff}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{e0000}'..='\u{e0fff}' => Some(Self::Private),
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => Some(Self::Invisible),
            other if other.is_control() => Some(Self::Control),
            other if u32::from(other) & 0xfffe == 0xfffe => Some(Self::Private),
            _ => None,
        }
    }
}

/// Latin letters together with Cyrillic ones, or with Greek ones that look like Latin. Greek letters as symbols (Δx, µm)
/// are ordinary.
fn is_mixed(word: &str) -> bool {
    let latin = word.chars().any(|c| c.script() == Script::Latin);
    latin && word.chars().any(|c| c.script() == Script::Cyrillic || "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_words_of_their_own() {
        for text in ["…", " n/a ", "N/A", "xxx", "see TODO: later", "TBD", "the <fill in> name"] {
            assert!(placeholder(text).is_some(), "{text}");
        }
        for text in ["Todo is a Spanish word", "xxxl shirts", "TODOS", "n/a is not written here", "a - b"] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    #[test]
    fn letters_that_look_alike_are_told_apart() {
        assert!(is_mixed("p\u{430}ypal"));
        assert!(is_mixed("\u{39f}K1"));
        for word in ["Δx", "σ2", "µm", "Ωhm", "Αθήνα", "София", "naïve"] {
            assert!(!is_mixed(word), "{word}");
        }
    }
}
