//! Every kind of the catalogue, with everything answered, with as little as may be, and with something in place of each
//! answer in turn: no template stumbles, and none drops anything.

use serde_json::{Map, Value as Json, json};

use super::*;
use crate::answers::join;
use crate::catalog::{Kind, Shape};

/// Answers that a kind's schema asks for, made up.
struct Maker {
    /// Which branch of each choice.
    branch: usize,
    /// Whether answers that may be left out are given.
    all: bool,
}

impl Maker {
    fn file(&self, kind: &Kind) -> Json {
        let mut file = self.value(kind.schema().root(), "");
        file["kind"] = json!(kind.id());
        file["document"]["language"] = json!("en");
        if !file["sign_off"].is_null() {
            file["sign_off"] = json!({"status": "draft"});
        }
        file["evidence"] = json!([{"id": "ID-1", "title": "Words of the picture", "file": "p.svg", "alt": "Words of its alt",
            "date": "2026-11-20", "signed_by": "Words of the signer", "attach": true}]);
        file
    }

    fn value(&self, shape: Shape<'_>, pointer: &str) -> Json {
        if let Some(text) = shape.text("const") {
            return json!(text);
        }
        if let Some(fixed) = shape.keyword("const") {
            return fixed.clone();
        }
        if let Some(first) = shape.keyword("enum").and_then(|choices| choices.get(0)) {
            return first.clone();
        }
        if let Some(name) = shape.text("x-fact") {
            return json!(format!("Words of the fact {name}"));
        }
        if let Some(pattern) = shape.text("pattern") {
            return json!(if pattern.contains("{64}") { "0".repeat(64) } else { "ID-1".to_owned() });
        }
        if shape.text("x-ref").is_some() {
            return json!("ID-1");
        }
        match (shape.kind(), shape.text("format")) {
            (Some("boolean"), _) => json!(true),
            (Some("integer"), _) => json!(1),
            (Some("array"), _) => self.list(shape, pointer),
            (_, Some("date")) => json!("2026-11-20"),
            (_, Some("decimal")) => json!("1"),
            (Some("string"), _) => json!(format!("Words of {pointer}")),
            _ => self.object(shape, pointer),
        }
    }

    /// One item; of a list that covers a group, one for each name that there is.
    fn list(&self, shape: Shape<'_>, pointer: &str) -> Json {
        let Some(items) = shape.items() else { return json!([]) };
        let item = self.value(items, &join(pointer, "0"));
        let key = shape.keyword("x-covers").and_then(|_| shape.texts("x-unique").first().copied());
        let names = key.and_then(|key| Some((key, items.property(key)?.keyword("enum")?.as_array()?)));
        let Some((key, names)) = names else { return json!([item]) };
        let each = names.iter().map(|name| {
            let mut item = item.clone();
            item[key] = name.clone();
            item
        });
        each.collect()
    }

    fn object(&self, shape: Shape<'_>, pointer: &str) -> Json {
        let branches: Vec<Shape<'_>> = shape.branches().collect();
        let shape = branches.get(self.branch % branches.len().max(1)).copied().unwrap_or(shape);
        let required = shape.required();
        // A verdict follows from a threshold, so where there is one the other is given.
        let all = self.all || shape.keyword("x-judges").is_some();
        // Nobody writes what is collected; the goldens show it.
        let written = shape.properties().filter(|(_, shape)| shape.keyword("x-collect").is_none());
        let asked = written.filter(|(name, _)| all || required.contains(name));
        Json::Object(
            asked
                .map(|(name, shape)| (name.to_owned(), self.value(shape, &join(pointer, name))))
                .collect::<Map<_, _>>(),
        )
    }
}

/// The document of made-up answers, or why they do not fit together.
fn made(catalog: &Catalog, answers: &Json) -> Result<Result<Document, String>, TemplateError> {
    let answers = Answers::parse(Source::new("a.yaml", answers.to_string())).expect("JSON is YAML");
    let svg: Arc<[u8]> = Arc::from(&b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"/>"[..]);
    let files = answers.wants().into_iter().map(|wanted| (wanted.path, FileState::Bytes(svg.clone())));
    let answers = bind(answers, &files.collect::<BTreeMap<_, _>>());
    match check(answers, catalog) {
        Ok(checked) => render(checked, "made", None).map(Ok),
        Err(Unchecked::Rejected(rejected)) => Ok(Err(format!("{:#?}", rejected.findings()))),
        Err(Unchecked::Catalog(error)) => panic!("{error}"),
    }
}

fn pointers(value: &Json, pointer: String, found: &mut Vec<String>) {
    match value {
        Json::Object(map) => map.iter().for_each(|(key, value)| pointers(value, join(&pointer, key), found)),
        Json::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, join(&pointer, &index.to_string()), found));
        }
        _ => {}
    }
    found.push(pointer);
}

fn kinds(catalog: &Catalog) -> Vec<&Kind> {
    let ids: Vec<&str> = catalog.kind_ids().collect();
    ids.into_iter().map(|id| catalog.kind(id).expect("it is there").unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn everything_that_can_be_answered_is_printed() {
    let catalog = Catalog::builtin();
    for kind in kinds(&catalog) {
        for (branch, all) in [(0, true), (1, true), (0, false), (1, false)] {
            let answers = Maker { branch, all }.file(kind);
            let document = made(&catalog, &answers).unwrap_or_else(|error| panic!("{}: {error}", kind.id()));
            let document = document.unwrap_or_else(|findings| panic!("{}: {findings}", kind.id()));
            let (text, ..) = read(&document.markdown());
            let mut found = Vec::new();
            pointers(&answers, String::new(), &mut found);
            for said in found
                .iter()
                .filter_map(|pointer| answers.pointer(pointer)?.as_str())
                .filter(|text| text.starts_with("Words"))
            {
                assert!(text.contains(said), "{}: {said:?} is not in the document", kind.id());
            }
        }
    }
}

/// How many of these places take something in place of the answer; every one that does prints it.
fn marked(catalog: &Catalog, kind: &Kind, answers: &Json, places: &[String]) -> usize {
    let mut printed = 0;
    for pointer in places {
        let mut answers = answers.clone();
        let pending = json!({"pending": {"what": "What is asked", "owner": "Bo"}});
        *answers.pointer_mut(pointer).expect("it is there") = pending;
        match made(catalog, &answers) {
            // What ids and references are held together by is refused before.
            Ok(Err(_)) => {}
            Ok(Ok(document)) => {
                let (text, ..) = read(document.body());
                assert!(text.matches("OP-1").count() > 1, "{}: nothing stands in place of {pointer}", kind.id());
                printed += 1;
            }
            Err(error) => panic!("{}: with something in place of {pointer}: {error}", kind.id()),
        }
    }
    printed
}

/// Tries every second place of every kind.
fn every_second(first: usize) {
    let catalog = Catalog::builtin();
    for kind in kinds(&catalog) {
        let mut seen = Vec::new();
        for branch in 0..2 {
            let answers = Maker { branch, all: true }.file(kind);
            let mut found = Vec::new();
            pointers(&answers, String::new(), &mut found);
            let sealed = ["/kind", "/document", "/sign_off", "/translation_of", "/evidence"];
            found.retain(|pointer| !pointer.is_empty() && !sealed.iter().any(|top| pointer.starts_with(top)));
            // Of a list only its first item: the others are the same.
            let first_items = |pointer: &str| pointer.split('/').all(|token| token.parse::<usize>().unwrap_or(0) == 0);
            found.retain(|pointer| !seen.contains(pointer) && first_items(pointer));
            let tried: Vec<String> = found.iter().skip(first).step_by(2).cloned().collect();
            let printed = marked(&catalog, kind, &answers, &tried);
            assert!(
                tried.is_empty() || printed * 2 > tried.len(),
                "{}: {printed} of {} places",
                kind.id(),
                tried.len()
            );
            seen.extend(found);
        }
    }
}

#[test]
fn something_may_stand_in_place_of_each_answer() {
    every_second(0);
}

#[test]
fn something_may_stand_in_place_of_each_other_answer() {
    every_second(1);
}
