//! Lists of a document that are filled from the other documents.
//!
//! Comes in: answers of a kind with `x-collect` lists, and what the other documents state. Goes out: the lists as JSON,
//! which a release keeps beside its answers, and the answers with the lists in place. The shapes of the items are in
//! `common.schema.json`. What collects is left out, so nothing waits for itself.

use serde_json::{Map, Value as Json, json};

pub use crate::coverage::collects;

use crate::answers::{Answers, fill_lists};
use crate::catalog::{Catalog, CatalogError, Kind};
use crate::coverage::{COLLECT, Coverage, Stated, coverage, relation_name, state_name};
use crate::diagnostic::{Code, Diagnostic, Rejected};
use crate::source::Source;

/// Path of the lists of an answers file, beside it: `answers.yaml` has them in `answers.collected.json`.
#[must_use]
pub fn path(answers: &str) -> String {
    let stem = answers.strip_suffix(".yaml").or_else(|| answers.strip_suffix(".yml")).unwrap_or(answers);
    format!("{stem}.collected.json")
}

/// The lists of a kind, filled from the other documents, in the language of the document that prints them. Translations
/// and documents that collect themselves are left out.
///
/// # Errors
/// A fault in the catalogue: words that the language lacks, or a list that is filled from something unknown.
pub fn lists(kind: &Kind, documents: &[Stated], catalog: &Catalog, language: &str) -> Result<String, CatalogError> {
    let mut documents: Vec<Stated> =
        documents.iter().filter(|stated| !stated.is_collected && !stated.is_translation).cloned().collect();
    documents.sort_by(|a, b| (&a.control.id, &a.file).cmp(&(&b.control.id, &b.file)));
    let mut lists = Map::new();
    let mut covered: Option<Vec<Coverage<'_>>> = None;
    for (name, from) in kind.schema().root().properties().filter_map(|(name, shape)| Some((name, shape.text(COLLECT)?)))
    {
        let items: Vec<Json> = if from == "documents" {
            documents.iter().map(document).collect()
        } else {
            let frameworks = match covered.take() {
                Some(frameworks) => frameworks,
                None => catalog
                    .framework_ids()
                    .map(|id| coverage(catalog, id, &documents, language))
                    .collect::<Result<_, _>>()?,
            };
            let items = match from {
                "coverage" => frameworks.iter().flat_map(|framework| clauses(framework, &documents)).collect(),
                "contributions" => {
                    frameworks.iter().flat_map(|framework| contributions(framework, &documents)).collect()
                }
                "no-counterpart" => frameworks.iter().flat_map(lone).collect(),
                other => {
                    let message = format!("`{name}` is to be filled from `{other}`, which nobody knows");
                    return Err(CatalogError { file: crate::catalog::schema_path(kind.id()), message });
                }
            };
            covered = Some(frameworks);
            items
        };
        lists.insert(name.to_owned(), Json::Array(items));
    }
    // One value a line: a finding about one shows which.
    Ok(format!("{:#}\n", Json::Object(lists)))
}

/// Puts lists into answers; `name` is how findings call the text of the lists.
///
/// # Errors
/// A text that is no JSON, or more than answers may hold.
pub fn put(answers: Answers, name: &str, lists: &str) -> Result<Answers, Rejected> {
    let mut answers = fill_lists(answers, Source::new(name, lists))?;
    let empty = |entry: &crate::answers::Entry| {
        serde_json::from_str::<Json>(lists).is_ok_and(|lists| lists[entry.key()].is_array())
            && entry.node().items().is_empty()
    };
    let nothing = answers.root().entries().iter().filter(|entry| entry.node().items().is_empty()).any(empty);
    if nothing && let Some(kind) = answers.root().get("kind") {
        let message = "there are no other documents that a list of this one could be filled from";
        let finding = Diagnostic::warning(Code::Collected, kind.key_place("/kind"), message);
        answers.remark(finding.help("name the folder that holds the others too, as in `techfile build docs`"));
    }
    Ok(answers)
}

/// Fields that a list of documents has.
fn document(stated: &Stated) -> Json {
    let control = &stated.control;
    let approvals = stated
        .approvals
        .iter()
        .map(|approval| json!({"by": approval.by, "role": approval.role, "date": approval.date}));
    let mut item = json!({
        "id": control.id,
        "title": control.title,
        "clauses": stated.basis,
        "revision": control.revision,
        "date": control.date,
        "language": control.language,
        "status": stated.status,
        "approvals": approvals.collect::<Vec<_>>(),
        "content_id": stated.content_id.to_string(),
    });
    if let Some(item) = item.as_object_mut() {
        let more = [("owner", &control.owner), ("next_review", &control.next_review)];
        let more = more.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Json::from(value.as_deref()?))));
        item.extend(more);
    }
    item
}

fn numbers(documents: &[Stated], indices: impl Iterator<Item = usize>) -> Vec<&str> {
    let mut numbers: Vec<&str> = Vec::new();
    for number in indices.filter_map(|index| Some(documents.get(index)?.control.id.as_str())) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

fn clauses(framework: &Coverage<'_>, documents: &[Stated]) -> Vec<Json> {
    let lines = framework.lines.iter().map(|line| {
        let reasons = line.answers.iter().flat_map(|(_, answer)| &answer.reasons).map(|reason| one_line(&reason.text));
        json!({
            "framework": framework.framework.framework,
            "clause": line.clause,
            "coverage": state_name(line.state),
            "documents": numbers(documents, line.answers.iter().map(|(index, _)| *index)),
            "reasons": reasons.collect::<Vec<_>>(),
        })
    });
    lines.collect()
}

fn contributions(framework: &Coverage<'_>, documents: &[Stated]) -> Vec<Json> {
    let rows = framework.lent.iter().map(|lent| {
        json!({
            "framework": framework.framework.framework,
            "clauses": lent.row.from,
            "relation": relation_name(lent.row.relation),
            "answered": lent.answered,
            "documents": numbers(documents, lent.documents.iter().copied()),
            "reason": one_line(&lent.row.reason),
        })
    });
    rows.collect()
}

fn lone(framework: &Coverage<'_>) -> Vec<Json> {
    let id = &framework.framework.framework;
    let rows = framework
        .alone()
        .into_iter()
        .map(|alone| json!({"framework": id, "clauses": alone.clauses, "reason": one_line(&alone.told())}));
    rows.collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
