//! The bridge between two frameworks: what a provision of one does for the other.
//!
//! Comes in: `schemas/clauses/crosswalk.yaml`, and `schemas/clauses/<language>/crosswalk.yaml` for its words in another
//! language. Goes out: [`Crosswalk`] with its [`Row`]s. A bridge is never proof: a relation says how near two provisions
//! come, and its reason says what is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::translated::{BASE, CLAUSES, translation_path};
use super::{Catalog, CatalogError, Level, in_a_line};

/// Name of the files; no framework is called so.
pub(super) const CROSSWALK: &str = "crosswalk";

/// All rows, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crosswalk {
    /// The day of which this is the state, and how sure it is.
    pub state: Surveyed,
    /// What a reader should know beside the rows.
    pub note: String,
    /// Where rows come from, by the name that they use.
    pub sources: BTreeMap<String, String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What one framework asks for and the other does not know.
    pub without_counterpart: Vec<Lone>,
}

/// The state of the crosswalk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surveyed {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// How sure the rows are.
    pub confidence: Level,
}

/// What provisions of one framework do for the other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id within the crosswalk.
    pub id: String,
    /// The side of the provisions that the row speaks of, where it is not all of them: "the Statement of Applicability".
    #[serde(default)]
    pub about: Option<String>,
    /// Clauses with their framework.
    pub from: Vec<String>,
    /// Their counterparts in the other framework.
    pub to: Vec<String>,
    /// How near they come.
    pub relation: Relation,
    /// Where there is no counterpart: what a reader may be thinking of.
    #[serde(default)]
    pub nearest: Vec<String>,
    /// Why, and what is missing.
    pub reason: String,
    /// Names of sources; none where the row is our own reading.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// How near two provisions come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Nothing on the other side.
    None,
    /// Some of what is asked.
    Partial,
    /// The same thing is wanted, of another object.
    SimilarPurpose,
}

/// What has no counterpart at all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lone {
    /// Its id within the list.
    pub id: String,
    /// The framework that asks for it.
    pub framework: String,
    /// What it is.
    pub what: String,
    /// Clauses with their framework, as far as the catalogue has them.
    pub clauses: Vec<String>,
}

/// The words of a crosswalk in another language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    language: String,
    note: String,
    rows: BTreeMap<String, RowWords>,
    without_counterpart: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowWords {
    #[serde(default)]
    about: Option<String>,
    reason: String,
}

impl Catalog {
    /// The crosswalk in a language.
    ///
    /// # Errors
    /// A crosswalk that contradicts itself or the frameworks, or lacks words in the language.
    pub fn crosswalk(&self, language: &str) -> Result<Crosswalk, CatalogError> {
        let path = format!("{CLAUSES}{CROSSWALK}.yaml");
        let fault = |message: String| CatalogError { file: path.clone(), message };
        let mut crosswalk: Crosswalk =
            serde_saphyr::from_str(self.text(&path)?).map_err(|error| fault(in_a_line(&error)))?;
        crosswalk.verify(self).map_err(fault)?;
        if language != BASE {
            let path = translation_path(language, CROSSWALK);
            let fault = |message: String| CatalogError { file: path.clone(), message };
            let words: Words = serde_saphyr::from_str(self.text(&path)?).map_err(|error| fault(in_a_line(&error)))?;
            if words.language != language {
                return Err(fault(format!("the words of `{language}` say that they are `{}`", words.language)));
            }
            crosswalk.reword(words).map_err(fault)?;
        }
        Ok(crosswalk)
    }
}

impl Crosswalk {
    /// Rows that name a clause on one of their sides.
    pub fn of<'c>(&'c self, clause: &'c str) -> impl Iterator<Item = &'c Row> {
        self.rows.iter().filter(move |row| row.from.iter().chain(&row.to).any(|id| id == clause))
    }

    fn verify(&self, catalog: &Catalog) -> Result<(), String> {
        let mut ids = BTreeSet::new();
        for row in &self.rows {
            let Row { id, from, to, relation, nearest, .. } = row;
            if !ids.insert(id) {
                return Err(format!("the row `{id}` stands there twice"));
            }
            if let Some(lost) = from.iter().chain(to).chain(nearest).find(|clause| catalog.clause(clause).is_none()) {
                return Err(format!("the row `{id}` names `{lost}`, which is in no framework"));
            }
            if (from.is_empty() || to.is_empty()) != (*relation == Relation::None) {
                return Err(format!("the row `{id}` must lack a side exactly when there is no relation"));
            }
            if from.is_empty() && to.is_empty() {
                return Err(format!("the row `{id}` names no clause"));
            }
            if !nearest.is_empty() && *relation != Relation::None {
                return Err(format!("the row `{id}` has a counterpart, so it has none that is nearest"));
            }
            let (left, right) = (frameworks(from), frameworks(to));
            if left.len().max(right.len()) > 1 || left.intersection(&right).next().is_some() {
                return Err(format!("the row `{id}` must lead from one framework to another"));
            }
            if let Some(lost) = row.sources.iter().find(|source| !self.sources.contains_key(*source)) {
                return Err(format!("the row `{id}` names the unknown source `{lost}`"));
            }
        }
        let mut ids = BTreeSet::new();
        for Lone { id, framework, clauses, .. } in &self.without_counterpart {
            if !ids.insert(id) {
                return Err(format!("`{id}` has no counterpart twice"));
            }
            let foreign = |clause: &&String| {
                catalog.clause(clause).is_none() || !frameworks(std::slice::from_ref(*clause)).contains(&**framework)
            };
            if let Some(lost) = clauses.iter().find(foreign) {
                return Err(format!("`{id}` names `{lost}`, which is not in `{framework}`"));
            }
        }
        Ok(())
    }

    fn reword(&mut self, mut words: Words) -> Result<(), String> {
        self.note = words.note;
        for row in &mut self.rows {
            let id = &row.id;
            let own = words.rows.remove(id).ok_or_else(|| format!("the row `{id}` has no words"))?;
            if own.about.is_some() != row.about.is_some() {
                return Err(format!("the row `{id}` must say what it is about exactly where the original does"));
            }
            row.about = own.about;
            row.reason = own.reason;
        }
        for lone in &mut self.without_counterpart {
            let id = &lone.id;
            lone.what = words.without_counterpart.remove(id).ok_or_else(|| format!("`{id}` has no words"))?;
        }
        match words.rows.keys().chain(words.without_counterpart.keys()).next() {
            Some(lost) => Err(format!("nothing in the crosswalk is called `{lost}`")),
            None => Ok(()),
        }
    }
}

fn frameworks(clauses: &[String]) -> BTreeSet<&str> {
    clauses.iter().filter_map(|clause| Some(clause.split_once(':')?.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(rows: &str, words: &str) -> Result<Crosswalk, CatalogError> {
        let head = "state: {date: '2026-11-23', confidence: medium}\nnote: N\nsources: {s: S}\n";
        let base = format!("{head}rows:\n{rows}\nwithout_counterpart: []\n");
        let words = format!("language: sv\nnote: N\nrows: {words}\nwithout_counterpart: {{}}\n");
        let catalog = Catalog::with([
            ("schemas/clauses/crosswalk.yaml".to_owned(), base.into_bytes()),
            ("schemas/clauses/sv/crosswalk.yaml".to_owned(), words.into_bytes()),
        ]);
        catalog.crosswalk("en")?;
        catalog.crosswalk("sv")
    }

    const ROW: &str =
        "  - {id: a, from: ['eu-ai-act:annex-iv.1.e'], to: ['iso-42001:a.4.5'], relation: partial, reason: R}";

    #[test]
    fn a_row_is_read_and_reworded() {
        let crosswalk = with(ROW, "{a: {reason: skäl}}").expect("it has no fault");
        assert_eq!(crosswalk.rows[0].reason, "skäl");
        assert_eq!(crosswalk.of("iso-42001:a.4.5").count(), 1);
        assert_eq!(crosswalk.of("iso-42001:a.4.4").count(), 0);
        let missing = Catalog::builtin().crosswalk("ga").expect_err("nobody translated it");
        assert_eq!(missing.file, "schemas/clauses/ga/crosswalk.yaml");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let twice = format!("{ROW}\n{ROW}");
        for (rows, told) in [
            (twice.as_str(), "stands there twice"),
            (&ROW.replace("a.4.5", "a.4.9"), "`iso-42001:a.4.9`, which is in no framework"),
            (&ROW.replace("'iso-42001:a.4.5'", ""), "must lack a side exactly when there is no relation"),
            (&ROW.replace("partial", "none"), "must lack a side exactly when there is no relation"),
            (&ROW.replace("partial", "equivalent"), "equivalent"),
            (&ROW.replace("iso-42001:a.4.5", "eu-ai-act:art-9"), "from one framework to another"),
            (&ROW.replace("reason: R", "reason: R, nearest: ['iso-42001:4.1']"), "has a counterpart"),
            (&ROW.replace("reason: R", "reason: R, sources: [x]"), "unknown source `x`"),
        ] {
            let error = with(rows, "{a: {reason: skäl}}").expect_err(rows);
            assert!(error.message.contains(told), "{rows}: {error}");
        }
        for (words, told) in [
            ("{}", "the row `a` has no words"),
            ("{a: {reason: skäl, about: om}}", "what it is about"),
            ("{a: {reason: skäl}, b: {reason: skäl}}", "nothing in the crosswalk is called `b`"),
        ] {
            let error = with(ROW, words).expect_err(words);
            assert!(error.file.contains("/sv/") && error.message.contains(told), "{words}: {error}");
        }
    }
}
