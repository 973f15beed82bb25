//! Which clause is answered where: over the sample project, over lists of clauses, and as the program says it.

use serde_json::Value as Json;
use techfile::catalog::{Catalog, Relation};
use techfile::check::CoverState;
use techfile::coverage::{Stated, coverage};

use crate::desk::Desk;
use crate::program::techfile;
use crate::repository::{read, root};
use crate::samples;
use crate::stages::{catalog, checked};

const LAW: &str = "eu-ai-act";
const STANDARD: &str = "iso-42001";

/// What the documents of the sample project say.
fn project(catalog: &Catalog) -> Vec<Stated> {
    let stated = samples::project().into_iter().map(|sample| {
        let checked = checked(&sample.text, &sample.answers(), &sample.folder(), catalog);
        Stated::of(&checked.unwrap_or_else(|findings| panic!("{}: {findings:#?}", sample.name)))
    });
    stated.filter(|stated| !stated.is_collected).collect()
}

#[test]
fn the_sample_project_lacks_no_annex_iv_point_and_knows_what_the_standard_does_not_give() {
    let catalog = Catalog::builtin();
    let documents = project(&catalog);
    assert!(documents.len() > 12);
    let law = coverage(&catalog, LAW, &documents, "en").unwrap();
    let of = |line: &str| line.starts_with("eu-ai-act:annex-iv.");
    let points: Vec<_> = law.lines.iter().filter(|line| of(&line.clause)).collect();
    assert!(points.len() >= 22, "{}", points.len());
    for line in points {
        assert_ne!(line.state, CoverState::Missing, "{}", line.clause);
        assert!(!line.answers.is_empty() && line.answers.iter().all(|(_, answer)| !answer.sections.is_empty()));
    }
    let lone: Vec<&str> = law.lone.iter().map(|lone| lone.id.as_str()).collect();
    for id in ["ce-marking", "declaration", "registration"] {
        assert!(lone.contains(&id), "{id}: {lone:?}");
    }
    assert!(law.bare.iter().any(|row| row.from == ["eu-ai-act:annex-iv.1.f"]));
    let standard = coverage(&catalog, STANDARD, &documents, "en").unwrap();
    let lone: Vec<&str> = standard.lone.iter().map(|lone| lone.id.as_str()).collect();
    assert!(lone.contains(&"statement-of-applicability") && lone.contains(&"internal-audit"), "{lone:?}");
    let controls = standard.lines.iter().filter(|line| line.clause.matches('.').count() > 1);
    assert!(controls.filter(|line| line.clause.contains(":a.")).count() >= 38);
    assert!(coverage(&catalog, STANDARD, &documents, "nl").is_ok());
}

#[test]
fn the_standard_alone_contributes_and_leaves_missing_what_nobody_answered() {
    let catalog = Catalog::builtin();
    let aims: Vec<Stated> =
        project(&catalog).into_iter().filter(|stated| stated.control.id != "TF-EKS-2026-001").collect();
    let law = coverage(&catalog, LAW, &aims, "en").unwrap();
    let data = law.lines.iter().find(|line| line.clause == "eu-ai-act:annex-iv.2.d").unwrap();
    assert_eq!((data.state, data.answers.len()), (CoverState::Missing, 0));
    assert_eq!(data.kinds, ["annex-iv"]);
    let lent = law.lent.iter().find(|lent| lent.row.from == ["eu-ai-act:annex-iv.2.d"]).unwrap();
    assert!(lent.answered.contains(&"iso-42001:a.7.2".to_owned()) && !lent.row.reason.is_empty());
    assert!(lent.documents.iter().any(|index| aims[*index].control.id == "AIMS-06"), "{lent:?}");
}

#[test]
fn a_row_is_lent_wherever_a_part_of_its_lending_side_is_answered() {
    let catalog = Catalog::builtin();
    let documents = project(&catalog);
    let answered: Vec<&str> = documents
        .iter()
        .flat_map(|stated| &stated.clauses)
        .filter(|answer| answer.state == CoverState::Answered)
        .map(|answer| answer.clause.as_str())
        .collect();
    let lent: Vec<_> = [LAW, STANDARD].map(|id| coverage(&catalog, id, &documents, "en").unwrap().lent).concat();
    let crosswalk = catalog.crosswalk("en").unwrap();
    for row in crosswalk.rows.iter().filter(|row| row.relation != Relation::None) {
        let lends = |to: &String| answered.iter().any(|id| id == to || id.starts_with(&format!("{to}.")));
        let told = lent.iter().find(|lent| lent.row.id == row.id);
        assert_eq!(told.is_some(), row.to.iter().any(lends), "{}", row.id);
        let Some(told) = told else { continue };
        assert!(told.answered.iter().all(|id| answered.contains(&id.as_str())), "{told:?}");
        assert!(!told.documents.is_empty(), "{}", row.id);
    }
    let of = |id: &str| lent.iter().find(|lent| lent.row.id == id).unwrap_or_else(|| panic!("{id} is not lent"));
    // Ranges such as “4–10” name the chapters; what answers them is further down.
    assert!(of("art-8").answered.contains(&"iso-42001:4.1".to_owned()), "{:?}", of("art-8").answered);
    assert!(of("art-8").answered.contains(&"iso-42001:10.2".to_owned()));
    assert!(of("a.6.2.7").answered.contains(&"eu-ai-act:annex-iv.1.a".to_owned()));
    // A clause that is answered stands for its parts.
    let risk = lent.iter().find(|lent| lent.row.id == "10.1").unwrap();
    assert!(risk.answered.contains(&"eu-ai-act:art-9.2".to_owned()), "{risk:?}");
    assert!(!risk.answered.contains(&"eu-ai-act:art-9.2.a".to_owned()), "{risk:?}");
}

#[test]
fn items_of_a_list_of_clauses_count_one_by_one() {
    let catalog = catalog();
    let letters = ["B", "C", "D", "E", "F", "G", "H"];
    let taken: String = letters.map(|letter| format!("  - {{number: ANNEX-IV.2.{letter}, taken: \"yes\"}}\n")).concat();
    let text = format!(
        "{}exams:\n  - {{number: ANNEX-IV.2.A, taken: \"no\", excuse: it was ill}}\n{taken}",
        read("tests/suite/toy/answers.yaml")
    );
    let checked = checked(&text, "answers.yaml", &root().join("tests/suite/toy"), &catalog).unwrap();
    let stated = Stated::of(&checked);
    let answer = |id: &str| stated.clauses.iter().find(|answer| answer.clause == id).unwrap();
    let left_out = answer("eu-ai-act:annex-iv.2.a");
    assert_eq!(
        (left_out.state, left_out.reasons[0].section.pointer.as_str(), left_out.reasons[0].text.as_str()),
        (CoverState::NotApplicable, "/exams/0", "it was ill")
    );
    assert_eq!(answer("eu-ai-act:annex-iv.2.b").state, CoverState::Answered);
    assert_eq!(answer("eu-ai-act:annex-iv.2.b").sections[0].pointer, "/exams/1");
    assert_eq!(answer("eu-ai-act:annex-iv.8").state, CoverState::ToFollow);
}

/// The statement of applicability of the sample project, with a change.
fn statement(from: &str, to: &str, catalog: &Catalog) -> Stated {
    let sample = samples::project().into_iter().find(|sample| sample.text.contains("\n  id: AIMS-06\n")).unwrap();
    assert!(sample.text.contains(from), "{from}");
    let text = sample.text.replacen(from, to, 1);
    Stated::of(&checked(&text, &sample.answers(), &sample.folder(), catalog).unwrap())
}

#[test]
fn an_item_of_which_a_part_is_still_to_come_is_open_and_lends_nothing() {
    let catalog = Catalog::builtin();
    let plain = statement("A.7.5", "A.7.5", &catalog);
    let item = |stated: &Stated| stated.clauses.iter().find(|of| of.clause == "iso-42001:a.7.5").unwrap().clone();
    let lends = |stated: Stated| {
        let law = coverage(&catalog, LAW, &[stated], "en").unwrap();
        let row = law.lent.into_iter().find(|lent| lent.row.id == "annex-iv.2.d").unwrap();
        row.answered.contains(&"iso-42001:a.7.5".to_owned())
    };
    assert_eq!(item(&plain).state, CoverState::Answered);
    // How far it has come is told in the words of the list.
    assert_eq!(item(&plain).words, ["status of the control: implemented"]);
    assert!(lends(plain));
    let whole = read("samples/credit-scoring/aims/statement-of-applicability/answers.yaml");
    let (_, rest) = whole.split_once("number: A.7.5").unwrap();
    let line = rest.lines().find(|line| line.trim_start().starts_with("implementation:")).unwrap();
    let open =
        statement(line, "    implementation: {pending: {what: who?, owner: Mara, due: \"2027-01-01\"}}", &catalog);
    assert_eq!(item(&open).state, CoverState::Open);
    assert!(!lends(open));
}

#[test]
fn a_document_that_collects_counts_for_what_it_says_itself() {
    let schema = "schemas/document-register.schema.json";
    let list = "\"x-collect\": \"documents\",";
    let text = read(schema);
    assert!(text.contains(list));
    let text = text.replace(list, &format!("{list} \"x-clause\": [\"iso-42001:7.5.1\"],"));
    let catalog = Catalog::with([(schema.to_owned(), text.into_bytes())]);
    let sample = samples::project().into_iter().find(|sample| sample.text.contains("kind: document-register")).unwrap();
    let checked = checked(&sample.text, &sample.answers(), &sample.folder(), &catalog).unwrap();
    assert!(checked.coverage().iter().any(|covered| covered.clause == "iso-42001:7.5.1"));
    let stated = Stated::of(&checked);
    let places = |id: &str| -> Option<Vec<&str>> {
        let answer = stated.clauses.iter().find(|answer| answer.clause == id)?;
        Some(answer.sections.iter().map(|section| section.pointer.as_str()).collect())
    };
    assert_eq!(places("iso-42001:7.5.3").unwrap(), ["/document", "/rules", "/external"]);
    assert_eq!(places("iso-42001:7.5.1"), None, "what was collected was said elsewhere");
    let ran = techfile(root(), &["coverage", "samples/credit-scoring/aims/document-register", "--framework", STANDARD]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains(": document control; rules for documents; documents from outside"), "{}", ran.stdout);
}

#[test]
fn the_program_says_it_in_three_ways() {
    let run = |arguments: &[&str]| {
        let ran = techfile(root(), &[&["coverage", "samples/credit-scoring/techfile.yaml"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let text = run(&[]);
    assert!(text.contains("AI Act (eu-ai-act): ") && text.contains("ISO/IEC 42001 (iso-42001): "), "{text}");
    assert!(text.contains("TF-EKS-2026-001: intended purpose") || text.contains("; intended purpose"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 96), "{text}");
    assert!(text.contains("for by none\n\n  Annex IV, point 1(a) "), "{text}");
    let flowing = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = flowing(&text);
    // What does not apply, where and in whose words.
    assert!(text.contains("illustrations of the product, not applicable: “The system is software"), "{text}");
    // The catalogue is larger than what anybody asks for.
    assert!(text.contains(" clauses that the document kinds ask for: ") && text.contains(" are asked for by none"));
    // What has no counterpart is told once, and of which side it is told.
    assert_eq!(text.matches("CE marking (Article 48): Nothing in the standard leads to CE marking.").count(), 1);
    assert_eq!(text.matches("- CE marking").count() + text.matches("- Article 48").count(), 1, "{text}");
    assert!(text.contains("- steps of conformity before release (Control A.6.2.5): A deployment plan"), "{text}");
    assert!(text.contains("- AI objectives (Clause 6.2, Control A.6.1.2, Control A.9.3): Objectives of"), "{text}");
    let markdown = run(&["--format", "markdown", "--framework", LAW]);
    assert!(markdown.contains(" are asked for by none"), "{markdown}");
    assert!(markdown.contains("## AI Act\n") && !markdown.contains("## ISO"), "{markdown}");
    let json: Json = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    assert_eq!((json["version"].as_u64(), json["frameworks"].as_array().map(Vec::len)), (Some(1), Some(2)));
    for told in [&text, &markdown, &json.to_string()] {
        let told = told.to_lowercase();
        assert!(!told.contains("compliant with") && !told.contains("is equivalent"));
    }
}

#[test]
fn what_cannot_be_covered_is_told_with_its_exit_code() {
    let desk = Desk::new();
    let ran = desk.ends(2, &["coverage", "answers.yaml", "--framework", "eu-ai-akt"]);
    assert!(ran.stderr.contains("did you mean `eu-ai-act`?"), "{}", ran.stderr);
    desk.ends(2, &["coverage", "nowhere.yaml"]);
    desk.write("b/answers.yaml", &desk.text("answers.yaml").replace("weight: 0.910", "weight: heavy"));
    let ran = desk.ends(1, &["coverage", "answers.yaml", "b/answers.yaml", "--framework", LAW]);
    assert!(ran.stdout.contains("TOY-1: the name of the toy"), "{}", ran.stdout);
    assert!(ran.stderr.contains("documents with errors are left out"), "{}", ran.stderr);
}

#[cfg(feature = "cli")]
#[test]
fn what_was_left_out_is_named_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.yaml"), "kind: annex-iv\n").unwrap();
    for format in ["text", "json", "markdown"] {
        let ran = crate::program::techfile(folder.path(), &["coverage", "--format", format, "broken.yaml"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stdout.contains("broken.yaml"), "{format}: {}", ran.stdout);
    }
    let ran = crate::program::techfile(folder.path(), &["explain", ""]);
    assert!(ran.code == 2 && !ran.stderr.contains("did you mean"), "{}", ran.stderr);
}
