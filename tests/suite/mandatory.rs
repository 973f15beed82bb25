//! Nothing that the law asks for can be left out unnoticed: any one mandatory answer is taken out of the complete sample,
//! and a finding must name a clause that asks for it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use techfile::catalog::{Catalog, Kind, Shape};

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
            // One item says it for all of its kind; every item of a short list is tried all the same.
            for (index, item) in items.iter().enumerate().take(3) {
                mandatory(item, below, &format!("{pointer}/{index}"), clauses, found);
            }
        }
        _ => {}
    }
}

/// What is wrong with the report on answers that lack this one.
fn fault(tree: &Tree, answer: &Mandatory, catalog: &Catalog, folder: &std::path::Path) -> Option<String> {
    let mut without = tree.clone();
    assert!(without.remove(&answer.pointer), "{} is not there", answer.pointer);
    let Err(findings) = checked(&without.plain(), "answers.yaml", folder, catalog) else {
        return Some(format!("{}: nobody misses it", answer.pointer));
    };
    // Which kind it is, no clause asks: without that there are no clauses.
    let named = answer.pointer == "/kind"
        || findings.iter().any(|finding| {
            finding.place.pointer == answer.pointer
                && answer.clauses.iter().all(|clause| finding.clauses.contains(clause))
        });
    (!named).then(|| {
        let seen: Vec<String> = findings.iter().map(crate::stages::short).collect();
        format!("{}: no finding there names {:?}, only {seen:?}", answer.pointer, answer.clauses)
    })
}

fn try_all(kind: &Kind, catalog: &Catalog) {
    let sample = complete(kind.id()).unwrap_or_else(|| panic!("{}: no sample", kind.id()));
    let (tree, folder) = (sample.tree(), sample.folder());
    let mut answers = Vec::new();
    mandatory(&tree, kind.schema().root(), "", &[], &mut answers);
    let with_clause = answers.iter().filter(|answer| !answer.clauses.is_empty()).count();
    assert!(with_clause > 100, "{}: {with_clause} mandatory answers in {}", kind.id(), sample.name);
    let faults = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(answer) = answers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    faults.lock().unwrap().extend(fault(&tree, answer, catalog, &folder));
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn any_one_mandatory_answer_that_is_missing_is_missed_with_its_clause() {
    let catalog = Catalog::builtin();
    for id in catalog.kind_ids().map(str::to_owned).collect::<Vec<_>>() {
        try_all(catalog.kind(&id).unwrap().unwrap(), &catalog);
    }
}
