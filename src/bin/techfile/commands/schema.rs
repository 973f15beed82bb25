//! `techfile schema KIND`

use techfile::catalog::Catalog;

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(super) fn run(catalog: &Catalog, kind: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let schema = super::kind(catalog, kind)?.editor_schema(catalog);
    terminal.result(&format!("{schema:#}\n"))?;
    Ok(Exit::Success)
}
