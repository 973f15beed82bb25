//! What the pages of a PDF say.
//!
//! Comes in: a file and its pages. Goes out: the characters of each page in the order in which they are drawn. Lines are
//! kept apart, words as far as the file holds spaces: enough to find an identifier, not to set the page again. What a page
//! claims beside its glyphs (`ActualText`) is not read: what counts is what is drawn.

use std::collections::BTreeMap;
use std::rc::Rc;

use hayro_cmap::{BfString, CMap};
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{MaybeRef, Object as Read};

use super::Fault;
use super::file::{File, Found};
use super::guard::operators;
use super::object::{Dict, Object, calmly};
use super::place::broken;

/// Forms in forms.
const DEPTH: usize = 12;
/// Bytes that say how the codes of all fonts read. What is built of them is some thirty times as large.
const MAPS: usize = 8 << 20;

/// Bytes of text on all pages: some ten thousand pages full of words.
const TEXT: usize = 64 << 20;

/// How the codes of a font read.
struct Font {
    /// Bytes of a code.
    width: usize,
    /// Characters by code; without them, a code of one byte is its own character.
    codes: Option<CMap>,
}

/// What a content does that matters here.
enum Step {
    Font(Vec<u8>),
    Show(Vec<u8>),
    Line,
    Form(Vec<u8>),
}

pub(super) struct Texts {
    fonts: BTreeMap<u32, Rc<Font>>,
    /// Bytes that may still say how codes read.
    maps: usize,
    /// Bytes of text that may still be shown.
    left: usize,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { fonts: BTreeMap::new(), maps: MAPS, left: TEXT }
    }

    /// The text of one page.
    pub(super) fn page(&mut self, file: &mut File<'_>, page: &Dict, resources: &Dict) -> Result<String, Fault> {
        let mut content = Vec::new();
        match page.get(&b"Contents"[..]).cloned() {
            Some(Object::Ref(number)) => match file.found(number)? {
                Found::Stream(..) => content = file.stream(number)?.1,
                Found::Plain(Object::Array(parts)) => joined(file, parts, &mut content)?,
                Found::Plain(_) => {}
            },
            Some(Object::Array(parts)) => joined(file, parts, &mut content)?,
            _ => {}
        }
        let mut text = String::new();
        self.run(file, &content, resources, &mut text, DEPTH)?;
        Ok(text)
    }

    fn run(
        &mut self,
        file: &mut File<'_>,
        content: &[u8],
        resources: &Dict,
        text: &mut String,
        depth: usize,
    ) -> Result<(), Fault> {
        let fonts = file.dict(resources, b"Font")?;
        let forms = file.dict(resources, b"XObject")?;
        let mut font: Option<Rc<Font>> = None;
        let count = operators(content, &mut file.budget)?;
        steps(content, count, |step| {
            match step {
                Step::Font(name) => font = self.font(file, fonts.get(&name))?,
                Step::Show(codes) => show(font.as_deref(), &codes, text, &mut self.left)?,
                Step::Line if !text.ends_with('\n') => text.push('\n'),
                Step::Line => {}
                Step::Form(name) => {
                    if let Some(Object::Ref(number)) = forms.get(&name) {
                        self.form(file, *number, resources, text, depth)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn form(
        &mut self,
        file: &mut File<'_>,
        number: u32,
        outer: &Dict,
        text: &mut String,
        depth: usize,
    ) -> Result<(), Fault> {
        let Found::Stream(dict, _) = file.found(number)? else { return Ok(()) };
        if dict.get(&b"Subtype"[..]).and_then(Object::name) != Some(b"Form") {
            return Ok(());
        }
        let depth = depth.checked_sub(1).ok_or_else(|| Fault::Limit("its pages are nested too deep".into()))?;
        let resources = file.dict(&dict, b"Resources")?;
        let (_, content) = file.stream(number)?;
        self.run(file, &content, if resources.is_empty() { outer } else { &resources }, text, depth)
    }

    fn font(&mut self, file: &mut File<'_>, named: Option<&Object>) -> Result<Option<Rc<Font>>, Fault> {
        let Some(Object::Ref(number)) = named else { return Ok(None) };
        if let Some(font) = self.fonts.get(number) {
            return Ok(Some(Rc::clone(font)));
        }
        let Object::Dict(dict) = file.resolved(Object::Ref(*number))? else { return Ok(None) };
        let wide = dict.get(&b"Subtype"[..]).and_then(Object::name) == Some(b"Type0");
        let codes = match dict.get(&b"ToUnicode"[..]) {
            Some(Object::Ref(map)) => {
                let (_, map) = file.stream(*map)?;
                let many = || Fault::Limit("its fonts name too many characters".into());
                self.maps = self.maps.checked_sub(map.len()).ok_or_else(many)?;
                let none = || broken("the characters of a font cannot be read");
                Some(calmly(|| CMap::parse(&map, |_| None).ok_or_else(none))?)
            }
            _ => None,
        };
        let font = Rc::new(Font { width: if wide { 2 } else { 1 }, codes });
        self.fonts.insert(*number, Rc::clone(&font));
        Ok(Some(font))
    }
}

fn joined(file: &mut File<'_>, parts: Vec<Object>, content: &mut Vec<u8>) -> Result<(), Fault> {
    for part in parts {
        if let Object::Ref(number) = part {
            content.extend(file.stream(number)?.1);
            content.push(b'\n');
        }
    }
    Ok(())
}

/// The steps of a content, one at a time: all of them would be many times as large. The library stops where it cannot go
/// on, so what it read is counted.
fn steps(content: &[u8], count: u64, mut each: impl FnMut(Step) -> Result<(), Fault>) -> Result<(), Fault> {
    let read = calmly(|| {
        let mut read = 0;
        let mut instructions = UntypedIter::new(content);
        while let Some(instruction) = instructions.next() {
            read += 1;
            let operands: Vec<&Read<'_>> = match &**instruction.operator {
                b"Tf" | b"Tj" | b"'" | b"\"" | b"TJ" | b"Do" => instruction.operands().collect(),
                _ => Vec::new(),
            };
            match (&**instruction.operator, &operands[..]) {
                (b"Tf", [Read::Name(name), _]) => each(Step::Font(name.to_vec()))?,
                (b"Do", [Read::Name(name)]) => each(Step::Form(name.to_vec()))?,
                (b"Tj", [Read::String(codes)]) => each(Step::Show(codes.to_vec()))?,
                (b"'", [Read::String(codes)]) | (b"\"", [_, _, Read::String(codes)]) => {
                    each(Step::Line)?;
                    each(Step::Show(codes.to_vec()))?;
                }
                (b"TJ", [Read::Array(parts)]) => parts.raw_iter().filter_map(shown).try_for_each(&mut each)?,
                (b"BT" | b"T*" | b"Td" | b"TD" | b"Tm", _) => each(Step::Line)?,
                (b"Tf" | b"Do" | b"Tj" | b"'" | b"\"" | b"TJ", _) => return Err(unclear()),
                _ => {}
            }
        }
        Ok(read)
    })?;
    if read == count { Ok(()) } else { Err(unclear()) }
}

fn unclear() -> Fault {
    broken("the text of a page has another form")
}

fn shown(part: MaybeRef<Read<'_>>) -> Option<Step> {
    match part {
        MaybeRef::NotRef(Read::String(codes)) => Some(Step::Show(codes.to_vec())),
        _ => None,
    }
}

fn show(font: Option<&Font>, codes: &[u8], text: &mut String, left: &mut usize) -> Result<(), Fault> {
    let Some(font) = font else { return Ok(()) };
    for code in codes.chunks(font.width) {
        let number = code.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let before = text.len();
        match &font.codes {
            Some(known) => match known.lookup_bf_string(number) {
                Some(BfString::Char(character)) => text.push(character),
                Some(BfString::String(characters)) => text.push_str(&characters),
                None => text.push('\u{fffd}'),
            },
            None if font.width == 1 => text.push(char::from(code[0])),
            None => text.push('\u{fffd}'),
        }
        let rest = left.checked_sub(text.len() - before);
        *left = rest.ok_or_else(|| Fault::Limit("its pages say more than is read (64 MiB)".into()))?;
    }
    Ok(())
}
