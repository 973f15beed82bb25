//! `techfile.yaml`, as people in a project meet it.

use serde_json::Value as Json;

use crate::desk::Desk;
use crate::program::techfile;
use crate::repository::root;

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

/// Each of the three sample policies is of another organisation, and so a project of its own.
#[test]
fn samples_that_are_projects_of_their_own_are_built_in_one_run() {
    let ran = techfile(root(), &["plan", "samples/policies"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for policy in ["ai-coding-assistants", "city-government", "government-agencies"] {
        let folder = format!("samples/policies/{policy}");
        assert!(
            ran.stdout.contains(&format!("{folder}/answers.yaml -> {folder}/build/answers.pdf\n")),
            "{}",
            ran.stdout
        );
    }
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
    // People are told how many, so that a report without findings is not taken for answers without any.
    let said = desk.ends(0, &["check"]).stderr;
    assert!(said.starts_with("no findings in 2 files; 1 warning allowed; "), "{said}");
    let said = desk.ends(0, &["check", "--format", "github"]).stdout;
    assert!(said.contains("no findings in 2 files; 1 warning allowed\n"), "{said}");
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
fn no_two_documents_bear_one_number() {
    let desk = desk("documents: [\"docs/**/answers*.yaml\"]\n");
    let text = desk.text("docs/a/answers.yaml");
    // Capitals tell nobody apart: a release folder bears the number.
    desk.write("docs/b/answers.yaml", &text.replace("TOY-1", "Toy-1"));
    let told = report(&desk, 1, &["check"]);
    assert_eq!(codes(&told), ["conflicting-values"]);
    let found = &told["findings"][0];
    assert_eq!((&found["file"], &found["pointer"]), (&"docs/b/answers.yaml".into(), &"/document/id".into()));
    assert_eq!(found["related"][0]["file"], "docs/a/answers.yaml");
    desk.ends(1, &["build", "--report", "report.jsonl"]);
    assert!(desk.text("report.jsonl").lines().last().unwrap().contains("/document/id"));
    // The same document in another language may.
    desk.write("docs/b/answers.yaml", &text.replace("TOY-1", "TOY-2"));
    desk.write("docs/a/answers.nl.yaml", &text.replace("language: en", "language: nl"));
    report(&desk, 0, &["check"]);
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
fn limits_of_a_project_are_held_up_to_the_highest() {
    let desk = desk("");
    // Two documents of a few hundred values each, with one evidence file.
    for (limits, limit) in [
        ("answers_values: 50", "more than 50 keys and values"),
        ("answers_values: 1000", ""),
        ("evidence_files: 1", ""),
        ("evidence_file_mib: 1", "more than 1048576 (1 MiB)"),
        ("evidence_mib: 1", "the evidence has more than 1048576 bytes (1 MiB)"),
        ("evidence_mib: 2", ""),
    ] {
        std::fs::File::create(desk.at("drops.txt")).unwrap().set_len((1 << 20) + 1).unwrap();
        desk.write("techfile.yaml", &format!("limits: {{{limits}}}\n"));
        let told = report(&desk, if limit.is_empty() { 0 } else { 5 }, &["check"]);
        assert_eq!(codes(&told), if limit.is_empty() { vec![] } else { vec!["limit"; 2] }, "{limits}");
        assert!(told.to_string().contains(limit), "{limits}: {told}");
    }
    // More than usual: what no document without a project may name.
    std::fs::File::create(desk.at("drops.txt")).unwrap().set_len(51 << 20).unwrap();
    desk.write("techfile.yaml", "");
    assert_eq!(codes(&report(&desk, 5, &["check"])), ["limit", "limit"]);
    desk.write("techfile.yaml", "limits: {evidence_file_mib: 64}\n");
    assert_eq!(codes(&report(&desk, 0, &["check"])), [""; 0]);
    let ran = {
        desk.write("techfile.yaml", "limits:\n  evidence_file_mib: 257\n");
        desk.ends(2, &["check"])
    };
    assert!(ran.stderr.contains("techfile.yaml:2:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("256"), "{}", ran.stderr);
}

#[test]
fn data_has_limits_of_its_own() {
    let desk = desk("");
    desk.write("data.json", &format!("{{\"weight\": 0.910, \"rest\": [{}0]}}", "1, ".repeat(400)));
    let text = desk.text("docs/a/answers.yaml");
    desk.write("docs/a/answers.yaml", &text.replace("weight: 0.910", "weight: {$from: ../../data.json#/weight}"));
    for (limits, code) in
        [("data_values: 100", 5), ("data_values: 500", 0), ("data_files: 1", 0), ("drawn_values: 1", 0)]
    {
        desk.write("techfile.yaml", &format!("limits: {{{limits}}}\n"));
        let told = report(&desk, code, &["check"]);
        assert_eq!(told.to_string().contains("over the limit") || told.to_string().contains("more than"), code == 5);
    }
}

#[test]
fn a_release_is_made_again_whatever_its_project_allowed() {
    let desk = Desk::new();
    desk.write("data.json", &format!("{{\"weight\": 0.910, \"rest\": [{}0]}}", "1,".repeat(500_000)));
    desk.write(
        "answers.yaml",
        &desk.text("answers.yaml").replace("weight: 0.910", "weight: {$from: data.json#/weight}"),
    );
    desk.write("techfile.yaml", "");
    desk.ends(5, &["check", "answers.yaml"]);
    desk.write("techfile.yaml", "limits: {data_values: 600000}\n");
    desk.approve("answers.yaml");
    desk.ends(0, &["release", "answers.yaml", "--reason", "first"]);
    desk.ends(0, &["verify", "releases", "--rebuild"]);
}

#[test]
fn projects_with_different_catalogues_are_not_checked_in_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let toy = crate::repository::files("tests/suite/toy").into_iter();
    for path in toy.filter(|path| !path.ends_with(".nl.yaml") && !path.ends_with(".md")) {
        let own = &path["tests/suite/toy/".len()..];
        for project in ["a", "b"] {
            let own = if own.contains('/') { format!("{project}/house/{own}") } else { format!("{project}/{own}") };
            write(&own, &crate::repository::read(&path));
        }
    }
    let run = |arguments: &[&str]| crate::program::techfile(folder.path(), arguments);
    write("a/techfile.yaml", "documents: [answers.yaml]\ncatalog: house\n");
    write("b/techfile.yaml", "documents: [answers.yaml]\n");
    for arguments in [
        &["check", "a/answers.yaml", "b/answers.yaml"][..],
        &["check", "b", "a"],
        &["check", "."],
        &["build", "a/techfile.yaml", "b/techfile.yaml"],
        &["coverage", "b/answers.yaml", "a/answers.yaml"],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        let (has, none) = ("has the catalogue `a/house`", "has no catalogue of its own");
        assert!(ran.stderr.contains(has) && ran.stderr.contains(none), "{}", ran.stderr);
        assert!(ran.stderr.contains("a/answers.yaml") && ran.stderr.contains("b/answers.yaml"), "{}", ran.stderr);
    }
    assert!(!folder.path().join("build").exists());
    // One at a time, or with one catalogue for all, all is well.
    for arguments in [
        &["check", "a"][..],
        &["coverage", "a/answers.yaml"],
        &["check", ".", "--catalog", "a/house"],
        &["check", "a/answers.yaml", "nowhere/answers.yaml"],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, if arguments.len() == 3 { 2 } else { 0 }, "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("has no catalogue"), "{}", ran.stderr);
    }
    write("b/techfile.yaml", "documents: [answers.yaml]\ncatalog: house\n");
    let ran = run(&["check", "a", "b"]);
    assert!(ran.code == 2 && ran.stderr.contains("`b/house`"), "{}", ran.stderr);
}

#[test]
fn a_project_has_a_schema_for_editors() {
    let desk = desk("");
    let schema: Json = serde_json::from_str(&desk.ends(0, &["schema", "project"]).stdout).unwrap();
    let editor = jsonschema::options().build(&schema).unwrap();
    let project = serde_json::json!({"title": "T", "documents": ["docs/**/answers.yaml"], "output": "build", "keep": ["md"],
        "limits": {"evidence_files": 900}, "allow": [{"code": "placeholder", "reason": "r"}], "requires": ">=0.4, <0.5"});
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
    assert_eq!(
        ran.stdout,
        "p/.gitattributes\np/docs/annex-iv/answers.yaml\n\
        p/editor/annex-iv.schema.json\np/editor/techfile.schema.json\np/techfile.yaml\n"
    );
    let ran = run(&["check", "p/techfile.yaml", "--deny", "warnings"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let attributes = std::fs::read_to_string(folder.path().join("p/.gitattributes")).unwrap();
    for line in ["*.ledger.jsonl -text merge=binary", "*.ledger.head -text merge=binary", "**/evidence/** -text"] {
        assert!(attributes.lines().any(|other| other == line), "{line} is not in\n{attributes}");
    }
    // Every format that `$from` reads.
    for ending in ["yaml", "yml", "json", "csv", "toml"] {
        assert!(attributes.contains(&format!("\n*.{ending} -text\n")), "{ending} is not in\n{attributes}");
    }
    std::fs::remove_file(folder.path().join("p/techfile.yaml")).unwrap();
    assert_eq!(run(&["new", "--project", "p"]).code, 5);
    assert!(!folder.path().join("p/techfile.yaml").exists(), "nothing is begun that cannot be finished");
    // A document that comes to a project shares the folder of schemas; each names the way from where it lies.
    let ran = run(&["new", "ai-policy", "--project", "q"]);
    assert_eq!((ran.code, ran.stdout.lines().nth(1)), (0, Some("q/docs/ai-policy/answers.yaml")));
    assert_eq!(run(&["new"]).code, 2);
    assert_eq!(run(&["new", "ai-policy", "--project", "r", "--out", "x"]).code, 2);
}

#[test]
fn editors_find_the_schema_of_what_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| crate::program::techfile(folder.path(), arguments);
    let found = |path: &str| -> serde_json::Value {
        let file = folder.path().join(path);
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.lines().next().unwrap();
        let schema = line.strip_prefix("# yaml-language-server: $schema=").unwrap();
        serde_json::from_slice(&std::fs::read(file.with_file_name(schema)).unwrap()).unwrap()
    };
    let printed = |kind: &str| -> serde_json::Value { serde_json::from_str(&run(&["schema", kind]).stdout).unwrap() };
    assert_eq!(run(&["new", "--project", "p"]).code, 0);
    assert_eq!(found("p/docs/annex-iv/answers.yaml"), printed("annex-iv"));
    assert_eq!(found("p/techfile.yaml"), printed("project"));
    assert_eq!(run(&["new", "ai-policy", "--out", "p/docs/new/folder/answers.yaml"]).code, 0);
    assert_eq!(found("p/docs/new/folder/answers.yaml"), printed("ai-policy"));
    assert!(folder.path().join("p/editor/ai-policy.schema.json").exists());
    assert_eq!(run(&["new", "ai-policy", "--out", "p/top.yaml"]).code, 0);
    assert_eq!(found("p/top.yaml"), printed("ai-policy"));
    // Outside of a project it lies beside the answers, and a file that is there already stays.
    std::fs::create_dir(folder.path().join("alone")).unwrap();
    std::fs::write(folder.path().join("alone/ai-policy.schema.json"), "{}").unwrap();
    assert_eq!(run(&["new", "ai-policy", "--out", "alone/a.yaml"]).code, 0);
    assert_eq!(found("alone/a.yaml"), serde_json::json!({}));
    assert_eq!(run(&["new", "annex-iv", "--out", "alone/b.yaml"]).code, 0);
    assert_eq!(found("alone/b.yaml"), printed("annex-iv"));
    assert!(run(&["new", "annex-iv", "--out", "-"]).stdout.starts_with("## "));
    assert_eq!(run(&["check", "p/techfile.yaml", "p/top.yaml", "alone/b.yaml", "--deny", "warnings"]).code, 0);
}

#[test]
fn a_language_without_words_is_told_to_who_checks_the_project() {
    let desk = desk("languages: [en, xx]\n");
    let told = desk.ends(0, &["check"]).stderr;
    assert!(told.contains("warning[wrong-value]: there are no words in `xx`; there are de, en"), "{told}");
    assert!(told.contains("--> techfile.yaml:"), "{told}");
    let report = report(&desk, 0, &["check"]);
    assert_eq!(codes(&report), ["wrong-value"]);
}

#[test]
fn documents_of_two_kinds_are_told_apart() {
    let desk = desk("");
    desk.ends(0, &["new", "ai-policy", "--out", "policy.yaml"]);
    desk.ends(0, &["new", "toy", "--out", "toy.yaml"]);
    let told = desk.ends(2, &["diff", "policy.yaml", "toy.yaml"]).stderr;
    assert!(told.contains("`policy.yaml` is of kind `ai-policy`, `toy.yaml` of kind `toy`"), "{told}");
}
