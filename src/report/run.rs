//! What a run made, as JSON Lines: a line a document, then a line with the sum.
//!
//! Comes in: what became of each document. Goes out: lines that do not depend on how many processes or machines made the
//! documents: those of several runs put together are those of one run over all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{FileFindings, json};
use crate::check::Fact;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::{Shard, contradictions};
use crate::source::{Source, Span};

/// Version of the format: later ones may have more fields.
const VERSION: u32 = 1;

/// Exit codes of the program, the heaviest first: of several the first that is there counts.
pub const ORDER: [u8; 10] = [143, 130, 70, 74, 4, 5, 2, 1, 3, 0];

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its outputs were made.
    Built,
    /// Its outputs are what they would be if they were made now.
    Current,
    /// It was never made.
    New,
    /// It would be another if it were made now.
    Stale,
    /// It has errors, or something went wrong.
    Failed,
}

impl State {
    /// As it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Current => "current",
            Self::New => "new",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }
}

/// What became of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    version: u32,
    /// The answers file, as people know it.
    pub file: String,
    /// The folder of its project, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Its `document.id`, if it could be read.
    pub document: Option<String>,
    /// What became of it.
    pub state: State,
    /// The exit code that this document alone would have.
    pub exit: u8,
    /// What it says, if that is known.
    pub content_id: Option<String>,
    /// What it is made from, if that is known.
    pub build_id: Option<String>,
    /// How many points are open.
    #[serde(default)]
    pub open_points: usize,
    /// Digests of the files that were made, by their paths from the output folder.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// Why it is stale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What was found, as `check --format json` writes it.
    #[serde(default)]
    pub findings: Vec<Json>,
    /// Warnings that the project allows, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Json>,
    /// What went wrong outside the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// What other documents of the project speak of, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Said>,
}

/// What went wrong outside the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// What.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A [`Fact`] without its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    name: String,
    subject: String,
    language: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    own: bool,
    value: String,
    title: String,
    clauses: Vec<String>,
    pointer: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// The last line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    version: u32,
    summary: Counts,
    /// The part of a run that the report is about; none if it is about all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<Shard>,
    /// What documents say differently about one fact.
    findings: Vec<Json>,
    /// Outputs whose document is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_over: Vec<String>,
}

/// What a report tells beside its documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Outputs whose document is gone, by their manifests.
    pub left_over: Vec<String>,
    /// The exit code of the run.
    pub exit: u8,
}

/// A report as it was read: its sum is made anew by whoever puts reports together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A line a document.
    pub lines: Vec<Line>,
    /// The part of a run that it is about.
    pub part: Option<Shard>,
    /// What it tells beside them.
    pub beside: Beside,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    documents: usize,
    built: usize,
    current: usize,
    stale: usize,
    failed: usize,
    errors: usize,
    warnings: usize,
    exit: u8,
}

/// A line that is none of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoReport {
    /// Which line, from 1; 0 if it is the whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.message) } else { write!(f, "line {}: {}", self.line, self.message) }
    }
}

impl std::error::Error for NoReport {}

impl Line {
    /// A document of which nothing is known yet.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self {
            version: VERSION,
            file: file.to_owned(),
            project: None,
            document: None,
            state: State::Failed,
            exit: 0,
            content_id: None,
            build_id: None,
            open_points: 0,
            outputs: BTreeMap::new(),
            reasons: Vec::new(),
            findings: Vec::new(),
            allowed: Vec::new(),
            error: None,
            facts: Vec::new(),
        }
    }

    /// With what was found.
    #[must_use]
    pub fn found(mut self, found: &FileFindings) -> Self {
        self.document.clone_from(&found.document);
        self.findings = found.findings.iter().map(|finding| json::value(found, finding)).collect();
        self.allowed = found.allowed.iter().map(|(finding, reason)| json::allowed(found, finding, reason)).collect();
        self
    }

    /// With what it says that others speak of, too.
    #[must_use]
    pub fn stating(mut self, facts: &[Fact]) -> Self {
        self.facts = facts.iter().map(Said::of).collect();
        self
    }

    /// Whether nothing is to be told of it: no finding, none that was allowed.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.findings.is_empty() && self.allowed.is_empty()
    }

    /// Its facts, with a source that has nothing but places.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let mut widths: Vec<usize> = Vec::new();
        for said in &self.facts {
            for (line, column) in [(said.line, said.column), (said.end_line, said.end_column)] {
                // A line that no answers file has is no line.
                let (line, column) = (line.clamp(1, MOST), column.clamp(1, MOST));
                if widths.len() < line {
                    widths.resize(line, 0);
                }
                widths[line - 1] = widths[line - 1].max(column - 1);
            }
        }
        // More than an answers file can hold is no place: everything is at the start then.
        if widths.iter().sum::<usize>() > MOST {
            widths.clear();
        }
        let mut starts = Vec::new();
        let mut text = String::new();
        for width in widths {
            starts.push(text.len());
            text.extend(std::iter::repeat_n(' ', width));
            text.push('\n');
        }
        let source = Source::new(&*self.file, text);
        let at = |line: usize, column: usize| {
            starts.get(line.clamp(1, MOST) - 1).map_or(0, |start| start + column.clamp(1, MOST) - 1)
        };
        let place = |said: &Said| Place {
            source: source.clone(),
            span: Span::new(at(said.line, said.column), at(said.end_line, said.end_column)),
            pointer: said.pointer.clone(),
        };
        let fact = |said: &Said| Fact {
            name: said.name.clone(),
            subject: said.subject.clone(),
            value: said.value.clone(),
            title: said.title.clone(),
            place: place(said),
            clauses: said.clauses.clone(),
            language: said.language.clone(),
            own: said.own,
        };
        self.facts.iter().map(fact).collect()
    }

    /// As one line, without the line feed.
    ///
    /// # Panics
    /// Never: texts and numbers are JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }

    /// Reads a line.
    ///
    /// # Errors
    /// What is not as this program writes it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let line: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if line.version != VERSION {
            return Err(format!("it is of version {}, and this program reads {VERSION}", line.version));
        }
        if !ORDER.contains(&line.exit) {
            return Err(format!("there is no exit code {}", line.exit));
        }
        Ok(line)
    }
}

/// Lines and columns of an answers file: 4 MiB.
const MOST: usize = 1 << 22;

impl Said {
    fn of(fact: &Fact) -> Self {
        let (start, end) = fact.place.positions();
        Self {
            name: fact.name.clone(),
            subject: fact.subject.clone(),
            language: fact.language.clone(),
            own: fact.own,
            value: fact.value.clone(),
            title: fact.title.clone(),
            clauses: fact.clauses.clone(),
            pointer: fact.place.pointer.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

/// The whole report of a run or of a `part` of one: lines in the order of their files, then the sum; and the exit code,
/// which is that of the run or the heavier one that its lines have.
#[must_use]
pub fn report(mut lines: Vec<Line>, part: Option<Shard>, beside: Beside) -> (String, u8) {
    lines.sort_by(|one, other| one.file.cmp(&other.file));
    let findings: Vec<Json> = disagreements(&lines)
        .into_iter()
        .map(|(index, finding)| {
            let file = FileFindings {
                file: lines[index].file.clone(),
                document: lines[index].document.clone(),
                findings: Vec::new(),
                allowed: Vec::new(),
            };
            json::value(&file, &finding)
        })
        .collect();
    let count = |state: &[State]| lines.iter().filter(|line| state.contains(&line.state)).count();
    let all = || lines.iter().flat_map(|line| &line.findings).chain(&findings);
    let severe = |severity: &str| all().filter(|finding| finding["severity"] == severity).count();
    let mut exits: Vec<u8> = lines.iter().map(|line| line.exit).collect();
    exits.extend(findings.first().map(|_| 1));
    exits.push(beside.exit);
    let exit = ORDER.into_iter().find(|code| exits.contains(code)).unwrap_or_default();
    let summary = Counts {
        documents: lines.len(),
        built: count(&[State::Built]),
        current: count(&[State::Current]),
        stale: count(&[State::Stale, State::New]),
        failed: count(&[State::Failed]),
        errors: severe("error"),
        warnings: severe("warning"),
        exit,
    };
    let sum = Sum { version: VERSION, summary, part, findings, left_over: beside.left_over };
    let mut text: String = lines.iter().map(|line| line.to_json() + "\n").collect();
    text += &serde_json::to_string(&sum).unwrap_or_default();
    text.push('\n');
    (text, exit)
}

/// What documents of one project say differently, with the number of the line that each finding is about.
#[must_use]
pub fn disagreements(lines: &[Line]) -> Vec<(usize, Diagnostic)> {
    let mut projects: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        if let Some(project) = &line.project {
            projects.entry(project).or_default().push(index);
        }
    }
    let mut found = Vec::new();
    for own in projects.values() {
        let facts: Vec<Vec<Fact>> = own.iter().map(|index| lines[*index].facts()).collect();
        found.extend(contradictions(&facts).into_iter().map(|(index, finding)| (own[index], finding)));
    }
    found
}

/// Reads a report.
///
/// # Errors
/// The first line that is none, or a report that was cut off.
pub fn read(text: &str) -> Result<Report, NoReport> {
    let mut lines = Vec::new();
    let mut sum = None;
    for (index, text) in text.lines().enumerate() {
        let fault = |message: String| NoReport { line: index + 1, message };
        if sum.is_some() {
            return Err(fault("it stands behind the sum, which is the last line".to_owned()));
        }
        let ours = |sum: &Sum| sum.version == VERSION && ORDER.contains(&sum.summary.exit);
        sum = serde_json::from_str::<Sum>(text).ok().filter(ours);
        if sum.is_none() {
            lines.push(Line::parse(text).map_err(fault)?);
        }
    }
    let cut = "the last line, with the sum, is missing: it was cut off";
    let sum = sum.ok_or_else(|| NoReport { line: 0, message: cut.to_owned() })?;
    let beside = Beside { left_over: sum.left_over, exit: sum.summary.exit };
    Ok(Report { lines, part: sum.part, beside })
}

/// Puts several reports together. A document, or an output that is left over, may be in several, if they say the same of it.
///
/// # Errors
/// A document of which two reports say different things, or a part of a run of which there is no report: it may have
/// failed.
pub fn merge(reports: &[Report]) -> Result<(Vec<Line>, Beside), NoReport> {
    let parts: Vec<Shard> = reports.iter().filter_map(|report| report.part).collect();
    if let Some(part) = Shard::missing(&parts) {
        return Err(NoReport { line: 0, message: format!("there is no report of part `{part}`") });
    }
    let mut all: BTreeMap<String, Line> = BTreeMap::new();
    for line in reports.iter().flat_map(|report| report.lines.iter().cloned()) {
        match all.get(&line.file) {
            Some(other) if *other != line => {
                let message = format!("two reports say different things of `{}`", line.file);
                return Err(NoReport { line: 0, message });
            }
            _ => {
                all.insert(line.file.clone(), line);
            }
        }
    }
    let left_over: BTreeSet<&String> = reports.iter().flat_map(|report| &report.beside.left_over).collect();
    let left_over = left_over.into_iter().cloned().collect();
    // What one part ends with is not more than what all of them end with.
    let exit = ORDER.into_iter().find(|code| reports.iter().any(|report| report.beside.exit == *code));
    Ok((all.into_values().collect(), Beside { left_over, exit: exit.unwrap_or_default() }))
}

#[cfg(test)]
mod tests;
