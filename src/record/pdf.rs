//! A PDF read back: what it carries, what its metadata say, what stands on its pages.
//!
//! Comes in: the bytes of a PDF that anybody may have made. Goes out: attachments, metadata, the text of each page, and
//! where the first revision ends. The reader is strict: what readers of PDF would repair, each in its own way, is a fault
//! here, so that there is one reading of a file and no other. It unpacks and builds no more than its limits say.

mod beside;
mod file;
mod guard;
mod object;
mod place;
mod signature;
mod text;
mod xmp;

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use file::File;
use object::{Dict, Object};

/// Bytes of all attachments of any file, and for each of its bytes.
const ATTACHED: [u64; 2] = [64 << 20, 16];

/// How much of a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file.
    pub file: usize,
    /// Bytes that its streams unpack to, in all.
    pub unpacked: u64,
    /// Objects and words that are read, in all.
    pub objects: u64,
    /// Pages, and attachments.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 1 << 30, unpacked: 1 << 30, objects: 1 << 26, parts: 1 << 14 }
    }
}

/// Why a PDF is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is no PDF, or not one that has one reading.
    Broken(String),
    /// More than a limit.
    Limit(String),
    /// It is encrypted.
    Encrypted,
}

/// A file that a PDF carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The name that readers show.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What the metadata say in one of their two places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The title.
    pub title: Option<String>,
    /// The subject, in XMP the description.
    pub subject: Option<String>,
    /// The keywords.
    pub keywords: Option<String>,
    /// The authors, all in one text.
    pub authors: Option<String>,
    /// When it was made and last changed.
    pub dates: [Option<String>; 2],
}

/// A PDF that could be read.
pub struct Pdf<'b> {
    file: File<'b>,
    root: Dict,
    limits: Limits,
}

impl<'b> Pdf<'b> {
    /// Reads the table of a PDF.
    ///
    /// # Errors
    /// A file that is no PDF, that has more than one reading, that is encrypted or larger than the limits.
    pub fn read(bytes: &'b [u8], limits: Limits) -> Result<Self, Fault> {
        let mut file = File::open(bytes, &limits)?;
        let trailer = file.trailer.clone();
        let root = file.dict(&trailer, b"Root")?;
        if root.get(&b"Type"[..]).and_then(Object::name) != Some(b"Catalog") {
            return Err(Fault::Broken("it has no catalogue".into()));
        }
        Ok(Self { file, root, limits })
    }

    /// How often the file was written: signatures and editors add revisions behind the first one.
    #[must_use]
    pub fn revisions(&self) -> usize {
        self.file.revisions
    }

    /// One past the last byte of the first revision. More bytes were written by somebody else.
    #[must_use]
    pub fn first_end(&self) -> usize {
        self.file.end
    }

    /// The files that the PDF carries, in the order of its list. One that two readers would show under two names, or with
    /// two contents, is a fault.
    ///
    /// # Errors
    /// A list or a file that cannot be read, or that is larger than the limits.
    pub fn attachments(&mut self) -> Result<Vec<Attachment>, Fault> {
        let most = ATTACHED[0] + ATTACHED[1] * self.file.bytes.len() as u64;
        let others = self.file.budget.bytes.saturating_sub(most);
        self.file.budget.bytes -= others;
        let attachments = self.listed();
        self.file.budget.bytes += others;
        attachments
    }

    fn listed(&mut self) -> Result<Vec<Attachment>, Fault> {
        let mut attachments = Vec::new();
        for (_, specification) in self.specifications()? {
            let Object::Dict(specification) = self.file.resolved(specification)? else {
                return Err(Fault::Broken("an attachment says nothing of itself".into()));
            };
            let files = self.file.dict(&specification, b"EF")?;
            let mut streams = BTreeSet::new();
            let mut called = BTreeSet::new();
            for key in [&b"F"[..], b"UF"] {
                if let Some(Object::Ref(number)) = files.get(key) {
                    streams.insert(*number);
                }
                if let Object::Text(name) = self.file.entry(&specification, key)? {
                    called.insert(decoded(&name));
                }
            }
            let (Some(number), Some(name)) = (streams.pop_first(), called.pop_first()) else {
                return Err(Fault::Broken("an attachment has no name or no bytes".into()));
            };
            if !streams.is_empty() || !called.is_empty() {
                return Err(Fault::Broken(format!("the attachment `{name}` has two names or two contents")));
            }
            let (_, bytes) = self.file.stream(number)?;
            attachments.push(Attachment { name, bytes });
        }
        Ok(attachments)
    }

    /// What the list of attachments names.
    fn specifications(&mut self) -> Result<Vec<(Vec<u8>, Object)>, Fault> {
        let names = self.file.dict(&self.root.clone(), b"Names")?;
        let tree = self.file.dict(&names, b"EmbeddedFiles")?;
        self.leaves(tree)
    }

    /// The one attachment of this name.
    ///
    /// # Errors
    /// No such attachment, two of them, or one that cannot be read.
    pub fn attachment(&mut self, name: &str) -> Result<Vec<u8>, Fault> {
        let mut found = self.attachments()?.into_iter().filter(|attachment| attachment.name == name);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.bytes),
            (None, _) => Err(Fault::Broken(format!("it carries no `{name}`"))),
            _ => Err(Fault::Broken(format!("it carries more than one `{name}`"))),
        }
    }

    /// Keys and values of a tree of names.
    fn leaves(&mut self, tree: Dict) -> Result<Vec<(Vec<u8>, Object)>, Fault> {
        let mut found = Vec::new();
        let mut waiting = vec![tree];
        let mut seen = BTreeSet::new();
        while let Some(node) = waiting.pop() {
            if let Object::Array(kids) = self.file.entry(&node, b"Kids")? {
                for kid in kids.into_iter().rev() {
                    waiting.push(self.kid(kid, &mut seen)?);
                }
            }
            if let Object::Array(names) = self.file.entry(&node, b"Names")? {
                for pair in names.chunks(2) {
                    let [Object::Text(key), value] = pair else {
                        return Err(Fault::Broken("its list of attachments has another form".into()));
                    };
                    found.push((key.clone(), value.clone()));
                }
            }
            self.few(found.len().max(waiting.len()))?;
        }
        Ok(found)
    }

    /// A child in a tree, which must have one parent only.
    fn kid(&mut self, kid: Object, seen: &mut BTreeSet<u32>) -> Result<Dict, Fault> {
        let Object::Ref(number) = kid else { return Err(Fault::Broken("a tree in it has another form".into())) };
        if !seen.insert(number) {
            return Err(Fault::Broken("a tree in it grows into itself".into()));
        }
        match self.file.resolved(kid)? {
            Object::Dict(dict) => Ok(dict),
            _ => Err(Fault::Broken("a tree in it has another form".into())),
        }
    }

    fn few(&self, parts: usize) -> Result<(), Fault> {
        let most = self.limits.parts;
        if parts > most { Err(Fault::Limit(format!("it has more than {most} pages or attachments"))) } else { Ok(()) }
    }

    /// The metadata of old, a dictionary.
    ///
    /// # Errors
    /// A dictionary that cannot be read.
    pub fn information(&mut self) -> Result<Metadata, Fault> {
        let trailer = self.file.trailer.clone();
        let dict = self.file.dict(&trailer, b"Info")?;
        let mut text =
            |key: &[u8]| -> Result<Option<String>, Fault> { Ok(self.file.entry(&dict, key)?.text().map(decoded)) };
        Ok(Metadata {
            title: text(b"Title")?,
            subject: text(b"Subject")?,
            keywords: text(b"Keywords")?,
            authors: text(b"Author")?,
            dates: [text(b"CreationDate")?, text(b"ModDate")?],
        })
    }

    /// The metadata as XMP.
    ///
    /// # Errors
    /// Metadata that are missing, too large or no XML.
    pub fn xmp(&mut self) -> Result<Metadata, Fault> {
        let Some(Object::Ref(number)) = self.root.get(&b"Metadata"[..]).cloned() else {
            return Err(Fault::Broken("it has no XMP metadata".into()));
        };
        let (_, bytes) = self.file.stream(number)?;
        xmp::read(&bytes).ok_or_else(|| Fault::Broken("its XMP metadata cannot be read".into()))
    }

    /// What each page says, as it is drawn.
    ///
    /// # Errors
    /// A page that cannot be read.
    pub fn pages(&mut self) -> Result<Vec<String>, Fault> {
        let tree = self.file.dict(&self.root.clone(), b"Pages")?;
        let mut texts = text::Texts::new();
        let mut pages = Vec::new();
        let mut waiting = vec![(tree, Rc::new(Dict::new()))];
        let mut seen = BTreeSet::new();
        while let Some((node, inherited)) = waiting.pop() {
            let own = self.file.dict(&node, b"Resources")?;
            let resources = if own.is_empty() { inherited } else { Rc::new(own) };
            if let Object::Array(kids) = self.file.entry(&node, b"Kids")? {
                for kid in kids.into_iter().rev() {
                    waiting.push((self.kid(kid, &mut seen)?, Rc::clone(&resources)));
                }
            } else {
                pages.push(texts.page(&mut self.file, &node, &resources)?);
            }
            self.few(pages.len().max(waiting.len()))?;
        }
        Ok(pages)
    }
}

/// A text in one of the three encodings of PDF.
fn decoded(text: &[u8]) -> String {
    if let Some(wide) = text.strip_prefix(b"\xfe\xff") {
        let units: Vec<u16> =
            wide.chunks(2).map(|pair| u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
        return String::from_utf16_lossy(&units);
    }
    match text.strip_prefix(b"\xef\xbb\xbf") {
        Some(utf8) => String::from_utf8_lossy(utf8).into_owned(),
        None => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(why) | Self::Limit(why) => f.write_str(why),
            Self::Encrypted => f.write_str("it is encrypted, which no document of ours is"),
        }
    }
}

impl std::error::Error for Fault {}
