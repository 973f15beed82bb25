//! A comparison on a terminal: words that went stand in `[-…-]`, words that came in `{+…+}`.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{BESIDE, Comparison, leaves, number, remark, said};
use crate::changes::{Change, Fate, Sort, What, shortened};
use crate::report::visible;

/// The comparison, with a line feed at its end.
#[must_use]
pub fn render(comparison: &Comparison<'_>) -> String {
    let mut out = String::new();
    for (side, (name, said)) in [("old", comparison.old), ("new", comparison.new)] {
        let content = said.content_id().short();
        let about = format!("{} revision {}, content {content}", said.document(), said.revision());
        line(&mut out, "", &format!("{side}  {name}: {about}"));
    }
    let changes = comparison.changes;
    if changes.is_empty() {
        out.push_str("\nno differences\n");
        return out;
    }
    if !changes.clauses.is_empty() {
        let _ =
            writeln!(out, "\n{} with changed answers, document control aside", number(changes.clauses.len(), "clause"));
        for id in &changes.clauses {
            let title = comparison.catalog.clause(id).map(|clause| format!(": {}", clause.title));
            line(&mut out, "  ", &format!("{}{}", comparison.catalog.cite(id), title.unwrap_or_default()));
        }
    }
    let _ = writeln!(out, "\n{}", number(changes.list.len(), "difference"));
    for change in &changes.list {
        out.push('\n');
        line(&mut out, "", &format!("{}  {}", change.pointer(), change.names.join(" › ")));
        if !change.clauses.is_empty() {
            let cited: Vec<String> = change.clauses.iter().map(|id| comparison.catalog.cite(id)).collect();
            line(&mut out, "  ", &format!("({})", cited.join("; ")));
        }
        if let Some(remark) = remark(change) {
            line(&mut out, "  ", &remark);
        }
        body(&mut out, change);
    }
    out
}

fn body(out: &mut String, change: &Change) {
    let whole = |out: &mut String, sign: &str, value: &Json| {
        let mut ends = Vec::new();
        leaves(value, "", &mut ends);
        for (way, text) in ends {
            let way = if way.is_empty() { String::new() } else { format!("{way}: ") };
            line(out, "  ", &format!("{sign} {way}{}", flat(&text)));
        }
    };
    match &change.what {
        What::Added(new) => whole(out, "+", new),
        What::Removed(old) => whole(out, "-", old),
        What::Changed { pieces, .. } if !pieces.is_empty() => {
            if pieces.iter().all(|piece| piece.fate == Fate::Same) {
                return;
            }
            let told = shortened(pieces, BESIDE, None).into_iter().map(|piece| match piece.fate {
                Fate::Same => piece.text,
                Fate::Removed => format!("[-{}-]", piece.text),
                Fate::Added => format!("{{+{}+}}", piece.text),
            });
            line(out, "  ", &told.collect::<Vec<_>>().join(" "));
        }
        What::Changed { old, new, .. } if change.sort > Sort::Words && change.sort < Sort::Group && both(old, new) => {
            line(out, "  ", &format!("{} → {}", flat(&said(old, change.sort)), flat(&said(new, change.sort))));
        }
        What::Changed { old, new, .. } => {
            whole(out, "-", old);
            whole(out, "+", new);
        }
        What::File { old, new } => line(out, "  ", &format!("{} → {}", old.short(), new.short())),
        What::Moved { .. } => {}
    }
}

/// Whether both are single answers, and nothing stands in place of one.
fn both(old: &Json, new: &Json) -> bool {
    !old.is_object() && !new.is_object()
}

/// A text on one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line(out: &mut String, indent: &str, text: &str) {
    out.extend([indent, &visible(text), "\n"]);
}
