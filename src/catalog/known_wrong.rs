//! Statements about the law and the standard that are superseded or were never true.
//!
//! Comes in: `schemas/known-wrong.yaml`, and a text. Goes out: [`KnownWrong`] with its [`Fact`]s, and which of them a text
//! gets wrong, and where. Patterns are compiled once for each language that is asked for. Knows nothing of answers.

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
    finders: BTreeMap<String, OnceLock<Result<Vec<Finder>, CatalogError>>>,
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

/// The patterns of one fact in one language.
#[derive(Debug)]
struct Finder {
    fact: usize,
    patterns: Vec<Regex>,
    unless: Vec<Regex>,
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

    /// The text of a range.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
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
            let languages = known.facts.iter().flat_map(|fact| fact.patterns.keys().cloned());
            known.finders = languages.map(|language| (language, OnceLock::new())).collect();
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

    /// The facts that a text gets wrong, each with the bytes of its first wrong statement.
    pub(crate) fn find(&self, language: &str, plain: &Plain) -> Result<Vec<(&Fact, Range<usize>)>, CatalogError> {
        let Some(cell) = self.finders.get(language) else { return Ok(Vec::new()) };
        let finders = cell.get_or_init(|| self.compile(language)).as_ref().map_err(Clone::clone)?;
        let found = finders.iter().filter_map(|finder| Some((&self.facts[finder.fact], finder.find(&plain.text)?)));
        Ok(found.collect())
    }

    fn compile(&self, language: &str) -> Result<Vec<Finder>, CatalogError> {
        let facts = self.facts.iter().enumerate();
        let finders = facts.map(|(index, fact)| {
            let compile = |patterns: Option<&Vec<String>>| {
                let compiled = patterns.into_iter().flatten().map(|pattern| {
                    let fault = |error: regex::Error| {
                        let message = format!("a pattern of `{}` in `{language}`: {error}", fact.id);
                        CatalogError { file: PATH.to_owned(), message }
                    };
                    Regex::new(pattern).map_err(fault)
                });
                compiled.collect::<Result<Vec<_>, _>>()
            };
            let (patterns, unless) = (compile(fact.patterns.get(language))?, compile(fact.unless.get(language))?);
            Ok(Finder { fact: index, patterns, unless })
        });
        finders.collect()
    }
}

impl Finder {
    /// The first statement that is wrong and that nothing excuses.
    fn find(&self, text: &str) -> Option<Range<usize>> {
        let wrong = self.patterns.iter().flat_map(|pattern| pattern.find_iter(text)).map(|found| found.range());
        let excused = |range: &Range<usize>| {
            let excuses = self.unless.iter().flat_map(|pattern| pattern.find_iter(text));
            excuses.map(|found| found.range()).any(|other| other.start < range.end && range.start < other.end)
        };
        wrong.filter(|range| !excused(range)).min_by_key(|range| (range.start, range.end))
    }
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
        assert!(known.find("nl", &Plain::new("x")).expect("nothing to compile").is_empty());
        let error = known.find("en", &Plain::new("x")).expect_err("it is broken");
        assert!(error.message.contains("`f` in `en`"), "{error}");
        assert!(Catalog::only([]).known_wrong().expect("there is none").is_none());
    }
}
