//! The control block and sign-off: which document this is, and who stands behind it.
//!
//! Comes in: a walk. Goes out: findings about revisions and approvals; the block as values. Whether an approval still
//! fits what it approved is seen when the words exist, in `render`.

use serde_json::Value as Json;

use super::walk::{Part, Walk};
use super::{CheckedAnswers, Control, SignOff, Signature, Status};
use crate::answers::{Answers, MarkerKind};
use crate::catalog::{Catalog, Kind};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;

/// How far the document has come; what is not said is a draft.
pub(super) fn status(value: &Json) -> Status {
    match value.pointer("/sign_off/status").and_then(Json::as_str) {
        Some("approved") => Status::Approved,
        Some("in-review") => Status::InReview,
        _ => Status::Draft,
    }
}

pub(super) fn judge(walk: &Walk<'_>, status: Status) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for pointer in ["/document/id", "/document/revision"] {
        if let Some(part) = walk.part(pointer)
            && part.node.text().is_some_and(is_device)
        {
            let message = format!("{} is a name that Windows keeps for itself", part.name());
            findings.push(part.error(Code::WrongValue, message).help("files bear this name: choose another one"));
        }
    }
    revisions(walk, &mut findings);
    authors(walk, &mut findings);
    evidence(walk, &mut findings);
    let approvals = walk.value.pointer("/sign_off/approvals").and_then(Json::as_array).map_or(0, Vec::len);
    let place = walk.part("/sign_off/status").or_else(|| walk.part("/sign_off"));
    if let (Status::Approved, 0, Some(part)) = (status, approvals, place) {
        let finding = part.error(Code::ApprovalMissing, "the document is approved, but nobody approved it");
        findings.push(finding.help("run `techfile sign-off` and paste what it prints under `sign_off.approvals`"));
    }
    findings
}

/// Longest list of authors: the PDF bears it as one text.
const MAX_AUTHORS: usize = 4000;

fn authors(walk: &Walk<'_>, findings: &mut Vec<Diagnostic>) {
    let names = walk.value.pointer("/document/authors").and_then(Json::as_array);
    let length: usize = names.into_iter().flatten().filter_map(Json::as_str).map(|name| name.chars().count() + 2).sum();
    if let (true, Some(part)) = (length > MAX_AUTHORS, walk.part("/document/authors")) {
        let message = format!("the names of the authors have more than {MAX_AUTHORS} characters in all");
        findings.push(part.error(Code::WrongValue, message).help("name those who answer for the document"));
    }
}

/// A document cannot rest on what came after it.
fn evidence(walk: &Walk<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(date) = walk.part("/document/date") else { return };
    let count = walk.value.pointer("/evidence").and_then(Json::as_array).map_or(0, Vec::len);
    for part in (0..count).filter_map(|index| walk.part(&format!("/evidence/{index}/date"))) {
        if let (Some(issued), Some(written)) = (part.node.text(), date.node.text())
            && crate::catalog::is_date(issued)
            && crate::catalog::is_date(written)
            && issued > written
        {
            let message = format!("the evidence of {issued} is younger than the document of {written}");
            let finding = part.warning(Code::DateOrder, message).related(date.place(), "date of the document");
            findings.push(finding.help("mend the date that is wrong, or give the document a later one"));
        }
    }
}

/// A document can be made in the languages that its kind has words for.
pub(super) fn language(walk: &Walk<'_>, kind: &Kind, catalog: &Catalog) -> Option<Diagnostic> {
    let part = walk.part("/document/language")?;
    let language = walk.value.pointer("/document/language")?.as_str()?;
    let official = part.shape?.keyword("enum").and_then(Json::as_array);
    // What is no language at all is told by the schema.
    if official.is_some_and(|official| !official.iter().any(|one| one == language)) {
        return None;
    }
    let known: Vec<&str> = catalog.languages(kind.id()).collect();
    if known.is_empty() || known.contains(&language) {
        return None;
    }
    let message = format!("there are no words in `{language}`; there are {}", known.join(", "));
    let help = format!(
        "write the document in one of these languages, or bring words in `{language}` with `--catalog`, in {}",
        catalog.absent_words(kind.id(), language).join(" and ")
    );
    Some(part.error(Code::WrongValue, message).help(help))
}

/// Whether no file on Windows can bear a name: devices, whatever the ending, and names that end in a point.
pub(super) fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|digit| digit.is_ascii_digit()))
    };
    name.ends_with('.') || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

/// The history runs forward, and the present revision is in it.
fn revisions(walk: &Walk<'_>, findings: &mut Vec<Diagnostic>) {
    let count = walk.value.pointer("/document/revisions").and_then(Json::as_array).map_or(0, Vec::len);
    let at = |index: usize, key: &str| walk.part(&format!("/document/revisions/{index}/{key}"));
    for index in 1..count {
        if let (Some(before), Some(now)) = (at(index - 1, "date"), at(index, "date"))
            && let (Some(earlier), Some(later)) = (before.node.text(), now.node.text())
            && crate::catalog::is_date(earlier)
            && crate::catalog::is_date(later)
            && later < earlier
        {
            let message = format!("the revision of {later} stands after that of {earlier}");
            let finding = now.error(Code::DateOrder, message).related(before.place(), "the earlier line");
            findings.push(finding.help("list the revisions from the first to the last"));
        }
    }
    let Some(present) = walk.part("/document/revision") else { return };
    let Some(label) = present.node.text() else { return };
    let label_of = |part: &Part<'_>| part.node.text() == Some(label);
    let listed = (0..count).find(|index| at(*index, "revision").is_some_and(label_of));
    if let (Some(line), Some(date)) = (listed.and_then(|index| at(index, "date")), walk.part("/document/date"))
        && let (Some(says), Some(own)) = (line.node.text(), date.node.text())
        && crate::catalog::is_date(says)
        && crate::catalog::is_date(own)
        && says != own
    {
        let message = format!("revision `{label}` is of {says} in the list of revisions, but the document is of {own}");
        let finding = line.warning(Code::DateOrder, message).related(date.place(), "date of the document");
        findings.push(finding.help("give both one date"));
    }
    if count > 0 && listed.is_none() {
        let mut finding =
            present.error(Code::ConflictingValues, format!("revision `{label}` is not in the list of revisions"));
        if let Some(last) = at(count - 1, "revision") {
            finding = finding.related(last.place(), "the last one listed");
        }
        findings.push(finding.help("add a line to `revisions` that says what changed, or mend the number"));
    }
}

/// What is overdue on a day: open points, the next review, the time of keeping. The day is the caller's; the library
/// has no clock.
#[must_use]
pub fn overdue(checked: &CheckedAnswers<'_>, day: &str) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for point in checked.open_points().iter().filter(|point| point.marker.kind == MarkerKind::Pending) {
        if let Some(due) = point.marker.due.as_deref().filter(|due| *due < day) {
            let message = format!("{} was due on {due}", point.title);
            let finding = Diagnostic::warning(Code::Overdue, point.place.clone(), message);
            findings.push(finding.clauses(point.clauses.iter().cloned()).help("answer it, or agree on another date"));
        }
    }
    let control = checked.control();
    for (key, date, what) in [
        ("next_review", &control.next_review, "the document was to be reviewed by"),
        ("retention_until", &control.retention_until, "the time of keeping ended on"),
    ] {
        let pointer = format!("/document/{key}");
        let node = checked.answers().root().at(&pointer);
        if let (Some(date), Some(node)) = (date.as_deref().filter(|date| *date < day), node) {
            let finding = Diagnostic::warning(Code::Overdue, node.place(pointer), format!("{what} {date}"));
            findings.push(finding.help("review the document and set a new date"));
        }
    }
    findings
}

/// The block as values. Called on answers without an error, so what is demanded is there.
pub(super) fn read(answers: &Answers, value: &Json) -> (Control, SignOff) {
    let optional = |key: &str| value.pointer(&format!("/document/{key}")).and_then(Json::as_str).map(str::to_owned);
    let text = |key: &str| optional(key).unwrap_or_default();
    let authors = value.pointer("/document/authors").and_then(Json::as_array).into_iter().flatten();
    let control = Control {
        id: text("id"),
        title: text("title"),
        revision: text("revision"),
        date: text("date"),
        language: text("language"),
        classification: optional("classification"),
        owner: optional("owner"),
        authors: authors.filter_map(Json::as_str).map(str::to_owned).collect(),
        next_review: optional("next_review"),
        retention_until: optional("retention_until"),
    };
    let signatures = |list: &str, content: &str| -> Vec<Signature> {
        let items = value.pointer(&format!("/sign_off/{list}")).and_then(Json::as_array).into_iter().flatten();
        items
            .enumerate()
            .filter_map(|(index, item)| signature(answers, item, &format!("/sign_off/{list}/{index}"), content))
            .collect()
    };
    let sign_off = SignOff {
        status: status(value),
        reviews: signatures("reviews", "digest"),
        approvals: signatures("approvals", "content_id"),
    };
    (control, sign_off)
}

fn signature(answers: &Answers, item: &Json, pointer: &str, content: &str) -> Option<Signature> {
    let text = |key: &str| item.get(key).and_then(Json::as_str).map(str::to_owned);
    let digest = |key: &str| item.get(key).and_then(Json::as_str).and_then(Digest::parse);
    Some(Signature {
        by: text("by")?,
        role: text("role")?,
        date: text("date")?,
        clause: text("clause"),
        content: digest(content),
        body: digest("body"),
        place: answers.root().at(pointer)?.place(pointer),
    })
}
