//! `verify --rebuild`: a release is made again from its own folder, and from nothing else.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value as Json, json};
use techfile::diagnostic::Code;
use techfile::digest::Digest;
use techfile::identity::canonical;
use techfile::record::verify::{Files, Rebuilt, rebuild};

use crate::desk::Desk;
use crate::forged::sums;
use crate::program::techfile;
use crate::repository::read;

const TARGET: &str = "x86_64-linux";

/// The toy, released; its folder.
fn released() -> (Desk, Files) {
    let desk = Desk::approved();
    desk.ends(0, &["release", "answers.yaml", "--reason", "first release"]);
    let files = desk.files("releases/TOY-1/1");
    (desk, files)
}

/// The same with another statement.
fn stated(files: &Files, change: impl Fn(&mut Json)) -> Files {
    let mut files = files.clone();
    let mut statement: Json = serde_json::from_slice(&files["answers.intoto.json"]).unwrap();
    change(&mut statement);
    let mut bytes = canonical(&statement);
    bytes.push(b'\n');
    files.insert("answers.intoto.json".to_owned(), bytes);
    sums(&mut files);
    files
}

/// The platform that the release was made on, as it says itself.
fn target(files: &Files) -> String {
    let statement: Json = serde_json::from_slice(&files["answers.intoto.json"]).unwrap();
    let target = &statement["predicate"]["buildDefinition"]["internalParameters"]["target"];
    target.as_str().unwrap().to_owned()
}

#[test]
fn every_byte_comes_out_again_and_nothing_but_the_folder_is_read() {
    let (desk, files) = released();
    // Neither the catalogue of the toy, nor its answers, nor the first place.
    fs::rename(desk.at("releases"), desk.at("elsewhere")).unwrap();
    fs::remove_file(desk.at("answers.yaml")).unwrap();
    fs::remove_file(desk.at("drops.txt")).unwrap();
    let ran = techfile(desk.path(), &["verify", "elsewhere", "--rebuild"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("released, line 1 of the ledger; made again, every byte is equal"), "{}", ran.stdout);
    let ran = techfile(desk.path(), &["verify", "elsewhere/TOY-1/1", "--rebuild", "--format", "json"]);
    let told: Json = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["verified"][0]["rebuilt"], "equal");
    assert_eq!(rebuild("f", &files, &target(&files)), (Rebuilt::Equal, vec![]));
}

/// The templates of a release are somebody else's: what they take is theirs to lose.
#[test]
fn a_release_that_asks_for_too_much_takes_nothing_with_it() {
    let (desk, mut files) = released();
    let name = "inputs/catalog/templates/verify.txt.tera";
    let template = files.get_mut(name).unwrap();
    template.extend(b"{% set x = \"aaaaaaaa\" %}{% for a in range(end=60) %}{% set_global x = x ~ x %}{% endfor %}");
    let digest = Digest::of(template).to_string();
    let files = stated(&files, |statement| {
        let inputs = &mut statement["predicate"]["buildDefinition"]["resolvedDependencies"];
        let named = inputs.as_array_mut().unwrap().iter_mut().find(|named| named["name"] == name).unwrap();
        named["digest"]["sha256"] = digest.clone().into();
    });
    for (name, bytes) in &files {
        let path = desk.at("hostile").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let alone = techfile(desk.path(), &["verify", "hostile"]);
    assert_eq!(alone.code, 0, "{}", alone.stderr);
    let ran = techfile(desk.path(), &["verify", "hostile", "releases/TOY-1/1", "--rebuild"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("`hostile` cannot be made again: it needed more than 2048 MiB"), "{}", ran.stderr);
    assert!(ran.stdout.contains("made again, every byte is equal"), "{}", ran.stdout);
}

#[test]
fn inputs_that_do_not_belong_to_the_document_are_found() {
    let (_, files) = released();
    let target = target(&files);
    let look = |change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        sums(&mut files);
        let (rebuilt, findings) = rebuild("f", &files, &target);
        assert!(findings.iter().all(|finding| finding.code == Code::RebuildDiffers && finding.help.is_some()));
        (rebuilt, findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>())
    };
    let replace = |files: &mut Files, name: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(text.contains(from), "{name}");
        files.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
    };
    let (state, found) = look(&|files| replace(files, "inputs/answers/answers.yaml", "Four rings", "Five rings"));
    assert_eq!(state, Rebuilt::Differs);
    // The approval is for other words.
    assert!(
        found[0].contains("f` cannot be made again: ") || found.iter().any(|told| told.contains("answers.pdf")),
        "{found:?}"
    );
    let (state, found) = look(&|files| replace(files, "inputs/catalog/templates/theme.typ", "25mm", "24mm"));
    assert_eq!(state, Rebuilt::Differs);
    assert!(found.iter().any(|told| told.contains("answers.pdf` has other bytes")), "{found:?}");
    // A comment in the answers changes no document, but the statement names the file by its digest.
    let (_, found) = look(&|files| replace(files, "inputs/answers/answers.yaml", "kind: toy", "kind: toy # !"));
    assert!(found.iter().any(|told| told.contains("answers.intoto.json")), "{found:?}");
    assert!(!found.iter().any(|told| told.contains("answers.pdf`")), "{found:?}");
    let (_, found) = look(&|files| {
        files.insert("inputs/answers/other.txt".to_owned(), vec![1]);
    });
    assert!(found.iter().any(|told| told.contains("other.txt` is not made again")), "{found:?}");
    for gone in ["inputs/answers/drops.txt", "inputs/answers/answers.yaml", "inputs/catalog/schemas/toy.schema.json"] {
        let (state, found) = look(&|files| {
            files.remove(gone);
        });
        assert!(state == Rebuilt::Differs && found[0].contains("cannot be made again"), "{gone}: {found:?}");
    }
    let (state, found) = look(&|files| *files = BTreeMap::new());
    assert!(state == Rebuilt::Differs && found[0].contains("it has no manifest"), "{found:?}");
}

#[test]
fn another_platform_or_version_says_what_it_could_compare() {
    let (_, files) = released();
    let (rebuilt, findings) = rebuild("f", &files, "riscv64-plan9");
    assert_eq!(findings, []);
    let Rebuilt::Partly(how) = rebuilt else { panic!("{rebuilt:?}") };
    assert!(how.starts_with("on riscv64-plan9, where ") && how.contains("are equal"), "{how}");
    let other = stated(&files, |statement| {
        statement["predicate"]["runDetails"]["builder"]["id"] = json!("urn:techfile:techfile:0.0.9");
    });
    let (rebuilt, findings) = rebuild("f", &other, TARGET);
    assert_eq!(findings, []);
    let Rebuilt::Partly(how) = rebuilt else { panic!("{rebuilt:?}") };
    assert!(how.contains("where techfile 0.0.9 had made it: the content id and the Markdown are equal"), "{how}");
    // What is said must be the same with every version.
    let mut lied = other;
    let content = lied.get_mut("answers.files/content.json").unwrap();
    content.extend(b" ");
    assert_eq!(rebuild("f", &lied, TARGET).0, Rebuilt::Differs);
}

#[test]
fn a_translation_and_a_later_revision_are_made_again() {
    let desk = Desk::approved();
    desk.ends(0, &["release", "answers.yaml", "--reason", "first release"]);
    desk.write("answers.nl.yaml", &read("tests/suite/toy/answers.nl.yaml").replace("2026-11-21", "2026-11-20"));
    desk.approve("answers.nl.yaml");
    desk.ends(0, &["release", "answers.nl.yaml", "--reason", "vertaald"]);
    desk.revise("answers.yaml", "2", "Four rings", "Five rings");
    desk.ends(0, &["release", "answers.yaml", "--reason", "one ring more"]);
    let ran = techfile(desk.path(), &["verify", "releases", "--rebuild"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("made again, every byte is equal").count(), 3, "{}", ran.stdout);
}

#[test]
fn a_flipped_byte_anywhere_in_a_real_release_is_seen() {
    let (desk, files) = released();
    let mut seed = 7u64;
    for (name, bytes) in &files {
        for _ in 0..2 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut changed = bytes.clone();
            let at = usize::try_from(seed >> 33).unwrap() % changed.len();
            changed[at] ^= 1 << (seed >> 61);
            let path = desk.at("releases/TOY-1/1").join(name);
            fs::write(&path, changed).unwrap();
            let ran = techfile(desk.path(), &["verify", "releases", "-q"]);
            assert_eq!(ran.code, 4, "{name}: byte {at}\n{}", ran.stdout);
            fs::write(&path, bytes).unwrap();
        }
    }
    assert_eq!(techfile(desk.path(), &["verify", "releases"]).code, 0);
}
