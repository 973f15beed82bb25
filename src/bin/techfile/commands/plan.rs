//! `techfile plan PATH...`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use techfile::catalog::Catalog;
use techfile::report::run::State;
use techfile::report::visible;

use super::build::catalogue;
use crate::build::{Batch, Ended, How, Options, Orphan, SUFFIXES, Target, Wanted, depfile, orphans, program};
use crate::cli::PlanFormat;
use crate::disk::{self, Locks};
use crate::documents::collects;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(super) fn run(
    catalog: &Catalog,
    paths: &[PathBuf],
    format: PlanFormat,
    folder: Option<&Path>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let options = Options { paths, out: None, shard: None, jobs: None, catalog: folder };
    let batch = Batch::of(&options, terminal)?;
    let how =
        How { wanted: Wanted::Planned, cache: true, program: program(catalog), locks: Locks::default(), warm: false };
    let mut planned: Vec<(&Target, Ended)> = Vec::new();
    batch.run(&options, catalog, &how, terminal, |target, ended| planned.push((target, ended.clone())))?;
    planned.sort_by(|(one, _), (other, _)| one.input.name.cmp(&other.input.name));
    let left: Vec<String> = match Batch::whole(&options).filter(|_| batch.is_complete()) {
        Some(root) => orphans(&root, &batch.all)?.iter().map(Orphan::name).collect(),
        None => Vec::new(),
    };
    match format {
        PlanFormat::Text => terminal.result(&text(&planned, &left))?,
        PlanFormat::Json => terminal.json(&format!("{}\n", as_json(&planned, &left)))?,
        PlanFormat::Ninja => terminal.data(&ninja(&planned, catalog, folder)?)?,
    }
    Ok(planned.iter().map(|(_, ended)| Exit::of_code(ended.line.exit)).fold(batch.exit, Exit::max))
}

fn text(planned: &[(&Target, Ended)], left: &[String]) -> String {
    let mut text = String::new();
    for (target, ended) in planned {
        let line = &ended.line;
        let state = line.state.as_str();
        let _ = writeln!(text, "{state:<8} {} -> {}", visible(&line.file), visible(&target.pdf()));
        // Of what was never built there is nothing more to say.
        let reasons = line.reasons.iter().filter(|_| line.state != State::New);
        reasons.for_each(|reason| text.extend(["         because ", &visible(reason), "\n"]));
    }
    for name in left {
        text.extend(["orphan   ", &visible(name), "\n"]);
    }
    text
}

fn outputs(target: &Target) -> Vec<String> {
    SUFFIXES.iter().map(|suffix| disk::shown(&target.path(&target.own(suffix)))).collect()
}

fn as_json(planned: &[(&Target, Ended)], left: &[String]) -> Json {
    let document = |(target, ended): &(&Target, Ended)| {
        let line = &ended.line;
        let inputs: Vec<Json> =
            ended.inputs.iter().map(|(path, sha256)| json!({"path": path, "sha256": sha256})).collect();
        json!({
            "file": line.file,
            "document": line.document,
            "state": line.state.as_str(),
            "reasons": line.reasons,
            "content_id": line.content_id,
            "build_id": line.build_id,
            "inputs": inputs,
            "outputs": outputs(target),
        })
    };
    json!({"version": 1, "documents": planned.iter().map(document).collect::<Vec<_>>(), "orphans": left})
}

/// A build file: a rule, then an edge for each document. What a document reads is noted by `build` itself each time, so
/// the file only changes when documents come or go.
fn ninja(planned: &[(&Target, Ended)], catalog: &Catalog, folder: Option<&Path>) -> Result<String, Failure> {
    let option = folder.map(|folder| format!(" --catalog {}", argument(&disk::shown(folder)))).unwrap_or_default();
    let mut text = format!(
        "# Written by `techfile plan --format ninja`; write it anew when documents come or go.\n\
         ninja_required_version = 1.7\n\
         techfile = techfile\n\n\
         rule document\n  command = $techfile build{option} --depfile $note -- $in\n  \
         depfile = $noted\n  restat = 1\n  description = techfile build $in\n\n"
    );
    let mut all = Vec::new();
    let folder = catalogue(folder);
    for (target, ended) in planned {
        // What `build` cannot note would be made anew for ever; all that stands below is made of the same names.
        depfile(target, &ended.inputs, &folder)?;
        let made: Vec<String> = outputs(target).iter().map(|path| path_of(path)).collect();
        let (pdf, beside) = (&made[0], made[1..].join(" "));
        // Beside what else is no output.
        let noted = disk::shown(&target.root.join(disk::HIDDEN).join("deps").join(format!("{}.d", target.key())));
        let (source, note) = (path_of(&target.input.name), argument(&noted));
        // What is made of the others is made anew when there is one more; what was read of them `build` notes itself.
        let others = if collects(&target.input, catalog) { planned } else { &[] };
        let others = others.iter().map(|(other, _)| path_of(&other.input.name)).filter(|other| *other != source);
        let others: Vec<String> = others.collect();
        let others = if others.is_empty() { String::new() } else { format!(" | {}", others.join(" ")) };
        let _ = writeln!(text, "build {pdf} | {beside}: document {source}{others}");
        let _ = writeln!(text, "  noted = {}\n  note = {note}", noted.replace('$', "$$"));
        all.push(pdf.clone());
    }
    Ok(text + &format!("\nbuild all: phony {}\ndefault all\n", all.join(" ")))
}

/// A path as ninja reads it.
fn path_of(path: &str) -> String {
    path.replace('$', "$$").replace(' ', "$ ").replace(':', "$:")
}

/// A path as one argument of a command: ninja gives commands to a shell, which must find nothing in it to obey. On
/// Windows there is no shell, and no name holds a quotation mark.
fn argument(path: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_+-./".contains(letter);
    let quoted = match path {
        _ if path.chars().all(plain) => path.to_owned(),
        _ if cfg!(windows) => format!("\"{path}\""),
        _ => format!("'{}'", path.replace('\'', "'\\''")),
    };
    quoted.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_argument_is_one_word_and_no_command() {
        assert_eq!(argument("build/.techfile/deps/a-b_1.d"), "build/.techfile/deps/a-b_1.d");
        assert_eq!(argument("a b$(c)"), "'a b$$(c)'");
        assert_eq!(argument("x';touch y;'"), "'x'\\'';touch y;'\\'''");
    }
}
