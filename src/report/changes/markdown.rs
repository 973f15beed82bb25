//! A comparison as Markdown, for a review: what went is struck through, what came is bold.

use std::fmt::Write as _;

use super::{BESIDE, Comparison, remark, said};
use crate::changes::{Called, Fate, What, shortened};
use crate::render::plain;
use crate::report::visible;

/// The comparison as a document of its own.
#[must_use]
pub fn render(comparison: &Comparison<'_>) -> String {
    let new = comparison.new.1;
    let text = |text: &str| plain(&visible(text));
    let mut out = format!(
        "# Changes in {}\n\n| Version | File | Revision | Content id |\n| --- | --- | --- | --- |\n",
        text(new.document())
    );
    for (side, (name, said)) in [("old", comparison.old), ("new", comparison.new)] {
        let _ = writeln!(out, "| {side} | {} | {} | {} |", text(name), text(said.revision()), said.content_id());
    }
    let changes = comparison.changes;
    if changes.is_empty() {
        out.push_str("\nNo differences.\n");
        return out;
    }
    if !changes.clauses.is_empty() {
        out.push_str(
            "\n## Clauses with changed answers\n\nDocument control does not count: each revision changes it.\n\n",
        );
        for id in &changes.clauses {
            let title = comparison.catalog.clause(id).map(|clause| format!(": {}", clause.title));
            let _ =
                writeln!(out, "- {}", text(&format!("{}{}", comparison.catalog.cite(id), title.unwrap_or_default())));
        }
    }
    out.push_str("\n## Changes\n\n| Answer | Clauses | Change |\n| --- | --- | --- |\n");
    for change in &changes.list {
        let cited: Vec<String> = change.clauses.iter().map(|id| text(&comparison.catalog.cite(id))).collect();
        let pieces = shortened(&change.shown(&said, Called::Titles), BESIDE, None);
        let only_space = pieces.iter().all(|piece| piece.fate == Fate::Same);
        let told = pieces.iter().filter(|_| !only_space).map(|piece| match piece.fate {
            Fate::Same => text(&piece.text),
            Fate::Removed => format!("~~{}~~", text(&piece.text)),
            Fate::Added => format!("**{}**", text(&piece.text)),
        });
        let told = told.collect::<Vec<_>>().join(" ");
        let remark = remark(change).map(|remark| {
            let colon = if told.is_empty() || matches!(change.what, What::Moved { .. }) { "" } else { ": " };
            format!("{remark}{colon}")
        });
        let answer = text(&change.names.join(" › "));
        let _ = writeln!(out, "| {answer} | {} | {}{told} |", cited.join("; "), remark.unwrap_or_default());
    }
    out
}
