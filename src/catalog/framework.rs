//! Clause catalogues: the law and the standard as dated data.
//!
//! Comes in: `schemas/clauses/<framework>.yaml`. Goes out: [`Framework`] and its [`Clause`]s with their wording, source
//! and legal state. Knows which words are law; judges nothing by them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::CatalogError;

/// A law or a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its id, as in `eu-ai-act:annex-iv.1.a`.
    pub id: String,
    /// Its name in full.
    pub title: String,
    /// Its name in citations.
    pub short: String,
    /// Whose text it is and under which terms it may be shown.
    pub attribution: String,
    /// The day of which this is the state.
    pub state: String,
    clauses: Vec<Clause>,
    by_id: BTreeMap<String, usize>,
}

/// One provision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Id within its framework: `annex-iv.2.d`.
    pub id: String,
    /// How people cite it: "Annex IV, point 2(d)".
    pub label: String,
    /// A short heading.
    #[serde(default)]
    pub title: String,
    /// The wording in force, where it may be shown.
    #[serde(default)]
    pub text: String,
    /// Where the wording was taken from.
    #[serde(default)]
    pub source: String,
    /// The condition that the clause itself sets ("where applicable").
    #[serde(default)]
    pub condition: Option<String>,
    /// Its legal state.
    #[serde(default)]
    pub state: Option<Timing>,
}

/// In force since which act, applied from which days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// `in-force`, `amended`, …
    pub status: String,
    /// The act that gave it its wording.
    pub as_of_act: String,
    /// Days from which it applies, each with what to and on what basis.
    #[serde(default)]
    pub applies_from: Vec<Application>,
}

/// A day from which a provision applies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// To which systems.
    #[serde(default)]
    pub scope: String,
    /// The provision that says so.
    pub basis: String,
}

#[derive(Deserialize)]
struct File {
    id: String,
    title: String,
    short: String,
    attribution: String,
    state: String,
    clauses: Vec<Clause>,
}

impl Framework {
    pub(super) fn load(path: &str, text: &str) -> Result<Self, CatalogError> {
        let fault = |message: String| CatalogError { file: path.to_owned(), message };
        let file: File = serde_saphyr::from_str(text).map_err(|error| fault(error.to_string()))?;
        let mut by_id = BTreeMap::new();
        for (index, clause) in file.clauses.iter().enumerate() {
            if by_id.insert(clause.id.clone(), index).is_some() {
                return Err(fault(format!("the clause `{}` stands there twice", clause.id)));
            }
        }
        Ok(Self {
            id: file.id,
            title: file.title,
            short: file.short,
            attribution: file.attribution,
            state: file.state,
            clauses: file.clauses,
            by_id,
        })
    }

    /// The clause with this id.
    #[must_use]
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.by_id.get(id).map(|index| &self.clauses[*index])
    }

    /// All clauses, in the order of the text.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}
