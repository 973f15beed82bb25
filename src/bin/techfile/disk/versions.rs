//! Versions of a document that somebody names to compare them: where each lies, and the files behind its content id.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one reader")]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::subjects::bundle_stem;
use super::{documents, folder_of, io, optional, shown};
use crate::exit::Failure;

/// Bytes of one of the files behind a content id.
const PART: u64 = 64 << 20;

/// What a version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lies {
    /// An answers file.
    Answers(PathBuf),
    /// A PDF, which carries what it says.
    Pdf(PathBuf),
    /// The files that a build made: their folder and the name that they share.
    Bundle(PathBuf, String),
    /// A released revision of the document that an answers file or a folder of releases means.
    Revision(PathBuf, String),
}

/// The files behind a content id, as a build left them.
pub(crate) struct Parts {
    pub(crate) answers: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
}

/// What somebody means by a path: an answers file, a PDF, a file or the folder of a bundle, or `answers.yaml@3`.
pub(crate) fn version(path: &Path) -> Result<Lies, Failure> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let state = match fs::metadata(path) {
        Ok(state) => state,
        Err(error) => {
            let absent = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
            return match path.to_str().and_then(|text| text.rsplit_once('@')) {
                Some((of, revision)) if absent && !revision.is_empty() && !revision.contains(['/', '\\']) => {
                    Ok(Lies::Revision(PathBuf::from(if of.is_empty() { "." } else { of }), revision.to_owned()))
                }
                _ if absent => Err(Failure::usage(format!("there is no file or folder `{}`", shown(path))).help(
                    "give an answers file, a PDF, the folder of a build, or a released revision as `answers.yaml@3`",
                )),
                _ => Err(io("cannot read", path)(error)),
            };
        }
    };
    if state.is_dir() {
        return folder(path);
    }
    if name.len() > 4 && name.to_ascii_lowercase().ends_with(".pdf") {
        return Ok(Lies::Pdf(path.to_owned()));
    }
    Ok(match bundle_stem(name).filter(|stem| !stem.is_empty()) {
        Some(stem) => Lies::Bundle(folder_of(path), stem.to_owned()),
        None => Lies::Answers(path.to_owned()),
    })
}

/// A folder is the bundle in it, or else the one answers file in or below it.
fn folder(path: &Path) -> Result<Lies, Failure> {
    let mut stems = Vec::new();
    for entry in fs::read_dir(path).map_err(io("cannot read", path))? {
        let entry = entry.map_err(io("cannot read", path))?;
        let name = entry.file_name();
        stems.extend(name.to_str().and_then(|name| name.strip_suffix(".manifest.json")).map(str::to_owned));
    }
    stems.sort();
    match stems.as_slice() {
        [] => {}
        [stem] => return Ok(Lies::Bundle(path.to_owned(), stem.clone())),
        [first, ..] => {
            return Err(Failure::usage(format!("`{}` holds {} documents", shown(path), stems.len()))
                .help(format!("name one of them, such as `{first}.manifest.json` there")));
        }
    }
    match documents(path)?.as_slice() {
        [one] => Ok(Lies::Answers(one.clone())),
        several => {
            Err(Failure::usage(format!("`{}` holds {} answers files", shown(path), several.len()))
                .help("name one of them"))
        }
    }
}

/// The files of a bundle that say what it says.
pub(crate) fn parts(folder: &Path, stem: &str) -> Result<Parts, Failure> {
    let read = |name: String| {
        let path = folder.join(name);
        optional(&path, PART)?.ok_or_else(|| {
            Failure::usage(format!("there is no `{}`, which says what the document says", shown(&path)))
                .help("keep the files of a build beside each other, or name the answers file")
        })
    };
    Ok(Parts {
        answers: read(format!("{stem}.files/answers.json"))?,
        content: read(format!("{stem}.files/content.json"))?,
        manifest: read(format!("{stem}.manifest.json"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_one_version() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("out")).expect("folders");
        for name in ["answers.yaml", "a@b.yaml", "out/foo.manifest.json", "out/foo.md", "out/foo.pdf", ".pdf"] {
            fs::write(at(name), "x").expect("a file");
        }
        let means = |path: &str| version(&at(path)).map_err(|failure| failure.exit.code());
        let bundle = Ok(Lies::Bundle(at("out"), "foo".to_owned()));
        for path in ["out", "out/foo.md", "out/foo.manifest.json"] {
            assert_eq!(means(path), bundle, "{path}");
        }
        assert_eq!(means("out/foo.pdf"), Ok(Lies::Pdf(at("out/foo.pdf"))));
        assert_eq!(means("answers.yaml"), Ok(Lies::Answers(at("answers.yaml"))));
        assert_eq!(means(""), Ok(Lies::Answers(at("answers.yaml"))));
        assert_eq!(means("a@b.yaml"), Ok(Lies::Answers(at("a@b.yaml"))), "a file that is there is that file");
        assert_eq!(means("a@b.yaml@3"), Ok(Lies::Revision(at("a@b.yaml"), "3".to_owned())));
        for path in ["none.yaml", "answers.yaml@", "answers.yaml@../3"] {
            assert_eq!(means(path), Err(2), "{path}");
        }
        fs::write(at("out/bar.manifest.json"), "x").expect("a file");
        assert_eq!(means("out"), Err(2));
        assert_eq!(parts(&at("out"), "foo").map_err(|failure| failure.exit.code()).err(), Some(2));
    }
}
