//! What comes out of a PDF again by programs that anybody has: attachments, words, metadata, digests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use techfile::answers::Answers;
use techfile::record::pdf::{Limits, Pdf};
use techfile::source::Source;
use techfile::{Catalog, digest::Digest};

use crate::Test;
use crate::bench::{Built, OUT, Program, build, documents, expect, folder, root, spoken};
use crate::hostile;
use crate::leaves::{Sort, leaves, mark};
use crate::tree::Tree;
use crate::validators::{all_pass, refused_by_page};

pub(crate) const TESTS: &[Test] = &[
    Test {
        name: "attachments_come_out_and_their_sums_hold",
        needs: &[Program::Tool("pdfdetach"), SHA],
        run: attachments,
    },
    Test { name: "the_sidecar_verifies_with_sha256sum", needs: &[SHA], run: sidecar },
    Test { name: "metadata_bear_title_and_both_ids", needs: &[Program::Tool("pdfinfo")], run: metadata },
    Test {
        name: "our_reader_and_poppler_read_the_same",
        needs: &[Program::Tool("pdftotext"), Program::Tool("pdfdetach")],
        run: same_reading,
    },
    Test { name: "every_page_bears_the_content_id", needs: &[Program::Tool("pdftotext")], run: footers },
    Test { name: "every_marked_answer_is_in_the_text_of_the_pdf", needs: &[Program::Tool("pdftotext")], run: markers },
    Test {
        name: "code_in_every_answer_is_words_on_the_pages",
        needs: &[Program::Tool("pdftotext"), Program::Python, Program::VeraPdf],
        run: hostile,
    },
];

const SHA: Program = Program::Tool("sha256sum");

fn sums(command: &mut Command) {
    let output = expect(command);
    let said = spoken(&output);
    assert!(said.lines().count() >= 3 && said.lines().all(|line| line.ends_with(": OK")), "{said}");
}

/// `pdfdetach -saveall`, then `sha256sum -c SHA256SUMS`: nothing of ours is needed to verify a document.
fn attachments() {
    for document in documents() {
        let target = OUT.join("attached").join(&document.name);
        fs::create_dir_all(&target).unwrap();
        expect(Program::Tool("pdfdetach").command().arg("-saveall").arg("-o").arg(&target).arg(document.pdf()));
        sums(SHA.command().current_dir(&target).args(["-c", "SHA256SUMS"]));
        let attached = folder(&target);
        let listed = String::from_utf8(attached["SHA256SUMS"].clone()).unwrap();
        for name in attached.keys().filter(|name| *name != "SHA256SUMS") {
            assert!(
                listed.lines().any(|line| line.ends_with(&format!("  {name}"))),
                "{}: {name} has no sum",
                document.name
            );
        }
        let manifest = document.manifest();
        assert_eq!(attached["manifest.json"], fs::read(document.file(".manifest.json")).unwrap(), "{}", document.name);
        assert_eq!(Digest::of(&attached["content.json"]).to_string(), manifest["content_id"], "{}", document.name);
        let content: serde_json::Value = serde_json::from_slice(&attached["content.json"]).unwrap();
        assert_eq!(
            Digest::of(&attached["answers.json"]).to_string(),
            content["answers"]["sha256"],
            "{}",
            document.name
        );
        evidence(document, &attached);
    }
}

/// What the register asks to attach is attached, byte for byte, under `<id>.<ext>`.
fn evidence(document: &Built, attached: &BTreeMap<String, Vec<u8>>) {
    let text = fs::read_to_string(&document.answers).unwrap();
    let answers = Answers::parse(Source::new("a", text)).unwrap();
    let register = answers.root().get("evidence").map_or(&[][..], |entry| entry.node().items());
    for item in register {
        let part = |key: &str| item.get(key).and_then(|entry| entry.node().text()).map(str::to_owned);
        let asked =
            item.get("attach").is_some_and(|entry| *entry.node().value() == techfile::answers::Value::Bool(true));
        let (Some(id), Some(file), true) = (part("id"), part("file"), asked) else { continue };
        let extension = Path::new(&file).extension().map_or(String::new(), |end| format!(".{}", end.to_str().unwrap()));
        let bytes = fs::read(document.answers.parent().unwrap().join(&file)).unwrap();
        let name = format!("{id}{extension}");
        assert_eq!(attached.get(&name), Some(&bytes), "{}: {name}", document.name);
    }
}

fn sidecar() {
    for document in documents() {
        sums(SHA.command().current_dir(&document.out).arg("-c").arg(format!("{}.pdf.sha256", document.stem)));
    }
}

fn metadata() {
    for document in documents() {
        let info = spoken(&expect(Program::Tool("pdfinfo").command().arg(document.pdf())));
        let line =
            |key: &str| info.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned();
        let manifest = document.manifest();
        let keywords = line("Keywords:");
        let build = Digest::of(&fs::read(document.file(".manifest.json")).unwrap());
        let content = manifest["content_id"].as_str().unwrap();
        assert!(keywords.contains(&format!("techfile:content=sha256:{content}")), "{}: {keywords}", document.name);
        assert!(keywords.contains(&format!("techfile:build=sha256:{build}")), "{}: {keywords}", document.name);
        let text = fs::read_to_string(&document.answers).unwrap();
        let answers = Answers::parse(Source::new("a", text)).unwrap();
        let title = answers.root().at("/document/title").and_then(|node| node.text()).unwrap().to_owned();
        assert_eq!(line("Title:"), title, "{}", document.name);
        assert_eq!(line("Tagged:"), "yes", "{}", document.name);
        assert_eq!(line("JavaScript:"), "no", "{}", document.name);
    }
}

/// `verify` reads PDFs by a reader of our own: each page has the characters that poppler finds, each attachment its bytes.
fn same_reading() {
    // Not the joiners that only the text layer knows, nor hyphens, which poppler takes away at the ends of lines.
    let drawn = |character: &char| !character.is_whitespace() && !['\u{2060}', '\u{ad}', '-'].contains(character);
    let counted = |text: &str| {
        let mut counts = BTreeMap::new();
        text.chars().filter(drawn).for_each(|c| *counts.entry(c).or_insert(0) += 1);
        counts
    };
    for document in documents() {
        let bytes = fs::read(document.pdf()).unwrap();
        let mut pdf = Pdf::read(&bytes, Limits::default()).unwrap();
        let theirs = words(document);
        let theirs: Vec<&str> = theirs.split_terminator('\u{c}').collect();
        let ours = pdf.pages().unwrap();
        assert_eq!(ours.len(), theirs.len(), "{}", document.name);
        for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let (ours, theirs) = (counted(ours), counted(theirs));
            let differ: Vec<_> = ours.iter().chain(&theirs).filter(|(c, _)| ours.get(c) != theirs.get(c)).collect();
            assert_eq!(differ, [], "{}, page {}", document.name, index + 1);
        }
        let place = OUT.join("detached").join(&document.name);
        fs::create_dir_all(&place).unwrap();
        expect(Program::Tool("pdfdetach").command().arg("-saveall").arg("-o").arg(&place).arg(document.pdf()));
        let attachments = pdf.attachments().unwrap();
        assert_eq!(fs::read_dir(&place).unwrap().count(), attachments.len(), "{}", document.name);
        for attachment in attachments {
            assert_eq!(fs::read(place.join(&attachment.name)).unwrap(), attachment.bytes, "{}", document.name);
        }
    }
}

/// The short content id stands at the foot of every page but the cover, if the cover has no foot.
fn footers() {
    for document in documents() {
        let text = spoken(&expect(Program::Tool("pdftotext").command().arg(document.pdf()).arg("-")));
        let content = document.manifest()["content_id"].as_str().unwrap()[..16].to_owned();
        let grouped =
            content.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect::<Vec<_>>().join(" ");
        let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
        let without: Vec<usize> = (0..pages.len()).filter(|page| !pages[*page].contains(&grouped)).collect();
        assert!(without.is_empty() || without == [0], "{}: no {grouped} on pages {without:?} (from 0)", document.name);
        assert!(pages.len() >= 2, "{}", document.name);
    }
}

/// A document again with a text after every answer in the author's own words, and those texts by pointer.
fn marked(document: &Built, name: &str, text: impl Fn(usize, &Sort) -> String) -> (Built, BTreeMap<String, String>) {
    let catalog = Catalog::with(toy());
    // With the values that were drawn in the place of where they were drawn from: a mark there marks the answer.
    let answers = fs::read_to_string(document.file(".files/answers.json")).unwrap();
    let mut tree = Tree::of(Answers::parse(Source::new("a", answers)).unwrap().root());
    let Some(Tree::Text(kind)) = tree.at_mut("/kind").cloned() else { panic!("no kind") };
    let kind = catalog.kind(&kind).unwrap().unwrap();
    // Nor is it still the translation of anything.
    if let Tree::Map(entries) = &mut tree {
        // What is collected from other documents nobody writes.
        let collected = |key: &str| {
            let shape = kind.schema().root().property(key);
            shape.is_some_and(|shape| shape.keyword("x-collect").is_some())
        };
        entries.retain(|(key, _)| !["translation_of", "sign_off"].contains(&key.as_str()) && !collected(key));
        // Another text is not what was approved.
        let draft = Tree::Map(vec![("status".to_owned(), Tree::Text("draft".to_owned()))]);
        entries.push(("sign_off".to_owned(), draft));
    }
    let leaves = leaves(&tree, kind);
    let marks = mark(&mut tree, &leaves, text);
    // A register has few answers of its own.
    assert!(marks.len() > 3, "{}: {} answers were marked", document.name, marks.len());
    // The evidence lies beside the answers, what they are drawn from in their project.
    let folder = document.answers.parent().unwrap();
    let projects = folder.ancestors().take_while(|above| *above != root());
    let project = projects.filter(|above| above.join("techfile.yaml").is_file()).last().unwrap_or(folder);
    let place = OUT.join(name).join(&document.name);
    copy(project, &place);
    let answers = place.join(folder.strip_prefix(project).unwrap()).join("answers.yaml");
    fs::write(&answers, tree.plain()).unwrap();
    let built = build(&format!("{name}-{}", document.name), &answers);
    (built.unwrap_or_else(|said| panic!("{said}")), marks)
}

/// The files of the toy kind, for a catalogue.
fn toy() -> Vec<(String, Vec<u8>)> {
    let folder = root().join("tests/suite/toy");
    ["schemas/toy.schema.json", "templates/toy.md.tera", "templates/locales/en/toy.yaml"]
        .map(|path| (path.to_owned(), fs::read(folder.join(path)).unwrap()))
        .to_vec()
}

fn words(document: &Built) -> String {
    spoken(&expect(Program::Tool("pdftotext").command().arg(document.pdf()).arg("-")))
}

/// Documents that somebody answered: not the first drafts, in which nothing is.
fn answered() -> impl Iterator<Item = &'static Built> {
    documents().iter().filter(|document| document.answers.starts_with(root()) && !document.name.starts_with("new-"))
}

/// Every answer in the author's own words bears a marker, and each marker is in the PDF's text.
fn markers() {
    let mut seen = 0;
    for document in answered() {
        let (built, marks) = marked(document, "marked", |number, _| format!("Zq{number:04}qZ"));
        let text = words(&built);
        let lost: Vec<_> = marks.iter().filter(|(_, mark)| !text.contains(mark.as_str())).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", document.name);
        seen += marks.len();
    }
    assert!(seen > 100, "{seen} answers were marked");
}

/// Whether words follow each other, near each other: a cell that goes on on the next page has the rest of its row in
/// between. One of them may be parted there, as a long word may be by the end of any line.
fn near(text: &str, mark: &str) -> bool {
    let words: Vec<&str> = mark.split_whitespace().map(|word| word.trim_matches('-')).collect();
    let follow = |pieces: &mut dyn Iterator<Item = &str>| {
        let mut rest = text;
        pieces.enumerate().all(|(gone, piece)| {
            let found = rest.find(piece).filter(|at| gone == 0 || *at < 3000);
            found.is_some_and(|at| {
                rest = &rest[at + piece.len()..];
                true
            })
        })
    };
    let whole = follow(&mut words.iter().copied());
    whole
        || (0..words.len()).any(|parted| {
            words[parted].char_indices().skip(1).any(|(at, _)| {
                let (before, after) = words[parted].split_at(at);
                let around = [&words[..parted], &[before, after], &words[parted + 1..]].concat();
                follow(&mut around.into_iter())
            })
        })
}

/// O31 to O35, O38, O40: every answer holds code of Typst, Tera, Markdown, HTML or XML. On the pages it is words, letter by
/// letter but for white space, and the outline is that of the document without it. (pdftotext takes a hyphen at the end of
/// a line for a division and drops it, so hyphens are left out on both sides.)
fn hostile() {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
    let mut pdfs = Vec::new();
    for document in answered() {
        let (built, marks) = marked(document, "hostile", |number, sort| hostile::code(number, 0, sort));
        let spoken_text = words(&built);
        let text = bare(&spoken_text);
        let there = |mark: &str| text.contains(&bare(mark)) || near(&spoken_text, mark);
        let lost: Vec<_> = marks.iter().filter(|(_, mark)| !there(&hostile::read(mark))).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", document.name);
        let outline = |document: &Built| {
            let script = "import pikepdf, sys\nwith pikepdf.open(sys.argv[1]) as pdf, pdf.open_outline() as outline:\n \
                          def count(items): return sum(1 + count(item.children) for item in items)\n print(count(outline.root))";
            spoken(&expect(Program::Python.command().arg("-c").arg(script).arg(document.pdf())))
        };
        assert_eq!(outline(&built), outline(document), "{}: an answer became a heading", document.name);
        pdfs.push(built.pdf());
    }
    assert_eq!(refused_by_page(&pdfs), Vec::<String>::new());
    // The shortest has all the code; page after page of it tells veraPDF nothing new.
    pdfs.sort_by_key(|pdf| fs::metadata(pdf).unwrap().len());
    let output = Program::VeraPdf.command().arg("3a,ua1").args(&pdfs[..2]).output().unwrap();
    all_pass(&spoken(&output), 2);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}
