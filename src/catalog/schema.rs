//! A kind's schema as the rest of the program sees it: shapes that can be walked beside the answers.
//!
//! Comes in: `<kind>.schema.json` and the shared shapes it refers to. Goes out: one self-contained JSON Schema 2020-12
//! and [`Shape`]s, which look through `$ref` and know our keywords. Judges no answer.

use serde_json::{Map, Value as Json};

use super::{Catalog, CatalogError};

/// A self-contained schema: every `$ref` points into its own `$defs`.
#[derive(Debug)]
pub struct Schema {
    json: Json,
}

/// What an answer at one place may be. Keywords beside a `$ref` win over those behind it.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'s> {
    schema: &'s Schema,
    at: &'s Json,
}

/// Whether a reason may stand in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// Never.
    Always,
    /// By the introductory sentence of the law only: with a warning.
    Chapeau,
    /// The clause has a condition of its own.
    WhereApplicable,
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
        let schema = Self { json };
        schema.verify().map_err(fault)?;
        Ok(schema)
    }

    /// The schema as JSON.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The shape of the whole file.
    #[must_use]
    pub fn root(&self) -> Shape<'_> {
        Shape { schema: self, at: &self.json }
    }

    fn resolve<'s>(&'s self, at: &'s Json) -> Option<&'s Json> {
        let name = at.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        self.json.get("$defs")?.get(name)
    }

    fn verify(&self) -> Result<(), String> {
        let mut unknown = None;
        visit(&self.json, &mut |at| {
            if at.contains_key("$ref") && self.resolve(&Json::Object(at.clone())).is_none() {
                unknown = at.get("$ref").map(ToString::to_string);
            }
        });
        match unknown {
            Some(reference) => Err(format!("the reference {reference} leads nowhere")),
            None => Ok(()),
        }
    }
}

impl<'s> Shape<'s> {
    /// The value of a keyword here or, failing that, behind `$ref`.
    #[must_use]
    pub fn keyword(self, name: &str) -> Option<&'s Json> {
        let mut at = self.at;
        loop {
            if let Some(value) = at.get(name) {
                return Some(value);
            }
            at = self.schema.resolve(at)?;
        }
    }

    /// A keyword that is a text.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'s str> {
        self.keyword(name)?.as_str()
    }

    /// A keyword that is a list of texts; a single text counts as a list of one.
    #[must_use]
    pub fn texts(self, name: &str) -> Vec<&'s str> {
        match self.keyword(name) {
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
            Some(Json::String(text)) => vec![text],
            _ => Vec::new(),
        }
    }

    /// How findings name the answer.
    #[must_use]
    pub fn title(self) -> Option<&'s str> {
        self.text("title")
    }

    /// The question.
    #[must_use]
    pub fn description(self) -> Option<&'s str> {
        self.text("description")
    }

    /// The shape of a property; inside `oneOf`, of the first branch that has it.
    #[must_use]
    pub fn property(self, name: &str) -> Option<Shape<'s>> {
        self.properties().find(|(key, _)| *key == name).map(|(_, shape)| shape)
    }

    /// Properties in the order of the questions.
    pub fn properties(self) -> impl Iterator<Item = (&'s str, Shape<'s>)> {
        let schema = self.schema;
        let own = self.keyword("properties").and_then(Json::as_object);
        own.into_iter().flatten().map(move |(key, at)| (key.as_str(), Shape { schema, at }))
    }

    /// The shape of a list's items.
    #[must_use]
    pub fn items(self) -> Option<Shape<'s>> {
        self.keyword("items").map(|at| Shape { schema: self.schema, at })
    }

    /// Names of the properties that must be answered.
    #[must_use]
    pub fn required(self) -> Vec<&'s str> {
        self.texts("required")
    }

    /// The JSON type.
    #[must_use]
    pub fn kind(self) -> Option<&'s str> {
        self.text("type")
    }

    /// Whether the answer may hold paragraphs, lists and tables.
    #[must_use]
    pub fn is_markdown(self) -> bool {
        self.text("contentMediaType") == Some("text/markdown")
    }

    /// Whether the digits are the answer.
    #[must_use]
    pub fn is_decimal(self) -> bool {
        self.text("format") == Some("decimal")
    }

    /// Clauses that this place answers itself; those above it are the caller's to remember.
    #[must_use]
    pub fn clauses(self) -> Vec<&'s str> {
        self.texts("x-clause")
    }

    /// Whether a reason may stand in place of the answer, if it is said here.
    #[must_use]
    pub fn applicability(self) -> Option<Applicability> {
        match self.text("x-applicability")? {
            "always" => Some(Applicability::Always),
            "where-applicable" => Some(Applicability::WhereApplicable),
            _ => Some(Applicability::Chapeau),
        }
    }
}

const SHARED: &str = "common.schema.json";
const SHARED_PATH: &str = "schemas/common.schema.json";

fn read(catalog: &Catalog, path: &str) -> Result<Json, CatalogError> {
    serde_json::from_str(catalog.text(path)?).map_err(|error| CatalogError {
        file: path.to_owned(),
        message: format!("no JSON: {error}"),
    })
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
        let name = map.get("$ref").and_then(Json::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        names.extend(name.map(str::to_owned));
    });
    names
}
