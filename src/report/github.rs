//! Findings as annotations of GitHub Actions: workflow commands, one a line.
//!
//! The runner reads every line of a step, and a line may command it. So every text is escaped as the runner takes it back
//! (`%`, line ends; in properties also `:` and `,`), a character that nobody sees is written as `\u{…}`, and no line of the
//! output begins with an answer's words. The runner shows ten errors and ten warnings of a step and drops the rest
//! without a word; the last line tells the true count.

use std::fmt::Write as _;

use super::{Run, Summary, number, visible};
use crate::diagnostic::{Diagnostic, Severity};

/// Annotations of one kind that the runner keeps of a step.
const SHOWN: usize = 10;

/// The annotations of a run and the line that counts, each with a line feed at its end.
#[must_use]
pub fn render(run: &Run<'_>) -> String {
    let mut found: Vec<&Diagnostic> = run.findings().map(|(_, found)| found).collect();
    // What is worse comes first, in a stable order: a refusal, an error, a warning.
    found.sort_by_key(|found| (found.severity, !found.code.refuses()));
    let mut out = String::new();
    let mut room = [SHOWN, SHOWN];
    for failed in run.failed.iter().take(SHOWN) {
        room[0] -= 1;
        command(&mut out, "error", &[("title", "techfile".to_owned())], &failed.lines());
    }
    for found in &found {
        let (name, left) = match found.severity {
            Severity::Error => ("error", 0),
            Severity::Warning if run.strict => ("error", 0),
            Severity::Warning => ("warning", 1),
        };
        if room[left] > 0 {
            room[left] -= 1;
            command(&mut out, name, &properties(found), &run.lines_with_places(found));
        }
    }
    let shown = 2 * SHOWN - room[0] - room[1];
    count(run, shown, &mut out);
    out
}

/// Where it is and which code it bears. Columns make sense to the runner only within one line, the last one included.
fn properties(found: &Diagnostic) -> Vec<(&'static str, String)> {
    let (start, end) = found.place.positions();
    let mut properties = vec![("file", found.place.source.name().to_owned()), ("line", start.line.to_string())];
    if start.line == end.line {
        properties.push(("endLine", start.line.to_string()));
        properties.push(("col", start.column.to_string()));
        properties.push(("endColumn", (end.column - 1).max(start.column).to_string()));
    } else {
        // What ends before the first column of a line does not reach into it.
        properties.push(("endLine", (end.line - usize::from(end.column == 1)).to_string()));
    }
    properties.push(("title", found.code.as_str().to_owned()));
    properties
}

/// The true count; where not everything is shown it is an annotation, so that whoever reads only those meets it.
fn count(run: &Run<'_>, shown: usize, out: &mut String) {
    let counted = Summary::of(run.files);
    let all = counted.errors + counted.warnings + run.failed.len();
    let failures =
        if run.failed.is_empty() { String::new() } else { format!("; {}", number(run.failed.len(), "failure")) };
    let silenced = counted.silenced();
    let says = format!("{} in {}{silenced}{failures}", counted.counts(), number(counted.files, "file"));
    if all > shown {
        let says = format!("{says}; the {shown} most severe are shown here, `techfile check` tells all of them");
        command(out, "notice", &[("title", "techfile".to_owned())], &[says]);
    } else {
        out.push_str(&says);
        out.push('\n');
    }
}

fn command(out: &mut String, name: &str, properties: &[(&str, String)], lines: &[String]) {
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", escaped(&visible(value), &['%', ':', ',']))).collect();
    let _ = writeln!(out, "::{name} {}::{}", properties.join(","), escaped(&lines.join("\n"), &['%']));
}

/// Percent signs, line ends and what else may not stand there, as the runner decodes them.
fn escaped(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\r' | '\n') || special.contains(&character) {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{:02X}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests;
