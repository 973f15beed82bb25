//! A release: everything that a document was made from and became, in one folder that needs no techfile to be verified.
//!
//! Comes in: a stamped document, its bundle, and the files that were read for it. Goes out: the files of the folder, and
//! what the ledger says of them. No clock: a release of the same inputs has the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::layout::{
    ANSWERS, BUILD_TYPE, CATALOG, EARLIER, INPUTS, PREDICATE_TYPE, STATEMENT_TYPE, SUMS, VERIFY, VERIFY_TEMPLATE,
    builder,
};
use super::ledger::{Entry, Event, Vouched};
use crate::bundle::Bundle;
use crate::catalog::Catalog;
use crate::digest::Digest;
use crate::identity::canonical;
use crate::render::TemplateError;
use crate::stamp::{StampedDocument, TYPST};

/// What a release says of its document, taken before pages are set.
#[derive(Debug, Clone)]
pub struct Facts {
    id: String,
    revision: String,
    date: String,
    stem: String,
    content_id: Digest,
    build_id: Digest,
    /// Role, path and digest of each catalogue file.
    inputs: Vec<(String, Digest)>,
    earlier: Option<Vec<u8>>,
    approved_by: Vec<String>,
}

/// Where a document came from.
#[derive(Debug)]
pub struct Origin<'o> {
    /// Path of the answers file from the root, with `/`.
    pub answers: &'o str,
    /// Every file that was read for the document, by its path from the root: answers, evidence, the original of a
    /// translation with its evidence.
    pub read: &'o BTreeMap<String, Arc<[u8]>>,
    /// The platform, such as `x86_64-linux`: on another one pages may differ in a bit.
    pub target: &'o str,
}

/// The files of a release, and what the ledger says of it.
#[derive(Debug)]
pub struct Release {
    /// Names below the folder of the revision, with `/`, and bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The event, without its reason.
    pub entry: Entry,
}

impl Facts {
    /// What a stamped document says of itself.
    #[must_use]
    pub fn of(stamped: &StampedDocument) -> Self {
        let document = stamped.document();
        let inputs = document.inputs.iter().chain(&stamped.theme.inputs);
        let mut inputs: Vec<(String, Digest)> = inputs.map(|input| (input.path.clone(), input.sha256)).collect();
        inputs.sort();
        inputs.dedup();
        Self {
            id: document.control.id.clone(),
            revision: document.control.revision.clone(),
            date: document.control.date.clone(),
            stem: document.stem.clone(),
            content_id: document.identity.content_id,
            build_id: stamped.build_id(),
            inputs,
            earlier: document.earlier.as_ref().map(|earlier| earlier.said.to_json()),
            approved_by: document.approved_by.clone(),
        }
    }

    /// Label of the revision.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }
}

/// Puts a release together.
///
/// # Errors
/// A fault in the template of `VERIFY.txt`.
pub fn release(
    catalog: &Catalog,
    facts: &Facts,
    bundle: &Bundle,
    origin: &Origin<'_>,
) -> Result<Release, TemplateError> {
    let mut files = bundle.files().clone();
    for (path, bytes) in origin.read {
        files.insert(format!("{ANSWERS}{path}"), bytes.to_vec());
    }
    let paths = facts.inputs.iter().map(|(path, _)| path.as_str()).chain([VERIFY_TEMPLATE]);
    for path in paths {
        if let Some(bytes) = catalog.bytes(path) {
            files.insert(format!("{CATALOG}{path}"), bytes.to_vec());
        }
    }
    if let Some(earlier) = &facts.earlier {
        files.insert(EARLIER.to_owned(), earlier.clone());
    }
    let statement = statement(facts, &files, origin);
    files.insert(format!("{}.intoto.json", facts.stem), statement);
    files.insert(VERIFY.to_owned(), how_to_verify(catalog, facts)?);
    let sums = sums(&files);
    files.insert(SUMS.to_owned(), sums);
    let vouched = [format!("{}.pdf", facts.stem), format!("{}.md", facts.stem), manifest(facts), SUMS.to_owned()];
    let entry = Entry {
        event: Event::Release,
        doc: facts.id.clone(),
        rev: facts.revision.clone(),
        content_id: facts.content_id,
        build_id: facts.build_id,
        date: Some(facts.date.clone()),
        files: vouched.iter().map(|name| Vouched::of(name, &files[name])).collect(),
        reason: None,
        reviewed_by: facts.approved_by.clone(),
    };
    Ok(Release { files, entry })
}

fn manifest(facts: &Facts) -> String {
    format!("{}.manifest.json", facts.stem)
}

/// `SHA256SUMS` of all these files, sorted by the bytes of their names.
#[must_use]
pub fn sums(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut out = String::new();
    for (name, bytes) in files.iter().filter(|(name, _)| *name != SUMS) {
        let _ = writeln!(out, "{}  {name}", Digest::of(bytes));
    }
    out.into_bytes()
}

/// An in-toto Statement v1 with the predicate of SLSA provenance v1: what was made, how, from what. It holds no time,
/// because the same inputs make the same statement, and no claim of an SLSA level, which belongs to whoever ran the build.
fn statement(facts: &Facts, files: &BTreeMap<String, Vec<u8>>, origin: &Origin<'_>) -> Vec<u8> {
    let named = |name: &str, bytes: &[u8]| json!({"name": name, "digest": {"sha256": Digest::of(bytes).to_string()}});
    let stem = &facts.stem;
    let outputs = [format!("{stem}.manifest.json"), format!("{stem}.md"), format!("{stem}.pdf"), format!("{stem}.typ")];
    let subject: Vec<Json> = outputs.iter().map(|name| named(name, &files[name])).collect();
    let inputs = files.iter().filter(|(name, _)| name.starts_with(INPUTS));
    let dependencies: Vec<Json> = inputs.map(|(name, bytes)| named(name, bytes)).collect();
    let mut bytes = canonical(&json!({
        "_type": STATEMENT_TYPE,
        "subject": subject,
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "answers": origin.answers,
                    "document": facts.id,
                    "revision": facts.revision,
                    "stem": stem,
                },
                "internalParameters": {"target": origin.target, "typst": TYPST},
                "resolvedDependencies": dependencies,
            },
            "runDetails": {"builder": {"id": builder()}},
        },
    }));
    bytes.push(b'\n');
    bytes
}

fn how_to_verify(catalog: &Catalog, facts: &Facts) -> Result<Vec<u8>, TemplateError> {
    let fault = |message: String| TemplateError { place: VERIFY_TEMPLATE.to_owned(), message };
    let text = catalog.text(VERIFY_TEMPLATE).map_err(|error| fault(error.message))?;
    let mut tera = tera::Tera::default();
    tera.autoescape_on(Vec::<&str>::new());
    tera.add_raw_template(VERIFY_TEMPLATE, text).map_err(|error| fault(error.to_string()))?;
    let mut context = tera::Context::new();
    context.insert("id", &facts.id);
    context.insert("revision", &facts.revision);
    context.insert("stem", &facts.stem);
    context.insert("content_id", &facts.content_id.to_string());
    context.insert("build_id", &facts.build_id.to_string());
    tera.render(VERIFY_TEMPLATE, &context).map(String::into_bytes).map_err(|error| fault(error.to_string()))
}
