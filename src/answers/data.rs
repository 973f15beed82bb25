//! Files that pipelines and people keep beside the answers, read as trees of values.
//!
//! Comes in: the path and the bytes of a file. Goes out: the same tree that answers are, with a place for every value, by
//! the file's ending: YAML, JSON, TOML, CSV, or the YAML at the head of a Markdown file. What could be read in two ways is
//! refused, as it is in answers.

mod csv;
mod json;
mod toml;

use super::{Limits, Node, parse};
use crate::diagnostic::{Diagnostic, Rejected};
use crate::source::Source;

/// Bytes of one key of data that others write.
const KEY: usize = 4096;

/// Why a file gives no values.
pub(super) enum Unread {
    /// Nothing is known of files with this ending.
    Ending,
    /// It is no text.
    Encoding(String),
    /// The first thing that is wrong in it.
    Wrong(Box<Diagnostic>),
}

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    FrontMatter,
    Json,
    Toml,
    Csv,
}

impl Format {
    fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "md" => Some(Self::FrontMatter),
            "json" | "jsonld" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// What to write instead of an ending that is none of these.
pub(super) const ENDINGS: &str =
    "name a file that ends in .yaml, .yml, .json, .jsonld, .toml, .csv or .md (the YAML at its head)";

/// Whether the values of a file are cells of a table, which have no types of their own.
pub(super) fn is_table(path: &str) -> bool {
    Format::of(path) == Some(Format::Csv)
}

/// The tree of a file. Data may be larger than answers: a bill of materials, a table of measurements.
pub(super) fn tree(path: &str, name: &str, bytes: &[u8], limits: Limits) -> Result<Node, Unread> {
    let limits = Limits { file_bytes: limits.data_bytes, nodes: limits.data_nodes, key_bytes: KEY, ..limits };
    let format = Format::of(path).ok_or(Unread::Ending)?;
    let source = Source::from_bytes(name, bytes).map_err(|error| Unread::Encoding(error.to_string()))?;
    let read = match format {
        Format::Yaml => parse::data(&source, limits),
        Format::FrontMatter => parse::data(&Source::new(name, front_matter(source.text())), limits),
        Format::Json => json::tree(&source, limits),
        Format::Toml => toml::tree(&source, limits),
        Format::Csv => csv::tree(&source, limits),
    };
    read.map_err(|rejected| Unread::Wrong(Box::new(first(&rejected))))
}

fn first(rejected: &Rejected) -> Diagnostic {
    rejected.findings()[0].clone()
}

/// The YAML between the first two lines `---`, with the first of them, so that places stay where they are.
fn front_matter(text: &str) -> &str {
    if text.lines().next().is_none_or(|line| line.trim_end() != "---") {
        return "";
    }
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index > 0 && line.trim_end() == "---" {
            return &text[..end];
        }
        end += line.len();
    }
    ""
}
