//! Documents of earlier versions verify, check and keep their content ids: `tests/vintage/README.md` says what lies there.

use std::fs;

use techfile::identity::identify;
use techfile::record::ledger::{Beside, Event, Ledger};

#[cfg(all(feature = "cli", feature = "pdf"))]
use crate::program::{command, run};
use crate::repository::{files, folders, read, root};
use crate::stages::{catalog_with, checked};

/// The folder of each version.
fn versions() -> Vec<String> {
    folders("tests/vintage").into_iter().map(|version| format!("tests/vintage/{version}")).collect()
}

/// The releases of each document of a version: `tests/vintage/0.1/tower/releases/T-100`.
fn documents(version: &str) -> Vec<String> {
    let releases = folders(version).into_iter().map(|name| format!("{version}/{name}/releases"));
    releases.flat_map(|releases| folders(&releases).into_iter().map(move |id| format!("{releases}/{id}"))).collect()
}

/// What a version brings of its own.
fn own_catalog(version: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("{version}/catalog/");
    let paths = files(&folder).into_iter();
    paths.map(|path| (path[folder.len()..].to_owned(), fs::read(root().join(&path)).unwrap())).collect()
}

fn ledger(document: &str) -> Ledger {
    let id = document.rsplit('/').next().unwrap();
    let path = format!("{document}/{id}.ledger.jsonl");
    let head = read(&format!("{document}/{id}.ledger.head"));
    let beside = Beside { head: Some(head.as_bytes()), journal: None };
    let (ledger, findings) = Ledger::read(&path, read(&path).as_bytes(), beside);
    assert!(findings.is_empty(), "{path}: {findings:?}");
    ledger
}

/// The answers file of a release: the one that bears the name of the PDF.
fn stem(release: &str) -> String {
    let pdf =
        files(release).into_iter().find(|path| !path[release.len() + 1..].contains('/') && path.ends_with(".pdf"));
    pdf.unwrap_or_else(|| panic!("{release} has no PDF"))[release.len() + 1..].trim_end_matches(".pdf").to_owned()
}

#[test]
fn answers_of_earlier_versions_check_and_keep_their_content_ids() {
    let mut seen = 0;
    for version in versions() {
        let catalog = catalog_with(own_catalog(&version));
        for document in documents(&version) {
            for line in ledger(&document).lines().filter(|line| line.event == Event::Release) {
                let release = format!("{document}/{}", line.rev);
                let folder = root().join(&release).join("inputs/answers");
                let name = format!("{}.yaml", stem(&release));
                let text = fs::read_to_string(folder.join(&name)).unwrap();
                let answers = checked(&text, &name, &folder, &catalog);
                let answers = answers.unwrap_or_else(|found| panic!("{release}: {found:?}"));
                assert_eq!(identify(&answers).content_id.to_string(), line.content_id, "{release}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "{seen} releases of earlier versions");
}

/// Whether a file is one of answers that lie outside of the releases.
#[cfg(all(feature = "cli", feature = "pdf"))]
fn is_answers(path: &str, place: &str) -> bool {
    path.ends_with(".yaml") && !path[place.len() + 1..].contains('/')
}

/// What `check` says of answers, apart from approvals and reviews of other words than those of this version.
#[cfg(all(feature = "cli", feature = "pdf"))]
fn told(answers: &str, catalog: &str) -> Vec<String> {
    let ran = run(command(root()).args(["check", answers, "--catalog", catalog, "--format", "json"]));
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let codes = told["findings"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap().to_owned());
    let codes: Vec<String> = codes.collect();
    assert_eq!(ran.code, i32::from(codes.iter().any(|code| code == "approval-outdated")), "{answers}: {}", ran.stderr);
    // A later version may recommend more than was known to an earlier one.
    let later = ["approval-outdated", "suspect", "recommended"];
    codes.into_iter().filter(|code| !later.contains(&code.as_str())).collect()
}

/// Every release, every ledger, every PDF by its ledger; and the answers that lie outside of the releases.
#[cfg(all(feature = "cli", feature = "pdf"))]
#[test]
fn releases_of_earlier_versions_verify() {
    let accepts = |arguments: &[&str]| {
        let ran = run(command(root()).args(arguments));
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    };
    let mut signed = 0;
    for version in versions() {
        let catalog = format!("{version}/catalog");
        for document in documents(&version) {
            accepts(&["verify", &document]);
            let (place, id) = document.split_once("/releases/").unwrap();
            for answers in files(place).into_iter().filter(|path| is_answers(path, place)) {
                assert_eq!(told(&answers, &catalog), [""; 0], "{answers}");
            }
            let own = format!("{document}/{id}.ledger.jsonl");
            for pdf in files(place).into_iter().filter(|path| path.ends_with(".pdf")) {
                accepts(&["verify", &pdf, "--ledger", &own]);
                signed += usize::from(pdf.contains("/signed/"));
            }
        }
    }
    assert!(signed >= 1, "{signed} signed files of earlier versions");
}
