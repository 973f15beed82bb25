//! PDFs that were made to harm: what they cost is bounded, and no bytes end in a panic.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use techfile::record::pdf::{Fault, Limits, Pdf};

use super::{TRAILER, everything, plain, small, stream, toy};

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A PDF with a later revision of one stream, which is packed.
fn revised(objects: &[(u32, String)], number: u32, entries: &str, packed: &[u8]) -> Vec<u8> {
    let mut bytes = plain(objects, TRAILER);
    let prev = memchr::memmem::rfind(&bytes, b"xref\n1 1").unwrap();
    let at = bytes.len();
    bytes.extend(format!("{number} 0 obj\n<<{entries}/Filter/FlateDecode/Length {}>>\nstream\n", packed.len()).bytes());
    bytes.extend(packed);
    bytes.extend(b"\nendstream\nendobj\n");
    let start = bytes.len();
    bytes.extend(format!("xref\n{number} 1\n{at:010} 00000 n \ntrailer\n<</Size 99{TRAILER}/Prev {prev}>>\n").bytes());
    bytes.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// A PDF whose table is a stream and whose objects are packed into another one, both of them unfiltered: every byte counts.
fn packed() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let (mut table, mut inside) = (vec![(0, 0, 0); 21], Vec::new());
    for (number, object) in small() {
        if object.contains("stream\n") {
            table[number as usize] = (1, bytes.len(), 0);
            bytes.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
        } else {
            table[number as usize] = (2, 19, inside.len());
            inside.push((number, object));
        }
    }
    let (mut heads, mut objects) = (String::new(), String::new());
    for (number, object) in &inside {
        write!(heads, "{number} {} ", objects.len()).unwrap();
        write!(objects, "{object} ").unwrap();
    }
    table[19] = (1, bytes.len(), 0);
    let entries = format!("/Type/ObjStm/N {}/First {}", inside.len(), heads.len());
    bytes.extend(format!("19 0 obj\n{}\nendobj\n", stream(&entries, &format!("{heads}{objects}"))).bytes());
    let start = bytes.len();
    table[20] = (1, start, 0);
    bytes.extend(format!("20 0 obj\n<</Type/XRef/Size 21/W[1 2 1]{TRAILER}/Length 84>>\nstream\n").bytes());
    for (sort, at, index) in table {
        let [high, low] = u16::try_from(at).unwrap().to_be_bytes();
        bytes.extend([sort, high, low, u8::try_from(index).unwrap()]);
    }
    bytes.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

fn is_limit(bytes: &[u8], limits: Limits) -> bool {
    matches!(everything(bytes, limits), Err(Fault::Limit(_)))
}

#[test]
fn nothing_is_unpacked_or_built_beyond_the_limits() {
    let bytes = revised(&small(), 4, "", &deflated(&vec![b' '; 8 << 20]));
    assert!(everything(&bytes, Limits::default()).is_ok());
    assert!(is_limit(&bytes, Limits { unpacked: 1 << 20, ..Limits::default() }));
    assert!(is_limit(&bytes, Limits { file: 100, ..Limits::default() }));
    assert!(is_limit(&bytes, Limits { objects: 100, ..Limits::default() }));
    assert!(is_limit(&bytes, Limits { parts: 0, ..Limits::default() }));
}

#[test]
fn small_files_that_say_much_are_stopped() {
    let with = |number: u32, object: &str| {
        let mut objects = small();
        objects[number as usize - 1].1 = object.to_owned();
        objects
    };
    let limits = Limits { unpacked: 1 << 24, objects: 1 << 20, ..Limits::default() };
    // One code that stands for a book, shown often.
    let map = format!("1 beginbfchar <01> <{}> endbfchar", "0041".repeat(1 << 14));
    let mut objects = with(10, &stream("", &map));
    objects[3].1 = stream("", &format!("/F 9 Tf <{}> Tj", "01".repeat(1 << 14)));
    assert!(is_limit(&plain(&objects, TRAILER), limits));
    // Characters for a thousand fonts.
    let map = format!("1 beginbfrange <0000> <ffff> [{}] endbfrange", "<41>".repeat(1 << 16));
    assert!(is_limit(&revised(&small(), 10, "", &deflated(map.repeat(40).as_bytes())), Limits::default()));
    // Forms that show each other.
    let show = "/X Do ".repeat(50);
    assert!(is_limit(&plain(&with(7, &stream("/Subtype/Form", &show)), TRAILER), limits));
    // A long text that is passed again and again, and a long way between two words.
    for long in [format!("({})", "a".repeat(1 << 20)), format!("null{}", " ".repeat(1 << 20))] {
        let kids: Vec<(u32, String)> =
            (100..150).map(|number| (number, "<</Type/Page/Resources 50 0 R/Contents[]>>".to_owned())).collect();
        let named: String = kids.iter().map(|(number, _)| format!("{number} 0 R ")).collect();
        let mut objects = with(2, &format!("<</Type/Pages/Kids[3 0 R {named}]>>"));
        objects.push((50, format!("<</A {long}>>")));
        objects.extend(kids);
        assert!(is_limit(&plain(&objects, TRAILER), limits));
        assert!(everything(&plain(&objects, TRAILER), Limits::default()).is_ok());
    }
    // A stream that is long and holds nothing, again and again.
    let empty = [&[0x78, 1][..], &[0, 0, 0, 0xff, 0xff].repeat(1 << 16), &[1, 0, 0, 0xff, 0xff, 0, 0, 0, 1]].concat();
    let often = format!("<</Type/Page/Parent 2 0 R/Contents[{}]>>", "4 0 R ".repeat(300));
    let bytes = revised(&with(3, &often), 4, "", &empty);
    assert!(is_limit(&bytes, Limits { unpacked: 1 << 20, ..limits }));
    assert!(everything(&bytes, Limits::default()).is_ok());
    // A table of nine million lines in a small file.
    let table = format!("/Type/XRef/Size 9000000/W[1 1 1]{TRAILER}");
    let mut bytes = revised(&small(), 40, &table, &deflated(&vec![0; 27_000_000]));
    let at = memchr::memmem::find(&bytes, b"40 0 obj").unwrap();
    bytes.truncate(memchr::memmem::rfind(&bytes, b"xref\n40 1").unwrap());
    bytes.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
    assert!(is_limit(&bytes, Limits::default()));
}

#[test]
fn a_small_file_says_and_carries_no_more_than_a_book() {
    // Two thousand codes, each of which stands for a page, in words of one letter: a few kilobytes.
    let map = format!("1 beginbfchar <01> <{}> endbfchar", "00610020".repeat(1 << 12));
    let mut objects = small();
    objects[9].1 = stream("", &map);
    let shown = format!("BT /F 9 Tf {}ET", format!("<{}> Tj ", "01".repeat(100)).repeat(100));
    let bytes = revised(&objects, 4, "", &deflated(shown.as_bytes()));
    assert!(bytes.len() < 100_000);
    let said = everything(&bytes, Limits::default()).unwrap_err().to_string();
    assert!(said.contains("say more than is read"), "{said}");
    // An attachment that unpacks to more than all attachments may have.
    let bytes = revised(&small(), 6, "/Type/EmbeddedFile", &deflated(&vec![0; 70 << 20]));
    assert!(bytes.len() < 100_000 && is_limit(&bytes, Limits::default()));
    // One that two readers show under two names, or with two contents.
    for specification in ["<</F(a)/UF(b)/EF<</F 6 0 R>>>>", "<</F(a)/EF<</F 6 0 R/UF 4 0 R>>>>"] {
        let mut objects = small();
        objects[4].1 = specification.to_owned();
        let said = everything(&plain(&objects, TRAILER), Limits::default()).unwrap_err().to_string();
        assert!(said.contains("two names or two contents"), "{said}");
    }
}

#[test]
fn objects_may_be_nested_as_deep_as_is_said_and_no_deeper() {
    let nested = |depth: usize| {
        let mut objects = small();
        objects[10].1 = format!("<</Keywords(k)/A {}{}>>", "[".repeat(depth), "]".repeat(depth));
        objects[3].1 = stream("", &format!("/P {}1{} BDC", "<</A ".repeat(depth), ">>".repeat(depth)));
        plain(&objects, TRAILER)
    };
    assert!(everything(&nested(47), Limits::default()).is_ok());
    assert!(is_limit(&nested(48), Limits::default()));
}

#[test]
fn packed_objects_are_read_and_the_library_alone_reads_the_same() {
    let plain = plain(&small(), TRAILER);
    let (text, carried) = everything(&plain, Limits::default()).unwrap();
    assert_eq!(everything(&packed(), Limits::default()).unwrap(), (text, carried));
    let ours = toy()["answers.pdf"].clone();
    let pages = Pdf::read(&ours, Limits::default()).unwrap().pages().unwrap().len();
    assert_eq!(hayro_syntax::Pdf::new(ours).unwrap().pages().len(), pages);
}

/// The seeds of the mutations: a file of ours, and two in which every byte is syntax.
fn seeds() -> &'static [Vec<u8>; 3] {
    static SEEDS: std::sync::OnceLock<[Vec<u8>; 3]> = std::sync::OnceLock::new();
    SEEDS.get_or_init(|| [toy()["answers.pdf"].clone(), plain(&small(), TRAILER), packed()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(
        seed in 0usize..9,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..8),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = seeds()[seed.min(2)].clone();
        for (at, byte, what) in changes {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes[at] = b"()<>[]/%0129 \nR"[usize::from(byte) % 15],
                2 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        let limits = Limits { unpacked: 1 << 24, objects: 1 << 20, ..Limits::default() };
        if let Err(fault) = everything(&bytes, limits) {
            // The library did not panic either: what would make it do so is found before.
            prop_assert!(!fault.to_string().contains("stops its reader"));
        }
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(everything(&[&b"%PDF-1.7\nstartxref\n9\n"[..], &bytes].concat(), Limits::default()).is_err());
    }
}
