//! What comes out of a PDF again by programs that anybody has: attachments, words, metadata, digests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use techfile::answers::Answers;
use techfile::source::Source;
use techfile::{Catalog, digest::Digest};

use crate::Test;
use crate::bench::{Built, DOCUMENTS, OUT, Program, build, expect, folder, root, spoken};
use crate::leaves::{leaves, mark};
use crate::tree::Tree;

pub(crate) const TESTS: &[Test] = &[
    Test { name: "attachments_come_out_and_their_sums_hold", needs: &[Program::Tool("pdfdetach"), SHA], run: attachments },
    Test { name: "the_sidecar_verifies_with_sha256sum", needs: &[SHA], run: sidecar },
    Test { name: "metadata_bear_title_and_both_ids", needs: &[Program::Tool("pdfinfo")], run: metadata },
    Test { name: "every_page_bears_the_content_id", needs: &[Program::Tool("pdftotext")], run: footers },
    Test { name: "every_marked_answer_is_in_the_text_of_the_pdf", needs: &[Program::Tool("pdftotext")], run: markers },
];

const SHA: Program = Program::Tool("sha256sum");

fn sums(command: &mut Command) {
    let output = expect(command);
    let said = spoken(&output);
    assert!(said.lines().count() >= 3 && said.lines().all(|line| line.ends_with(": OK")), "{said}");
}

/// `pdfdetach -saveall`, then `sha256sum -c SHA256SUMS`: nothing of ours is needed to verify a document.
fn attachments() {
    for document in DOCUMENTS.iter() {
        let target = OUT.join("attached").join(&document.name);
        fs::create_dir_all(&target).unwrap();
        expect(Program::Tool("pdfdetach").command().arg("-saveall").arg("-o").arg(&target).arg(document.pdf()));
        sums(SHA.command().current_dir(&target).args(["-c", "SHA256SUMS"]));
        let attached = folder(&target);
        let listed = String::from_utf8(attached["SHA256SUMS"].clone()).unwrap();
        for name in attached.keys().filter(|name| *name != "SHA256SUMS") {
            assert!(listed.lines().any(|line| line.ends_with(&format!("  {name}"))), "{}: {name} has no sum", document.name);
        }
        let manifest = document.manifest();
        assert_eq!(attached["manifest.json"], fs::read(document.file(".manifest.json")).unwrap(), "{}", document.name);
        assert_eq!(Digest::of(&attached["content.json"]).to_string(), manifest["content_id"], "{}", document.name);
        let content: serde_json::Value = serde_json::from_slice(&attached["content.json"]).unwrap();
        assert_eq!(Digest::of(&attached["answers.json"]).to_string(), content["answers"]["sha256"], "{}", document.name);
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
        let asked = item.get("attach").is_some_and(|entry| *entry.node().value() == techfile::answers::Value::Bool(true));
        let (Some(id), Some(file), true) = (part("id"), part("file"), asked) else { continue };
        let extension = Path::new(&file).extension().map_or(String::new(), |end| format!(".{}", end.to_str().unwrap()));
        let bytes = fs::read(document.answers.parent().unwrap().join(&file)).unwrap();
        let name = format!("{id}{extension}");
        assert_eq!(attached.get(&name), Some(&bytes), "{}: {name}", document.name);
    }
}

fn sidecar() {
    for document in DOCUMENTS.iter() {
        sums(SHA.command().current_dir(&document.out).arg("-c").arg(format!("{}.pdf.sha256", document.stem)));
    }
}

fn metadata() {
    for document in DOCUMENTS.iter() {
        let info = spoken(&expect(Program::Tool("pdfinfo").command().arg(document.pdf())));
        let line = |key: &str| info.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned();
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

/// The short content id stands at the foot of every page but the cover, if the cover has no foot.
fn footers() {
    for document in DOCUMENTS.iter() {
        let text = spoken(&expect(Program::Tool("pdftotext").command().arg(document.pdf()).arg("-")));
        let content = document.manifest()["content_id"].as_str().unwrap()[..16].to_owned();
        let grouped = content.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect::<Vec<_>>().join(" ");
        let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
        let without: Vec<usize> = (0..pages.len()).filter(|page| !pages[*page].contains(&grouped)).collect();
        assert!(without.is_empty() || without == [0], "{}: no {grouped} on pages {without:?} (from 0)", document.name);
        assert!(pages.len() >= 2, "{}", document.name);
    }
}

/// Every answer in the author's own words bears a marker, and each marker is in the PDF's text.
fn markers() {
    let catalog = Catalog::builtin();
    let samples = DOCUMENTS.iter().filter(|document| document.answers.starts_with(root().join("samples")));
    let mut seen = 0;
    for document in samples {
        let text = fs::read_to_string(&document.answers).unwrap();
        let mut tree = Tree::of(Answers::parse(Source::new("a", text)).unwrap().root());
        // Another text is not what was approved.
        *tree.at_mut("/sign_off").unwrap() = Tree::Map(vec![("status".to_owned(), Tree::Text("draft".to_owned()))]);
        let Some(Tree::Text(kind)) = tree.at_mut("/kind").cloned() else { panic!("no kind") };
        let leaves = leaves(&tree, catalog.kind(&kind).unwrap().unwrap());
        let marks = mark(&mut tree, &leaves, |number, _| format!("Zq{number:04}qZ"));
        assert!(marks.len() > 10);
        // The evidence lies beside the answers.
        let place = OUT.join("marked").join(&document.name);
        copy(document.answers.parent().unwrap(), &place);
        fs::write(place.join("answers.yaml"), tree.plain()).unwrap();
        let built = build(&format!("marked-{}", document.name), &place.join("answers.yaml"));
        let text = spoken(&expect(Program::Tool("pdftotext").command().arg(built.pdf()).arg("-")));
        let lost: Vec<_> = marks.iter().filter(|(_, mark)| !text.contains(mark.as_str())).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", document.name);
        seen += marks.len();
    }
    assert!(seen > 100, "{seen} answers were marked");
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
