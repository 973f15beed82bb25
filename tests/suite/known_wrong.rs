//! What is known to be wrong, as data and as the program finds it in answers: every sentence of every language of
//! `schemas/known-wrong/`.

use std::collections::BTreeSet;

use regex::Regex;
use techfile::Catalog;
use techfile::catalog::{Fact, Known, KnownWrong, Told, is_date};
use techfile::diagnostic::{Code, Diagnostic, Severity};

use crate::repository::{read, root};
use crate::stages::{catalog, checked};

/// Every language that documents are written in has the facts.
const LANGUAGES: [&str; 5] = ["de", "en", "fr", "it", "nl"];

fn known<'c>(catalog: &'c Catalog, language: &str) -> &'c KnownWrong {
    let known = catalog.known_wrong(language).unwrap_or_else(|| panic!("nothing in {language}"));
    known.unwrap_or_else(|error| panic!("{error}"))
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

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
fn a_fact_is_told_in_every_language_with_its_source_and_sentences_that_show_it() {
    let catalog = catalog();
    assert_eq!(catalog.known_wrong_languages().collect::<Vec<_>>(), LANGUAGES);
    let mut faults = Vec::new();
    for language in LANGUAGES {
        let KnownWrong { date, facts, .. } = known(&catalog, language);
        assert!(is_date(date));
        assert!(facts.len() >= 21, "{} facts", facts.len());
        let ids: BTreeSet<&str> = facts.iter().map(|fact| fact.known.id.as_str()).collect();
        assert_eq!(ids.len(), facts.len());
        for Fact { known: Known { id, source, since, clauses }, told } in facts {
            assert!(!source.is_empty() && (is_date(since) || is_date(&format!("{since}-01"))), "{id}: {since}");
            assert!(!clauses.is_empty(), "{id} must say what to read");
            let lost = clauses.iter().filter(|clause| catalog.clause(clause).is_none());
            faults.extend(lost.map(|clause| format!("{id}: there is no `{clause}`")));
            let Told { correct, patterns, wrong, right, .. } = told;
            let three = |sentences: &[String]| sentences.iter().collect::<BTreeSet<_>>().len() >= 3;
            if correct.trim().is_empty() || patterns.is_empty() || !three(wrong) || !three(right) {
                faults.push(format!("{id} ({language}): a fact, patterns, and three sentences of each sort"));
            }
        }
    }
    // A fact is translated, not copied.
    for (index, language) in LANGUAGES.iter().enumerate() {
        for other in &LANGUAGES[index + 1..] {
            for (one, two) in known(&catalog, language).facts.iter().zip(&known(&catalog, other).facts) {
                let (first, second) = (&one.told, &two.told);
                let same = first.wrong.iter().any(|sentence| second.wrong.contains(sentence));
                if same || first.correct == second.correct {
                    faults.push(format!("{}: the same words in {language} and {other}", one.known.id));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn a_pattern_is_shown_by_a_sentence_and_excuses_none_that_is_wrong() {
    let catalog = catalog();
    let mut faults = Vec::new();
    for language in LANGUAGES {
        for Fact { known: Known { id, .. }, told } in &known(&catalog, language).facts {
            let plain = |text: &String| {
                let text = text.to_lowercase().replace('\u{2019}', "'").replace('\u{2011}', "-");
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let wrong: Vec<String> = told.wrong.iter().map(plain).collect();
            let right: Vec<String> = told.right.iter().chain([&told.correct]).map(plain).collect();
            for pattern in told.patterns.iter().chain(&told.with).chain(&told.unless) {
                if *pattern != pattern.to_lowercase() || pattern.contains(['\u{2019}', '\u{2011}', '\u{a0}']) {
                    faults.push(format!("{id} ({language}): texts are not matched so: {pattern}"));
                }
            }
            let compiled = |pattern: &String| {
                (pattern.clone(), Regex::new(pattern).unwrap_or_else(|error| panic!("{id} ({language}): {error}")))
            };
            for (pattern, regex) in told.patterns.iter().chain(&told.with).map(compiled) {
                if !wrong.iter().any(|text| regex.is_match(text)) {
                    faults.push(format!("{id} ({language}): no wrong sentence shows {pattern}"));
                }
            }
            // What must stand beside a match saves a sentence that nothing else would.
            let any = |patterns: &[String], text: &String| {
                patterns.iter().map(compiled).any(|(_, regex)| regex.is_match(text))
            };
            let saved = |text: &String| any(&told.patterns, text) && !any(&told.unless, text) && !any(&told.with, text);
            if !told.with.is_empty() && !right.iter().any(saved) {
                faults.push(format!("{id} ({language}): what is `with` for?"));
            }
            for (pattern, regex) in told.unless.iter().map(compiled) {
                let excused = wrong.iter().filter(|text| regex.is_match(text));
                faults.extend(excused.map(|text| format!("{id} ({language}): excused by {pattern}: {text}")));
                if !right.iter().any(|text| regex.is_match(text)) {
                    faults.push(format!("{id} ({language}): no right sentence shows {pattern}"));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn every_wrong_sentence_is_found_and_no_right_one_is() {
    let catalog = catalog();
    let mut faults = Vec::new();
    for language in LANGUAGES {
        let facts = &known(&catalog, language).facts;
        for Fact { known, told } in facts {
            let named = |found: &Diagnostic| found.message.contains(&format!("({})", known.id));
            for sentence in &told.wrong {
                let found = found(&catalog, language, "story", &format!("story: {}", quoted(sentence)));
                match found.iter().find(|found| named(found)) {
                    None => faults.push(format!("{} ({language}) is not found: {sentence}", known.id)),
                    Some(finding) => {
                        let help = finding.help.as_deref().unwrap_or_default();
                        assert!(help.starts_with(told.correct.trim()), "{help}");
                        assert!(help.contains(&known.source) && help.contains(&known.since), "{help}");
                        assert_eq!((&finding.clauses, finding.severity), (&known.clauses, Severity::Warning));
                        assert_eq!(finding.place.pointer, "/story");
                    }
                }
                let others = found.iter().filter(|found| !named(found));
                faults.extend(others.map(|found| format!("{} ({language}), too: {sentence}", found.message)));
            }
            // Who repeats what the finding says is right.
            for sentence in told.right.iter().chain([&told.correct]) {
                let found = found(&catalog, language, "story", &format!("story: {}", quoted(sentence)));
                faults.extend(found.iter().map(|found| format!("{} ({language}): {sentence}", found.message)));
            }
        }
    }
    none(&faults);
}

/// A technical documentation in each language with one statement that is wrong, in the characters that a typesetter takes:
/// the finding says in that language what is so, where it stands, and underlines the words.
#[test]
fn a_document_is_told_in_its_language_what_is_so_and_where_it_stands() {
    let catalog = catalog();
    let sample = read("samples/credit-scoring/answers.yaml");
    let summary = "Points 1 and 2(a) to 2(f), before training of version 2.3.0; test thresholds frozen";
    for (language, sentence, words, correct) in [
        (
            "de",
            "Es drohen Geldbu\u{ad}ßen bis 30\u{202f}Mio.\u{a0}€ oder 6\u{a0}% des Umsatzes.",
            "30\u{202f}Mio.\u{a0}€ oder 6\u{a0}%",
            "Geldbußen nach Artikel 99 betragen bis zu 35 000 000 EUR",
        ),
        (
            "fr",
            "L\u{2019}AMENDE va jusqu\u{2019}à 30\u{a0}millions d\u{2019}euros, ou à 6\u{202f}% du chiffre d\u{2019}affaires.",
            "30\u{a0}millions d\u{2019}euros, ou à 6\u{202f}%",
            "Les amendes prévues à l’article 99 vont jusqu’à 35 000 000 EUR",
        ),
        (
            "it",
            "Chi sbaglia paga fino a 30\u{a0}milioni di euro o al 6% del fatturato.",
            "30\u{a0}milioni di euro o al 6%",
            "Le sanzioni pecuniarie dell’articolo 99 arrivano a 35 000 000 EUR",
        ),
    ] {
        let text = sample.replacen("language: en", &format!("language: {language}"), 1);
        let text = text.replacen(summary, &quoted(sentence), 1);
        let checked = checked(&text, "answers.yaml", &root().join("samples/credit-scoring"), &catalog);
        let findings = match &checked {
            Ok(checked) => checked.remarks(),
            Err(findings) => findings,
        };
        let told: Vec<&Diagnostic> = findings.iter().filter(|finding| finding.code == Code::KnownWrong).collect();
        let [finding] = told[..] else { panic!("{language}: {told:?}") };
        let help = finding.help.as_deref().unwrap_or_default();
        assert!(help.starts_with(correct), "{help}");
        assert!(help.ends_with("(Regulation (EU) 2024/1689, Article 99(3) to (6a); since 2024-08-01)"), "{help}");
        assert_eq!(finding.place.pointer, "/document/revisions/0/summary");
        let underlined = finding.place.source.slice(finding.place.span);
        assert!(underlined.contains(words), "{language}: {underlined}");
        assert!(underlined.len() < sentence.len(), "{language}: {underlined}");
    }
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
    // Each sentence that says it is told, and each once.
    let two = "story: |\n  A.6.2.5 is human oversight; and human oversight is A.6.2.5.\n\n  So A.6.2.5 is human oversight, see A.6.2.5.";
    let spans: Vec<_> = found(&catalog, "en", "story", two).iter().map(|found| found.place.span).collect();
    assert_eq!(spans.len(), 3, "{spans:?}");
    assert!(spans[0].start < spans[1].start && spans[1].start < spans[2].start, "{spans:?}");
    // Where a link leads is no statement.
    let link = "story: \"[the list](https://example.eu/a.6.2.5/human%20oversight) and human oversight\"";
    assert_eq!(found(&catalog, "en", "story", link), []);
    // A language that the list does not have.
    assert_eq!(found(&catalog, "pt", "story", "story: A.6.2.5 covers human oversight"), []);
    // Of another language, the patterns are not those of the document.
    assert_eq!(found(&catalog, "de", "story", "story: A.6.2.5 covers human oversight"), []);
}
