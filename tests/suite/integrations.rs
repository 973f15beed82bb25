//! The files for continuous integration say what the program understands, and trust nobody more than they must.

use serde_json::Value as Json;

use crate::program::techfile;
use crate::repository::{files, read, root};

/// Every file that calls the program for others.
fn callers() -> Vec<String> {
    let own = ["action.yml", ".pre-commit-hooks.yaml", "Dockerfile", "README.md"].map(str::to_owned);
    [files("examples/ci"), own.to_vec()].concat()
}

fn yaml(path: &str) -> Json {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Command lines of techfile in a text: behind `techfile `, `$(TECHFILE) ` and, line by line, in the input of the action.
fn calls(path: &str) -> Vec<String> {
    let text = read(path);
    let mut found = Vec::new();
    let mut commands = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim().trim_start_matches("- ");
        if let Some(at) = commands.filter(|at| indent > *at && !words.is_empty()) {
            commands = Some(at);
            found.push(words.to_owned());
            continue;
        }
        commands = None;
        if let Some(one) = words.strip_prefix("commands: ").filter(|_| path.contains("github")) {
            match one {
                "|" => commands = Some(indent),
                "''" => {}
                one => found.push(one.to_owned()),
            }
        }
        let code = !words.starts_with("# ") || words.contains('`');
        let marks = ["run: techfile ", "entry: techfile ", "command = techfile ", "$(TECHFILE) "];
        let bare = ["techfile ", "\"techfile "].iter().find_map(|mark| words.strip_prefix(mark));
        let marked = marks.iter().find_map(|mark| words.split_once(mark).map(|(_, rest)| rest));
        found.extend(bare.or(marked).filter(|_| code).map(str::to_owned));
    }
    found
}

/// The words of a call as the program gets them: no redirections, numbers in place of variables.
fn words(call: &str) -> Vec<String> {
    let mut call = call.split(" >").next().unwrap().split(" ||").next().unwrap().trim_end_matches('"').to_owned();
    for (open, close) in [("${{", "}}"), ("$((", "))"), ("{", "}")] {
        while let Some((start, end)) =
            call.find(open).and_then(|at| Some((at, at + call[at..].find(close)? + close.len())))
        {
            call.replace_range(start..end, "1");
        }
    }
    let words = call.split_whitespace().map(|word| {
        let word = word.trim_matches(['"', '\'']);
        let variables = word.split('$').enumerate().map(|(index, part)| match index {
            0 => part.to_owned(),
            _ => format!("1{}", part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')),
        });
        variables.collect()
    });
    words.collect()
}

#[test]
fn every_command_line_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for path in callers().iter().filter(|path| !path.ends_with(".md")) {
        for call in calls(path) {
            let mut words = words(&call);
            words.push("--help".into());
            // Flags and values are read in front of `--help`; an unknown one is an error.
            let ran = techfile(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(ran.code, 0, "{path}: {call}: {words:?}: {}", ran.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} calls were found");
    assert_eq!(techfile(folder.path(), &["build", "--shart", "hash:1/2", "--help"]).code, 2);
    assert_eq!(techfile(folder.path(), &["build", "--shard", "hash:0/2", "--help"]).code, 2);
}

#[test]
fn what_others_wrote_is_named_by_its_commit_and_rights_are_few() {
    for path in callers().iter().filter(|path| path.ends_with("yml")) {
        for line in read(path).lines() {
            if let Some((_, used)) = line.split_once("uses: ") {
                let commit = used.split_once('@').unwrap_or_else(|| panic!("{path}: {used}")).1;
                let commit = commit.split_whitespace().next().unwrap();
                let pinned = commit.len() == 40 && commit.bytes().all(|digit| digit.is_ascii_hexdigit());
                assert!(pinned, "{path}: {used} is not pinned by a commit");
            }
            // An expression in a script is a script that others write.
            assert!(!line.contains("run:") || !line.contains("${{"), "{path}: {line}");
        }
    }
    for path in ["examples/ci/github.yml", "examples/ci/github-shards.yml"] {
        let workflow = yaml(path);
        assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}), "{path}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].is_number(), "{path}: {name} has no end");
            let steps = job["steps"].as_array().unwrap();
            let fetched =
                steps.iter().filter(|step| step["uses"].as_str().is_some_and(|used| used.contains("checkout@")));
            fetched.for_each(|step| assert_eq!(step["with"]["persist-credentials"], false, "{path}: {name}"));
            for step in steps {
                assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{path}: {name}");
            }
        }
    }
    for step in yaml("action.yml")["runs"]["steps"].as_array().unwrap() {
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "action.yml: {step}");
    }
}

#[test]
fn the_image_has_no_root_and_gets_what_the_program_is_built_from() {
    let text = read("Dockerfile");
    assert!(text.contains("\nUSER 65532:65532\n") && text.contains("--network none"), "{text}");
    let kept: Vec<String> =
        read(".dockerignore").lines().filter_map(|line| line.strip_prefix('!').map(str::to_owned)).collect();
    for path in &kept {
        assert!(root().join(path).exists(), ".dockerignore: {path}");
    }
    for needed in ["Cargo.toml", "Cargo.lock", "build.rs", "src", "schemas", "templates"] {
        assert!(kept.iter().any(|path| path == needed), "the image cannot be built without {needed}");
    }
    let toolchain = text.lines().find_map(|line| line.strip_prefix("FROM rust:")).unwrap();
    let version = read("Cargo.toml");
    let version =
        version.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap().trim_end_matches('"');
    assert!(toolchain.starts_with(version), "the image has Rust {toolchain}, the program needs {version}");
}

#[test]
fn every_file_of_the_folder_is_in_its_list() {
    let list = read("examples/ci/README.md");
    for path in files("examples/ci") {
        let name = path.rsplit('/').next().unwrap();
        assert!(name == "README.md" || list.contains(&format!("`{name}`")), "{path}");
    }
}
