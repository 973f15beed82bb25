//! Documents of earlier versions verify, check and keep their content ids: `tests/vintage/README.md` says what lies there.

use std::fs;
use std::path::Path;

use techfile::identity::identify;
use techfile::record::ledger::{Beside, Event, Ledger};

use crate::program::{command, run};
use crate::repository::{files, folders, read, root};
use crate::stages::{catalog_with, checked};

/// The folder of each document of each version, and the files of the catalogue that the version brings.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for version in folders("tests/vintage") {
        let version = format!("tests/vintage/{version}");
        let releases = format!("{version}/releases");
        found.extend(folders(&releases).into_iter().map(|id| (version.clone(), format!("{releases}/{id}"))));
    }
    found
}

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
    for (version, document) in documents() {
        let catalog = catalog_with(own_catalog(&version));
        for line in ledger(&document).lines().filter(|line| line.event == Event::Release) {
            let release = format!("{document}/{}", line.rev);
            let folder = root().join(&release).join("inputs/answers");
            let name = format!("{}.yaml", stem(&release));
            let text = fs::read_to_string(folder.join(&name)).unwrap();
            let answers =
                checked(&text, &name, &folder, &catalog).unwrap_or_else(|found| panic!("{release}: {found:?}"));
            assert_eq!(identify(&answers).content_id.to_string(), line.content_id, "{release}");
        }
    }
}

#[cfg(all(feature = "cli", feature = "pdf"))]
#[test]
fn releases_of_earlier_versions_verify() {
    let mut seen = 0;
    for (_, document) in documents() {
        let verify = |path: &str, ledger: Option<&str>| {
            let mut program = command(root());
            let program = program.arg("verify").arg(path);
            let ran = run(if let Some(ledger) = ledger { program.arg("--ledger").arg(ledger) } else { program });
            assert_eq!(ran.code, 0, "{path}: {}{}", ran.stdout, ran.stderr);
        };
        verify(&document, None);
        let id = Path::new(&document).file_name().unwrap().to_str().unwrap();
        let own = format!("{document}/{id}.ledger.jsonl");
        for line in ledger(&document).lines().filter(|line| line.event == Event::Release) {
            let release = format!("{document}/{}", line.rev);
            verify(&format!("{release}/{}.pdf", stem(&release)), Some(&own));
            seen += 1;
        }
    }
    assert!(seen >= folders("tests/vintage").len(), "{seen} releases of earlier versions");
}
