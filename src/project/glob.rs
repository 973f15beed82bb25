//! Patterns of paths: `*` and `?` within a name, `**` for any number of folders.
//!
//! Comes in: a pattern and a path, both with `/`. Goes out: whether they fit. Takes time in proportion to their lengths.

/// Whether a path fits a pattern.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    stars(
        &pattern,
        &path,
        |part| *part == "**",
        |part, name| {
            let (part, name): (Vec<char>, Vec<char>) = (part.chars().collect(), name.chars().collect());
            stars(&part, &name, |letter| *letter == '*', |letter, own| *letter == '?' || letter == own)
        },
    )
}

/// Matching with one sort of star: only the last one ever has to be tried again.
fn stars<P, T>(pattern: &[P], text: &[T], star: impl Fn(&P) -> bool, fits: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut last = None;
    while t < text.len() {
        if pattern.get(p).is_some_and(&star) {
            last = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|part| fits(part, &text[t])) {
            p += 1;
            t += 1;
        } else if let Some((star, taken)) = last {
            last = Some((star, taken + 1));
            p = star + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(star)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stay_in_names_and_double_stars_cross_folders() {
        for (pattern, path, fit) in [
            ("docs/**/answers.yaml", "docs/answers.yaml", true),
            ("docs/**/answers.yaml", "docs/a/b/answers.yaml", true),
            ("docs/**/answers.yaml", "other/answers.yaml", false),
            ("docs/*/answers.yaml", "docs/a/b/answers.yaml", false),
            ("**/answers.*.yaml", "a/answers.nl.yaml", true),
            ("**/answers.*.yaml", "a/answers.yaml", false),
            ("a/**", "a/b/c.yaml", true),
            ("*.yaml", "a/b.yaml", false),
            ("?.yaml", "é.yaml", true),
            ("**/a/**/b", "a/a/x/b/a/b", true),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
        assert!(!fits(&"*a".repeat(2000), &"a".repeat(1999)), "and it ends");
    }
}
