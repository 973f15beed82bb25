//! PNG: the header first, then whether the data give as many rows as it promises.
//!
//! Rows are counted, never kept: a picture of any size costs the memory of one buffer.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{Fault, Format, Picture};

/// How every PNG begins.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Judges a file that begins as a PNG.
pub(super) fn judge(bytes: &[u8]) -> Result<Picture, Fault> {
    let broken = || Fault::Broken("the PNG is cut off or damaged".to_owned());
    let chunks = Chunks::of(bytes).ok_or_else(broken)?;
    let picture = Picture::pixels(Format::Png, chunks.header.width, chunks.header.height).ok_or_else(broken)?;
    // Nothing is unpacked of what is too large.
    let picture = picture.within_limits()?;
    if chunks.header.holds(&chunks.data) { Ok(picture) } else { Err(broken()) }
}

/// What IHDR says.
struct Header {
    width: u32,
    height: u32,
    bits: u64,
    interlaced: bool,
}

/// The parts of a file that matter here.
struct Chunks<'b> {
    header: Header,
    data: Vec<&'b [u8]>,
}

impl<'b> Chunks<'b> {
    /// Walks the chunks from IHDR to IEND, each with its checksum; a file that was cut off has no IEND.
    fn of(bytes: &'b [u8]) -> Option<Self> {
        let mut rest = &bytes[SIGNATURE.len()..];
        let (mut header, mut data, mut palette) = (None, Vec::new(), false);
        loop {
            let length = usize::try_from(word(rest.get(..4)?)?).ok()?;
            let end = length.checked_add(8)?;
            let (kind, body) = (rest.get(4..8)?, rest.get(8..end)?);
            if word(rest.get(end..end.checked_add(4)?)?)? != checksum(rest.get(4..end)?) {
                return None;
            }
            rest = rest.get(end + 4..)?;
            match kind {
                b"IHDR" if header.is_none() => header = Some(Header::of(body)?),
                b"PLTE" => palette = !body.is_empty() && body.len().is_multiple_of(3) && body.len() <= 768,
                b"IDAT" => data.push(body),
                b"IEND" => {
                    let (header, indexed) = header?;
                    return (!indexed || palette).then_some(Self { header, data });
                }
                _ => {}
            }
            header.as_ref()?;
        }
    }
}

impl Header {
    /// The header, and whether its colours are numbers of a palette.
    fn of(body: &[u8]) -> Option<(Self, bool)> {
        let [_, _, _, _, _, _, _, _, depth, colour, 0, 0, interlace @ (0 | 1)] = *body else { return None };
        let samples = match (colour, depth) {
            (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => 1,
            (4, 8 | 16) => 2,
            (2, 8 | 16) => 3,
            (6, 8 | 16) => 4,
            _ => return None,
        };
        let (width, height) = (word(&body[..4])?, word(&body[4..8])?);
        Some((Self { width, height, bits: samples * u64::from(depth), interlaced: interlace == 1 }, colour == 3))
    }

    /// Rows of each pass: how many bytes one has, its filter included, and how many there are.
    fn passes(&self) -> Vec<(u64, u64)> {
        // First column, first row, steps, of Adam7.
        const ADAM7: [(u32, u32, u32, u32); 7] =
            [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        let of = |(x, y, dx, dy): (u32, u32, u32, u32)| {
            let columns = self.width.saturating_sub(x).div_ceil(dx);
            let rows = self.height.saturating_sub(y).div_ceil(dy);
            (columns > 0 && rows > 0).then(|| (1 + (u64::from(columns) * self.bits).div_ceil(8), u64::from(rows)))
        };
        let whole = [(0, 0, 1, 1)];
        let passes = if self.interlaced { &ADAM7[..] } else { &whole[..] };
        passes.iter().filter_map(|pass| of(*pass)).collect()
    }

    /// Whether the packed data unpack to all rows, each with a filter that there is.
    fn holds(&self, data: &[&[u8]]) -> bool {
        let mut rows = Rows { passes: self.passes(), pass: 0, row: 0, at: 0 };
        let mut unpacker = Decompress::new(true);
        let mut buffer = vec![0; 1 << 16];
        for piece in data {
            let mut rest = *piece;
            loop {
                let (before, after) = (unpacker.total_in(), unpacker.total_out());
                let status = unpacker.decompress(rest, &mut buffer, FlushDecompress::None);
                let count = |total: u64, earlier: u64| usize::try_from(total - earlier).unwrap_or(0);
                let (read, written) = (count(unpacker.total_in(), before), count(unpacker.total_out(), after));
                rest = &rest[read..];
                if !rows.take(&buffer[..written]) {
                    return false;
                }
                match status {
                    Ok(Status::StreamEnd) => return rows.are_all(),
                    Ok(_) if read > 0 || written > 0 => {}
                    Ok(_) => break,
                    Err(_) => return false,
                }
            }
        }
        rows.are_all()
    }
}

/// How far the rows have come.
struct Rows {
    passes: Vec<(u64, u64)>,
    pass: usize,
    row: u64,
    at: u64,
}

impl Rows {
    /// Goes on by some bytes; false if a row begins with a filter that does not exist.
    fn take(&mut self, mut bytes: &[u8]) -> bool {
        while let (Some((length, count)), Some(first)) = (self.passes.get(self.pass).copied(), bytes.first()) {
            if self.at == 0 && *first > 4 {
                return false;
            }
            let step = usize::try_from(length - self.at).map_or(bytes.len(), |left| left.min(bytes.len()));
            bytes = &bytes[step..];
            self.at += step as u64;
            if self.at == length {
                self.at = 0;
                self.row += 1;
            }
            if self.row == count {
                self.row = 0;
                self.pass += 1;
            }
        }
        true
    }

    fn are_all(&self) -> bool {
        self.pass == self.passes.len()
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// The checksum of a chunk (CRC-32).
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum()
}
