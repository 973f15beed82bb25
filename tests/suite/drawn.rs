//! `$from`: values of other files in place of answers, as people and releases meet them.

use serde_json::Value as Json;

use crate::desk::Desk;

/// A desk in a project whose toy draws its pressure from what a pipeline wrote.
fn desk(data: &str) -> Desk {
    let desk = Desk::new();
    desk.write("techfile.yaml", "");
    desk.write("data/run.json", data);
    desk
}

fn findings(desk: &Desk, code: i32) -> Vec<Json> {
    let ran = desk.ends(code, &["check", "answers.yaml", "--format", "json"]);
    let report: Json = serde_json::from_str(&ran.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

/// The toy with another line in place of one of its answers.
fn with(desk: &Desk, from: &str, to: &str) {
    let text = desk.text("answers.yaml");
    assert!(text.contains(from), "{from}");
    desk.write("answers.yaml", &text.replace(from, to));
}

fn manifest(desk: &Desk, path: &str) -> Json {
    serde_json::from_str(&desk.text(path)).unwrap()
}

#[test]
fn a_value_that_is_drawn_says_what_a_written_one_says() {
    let desk =
        desk("{\"run\": {\"weight\": 0.910, \"pieces\": 5, \"drop\": [{\"height\": \"2 m\", \"dents\": 2.04}]}}");
    desk.ends(0, &["build", "answers.yaml", "--out", "written"]);
    with(&desk, "weight: 0.910", "weight: {$from: data/run.json#/run/weight}");
    with(&desk, "pieces: 5", "pieces: {$from: data/run.json#/run/pieces}");
    with(&desk, "dents: 2.0,", "dents: {$from: data/run.json#/run/drop/0/dents, digits: 1},");
    desk.ends(0, &["build", "answers.yaml", "--out", "drawn"]);
    let (written, drawn) =
        (manifest(&desk, "written/answers.manifest.json"), manifest(&desk, "drawn/answers.manifest.json"));
    assert_eq!(written["content_id"], drawn["content_id"]);
    assert_eq!(written["body"], drawn["body"]);
    assert_eq!(written["sources"], Json::Null);
    let sources = drawn["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0]["path"], "data/run.json");
    let digest = techfile::digest::Digest::of(desk.text("data/run.json").as_bytes()).to_string();
    assert_eq!(sources[0]["sha256"], digest.as_str());
}

#[test]
fn a_finding_points_at_the_from_and_shows_the_file() {
    let desk = desk("{\"run\": {\n  \"weight\": \"heavy\"}}");
    with(&desk, "weight: 0.910", "weight: {$from: data/run.json#/run/weight}");
    let found = findings(&desk, 1);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["code"], &found[0]["pointer"]), (&"wrong-type".into(), &"/weight".into()));
    assert_eq!(found[0]["file"], "answers.yaml");
    let line = desk.text("answers.yaml").lines().position(|line| line.starts_with("weight:")).unwrap() + 1;
    assert_eq!(found[0]["line"], line);
    let related = &found[0]["related"][0];
    assert_eq!((&related["file"], &related["line"]), (&"data/run.json".into(), &2.into()));
    assert_eq!(related["pointer"], "/run/weight");
    assert!(related["message"].as_str().unwrap().contains("data/run.json#/run/weight"));
}

#[test]
fn what_is_missing_is_one_finding_and_no_other_follows_from_it() {
    let desk = desk("{}");
    for (from, code) in [
        ("{$from: data/run.json#/none}", "data-missing"),
        ("{$from: data/none.json#/none}", "data-missing"),
        ("{$from: ../none.json#/none}", "unsafe-path"),
        ("{$from: '#/toy_name'}", "data-cycle"),
    ] {
        let original = desk.text("answers.yaml");
        with(&desk, "toy_name: Stacking tower", &format!("toy_name: {from}"));
        let found = findings(&desk, if code == "unsafe-path" { 5 } else { 1 });
        assert_eq!(found.iter().map(|found| found["code"].as_str().unwrap()).collect::<Vec<_>>(), [code], "{from}");
        desk.write("answers.yaml", &original);
    }
}

#[test]
fn nothing_is_drawn_into_what_says_which_document_it_is() {
    let desk = desk("{\"title\": \"T\", \"control\": {\"owner\": \"O\"}}");
    with(&desk, "title: Toy file", "title: {$from: data/run.json#/title}");
    let found = findings(&desk, 1);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0]["message"].as_str().unwrap().contains("cannot stand in place of"));
}

#[test]
fn a_release_keeps_what_was_drawn_and_is_made_again_from_it() {
    let desk = desk("{\"weight\": 0.910}");
    desk.write("data/facts.yaml", "weight: {$from: run.json#/weight}\n");
    with(&desk, "weight: 0.910", "weight: {$from: data/facts.yaml#/weight}");
    desk.approve("answers.yaml");
    desk.ends(0, &["release", "answers.yaml", "--reason", "first"]);
    for path in ["data/run.json", "data/facts.yaml"] {
        let kept = desk.text(&format!("releases/TOY-1/1/inputs/answers/{path}"));
        assert_eq!(kept, desk.text(path));
    }
    // What the pipeline writes later does not matter.
    desk.write("data/run.json", "{\"weight\": 1}");
    desk.ends(0, &["verify", "releases/TOY-1/1", "--rebuild"]);
    desk.write("releases/TOY-1/1/inputs/answers/data/run.json", "{\"weight\": 1}");
    desk.ends(4, &["verify", "releases/TOY-1/1", "--rebuild"]);
}
