//! A stamped document onto pages.
//!
//! Comes in: [`StampedDocument`]. Goes out: Typst source that the stock compiler takes, and the PDF. Every answer is data
//! in a string literal; none is ever markup.

mod chart;
mod data;
mod literal;
mod markup;
mod pack;
mod table;
mod world;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use typst::foundations::Bytes;

use crate::stamp::{StampedDocument, Theme, is_source};

/// A document on pages.
#[derive(Debug, Clone)]
pub struct TypesetDocument {
    pub(crate) stamped: StampedDocument,
    /// Typst source; reads what lies in `files` beside it.
    pub(crate) typ: String,
    /// What lies in `<name>.files/`: theme, `document.json`, stamp, pictures, attachments.
    pub(crate) files: BTreeMap<String, Arc<[u8]>>,
    pub(crate) pdf: Vec<u8>,
}

/// Why no page came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypesetError {
    /// Sentences of the compiler, with the place in the Typst source.
    pub messages: Vec<String>,
}

impl TypesetDocument {
    /// The PDF.
    #[must_use]
    pub fn pdf(&self) -> &[u8] {
        &self.pdf
    }

    /// The Typst source.
    #[must_use]
    pub fn typ(&self) -> &str {
        &self.typ
    }
}

impl fmt::Display for TypesetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pages could not be set: {}", self.messages.join("; "))
    }
}

impl std::error::Error for TypesetError {}

/// Sets the pages.
///
/// # Errors
/// What the compiler or the PDF standards refuse, a wrapper that is no template, or evidence under a name of ours.
pub fn typeset(stamped: StampedDocument) -> Result<TypesetDocument, TypesetError> {
    set(stamped, Memory::None)
}

/// Sets the pages, the same ones, and keeps in memory what the next call may need: for somebody who sets one document
/// again and again while it is being written. Memory grows with what was set last, and stays; between two calls [`tidy`]
/// drops what is too old.
///
/// # Errors
/// As [`typeset`].
pub fn typeset_warm(stamped: StampedDocument) -> Result<TypesetDocument, TypesetError> {
    set(stamped, Memory::Last)
}

/// Reads the fonts of a theme and makes ready what does not depend on a document: for a second thread, while the document
/// is still being checked. Nothing depends on it.
pub fn equip(theme: &Theme) {
    world::equip(theme);
}

/// Drops what the last calls of [`typeset_warm`] have not needed: for the time in which nobody waits.
pub fn tidy() {
    world::evict(Memory::Last);
}

/// What is kept between documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    None,
    /// What the last few calls computed.
    Last,
}

fn set(stamped: StampedDocument, memory: Memory) -> Result<TypesetDocument, TypesetError> {
    let document = stamped.document();
    let base = data::base(document);
    let shown = |target: &str| {
        // The folder bears the name of the answers file, in percents where a link needs them; `check` lets no picture
        // through that is not in it.
        let (folder, name) = target.rsplit_once('/')?;
        let known = document.files.iter().any(|file| file.shown && file.name == name);
        (known && folder.strip_suffix(".files").is_some()).then(|| name.to_owned())
    };
    let code = markup::convert(&document.control_pages, &document.body, &shown, &document.words);
    if !code.faults.is_empty() {
        return Err(TypesetError { messages: code.faults });
    }
    if !code.missing.is_empty() {
        let sentence = |target: &String| format!("the picture `{target}` is none of the document's files");
        return Err(TypesetError { messages: code.missing.iter().map(sentence).collect() });
    }
    let files = files(&stamped)?;
    // The compiler reads the document under a name that is the same for all documents, see `world::id`.
    let main = wrapper(&stamped, FIXED, &code)?;
    let typ = wrapper(&stamped, base, &code)?;
    let mut sources = vec![(format!("{FIXED}.typ"), main)];
    for (name, bytes) in stamped.theme.style.iter().filter(|(name, _)| is_source(name)) {
        sources.push((format!("{FIXED}.files/{name}"), String::from_utf8_lossy(bytes).into_owned()));
    }
    let bytes =
        files.iter().map(|(name, bytes)| (format!("{FIXED}.files/{name}"), Bytes::new(Arc::clone(bytes)))).collect();
    let world = world::Closed::new(sources, bytes, &stamped.theme, memory);
    let mut pdf = pack::pack(world.pdf(document.identity.content_id.to_string(), creator(), memory)?);
    // What signs the file writes behind its last byte: without a line end there, the signed file breaks PDF/A.
    pdf.push(b'\n');
    Ok(TypesetDocument { stamped, typ, files, pdf })
}

/// What every document is called while its pages are set.
const FIXED: &str = "document";

fn creator() -> String {
    format!("{} (Typst {})", crate::stamp::tool(), crate::stamp::TYPST)
}

fn files(stamped: &StampedDocument) -> Result<BTreeMap<String, Arc<[u8]>>, TypesetError> {
    let document = stamped.document();
    let mut files: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    for file in document.files.iter().filter(|file| file.shown || file.attached) {
        if data::OWN.iter().any(|own| own.eq_ignore_ascii_case(&file.name)) {
            let message = format!("the evidence file `{}` has the name of a file that every document has", file.name);
            return Err(TypesetError { messages: vec![message] });
        }
        files.insert(file.name.clone(), Arc::clone(&file.bytes));
    }
    let mut own = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes.into());
    own(data::ANSWERS, document.identity.answers_json.clone());
    own(data::CONTENT, document.identity.content_json.clone());
    own(data::MANIFEST, stamped.manifest_json().to_vec());
    own(data::SUMS, data::sums(stamped).into_bytes());
    own(data::DOCUMENT, data::document(stamped)?);
    own(data::STAMP, data::stamp(stamped)?);
    files.extend(stamped.theme.style.iter().map(|(name, bytes)| (name.clone(), Arc::clone(bytes))));
    Ok(files)
}

/// The Typst source: the one wrapper around the code of cover, control pages and body.
fn wrapper(stamped: &StampedDocument, base: &str, code: &markup::Code) -> Result<String, TypesetError> {
    const NAME: &str = "templates/document.typ.tera";
    let fault = |error: tera::Error| TypesetError { messages: vec![error.to_string()] };
    let mut tera = tera::Tera::default();
    tera.autoescape_on(Vec::<&str>::new());
    tera.add_raw_template(NAME, &stamped.theme.wrapper).map_err(fault)?;
    let mut context = tera::Context::new();
    context.insert("theme", &literal::string(&format!("{base}.files/{}", data::THEME)));
    context.insert("kind", &code.kind);
    context.insert("notes", &code.notes);
    context.insert("control", &code.control);
    context.insert("body", &code.body);
    tera.render(NAME, &context).map_err(fault)
}
