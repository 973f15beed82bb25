//! One pattern of a statement, and the lines that it is held against.
//!
//! Comes in: a regular expression as the list has it, and a text. Goes out: the bytes of every match. A pattern is compiled
//! once, when a line first has the letters without which nothing matches: compiling all patterns would cost more than
//! everything else that is checked.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;
use std::sync::OnceLock;

use memchr::{memchr, memmem, memrchr};
use regex::bytes::Regex;

use super::CatalogError;

#[derive(Debug)]
pub(super) struct Pattern {
    /// The file that it stands in.
    file: String,
    written: String,
    /// What a line has that matches: of each list one. The first is the one that says most.
    needs: Vec<OneOf>,
    compiled: OnceLock<Result<Regex, CatalogError>>,
}

/// Letters of which a match has at least these or those.
type OneOf = Vec<String>;

impl Pattern {
    pub(super) fn new(file: &str, written: &str) -> Self {
        Self { file: file.to_owned(), written: written.to_owned(), needs: needs(written), compiled: OnceLock::new() }
    }

    /// The bytes of every match within a line, of whole characters.
    pub(super) fn find(&self, text: &str) -> Result<Vec<Range<usize>>, CatalogError> {
        let mut ranges = Vec::new();
        for line in self.lines(text) {
            let own = &text[line.clone()];
            for found in self.regex()?.find_iter(own.as_bytes()) {
                let (start, end) = (own.floor_char_boundary(found.start()), own.ceil_char_boundary(found.end()));
                ranges.push(line.start + start..line.start + end);
            }
        }
        Ok(ranges)
    }

    /// Whether a sentence matches.
    pub(super) fn is_in(&self, sentence: &str) -> Result<bool, CatalogError> {
        Ok(self.regex()?.is_match(sentence.as_bytes()))
    }

    #[cfg(test)]
    pub(super) fn is_compiled(&self) -> bool {
        self.compiled.get().is_some()
    }

    /// The lines that may match, in their order.
    fn lines(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let has = |line: &[u8], one: &OneOf| one.iter().any(|letters| memmem::find(line, letters.as_bytes()).is_some());
        let Some((first, rest)) = self.needs.split_first() else {
            let mut start = 0;
            let lines = text.split('\n').map(|line| {
                let range = start..start + line.len();
                start = range.end + 1;
                range
            });
            return lines.collect();
        };
        // Most texts lack one of them altogether.
        if !rest.iter().all(|one| has(bytes, one)) {
            return Vec::new();
        }
        let mut found = BTreeSet::new();
        for letters in first {
            let mut from = 0;
            while let Some(at) = memmem::find(&bytes[from..], letters.as_bytes()).map(|at| from + at) {
                let start = memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
                let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                if rest.iter().all(|one| has(&bytes[start..end], one)) {
                    found.insert((start, end));
                }
                from = end;
            }
        }
        found.into_iter().map(|(start, end)| start..end).collect()
    }

    fn regex(&self) -> Result<&Regex, CatalogError> {
        let compile = || {
            let fault = |error| CatalogError { file: self.file.clone(), message: format!("a pattern: {error}") };
            Regex::new(&in_bytes(&self.written)).map_err(fault)
        };
        self.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }
}

/// A pattern whose gaps, such as `.{0,60}`, count bytes: a gap of characters of the whole of Unicode is dear to compile, and
/// it is a distance, not a text. What is no gap stays as it is written.
fn in_bytes(written: &str) -> String {
    let mut out = String::with_capacity(written.len() * 2);
    let mut rest = written;
    while let Some(at) = rest.find("{0,") {
        let (before, counts) = rest.split_at(at);
        let gap = GAPS.iter().find(|gap| before.ends_with(**gap) && !before.ends_with("\\."));
        let kept = before.len() - gap.map_or(0, |gap| gap.len());
        out.push_str(&before[..kept]);
        out.extend(gap.into_iter().flat_map(|gap| ["(?-u:", gap, ")"]));
        out.push_str("{0,");
        rest = &counts["{0,".len()..];
    }
    out + rest
}

/// What a gap may be made of.
const GAPS: [&str; 4] = [".", "[^.;]", "[^;]", "[^.]"];

/// What every match of a pattern has: of each list one. Nothing is said of a pattern that is no regular expression, which
/// compiling it shows.
fn needs(pattern: &str) -> Vec<OneOf> {
    let mut needs = together(Reader { rest: pattern.chars().peekable() }.choices());
    needs.sort_by_key(|one| std::cmp::Reverse(weight(one)));
    needs
}

/// How much a list says: the letters of its shortest.
fn weight(one: &OneOf) -> usize {
    one.iter().map(String::len).min().unwrap_or_default()
}

/// What is common to choices: everything, if there is but one; else one of what says most of each.
fn together(choices: Vec<Vec<OneOf>>) -> Vec<OneOf> {
    if choices.len() == 1 {
        return choices.concat();
    }
    let most = choices.into_iter().map(|needs| needs.into_iter().max_by_key(weight));
    let one: Option<Vec<OneOf>> = most.collect();
    one.map(|one| one.concat()).into_iter().collect()
}

/// Reads a pattern from left to right.
struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
}

impl Reader<'_> {
    /// What is needed by each of the choices up to the end of a group or of the pattern.
    fn choices(&mut self) -> Vec<Vec<OneOf>> {
        let (mut choices, mut needs, mut run) = (Vec::new(), Vec::new(), String::new());
        loop {
            let character = self.rest.next();
            if let Some(letter) = self.letter(character) {
                run.push(letter);
                continue;
            }
            if matches!(character, Some('?' | '*' | '{')) {
                // Once at most, or so many times: what stands before may be missing.
                run.pop();
                self.times(character);
            }
            if !run.is_empty() {
                needs.push(vec![std::mem::take(&mut run)]);
            }
            match character {
                None | Some(')') => {
                    choices.push(needs);
                    return choices;
                }
                Some('|') => choices.push(std::mem::take(&mut needs)),
                Some('[') => self.class(),
                Some('(') => needs.extend(self.group()),
                _ => {}
            }
        }
    }

    /// The letter that a character stands for, if it stands for one.
    fn letter(&mut self, character: Option<char>) -> Option<char> {
        match character? {
            // What is no letter stands for itself; `\b` and `\d` do not.
            '\\' => self.rest.next().filter(|escaped| !escaped.is_alphanumeric()),
            '[' | '(' | ')' | '|' | '.' | '^' | '$' | '?' | '*' | '+' | '{' => None,
            letter => Some(letter),
        }
    }

    /// What a group adds, which may be nothing as it may be missing.
    fn group(&mut self) -> Vec<OneOf> {
        if self.rest.next_if_eq(&'?').is_some() {
            // `?:`, or flags, or a name.
            self.rest.by_ref().find(|end| matches!(end, ':' | '>' | ')'));
        }
        let needs = together(self.choices());
        let next = self.rest.next_if(|next| matches!(next, '?' | '*' | '{'));
        self.times(next);
        if next.is_some() { Vec::new() } else { needs }
    }

    fn times(&mut self, begun: Option<char>) {
        if begun == Some('{') {
            self.rest.by_ref().find(|end| *end == '}');
        }
    }

    fn class(&mut self) {
        // A bracket right at the beginning is one of the class.
        self.rest.next_if_eq(&'^');
        self.rest.next_if_eq(&']');
        while let Some(character) = self.rest.next().filter(|character| *character != ']') {
            if character == '\\' {
                self.rest.next();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_counted_in_bytes_and_a_match_has_whole_characters() {
        assert_eq!(in_bytes(r"a.{0,60}b[^.;]{0,8}c"), r"a(?-u:.){0,60}b(?-u:[^.;]){0,8}c");
        assert_eq!(in_bytes(r"a\.{0,2}b\w{0,3}.c{0,1}"), r"a\.{0,2}b\w{0,3}.c{0,1}");
        assert_eq!(Pattern::new("f", "xy.{0,1}").find("axyü\nxy"), Ok(vec![1..5, 6..8]));
    }

    #[test]
    fn a_match_has_what_its_pattern_needs() {
        for (pattern, expected) in [
            (r"\ba\.6\.2\.5.{0,60}\bhuman oversight", &[&["human oversight"][..], &["a.6.2.5"]][..]),
            (r"(?:€|\beur(?:os?)?) ?30(?: ?m\b|[ ,.]?000)", &[&["€", "eur"], &["30"], &["m", "000"]]),
            (r"\b(?:one|twenty)\b", &[&["one", "twenty"]]),
            (r"(?:one|twenty)? or (?:[ab]|c)", &[&[" or "]]),
            (r"ab?c{2}d+e[^.;]fg", &[&["fg"], &["a"], &["d"], &["e"]]),
            (r"one|two and three", &[&["one", "two and three"]]),
            (r"(?i:big(?P<size>small|tiny)x+)", &[&["small", "tiny"], &["big"], &["x"]]),
            (r"\(x\)y\d", &[&["(x)y"]]),
            (r"a[]b\]|]c(d|)", &[&["a"], &["c"]]),
            (r"one|\d", &[]),
        ] {
            assert_eq!(needs(pattern), expected, "{pattern}");
        }
        for broken in ["x(", "[", "a{", "\\", "(?", ")"] {
            assert!(Pattern::new("f", broken).is_in("").is_err(), "{broken}");
        }
    }

    #[test]
    fn a_line_that_cannot_match_is_not_looked_at() {
        let pattern = Pattern::new("f", r"\b(?:big|large).{0,9}dogs?\b");
        for text in ["big", "dog", "big\ndog", "large cat\na dog and a cat"] {
            assert_eq!((pattern.find(text), pattern.is_compiled()), (Ok(Vec::new()), false), "{text}");
        }
        let text = "a big dog\ncats\na large dog, a big dog\nbig\ndog\ndogs in large";
        let found: Vec<&str> = pattern.find(text).expect("it compiles").into_iter().map(|at| &text[at]).collect();
        assert_eq!(found, ["big dog", "large dog", "big dog"]);
        // A pattern of which nothing is known is held against each line.
        assert_eq!(Pattern::new("f", r"[a-c]\d").find("x\na1 b2\n\nc3"), Ok(vec![2..4, 5..7, 9..11]));
    }
}
