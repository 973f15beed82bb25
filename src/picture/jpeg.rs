//! JPEG: every segment from the first to the end of the image, for a decoder trips over one that is damaged.

use super::{Fault, Format, Picture};

/// How every JPEG begins.
pub(super) const SIGNATURE: &[u8] = &[0xff, 0xd8, 0xff];

/// Judges a file that begins as a JPEG.
pub(super) fn judge(bytes: &[u8]) -> Result<Picture, Fault> {
    let broken = |message: &str| Fault::Broken(message.to_owned());
    let frame = walk(bytes).ok_or_else(|| broken("the JPEG is cut off or damaged"))?;
    if !matches!(frame.marker, 0xc0..=0xc2) || frame.precision != 8 {
        return Err(broken("the JPEG is of a sort that few programs read; save it as an ordinary one"));
    }
    // The pages are in device-independent colours, as PDF/A asks.
    if !matches!(frame.colours, 1 | 3) {
        return Err(broken("the JPEG is in the colours of a printing press (CMYK); save it as RGB"));
    }
    let picture = Picture::pixels(Format::Jpeg, frame.width, frame.height);
    picture.ok_or_else(|| broken("the JPEG has no size"))?.within_limits()
}

/// What the frame header says.
struct Frame {
    marker: u8,
    precision: u8,
    width: u32,
    height: u32,
    colours: u8,
}

/// The frame header, if all segments are whole up to the end of the image and there is at least one scan.
fn walk(bytes: &[u8]) -> Option<Frame> {
    let mut rest = bytes.get(2..)?;
    let (mut frame, mut scans) = (None, 0);
    loop {
        let [0xff, marker, ..] = *rest else { return None };
        match marker {
            0xff => rest = &rest[1..],
            0x01 | 0xd0..=0xd8 => rest = &rest[2..],
            0xd9 => return frame.filter(|_| scans > 0),
            _ => {
                let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
                let body = rest.get(4..length.checked_add(2)?)?;
                rest = &rest[length + 2..];
                match marker {
                    0xc4 => tables(body, true)?,
                    0xdb => tables(body, false)?,
                    0xc0..=0xcf if !matches!(marker, 0xc8 | 0xcc) => frame = Some(Frame::of(marker, body)?),
                    0xda => {
                        scan(body, frame.as_ref()?)?;
                        scans += 1;
                        rest = after_data(rest)?;
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Huffman tables (a class, sixteen counts, as many values) or quantisation tables (a class, sixty-four numbers).
fn tables(mut body: &[u8], huffman: bool) -> Option<()> {
    while let Some((class, rest)) = body.split_first() {
        if huffman && class >> 4 > 1 || class & 15 > 3 {
            return None;
        }
        let length = if huffman {
            let counts = rest.get(..16)?;
            // Codes of each length must leave room for the longer ones.
            let mut room: i32 = 1;
            for count in counts {
                room = 2 * room - i32::from(*count);
                if room < 0 {
                    return None;
                }
            }
            let length = 16 + counts.iter().map(|count| usize::from(*count)).sum::<usize>();
            // What begins a block says how many bits follow.
            if class >> 4 == 0 && rest.get(16..length)?.iter().any(|bits| *bits > 15) {
                return None;
            }
            length
        } else {
            match class >> 4 {
                0 => 64,
                1 => 128,
                _ => return None,
            }
        };
        body = rest.get(length..)?;
    }
    Some(())
}

impl Frame {
    fn of(marker: u8, body: &[u8]) -> Option<Self> {
        let [precision, height_1, height_0, width_1, width_0, colours, ref parts @ ..] = *body else { return None };
        let wrong =
            |part: &[u8]| !(1..=4).contains(&(part[1] >> 4)) || !(1..=4).contains(&(part[1] & 15)) || part[2] > 3;
        if colours == 0 || parts.len() != 3 * usize::from(colours) || parts.chunks(3).any(wrong) {
            return None;
        }
        let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
        Some(Self { marker, precision, width: side(width_1, width_0), height: side(height_1, height_0), colours })
    }
}

/// A scan: how many colours, which tables each of them takes, three numbers more.
fn scan(body: &[u8], frame: &Frame) -> Option<()> {
    let (count, parts) = body.split_first()?;
    let colours = usize::from(*count);
    let whole = (1..=frame.colours).contains(count) && parts.len() == 2 * colours + 3;
    let (tables, [first, last, _]) = parts.split_at_checked(2 * colours)? else { return None };
    let known = tables.chunks(2).all(|pair| pair[1] >> 4 <= 3 && pair[1] & 15 <= 3);
    (whole && known && first <= last && *last <= 63).then_some(())
}

/// Where the data of a scan end: at the next marker that is no part of them.
fn after_data(bytes: &[u8]) -> Option<&[u8]> {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    let end = bytes.windows(2).position(ends)?;
    bytes.get(end..).filter(|_| end > 0)
}
