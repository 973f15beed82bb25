//! Why a document would be another if it were made now.
//!
//! Comes in: the manifest that lies beside the document, and the one that it would have. Goes out: what differs, in the
//! order in which somebody would look: the answers, what they name, the catalogue, the program.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::catalog::Catalog;
use crate::collect::collects;

/// Something that differs between two manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// What the document says; with its kind and the clauses whose answers differ.
    Answers {
        /// The document kind.
        kind: String,
        /// Clause ids; none if no clause asks for what differs.
        clauses: Vec<String>,
    },
    /// Who signed it off, or its status.
    SignOff,
    /// A file that it is made from: what it is there for, its path, and what happened to it.
    File(&'static str, String, Happened),
    /// The release that it is compared with.
    Earlier,
    /// The program or the compiler: before and now.
    Program(String, String),
    /// What nobody made: the manifest beside the document is none.
    Unreadable,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// Its bytes are others.
    Changed,
    /// It was not there before.
    New,
    /// It is no longer used.
    Gone,
}

impl Cause {
    /// As people read it.
    #[must_use]
    pub fn sentence(&self, catalog: &Catalog) -> String {
        match self {
            Self::Answers { kind, clauses } => {
                let collects = catalog.kind(kind).is_some_and(|kind| kind.is_ok_and(collects));
                let what =
                    if collects { "the answers, or what they collect from other documents," } else { "the answers" };
                let named: Vec<String> = clauses.iter().map(|id| catalog.cite(id)).collect();
                match named.as_slice() {
                    [] => format!("{what} changed, though none that a clause asks for"),
                    named => format!("{what} changed: {}", named.join("; ")),
                }
            }
            Self::SignOff => "the sign-off changed".to_owned(),
            Self::File(role, path, happened) => {
                let happened = match happened {
                    Happened::Changed => "changed",
                    Happened::New => "is new",
                    Happened::Gone => "is no longer used",
                };
                format!("the {role} `{path}` {happened}")
            }
            Self::Earlier => "there is another release to compare with".to_owned(),
            Self::Program(before, now) => format!("it was made by {before}, and this is {now}"),
            Self::Unreadable => "the manifest beside it is not one that techfile wrote".to_owned(),
        }
    }
}

/// What differs between the manifest `before`, which lies beside a document, and `now`.
#[must_use]
pub fn causes(before: &[u8], now: &[u8]) -> Vec<Cause> {
    let (Ok(before), Ok(now)) = (serde_json::from_slice::<Json>(before), serde_json::from_slice::<Json>(now)) else {
        return vec![Cause::Unreadable];
    };
    if before["format"] != now["format"] {
        return vec![Cause::Unreadable];
    }
    let mut causes = Vec::new();
    if before["content_id"] != now["content_id"] || before["document"] != now["document"] {
        let kind = now["kind"].as_str().unwrap_or_default().to_owned();
        causes.push(Cause::Answers { kind, clauses: differing(&before["clauses"], &now["clauses"]) });
    }
    if before["sign_off"] != now["sign_off"] {
        causes.push(Cause::SignOff);
    }
    causes.extend(files("data file", &before["sources"], &now["sources"], None));
    causes.extend(files("evidence file", &before["evidence"], &now["evidence"], None));
    // What people change comes before what the program brings along.
    for (role, shown) in ROLES {
        causes.extend(files(shown, &before["inputs"], &now["inputs"], Some(role)));
    }
    if before["earlier"] != now["earlier"] {
        causes.push(Cause::Earlier);
    }
    for (key, name) in [("tool", ""), ("typst", "Typst ")] {
        let version = |manifest: &Json| {
            let text = |key: &str, part: &str| manifest[key][part].as_str().unwrap_or_default().to_owned();
            let name = if name.is_empty() { text(key, "name") + " " } else { name.to_owned() };
            name + &text(key, "version")
        };
        if before[key] != now[key] {
            causes.push(Cause::Program(version(&before), version(&now)));
        }
    }
    causes
}

/// Sorts of files that manifests name, and what people call them.
const ROLES: [(&str, &str); 6] = [
    ("schema", "schema"),
    ("template", "template"),
    ("words", "word list"),
    ("clauses", "clause catalogue"),
    ("theme", "look"),
    ("font", "font"),
];

fn differing(before: &Json, now: &Json) -> Vec<String> {
    let empty = serde_json::Map::new();
    let (before, now) = (before.as_object().unwrap_or(&empty), now.as_object().unwrap_or(&empty));
    let mut ids: Vec<&String> = now.keys().chain(before.keys().filter(|id| !now.contains_key(*id))).collect();
    ids.retain(|id| before.get(*id) != now.get(*id));
    ids.into_iter().cloned().collect()
}

fn files(shown: &'static str, before: &Json, now: &Json, role: Option<&str>) -> Vec<Cause> {
    let listed = |list: &Json| -> BTreeMap<String, Json> {
        let own = list.as_array().into_iter().flatten().filter(|file| role.is_none_or(|role| file["role"] == role));
        own.filter_map(|file| Some((file["path"].as_str()?.to_owned(), file["sha256"].clone()))).collect()
    };
    let (before, now) = (listed(before), listed(now));
    let mut causes = Vec::new();
    for (path, digest) in &now {
        match before.get(path) {
            None => causes.push(Cause::File(shown, path.clone(), Happened::New)),
            Some(old) if old != digest => causes.push(Cause::File(shown, path.clone(), Happened::Changed)),
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    causes.extend(gone.map(|path| Cause::File(shown, path.clone(), Happened::Gone)));
    causes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest() -> Json {
        json!({
            "format": "techfile-manifest/1", "content_id": "1", "kind": "k", "document": {"id": "T"}, "sign_off": {"status": "draft"},
            "clauses": {"f:1": "a", "f:2": "b"}, "earlier": null,
            "evidence": [{"path": "a.png", "sha256": "1"}],
            "inputs": [{"role": "template", "path": "t/k.md.tera", "sha256": "2"}],
            "tool": {"name": "techfile", "version": "1"}, "typst": {"version": "2"},
        })
    }

    fn told(now: &Json) -> Vec<Cause> {
        causes(manifest().to_string().as_bytes(), now.to_string().as_bytes())
    }

    #[test]
    fn each_cause_is_told_by_name() {
        assert_eq!(told(&manifest()), []);
        let mut now = manifest();
        now["content_id"] = "2".into();
        now["clauses"] = json!({"f:1": "a", "f:2": "c", "f:3": "d"});
        let changed = |kind: &str, clauses: &[&str]| Cause::Answers {
            kind: kind.to_owned(),
            clauses: clauses.iter().map(|id| (*id).to_owned()).collect(),
        };
        assert_eq!(told(&now), [changed("k", &["f:2", "f:3"])]);
        now["clauses"] = manifest()["clauses"].clone();
        assert_eq!(told(&now), [changed("k", &[])]);
        let catalog = Catalog::builtin();
        let (collecting, other): (Vec<_>, Vec<_>) =
            catalog.kind_ids().filter_map(|id| catalog.kind(id)?.ok()).partition(|kind| collects(kind));
        let (one, own) = ("eu-ai-act:annex-iv.1.a", "AI Act, Annex IV, point 1(a)");
        for (cause, sentence) in [
            (changed(other[0].id(), &[]), "the answers changed, though none that a clause asks for".to_owned()),
            (changed(other[0].id(), &[one]), format!("the answers changed: {own}")),
            (
                changed(collecting[0].id(), &[one]),
                format!("the answers, or what they collect from other documents, changed: {own}"),
            ),
        ] {
            assert_eq!(cause.sentence(&catalog), sentence);
        }
        let mut now = manifest();
        now["sources"] = json!([{"path": "metrics.json", "sha256": "9"}]);
        now["evidence"][0]["sha256"] = "3".into();
        now["inputs"][0]["path"] = "t/other.md.tera".into();
        assert_eq!(
            told(&now),
            [
                Cause::File("data file", "metrics.json".into(), Happened::New),
                Cause::File("evidence file", "a.png".into(), Happened::Changed),
                Cause::File("template", "t/other.md.tera".into(), Happened::New),
                Cause::File("template", "t/k.md.tera".into(), Happened::Gone),
            ]
        );
        let mut now = manifest();
        now["tool"]["version"] = "3".into();
        now["sign_off"]["status"] = "approved".into();
        now["earlier"] = json!({"revision": "1"});
        assert_eq!(
            told(&now),
            [Cause::SignOff, Cause::Earlier, Cause::Program("techfile 1".into(), "techfile 3".into())]
        );
        assert_eq!(causes(b"{}", now.to_string().as_bytes()), [Cause::Unreadable]);
    }

    #[test]
    fn every_sort_of_file_of_a_manifest_is_known() {
        let stage = include_str!("../render/stage.rs");
        let stamp = include_str!("../stamp.rs");
        for (role, _) in ROLES {
            assert!(stage.contains(&format!("\"{role}\"")) || stamp.contains(&format!("\"{role}\"")), "{role}");
        }
    }
}
