//! The summary and the charts of a draft say no more than its answers.

use techfile::render;

use crate::samples::complete;
use crate::stages::checked;
use crate::tree::Tree;

fn pending(what: &str) -> Tree {
    let what = Tree::Map(vec![("what".to_owned(), Tree::Text(what.to_owned()))]);
    Tree::Map(vec![("pending".to_owned(), what)])
}

fn put(tree: &mut Tree, pointer: &str, value: Tree) {
    *tree.at_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value;
}

/// The complete technical documentation as a draft with other answers in it.
fn draft(change: impl FnOnce(&mut Tree)) -> String {
    let sample = complete("annex-iv").unwrap();
    let mut tree = sample.tree();
    put(&mut tree, "/sign_off", Tree::Map(vec![("status".to_owned(), Tree::Text("draft".to_owned()))]));
    change(&mut tree);
    let catalog = sample.catalog();
    let checked =
        checked(&tree.plain(), "answers.yaml", &sample.folder(), &catalog).unwrap_or_else(|f| panic!("{f:#?}"));
    render(checked, "answers", None).unwrap_or_else(|error| panic!("{error}")).markdown()
}

/// The rows of the table that a chart is drawn from.
fn rows<'m>(markdown: &'m str, chart: &str) -> Vec<&'m str> {
    let from = markdown.split_once(&format!("<!-- chart: {chart} -->\n\n"));
    from.map_or(Vec::new(), |(_, table)| table.lines().skip(2).take_while(|line| line.starts_with('|')).collect())
}

fn residual(tree: &mut Tree, part: &str) {
    let Some(Tree::List(risks)) = tree.at_mut("/risk_management/risks") else { panic!("there are risks") };
    for index in 0..risks.len() {
        put(tree, &format!("/risk_management/risks/{index}/{part}"), pending("rate it"));
    }
}

#[test]
fn a_state_without_ratings_has_no_row_in_the_matrix() {
    let full = draft(|_| ());
    assert_eq!(rows(&full, "risk-matrix").len(), 10, "{:?}", rows(&full, "risk-matrix"));
    for part in ["residual", "residual/severity"] {
        let half = draft(|tree| residual(tree, part));
        let rows = rows(&half, "risk-matrix");
        assert!(rows.len() == 5 && rows.iter().all(|row| row.contains("| Before measures |")), "{part}: {rows:?}");
        assert!(half.contains("| Risk register | 14; severity of the residual risks: open 14 |"), "{part}");
    }
    let none = draft(|tree| ["initial", "residual"].iter().for_each(|part| residual(tree, part)));
    assert!(
        rows(&none, "risk-matrix").is_empty()
            && none.contains("| [R-01](#r-01-young-applicants-are-flagged-too-often) |")
    );
}

#[test]
fn the_summary_finds_the_newest_change_wherever_it_stands() {
    let newest = |markdown: &str| markdown.lines().find(|line| line.starts_with("| Newest change")).map(str::to_owned);
    let first = newest(&draft(|_| ()));
    assert!(first.as_ref().is_some_and(|line| line.contains("2.3.0 (20 November 2026)")), "{first:?}");
    let turned = draft(|tree| match tree.at_mut("/changes") {
        Some(Tree::List(changes)) => changes.reverse(),
        _ => panic!("there are changes"),
    });
    assert_eq!(newest(&turned), first);
}

#[test]
fn the_summary_says_what_is_open() {
    let open = draft(|tree| {
        put(tree, "/intended_purpose", pending("the purpose"));
        put(tree, "/functioning/accuracy_overall", pending("the accuracy"));
    });
    let summary = open.split("\n## ").find(|part| part.starts_with("Summary")).unwrap();
    for said in [
        "**Intended purpose:** **Open (OP-1):** the purpose",
        "**Overall expected level of accuracy:** **Open (OP-2):** the accuracy",
        "- OP-1, [1(a) Intended purpose, provider and version](#1a-intended-purpose-provider-and-version): the purpose",
        "- OP-2, [3. Monitoring, functioning and control](#3-monitoring-functioning-and-control): the accuracy",
    ] {
        assert!(summary.contains(said), "{said} is not in {summary}");
    }
    // Many are a list of their own, and none is no list.
    let many = draft(|tree| residual(tree, "residual"));
    assert!(!many.split("\n## Document control").next().unwrap().contains("\n- OP-"));
    assert!(!draft(|_| ()).split("\n## Document control").next().unwrap().contains("**Open points**"));
}
