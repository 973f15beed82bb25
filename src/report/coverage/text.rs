//! Coverage as text for a terminal.

use super::{NOT_PROOF, Overview, because, counts, relation, state};
use crate::check::CoverState;
use crate::report::visible;

/// The overview, one framework after the other.
#[must_use]
pub fn render(overview: &Overview<'_>) -> String {
    let mut out = String::new();
    let mut say = |line: &str| out.extend([&*visible(line), "\n"]);
    for coverage in overview.frameworks {
        let framework = coverage.framework;
        say(&format!("{} ({}): {}", framework.short_name, framework.framework, counts(coverage)));
        let width = coverage.lines.iter().map(|line| line.label.chars().count()).max().unwrap_or(0);
        for line in &coverage.lines {
            say("");
            say(&format!("  {:width$}  {}: {}", line.label, state(line.state), line.title));
            overview.places(line).iter().for_each(|place| say(&format!("      {place}")));
            for (_, answer) in &line.answers {
                answer.reasons.iter().for_each(|reason| say(&format!("      {} {reason}", because(line.state))));
            }
            if line.state == CoverState::Missing {
                say(&format!("      can be answered in: {}", line.kinds.join(", ")));
            }
        }
        if !coverage.lent.is_empty() {
            say("");
            say(&format!("What other answers contribute to {}", framework.short_name));
            for lent in &coverage.lent {
                let (asked, lender) = overview.lent(lent);
                say("");
                say(&format!("  {asked}: {}, from {lender}", relation(lent.row.relation)));
                say(&format!("      {}", lent.row.reason));
            }
        }
        if !coverage.bare.is_empty() || !coverage.lone.is_empty() {
            say("");
            say(&format!("What only {} asks for: nothing else contributes to it", framework.short_name));
            say("");
            for row in &coverage.bare {
                say(&format!("  - {}: {}", overview.labels(&row.from), row.reason));
            }
            coverage.lone.iter().for_each(|lone| say(&format!("  - {}", overview.lone(lone))));
        }
        say("");
    }
    say(NOT_PROOF);
    out
}
