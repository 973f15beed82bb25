//! What stands in place of answers: whether it may, whether it says enough, and what is still to come.
//!
//! Comes in: a walk and how far the document has come. Goes out: findings about markers, and the list of open points.

use super::walk::{Part, Walk};
use super::{OpenPoint, Status, prose};
use crate::answers::{FROM, Marker, MarkerKind, join};
use crate::catalog::{Applicability, is_date};
use crate::diagnostic::{Code, Diagnostic};

/// The event that answers may wait for.
const AWAITED: &str = "conformity-assessment";

pub(super) fn judge(walk: &Walk<'_>, status: Status) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for part in &walk.parts {
        let Some(marker) = &part.marker else {
            if part.law.sealed {
                findings.extend(sealed(part));
                findings.extend(drawn(part, walk));
            }
            continue;
        };
        let text = marker.text.as_deref().unwrap_or("").trim();
        match marker.kind {
            MarkerKind::Pending => pending(part, marker, text, status, &mut findings),
            MarkerKind::NotApplicable => not_applicable(part, text, &mut findings),
            MarkerKind::ToFollow => to_follow(part, text, &mut findings),
        }
    }
    findings
}

/// What is still to come, in the order of the questions, so that the order of the file changes no number.
pub(super) fn points(walk: &Walk<'_>) -> Vec<OpenPoint> {
    let open = walk.parts.iter().filter_map(|part| {
        let marker = part.marker.as_ref().filter(|marker| marker.kind != MarkerKind::NotApplicable)?;
        Some((part, marker.clone()))
    });
    open.enumerate()
        .map(|(index, (part, marker))| OpenPoint {
            id: format!("OP-{}", index + 1),
            place: part.place(),
            title: part.name(),
            clauses: part.law.clauses.to_vec(),
            marker,
        })
        .collect()
}

fn pending(part: &Part<'_>, marker: &Marker, text: &str, status: Status, findings: &mut Vec<Diagnostic>) {
    if status == Status::Approved {
        let finding = part.error(Code::OpenPoint, format!("still open in an approved document: {}", part.name()));
        findings.push(finding.help("answer it, or set `sign_off.status` back to `in-review`"));
        return;
    }
    let mut lacking = Vec::new();
    if text.is_empty() {
        lacking.push("what");
    }
    if status == Status::InReview {
        lacking.extend(marker.owner.is_none().then_some("owner"));
        lacking.extend(marker.due.is_none().then_some("due"));
    }
    if !lacking.is_empty() {
        let finding = part.error(
            Code::OpenPoint,
            format!("the open point about {} does not say {}", part.name(), lacking.join(" and ")),
        );
        let help = "write `pending: {what: the question, owner: who answers, due: \"2026-12-31\"}`";
        findings.push(finding.help(help));
    }
    if let Some(due) = marker.due.as_deref().filter(|due| !is_date(due)) {
        let finding = part.error(Code::WrongValue, format!("`{due}` is no date of the calendar"));
        findings.push(finding.help("write year, month and day as \"2026-12-31\""));
    }
    let inner = part.node.get(MarkerKind::Pending.key()).map_or(&[][..], |entry| entry.node().entries());
    for entry in inner.iter().filter(|entry| !["what", "owner", "due"].contains(&entry.key())) {
        let pointer = join(&join(&part.pointer, MarkerKind::Pending.key()), entry.key());
        let message = format!("an open point has no `{}`", entry.key());
        let finding = Diagnostic::error(Code::UnknownKey, entry.key_place(pointer), message);
        findings.push(finding.help("it has `what`, `owner` and `due`"));
    }
}

fn not_applicable(part: &Part<'_>, reason: &str, findings: &mut Vec<Diagnostic>) {
    if reason.is_empty() || prose::placeholder(reason).is_some() {
        let finding = part.error(Code::MissingReason, format!("a reason is missing for leaving out {}", part.name()));
        findings.push(finding.help("write the reason: `not_applicable: \"why\"`; an assessor will ask for it"));
        return;
    }
    match part.law.applicability {
        Applicability::WhereApplicable => {}
        Applicability::Always => {
            let finding = part.error(Code::NotApplicable, format!("no reason can stand in place of {}", part.name()));
            findings.push(finding.help("answer it; what asks for it always applies"));
        }
        Applicability::Chapeau => {
            let message =
                format!("a reason stands in place of {}, although the clause has no condition of its own", part.name());
            let finding = part.warning(Code::NotApplicable, message);
            findings.push(finding.help("an assessor will look at the reason; the coverage table shows it"));
        }
    }
}

fn to_follow(part: &Part<'_>, event: &str, findings: &mut Vec<Diagnostic>) {
    if !part.law.may_follow {
        let message = format!("{} cannot wait for the conformity assessment", part.name());
        let finding = part.error(Code::OpenPoint, message);
        findings.push(finding.help("answer it, or write `pending: {what: …}` while it is open"));
    } else if event != AWAITED {
        let finding = part.error(Code::WrongValue, format!("`{event}` is nothing that an answer can wait for"));
        findings.push(finding.help(format!("write `to_follow: {AWAITED}`")));
    }
}

/// Neither may values of another file, whoever reads only this one.
fn drawn(part: &Part<'_>, walk: &Walk<'_>) -> Option<Diagnostic> {
    part.node.origin()?;
    let above = part.pointer.rsplit_once('/').and_then(|(above, _)| walk.part(above));
    if above.is_some_and(|above| above.node.origin().is_some()) {
        return None;
    }
    let message = format!("`{FROM}` cannot stand in place of {}", part.name());
    Some(part.error(Code::WrongType, message).help("answer it here; the file itself says which document it is"))
}

/// Nothing may stand in place of the answers that say which document this is.
fn sealed(part: &Part<'_>) -> Option<Diagnostic> {
    let marker = Marker::of(part.node)?;
    let message = format!("`{}` cannot stand in place of {}", marker.kind.key(), part.name());
    Some(part.error(Code::WrongType, message).help("answer it; without it nobody knows which document this is"))
}
