//! Evidence through the program: how much, how large, and what if it changes meanwhile.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use techfile::digest::Digest;

use crate::exits::{edit, toy, toy_run};

/// Registers files under `E-1`, `E-2` and so on, in place of the toy's one.
fn register(folder: &Path, files: impl Iterator<Item = String>) {
    let path = folder.join("answers.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let (head, _) = text.split_once("evidence:\n").unwrap();
    let items: String = files
        .enumerate()
        .map(|(at, file)| format!("  - {{id: E-{0}, title: File {0}, file: {file}}}\n", at + 1))
        .collect();
    fs::write(path, format!("{head}evidence:\n{items}")).unwrap();
}

/// O50: somebody writes the file all the time; what the document says of it is true of the bytes that travel with it.
#[test]
fn a_file_that_changes_while_building_is_read_once() {
    let folder = toy();
    edit(&folder.path().join("answers.yaml"), "signed_by: Ada Doe}", "signed_by: Ada Doe, attach: true}");
    let file = folder.path().join("drops.txt");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0_u32;
            while !done.load(Ordering::Relaxed) {
                turn += 1;
                fs::write(&file, format!("{turn} ").repeat(20_000)).unwrap();
            }
        });
        for turn in 0..4 {
            let out = format!("out-{turn}");
            let ran = toy_run(folder.path(), &["build", "answers.yaml", "--out", &out]);
            let out = folder.path().join(out);
            let markdown = fs::read_to_string(out.join("answers.md")).unwrap_or_default();
            // It may have been read while it was empty; that, too, is what travels then.
            let travels = fs::read(out.join("answers.files/E-1.txt")).map(|bytes| Digest::of(&bytes).to_string());
            // The thread must end before an assertion ends the test.
            let right = ran.code == 0 && travels.as_ref().is_ok_and(|sum| markdown.contains(sum));
            if !right || turn == 3 {
                done.store(true, Ordering::Relaxed);
            }
            assert!(right, "{travels:?} is not in the document: {}", ran.stderr);
        }
    });
}

/// O52: one file too many, and one byte too many in all; the files are sparse, so this costs no disk.
#[test]
fn more_files_than_a_document_may_have_are_refused() {
    let folder = toy();
    for number in 0..=500 {
        fs::write(folder.path().join(format!("{number}.txt")), "x").unwrap();
    }
    register(folder.path(), (0..=500).map(|number| format!("{number}.txt")));
    let ran = toy_run(folder.path(), &["check", "answers.yaml"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("error[limit]") && ran.stderr.contains("500"), "{}", ran.stderr);
    register(folder.path(), (0..500).map(|number| format!("{number}.txt")));
    assert_eq!(toy_run(folder.path(), &["check", "answers.yaml"]).code, 0);
    for number in 0..5 {
        fs::File::create(folder.path().join(format!("{number}.txt"))).unwrap().set_len(41 << 20).unwrap();
    }
    register(folder.path(), (0..5).map(|number| format!("{number}.txt")));
    let ran = toy_run(folder.path(), &["check", "answers.yaml"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("error[limit]") && ran.stderr.contains("200 MiB"), "{}", ran.stderr);
}

/// O55, O56: whole pictures of a few bytes that would unpack to hundreds of megabytes; and, as small, ones that promise more
/// rows than they have, or are in colours that the pages cannot show.
#[test]
fn pictures_that_would_unpack_to_too_much_are_refused_by_their_headers() {
    let folder = toy();
    edit(&folder.path().join("answers.yaml"), "see the [drop tests]", "see ![the drop tests]");
    edit(&folder.path().join("answers.yaml"), "file: drops.txt", "file: picture.png");
    for (width, height, depth, colour, code) in
        [(20_000, 20_000, 1, 0, 5), (8_000, 8_000, 8, 6, 5), (16_385, 1, 8, 0, 5), (100, 100, 8, 2, 1), (4, 4, 8, 2, 0)]
    {
        let picture = png(width, height, depth, colour);
        assert!(picture.len() < 1000);
        fs::write(folder.path().join("picture.png"), picture).unwrap();
        let ran = toy_run(folder.path(), &["check", "answers.yaml"]);
        assert_eq!(ran.code, code, "{width} × {height}: {}", ran.stderr);
        assert_eq!(ran.stderr.contains("`picture.png` cannot be shown"), code != 0, "{}", ran.stderr);
    }
}

/// A PNG with a whole header, whole chunks and four black rows of four pixels.
fn png(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let chunk = |kind: &[u8], body: &[u8]| {
        let named = [kind, body].concat();
        let mut sum = flate2::Crc::new();
        sum.update(&named);
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &named, &sum.sum().to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&[0; 4 * (1 + 4 * 3)]).unwrap();
    let rows = encoder.finish().unwrap();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &rows), &chunk(b"IEND", b"")].concat()
}

/// O57 to O60 (O55 and O56: `evidence.rs`): pictures are judged by their headers and elements, before anything decodes them.
#[test]
fn a_picture_that_is_none_is_a_finding_and_one_that_is_dangerous_is_refused() {
    let folder = toy();
    let original = fs::read_to_string(folder.path().join("answers.yaml")).unwrap();
    let original = original.replace("see the [drop tests]", "see ![the drop tests]");
    assert!(original.contains("![the drop tests](evidence:E-1)"));
    let svg = |inner: &str| {
        let (xmlns, xlink) = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink");
        format!("<svg xmlns='{xmlns}' xmlns:xlink='{xlink}' width='9' height='9'>{inner}</svg>").into_bytes()
    };
    let deep = "<g>".repeat(20_000) + &"</g>".repeat(20_000);
    let entity =
        b"<!DOCTYPE svg [<!ENTITY a 'x'>]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>".to_vec();
    let doubled: String =
        (1..40).map(|n| format!("<g id='a{n}'><use href='#a{0}'/><use href='#a{0}'/></g>", n - 1)).collect();
    for (name, bytes, code) in [
        ("O57-cut.png", png(9, 9, 8, 6)[..33].to_vec(), 1),
        ("O57-empty.png", Vec::new(), 1),
        ("O57-text.png", b"text".to_vec(), 1),
        ("O57-other.png", b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), 1),
        ("O58-file.svg", svg("<image href='/etc/passwd'/>"), 5),
        ("O58-web.svg", svg("<image xlink:href='http://x.example/a.png'/>"), 5),
        ("O58-import.svg", svg("<style>@import 'http://x.example/a.css';</style>"), 5),
        ("O58-url.svg", svg("<rect style='fill:url(http://x.example/a.svg#b)'/>"), 5),
        ("O59-doctype.svg", entity, 5),
        ("O59-deep.svg", svg(&deep), 5),
        ("O59-use.svg", svg(&format!("<g id='a0'/>{doubled}")), 5),
        ("O60-script.svg", svg("<script>1</script>"), 5),
        ("O60-onload.svg", svg("<rect onload='1'/>"), 5),
        ("O60-foreign.svg", svg("<foreignObject/>"), 5),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        fs::write(folder.path().join("answers.yaml"), original.replace("file: drops.txt", &format!("file: {name}")))
            .unwrap();
        let ran = toy_run(folder.path(), &["check", "answers.yaml"]);
        assert_eq!(ran.code, code, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(name) && ran.stderr.contains("answers.yaml:"), "{name}: {}", ran.stderr);
    }
}
