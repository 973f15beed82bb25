//! Tables as they are typed: cells of a row, and rows of dashes that make no table.
//!
//! Comes in: lines of Markdown. Goes out: what a reader of Markdown drops or prints as text without a word. Cells are
//! counted as `pulldown-cmark` counts them.

/// The cells of a row; a `|` behind a backslash separates nothing, not even between backticks.
pub(super) fn cells(row: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = row.trim();
    loop {
        rest = rest.strip_prefix('|').unwrap_or(rest).trim_start();
        if rest.is_empty() {
            return found;
        }
        let ends = |(at, _): &(usize, &str)| !rest[..*at].ends_with('\\');
        let end = rest.match_indices('|').find(ends).map_or(rest.len(), |(at, _)| at);
        found.push(rest[..end].trim_end());
        rest = &rest[end..];
    }
}

/// A row of dashes that was meant to make a table and makes none, since the line above it has another number of cells:
/// the line, its cells, and those above. `at` is where a text begins that is shown as it stands.
pub(super) fn dashes(text: &str, at: usize) -> Option<(&str, usize, usize)> {
    let start = text.get(..at)?.rfind('\n')? + 1;
    let line = text[start..].lines().next()?;
    // The same line is met once: where its text begins.
    if !bare(text.get(start..at)?).is_empty() {
        return None;
    }
    let row = bare(line);
    let cell = |cell: &&str| cell.trim_matches(':').chars().all(|dash| dash == '-') && cell.contains('-');
    let own = cells(row);
    if !row.contains('|') || !own.iter().all(cell) {
        return None;
    }
    let above = bare(text[..start].trim_end_matches(['\n', '\r']).rsplit('\n').next()?);
    let above = cells(above.trim_start_matches(['-', '*', '+']).trim_start()).len();
    (above > 0 && above != own.len()).then_some((line.trim(), own.len(), above))
}

/// A line without the marks of quotations before it.
fn bare(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t']).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_those_that_a_reader_of_markdown_counts() {
        for (row, expected) in [
            ("| a | b |\n", &["a", "b"][..]),
            ("a | b", &["a", "b"]),
            ("| a | b | c", &["a", "b", "c"]),
            ("| a \\| b | `c \\| d` |", &["a \\| b", "`c \\| d`"]),
            ("| `a | b` |", &["`a", "b`"]),
            ("| a || b |", &["a", "", "b"]),
            ("|", &[]),
        ] {
            assert_eq!(cells(row), expected, "{row}");
        }
    }

    #[test]
    fn a_row_of_dashes_is_held_against_the_line_above_it() {
        for (text, expected) in [
            ("| a | b |\n|---|---|---|\n| 1 | 2 |\n", Some((3, 2))),
            ("> | a | b |\n> |:-:|\n", Some((1, 2))),
            ("a | b | c\n--- | ---\n", Some((2, 3))),
            ("| a | b |\n|---|---|\n", None),
            ("words\n-----\n", None),
            ("| a | b |\n| c | - |\n", None),
            ("\n|---|---|\n", None),
        ] {
            let at = text.find('\n').unwrap() + 1;
            let at = at + text[at..].find(|c| !"> ".contains(c)).unwrap();
            assert_eq!(dashes(text, at).map(|(_, own, above)| (own, above)), expected, "{text}");
        }
    }
}
