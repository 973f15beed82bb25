//! Numbers, intervals and dates as cells of tables show them.
//!
//! Comes in: the words of a cell. Goes out: how far along a scale it lies, or nothing. What is read here is drawn, never
//! printed: the digits that a reader sees are those of the cell.

use std::collections::BTreeMap;

/// A number with the words behind it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    /// As written, without what stands behind it.
    pub(super) digits: String,
    /// What stands behind it, up to a comma or a bracket.
    pub(super) unit: String,
}

/// How a language writes numbers and dates.
pub(super) struct Reader<'w> {
    words: &'w BTreeMap<String, String>,
    separator: char,
}

impl<'w> Reader<'w> {
    pub(super) fn new(words: &'w BTreeMap<String, String>) -> Self {
        let separator = words.get("decimal_separator").and_then(|word| word.chars().next()).unwrap_or('.');
        Self { words, separator }
    }

    /// A word of the language.
    pub(super) fn word(&self, name: &str) -> &'w str {
        self.words.get(name).map_or("", String::as_str)
    }

    /// The number that a cell begins with.
    pub(super) fn number(&self, cell: &str) -> Option<Number> {
        let cell = cell.trim();
        let (plain, length) = self.digits(cell)?;
        let rest = &cell[length..];
        let stops = rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '%' | '‰' | ',' | ';' | '('));
        let unit = rest.split([',', ';', '(']).next().unwrap_or_default().trim();
        // A range is no value, and who knows what digits behind a space are.
        if !stops || unit.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '–' | '-' | '−' | '±' | '/')) {
            return None;
        }
        let value: f64 = plain.parse().ok()?;
        value.is_finite().then(|| Number { value, digits: cell[..length].to_owned(), unit: unit.to_owned() })
    }

    /// Both ends of `lower – upper`, the lower one first.
    pub(super) fn interval(&self, cell: &str) -> Option<(f64, f64)> {
        let (lower, upper) = cell.split_once('–')?;
        let (lower, upper) = (self.number(lower)?.value, self.number(upper)?.value);
        (lower <= upper).then_some((lower, upper))
    }

    /// The number at the start as Rust writes it, and its length in the text.
    fn digits(&self, text: &str) -> Option<(String, usize)> {
        let mut plain = String::new();
        let mut end = 0;
        let mut whole = true;
        let mut characters = text.char_indices().peekable();
        if let Some((_, sign)) = characters.next_if(|(_, c)| matches!(c, '-' | '−' | '+')) {
            end = sign.len_utf8();
            plain.extend((sign != '+').then_some('-'));
        }
        for (at, character) in characters {
            let behind = &text[at + character.len_utf8()..];
            let followed = behind.starts_with(|c: char| c.is_ascii_digit());
            match character {
                '0'..='9' => plain.push(character),
                '\u{a0}' | '\u{202f}' if whole && is_group(behind) && plain.ends_with(|c: char| c.is_ascii_digit()) => {
                }
                point
                    if point == self.separator
                        && whole
                        && followed
                        && plain.ends_with(|c: char| c.is_ascii_digit()) =>
                {
                    whole = false;
                    plain.push('.');
                }
                'e' | 'E' if end > 0 => {
                    let sign = usize::from(behind.starts_with(['-', '+']));
                    let length = behind[sign..].bytes().take_while(u8::is_ascii_digit).count();
                    if length > 0 {
                        plain.push('e');
                        plain.push_str(&behind[..sign + length]);
                        end = at + 1 + sign + length;
                    }
                    break;
                }
                _ => break,
            }
            end = at + character.len_utf8();
        }
        plain.contains(|c: char| c.is_ascii_digit()).then_some((plain, end))
    }

    /// The date that a cell begins with, as days on a calendar without end, and its length.
    pub(super) fn date(&self, cell: &str) -> Option<i64> {
        let mut rest = cell.trim();
        let (mut year, mut month, mut day) = (None, None, None);
        let format = match self.word("date_format") {
            "" => "{year}-{month}-{day}",
            format => format,
        };
        let mut format = format;
        while let Some(first) = format.chars().next() {
            if let Some((name, after)) = format.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                let (value, length) = if name == "month" { self.month(rest)? } else { leading(rest)? };
                match name {
                    "year" => year = Some(value),
                    "month" => month = Some(value),
                    "day" => day = Some(value),
                    _ => return None,
                }
                rest = &rest[length..];
                format = after;
            } else {
                rest = rest.strip_prefix(first)?;
                format = &format[first.len_utf8()..];
            }
        }
        Some(days(year?, month?, day?))
    }

    /// The longest name of a month that the text begins with, or its number.
    fn month(&self, text: &str) -> Option<(i64, usize)> {
        let names = (1..=12).filter_map(|month: i64| {
            let name = self.word(&format!("month_{month:02}"));
            (!name.is_empty() && text.starts_with(name)).then_some((month, name.len()))
        });
        names.max_by_key(|(_, length)| *length).or_else(|| leading(text))
    }
}

fn is_group(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() == 3
}

/// A whole number at the start, and its length.
fn leading(text: &str) -> Option<(i64, usize)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    (length <= 4).then_some(())?;
    Some((text[..length].parse().ok()?, length))
}

/// Days of the Gregorian calendar, counted from its year 0 with the leap day at the end of a year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(separator: &str, format: &str) -> BTreeMap<String, String> {
        [("decimal_separator", separator), ("date_format", format), ("month_03", "mars"), ("month_05", "mai")]
            .map(|(name, word)| (name.to_owned(), word.to_owned()))
            .into()
    }

    #[test]
    fn a_cell_begins_with_its_number() {
        let english = words(".", "{day} {month} {year}");
        let read = |cell: &str| Reader::new(&english).number(cell).map(|number| (number.value, number.unit));
        let found = |value, unit: &str| Some((value, unit.to_owned()));
        assert_eq!(read("0.8034 ratio"), found(0.8034, "ratio"));
        assert_eq!(read(" 12\u{a0}345.5 "), found(12_345.5, ""));
        assert_eq!(read("5\u{202f}%"), found(5.0, "%"));
        assert_eq!(read("5%"), found(5.0, "%"));
        assert_eq!(read("0.78, higher is better"), found(0.78, ""));
        assert_eq!(read("−3 (95 %)"), found(-3.0, ""));
        assert_eq!(read("-2.5e-3 s"), found(-0.0025, "s"));
        for none in [
            "",
            "Open (OP-3)",
            "n/a",
            "1e999",
            "10.2.3",
            "2026-03-01",
            "3x",
            "0.1 – 0.2",
            "-",
            ".5",
            "< 0.1",
            "1/3",
            "1 204 331",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
        let german = words(",", "");
        let read = |cell: &str| Reader::new(&german).number(cell).map(|number| (number.value, number.digits));
        assert_eq!(read("0,78, höher ist besser"), Some((0.78, "0,78".to_owned())));
        assert_eq!(read("1\u{a0}234,5"), Some((1_234.5, "1\u{a0}234,5".to_owned())));
        assert_eq!(read("0.78"), None);
    }

    #[test]
    fn an_interval_has_two_ends_in_order() {
        let english = words(".", "");
        let read = |cell: &str| Reader::new(&english).interval(cell);
        assert_eq!(read("0.79 – 0.82 (95 %)"), Some((0.79, 0.82)));
        assert_eq!(read("-0.1 – 0.1"), Some((-0.1, 0.1)));
        for none in ["", "0.8", "0.9 – 0.8", "0.8 – open", "0.8 - 0.9"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        let french = words(",", "{day} {month} {year}");
        let date = |cell: &str| Reader::new(&french).date(cell);
        assert_eq!(date("1 mars 2024").zip(date("1 mars 2025")).map(|(a, b)| b - a), Some(365));
        assert_eq!(date("31 mars 2024").zip(date("1 mai 2024, released")).map(|(a, b)| b - a), Some(31));
        assert_eq!(days(2024, 3, 1) - days(2024, 2, 28), 2);
        assert_eq!(days(2100, 3, 1) - days(2100, 2, 28), 1);
        for none in ["", "mars 2024", "1 juin 2024", "Open (OP-1)", "1 mars"] {
            assert_eq!(date(none), None, "{none}");
        }
        let german = words(",", "{day}. {month} {year}");
        assert!(Reader::new(&german).date("7. mars 2026").is_some());
        let plain = BTreeMap::new();
        assert_eq!(Reader::new(&plain).date("2026-03-07"), Some(days(2026, 3, 7)));
    }
}
