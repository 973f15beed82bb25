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

/// A desk with files as real pipelines write them.
fn pipeline() -> Desk {
    let desk = desk("{}");
    for path in crate::repository::files("tests/suite/drawn") {
        let name = path.rsplit('/').next().unwrap();
        desk.write(&format!("pipeline/{name}"), &crate::repository::read(&path));
    }
    desk
}

#[test]
fn what_pipelines_write_can_be_drawn_from() {
    let desk = pipeline();
    let text = desk.text("answers.yaml");
    let start = text.find("drops:\n").unwrap();
    let end = start + text[start..].find("power:").unwrap();
    desk.write("answers.yaml", &text.replace(&text[start..end], "drops: {$from: pipeline/drops.csv#}\n"));
    for (written, drawn) in [
        // The metadata of a model card on Hugging Face.
        ("toy_name: Stacking tower", "toy_name: {$from: pipeline/README.md#/model-index/0/name}"),
        ("box_name: Stacking tower", "box_name: {$from: pipeline/README.md#/model-index/0/name}"),
        // A run of MLflow, as its REST interface gives it.
        ("weight: 0.910", "weight: {$from: pipeline/run.json#/run/data/metrics/0/value, digits: 3}"),
        // A CycloneDX bill of materials of a model.
        ("part_name: Ring,", "part_name: {$from: pipeline/bom.cdx.json#/components/0/name},"),
        // The description of a data set in Croissant.
        ("sold: \"2026-11-02\"", "sold: {$from: pipeline/croissant.json#/datePublished}"),
        // Tables and settings.
        ("pieces: 5", "pieces: {$from: pipeline/counts.csv#/0/pieces}"),
        ("washable: true", "washable: {$from: pipeline/counts.csv#/0/washable}"),
        ("serial: T-0001", "serial: {$from: pipeline/pyproject.toml#/tool/toy/serial}"),
        ("made: \"2026-11-01\"", "made: {$from: pipeline/pyproject.toml#/tool/toy/made}"),
    ] {
        with(&desk, written, drawn);
    }
    // The third drop has no dents: the finding shows the row.
    let found = findings(&desk, 1);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["code"], "missing-answer");
    let related = &found[0]["related"][0];
    assert_eq!((&related["file"], &related["line"]), (&"pipeline/drops.csv".into(), &4.into()));
    desk.write("pipeline/drops.csv", &desk.text("pipeline/drops.csv").replace("stone,,,,", "stone,3,,,"));
    desk.ends(0, &["build", "answers.yaml"]);
    let answers: Json = serde_json::from_str(&desk.text("build/answers.files/answers.json")).unwrap();
    assert_eq!((&answers["toy_name"], &answers["weight"]), (&"Stacking tower".into(), &"0.910".into()));
    assert_eq!((&answers["pieces"], &answers["washable"]), (&5.into(), &true.into()));
    assert_eq!((&answers["made"], &answers["sold"]), (&"2026-11-01".into(), &"2026-11-01".into()));
    assert_eq!(answers["parts"][1]["part_name"], "ring");
    assert_eq!(answers["drops"][1]["floor"], "wood, \"oiled\"");
    assert_eq!(answers["drops"][1]["dents"], "2.0");
    assert_eq!(answers["drops"][2]["at_most"], Json::Null);
    let manifest = manifest(&desk, "build/answers.manifest.json");
    let sources: Vec<&str> =
        manifest["sources"].as_array().unwrap().iter().map(|source| source["path"].as_str().unwrap()).collect();
    let names =
        ["README.md", "bom.cdx.json", "counts.csv", "croissant.json", "drops.csv", "pyproject.toml", "run.json"];
    assert_eq!(sources, names.map(|name| format!("pipeline/{name}")));
}
