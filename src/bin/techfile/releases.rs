//! What the releases of a document say to whoever makes the next one.

use std::path::Path;

use techfile::answers::Limits;
use techfile::changes::{Earlier, Said};
use techfile::digest::Digest;
use techfile::record::ledger::{Ledger, Line};
use techfile::{Answers, Source};

use crate::disk::{Content, Root, Shelf, answers, documents, shown};
use crate::exit::Failure;

/// The release that a revision is compared with: the last one of another revision, as it lies on the shelf.
pub(crate) fn earlier(shelf: &Shelf, ledger: &Ledger, revision: &str) -> Result<Option<Earlier>, Failure> {
    let Some((line, ledger_head)) = ledger.before(revision) else { return Ok(None) };
    Ok(Some(Earlier::new(said(shelf, line)?, ledger_head)))
}

/// What a release says, which must be what the ledger vouches for.
pub(crate) fn said(shelf: &Shelf, line: &Line) -> Result<Said, Failure> {
    let (content, answers) = (file(shelf, line, "content.json")?, file(shelf, line, "answers.json")?);
    let said = Said::read(&answers, &content).map_err(|why| damaged(shelf, line, &why))?;
    if Digest::parse(&line.content_id) != Some(said.content_id()) || said.revision() != line.rev {
        return Err(damaged(shelf, line, "its answers are not those that were released"));
    }
    Ok(said)
}

/// The shelf that a path means: that of an answers file, or the folder itself.
pub(crate) fn shelf(path: &Path) -> Result<Shelf, Failure> {
    if let Some(shelf) = Shelf::at(path) {
        return Ok(shelf);
    }
    let shown = shown(path);
    let files = documents(path)?;
    let [file] = files.as_slice() else {
        return Err(Failure::usage(format!("`{shown}` holds several documents, each with a ledger of its own"))
            .help("name the answers file itself"));
    };
    let bytes = match answers(file, &Limits::HIGHEST)? {
        Content::Bytes(bytes) => bytes,
        Content::TooLarge(why) => return Err(Failure::refused(format!("`{shown}`: {why}"))),
    };
    // The number of the document is enough; the answers need not be without errors.
    let text = Source::from_bytes(&*shown, &bytes).map_err(|error| Failure::usage(format!("`{shown}`: {error}")))?;
    let parsed = Answers::parse_within(text, Limits::HIGHEST).ok();
    let id = parsed.as_ref().and_then(|answers| answers.root().at("/document/id")?.text());
    match id.filter(|id| is_label(id)) {
        Some(id) => Shelf::of(&Root::of(file)?, id),
        None => Err(Failure::usage(format!("`{shown}` names no document: `document.id` is missing or no number"))
            .help("name the answers file, or the folder `releases/<document.id>`")),
    }
}

/// Whether a text may be the name of a folder: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
fn is_label(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// A file that every document has beside its source.
fn file(shelf: &Shelf, line: &Line, name: &str) -> Result<Vec<u8>, Failure> {
    let stem = line.files.iter().find_map(|file| file.name.strip_suffix(".pdf"));
    let path = format!("{}.files/{name}", stem.unwrap_or("answers"));
    shelf.file(&line.rev, &path)?.ok_or_else(|| damaged(shelf, line, &format!("`{path}` is missing")))
}

fn damaged(shelf: &Shelf, line: &Line, why: &str) -> Failure {
    let folder = shown(&shelf.folder().join(&line.rev));
    Failure::verification(format!("the release `{folder}` does not hold: {why}"))
        .help("put the folder back from git or from where it was published; later revisions say what changed since it")
}
