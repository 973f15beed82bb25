//! `techfile new KIND`

use std::path::Path;

use techfile::blank::blank;
use techfile::catalog::Catalog;

use crate::disk;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(super) fn run(catalog: &Catalog, kind: &str, out: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = blank(super::kind(catalog, kind)?, catalog);
    if out == Path::new("-") {
        terminal.result(&text)?;
        return Ok(Exit::Success);
    }
    disk::create(out, text.as_bytes())?;
    let name = disk::shown(out);
    terminal.result(&format!("{name}\n"))?;
    terminal.say(&format!(
        "answer its questions in an editor, in any order; then:\n  techfile check {name}\n  techfile build {name}"
    ));
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use techfile::{Answers, Source, check};

    use super::*;

    #[test]
    fn every_kind_starts_with_answers_that_check_clean_and_please_editors() {
        let catalog = Catalog::builtin();
        for id in catalog.kind_ids() {
            let kind = super::super::kind(&catalog, id).expect("a kind without a fault");
            let text = blank(kind, &catalog);
            let editor = jsonschema::options().build(&kind.editor_schema(&catalog)).expect("it is a schema");
            let json: serde_json::Value = serde_saphyr::from_str(&text).expect("it is YAML to others");
            assert_eq!(editor.iter_errors(&json).map(|error| error.to_string()).collect::<Vec<_>>(), [""; 0], "{id}");
            let answers = Answers::parse(Source::new("answers.yaml", text)).expect("it is YAML");
            let checked = check(answers, &catalog).expect("it has no error");
            assert_eq!(checked.remarks(), [], "{id}");
        }
    }
}
