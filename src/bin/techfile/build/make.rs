//! One document: made, or judged against what lies on the disk.

use std::collections::BTreeMap;

use techfile::catalog::Catalog;
use techfile::check::Fact;
use techfile::diagnostic::Diagnostic;
use techfile::digest::Digest;
use techfile::report::run::{Error, Line, State};
use techfile::{Bundle, StampedDocument, bundle, typeset, typeset_warm};

use super::judge::{Judged, judge};
use super::record::{Maker, Record};
use super::target::Target;
use crate::disk::{self, Locks, Out, Written};
use crate::documents::{Stop, Traces, drafted, number, process, summary};
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// What is wanted of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Its outputs.
    Made,
    /// A word on whether those that are kept are current; nothing is written.
    Checked,
    /// A word on what making it would do; nothing is written.
    Planned,
}

/// How documents are made.
#[derive(Debug)]
pub(crate) struct How {
    pub(crate) wanted: Wanted,
    /// Whether what was remembered of earlier runs counts.
    pub(crate) cache: bool,
    pub(crate) program: Digest,
    pub(crate) locks: Locks,
    /// Whether the same documents will be made again and again.
    pub(crate) warm: bool,
}

impl How {
    /// What makes this document: the program and its project.
    pub(crate) fn maker(&self, target: &Target) -> Maker {
        Maker::new(self.program, target.input.home.as_ref().map(|home| home.digest))
    }

    /// What is remembered of a document.
    pub(crate) fn record(&self, target: &Target) -> Option<Record> {
        self.cache.then(|| Record::of(target, &self.maker(target))).flatten()
    }
}

/// What became of a document, and the files that it is made from.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) line: Line,
    /// Files with their digests, by path from the root; empty if not all of them are files in the root.
    pub(crate) inputs: BTreeMap<String, String>,
    /// What would change in the Markdown.
    pub(crate) difference: String,
}

impl Ended {
    pub(crate) fn new(line: Line) -> Self {
        Self { line, inputs: BTreeMap::new(), difference: String::new() }
    }
}

/// What a stamped document came to.
enum Came {
    /// To pages.
    Pages(Bundle),
    /// To nothing: they are there.
    Nothing(Vec<String>, BTreeMap<String, String>),
    /// To a judgement.
    Judged(Judged),
}

struct Through {
    came: Came,
    traces: Option<Traces>,
    facts: Vec<Fact>,
    open: usize,
    content_id: Digest,
    build_id: Digest,
}

/// Takes a document through; whatever happens, there is a line about it.
pub(crate) fn make(target: &Target, catalog: &Catalog, how: &How, terminal: &Terminal) -> Ended {
    one(target, catalog, how, terminal).unwrap_or_else(|failure| {
        terminal.fail(&failure);
        Ended::new(failed(begun(target), failure))
    })
}

/// The line of something that failed.
pub(crate) fn failed(mut line: Line, failure: Failure) -> Line {
    line.exit = failure.exit.code();
    line.error = Some(Error { message: failure.message, help: failure.help });
    line
}

/// The line of a document of which nothing is known yet.
pub(crate) fn begun(target: &Target) -> Line {
    let project = target.input.home.as_ref().map(|home| disk::shown(&home.folder));
    let mut line = Line::new(&target.input.name);
    line.project = project;
    line
}

fn one(target: &Target, catalog: &Catalog, how: &How, terminal: &Terminal) -> Result<Ended, Failure> {
    how.locks.still_open(&target.root)?;
    let record = how.record(target);
    let mut refused = None;
    let outcome = process(&target.input, catalog, terminal, |checked, around| {
        let (open, facts) = (checked.open_points().len(), checked.facts().to_vec());
        let stamped = drafted(checked, around, &target.input.stem, catalog)?;
        let remarks: Vec<Diagnostic> = stamped.document().remarks().to_vec();
        if Exit::of(&remarks) != Exit::Success {
            // What has changed since it was approved is what somebody wants to know now.
            refused = (how.wanted != Wanted::Made).then(|| judge(target, &stamped, catalog, how.wanted));
            return Err(Stop::Findings(remarks));
        }
        let (content_id, build_id) = (stamped.document().identity().content_id, stamped.build_id());
        let came = came(target, stamped, record.as_ref(), catalog, how)?;
        Ok((Through { came, traces: around.traces(), facts, open, content_id, build_id }, remarks))
    })?;
    outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
    let mut line = begun(target).found(&outcome.found);
    line.exit = Exit::of(&outcome.found.findings).code();
    let Some(through) = outcome.value else {
        let nothing = if how.wanted == Wanted::Made { "; nothing was written" } else { "" };
        terminal.say(&format!("{}{nothing}", summary(std::slice::from_ref(&outcome.found), 0)));
        let judged = refused.filter(|judged| judged.state == State::Stale);
        let (reasons, difference) = judged.map(|judged| (judged.reasons, judged.difference)).unwrap_or_default();
        line.reasons = reasons;
        return Ok(Ended { difference, ..Ended::new(line) });
    };
    if target.input.home.is_some() {
        line = line.stating(&through.facts);
    }
    line.open_points = through.open;
    line.content_id = Some(through.content_id.to_string());
    line.build_id = Some(through.build_id.to_string());
    let files = through.traces.iter().flat_map(|traces| &traces.files);
    let inputs = files.filter_map(|(path, digest)| Some((path.clone(), (*digest)?.to_string()))).collect();
    let names = match through.came {
        Came::Judged(judged) => {
            line.state = judged.state;
            line.reasons = judged.reasons;
            if judged.state != State::Current && how.wanted == Wanted::Checked {
                line.exit = Exit::Stale.code();
            }
            return Ok(Ended { line, inputs, difference: judged.difference });
        }
        Came::Nothing(names, outputs) => {
            line.state = State::Current;
            line.outputs = outputs;
            names
        }
        Came::Pages(bundle) => {
            let out = Out { root: target.root.clone(), folder: target.out() };
            let written = disk::write_all(&how.locks, &out, bundle.files(), &format!("{}.files", target.input.stem))?;
            for (name, what) in &written {
                let what = if *what == Written::New { "wrote" } else { "unchanged:" };
                terminal.detail(&format!("{what} {}", disk::shown(&target.path(name))));
            }
            let new = written.values().any(|what| *what == Written::New);
            line.state = if new { State::Built } else { State::Current };
            let digests = bundle.files().iter();
            line.outputs = digests.map(|(name, bytes)| (target.name(name), Digest::of(bytes).to_string())).collect();
            bundle.files().keys().cloned().collect()
        }
    };
    if let Some(traces) = &through.traces {
        Record::keep(target, traces, &how.maker(target), &names, &line);
    }
    Ok(Ended { line, inputs, difference: String::new() })
}

fn came(
    target: &Target,
    stamped: StampedDocument,
    record: Option<&Record>,
    catalog: &Catalog,
    how: &How,
) -> Result<Came, Failure> {
    let known = record.filter(|record| record.fits(target, stamped.build_id()));
    match how.wanted {
        Wanted::Made => match known {
            Some(record) => {
                let (names, outputs) = record.outputs();
                Ok(Came::Nothing(names, outputs))
            }
            None if how.warm => Ok(Came::Pages(bundle(typeset_warm(stamped)?))),
            None => Ok(Came::Pages(bundle(typeset(stamped)?))),
        },
        Wanted::Checked | Wanted::Planned => Ok(Came::Judged(judge(target, &stamped, catalog, how.wanted))),
    }
}

/// "built, content 4177 e72a d967 cec3; 12 open points, 1 warning".
pub(crate) fn told(line: &Line) -> String {
    let mut parts = Vec::new();
    if line.open_points > 0 {
        parts.push(number(line.open_points, "open point"));
    }
    if !line.findings.is_empty() {
        parts.push(number(line.findings.len(), "warning"));
    }
    let state = if line.state == State::Built { "built" } else { "up to date" };
    let rest = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) };
    let content = line.content_id.as_deref().and_then(Digest::parse).map(|id| id.short()).unwrap_or_default();
    format!("{state}, content {content}{rest}")
}
