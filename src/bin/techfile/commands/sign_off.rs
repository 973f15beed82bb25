//! `techfile sign-off PATH`

use std::fmt::Write as _;
use std::path::Path;

use techfile::answers::MarkerKind;
use techfile::catalog::Catalog;
use techfile::check::Signature;
use techfile::digest::Digest;
use techfile::render;

use crate::documents::{Input, Stop, number, one, process, summary};
use crate::exit::{Exit, Failure, nearest};
use crate::terminal::Terminal;

/// Who signs what.
pub(super) struct Signer<'s> {
    pub(super) by: &'s str,
    pub(super) role: &'s str,
    pub(super) date: &'s str,
    pub(super) review: bool,
    pub(super) clause: Option<&'s str>,
}

/// What was signed.
struct Signed {
    lines: String,
    /// Whether the list that the lines belong to has to be begun.
    first: bool,
    /// The line in which an approval by the same name stands that no longer fits.
    old: Option<usize>,
    open: usize,
}

pub(super) fn run(catalog: &Catalog, path: &Path, signer: &Signer<'_>, terminal: &Terminal) -> Result<Exit, Failure> {
    let input = match one(path, "somebody signs one document at a time", terminal)? {
        // `approved` without an approval is an error that only this command can mend.
        Ok(input) => Input { unsigned: true, ..input },
        Err(exit) => return Ok(exit),
    };
    let outcome = process(&input, catalog, terminal, |checked, around| {
        let so_far = checked.sign_off().clone();
        let first = if signer.review { so_far.reviews.is_empty() } else { so_far.approvals.is_empty() };
        let open = checked.open_points().iter().filter(|point| point.marker.kind == MarkerKind::Pending).count();
        let earlier = around.earlier(&checked)?;
        let document = render(checked, &input.stem, earlier.as_ref())?;
        let body = document.body_digest();
        let identity = document.identity();
        let clause = match signer.clause {
            None => None,
            Some(given) => Some(find(given, &identity.clauses, catalog).map_err(Stop::Failure)?),
        };
        let content = identity.content_id;
        let outdated = |one: &&Signature| one.by == signer.by && (one.content, one.body) != (Some(content), Some(body));
        let old = so_far.approvals.iter().find(outdated).filter(|_| !signer.review);
        let old = old.map(|approval| approval.place.positions().0.line);
        // An outdated approval is the reason to sign again, not a reason against it.
        Ok((Signed { lines: lines(signer, clause, content, body), first, old, open }, Vec::new()))
    })?;
    outcome.found.findings.iter().for_each(|finding| terminal.finding(finding, catalog));
    let Some(Signed { lines, first, old, open }) = outcome.value else {
        terminal.say(&format!(
            "{}; only answers without an error can be signed",
            summary(std::slice::from_ref(&outcome.found), 0)
        ));
        return Ok(Exit::of(&outcome.found.findings));
    };
    let list = if signer.review { "reviews" } else { "approvals" };
    let name = &input.name;
    if first {
        terminal.result(&format!("  {list}:\n{lines}"))?;
        terminal.say(&format!("paste these lines into {name}, at the end of `sign_off:`"));
    } else {
        terminal.result(&lines)?;
        terminal.say(&match old {
            Some(line) => format!(
                "paste these lines into {name}, in place of the approval of {} in line {line}, which is of other words",
                signer.by
            ),
            None => format!("paste these lines into {name}, at the end of the list `{list}:` under `sign_off:`"),
        });
    }
    if open > 0 && !signer.review {
        terminal.say(&format!("but {} must be closed before it can be approved", number(open, "open point")));
    }
    Ok(Exit::Success)
}

/// The clause that somebody named: by its id, with or without its framework, or as findings and documents cite it.
fn find<'c>(
    given: &str,
    clauses: &'c std::collections::BTreeMap<String, Digest>,
    catalog: &Catalog,
) -> Result<(&'c str, Digest), Failure> {
    let plain = |id: &'c str| id.split_once(':').map_or(id, |(_, clause)| clause);
    let label = |id: &str| catalog.clause(id).is_some_and(|clause| clause.label.eq_ignore_ascii_case(given));
    let cited = |id: &str| catalog.cite(id).eq_ignore_ascii_case(given) || label(id);
    let found = clauses.iter().find(|(id, _)| *id == given || plain(id) == given);
    let found = found.or_else(|| clauses.iter().find(|(id, _)| cited(id)));
    found.map(|(id, digest)| (id.as_str(), *digest)).ok_or_else(|| {
        let names = clauses.keys().flat_map(|id| [id.as_str(), plain(id)]);
        let help = match nearest(given, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`techfile explain CLAUSE` lists which questions answer a clause".to_owned(),
        };
        Failure::usage(format!("the document answers no clause `{given}`")).help(help)
    })
}

/// An item of the list, indented as it stands there.
fn lines(signer: &Signer<'_>, clause: Option<(&str, Digest)>, content: Digest, body: Digest) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    let mut out = String::new();
    let mut entry = |key: &str, value: &str| {
        let dash = if out.is_empty() { "    - " } else { "      " };
        let _ = writeln!(out, "{dash}{key}: {}", quoted(value));
    };
    entry("by", signer.by);
    entry("role", signer.role);
    entry("date", signer.date);
    if let Some((id, digest)) = clause {
        entry("clause", id);
        entry("digest", &digest.to_string());
    } else {
        entry(if signer.review { "digest" } else { "content_id" }, &content.to_string());
        entry("body", &body.to_string());
    }
    out
}
