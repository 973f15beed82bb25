//! Statements about the law and the standard that are superseded or were never true.
//!
//! Comes in: `schemas/known-wrong.yaml`, and a text. Goes out: [`KnownWrong`] with its [`Fact`]s, and which of them a text
//! gets wrong, and where. A pattern is compiled once, when a text first has the letters that it needs: compiling all of them
//! would cost more than everything else that is checked. Knows nothing of answers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

use super::{Catalog, CatalogError};

const PATH: &str = "schemas/known-wrong.yaml";

/// All facts that people get wrong, as of one day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownWrong {
    /// The day of which this is the state.
    pub state: Asked,
    /// The facts, in the order of the file.
    pub facts: Vec<Fact>,
    /// By language.
    #[serde(skip)]
    finders: BTreeMap<String, Vec<Finder>>,
}

/// The day of which the facts are the state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// `YYYY-MM-DD`.
    pub date: String,
}

/// A fact, and how texts get it wrong. What differs by language stands under the language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its id within the file.
    pub id: String,
    /// What is so.
    pub correct: BTreeMap<String, String>,
    /// Where it stands.
    pub source: String,
    /// From when it is so: a day, or a month where the day is not known.
    pub since: String,
    /// Clauses with their framework: what to read.
    pub clauses: Vec<String>,
    /// Regular expressions that find the wrong statement.
    pub patterns: BTreeMap<String, Vec<String>>,
    /// Regular expressions that excuse what they overlap.
    #[serde(default)]
    pub unless: BTreeMap<String, Vec<String>>,
    /// Sentences that must be found.
    pub wrong: BTreeMap<String, Vec<String>>,
    /// Sentences that must not be found.
    pub right: BTreeMap<String, Vec<String>>,
}

/// A fact that a text gets wrong, and the bytes of every such statement in their order.
pub(crate) type Found<'k> = (&'k Fact, Vec<Range<usize>>);

/// The patterns of one fact in one language.
#[derive(Debug)]
struct Finder {
    fact: usize,
    patterns: Vec<Pattern>,
    unless: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    written: String,
    /// Letters without which nothing matches.
    needs: String,
    compiled: OnceLock<Result<Regex, CatalogError>>,
}

/// A text as patterns read it: in lower case, every run of white space one space.
#[derive(Debug)]
pub(crate) struct Plain {
    text: String,
    /// For each byte of the text, the byte of the original that its character begins at; one more for the end.
    from: Vec<usize>,
}

impl Plain {
    pub(crate) fn new(original: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(original.len()), from: Vec::with_capacity(original.len()) };
        for (at, character) in original.char_indices() {
            if !character.is_whitespace() {
                plain.text.extend(character.to_lowercase());
            } else if !plain.text.ends_with(' ') {
                plain.text.push(' ');
            }
            plain.from.resize(plain.text.len(), at);
        }
        plain.from.push(original.len());
        plain
    }

    /// The text: one line.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Bytes of the original where these words stand for the first time.
    pub(crate) fn find(&self, words: &str) -> Option<Range<usize>> {
        let start = self.text.find(words)?;
        Some(self.from[start]..self.from[start + words.len()])
    }
}

impl Catalog {
    /// What is known to be wrong; nothing where the catalogue has no such file, as in a release.
    ///
    /// # Errors
    /// A file that is none of facts.
    pub fn known_wrong(&self) -> Result<Option<&KnownWrong>, CatalogError> {
        if self.bytes(PATH).is_none() {
            return Ok(None);
        }
        let loaded = self.known_wrong.get_or_init(|| {
            let fault = |error: serde_saphyr::Error| CatalogError { file: PATH.to_owned(), message: error.to_string() };
            let mut known: KnownWrong = serde_saphyr::from_str(self.text(PATH)?).map_err(fault)?;
            for (index, fact) in known.facts.iter().enumerate() {
                let of = |patterns: &BTreeMap<String, Vec<String>>, language| -> Vec<Pattern> {
                    patterns.get(language).into_iter().flatten().map(|pattern| Pattern::new(pattern)).collect()
                };
                for language in fact.patterns.keys() {
                    let (patterns, unless) = (of(&fact.patterns, language), of(&fact.unless, language));
                    known.finders.entry(language.clone()).or_default().push(Finder { fact: index, patterns, unless });
                }
            }
            Ok(known)
        });
        loaded.as_ref().map(Some).map_err(Clone::clone)
    }
}

impl KnownWrong {
    /// Whether anything can be found in a language.
    pub(crate) fn reads(&self, language: &str) -> bool {
        self.finders.contains_key(language)
    }

    /// The facts that a text gets wrong, each with the bytes of every such statement in their order. Lines are texts of
    /// their own, for no pattern reads past the end of one: all texts of a document are looked through at once.
    pub(crate) fn find(&self, language: &str, lines: &str) -> Result<Vec<Found<'_>>, CatalogError> {
        let mut found = Vec::new();
        for finder in self.finders.get(language).into_iter().flatten() {
            let ranges = finder.find(lines)?;
            if !ranges.is_empty() {
                found.push((&self.facts[finder.fact], ranges));
            }
        }
        Ok(found)
    }
}

impl Finder {
    /// The statements that are wrong and that nothing excuses.
    fn find(&self, text: &str) -> Result<Vec<Range<usize>>, CatalogError> {
        let all = |patterns: &[Pattern]| -> Result<Vec<Range<usize>>, CatalogError> {
            let mut ranges = Vec::new();
            for pattern in patterns.iter().filter(|pattern| text.contains(&pattern.needs)) {
                ranges.extend(pattern.regex()?.find_iter(text).map(|found| found.range()));
            }
            Ok(ranges)
        };
        let mut wrong = all(&self.patterns)?;
        if !wrong.is_empty() {
            let excuses = all(&self.unless)?;
            wrong.retain(|range| !excuses.iter().any(|other| other.start < range.end && range.start < other.end));
            wrong.sort_unstable_by_key(|range| (range.start, range.end));
        }
        Ok(wrong)
    }
}

impl Pattern {
    fn new(written: &str) -> Self {
        Self { written: written.to_owned(), needs: needs(written), compiled: OnceLock::new() }
    }

    fn regex(&self) -> Result<&Regex, CatalogError> {
        let compile = || {
            let fault = |error| CatalogError { file: PATH.to_owned(), message: format!("a pattern: {error}") };
            Regex::new(&self.written).map_err(fault)
        };
        self.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }
}

/// The longest run of letters that stands in every match of a pattern; empty where there is none outside of groups.
fn needs(pattern: &str) -> String {
    let (mut best, mut run) = (String::new(), String::new());
    let mut depth = 0_usize;
    let mut class = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let escaped = (character == '\\').then(|| characters.next()).flatten();
        match (escaped, character) {
            (Some(_), _) if class || depth > 0 => continue,
            (Some(escaped), _) if !escaped.is_alphanumeric() => {
                run.push(escaped);
                continue;
            }
            (None, '[') if !class => class = true,
            (None, ']') if class => class = false,
            (None, '(') if !class => depth += 1,
            (None, ')') if !class => depth = depth.saturating_sub(1),
            (None, _) if class || depth > 0 => continue,
            (None, '|') => return String::new(),
            (None, '?' | '*') => drop(run.pop()),
            (None, '{') => {
                run.pop();
                characters.by_ref().find(|end| *end == '}');
            }
            (Some(_), _) | (None, '.' | '^' | '$' | '+') => {}
            (None, letter) => {
                run.push(letter);
                continue;
            }
        }
        if run.len() > best.len() {
            best.clone_from(&run);
        }
        run.clear();
    }
    if run.len() > best.len() { run } else { best }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_lower_case_with_single_spaces_and_keeps_its_places() {
        let plain = Plain::new("A  B\u{a0}\n\u{130}c");
        assert_eq!(plain.text, "a b i\u{307}c");
        assert_eq!(plain.find("b i\u{307}"), Some(3..9));
        assert_eq!(plain.find("c"), Some(9..10));
        assert_eq!(plain.find("d"), None);
    }

    #[test]
    fn a_broken_pattern_is_a_fault_of_the_catalogue() {
        let text = "state: {date: '2026-11-23'}\nfacts: [{id: f, correct: {}, source: s, since: '2026-01', clauses: [], \
                    patterns: {en: ['(']}, wrong: {}, right: {}}]\n";
        let catalog = Catalog::with([(PATH.to_owned(), text.as_bytes().to_vec())]);
        let known = catalog.known_wrong().expect("it is YAML").expect("it is there");
        assert!(known.find("nl", "x").expect("nothing to compile").is_empty());
        let error = known.find("en", "x").expect_err("it is broken");
        assert!(error.file == PATH && error.message.contains("a pattern: "), "{error}");
        assert!(Catalog::only([]).known_wrong().expect("there is none").is_none());
    }

    #[test]
    fn a_pattern_needs_the_letters_outside_of_its_choices() {
        for (pattern, letters) in [
            (r"\ba\.6\.2\.5.{0,60}\bhuman oversight", "human oversight"),
            (r"(?:€|\beur(?:os?)?) ?30(?: ?m\b|[ ,.]?000)", "30"),
            (r"\b(?:one|two)\b", ""),
            (r"ab?c{2}d+e[^.;]fg", "fg"),
            (r"one|two", ""),
            (r"\(x\)y\d", "(x)y"),
        ] {
            assert_eq!(needs(pattern), letters, "{pattern}");
        }
    }
}
