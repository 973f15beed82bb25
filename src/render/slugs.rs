//! Anchors of headings, as GitHub makes them.
//!
//! Comes in: the text of one heading after the other. Goes out: the anchor of each. Everything that makes links into a
//! document counts with this, so that a link in the Markdown and one on the page lead to the same place.

use std::collections::BTreeMap;

/// Anchors given so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slugs {
    seen: BTreeMap<String, usize>,
}

impl Slugs {
    /// The anchor of the next heading: small letters, spaces as `-`, no punctuation, and a number where it repeats.
    pub(crate) fn next(&mut self, heading: &str) -> String {
        let base: String = heading
            .trim()
            .chars()
            .flat_map(char::to_lowercase)
            .filter_map(|character| match character {
                ' ' => Some('-'),
                '-' | '_' => Some(character),
                letter if letter.is_alphanumeric() => Some(letter),
                _ => None,
            })
            .collect();
        let mut slug = base.clone();
        while self.seen.contains_key(&slug) {
            let count = self.seen.entry(base.clone()).or_default();
            *count += 1;
            slug = format!("{base}-{count}");
        }
        self.seen.insert(slug.clone(), 0);
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        let mut slugs = Slugs::default();
        for (heading, slug) in [
            ("1(a) Intended purpose, provider & version", "1a-intended-purpose-provider--version"),
            ("Überblick: Größe", "überblick-größe"),
            ("A", "a"),
            ("A", "a-1"),
            ("a-1", "a-1-1"),
            ("A!", "a-2"),
            ("snake_case", "snake_case"),
        ] {
            assert_eq!(slugs.next(heading), slug, "{heading}");
        }
    }
}
