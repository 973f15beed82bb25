//! What ARCHITECTURE.md promises about the code, read from the code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use techfile::diagnostic::Code;

use crate::repository::{files, read};
use crate::rust_source::RustSource;

/// Longest file that nobody has to split.
const MAX_LINES: usize = 500;

/// Words of JSON Schema 2020-12 that the code must name to read schemas; properties of kinds may be called the same.
const JSON_SCHEMA: [&str; 31] = [
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
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
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "not",
    "object",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "then",
    "title",
    "type",
];

/// The parts that every kind has, beside what `common.schema.json` defines.
const SHARED: [&str; 5] = ["kind", "document", "sign_off", "translation_of", "evidence"];

/// Words that some kind also uses, where they mean something else: file, word, what it is there.
const OTHER_MEANINGS: [(&str, &str, &str); 28] = [
    ("src/bin/techfile/cli.rs", "reason", "the flag --reason"),
    ("src/bin/techfile/cli.rs", "review", "the flag --review"),
    ("src/bin/techfile/commands/history.rs", "released", "what happened to a revision"),
    ("src/catalog/schema/editor.rs", "number", "a type of JSON"),
    ("src/picture/svg.rs", "text", "an element of SVG"),
    ("src/project.rs", "languages", "a key of techfile.yaml"),
    ("src/project.rs", "reason", "a key of techfile.yaml"),
    ("src/record/stale.rs", "earlier", "the release before, in the manifest"),
    ("src/record/stale.rs", "inputs", "the files that a document is made from, in the manifest"),
    ("src/record/stale.rs", "sources", "the files that answers were drawn from, in the manifest"),
    ("src/record/verify/bundle.rs", "inputs", "the files that a document is made from, in the manifest"),
    ("src/record/verify/rebuild.rs", "earlier", "the release before, in the manifest"),
    ("src/record/verify/release.rs", "earlier", "the release before, in the manifest"),
    ("src/render/changes.rs", "text", "what a cell of the table holds"),
    ("src/report/changes/markdown.rs", "earlier", "the version before, in words"),
    ("src/render/context.rs", "content", "what was signed, as templates see it"),
    ("src/render/context.rs", "legal_basis", "of the kind, as templates see it"),
    ("src/render/context.rs", "reasons", "why a provision does not apply, as templates see it"),
    ("src/render/context.rs", "state", "how far a provision is answered, as templates see it"),
    ("src/render/filters.rs", "number", "a filter"),
    ("src/render/filters.rs", "text", "what a filter or a function of templates is given"),
    ("src/render/stage.rs", "clauses", "a sort of file that a document is made from"),
    ("src/stamp.rs", "sources", "the files that answers were drawn from, in the manifest"),
    ("src/typeset/data.rs", "content", "the content id, as the wrapper sees it"),
    ("src/typeset/data.rs", "data", "how an attachment relates to the document, in PDF's words"),
    ("src/typeset/data.rs", "earlier", "the release before, as the wrapper sees it"),
    ("src/typeset/data.rs", "inputs", "the files that a document is made from, as the wrapper sees them"),
    ("src/typeset/data.rs", "source", "how an attachment relates to the document, in PDF's words"),
];

fn rust_files(folder: &str) -> Vec<(String, RustSource)> {
    let paths = files(folder).into_iter().filter(|path| path.ends_with(".rs"));
    // Files of unit tests: `check/tests.rs`, `check/tests/places.rs`.
    let paths = paths.filter(|path| !path.ends_with("/tests.rs") && !path.contains("/tests/"));
    paths.map(|path| (path.clone(), RustSource::parse(&read(&path)))).collect()
}

fn library() -> Vec<(String, RustSource)> {
    rust_files("src").into_iter().filter(|(path, _)| !path.starts_with("src/bin/")).collect()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The rooms of ARCHITECTURE.md, in their order.
fn rooms() -> Vec<String> {
    let text = read("ARCHITECTURE.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(".rs`"));
    rows.map(|(room, _)| room.to_owned()).collect()
}

/// What `lib.rs` gives out under a shorter name: `Answers` is in `answers`.
fn short_names() -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let text = read("src/lib.rs");
    for line in text.lines().filter_map(|line| line.strip_prefix("pub use ")) {
        let (module, list) = line.trim_end_matches(';').split_once("::").expect("`pub use module::…`");
        for name in list.trim_matches(['{', '}']).split(',') {
            names.insert(name.trim().to_owned(), module.to_owned());
        }
    }
    names
}

/// The rooms that a piece of code names by `crate::…`.
fn named(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        // `use crate::{a, b::{c, d}}`: the names at the first level.
        let list = if rest.starts_with('{') { first_level(rest) } else { vec![rest.to_owned()] };
        let word =
            |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        found.extend(list.iter().map(|text| word(text)).filter(|word| !word.is_empty()));
    }
    found
}

fn first_level(braces: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for character in braces.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            other if depth == 1 => parts.last_mut().unwrap().push(other),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    parts
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let order = rooms();
    let short = short_names();
    let rank = |room: &str| order.iter().position(|other| other == room);
    let mut faults = Vec::new();
    for (path, source) in library().iter().filter(|(path, _)| path != "src/lib.rs") {
        let room = path.trim_start_matches("src/").trim_end_matches(".rs").split('/').next().unwrap();
        let Some(own) = rank(room) else {
            faults.push(format!("{path}: the room `{room}` has no row in ARCHITECTURE.md"));
            continue;
        };
        for name in named(&source.code) {
            let name = short.get(&name).unwrap_or(&name);
            match rank(name) {
                Some(other) if other > own => faults.push(format!("{path}: `{room}` uses `{name}`, which comes later")),
                None if name != room => {
                    faults.push(format!("{path}: `crate::{name}` is in no room of ARCHITECTURE.md"));
                }
                _ => {}
            }
        }
        // In `src/room.rs` itself, `super` is the crate: another way round the order.
        if path.matches('/').count() == 1 && !source.lines_with("super").is_empty() {
            faults.push(format!("{path}: write `crate::…` for what lies outside the room"));
        }
    }
    none(&faults);
    assert!(order.len() >= 12, "the table of ARCHITECTURE.md was not read: {order:?}");
}

#[test]
fn the_library_is_pure_and_only_the_disk_touches_files() {
    let hidden_input = [
        "std::fs",
        "stdin",
        "stdout",
        "stderr",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
        "std::time",
        "SystemTime",
        "Instant",
        "OsRng",
        "thread_rng",
        "HashMap",
        "HashSet",
    ];
    let mut faults = Vec::new();
    for (path, source) in library() {
        for word in hidden_input {
            faults.extend(source.lines_with(word).iter().map(|line| format!("{path}:{line}: `{word}`")));
        }
    }
    for (path, source) in rust_files("src/bin") {
        let mut banned = vec!["std::net", "TcpStream", "UdpSocket", "HashMap", "HashSet", "SystemTime"];
        if !path.starts_with("src/bin/techfile/disk") {
            banned.push("std::fs");
        }
        for word in banned {
            faults.extend(source.lines_with(word).iter().map(|line| format!("{path}:{line}: `{word}`")));
        }
    }
    none(&faults);
}

#[test]
fn nothing_unfinished_is_in_the_code() {
    let mut faults = Vec::new();
    for (path, source) in rust_files("src") {
        for word in ["todo", "unimplemented", "dbg"] {
            let calls = source.lines_with(word).into_iter().filter(|line| {
                source.code.lines().nth(line - 1).is_some_and(|text| text.contains(&format!("{word}!")))
            });
            faults.extend(calls.map(|line| format!("{path}:{line}: `{word}!`")));
        }
    }
    for path in files("src").into_iter().chain(files("templates")) {
        let text = [".rs", ".md", ".tera", ".typ", ".yaml"].iter().any(|end| path.ends_with(end));
        if text && read(&path).contains("to be written") {
            faults.push(format!("{path}: something is still to be written"));
        }
    }
    none(&faults);
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut faults = Vec::new();
    for path in ["src", "tests", "templates", ".ci", "benches"].into_iter().flat_map(files) {
        let code = [".rs", ".tera", ".typ", ".py", ".sh"].iter().any(|end| path.ends_with(end)) || path == ".ci/run";
        // What earlier versions made is kept as it is.
        if !code || path.starts_with("tests/vintage/") {
            continue;
        }
        let text = read(&path);
        let lines = text.lines().count();
        if lines > MAX_LINES {
            faults.push(format!("{path}: {lines} lines; split it"));
        }
        let inner = path.starts_with("src/") && path.contains("/tests");
        if path.ends_with(".rs") && !inner && !text.starts_with("//! ") {
            faults
                .push(format!("{path}: it does not begin with what comes in, what goes out, what it refuses to know"));
        }
    }
    none(&faults);
}

/// Names that some schemas define: keys of `properties` at any depth.
fn properties(json: &Json, names: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            if let Some(Json::Object(properties)) = map.get("properties") {
                names.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| properties(value, names));
        }
        Json::Array(items) => items.iter().for_each(|item| properties(item, names)),
        _ => {}
    }
}

#[test]
fn no_kind_and_no_answer_of_a_kind_is_known_to_the_code() {
    let mut shared = BTreeSet::new();
    let mut own = BTreeSet::new();
    for path in files("schemas").iter().filter(|path| path.ends_with(".schema.json")) {
        let json: Json = serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        if path == "schemas/common.schema.json" {
            properties(&json, &mut shared);
        } else {
            properties(&json, &mut own);
            own.insert(path.trim_start_matches("schemas/").trim_end_matches(".schema.json").to_owned());
        }
    }
    let ordinary = |name: &str| {
        JSON_SCHEMA.contains(&name) || SHARED.contains(&name) || Code::ALL.iter().any(|code| code.as_str() == name)
    };
    let banned: BTreeSet<&String> = own.difference(&shared).filter(|name| !ordinary(name)).collect();
    let mut faults = Vec::new();
    for (path, source) in rust_files("src") {
        let other = |text: &str| OTHER_MEANINGS.iter().any(|(file, word, _)| *file == path && *word == text);
        for (line, text) in source.strings.iter().filter(|(_, text)| !other(text)) {
            // A pointer names each of its parts; any other text is a name only as a whole.
            let parts: Vec<&str> = if text.starts_with('/') { text.split('/').collect() } else { vec![text] };
            if let Some(name) = parts.into_iter().find(|part| banned.contains(&(*part).to_owned())) {
                faults.push(format!("{path}:{line}: {text:?} names `{name}`, which only a kind's schema defines"));
            }
        }
    }
    none(&faults);
}

#[test]
fn no_template_lets_an_answer_through_unescaped() {
    let mut faults = Vec::new();
    for path in files("templates").into_iter().filter(|path| path.ends_with(".tera")) {
        for (index, line) in read(&path).lines().enumerate() {
            let filters = line.split('|').skip(1).map(str::trim_start);
            let filters = filters.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next());
            if filters.flatten().any(|filter| filter == "safe") || line.contains("autoescape") {
                faults.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let text = read("Cargo.toml");
    let mut faults = Vec::new();
    let mut section = "";
    let mut before = "";
    for line in text.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]")
            && !line.starts_with('#')
            && line.contains('=')
            && !before.starts_with("# ")
        {
            faults.push(format!("Cargo.toml: no comment above `{line}`"));
        }
        before = line;
    }
    none(&faults);
}
