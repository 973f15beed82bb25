//! Findings for people and for machines.
//!
//! Comes in: what a run found in each answers file, and what it could not do. Goes out: text in the manner of rustc, JSON
//! whose fields are a promise, and the formats that services for continuous integration read. Wording is chosen where a
//! finding is made; here is only layout. Knows nothing of files and terminals.

pub mod changes;
pub mod coverage;
mod explain;
mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod run;
pub mod sarif;
#[cfg(feature = "cli")]
pub mod text;

pub use explain::{provision, wrapped};

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Severity};

/// What a run found in one answers file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFindings {
    /// The name that people know the file by.
    pub file: String,
    /// Number of the document, if the answers gave one.
    pub document: Option<String>,
    /// Findings, in the order of their places.
    pub findings: Vec<Diagnostic>,
    /// Warnings that the project allows, each with the reason.
    pub allowed: Vec<(Diagnostic, String)>,
}

/// Something that could not be done: no finding, since no answer is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// What could not be done and why; lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The exit code that it means.
    pub exit: u8,
}

/// All that a run has to tell.
#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    /// What it found, file by file.
    pub files: &'r [FileFindings],
    /// What it could not do.
    pub failed: &'r [Failed],
    /// Says how a clause is cited.
    pub catalog: &'r Catalog,
    /// Whether warnings count as errors.
    pub strict: bool,
}

/// How much was looked at and how much was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Answers files.
    pub files: usize,
    /// Findings that stop a document.
    pub errors: usize,
    /// Findings that do not.
    pub warnings: usize,
    /// Warnings that the project allows.
    pub allowed: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(files: &[FileFindings]) -> Self {
        let found = || files.iter().flat_map(|file| &file.findings);
        let errors = found().filter(|finding| finding.severity == Severity::Error).count();
        let allowed = files.iter().map(|file| file.allowed.len()).sum();
        Self { files: files.len(), errors, warnings: found().count() - errors, allowed }
    }
}

impl<'r> Run<'r> {
    /// Every finding with the file that it was found in, in order.
    fn findings(&self) -> impl Iterator<Item = (&'r FileFindings, &'r Diagnostic)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |found| (file, found)))
    }

    /// What a finding says, in lines without a character that nobody sees: the message, the clauses that ask, what to do.
    fn lines(&self, found: &Diagnostic) -> Vec<String> {
        self.told(found, std::iter::empty())
    }

    /// The same for formats that have no room for a second place: the others stand below the message.
    fn lines_with_places(&self, found: &Diagnostic) -> Vec<String> {
        self.told(
            found,
            found.related.iter().map(|related| {
                let (start, _) = related.place.positions();
                let name = related.place.source.name();
                format!("see {name}:{}:{}: {}", start.line, start.column, related.message)
            }),
        )
    }

    fn told(&self, found: &Diagnostic, places: impl Iterator<Item = String>) -> Vec<String> {
        let cited = found.clauses.iter().map(|clause| self.catalog.cite(clause));
        let help = found.help.iter().map(|help| format!("help: {help}"));
        let lines = std::iter::once(found.message.clone()).chain(places).chain(cited).chain(help);
        lines.map(|line| visible(&line).into_owned()).collect()
    }
}

impl Failed {
    /// What it says, as [`Run::lines`] does.
    fn lines(&self) -> Vec<String> {
        let help = self.help.iter().map(|help| format!("help: {help}"));
        std::iter::once(self.message.clone()).chain(help).map(|line| visible(&line).into_owned()).collect()
    }
}

impl Summary {
    /// "2 errors, 1 warning", or "no findings".
    #[must_use]
    pub fn counts(&self) -> String {
        let counts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| number(count, what))
            .collect();
        if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") }
    }

    /// "; 1 warning allowed", or nothing: what a project silences is still counted.
    #[must_use]
    pub fn silenced(&self) -> String {
        if self.allowed > 0 { format!("; {} allowed", number(self.allowed, "warning")) } else { String::new() }
    }
}

/// "1 file", "2 files".
#[must_use]
pub fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A text as it may stand on a terminal: nothing in it moves the cursor, hides or turns round what follows.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_invisible(character) {
            // Writing into a String cannot fail.
            let _ = write!(shown, "\\u{{{:04x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Controls (C0, DEL, C1), direction marks and overrides (CVE-2021-42574 and the marks it left out), characters without
/// width, line separators and tags.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Place};
    use crate::source::{Source, Span};

    /// The place of some characters of a text.
    pub(super) fn place(name: &str, text: &str, part: &str, pointer: &str) -> Place {
        let start = text.find(part).expect("it is in the text");
        let span = Span::new(start, start + part.len());
        Place { source: Source::new(name, text), span, pointer: pointer.to_owned() }
    }

    /// An error about some characters of a text.
    pub(super) fn finding(name: &str, text: &str, part: &str, pointer: &str) -> Diagnostic {
        Diagnostic::error(Code::WrongValue, place(name, text, part, pointer), "is wrong")
            .clauses(["law:1".into()])
            .help("mend it")
    }

    /// What was found in a file.
    pub(super) fn file(name: &str, findings: Vec<Diagnostic>) -> FileFindings {
        FileFindings { file: name.to_owned(), document: Some("TF-1".into()), findings, allowed: Vec::new() }
    }

    /// Something that could not be done.
    pub(super) fn failed(message: &str) -> Failed {
        Failed { message: message.to_owned(), help: Some("look".into()), exit: 2 }
    }

    #[test]
    fn no_control_reaches_a_terminal() {
        let raw = "a\u{1b}[31m\u{9b}\u{7}\n\u{202e}\u{200b}é…\u{e0041}";
        let shown = visible(raw);
        assert_eq!(shown, r"a\u{001b}[31m\u{009b}\u{0007}\u{000a}\u{202e}\u{200b}é…\u{e0041}");
        assert!(matches!(visible("plain – text"), Cow::Borrowed(_)));
        for point in 0..=0x10_ffff {
            let Some(character) = char::from_u32(point) else { continue };
            let shown = visible(character.encode_utf8(&mut [0; 4])).into_owned();
            assert!(!shown.chars().any(is_invisible), "U+{point:04X}");
        }
    }

    #[test]
    fn formats_without_a_second_place_name_it_in_words() {
        let drawn = place("d.csv", "x,y\n3,4\n", "4", "/0/y");
        let found = finding("a.yaml", "a: 1\n", "1", "/a").related(drawn, "it stands\u{202e} here");
        let files = [file("a.yaml", vec![found])];
        let run = Run { files: &files, failed: &[], catalog: &Catalog::builtin(), strict: false };
        for said in [github::render(&run), gitlab::render(&run), junit::render(&run)] {
            assert!(said.contains("see d.csv:2:3: it stands") && !said.contains('\u{202e}'), "{said}");
        }
    }
}
