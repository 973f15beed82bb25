//! ISO/IEC 42001 as data, and its bridge to the AI Act.

use std::collections::{BTreeMap, BTreeSet};

use techfile::catalog::{Catalog, Clause, Form, Framework, Lone, Relation, Row, Shape};

const ISO: &str = "iso-42001";
/// The languages of the crosswalk.
const LANGUAGES: [&str; 2] = ["en", "nl"];

/// The clauses that an organisation is audited against, with their titles.
const CLAUSES: [(&str, &str); 36] = [
    ("4.1", "Understanding the organization and its context"),
    ("4.2", "Understanding the needs and expectations of interested parties"),
    ("4.3", "Determining the scope of the AI management system"),
    ("4.4", "AI management system"),
    ("5.1", "Leadership and commitment"),
    ("5.2", "AI policy"),
    ("5.3", "Roles, responsibilities and authorities"),
    ("6.1", "Actions to address risks and opportunities"),
    ("6.1.1", "General"),
    ("6.1.2", "AI risk assessment"),
    ("6.1.3", "AI risk treatment"),
    ("6.1.4", "AI system impact assessment"),
    ("6.2", "AI objectives and planning to achieve them"),
    ("6.3", "Planning of changes"),
    ("7.1", "Resources"),
    ("7.2", "Competence"),
    ("7.3", "Awareness"),
    ("7.4", "Communication"),
    ("7.5", "Documented information"),
    ("7.5.1", "General"),
    ("7.5.2", "Creating and updating"),
    ("7.5.3", "Control of documented information"),
    ("8.1", "Operational planning and control"),
    ("8.2", "AI risk assessment"),
    ("8.3", "AI risk treatment"),
    ("8.4", "AI system impact assessment"),
    ("9.1", "Monitoring, measurement, analysis and evaluation"),
    ("9.2", "Internal audit"),
    ("9.2.1", "General"),
    ("9.2.2", "Internal audit programme"),
    ("9.3", "Management review"),
    ("9.3.1", "General"),
    ("9.3.2", "Management review inputs"),
    ("9.3.3", "Management review results"),
    ("10.1", "Continual improvement"),
    ("10.2", "Nonconformity and corrective action"),
];

/// The controls of Annex A by their area: the numbers behind `a.<area>.`.
const CONTROLS: [(&str, &[&str]); 9] = [
    ("2", &["2", "3", "4"]),
    ("3", &["2", "3"]),
    ("4", &["2", "3", "4", "5", "6"]),
    ("5", &["2", "3", "4", "5"]),
    ("6", &["1.2", "1.3", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8"]),
    ("7", &["2", "3", "4", "5", "6"]),
    ("8", &["2", "3", "4", "5"]),
    ("9", &["2", "3", "4"]),
    ("10", &["2", "3", "4"]),
];

/// Clauses from 4 to 10 that call for a document, and those that call for a record.
const DOCUMENTS: [&str; 7] = ["4.3", "4.4", "5.2", "6.1.2", "6.1.3", "6.2", "7.5.1"];
const RECORDS: [&str; 12] =
    ["6.1.1", "6.1.4", "7.2", "7.5.3", "8.1", "8.2", "8.3", "8.4", "9.1", "9.2.2", "9.3.3", "10.2"];

fn framework(catalog: &Catalog) -> &Framework {
    catalog.framework(ISO).unwrap().unwrap_or_else(|error| panic!("{error}"))
}

fn is_control(framework: &Framework, clause: &Clause) -> bool {
    let parts = format!("{}.", clause.id);
    clause.id.starts_with("a.") && !framework.clauses().iter().any(|other| other.id.starts_with(&parts))
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_standard_has_38_controls_in_nine_areas() {
    let catalog = Catalog::builtin();
    let framework = framework(&catalog);
    let found: Vec<&str> =
        framework.clauses().iter().filter(|clause| is_control(framework, clause)).map(|c| c.id.as_str()).collect();
    let named: Vec<String> = CONTROLS
        .iter()
        .flat_map(|(area, numbers)| numbers.iter().map(move |number| format!("a.{area}.{number}")))
        .collect();
    assert_eq!(found, named);
    assert_eq!(found.len(), 38);
    let counts: Vec<usize> = CONTROLS.iter().map(|(_, numbers)| numbers.len()).collect();
    assert_eq!(counts, [3, 2, 5, 4, 9, 5, 4, 3, 3]);
    let annex = framework.clause("annex-a").unwrap();
    let areas: Vec<String> = CONTROLS.iter().map(|(area, _)| format!("a.{area}")).collect();
    assert_eq!(
        annex.related.iter().filter(|other| other.starts_with("a.")).collect::<Vec<_>>(),
        areas.iter().collect::<Vec<_>>()
    );
}

#[test]
fn the_standard_has_all_clauses_under_their_titles() {
    let catalog = Catalog::builtin();
    let framework = framework(&catalog);
    for (id, title) in CLAUSES {
        let clause = framework.clause(id).unwrap_or_else(|| panic!("no clause {id}"));
        assert_eq!((clause.title.as_str(), clause.label.as_str()), (title, format!("Clause {id}").as_str()));
    }
    let chapters: Vec<String> = (4..=10).map(|chapter: u8| chapter.to_string()).collect();
    let rest = |clause: &&Clause| !clause.id.starts_with('a') && !chapters.contains(&clause.id);
    assert_eq!(framework.clauses().iter().filter(rest).count(), CLAUSES.len(), "there is a clause that nobody named");
    assert!(chapters.iter().all(|chapter| framework.clause(chapter).is_some()));
    // What is most often told wrongly.
    assert_eq!(framework.clause("a.6.2.5").unwrap().title, "AI system deployment");
    assert_eq!(framework.clause("a.9.3").unwrap().title, "Objectives for responsible use of AI system");
    assert!(!framework.clauses().iter().any(|clause| clause.title.to_lowercase().contains("oversight")));
}

#[test]
fn nothing_of_the_standard_is_quoted() {
    let catalog = Catalog::builtin();
    for clause in framework(&catalog).clauses() {
        assert!(clause.text.is_none() && clause.needs.is_some(), "{} must be told in our words", clause.id);
    }
}

#[test]
fn documents_and_records_are_those_that_the_standard_calls_for() {
    let catalog = Catalog::builtin();
    let framework = framework(&catalog);
    let of = |form: Form| -> Vec<&str> {
        let clauses = framework.clauses().iter().filter(|clause| !clause.id.starts_with('a'));
        clauses.filter(|c| c.documented.as_ref().is_some_and(|d| d.form == form)).map(|c| c.id.as_str()).collect()
    };
    assert_eq!(of(Form::Document), DOCUMENTS);
    assert_eq!(of(Form::Record), RECORDS);
    let silent = |id: &&str| framework.clause(id).unwrap().documented.is_none();
    let controls = framework.clauses().iter().filter(|clause| is_control(framework, clause)).map(|c| c.id.as_str());
    assert_eq!(controls.filter(silent).collect::<Vec<_>>(), ["a.2.3", "a.8.3", "a.9.4", "a.10.2", "a.10.4"]);
}

#[test]
fn every_clause_of_the_standard_has_a_dutch_name() {
    let catalog = Catalog::builtin();
    let dutch = catalog.framework_in(ISO, "nl").unwrap().unwrap_or_else(|error| panic!("{error}"));
    for clause in dutch.law().clauses() {
        let label = dutch.label(clause).unwrap_or_else(|error| panic!("{error}"));
        assert!(dutch.heading(clause).is_some() && label != clause.label, "{}: {label}", clause.id);
    }
}

#[test]
fn the_crosswalk_reads_in_both_languages_and_claims_too_much_in_none() {
    let catalog = Catalog::builtin();
    let mut faults = Vec::new();
    let mut texts = Vec::new();
    for language in LANGUAGES {
        let crosswalk = catalog.crosswalk(language).unwrap_or_else(|error| panic!("{error}"));
        assert!(crosswalk.rows.len() > 100, "{} rows", crosswalk.rows.len());
        let words = crosswalk.rows.iter().flat_map(|row| [Some(&row.reason), row.about.as_ref()]).flatten();
        let words = words.chain(crosswalk.without_counterpart.iter().map(|lone| &lone.what)).chain([&crosswalk.note]);
        texts.push(words.cloned().collect::<Vec<_>>());
    }
    // "Equivalent", "compliant", and a share of overlap.
    for text in texts.iter().flatten() {
        let told = text.to_lowercase();
        let claims = ["equivalen", "complian", "complies", "gelijkwaardig", "in overeenstemming met", "%", "per cent"];
        faults
            .extend(claims.iter().filter(|claim| told.contains(**claim)).map(|claim| format!("`{claim}` in: {text}")));
    }
    none(&faults);
    // Reasons were translated, not copied.
    assert!(!texts[0].iter().zip(&texts[1]).any(|(english, dutch)| english == dutch));
}

#[test]
fn the_crosswalk_leads_somewhere_from_every_provision() {
    let catalog = Catalog::builtin();
    let crosswalk = catalog.crosswalk("en").unwrap_or_else(|error| panic!("{error}"));
    let mut faults = Vec::new();
    for Row { id, from, to, relation, nearest, .. } in &crosswalk.rows {
        let lost = from.iter().chain(to).chain(nearest).filter(|clause| catalog.clause(clause).is_none());
        faults.extend(lost.map(|clause| format!("{id}: there is no `{clause}`")));
        if (from.is_empty() || to.is_empty()) != (*relation == Relation::None) {
            faults.push(format!("{id}: a side is empty exactly where there is no relation"));
        }
    }
    let standard = framework(&catalog);
    let law = catalog.framework("eu-ai-act").unwrap().unwrap_or_else(|error| panic!("{error}"));
    // Points of Annex IV that have parts are answered by their parts.
    let points = law.clauses().iter().filter(|clause| clause.id.starts_with("annex-iv.") && clause.id != "annex-iv.p1");
    let points = points.filter(|clause| !["annex-iv.1", "annex-iv.2"].contains(&clause.id.as_str()));
    let points: Vec<String> = points.map(|clause| format!("eu-ai-act:{}", clause.id)).collect();
    assert_eq!(points.len(), 23);
    let controls = standard.clauses().iter().filter(|clause| is_control(standard, clause));
    let clauses = controls.map(|c| c.id.as_str()).chain(CLAUSES.iter().map(|(id, _)| *id).filter(|id| *id != "6.1"));
    let wanted = points.into_iter().chain(clauses.map(|id| format!("{ISO}:{id}")));
    let begins: BTreeSet<&String> = crosswalk.rows.iter().flat_map(|row| &row.from).collect();
    faults.extend(wanted.filter(|id| !begins.contains(id)).map(|id| format!("no row begins with `{id}`")));
    none(&faults);
    let lone = |of: &str| crosswalk.without_counterpart.iter().filter(|Lone { framework, .. }| framework == of).count();
    assert_eq!((lone("eu-ai-act"), lone(ISO)), (12, 8));
}

#[test]
fn every_provision_of_the_crosswalk_can_be_cited_in_dutch() {
    let catalog = Catalog::builtin();
    let crosswalk = catalog.crosswalk("nl").unwrap_or_else(|error| panic!("{error}"));
    let rows = crosswalk.rows.iter().flat_map(|row| row.from.iter().chain(&row.to).chain(&row.nearest));
    let all: BTreeSet<&String> =
        rows.chain(crosswalk.without_counterpart.iter().flat_map(|lone| &lone.clauses)).collect();
    let faults = all.into_iter().filter_map(|id| catalog.label_in(id, "nl").err()).map(|error| error.to_string());
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn what_stands_on_one_side_only_is_told_so() {
    let catalog = Catalog::builtin();
    let crosswalk = catalog.crosswalk("en").unwrap_or_else(|error| panic!("{error}"));
    let relation =
        |id: &str| crosswalk.rows.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("no row {id}")).relation;
    let lone = ["annex-iv.1.f", "annex-iv.7", "annex-iv.8", "art-43", "art-47", "art-48", "art-49", "art-99"];
    let lone = lone.into_iter().chain(["6.1.3.statement-of-applicability", "6.2", "9.2", "9.3", "certification"]);
    assert_eq!(lone.filter(|id| relation(id) != Relation::None).collect::<Vec<_>>(), Vec::<&str>::new());
    // Oversight is guidance in the standard and a requirement of design in the law.
    assert_eq!((relation("art-14"), relation("annex-iv.2.e")), (Relation::Partial, Relation::Partial));
    assert_eq!(relation("annex-iv.2.d"), Relation::SimilarPurpose);
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what a reader of this test wants to see")]
fn every_document_and_record_is_answered_by_a_kind() {
    let catalog = Catalog::builtin();
    let framework = framework(&catalog);
    let mut claims: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for id in catalog.kind_ids() {
        let kind = catalog.kind(id).unwrap().unwrap_or_else(|error| panic!("{error}"));
        let mut found: BTreeSet<String> = kind.legal_basis().into_iter().map(str::to_owned).collect();
        clauses(kind.schema().root(), 12, &mut found);
        for clause in found {
            claims.entry(clause).or_default().insert(id);
        }
    }
    let mut faults = Vec::new();
    for clause in framework.clauses().iter().filter(|clause| !clause.id.starts_with('a')) {
        let Some(documented) = &clause.documented else { continue };
        let kinds = claims.get(&format!("{ISO}:{}", clause.id));
        let told: Vec<&str> = kinds.into_iter().flatten().copied().collect();
        println!("{:6} {:?}: {} → {}", clause.id, documented.form, documented.what, told.join(", "));
        if told.is_empty() {
            faults.push(format!("no kind answers {}: {}", clause.id, documented.what));
        }
    }
    none(&faults);
}

/// Every provision that a shape or what is below it answers.
fn clauses(shape: Shape<'_>, depth: usize, found: &mut BTreeSet<String>) {
    found.extend(shape.clauses().into_iter().map(str::to_owned));
    if depth == 0 {
        return;
    }
    for whole in std::iter::once(shape).chain(shape.branches()) {
        for (_, property) in whole.properties() {
            clauses(property, depth - 1, found);
        }
    }
    if let Some(items) = shape.items() {
        clauses(items, depth - 1, found);
    }
}
