//! Coverage as Markdown, for a review. Nothing of an answer becomes markup.

use std::fmt::Write as _;

use super::{NOT_PROOF, Overview, counts, relation, state};
use crate::render::plain;
use crate::report::visible;

/// The overview as a document of its own.
#[must_use]
pub fn render(overview: &Overview<'_>) -> String {
    let text = |text: &str| plain(&visible(text));
    let mut out = format!("# Coverage\n\n{NOT_PROOF}\n");
    if let Some(lacks) = overview.lacks() {
        let _ = writeln!(out, "\n{}", text(&lacks));
    }
    out.push_str("\n| Document | Title | Revision | Status | File |\n| --- | --- | --- | --- | --- |\n");
    for document in overview.documents {
        let control = &document.control;
        let cells = [&*control.id, &*control.title, &*control.revision, document.status, &*document.file];
        let _ = writeln!(out, "| {} |", cells.map(text).join(" | "));
    }
    for coverage in overview.frameworks {
        let name = text(&coverage.framework.short_name);
        let _ = writeln!(out, "\n## {name}\n\n{}.\n", text(&counts(coverage)));
        out.push_str("| Clause | Title | State | Where |\n| --- | --- | --- | --- |\n");
        for line in &coverage.lines {
            let mut places = overview.places(line);
            places.extend(overview.reasons(line));
            let cells = [line.label, line.title, state(line.state), &*places.join(" · ")];
            let _ = writeln!(out, "| {} |", cells.map(text).join(" | "));
        }
        if !coverage.lent.is_empty() {
            let _ = writeln!(out, "\n### {name}: what other answers contribute\n");
            out.push_str(
                "| Clause | Relation | Answered | What it does and what is missing |\n| --- | --- | --- | --- |\n",
            );
            for lent in &coverage.lent {
                let (asked, lender) = overview.lent(lent);
                let cells = [&*asked, relation(lent.row.relation), &*lender, &*lent.row.reason];
                let _ = writeln!(out, "| {} |", cells.map(text).join(" | "));
            }
        }
        if !coverage.bare.is_empty() || !coverage.lone.is_empty() {
            let _ = writeln!(out, "\n### {name}: what has no counterpart\n");
            for alone in coverage.alone() {
                let _ = writeln!(out, "- {}", text(&overview.alone(&alone)));
            }
        }
    }
    out
}
