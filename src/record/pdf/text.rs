//! What the pages of a PDF say.
//!
//! Comes in: a file and its pages. Goes out: the characters of each page in the order in which they are drawn. Lines are
//! kept apart, words as far as the file holds spaces: enough to find an identifier, not to set the page again. What a page
//! claims beside its glyphs (`ActualText`) is not read: what counts is what is drawn.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Fault;
use super::file::File;
use super::syntax::{Dict, Lexer, Object};

/// Forms in forms.
const DEPTH: usize = 12;
/// Characters that one font names.
const CODES: usize = 1 << 18;

/// How the codes of a font read.
struct Font {
    /// Bytes of a code.
    width: usize,
    /// Characters by code; without them, a code of one byte is its own character.
    codes: Option<BTreeMap<u32, String>>,
}

pub(super) struct Texts {
    fonts: BTreeMap<u32, Rc<Font>>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { fonts: BTreeMap::new() }
    }

    /// The text of one page.
    pub(super) fn page(&mut self, file: &mut File<'_>, page: &Dict, resources: &Dict) -> Result<String, Fault> {
        let mut content = Vec::new();
        match page.get(&b"Contents"[..]).cloned() {
            Some(Object::Ref(number)) => match file.found(number)? {
                super::file::Found::Stream(..) => content = file.stream(number)?.1,
                super::file::Found::Plain(Object::Array(parts)) => joined(file, parts, &mut content)?,
                super::file::Found::Plain(_) => {}
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
        let mut lexer = Lexer::new(content, 0);
        lexer.refs = false;
        let mut font: Option<Rc<Font>> = None;
        let mut operands: Vec<Object> = Vec::new();
        while let Some(object) = lexer.next(&mut file.budget)? {
            let Object::Word(word) = object else {
                operands.push(object);
                continue;
            };
            match (&word[..], &operands[..]) {
                (b"Tf", [Object::Name(name), _]) => font = self.font(file, fonts.get(name))?,
                (b"Tj", [Object::Text(codes)]) => show(font.as_deref(), codes, text),
                (b"'", [Object::Text(codes)]) | (b"\"", [_, _, Object::Text(codes)]) => {
                    text.push('\n');
                    show(font.as_deref(), codes, text);
                }
                (b"TJ", [Object::Array(parts)]) => {
                    parts.iter().filter_map(Object::text).for_each(|codes| show(font.as_deref(), codes, text));
                }
                (b"BT" | b"T*" | b"Td" | b"TD" | b"Tm", _) if !text.ends_with('\n') => text.push('\n'),
                (b"Do", [Object::Name(name)]) => {
                    if let Some(Object::Ref(number)) = forms.get(name) {
                        self.form(file, *number, resources, text, depth)?;
                    }
                }
                (b"ID", _) => skip_picture(&mut lexer),
                _ => {}
            }
            operands.clear();
        }
        Ok(())
    }

    fn form(
        &mut self,
        file: &mut File<'_>,
        number: u32,
        outer: &Dict,
        text: &mut String,
        depth: usize,
    ) -> Result<(), Fault> {
        let super::file::Found::Stream(dict, _) = file.found(number)? else { return Ok(()) };
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
                Some(codes(file, &map)?)
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

fn show(font: Option<&Font>, codes: &[u8], text: &mut String) {
    let Some(font) = font else { return };
    for code in codes.chunks(font.width) {
        let number = code.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        match &font.codes {
            Some(known) => text.push_str(known.get(&number).map_or("\u{fffd}", String::as_str)),
            None if font.width == 1 => text.push(char::from(code[0])),
            None => text.push('\u{fffd}'),
        }
    }
}

/// Behind a picture that stands in the content itself.
fn skip_picture(lexer: &mut Lexer<'_>) {
    let rest = lexer.bytes.get(lexer.at..).unwrap_or_default();
    let ends = |at: usize| rest.get(at + 3).is_none_or(u8::is_ascii_whitespace);
    let end = memchr::memmem::find_iter(rest, b"\nEI").find(|at| ends(*at));
    lexer.at += end.map_or(rest.len(), |at| at + 3);
}

/// A map from codes to characters.
fn codes(file: &mut File<'_>, map: &[u8]) -> Result<BTreeMap<u32, String>, Fault> {
    let mut lexer = Lexer::new(map, 0);
    lexer.refs = false;
    let mut codes = BTreeMap::new();
    let mut operands: Vec<Object> = Vec::new();
    while let Some(object) = lexer.next(&mut file.budget)? {
        let Object::Word(word) = object else {
            operands.push(object);
            continue;
        };
        match &word[..] {
            b"endbfchar" => {
                for pair in operands.chunks_exact(2) {
                    if let [Object::Text(code), Object::Text(to)] = pair {
                        codes.insert(number(code), utf16(to));
                    }
                }
            }
            b"endbfrange" => {
                for triple in operands.chunks_exact(3) {
                    let [Object::Text(from), Object::Text(to), target] = triple else { continue };
                    range(number(from), number(to), target, &mut codes);
                }
            }
            _ => {}
        }
        if codes.len() > CODES {
            return Err(Fault::Limit("a font of it names too many characters".into()));
        }
        operands.clear();
    }
    Ok(codes)
}

fn range(from: u32, to: u32, target: &Object, codes: &mut BTreeMap<u32, String>) {
    match target {
        Object::Array(items) => {
            for (code, item) in (from..=to).zip(items) {
                codes.insert(code, item.text().map(utf16).unwrap_or_default());
            }
        }
        Object::Text(first) => {
            for code in (from..=to).take(1 << 16) {
                let mut units: Vec<u16> = units(first);
                if let Some(last) = units.last_mut() {
                    *last = last.wrapping_add(u16::try_from(code - from).unwrap_or_default());
                }
                codes.insert(code, String::from_utf16_lossy(&units));
            }
        }
        _ => {}
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn utf16(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&units(bytes))
}
