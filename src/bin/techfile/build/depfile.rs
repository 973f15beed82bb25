//! What a document was made from, as a rule that `make` and `ninja` read.

use std::collections::BTreeMap;

use super::target::Target;
use crate::disk::{self, Root};
use crate::exit::Failure;

/// `out/a.pdf: docs/a.yaml docs/a.png`, with paths from the working folder.
pub(crate) fn depfile(
    target: &Target,
    inputs: &BTreeMap<String, String>,
    catalog: &[String],
) -> Result<String, Failure> {
    let root = Root::of(&target.input.path)?;
    let mut paths: Vec<String> = inputs.keys().map(|path| disk::shown(&root.folder().join(path))).collect();
    paths.push(target.input.name.clone());
    paths.extend(target.input.home.as_ref().map(|home| disk::shown(&home.folder.join(disk::PROJECT))));
    paths.extend_from_slice(catalog);
    paths.sort();
    paths.dedup();
    let names: Vec<String> = paths.iter().map(|path| escaped(path)).collect();
    Ok(format!("{}: {}\n", escaped(&target.pdf()), names.join(" \\\n  ")))
}

/// A path as both read it: a space and `#` behind a backslash, a dollar twice.
fn escaped(path: &str) -> String {
    path.replace('$', "$$").replace(' ', "\\ ").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_make_reads_them() {
        assert_eq!(escaped("a b/c#1$.yaml"), "a\\ b/c\\#1$$.yaml");
    }
}
