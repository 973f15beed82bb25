//! Files that answers name: what to read, and what was read.
//!
//! Comes in: answers and, from the program, the state of each wanted file. Goes out: answers that hold the bytes, each
//! read once, digested from the same bytes that are used. What failed travels on as a finding. What a path may look like
//! is judged here, where it leads to by whoever reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Answers, Node, join};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::digest::Digest;

/// A file that the program must read, and the answer that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Path as written, relative to the answers file, with `/`.
    pub path: String,
    /// Where it is named.
    pub place: Place,
}

/// What the program found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// A regular file inside the root, read once.
    Bytes(Arc<[u8]>),
    /// Nothing is there.
    Missing,
    /// A folder is there.
    Folder,
    /// The program may not read it: outside the root, a symbolic link. The sentence says which.
    Refused(String),
    /// It is over a limit. The sentence says over which.
    TooLarge(String),
}

/// States by the path as written.
pub type Files = BTreeMap<String, FileState>;

/// A file that the evidence register names and the program read.
#[derive(Debug, Clone)]
pub struct BoundFile {
    id: String,
    path: String,
    content: Option<(Arc<[u8]>, Digest)>,
}

impl BoundFile {
    /// Id in the register.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Path as written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes that were hashed; none if the file could not be had.
    #[must_use]
    pub fn bytes(&self) -> Option<Arc<[u8]>> {
        self.content.as_ref().map(|(bytes, _)| bytes.clone())
    }

    /// Digest of the bytes.
    #[must_use]
    pub fn sha256(&self) -> Option<Digest> {
        self.content.as_ref().map(|(_, digest)| *digest)
    }

    /// IANA media type by the file's extension; `application/octet-stream` for unknown ones.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        let extension = self.path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref().unwrap_or("") {
            "csv" => "text/csv",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "htm" | "html" => "text/html",
            "jpeg" | "jpg" => "image/jpeg",
            "json" => "application/json",
            "md" => "text/markdown",
            "pdf" => "application/pdf",
            "png" => "image/png",
            "svg" => "image/svg+xml",
            "txt" | "log" => "text/plain",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xml" => "application/xml",
            "yaml" | "yml" => "application/yaml",
            "zip" => "application/zip",
            _ => "application/octet-stream",
        }
    }
}

impl Answers {
    /// The files that the evidence register names, each path once: the program reads them for [`bind`]. Paths that may
    /// not be opened at all are left out; `bind` reports them.
    #[must_use]
    pub fn wants(&self) -> Vec<Wanted> {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for (pointer, item) in self.register() {
            let Some(entry) = item.get("file") else { continue };
            let Some(path) = entry.node().text() else { continue };
            if judge(path).is_ok() && seen.insert(path) {
                wanted.push(Wanted { path: path.to_owned(), place: entry.node().place(join(&pointer, "file")) });
            }
        }
        wanted
    }

    /// The answers file that this one says it translates: the program reads it for `translation`. A path that may not be
    /// opened at all is left out; `bind` reports it.
    #[must_use]
    pub fn original(&self) -> Option<Wanted> {
        let node = self.root.at(ORIGINAL)?;
        let path = node.text().filter(|path| judge(path).is_ok())?;
        Some(Wanted { path: path.to_owned(), place: node.place(ORIGINAL) })
    }

    /// Items of the evidence register with their pointers.
    fn register(&self) -> impl Iterator<Item = (String, &Node)> {
        let items = self.root.get("evidence").map_or(&[][..], |entry| entry.node().items());
        items.iter().enumerate().map(|(index, item)| (format!("/evidence/{index}"), item))
    }
}

/// Where answers name the file that they translate.
const ORIGINAL: &str = "/translation_of/file";

/// Puts files into the answers that name them.
#[must_use]
pub fn bind(mut answers: Answers, files: &Files) -> Answers {
    let mut findings = Vec::new();
    let mut bound = Vec::new();
    // Many items may name one file, which is read and digested once.
    let mut digests: BTreeMap<&str, Digest> = BTreeMap::new();
    for (pointer, item) in answers.register() {
        let Some(node) = item.get("file").map(super::Entry::node) else { continue };
        let Some(path) = node.text() else { continue };
        let place = node.place(join(&pointer, "file"));
        let content = match judge(path) {
            Err(unfit) => {
                findings.push(unfit.told(path, place, "evidence/report.pdf"));
                None
            }
            Ok(()) => match content(path, files.get(path).unwrap_or(&FileState::Missing), place) {
                Ok(bytes) => {
                    let digest = *digests.entry(path).or_insert_with(|| Digest::of(&bytes));
                    findings.extend(pinned(&pointer, item, path, &bytes, digest));
                    Some((bytes, digest))
                }
                Err(finding) => {
                    findings.push(finding);
                    None
                }
            },
        };
        let id = item.get("id").and_then(|entry| entry.node().text()).unwrap_or_default();
        bound.push(BoundFile { id: id.to_owned(), path: path.to_owned(), content });
    }
    if let Some(node) = answers.root.at(ORIGINAL)
        && let Some(path) = node.text()
        && let Err(unfit) = judge(path)
    {
        findings.push(unfit.told(path, node.place(ORIGINAL), "answers.yaml"));
    }
    answers.findings.extend(findings);
    answers.files = bound;
    answers
}

#[expect(clippy::result_large_err, reason = "the finding is made once a file, and given on as it is")]
fn content(path: &str, state: &FileState, place: Place) -> Result<Arc<[u8]>, Diagnostic> {
    let finding = match state {
        FileState::Bytes(bytes) => return Ok(bytes.clone()),
        FileState::Missing => Diagnostic::error(Code::EvidenceMissing, place, format!("there is no file `{path}`"))
            .help("put the file there, or mend the path; it counts from the folder of the answers file"),
        FileState::Folder => {
            Diagnostic::error(Code::EvidenceMissing, place, format!("`{path}` is a folder, not a file"))
                .help("name one file; pack several into one, or register each under an id of its own")
        }
        FileState::Refused(why) => Diagnostic::error(Code::UnsafePath, place, format!("`{path}` is refused: {why}"))
            .help("copy the file into the folder of the answers file and name it from there"),
        FileState::TooLarge(why) => Diagnostic::error(Code::Limit, place, format!("`{path}` is too large: {why}")),
    };
    Err(finding)
}

/// A digest that the register gives must be that of the file.
fn pinned(pointer: &str, item: &Node, path: &str, bytes: &[u8], found: Digest) -> Option<Diagnostic> {
    let node = item.get("sha256")?.node();
    let given = Digest::parse(node.text()?)?;
    (given != found).then(|| {
        let help = if given.fits_with_line_feeds(bytes) {
            format!(
                "only its line ends differ, CR LF in place of LF: git or an editor changed them; put the file back, and \
                 `-text` for its folder into `.gitattributes` (the file's SHA-256 is now {found})"
            )
        } else {
            format!("the file's SHA-256 is now {found}; see what changed, then write the new digest here")
        };
        Diagnostic::error(
            Code::EvidenceChanged,
            node.place(join(pointer, "sha256")),
            format!("the file `{path}` is not the one that was registered"),
        )
        .label("digest of another file")
        .help(help)
    })
}

/// The path from the root of what the file at `file` names by `path`, both with `/`; `None` where it leads out.
#[must_use]
pub fn named_by(file: &str, path: &str) -> Option<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop()?;
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Why a path is never opened.
pub(super) struct Unfit {
    pub(super) code: Code,
    pub(super) why: &'static str,
}

impl Unfit {
    fn told(self, path: &str, place: Place, such_as: &str) -> Diagnostic {
        let help = format!("give a path from the folder of the answers file, with `/`, such as `{such_as}`");
        Diagnostic::error(self.code, place, format!("the path {path:?} is refused: {}", self.why)).help(help)
    }
}

/// Judges a path by its characters: relative, with `/`, without detours. Only leading `..` may stay, for a project's
/// shared folder; whether they lead out of the root is seen on the disk.
pub(super) fn judge(path: &str) -> Result<(), Unfit> {
    let bytes = path.as_bytes();
    let drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    let scheme = path.split_once(':').is_some_and(|(head, _)| head.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let encoded = path.to_ascii_lowercase();
    let mut inside = false;
    let detour = path.split('/').any(|part| {
        let back = part == "..";
        let bad = part.is_empty() || part == "." || (back && inside);
        inside |= !back;
        bad
    });
    let (code, why) = if path.chars().any(char::is_control) {
        (Code::WrongValue, "it holds a line break or a control character")
    } else if path.is_empty() {
        (Code::UnsafePath, "it is empty")
    } else if path.contains('\\') {
        (Code::UnsafePath, "write `/` between folders, never `\\`")
    } else if drive || path.starts_with('/') || path.starts_with('~') {
        (Code::UnsafePath, "it is absolute")
    } else if scheme {
        (Code::UnsafePath, "it is an address, not a file")
    } else if ["%2e", "%2f", "%5c", "%00"].iter().any(|code| encoded.contains(code)) {
        (Code::UnsafePath, "it hides characters behind `%`")
    } else if detour {
        (Code::UnsafePath, "it takes a detour (`.`, `//`, `a/..` or a `/` at the end)")
    } else if !inside {
        (Code::UnsafePath, "it names a folder")
    } else {
        return Ok(());
    };
    Err(Unfit { code, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    fn with(register: &str, files: &[(&str, FileState)]) -> Answers {
        let answers = Answers::parse(Source::new("a.yaml", format!("evidence:\n{register}"))).expect("it is YAML");
        bind(answers, &files.iter().map(|(path, state)| ((*path).to_owned(), state.clone())).collect())
    }

    #[test]
    fn a_named_file_is_found_from_the_file_that_names_it() {
        assert_eq!(named_by("docs/a/answers.yaml", "e/x.pdf").as_deref(), Some("docs/a/e/x.pdf"));
        assert_eq!(named_by("docs/a/answers.yaml", "../../shared/x.pdf").as_deref(), Some("shared/x.pdf"));
        assert_eq!(named_by("answers.yaml", "./x.pdf").as_deref(), Some("x.pdf"));
        assert_eq!(named_by("answers.yaml", "../x.pdf"), None);
    }

    #[test]
    fn a_file_is_digested_from_the_bytes_that_are_used() {
        let state = FileState::Bytes(Arc::from(*b"abc"));
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let bound = with(&format!("- {{id: E-1, file: a/b.PNG, sha256: {sha256}}}\n"), &[("a/b.PNG", state.clone())]);
        assert!(bound.findings().is_empty());
        let file = &bound.files()[0];
        assert_eq!((file.id(), file.media_type()), ("E-1", "image/png"));
        assert_eq!(file.bytes().as_deref(), Some(&b"abc"[..]));
        assert_eq!(file.sha256().map(|digest| digest.to_string()).as_deref(), Some(sha256));
        let changed = with(&format!("- {{id: E-1, file: f, sha256: {}}}\n", "0".repeat(64)), &[("f", state)]);
        assert_eq!(changed.findings()[0].code, Code::EvidenceChanged);
        assert!(changed.findings()[0].help.as_deref().is_some_and(|help| help.contains(sha256)));
        let lines = Digest::of(b"a\nb\n");
        let windows = FileState::Bytes(Arc::from(*b"a\r\nb\r\n"));
        let changed = with(&format!("- {{id: E-1, file: f, sha256: {lines}}}\n"), &[("f", windows)]);
        assert!(changed.findings()[0].help.as_deref().is_some_and(|help| help.contains("CR LF in place of LF")));
    }

    #[test]
    fn what_cannot_be_had_is_a_finding_at_the_path() {
        for (state, code) in [
            (FileState::Missing, Code::EvidenceMissing),
            (FileState::Folder, Code::EvidenceMissing),
            (FileState::Refused("it is a symbolic link".into()), Code::UnsafePath),
            (FileState::TooLarge("5 GiB".into()), Code::Limit),
        ] {
            let bound = with("- {id: E-1, file: f}\n", &[("f", state)]);
            assert_eq!(bound.findings()[0].code, code);
            assert_eq!(bound.findings()[0].place.pointer, "/evidence/0/file");
            assert!(bound.files()[0].bytes().is_none());
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_never_asked_for() {
        for path in [
            "/etc/passwd",
            "C:\\\\x",
            "C:/x",
            "\\\\\\\\srv\\\\share",
            "~/.ssh/id",
            "file:///x",
            "%2e%2e/x",
            "..%5cx",
            "a/./../../x",
            "a/../x",
            "a//b",
            "a/",
            "",
            ".",
            "..",
            "../",
            "https://x.eu/y",
        ] {
            let bound = with(&format!("- {{id: E-1, file: \"{path}\"}}\n"), &[]);
            assert_eq!(bound.wants(), [], "{path}");
            assert_eq!(bound.findings()[0].code, Code::UnsafePath, "{path}");
        }
        for path in ["a\\u0000b", "a\\nb"] {
            assert_eq!(with(&format!("- {{file: \"{path}\"}}\n"), &[]).findings()[0].code, Code::WrongValue);
        }
        for path in ["a.txt", "a/b c.md", "../shared/é.csv", "..a/b", "a:b.txt "] {
            let wants = with(&format!("- {{file: \"{path}\"}}\n"), &[]).wants();
            assert_eq!(wants.len(), usize::from(!path.contains(':')), "{path}");
        }
    }
}
