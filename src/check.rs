//! Answers held against their kind: the one gate.
//!
//! Comes in: [`Answers`] and a [`Catalog`]. Goes out: [`CheckedAnswers`], which nothing else can make, or every finding
//! of one run. The rules are in the schema; this module knows how to read them, not what they say.

mod control;
mod coverage;
mod covers;
mod evidence;
mod keywords;
mod known;
mod markdown;
mod open;
mod prose;
mod rules;
mod walk;

use serde_json::Value as Json;

pub use control::overdue;
pub(crate) use coverage::clauses_below;
pub(crate) use markdown::OPTIONS as MARKDOWN;
pub(crate) use prose::can_stand;

use crate::answers::{Answers, Marker, MarkerKind, Node};
use crate::catalog::{Catalog, CatalogError, Kind, Schema};
use crate::diagnostic::{Code, Diagnostic, Place, Rejected, Severity, in_order};
use crate::digest::Digest;

/// Answers without an error, typed by their schema.
#[derive(Debug)]
pub struct CheckedAnswers<'c> {
    pub(crate) catalog: &'c Catalog,
    pub(crate) kind: &'c Kind,
    pub(crate) answers: Answers,
    pub(crate) value: Json,
    pub(crate) control: Control,
    pub(crate) sign_off: SignOff,
    pub(crate) open: Vec<OpenPoint>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) coverage: Vec<Covered>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) remarks: Vec<Diagnostic>,
}

/// The control block every kind shares (ISO/IEC 42001 clause 7.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Document number.
    pub id: String,
    /// Title.
    pub title: String,
    /// Revision label.
    pub revision: String,
    /// The only date of the document, `YYYY-MM-DD`.
    pub date: String,
    /// BCP 47 language, one of the 24 official ones.
    pub language: String,
    /// Who may read it.
    pub classification: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// When it is to be looked at again, `YYYY-MM-DD`.
    pub next_review: Option<String>,
    /// Until when it is kept, `YYYY-MM-DD`.
    pub retention_until: Option<String>,
}

/// How far a document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Being written.
    Draft,
    /// Being read by others.
    InReview,
    /// Somebody stands behind it.
    Approved,
}

/// Who stands behind a document: the part that the content id leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// How far it has come.
    pub status: Status,
    /// Reviews, as answered.
    pub reviews: Vec<Signature>,
    /// Approvals, as answered.
    pub approvals: Vec<Signature>,
}

/// One review or approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name.
    pub by: String,
    /// Role.
    pub role: String,
    /// Date, `YYYY-MM-DD`.
    pub date: String,
    /// The clause that was reviewed; the whole document if none.
    pub clause: Option<String>,
    /// The content id or clause digest that was signed.
    pub content: Option<Digest>,
    /// The body that was signed.
    pub body: Option<Digest>,
    /// Where it stands, for later findings.
    pub place: Place,
}

/// An answer that is still to come.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenPoint {
    /// Number in the order of the document: `OP-1`, …
    pub id: String,
    /// Which answer.
    pub place: Place,
    /// What its schema calls it.
    pub title: String,
    /// Clauses that ask for it.
    pub clauses: Vec<String>,
    /// What stands in its place.
    pub marker: Marker,
}

/// One item of the evidence register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Path as written, with `/`.
    pub file: String,
    /// Date, if given.
    pub date: Option<String>,
    /// Who signed it, if anybody.
    pub signed_by: Option<String>,
    /// Text for readers who do not see the picture.
    pub alt: Option<String>,
    /// Whether the PDF carries the file.
    pub attach: bool,
    /// Size in bytes and digest, taken of the same bytes that are used; none if the file was not bound.
    pub file_id: Option<(u64, Digest)>,
    /// Pointers of the answers that cite it.
    pub cited_in: Vec<String>,
}

/// What a document says about something that others speak of, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Name of the fact, as schemas give it.
    pub name: String,
    /// What it is a fact of: the letters and digits of that one's name, in lower case. Empty for a fact of whoever the
    /// documents are of, of which there is one.
    pub subject: String,
    /// What is said.
    pub value: String,
    /// What the schema calls the answer.
    pub title: String,
    /// Where it is said.
    pub place: Place,
    /// Clauses that ask for it.
    pub clauses: Vec<String>,
    /// Language of the words; empty where the answer is of no language.
    pub language: String,
    /// Whether no other document may say the same; `subject` is then what is said, in lower case.
    pub own: bool,
}

/// State of one clause that the kind answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Id of the clause.
    pub clause: String,
    /// What can be said of it.
    pub state: CoverState,
    /// Pointers of the answers that meet it.
    pub pointers: Vec<String>,
    /// Reasons given where it does not apply.
    pub reasons: Vec<String>,
    /// The place of each reason.
    pub excused: Vec<String>,
}

/// What can be said of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverState {
    /// Something under it is answered, and nothing is still to come.
    Answered,
    /// Every answer under it says why it does not apply.
    NotApplicable,
    /// Something comes after the conformity assessment.
    ToFollow,
    /// Something is pending.
    Open,
    /// Nothing under it is answered, and nothing had to be.
    Missing,
}

impl Evidence {
    /// Its name in the outputs: `<id>.<ending>`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        match name.rsplit_once('.') {
            Some((_, ending)) => format!("{}.{}", self.id, ending.to_ascii_lowercase()),
            None => self.id.clone(),
        }
    }
}

impl<'c> CheckedAnswers<'c> {
    /// The catalogue that it was checked against.
    #[must_use]
    pub fn catalog(&self) -> &'c Catalog {
        self.catalog
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &'c Kind {
        self.kind
    }

    /// The tree with its places.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The answers typed by the schema: decimals are strings of plain digits, markers stand as written.
    #[must_use]
    pub fn value(&self) -> &Json {
        &self.value
    }

    /// The control block.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Who stands behind it.
    #[must_use]
    pub fn sign_off(&self) -> &SignOff {
        &self.sign_off
    }

    /// What is still to come, in the order of the answers.
    #[must_use]
    pub fn open_points(&self) -> &[OpenPoint] {
        &self.open
    }

    /// The evidence register.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Each clause that the kind answers, in the order of the schema.
    #[must_use]
    pub fn coverage(&self) -> &[Covered] {
        &self.coverage
    }

    /// What it says about things that other documents speak of, too: each fact once.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Warnings.
    #[must_use]
    pub fn remarks(&self) -> &[Diagnostic] {
        &self.remarks
    }
}

impl Status {
    /// As it is written in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::Approved => "approved",
        }
    }
}

/// Why answers were not checked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unchecked {
    /// The answers say something wrong: for the person who answers.
    Rejected(Rejected),
    /// The kind is at fault: for the person who writes it.
    Catalog(CatalogError),
}

impl From<CatalogError> for Unchecked {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}

/// Holds answers against the kind they name.
///
/// # Errors
/// Every finding of the run, warnings included, if one of them is an error; or a fault in the catalogue.
pub fn check(answers: Answers, catalog: &Catalog) -> Result<CheckedAnswers<'_>, Unchecked> {
    let kind = match answers.kind().map(|id| catalog.kind(id)) {
        Some(Some(kind)) => kind?,
        _ => return Err(Unchecked::Rejected(unknown_kind(&answers, catalog))),
    };
    let glyphs = catalog.glyphs()?;
    let root = answers.root();
    let walk = walk::walk(root, kind.schema().root());
    let status = control::status(&walk.value);
    let mut findings = answers.findings().to_vec();
    findings.extend(walk.findings.iter().cloned());
    let rules::Judged { findings: more, meant } = rules::judge(root, kind.schema(), &walk)?;
    findings.extend(more);
    findings.extend(keywords::judge(&walk, kind.schema(), &meant));
    findings.extend(covers::judge(&walk, catalog)?);
    findings.extend(known::judge(&walk, catalog)?);
    findings.extend(open::judge(&walk, status));
    findings.extend(prose::judge(&walk, glyphs));
    findings.extend(control::judge(&walk, status));
    findings.extend(control::language(&walk, kind, catalog));
    let mut evidence = evidence::register(&walk, answers.files());
    findings.extend(evidence::names(&evidence, &walk));
    let (more, cited) = markdown::judge(&walk, &evidence, answers.files(), glyphs);
    findings.extend(more);
    findings.extend(evidence::cite(&mut evidence, &walk, cited));
    let value = walk.value.clone();
    let open = open::points(&walk);
    // A file that was just begun has nothing to collect from yet, and says that it is not ready.
    let begun = status == Status::Draft && open.iter().any(|point| point.marker.kind == MarkerKind::Pending);
    findings.retain(|found| !(begun && found.code == Code::Collected && found.severity == Severity::Warning));
    let coverage = coverage::coverage(&walk, kind.schema().root());
    let facts = keywords::stated(&walk);
    drop(walk);
    let findings = in_order(findings.into_iter().map(|finding| traced(finding, root)).collect());
    if let Some(rejected) = Rejected::new(findings.clone()) {
        return Err(Unchecked::Rejected(rejected));
    }
    let (control, sign_off) = control::read(&answers, &value);
    Ok(CheckedAnswers {
        catalog,
        kind,
        answers,
        value,
        control,
        sign_off,
        open,
        evidence,
        coverage,
        facts,
        remarks: findings,
    })
}

/// A file that is no document beside the schema that it has: the typed value, and what is wrong with its shape.
pub(crate) fn shaped(root: &Node, schema: &Schema) -> Result<(Json, Vec<Diagnostic>), CatalogError> {
    let walk = walk::sealed(root, schema.root());
    let mut findings = walk.findings.clone();
    findings.extend(rules::judge(root, schema, &walk)?.findings);
    findings.extend(open::judge(&walk, Status::Draft));
    Ok((walk.value, findings))
}

/// A finding about a value that was drawn from another file shows it there, too.
fn traced(finding: Diagnostic, root: &Node) -> Diagnostic {
    match root.origin_under(&finding.place.pointer) {
        Some(origin) if !finding.related.iter().any(|related| related.place == *origin) => {
            let message = format!("the value is drawn from `{}#{}`", origin.source.name(), origin.pointer);
            finding.related(origin.clone(), message)
        }
        _ => finding,
    }
}

fn unknown_kind(answers: &Answers, catalog: &Catalog) -> Rejected {
    let known: Vec<&str> = catalog.kind_ids().collect();
    let root = answers.root();
    let (place, message) = match root.get("kind") {
        Some(entry) => match entry.node().text() {
            Some(kind) => (entry.node().place("/kind"), format!("there is no document kind `{kind}`")),
            None => (entry.node().place("/kind"), "`kind` must name a document kind".to_owned()),
        },
        None => match root.entries().first() {
            Some(first) => (first.key_place(""), "the file does not say which document it answers".to_owned()),
            None => (root.place(""), "the file does not say which document it answers".to_owned()),
        },
    };
    let help = walk::one_of(&known, answers.kind());
    let code = if root.get("kind").is_some() { Code::UnknownKind } else { Code::MissingAnswer };
    let finding = Diagnostic::error(code, place, message).help(format!("`kind`: {help}"));
    let mut findings = answers.findings().to_vec();
    findings.push(finding);
    Rejected::new(findings).expect("one of them is an error")
}

#[cfg(test)]
mod tests;
