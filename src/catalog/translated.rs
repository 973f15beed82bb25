//! The law in the language of a document.
//!
//! Comes in: a [`Framework`] and `schemas/clauses/<language>/<framework>.yaml`. Goes out: [`Wording`]: names, labels and,
//! where there is an official one, the text of clauses in that language. What is missing is an error that names the file
//! and the clause: nothing turns into English by accident. Dates and legal state stay with the framework.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Catalog, CatalogError, Clause, Framework, in_a_line};

/// The language that the frameworks themselves are written in.
pub(super) const BASE: &str = "en";

/// What a framework is called and how it reads in another language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Id of the framework.
    pub framework: String,
    /// The language.
    pub language: String,
    /// Its name in full.
    pub title: String,
    /// Its name in citations.
    pub short_name: String,
    /// Whether a label begins with a small letter behind that name, as people of the language write it.
    #[serde(default)]
    pub small_labels: bool,
    /// Whose text it is and on which terms it is shown.
    pub attribution: String,
    /// The consolidated version that the texts were taken from.
    pub consolidated: String,
    /// Where texts come from, by the name that clauses use.
    pub sources: BTreeMap<String, String>,
    /// Clauses by id.
    pub clauses: BTreeMap<String, TranslatedClause>,
}

/// A clause in another language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TranslatedClause {
    /// How people cite it.
    pub label: String,
    /// A short heading.
    #[serde(default)]
    pub title: Option<String>,
    /// The official wording; ours never stands here.
    #[serde(default)]
    pub text: Option<String>,
    /// Name of the source of the text.
    #[serde(default)]
    pub source: Option<String>,
}

/// A framework as it reads in one language.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'c> {
    law: &'c Framework,
    other: Option<(&'c Translation, &'c str)>,
}

impl Translation {
    pub(super) fn load(path: &str, text: &str, law: &Framework) -> Result<Self, CatalogError> {
        let fault = |message: String| CatalogError { file: path.to_owned(), message };
        let translation: Self = serde_saphyr::from_str(text).map_err(|error| fault(in_a_line(&error)))?;
        let Self { framework, language, clauses, .. } = &translation;
        if translation_path(language, framework) != path {
            return Err(fault(format!("`{framework}` in `{language}` must lie at its own path")));
        }
        let names = [&translation.title, &translation.short_name, &translation.attribution, &translation.consolidated];
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(fault("one of the names of the law is empty".to_owned()));
        }
        clauses.iter().try_for_each(|(id, clause)| translation.verify(id, clause, law)).map_err(fault)?;
        Ok(translation)
    }

    fn verify(&self, id: &str, clause: &TranslatedClause, law: &Framework) -> Result<(), String> {
        let Some(base) = law.clause(id) else { return Err(format!("the framework has no clause `{id}`")) };
        let texts = [Some(&clause.label), clause.title.as_ref(), clause.text.as_ref()];
        if texts.into_iter().flatten().any(|text| text.trim().is_empty()) {
            return Err(format!("the clause `{id}` has an empty text"));
        }
        match (&clause.text, &clause.source) {
            (None, None) => Ok(()),
            (Some(_), _) if base.text.is_none() => {
                Err(format!("the clause `{id}` has no wording, so it has none here"))
            }
            (Some(_), Some(source)) if self.sources.contains_key(source) => Ok(()),
            (Some(_), Some(source)) => Err(format!("the clause `{id}` names the unknown source `{source}`")),
            (Some(_), None) => Err(format!("the clause `{id}` has a text without a source")),
            (None, Some(_)) => Err(format!("the clause `{id}` has a source without a text")),
        }
    }
}

impl Catalog {
    /// A framework in a language; `None` if there is no such clause catalogue.
    #[must_use]
    pub fn framework_in(&self, id: &str, language: &str) -> Option<Result<Wording<'_>, CatalogError>> {
        let law = match self.framework(id)? {
            Ok(law) => law,
            Err(error) => return Some(Err(error)),
        };
        if language == BASE {
            return Some(Ok(Wording { law, other: None }));
        }
        let path = translation_path(language, id);
        let Some((path, cell)) = self.translations.get_key_value(&path) else {
            let message = format!("there is no such file, so the law has no names in `{language}`");
            return Some(Err(CatalogError { file: path, message }));
        };
        let loaded = cell.get_or_init(|| Translation::load(path, self.text(path)?, law));
        Some(loaded.as_ref().map(|other| Wording { law, other: Some((other, path)) }).map_err(Clone::clone))
    }

    /// How people cite a clause within its framework, in a language.
    ///
    /// # Errors
    /// A clause that is in no catalogue, or has no label in the language.
    pub fn label_in(&self, id: &str, language: &str) -> Result<&str, CatalogError> {
        let (wording, clause) = self.find_in(id, language)?;
        wording.label(clause)
    }

    /// How people cite a clause, with its framework, in a language.
    ///
    /// # Errors
    /// As [`Catalog::label_in`].
    pub fn cite_in(&self, id: &str, language: &str) -> Result<String, CatalogError> {
        let (wording, clause) = self.find_in(id, language)?;
        let label = wording.label(clause)?;
        let mut letters = label.chars();
        let label = match letters.next() {
            Some(first) if wording.other.is_some_and(|(other, _)| other.small_labels) => {
                first.to_lowercase().chain(letters).collect()
            }
            _ => label.to_owned(),
        };
        Ok(format!("{}, {label}", wording.short_name()))
    }

    /// The heading of a clause, if the language has one.
    ///
    /// # Errors
    /// A clause that is in no catalogue.
    pub fn heading_in(&self, id: &str, language: &str) -> Result<Option<&str>, CatalogError> {
        let (wording, clause) = self.find_in(id, language)?;
        Ok(wording.heading(clause))
    }

    /// Languages that a framework can be read in, in alphabetical order.
    pub fn languages_of(&self, framework: &str) -> impl Iterator<Item = &str> {
        let suffix = format!("/{framework}.yaml");
        let others = self.translations.keys().filter_map(move |path| path.strip_prefix(CLAUSES)?.strip_suffix(&suffix));
        let mut all: Vec<&str> = others.chain(self.framework_ids().any(|id| id == framework).then_some(BASE)).collect();
        all.sort_unstable();
        all.into_iter()
    }

    fn find_in<'c>(&'c self, id: &str, language: &str) -> Result<(Wording<'c>, &'c Clause), CatalogError> {
        let fault = |file: String| CatalogError { file, message: format!("there is no clause `{id}`") };
        let Some((framework, clause)) = id.split_once(':') else { return Err(fault(CLAUSES.to_owned())) };
        let path = super::framework_path(framework);
        let Some(wording) = self.framework_in(framework, language) else { return Err(fault(path)) };
        let wording = wording?;
        wording.law.clause(clause).map(|clause| (wording, clause)).ok_or_else(|| fault(path))
    }
}

impl<'c> Wording<'c> {
    /// The framework: its clauses, dates and acts.
    #[must_use]
    pub fn law(self) -> &'c Framework {
        self.law
    }

    /// Path of the file that the words come from beside that of the framework; none in the language of the framework.
    #[must_use]
    pub fn path(self) -> Option<&'c str> {
        self.other.map(|(_, path)| path)
    }

    /// The name of the law in full.
    #[must_use]
    pub fn title(self) -> &'c str {
        self.other.map_or(&self.law.title, |(other, _)| &other.title)
    }

    /// The name of the law in citations.
    #[must_use]
    pub fn short_name(self) -> &'c str {
        self.other.map_or(&self.law.short_name, |(other, _)| &other.short_name)
    }

    /// Whose text it is.
    #[must_use]
    pub fn attribution(self) -> &'c str {
        self.other.map_or(&self.law.attribution, |(other, _)| &other.attribution)
    }

    /// The consolidated version.
    #[must_use]
    pub fn consolidated(self) -> &'c str {
        self.other.map_or(&self.law.state.consolidated, |(other, _)| &other.consolidated)
    }

    /// How people cite a clause.
    ///
    /// # Errors
    /// The language has no label for it.
    pub fn label(self, clause: &'c Clause) -> Result<&'c str, CatalogError> {
        match self.other {
            None => Ok(&clause.label),
            Some((other, path)) => other.clauses.get(&clause.id).map(|own| own.label.as_str()).ok_or_else(|| {
                CatalogError { file: path.to_owned(), message: format!("the clause `{}` has no label", clause.id) }
            }),
        }
    }

    /// The heading of a clause, if the language has one.
    #[must_use]
    pub fn heading(self, clause: &'c Clause) -> Option<&'c str> {
        match self.other {
            None => Some(&clause.title),
            Some((other, _)) => other.clauses.get(&clause.id)?.title.as_deref(),
        }
    }

    /// The official wording of a clause, if the language has one here.
    #[must_use]
    pub fn text(self, clause: &'c Clause) -> Option<&'c str> {
        match self.other {
            None => clause.text.as_deref(),
            Some((other, _)) => other.clauses.get(&clause.id)?.text.as_deref(),
        }
    }

    /// Whether a clause has a wording, but none in this language.
    #[must_use]
    pub fn lacks_text(self, clause: &Clause) -> bool {
        clause.text.is_some() && self.law.clause(&clause.id).is_some_and(|own| self.text(own).is_none())
    }
}

/// Folder of the clause catalogues.
pub(super) const CLAUSES: &str = "schemas/clauses/";

/// Path of a framework's words in a language.
#[must_use]
pub fn translation_path(language: &str, framework: &str) -> String {
    format!("{CLAUSES}{language}/{framework}.yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "schemas/clauses/sv/eu-ai-act.yaml";
    const HEAD: &str = "framework: eu-ai-act\nlanguage: sv\ntitle: Förordning (EU) 2024/1689\nshort_name: AI-akten\n\
                        attribution: © Europeiska unionen\nconsolidated: CELEX 02024R1689-20260727\nsources: {oj: EUT}\n";

    fn with(clauses: &str) -> Catalog {
        Catalog::with([(PATH.to_owned(), format!("{HEAD}clauses: {clauses}\n").into_bytes())])
    }

    #[test]
    fn a_law_reads_in_its_language_and_never_in_another() {
        let catalog = with("{annex-iv.1.a: {label: 'Bilaga IV, punkt 1 a', text: avsett ändamål, source: oj}}");
        assert_eq!(catalog.cite_in("eu-ai-act:annex-iv.1.a", "sv").as_deref(), Ok("AI-akten, Bilaga IV, punkt 1 a"));
        let small = HEAD.replace("attribution", "small_labels: true\nattribution");
        let small = format!("{small}clauses: {{annex-iv.1.a: {{label: 'Bilaga IV, punkt 1 a'}}}}\n");
        let small = Catalog::with([(PATH.to_owned(), small.into_bytes())]);
        assert_eq!(small.cite_in("eu-ai-act:annex-iv.1.a", "sv").as_deref(), Ok("AI-akten, bilaga IV, punkt 1 a"));
        assert_eq!(small.label_in("eu-ai-act:annex-iv.1.a", "sv"), Ok("Bilaga IV, punkt 1 a"));
        assert_eq!(catalog.label_in("eu-ai-act:annex-iv.1.a", "en"), Ok("Annex IV, point 1(a)"));
        let wording = catalog.framework_in("eu-ai-act", "sv").expect("it is there").expect("it has no fault");
        let clause = |id: &str| wording.law().clause(id).expect("it is in the law");
        assert_eq!(wording.text(clause("annex-iv.1.a")), Some("avsett ändamål"));
        assert_eq!((wording.text(clause("annex-iv.1.b")), wording.heading(clause("annex-iv.1.b"))), (None, None));
        assert!(wording.lacks_text(clause("annex-iv.1.b")) && !wording.lacks_text(clause("annex-iv.1.a")));
        assert_eq!((wording.path(), wording.title()), (Some(PATH), "Förordning (EU) 2024/1689"));
        let missing = catalog.label_in("eu-ai-act:annex-iv.1.b", "sv").expect_err("it has no label");
        assert_eq!((missing.file.as_str(), missing.message.as_str()), (PATH, "the clause `annex-iv.1.b` has no label"));
        let none = catalog.cite_in("eu-ai-act:annex-iv.1.a", "ga").expect_err("nobody translated it");
        assert_eq!(none.file, "schemas/clauses/ga/eu-ai-act.yaml");
        assert!(catalog.languages_of("eu-ai-act").any(|language| language == "sv"));
        assert!(catalog.languages_of("eu-ai-act").any(|language| language == "en"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (clauses, told) in [
            ("{annex-iv.99: {label: L}}", "no clause `annex-iv.99`"),
            ("{annex-iv.1.a: {label: ''}}", "empty"),
            ("{annex-iv.1.a: {label: L, text: T}}", "without a source"),
            ("{annex-iv.1.a: {label: L, text: T, source: x}}", "unknown source `x`"),
            ("{annex-iv.1.a: {label: L, source: oj}}", "without a text"),
            ("{annex-iv.1.a: {title: T}}", "label"),
            ("{annex-iv.1.a: {label: L, texts: T}}", "texts"),
        ] {
            let error = with(clauses).framework_in("eu-ai-act", "sv").expect("it is there").expect_err(clauses);
            assert!(error.file == PATH && error.message.contains(told), "{clauses}: {error}");
        }
    }
}
