//! Findings for people and for machines.
//!
//! Comes in: what a run found in each answers file. Goes out: text in the manner of rustc, or JSON whose fields are a
//! promise. Wording is chosen where a finding is made; here is only layout. Knows nothing of files and terminals.

pub mod changes;
pub mod coverage;
mod explain;
pub mod json;
pub mod run;
#[cfg(feature = "cli")]
pub mod text;

pub use explain::{provision, wrapped};

use std::borrow::Cow;
use std::fmt::Write as _;

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

/// How much was looked at and how much was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Answers files.
    pub files: usize,
    /// Findings that stop a document.
    pub errors: usize,
    /// Findings that do not.
    pub warnings: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(files: &[FileFindings]) -> Self {
        let found = || files.iter().flat_map(|file| &file.findings);
        let errors = found().filter(|finding| finding.severity == Severity::Error).count();
        Self { files: files.len(), errors, warnings: found().count() - errors }
    }
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
}
