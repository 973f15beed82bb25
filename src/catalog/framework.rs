//! Clause catalogues: the law and the standard as dated data.
//!
//! Comes in: `schemas/clauses/<framework>.yaml`. Goes out: [`Framework`] and its [`Clause`]s with their wording, source
//! and legal state. A fact of law is here or nowhere; this module only refuses what contradicts itself. A law stands here
//! in its own wording; a standard may not be reprinted, so its clauses say in our words what they need.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{CatalogError, Penalties, in_a_line};

/// A law or a standard, as it stood on one day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its id, as before the colon of `eu-ai-act:annex-iv.1.a`; the name of its file.
    pub framework: String,
    /// Its name in full.
    pub title: String,
    /// Its name in citations.
    pub short_name: String,
    /// Whose text it is and on which terms it is shown.
    pub attribution: String,
    /// The day of which this is the state.
    pub state: State,
    /// The acts that gave it its wording, oldest first.
    pub acts: Vec<Act>,
    /// From when groups of provisions apply, by the name that clauses use.
    pub application: BTreeMap<String, Application>,
    /// What a breach can cost.
    #[serde(default)]
    pub penalties: Option<Penalties>,
    clauses: Vec<Clause>,
    #[serde(skip)]
    by_id: BTreeMap<String, usize>,
}

/// The day of a catalogue, and the text it was held against.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// The consolidated version of that day.
    pub consolidated: String,
}

/// An act of law, or an edition of a standard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Its number: `2024/1689`.
    pub id: String,
    /// Its name in full.
    pub title: String,
    /// European Legislation Identifier; a standard has none.
    #[serde(default)]
    pub eli: Option<String>,
    /// Where it was published.
    pub published: String,
    /// Since when it is in force, `YYYY-MM-DD`; a standard is published, not put into force.
    #[serde(default)]
    pub in_force: Option<String>,
}

/// From when a group of provisions applies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The days, each for some systems.
    pub dates: Vec<Start>,
    /// What a reader should know beside the dates.
    #[serde(default)]
    pub note: Option<String>,
}

/// A day from which provisions apply to some systems.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// `YYYY-MM-DD`.
    pub from: String,
    /// To which systems.
    #[serde(rename = "for")]
    pub systems: String,
    /// The provision that says so.
    pub basis: String,
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
    pub title: String,
    /// The wording now; none for a provision that was deleted, and none where it may not be reprinted.
    #[serde(default)]
    pub text: Option<String>,
    /// What the provision needs, in our words, where its wording may not be reprinted.
    #[serde(default)]
    pub needs: Option<String>,
    /// The documented information that the provision calls for.
    #[serde(default)]
    pub documented: Option<Documented>,
    /// What is less than certain about this entry; nothing is said where all of it was confirmed.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// The condition that the provision sets itself.
    #[serde(default)]
    pub condition: Option<Condition>,
    /// Other provisions that a reader of this one needs.
    #[serde(default)]
    pub related: Vec<String>,
    /// Its legal state.
    pub state: Standing,
    /// Where the content of a deleted provision went.
    #[serde(default)]
    pub moved_to: Option<String>,
}

/// A condition in the law's own words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The law's words: "where applicable".
    pub words: String,
    /// What they qualify.
    pub covers: String,
}

/// Documented information that a provision calls for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documented {
    /// Which sort.
    pub form: Form,
    /// What it is about, in our words.
    pub what: String,
}

/// The sort of documented information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Says how things are to be: kept current, under revision.
    Document,
    /// Says what happened: kept as it is, as evidence.
    Record,
}

/// How sure an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    /// How sure.
    pub level: Level,
    /// Of what: "what it needs".
    pub about: String,
}

/// How sure; certain is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// More than one source, none of them the text itself.
    MediumHigh,
    /// General knowledge, not confirmed.
    Medium,
}

/// Whose wording stands, and from when it applies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// What happened to the wording since the first act.
    pub status: Status,
    /// Number of the act whose wording stands.
    pub act: String,
    /// The point of that act which changed the wording.
    #[serde(default)]
    pub point: Option<String>,
    /// Name of its group in [`Framework::application`].
    #[serde(default)]
    pub applies: Option<String>,
}

/// What happened to a provision since the first act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// As first adopted.
    InForce,
    /// Reworded by a later act.
    Amended,
    /// Added by a later act.
    Inserted,
    /// Taken out by a later act.
    Deleted,
}

/// Whether a clause is a part of another one, near or far.
fn below(clause: &Clause, id: &str) -> bool {
    clause.id.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'))
}

impl Framework {
    pub(super) fn load(path: &str, text: &str) -> Result<Self, CatalogError> {
        let fault = |message: String| CatalogError { file: path.to_owned(), message };
        let mut framework: Self = serde_saphyr::from_str(text).map_err(|error| fault(in_a_line(&error)))?;
        for (index, clause) in framework.clauses.iter().enumerate() {
            if framework.by_id.insert(clause.id.clone(), index).is_some() {
                return Err(fault(format!("the clause `{}` stands there twice", clause.id)));
            }
        }
        if !path.ends_with(&format!("/{}.yaml", framework.framework)) {
            return Err(fault(format!("the framework `{}` must bear the name of its file", framework.framework)));
        }
        framework.clauses.iter().try_for_each(|clause| framework.verify(clause)).map_err(fault)?;
        let fined = framework.penalties.iter().flat_map(Penalties::clauses);
        if let Some(lost) = fined.into_iter().find(|clause| framework.clause(clause).is_none()) {
            return Err(fault(format!("the penalties name `{lost}`, which is not there")));
        }
        Ok(framework)
    }

    /// The clause with this id.
    #[must_use]
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.by_id.get(id).map(|index| &self.clauses[*index])
    }

    /// All clauses, in the order of the file.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// How many clauses there are, without those that were taken out.
    #[must_use]
    pub fn in_force(&self) -> usize {
        self.clauses.iter().filter(|clause| clause.state.status != Status::Deleted).count()
    }

    /// The clauses below an id that have no parts of their own; the id itself may be a group without an entry.
    #[must_use]
    pub fn parts(&self, id: &str) -> Vec<&Clause> {
        let leaf = |clause: &&Clause| !self.clauses.iter().any(|other| below(other, &clause.id));
        self.clauses.iter().filter(|clause| below(clause, id)).filter(leaf).collect()
    }

    /// The clauses right below an id: below it, and below no other clause that is.
    #[must_use]
    pub fn children(&self, id: &str) -> Vec<&Clause> {
        let all: Vec<&Clause> = self.clauses.iter().filter(|clause| below(clause, id)).collect();
        let direct = |clause: &&Clause| !all.iter().any(|other| below(clause, &other.id));
        all.iter().copied().filter(direct).collect()
    }

    /// The act whose wording of a clause stands.
    #[must_use]
    pub fn act(&self, clause: &Clause) -> Option<&Act> {
        self.acts.iter().find(|act| act.id == clause.state.act)
    }

    /// From when a clause applies.
    #[must_use]
    pub fn applies(&self, clause: &Clause) -> Option<&Application> {
        self.application.get(clause.state.applies.as_ref()?)
    }

    fn verify(&self, clause: &Clause) -> Result<(), String> {
        let id = &clause.id;
        let state = &clause.state;
        if self.act(clause).is_none() {
            return Err(format!("the clause `{id}` names the unknown act `{}`", state.act));
        }
        if let Some(group) = &state.applies
            && !self.application.contains_key(group)
        {
            return Err(format!("the clause `{id}` applies like the unknown group `{group}`"));
        }
        if let Some(lost) = clause.related.iter().chain(&clause.moved_to).find(|other| self.clause(other).is_none()) {
            return Err(format!("the clause `{id}` refers to `{lost}`, which is not there"));
        }
        let contents = usize::from(clause.text.is_some()) + usize::from(clause.needs.is_some());
        if contents != usize::from(state.status != Status::Deleted) {
            return Err(format!("the clause `{id}` must have a text, or else needs, exactly when it is not deleted"));
        }
        if state.point.is_none() != (state.status == Status::InForce) {
            return Err(format!("the clause `{id}` must name the amending point exactly when a later act changed it"));
        }
        Ok(())
    }
}
