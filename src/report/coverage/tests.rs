use super::*;
use crate::coverage::coverage;

#[test]
fn without_documents_all_is_missing_and_nobody_is_compliant() {
    let catalog = Catalog::builtin();
    let frameworks: Vec<_> = catalog
        .framework_ids()
        .map(|id| coverage(&catalog, id, &[], "en").expect("the catalogue has no fault"))
        .collect();
    assert!(frameworks.iter().all(|framework| framework.lent.is_empty() && !framework.lines.is_empty()));
    let left_out = ["docs/broken.yaml".to_owned()];
    let overview = Overview { catalog: &catalog, documents: &[], frameworks: &frameworks, left_out: &left_out };
    for told in [text(&overview), markdown(&overview), json(&overview)] {
        assert!(told.contains("docs/broken.yaml"), "{told}");
    }
    for told in [text(&overview), markdown(&overview), json(&overview)] {
        assert!(told.contains("CE marking") && told.contains("Statement of Applicability"), "{told}");
        let small = told.to_lowercase();
        assert!(!["compliant", "equivalent", "conforms"].iter().any(|word| small.contains(word)), "{told}");
    }
    assert!(text(&overview).contains("can be answered in: "));
    assert!(coverage(&catalog, "no-such-law", &[], "en").is_err());
}
