//! Which clause of which framework is answered where, over several documents.
//!
//! Comes in: checked answers, one document after the other. Goes out: [`Stated`], what one document says of itself and of
//! its clauses, and [`Coverage`] over all of them: each clause that a kind of the catalogue can answer, what the answers
//! to the other framework lend it through the crosswalk, and what has no counterpart. Nothing here says that a framework
//! is met: a clause is answered, and whether the answer is enough is for people to judge.

mod section;

pub(crate) use section::lists;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, CatalogError, Framework, Kind, Lone, Relation, Row, is_within};
use crate::check::{CheckedAnswers, Control, CoverState, Covered, Signature, clauses_below};
use crate::digest::Digest;
use crate::identity::identify;

/// What one document says of itself and of its clauses.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The name that people know its answers file by.
    pub file: String,
    /// Id of its kind.
    pub kind: String,
    /// The provisions that ask for a document of the kind.
    pub basis: Vec<String>,
    /// Its control block.
    pub control: Control,
    /// `draft`, `in-review` or `approved`.
    pub status: &'static str,
    /// Who approved it.
    pub approvals: Vec<Signature>,
    /// What it says, by digest.
    pub content_id: Digest,
    /// Its clauses that are not left open without a word.
    pub clauses: Vec<Answer>,
    /// Whether it is the translation of another document, whose answers count already.
    pub is_translation: bool,
    /// Whether it is made of the other documents.
    pub is_collected: bool,
}

/// What one document says of one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Id of the clause, with its framework.
    pub clause: String,
    /// What can be said of it.
    pub state: CoverState,
    /// Where: pointers, and what the schema calls the place.
    pub sections: Vec<Section>,
    /// Reasons given where it does not apply, each with the place that does not.
    pub reasons: Vec<Reason>,
    /// What an item of a list of clauses says of itself in words of a list: "status of the control: planned".
    pub words: Vec<String>,
}

/// Why a place does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The place.
    pub section: Section,
    /// The reason, as answered.
    pub text: String,
}

/// A place that answers a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// RFC 6901 pointer into the answers.
    pub pointer: String,
    /// What the schema calls it.
    pub title: String,
}

/// Coverage of one framework.
#[derive(Debug, Clone)]
pub struct Coverage<'c> {
    /// The framework.
    pub framework: &'c Framework,
    /// Each clause that some kind can answer, in the order of the framework.
    pub lines: Vec<Line<'c>>,
    /// What answers to another framework lend, in the order of the crosswalk.
    pub lent: Vec<Lent>,
    /// Rows of the crosswalk that know no counterpart for a provision of the framework.
    pub bare: Vec<Row>,
    /// What the framework asks for and the other does not know.
    pub lone: Vec<Lone>,
}

/// One clause over all documents.
#[derive(Debug, Clone)]
pub struct Line<'c> {
    /// Id of the clause, with its framework.
    pub clause: String,
    /// How people cite it.
    pub label: &'c str,
    /// Its short heading.
    pub title: &'c str,
    /// What can be said over all documents.
    pub state: CoverState,
    /// The documents that say something, by their place in the list.
    pub answers: Vec<(usize, Answer)>,
    /// Kinds that can answer it.
    pub kinds: Vec<String>,
}

/// What one framework asks for and the other does not know, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Its name, or the side of the provisions that it is about, if it has one.
    pub what: Option<String>,
    /// The provisions.
    pub clauses: Vec<String>,
    /// Why the other framework does not know it, as far as rows of the crosswalk say so.
    pub reasons: Vec<String>,
}

/// A row of the crosswalk whose lending side is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// The row.
    pub row: Row,
    /// Which clauses of its lending side, or below it, are answered.
    pub answered: Vec<String>,
    /// In which documents, by their place in the list.
    pub documents: Vec<usize>,
}

impl Stated {
    /// What checked answers say.
    #[must_use]
    pub fn of(checked: &CheckedAnswers<'_>) -> Self {
        let root = checked.kind().schema().root();
        // What a list was filled with was said elsewhere; what stands beside it was said here.
        let mut clauses: Vec<Answer> = checked
            .coverage()
            .iter()
            .filter(|covered| covered.state != CoverState::Missing)
            .filter(|covered| covered.pointers.iter().any(|pointer| !section::is_collected(root, pointer)))
            .map(|Covered { clause, state, pointers, reasons, excused }| Answer {
                clause: clause.clone(),
                state: *state,
                sections: pointers
                    .iter()
                    .filter(|pointer| !section::is_collected(root, pointer))
                    .map(|pointer| section::at(root, checked.value(), pointer))
                    .collect(),
                reasons: std::iter::zip(excused, reasons)
                    .map(|(pointer, text)| Reason {
                        section: section::at(root, checked.value(), pointer),
                        text: text.clone(),
                    })
                    .collect(),
                words: Vec::new(),
            })
            .collect();
        for answer in section::listed(root, checked.value(), checked.open_points()) {
            match clauses.iter_mut().find(|known| known.clause == answer.clause) {
                Some(known) => known.refine(answer),
                None => clauses.push(answer),
            }
        }
        Self {
            file: checked.answers().source().name().to_owned(),
            kind: checked.kind().id().to_owned(),
            basis: checked.kind().legal_basis().into_iter().map(str::to_owned).collect(),
            control: checked.control().clone(),
            status: checked.sign_off().status.as_str(),
            approvals: checked.sign_off().approvals.clone(),
            content_id: identify(checked).content_id,
            clauses,
            is_translation: checked.answers().original().is_some(),
            is_collected: collects(checked.kind()),
        }
    }
}

impl Alone {
    /// "CE marking: Nothing in the standard leads to it."
    #[must_use]
    pub fn told(&self) -> String {
        let reasons = self.reasons.join(" ");
        let told = [self.what.clone().unwrap_or_default(), reasons];
        told.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ")
    }
}

impl Coverage<'_> {
    /// How many clauses of the framework that are in force no kind asks for.
    #[must_use]
    pub fn unasked(&self) -> usize {
        self.framework.in_force().saturating_sub(self.lines.len())
    }

    /// The rows and the names of what has no counterpart, put together where they speak of the same provisions.
    #[must_use]
    pub fn alone(&self) -> Vec<Alone> {
        let mut rows: Vec<&Row> = self.bare.iter().collect();
        let named = self.lone.iter().map(|lone| {
            let own = |row: &&Row| row.from.iter().any(|id| lone.clauses.contains(id));
            let mut own: Vec<&Row> = rows.iter().copied().filter(own).collect();
            // Reasons of a part are no reasons of the whole.
            if !lone.clauses.iter().all(|id| own.iter().any(|row| row.from.contains(id))) {
                own.clear();
            }
            rows.retain(|row| !own.contains(row));
            let mut clauses = lone.clauses.clone();
            for id in own.iter().flat_map(|row| &row.from) {
                if !clauses.contains(id) {
                    clauses.push(id.clone());
                }
            }
            let reasons = own.iter().map(|row| row.reason.clone()).collect();
            Alone { what: Some(lone.what.clone()), clauses, reasons }
        });
        let mut alone: Vec<Alone> = named.collect();
        alone.extend(rows.into_iter().map(|row| Alone {
            what: row.about.clone(),
            clauses: row.from.clone(),
            reasons: vec![row.reason.clone()],
        }));
        alone
    }
}

impl Answer {
    /// What an item of a list says of its clause counts for the list; what else answers the clause counts beside it.
    fn refine(&mut self, item: Self) {
        let list = item.sections.iter().filter_map(|section| Some(section.pointer.rsplit_once('/')?.0.to_owned()));
        let list: Vec<String> = list.collect();
        let is_list = |section: &Section| {
            list.iter().any(|list| section.pointer == *list || section.pointer.starts_with(&format!("{list}/")))
        };
        if self.sections.iter().all(is_list) {
            *self = item;
            return;
        }
        self.state = over([self.state, item.state].into_iter());
        self.sections.extend(item.sections);
        self.reasons.extend(item.reasons);
        self.words.extend(item.words);
    }
}

/// The keyword of a list that is filled from the other documents.
pub(crate) const COLLECT: &str = "x-collect";

/// Whether a kind has lists that are filled from other documents.
#[must_use]
pub fn collects(kind: &Kind) -> bool {
    kind.schema().root().properties().any(|(_, shape)| shape.text(COLLECT).is_some())
}

/// What documents cover of a framework; `language` is that of the crosswalk's words.
///
/// # Errors
/// A fault in the catalogue, or a framework that is not in it.
pub fn coverage<'c>(
    catalog: &'c Catalog,
    framework: &str,
    documents: &[Stated],
    language: &str,
) -> Result<Coverage<'c>, CatalogError> {
    let loaded = catalog.framework(framework).unwrap_or_else(|| {
        let message = "there is no such framework".to_owned();
        Err(CatalogError { file: crate::catalog::framework_path(framework), message })
    })?;
    let asked = asked(catalog)?;
    let lines: Vec<Line<'c>> = loaded
        .clauses()
        .iter()
        .filter_map(|clause| {
            let id = format!("{framework}:{}", clause.id);
            let kinds = asked.get(&id)?.iter().cloned().collect();
            let answers: Vec<(usize, Answer)> = said(documents, &id);
            let state = over(answers.iter().map(|(_, answer)| answer.state));
            Some(Line { clause: id, label: &clause.label, title: &clause.title, state, answers, kinds })
        })
        .collect();
    let crosswalk = catalog.crosswalk(language)?;
    let here = |id: &String| id.split_once(':').is_some_and(|(own, _)| own == framework);
    let of_here: Vec<Row> = crosswalk.rows.into_iter().filter(|row| row.from.iter().any(here)).collect();
    let answered = answered(catalog, documents)?;
    let lent = of_here.iter().filter(|row| row.relation != Relation::None).filter_map(|row| lends(row, &answered));
    Ok(Coverage {
        framework: loaded,
        lines,
        lent: lent.collect(),
        bare: of_here.iter().filter(|row| row.relation == Relation::None).cloned().collect(),
        lone: crosswalk.without_counterpart.into_iter().filter(|lone| lone.framework == framework).collect(),
    })
}

/// What the documents say of a clause. A translation says nothing new.
fn said(documents: &[Stated], clause: &str) -> Vec<(usize, Answer)> {
    let own = documents.iter().enumerate().filter(|(_, document)| !document.is_translation);
    own.flat_map(|(index, document)| {
        document.clauses.iter().filter(|answer| answer.clause == clause).map(move |answer| (index, answer.clone()))
    })
    .collect()
}

/// The clauses of all frameworks that are answered, in the order of their framework, each with the documents that do so.
fn answered(catalog: &Catalog, documents: &[Stated]) -> Result<Vec<(String, Vec<usize>)>, CatalogError> {
    let mut answered = Vec::new();
    for framework in catalog.framework_ids().filter_map(|id| catalog.framework(id)) {
        let framework = framework?;
        for clause in framework.clauses() {
            let id = format!("{}:{}", framework.framework, clause.id);
            let answers = said(documents, &id);
            // What the first table calls pending is not lent by the second.
            if over(answers.iter().map(|(_, answer)| answer.state)) == CoverState::Answered {
                let here = answers.into_iter().filter(|(_, answer)| answer.state == CoverState::Answered);
                answered.push((id, here.map(|(index, _)| index).collect()));
            }
        }
    }
    Ok(answered)
}

/// What a row lends. A clause lends what it or any part of it answers; the parts of one that is named are not named again.
fn lends(row: &Row, answered: &[(String, Vec<usize>)]) -> Option<Lent> {
    let mut named: Vec<String> = Vec::new();
    let mut documents = BTreeSet::new();
    for clause in &row.to {
        for (id, indices) in answered.iter().filter(|(id, _)| is_within(id, clause)) {
            documents.extend(indices);
            if !named.iter().any(|known| is_within(id, known)) {
                named.push(id.clone());
            }
        }
    }
    (!named.is_empty()).then(|| Lent { row: row.clone(), answered: named, documents: documents.into_iter().collect() })
}

/// The state of a clause of which documents say different things: what is open anywhere is open.
fn over(states: impl Iterator<Item = CoverState>) -> CoverState {
    let states: BTreeSet<CoverState> = states.collect();
    [CoverState::Open, CoverState::ToFollow, CoverState::Answered, CoverState::NotApplicable]
        .into_iter()
        .find(|state| states.contains(state))
        .unwrap_or(CoverState::Missing)
}

/// The clauses that kinds can answer, each with the kinds.
fn asked(catalog: &Catalog) -> Result<BTreeMap<String, BTreeSet<String>>, CatalogError> {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for kind in catalog.kind_ids().filter_map(|id| catalog.kind(id)) {
        let kind = kind?;
        let mut clauses = clauses_below(kind.schema().root());
        clauses.extend(section::groups(kind.schema().root()));
        for clause in clauses {
            asked.entry(clause).or_default().insert(kind.id().to_owned());
        }
    }
    Ok(asked)
}

/// The name of a state in reports and collected answers.
#[must_use]
pub fn state_name(state: CoverState) -> &'static str {
    match state {
        CoverState::Answered => "answered",
        CoverState::NotApplicable => "not-applicable",
        CoverState::ToFollow => "to-follow",
        CoverState::Open => "pending",
        CoverState::Missing => "missing",
    }
}

/// The name of a relation in reports and collected answers.
#[must_use]
pub fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::None => "none",
        Relation::Partial => "partial",
        Relation::SimilarPurpose => "similar-purpose",
    }
}
