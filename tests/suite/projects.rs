//! `techfile.yaml`, as people in a project meet it.

use serde_json::Value as Json;

use crate::desk::Desk;

/// A project of two documents.
fn desk(project: &str) -> Desk {
    let desk = Desk::new();
    let text = desk.text("answers.yaml").replace("drops.txt", "../../drops.txt");
    desk.write("docs/a/answers.yaml", &text);
    desk.write("docs/b/answers.yaml", &text.replace("TOY-1", "TOY-2"));
    std::fs::remove_file(desk.at("answers.yaml")).unwrap();
    desk.write("techfile.yaml", project);
    desk
}

fn report(desk: &Desk, code: i32, arguments: &[&str]) -> Json {
    let ran = desk.ends(code, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&ran.stdout).unwrap()
}

fn codes(report: &Json) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect()
}

#[test]
fn without_a_path_the_project_is_meant_and_outputs_mirror_sources() {
    let desk = desk("documents: [\"docs/**/answers.yaml\"]\noutput: out\n");
    assert_eq!(report(&desk, 0, &["check"])["summary"]["files"], 2);
    assert_eq!(report(&desk, 0, &["check", "techfile.yaml"])["summary"]["files"], 2);
    assert_eq!(report(&desk, 0, &["check", "docs/a"])["summary"]["files"], 1);
    desk.ends(2, &["verify"]);
    let ran = desk.ends(0, &["build"]);
    assert_eq!(ran.stdout, "out/docs/a/answers.pdf\nout/docs/b/answers.pdf\n");
    let ran = desk.ends(0, &["build", "docs/b/answers.yaml"]);
    assert_eq!(ran.stdout, "out/docs/b/answers.pdf\n");
    assert!(ran.stderr.contains("up to date"));
    let ran = desk.ends(0, &["build", "techfile.yaml", "--out", "other"]);
    assert_eq!(ran.stdout, "other/docs/a/answers.pdf\nother/docs/b/answers.pdf\n");
    desk.ends(0, &["verify"]);
    desk.ends(0, &["verify", "techfile.yaml"]);
}

#[test]
fn a_project_that_says_something_wrong_ends_with_2_and_a_place() {
    let desk = desk("title: T\ndocments: [x]\n");
    for arguments in [&["check"][..], &["build"], &["check", "docs/a/answers.yaml"], &["verify"]] {
        let ran = desk.ends(2, arguments);
        assert!(ran.stderr.contains("techfile.yaml:2:1"), "{}", ran.stderr);
    }
    desk.write("techfile.yaml", "requires: \">=99\"\n");
    assert!(desk.ends(2, &["check"]).stderr.contains("asks for techfile >=99"));
    desk.write("techfile.yaml", "documents: [\"none/*.yaml\"]\n");
    assert!(desk.ends(2, &["check"]).stderr.contains("nothing fits none/*.yaml"));
    desk.write("techfile.yaml", "languages: [nl]\n");
    assert_eq!(codes(&report(&desk, 1, &["check"])), ["wrong-value", "wrong-value"]);
}

#[test]
fn a_warning_that_is_allowed_is_listed_and_one_that_is_not_there_is_told() {
    let desk = desk("");
    let text = desk.text("docs/b/answers.yaml");
    desk.write("docs/b/answers.yaml", &text.replace(", part_name: Base}", "}"));
    assert_eq!(codes(&report(&desk, 0, &["check"])), ["recommended"]);
    let allow = "allow:\n- {code: recommended, document: TOY-2, pointer: /parts, reason: the base has no name}\n";
    desk.write("techfile.yaml", allow);
    let told = report(&desk, 0, &["check", "--deny", "warnings"]);
    assert_eq!(codes(&told), [""; 0]);
    let allowed = &told["summary"]["allowed"][0];
    assert_eq!((&allowed["code"], &allowed["document"]), (&"recommended".into(), &"TOY-2".into()));
    assert_eq!(allowed["reason"], "the base has no name");
    desk.write("techfile.yaml", &allow.replace("TOY-2", "TOY-1"));
    let told = report(&desk, 0, &["check"]);
    assert_eq!(codes(&told), ["recommended", "allow-unused"]);
    assert_eq!((&told["findings"][1]["file"], &told["findings"][1]["line"]), (&"techfile.yaml".into(), &2.into()));
    // Who looks at one document only cannot say so.
    assert_eq!(codes(&report(&desk, 0, &["check", "docs/b"])), ["recommended"]);
}

#[test]
fn documents_that_contradict_each_other_are_shown_both() {
    let desk = desk("documents: [\"docs/**/answers.yaml\"]\n");
    let text = desk.text("docs/b/answers.yaml");
    desk.write("docs/b/answers.yaml", &text.replace("Stacking tower", "Falling tower"));
    let told = report(&desk, 1, &["check"]);
    assert_eq!(codes(&told), ["conflicting-values"]);
    let found = &told["findings"][0];
    assert_eq!((&found["file"], &found["pointer"]), (&"docs/b/answers.yaml".into(), &"/toy_name".into()));
    assert_eq!(found["related"][0]["file"], "docs/a/answers.yaml");
    let ran = desk.ends(1, &["build"]);
    assert!(ran.stderr.contains("in another document"), "{}", ran.stderr);
    // Without a project nobody says that they belong together.
    std::fs::remove_file(desk.at("techfile.yaml")).unwrap();
    std::fs::copy(desk.at("drops.txt"), desk.at("docs/drops.txt")).unwrap();
    let told = report(&desk, 5, &["check", "docs"]);
    assert!(!codes(&told).contains(&"conflicting-values"));
}

#[test]
fn facts_of_two_things_are_held_apart_and_those_of_one_together() {
    let desk = desk("documents: [\"docs/**/answers.yaml\"]\n");
    let text = desk.text("docs/b/answers.yaml");
    let with = |ring: &str| desk.write("docs/b/answers.yaml", &text.replace("id: ring, part_name: Ring", ring));
    for (ring, code) in [
        // Another part of the other toy.
        ("id: roof, part_name: Roof", 0),
        // The same part under another name; the id is the same, however it is written.
        ("id: ring, part_name: Hoop", 1),
        ("id: Ring, part_name: Hoop", 1),
        // It has no id yet, so nobody knows what it is.
        ("id: {pending: {what: Which?, owner: A, due: \"2027-01-31\"}}, part_name: Hoop", 0),
    ] {
        with(ring);
        let told = report(&desk, code, &["check"]);
        let found: Vec<&str> = codes(&told).into_iter().filter(|code| *code != "open-point").collect();
        assert_eq!(found, vec!["conflicting-values"; usize::try_from(code).unwrap()], "{ring}");
        if code == 1 {
            let found = &told["findings"].as_array().unwrap()[0];
            assert_eq!(found["pointer"], "/parts/1/part_name");
            assert_eq!(found["related"][0]["file"], "docs/a/answers.yaml");
        }
    }
}

#[test]
fn a_project_has_a_schema_for_editors() {
    let desk = desk("");
    let schema: Json = serde_json::from_str(&desk.ends(0, &["schema", "project"]).stdout).unwrap();
    let editor = jsonschema::options().build(&schema).unwrap();
    let project = serde_json::json!({"title": "T", "documents": ["docs/**/answers.yaml"], "output": "build", "keep": ["md"],
        "limits": {}, "allow": [{"code": "placeholder", "reason": "r"}], "requires": ">=0.4, <0.5"});
    assert!(editor.is_valid(&project));
    assert!(!editor.is_valid(&serde_json::json!({"output": "../x"})));
    assert!(!schema.to_string().contains("\"x-"));
}

#[test]
fn a_project_starts_clean_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| crate::program::techfile(folder.path(), arguments);
    let ran = run(&["new", "--project", "p"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout, "p/.gitattributes\np/docs/annex-iv/answers.yaml\np/techfile.yaml\n");
    let ran = run(&["check", "p/techfile.yaml", "--deny", "warnings"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let attributes = std::fs::read_to_string(folder.path().join("p/.gitattributes")).unwrap();
    assert!(
        attributes.contains("*.ledger.jsonl -text merge=binary\n") && attributes.contains("**/evidence/** -text\n")
    );
    std::fs::remove_file(folder.path().join("p/techfile.yaml")).unwrap();
    assert_eq!(run(&["new", "--project", "p"]).code, 5);
    assert!(!folder.path().join("p/techfile.yaml").exists(), "nothing is begun that cannot be finished");
    let ran = run(&["new", "ai-policy", "--project", "q"]);
    assert_eq!((ran.code, ran.stdout.lines().nth(1)), (0, Some("q/docs/ai-policy/answers.yaml")));
    assert_eq!(run(&["new"]).code, 2);
    assert_eq!(run(&["new", "ai-policy", "--project", "r", "--out", "x"]).code, 2);
}
