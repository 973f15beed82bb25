//! Fixed words in the language of a document.
//!
//! Comes in: `templates/locales/<language>/common.yaml`, `<kind>.yaml` and, if a house has words of its own,
//! `house.yaml`. Goes out: one flat map; the later file wins, and a house only replaces. A language without files is an
//! error: nothing turns into English by accident.

use std::collections::BTreeMap;

use super::{COMMON, Catalog, CatalogError, in_a_line};

/// Words by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    words: BTreeMap<String, String>,
    paths: Vec<String>,
}

/// The language that words are written in first.
const ENGLISH: &str = "en";

/// The file of a house that calls some things by other names.
const HOUSE: &str = "house";

impl Words {
    pub(super) fn load(catalog: &Catalog, kind: &str, language: &str) -> Result<Self, CatalogError> {
        let mut words = BTreeMap::new();
        let mut paths = [COMMON, kind].map(|name| words_path(language, name)).to_vec();
        for (path, name) in std::iter::zip(&paths, [COMMON, kind]) {
            let own = read(catalog, path)?;
            complete(catalog, path, own, &words_path(ENGLISH, name))?;
            words.extend(own.clone());
        }
        let house = words_path(language, HOUSE);
        if catalog.bytes(&house).is_some() {
            for (name, word) in read(catalog, &house)? {
                // A house has one file for all kinds, so a word of another kind may stand there too.
                if let Some(own) = words.get_mut(name) {
                    own.clone_from(word);
                } else if !is_word(catalog, language, name)? {
                    let message = format!("nothing is called `{name}`; a house can only replace words that there are");
                    return Err(CatalogError { file: house, message });
                }
            }
            paths.push(house);
        }
        Ok(Self { words, paths })
    }

    /// The words by name.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.words
    }

    /// Catalogue files they came from.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }
}

impl Catalog {
    /// Languages that have words for a kind, in alphabetical order.
    pub fn languages(&self, kind: &str) -> impl Iterator<Item = &str> {
        let suffix = format!("/{kind}.yaml");
        let named = self.paths().filter_map(move |path| path.strip_prefix(FOLDER)?.strip_suffix(&suffix));
        named.filter(|language| self.bytes(&words_path(language, COMMON)).is_some())
    }

    /// Files of words that a kind lacks in a language.
    #[must_use]
    pub fn absent_words(&self, kind: &str, language: &str) -> Vec<String> {
        let paths = [COMMON, kind].map(|name| words_path(language, name));
        paths.into_iter().filter(|path| self.bytes(path).is_none()).collect()
    }
}

/// Demands every word that English has; a template that misses one could only say where it stands itself.
fn complete(catalog: &Catalog, path: &str, own: &BTreeMap<String, String>, english: &str) -> Result<(), CatalogError> {
    if path == english || catalog.bytes(english).is_none() {
        return Ok(());
    }
    let wanted = read(catalog, english)?;
    let missing: Vec<&str> = wanted.keys().filter(|name| !own.contains_key(*name)).map(String::as_str).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("{} missing; `{english}` shows what to say", listed(&missing));
    Err(CatalogError { file: path.to_owned(), message })
}

/// "the words `a`, `b` and 3 more are".
fn listed(names: &[&str]) -> String {
    const MOST: usize = 5;
    let [one] = names else {
        let first: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
        let more = names.len().saturating_sub(MOST);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        return format!("the words {}{rest} are", first.join(", "));
    };
    format!("the word `{one}` is")
}

/// Whether some kind has a word of this name.
fn is_word(catalog: &Catalog, language: &str, name: &str) -> Result<bool, CatalogError> {
    for kind in catalog.kind_ids() {
        let path = words_path(language, kind);
        if catalog.bytes(&path).is_some() && read(catalog, &path)?.contains_key(name) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read<'c>(catalog: &'c Catalog, path: &str) -> Result<&'c BTreeMap<String, String>, CatalogError> {
    let fault = |message: String| CatalogError { file: path.to_owned(), message };
    let load = || serde_saphyr::from_str(catalog.text(path)?).map_err(|error| fault(in_a_line(&error)));
    match catalog.words.get(path) {
        Some(cell) => cell.get_or_init(load).as_ref().map_err(Clone::clone),
        None => Err(fault("there is no such file in the catalogue".to_owned())),
    }
}

/// Whether a file of the catalogue holds words.
pub(super) fn is_words(path: &str) -> bool {
    path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".yaml")).is_some()
}

const FOLDER: &str = "templates/locales/";

/// Path of the words of a kind in a language.
#[must_use]
pub fn words_path(language: &str, name: &str) -> String {
    format!("{FOLDER}{language}/{name}.yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(house: &str) -> Catalog {
        Catalog::with([(words_path("en", HOUSE), house.as_bytes().to_vec())])
    }

    #[test]
    fn a_house_replaces_words_and_adds_none() {
        let catalog = with("summary: At a glance\n");
        let kind = catalog.kind_ids().next().expect("there is a kind");
        let words = catalog.words(kind, "en").expect("they are right");
        assert_eq!(words.all().get("summary").map(String::as_str), Some("At a glance"));
        assert_eq!(words.paths().last().map(String::as_str), Some("templates/locales/en/house.yaml"));
        let plain = Catalog::builtin();
        assert_eq!(plain.words(kind, "en").expect("they are right").all().len(), words.all().len());
        let error = with("sumary: At a glance\n").words(kind, "en").expect_err("there is no such word");
        assert!(error.file.ends_with("/house.yaml") && error.message.contains("`sumary`"), "{error}");
        assert!(plain.absent_words(kind, "en").is_empty());
        assert_eq!(plain.absent_words(kind, "ga"), [words_path("ga", COMMON), words_path("ga", kind)]);
        assert!(plain.languages(kind).any(|language| language == "en"));
        assert!(!plain.languages(kind).any(|language| language == "ga"));
    }

    #[test]
    fn a_word_that_is_missing_is_named_with_its_file() {
        let english = Catalog::builtin();
        let common = english.text(&words_path("en", COMMON)).unwrap().to_owned();
        let kind = english.kind_ids().next().expect("there is a kind").to_owned();
        let own = english.text(&words_path("en", &kind)).unwrap().to_owned();
        let less = common.lines().filter(|line| !line.starts_with("summary:")).collect::<Vec<_>>().join("\n");
        assert!(less.len() < common.len());
        let irish = |common: &str| {
            Catalog::with([
                (words_path("ga", COMMON), common.as_bytes().to_vec()),
                (words_path("ga", &kind), own.as_bytes().to_vec()),
            ])
            .words(&kind, "ga")
        };
        assert!(irish(&common).is_ok());
        let error = irish(&less).expect_err("a word is missing");
        assert_eq!(error.file, "templates/locales/ga/common.yaml");
        assert_eq!(
            error.message,
            "the word `summary` is missing; `templates/locales/en/common.yaml` shows what to say"
        );
    }

    #[test]
    fn what_is_no_yaml_is_told_on_one_line_with_its_place() {
        let kind = Catalog::builtin().kind_ids().next().expect("there is a kind").to_owned();
        let error = with("a: b\n  c: d\n").words(&kind, "en").expect_err("it is no YAML");
        assert_eq!(error.message, "line 2 column 4: mapping values are not allowed in this context");
    }
}
