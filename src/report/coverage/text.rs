//! Coverage as text for a terminal.

use super::{NOT_PROOF, Overview, counts, relation, state};
use crate::check::CoverState;
use crate::report::{visible, wrapped};

/// The overview, one framework after the other.
#[must_use]
pub fn render(overview: &Overview<'_>) -> String {
    let mut out = String::new();
    // The first line stands as far to the left as its indent says, the others below it.
    let mut say = |first: &str, rest: &str, text: &str| {
        let lines = wrapped(&visible(text), rest);
        out.extend([first, lines.get(rest.len()..).filter(|told| !told.is_empty()).unwrap_or("\n")]);
    };
    if let Some(lacks) = overview.lacks() {
        say("", "  ", &lacks);
        say("", "", "");
    }
    for coverage in overview.frameworks {
        let framework = coverage.framework;
        let name = &framework.short_name;
        say("", "  ", &format!("{name} ({}): {}", framework.framework, counts(coverage)));
        let width = coverage.lines.iter().map(|line| line.label.chars().count()).max().unwrap_or(0);
        let below = " ".repeat(width + 4);
        for line in &coverage.lines {
            say("", "", "");
            let label = format!("  {:width$}  ", visible(line.label));
            say(&label, &below, &format!("{}: {}", state(line.state), line.title));
            for told in overview.places(line).iter().chain(&overview.reasons(line)) {
                say("      ", "        ", told);
            }
            if line.state == CoverState::Missing {
                say("      ", "        ", &format!("can be answered in: {}", line.kinds.join(", ")));
            }
        }
        if !coverage.lent.is_empty() {
            say("", "", "");
            say("", "  ", &format!("{name}: what other answers contribute"));
            for lent in &coverage.lent {
                let (asked, lender) = overview.lent(lent);
                say("", "", "");
                say("  ", "    ", &format!("{asked}: {}, from {lender}", relation(lent.row.relation)));
                say("      ", "      ", &lent.row.reason);
            }
        }
        if !coverage.bare.is_empty() || !coverage.lone.is_empty() {
            say("", "", "");
            say("", "  ", &format!("{name}: what has no counterpart"));
            say("", "", "");
            for alone in coverage.alone() {
                say("  - ", "    ", &overview.alone(&alone));
            }
        }
        say("", "", "");
    }
    say("", "", NOT_PROOF);
    out
}
