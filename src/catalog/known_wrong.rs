//! Statements about the law and the standard that are superseded or were never true.
//!
//! Comes in: `schemas/known-wrong.yaml` with what is the same in every language, `schemas/known-wrong/<language>.yaml` with
//! how a language says it, and a text. Goes out: [`KnownWrong`] with its [`Fact`]s, and which of them a text gets wrong,
//! and where. A language is read when a text is in it. Knows nothing of answers.

mod pattern;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;

use self::pattern::Pattern;
use super::{Catalog, CatalogError, in_a_line};

const PATH: &str = "schemas/known-wrong.yaml";

/// The folder of the languages.
const LANGUAGES: &str = "schemas/known-wrong/";

/// All facts that people get wrong, as of one day, in one language.
#[derive(Debug)]
pub struct KnownWrong {
    /// The language, in two letters.
    pub language: String,
    /// The day of which this is the state: `YYYY-MM-DD`.
    pub date: String,
    /// The facts, in the order of the file.
    pub facts: Vec<Fact>,
    /// One for each fact.
    finders: Vec<Finder>,
}

/// A fact, and how texts in one language get it wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What is the same in every language.
    pub known: Known,
    /// How the language says it.
    pub told: Told,
}

/// A fact apart from any language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Its id within the file.
    pub id: String,
    /// Where it stands.
    pub source: String,
    /// From when it is so: a day, or a month where the day is not known.
    pub since: String,
    /// Clauses with their framework: what to read.
    pub clauses: Vec<String>,
}

/// A fact in a language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// What is so.
    pub correct: String,
    /// Regular expressions that find the wrong statement.
    pub patterns: Vec<String>,
    /// Regular expressions of which one must match in the same sentence; any sentence will do where there are none.
    #[serde(default)]
    pub with: Vec<String>,
    /// Regular expressions that excuse what they overlap.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Sentences that must be found.
    pub wrong: Vec<String>,
    /// Sentences that must not be found.
    pub right: Vec<String>,
}

/// `schemas/known-wrong.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    state: Asked,
    facts: Vec<Known>,
}

/// The day of which the facts are the state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    date: String,
}

/// `schemas/known-wrong/<language>.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    language: String,
    /// By id.
    facts: BTreeMap<String, Told>,
}

/// A fact that a text gets wrong, and the bytes of every such statement in their order.
pub(crate) type Found<'k> = (&'k Fact, Vec<Range<usize>>);

/// The patterns of one fact in one language.
#[derive(Debug)]
struct Finder {
    patterns: Vec<Pattern>,
    with: Vec<Pattern>,
    unless: Vec<Pattern>,
}

/// A text as patterns read it: in lower case, every run of white space one space, apostrophes and hyphens those of a
/// keyboard, and without what only says where a word may break.
#[derive(Debug)]
pub(crate) struct Plain {
    text: String,
    /// For each byte of the text, the byte of the original that its character begins at; one more for the end.
    from: Vec<usize>,
}

impl Plain {
    pub(crate) fn new(original: &str) -> Self {
        let mut from = Vec::with_capacity(original.len());
        let text = plain(original, |length, at| from.resize(length, at));
        from.push(original.len());
        Self { text, from }
    }

    /// Bytes of the original where these words first stand after a byte of the text, and the byte of the text they end at.
    pub(crate) fn find(&self, words: &str, after: usize) -> Option<(Range<usize>, usize)> {
        let start = after + self.text.get(after..)?.find(words)?;
        let end = start + words.len();
        Some((self.from[start]..self.from[end], end))
    }
}

/// A text as patterns read it; `each` hears how long it is behind each character of the original, and where that begins.
pub(crate) fn plain(original: &str, mut each: impl FnMut(usize, usize)) -> String {
    let mut text = String::with_capacity(original.len());
    for (at, character) in original.char_indices() {
        match character {
            ascii if ascii.is_ascii_graphic() => text.push(ascii.to_ascii_lowercase()),
            // Soft hyphen, zero-width space and joiners, word joiner.
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' => {}
            '\u{2bc}' | '\u{2019}' => text.push('\''),
            '\u{2010}' | '\u{2011}' => text.push('-'),
            space if space.is_whitespace() => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            letter => text.extend(letter.to_lowercase()),
        }
        each(text.len(), at);
    }
    text
}

impl Catalog {
    /// The languages in which anything is known to be wrong, in alphabetical order; none in a catalogue without the list,
    /// as in a release.
    pub fn known_wrong_languages(&self) -> impl Iterator<Item = &str> {
        self.known_wrong.keys().map(String::as_str)
    }

    /// What is known to be wrong, in a language; `None` where the list does not have the language.
    #[must_use]
    pub fn known_wrong(&self, language: &str) -> Option<Result<&KnownWrong, CatalogError>> {
        let (language, cell) = self.known_wrong.get_key_value(language)?;
        let loaded = cell.get_or_init(|| KnownWrong::load(language, self.text(PATH)?, self.text(&path(language))?));
        Some(loaded.as_ref().map_err(Clone::clone))
    }
}

/// The language of a file, if it is one of these.
pub(super) fn language_of(path: &str) -> Option<&str> {
    path.strip_prefix(LANGUAGES)?.strip_suffix(".yaml").filter(|language| !language.contains('/'))
}

fn path(language: &str) -> String {
    format!("{LANGUAGES}{language}.yaml")
}

impl KnownWrong {
    fn load(language: &str, shared: &str, own: &str) -> Result<Self, CatalogError> {
        let file = path(language);
        let fault = |message: String| CatalogError { file: file.clone(), message };
        let Shared { state, facts } = serde_saphyr::from_str(shared)
            .map_err(|error| CatalogError { file: PATH.to_owned(), message: in_a_line(&error) })?;
        let mut own: Language = serde_saphyr::from_str(own).map_err(|error| fault(in_a_line(&error)))?;
        if own.language != language {
            return Err(fault(format!("the file is in `{}`", own.language)));
        }
        let mut of = |known: Known| match own.facts.remove(&known.id) {
            Some(told) => Ok(Fact { known, told }),
            None => Err(fault(format!("the fact `{}` is missing", known.id))),
        };
        let facts = facts.into_iter().map(&mut of).collect::<Result<Vec<_>, _>>()?;
        if let Some(id) = own.facts.keys().next() {
            return Err(fault(format!("there is no fact `{id}` in {PATH}")));
        }
        let compile = |written: &String| Pattern::new(&file, written);
        let finder = |Fact { told, .. }: &Fact| Finder {
            patterns: told.patterns.iter().map(compile).collect(),
            with: told.with.iter().map(compile).collect(),
            unless: told.unless.iter().map(compile).collect(),
        };
        let finders = facts.iter().map(finder).collect();
        Ok(Self { language: own.language, date: state.date, facts, finders })
    }

    /// The facts that a text gets wrong, each with the bytes of every such statement in their order. Lines are texts of
    /// their own, for no pattern reads past the end of one: all texts of a document are looked through at once.
    pub(crate) fn find(&self, lines: &str) -> Result<Vec<Found<'_>>, CatalogError> {
        let mut found = Vec::new();
        for (fact, finder) in self.facts.iter().zip(&self.finders) {
            let ranges = finder.find(lines)?;
            if !ranges.is_empty() {
                found.push((fact, ranges));
            }
        }
        Ok(found)
    }
}

impl Finder {
    /// The statements that are wrong and that nothing excuses, one of each sentence.
    fn find(&self, text: &str) -> Result<Vec<Range<usize>>, CatalogError> {
        let all = |patterns: &[Pattern]| -> Result<Vec<Range<usize>>, CatalogError> {
            let found = patterns.iter().map(|pattern| pattern.find(text));
            Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
        };
        let mut matched = all(&self.patterns)?;
        if matched.is_empty() {
            return Ok(matched);
        }
        let excuses = all(&self.unless)?;
        matched.retain(|range| !excuses.iter().any(|other| other.start < range.end && range.start < other.end));
        matched.sort_unstable_by_key(|range| (range.start, range.end));
        let mut wrong = Vec::new();
        let mut judged = 0;
        for range in matched {
            if range.start < judged {
                continue;
            }
            let sentence = sentence(text, &range);
            judged = sentence.end;
            if self.is_about(&text[sentence])? {
                wrong.push(range);
            }
        }
        Ok(wrong)
    }

    /// Whether a sentence has the words without which a match in it says nothing of the fact.
    fn is_about(&self, sentence: &str) -> Result<bool, CatalogError> {
        for pattern in &self.with {
            if pattern.is_in(sentence)? {
                return Ok(true);
            }
        }
        Ok(self.with.is_empty())
    }
}

/// The sentence around a match. A full stop after which a digit follows, as in `Art. 6`, or that stands behind the number of
/// a day, as in `2. August`, ends none.
fn sentence(text: &str, matched: &Range<usize>) -> Range<usize> {
    let ends = |at: &usize| {
        let (before, after) = (&text[..*at], &text[at + 1..]);
        let numbered = || {
            let word = before.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            let day = matches!(word.len(), 1 | 2) && word.bytes().all(|byte| byte.is_ascii_digit());
            day || after.trim_start_matches(' ').starts_with(|next: char| next.is_ascii_digit())
        };
        match text.as_bytes()[*at] {
            b'\n' => true,
            b'.' if numbered() => false,
            _ => after.is_empty() || after.starts_with(char::is_whitespace),
        }
    };
    let marks = ['.', ';', '!', '?', '\n'];
    let start = text[..matched.start].rmatch_indices(marks).map(|(at, _)| at).find(ends).map_or(0, |at| at + 1);
    let end = text[matched.end..].match_indices(marks).map(|(at, _)| matched.end + at).find(ends);
    start..end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_lower_case_with_single_spaces_and_keeps_its_places() {
        let plain = Plain::new("A  B\u{a0}\n\u{130}c");
        assert_eq!(plain.text, "a b i\u{307}c");
        assert_eq!(plain.find("b i\u{307}", 0), Some((3..9, 7)));
        assert_eq!(plain.find("c", 0), Some((9..10, 8)));
        assert_eq!(plain.find("d", 0), None);
        let plain = Plain::new("L\u{2019}IA, KI\u{2011}Sys\u{ad}tem");
        assert_eq!(plain.text, "l'ia, ki-system");
        assert_eq!(plain.find("ki-system", 0), Some((8..21, 15)));
        assert_eq!(plain.find("'", 0), Some((1..4, 2)));
        assert_eq!((plain.find("i", 4), plain.find("i", 8)), (Some((9..10, 8)), None));
    }

    /// A catalogue of one fact, with these patterns in a language.
    fn of(language: &str, facts: &str) -> Catalog {
        let shared = "state: {date: '2026-11-23'}\nfacts: [{id: f, source: s, since: '2026-01', clauses: []}]\n";
        let own = format!("language: {language}\nfacts: {{{facts}}}\n");
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        Catalog::only([file(PATH, shared), file("schemas/known-wrong/en.yaml", &own)])
    }

    #[test]
    fn a_broken_pattern_is_a_fault_of_the_catalogue() {
        let catalog = of("en", "f: {correct: c, patterns: ['x('], wrong: [], right: []}");
        assert_eq!(catalog.known_wrong_languages().collect::<Vec<_>>(), ["en"]);
        let known = catalog.known_wrong("en").expect("it is there").expect("it is YAML");
        let error = known.find("x").expect_err("it is broken");
        assert!(error.file == path("en") && error.message.contains("a pattern: "), "{error}");
        assert!(catalog.known_wrong("nl").is_none() && Catalog::only([]).known_wrong("en").is_none());
    }

    #[test]
    fn a_pattern_is_compiled_for_the_texts_that_have_its_letters() {
        let catalog = of("en", "f: {correct: c, patterns: ['xy+'], unless: ['xz'], wrong: [], right: []}");
        let known = catalog.known_wrong("en").expect("it is there").expect("it is YAML");
        let compiled = || {
            let Finder { patterns, unless, .. } = &known.finders[0];
            (patterns[0].is_compiled(), unless[0].is_compiled())
        };
        assert!(known.find("a\n.\n").expect("it compiles").is_empty());
        assert_eq!(compiled(), (false, false));
        assert_eq!(known.find("axyy").expect("it compiles")[0].1, [Range { start: 1, end: 4 }]);
        assert_eq!(compiled(), (true, false));
    }

    #[test]
    fn a_match_counts_in_a_sentence_with_the_words_it_needs_and_once_in_each() {
        let facts = "f: {correct: c, patterns: ['x[^.]y', 'y\\d'], with: [must, 'due\\b'], wrong: [], right: []}";
        let catalog = of("en", facts);
        let known = catalog.known_wrong("en").expect("it is there").expect("it is YAML");
        let found = |text: &str| -> Vec<String> {
            let found = known.find(text).expect("it compiles");
            found.iter().flat_map(|(_, ranges)| ranges).map(|range| text[range.clone()].to_owned()).collect()
        };
        for (text, wrong) in [
            ("It is x-y.", &[][..]),
            ("It must be x-y.", &["x-y"]),
            ("x-y by 2. may is due", &["x-y"]),
            ("By art. 6 it must, see no. 7, be x-y", &["x-y"]),
            ("It must. It is x-y. It must.", &[]),
            ("It must; it is x-y! It must?", &[]),
            ("It must of 2026. It is x-y.", &[]),
            ("It must\nx-y\nmust", &[]),
            ("It must be x-y7 and x+y8. That x-y is due.", &["x-y", "x-y"]),
        ] {
            assert_eq!(found(text), wrong, "{text}");
        }
    }

    #[test]
    fn a_language_has_every_fact_and_no_other() {
        let told = "{correct: c, patterns: [], wrong: [], right: []}";
        for (language, facts, message) in [
            ("nl", format!("f: {told}"), "the file is in `nl`"),
            ("en", String::new(), "the fact `f` is missing"),
            ("en", format!("f: {told}, g: {told}"), "there is no fact `g` in schemas/known-wrong.yaml"),
        ] {
            let error = of(language, &facts).known_wrong("en").expect("it is there").map(|_| ()).expect_err(message);
            assert_eq!((error.file.as_str(), error.message.as_str()), (path("en").as_str(), message));
        }
    }
}
