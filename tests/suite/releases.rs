//! `release`, `record` and `history`: what is frozen, what is refused, and what an interruption leaves.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use techfile::digest::Digest;
use techfile::record::pdf::{Limits, Pdf};

use crate::desk::Desk;
use crate::pdf::signed::signed;
use crate::program::command;
use crate::repository::root;

const REASON: [&str; 2] = ["--reason", "first release"];

fn release(path: &str) -> Vec<&str> {
    [&["release", path][..], &REASON].concat()
}

/// Digest of the last line of the toy's ledger, and of what its head says.
fn head(desk: &Desk) -> (String, String) {
    let ledger = desk.text("releases/TOY-1/TOY-1.ledger.jsonl");
    let last = ledger.split_inclusive('\n').next_back().unwrap();
    (Digest::of(last.as_bytes()).to_string(), desk.text("releases/TOY-1/TOY-1.ledger.head").trim_end().to_owned())
}

#[test]
fn a_release_holds_the_bundle_and_all_that_it_was_made_from() {
    let desk = Desk::approved();
    desk.ends(0, &["build", "answers.yaml", "--out", "before"]);
    let ran = desk.ends(0, &release("answers.yaml"));
    assert_eq!(ran.stdout, "releases/TOY-1/1\n");
    desk.ends(0, &["build", "answers.yaml", "--out", "after"]);
    let (before, after, frozen) = (desk.files("before"), desk.files("after"), desk.files("releases/TOY-1/1"));
    assert_eq!(before, after, "a release changes nothing in what is built");
    for (name, bytes) in &before {
        assert_eq!(frozen.get(name), Some(bytes), "{name}");
    }
    assert_eq!(frozen["inputs/answers/answers.yaml"], fs::read(desk.at("answers.yaml")).unwrap());
    assert_eq!(frozen["inputs/answers/drops.txt"], fs::read(desk.at("drops.txt")).unwrap());
    let manifest: serde_json::Value = serde_json::from_slice(&frozen["answers.manifest.json"]).unwrap();
    for input in manifest["inputs"].as_array().unwrap() {
        let path = format!("inputs/catalog/{}", input["path"].as_str().unwrap());
        assert_eq!(Digest::of(&frozen[&path]).to_string(), input["sha256"].as_str().unwrap(), "{path}");
    }
    // Everything but the list itself is in the list.
    let sums: Vec<String> = frozen
        .iter()
        .filter(|(name, _)| *name != "SHA256SUMS")
        .map(|(name, bytes)| format!("{}  {name}", Digest::of(bytes)))
        .collect();
    assert_eq!(String::from_utf8(frozen["SHA256SUMS"].clone()).unwrap().lines().collect::<Vec<_>>(), sums);
    let line: serde_json::Value = serde_json::from_str(&desk.text("releases/TOY-1/TOY-1.ledger.jsonl")).unwrap();
    assert_eq!((&line["rev"], &line["reason"]), (&"1".into(), &"first release".into()));
    assert_eq!(line["reviewed_by"], serde_json::json!(["Ada Doe"]));
    let (last, told) = head(&desk);
    assert_eq!(last, told);
    let attributes = desk.text("releases/.gitattributes");
    assert!(attributes.contains("*.ledger.jsonl -text merge=binary"), "{attributes}");
}

/// Six places and more: pages, last page, metadata, attachments, sidecar, ledger, what the program says.
#[test]
fn every_place_shows_one_digest() {
    let desk = Desk::approved();
    let said = desk.ends(0, &release("answers.yaml")).stderr;
    let frozen = desk.files("releases/TOY-1/1");
    let text = |name: &str| String::from_utf8(frozen[name].clone()).unwrap();
    let content = Digest::of(&frozen["answers.files/content.json"]);
    let build = Digest::of(&frozen["answers.manifest.json"]);
    let mut pdf = Pdf::read(&frozen["answers.pdf"], Limits::default()).unwrap();
    for (name, digest) in [("content.json", content), ("manifest.json", build)] {
        assert_eq!(Digest::of(&pdf.attachment(name).unwrap()), digest, "{name}");
        assert!(text("answers.files/SHA256SUMS").contains(&format!("{digest}  {name}\n")));
    }
    for metadata in [pdf.information().unwrap(), pdf.xmp().unwrap()] {
        let keywords = metadata.keywords.unwrap();
        assert!(keywords.contains(&format!("techfile:content=sha256:{content}")), "{keywords}");
        assert!(keywords.contains(&format!("techfile:build=sha256:{build}")), "{keywords}");
        assert!(metadata.subject.unwrap().contains(&content.to_string()));
    }
    let plain = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    let pages: Vec<String> = pdf.pages().unwrap().iter().map(|page| plain(page)).collect();
    assert!(pages.iter().all(|page| page.contains(&plain(&content.short()))), "the foot of every page");
    for digest in [content, build] {
        assert!(pages.last().unwrap().contains(&digest.to_string()), "the last page");
    }
    assert!(text("answers.md").contains(&format!("content_id: \"sha256:{content}\"")));
    assert!(text("answers.pdf.sha256").contains(&format!("{build}  answers.manifest.json\n")), "the sidecar");
    let line: serde_json::Value = serde_json::from_str(&desk.text("releases/TOY-1/TOY-1.ledger.jsonl")).unwrap();
    assert_eq!((&line["content_id"], &line["build_id"]), (&content.to_string().into(), &build.to_string().into()));
    assert!(said.contains(&content.short()), "{said}");
}

#[test]
fn the_statement_names_outputs_and_inputs_and_no_time() {
    let desk = Desk::approved();
    desk.ends(0, &release("answers.yaml"));
    let frozen = desk.files("releases/TOY-1/1");
    let statement: serde_json::Value = serde_json::from_slice(&frozen["answers.intoto.json"]).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let named = |list: &serde_json::Value| -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(|file| (text(&file["name"]), text(&file["digest"]["sha256"]))).collect()
    };
    let definition = &statement["predicate"]["buildDefinition"];
    let (outputs, inputs) = (named(&statement["subject"]), named(&definition["resolvedDependencies"]));
    for (name, digest) in outputs.iter().chain(&inputs) {
        assert_eq!(&Digest::of(&frozen[name]).to_string(), digest, "{name}");
    }
    assert_eq!(outputs.len(), 4);
    assert_eq!(inputs.len(), frozen.keys().filter(|name| name.starts_with("inputs/")).count());
    let text = String::from_utf8(frozen["answers.intoto.json"].clone()).unwrap();
    for word in ["startedOn", "finishedOn", "invocationId"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn what_is_not_ready_is_refused_and_nothing_is_written() {
    let desk = Desk::new();
    let draft = desk.ends(5, &release("answers.yaml"));
    assert!(draft.stderr.contains("is not approved, its status is `draft`"), "{}", draft.stderr);
    desk.approve("answers.yaml");
    let approved = desk.text("answers.yaml");
    // An open point, other words than those that were approved, evidence that changed, evidence that is gone.
    desk.write(
        "answers.yaml",
        &approved.replace("pieces: 5", "pieces: {pending: {what: count them, owner: Ada, due: \"2026-12-01\"}}"),
    );
    desk.ends(1, &release("answers.yaml"));
    desk.write("answers.yaml", &approved.replace("pieces: 5", "pieces: 6"));
    let outdated = desk.ends(1, &release("answers.yaml"));
    assert!(outdated.stderr.contains("error[approval-outdated]"), "{}", outdated.stderr);
    desk.write("answers.yaml", &approved);
    desk.write("drops.txt", "other\n");
    desk.ends(1, &release("answers.yaml"));
    fs::remove_file(desk.at("drops.txt")).unwrap();
    desk.ends(1, &release("answers.yaml"));
    assert!(!desk.at("releases").exists(), "nothing was written");
    desk.ends(2, &["release", "answers.yaml"]);
    desk.ends(2, &["release", "answers.yaml", "--reason", " "]);
    desk.ends(2, &["release", "none.yaml", "--reason", "x"]);
}

#[test]
fn what_comes_after_the_conformity_assessment_may_be_released() {
    // The toy's declaration is to follow.
    let desk = Desk::approved();
    assert!(desk.text("answers.yaml").contains("to_follow: conformity-assessment"));
    desk.ends(0, &release("answers.yaml"));
}

#[test]
fn a_suspect_clause_is_refused_unless_somebody_says_that_they_know() {
    let desk = Desk::new();
    let signer = ["--by", "Jan Wit", "--role", "Reviewer", "--date", "2026-11-20"];
    let review = ["sign-off", "answers.yaml", "--review", "--clause", "annex-iv.1.b"];
    let lines = desk.ends(0, &[&review[..], &signer].concat()).stdout;
    desk.write("answers.yaml", &desk.text("answers.yaml").replace("Four rings", "Five rings"));
    let signer = ["--by", "Ada Doe", "--role", "Head of Toys", "--date", "2026-11-20"];
    let approval = desk.ends(0, &[&["sign-off", "answers.yaml"][..], &signer].concat()).stdout;
    let text = desk.text("answers.yaml");
    desk.write("answers.yaml", &text.replace("  status: draft\n", &format!("  status: approved\n{lines}{approval}")));
    let refused = desk.ends(5, &release("answers.yaml"));
    assert!(refused.stderr.contains("changed since the review: AI Act, Annex IV, point 1(b)"), "{}", refused.stderr);
    assert!(!desk.at("releases").exists());
    desk.ends(0, &[&release("answers.yaml")[..], &["--allow-suspect"]].concat());
    assert!(desk.text("releases/TOY-1/1/answers.md").contains("**SUSPECT: changed since the review**"));
    let data = desk.text("releases/TOY-1/1/answers.files/document.json");
    assert!(data.contains("approved · SUSPECT"), "the footer of every page says so");
}

/// An approval of other words beside a good one: `check` warns, and nobody is named on a page for what they never read.
#[test]
fn an_outdated_approval_beside_a_good_one_is_refused() {
    let desk = Desk::approved();
    let old = desk.text("answers.yaml");
    let at = old.find("    - by: \"Ada Doe\"").unwrap();
    let old = old[at..].lines().take_while(|line| line.starts_with("    ")).collect::<Vec<_>>().join("\n") + "\n";
    let text = desk.text("answers.yaml").replace("Four rings", "Five rings");
    desk.write("answers.yaml", &text.replace("status: approved", "status: in-review"));
    let sign = |name: &str| {
        let signer = ["--by", name, "--role", "Head of Toys", "--date", "2026-11-20"];
        desk.ends(0, &[&["sign-off", "answers.yaml"][..], &signer].concat())
    };
    let place = text[..at].lines().count() + 1;
    let told = format!("in place of the approval of Ada Doe in line {place}");
    assert!(sign("Ada Doe").stderr.contains(&told), "{}", sign("Ada Doe").stderr);
    let good = sign("Jan Wit");
    assert!(good.stderr.contains("at the end of the list `approvals:`"), "{}", good.stderr);
    desk.write("answers.yaml", &text.replace(&old, &(old.clone() + &good.stdout)));
    assert!(desk.ends(0, &["check", "answers.yaml"]).stderr.contains("warning[approval-outdated]"));
    let refused = desk.ends(5, &release("answers.yaml")).stderr;
    let named = format!("Ada Doe approved other words than these, in line {place} of `answers.yaml`");
    assert!(refused.contains(&named) && refused.contains("take it out of `approvals`"), "{refused}");
    assert!(!desk.at("releases").exists());
    desk.write("answers.yaml", &text.replace(&old, &good.stdout));
    desk.ends(0, &release("answers.yaml"));
}

#[test]
fn a_clause_is_reviewed_by_the_name_that_findings_cite() {
    let desk = Desk::new();
    let signed = |clause: &str| {
        let signer = ["--clause", clause, "--by", "Jan Wit", "--role", "Reviewer", "--date", "2026-11-20"];
        desk.ends(0, &[&["sign-off", "answers.yaml", "--review"][..], &signer].concat()).stdout
    };
    let wanted = signed("annex-iv.1.b");
    assert!(wanted.contains("clause: \"eu-ai-act:annex-iv.1.b\""), "{wanted}");
    for name in ["eu-ai-act:annex-iv.1.b", "AI Act, Annex IV, point 1(b)", "Annex IV, point 1(b)"] {
        assert_eq!(signed(name), wanted, "{name}");
    }
}

#[test]
fn a_revision_is_released_once() {
    let desk = Desk::approved();
    desk.ends(0, &release("answers.yaml"));
    let before = desk.files("releases");
    let again = desk.ends(0, &release("answers.yaml"));
    assert!(again.stderr.contains("released before with these very bytes"), "{}", again.stderr);
    assert_eq!(desk.files("releases"), before);
    // Other words under the same label.
    desk.write("answers.yaml", &desk.text("answers.yaml").replace("pieces: 5", "pieces: 6"));
    desk.approve("answers.yaml");
    let other = desk.ends(5, &release("answers.yaml"));
    assert!(other.stderr.contains("revision 1 is released already, with another"), "{}", other.stderr);
    assert!(other.stderr.contains("give the document a new revision label"), "{}", other.stderr);
    assert_eq!(desk.files("releases"), before);
    // Names that differ by their capitals only are one folder on many disks.
    desk.write("b.yaml", &desk.text("answers.yaml").replace("id: TOY-1", "id: toy-1"));
    desk.approve("b.yaml");
    let capitals = desk.ends(5, &release("b.yaml"));
    assert!(capitals.stderr.contains("only by its capitals"), "{}", capitals.stderr);
}

#[test]
fn the_next_revision_names_the_one_before_and_stays_the_same_after_its_release() {
    let desk = Desk::approved();
    desk.ends(0, &release("answers.yaml"));
    let (first, _) = head(&desk);
    desk.revise("answers.yaml", "2", "pieces: 5", "pieces: 6");
    desk.ends(0, &["build", "answers.yaml", "--out", "before"]);
    let manifest: serde_json::Value = serde_json::from_str(&desk.text("before/answers.manifest.json")).unwrap();
    assert_eq!(manifest["earlier"]["revision"], "1");
    assert_eq!(manifest["earlier"]["ledger_head"], first);
    desk.ends(0, &release("answers.yaml"));
    desk.ends(0, &["build", "answers.yaml", "--out", "after"]);
    assert_eq!(desk.files("before"), desk.files("after"));
    desk.ends(0, &["record", "answers.yaml", "--withdraw", "1", "--reason", "a ring is missing"]);
    desk.ends(0, &["build", "answers.yaml", "--out", "later"]);
    assert_eq!(desk.files("before"), desk.files("later"));
    let frozen = desk.files("releases/TOY-1/2");
    // What the changes were told against: the answers of the release before, and what proves their content id.
    let earlier: serde_json::Value = serde_json::from_slice(&frozen["inputs/earlier.json"]).unwrap();
    for name in ["answers.json", "content.json"] {
        let before = desk.text(&format!("releases/TOY-1/1/answers.files/{name}"));
        assert_eq!(earlier[name], serde_json::from_str::<serde_json::Value>(&before).unwrap(), "{name}");
    }
}

#[test]
fn a_build_on_a_broken_record_says_so() {
    let desk = Desk::approved();
    desk.ends(0, &release("answers.yaml"));
    desk.revise("answers.yaml", "2", "pieces: 5", "pieces: 6");
    let ledger = desk.text("releases/TOY-1/TOY-1.ledger.jsonl");
    desk.write("releases/TOY-1/TOY-1.ledger.jsonl", &ledger.replace("first release", "last release"));
    let told = desk.ends(4, &["build", "answers.yaml"]);
    assert!(told.stderr.contains("the ledger `releases/TOY-1/TOY-1.ledger.jsonl` does not hold"), "{}", told.stderr);
    desk.ends(4, &release("answers.yaml"));
    desk.ends(4, &["history", "answers.yaml"]);
    desk.write("releases/TOY-1/TOY-1.ledger.jsonl", &ledger);
    let answers = desk.text("releases/TOY-1/1/answers.files/answers.json");
    desk.write("releases/TOY-1/1/answers.files/answers.json", &answers.replace("rings", "wings"));
    let told = desk.ends(4, &["build", "answers.yaml"]);
    assert!(told.stderr.contains("the answers are not those that the content id names"), "{}", told.stderr);
    fs::remove_dir_all(desk.at("releases/TOY-1/1")).unwrap();
    let told = desk.ends(4, &["build", "answers.yaml"]);
    assert!(told.stderr.contains("is missing"), "{}", told.stderr);
}

#[test]
fn events_are_recorded_once_and_listed() {
    let desk = Desk::approved();
    let nothing = desk.ends(0, &["history", "answers.yaml"]);
    assert!(nothing.stdout.is_empty() && nothing.stderr.contains("nothing of `answers.yaml` was released yet"));
    desk.ends(2, &["record", "answers.yaml", "--withdraw", "1", "--reason", "x"]);
    desk.ends(0, &release("answers.yaml"));
    desk.ends(2, &["record", "answers.yaml", "--withdraw", "9", "--reason", "x"]);
    desk.ends(2, &["record", "answers.yaml", "--withdraw", "1"]);
    desk.ends(2, &["record", "answers.yaml"]);
    let pdf = fs::read(desk.at("releases/TOY-1/1/answers.pdf")).unwrap();
    let longer = |name: &str, more: &str| {
        fs::write(desk.at(name), [&pdf[..], more.as_bytes()].concat()).unwrap();
    };
    longer("same.pdf", "");
    longer("longer.pdf", "1 0 obj << /Type /Page >> endobj\n");
    // The word alone is no signature, nor are more bytes behind one.
    longer("word.pdf", "1 0 obj << /Type /Sig /ByteRange [0 1 2 3] >> endobj\n");
    let signature = signed(&pdf, |numbers| numbers);
    fs::write(desk.at("signed.pdf"), &signature).unwrap();
    fs::write(desk.at("more.pdf"), [&signature[..], b"% more\n"].concat()).unwrap();
    for name in ["word.pdf", "more.pdf"] {
        let told = desk.ends(5, &["record", "answers.yaml", "--signed", name]);
        assert!(told.stderr.contains("is no signature over all of the file"), "{}", told.stderr);
    }
    fs::write(desk.at("other.pdf"), "%PDF-1.7 /ByteRange").unwrap();
    desk.ends(5, &["record", "answers.yaml", "--signed", "same.pdf"]);
    desk.ends(5, &["record", "answers.yaml", "--signed", "longer.pdf"]);
    desk.ends(4, &["record", "answers.yaml", "--signed", "other.pdf"]);
    desk.ends(2, &["record", "answers.yaml", "--signed", "none.pdf"]);
    desk.ends(0, &["record", "answers.yaml", "--signed", "signed.pdf"]);
    desk.ends(0, &["record", "releases/TOY-1", "--withdraw", "1", "--reason", "a ring is missing"]);
    let before = desk.files("releases");
    desk.ends(0, &["record", "answers.yaml", "--signed", "signed.pdf"]);
    desk.ends(0, &["record", "answers.yaml", "--withdraw", "1", "--reason", "a ring is missing"]);
    let again = desk.ends(5, &["record", "answers.yaml", "--withdraw", "1", "--reason", "another one"]).stderr;
    assert!(again.contains("already withdrawn, by line 3 of the ledger: a ring is missing"), "{again}");
    assert_eq!(desk.files("releases"), before, "what is recorded is not recorded again");
    let (last, told) = head(&desk);
    assert_eq!(last, told);
    let first: serde_json::Value =
        serde_json::from_str(desk.text("releases/TOY-1/TOY-1.ledger.jsonl").lines().next().unwrap()).unwrap();
    let short = Digest::parse(first["content_id"].as_str().unwrap()).unwrap().short();
    let signature = Digest::of(&fs::read(desk.at("signed.pdf")).unwrap()).short();
    assert_eq!(
        desk.ends(0, &["history", "answers.yaml"]).stdout,
        format!(
            "  1  released   revision 1  2026-11-20  content {short}  (withdrawn since)\n     first release\n     approved by Ada Doe\n  \
             2  signed     revision 1  signed.pdf, {signature}\n  3  withdrawn  revision 1  content {short}\n     a ring is missing\n"
        )
    );
    let json: serde_json::Value =
        serde_json::from_str(&desk.ends(0, &["history", "releases/TOY-1", "--format", "json"]).stdout).unwrap();
    assert_eq!((&json["version"], json["events"].as_array().unwrap().len()), (&1.into(), 3));
    assert_eq!(json["head"], last);
}

#[test]
fn what_was_released_is_nobodys_answers() {
    let desk = Desk::approved();
    desk.ends(0, &release("answers.yaml"));
    let found = desk.ends(0, &["check", "."]);
    assert!(found.stderr.contains("in answers.yaml"), "{}", found.stderr);
}

#[test]
fn of_two_releases_at_once_exactly_one_wins_and_no_line_is_lost() {
    for _ in 0..5 {
        let desk = Desk::approved();
        desk.write("b.yaml", &desk.text("answers.yaml").replace("pieces: 5", "pieces: 6"));
        desk.approve("b.yaml");
        let catalog = root().join("tests/suite/toy");
        let start = |path: &str| {
            let mut program = command(desk.path());
            program.args(release(path)).arg("--catalog").arg(&catalog);
            program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let both = [start("answers.yaml"), start("b.yaml")];
        let mut codes: Vec<i32> = both.map(|mut child| child.wait().unwrap().code().unwrap()).into();
        codes.sort_unstable();
        assert_eq!(codes, [0, 5]);
        assert_eq!(desk.text("releases/TOY-1/TOY-1.ledger.jsonl").lines().count(), 1);
        let (last, told) = head(&desk);
        assert_eq!(last, told);
        // Other documents do not stand in each other's way.
        desk.write("c.yaml", &desk.text("answers.yaml").replace("id: TOY-1", "id: TOY-2"));
        desk.approve("c.yaml");
        desk.ends(0, &release("c.yaml"));
    }
}

/// How far a release has come, as seen from outside: the moments at which it is killed.
#[derive(Clone, Copy)]
enum Moment {
    /// It has begun.
    Start,
    /// So many files lie in the folder that has no name yet.
    Staged(usize),
    /// The journal names the line to come.
    Journal,
    /// The folder has its name.
    Named,
    /// The ledger has its line.
    Line,
    /// The head has its digest.
    Head,
}

impl Moment {
    fn has_come(self, folder: &Path, old: &[Vec<u8>; 2]) -> bool {
        let staged = || {
            let mut entries = fs::read_dir(folder).unwrap().filter_map(Result::ok);
            entries.find(|entry| entry.file_name().to_string_lossy().ends_with(".tmp")).map(|entry| entry.path())
        };
        let changed = |name: &str, old: &[u8]| fs::read(folder.join(name)).is_ok_and(|now| now != old);
        match self {
            Self::Start => true,
            Self::Staged(count) => staged().is_some_and(|staged| files_in(&staged) >= count),
            Self::Journal => folder.join(".techfile-pending.jsonl").exists(),
            Self::Named => folder.join("2").exists(),
            Self::Line => changed("TOY-1.ledger.jsonl", &old[0]),
            Self::Head => changed("TOY-1.ledger.head", &old[1]),
        }
    }
}

fn files_in(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
}

/// The state after a kill is the old one or the new one, whole, for whoever reads it, and the next run finishes it.
#[test]
fn two_hundred_kills_leave_the_old_state_or_the_new_one() {
    let seen = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|first| scope.spawn(move || hundred_kills(first))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).fold([0, 0], |a, b| [a[0] + b[0], a[1] + b[1]])
    });
    assert!(seen[0] > 20 && seen[1] > 20, "the kills fell on one side only: {seen:?}");
}

fn hundred_kills(first: usize) -> [usize; 2] {
    let desk = Desk::approved();
    desk.ends(0, &release("answers.yaml"));
    desk.revise("answers.yaml", "2", "pieces: 5", "pieces: 6");
    let old = desk.files("releases");
    desk.ends(0, &release("answers.yaml"));
    let new = desk.files("releases");
    let record = ["TOY-1/TOY-1.ledger.jsonl", "TOY-1/TOY-1.ledger.head"].map(|name| old[name].clone());
    let catalog = root().join("tests/suite/toy");
    let shelf = desk.at("releases/TOY-1");
    let mut seen = [0, 0];
    for turn in (first..200).step_by(2) {
        fs::remove_dir_all(desk.at("releases")).unwrap();
        for (name, bytes) in &old {
            let path = desk.at("releases").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let moments =
            [Moment::Start, Moment::Staged(turn % 50), Moment::Journal, Moment::Named, Moment::Line, Moment::Head];
        let moment = moments[turn / 2 % moments.len()];
        let mut program = command(desk.path());
        program.args(release("answers.yaml")).arg("--catalog").arg(&catalog);
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !moment.has_come(&shelf, &record) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_micros(50));
        }
        for _ in 0..turn * 37 % 1000 {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        child.wait().unwrap();
        // Whoever reads now sees one event or two, and nothing that is broken.
        let history = desk.ends(0, &["history", "answers.yaml", "--format", "json"]).stdout;
        let events = serde_json::from_str::<serde_json::Value>(&history).unwrap()["events"].as_array().unwrap().len();
        assert!(events == 1 || events == 2, "{history}");
        seen[events - 1] += 1;
        // A folder that bears the name of the revision is whole, and there is one if the ledger says so.
        let there = desk.files("releases");
        if events == 2 || there.keys().any(|name| name.starts_with("TOY-1/2/")) {
            for (name, bytes) in new.iter().filter(|(name, _)| name.starts_with("TOY-1/2/")) {
                assert_eq!(there.get(name), Some(bytes), "{name} after {turn}");
            }
        }
        // The next run finishes what was begun, or does it again.
        if turn % 20 < 2 || there.contains_key("TOY-1/.techfile-pending.jsonl") {
            desk.ends(0, &release("answers.yaml"));
            assert_eq!(desk.files("releases"), new);
        }
    }
    seen
}
