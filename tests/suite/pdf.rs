//! PDFs read back: what went in comes out, and what somebody else wrote is seen.

mod hostile;
pub(crate) mod signed;

use std::collections::BTreeMap;
use std::path::Path;

use techfile::digest::Digest;
use techfile::record::pdf::{Fault, Limits, Pdf};
use techfile::stamp::Theme;
use techfile::{Catalog, bundle, render, stamp, typeset};

use crate::repository::{read, root};
use crate::samples::samples;
use crate::stages::{catalog, checked};

/// The files that a build of answers leaves.
pub(crate) fn built(text: &str, folder: &Path, catalog: &Catalog) -> BTreeMap<String, Vec<u8>> {
    let checked = checked(text, "answers.yaml", folder, catalog).unwrap();
    let document = render(checked, "answers", None).unwrap();
    bundle(typeset(stamp(document, Theme::of(catalog).unwrap())).unwrap()).files().clone()
}

pub(crate) fn toy() -> BTreeMap<String, Vec<u8>> {
    built(&read("tests/suite/toy/answers.yaml"), &root().join("tests/suite/toy"), &catalog())
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

#[test]
fn what_went_into_a_pdf_comes_out_again() {
    let samples = samples().into_iter().map(|sample| {
        let files = built(&sample.text, &sample.folder(), &sample.catalog());
        (sample.name, files)
    });
    for (folder, files) in samples.chain([("toy".to_owned(), toy())]) {
        let bytes = &files["answers.pdf"];
        let mut pdf = Pdf::read(bytes, Limits::default()).unwrap();
        assert_eq!((pdf.revisions(), pdf.first_end()), (1, bytes.len()));
        let carried = pdf.attachments().unwrap();
        for name in ["answers.json", "content.json", "manifest.json", "SHA256SUMS"] {
            assert_eq!(pdf.attachment(name).unwrap(), files[&format!("answers.files/{name}")], "{folder}: {name}");
        }
        let sums = String::from_utf8(pdf.attachment("SHA256SUMS").unwrap()).unwrap();
        assert_eq!(sums.lines().count() + 1, carried.len());
        let content = Digest::of(&pdf.attachment("content.json").unwrap());
        let build = Digest::of(&files["answers.manifest.json"]);
        let keywords = format!("techfile:content=sha256:{content}, techfile:build=sha256:{build}");
        for said in [pdf.information().unwrap(), pdf.xmp().unwrap()] {
            assert_eq!(said.keywords.as_deref(), Some(keywords.as_str()));
            assert_eq!(said.subject, Some(format!("content sha256:{content}")));
            assert!(said.title.is_some_and(|title| !title.is_empty()));
        }
        let pages = pdf.pages().unwrap();
        for (index, page) in pages.iter().enumerate() {
            let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(page.contains(&content.short()), "{folder}, page {}: {page}", index + 1);
        }
        let last = squeezed(pages.last().unwrap());
        assert!(last.contains(&content.to_string()) && last.contains(&build.to_string()), "{last}");
        assert!(!pages.concat().contains('\u{fffd}'), "{folder}: every glyph is a character");
    }
}

/// A PDF in the plain form that people can read: one page, one attachment, one stream of metadata.
pub(crate) fn plain(objects: &[(u32, String)], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    extend(&mut bytes, objects, trailer);
    bytes
}

/// Writes objects, their table and an end behind what is there: a first revision, or one more.
pub(crate) fn extend(bytes: &mut Vec<u8>, objects: &[(u32, String)], trailer: &str) {
    let mut table = String::new();
    for (number, object) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", bytes.len()));
        bytes.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let start = bytes.len();
    bytes.extend(format!("xref\n{table}trailer\n<</Size 99 {trailer}>>\nstartxref\n{start}\n%%EOF\n").bytes());
}

pub(crate) fn stream(entries: &str, content: &str) -> String {
    format!("<<{entries}/Length {}>>\nstream\n{content}\nendstream", content.len())
}

fn small() -> Vec<(u32, String)> {
    let xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:pdf='http://ns.adobe.com/pdf/1.3/'><pdf:Keywords>k</pdf:Keywords></x:xmpmeta>";
    let map = "1 beginbfchar <01> <0041> endbfchar 1 beginbfrange <02> <04> <0042> endbfrange";
    [
        "<</Type/Catalog/Pages 2 0 R/Metadata 8 0 R/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]/Resources<</Font<</F 9 0 R>>/XObject<</X 7 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/Contents[4 0 R]>>",
        &stream("", "BT /F 9 Tf (\\001\\002) Tj [(\\003) -20 <04>] TJ ET /X Do"),
        "<</Type/Filespec/F(a)/UF<FEFF0061>/EF<</F 6 0 R>>>>",
        &stream("/Type/EmbeddedFile", "carried"),
        &stream("/Subtype/Form", "BT /F 9 Tf (\\001) Tj ET"),
        &stream("", xmp),
        "<</Type/Font/Subtype/TrueType/ToUnicode 10 0 R>>",
        &stream("", map),
        "<</Keywords(k)/Title(t)>>",
    ]
    .iter()
    .zip(1..)
    .map(|(object, number)| (number, (*object).to_owned()))
    .collect()
}

const TRAILER: &str = "/Root 1 0 R/Info 11 0 R";

/// Reads all that can be read.
fn everything(bytes: &[u8], limits: Limits) -> Result<(Vec<String>, usize), Fault> {
    let mut pdf = Pdf::read(bytes, limits)?;
    let carried = pdf.attachments()?.len();
    pdf.information()?;
    pdf.xmp()?;
    Ok((pdf.pages()?, carried))
}

#[test]
fn a_plain_pdf_is_read_and_a_later_revision_is_seen() {
    let mut bytes = plain(&small(), TRAILER);
    let (pages, carried) = everything(&bytes, Limits::default()).unwrap();
    assert_eq!((squeezed(&pages.concat()).as_str(), carried), ("ABCDA", 1));
    let end = bytes.len();
    // What a signature does, and what repaints a page: the same page with other content, behind the first end.
    let prev = String::from_utf8_lossy(&bytes).rfind("xref\n1 1").unwrap();
    let painted = [(4, stream("", "BT /F 9 Tf (\\004) Tj ET"))];
    extend(&mut bytes, &painted, &format!("{TRAILER}/Prev {prev}"));
    let mut pdf = Pdf::read(&bytes, Limits::default()).unwrap();
    assert_eq!((pdf.revisions(), pdf.first_end()), (2, end));
    assert_eq!(squeezed(&pdf.pages().unwrap().concat()), "D");
}

#[test]
fn a_file_that_others_would_repair_or_that_grows_is_refused_in_words() {
    let with = |number: u32, object: &str| {
        let mut objects = small();
        objects[number as usize - 1].1 = object.to_owned();
        plain(&objects, TRAILER)
    };
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut beside = plain(&small(), TRAILER);
    let at = beside.len() - 5;
    beside.splice(9..9, *b"%%\n");
    let cut = plain(&small(), TRAILER)[..at].to_vec();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"hello".to_vec(), "does not begin"),
        (cut[..cut.len() - 40].to_vec(), "its end does not say where its table is"),
        (beside, "there is no table|its table"),
        (with(1, "<</Type/Catalog/Type/Catalog>>"), "two entries of one name"),
        (with(2, "<</Type/Pages/Kids[3 0 R 3 0 R]>>"), "grows into itself"),
        (with(3, "<</Type/Page/Kids[2 0 R]>>"), "grows into itself"),
        (with(3, &deep), "nested too deep"),
        (with(4, "<</Length 4 0 R>>\nstream\nx\nendstream"), "in a circle"),
        (with(4, &stream("/Filter[/FlateDecode/FlateDecode]", "x")), "packed in a way"),
        (with(4, &stream("/Filter/LZWDecode", "x")), "packed in a way"),
        (with(4, &stream("/F(x)", "x")), "another file"),
        (with(4, &stream("", "1 2 3 4 5 6 7 8 9 10 11 d (a) Tj")), "another form"),
        (with(4, &stream("", "/F 9 Tf (a) (b) Tj")), "another form"),
        (with(4, &stream("", "BI /W 1 ID x EI")), "a picture"),
        (with(4, &stream("", &deep)), "nested too deep"),
        (with(3, "<</Type/Page/Parent 2 0 R/Contents[99999999999999999999 0 R]>>"), "too large"),
        (with(11, "<</Keywords(k)/Title(t)"), "has no meaning"),
        (with(11, "<</Keywords(k)>> /Title"), "no end"),
        (with(4, "<</Length 2>>\nstream\nabc\nendstream"), "longer than it says"),
        (with(4, "<</Length 99999>>\nstream\nabc\nendstream"), "cut off"),
        (with(6, "<<>>"), "no stream"),
        (with(7, &stream("/Subtype/Form", "/X Do")), "nested too deep"),
        (with(8, &stream("", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")), "XMP"),
        (with(10, &stream("", "beginbfrange <00000000> <ffffffff> <0041> endbfrange")), ""),
        (plain(&small(), "/Root 1 0 R/Encrypt 3 0 R"), "encrypted"),
        (plain(&small(), "/Root 1 0 R/Prev 0"), "table"),
    ];
    for (bytes, wanted) in cases {
        match everything(&bytes, Limits::default()) {
            Err(fault) => {
                let said = fault.to_string();
                assert!(wanted.split('|').any(|part| said.contains(part)), "{wanted}: {said}");
            }
            Ok(_) => assert_eq!(wanted, "", "{}", String::from_utf8_lossy(&bytes)),
        }
    }
}
