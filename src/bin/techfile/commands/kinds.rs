//! `techfile kinds`

use serde_json::{Value as Json, json};
use techfile::catalog::Catalog;

use crate::cli::Format;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

pub(super) fn run(catalog: &Catalog, format: Format, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut kinds = Vec::new();
    let mut exit = Exit::Success;
    for id in catalog.kind_ids() {
        match catalog.kind(id) {
            Some(Ok(kind)) => kinds.push(kind),
            // One broken kind hides no other.
            Some(Err(error)) => exit = exit.max(terminal.fail(&error.into())),
            None => {}
        }
    }
    let text = match format {
        Format::Json => {
            let list = kinds.iter().map(|kind| {
                let basis = kind.legal_basis();
                let basis: Json = basis.iter().map(|id| json!({"clause": id, "label": catalog.cite(id)})).collect();
                json!({"id": kind.id(), "title": kind.title(), "legal_basis": basis})
            });
            format!("{}\n", json!({"version": 1, "kinds": list.collect::<Vec<_>>()}))
        }
        Format::Text => {
            let width = kinds.iter().map(|kind| kind.id().len()).max().unwrap_or(0);
            let list = kinds.iter().map(|kind| {
                let basis: Vec<String> = kind.legal_basis().iter().map(|id| catalog.cite(id)).collect();
                let basis =
                    if basis.is_empty() { String::new() } else { format!("\n{:width$}  {}", "", basis.join("; ")) };
                format!("{:width$}  {}{basis}\n", kind.id(), kind.title())
            });
            list.collect()
        }
    };
    match format {
        Format::Json => terminal.json(&text)?,
        Format::Text => terminal.result(&text)?,
    }
    Ok(exit)
}
