//! The evidence register: what is in it and where it is cited.
//!
//! Comes in: a walk, the files that were bound, citations in Markdown. Goes out: the register, and a warning for what
//! nobody cites.

use serde_json::Value as Json;

use super::Evidence;
use super::walk::Walk;
use crate::answers::{BoundFile, Value};
use crate::catalog::Shape;
use crate::diagnostic::{Code, Diagnostic};

/// Where references to evidence lead, as schemas write it.
const IDS: &str = "/evidence/*/id";

/// The register as answered, with what is known of each file.
pub(super) fn register(walk: &Walk<'_>, files: &[BoundFile]) -> Vec<Evidence> {
    let items = walk.value.get("evidence").and_then(Json::as_array).into_iter().flatten();
    let text = |item: &Json, key: &str| item.get(key).and_then(Json::as_str).map(str::to_owned);
    items
        .filter_map(|item| {
            let file = text(item, "file")?;
            let id = text(item, "id")?;
            let bound = files.iter().find(|bound| bound.id() == id && bound.path() == file);
            let file_id = bound.and_then(|bound| Some((bound.bytes()?.len() as u64, bound.sha256()?)));
            Some(Evidence {
                title: text(item, "title")?,
                date: text(item, "date"),
                signed_by: text(item, "signed_by"),
                alt: text(item, "alt"),
                attach: item.get("attach").and_then(Json::as_bool).unwrap_or(false),
                id,
                file,
                file_id,
                cited_in: Vec::new(),
            })
        })
        .collect()
}

/// Notes where each piece of evidence is cited.
pub(super) fn cite(register: &mut [Evidence], walk: &Walk<'_>, cited: Vec<(String, String)>) -> Vec<Diagnostic> {
    let references = walk.parts.iter().filter_map(|part| match (part.node.value(), part.shape.and_then(target)) {
        (Value::Text(id), Some(IDS)) => Some((id.clone(), part.pointer.clone())),
        _ => None,
    });
    let mut all: Vec<(String, String)> = references.chain(cited).collect();
    all.dedup();
    for (id, pointer) in all {
        if let Some(item) = register.iter_mut().find(|item| item.id == id)
            && !item.cited_in.contains(&pointer)
        {
            item.cited_in.push(pointer);
        }
    }
    let unused = register.iter().filter(|item| item.cited_in.is_empty()).filter_map(|item| {
        let part = walk.parts.iter().find(|part| {
            part.pointer.starts_with("/evidence/")
                && part.pointer.ends_with("/id")
                && part.node.text() == Some(&item.id)
        })?;
        let finding = part.warning(Code::EvidenceUnused, format!("no answer cites the evidence `{}`", item.id));
        Some(finding.help(format!("cite it as `evidence: [{}]` where it proves something, or remove it", item.id)))
    });
    unused.collect()
}

fn target(shape: Shape<'_>) -> Option<&str> {
    shape.text("x-ref")
}
