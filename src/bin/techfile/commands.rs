//! One command a file.

#[cfg(feature = "pdf")]
mod build;
mod check;
mod coverage;
mod diff;
mod explain;
mod history;
mod kinds;
mod new;
#[cfg(feature = "pdf")]
mod plan;
#[cfg(feature = "pdf")]
mod rebuild;
mod record;
#[cfg(feature = "pdf")]
mod release;
#[cfg(feature = "pdf")]
mod report;
mod schema;
mod sign_off;
mod verify;
#[cfg(feature = "pdf")]
mod watch;
#[cfg(feature = "pdf")]
mod worker;

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use techfile::catalog::{Catalog, Kind};
use techfile::report::text::Colour;

#[cfg(feature = "pdf")]
use crate::build::Wanted;
#[cfg(feature = "pdf")]
use crate::cli::Reports;
use crate::cli::{Arguments, Command};
use crate::disk;
use crate::exit::{Exit, Failure, nearest};
use crate::project::Homes;
use crate::terminal::Terminal;

/// Does what the arguments say.
pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let folder = match &arguments.everywhere.catalog {
        Some(folder) => Some(folder.clone()),
        None => of_project(&arguments.command, terminal)?,
    };
    // It goes with the process, which need not take it apart.
    let catalog = ManuallyDrop::new(loaded(folder.as_deref())?);
    match &arguments.command {
        Command::Kinds { format } => kinds::run(&catalog, *format, terminal),
        Command::New { kind, project: Some(folder), .. } => new::project(&catalog, kind.as_deref(), folder, terminal),
        Command::New { kind, out, project: None } => {
            let out = out.as_deref().unwrap_or(Path::new("answers.yaml"));
            new::run(&catalog, kind.as_deref().unwrap_or_default(), out, terminal)
        }
        Command::Schema { kind } => schema::run(&catalog, kind, terminal),
        Command::Check { paths, format, deny, as_of } => check::run(
            &catalog,
            paths,
            &check::Options { format: *format, deny: *deny, as_of: as_of.as_deref() },
            terminal,
        ),
        #[cfg(feature = "pdf")]
        Command::Build { paths, out, check, prune, jobs, shard, report, no_cache, depfile } => build::run(
            &catalog,
            &build::Asked {
                paths,
                out: out.as_deref(),
                check: *check,
                prune: *prune,
                jobs: *jobs,
                shard: *shard,
                report: report.as_deref(),
                cache: !*no_cache,
                depfile: depfile.as_deref(),
                catalog: folder.as_deref(),
            },
            terminal,
        ),
        #[cfg(feature = "pdf")]
        Command::Plan { paths, format } => plan::run(&catalog, paths, *format, folder.as_deref(), terminal),
        #[cfg(feature = "pdf")]
        Command::Watch { paths } => watch::run(
            ManuallyDrop::into_inner(catalog),
            paths,
            (arguments.everywhere.catalog.as_deref(), folder),
            terminal,
        ),
        #[cfg(feature = "pdf")]
        Command::Report { what: Reports::Merge { files } } => report::run(files, terminal),
        #[cfg(feature = "pdf")]
        Command::Worker { parent, out, check, plan, no_cache, coloured, warm, rebuild } => {
            let wanted = match (check, plan) {
                (true, _) => Wanted::Checked,
                (_, true) => Wanted::Planned,
                _ => Wanted::Made,
            };
            let colour = if *coloured { Colour::On } else { Colour::Off };
            let terminal = Terminal::new(&arguments.everywhere).dictating(colour);
            worker::run(&catalog, (*parent, out.as_deref()), (wanted, !*no_cache, *warm, *rebuild), &terminal)
        }
        Command::Coverage { paths, framework, format } => {
            coverage::run(&catalog, paths, framework.as_deref(), *format, terminal)
        }
        Command::Diff { old, new, format } => diff::run(&catalog, (old, new), *format, terminal),
        #[cfg(feature = "pdf")]
        Command::Release { path, reason, allow_suspect } => {
            release::run(&catalog, path, reason, *allow_suspect, terminal)
        }
        Command::Record { path, signed, withdraw, reason } => {
            let what = match (signed, withdraw) {
                (Some(file), _) => record::What::Signed(file),
                (None, revision) => record::What::Withdrawn {
                    revision: revision.as_deref().unwrap_or_default(),
                    reason: reason.as_deref().unwrap_or_default(),
                },
            };
            record::run(path, &what, terminal)
        }
        Command::History { path, format } => history::run(path, *format, terminal),
        Command::Explain { what } => explain::run(&catalog, what, terminal),
        Command::SignOff { path, by, role, date, review, clause } => {
            let signer = sign_off::Signer { by, role, date, review: *review, clause: clause.as_deref() };
            sign_off::run(&catalog, path, &signer, terminal)
        }
        Command::Verify { paths, ledger, rebuild, format } => {
            let options = verify::Options { ledger: ledger.as_deref(), rebuild: *rebuild, format: *format };
            verify::run(&catalog, paths, &options, terminal)
        }
    }
}

/// The catalogue with what a folder adds to it.
fn loaded(folder: Option<&Path>) -> Result<Catalog, Failure> {
    Ok(match folder {
        Some(folder) => Catalog::with(disk::catalogue(folder)?),
        None => Catalog::builtin(),
    })
}

/// Tells a program that reads the result why there is none. Nobody is left to hear that this failed, too.
pub(crate) fn stopped(command: &Command, terminal: &Terminal) {
    if let Command::Check { format, .. } = command {
        let _ = check::told(*format, &[], &Catalog::builtin(), false, terminal);
    }
}

/// The catalogue folder of the project that the command works on: that of its documents, or of the working folder.
fn of_project(command: &Command, terminal: &Terminal) -> Result<Option<PathBuf>, Failure> {
    let homes = Homes::default();
    let here = [PathBuf::from(".")];
    let meant = match command {
        Command::Check { paths, .. } | Command::Coverage { paths, .. } => documents(paths),
        #[cfg(feature = "pdf")]
        Command::Build { paths, .. } | Command::Plan { paths, .. } | Command::Watch { paths } => documents(paths),
        #[cfg(feature = "pdf")]
        Command::Release { path, .. } => vec![path.clone()],
        Command::SignOff { path, .. } => vec![path.clone()],
        Command::Diff { new, .. } => vec![new.clone()],
        Command::History { .. } | Command::Record { .. } | Command::Verify { .. } => return Ok(None),
        #[cfg(feature = "pdf")]
        Command::Report { .. } | Command::Worker { .. } => return Ok(None),
        _ => here.to_vec(),
    };
    one_catalogue(&meant, &homes, terminal)
}

/// The catalogue folder of the project that these paths lie in.
#[cfg(feature = "pdf")]
fn of_paths(paths: &[PathBuf], terminal: &Terminal) -> Result<Option<PathBuf>, Failure> {
    one_catalogue(&documents(paths), &Homes::default(), terminal)
}

/// The files that paths mean, as far as they can be found: what is wrong with a path, or with the project that it lies
/// in, is told by whoever reads it.
fn documents(paths: &[PathBuf]) -> Vec<PathBuf> {
    let (homes, quiet) = (Homes::default(), Terminal::plain().dictating(Colour::Off));
    let here = [PathBuf::from(".")];
    let mut meant = Vec::new();
    for path in if paths.is_empty() { &here[..] } else { paths } {
        let whole = paths.is_empty() || disk::is_project(path);
        let below = match homes.of(path, &quiet) {
            Ok(Some(home)) if whole => home.listed().map(|listed| listed.files),
            _ if disk::is_folder(path) => disk::listed(path).map(|listed| listed.files),
            _ => Ok(vec![path.clone()]),
        };
        meant.extend(below.unwrap_or_else(|_| vec![path.clone()]));
    }
    meant.retain(|file| homes.of(file, &quiet).is_ok());
    meant
}

/// The catalogue folder of the projects that all these files lie in. One run has one catalogue: kinds of one project must
/// not judge documents of another.
fn one_catalogue(files: &[PathBuf], homes: &Homes, terminal: &Terminal) -> Result<Option<PathBuf>, Failure> {
    let mut first: Option<(&PathBuf, Option<PathBuf>)> = None;
    for file in files.iter().filter(|file| disk::is_there(file)) {
        let folder = homes.of(file, terminal)?.and_then(|home| Some(home.folder.join(home.project.catalog.as_ref()?)));
        match &first {
            None => first = Some((file, folder)),
            Some((_, known)) if *known == folder => {}
            Some((other, known)) => {
                let said = |folder: Option<&PathBuf>| match folder {
                    Some(folder) => format!("has the catalogue `{}`", disk::shown(folder)),
                    None => "has no catalogue of its own".to_owned(),
                };
                let (file, other) = (disk::shown(file), disk::shown(other));
                let (known, folder) = (said(known.as_ref()), said(folder.as_ref()));
                let message = format!("the project of `{other}` {known}, that of `{file}` {folder}");
                return Err(Failure::usage(message)
                    .help("run the command for each project, or name one catalogue for all by `--catalog`"));
            }
        }
    }
    Ok(first.and_then(|(_, folder)| folder))
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
