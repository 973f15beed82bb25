//! The evidence register: what is in it and where it is cited.
//!
//! Comes in: a walk, the files that were bound, citations in Markdown. Goes out: the register, and a warning for what
//! nobody cites.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Evidence;
use super::walk::{Part, Walk};
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
            // What else is wrong with an item is told there; what cites it still finds it.
            let id = text(item, "id")?;
            let file = text(item, "file").unwrap_or_default();
            let bound = files.iter().find(|bound| bound.id() == id && bound.path() == file);
            let file_id = bound.and_then(|bound| Some((bound.bytes()?.len() as u64, bound.sha256()?)));
            Some(Evidence {
                title: text(item, "title").unwrap_or_default(),
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

/// Names that a document's own files bear, in its folder and among the PDF's attachments.
const RESERVED: [&str; 9] = [
    "answers.json",
    "content.json",
    "document.json",
    "manifest.json",
    "sha256sums",
    "stamp.json",
    "theme",
    "theme.typ",
    "verify.txt",
];

/// An evidence file travels as `<id>.<ending>`, which must not be the name of another file.
pub(super) fn names(register: &[Evidence], walk: &Walk<'_>) -> Vec<Diagnostic> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    let findings = register.iter().filter(|item| !item.file.is_empty()).filter_map(|item| {
        let (name, id) = (item.file_name().to_lowercase(), item.id.to_lowercase());
        let message = if super::control::is_device(&item.id) {
            format!("the evidence `{}` bears a name that Windows keeps for itself", item.id)
        } else if RESERVED.contains(&name.as_str()) {
            format!("the evidence `{}` would bear the name of a file that every document has", item.id)
        } else {
            // Two items with one id are a finding of their own.
            taken.insert(name.clone(), id.clone()).filter(|other| *other != id)?;
            format!("the evidence `{}` would travel as `{name}`, as another one does", item.id)
        };
        let part = id_part(walk, &item.id)?;
        Some(part.error(Code::WrongValue, message).help("give it another id, such as E-01"))
    });
    findings.collect()
}

fn id_part<'w, 'a>(walk: &'w Walk<'a>, id: &str) -> Option<&'w Part<'a>> {
    let is = |part: &&Part<'_>| {
        part.pointer.starts_with("/evidence/") && part.pointer.ends_with("/id") && part.node.text() == Some(id)
    };
    walk.parts.iter().find(is)
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
        // Of two items with one id, which is an error of its own, neither is unused.
        for item in register.iter_mut().filter(|item| item.id == id) {
            if !item.cited_in.contains(&pointer) {
                item.cited_in.push(pointer.clone());
            }
        }
    }
    let unused = register.iter().filter(|item| item.cited_in.is_empty()).filter_map(|item| {
        let part = id_part(walk, &item.id)?;
        let finding = part.warning(Code::EvidenceUnused, format!("no answer cites the evidence `{}`", item.id));
        Some(finding.help(format!("cite it as `evidence: [{}]` where it proves something, or remove it", item.id)))
    });
    unused.collect()
}

fn target(shape: Shape<'_>) -> Option<&str> {
    shape.text("x-ref")
}
