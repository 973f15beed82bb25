//! Coverage as JSON, version 1: may gain fields, never lose or re-read one.
//!
//! The wire has structs of its own, so that a change of [`Coverage`] cannot change what other programs read.

use serde::Serialize;

use super::Overview;
use crate::coverage::{Coverage, Lent, Line, Stated, relation_name, state_name};

#[derive(Serialize)]
struct Report<'r> {
    version: u8,
    documents: Vec<Paper<'r>>,
    frameworks: Vec<One<'r>>,
    left_out: &'r [String],
}

#[derive(Serialize)]
struct Paper<'r> {
    file: &'r str,
    document: &'r str,
    kind: &'r str,
    title: &'r str,
    revision: &'r str,
    language: &'r str,
    status: &'r str,
    content_id: String,
}

#[derive(Serialize)]
struct One<'r> {
    framework: &'r str,
    title: &'r str,
    state_of: &'r str,
    clauses: Vec<Clause<'r>>,
    unasked: usize,
    contributes: Vec<Contribution<'r>>,
    no_counterpart: Vec<Bare<'r>>,
}

#[derive(Serialize)]
struct Clause<'r> {
    id: &'r str,
    label: &'r str,
    title: &'r str,
    state: &'static str,
    answers: Vec<Answered<'r>>,
    kinds: &'r [String],
}

#[derive(Serialize)]
struct Answered<'r> {
    file: &'r str,
    document: &'r str,
    state: &'static str,
    sections: Vec<Section<'r>>,
    reasons: Vec<&'r str>,
    words: &'r [String],
    not_applicable: Vec<Excused<'r>>,
}

#[derive(Serialize)]
struct Excused<'r> {
    section: Section<'r>,
    reason: &'r str,
}

#[derive(Serialize)]
struct Section<'r> {
    pointer: &'r str,
    title: &'r str,
}

#[derive(Serialize)]
struct Contribution<'r> {
    row: &'r str,
    about: Option<&'r str>,
    to: &'r [String],
    relation: &'static str,
    reason: &'r str,
    from: &'r [String],
    documents: Vec<&'r str>,
}

#[derive(Serialize)]
struct Bare<'r> {
    clauses: &'r [String],
    what: &'r str,
    about: Option<&'r str>,
    nearest: &'r [String],
}

/// The overview as one line of JSON.
///
/// # Panics
/// Never: texts and numbers are JSON.
#[must_use]
pub fn render(overview: &Overview<'_>) -> String {
    let report = Report {
        version: 1,
        documents: overview.documents.iter().map(document).collect(),
        frameworks: overview.frameworks.iter().map(|coverage| one(overview, coverage)).collect(),
        left_out: overview.left_out,
    };
    serde_json::to_string(&report).expect("texts and numbers are JSON")
}

fn document(stated: &Stated) -> Paper<'_> {
    Paper {
        file: &stated.file,
        document: &stated.control.id,
        kind: &stated.kind,
        title: &stated.control.title,
        revision: &stated.control.revision,
        language: &stated.control.language,
        status: stated.status,
        content_id: stated.content_id.to_string(),
    }
}

fn one<'r>(overview: &'r Overview<'_>, coverage: &'r Coverage<'_>) -> One<'r> {
    let rows = coverage.bare.iter().map(|row| Bare {
        clauses: &row.from,
        what: &row.reason,
        about: row.about.as_deref(),
        nearest: &row.nearest,
    });
    let lone =
        coverage.lone.iter().map(|lone| Bare { clauses: &lone.clauses, what: &lone.what, about: None, nearest: &[] });
    One {
        framework: &coverage.framework.framework,
        title: &coverage.framework.title,
        state_of: &coverage.framework.state.date,
        clauses: coverage.lines.iter().map(|line| clause(overview, line)).collect(),
        unasked: coverage.unasked(),
        contributes: coverage.lent.iter().map(|lent| contribution(overview, lent)).collect(),
        no_counterpart: rows.chain(lone).collect(),
    }
}

fn clause<'r>(overview: &'r Overview<'_>, line: &'r Line<'_>) -> Clause<'r> {
    let answers = line.answers.iter().filter_map(|(index, answer)| {
        let stated = overview.documents.get(*index)?;
        let section =
            |section: &'r crate::coverage::Section| Section { pointer: &section.pointer, title: &section.title };
        Some(Answered {
            file: &stated.file,
            document: &stated.control.id,
            state: state_name(answer.state),
            sections: answer.sections.iter().map(section).collect(),
            reasons: answer.reasons.iter().map(|reason| reason.text.as_str()).collect(),
            words: &answer.words,
            not_applicable: answer
                .reasons
                .iter()
                .map(|reason| Excused { section: section(&reason.section), reason: &reason.text })
                .collect(),
        })
    });
    Clause {
        id: &line.clause,
        label: line.label,
        title: line.title,
        state: state_name(line.state),
        answers: answers.collect(),
        kinds: &line.kinds,
    }
}

fn contribution<'r>(overview: &'r Overview<'_>, lent: &'r Lent) -> Contribution<'r> {
    Contribution {
        row: &lent.row.id,
        about: lent.row.about.as_deref(),
        to: &lent.row.from,
        relation: relation_name(lent.row.relation),
        reason: &lent.row.reason,
        from: &lent.answered,
        documents: lent.documents.iter().map(|index| overview.number(*index)).collect(),
    }
}
