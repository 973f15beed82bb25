//! The sample project, as its invented provider works in it: one technical file and one management system that agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::program::{Ran, techfile};
use crate::repository::{files, root};
use crate::samples::{PROJECT, project};
use crate::tree::Tree;

const FILE: &str = "answers.yaml";
const ASSESSMENT: &str = "aims/ai-risk-assessment/answers.yaml";
const TREATMENT: &str = "aims/ai-risk-treatment/answers.yaml";
const STATEMENT: &str = "aims/statement-of-applicability/answers.yaml";

/// A copy of the project, to work in.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        let folder = format!("samples/{PROJECT}/");
        for path in files(&folder) {
            let to = copy.at(&path[folder.len()..]);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(root().join(&path), to).unwrap();
        }
        copy
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn change(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert_eq!(text.matches(from).count(), 1, "{path}: {from}");
        fs::write(self.at(path), text.replace(from, to)).unwrap();
    }

    fn ends(&self, code: i32, arguments: &[&str]) -> Ran {
        let ran = techfile(self.0.path(), arguments);
        assert_eq!(ran.code, code, "{arguments:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// The content id and the digests of the clauses of a document that was built.
    fn identity(&self, path: &str) -> (String, BTreeMap<String, String>) {
        let manifest: Json = serde_json::from_str(&self.text(path)).unwrap();
        let clauses = manifest["clauses"].as_object().expect("a manifest has clauses").iter();
        let clauses = clauses.map(|(clause, digest)| (clause.clone(), digest.as_str().unwrap().to_owned()));
        (manifest["content_id"].as_str().unwrap().to_owned(), clauses.collect())
    }
}

#[test]
fn in_its_folder_no_command_needs_an_argument() {
    let copy = Copy::new();
    let ran = copy.ends(0, &["check", "--deny", "warnings"]);
    assert!(ran.stderr.contains("no findings in 16 files"), "{}", ran.stderr);
    let ran = copy.ends(0, &["build"]);
    let built: BTreeSet<&str> = ran.stdout.lines().collect();
    let wanted: BTreeSet<String> = project()
        .iter()
        .map(|sample| format!("build/{}pdf", own(&sample.answers()).trim_end_matches("yaml")))
        .collect();
    assert_eq!(built, wanted.iter().map(String::as_str).collect());
    // What collects stands last, and holds what the goldens hold.
    let last: Vec<&str> = ran.stdout.lines().skip(14).collect();
    assert_eq!(last, ["build/aims/alignment-report/answers.pdf", "build/aims/document-register/answers.pdf"]);
    for sample in project() {
        let own = own(&sample.answers()).trim_end_matches(".yaml").to_owned();
        let golden = crate::repository::read(&sample.golden());
        assert!(copy.text(&format!("build/{own}.md")) == golden, "{own}: another document than its golden");
    }
    copy.ends(0, &["verify"]);
    let ran = copy.ends(0, &["build"]);
    assert!(!ran.stderr.contains("built,"), "{}", ran.stderr);
}

#[test]
fn its_coverage_lacks_no_point_and_says_what_the_standard_does_not_give() {
    let copy = Copy::new();
    let told: Json = serde_json::from_str(&copy.ends(0, &["coverage", "--format", "json"]).stdout).unwrap();
    let framework = |id: &str| {
        let all = told["frameworks"].as_array().unwrap().iter();
        all.into_iter().find(|framework| framework["framework"] == id).unwrap()
    };
    let law = framework("eu-ai-act");
    let points = law["clauses"].as_array().unwrap().iter();
    let points: Vec<&Json> =
        points.filter(|line| line["id"].as_str().unwrap().starts_with("eu-ai-act:annex-iv.")).collect();
    assert!(points.len() >= 22, "{}", points.len());
    for point in points {
        assert!(["answered", "not-applicable"].contains(&point["state"].as_str().unwrap()), "{point}");
        assert_eq!(point["answers"][0]["document"], "TF-EKS-2026-001", "{point}");
    }
    let lone = law["no_counterpart"].to_string();
    for what in ["CE marking", "declaration of conformity", "EU database"] {
        assert!(lone.to_lowercase().contains(&what.to_lowercase()), "{what}: {lone}");
    }
    let standard = framework("iso-42001");
    let controls = standard["clauses"].as_array().unwrap().iter();
    let left_out: Vec<&Json> = controls.filter(|line| line["state"] == "not-applicable").collect();
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(left_out[0]["id"], "iso-42001:a.10.4");
    assert!(left_out[0].to_string().contains("No risk of the register"));
}

#[test]
fn one_register_of_risks_serves_both_frameworks() {
    let copy = Copy::new();
    let some = [FILE, ASSESSMENT, TREATMENT];
    let build = |copy: &Copy| {
        let mut found = Vec::new();
        for path in some {
            copy.ends(0, &["build", path]);
            found.push(copy.identity(&format!("build/{}.manifest.json", path.trim_end_matches(".yaml"))));
        }
        found
    };
    // The technical file is signed, so another risk would not be built: here nobody has signed yet.
    let text = copy.text(FILE);
    let (start, end) = (text.find("\nsign_off:\n").unwrap(), text.find("\n# Point 1").unwrap());
    fs::write(copy.at(FILE), format!("{}\nsign_off:\n  status: draft\n{}", &text[..start], &text[end..])).unwrap();
    let before = build(&copy);
    copy.change("risk-register.yaml", "description: An attacker learns from", "description: An outsider learns from");
    let after = build(&copy);
    assert_ne!(before[0].0, after[0].0);
    assert_ne!(before[1].0, after[1].0);
    assert_eq!(before[2].0, after[2].0, "the treatment does not repeat the description");
    let changed = |index: usize, clause: &str| {
        let at = |found: &[(String, BTreeMap<String, String>)]| found[index].1.get(clause).cloned();
        assert!(at(&before).is_some(), "{clause}");
        at(&before) != at(&after)
    };
    assert!(changed(0, "eu-ai-act:annex-iv.5") && !changed(0, "eu-ai-act:annex-iv.3"));
    assert!(changed(1, "iso-42001:6.1.2"));
    for path in ["build/answers.md", "build/aims/ai-risk-assessment/answers.md"] {
        assert!(copy.text(path).contains("An outsider learns from"), "{path}");
    }
    copy.change("risk-register.yaml", "title: drift stays unnoticed", "title: nobody sees the drift");
    copy.ends(0, &["build", TREATMENT]);
    assert!(copy.text("build/aims/ai-risk-treatment/answers.md").contains("nobody sees the drift"));
}

#[test]
fn a_fact_that_one_of_its_documents_states_otherwise_is_found() {
    let copy = Copy::new();
    let drawn = "version: {$from: ../../facts.yaml#/system/version}";
    copy.change("aims/ai-impact-assessment/answers.yaml", drawn, "version: 2.2.1");
    let ran = copy.ends(1, &["check"]);
    assert!(ran.stderr.contains("error[conflicting-values]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("is `2.3.0` here but `2.2.1` in another document"), "{}", ran.stderr);
    // The fact itself: the signed declaration says something else from then on.
    let copy = Copy::new();
    copy.change("facts.yaml", "  version: 2.3.0", "  version: 2.4.0");
    let ran = copy.ends(1, &["check", FILE]);
    let told = "version named in the declaration is `2.3.0` here but `2.4.0` elsewhere";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn a_second_system_of_the_provider_has_a_version_of_its_own() {
    let copy = Copy::new();
    let provider = "provider: {$from: ../facts.yaml#/provider}";
    let other = crate::repository::read("samples/lung-nodule-ct/answers.yaml");
    let start = other.find("\nprovider:\n").unwrap() + 1;
    let end = start + other[start..].find("\nauthorised_representative:").unwrap();
    fs::create_dir(copy.at("second")).unwrap();
    fs::write(copy.at("second/answers.yaml"), other.replace(&other[start..end], provider)).unwrap();
    for path in files("samples/lung-nodule-ct/evidence") {
        let to = copy.at(&path.replacen("samples/lung-nodule-ct", "second", 1));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(path), to).unwrap();
    }
    copy.change("techfile.yaml", "aims/*/answers.yaml", "aims/*/answers.yaml, second/answers.yaml");
    let ran = copy.ends(0, &["check"]);
    assert!(ran.stderr.contains("in 17 files") && !ran.stderr.contains("conflicting"), "{}", ran.stderr);
    // Each is held against its own documents.
    let drawn = "version: {$from: ../../facts.yaml#/system/version}";
    copy.change("aims/ai-impact-assessment/answers.yaml", drawn, "version: 2.2.1");
    let ran = copy.ends(1, &["check"]);
    assert_eq!(ran.stderr.matches("error[").count(), 1, "{}", ran.stderr);
    copy.change("aims/ai-impact-assessment/answers.yaml", "version: 2.2.1", drawn);
    // The declaration in a technical file is of its system, whichever it names.
    let name = "  system_name: Example Score";
    let second = other.lines().skip_while(|line| *line != "system:").find(|line| line.starts_with("  name:")).unwrap();
    copy.change(FILE, name, &second.replace("name:", "system_name:"));
    let ran = copy.ends(1, &["check", FILE]);
    assert!(ran.stderr.contains("system named in the declaration is `"), "{}", ran.stderr);
    copy.change(FILE, &second.replace("name:", "system_name:"), name);
    // The provider is one for both.
    copy.change("second/answers.yaml", provider, &other[start..end]);
    let ran = copy.ends(1, &["check"]);
    assert!(ran.stderr.contains("error[conflicting-values]: name of the provider is"), "{}", ran.stderr);
}

/// Path of a document from the folder of the project.
fn own(path: &str) -> String {
    Path::new(path).strip_prefix(format!("samples/{PROJECT}")).unwrap().to_str().unwrap().replace('\\', "/")
}

fn trees() -> BTreeMap<String, Tree> {
    project().iter().map(|sample| (own(&sample.answers()), sample.tree())).collect()
}

/// Texts under a key, wherever it stands below a tree; lists are gone through.
fn texts(tree: &Tree, key: &str, found: &mut Vec<String>) {
    match tree {
        Tree::Map(entries) => {
            for (name, value) in entries {
                match value {
                    Tree::Text(text) if name == key => found.push(text.clone()),
                    Tree::List(items) if name == key => found.extend(items.iter().filter_map(text)),
                    _ => texts(value, key, found),
                }
            }
        }
        Tree::List(items) => items.iter().for_each(|item| texts(item, key, found)),
        _ => {}
    }
}

fn text(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn all(tree: &Tree, pointer: &str, key: &str) -> BTreeSet<String> {
    let mut tree = tree.clone();
    let mut found = Vec::new();
    texts(tree.at_mut(pointer).unwrap_or_else(|| panic!("{pointer}")), key, &mut found);
    found.into_iter().collect()
}

/// Everybody who is named, with every role: what follows a comma, a semicolon or a bracket is a remark.
fn people(tree: &Tree, found: &mut BTreeMap<String, BTreeSet<String>>) {
    match tree {
        Tree::Map(entries) => {
            let of = |names: &[&str]| {
                entries.iter().find(|(name, _)| names.contains(&name.as_str())).and_then(|(_, value)| text(value))
            };
            if let (Some(name), Some(role)) = (of(&["name", "by"]), of(&["role"])) {
                let role = role.split([',', ';', '(']).next().unwrap().trim().to_owned();
                found.entry(name).or_default().insert(role);
            }
            entries.iter().for_each(|(_, value)| people(value, found));
        }
        Tree::List(items) => items.iter().for_each(|item| people(item, found)),
        _ => {}
    }
}

#[test]
fn its_documents_name_the_same_people_systems_risks_and_controls() {
    let trees = trees();
    assert_eq!(trees.len(), 16);
    let mut found = BTreeMap::new();
    trees.values().for_each(|tree| people(tree, &mut found));
    let several: Vec<_> = found.iter().filter(|(_, roles)| roles.len() > 1).collect();
    assert!(found.len() > 12 && several.is_empty(), "{several:?}");

    let risks = all(&trees[ASSESSMENT], "/risks", "id");
    assert_eq!(risks.len(), 9);
    assert_eq!(all(&trees[TREATMENT], "/treatments", "risk"), risks);
    let product = all(&trees[FILE], "/risk_management/risks", "id");
    assert!(all(&trees[ASSESSMENT], "/risks", "related").is_subset(&product));
    assert!(all(&trees[STATEMENT], "/controls", "risks").is_subset(&risks));

    let systems = all(&trees[STATEMENT], "/scope/systems", "name");
    assert_eq!(systems.len(), 3);
    for (path, pointer) in [(ASSESSMENT, "/systems"), ("aims/aims-scope/answers.yaml", "/systems")] {
        assert_eq!(all(&trees[path], pointer, "name"), systems, "{path}");
    }

    // What treats a risk is applied, and says which risk it treats; what is excluded treats none.
    let mut statement = trees[STATEMENT].clone();
    let Some(Tree::List(controls)) = statement.at_mut("/controls") else { panic!("no controls") };
    let mut left_out = 0;
    for control in controls {
        let one = |key: &str| all(control, "", key);
        let number = one("number").into_iter().next().unwrap();
        let mut treatment = trees[TREATMENT].clone();
        let Some(Tree::List(treatments)) = treatment.at_mut("/treatments") else { panic!("no treatments") };
        let used = treatments.iter().filter(|treatment| all(treatment, "", "controls").contains(&number));
        let used: BTreeSet<String> = used.flat_map(|treatment| all(treatment, "", "risk")).collect();
        assert_eq!(one("risks"), used, "{number}");
        left_out += usize::from(one("decision").contains("excluded"));
    }
    assert_eq!(left_out, 1);
}
