//! A folder with the toy's answers, its evidence and somebody who approves them: what a release needs.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program::{Ran, techfile};
use crate::repository::{read, root};

/// A working folder with answers of the toy kind.
pub(crate) struct Desk {
    folder: TempDir,
    catalog: String,
}

impl Desk {
    /// The toy as it is, with its evidence.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let toy = root().join("tests/suite/toy");
        fs::copy(toy.join("drops.txt"), folder.path().join("drops.txt")).unwrap();
        let desk = Self { folder, catalog: toy.to_str().unwrap().to_owned() };
        desk.write("answers.yaml", &read("tests/suite/toy/answers.yaml"));
        desk
    }

    /// The same, approved.
    pub(crate) fn approved() -> Self {
        let desk = Self::new();
        desk.approve("answers.yaml");
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs the program with the toy's catalogue.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        techfile(self.path(), &[arguments, &["--catalog", &self.catalog]].concat())
    }

    /// Runs it and demands this end.
    pub(crate) fn ends(&self, code: i32, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// Lets somebody approve answers as they are now.
    pub(crate) fn approve(&self, path: &str) {
        let text = self.text(path);
        let start = text.find("sign_off:\n").unwrap();
        let end = start + text[start..].find("\ntoy_name").unwrap() + 1;
        let (before, after) = (&text[..start], &text[end..]);
        self.write(path, &format!("{before}sign_off:\n  status: in-review\n{after}"));
        let signer = ["--by", "Ada Doe", "--role", "Head of Toys", "--date", "2026-11-20"];
        let lines = self.ends(0, &[&["sign-off", path][..], &signer].concat()).stdout;
        self.write(path, &format!("{before}sign_off:\n  status: approved\n{lines}{after}"));
    }

    /// The answers as another revision, with other words in one answer; approved.
    pub(crate) fn revise(&self, path: &str, revision: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} does not hold {from:?}");
        let text = text.replacen(from, to, 1);
        let old = text.split("  revision: ").nth(1).unwrap().lines().next().unwrap().to_owned();
        let text = text.replacen(&format!("  revision: {old}"), &format!("  revision: \"{revision}\""), 1);
        let line =
            format!("    - {{revision: \"{revision}\", date: \"2026-11-20\", author: Ada Doe, summary: Another}}\n");
        let at = text.find("sign_off:\n").unwrap();
        self.write(path, &format!("{}{line}{}", &text[..at], &text[at..]));
        self.approve(path);
    }

    /// Every file below a folder with its bytes, by its path from it; without the hidden folder that holds a lock.
    pub(crate) fn files(&self, folder: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
        let mut found = std::collections::BTreeMap::new();
        let mut waiting = vec![self.at(folder)];
        while let Some(at) = waiting.pop() {
            for entry in fs::read_dir(&at).unwrap_or_else(|error| panic!("{}: {error}", at.display())) {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.extend((!path.ends_with(".techfile")).then_some(path));
                } else {
                    let name = path.strip_prefix(self.at(folder)).unwrap().to_str().unwrap().replace('\\', "/");
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        found
    }
}
