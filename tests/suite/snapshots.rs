//! Files that hold what a person sees. `SNAPSHOTS=overwrite cargo test` renews them.

use std::fs;

use crate::repository::root;

/// Holds a text against a file, by its path from the root, or renews the file. What differs comes back as a sentence.
pub(crate) fn differs(path: &str, seen: &str) -> Option<String> {
    let kept = fs::read_to_string(root().join(path)).unwrap_or_default();
    if kept == seen {
        return None;
    }
    if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        fs::write(root().join(path), seen).unwrap_or_else(|error| panic!("{path}: {error}"));
        return None;
    }
    let line = kept.lines().zip(seen.lines()).take_while(|(a, b)| a == b).count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
    Some(format!(
        "{path}:{}: differs; SNAPSHOTS=overwrite renews it\n  kept: {}\n  seen: {}",
        line + 1,
        at(&kept),
        at(seen)
    ))
}
