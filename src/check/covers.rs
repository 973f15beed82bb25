//! Lists that must name every clause of a group exactly once: `x-covers`.
//!
//! Comes in: a walk and the catalogue. Goes out: findings about clauses that such a list leaves out, and about what it names
//! that is none of them. What stands there twice is found by `x-unique`, whose key says which property names a clause.

use super::walk::{Part, Walk, nearest};
use crate::answers::join;
use crate::catalog::{Catalog, CatalogError, Clause, Framework};
use crate::diagnostic::{Code, Diagnostic};

/// Clauses that a finding names; the rest is counted.
const NAMED: usize = 12;

pub(super) fn judge(walk: &Walk<'_>, catalog: &Catalog) -> Result<Vec<Diagnostic>, CatalogError> {
    let mut findings = Vec::new();
    for part in walk.parts.iter().filter(|part| part.marker.is_none()) {
        let Some(shape) = part.shape else { continue };
        let (Some(group), Some(key)) = (shape.text("x-covers"), shape.texts("x-unique").into_iter().next()) else {
            continue;
        };
        let (framework, clauses) = members(group, catalog)?;
        // Why an empty list or none at all is wrong, the other rules say.
        if !part.node.items().is_empty() {
            list(walk, part, key, framework, &clauses, &mut findings);
        }
    }
    Ok(findings)
}

/// The clauses of a group that have no parts of their own.
fn members<'c>(group: &str, catalog: &'c Catalog) -> Result<(&'c Framework, Vec<&'c Clause>), CatalogError> {
    let framework = group.split_once(':').and_then(|(id, clause)| Some((catalog.framework(id)?, clause)));
    if let Some((framework, clause)) = framework {
        let framework = framework?;
        let clauses = framework.parts(clause);
        if !clauses.is_empty() {
            return Ok((framework, clauses));
        }
    }
    let file = crate::catalog::framework_path(group.split(':').next().unwrap_or(group));
    Err(CatalogError { file, message: format!("a list must cover `{group}`, below which there is no clause") })
}

fn list(
    walk: &Walk<'_>,
    list: &Part<'_>,
    key: &str,
    framework: &Framework,
    clauses: &[&Clause],
    findings: &mut Vec<Diagnostic>,
) {
    let mut named: Vec<String> = Vec::new();
    // Items that do not say yet which clause they are about.
    let mut open = 0;
    for index in 0..list.node.items().len() {
        let pointer = join(&join(&list.pointer, &index.to_string()), key);
        let own = walk.part(&pointer).filter(|part| part.marker.is_none());
        let Some((part, number)) = own.and_then(|part| Some((part, part.node.text()?))) else {
            open += 1;
            continue;
        };
        let id = number.to_lowercase();
        let coded = part.shape.is_some_and(|shape| shape.keyword("enum").is_some());
        if !coded && !clauses.iter().any(|clause| clause.id == id) {
            let message = format!("`{number}` is none of the {} that this list covers", clauses.len());
            let known = clauses.iter().map(|clause| clause.id.as_str());
            let help = match nearest(&id, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("numbers are those of {}; what is your own has a list of its own", framework.short_name)
                }
            };
            findings.push(part.error(Code::WrongValue, message).help(help));
        }
        named.push(id);
    }
    let missing: Vec<&&Clause> = clauses.iter().filter(|clause| !named.contains(&clause.id)).collect();
    if missing.len() <= open {
        return;
    }
    let told: Vec<String> =
        missing.iter().take(NAMED).map(|clause| format!("{} ({})", clause.label, clause.title)).collect();
    let more = missing.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let are = if missing.len() == 1 { "is" } else { "are" };
    let message =
        format!("{} of {} {are} missing from {}: {}{more}", missing.len(), clauses.len(), list.name(), told.join(", "));
    let finding = Diagnostic::error(Code::MissingAnswer, list.key.clone(), message)
        .label("this list names each of them")
        .clauses(list.law.clauses.iter().cloned());
    findings.push(finding.help("name each exactly once, also those that do not apply, with the reason"));
}
