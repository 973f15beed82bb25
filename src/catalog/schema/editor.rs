//! The editors' version of a schema: what completes, explains and underlines while somebody types.
//!
//! Comes in: a [`Kind`]'s schema. Goes out: one self-contained JSON Schema without our keywords, in which an answer may
//! also be a marker, where the kind allows it. It is more lenient than `check`, which alone decides.

use serde_json::{Map, Value as Json, json};

use super::super::{Catalog, Kind, SEALED};
use super::{Applicability, Shape};
use crate::answers::{DIGITS, FROM, MarkerKind};

/// What opens a shape under its other name: the same without markers.
const PLAIN: &str = "plain-";
/// The shape of a value that is drawn from another file.
const DRAWN: &str = "drawn";
/// A number whose digits are the answer, as `Decimal` reads it.
const DECIMAL: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$";

/// Whether markers may stand below, and what the law says there.
#[derive(Clone, Copy)]
struct Mode {
    markers: bool,
    applicability: Applicability,
    may_follow: bool,
}

impl Kind {
    /// The editors' JSON Schema.
    #[must_use]
    pub fn editor_schema(&self, catalog: &Catalog) -> Json {
        let editor = Editor { root: self.schema().json(), catalog };
        let open = Mode { markers: true, applicability: Applicability::Chapeau, may_follow: false };
        let mut schema = editor.shape(editor.root, open);
        let mut definitions = Map::new();
        for (name, at) in editor.root.get("$defs").and_then(Json::as_object).into_iter().flatten() {
            definitions.insert(name.clone(), editor.shape(at, open));
            definitions.insert(format!("{PLAIN}{name}"), editor.shape(at, Mode { markers: false, ..open }));
        }
        for kind in MarkerKind::ALL {
            definitions.insert(marker_name(kind), marker(kind));
        }
        definitions.insert(DRAWN.to_owned(), drawn());
        if let Some(root) = schema.as_object_mut() {
            root.remove("$defs");
            super::retain_used(root, &mut definitions);
            root.insert("$defs".into(), Json::Object(definitions));
            root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        }
        schema
    }
}

struct Editor<'e> {
    root: &'e Json,
    catalog: &'e Catalog,
}

impl Editor<'_> {
    /// One shape, without markers in its own place.
    fn shape(&self, at: &Json, mode: Mode) -> Json {
        let Some(map) = at.as_object() else { return at.clone() };
        let mut out = Map::new();
        for (key, value) in map {
            match key.as_str() {
                "properties" | "patternProperties" => {
                    let properties = value.as_object().into_iter().flatten();
                    let top = std::ptr::eq(at, self.root);
                    let properties = properties.map(|(name, property)| {
                        let sealed = top && SEALED.contains(&name.as_str());
                        (name.clone(), self.answer(property, Mode { markers: mode.markers && !sealed, ..mode }))
                    });
                    out.insert(key.clone(), Json::Object(properties.collect()));
                }
                "items" => {
                    out.insert(key.clone(), self.answer(value, mode));
                }
                // With markers more than one branch may fit; `check` says which was meant.
                "oneOf" if mode.markers => {
                    let mut branches = self.list(value, mode);
                    let open = undecided(Shape::at(self.root, at), mode);
                    branches.as_array_mut().into_iter().for_each(|list| list.extend(open.clone()));
                    out.insert("anyOf".into(), branches);
                }
                "oneOf" | "anyOf" | "allOf" => {
                    out.insert(key.clone(), self.list(value, mode));
                }
                "then" | "else" => {
                    out.insert(key.clone(), self.shape(value, mode));
                }
                "if" | "not" | "contains" => {
                    out.insert(key.clone(), self.shape(value, Mode { markers: false, ..mode }));
                }
                "dependentSchemas" => {
                    let schemas = value.as_object().into_iter().flatten();
                    let schemas = schemas.map(|(name, schema)| (name.clone(), self.shape(schema, mode)));
                    out.insert(key.clone(), Json::Object(schemas.collect()));
                }
                "$ref" if !mode.markers => {
                    let name = value.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
                    let plain = name.map_or_else(|| value.clone(), |name| json!(format!("#/$defs/{PLAIN}{name}")));
                    out.insert(key.clone(), plain);
                }
                "format" if value == "decimal" => {
                    out.insert("pattern".into(), json!(DECIMAL));
                }
                // YAML writes decimals as numbers, and their digits are the answer all the same.
                "type" if map.get("format").is_some_and(|format| format == "decimal") => {
                    out.insert(key.clone(), json!(["string", "number"]));
                }
                "$defs" => {}
                ours if ours.starts_with("x-") => {}
                _ => {
                    out.insert(key.clone(), value.clone());
                }
            }
        }
        Json::Object(out)
    }

    fn list(&self, value: &Json, mode: Mode) -> Json {
        value.as_array().into_iter().flatten().map(|branch| self.shape(branch, mode)).collect()
    }

    /// The place of an answer: its shape, or a marker; what hovers over it says which clause asks.
    fn answer(&self, at: &Json, mode: Mode) -> Json {
        if !at.is_object() {
            return at.clone();
        }
        let shape = Shape::at(self.root, at);
        let mode = Mode {
            applicability: shape.applicability().unwrap_or(mode.applicability),
            may_follow: shape.keyword("x-to-follow").and_then(Json::as_bool).unwrap_or(mode.may_follow),
            ..mode
        };
        let mut inner = self.shape(at, mode);
        let Some(map) = inner.as_object_mut() else { return inner };
        let mut out = Map::new();
        for key in ["title", "description", "examples"] {
            if let Some(value) = map.remove(key).or_else(|| shape.keyword(key).cloned()) {
                out.insert(key.into(), value);
            }
        }
        let clauses: Vec<String> = shape.clauses().into_iter().map(|id| self.catalog.cite(id)).collect();
        if !clauses.is_empty() {
            let question = shape.description().map(|text| format!("{text}\n\n")).unwrap_or_default();
            out.insert("description".into(), json!(format!("{question}{}", clauses.join("; "))));
        }
        if !mode.markers {
            map.extend(out);
            return inner;
        }
        let mut choices = vec![inner];
        choices.extend(in_place(mode));
        out.insert("anyOf".into(), Json::Array(choices));
        Json::Object(out)
    }
}

/// While a marker stands in place of what decides, any branch may be meant, and each may be begun.
fn undecided(shape: Shape<'_>, mode: Mode) -> Option<Json> {
    let (discriminator, _) = shape.discriminator()?;
    let names = shape.branches().flat_map(Shape::properties).map(|(name, _)| name);
    let mut properties: Map<String, Json> = names.map(|name| (name.to_owned(), Json::Bool(true))).collect();
    properties.insert(discriminator.to_owned(), json!({"anyOf": in_place(mode)}));
    Some(json!({"properties": properties, "required": [discriminator]}))
}

/// What may stand in place of an answer.
fn in_place(mode: Mode) -> Vec<Json> {
    let names = markers(mode).map(marker_name).chain([DRAWN.to_owned()]);
    names.map(|name| json!({"$ref": format!("#/$defs/{name}")})).collect()
}

fn markers(mode: Mode) -> impl Iterator<Item = MarkerKind> {
    MarkerKind::ALL.into_iter().filter(move |kind| match kind {
        MarkerKind::Pending => true,
        MarkerKind::NotApplicable => mode.applicability != Applicability::Always,
        MarkerKind::ToFollow => mode.may_follow,
    })
}

fn marker_name(kind: MarkerKind) -> String {
    format!("marker-{}", kind.key())
}

/// A value of another file in place of an answer.
fn drawn() -> Json {
    json!({
        "description": "the value stands in another file",
        "type": "object",
        "properties": {
            FROM: {"type": "string", "pattern": "#(/|$)", "description": "file and pointer, as metrics.json#/auc"},
            DIGITS: {"type": "integer", "minimum": 0, "description": "digits after the point that are kept"},
        },
        "required": [FROM],
        "additionalProperties": false,
    })
}

fn marker(kind: MarkerKind) -> Json {
    let (description, value) = match kind {
        MarkerKind::Pending => (
            "still to be answered",
            json!({
                "type": "object",
                "properties": {
                    "what": {"type": "string", "description": "what is still to be answered"},
                    "owner": {"type": "string", "description": "who answers; needed from in-review on"},
                    "due": {"type": "string", "format": "date", "description": "by when; needed from in-review on"},
                },
                "required": ["what"],
                "additionalProperties": false,
            }),
        ),
        MarkerKind::NotApplicable => {
            ("does not apply; the value is the reason", json!({"type": "string", "minLength": 1}))
        }
        MarkerKind::ToFollow => ("exists only after that event", json!({"const": "conformity-assessment"})),
    };
    json!({
        "description": description,
        "type": "object",
        "properties": {kind.key(): value},
        "required": [kind.key()],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = r#"{"$defs": {
      "party": {"type": "object", "additionalProperties": false, "required": ["name"],
        "properties": {"name": {"type": "string"}, "size": {"type": "string", "format": "decimal"}}}}}"#;
    const KIND: &str = r#"{"type": "object", "additionalProperties": false, "required": ["kind", "what"], "properties": {
      "kind": {"const": "toy"},
      "document": {"$ref": "common.schema.json#/$defs/party"},
      "what": {"type": "string", "description": "What is it?", "x-clause": "eu-ai-act:annex-iv.1.a", "x-applicability": "always"},
      "later": {"type": "string", "x-to-follow": true},
      "maker": {"$ref": "common.schema.json#/$defs/party"},
      "route": {"type": "object", "required": ["way"], "unevaluatedProperties": false, "oneOf": [
        {"required": ["road"], "properties": {"way": {"const": "land"}, "road": {"type": "string"}}},
        {"required": ["ship"], "properties": {"way": {"const": "sea"}, "ship": {"type": "string"}}}]}}}"#;

    #[test]
    fn answers_may_be_markers_where_the_kind_allows_it() {
        let files = [("schemas/common.schema.json", COMMON), ("schemas/toy.schema.json", KIND)];
        let catalog = Catalog::with(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
        let kind = catalog.kind("toy").expect("it is there").expect("it has no fault");
        let schema = kind.editor_schema(&catalog);
        assert!(!schema.to_string().contains("\"x-"), "our keywords are for us");
        assert_eq!(schema["properties"]["what"]["description"], "What is it?\n\nAI Act, Annex IV, point 1(a)");
        let validator = jsonschema::options().build(&schema).expect("it is a schema");
        let pending = json!({"pending": {"what": "which"}});
        let left_out = json!({"not_applicable": "why"});
        let answers = |key: &str, value: &Json| {
            let mut answers = json!({"kind": "toy", "what": "a thing"});
            answers[key] = value.clone();
            answers
        };
        for (key, value, valid) in [
            ("what", &json!("a thing"), true),
            ("what", &pending, true),
            ("what", &left_out, false),
            ("what", &json!({"$from": "facts.yaml#/what"}), true),
            ("what", &json!({"$from": "facts.yaml"}), false),
            ("maker", &json!({"name": "N", "size": {"$from": "run.json#/size", "digits": 2}}), true),
            ("document", &json!({"$from": "facts.yaml#/document"}), false),
            ("later", &json!({"to_follow": "conformity-assessment"}), true),
            ("maker", &json!({"to_follow": "conformity-assessment"}), false),
            ("maker", &left_out, true),
            ("maker", &json!({"name": "N", "size": 0.91}), true),
            ("maker", &json!({"name": pending, "size": "0.910"}), true),
            ("maker", &json!({"name": "N", "size": "large"}), false),
            ("maker", &json!({"nmae": "N"}), false),
            ("document", &json!({"name": "N"}), true),
            ("document", &pending, false),
            ("document", &json!({"name": pending}), false),
            ("route", &json!({"way": "land", "road": "A1"}), true),
            ("route", &json!({"way": "land", "road": pending}), true),
            ("route", &json!({"way": pending}), true),
            ("route", &json!({"way": pending, "ship": "s"}), true),
            ("route", &json!({"way": pending, "other": "s"}), false),
            ("route", &json!({"way": "air"}), false),
            ("route", &json!({"way": "land", "ship": "s"}), false),
            ("other", &pending, false),
        ] {
            assert_eq!(validator.is_valid(&answers(key, value)), valid, "{key}: {value}");
        }
    }
}
