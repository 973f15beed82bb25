//! Which versions of the program a project asks for.
//!
//! Comes in: bounds such as `>=0.4, <0.5` and a version. Goes out: whether it fits.

/// Whether a version fits all bounds; `None` if one of them is no bound.
pub(super) fn fits(bounds: &str, version: &str) -> Option<bool> {
    let own = numbers(version.split(['-', '+']).next()?)?;
    bounds.split(',').try_fold(true, |fits, bound| {
        let bound = bound.trim();
        let at = bound.find(|c: char| c.is_ascii_digit())?;
        let wanted = numbers(&bound[at..])?;
        let this = match bound[..at].trim() {
            ">=" => own >= wanted,
            "<=" => own <= wanted,
            ">" => own > wanted,
            "<" => own < wanted,
            "=" => own == wanted,
            _ => return None,
        };
        Some(fits && this)
    })
}

fn numbers(text: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    for (index, part) in text.trim().split('.').enumerate() {
        *numbers.get_mut(index)? = part.parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn bounds_are_numbers_and_no_texts() {
        for (bounds, version, fit) in [
            (">=0.4, <0.5", "0.4.9", Some(true)),
            (">=0.4, <0.5", "0.5.0", Some(false)),
            (">=0.10", "0.9.0", Some(false)),
            ("=1.2.3", "1.2.3-rc.1", Some(true)),
            (">1", "1.0.1", Some(true)),
            ("^1", "1.0.0", None),
        ] {
            assert_eq!(fits(bounds, version), fit, "{bounds} {version}");
        }
    }
}
