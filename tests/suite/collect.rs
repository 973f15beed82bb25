//! Documents that are made of other documents: what they hold, what they are without them, and what stands in the way.

use crate::desk::Desk;

/// A register beside the toy, approved by nobody.
const REGISTER: &str = "\
kind: document-register
document:
  id: REG-1
  title: Register
  revision: \"1\"
  date: \"2026-11-20\"
  language: en
  owner: The toy maker
  revisions:
    - {revision: \"1\", date: \"2026-11-20\", author: Ada Doe, summary: First issue}
sign_off:
  status: draft
organisation: Toy makers
rules: Each toy has a file.
external: None is needed.
";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("register.yaml", REGISTER);
    desk
}

/// "content 4177 e72a d967 cec3" of the last document that was built.
fn content(told: &str) -> String {
    told.split("content ").last().unwrap().split([';', '\n']).next().unwrap().to_owned()
}

#[test]
fn a_register_lists_the_other_documents_of_the_run_and_its_id_covers_them() {
    let desk = desk();
    // The register stands first on the command line and is made last.
    let ran = desk.ends(0, &["build", "register.yaml", "answers.yaml"]);
    assert_eq!(ran.stdout, "build/answers.pdf\nbuild/register.pdf\n");
    let text = desk.text("build/register.md");
    assert!(
        text.contains("| [TOY-1](#toy-1-toy-file) | Toy file | 1 | draft | The toy maker | 20 November 2027 |"),
        "{text}"
    );
    assert!(text.contains("Asked for by: Article 11(1)"), "{text}");
    let before = content(&ran.stderr);
    desk.write("answers.yaml", &desk.text("answers.yaml").replace("pieces: 5", "pieces: 6"));
    let ran = desk.ends(0, &["build", "register.yaml", "answers.yaml"]);
    assert_ne!(content(&ran.stderr), before, "another answer of the toy is another register");
}

#[test]
fn alone_it_is_empty_and_says_so() {
    let desk = desk();
    let ran = desk.ends(0, &["build", "register.yaml"]);
    assert!(ran.stderr.contains("warning[collected]: there are no other documents"), "{}", ran.stderr);
    assert!(desk.text("build/register.md").contains("There are no other documents"));
    // A project knows its documents, whichever of them is named.
    desk.write("docs/register/answers.yaml", &desk.text("register.yaml"));
    desk.write("docs/toy/answers.yaml", &desk.text("answers.yaml"));
    desk.write("docs/toy/drops.txt", &desk.text("drops.txt"));
    desk.write("docs/techfile.yaml", "documents: [\"*/answers.yaml\"]\n");
    let ran = desk.ends(0, &["build", "docs/register/answers.yaml"]);
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert!(desk.text("docs/build/register/answers.md").contains("[TOY-1]"));
}

#[test]
fn a_file_that_was_just_begun_checks_clean() {
    let folder = tempfile::tempdir().unwrap();
    for kind in techfile::Catalog::builtin().kind_ids() {
        let run = |arguments: &[&str]| crate::program::techfile(folder.path(), arguments);
        let file = format!("{kind}.yaml");
        assert_eq!(run(&["new", kind, "--out", &file]).code, 0, "{kind}");
        let ran = run(&["check", "--deny", "warnings", &file]);
        assert_eq!(ran.code, 0, "{kind}: {}", ran.stderr);
    }
}

#[test]
fn what_is_collected_is_not_written_by_hand() {
    let desk = desk();
    desk.write("by-hand.yaml", &format!("{}documents: []\n", desk.text("register.yaml")));
    let ran = desk.ends(1, &["check", "answers.yaml", "by-hand.yaml"]);
    assert!(ran.stderr.contains("error[collected]: `documents` is filled from the other documents"), "{}", ran.stderr);
    assert!(ran.stderr.contains("by-hand.yaml:16:1"), "{}", ran.stderr);
}

#[test]
fn nothing_is_collected_from_a_document_with_errors() {
    let desk = desk();
    desk.write("answers.yaml", &desk.text("answers.yaml").replace("weight: 0.910", "weight: heavy"));
    let ran = desk.ends(1, &["build", "answers.yaml", "register.yaml"]);
    assert!(ran.stderr.contains("error[collected]: `answers.yaml` has errors"), "{}", ran.stderr);
    assert!(!desk.at("build/register.pdf").exists());
}

#[test]
fn two_documents_of_one_number_are_found() {
    let desk = desk();
    desk.write("twin/twin.yaml", &desk.text("answers.yaml"));
    desk.write("twin/drops.txt", &desk.text("drops.txt"));
    let ran = desk.ends(1, &["check", "answers.yaml", "twin/twin.yaml", "register.yaml"]);
    assert!(ran.stderr.contains("error[conflicting-values]: the id `TOY-1` is given twice"), "{}", ran.stderr);
    assert!(ran.stderr.contains("register.collected.json"), "{}", ran.stderr);
}

#[test]
fn a_release_keeps_what_was_collected_and_is_made_again_from_it() {
    let desk = desk();
    desk.write("techfile.yaml", "documents: [\"*.yaml\"]\n");
    let register = desk.text("register.yaml");
    let draft = "sign_off:\n  status: draft\n";
    desk.write("register.yaml", &register.replace("status: draft", "status: in-review"));
    let signer = ["--by", "Ada Doe", "--role", "Head of Toys", "--date", "2026-11-20"];
    let lines = desk.ends(0, &[&["sign-off", "register.yaml"][..], &signer].concat()).stdout;
    desk.write("register.yaml", &register.replace(draft, &format!("sign_off:\n  status: approved\n{lines}")));
    desk.ends(0, &["release", "register.yaml", "--reason", "first issue"]);
    let kept = desk.text("releases/REG-1/1/inputs/answers/register.collected.json");
    assert!(kept.contains("\"TOY-1\""), "{kept}");
    desk.ends(0, &["verify", "releases", "--rebuild"]);
    // Another toy outdates the approval: the register would say something else.
    desk.write("answers.yaml", &desk.text("answers.yaml").replace("pieces: 5", "pieces: 6"));
    let ran = desk.ends(1, &["check", "register.yaml"]);
    assert!(ran.stderr.contains("approval-outdated"), "{}", ran.stderr);
    desk.ends(0, &["verify", "releases", "--rebuild"]);
}
