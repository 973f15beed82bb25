//! What tells a finding from the others of a run, and stays when its line moves.

use std::collections::BTreeMap;

use super::Run;
use crate::digest::Digest;

/// A fingerprint for each finding of a run, in order: SHA-256 of code, document, name of the file without its folder, and
/// pointer. Lines, words and folders are left out, so that it stays while answers around it are edited and files move. Of
/// findings that are alike in all of these the second counts as the second, so that no two of a run are equal.
pub(super) fn fingerprints(run: &Run<'_>) -> Vec<Digest> {
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let prints = run.findings().map(|(file, found)| {
        let name = found.place.source.name();
        // A translation bears the number of its original; its name is another.
        let name = name.rsplit('/').next().unwrap_or(name);
        let mut parts = vec![found.code.as_str(), file.document.as_deref().unwrap_or_default(), name];
        parts.push(&found.place.pointer);
        let key = serde_json::to_vec(&parts).expect("texts are JSON");
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        let numbered = (parts, *count);
        Digest::of(&if *count == 1 { key } else { serde_json::to_vec(&numbered).expect("texts and numbers are JSON") })
    });
    prints.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::Catalog;
    use crate::report::tests::{file, finding};

    #[test]
    fn lines_and_folders_may_move_and_no_two_are_equal() {
        let catalog = Catalog::builtin();
        let prints = |files: &[crate::report::FileFindings]| {
            fingerprints(&Run { files, failed: &[], catalog: &catalog, strict: false })
        };
        let text = "a: 1\nb: 2\n";
        let one = prints(&[file("docs/answers.yaml", vec![finding("docs/answers.yaml", text, "b", "/b")])]);
        let moved = format!("# a comment\n\n{text}");
        let other = prints(&[file("new/answers.yaml", vec![finding("new/answers.yaml", &moved, "b", "/b")])]);
        assert_eq!(one, other);
        let many = prints(&[
            file(
                "answers.yaml",
                vec![finding("answers.yaml", text, "b", "/b"), finding("answers.yaml", text, "a", "/b")],
            ),
            file("answers.nl.yaml", vec![finding("answers.nl.yaml", text, "b", "/b")]),
            file("answers.yaml", vec![finding("answers.yaml", text, "b", "/a")]),
        ]);
        assert_eq!(many[0], one[0]);
        assert_eq!(many.iter().collect::<BTreeSet<_>>().len(), 4);
    }
}
