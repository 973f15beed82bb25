//! A PDF as objects that can be asked for by number.
//!
//! Comes in: the bytes of the file. Goes out: its trailer, its objects, the bytes of its streams, and where its first
//! revision ends. The tables of offsets are read here and not by the library, which would search a file for objects where
//! a table is broken: here a table that points beside an object is a fault. Whatever is unpacked is paid for from a budget
//! before it is kept.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::ops::Range;
use std::rc::Rc;

use flate2::read::ZlibDecoder;
use hayro_syntax::object::{FromBytes as _, Stream};

use super::guard;
use super::object::{Dict, Object, calmly};
use super::place::{Budget, Place, broken};
use super::{Fault, Limits};

/// Tables of offsets, one a revision. Each signature and each timestamp adds one.
const SECTIONS: usize = 256;
/// Objects that must be read in order to read one.
const CHAIN: usize = 8;
/// Objects that a file has; also not more than it has bytes, for a table packs well.
const SEATS: usize = 1 << 23;
/// Objects and words that any file may have, and for each of its bytes: few bytes unpack to many objects.
const OBJECTS: [u64; 2] = [1 << 22, 16];
/// Bytes that the streams of any file may unpack to, and for each of its bytes: a byte may unpack to a thousand.
const UNPACKED: [u64; 2] = [128 << 20, 32];
/// Bytes that are unpacked at the price of one byte that comes out.
const CHEAP: usize = 16;
/// Bytes at the end of a file in which the last table is named.
const TAIL: usize = 2_048;

/// Where an object is.
#[derive(Debug, Clone, Copy)]
enum Seat {
    Free,
    At(usize),
    In { stream: u32, index: usize },
}

/// Objects that were packed into one stream.
struct Packed {
    bytes: Vec<u8>,
    /// Number and offset of each.
    objects: Vec<(u32, usize)>,
}

/// What bears a number.
pub(super) enum Found {
    Plain(Object),
    Stream(Dict, Range<usize>),
}

pub(super) struct File<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) budget: Budget,
    seats: BTreeMap<u32, Seat>,
    packed: BTreeMap<u32, Rc<Packed>>,
    /// How many objects are being read to read another.
    chain: usize,
    pub(super) trailer: Dict,
    pub(super) revisions: usize,
    /// One past the last byte of the first revision.
    pub(super) end: usize,
}

impl<'b> File<'b> {
    pub(super) fn open(bytes: &'b [u8], limits: &Limits) -> Result<Self, Fault> {
        if bytes.len() > limits.file {
            return Err(Fault::Limit(format!("it has {} bytes, more than {}", bytes.len(), limits.file)));
        }
        if !bytes.starts_with(b"%PDF-") {
            return Err(broken("it does not begin as a PDF does"));
        }
        let most = OBJECTS[0] + OBJECTS[1] * bytes.len() as u64;
        let unpacked = limits.unpacked.min(UNPACKED[0] + UNPACKED[1] * bytes.len() as u64);
        let mut file = Self {
            bytes,
            budget: Budget { objects: limits.objects.min(most), bytes: unpacked },
            seats: BTreeMap::new(),
            packed: BTreeMap::new(),
            chain: 0,
            trailer: Dict::new(),
            revisions: 0,
            end: 0,
        };
        let tail = bytes.len().saturating_sub(TAIL);
        let start =
            rfind(&bytes[tail..], b"startxref").ok_or_else(|| broken("its end does not say where its table is"))?;
        let mut next = Some(Place::new(bytes, tail + start + 9).number(&mut file.budget)?);
        while let Some(at) = next {
            file.revisions += 1;
            if file.revisions > SECTIONS {
                return Err(Fault::Limit(format!("it has more than {SECTIONS} revisions")));
            }
            let (trailer, end) = file.section(at)?;
            if trailer.contains_key(&b"Encrypt"[..]) {
                return Err(Fault::Encrypted);
            }
            let earlier =
                trailer.get(&b"Prev"[..]).map(|at| at.size().ok_or_else(|| broken("it names no earlier table")));
            next = earlier.transpose()?;
            if next.is_none() {
                file.end = file.first_end(at, end)?;
            }
            if file.revisions == 1 {
                file.trailer = trailer;
            }
        }
        Ok(file)
    }

    /// One table of offsets: its trailer, and one past its last byte. What a later table says stands.
    fn section(&mut self, at: usize) -> Result<(Dict, usize), Fault> {
        let mut place = Place::new(self.bytes, at);
        place.skip_space();
        if place.eat(b"xref") { self.table(place) } else { self.stream_table(at) }
    }

    fn table(&mut self, mut place: Place<'b>) -> Result<(Dict, usize), Fault> {
        loop {
            place.skip_space();
            if place.eat(b"trailer") {
                break;
            }
            let (first, count) = (place.number(&mut self.budget)?, place.number(&mut self.budget)?);
            for number in first..first.saturating_add(count) {
                let (offset, generation) = (place.number(&mut self.budget)?, place.number(&mut self.budget)?);
                let seat = match place.word(&mut self.budget)? {
                    b"n" if generation == 0 => Seat::At(offset),
                    b"f" => Seat::Free,
                    _ => return Err(broken("a line of its table has another form")),
                };
                self.seat(number, seat)?;
            }
        }
        match self.object(&mut place)? {
            Object::Dict(trailer) if !trailer.contains_key(&b"XRefStm"[..]) => Ok((trailer, place.at)),
            Object::Dict(_) => Err(broken("it has two tables for one revision")),
            _ => Err(broken("its table has no trailer")),
        }
    }

    fn object(&mut self, place: &mut Place<'_>) -> Result<Object, Fault> {
        Object::read(guard::object(place, &mut self.budget)?)
    }

    fn seat(&mut self, number: usize, seat: Seat) -> Result<(), Fault> {
        self.budget.objects(1)?;
        if self.seats.len() >= SEATS.min(self.bytes.len()) {
            return Err(Fault::Limit("it names more objects than are read".into()));
        }
        let number = u32::try_from(number).map_err(|_| broken("an object has no such number"))?;
        self.seats.entry(number).or_insert(seat);
        Ok(())
    }

    fn stream_table(&mut self, at: usize) -> Result<(Dict, usize), Fault> {
        let (_, Found::Stream(dict, range)) = self.read(at)? else {
            return Err(broken("there is no table where its end says"));
        };
        if dict.get(&b"Type"[..]).and_then(Object::name) != Some(b"XRef") {
            return Err(broken("there is no table where its end says"));
        }
        let end = range.end;
        let data = self.unpacked(&dict, range)?;
        let sizes = |key: &[u8]| {
            let items = dict.get(key).and_then(Object::array)?;
            items.iter().map(Object::size).collect::<Option<Vec<usize>>>()
        };
        let form = || broken("its table has another form");
        let widths = sizes(b"W").filter(|widths| widths.len() == 3 && widths.iter().all(|width| *width <= 8));
        let widths = widths.filter(|widths| widths.iter().sum::<usize>() > 0).ok_or_else(form)?;
        let size = dict.get(&b"Size"[..]).and_then(Object::size).ok_or_else(form)?;
        let index = if dict.contains_key(&b"Index"[..]) { sizes(b"Index").ok_or_else(form)? } else { vec![0, size] };
        let mut lines = data.chunks_exact(widths.iter().sum());
        for part in index.chunks(2) {
            let [first, count] = *part else { return Err(form()) };
            for number in first..first.saturating_add(count) {
                let line = lines.next().ok_or_else(form)?;
                let (sort, rest) = line.split_at(widths[0]);
                let (first, second) = rest.split_at(widths[1]);
                let sort = if widths[0] == 0 { 1 } else { big(sort)? };
                let seat = match (sort, big(first)?, big(second)?) {
                    (0, ..) => Seat::Free,
                    (1, offset, 0) => Seat::At(offset),
                    (2, stream, index) => Seat::In { stream: u32::try_from(stream).map_err(|_| form())?, index },
                    _ => return Err(form()),
                };
                self.seat(number, seat)?;
            }
        }
        Ok((dict, end))
    }

    /// Where the revision ends whose table is at this offset: behind the line that names it.
    fn first_end(&mut self, table: usize, from: usize) -> Result<usize, Fault> {
        let none = || broken("its first part has no end");
        let start = from + find(self.bytes.get(from..).unwrap_or_default(), b"startxref").ok_or_else(none)?;
        let mut place = Place::new(self.bytes, start + 9);
        if place.number(&mut self.budget)? != table {
            return Err(none());
        }
        place.skip_white();
        if !place.eat(b"%%EOF") {
            return Err(none());
        }
        if !place.eat(b"\r\n") && !place.eat(b"\n") {
            place.eat(b"\r");
        }
        Ok(place.at)
    }

    /// The object at an offset, with its number.
    fn read(&mut self, at: usize) -> Result<(u32, Found), Fault> {
        let beside = || broken("its table points beside an object");
        let mut place = Place::new(self.bytes, at);
        let number = match place.number(&mut self.budget) {
            Err(Fault::Broken(_)) => return Err(beside()),
            number => u32::try_from(number?).map_err(|_| beside())?,
        };
        if place.word(&mut self.budget)? != b"0" || place.word(&mut self.budget)? != b"obj" {
            return Err(beside());
        }
        let object = self.object(&mut place)?;
        match (place.word(&mut self.budget)?, object) {
            (b"endobj", object) => Ok((number, Found::Plain(object))),
            (b"stream", Object::Dict(dict)) => {
                if !place.eat(b"\r\n") && !place.eat(b"\n") {
                    return Err(broken("a stream does not begin on a line of its own"));
                }
                let length = dict.get(&b"Length"[..]).cloned().unwrap_or(Object::Null);
                let length = self.resolved(length)?.size().ok_or_else(|| broken("a stream has no length"))?;
                let range = place.at..place.at.saturating_add(length);
                if range.end > self.bytes.len() {
                    return Err(broken("a stream is cut off"));
                }
                let mut behind = Place::new(self.bytes, range.end);
                behind.skip_white();
                if behind.word(&mut self.budget)? != b"endstream" || behind.word(&mut self.budget)? != b"endobj" {
                    return Err(broken("a stream is longer than it says"));
                }
                Ok((number, Found::Stream(dict, range)))
            }
            _ => Err(broken("an object has no end")),
        }
    }

    pub(super) fn found(&mut self, number: u32) -> Result<Found, Fault> {
        if self.chain == CHAIN {
            return Err(broken("its objects name each other in a circle"));
        }
        self.chain += 1;
        let found = self.look_up(number);
        self.chain -= 1;
        found
    }

    fn look_up(&mut self, number: u32) -> Result<Found, Fault> {
        let found = match self.seats.get(&number).copied() {
            None | Some(Seat::Free) => Found::Plain(Object::Null),
            Some(Seat::At(at)) => {
                let (found, object) = self.read(at)?;
                if found != number {
                    return Err(broken(format!("its table says that object {number} is where object {found} is")));
                }
                object
            }
            Some(Seat::In { stream, index }) => {
                let packed = self.pack(stream)?;
                let at = packed.objects.get(index).filter(|(found, _)| *found == number);
                let (_, at) = at.ok_or_else(|| broken(format!("object {number} is not where its table says")))?;
                Found::Plain(self.object(&mut Place::new(&packed.bytes, *at))?)
            }
        };
        Ok(found)
    }

    fn pack(&mut self, number: u32) -> Result<Rc<Packed>, Fault> {
        if let Some(packed) = self.packed.get(&number) {
            return Ok(Rc::clone(packed));
        }
        let form = || broken("a stream of objects has another form");
        if !matches!(self.seats.get(&number), Some(Seat::At(_))) {
            return Err(form());
        }
        let Found::Stream(dict, range) = self.found(number)? else { return Err(form()) };
        let bytes = self.unpacked(&dict, range)?;
        let size = |key: &[u8]| dict.get(key).and_then(Object::size).ok_or_else(form);
        let (count, first) = (size(b"N")?, size(b"First")?);
        let mut objects = Vec::new();
        let mut place = Place::new(&bytes, 0);
        for _ in 0..count {
            let number = u32::try_from(place.number(&mut self.budget)?).map_err(|_| form())?;
            objects.push((number, first.saturating_add(place.number(&mut self.budget)?)));
        }
        let packed = Rc::new(Packed { bytes, objects });
        self.packed.insert(number, Rc::clone(&packed));
        Ok(packed)
    }

    /// The object itself where another one is named.
    pub(super) fn resolved(&mut self, object: Object) -> Result<Object, Fault> {
        match object {
            Object::Ref(number) => match self.found(number)? {
                Found::Plain(Object::Ref(_)) => Err(broken("an object is the name of another")),
                Found::Plain(object) => Ok(object),
                Found::Stream(..) => Err(broken("a stream stands where none may be")),
            },
            other => Ok(other),
        }
    }

    /// An entry of a dictionary; null where it has none.
    pub(super) fn entry(&mut self, dict: &Dict, key: &[u8]) -> Result<Object, Fault> {
        self.resolved(dict.get(key).cloned().unwrap_or(Object::Null))
    }

    /// An entry that is a dictionary; empty where it has none.
    pub(super) fn dict(&mut self, dict: &Dict, key: &[u8]) -> Result<Dict, Fault> {
        match self.entry(dict, key)? {
            Object::Dict(dict) => Ok(dict),
            Object::Null => Ok(Dict::new()),
            _ => Err(broken(format!("its `{}` is no dictionary", String::from_utf8_lossy(key)))),
        }
    }

    /// The bytes of a stream, unpacked.
    pub(super) fn stream(&mut self, number: u32) -> Result<(Dict, Vec<u8>), Fault> {
        match self.found(number)? {
            Found::Stream(dict, range) => {
                let bytes = self.unpacked(&dict, range)?;
                Ok((dict, bytes))
            }
            Found::Plain(_) => Err(broken(format!("object {number} is no stream"))),
        }
    }

    fn unpacked(&mut self, dict: &Dict, range: Range<usize>) -> Result<Vec<u8>, Fault> {
        let raw = &self.bytes[range];
        if dict.contains_key(&b"F"[..]) {
            return Err(broken("a stream is kept in another file"));
        }
        self.budget.bytes(raw.len() / CHEAP)?;
        let first = |object: Object| match object {
            Object::Array(mut items) if items.len() == 1 => items.remove(0),
            other => other,
        };
        let filter = first(self.entry(dict, b"Filter")?);
        let way = first(self.entry(dict, b"DecodeParms")?);
        let data = match filter {
            Object::Null => self.paid(raw)?,
            Object::Name(name) if name == b"FlateDecode" => self.paid(ZlibDecoder::new(raw))?,
            _ => return Err(broken("a stream is packed in a way that no file of ours is")),
        };
        match way {
            Object::Null => Ok(data),
            Object::Dict(way) => unpredicted(&way, raw, data),
            _ => Err(broken("a stream is packed in a way that no file of ours is")),
        }
    }

    /// All bytes of a reader, each paid for before it is kept.
    fn paid(&mut self, reader: impl std::io::Read) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let most = self.budget.bytes.saturating_add(1);
        reader.take(most).read_to_end(&mut bytes).map_err(|_| broken("a stream cannot be unpacked"))?;
        self.budget.bytes(bytes.len())?;
        Ok(bytes)
    }
}

/// Rows that were written as differences from the row above, as PNG does it: undone by the library. It unpacks the stream
/// again, which was found to be intact and small enough.
fn unpredicted(way: &Dict, raw: &[u8], data: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let form = || broken("a stream is packed in a way that no file of ours is");
    let size = |key: &[u8], usual| way.get(key).map_or(Some(usual), Object::size).ok_or_else(form);
    let (predictor, columns) = (size(b"Predictor", 1)?, size(b"Columns", 1)?);
    if predictor == 1 {
        return Ok(data);
    }
    if !(10..=15).contains(&predictor)
        || size(b"Colors", 1)? != 1
        || size(b"BitsPerComponent", 8)? != 8
        || !(1..=4_096).contains(&columns)
        || !data.len().is_multiple_of(columns + 1)
        || data.chunks_exact(columns + 1).any(|row| row[0] > 4)
    {
        return Err(form());
    }
    let way = format!("<</Predictor {predictor}/Columns {columns}>>");
    let head = format!("<</Length {}/Filter/FlateDecode/DecodeParms{way}>>stream\n", raw.len());
    let whole = [head.as_bytes(), raw, b"\nendstream"].concat();
    let rows = calmly(|| {
        let stream = Stream::from_bytes(&whole).ok_or_else(form)?;
        Ok(stream.decoded().map_err(|_| form())?.into_owned())
    })?;
    if rows.len() == data.len() / (columns + 1) * columns { Ok(rows) } else { Err(form()) }
}

fn big(bytes: &[u8]) -> Result<usize, Fault> {
    let number = bytes.iter().try_fold(0usize, |number, byte| Some(number.checked_mul(256)? + usize::from(*byte)));
    number.ok_or_else(|| broken("a number of its table is too large"))
}

pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::rfind(bytes, wanted)
}
