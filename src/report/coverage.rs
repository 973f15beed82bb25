//! Coverage for people and for machines.
//!
//! Comes in: the documents and what they cover of each framework. Goes out: text for a terminal, Markdown for a review, or
//! JSON whose fields are a promise. It says what is answered and where, never that a framework is met.

mod json;
mod markdown;
mod text;

pub use json::render as json;
pub use markdown::render as markdown;
pub use text::render as text;

use crate::catalog::{Catalog, Relation};
use crate::check::CoverState;
use crate::coverage::{Alone, Coverage, Lent, Line, Stated};

/// The documents of a run and what they cover.
#[derive(Debug, Clone, Copy)]
pub struct Overview<'o> {
    /// Cites the clauses.
    pub catalog: &'o Catalog,
    /// The documents that the lines refer to.
    pub documents: &'o [Stated],
    /// Each framework.
    pub frameworks: &'o [Coverage<'o>],
    /// Answers files that were to be counted and are not, since they have errors or could not be read.
    pub left_out: &'o [String],
}

/// Every state with its words, in the order in which they are counted.
const STATES: [(CoverState, &str); 5] = [
    (CoverState::Answered, "answered"),
    (CoverState::NotApplicable, "not applicable"),
    (CoverState::ToFollow, "to follow"),
    (CoverState::Open, "pending"),
    (CoverState::Missing, "missing"),
];

/// What no reader should take it for.
const NOT_PROOF: &str = "An answered clause is one that says something; whether that is enough is for people to judge. \
A bridge between two frameworks is no proof of either.";

fn state(state: CoverState) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("", |(_, word)| word)
}

/// "22 clauses that the document kinds ask for: 21 answered, 1 to follow; 40 further clauses …".
fn counts(coverage: &Coverage<'_>) -> String {
    let counted = STATES.iter().filter_map(|(state, word)| {
        let count = coverage.lines.iter().filter(|line| line.state == *state).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    format!(
        "{} clauses that the document kinds ask for: {}; {} further clauses of the catalogue are asked for by none",
        coverage.lines.len(),
        counted.collect::<Vec<_>>().join(", "),
        coverage.unasked()
    )
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::None => "no counterpart",
        Relation::Partial => "partial",
        Relation::SimilarPurpose => "similar purpose",
    }
}

impl Overview<'_> {
    /// "Left out, since it has errors or could not be read: a.yaml".
    fn lacks(&self) -> Option<String> {
        let files = self.left_out.join(", ");
        (!files.is_empty())
            .then(|| format!("Left out because of errors, so that its answers count as missing: {files}"))
    }

    /// The number of a document.
    fn number(&self, index: usize) -> &str {
        self.documents.get(index).map_or("", |document| &document.control.id)
    }

    /// "TF-2026-001: intended purpose; name of the system".
    fn places(&self, line: &Line<'_>) -> Vec<String> {
        // Where nothing applies, the reasons name the places.
        let told = line.answers.iter().filter(|(_, answer)| answer.state != CoverState::NotApplicable);
        let told = told.map(|(index, answer)| {
            let mut titles: Vec<&str> = Vec::new();
            for section in &answer.sections {
                if !titles.contains(&section.title.as_str()) {
                    titles.push(&section.title);
                }
            }
            let differs = if answer.state == line.state { None } else { Some(state(answer.state)) };
            let more = if titles.len() > MOST { format!("; and {} more", titles.len() - MOST) } else { String::new() };
            titles.truncate(MOST);
            let aside: Vec<&str> = answer.words.iter().map(String::as_str).chain(differs).collect();
            let aside = if aside.is_empty() { String::new() } else { format!(" ({})", aside.join("; ")) };
            format!("{}: {}{more}{aside}", self.number(*index), titles.join("; "))
        });
        told.collect()
    }

    /// "TF-2026-001: illustrations, not applicable: “It is no product.”": what does not apply, and why.
    fn reasons(&self, line: &Line<'_>) -> Vec<String> {
        let told = line.answers.iter().flat_map(|(index, answer)| {
            answer.reasons.iter().map(|reason| {
                let text = reason.text.split_whitespace().collect::<Vec<_>>().join(" ");
                format!("{}: {}, not applicable: “{text}”", self.number(*index), reason.section.title)
            })
        });
        told.collect()
    }

    /// "Annex IV, point 2(d)": clauses without the name of their framework.
    fn labels(&self, clauses: &[String]) -> String {
        let label = |id: &String| self.catalog.clause(id).map_or_else(|| id.clone(), |clause| clause.label.clone());
        clauses.iter().map(label).collect::<Vec<_>>().join(", ")
    }

    fn lent(&self, lent: &Lent) -> (String, String) {
        let about = lent.row.about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
        let numbers: Vec<&str> = lent.documents.iter().map(|index| self.number(*index)).collect();
        let from = lent.answered.first().and_then(|id| id.split_once(':')).map_or("", |(framework, _)| framework);
        let from = self.catalog.framework(from).and_then(Result::ok).map_or("", |framework| &framework.short_name);
        let lender = format!("{from}, {} ({})", self.labels(&lent.answered), numbers.join(", "));
        (format!("{}{about}", self.labels(&lent.row.from)), lender)
    }

    /// "CE marking (Article 48): Nothing in the standard leads to it."
    fn alone(&self, alone: &Alone) -> String {
        let labels = self.labels(&alone.clauses);
        let reasons = alone.reasons.join(" ");
        let name = match &alone.what {
            Some(what) if labels.is_empty() => what.clone(),
            Some(what) => format!("{what} ({labels})"),
            None => labels,
        };
        if reasons.is_empty() { name } else { format!("{name}: {reasons}") }
    }
}

/// So many sections of a document are named; the JSON has all.
const MOST: usize = 4;

#[cfg(test)]
mod tests;
