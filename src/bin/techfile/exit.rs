//! Exit codes, and failures that are no findings.

use std::any::Any;
use std::fmt::Display;

use techfile::catalog::CatalogError;
use techfile::diagnostic::{Diagnostic, Severity};
use techfile::render::TemplateError;

/// How a run ended, the lightest first: of several documents the heaviest end counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done; there may be warnings.
    Success,
    /// Outputs are not what they would be if they were made now.
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only documents that are built are out of date"))]
    Stale,
    /// The answers say something wrong.
    Findings,
    /// Usage, configuration, or a fault in a kind.
    Usage,
    /// A limit, a path outside the root, or something would be overwritten.
    Refused,
    /// A release, a ledger or a PDF is not what it says it is.
    Verification,
    /// A file could not be read or written.
    Io,
    /// A bug.
    Internal,
    /// Somebody pressed Ctrl-C; the run ended where it stood.
    #[cfg_attr(not(unix), allow(dead_code, reason = "the system ends the process"))]
    Interrupted,
    /// Somebody asked the process to end.
    #[cfg_attr(not(unix), allow(dead_code, reason = "the system ends the process"))]
    Terminated,
}

/// Why something could not be done, without a place in the answers.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Stale => 3,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Verification => 4,
            Self::Refused => 5,
            Self::Internal => 70,
            Self::Io => 74,
            // As shells number the end by a signal: 128 and SIGINT (2) or SIGTERM (15).
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The exit that a number means; a number that is none is a bug.
    #[cfg(feature = "pdf")]
    pub(crate) fn of_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|exit| exit.code() == code).unwrap_or(Self::Internal)
    }

    /// All of them, the heaviest first.
    #[cfg(any(test, feature = "pdf"))]
    const ALL: [Self; 10] = [
        Self::Terminated,
        Self::Interrupted,
        Self::Internal,
        Self::Io,
        Self::Verification,
        Self::Refused,
        Self::Usage,
        Self::Findings,
        Self::Stale,
        Self::Success,
    ];

    /// What findings amount to.
    pub(crate) fn of(findings: &[Diagnostic]) -> Self {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors
            .map(|error| if error.code.refuses() { Self::Refused } else { Self::Findings })
            .max()
            .unwrap_or(Self::Success)
    }
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None }
    }

    /// Wrong arguments, or a catalogue that cannot be used.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Something that we do not do for anybody.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// A release or a ledger that does not hold.
    pub(crate) fn verification(message: impl Into<String>) -> Self {
        Self::new(Exit::Verification, message)
    }

    /// The machine said no.
    pub(crate) fn io(doing: impl Display, path: impl Display, error: &std::io::Error) -> Self {
        Self::new(Exit::Io, format!("{doing} `{path}`: {}", sentence(error)))
    }

    /// A bug, told in one sentence.
    pub(crate) fn internal(doing: impl Display, panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let detail = text.map(|text| format!(": {text}")).unwrap_or_default();
        Self::new(Exit::Internal, format!("{doing}{detail}"))
            .help("this is a bug in techfile; please report it with the smallest answers file that shows it")
    }

    /// The same with an instruction.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        Self::usage(error.to_string())
    }
}

#[cfg(feature = "pdf")]
impl From<techfile::typeset::TypesetError> for Failure {
    fn from(error: techfile::typeset::TypesetError) -> Self {
        Self::usage(error.to_string())
    }
}

/// "No such file or directory", without the number that Rust adds.
fn sentence(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The nearest of some names, if it is near enough to be a slip.
pub(crate) fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = names.into_iter().map(|name| (strsim::damerau_levenshtein(wrong, name), name));
    near.filter(|(distance, name)| *distance <= 1 + name.len() / 4).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_end_wins() {
        let order = Exit::ALL;
        assert_eq!(order.map(Exit::code), techfile::report::run::ORDER, "the report knows the same order");
        assert_eq!(order.map(Exit::code), [143, 130, 70, 74, 4, 5, 2, 1, 3, 0]);
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn slips_are_guessed_and_strangers_are_not() {
        assert_eq!(nearest("anex-iv", ["annex-iv", "memo"]), Some("annex-iv"));
        assert_eq!(nearest("policy", ["annex-iv", "memo"]), None);
    }
}
