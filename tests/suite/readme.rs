//! The README is true: its console blocks are run, its commands are those that `.ci/run` runs.
//!
//! In a block marked `console`, a line that begins with `$ ` is run; what follows is what it says on both streams. A line
//! `...` stands for any lines. All blocks share one folder, which holds `samples/` and files that are refused. SNAPSHOTS=overwrite renews the blocks.

use std::fs;
use std::path::Path;

use tempfile::tempdir;

use crate::program::command;
use crate::repository::{files, read, root};

/// A command of the README with what it says there.
struct Step {
    command: String,
    said: Vec<String>,
}

fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), said: Vec::new() }),
            (None, Some(step)) => step.said.push(line.to_owned()),
            (None, None) => panic!("a console block begins with `$ `: {line}"),
        }
    }
    steps
}

/// The program as people call it, or through cargo from the repository.
fn run(folder: &Path, line: &str) -> Vec<String> {
    let arguments = line.strip_prefix("techfile ").or_else(|| line.strip_prefix("cargo run -- "));
    let arguments = arguments.unwrap_or_else(|| panic!("only techfile runs here: {line}"));
    assert!(!arguments.contains(['|', '>', '&', ';', '$', '`']), "a shell would be needed: {line}");
    let output = command(folder).args(words(arguments)).output().unwrap();
    // People see both streams: findings and the summary on stderr, the result on stdout.
    let said = [output.stderr, output.stdout].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    said.lines().map(str::to_owned).collect()
}

/// Words of a command line, of which some are in double quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

/// Whether lines are those that the README shows; `...` there stands for any lines.
fn fits(shown: &[String], said: &[String]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line == "..." => (0..=said.len()).any(|skip| fits(rest, &said[skip..])),
        Some((line, rest)) => said.split_first().is_some_and(|(first, more)| first == line && fits(rest, more)),
    }
}

#[test]
fn console_blocks_say_what_the_program_says() {
    let folder = tempdir().unwrap();
    for path in [files("samples"), files("tests/suite/rejects/annex-iv")].concat() {
        let target = folder.path().join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(root().join(path), target).unwrap();
    }
    let text = read("README.md");
    let mut renewed = String::new();
    let mut faults = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("```console\n") {
        let (block, after) = after.split_once("```").expect("a block has an end");
        renewed.push_str(before);
        renewed.push_str("```console\n");
        for step in steps(block) {
            let said = run(folder.path(), &step.command);
            let kept = fits(&step.said, &said);
            if !kept {
                faults.push(format!(
                    "$ {}\n--- README\n{}\n--- said\n{}",
                    step.command,
                    step.said.join("\n"),
                    said.join("\n")
                ));
            }
            let lines = if kept { step.said } else { said };
            renewed.push_str(&format!("$ {}\n", step.command));
            renewed.extend(lines.iter().flat_map(|line| [line.as_str(), "\n"]));
        }
        renewed.push_str("```");
        rest = after;
    }
    renewed.push_str(rest);
    if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        fs::write(root().join("README.md"), renewed).unwrap();
        return;
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_two_commands_are_those_of_ci() {
    let readme = read("README.md");
    let ci = read(".ci/run");
    for name in ["FIRST", "SECOND"] {
        let start = format!("readonly {name}='");
        let command = ci.lines().find_map(|line| line.strip_prefix(&start)).unwrap().trim_end_matches('\'');
        assert!(readme.lines().any(|line| line == command), "README.md does not have the line `{command}`");
    }
}

#[test]
fn every_file_that_the_readme_names_is_there() {
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md", "samples/README.md"] {
        let text = read(name);
        let folder = Path::new(name).parent().unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            if !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:") {
                assert!(root().join(folder).join(path).exists(), "{name}: {target}");
            }
        }
    }
}
