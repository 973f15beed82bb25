//! Signatures, and what a PDF does or carries beside its pages.

use techfile::record::pdf::{Fault, Limits, Pdf};

use super::{TRAILER, extend, plain, small};

/// What a signing program appends: a catalogue with a field, and its signature over all bytes but its own. `range` may
/// change the range.
pub(crate) fn signed(unsigned: &[u8], range: impl Fn([usize; 4]) -> [usize; 4]) -> Vec<u8> {
    let text = String::from_utf8_lossy(unsigned);
    let prev: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let mut numbers = [0; 4];
    loop {
        let [zero, first, second, rest] = range(numbers);
        let value =
            format!("<</Type/Sig/ByteRange[{zero:010} {first:010} {second:010} {rest:010}]/Contents<3003020101>>>");
        let objects = [
            (90, "<</Type/Catalog/AcroForm<</Fields[91 0 R]/SigFlags 3>>>>".to_owned()),
            (91, "<</FT/Sig/T(S)/V 92 0 R>>".to_owned()),
            (92, value),
        ];
        let mut bytes = unsigned.to_vec();
        extend(&mut bytes, &objects, &format!("/Root 90 0 R/Prev {prev}"));
        let at = memchr::memmem::rfind(&bytes, b"<3003020101>").unwrap();
        let found = [0, at, at + 12, bytes.len() - at - 12];
        if found == numbers {
            return bytes;
        }
        numbers = found;
    }
}

#[test]
fn a_signature_covers_the_released_file_and_all_that_was_added() {
    let unsigned = plain(&small(), TRAILER);
    let look = |bytes: &[u8]| Pdf::read(bytes, Limits::default()).unwrap().is_signed_over(unsigned.len()).unwrap();
    let good = signed(&unsigned, |numbers| numbers);
    assert!(look(&good));
    assert!(!look(&unsigned));
    // A remark with the word, more behind the signature, a range that leaves something out.
    assert!(!look(&[&unsigned[..], b"% /ByteRange\n"].concat()));
    assert!(!look(&[&good[..], b"% more\n"].concat()));
    let changes: [fn([usize; 4]) -> [usize; 4]; 4] = [
        |[a, b, c, d]| [a + 1, b, c, d],
        |[a, b, c, d]| [a, b.saturating_sub(1), c, d],
        |[a, b, c, d]| [a, b.min(10), c, d],
        |[a, b, c, d]| [a, b, c, d.saturating_sub(1)],
    ];
    for (change, number) in changes.into_iter().zip(1..) {
        assert!(!look(&signed(&unsigned, change)), "{number}");
    }
    // Nothing that could be a signature, and a field of another kind.
    let text = |from: &str, to: &str| {
        let at = memchr::memmem::rfind(&good, from.as_bytes()).unwrap();
        [&good[..at], to.as_bytes(), &good[at + from.len()..]].concat()
    };
    assert!(!look(&text("<3003020101>", "<0000000000>")));
    assert!(!look(&text("/FT/Sig", "/FT/Btn")));
}

#[test]
fn what_a_pdf_does_or_carries_beside_its_pages_is_told() {
    let look = |number: usize, entries: &str, more: &[(u32, &str)]| {
        let mut objects = small();
        objects[number - 1].1 = objects[number - 1].1.replacen("<<", &format!("<<{entries}"), 1);
        objects.extend(more.iter().map(|(number, object)| (*number, (*object).to_owned())));
        Pdf::read(&plain(&objects, TRAILER), Limits::default()).unwrap().strange()
    };
    assert_eq!(look(1, "/AF[5 0 R]", &[]), Ok(vec![]));
    let link = "<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://x.y)>>>>";
    assert_eq!(look(3, "/Annots[40 0 R]", &[(40, link)]), Ok(vec![]));
    for (number, entries, wanted) in [
        (1, "/OpenAction<</S/JavaScript/JS(x)>>", "`OpenAction`"),
        (1, "/AA<<>>", "`AA`"),
        (1, "/AF[6 0 R]", "`AF`"),
        (1, "/AF[<</F(x)>>]", "`AF`"),
        (1, "/AcroForm<</XFA(x)/Fields[]>>", "`AcroForm`"),
        (1, "/AcroForm<</Fields[<</FT/Tx/AA<<>>>>]>>", "`AA`"),
        (3, "/AA<<>>", "page 1"),
        (3, "/AF[6 0 R]", "page 1"),
        (3, "/Annots[<</Subtype/FileAttachment/FS 5 0 R>>]", "`FileAttachment`"),
        (3, "/Annots[<</Subtype/Stamp>>]", "`Stamp`"),
        (3, "/Annots[<</Subtype/Link/A<</S/Launch/F(x)>>>>]", "`Launch`"),
        (3, "/Annots[<</Subtype/Link/A<</S/URI/URI(x)/Next<</S/JavaScript>>>>>>]", "`URI`"),
        (3, "/Annots[<</Subtype/Widget/AA<<>>>>]", "an annotation that does"),
    ] {
        let said = look(number, entries, &[]).unwrap();
        assert!(said.len() == 1 && said[0].contains(wanted), "{entries}: {said:?}");
    }
    let loops = look(1, "/AcroForm<</Fields[40 0 R]>>", &[(40, "<</Kids[40 0 R]>>")]);
    assert!(matches!(loops, Err(Fault::Broken(_))), "{loops:?}");
}
