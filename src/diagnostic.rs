//! Findings: what is wrong, where, which clause asks for it, and what to do.
//!
//! A finding is a value; its wording is chosen where it is made, its layout in `report`. Every finding about an
//! answer has a place. The codes are a closed list, each explained in `diagnostic/explain.md`.

use crate::source::{Position, Source, Span};

macro_rules! codes {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// What kind of finding it is. The text of a code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = concat!("`", $text, "`; see `techfile explain ", $text, "`.")] $name),+ }

        impl Code {
            /// Every code, in alphabetical order.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// The code as it is printed.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }
        }
    };
}

codes! {
    AllowUnused = "allow-unused",
    ApprovalMissing = "approval-missing",
    ApprovalOutdated = "approval-outdated",
    ChainBroken = "chain-broken",
    Collected = "collected",
    ConflictingValues = "conflicting-values",
    DanglingReference = "dangling-reference",
    DataCycle = "data-cycle",
    DataMissing = "data-missing",
    DateOrder = "date-order",
    DuplicateKey = "duplicate-key",
    DuplicateRevision = "duplicate-revision",
    EvidenceChanged = "evidence-changed",
    EvidenceMissing = "evidence-missing",
    EvidenceUnused = "evidence-unused",
    FileExtra = "file-extra",
    FileMissing = "file-missing",
    FileModified = "file-modified",
    ForbiddenCharacter = "forbidden-character",
    Fork = "fork",
    HeadMismatch = "head-mismatch",
    IdMismatch = "id-mismatch",
    KnownWrong = "known-wrong",
    LedgerLine = "ledger-line",
    Limit = "limit",
    Markup = "markup",
    MissingAltText = "missing-alt-text",
    MissingAnswer = "missing-answer",
    MissingGlyph = "missing-glyph",
    MissingReason = "missing-reason",
    MixedScript = "mixed-script",
    NotAllowedEmpty = "not-allowed-empty",
    NotApplicable = "not-applicable",
    NotNormalized = "not-normalized",
    NotReleased = "not-released",
    OpenPoint = "open-point",
    Overdue = "overdue",
    PdfExtended = "pdf-extended",
    PdfUnreadable = "pdf-unreadable",
    Placeholder = "placeholder",
    RebuildDiffers = "rebuild-differs",
    Recommended = "recommended",
    SequenceGap = "sequence-gap",
    Statement = "statement",
    Suspect = "suspect",
    Syntax = "syntax",
    ThresholdMissed = "threshold-missed",
    TranslationDiffers = "translation-differs",
    TranslationOutdated = "translation-outdated",
    UnknownKey = "unknown-key",
    UnknownKind = "unknown-kind",
    UnsafePath = "unsafe-path",
    Verdict = "verdict",
    Withdrawn = "withdrawn",
    WrongType = "wrong-type",
    WrongValue = "wrong-value",
}

/// How much a finding weighs: an error stops the document, a warning travels on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The document cannot be made.
    Error,
    /// The document is made, and says so where it matters.
    Warning,
}

/// A place in the answers: bytes in a source, and the JSON pointer of the answer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text it lies in.
    pub source: Source,
    /// The bytes to underline.
    pub span: Span,
    /// RFC 6901 pointer of the answer, empty for the whole file.
    pub pointer: String,
}

/// A second place that a finding points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// What is wrong, in the reader's words; lower case, no full stop.
    pub message: String,
    /// The words beside the underlined text.
    pub label: String,
    /// Where.
    pub place: Place,
    /// Ids of the clauses that ask for the answer, nearest first.
    pub clauses: Vec<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// What to do about it.
    pub help: Option<String>,
}

/// All errors and warnings of answers that cannot become a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    findings: Vec<Diagnostic>,
}

impl Place {
    /// Line and column where it starts and, exclusive, where it ends.
    #[must_use]
    pub fn positions(&self) -> (Position, Position) {
        (self.source.position(self.span.start), self.source.position(self.span.end))
    }
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            label: String::new(),
            place,
            clauses: Vec::new(),
            related: Vec::new(),
            help: None,
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// The same with words beside the underlined text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with an instruction.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the clauses that ask for the answer.
    #[must_use]
    pub fn clauses(mut self, clauses: impl IntoIterator<Item = String>) -> Self {
        self.clauses = clauses.into_iter().collect();
        self
    }

    /// The same with one more place.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { place, message: message.into() });
        self
    }
}

impl Code {
    /// The code with this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// Whether the finding is a refusal (a limit, a path outside the root) and no statement about an answer.
    #[must_use]
    pub fn refuses(self) -> bool {
        matches!(self, Self::Limit | Self::UnsafePath)
    }

    /// What the code means and how to put it right, in Markdown, from `diagnostic/explain.md`.
    #[must_use]
    pub fn explain(self) -> Option<&'static str> {
        explanations().find(|(code, _)| *code == self.as_str()).map(|(_, text)| text)
    }
}

/// Headings and texts of `diagnostic/explain.md`: one second-level heading a code.
pub fn explanations() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("diagnostic/explain.md")
        .split("\n## ")
        .skip(1)
        .filter_map(|part| part.split_once('\n'))
        .map(|(heading, text)| (heading.trim(), text.trim()))
}

impl Rejected {
    /// Findings of which at least one is an error, in the order of their places; `None` if there is no error.
    #[must_use]
    pub fn new(findings: Vec<Diagnostic>) -> Option<Self> {
        let fatal = findings.iter().any(|finding| finding.severity == Severity::Error);
        fatal.then(|| Self { findings: in_order(findings) })
    }

    /// The one finding that ended everything.
    #[must_use]
    pub fn one(finding: Diagnostic) -> Self {
        Self { findings: vec![finding] }
    }

    /// The findings, in the order of their places.
    #[must_use]
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}

/// Findings in the order in which a reader meets their places; equal ones once.
#[must_use]
pub fn in_order(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by(|a, b| {
        (a.place.source.name(), a.place.span, a.code, &a.message).cmp(&(
            b.place.source.name(),
            b.place.span,
            b.code,
            &b.message,
        ))
    });
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_and_every_explanation_has_a_code() {
        let explained: Vec<_> = explanations().map(|(code, _)| code).collect();
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(explained, codes, "explain.md keeps the codes in alphabetical order");
        for code in Code::ALL {
            assert!(code.explain().is_some_and(|text| text.len() > 80), "{} says too little", code.as_str());
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
