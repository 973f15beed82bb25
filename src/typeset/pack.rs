//! A PDF in less room: objects that are no streams go together into compressed object streams.
//!
//! Comes in: the PDF as the exporter writes it, in one revision with a table of offsets. Goes out: the same objects under
//! the same numbers. Streams stay as they are, byte for byte, and so does what the trailer says; the metadata stay
//! readable without a decompressor. A tagged PDF is mostly small dictionaries, which is why this more than halves it. One
//! entry of the catalogue is left out, which says what holds without it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use rayon::prelude::{ParallelIterator as _, ParallelSlice as _};

/// Objects of one stream. More make the file hardly smaller, and a reader unpacks a stream for any one object of it.
const TOGETHER: usize = 200;
/// Bytes of a line of the table of offsets: what follows is where.
const LINE: usize = 7;

/// That no tag is in doubt, which is so where nothing is said (ISO 32000-1, table 321). Poppler, with which many read a PDF,
/// takes the entry for a syntax error.
const NO_SUSPECTS: &[u8] = b"/Suspects false";

/// A file of another form than the exporter's is left as it is: it is whole, only larger.
pub(super) fn pack(pdf: Vec<u8>) -> Vec<u8> {
    packed(&pdf).unwrap_or(pdf)
}

/// Where an object is.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    At(usize),
    In { stream: usize, index: usize },
}

fn packed(pdf: &[u8]) -> Option<Vec<u8>> {
    let source = Source::read(pdf)?;
    let mut places = vec![Place::Nowhere; source.objects.len()];
    let mut out = pdf.get(..source.start)?.to_vec();
    let mut small: Vec<(usize, Cow<'_, [u8]>)> = Vec::new();
    for (id, object) in source.objects.iter().enumerate().filter_map(|(id, object)| Some((id, object.clone()?))) {
        let body = body(pdf, id, object.clone())?;
        if body.ends_with(b"endstream") {
            places[id] = Place::At(out.len());
            let object = pdf.get(object)?;
            let end = object.trim_ascii_end().len().checked_sub(b"endstream\nendobj".len())?;
            let data = object.get(..end)?.strip_suffix(b"\n")?;
            out.extend_from_slice(data);
            out.extend_from_slice(end_of_line(data));
            out.extend_from_slice(object.get(end..)?);
        } else {
            small.push((id, without_suspects(body)));
        }
    }
    // Compressing takes the time, and no stream knows of another.
    let streams: Option<Vec<(String, Vec<u8>)>> = small.par_chunks(TOGETHER).map(together).collect();
    for (chunk, (facts, content)) in small.chunks(TOGETHER).zip(streams?) {
        let stream = places.len();
        places.push(Place::At(out.len()));
        for (index, (id, _)) in chunk.iter().enumerate() {
            places[*id] = Place::In { stream, index };
        }
        write_stream(&mut out, stream, facts.as_bytes(), &content)?;
    }
    let (table, start) = (places.len(), out.len());
    places.push(Place::At(start));
    let content = deflated(&lines(&places)?)?;
    let form = format!("/Type/XRef/Size {}/W[1 4 2]/DecodeParms<</Predictor 12/Columns {LINE}>>", table + 1);
    write_stream(&mut out, table, &[form.as_bytes(), source.trailer].concat(), &content)?;
    write!(out, "startxref\n{start}\n%%EOF").ok()?;
    Some(out)
}

/// The catalogue without what need not be said; any other object as it is.
fn without_suspects(body: &[u8]) -> Cow<'_, [u8]> {
    let at = body
        .starts_with(b"<</Type/Catalog/")
        .then(|| body.windows(NO_SUSPECTS.len()).position(|part| part == NO_SUSPECTS))
        .flatten();
    at.map_or(Cow::Borrowed(body), |at| [&body[..at], &body[at + NO_SUSPECTS.len()..]].concat().into())
}

/// What stands in the dictionary of a stream of objects, and its data.
fn together(objects: &[(usize, Cow<'_, [u8]>)]) -> Option<(String, Vec<u8>)> {
    let (mut head, mut bodies) = (String::new(), Vec::new());
    for (id, body) in objects {
        write!(head, "{id} {} ", bodies.len()).ok()?;
        bodies.extend_from_slice(body);
        bodies.push(b'\n');
    }
    let content = deflated(&[head.as_bytes(), &bodies].concat())?;
    Some((format!("/Type/ObjStm/N {}/First {}", objects.len(), head.len()), content))
}

fn write_stream(out: &mut Vec<u8>, id: usize, facts: &[u8], content: &[u8]) -> Option<()> {
    write!(out, "{id} 0 obj\n<<").ok()?;
    out.extend_from_slice(facts);
    write!(out, "/Filter/FlateDecode/Length {}>>\nstream\n", content.len()).ok()?;
    out.extend_from_slice(content);
    out.extend_from_slice(end_of_line(content));
    out.extend_from_slice(b"endstream\nendobj\n");
    Some(())
}

/// What stands between the data of a stream and `endstream`, which its length does not count (ISO 32000-2, 7.3.8.1). Data
/// that end in a carriage return would make one line end with a line feed, and readers that look for it take one byte off.
fn end_of_line(data: &[u8]) -> &'static [u8] {
    if data.ends_with(b"\r") { b"\r\n" } else { b"\n" }
}

/// The table of offsets, each line less the one above it: neighbours are alike, so little is left to compress.
fn lines(places: &[Place]) -> Option<Vec<u8>> {
    let mut lines = Vec::with_capacity(places.len() * (LINE + 1));
    let mut above = [0u8; LINE];
    for (id, place) in places.iter().enumerate() {
        let (sort, first, second) = match *place {
            // The head of the list of free objects.
            Place::Nowhere => (0, 0, if id == 0 { u16::MAX } else { 0 }),
            Place::At(offset) => (1, u32::try_from(offset).ok()?, 0),
            Place::In { stream, index } => (2, u32::try_from(stream).ok()?, u16::try_from(index).ok()?),
        };
        let mut line = [sort, 0, 0, 0, 0, 0, 0];
        line[1..5].copy_from_slice(&first.to_be_bytes());
        line[5..].copy_from_slice(&second.to_be_bytes());
        lines.push(2);
        lines.extend(line.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
        above = line;
    }
    Some(lines)
}

fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// What the exporter wrote: where objects are, by number, and the entries of the trailer without the size.
struct Source<'p> {
    start: usize,
    objects: Vec<Option<Range<usize>>>,
    trailer: &'p [u8],
}

impl<'p> Source<'p> {
    fn read(pdf: &'p [u8]) -> Option<Self> {
        let tail = pdf.trim_ascii_end().strip_suffix(b"%%EOF")?.trim_ascii_end();
        let digits = tail.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (head, end) = tail.split_at(tail.len() - digits);
        let end = number(end)?;
        let file = head.trim_ascii_end().strip_suffix(b"startxref")?.trim_ascii_end().strip_suffix(b">>")?;
        let table = file.get(end..)?.strip_prefix(b"xref\n0 ")?;
        let (count, mut table) = table.split_at(table.iter().position(|byte| *byte == b'\n')?);
        table = &table[1..];
        let mut offsets = Vec::new();
        for _ in 0..number(count)? {
            let (line, rest) = table.split_at_checked(20)?;
            table = rest;
            offsets.push(match (&line[10..16], line[17]) {
                (b" 00000", b'n') => Some(number(&line[..10])?),
                (_, b'f') => None,
                _ => return None,
            });
        }
        let trailer = table.strip_prefix(b"trailer\n<</Size ")?.strip_prefix(count)?;
        let mut sorted: Vec<usize> = offsets.iter().flatten().copied().collect();
        sorted.sort_unstable();
        let next = |offset: usize| sorted.get(sorted.partition_point(|other| *other <= offset)).copied().unwrap_or(end);
        let objects = offsets.iter().map(|offset| offset.map(|offset| offset..next(offset))).collect();
        Some(Self { start: *sorted.first()?, objects, trailer })
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What stands between `N 0 obj` and `endobj`.
fn body(pdf: &[u8], id: usize, object: Range<usize>) -> Option<&[u8]> {
    let object = pdf.get(object)?.strip_prefix(format!("{id} 0 obj\n").as_bytes())?;
    Some(object.trim_ascii_end().strip_suffix(b"endobj")?.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `pdf-writer` writes it: a catalogue, a stream, a number that nobody uses, and a dictionary.
    fn plain() -> Vec<u8> {
        let objects = [
            "1 0 obj\n<</Type/Catalog/Pages 4 0 R/MarkInfo<</Marked true/Suspects false>>>>\nendobj\n\n",
            "2 0 obj\n<</Length 4>>\nstream\na\nbc\nendstream\nendobj\n\n",
            "",
            "4 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\n\n",
        ];
        let mut pdf = "%PDF-1.7\n\n".to_owned();
        let mut table = "xref\n0 5\n0000000003 65535 f\r\n".to_owned();
        for object in objects {
            let line = if object.is_empty() {
                "0000000000 65535 f\r\n".to_owned()
            } else {
                format!("{:010} 00000 n\r\n", pdf.len())
            };
            table.push_str(&line);
            pdf.push_str(object);
        }
        let start = pdf.len();
        pdf.push_str(&table);
        write!(pdf, "trailer\n<</Size 5/Root 1 0 R/ID[(a\\)b)(c>>d)]>>\nstartxref\n{start}\n%%EOF").unwrap();
        pdf.into_bytes()
    }

    #[test]
    fn no_line_end_swallows_the_last_byte_of_a_stream() {
        let plain = String::from_utf8(plain()).unwrap().replace("a\nbc", "a\nb\r");
        let packed = pack(plain.into_bytes());
        let text = String::from_utf8_lossy(&packed);
        assert!(text.contains("2 0 obj\n<</Length 4>>\nstream\na\nb\r\r\nendstream\nendobj\n"), "{text}");
        assert!(text.contains("/Type/ObjStm/N 2/First 9/"), "{text}");
        let mut out = Vec::new();
        write_stream(&mut out, 7, b"", b"ab\r").unwrap();
        assert!(out.ends_with(b"stream\nab\r\r\nendstream\nendobj\n"));
        // Offsets count what was added.
        let at = packed.windows(9).position(|part| part == b"startxref").unwrap();
        let start: usize = text_of(&packed[at + 10..]).lines().next().unwrap().parse().unwrap();
        assert!(packed[start..].starts_with(b"6 0 obj\n<</Type/XRef"), "{start}");
    }

    fn text_of(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    fn inflated(pdf: &[u8], from: &str) -> Vec<u8> {
        let find = |from: usize, wanted: &[u8]| {
            from + pdf[from..].windows(wanted.len()).position(|part| part == wanted).unwrap()
        };
        let start = find(find(0, from.as_bytes()), b"stream\n") + 7;
        let mut decoder = flate2::write::ZlibDecoder::new(Vec::new());
        decoder.write_all(&pdf[start..find(start, b"\nendstream")]).unwrap();
        decoder.finish().unwrap()
    }

    #[test]
    fn objects_keep_their_numbers_and_streams_their_bytes() {
        let packed = pack(plain());
        let text = String::from_utf8_lossy(&packed);
        assert!(text.contains("2 0 obj\n<</Length 4>>\nstream\na\nbc\nendstream\nendobj\n"), "{text}");
        assert!(text.contains("/Root 1 0 R/ID[(a\\)b)(c>>d)]/Filter"), "{text}");
        let objects = inflated(&packed, "/Type/ObjStm/N 2/First 9/");
        assert_eq!(
            String::from_utf8(objects).unwrap(),
            "1 0 4 55 <</Type/Catalog/Pages 4 0 R/MarkInfo<</Marked true>>>>\n<</Type/Pages/Count 0/Kids[]>>\n"
        );
        let mut above = [0u8; LINE];
        let rows: Vec<[u8; LINE]> = inflated(&packed, "/Type/XRef/Size 7/")
            .chunks(LINE + 1)
            .map(|row| {
                assert_eq!(row[0], 2);
                std::iter::zip(&mut above, &row[1..]).for_each(|(above, less)| *above = above.wrapping_add(*less));
                above
            })
            .collect();
        let at = |wanted: &str| u8::try_from(text.find(wanted).unwrap()).unwrap();
        // The lossy text is as long as the bytes up to the first compressed one.
        assert_eq!(
            rows[..5],
            [
                [0, 0, 0, 0, 0, 255, 255],
                [2, 0, 0, 0, 5, 0, 0],
                [1, 0, 0, 0, at("2 0 obj"), 0, 0],
                [0; LINE],
                [2, 0, 0, 0, 5, 0, 1],
            ]
        );
        assert_eq!(rows[5], [1, 0, 0, 0, at("5 0 obj"), 0, 0]);
        let start = packed.windows(7).position(|part| part == b"6 0 obj").unwrap();
        assert_eq!(usize::from(rows[6][4]) + 256 * usize::from(rows[6][3]), start);
        assert!(text.ends_with(&format!("startxref\n{start}\n%%EOF")), "{text}");
    }

    #[test]
    fn a_file_of_another_form_stays_as_it_is() {
        let whole = plain();
        for (part, other) in
            [("xref\n0 5", "xref\n1 5"), ("4 0 obj", "9 0 obj"), ("trailer", "Trailer"), (" 00000 n", " 00001 n")]
        {
            let changed = String::from_utf8(whole.clone()).unwrap().replacen(part, other, 1).into_bytes();
            assert_ne!(changed, whole);
            assert_eq!(pack(changed.clone()), changed, "{other}");
        }
        for length in 0..whole.len() {
            assert_eq!(pack(whole[..length].to_vec()), whole[..length]);
        }
    }
}
