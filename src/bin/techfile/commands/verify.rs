//! `techfile verify PATH...`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use techfile::catalog::Catalog;
use techfile::record::ledger::Ledger;
use techfile::record::verify::{self, Folder, Verdict, Vouchers};
use techfile::report::{FileFindings, json};

use crate::cli::Format;
use crate::disk::{self, Subject};
use crate::exit::{Exit, Failure};
use crate::project::{Home, Homes};
use crate::terminal::Terminal;

/// What is asked beside the paths.
pub(super) struct Options<'o> {
    pub(super) ledger: Option<&'o Path>,
    pub(super) rebuild: bool,
    pub(super) format: Format,
}

/// What was verified so far.
struct Run<'r> {
    options: &'r Options<'r>,
    terminal: &'r Terminal,
    /// The heaviest of what could not be done.
    exit: Exit,
    given: Option<(Ledger, Verdict)>,
    verdicts: Vec<Verdict>,
    /// Releases that were not made again, because they are not what was released.
    unmade: Vec<String>,
}

pub(super) fn run(
    catalog: &Catalog,
    paths: &[PathBuf],
    options: &Options<'_>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let homes = Homes::default();
    let mut named: Vec<PathBuf> = Vec::new();
    let mut exit = Exit::Success;
    let here = [PathBuf::from(".")];
    for path in if paths.is_empty() { &here[..] } else { paths } {
        match homes.of(path, terminal)?.filter(|_| paths.is_empty() || disk::is_project(path)) {
            Some(home) => {
                let (folders, broken) = made(&home, &homes, terminal)?;
                named.extend(folders);
                exit = exit.max(broken);
            }
            None if paths.is_empty() => {
                return Err(Failure::usage("nothing to verify is given")
                    .help("name a PDF, or a folder: `techfile verify releases`; or go into a project"));
            }
            None => named.push(path.clone()),
        }
    }
    let paths = &named;
    let given = options.ledger.map(read_ledger).transpose()?;
    let mut run = Run { options, terminal, exit, given, verdicts: Vec::new(), unmade: Vec::new() };
    if let Some((_, verdict)) = &run.given
        && !verdict.findings.is_empty()
    {
        run.verdicts.push(verdict.clone());
    }
    for path in paths {
        match disk::subjects(path) {
            Ok(subjects) => {
                for subject in subjects {
                    terminal.detail(&format!("verifying {subject:?}"));
                    if let Err(failure) = run.one(&subject) {
                        run.unread(&called(&subject), &failure);
                    }
                }
            }
            Err(failure) => run.exit = run.exit.max(terminal.fail(&failure)),
        }
    }
    let Run { verdicts, mut exit, unmade, .. } = run;
    if verdicts.iter().any(Verdict::differs) {
        exit = exit.max(Exit::Verification);
    }
    tell(&verdicts, catalog, options.format, terminal)?;
    for name in &unmade {
        terminal.say(&format!("`{name}` was not made again, for it is not what was released"));
    }
    if verdicts.len() > 1 && options.format == Format::Text {
        let hold = verdicts.iter().filter(|verdict| verdict.holds()).count();
        terminal.say(&format!("{hold} of {} hold", verdicts.len()));
    }
    Ok(exit)
}

/// The name that people know a subject by.
fn called(subject: &Subject) -> String {
    match subject {
        Subject::Pdf(path) | Subject::Ledger(path) | Subject::Release(path) | Subject::Document(path, _) => {
            disk::shown(path)
        }
        Subject::Bundle(folder, stem) => disk::shown(&folder.join(format!("{stem}.pdf"))),
    }
}

/// What a project has released and built, and the projects that some of its documents have of their own; the exit of
/// those that cannot be used.
fn made(home: &Home, homes: &Homes, terminal: &Terminal) -> Result<(Vec<PathBuf>, Exit), Failure> {
    let of = |home: &Home| [disk::RELEASES, &home.project.output].map(|name| home.folder.join(name));
    let mut folders = of(home).to_vec();
    let mut broken = BTreeMap::new();
    // A project may have lost its documents; what it has made of them is there.
    for file in home.listed().unwrap_or_default().files {
        match homes.of(&file, terminal) {
            Ok(own) => folders.extend(own.iter().flat_map(|own| of(own))),
            Err(failure) => _ = broken.insert(failure.message.clone(), failure),
        }
    }
    let exit = broken.values().map(|failure| terminal.fail(failure)).fold(Exit::Success, Exit::max);
    let mut known = BTreeSet::new();
    folders.retain(|folder| known.insert(folder.clone()));
    let there: Vec<PathBuf> = folders.into_iter().filter(|folder| disk::is_folder(folder)).collect();
    if there.is_empty() {
        return Err(Failure::usage("the project has released and built nothing yet")
            .help("`techfile build` makes its documents"));
    }
    Ok((there, exit))
}

fn tell(verdicts: &[Verdict], catalog: &Catalog, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    if format == Format::Json {
        let found: Vec<FileFindings> = verdicts
            .iter()
            .map(|verdict| FileFindings {
                file: verdict.name.clone(),
                document: verdict.document.clone(),
                findings: verdict.findings.clone(),
                allowed: Vec::new(),
            })
            .collect();
        return terminal.json(&format!("{}\n", json::verified(&found, &terminal.failed(), verdicts)));
    }
    for verdict in verdicts {
        verdict.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
        terminal.result(&format!("{}\n", techfile::report::visible(&verdict.sentence())))?;
    }
    Ok(())
}

fn read_ledger(path: &Path) -> Result<(Ledger, Verdict), Failure> {
    let shelved = disk::ledger(path)?;
    let Some(bytes) = &shelved.ledger else {
        return Err(Failure::usage(format!("there is no ledger `{}`", shelved.name)));
    };
    Ok(verify::ledger(&shelved.name, bytes, shelved.beside()))
}

impl Run<'_> {
    fn one(&mut self, subject: &Subject) -> Result<(), Failure> {
        if self.options.rebuild && cfg!(not(feature = "pdf")) {
            return Err(Failure::usage("this program was built without pages, so it cannot make a release again"));
        }
        if self.options.rebuild && !matches!(subject, Subject::Release(_) | Subject::Document(..)) {
            return Err(Failure::usage(
                "only a release can be made again: `--rebuild` reads what lies in its `inputs`",
            )
            .help("give the folder of a release or of a document, as `releases/TF-1/3`"));
        }
        match subject {
            Subject::Ledger(path) => {
                let (_, verdict) = read_ledger(path)?;
                self.verdicts.push(verdict);
            }
            Subject::Document(folder, id) => self.document(folder, id)?,
            Subject::Release(folder) => {
                let found = self.ledger_for(folder)?;
                self.release(folder, found.as_ref())?;
            }
            Subject::Pdf(path) => {
                let name = disk::shown(path);
                let bytes = disk::file(path)?;
                let list = path.with_file_name(format!("{}.sha256", file_name(path)));
                let listed = disk::optional(&list, 1 << 20)?;
                let list = disk::shown(&list);
                let sidecar = listed.as_deref().map(|bytes| (list.as_str(), bytes));
                let found = self.ledger_for(&disk::folder_of(path))?;
                let ledger = found.as_ref().map(|(ledger, _)| ledger);
                let verdict = verify::pdf(&name, &bytes, Vouchers { ledger, sidecar });
                self.add(verdict, found.as_ref());
            }
            Subject::Bundle(folder, stem) => {
                let prefix = format!("{stem}.");
                let files = disk::files(folder, |name| name.starts_with(&prefix))?;
                let found = self.ledger_for(folder)?;
                let ledger = found.as_ref().map(|(ledger, _)| ledger);
                let verdict = verify::bundle(&disk::shown(folder), &files, stem, Vouchers { ledger, sidecar: None });
                self.add(verdict, found.as_ref());
            }
        }
        Ok(())
    }

    /// The ledger that was given, or the one in the folder above.
    fn ledger_for(&self, folder: &Path) -> Result<Option<(Ledger, Verdict)>, Failure> {
        if let Some(given) = &self.given {
            return Ok(Some(given.clone()));
        }
        disk::ledger_above(folder).map(|path| read_ledger(&path)).transpose()
    }

    fn document(&mut self, folder: &Path, id: &str) -> Result<(), Failure> {
        let shelved = disk::shelved(folder, id)?;
        let (folders, files) = disk::names(folder)?;
        folders.iter().chain(&files).try_for_each(|name| disk::no_link(&folder.join(name)))?;
        let name = disk::shown(folder);
        let place = Folder { folder: &name, id, folders: &folders, files: &files };
        let (ledger, verdict) = verify::document(place, shelved.ledger.as_deref(), shelved.beside());
        // What lies beside it too much or too little is no fault of its lines: they vouch for what is there.
        let chain = shelved.ledger.as_deref().map(|bytes| verify::ledger(&shelved.name, bytes, shelved.beside()).1);
        let found = (ledger, chain.unwrap_or_else(|| verdict.clone()));
        self.verdicts.push(verdict);
        for revision in folders.iter().filter(|name| found.0.release(name).is_some()) {
            let folder = folder.join(revision);
            // One that cannot be read keeps nobody from the others.
            if let Err(failure) = self.release(&folder, Some(&found)) {
                self.unread(&disk::shown(&folder), &failure);
            }
        }
        Ok(())
    }

    fn release(&mut self, folder: &Path, found: Option<&(Ledger, Verdict)>) -> Result<(), Failure> {
        disk::no_link(folder)?;
        let files = disk::files(folder, |_| true)?;
        let ledger = found.map(|(ledger, _)| ledger);
        let name = disk::shown(folder);
        #[cfg_attr(not(feature = "pdf"), allow(unused_mut, reason = "only pages can be made again"))]
        let mut verdict = verify::release(&name, &files, ledger);
        #[cfg(feature = "pdf")]
        if self.options.rebuild {
            // What somebody changed runs no template.
            if verdict.holds() && found.is_none_or(|(_, judged)| judged.holds()) {
                let (rebuilt, findings) = super::rebuild::again(folder)?;
                verdict.rebuilt = Some(rebuilt);
                verdict.findings.extend(findings);
            } else {
                self.unmade.push(name);
            }
        }
        self.add(verdict, found);
        Ok(())
    }

    /// Tells why something could not be looked at; it stands among the verdicts all the same.
    fn unread(&mut self, name: &str, failure: &Failure) {
        self.exit = self.exit.max(self.terminal.fail(failure));
        self.verdicts.push(Verdict::unread(name, &failure.message));
    }

    /// A ledger that does not hold vouches for nothing. What there is to say of a ledger is told once.
    fn add(&mut self, mut verdict: Verdict, found: Option<&(Ledger, Verdict)>) {
        if let Some((_, judged)) = found.filter(|(_, judged)| !judged.findings.is_empty()) {
            if !judged.holds() {
                verdict.anchor = None;
                verdict.ledger_fails = true;
            }
            if !self.verdicts.iter().any(|other| other.name == judged.name) {
                self.verdicts.push(judged.clone());
            }
        }
        self.verdicts.push(verdict);
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
