//! The numbers in a text.
//!
//! Comes in: a text of any language. Goes out: its numbers without what parts their digits, because `12,000.5`, `12.000,5`
//! and `12 000,5` are one number in three languages. Says nothing of what they count.

use std::collections::BTreeMap;

/// Numbers of the other text that this one lacks, as they stand there, in their order.
pub(super) fn lost<'t>(text: &str, other: &'t str) -> Vec<&'t str> {
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for (digits, _) in numbers(text) {
        *left.entry(digits).or_default() += 1;
    }
    let mut lost = Vec::new();
    for (digits, written) in numbers(other) {
        match left.get_mut(&digits) {
            Some(count) if *count > 0 => *count -= 1,
            _ => lost.push(written),
        }
    }
    lost
}

/// Each number: its digits, and as it is written.
fn numbers(text: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(|c: char| c.is_ascii_digit()).map(|at| rest + at) {
        let mut end = run(text, start);
        let mut digits = text[start..end].to_owned();
        let mut grouped = false;
        while let Some((from, to)) = next_group(text, end, &digits, &mut grouped) {
            digits.push_str(&text[from..to]);
            end = to;
        }
        found.push((digits, &text[start..end]));
        rest = end;
    }
    found
}

/// End of the digits that start here.
fn run(text: &str, start: usize) -> usize {
    text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |length| start + length)
}

/// Digits that belong to the number so far: after a point, a comma or an apostrophe, or three after a space.
fn next_group(text: &str, end: usize, so_far: &str, grouped: &mut bool) -> Option<(usize, usize)> {
    let separator = text[end..].chars().next()?;
    let from = end + separator.len_utf8();
    let to = run(text, from);
    let group = match separator {
        '.' | ',' | '\'' | '\u{2019}' => to > from,
        // A space parts groups of three, and nothing else: `7 days`, `2 of 300`, `2023 300`.
        ' ' => to - from == 3 && (so_far.len() <= 3 || *grouped),
        '\u{a0}' | '\u{202f}' | '\u{2009}' => to - from == 3,
        _ => false,
    };
    *grouped |= group;
    group.then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_its_digits_are_parted() {
        for other in ["12.000,5", "12 000,5", "12\u{a0}000,5", "12\u{202f}000,5", "12'000.5", "12\u{2019}000,5"] {
            assert_eq!(lost(other, "12,000.5"), [""; 0], "{other}");
        }
        assert_eq!(lost("1 234 567", "1,234,567"), [""; 0]);
        assert_eq!(lost("in 2023 300 dossiers", "300 files in 2023"), [""; 0]);
        assert_eq!(lost("0,87 op 20 november 2026", "0.78 on 20 November 2026"), ["0.78"]);
        assert_eq!(lost("een 3 en een 4", "a 3, another 3"), ["3"]);
        assert_eq!(lost("ISO 42001", "ISO/IEC 42001:2023, E-01"), ["2023", "01"]);
        assert_eq!(lost("twee", "2"), ["2"]);
        assert_eq!(lost("2 extra 3", "none"), [""; 0]);
    }
}
