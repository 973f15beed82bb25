//! What `explain` says of provisions: every id of both catalogues.

use std::collections::BTreeSet;

use techfile::Catalog;
use techfile::catalog::{Clause, Framework, Status};
use techfile::report::provision;

/// Id, clause and explanation of every provision.
fn all(catalog: &Catalog) -> Vec<(String, &Framework, &Clause, String)> {
    let crosswalk = catalog.crosswalk("en").unwrap_or_else(|error| panic!("{error}"));
    let frameworks = catalog.framework_ids().map(|id| catalog.framework(id).expect("listed").expect("no fault"));
    let told = frameworks.flat_map(|framework| {
        let crosswalk = &crosswalk;
        framework.clauses().iter().map(move |clause| {
            let id = format!("{}:{}", framework.framework, clause.id);
            (id, framework, clause, provision(catalog, crosswalk, framework, clause))
        })
    });
    told.collect()
}

/// The part of an explanation under a heading.
fn part<'t>(text: &'t str, heading: &str) -> Option<&'t str> {
    let rest = text.split_once(&format!("\n{heading}\n"))?.1;
    Some(rest.split("\n\n").next().unwrap_or(rest))
}

#[test]
fn every_provision_says_what_it_asks_how_it_stands_and_what_answers_it() {
    let catalog = Catalog::builtin();
    let told = all(&catalog);
    assert!(told.len() > 500, "{} provisions", told.len());
    let mut answered = BTreeSet::new();
    for (id, framework, clause, text) in &told {
        assert!(text.starts_with(&format!("{}, {}: ", framework.short_name, clause.label)), "{text}");
        let asks = ["Text", "Parts", "What it needs, in our words"].into_iter().find_map(|heading| part(text, heading));
        let is_deleted = clause.state.status == Status::Deleted;
        assert_eq!(asks.is_none(), is_deleted, "{text}");
        let state = part(text, "Legal state").expect("how the law stands");
        assert!(state.contains(&format!("this is the state of {}", framework.state.date)), "{text}");
        for start in framework.applies(clause).iter().flat_map(|application| &application.dates) {
            assert!(state.contains(&format!("applies from {}", start.from)), "{text}");
        }
        if is_deleted {
            for heading in ["Fines", "Answered by", "Counterparts"] {
                assert_eq!(part(text, heading), None, "{text}");
            }
            continue;
        }
        let counterparts = part(text, "Counterparts").expect("what the other side has");
        assert!(counterparts.contains("  - "), "{text}");
        for word in ["equivalent", "compliant"] {
            assert!(!counterparts.contains(word), "{text}");
        }
        let ours = ["Counterparts", "Fines", "Parts"].map(|heading| part(text, heading).unwrap_or_default());
        for line in ours.into_iter().flat_map(str::lines) {
            assert!(line.chars().count() <= 96, "{id}: {line}");
        }
        if part(text, "Answered by").is_some() {
            answered.insert(id.as_str());
        }
    }
    for id in ["eu-ai-act:annex-iv.2.d", "eu-ai-act:art-72.3", "iso-42001:6.1.3", "iso-42001:a.5.2"] {
        assert!(answered.contains(id), "nothing answers {id}");
    }
    // What the list of all controls answers, and what only the clause above is asked for.
    for (id, ..) in told.iter().filter(|(id, ..)| id.starts_with("iso-42001:")) {
        let chapter = !id.contains('.') && id != "iso-42001:annex-a";
        assert!(chapter || answered.contains(id.as_str()), "nothing answers {id}");
    }
    let by = |id: &str| {
        let (.., text) = told.iter().find(|(known, ..)| known == id).unwrap();
        part(text, "Answered by").unwrap_or_default()
    };
    assert!(by("iso-42001:a.6.2.5").contains("statement-of-applicability /controls"), "{}", by("iso-42001:a.6.2.5"));
    assert!(by("iso-42001:7.5.1").contains("document-register /documents"), "{}", by("iso-42001:7.5.1"));
    // Only the Article as a whole is asked for.
    let above = by("eu-ai-act:art-6.1");
    assert!(above.contains("what answers AI Act, Article 6, of which this is a part"), "{above}");
    assert!(above.contains("annex-iv /classification"), "{above}");
}

#[test]
fn a_heading_names_its_parts() {
    let catalog = Catalog::builtin();
    let told = all(&catalog);
    let mut headings = 0;
    for (id, framework, clause, text) in &told {
        let parts = framework.children(&clause.id);
        if clause.text.as_deref() != Some(clause.title.as_str()) || parts.is_empty() {
            assert_eq!(part(text, "Parts"), None, "{id}");
            continue;
        }
        headings += 1;
        assert_eq!(part(text, "Text"), None, "{id}");
        let told = part(text, "Parts").unwrap_or_else(|| panic!("{id}"));
        for part in parts {
            assert!(told.contains(&format!("  - {} ({})", part.label, part.id)), "{id}: {told}");
        }
    }
    assert!(headings > 40, "{headings}");
    let of = |id: &str| {
        let (.., text) = told.iter().find(|(known, ..)| known == id).unwrap();
        part(text, "Parts").unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(of("eu-ai-act:art-9").contains("- Article 9(1) (art-9.1): A risk management system shall be established,"));
    assert!(of("eu-ai-act:annex-iv").contains("- Annex IV, point 2 (annex-iv.2): Elements of the AI system"));
    assert!(of("eu-ai-act:art-10").contains("- Article 10(5) (art-10.5): deleted"), "{}", of("eu-ai-act:art-10"));
    // Points behind an introductory sentence.
    assert!(of("eu-ai-act:art-16").contains("Article 16, point (c) (art-16.0.c): have a quality management system"));
}

#[test]
fn fines_are_those_of_the_law() {
    let catalog = Catalog::builtin();
    let told = all(&catalog);
    let framework = catalog.framework("eu-ai-act").expect("listed").expect("no fault");
    let penalties = framework.penalties.as_ref().expect("it has some");
    for tier in &penalties.tiers {
        let law = framework.clause(&tier.clause).and_then(|clause| clause.text.as_deref()).expect("its text");
        assert!(law.contains(&format!("up to {} or", tier.amount)), "{law}");
        assert!(law.contains(&format!("up to {} of its total worldwide annual turnover", tier.share)), "{law}");
        assert!(law.contains("whichever is higher"), "{law}");
        // The paragraph on SMEs speaks of all tiers, that on SMCs of the last two.
        let number = tier.clause.trim_start_matches("art-99.");
        let smc = framework.clause("art-99.6a").and_then(|clause| clause.text.as_deref()).expect("its text");
        let lower = tier.lower_for.iter().any(|who| who == "SMCs: Article 99(6a)");
        assert_eq!(lower, ["4", "5"].contains(&number) && smc.contains("paragraphs 4 and 5"), "{}", tier.clause);
        assert!(tier.lower_for.iter().any(|who| who == "SMEs, including start-ups: Article 99(6)"));
    }
    let fine = |id: &str| {
        let (.., text) = told.iter().find(|(known, ..)| known == id).unwrap_or_else(|| panic!("no {id}"));
        part(text, "Fines").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for (id, amount, basis) in [
        ("eu-ai-act:art-5.1.a", "EUR 35 000 000 or, for an undertaking, 7 %", "(Article 99(3))"),
        ("eu-ai-act:annex-iv.2.d", "EUR 15 000 000 or, for an undertaking, 3 %", "through Article 16, point (a)"),
        ("eu-ai-act:art-18.1", "EUR 15 000 000", "through Article 16, point (d)"),
        ("eu-ai-act:annex-v.3", "EUR 15 000 000", "through Article 16, point (g)"),
        ("eu-ai-act:art-25.4", "EUR 15 000 000", "(Article 99(4), point (da))"),
        ("eu-ai-act:art-50.2", "EUR 15 000 000", "(Article 99(4), point (g))"),
        ("eu-ai-act:art-99.5", "EUR 7 500 000 or, for an undertaking, 1 %", "(Article 99(5))"),
        ("eu-ai-act:art-27.1", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-4.1", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-4a.1", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-6.4", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-49.2", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-72.1", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-73", "left to the Member States", "Article 99(1)"),
        ("eu-ai-act:art-86.1", "left to the Member States", "Article 75c(4)"),
        ("eu-ai-act:art-72.3", "up to EUR 15 000 000 or 3 %", "Article 99(4), point (a), through Article 16"),
        ("eu-ai-act:art-49.3", "EUR 15 000 000", "(Article 99(4), point (e), through Article 26(8))"),
        ("eu-ai-act:art-49", "its parts are told of one by one", "art-49.1, art-49.2, art-49.3"),
        ("eu-ai-act:art-25", "its parts are told of one by one", "art-25.2, art-25.4"),
        ("eu-ai-act:art-99", "its parts are told of one by one", "art-99.3, art-99.4, art-99.5"),
        ("eu-ai-act:art-4.3", "A task of the Commission", "which no operator can fail in"),
    ] {
        let told = fine(id).unwrap_or_else(|| panic!("no fine for {id}"));
        assert!(told.contains(amount) && told.contains(basis), "{id}: {told}");
    }
    for id in ["eu-ai-act:art-10.5", "eu-ai-act:art-6.3", "eu-ai-act:annex-iii.1", "iso-42001:9.2"] {
        assert_eq!(fine(id), None, "{id}");
    }
}

/// Each route to a high-risk system has a date of its own, and what is for one route does not tell the date of the other.
#[test]
fn what_is_for_one_route_applies_from_its_date() {
    let catalog = Catalog::builtin();
    let framework = catalog.framework("eu-ai-act").expect("listed").expect("no fault");
    let starts = |id: &str| -> Vec<&str> {
        let clause = framework.clause(id).unwrap_or_else(|| panic!("no {id}"));
        framework.applies(clause).expect("it applies").dates.iter().map(|start| start.from.as_str()).collect()
    };
    for id in ["annex-iii", "annex-iii.5.b", "art-6.2", "art-6.3.s3", "art-6.4", "art-27.1"] {
        assert_eq!(starts(id), ["2027-12-02"], "{id}");
    }
    for id in ["annex-i", "annex-i.b.21", "art-6.1", "art-6.1.b", "art-6.1c"] {
        assert_eq!(starts(id), ["2028-08-02"], "{id}");
    }
    for id in ["annex-iv.2.b", "art-6", "art-11.1", "art-26.1"] {
        assert_eq!(starts(id), ["2027-12-02", "2028-08-02"], "{id}");
    }
    let of = |id: &str| framework.clause(id).and_then(|clause| framework.applies(clause)).expect("it applies");
    assert!(
        of("art-49.2").dates[0].systems.contains("not high-risk")
            && of("art-49.1").dates[0].systems.contains("high-risk")
    );
}

#[test]
fn counterparts_are_told_from_both_sides() {
    let catalog = Catalog::builtin();
    let told = all(&catalog);
    let counterparts = |id: &str| {
        let (.., text) = told.iter().find(|(known, ..)| known == id).unwrap_or_else(|| panic!("no {id}"));
        let part = part(text, "Counterparts").expect("it is always there");
        part.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(counterparts("eu-ai-act:annex-iv.2.d").contains("similar purpose: ISO/IEC 42001, Control A.7."));
    assert!(counterparts("iso-42001:a.7.5").contains("AI Act, Annex IV, point 2(d) (eu-ai-act:annex-iv.2.d)"));
    assert!(counterparts("eu-ai-act:art-48").contains("no counterpart"));
    assert!(counterparts("eu-ai-act:art-48").contains("does not know at all: CE marking"));
    // A part has the counterparts of the whole, and the whole those of its parts.
    assert!(counterparts("eu-ai-act:art-48.1").contains("those of AI Act, Article 48, of which this is a part"));
    assert!(counterparts("eu-ai-act:annex-iv.2").contains("annex-iv.2.d"));
    // A row of a whole chapter holds for what is in it, beside the rows of its own.
    let scope = counterparts("iso-42001:4.1");
    assert!(scope.contains("in part, as to roles: AI Act, Article 3"), "{scope}");
    let (own, above) = scope.split_once("those of ISO/IEC 42001, Clause 4, of which this is a part").unwrap();
    assert!(!own.contains("(eu-ai-act:art-8)") && above.contains("(eu-ai-act:art-8)"), "{scope}");
}
