//! A technical file that takes its figures from what pipelines write: Hugging Face, MLflow, CycloneDX, Croissant.
//!
//! `tests/external/pipeline.py` writes the four files by the libraries of their formats.

use serde_json::Value as Json;

use crate::desk::Desk;
use crate::repository::{files, read};

const CARD: &str = "pipeline/README.md#/model-index/0/results/0";
const BOM: &str = "pipeline/bom.cdx.json#/components";
const RUN: &str = "pipeline/run.json#/data";
const SET: &str = "pipeline/croissant.json#";

/// What stands in place of four sections of a first draft.
fn sections() -> String {
    let open = "{pending: {what: to be written}}";
    let metric = |id: &str, name: &str, value: &str, more: &str| {
        format!(
            "  - {{id: {id}, name: {name}, purpose: accuracy, data_set: DS-2, value: {value}, unit: ratio, better: higher, {more}}}\n"
        )
    };
    let set = |id: &str, role: &str, row: usize| {
        format!(
            "  - id: {id}\n    name: {{$from: {CARD}/dataset/name}}\n    role: {role}\n    description: {{$from: {SET}/description}}\n    \
             records: {{$from: {SET}/recordSet/1/data/{row}/splits~1records}}\n    licence: {{$from: {SET}/license}}\n    \
             start: \"2021-01-01\"\n    end: {{$from: {SET}/datePublished}}\n    provenance: {open}\n    scope: {open}\n    characteristics: {open}\n    \
             collection: {open}\n    labelling: {open}\n    cleaning: {open}\n    personal_data: {open}\n"
        )
    };
    [
        &format!(
            "system:\n  name: {{$from: {BOM}/0/name}}\n  version: {{$from: {BOM}/0/version}}\n  type: {{$from: {BOM}/0/modelCard/modelParameters/architectureFamily}}\n  summary: {open}\n"
        ),
        &format!("data:\n  training_methodologies: {open}\n  sets:\n"),
        &set("DS-1", "training", 0),
        &set("DS-2", "testing", 1),
        &["assumptions", "suitability", "representativeness", "bias_examination", "bias_measures", "gaps", "special_categories"]
            .map(|key| format!("  {key}: {open}\n"))
            .concat(),
        &format!("testing:\n  procedures: {open}\n  data: {open}\n  metrics:\n"),
        // Each metric from another file: as a number of YAML, as a float of Python, as a text that keeps its noughts.
        &metric("M-1", "AUC", &format!("{{$from: {CARD}/metrics/0/value}}"), "verdict: no-threshold"),
        &metric("M-2", "AUC of the run", &format!("{{$from: {RUN}/metrics/test_roc_auc, digits: 3}}"), "threshold: 0.80, verdict: met"),
        &metric("M-3", "recall", &format!("{{$from: {BOM}/0/modelCard/quantitativeAnalysis/performanceMetrics/1/value}}"), "threshold: 0.9, verdict: met"),
        &metric("M-4", "recall of the run", &format!("{{$from: {RUN}/metrics/test_recall, digits: 3}}"), "verdict: no-threshold"),
        &metric("M-5", "log loss", &format!("{{$from: {RUN}/metrics/test_log_loss}}"), "verdict: no-threshold"),
        &format!("  discriminatory_impacts: {open}\n  logs: {open}\n  reports: {open}\n"),
    ]
    .map(String::as_str)
    .concat()
}

/// A draft in a project whose pipeline has just run.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("techfile.yaml", "documents: [file.yaml]\n");
    for path in files("tests/suite/pipeline") {
        desk.write(&path.replacen("tests/suite/", "", 1), &read(&path));
    }
    desk.ends(0, &["new", "annex-iv", "--out", "file.yaml"]);
    let mut kept = String::new();
    let mut skips = false;
    for line in desk.text("file.yaml").lines() {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            skips = ["system:", "data:", "testing:"].iter().any(|key| line.starts_with(key));
        }
        if !skips {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    desk.write("file.yaml", &format!("{kept}{}", sections()));
    desk
}

fn manifest(desk: &Desk) -> Json {
    serde_json::from_str(&desk.text("build/file.manifest.json")).unwrap()
}

#[test]
fn figures_versions_sizes_and_licences_come_from_what_libraries_write() {
    let desk = desk();
    desk.ends(0, &["check", "--deny", "warnings"]);
    desk.ends(0, &["build"]);
    let answers: Json = serde_json::from_str(&desk.text("build/file.files/answers.json")).unwrap();
    assert_eq!(answers["system"]["name"], "Example Score");
    assert_eq!(answers["system"]["version"], "2.3.0");
    let sets = &answers["data"]["sets"];
    assert_eq!((&sets[0]["records"], &sets[1]["records"]), (&148_512.into(), &24_180.into()));
    assert_eq!(sets[0]["licence"], "https://creativecommons.org/licenses/by/4.0/");
    assert_eq!(sets[0]["end"], "2026-07-24");
    let values: Vec<&str> = answers["testing"]["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| metric["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["0.8034", "0.803", "0.910", "0.910", "0.0000125"]);
    let text: String = desk.text("build/file.md").chars().filter(|c| !c.is_whitespace()).collect();
    for told in ["148512", "0.8034", "0.910", "0.0000125", "ExampleScore"] {
        assert!(text.contains(told), "{told}");
    }
    let manifest = manifest(&desk);
    let sources = manifest["sources"].as_array().unwrap().iter();
    let sources: Vec<&str> = sources.map(|source| source["path"].as_str().unwrap()).collect();
    assert_eq!(
        sources,
        ["README.md", "bom.cdx.json", "croissant.json", "run.json"].map(|name| format!("pipeline/{name}"))
    );
}

#[test]
fn another_run_changes_the_content_and_the_clause_that_reports_it() {
    let desk = desk();
    desk.ends(0, &["build"]);
    let before = manifest(&desk);
    for (file, from, to, clause, same) in [
        ("run.json", "\"test_roc_auc\": 0.8034", "\"test_roc_auc\": 0.8139", "annex-iv.2.g", "annex-iv.2.d"),
        ("README.md", "value: 0.8034", "value: 0.8035", "annex-iv.2.g", "annex-iv.2.d"),
        ("bom.cdx.json", "\"value\": \"0.910\"", "\"value\": \"0.9100\"", "annex-iv.2.g", "annex-iv.1.a"),
        ("bom.cdx.json", "\"version\": \"2.3.0\"", "\"version\": \"2.3.1\"", "annex-iv.1.a", "annex-iv.2.g"),
        ("croissant.json", "\"splits/records\": 24180", "\"splits/records\": 24181", "annex-iv.2.d", "annex-iv.1.a"),
    ] {
        let path = format!("pipeline/{file}");
        let text = desk.text(&path);
        assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
        desk.write(&path, &text.replace(from, to));
        desk.ends(0, &["build"]);
        let after = manifest(&desk);
        let differs = |clause: &str| {
            let id = format!("eu-ai-act:{clause}");
            assert!(before["clauses"][&id].is_string(), "{id}");
            before["clauses"][&id] != after["clauses"][&id]
        };
        assert_ne!(before["content_id"], after["content_id"], "{to}");
        assert!(differs(clause) && !differs(same), "{to}");
        desk.write(&path, &text);
    }
    // What nobody draws may change.
    let text = desk.text("pipeline/run.json");
    desk.write("pipeline/run.json", &text.replace("\"num_leaves\": \"31\"", "\"num_leaves\": \"63\""));
    desk.ends(0, &["build"]);
    assert_eq!(manifest(&desk)["content_id"], before["content_id"]);
}

#[test]
fn what_a_run_did_not_write_is_told_at_the_from_with_file_and_pointer() {
    let desk = desk();
    let line = |part: &str| desk.text("file.yaml").lines().position(|line| line.contains(part)).unwrap() + 1;
    for (file, from, to, part, pointer, met) in [
        ("run.json", "\"test_recall\"", "\"recall\"", "test_recall", "/testing/metrics/3/value", "/data/metrics"),
        ("bom.cdx.json", "\"version\": \"2.3.0\",", "", "/0/version}", "/system/version", "/components/0"),
        ("croissant.json", "\"license\"", "\"licence\"", "license}", "/data/sets/0/licence", ""),
    ] {
        let path = format!("pipeline/{file}");
        let text = desk.text(&path);
        desk.write(&path, &text.replacen(from, to, 1));
        let ran = desk.ends(1, &["check", "--format", "json"]);
        let told: Json = serde_json::from_str(&ran.stdout).unwrap();
        let found = &told["findings"][0];
        assert_eq!((&found["code"], &found["pointer"]), (&"data-missing".into(), &pointer.into()), "{told:#}");
        assert_eq!((&found["file"], &found["line"]), (&"file.yaml".into(), &line(part).into()));
        let related = &found["related"][0];
        assert_eq!((&related["file"], &related["pointer"]), (&path.as_str().into(), &met.into()), "{found:#}");
        assert!(found["message"].as_str().unwrap().contains(&path), "{found:#}");
        desk.write(&path, &text);
    }
    // A metric that is none: the finding shows both places.
    let text = desk.text("pipeline/run.json");
    desk.write("pipeline/run.json", &text.replace("\"test_log_loss\": 1.25e-05", "\"test_log_loss\": \"NaN\""));
    let ran = desk.ends(1, &["check"]);
    assert!(ran.stderr.contains("error[wrong-type]") && ran.stderr.contains("pipeline/run.json:1"), "{}", ran.stderr);
}
