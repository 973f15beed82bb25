//! `techfile build PATH...`

use std::path::{Path, PathBuf};

use techfile::catalog::Catalog;
use techfile::check::Fact;
use techfile::diagnostic::Diagnostic;
use techfile::report::FileFindings;
use techfile::{Bundle, bundle, typeset};

use crate::disk::{self, Locks, Out, Written};
use crate::documents::{Input, inputs, last, number, process, stamped, summary};
use crate::exit::{Exit, Failure};
use crate::project::agree;
use crate::terminal::Terminal;

/// A finished document, still in memory.
struct Built {
    bundle: Bundle,
    content_id: String,
    open: usize,
}

pub(super) fn run(
    catalog: &Catalog,
    paths: &[PathBuf],
    out: Option<&Path>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let (mut inputs, mut exit) = inputs(paths, terminal)?;
    last(&mut inputs, catalog);
    let outs = inputs.iter().map(|input| input.out(out)).collect::<Result<Vec<_>, _>>()?;
    one_output_each(&inputs, &outs)?;
    let locks = Locks::default();
    let (mut stated, mut found) = (Vec::new(), Vec::new());
    for (input, out) in inputs.iter().zip(&outs) {
        let facts = &mut Vec::new();
        let ended = one(input, catalog, (&locks, out), facts, terminal);
        exit = exit.max(ended.unwrap_or_else(|failure| terminal.fail(&failure)));
        stated.extend(input.home.clone().map(|home| (home, found.len(), std::mem::take(facts))));
        let (file, findings) = (input.name.clone(), Vec::new());
        found.push(FileFindings { file, document: None, findings, allowed: Vec::new() });
    }
    // Each document is right by itself, and made; that they contradict each other is told all the same.
    exit = exit.max(agree(&stated, &mut found));
    found.iter().flat_map(|found| &found.findings).for_each(|finding| terminal.finding(finding, catalog));
    Ok(exit)
}

fn one(
    input: &Input,
    catalog: &Catalog,
    (locks, out): (&Locks, &Out),
    facts: &mut Vec<Fact>,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    locks.still_open(&out.root)?;
    let outcome = process(input, catalog, terminal, |checked, around| {
        let open = checked.open_points().len();
        facts.extend_from_slice(checked.facts());
        let stamped = stamped(checked, around, &input.stem, catalog)?;
        let remarks: Vec<Diagnostic> = stamped.document().remarks().to_vec();
        let content_id = stamped.document().identity().content_id.short();
        let bundle = bundle(typeset(stamped)?);
        Ok((Built { bundle, content_id, open }, remarks))
    })?;
    outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
    let Some(built) = outcome.value else {
        terminal.say(&format!("{}; nothing was written", summary(std::slice::from_ref(&outcome.found), 0)));
        return Ok(Exit::of(&outcome.found.findings));
    };
    let written = disk::write_all(locks, out, built.bundle.files(), &format!("{}.files", input.stem))?;
    for (name, what) in &written {
        let what = if *what == Written::New { "wrote" } else { "unchanged:" };
        terminal.detail(&format!("{what} {}", disk::shown(&out.folder.join(name))));
    }
    let pdf = disk::shown(&out.folder.join(format!("{}.pdf", input.stem)));
    terminal.result(&format!("{pdf}\n"))?;
    terminal.say(&told(&built, &outcome.found.findings, written.values().any(|what| *what == Written::New)));
    Ok(Exit::Success)
}

/// "built, content 4177 e72a d967 cec3; 12 open points, 1 warning".
fn told(built: &Built, remarks: &[Diagnostic], new: bool) -> String {
    let mut parts = Vec::new();
    if built.open > 0 {
        parts.push(number(built.open, "open point"));
    }
    if !remarks.is_empty() {
        parts.push(number(remarks.len(), "warning"));
    }
    let state = if new { "built" } else { "up to date" };
    let rest = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) };
    format!("{state}, content {}{rest}", built.content_id)
}

/// Two documents of one name would overwrite each other.
fn one_output_each(inputs: &[Input], outs: &[Out]) -> Result<(), Failure> {
    let pdfs: Vec<String> = inputs
        .iter()
        .zip(outs)
        .map(|(input, out)| disk::shown(&out.folder.join(format!("{}.pdf", input.stem))))
        .collect();
    for (index, input) in inputs.iter().enumerate() {
        // On many disks `A.pdf` and `a.pdf` are one file.
        let pdf = &pdfs[index];
        if let Some(other) = pdfs[..index].iter().position(|other| other.to_lowercase() == pdf.to_lowercase()) {
            let other = &inputs[other].name;
            return Err(Failure::usage(format!("`{other}` and `{}` would both become `{pdf}`", input.name))
                .help("build them one at a time, each with an `--out` of its own, or rename one"));
        }
    }
    Ok(())
}
