//! `techfile release PATH --reason TEXT`

use std::path::Path;

use techfile::answers::MarkerKind;
use techfile::catalog::Catalog;
use techfile::check::Status;
use techfile::diagnostic::{Code, Diagnostic};
use techfile::digest::Digest;
use techfile::record::ledger::{Entry, Ledger};
use techfile::record::release::{Facts, Origin, Release, release};
use techfile::{CheckedAnswers, bundle, typeset};

use crate::disk::{self, Frozen, Shelf};
use crate::documents::{Around, Stop, number, one, process, stamped, summary};
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// A release in memory, and the ledger's head that it was made after.
struct Ready {
    release: Release,
    shelf: Shelf,
    revision: String,
    seen: Digest,
    content: String,
}

pub(super) fn run(
    catalog: &Catalog,
    path: &Path,
    reason: &str,
    allow_suspect: bool,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let input = match one(path, "one document is released at a time", terminal)? {
        Ok(input) => input,
        Err(exit) => return Ok(exit),
    };
    let outcome = process(&input, catalog, terminal, |checked, around| {
        fit(&checked, &input.name)?;
        let shelf = around.shelf(&checked.control().id)?;
        shelf.settle()?.iter().for_each(|told| terminal.say(told));
        let seen = shelf.ledger()?.as_ref().map_or(Digest::ZEROS, Ledger::head);
        let stamped = stamped(checked, around, &input.stem, catalog)?;
        let document = stamped.document();
        let remarks: Vec<Diagnostic> = document.remarks().to_vec();
        outdated(&remarks)?;
        if !allow_suspect && !document.suspects().is_empty() {
            let what = document.suspects().join("; ");
            return Err(Stop::Failure(Failure::refused(format!("changed since the review: {what}")).help(
                "let somebody review it again, or release it as it is with `--allow-suspect`; the pages say SUSPECT",
            )));
        }
        let (facts, content) = (Facts::of(&stamped), document.identity().content_id.short());
        let bundle = bundle(typeset(stamped)?);
        let release = release(catalog, &facts, &bundle, &origin(around, &input.name)?)?;
        let revision = facts.revision().to_owned();
        Ok((Ready { release, shelf, revision, seen, content }, remarks))
    })?;
    outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
    let Some(Ready { release, shelf, revision, seen, content }) = outcome.value else {
        terminal.say(&format!("{}; nothing was released", summary(std::slice::from_ref(&outcome.found), 0)));
        return Ok(Exit::of(&outcome.found.findings));
    };
    let entry = Entry { reason: Some(reason.to_owned()), ..release.entry };
    let frozen = shelf.freeze(&revision, &release.files, seen, |ledger| ledger.next(entry))?;
    terminal.result(&format!("{}\n", disk::shown(&shelf.folder().join(&revision))))?;
    terminal.say(&match frozen {
        Frozen::New => format!(
            "released revision {revision}, content {content}, {}; commit the folder `releases` and publish the head of the ledger",
            number(release.files.len(), "file")
        ),
        Frozen::Already => format!("revision {revision} was released before with these very bytes; nothing was written"),
    });
    Ok(Exit::Success)
}

/// Whether a document may be frozen. What `check` calls an error has ended before this.
fn fit(checked: &CheckedAnswers<'_>, name: &str) -> Result<(), Failure> {
    let status = checked.sign_off().status;
    if status != Status::Approved {
        return Err(Failure::refused(format!("`{name}` is not approved, its status is `{}`", status.as_str())).help(
            "only an approved document is released: let somebody read it, run `techfile sign-off`, paste what it prints and set `status: approved`",
        ));
    }
    let pending = checked.open_points().iter().filter(|point| point.marker.kind == MarkerKind::Pending).count();
    if pending > 0 {
        return Err(Failure::refused(format!("`{name}` has {}", number(pending, "open point")))
            .help("answer what is pending; `techfile check` lists it"));
    }
    Ok(())
}

/// Whether an approval of other words stands beside a good one: the page would show both names, and one of them approved
/// something else.
fn outdated(remarks: &[Diagnostic]) -> Result<(), Failure> {
    let old = remarks.iter().filter(|remark| remark.code == Code::ApprovalOutdated);
    let named = old.map(|remark| {
        let (start, _) = remark.place.positions();
        format!("{}, in line {} of `{}`", remark.message, start.line, remark.place.source.name())
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!("an approval is outdated: {}", named.join("; "))).help(
        "take it out of `approvals`, or let that person read the document again and put what `techfile sign-off` prints in its place",
    ))
}

fn origin<'o>(around: &'o Around, name: &str) -> Result<Origin<'o>, Failure> {
    let answers = around.own().ok_or_else(|| {
        Failure::usage(format!("a folder on the way to `{name}` has a name that is not UTF-8"))
            .help("rename the folder; the release keeps the paths of its inputs")
    })?;
    Ok(Origin { answers, read: around.read(), target: TARGET })
}

/// The platform: where floats or fonts are computed otherwise, pages may differ in a bit.
pub(super) const TARGET: &str = if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
    "x86_64-linux"
} else if cfg!(all(target_arch = "aarch64", target_os = "linux")) {
    "aarch64-linux"
} else if cfg!(all(target_arch = "aarch64", target_os = "macos")) {
    "aarch64-macos"
} else if cfg!(all(target_arch = "x86_64", target_os = "macos")) {
    "x86_64-macos"
} else if cfg!(all(target_arch = "x86_64", target_os = "windows")) {
    "x86_64-windows"
} else if cfg!(all(target_arch = "aarch64", target_os = "windows")) {
    "aarch64-windows"
} else {
    "another platform"
};
