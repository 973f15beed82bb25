//! Every document kind is whole: found by walking `schemas/` and `samples/`, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use techfile::catalog::{Catalog, Kind, Shape};
use techfile::diagnostic::Diagnostic;
use techfile::render;

use crate::repository::{files, read, root};
use crate::samples::samples;
use crate::snapshots::differs;
use crate::stages::{checked, translated};

/// Keywords of JSON Schema 2020-12 that kinds may use, beside ours.
const JSON_SCHEMA: [&str; 38] = [
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentMediaType",
    "default",
    "dependentRequired",
    "description",
    "else",
    "enum",
    "examples",
    "format",
    "if",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "prefixItems",
    "properties",
    "propertyNames",
    "required",
    "then",
    "title",
    "type",
    "uniqueItems",
];
/// Keywords whose value holds names or data, not schemas.
const DATA: [&str; 6] = ["const", "default", "dependentRequired", "enum", "examples", "required"];

fn kinds(catalog: &Catalog) -> Vec<&Kind> {
    let kinds: Vec<&Kind> =
        catalog.kind_ids().map(|id| catalog.kind(id).unwrap().unwrap_or_else(|e| panic!("{e}"))).collect();
    assert!(!kinds.is_empty(), "there is no kind");
    kinds
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_kind_has_its_files() {
    let catalog = Catalog::builtin();
    let samples = samples();
    let mut faults = Vec::new();
    for kind in kinds(&catalog) {
        let id = kind.id();
        if catalog.bytes(&Catalog::template_path(id)).is_none() {
            faults.push(format!("{id}: no template {}", Catalog::template_path(id)));
        }
        faults.extend(kind.schema().validator().err().map(|error| error.to_string()));
        faults.extend(catalog.words(id, "en").err().map(|error| format!("{id}: {error}")));
        if !samples.iter().any(|sample| sample.kind == id) {
            faults.push(format!("{id}: no sample has this kind"));
        }
        if kind.legal_basis().is_empty() {
            faults.push(format!("{id}: it does not say who asks for it"));
        }
    }
    for path in files("templates").iter().filter(|path| path.ends_with(".md.tera")) {
        // A kind's template may be in pieces: `templates/<id>/…`.
        let name = path.trim_start_matches("templates/").trim_end_matches(".md.tera");
        let id = name.split('/').next().unwrap();
        if !["components", "control"].contains(&id) && catalog.kind(id).is_none() {
            faults.push(format!("{path}: there is no schema of this name"));
        }
    }
    none(&faults);
}

#[test]
fn every_clause_that_a_kind_cites_is_in_a_clause_catalogue() {
    let catalog = Catalog::builtin();
    let mut cited = BTreeSet::new();
    for kind in kinds(&catalog) {
        clauses(kind.schema().json(), &mut cited);
        cited.extend(kind.legal_basis().into_iter().map(str::to_owned));
    }
    assert!(cited.len() > 20, "{cited:?}");
    let lost: Vec<String> = cited.into_iter().filter(|id| catalog.clause(id).is_none()).collect();
    none(&lost);
}

/// Ids of the clauses that a schema names.
pub(crate) fn clauses(json: &Json, cited: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            match map.get("x-clause") {
                Some(Json::String(id)) => drop(cited.insert(id.clone())),
                Some(Json::Array(ids)) => cited.extend(ids.iter().filter_map(Json::as_str).map(str::to_owned)),
                _ => {}
            }
            map.values().for_each(|value| clauses(value, cited));
        }
        Json::Array(items) => items.iter().for_each(|item| clauses(item, cited)),
        _ => {}
    }
}

#[test]
fn every_keyword_is_one_that_somebody_reads() {
    let text = read("ARCHITECTURE.md");
    let table = text.split("| keyword | on | meaning |").nth(1).expect("the table of keywords");
    let own: BTreeSet<&str> = table.split('`').filter(|word| word.starts_with("x-")).collect();
    let mut faults = Vec::new();
    for path in files("schemas").into_iter().filter(|path| path.ends_with(".schema.json")) {
        let json: Json = serde_json::from_str(&read(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        keywords(&json, &path, &own, &mut faults);
    }
    none(&faults);
}

fn keywords(schema: &Json, at: &str, own: &BTreeSet<&str>, faults: &mut Vec<String>) {
    let Json::Object(map) = schema else { return };
    for (word, value) in map {
        let at = format!("{at}/{word}");
        let unevaluated = word == "unevaluatedProperties";
        if !JSON_SCHEMA.contains(&word.as_str()) && !own.contains(word.as_str()) && !unevaluated {
            faults.push(format!("{at}: nobody reads this keyword"));
        }
        if DATA.contains(&word.as_str()) || word.starts_with("x-") {
            continue;
        }
        match value {
            Json::Object(named) if word == "properties" || word == "$defs" => {
                named.iter().for_each(|(name, value)| keywords(value, &format!("{at}/{name}"), own, faults));
            }
            Json::Array(list) => list.iter().for_each(|value| keywords(value, &at, own, faults)),
            value => keywords(value, &at, own, faults),
        }
    }
}

#[test]
fn what_kinds_share_stands_once() {
    let json = |path: &str| -> Json { serde_json::from_str(&read(path)).unwrap_or_else(|e| panic!("{path}: {e}")) };
    let common = json("schemas/common.schema.json");
    let shared: Vec<(&String, BTreeSet<&String>)> = common["$defs"]
        .as_object()
        .expect("shapes by name")
        .iter()
        .filter_map(|(name, shape)| Some((name, shape["properties"].as_object()?.keys().collect())))
        .filter(|(_, names): &(_, BTreeSet<_>)| names.len() > 2)
        .collect();
    for shape in ["party", "risk", "evidenceItem", "action"] {
        assert!(shared.iter().any(|(name, _)| *name == shape), "{shape}");
    }
    let mut faults = Vec::new();
    for path in files("schemas").into_iter().filter(|path| path.ends_with(".schema.json")) {
        if !path.ends_with("/common.schema.json") {
            again(&json(&path), &path, &shared, &mut faults);
        }
    }
    // Among the shared shapes themselves, those that ask the same.
    let asks = |shape: &Json, part: &Json| {
        let titles = |shape: &Json| -> BTreeMap<String, Json> {
            let properties = shape["properties"].as_object().into_iter().flatten();
            properties.map(|(name, property)| (name.clone(), property["title"].clone())).collect()
        };
        let (all, part) = (titles(shape), titles(part));
        part.len() > 2 && part.iter().all(|(name, title)| all.get(name) == Some(title))
    };
    let shapes = common["$defs"].as_object().expect("shapes by name");
    for (name, shape) in shapes {
        let parts = shapes.iter().filter(|(part, shared)| *part != name && asks(shape, shared));
        faults.extend(parts.map(|(part, _)| format!("`{name}` has all of the shared shape `{part}`")));
    }
    none(&faults);
}

/// Objects that have every property of a shape that kinds share, and do not refer to it.
fn again(schema: &Json, at: &str, shared: &[(&String, BTreeSet<&String>)], faults: &mut Vec<String>) {
    match schema {
        Json::Object(map) => {
            if let (Some(own), None) = (map.get("properties").and_then(Json::as_object), map.get("$ref")) {
                let whole = |names: &BTreeSet<&String>| names.iter().all(|name| own.contains_key(*name));
                let copied = shared.iter().filter(|(_, names)| whole(names));
                faults.extend(copied.map(|(name, _)| format!("{at}: has all of the shared shape `{name}`")));
            }
            map.iter().for_each(|(key, value)| again(value, &format!("{at}/{key}"), shared, faults));
        }
        Json::Array(list) => list.iter().for_each(|value| again(value, at, shared, faults)),
        _ => {}
    }
}

#[test]
fn every_question_has_a_name_and_is_a_question() {
    let catalog = Catalog::builtin();
    let mut faults = Vec::new();
    for kind in kinds(&catalog) {
        let mut seen = Vec::new();
        questions(kind.schema().root(), kind.id(), &mut seen, &mut faults);
        assert!(seen.len() > 10, "{}: {} questions", kind.id(), seen.len());
    }
    none(&faults);
}

fn questions<'s>(shape: Shape<'s>, at: &str, seen: &mut Vec<Shape<'s>>, faults: &mut Vec<String>) {
    if seen.iter().any(|other| other.is(shape)) {
        return;
    }
    seen.push(shape);
    let branches: Vec<Shape<'s>> = shape.branches().collect();
    for parent in std::iter::once(shape).chain(branches) {
        for (name, below) in parent.properties() {
            let at = format!("{at}/{name}");
            if below.title().is_none_or(|title| title.trim().is_empty() || title.ends_with('.')) {
                faults.push(format!("{at}: no title, or one with a full stop"));
            }
            if below.description().is_none_or(|text| !text.trim_end().ends_with(['?', '.'])) && name != "kind" {
                faults.push(format!("{at}: no description that ends as a sentence"));
            }
            questions(below, &at, seen, faults);
        }
    }
    if let Some(items) = shape.items() {
        questions(items, &format!("{at}/*"), seen, faults);
    }
}

#[test]
fn every_sample_checks_and_renders_to_its_golden() {
    let mut faults = Vec::new();
    for sample in samples() {
        let catalog = sample.catalog();
        let found = match checked(&sample.text, &sample.answers(), &sample.folder(), &catalog) {
            Ok(checked) => {
                let translated = translated(&checked, &sample.folder(), &catalog);
                let document =
                    render(checked, &sample.stem(), None).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
                faults.extend(differs(&sample.golden(), &document.markdown()));
                if sample.is_translation() {
                    // A translation without even a warning: nothing was lost on the way.
                    faults.extend(translated.iter().map(told));
                }
                [document.remarks(), &translated].concat()
            }
            Err(findings) => findings,
        };
        faults.extend(found.iter().filter(|found| is_error(found)).map(told));
    }
    none(&faults);
}

fn told(finding: &Diagnostic) -> String {
    let (start, _) = finding.place.positions();
    format!("{}:{}:{}: {}", finding.place.source.name(), start.line, start.column, finding.message)
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == techfile::diagnostic::Severity::Error
}

/// The pictures of documents that people see in the READMEs carry the digest of the Markdown that they show.
#[test]
fn pictures_show_what_the_documents_say_now() {
    let listed = read("tests/tools/pictures.py");
    let listed: Vec<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("    (\"samples/")?.split('"').next()).collect();
    assert!(listed.len() >= 4, "{listed:?}");
    let mut faults = Vec::new();
    for picture in listed {
        let folder = picture.rsplit_once('/').expect("a picture lies beside its answers").0;
        let golden = std::fs::read(root().join(format!("samples/{folder}/document.md"))).unwrap();
        let shown = format!("tEXtdocument\0{}", techfile::digest::Digest::of(&golden));
        let bytes = std::fs::read(root().join("samples").join(picture)).unwrap();
        if !bytes.windows(shown.len()).any(|part| part == shown.as_bytes()) {
            faults.push(format!(
                "samples/{picture}: another state of the document; tests/tools/pictures.py draws it anew"
            ));
        }
    }
    none(&faults);
}

/// Who removes the `# ` of an example in which one control is applied and one is not has two controls.
#[test]
fn forms_of_a_choice_are_shown_by_examples_of_their_own() {
    let catalog = Catalog::builtin();
    let kind = catalog.kind("statement-of-applicability").unwrap().unwrap();
    let blank = techfile::blank::blank(kind, &catalog, "DOC-001");
    let numbers = blank.lines().filter_map(|line| line.strip_prefix("#     number: ")?.split(' ').next());
    let numbers: Vec<&str> = numbers.collect();
    assert_eq!(numbers, ["A.6.2.5", "A.10.4"]);
    assert_eq!(blank.matches("The provider decides when a version goes to lenders").count(), 1);
}

#[test]
fn every_golden_has_its_source_and_every_file_of_a_sample_is_used() {
    let samples = samples();
    let mut faults = Vec::new();
    for path in files("samples").into_iter().filter(|path| path != "samples/README.md") {
        let near: Vec<_> = samples.iter().filter(|sample| path.starts_with(&sample.path(""))).collect();
        let Some(folder) = near.iter().map(|sample| sample.path("")).max_by_key(String::len) else {
            faults.push(format!("{path}: it belongs to no answers.yaml"));
            continue;
        };
        let own: Vec<_> = near.into_iter().filter(|sample| sample.path("") == folder).collect();
        let file = &path[folder.len()..];
        let known = ["cover.png", "README.md", "techfile.yaml"].contains(&file)
            || read("README.md").contains(&format!("]({path})"))
            || file.starts_with("catalog/templates/")
            || own.iter().any(|sample| sample.answers() == path || sample.golden() == path);
        if !known && !own.iter().any(|sample| sample.text.contains(file)) {
            faults.push(format!("{path}: the answers do not name it"));
        }
    }
    none(&faults);
    assert!(root().join("schemas/common.schema.json").is_file());
}

#[test]
fn every_sample_is_what_its_editor_schema_accepts() {
    let mut faults = Vec::new();
    for sample in samples() {
        let catalog = sample.catalog();
        let kind = catalog.kind(&sample.kind).unwrap().unwrap();
        let editor = jsonschema::options().build(&kind.editor_schema(&catalog)).unwrap();
        let answers: Json = serde_saphyr::from_str(&sample.text).unwrap();
        let found = editor.iter_errors(&answers);
        faults.extend(found.map(|error| format!("{} at {}: {error}", sample.answers(), error.instance_path())));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The examples of two dates of which one cannot come before the other.
fn examples_out_of_order<'s>(shape: Shape<'s>, above: &mut Vec<Shape<'s>>, found: &mut Vec<String>) {
    let example = |of: Shape<'s>| of.keyword("examples")?.get(0)?.as_str();
    if let Some(target) = shape.text("x-not-before") {
        let (levels, rest) = target.split_once('/').unwrap();
        let from = levels.parse::<usize>().map_or(above[0], |levels| above[above.len() - levels]);
        let earlier = rest.split('/').try_fold(from, Shape::property).and_then(example);
        if let (Some(date), Some(earlier)) = (example(shape), earlier)
            && date < earlier
        {
            found.push(format!("{:?}: {date} is before {earlier}", shape.title()));
        }
    }
    if above.len() < 12 {
        above.push(shape);
        let branches = shape.branches().flat_map(Shape::properties);
        for below in shape.properties().chain(branches).map(|(_, below)| below).chain(shape.items()) {
            examples_out_of_order(below, above, found);
        }
        above.pop();
    }
}

#[test]
fn dates_of_examples_follow_one_another() {
    let catalog = Catalog::builtin();
    for id in catalog.kind_ids() {
        let mut found = Vec::new();
        let root = catalog.kind(id).unwrap().unwrap().schema().root();
        examples_out_of_order(root, &mut Vec::new(), &mut found);
        assert!(found.is_empty(), "{id}: {}", found.join("; "));
    }
}
