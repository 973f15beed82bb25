//! Names of headings, as GitHub makes them for Markdown.
//!
//! Comes in: the words of headings, in order. Goes out: a slug for each, unique in its document.

use std::collections::BTreeMap;

use unicode_normalization::char::is_combining_mark;

/// Makes slugs and remembers those it made.
#[derive(Debug, Default)]
pub(super) struct Slugs {
    taken: BTreeMap<String, usize>,
}

impl Slugs {
    /// The slug of the next heading.
    pub(super) fn next(&mut self, words: &str) -> String {
        let plain = slug(words);
        let mut unique = plain.clone();
        while self.taken.contains_key(&unique) {
            let count = self.taken.entry(plain.clone()).or_default();
            *count += 1;
            unique = format!("{plain}-{count}");
        }
        self.taken.insert(unique.clone(), 0);
        unique
    }
}

fn slug(words: &str) -> String {
    words
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            kept if kept.is_alphanumeric() || is_combining_mark(kept) => Some(kept),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_named_as_on_github() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.next("1(a) Intended purpose, provider & version"), "1a-intended-purpose-provider--version");
        assert_eq!(slugs.next("Risks"), "risks");
        assert_eq!(slugs.next("Risks"), "risks-1");
        assert_eq!(slugs.next("Risks 1"), "risks-1-1");
        assert_eq!(slugs.next("Risks"), "risks-2");
        assert_eq!(slugs.next("Предназначение"), "предназначение");
    }
}
