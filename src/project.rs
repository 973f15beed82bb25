//! `techfile.yaml`: which documents belong together, and what they must agree on.
//!
//! Comes in: the text of the file; later, findings and facts of its documents. Goes out: a [`Project`], or findings with
//! places; which warnings it allows; which documents contradict each other. Its shape is `schemas/project.json`.

mod facts;
mod glob;
mod shard;
mod version;

use serde_json::Value as Json;

use crate::answers::{Answers, Limits, join};
use crate::catalog::{Catalog, CatalogError, PROJECT};
use crate::check::shaped;
use crate::diagnostic::{Code, Diagnostic, Place, Rejected, Severity, in_order};
use crate::source::Source;

pub use facts::contradictions;
pub use shard::Shard;

/// A project as its file says it.
#[derive(Debug, Clone)]
pub struct Project {
    /// What it is called.
    pub title: Option<String>,
    /// Patterns of its answers files; none means every `answers.yaml`.
    pub documents: Vec<String>,
    /// Folder of the outputs.
    pub output: String,
    /// Which outputs git keeps: `md`, `manifest`, `pdf`.
    pub keep: Vec<String>,
    /// Folder with document kinds of its own.
    pub catalog: Option<String>,
    /// Languages that its documents may be in; none means any.
    pub languages: Vec<String>,
    /// What may be read for one of its documents.
    pub limits: Limits,
    /// What making one of them may take, where it is other than usual.
    pub effort: Effort,
    /// Warnings that were judged.
    pub allow: Vec<Allow>,
    /// Where each language stands.
    named: Vec<Place>,
}

/// What making a document may take; none means as usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// Seconds that making a document may take.
    pub seconds: Option<u64>,
    /// Mebibytes of memory that it may take.
    pub memory_mib: Option<u64>,
}

/// A warning that somebody has judged.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Its code.
    pub code: Code,
    /// The document; any if none.
    pub document: Option<String>,
    /// At or below which answer; anywhere if none.
    pub pointer: Option<String>,
    /// Why it changes nothing.
    pub reason: String,
    place: Place,
}

/// Why there is no project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoProject {
    /// The file says something wrong.
    Rejected(Rejected),
    /// The catalogue is at fault.
    Catalog(CatalogError),
}

impl From<CatalogError> for NoProject {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}

impl From<Rejected> for NoProject {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl Project {
    /// Reads a project. `version` is that of the program that reads it. An empty file is a project with nothing special.
    ///
    /// # Errors
    /// Every finding of the file, if one is an error.
    pub fn parse(source: Source, catalog: &Catalog, version: &str) -> Result<Self, NoProject> {
        let schema = catalog.project_schema()?;
        let bare = source.text().lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        let source = if bare { Source::new(source.name(), "{}") } else { source };
        let answers = Answers::parse(source)?;
        let (value, mut findings) = shaped(answers.root(), schema)?;
        findings.extend_from_slice(answers.findings());
        let place = |pointer: &str| answers.root().at(pointer).map(|node| node.place(pointer));
        let allow = allowed(&value, &place, &mut findings);
        if let (Some(requires), Some(place)) = (text(&value, "requires"), place("/requires"))
            && version::fits(&requires, version) == Some(false)
        {
            let message = format!("the project asks for techfile {requires}, and this is {version}");
            let finding = Diagnostic::error(Code::WrongValue, place, message);
            findings.push(finding.help("use a version that the project asks for, or widen `requires`"));
        }
        let documents = texts(&value, "documents");
        findings.extend(exclusions(&documents, &place));
        if let Some(rejected) = Rejected::new(in_order(findings)) {
            return Err(rejected.into());
        }
        let languages = texts(&value, "languages");
        Ok(Self {
            named: (0..languages.len())
                .filter_map(|index| place(&join(&join("", "languages"), &index.to_string())))
                .collect(),
            title: text(&value, "title"),
            documents,
            output: text(&value, "output").unwrap_or_else(|| "build".to_owned()),
            keep: texts(&value, "keep"),
            catalog: text(&value, "catalog"),
            languages,
            limits: limits(&value),
            effort: Effort { seconds: limit(&value, "seconds"), memory_mib: limit(&value, "memory_mib") },
            allow,
        })
    }

    /// Whether a file, by its path from the project's folder, is one of the answers files that the project names.
    #[must_use]
    pub fn names(&self, path: &str) -> bool {
        self.documents.iter().any(|pattern| glob::fits(pattern, path))
    }

    /// Takes the warnings out that the project allows; each with the number of the entry that allows it.
    pub fn allows(&self, document: Option<&str>, findings: &mut Vec<Diagnostic>) -> Vec<(usize, Diagnostic)> {
        let mut taken = Vec::new();
        findings.retain(|finding| {
            let by = self.allow.iter().position(|allow| allow.fits(document, finding));
            taken.extend(by.map(|index| (index, finding.clone())));
            by.is_none()
        });
        taken
    }

    /// Languages in which no document can be made, because there are no words; `known` are those that have some.
    #[must_use]
    pub fn wordless(&self, known: &[&str]) -> Vec<Diagnostic> {
        let without =
            self.languages.iter().zip(&self.named).filter(|(language, _)| !known.contains(&language.as_str()));
        let finding = |(language, place): (&String, &Place)| {
            let message = format!("there are no words in `{language}`; there are {}", known.join(", "));
            Diagnostic::warning(Code::WrongValue, place.clone(), message)
                .help(format!("take `{language}` out, or bring words in it: `catalog` names a folder with them"))
        };
        without.map(finding).collect()
    }

    /// A document in a language that is none of the project's.
    #[must_use]
    pub fn foreign(&self, language: &str, place: Place) -> Option<Diagnostic> {
        let foreign = !self.languages.is_empty() && !self.languages.iter().any(|own| own == language);
        foreign.then(|| {
            let message = format!("the project has no documents in `{language}`");
            Diagnostic::error(Code::WrongValue, place, message).help(format!(
                "its languages are {}: mend this, or `languages` in the project",
                self.languages.join(", ")
            ))
        })
    }
}

impl Allow {
    fn fits(&self, document: Option<&str>, finding: &Diagnostic) -> bool {
        let below = |pointer: &str| {
            finding.place.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        finding.severity == Severity::Warning
            && finding.code == self.code
            && self.document.as_deref().is_none_or(|own| document == Some(own))
            && self.pointer.as_deref().is_none_or(below)
    }

    /// What is to be said of an entry that silenced nothing.
    #[must_use]
    pub fn unused(&self) -> Diagnostic {
        let message = format!("no document has this warning: `{}`", self.code.as_str());
        Diagnostic::warning(Code::AllowUnused, self.place.clone(), message)
            .help("remove the entry, or mend its code, document or pointer; errors are never silenced")
    }
}

/// A pattern that begins with `!` excludes elsewhere; here it would be the name of a file that nobody has.
fn exclusions(documents: &[String], place: &dyn Fn(&str) -> Option<Place>) -> Vec<Diagnostic> {
    let excluding = documents.iter().enumerate().filter(|(_, pattern)| pattern.starts_with('!'));
    let findings = excluding.filter_map(|(index, pattern)| {
        let at = place(&join("/documents", &index.to_string()))?;
        let finding =
            Diagnostic::error(Code::WrongValue, at, format!("no pattern takes files out, as `{pattern}` would"));
        Some(finding.help(
            "write patterns that name answers files only, such as docs/**/answers.yaml, and keep other files elsewhere",
        ))
    });
    findings.collect()
}

fn allowed(value: &Json, place: &dyn Fn(&str) -> Option<Place>, findings: &mut Vec<Diagnostic>) -> Vec<Allow> {
    let mut list = Vec::new();
    for (index, item) in value.get("allow").and_then(Json::as_array).into_iter().flatten().enumerate() {
        let pointer = join("/allow", &index.to_string());
        let (Some(code), Some(at)) = (text(item, "code"), place(&pointer)) else { continue };
        let Some(code) = Code::parse(&code) else {
            let at = place(&join(&pointer, "code")).unwrap_or(at);
            let finding = Diagnostic::error(Code::WrongValue, at, format!("no finding has the code `{code}`"));
            findings.push(finding.help("write the code as `techfile check` prints it: `warning[not-normalized]`"));
            continue;
        };
        list.push(Allow {
            code,
            document: text(item, "document"),
            pointer: text(item, "pointer"),
            reason: text(item, "reason").unwrap_or_default(),
            place: at,
        });
    }
    list
}

/// A limit, if the file names it.
fn limit(value: &Json, name: &str) -> Option<u64> {
    value.get("limits")?.get(name)?.as_u64()
}

/// The limits of the file; what it leaves out is as usual. Their highest values are in the schema.
fn limits(value: &Json) -> Limits {
    let usual = Limits::default();
    let count =
        |name: &str, usual: usize| limit(value, name).and_then(|count| usize::try_from(count).ok()).unwrap_or(usual);
    let mib = |name: &str, usual: usize| count(name, usual >> 20).saturating_mul(1 << 20);
    Limits {
        file_bytes: mib("answers_mib", usual.file_bytes),
        nodes: count("answers_values", usual.nodes),
        scalar_bytes: mib("text_mib", usual.scalar_bytes),
        data_bytes: mib("data_file_mib", usual.data_bytes),
        data_files: count("data_files", usual.data_files),
        data_nodes: count("data_values", usual.data_nodes),
        drawn_nodes: count("drawn_values", usual.drawn_nodes),
        evidence_bytes: mib("evidence_file_mib", usual.evidence_bytes),
        evidence_files: count("evidence_files", usual.evidence_files),
        evidence_total: mib("evidence_mib", usual.evidence_total),
        ..usual
    }
}

fn text(value: &Json, key: &str) -> Option<String> {
    value.get(key).and_then(Json::as_str).map(str::to_owned)
}

fn texts(value: &Json, key: &str) -> Vec<String> {
    value.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// The JSON Schema of the file, for editors.
///
/// # Errors
/// A catalogue without it.
pub fn editor_schema(catalog: &Catalog) -> Result<Json, CatalogError> {
    let fault = |error: serde_json::Error| CatalogError { file: PROJECT.to_owned(), message: error.to_string() };
    let mut schema = serde_json::from_str(catalog.text(PROJECT)?).map_err(fault)?;
    plain(&mut schema);
    Ok(schema)
}

/// Without our own keywords.
fn plain(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.retain(|key, _| !key.starts_with("x-"));
            map.values_mut().for_each(plain);
        }
        Json::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
