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
    let names: Vec<String> = paths.iter().map(|path| escaped(path)).collect::<Result<_, _>>()?;
    Ok(format!("{}: {}\n", escaped(&target.pdf())?, names.join(" \\\n  ")))
}

/// A path as both read it: a space, `#` and `:` behind a backslash, a dollar twice. What ends a name for one of them, or
/// begins a command, cannot be escaped.
fn escaped(path: &str) -> Result<String, Failure> {
    let plain = |letter: char| {
        letter.is_ascii_alphanumeric() || !letter.is_ascii() || " !\"#$%&'()+,-./:=?@[]_{}~".contains(letter)
    };
    let wrong = path.chars().find(|letter| !plain(*letter)).or_else(|| path.ends_with(':').then_some(':'));
    if let Some(letter) = wrong {
        let message = format!("ninja and make cannot read the path `{path}`: no rule can hold its `{letter}`");
        return Err(Failure::usage(message).help("rename the file or the folder; `techfile build` alone can make it"));
    }
    let escaped = path.replace('$', "$$").replace(' ', "\\ ").replace('#', "\\#");
    // Behind the letter of a drive both take it as it is.
    Ok(if cfg!(windows) { escaped } else { escaped.replace(':', "\\:") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_make_and_ninja_read_them() {
        assert_eq!(escaped("a b/c#1$'é'.yaml").expect("it can be read"), "a\\ b/c\\#1$$'é'.yaml");
        #[cfg(not(windows))]
        assert_eq!(escaped("a:b").expect("it can be read"), "a\\:b");
        for path in ["a|b", "a;b", "a*b", "a^b", "a`b", "a\\b", "a\nb", "a<b", "a:"] {
            let failure = escaped(path).expect_err(path);
            assert_eq!(failure.exit.code(), 2);
            assert!(failure.message.contains(path), "{}", failure.message);
        }
    }
}
