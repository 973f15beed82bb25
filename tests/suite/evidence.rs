//! Evidence through the program: how much, how large, and what if it changes meanwhile.

use std::fs;
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
        let sum = !named.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        });
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &named, &sum.to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    let rows = miniz_oxide::deflate::compress_to_vec_zlib(&[0; 4 * (1 + 4 * 3)], 6);
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &rows), &chunk(b"IEND", b"")].concat()
}
