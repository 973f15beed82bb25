//! `techfile history PATH`

use std::fmt::Write as _;
use std::path::Path;

use techfile::digest::Digest;
use techfile::record::ledger::{Event, Ledger, Line};
use techfile::report::visible;

use crate::cli::Format;
use crate::disk;
use crate::exit::{Exit, Failure};
use crate::releases::shelf;
use crate::terminal::Terminal;

pub(super) fn run(path: &Path, format: Format, terminal: &Terminal) -> Result<Exit, Failure> {
    let shelf = shelf(path)?;
    let ledger = shelf.ledger()?.unwrap_or_else(|| Ledger::empty(&shelf.ledger_name()));
    match format {
        Format::Json => terminal.json(&json(&ledger))?,
        Format::Text => terminal.result(&ledger.lines().map(|line| told(line, &ledger)).collect::<String>())?,
    }
    if ledger.lines().next().is_none() {
        terminal.say(&format!("nothing of `{}` was released yet", disk::shown(path)));
    }
    Ok(Exit::Success)
}

/// `{"version":1,"ledger":…,"head":…,"events":[…]}`; an event has the fields of its line.
fn json(ledger: &Ledger) -> String {
    let events: Vec<&Line> = ledger.lines().collect();
    let value = serde_json::json!({"version": 1, "head": ledger.head().to_string(), "events": events});
    format!("{value}\n")
}

/// One event in one line, and below it who approved it and why.
fn told(line: &Line, ledger: &Ledger) -> String {
    let short = |text: &str| Digest::parse(text).map(|digest| digest.short()).unwrap_or_default();
    let what = match line.event {
        Event::Release => "released",
        Event::Signed => "signed",
        Event::Withdrawn => "withdrawn",
    };
    let mut out = format!("{:>3}  {what:<9}  revision {}", line.seq, line.rev);
    if let Some(date) = &line.date {
        let _ = write!(out, "  {}", visible(date));
    }
    let _ = match (line.event, line.files.first()) {
        (Event::Signed, Some(file)) => write!(out, "  {}, {}", visible(&file.name), short(&file.sha256)),
        _ => write!(out, "  content {}", short(&line.content_id)),
    };
    if line.event == Event::Release && ledger.withdrawn(&line.rev).is_some() {
        out.push_str("  (withdrawn since)");
    }
    out.push('\n');
    if let Some(reason) = &line.reason {
        let _ = writeln!(out, "     {}", visible(reason));
    }
    if !line.reviewed_by.is_empty() {
        let _ = writeln!(out, "     approved by {}", visible(&line.reviewed_by.join(", ")));
    }
    out
}
