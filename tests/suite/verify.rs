//! What `verify` sees, on a release that is made by hand and on ledgers that somebody wrote.

use serde_json::{Value as Json, json};
use techfile::diagnostic::{Code, Diagnostic, Severity};
use techfile::digest::Digest;
use techfile::record::ledger::{Beside, Entry, Event, Ledger, Vouched, head_file};
use techfile::record::verify::{self, Files, Folder, Verdict, Vouchers};

use crate::forged::{FIRST, Forged, Made, appended, entry, forged, release, seal, sums};
use crate::pdf::{extend, stream};

/// The ledger of a release, which holds.
fn ledger(forged: &Forged) -> Ledger {
    let (ledger, verdict) = verify::ledger("L", &forged.ledger, Beside { head: Some(&forged.head), journal: None });
    assert_eq!(verdict.findings, []);
    ledger
}

fn errors(findings: &[Diagnostic]) -> Vec<(Code, String)> {
    let wrong = findings.iter().filter(|finding| finding.severity == Severity::Error);
    wrong.map(|finding| (finding.code, finding.message.clone())).collect()
}

fn codes(verdict: &Verdict) -> Vec<Code> {
    assert!(verdict.findings.iter().all(|finding| finding.help.is_some()), "each finding says what to do");
    errors(&verdict.findings).into_iter().map(|(code, _)| code).collect()
}

fn warnings(verdict: &Verdict) -> Vec<Code> {
    assert!(verdict.holds(), "{:?}", verdict.findings);
    verdict.findings.iter().map(|finding| finding.code).collect()
}

fn verified(forged: &Forged) -> Verdict {
    verify::release("releases/D-1/1", &forged.files, Some(&ledger(forged)))
}

#[test]
fn a_release_holds_with_its_ledger_and_without() {
    let forged = forged();
    let verdict = verified(&forged);
    assert_eq!(verdict.findings, []);
    assert!(verdict.sentence().ends_with(": released, line 1 of the ledger"), "{}", verdict.sentence());
    let alone = verify::release("anywhere", &forged.files, None);
    assert_eq!(alone.findings, []);
    assert!(alone.sentence().ends_with("self-consistent, not anchored: no ledger vouches for it"));
    let pdf = &forged.files["a.pdf"];
    let verdict = verify::pdf("a.pdf", pdf, Vouchers { ledger: Some(&ledger(&forged)), sidecar: None });
    assert_eq!((verdict.findings.len(), verdict.anchor.is_some()), (0, true));
    let bundle = verify::bundle("b", &forged.files, "a", Vouchers::default());
    assert_eq!((bundle.findings, bundle.anchor), (vec![], None));
}

#[test]
fn any_flipped_byte_of_a_release_is_seen() {
    let forged = forged();
    let ledger = ledger(&forged);
    let (mut flips, mut unseen) = (0, Vec::new());
    for name in forged.files.keys() {
        let mut files = forged.files.clone();
        for at in 0..forged.files[name].len() {
            files.get_mut(name).unwrap()[at] ^= 1;
            flips += 1;
            if verify::release("releases/D-1/1", &files, Some(&ledger)).holds() {
                unseen.push(format!("{name}:{at}"));
            }
            files.get_mut(name).unwrap()[at] ^= 1;
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
    assert!(flips > 8_000, "{flips}");
}

#[test]
fn any_flipped_byte_of_a_ledger_or_its_head_is_seen() {
    let forged = forged();
    let (bytes, head) =
        appended(&forged.ledger, Entry { event: Event::Withdrawn, files: vec![], ..entry(&forged.files, "1") });
    let holds =
        |bytes: &[u8], head: &[u8]| verify::ledger("L", bytes, Beside { head: Some(head), journal: None }).1.holds();
    assert!(holds(&bytes, &head));
    for bit in 0..8 {
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(!holds(&changed, &head), "byte {at}, bit {bit}");
        }
        for at in 0..head.len() {
            let mut changed = head.clone();
            changed[at] ^= 1 << bit;
            assert!(!holds(&bytes, &changed), "byte {at} of the head, bit {bit}");
        }
    }
}

#[test]
fn files_that_come_go_or_change_are_told_once_each_by_name() {
    let forged = forged();
    for name in forged.files.keys() {
        let mut gone = forged.clone();
        gone.files.remove(name);
        let verdict = verified(&gone);
        let found = errors(&verdict.findings);
        assert!(
            found.iter().any(|(code, message)| *code == Code::FileMissing && message.contains(name)),
            "{name}: {found:?}"
        );
        let mut changed = forged.clone();
        changed.files.get_mut(name).unwrap().push(b' ');
        let found = errors(&verified(&changed).findings);
        assert_eq!(
            found.iter().filter(|(code, message)| *code == Code::FileModified && message.contains(name)).count(),
            1,
            "{name}: {found:?}"
        );
    }
    for name in ["x", "a.files/x", "inputs/answers/x", "inputs/catalog/x", "a.files/theme/x"] {
        let mut more = forged.clone();
        more.files.insert(name.to_owned(), vec![]);
        assert!(codes(&verified(&more)).contains(&Code::FileExtra), "{name}");
    }
}

#[test]
fn a_change_that_renews_every_list_is_seen_by_the_ledger() {
    let forged = forged();
    let attack = |change: &dyn Fn(&mut Files)| {
        let mut attacked = forged.clone();
        change(&mut attacked.files);
        seal(&mut attacked.files, "1");
        assert!(!verified(&attacked).holds());
        errors(&verify::release("x", &attacked.files, None).findings)
    };
    // Without a ledger these are seen, because something contradicts itself:
    let evidence = attack(&|files| files.get_mut("inputs/answers/docs/e.txt").unwrap().push(b'!'));
    assert!(evidence[0].1.contains("content.json"), "{evidence:?}");
    let schema = attack(&|files| files.get_mut("inputs/catalog/schemas/k.schema.json").unwrap().push(b' '));
    assert!(schema[0].1.contains("the manifest"), "{schema:?}");
    let words = attack(&|files| {
        files.get_mut("a.md").unwrap().push(b'\n');
        let list = String::from_utf8(files["a.pdf.sha256"].clone()).unwrap();
        let line = list.lines().nth(1).unwrap();
        let list = list.replace(line, &format!("{}  a.md", Digest::of(&files["a.md"])));
        files.insert("a.pdf.sha256".to_owned(), list.into_bytes());
    });
    assert!(words[0].1.contains("the body of"), "{words:?}");
    // And this only with one: nothing names the answers as they were written but the list that was renewed.
    assert_eq!(attack(&|files| files.get_mut("inputs/answers/docs/a.yaml").unwrap().push(b'\n')), []);
}

#[test]
fn an_old_release_that_was_made_anew_is_not_the_released_one() {
    let forged = forged();
    let other = Forged { files: release(Made { footer: Some("D-1"), ..FIRST }, &Json::Null), ..forged.clone() };
    let found = errors(&verified(&other).findings);
    assert!(found.iter().any(|(code, _)| *code == Code::FileModified), "{found:?}");
    assert!(
        found.iter().any(|(code, message)| *code == Code::IdMismatch && message.starts_with("page 1 of")),
        "{found:?}"
    );
}

#[test]
fn bytes_behind_the_end_need_a_line_that_names_them() {
    let mut forged = forged();
    let released = forged.files["a.pdf"].clone();
    let mut signed = released.clone();
    let prev = String::from_utf8_lossy(&signed).rfind("xref\n1 1").unwrap();
    extend(&mut signed, &[(90, "<</Type/Sig>>".into())], &format!("/Root 1 0 R/Info 7 0 R/Prev {prev}"));
    let look = |bytes: &[u8], ledger: Option<&Ledger>| verify::pdf("s.pdf", bytes, Vouchers { ledger, sidecar: None });
    assert_eq!(codes(&look(&signed, None)), [Code::PdfExtended]);
    assert_eq!(codes(&look(&signed, Some(&ledger(&forged)))), [Code::PdfExtended]);
    let mut named = Vouched::of("s.pdf", &signed);
    named.of = Some(Digest::of(&released).to_string());
    let line = Entry { event: Event::Signed, files: vec![named], reason: None, ..entry(&forged.files, "1") };
    (forged.ledger, forged.head) = appended(&forged.ledger, line);
    let verdict = look(&signed, Some(&ledger(&forged)));
    assert_eq!((verdict.findings.clone(), verdict.anchor.as_deref()), (vec![], Some("signed, line 2 of the ledger")));
    // The same revision behind the first one, painted over once more.
    let mut painted = signed.clone();
    let prev = String::from_utf8_lossy(&painted).rfind("xref\n90 1").unwrap();
    let page = [(4, stream("", "BT ET"))];
    extend(&mut painted, &page, &format!("/Root 1 0 R/Info 7 0 R/Prev {prev}"));
    let found = codes(&look(&painted, Some(&ledger(&forged))));
    assert!(found.contains(&Code::PdfExtended) && found.contains(&Code::IdMismatch), "{found:?}");
    // A line may call signed what does not begin with the release.
    let mut other = Vouched::of("o.pdf", &painted);
    other.of = Some(Digest::of(b"x").to_string());
    let line = Entry { event: Event::Signed, files: vec![other], reason: None, ..entry(&forged.files, "1") };
    (forged.ledger, forged.head) = appended(&forged.ledger, line);
    assert!(codes(&look(&painted, Some(&ledger(&forged)))).contains(&Code::FileModified));
    // One byte alone is enough.
    assert_eq!(codes(&look(&[released.as_slice(), b"\n"].concat(), None)), [Code::PdfExtended]);
}

#[test]
fn line_ends_that_git_changed_are_told() {
    let forged = forged();
    let crlf = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes();
    for name in ["a.md", "VERIFY.txt", "a.intoto.json", "SHA256SUMS", "inputs/answers/docs/a.yaml"] {
        let mut changed = forged.clone();
        changed.files.insert(name.to_owned(), crlf(&forged.files[name]));
        let findings = verified(&changed).findings;
        assert!(findings[0].message.contains("CR LF"), "{name}: {findings:?}");
        assert!(findings[0].help.as_ref().unwrap().contains(".gitattributes"));
    }
    let head = crlf(&forged.head);
    let (_, verdict) = verify::ledger("L", &forged.ledger, Beside { head: Some(&head), journal: None });
    assert!(verdict.findings[0].message.contains("CR LF"), "{:?}", verdict.findings);
    let (_, verdict) = verify::ledger("L", &crlf(&forged.ledger), Beside { head: Some(&forged.head), journal: None });
    assert!(verdict.findings[0].message.contains("CR LF"), "{:?}", verdict.findings);
}

#[test]
fn a_statement_with_a_field_that_nobody_knows_is_refused() {
    let forged = forged();
    let edit = |change: &dyn Fn(&mut Json)| {
        let mut files = forged.files.clone();
        let mut statement: Json = serde_json::from_slice(&files["a.intoto.json"]).unwrap();
        change(&mut statement);
        let mut bytes = techfile::identity::canonical(&statement);
        bytes.push(b'\n');
        files.insert("a.intoto.json".to_owned(), bytes);
        sums(&mut files);
        errors(&verify::release("x", &files, None).findings)
    };
    assert_eq!(edit(&|_| {}), []);
    let external = |statement: &mut Json, key: &str, value: Json| {
        statement["predicate"]["buildDefinition"]["externalParameters"][key] = value;
    };
    let told = edit(&|statement| external(statement, "unsafe", json!(true)));
    assert!(told[0].1.contains("unknown field `unsafe`"), "{told:?}");
    for (key, value) in [("answers", "docs/b.yaml"), ("revision", "2"), ("document", "D-2")] {
        let told = edit(&|statement| external(statement, key, json!(value)));
        assert_eq!(told[0].0, Code::Statement, "{told:?}");
    }
    let told = edit(&|statement| statement["subject"][0]["digest"]["sha256"] = json!("00"));
    assert!(told[0].1.contains("another digest"), "{told:?}");
    let told = edit(&|statement| statement["subject"][0]["digest"]["sha512"] = json!("00"));
    assert!(told[0].1.contains("another digest"), "{told:?}");
    let told = edit(&|statement| statement["predicateType"] = json!("https://slsa.dev/provenance/v2"));
    assert!(told[0].1.contains("has the predicate"), "{told:?}");
}

#[test]
fn a_later_release_is_bound_to_the_lines_before_it() {
    let mut forged = forged();
    let line = entry(&forged.files, "1");
    let head = String::from_utf8(forged.head.clone()).unwrap();
    let told = |content: &str, head: &str| json!({"revision": "1", "content_id": content, "ledger_head": head.trim()});
    let made = Made { revision: "2", ..FIRST };
    let second = release(made, &told(&line.content_id.to_string(), &head));
    let other = release(made, &told(&line.content_id.to_string(), &"0".repeat(64)));
    let look = |files: &Files, forged: &Forged| {
        let (bytes, head) = appended(&forged.ledger, entry(files, "2"));
        let forged = Forged { files: files.clone(), ledger: bytes, head };
        codes(&verify::release("2", files, Some(&ledger(&forged))))
    };
    assert_eq!(look(&second, &forged), []);
    assert_eq!(look(&other, &forged), [Code::ChainBroken]);
    assert_eq!(look(&release(made, &Json::Null), &forged), [Code::ChainBroken]);
    let mut lied = second.clone();
    lied.insert("inputs/earlier.json".to_owned(), b"{}".to_vec());
    seal(&mut lied, "2");
    assert_eq!(look(&lied, &forged), [Code::IdMismatch]);
    // The first line written anew, with a chain and a head that fit: the later release names the head before it.
    let reason = Entry { reason: Some("second thoughts".into()), ..line };
    (forged.ledger, forged.head) = appended(b"", reason);
    assert_eq!(look(&second, &forged), [Code::ChainBroken]);
}

#[test]
fn the_folder_of_a_document_holds_what_its_ledger_knows() {
    let forged = forged();
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let look = |folders: &[&str], files: &[&str], ledger: Option<&[u8]>, beside: Beside<'_>| {
        let (folders, files) = (names(folders), names(files));
        let place = Folder { folder: "releases/D-1", id: "D-1", folders: &folders, files: &files };
        codes(&verify::document(place, ledger, beside).1)
    };
    let own = ["D-1.ledger.jsonl", "D-1.ledger.head"];
    let head = Beside { head: Some(&forged.head), journal: None };
    let ledger = Some(forged.ledger.as_slice());
    assert_eq!(look(&["1"], &own, ledger, head), []);
    let witnesses = ["D-1.ledger.head.sig", "D-1.ledger.head.tsr", ".techfile-pending.jsonl"];
    assert_eq!(look(&["1", ".techfile-aB3dE9.tmp"], &[&own[..], &witnesses].concat(), ledger, head), []);
    for stranger in [".techfile-evil", ".techfile-2.tmp", "D-1.ledger.head.evil.pdf", "D-1.ledger.head.sig.pdf"] {
        assert_eq!(look(&["1", stranger], &own, ledger, head), [Code::FileExtra], "{stranger}");
        assert_eq!(look(&["1"], &[own[0], own[1], stranger], ledger, head), [Code::FileExtra], "{stranger}");
    }
    assert_eq!(look(&[], &own, ledger, head), [Code::FileMissing]);
    assert_eq!(look(&["1", "2"], &own, ledger, head), [Code::FileExtra]);
    assert_eq!(look(&["1"], &[own[0], own[1], "x.pdf"], ledger, head), [Code::FileExtra]);
    assert_eq!(look(&["1"], &own, None, head), [Code::FileMissing]);
    assert_eq!(look(&["1"], &own, ledger, Beside::default()), [Code::HeadMismatch]);
    // A release that is being made: its folder is there, its line is still to come.
    let (read, _) = Ledger::read("l", &forged.ledger, head);
    let journal = read.next(entry(&forged.files, "2"));
    let pending = Beside { head: Some(&forged.head), journal: Some(&journal) };
    assert_eq!(look(&["1", "2"], &own, ledger, pending), []);
    assert_eq!(look(&["1", "3"], &own, ledger, pending), [Code::FileExtra]);
    // Its line is there, the head still is the one before.
    let (bytes, after) = read.with(&journal);
    assert_eq!(look(&["1", "2"], &own, Some(&bytes), pending), []);
    assert_eq!(look(&["1", "2"], &own, Some(&bytes), head), [Code::HeadMismatch]);
    assert_eq!(look(&["1", "2"], &own, Some(&bytes), Beside { head: Some(&head_file(after)), journal: None }), []);
    // A folder under another name.
    let (folders, files) = (names(&["1"]), names(&["D-2.ledger.jsonl", "D-2.ledger.head"]));
    let place = Folder { folder: "releases/D-2", id: "D-2", folders: &folders, files: &files };
    assert_eq!(codes(&verify::document(place, ledger, head).1), [Code::LedgerLine]);
}

#[test]
fn a_journal_beside_the_ledger_is_no_anchor() {
    let first = forged();
    let (read, _) = Ledger::read("l", &first.ledger, Beside { head: Some(&first.head), journal: None });
    // A line that whoever may write into the folder has added, and repeated in a journal; the head is the signed one.
    let mut fake = first.files["a.pdf"].clone();
    fake.extend(b"% painted over\n");
    let of = Some(Digest::of(&first.files["a.pdf"]).to_string());
    let files = vec![Vouched { of, ..Vouched::of("a.pdf", &fake) }];
    let line = read.next(Entry { event: Event::Signed, files, date: None, ..entry(&first.files, "1") });
    let pending = Beside { head: Some(&first.head), journal: Some(&line) };
    let added = [&first.ledger[..], &line].concat();
    for bytes in [&added, &first.ledger] {
        let (ledger, verdict) = verify::ledger("L", bytes, pending);
        assert_eq!(warnings(&verdict), [Code::HeadMismatch]);
        assert_eq!(verdict.what.as_deref(), Some("a ledger of 1 line"));
        let verdict = verify::pdf("fake.pdf", &fake, Vouchers { ledger: Some(&ledger), sidecar: None });
        assert_eq!((codes(&verdict), verdict.anchor), (vec![Code::PdfExtended], None));
        assert!(verify::release("1", &first.files, Some(&ledger)).anchor.is_some(), "what the head covers holds");
    }
    // A release that only the journal names.
    let made = Made { revision: "2", ..FIRST };
    let files = release(made, &Json::Null);
    let line = read.next(entry(&files, "2"));
    let (ledger, _) = verify::ledger("L", &first.ledger, Beside { head: Some(&first.head), journal: Some(&line) });
    for verdict in [
        verify::release("2", &files, Some(&ledger)),
        verify::pdf("a.pdf", &files["a.pdf"], Vouchers { ledger: Some(&ledger), sidecar: None }),
    ] {
        assert_eq!((warnings(&verdict), &verdict.anchor), (vec![Code::NotReleased], &None));
        assert!(verdict.sentence().contains("self-consistent, not anchored"), "{}", verdict.sentence());
    }
}

#[test]
fn a_release_that_was_taken_back_says_so_and_still_holds() {
    let mut forged = forged();
    let line = Entry {
        event: Event::Withdrawn,
        files: vec![],
        reason: Some("wrong data".into()),
        ..entry(&forged.files, "1")
    };
    (forged.ledger, forged.head) = appended(&forged.ledger, line);
    let verdict = verified(&forged);
    assert!(verdict.holds());
    assert_eq!(verdict.findings[0].code, Code::Withdrawn);
    assert!(verdict.findings[0].message.contains("wrong data"));
}
