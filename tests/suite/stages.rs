//! The stages on files of the repository, without the program.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use techfile::answers::{FileState, Files, Wanted, draw};
use techfile::check::Unchecked;
use techfile::collect;
use techfile::coverage::Stated;
use techfile::diagnostic::Diagnostic;
use techfile::source::Source;
use techfile::translation::{Original, judge};
use techfile::{Answers, Catalog, CheckedAnswers};

use crate::repository::root;
use crate::samples::project;

/// The built-in catalogue with the toy kind.
pub(crate) fn catalog() -> Catalog {
    catalog_with([])
}

/// The same with more files; the same path wins.
pub(crate) fn catalog_with(more: impl IntoIterator<Item = (String, Vec<u8>)>) -> Catalog {
    let folder = root().join("tests/suite/toy");
    let files = crate::repository::files("tests/suite/toy").into_iter().filter_map(|path| {
        let own = path.strip_prefix("tests/suite/toy/")?.to_owned();
        own.contains('/').then(|| (own.clone(), fs::read(folder.join(own)).unwrap()))
    });
    Catalog::with(files.chain(more))
}

/// Answers with the evidence that lies beside them, or the findings that end reading.
pub(crate) fn bound(bytes: &[u8], name: &str, folder: &Path) -> Result<Answers, Vec<Diagnostic>> {
    let source = Source::from_bytes(name, bytes).expect("the test means text");
    let answers = Answers::parse(source).map_err(|rejected| rejected.findings().to_vec())?;
    let answers = drawn(answers, name, folder);
    let wants = answers.wants().into_iter();
    let files: Files = wants.map(|wanted| (wanted.path.clone(), state(&wanted.path, folder))).collect();
    Ok(techfile::bind(answers, &files))
}

/// Answers with the values that they draw from files of their project, or from files beside them.
pub(crate) fn drawn(answers: Answers, name: &str, folder: &Path) -> Answers {
    let above = folder.ancestors().take_while(|above| *above != root());
    let project = above.filter(|above| above.join("techfile.yaml").is_file()).last().unwrap_or(folder);
    let file = name.rsplit('/').next().filter(|file| file.ends_with(".yaml")).unwrap_or("answers.yaml");
    let own = folder.strip_prefix(project).unwrap().join(file);
    let read = |path: &str| fs::read(project.join(path)).map_or(FileState::Missing, |b| FileState::Bytes(b.into()));
    let all = |wanted: Vec<Wanted>, _: &Files| -> Result<Files, std::convert::Infallible> {
        Ok(wanted.into_iter().map(|wanted| (wanted.path.clone(), read(&wanted.path))).collect())
    };
    let Ok(answers) = draw(answers, own.to_str().unwrap(), all);
    answers
}

/// What lies at a path that answers name.
fn state(path: &str, folder: &Path) -> FileState {
    let at = folder.join(path);
    match fs::read(&at) {
        // What `disk.rs` sees for itself.
        _ if path.starts_with("../") => FileState::Refused("it leads out of the folder".to_owned()),
        Ok(bytes) => FileState::Bytes(Arc::from(bytes)),
        Err(_) if at.is_dir() => FileState::Folder,
        Err(_) => FileState::Missing,
    }
}

/// What holding a translation against its original shows; nothing for answers that are none.
pub(crate) fn translated(translation: &CheckedAnswers<'_>, folder: &Path, catalog: &Catalog) -> Vec<Diagnostic> {
    let Some(wanted) = translation.answers().original() else { return Vec::new() };
    match state(&wanted.path, folder) {
        FileState::Bytes(bytes) => match checked(&String::from_utf8_lossy(&bytes), &wanted.path, folder, catalog) {
            Ok(original) => judge(translation, &Original::Checked(&original)),
            Err(findings) => judge(translation, &Original::Faulty(&findings)),
        },
        state => judge(translation, &Original::Unread(&state)),
    }
}

/// Checked answers, or everything that is wrong with them.
pub(crate) fn checked<'c>(
    text: &str,
    name: &str,
    folder: &Path,
    catalog: &'c Catalog,
) -> Result<CheckedAnswers<'c>, Vec<Diagnostic>> {
    let answers = collected(bound(text.as_bytes(), name, folder)?, name, catalog);
    match techfile::check(answers, catalog) {
        Ok(checked) => Ok(checked),
        Err(Unchecked::Rejected(rejected)) => Err(rejected.findings().to_vec()),
        Err(Unchecked::Catalog(error)) => panic!("{error}"),
    }
}

/// Answers with the lists that are filled from other documents. Those of a sample of a project are the rest of it; others
/// stand alone.
fn collected(answers: Answers, name: &str, catalog: &Catalog) -> Answers {
    let Some(Ok(kind)) = answers.kind().and_then(|id| catalog.kind(id)) else { return answers };
    if !collect::collects(kind) {
        return answers;
    }
    let own = project().iter().any(|sample| sample.answers() == name);
    let others = project().into_iter().filter(|sample| own && sample.answers() != name);
    let others = others.filter(|sample| !catalog.kind(&sample.kind).unwrap().is_ok_and(collect::collects));
    let stated: Vec<Stated> = others
        .map(|sample| Stated::of(&checked(&sample.text, &sample.answers(), &sample.folder(), catalog).unwrap()))
        .collect();
    let language = answers.root().at("/document/language").and_then(|node| node.text()).unwrap_or("en").to_owned();
    let lists = collect::lists(kind, &stated, catalog, &language).unwrap();
    collect::put(answers, &collect::path(name), &lists).unwrap()
}

/// Every finding, warnings included, as `code at pointer`.
pub(crate) fn found(text: &str, folder: &Path, catalog: &Catalog) -> Vec<String> {
    let findings = match checked(text, "answers.yaml", folder, catalog) {
        Ok(checked) => [checked.remarks(), &translated(&checked, folder, catalog)].concat(),
        Err(findings) => findings,
    };
    findings.iter().map(short).collect()
}

/// A finding as the tests write it.
pub(crate) fn short(finding: &Diagnostic) -> String {
    format!("{} at {}", finding.code.as_str(), finding.place.pointer)
}
