//! `techfile schema KIND|project`

use techfile::catalog::Catalog;
use techfile::project;

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(super) fn run(catalog: &Catalog, kind: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    // A kind of that name in somebody's catalogue is still a kind.
    let schema = if kind == "project" && catalog.kind(kind).is_none() {
        project::editor_schema(catalog)?
    } else {
        super::kind(catalog, kind)?.editor_schema(catalog)
    };
    terminal.json(&format!("{schema:#}\n"))?;
    Ok(Exit::Success)
}
