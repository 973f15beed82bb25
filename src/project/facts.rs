//! One fact of one thing has one value, in all documents of a project.
//!
//! Comes in: the facts that documents state. Goes out: a finding for each contradiction, at the later document.

use std::collections::BTreeMap;

use crate::check::Fact;
use crate::diagnostic::{Code, Diagnostic};

/// How it is told of what a document has for itself, and of what all say alike.
const OWN: [&str; 3] = [
    "and",
    "the other document",
    "give each document one of its own, by which people and releases tell it from the others",
];
const ONE: [&str; 3] = [
    "but",
    "the other statement",
    "one fact has one value: mend the one that is wrong, or draw both from one place by `$from`",
];

/// What documents say differently about one fact, with the number of the document that the finding is about. Texts in
/// somebody's own words are compared within a language only: a translation says the same in other words. What is a fact
/// of something, such as one of several systems, is compared between documents that name the same one. What is a document's
/// own no other one says in the same language, be it in other letters: a translation may bear the number of its original.
#[must_use]
pub fn contradictions(documents: &[Vec<Fact>]) -> Vec<(usize, Diagnostic)> {
    let mut first: BTreeMap<(&str, &str, &str), &Fact> = BTreeMap::new();
    let mut findings = Vec::new();
    for (index, facts) in documents.iter().enumerate() {
        for fact in facts {
            let earlier = first.entry((&fact.name, &fact.subject, &fact.language)).or_insert(fact);
            if earlier.place.source == fact.place.source || !(fact.own || earlier.value != fact.value) {
                continue;
            }
            let [and, other, help] = if fact.own { OWN } else { ONE };
            let message =
                format!("{} is `{}` here {and} `{}` in another document", fact.title, fact.value, earlier.value);
            let finding = Diagnostic::error(Code::ConflictingValues, fact.place.clone(), message)
                .clauses(fact.clauses.iter().cloned())
                .related(earlier.place.clone(), other)
                .help(help);
            findings.push((index, finding));
        }
    }
    findings
}
