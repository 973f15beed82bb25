//! `techfile report merge FILE...`

use std::path::PathBuf;

use techfile::report::run::{merge, read, report};

use crate::disk;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// Bytes of one report.
const REPORT: u64 = 1 << 30;

/// Puts reports together.
pub(super) fn run(files: &[PathBuf], terminal: &Terminal) -> Result<Exit, Failure> {
    let help = "give files that `techfile build --report` has written";
    let mut parts = Vec::new();
    for file in files {
        let name = disk::shown(file);
        let absent = || Failure::usage(format!("there is no file `{name}`")).help(help);
        let bytes = disk::optional(file, REPORT)?.ok_or_else(absent)?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Failure::usage(format!("`{name}` is no report: it is no UTF-8")).help(help))?;
        let part =
            read(text).map_err(|why| Failure::usage(format!("`{name}` is no whole report: {why}")).help(help))?;
        parts.push(part);
    }
    let (lines, beside) = merge(&parts).map_err(|why| {
        Failure::usage(why.to_string()).help("merge the reports of all parts of one run over one state of the answers")
    })?;
    let (text, exit) = report(lines, None, beside);
    terminal.json(&text)?;
    Ok(Exit::of_code(exit))
}
