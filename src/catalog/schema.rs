//! A kind's schema as the rest of the program sees it: shapes that can be walked beside the answers.
//!
//! Comes in: `<kind>.schema.json` and the shared shapes it refers to. Goes out: one self-contained JSON Schema 2020-12,
//! compiled once, and [`Shape`]s, which look through `$ref` and know our keywords. Judges no answer.

mod editor;
mod shape;

use std::sync::OnceLock;

use chrono::NaiveDate;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value as Json};

pub use shape::{Applicability, Shape};

use super::{Catalog, CatalogError, Lazy};
use crate::decimal::Decimal;

/// A self-contained schema: every `$ref` points into its own `$defs`.
#[derive(Debug)]
pub struct Schema {
    /// The file that it stands in.
    path: String,
    json: Json,
    validator: Lazy<Validator>,
}

impl Schema {
    /// Reads a schema and takes in the shared shapes it refers to.
    pub(super) fn load(catalog: &Catalog, path: &str) -> Result<Self, CatalogError> {
        let mut json = read(catalog, path)?;
        let shared = read(catalog, SHARED_PATH)?;
        rewrite(&mut json);
        let mut definitions = shared.get("$defs").and_then(Json::as_object).cloned().unwrap_or_default();
        for definition in definitions.values_mut() {
            rewrite(definition);
        }
        let fault = |message: String| CatalogError { file: path.to_owned(), message };
        let root = json.as_object_mut().ok_or_else(|| fault("the schema is no object".into()))?;
        let own = root.remove("$defs").and_then(|own| own.as_object().cloned()).unwrap_or_default();
        for (name, definition) in own {
            if definitions.insert(name.clone(), definition).is_some() {
                return Err(fault(format!("the shape `{name}` is also defined in {SHARED_PATH}")));
            }
        }
        retain_used(root, &mut definitions);
        root.insert("$defs".into(), Json::Object(definitions));
        verify(&json).map_err(fault)?;
        let schema = Self { path: path.to_owned(), json, validator: OnceLock::new() };
        // Whoever writes a kind hears of a fault whatever is asked of it; ours are compiled when answers are held against them.
        if ![path, SHARED_PATH].into_iter().all(|path| catalog.is_built_in(path)) {
            schema.validator()?;
        }
        Ok(schema)
    }

    /// The rules of JSON Schema, with our formats, compiled.
    ///
    /// # Errors
    /// What is no JSON Schema.
    pub fn validator(&self) -> Result<&Validator, CatalogError> {
        let compiled = || compile(&self.json).map_err(|message| CatalogError { file: self.path.clone(), message });
        self.validator.get_or_init(compiled).as_ref().map_err(Clone::clone)
    }

    /// The schema as JSON.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The shape of the whole file.
    #[must_use]
    pub fn root(&self) -> Shape<'_> {
        Shape::at(&self.json, &self.json)
    }
}

fn compile(json: &Json) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("date", is_date)
        .with_format("decimal", |text: &str| Decimal::parse(text).is_ok())
        .build(json)
        .map_err(|error| format!("no JSON Schema at {}: {error}", error.instance_path()))
}

/// Whether a text is a day of the calendar, written `YYYY-MM-DD`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    // chrono alone would also take `2026-1-2`.
    text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// The shape that a `$ref` of this object names.
fn resolve<'s>(root: &'s Json, at: &Json) -> Option<&'s Json> {
    root.pointer(at.get("$ref")?.as_str()?.strip_prefix('#')?)
}

fn verify(root: &Json) -> Result<(), String> {
    let mut unknown = None;
    visit(root, &mut |at| {
        if let Some(reference) = at.get("$ref")
            && resolve(root, &Json::Object(at.clone())).is_none()
        {
            unknown = Some(reference.to_string());
        }
    });
    match unknown {
        Some(reference) => Err(format!("the reference {reference} leads nowhere")),
        None => Ok(()),
    }
}

const SHARED: &str = "common.schema.json";
const SHARED_PATH: &str = "schemas/common.schema.json";

fn read(catalog: &Catalog, path: &str) -> Result<Json, CatalogError> {
    serde_json::from_str(catalog.text(path)?)
        .map_err(|error| CatalogError { file: path.to_owned(), message: format!("no JSON: {error}") })
}

/// Calls back on every object of a schema.
fn visit(json: &Json, found: &mut impl FnMut(&Map<String, Json>)) {
    match json {
        Json::Object(map) => {
            found(map);
            map.values().for_each(|value| visit(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| visit(item, found)),
        _ => {}
    }
}

/// Makes references into the shared shapes local.
fn rewrite(json: &mut Json) {
    match json {
        Json::Object(map) => {
            if let Some(Json::String(reference)) = map.get_mut("$ref")
                && let Some(local) = reference.strip_prefix(SHARED)
            {
                *reference = local.to_owned();
            }
            map.values_mut().for_each(rewrite);
        }
        Json::Array(items) => items.iter_mut().for_each(rewrite),
        _ => {}
    }
}

/// Drops the shapes that nothing refers to, so that an unrelated shared shape changes no kind.
fn retain_used(root: &Map<String, Json>, definitions: &mut Map<String, Json>) {
    let mut used: Vec<String> = Vec::new();
    let mut waiting = references(&Json::Object(root.clone()));
    while let Some(name) = waiting.pop() {
        if !used.contains(&name) {
            waiting.extend(definitions.get(&name).map(references).unwrap_or_default());
            used.push(name);
        }
    }
    definitions.retain(|name, _| used.contains(name));
}

fn references(json: &Json) -> Vec<String> {
    let mut names = Vec::new();
    visit(json, &mut |map| {
        let inside = map.get("$ref").and_then(Json::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        names.extend(inside.and_then(|path| path.split('/').next()).map(str::to_owned));
    });
    names
}
