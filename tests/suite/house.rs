//! The look of a house: a catalogue changes pages and words, never what was answered.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::tempdir;

use crate::program::{command, run};
use crate::repository::{files, root};

const SAMPLE: &str = "samples/house-style";

/// Builds the sample, perhaps with a catalogue, and gives code, what was said, and the folder.
fn build(catalog: Option<&Path>, out: &Path) -> (i32, String) {
    let mut program = command(root());
    if let Some(catalog) = catalog {
        program.arg("--catalog").arg(catalog);
    }
    let ran = run(program.arg("build").arg(root().join(SAMPLE).join("answers.yaml")).arg("--out").arg(out));
    (ran.code, ran.stderr)
}

/// A copy of the sample's catalogue, to change.
fn copy(place: &Path) -> PathBuf {
    let from = format!("{SAMPLE}/catalog");
    for path in files(&from) {
        let to = place.join(&path[from.len() + 1..]);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(&path), to).unwrap();
    }
    place.to_owned()
}

fn manifest(out: &Path) -> Json {
    serde_json::from_slice(&fs::read(out.join("answers.manifest.json")).unwrap()).unwrap()
}

fn inputs(out: &Path) -> Vec<String> {
    manifest(out)["inputs"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_look_changes_pages_and_build_but_not_the_content() {
    let folder = tempdir().unwrap();
    let (plain, own, again) = (folder.path().join("plain"), folder.path().join("own"), folder.path().join("again"));
    let catalog = copy(&folder.path().join("catalog"));
    assert_eq!(build(None, &plain).0, 0);
    assert_eq!(build(Some(&catalog), &own).0, 0);
    assert_eq!(manifest(&plain)["content_id"], manifest(&own)["content_id"]);
    let known = inputs(&own);
    let house = ["templates/theme/look.typ", "templates/theme/logo.svg", "templates/locales/en/house.yaml"];
    for path in house {
        assert!(known.iter().any(|known| known == path), "{path}: {known:?}");
    }
    // The Typst source stands without the catalogue: all that the look reads lies beside it.
    assert_eq!(
        fs::read(own.join("answers.files/theme/logo.svg")).unwrap(),
        fs::read(catalog.join("templates/theme/logo.svg")).unwrap()
    );
    // A change of the logo alone is another build of the same content.
    let logo = fs::read_to_string(catalog.join("templates/theme/logo.svg")).unwrap();
    fs::write(catalog.join("templates/theme/logo.svg"), logo.replace("#0b5563", "#630b55")).unwrap();
    assert_eq!(build(Some(&catalog), &again).0, 0);
    assert_eq!(manifest(&own)["body"], manifest(&again)["body"]);
    assert_ne!(fs::read(own.join("answers.pdf")).unwrap(), fs::read(again.join("answers.pdf")).unwrap());
}

#[test]
fn a_house_brings_faces_sections_and_words() {
    let folder = tempdir().unwrap();
    let (own, out) = (copy(&folder.path().join("catalog")), folder.path().join("out"));
    fs::create_dir(own.join("templates/fonts")).unwrap();
    fs::copy(root().join("templates/fonts/SourceSans3-It.ttf"), own.join("templates/fonts/House.ttf")).unwrap();
    assert_eq!(build(Some(&own), &out).0, 0);
    assert!(inputs(&out).iter().any(|path| path == "templates/fonts/House.ttf"));
    let text = fs::read_to_string(out.join("answers.md")).unwrap();
    let (section, open) = (text.find("\n## House rules for this file\n"), text.find("\n## Still to do\n"));
    assert!(section.is_some() && section < open, "the section of the house comes before the open points");
    assert!(text.contains("| Document owner | Noor Voorbeeld, Product Safety |"), "{text}");
}

#[test]
fn a_fault_in_a_look_names_its_line() {
    let folder = tempdir().unwrap();
    let (own, out) = (copy(&folder.path().join("catalog")), folder.path().join("out"));
    let look = own.join("templates/theme/look.typ");
    let good = fs::read_to_string(&look).unwrap();
    let faults = [
        ("\"logo.svg\"", "\"nologo.svg\"", "file not found"),
        (", alt: \"Voorbeeld Waterworks\"", "", "missing alt text"),
        ("rgb(\"#0b5563\")", "rgb(", "unclosed delimiter"),
    ];
    for (part, other, said) in faults {
        let line = good.lines().position(|line| line.contains(part)).unwrap() + 1;
        fs::write(&look, good.replacen(part, other, 1)).unwrap();
        let (code, stderr) = build(Some(&own), &out);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(said) && stderr.contains(&format!("theme/look.typ:{line}:")), "{stderr}");
    }
}
