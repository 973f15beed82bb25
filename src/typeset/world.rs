//! The closed world that the compiler sees.
//!
//! Comes in: Typst source, files and fonts, all in memory. Goes out: a PDF. No disk, no clock, no packages, no system
//! fonts: what is not in the map does not exist.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::{Memory, TypesetError};
use crate::digest::Digest;
use crate::stamp::{PDF_STANDARDS, Theme};

/// Fonts that were parsed, and the standard library.
struct Equipment {
    fonts: Vec<Digest>,
    faces: Vec<Font>,
    book: LazyHash<FontBook>,
    library: LazyHash<Library>,
}

/// The equipment of the last document: the next one nearly always has the same theme.
static LAST: Mutex<Option<Arc<Equipment>>> = Mutex::new(None);

/// What can be read while pages are set.
pub(super) struct Closed {
    main: FileId,
    sources: BTreeMap<String, Source>,
    files: BTreeMap<String, Bytes>,
    equipment: Arc<Equipment>,
}

impl Closed {
    /// A world with one document in it; the first of `sources` is the main one.
    pub(super) fn new(
        sources: Vec<(String, String)>,
        files: BTreeMap<String, Bytes>,
        theme: &Theme,
        memory: Memory,
    ) -> Self {
        let sources: Vec<(String, Source)> = match memory {
            Memory::None => {
                sources.into_iter().map(|(path, text)| (path.clone(), Source::new(id(&path), text))).collect()
            }
            Memory::Last => edited(sources),
        };
        Self {
            main: sources.first().map_or_else(|| id("main.typ"), |(_, source)| source.id()),
            sources: sources.into_iter().collect(),
            files,
            equipment: equipment(theme),
        }
    }

    /// Sets the pages and writes them as PDF/A-3a and PDF/UA-1 in one export.
    pub(super) fn pdf(&self, ident: String, creator: String, memory: Memory) -> Result<Vec<u8>, TypesetError> {
        // What the last document leaves goes with the process.
        if memory == Memory::None {
            evict(memory);
        }
        let fault = |errors: &[SourceDiagnostic]| TypesetError {
            messages: errors.iter().map(|error| self.sentence(error)).collect(),
        };
        let document: PagedDocument = typst::compile(self).output.map_err(|errors| fault(&errors))?;
        let options = PdfOptions {
            ident: Smart::Custom(ident),
            creator: Smart::Custom(Some(creator)),
            standards: standards()?,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| fault(&errors))
    }

    /// What the compiler says, where, and the text that stands there.
    fn sentence(&self, error: &SourceDiagnostic) -> String {
        let mut sentence = error.message.to_string();
        let spanned = error.span.id().zip(self.range(error.span));
        let place = spanned.or_else(|| Some((self.main, self.quoted(&error.message)?)));
        if let Some((id, range)) = place
            && let name = id.vpath().get_without_slash()
            && let Some(source) = self.sources.get(name)
            && let Some((line, column)) = source.lines().byte_to_line_column(range.start)
        {
            let there: String = source.text()[range].chars().take(80).collect();
            sentence = format!("{sentence} ({name}:{}:{}: {there})", line + 1, column + 1);
        }
        for hint in &error.hints {
            sentence.push_str("; ");
            sentence.push_str(&hint.v);
        }
        sentence
    }

    /// Where the literal stands that holds what a message without a place quotes: the text `"…"`.
    fn quoted(&self, message: &str) -> Option<Range<usize>> {
        let quoted = message.split_once("`\"")?.1.split_once("\"`")?.0;
        let text = self.sources.get(self.main.vpath().get_without_slash())?.text();
        let at = text.find(quoted)?;
        let start = text[..at].rfind('"')?;
        let end = at + text[at..].find('"')?;
        Some(start..end + 1)
    }
}

/// Drops memoised results. They are of no use to the next document: without this, memory grows by a document each time. A
/// document that is set again and again is nearly the last one.
pub(super) fn evict(memory: Memory) {
    comemo::evict(match memory {
        Memory::None => 0,
        Memory::Last => 3,
    });
}

impl World for Closed {
    fn library(&self) -> &LazyHash<Library> {
        &self.equipment.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.equipment.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.own(id).and_then(|path| self.sources.get(path).cloned()).ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.own(id).and_then(|path| self.files.get(path).cloned()).ok_or_else(|| missing(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.equipment.faces.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

impl Closed {
    /// The path of a file of the project: packages do not exist.
    #[expect(clippy::unused_self, reason = "reads as what the world owns")]
    fn own(&self, id: FileId) -> Option<&'static str> {
        let path = id.get();
        matches!(path.root(), VirtualRoot::Project).then(|| path.vpath().get_without_slash())
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

/// The compiler numbers paths for a whole process and has 65,535 numbers: paths here do not depend on the document.
fn id(path: &str) -> FileId {
    let path = VirtualPath::new(path).unwrap_or_else(|_| VirtualPath::new("main.typ").expect("a plain name is a path"));
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// Sources as edits of those of the last document: the parts that did not change keep their numbers, without which the
/// compiler would take every part for a new one.
fn edited(sources: Vec<(String, String)>) -> Vec<(String, Source)> {
    static LAST: Mutex<BTreeMap<String, Source>> = Mutex::new(BTreeMap::new());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let edit = |(path, text): (String, String)| {
        let source = match last.get(&path) {
            Some(source) => {
                let mut source = source.clone();
                source.replace(&text);
                source
            }
            None => Source::new(id(&path), text),
        };
        (path, source)
    };
    let sources: Vec<(String, Source)> = sources.into_iter().map(edit).collect();
    *last = sources.iter().cloned().collect();
    sources
}

fn standards() -> Result<PdfStandards, TypesetError> {
    let fault = |message: String| TypesetError { messages: vec![message] };
    let list: Vec<PdfStandard> = PDF_STANDARDS
        .iter()
        .map(|name| serde_json::from_value(serde_json::json!(name)).map_err(|error| fault(error.to_string())))
        .collect::<Result<_, _>>()?;
    PdfStandards::new(&list).map_err(|error| fault(error.message().to_string()))
}

/// Makes the equipment ready, with the hashes by which the compiler knows it.
pub(super) fn equip(theme: &Theme) {
    let Equipment { fonts: _, faces, book, library } = &*equipment(theme);
    typst::utils::hash128(&(faces, book, library));
    // Asking for their number starts the compiler's threads.
    rayon::current_num_threads();
}

fn equipment(theme: &Theme) -> Arc<Equipment> {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let fonts: Vec<Digest> =
        theme.inputs.iter().filter(|input| input.role == "font").map(|input| input.sha256).collect();
    if let Some(equipment) = last.as_ref().filter(|equipment| equipment.fonts == fonts) {
        return Arc::clone(equipment);
    }
    let faces: Vec<Font> =
        theme.fonts.iter().flat_map(|(_, bytes)| Font::iter(Bytes::new(Arc::clone(bytes)))).collect();
    let equipment = Arc::new(Equipment {
        fonts,
        book: LazyHash::new(FontBook::from_fonts(&faces)),
        faces,
        library: LazyHash::new(Library::default()),
    });
    *last = Some(Arc::clone(&equipment));
    equipment
}
