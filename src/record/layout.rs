//! How a release and a ledger are laid out: names and formats, for who writes them and for who verifies them.
//!
//! Nothing comes in. Goes out: one name for each thing.

#[cfg(feature = "pdf")]
use crate::stamp::tool;

/// The end of a ledger's name, behind the number of the document.
pub const LEDGER: &str = ".ledger.jsonl";
/// The end of the name of the file with the digest of the ledger's last line.
pub const HEAD: &str = ".ledger.head";
/// What the head may be signed and time-stamped in: behind its name, as `VERIFY.txt` says it.
pub const WITNESSES: [&str; 6] = [".sig", ".tsq", ".tsr", ".asc", ".p7s", ".ots"];
/// Names that begin so are nobody's: what a release that is being made, or was interrupted, leaves.
pub const OURS: &str = ".techfile-";
/// How the names of files and folders end that have not got their own yet, behind [`OURS`] and [`RANDOM`] letters.
const UNFINISHED: &str = ".tmp";
const RANDOM: usize = 6;
/// The line of a release that is being made.
pub const JOURNAL: &str = ".techfile-pending.jsonl";
/// The file that lists all others of a release, in the format of `sha256sum`.
pub const SUMS: &str = "SHA256SUMS";
/// How to verify the folder with other tools: a text, and a script.
pub const VERIFY: &str = "VERIFY.txt";
/// The template of [`VERIFY`]: the one file of the catalogue that makes no document.
pub const VERIFY_TEMPLATE: &str = "templates/verify.txt.tera";
/// What the document was made from.
pub const INPUTS: &str = "inputs/";
/// Answers and evidence, by their paths from the root.
pub const ANSWERS: &str = "inputs/answers/";
/// Schema, clauses, templates, words, theme and fonts, by their paths in the catalogue.
pub const CATALOG: &str = "inputs/catalog/";
/// The answers of the release that the document is compared with.
pub const EARLIER: &str = "inputs/earlier.json";
/// Type of the statement (in-toto Statement v1).
pub(super) const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// Type of its predicate (SLSA provenance v1).
pub(super) const PREDICATE_TYPE: &str = "https://slsa.dev/provenance/v1";
/// How the folder is built (SLSA provenance, `buildType`).
pub(super) const BUILD_TYPE: &str = "urn:techfile:release:1";
/// What the name of a builder begins with; name and version of the program follow.
#[cfg(feature = "pdf")]
pub(super) const BUILDER: &str = "urn:techfile:";

/// Whether a name is one that a file or folder of a shelf has until it gets its own.
#[must_use]
pub fn is_unfinished(name: &str) -> bool {
    let random = name.strip_prefix(OURS).and_then(|name| name.strip_suffix(UNFINISHED));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// This program as a builder (SLSA provenance, `builder.id`).
#[cfg(feature = "pdf")]
pub(super) fn builder() -> String {
    format!("{BUILDER}{}", tool().replace(' ', ":"))
}
