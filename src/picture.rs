//! Pictures judged by their headers, before anything decodes them.
//!
//! Comes in: the bytes of a file and its name. Goes out: its format and size, or the reason why it may not reach a page.
//! A decoder can be made to take gigabytes by fifty kilobytes, so the header is read first and never trusted further.

use std::fmt;

/// What a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Its format.
    pub format: Format,
    /// Width in pixels; none for vectors.
    pub width: Option<u32>,
    /// Height in pixels; none for vectors.
    pub height: Option<u32>,
}

/// Formats that a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ISO/IEC 15948.
    Png,
    /// ISO/IEC 10918, JFIF or Exif.
    Jpeg,
    /// SVG 1.1 without anything that acts or fetches.
    Svg,
}

/// Why a file may not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not what they should be: the author's to mend.
    Broken(String),
    /// A limit, or something that fetches or acts: refused.
    Refused(String),
}

/// Longest side of a pixel picture.
pub const MAX_SIDE: u32 = 16_384;
/// Most pixels of a picture.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Most bytes of a pixel picture.
pub const MAX_BYTES: usize = 20 << 20;
/// Most bytes of a vector picture.
pub const MAX_SVG_BYTES: usize = 5 << 20;
/// Most elements of a vector picture.
const MAX_SVG_NODES: u32 = 100_000;
/// Deepest nesting of a vector picture.
const MAX_SVG_DEPTH: usize = 256;

impl Format {
    /// The format that a file's name claims.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
        match extension.as_str() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(PNG) {
            Some(Self::Png)
        } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else {
            let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
            (start.starts_with(b"<?xml") || start.starts_with(b"<svg") || start.starts_with(b"<!")).then_some(Self::Svg)
        }
    }
}

impl Picture {
    /// Reads the header of a file that is to be shown.
    ///
    /// # Errors
    /// Bytes that are no picture or not the one the name claims; a size over the limits; a vector that could fetch or act.
    pub fn inspect(name: &str, bytes: &[u8]) -> Result<Self, Fault> {
        let broken = |message: &str| Fault::Broken(message.to_owned());
        let claimed = Format::of_name(name)
            .ok_or_else(|| broken("only PNG, JPEG and SVG files can be shown; give the file one of these endings"))?;
        if bytes.is_empty() {
            return Err(broken("the file is empty"));
        }
        match Format::of_bytes(bytes) {
            None => return Err(Fault::Broken(format!("the file is no {claimed}"))),
            Some(format) if format != claimed => {
                return Err(Fault::Broken(format!("the file is a {format} but its name says {claimed}")));
            }
            Some(_) => {}
        }
        let limit = if claimed == Format::Svg { MAX_SVG_BYTES } else { MAX_BYTES };
        if bytes.len() > limit {
            return Err(Fault::Refused(format!("the file has {} bytes, over the limit of {limit}", bytes.len())));
        }
        match claimed {
            Format::Png => png(bytes).ok_or_else(|| broken("the PNG is cut off or damaged"))?.within_limits(),
            Format::Jpeg => jpeg(bytes)?.within_limits(),
            Format::Svg => svg(bytes),
        }
    }

    fn pixels(format: Format, width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { format, width: Some(width), height: Some(height) })
    }

    fn within_limits(self) -> Result<Self, Fault> {
        let (width, height) = (self.width.unwrap_or(0), self.height.unwrap_or(0));
        if width.max(height) > MAX_SIDE {
            return Err(Fault::Refused(format!(
                "the picture is {width} × {height} pixels, over the limit of {MAX_SIDE} a side"
            )));
        }
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(Fault::Refused(format!(
                "the picture is {width} × {height} pixels, over the limit of {MAX_PIXELS} in all"
            )));
        }
        Ok(self)
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Walks the chunks from IHDR to IEND: a file that was cut off has no IEND.
fn png(bytes: &[u8]) -> Option<Picture> {
    let mut rest = &bytes[PNG.len()..];
    let mut found = None;
    let mut data = false;
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let kind = rest.get(4..8)?;
        let body = rest.get(8..8usize.checked_add(length)?)?;
        rest = rest.get(length.checked_add(12)?..)?;
        match kind {
            b"IHDR" if found.is_none() => {
                let word = |at: usize| Some(u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?));
                found = Picture::pixels(Format::Png, word(0)?, word(4)?);
            }
            b"IDAT" => data = true,
            b"IEND" => return found.filter(|_| data),
            _ => {}
        }
        found?;
    }
}

/// Finds the frame header, and there what a PDF/A of ours cannot show.
fn jpeg(bytes: &[u8]) -> Result<Picture, Fault> {
    let (marker, frame) =
        jpeg_frame(bytes).ok_or_else(|| Fault::Broken("the JPEG is cut off or damaged".to_owned()))?;
    let side = |at: usize| u32::from(u16::from_be_bytes([frame[at], frame[at + 1]]));
    if !matches!(marker, 0xc0..=0xc2) || frame[0] != 8 {
        return Err(Fault::Broken("the JPEG is of a sort that few programs read; save it as an ordinary one".into()));
    }
    if !matches!(frame[5], 1 | 3) {
        return Err(Fault::Broken("the JPEG is in the colours of a printing press (CMYK); save it as RGB".into()));
    }
    Picture::pixels(Format::Jpeg, side(3), side(1)).ok_or_else(|| Fault::Broken("the JPEG has no size".into()))
}

/// Walks the segments to the frame header, which begins with precision, height, width and the number of colours, and asks
/// for an end-of-image marker behind it.
fn jpeg_frame(bytes: &[u8]) -> Option<(u8, [u8; 6])> {
    let mut rest = &bytes[2..];
    loop {
        let [0xff, marker, ..] = *rest else { return None };
        match marker {
            0xff => rest = &rest[1..],
            0x01 | 0xd0..=0xd8 => rest = &rest[2..],
            0xd9 | 0xda => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
                let body = rest.get(4..2usize.checked_add(length)?)?;
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    let ended = rest.windows(2).rev().take(64).any(|pair| pair == [0xff, 0xd9]);
                    return Some((marker, body.get(..6)?.try_into().ok()?)).filter(|_| ended);
                }
                rest = rest.get(2 + length..)?;
            }
        }
    }
}

/// Parses the XML without document types and refuses what fetches, acts or nests without end.
fn svg(bytes: &[u8]) -> Result<Picture, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Broken("the SVG is not UTF-8".into()))?;
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
        return Err(Fault::Refused("the SVG has a document type; entities could unfold without end".into()));
    }
    let options = roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: MAX_SVG_NODES, ..Default::default() };
    let document = match roxmltree::Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(roxmltree::Error::NodesLimitReached) => {
            return Err(Fault::Refused(format!("the SVG has more than {MAX_SVG_NODES} nodes")));
        }
        Err(error) => return Err(Fault::Broken(format!("the SVG is no XML: {error}"))),
    };
    if document.root_element().tag_name().name() != "svg" {
        return Err(Fault::Broken("the file is XML but no SVG".into()));
    }
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        if element.ancestors().nth(MAX_SVG_DEPTH + 1).is_some() {
            return Err(Fault::Refused(format!("the SVG nests more than {MAX_SVG_DEPTH} elements deep")));
        }
        let name = element.tag_name().name();
        if matches!(
            name,
            "script" | "foreignObject" | "iframe" | "audio" | "video" | "animate" | "set" | "use" | "image"
        ) {
            return Err(Fault::Refused(format!("the SVG has a <{name}> element, which could act, fetch or multiply")));
        }
        if name == "style" && fetches(element.text().unwrap_or("")) {
            return Err(Fault::Refused("the SVG has a style that fetches".into()));
        }
        for attribute in element.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            if key.len() > 2 && key.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on")) {
                return Err(Fault::Refused(format!("the SVG has the event attribute `{key}`")));
            }
            if (key == "href" || key == "src") && !value.starts_with('#') {
                return Err(Fault::Refused("the SVG refers to something outside itself".into()));
            }
            if fetches(value) {
                return Err(Fault::Refused(format!("the attribute `{key}` of the SVG fetches")));
            }
        }
    }
    Ok(Picture { format: Format::Svg, width: None, height: None })
}

/// Whether a style sheet or attribute asks for something outside: `@import`, or `url(` of anything but a fragment.
fn fetches(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    // A backslash in CSS can spell any of these words in disguise.
    style.contains("@import")
        || style.contains('\\')
        || style
            .split("url(")
            .skip(1)
            .any(|rest| !rest.trim_start_matches([' ', '\t', '\n', '"', '\'']).starts_with('#'))
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Svg => "SVG",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).expect("small");
        [&length.to_be_bytes(), kind, body, &[0; 4]].concat()
    }

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        [PNG, &chunk(b"IHDR", &header), &chunk(b"IDAT", b"x"), &chunk(b"IEND", b"")].concat()
    }

    fn refused(name: &str, bytes: &[u8]) -> bool {
        matches!(Picture::inspect(name, bytes), Err(Fault::Refused(_)))
    }

    fn broken(name: &str, bytes: &[u8]) -> bool {
        matches!(Picture::inspect(name, bytes), Err(Fault::Broken(_)))
    }

    #[test]
    fn sizes_are_read_from_the_header() {
        let picture = Picture::inspect("a.png", &png_of(640, 480)).expect("a PNG");
        assert_eq!((picture.width, picture.height), (Some(640), Some(480)));
        let frame = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x10\0\x20\x01\x01\x11\0\xff\xda\0\x02z\xff\xd9";
        let picture = Picture::inspect("a.jpeg", frame).expect("a JPEG");
        assert_eq!((picture.width, picture.height), (Some(32), Some(16)));
        assert!(broken("a.jpeg", &frame[..frame.len() - 2]), "no end of image");
        assert!(
            Picture::inspect("a.SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><path fill='url(#a)'/></svg>").is_ok()
        );
    }

    #[test]
    fn large_pictures_are_refused_by_their_headers() {
        assert!(refused("a.png", &png_of(20_000, 20_000)));
        assert!(refused("a.png", &png_of(8_000, 8_000)));
        assert!(!refused("a.png", &png_of(6_000, 6_000)));
    }

    #[test]
    fn what_is_not_the_picture_it_claims_to_be_is_broken() {
        let whole = png_of(10, 10);
        for (name, bytes) in [
            ("a.png", &whole[..whole.len() - 8]),
            ("a.png", &b""[..]),
            ("a.png", b"plain text"),
            ("a.png", b"\xff\xd8\xff\xe0"),
            ("a.png", &png_of(0, 5)),
            ("a.jpg", b"\xff\xd8\xff\xe0\0\x04ab"),
            ("a.gif", b"GIF89a"),
            ("a.svg", b"<svg"),
            ("a.svg", b"<?xml version='1.0'?><html/>"),
        ] {
            assert!(broken(name, bytes), "{name}: {bytes:?}");
        }
    }

    #[test]
    fn vectors_that_fetch_act_or_multiply_are_refused() {
        let svg = |inner: &str| {
            format!("<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>{inner}</svg>")
        };
        for inner in [
            "<image href='/etc/passwd'/>",
            "<a xlink:href='http://host/x'/>",
            "<style>@import 'x.css';</style>",
            "<rect fill='url( http://host/x)'/>",
            "<rect style='fill:u\\72l(http://host/x)'/>",
            "<script>1</script>",
            "<g onload='x()'/>",
            "<foreignObject/>",
            "<use href='#a'/>",
        ] {
            assert!(refused("a.svg", svg(inner).as_bytes()), "{inner}");
        }
        let bomb = "<!DOCTYPE svg [<!ENTITY a 'aaaa'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>";
        assert!(refused("a.svg", bomb.as_bytes()));
        let deep = svg(&("<g>".repeat(20_000) + &"</g>".repeat(20_000)));
        assert!(refused("a.svg", deep.as_bytes()));
    }
}
