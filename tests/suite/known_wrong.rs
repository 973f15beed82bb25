//! What is known to be wrong, found by the program in answers: every sentence of `schemas/known-wrong.yaml`.

use techfile::Catalog;
use techfile::diagnostic::{Code, Diagnostic, Severity};

use crate::repository::{read, root};
use crate::stages::{catalog, checked};

/// What the sample of the toy kind says of facts when one answer is another, in a language.
fn found(catalog: &Catalog, language: &str, answer: &str, yaml: &str) -> Vec<Diagnostic> {
    let sample = read("tests/suite/toy/answers.yaml").replacen("language: en", &format!("language: {language}"), 1);
    let start = sample.find(&format!("\n{answer}:")).expect("the answer") + 1;
    let end = sample[start..].match_indices('\n').map(|(at, _)| start + at + 1);
    let end = end.into_iter().find(|at| !sample[*at..].starts_with([' ', '\n'])).expect("another answer");
    let text = format!("{}{yaml}\n{}", &sample[..start], &sample[end..]);
    let checked = checked(&text, "answers.yaml", &root().join("tests/suite/toy"), catalog);
    let findings = match &checked {
        Ok(checked) => checked.remarks(),
        Err(findings) => findings,
    };
    findings.iter().filter(|finding| finding.code == Code::KnownWrong).cloned().collect()
}

/// A sentence as a quoted scalar of YAML.
fn quoted(sentence: &str) -> String {
    format!("\"{}\"", sentence.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn every_wrong_sentence_is_found_and_no_right_one_is() {
    let catalog = catalog();
    let known = catalog.known_wrong().expect("it has no fault").expect("it is built in");
    let mut faults = Vec::new();
    let mut tried = 0;
    for fact in &known.facts {
        let languages = fact.patterns.keys();
        for language in languages {
            let named = |found: &Diagnostic| found.message.contains(&format!("({})", fact.id));
            for sentence in &fact.wrong[language] {
                tried += 1;
                let found = found(&catalog, language, "story", &format!("story: {}", quoted(sentence)));
                match found.iter().find(|found| named(found)) {
                    None => faults.push(format!("{} ({language}) is not found: {sentence}", fact.id)),
                    Some(finding) => {
                        let help = finding.help.as_deref().unwrap_or_default();
                        assert!(help.starts_with(fact.correct[language].trim()), "{help}");
                        assert!(help.contains(&fact.source) && help.contains(&fact.since), "{help}");
                        assert_eq!((&finding.clauses, finding.severity), (&fact.clauses, Severity::Warning));
                        assert_eq!(finding.place.pointer, "/story");
                    }
                }
            }
            for sentence in &fact.right[language] {
                let found = found(&catalog, language, "story", &format!("story: {}", quoted(sentence)));
                faults.extend(found.iter().map(|found| format!("{} ({language}): {sentence}", found.message)));
            }
        }
    }
    assert!(tried > 100, "{tried} sentences");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Markdown is read as its reader reads it, and the place is that of the words.
#[test]
fn the_words_are_underlined_wherever_they_stand() {
    let catalog = catalog();
    let place = |answer: &str, yaml: &str| -> String {
        let found = found(&catalog, "en", answer, yaml);
        assert_eq!(found.len(), 1, "{yaml}: {found:?}");
        found[0].place.source.slice(found[0].place.span).to_owned()
    };
    let folded = "story: |\n  Our control A.6.2.5 is on human\n  oversight, we say.";
    assert_eq!(place("story", folded), "A.6.2.5 is on human\n  oversight");
    assert_eq!(place("story", "story: \"A.6.2.5: *human* oversight\""), "\"A.6.2.5: *human* oversight\"");
    let row = "story: |\n  | control | subject |\n  | - | - |\n  | A.6.2.5 | Human oversight |";
    assert!(place("story", row).contains("A.6.2.5"));
    assert_eq!(place("toy_name", "toy_name: The A.6.2.5 human oversight tower"), "A.6.2.5 human oversight");
    let reason = "story: {not_applicable: A.6.2.5 covers human oversight}";
    assert_eq!(place("story", reason), "A.6.2.5 covers human oversight");
    // Where a link leads is no statement.
    let link = "story: \"[the list](https://example.eu/a.6.2.5/human%20oversight) and human oversight\"";
    assert_eq!(found(&catalog, "en", "story", link), []);
    // A language that the list does not have yet.
    assert_eq!(found(&catalog, "de", "story", "story: A.6.2.5 covers human oversight"), []);
}
