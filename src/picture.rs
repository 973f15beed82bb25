//! Pictures judged by their headers, before anything decodes them.
//!
//! Comes in: the bytes of a file and its name. Goes out: its format and size, or the reason why it may not reach a page.
//! A decoder can be made to take gigabytes by fifty kilobytes, so the header is read first and never trusted further.

use std::fmt;

/// Photographs.
mod jpeg;
/// Pixels without loss.
mod png;
/// Shapes as XML.
mod svg;

/// What a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its format.
    pub format: Format,
    /// Width in pixels; none for vectors.
    pub width: Option<u32>,
    /// Height in pixels; none for vectors.
    pub height: Option<u32>,
    /// What a vector shows as letters, which need glyphs as any text does.
    pub letters: String,
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
        if bytes.starts_with(png::SIGNATURE) {
            Some(Self::Png)
        } else if bytes.starts_with(jpeg::SIGNATURE) {
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
            Format::Png => png::judge(bytes),
            Format::Jpeg => jpeg::judge(bytes),
            Format::Svg => svg::judge(bytes),
        }
    }

    fn pixels(format: Format, width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then(|| Self {
            format,
            width: Some(width),
            height: Some(height),
            letters: String::new(),
        })
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
    use std::io::Write as _;

    use super::*;

    fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).expect("small");
        let sum = png::checksum(&[kind, body].concat());
        [&length.to_be_bytes(), kind, body, &sum.to_be_bytes()].concat()
    }

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        // As much as the header promises, up to what a test can make; what is larger is refused before it is unpacked.
        let rows = vec![0; ((4 * width as usize + 1) * height as usize).min(1 << 22)];
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&rows).expect("a Vec takes all");
        let data = encoder.finish().expect("a Vec takes all");
        [png::SIGNATURE, &chunk(b"IHDR", &header), &chunk(b"IDAT", &data), &chunk(b"IEND", b"")].concat()
    }

    /// A JPEG with this frame header and one scan, as far as headers go.
    fn jpeg_of(frame: &[u8]) -> Vec<u8> {
        let length = u16::try_from(frame.len() + 2).expect("small").to_be_bytes();
        let scan = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0data\xff\0\xff\xd9";
        [b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0", &length[..], frame, scan].concat()
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
        let frame = jpeg_of(b"\x08\0\x10\0\x20\x01\x01\x11\0");
        let picture = Picture::inspect("a.jpeg", &frame).expect("a JPEG");
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
