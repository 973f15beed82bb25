//! `techfile new KIND`, `techfile new --project DIR`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use techfile::answers::Limits;
use techfile::blank::blank;
use techfile::catalog::{Catalog, Kind};
use techfile::project::editor_schema;
use techfile::{Answers, Source};

use crate::disk::{self, Content};
use crate::exit::{Exit, Failure};
use crate::project::Homes;
use crate::terminal::Terminal;

pub(super) fn run(catalog: &Catalog, kind: &str, out: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let kind = super::kind(catalog, kind)?;
    if out == Path::new("-") {
        terminal.data(&blank(kind, catalog, &numbered(1)))?;
        return Ok(Exit::Success);
    }
    disk::absent([out])?;
    let file = format!("{}.schema.json", kind.id());
    let root = disk::root_of_new(out)?;
    let number = root.as_ref().map_or_else(|| numbered(1), |(root, _)| free(root));
    let (schema, reference) = match root {
        Some((root, above)) => (root.join(EDITOR).join(&file), format!("{}{EDITOR}/{file}", "../".repeat(above))),
        None => (disk::folder_of(out).join(&file), file),
    };
    // Somebody's own file of that name is theirs, and one of an earlier document serves this one, too.
    if disk::absent([schema.as_path()]).is_ok() {
        disk::create(&schema, told(&kind.editor_schema(catalog)).as_bytes())?;
    }
    disk::create(out, answers(&reference, kind, catalog, &number).as_bytes())?;
    let name = disk::shown(out);
    terminal.result(&format!("{name}\n"))?;
    terminal.say(&format!(
        "answer its questions in an editor, in any order; then:\n  techfile check {name}\n  techfile build {name}"
    ));
    Ok(Exit::Success)
}

/// What a project begins with: the files of the catalogue's `templates/project/`, one answers file, and what editors know
/// both by.
pub(super) fn project(
    catalog: &Catalog,
    kind: Option<&str>,
    folder: &Path,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let first = catalog.text(&format!("{START}first-kind"))?.trim();
    let kind = super::kind(catalog, kind.unwrap_or(first))?;
    let schema = format!("{}.schema.json", kind.id());
    let own = answers(&format!("../../{EDITOR}/{schema}"), kind, catalog, &numbered(1));
    let mut files = vec![
        (folder.join("docs").join(kind.id()).join("answers.yaml"), own),
        (folder.join(EDITOR).join(schema), told(&kind.editor_schema(catalog))),
        (folder.join(EDITOR).join("techfile.schema.json"), told(&editor_schema(catalog)?)),
    ];
    for (name, file) in [("techfile.yaml", "techfile.yaml"), ("gitattributes", ".gitattributes")] {
        files.push((folder.join(file), catalog.text(&format!("{START}{name}"))?.to_owned()));
    }
    // Nothing is begun that cannot be finished.
    disk::absent(files.iter().map(|(path, _)| path.as_path()))?;
    files.sort();
    for (path, text) in &files {
        disk::create(path, text.as_bytes())?;
        terminal.result(&format!("{}\n", disk::shown(path)))?;
    }
    let name = disk::shown(&folder.join("techfile.yaml"));
    terminal.say(&format!(
        "answer the questions in an editor, in any order; then:\n  techfile check {name}\n  techfile build {name}"
    ));
    Ok(Exit::Success)
}

/// The answers file to start with, whose first line tells editors where its schema lies, from its own folder.
fn answers(schema: &str, kind: &Kind, catalog: &Catalog, number: &str) -> String {
    format!("# yaml-language-server: $schema={schema}\n{}", blank(kind, catalog, number))
}

fn numbered(number: usize) -> String {
    format!("DOC-{number:03}")
}

/// The first number that no document of the project in a folder bears.
fn free(root: &Path) -> String {
    // What is wrong with the project or with one of its documents is told by `check`.
    let home = Homes::default().of(root, &Terminal::plain()).ok().flatten();
    let number = |path: PathBuf| {
        let limits = Limits::USUAL;
        let Ok(Content::Bytes(bytes)) = disk::answers(&path, &limits) else { return None };
        let answers = Answers::parse(Source::from_bytes("", &bytes).ok()?).ok()?;
        Some(answers.root().at("/document/id")?.text()?.to_uppercase())
    };
    let documents = home.and_then(|home| home.listed().ok()).unwrap_or_default().files;
    let taken: BTreeSet<String> = documents.into_iter().filter_map(number).collect();
    // Of one more than are taken one is free.
    (1..=taken.len() + 1).map(numbered).find(|number| !taken.contains(number)).unwrap_or_else(|| numbered(1))
}

/// A schema as a file.
fn told(schema: &serde_json::Value) -> String {
    format!("{schema:#}\n")
}

/// The folder of a project with the schemas that editors read. It is not called `schemas`: such a folder is a part of a
/// catalogue.
const EDITOR: &str = "editor";

/// Where the catalogue keeps what a project begins with.
const START: &str = "templates/project/";

#[cfg(test)]
mod tests {
    use techfile::check;
    use techfile::check::Unchecked;
    use techfile::diagnostic::Code;

    use super::*;

    #[test]
    fn every_kind_starts_with_answers_that_check_clean_and_please_editors() {
        let catalog = Catalog::builtin();
        for id in catalog.kind_ids() {
            let kind = super::super::kind(&catalog, id).expect("a kind without a fault");
            let text = blank(kind, &catalog, "DOC-001");
            let editor = jsonschema::options().build(&kind.editor_schema(&catalog)).expect("it is a schema");
            let json: serde_json::Value = serde_saphyr::from_str(&text).expect("it is YAML to others");
            assert_eq!(editor.iter_errors(&json).map(|error| error.to_string()).collect::<Vec<_>>(), [""; 0], "{id}");
            let answers = Answers::parse(Source::new("answers.yaml", text)).expect("it is YAML");
            let checked = check(answers, &catalog).expect("it has no error");
            assert_eq!(checked.remarks(), [], "{id}");
        }
    }

    /// What a file becomes when somebody puts every example in place of its open point.
    fn with_examples(text: &str) -> String {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let mut out = String::new();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_some_and(|next| next.trim() == "pending:") {
                while lines.next_if(|next| !next.is_empty() && indent(next) > indent(line)).is_some() {}
                continue;
            }
            let example = line.trim_start().starts_with("# ");
            out.push_str(&if example { line.replacen("# ", "", 1) } else { line.to_owned() });
            out.push('\n');
        }
        out
    }

    #[test]
    fn every_example_has_the_form_of_an_answer() {
        // Examples are of different systems, and a choice has one of each form, which may bear one id; a list that covers
        // a group has a few of its items, and what is collected has nothing to be collected from.
        let expected = [
            Code::Collected,
            Code::ConflictingValues,
            Code::DanglingReference,
            Code::DateOrder,
            Code::DuplicateKey,
            Code::EvidenceMissing,
            Code::EvidenceUnused,
            Code::MissingAnswer,
            Code::Placeholder,
        ];
        let catalog = Catalog::builtin();
        for id in catalog.kind_ids() {
            let text = blank(super::super::kind(&catalog, id).expect("a kind without a fault"), &catalog, "DOC-001");
            let answers = Answers::parse(Source::new("answers.yaml", with_examples(&text))).expect("it is YAML");
            let findings = match check(answers, &catalog) {
                Ok(checked) => checked.remarks().to_vec(),
                Err(Unchecked::Rejected(rejected)) => rejected.findings().to_vec(),
                Err(Unchecked::Catalog(error)) => panic!("{error}"),
            };
            let others: Vec<_> = findings.iter().filter(|finding| !expected.contains(&finding.code)).collect();
            assert!(others.is_empty(), "{id}: {others:#?}");
        }
    }
}
