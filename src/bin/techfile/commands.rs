//! One command a file.

#[cfg(feature = "pdf")]
mod build;
mod check;
mod diff;
mod explain;
mod kinds;
mod new;
mod schema;
mod sign_off;

use techfile::catalog::{Catalog, Kind};

use crate::cli::{Arguments, Command};
use crate::disk;
use crate::exit::{Exit, Failure, nearest};
use crate::terminal::Terminal;

/// Does what the arguments say.
pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let catalog = match &arguments.everywhere.catalog {
        Some(folder) => Catalog::with(disk::catalogue(folder)?),
        None => Catalog::builtin(),
    };
    match &arguments.command {
        Command::Kinds { format } => kinds::run(&catalog, *format, terminal),
        Command::New { kind, out } => new::run(&catalog, kind, out, terminal),
        Command::Schema { kind } => schema::run(&catalog, kind, terminal),
        Command::Check { paths, format, deny, as_of } => check::run(
            &catalog,
            paths,
            &check::Options { format: *format, deny: *deny, as_of: as_of.as_deref() },
            terminal,
        ),
        #[cfg(feature = "pdf")]
        Command::Build { paths, out } => build::run(&catalog, paths, out, terminal),
        Command::Diff { old, new, format } => diff::run(&catalog, (old, new), *format, terminal),
        Command::Explain { what } => explain::run(&catalog, what, terminal),
        Command::SignOff { path, by, role, date, review, clause } => {
            let signer = sign_off::Signer { by, role, date, review: *review, clause: clause.as_deref() };
            sign_off::run(&catalog, path, &signer, terminal)
        }
    }
}

/// The kind that somebody named.
fn kind<'c>(catalog: &'c Catalog, id: &str) -> Result<&'c Kind, Failure> {
    if let Some(kind) = catalog.kind(id) {
        return Ok(kind?);
    }
    let known: Vec<&str> = catalog.kind_ids().collect();
    let help = match nearest(id, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are: {}", known.join(", ")),
    };
    Err(Failure::usage(format!("there is no document kind `{id}`")).help(help))
}
