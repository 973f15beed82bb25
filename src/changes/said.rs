//! What a version said, read back from the files that a build or a release left.
//!
//! Comes in: bytes of `answers.json` and `content.json`, or of `earlier.json`, which holds both. Goes out: the answers and
//! the digests of their evidence, which have the content id that they claim. Knows nothing of folders and PDFs.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Version;
use crate::digest::Digest;
use crate::identity::{canonical, is_canonical};

/// The files behind a content id, by their names in a bundle.
const ANSWERS: &str = "answers.json";
const CONTENT: &str = "content.json";

/// What a version said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    answers: Json,
    content: Json,
    evidence: BTreeMap<String, Digest>,
}

/// The release that a document is compared with: the last one of another revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its revision label.
    pub revision: String,
    /// Its content id.
    pub content_id: Digest,
    /// The ledger as it was before this revision was released: the digest of its last line then.
    pub ledger_head: Digest,
    /// What it said.
    pub said: Said,
}

impl Earlier {
    /// The release that said this, and the ledger before the present revision.
    #[must_use]
    pub fn new(said: Said, ledger_head: Digest) -> Self {
        Self { revision: said.revision().to_owned(), content_id: said.content_id(), ledger_head, said }
    }
}

impl Said {
    /// Reads `answers.json` and `content.json`.
    ///
    /// # Errors
    /// What is wrong with them, in words: no canonical JSON, or answers that are not those of the content.
    pub fn read(answers: &[u8], content: &[u8]) -> Result<Self, String> {
        Self::of(parse(ANSWERS, answers)?, parse(CONTENT, content)?)
    }

    /// Reads what [`Said::to_json`] wrote.
    ///
    /// # Errors
    /// As [`Said::read`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let mut both = parse("earlier.json", bytes)?;
        let mut part = |name: &str| both.get_mut(name).map(Json::take).ok_or_else(|| format!("there is no `{name}`"));
        Self::of(part(ANSWERS)?, part(CONTENT)?)
    }

    /// Both in one file, `earlier.json`, as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        canonical(&json!({ANSWERS: self.answers, CONTENT: self.content}))
    }

    fn of(answers: Json, content: Json) -> Result<Self, String> {
        let told = content.pointer("/answers/sha256").and_then(Json::as_str).and_then(Digest::parse);
        if told != Some(Digest::of(&canonical(&answers))) {
            return Err("the answers are not those that the content id names".to_owned());
        }
        let lacks = |name: &&str| content.get(name).is_none_or(|value| !value.is_string());
        if let Some(name) = ["kind", "document", "revision"].into_iter().find(lacks) {
            return Err(format!("the content has no `{name}`"));
        }
        let item = |item: &Json| {
            let path = item.get("path")?.as_str()?.to_owned();
            Some((path, Digest::parse(item.get("sha256")?.as_str()?)?))
        };
        let evidence = content.get("evidence").and_then(Json::as_array);
        let evidence = evidence.and_then(|items| items.iter().map(item).collect::<Option<BTreeMap<_, _>>>());
        let evidence = evidence.ok_or("the content does not list its evidence by path and digest")?;
        Ok(Self { answers, content, evidence })
    }

    /// Both for a comparison.
    #[must_use]
    pub fn version(&self) -> Version<'_> {
        Version { answers: &self.answers, evidence: &self.evidence }
    }

    /// The content id: the digest of `content.json`.
    #[must_use]
    pub fn content_id(&self) -> Digest {
        Digest::of(&canonical(&self.content))
    }

    /// Id of its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// Number of the document.
    #[must_use]
    pub fn document(&self) -> &str {
        self.text("document")
    }

    /// Label of the revision.
    #[must_use]
    pub fn revision(&self) -> &str {
        self.text("revision")
    }

    fn text(&self, name: &str) -> &str {
        self.content.get(name).and_then(Json::as_str).unwrap_or_default()
    }
}

/// Canonical JSON and nothing else: so two readers of the bytes cannot see two things.
fn parse(name: &str, bytes: &[u8]) -> Result<Json, String> {
    let value: Json = serde_json::from_slice(bytes).map_err(|error| format!("`{name}` is no JSON: {error}"))?;
    if is_canonical(&value, bytes) {
        Ok(value)
    } else {
        Err(format!("`{name}` is not canonical JSON, so techfile did not write it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(answers: &str) -> (Vec<u8>, Vec<u8>) {
        let digest = Digest::of(answers.as_bytes()).to_string();
        let content = json!({
            "answers": {"sha256": digest, "size": answers.len()},
            "document": "D-1",
            "evidence": [{"path": "e.txt", "sha256": Digest::of(b"e").to_string(), "size": 1}],
            "kind": "k",
            "revision": "2",
        });
        (answers.as_bytes().to_vec(), canonical(&content))
    }

    #[test]
    fn what_was_said_can_be_read_back_and_proves_itself() {
        let (answers, content) = files("{\"a\":1}");
        let said = Said::read(&answers, &content).expect("they belong together");
        assert_eq!((said.kind(), said.document(), said.revision()), ("k", "D-1", "2"));
        assert_eq!(said.content_id(), Digest::of(&content));
        assert_eq!(said.version().evidence["e.txt"], Digest::of(b"e"));
        assert_eq!(Said::from_json(&said.to_json()).as_ref(), Ok(&said));
        let earlier = Earlier::new(said, Digest::of(b"head"));
        assert_eq!((earlier.revision.as_str(), earlier.content_id), ("2", Digest::of(&content)));
    }

    #[test]
    fn what_techfile_did_not_write_is_refused() {
        let (answers, content) = files("{\"a\":1}");
        for (bytes, told) in [
            (&b"{\"a\":2}"[..], "not those"),
            (b"{\"a\": 1}", "not canonical"),
            (b"{\"a\":0,\"a\":1}", "not canonical"),
            (b"{\"a\":1.5}", "not canonical"),
            (b"{\"a\":1", "no JSON"),
            (b"\xff", "no JSON"),
        ] {
            assert!(Said::read(bytes, &content).is_err_and(|why| why.contains(told)), "{told}");
        }
        assert!(Said::read(&answers, b"{}").is_err());
        assert!(Said::from_json(b"{\"answers\":{}}").is_err());
        let deep = ["[".repeat(5_000), "]".repeat(5_000)].concat();
        assert!(Said::read(deep.as_bytes(), &content).is_err(), "depth has an end");
    }
}
