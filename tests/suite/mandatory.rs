//! Nothing that the law asks for can be left out unnoticed: any one mandatory answer is taken out of the complete sample,
//! and a finding must name a clause that asks for it.

use std::collections::BTreeMap;
use std::path::Path;

use techfile::catalog::{Catalog, Kind, Shape};
use techfile::diagnostic::{Code, Severity};

use crate::leaves::{leaves, shorten};
use crate::samples::complete;
use crate::stages::checked;
use crate::tree::Tree;

/// A mandatory answer and the clauses that ask for it.
struct Mandatory {
    pointer: String,
    clauses: Vec<String>,
}

fn mandatory(tree: &Tree, shape: Shape<'_>, pointer: &str, clauses: &[String], found: &mut Vec<Mandatory>) {
    match tree {
        Tree::Map(entries) => {
            let branch = shape.discriminator().and_then(|(name, _)| {
                let (_, value) = entries.iter().find(|(key, _)| key == name)?;
                let Tree::Text(text) = value else { return None };
                Some(shape.choose(text)?.1)
            });
            let shape = branch.unwrap_or(shape);
            let required = shape.required();
            for (key, value) in entries {
                let Some(below) = shape.property(key) else { continue };
                let pointer = format!("{pointer}/{key}");
                let own: Vec<String> = below.clauses().into_iter().map(str::to_owned).collect();
                let clauses = if own.is_empty() { clauses.to_vec() } else { own };
                if required.contains(&key.as_str()) {
                    found.push(Mandatory { pointer: pointer.clone(), clauses: clauses.clone() });
                }
                mandatory(value, below, &pointer, &clauses, found);
            }
        }
        Tree::List(items) => {
            let Some(below) = shape.items() else { return };
            for (index, item) in items.iter().enumerate() {
                mandatory(item, below, &format!("{pointer}/{index}"), clauses, found);
            }
        }
        _ => {}
    }
}

/// Takes answers out together, no two of one group and none below another, and gives those that nobody misses. The
/// finding must stand at the very answer, so that none is found only because another one is gone.
fn missed(tree: &Tree, gone: &[&Mandatory], catalog: &Catalog, folder: &Path) -> Vec<String> {
    let mut without = tree.clone();
    for answer in gone {
        assert!(without.remove(&answer.pointer), "{} is not there", answer.pointer);
    }
    let Err(findings) = checked(&without.plain(), "answers.yaml", folder, catalog) else {
        return gone.iter().map(|answer| format!("{}: nobody misses it", answer.pointer)).collect();
    };
    let named = |answer: &Mandatory| {
        // Which kind it is, no clause asks: without that there are no clauses.
        let at = |place: &str| place == answer.pointer || (answer.pointer == "/kind" && place.is_empty());
        findings.iter().any(|finding| {
            finding.code == Code::MissingAnswer
                && finding.severity == Severity::Error
                && at(&finding.place.pointer)
                && answer.clauses.iter().all(|clause| finding.clauses.contains(clause))
        })
    };
    let lost = gone.iter().filter(|answer| !named(answer));
    lost.map(|answer| format!("{}: no finding there names {:?}", answer.pointer, answer.clauses)).collect()
}

/// Answers that can go together: one of each group, all at one depth.
fn batches(answers: &[Mandatory]) -> Vec<Vec<&Mandatory>> {
    let mut batches: BTreeMap<(usize, usize), Vec<&Mandatory>> = BTreeMap::new();
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in answers {
        let group = answer.pointer.rsplit_once('/').unwrap().0;
        let turn = turns.entry(group).or_default();
        batches.entry((answer.pointer.matches('/').count(), *turn)).or_default().push(answer);
        *turn += 1;
    }
    batches.into_values().collect()
}

fn try_all(kind: &Kind, catalog: &Catalog) {
    let sample = complete(kind.id()).unwrap_or_else(|| panic!("{}: no sample", kind.id()));
    let (mut tree, folder) = (sample.tree(), sample.folder());
    let all = leaves(&tree, kind);
    shorten(&mut tree, &all);
    let mut answers = Vec::new();
    mandatory(&tree, kind.schema().root(), "", &[], &mut answers);
    let with_clause = answers.iter().filter(|answer| !answer.clauses.is_empty()).count();
    assert!(with_clause > 10, "{}: {with_clause} mandatory answers in {}", kind.id(), sample.name);
    let mut faults = Vec::new();
    for batch in batches(&answers) {
        faults.extend(missed(&tree, &batch, catalog, &folder));
    }
    // The great ones alone, too: without one of them nothing else is found.
    for answer in answers.iter().filter(|answer| answer.pointer.matches('/').count() == 1) {
        faults.extend(missed(&tree, &[answer], catalog, &folder));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn any_one_mandatory_answer_that_is_missing_is_missed_with_its_clause() {
    let catalog = Catalog::builtin();
    for id in catalog.kind_ids().map(str::to_owned).collect::<Vec<_>>() {
        try_all(catalog.kind(&id).unwrap().unwrap(), &catalog);
    }
}
