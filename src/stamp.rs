//! The stamp: what produced a document, before any page exists.
//!
//! Comes in: a [`Document`] and the [`Theme`] its pages will have. Goes out: the manifest and the build id. Nothing here
//! can depend on a page, so page numbers cannot feed back into an id.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::catalog::{Catalog, CatalogError};
use crate::digest::Digest;
use crate::identity::canonical;
use crate::render::{Document, Input};

/// The compiler whose pages these are; part of the build id.
pub const TYPST: &str = "0.15.1";
/// What the PDF claims, and is checked for by the exporter.
pub const PDF_STANDARDS: [&str; 2] = ["a-3a", "ua-1"];

/// The program, with its version.
pub(crate) fn tool() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}

/// The one Typst template.
const WRAPPER: &str = "templates/document.typ.tera";
/// The look of the pages.
const STYLE: &str = "templates/theme.typ";

/// The catalogue files that make pages of words: wrapper, theme, fonts.
#[derive(Debug, Clone)]
pub struct Theme {
    /// `document.typ.tera`.
    pub wrapper: String,
    /// `theme.typ` and what lies in `theme/`, by name.
    pub style: BTreeMap<String, std::sync::Arc<[u8]>>,
    /// Font files, by name.
    pub fonts: Vec<(String, std::sync::Arc<[u8]>)>,
    /// All of them, for the manifest.
    pub inputs: Vec<Input>,
}

impl Theme {
    /// The theme of a catalogue.
    ///
    /// # Errors
    /// A wrapper or a style that is missing or no text, or a catalogue without fonts.
    pub fn of(catalog: &Catalog) -> Result<Self, CatalogError> {
        let wrapper = catalog.text(WRAPPER)?.to_owned();
        let input = |role, path: &str| Input::of(catalog, role, path.to_owned());
        let mut inputs = Vec::from_iter(input("template", WRAPPER));
        catalog.text(STYLE)?;
        let mut style = BTreeMap::new();
        for (path, name, bytes) in catalog.theme() {
            if is_source(name) {
                catalog.text(path)?;
            }
            inputs.extend(input("theme", path));
            style.insert(name.to_owned(), bytes.into());
        }
        let mut fonts = Vec::new();
        for (path, bytes) in catalog.fonts() {
            inputs.extend(input("font", path));
            fonts.push((path.to_owned(), bytes.into()));
        }
        if fonts.is_empty() {
            let message = "there is no font in the catalogue".to_owned();
            return Err(CatalogError { file: "templates/fonts".to_owned(), message });
        }
        Ok(Self { wrapper, style, fonts, inputs })
    }
}

/// Whether a file of the theme is Typst source, by its name.
#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "paths of the catalogue are written in one way")]
pub(crate) fn is_source(name: &str) -> bool {
    name.ends_with(".typ")
}

/// A document with its ids.
#[derive(Debug, Clone)]
pub struct StampedDocument {
    pub(crate) document: Document,
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only pages have a look"))]
    pub(crate) theme: Theme,
    pub(crate) manifest_json: Vec<u8>,
    pub(crate) build_id: Digest,
}

impl StampedDocument {
    /// The document in words.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Canonical bytes of `manifest.json`, whose digest is the build id.
    #[must_use]
    pub fn manifest_json(&self) -> &[u8] {
        &self.manifest_json
    }

    /// The build id.
    #[must_use]
    pub fn build_id(&self) -> Digest {
        self.build_id
    }
}

/// Stamps a document.
#[must_use]
pub fn stamp(document: Document, theme: Theme) -> StampedDocument {
    stamp_by(document, theme, env!("CARGO_PKG_VERSION"))
}

/// Stamps a document by a version of the program.
pub(crate) fn stamp_by(document: Document, theme: Theme, version: &str) -> StampedDocument {
    let mut inputs: Vec<&Input> = document.inputs.iter().chain(&theme.inputs).collect();
    inputs.sort();
    inputs.dedup();
    let inputs: Vec<Json> = inputs
        .into_iter()
        .map(|input| json!({"role": input.role, "path": input.path, "size": input.size, "sha256": input.sha256.to_string()}))
        .collect();
    let signatures = |list: &[crate::check::Signature]| -> Json {
        list.iter()
            .map(|signature| {
                json!({
                    "by": signature.by,
                    "role": signature.role,
                    "date": signature.date,
                    "clause": signature.clause,
                    "content": signature.content.map(|digest| digest.to_string()),
                    "body": signature.body.map(|digest| digest.to_string()),
                })
            })
            .collect()
    };
    let clauses: serde_json::Map<String, Json> =
        document.identity.clauses.iter().map(|(id, digest)| (id.clone(), digest.to_string().into())).collect();
    let earlier = document.earlier.as_ref().map(|earlier| {
        json!({
            "revision": earlier.revision,
            "content_id": earlier.content_id.to_string(),
            "ledger_head": earlier.ledger_head.to_string(),
        })
    });
    let mut manifest = json!({
        "format": "techfile-manifest/1",
        "content_id": document.identity.content_id.to_string(),
        "body": document.body_digest().to_string(),
        "kind": document.kind,
        "document": {"id": document.control.id, "revision": document.control.revision, "date": document.control.date, "language": document.control.language},
        "sign_off": {
            "status": document.sign_off.status.as_str(),
            "reviews": signatures(&document.sign_off.reviews),
            "approvals": signatures(&document.sign_off.approvals),
        },
        "inputs": inputs,
        "clauses": clauses,
        "earlier": earlier,
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": version},
        "typst": {"version": TYPST},
        "pdf_standards": PDF_STANDARDS,
    });
    for (key, files) in [("sources", &document.sources), ("evidence", &document.evidence)] {
        if !files.is_empty() {
            let listed = files.iter();
            manifest[key] = listed
                .map(|file| json!({"path": file.path, "size": file.size, "sha256": file.sha256.to_string()}))
                .collect();
        }
    }
    let manifest_json = canonical(&manifest);
    StampedDocument { build_id: Digest::of(&manifest_json), manifest_json, document, theme }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_names_every_file_it_is_made_of() {
        let theme = Theme::of(&Catalog::builtin()).expect("the built-in theme");
        let roles: Vec<&str> = theme.inputs.iter().map(|input| input.role).collect();
        let styles = theme.style.len();
        assert_eq!(roles, [vec!["template"], vec!["theme"; styles], vec!["font"; 4]].concat());
        for ((path, bytes), input) in theme.fonts.iter().zip(&theme.inputs[1 + styles..]) {
            assert_eq!((path, Digest::of(bytes), bytes.len() as u64), (&input.path, input.sha256, input.size));
        }
        let changed = Theme::of(&Catalog::with([(STYLE.to_owned(), b"// other".to_vec())])).expect("a theme");
        assert_ne!(changed.inputs, theme.inputs);
        let broken = Theme::of(&Catalog::with([(STYLE.to_owned(), vec![0xff])])).expect_err("no text");
        assert_eq!(broken.file, STYLE);
    }
}
