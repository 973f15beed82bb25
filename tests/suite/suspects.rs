//! A clause that was reviewed and has changed since is suspect, and the document says so.

use techfile::diagnostic::Code;
use techfile::identity::identify;
use techfile::{Document, render};

use crate::repository::{read, root};
use crate::stages::{catalog, checked};

const CLAUSE: &str = "eu-ai-act:annex-iv.1.b";

/// The toy with these lines under `reviews`, each a scope and the answers that were reviewed.
fn reviewed(answers: &str, reviews: &[(&str, Option<&str>, &str)]) -> Document {
    let catalog = catalog();
    let folder = root().join("tests/suite/toy");
    let toy = |text: &str| checked(text, "answers.yaml", &folder, &catalog).expect("the toy has no error");
    let mut lines = String::from("  reviews:\n");
    for (by, clause, of) in reviews {
        let identity = identify(&toy(of));
        let (clause, digest) = match clause {
            Some(clause) => (format!(", clause: \"{clause}\""), identity.clauses[*clause]),
            None => (String::new(), identity.content_id),
        };
        lines += &format!("    - {{by: {by}, role: Quality, date: \"2026-11-20\"{clause}, digest: \"{digest}\"}}\n");
    }
    let text = answers.replace("  status: draft\n", &format!("  status: draft\n{lines}"));
    assert_ne!(text, answers);
    render(toy(&text), "answers", None).unwrap_or_else(|error| panic!("{error}"))
}

fn told(document: &Document) -> Vec<String> {
    let remarks = document.remarks().iter().filter(|remark| remark.code == Code::Suspect);
    remarks.map(|remark| remark.message.clone()).collect()
}

#[test]
fn what_was_reviewed_and_changed_is_suspect_until_somebody_reviews_it_again() {
    let now = read("tests/suite/toy/answers.yaml");
    let before = now.replace("Four rings", "Five rings");
    assert_ne!(now, before);
    let document = reviewed(&now, &[("Jan", Some(CLAUSE), &now)]);
    assert_eq!((document.suspects(), told(&document)), (&[][..], Vec::new()));
    assert!(!document.markdown().contains("SUSPECT"));

    let document = reviewed(&now, &[("Jan", Some(CLAUSE), &before)]);
    assert_eq!(document.suspects().len(), 1);
    assert!(told(&document)[0].ends_with("has changed since Jan reviewed it"), "{:?}", told(&document));
    assert!(document.markdown().contains("**SUSPECT: changed since the review**"));
    // What people sign says nothing of it, so that a review can never change what is reviewed.
    assert!(!document.body().contains("SUSPECT"));

    let again = [("Jan", Some(CLAUSE), before.as_str()), ("Ada", Some(CLAUSE), &now)];
    assert_eq!(reviewed(&now, &again).suspects(), &[] as &[String], "reviewed again");
    let whole = [("Jan", Some(CLAUSE), before.as_str()), ("Ada", None, &now)];
    assert_eq!(reviewed(&now, &whole).suspects(), &[] as &[String], "the whole document was reviewed as it is");
    let whole = [("Ada", None, before.as_str())];
    assert_eq!(reviewed(&now, &whole).suspects(), ["the document"]);
}
