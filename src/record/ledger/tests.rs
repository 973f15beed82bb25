use super::*;
use crate::diagnostic::Severity;

fn entry(event: Event, rev: &str) -> Entry {
    let id = Digest::of(rev.as_bytes());
    Entry {
        event,
        doc: "TF-1".into(),
        rev: rev.into(),
        content_id: id,
        build_id: id,
        date: Some("2026-11-20".into()),
        files: vec![Vouched::of("a.pdf", rev.as_bytes())],
        reason: Some("first release".into()),
        reviewed_by: vec!["Ada Smit".into()],
    }
}

/// The bytes of a ledger with these events, and its head file.
fn ledger(events: &[(Event, &str)]) -> (Vec<u8>, Vec<u8>) {
    let mut bytes = Vec::new();
    for (event, rev) in events {
        let (read, findings) = Ledger::read("l", &bytes, Beside { head: Some(&head_of(&bytes)), journal: None });
        assert_eq!(findings, []);
        bytes = read.with(&read.next(entry(*event, rev))).0;
    }
    let head = head_of(&bytes);
    (bytes, head)
}

fn head_of(bytes: &[u8]) -> Vec<u8> {
    let last = bytes.split_inclusive(|byte| *byte == b'\n').next_back();
    head_file(last.map_or(Digest::ZEROS, Digest::of))
}

fn codes(bytes: &[u8], head: &[u8]) -> Vec<Code> {
    let (_, findings) = Ledger::read("l", bytes, Beside { head: Some(head), journal: None });
    assert!(findings.iter().all(|finding| finding.severity == Severity::Error && finding.help.is_some()));
    findings.iter().map(|finding| finding.code).collect()
}

const THREE: [(Event, &str); 4] =
    [(Event::Release, "1"), (Event::Signed, "1"), (Event::Release, "2"), (Event::Withdrawn, "1")];

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_ledger_is_read_as_it_was_written() {
    let (bytes, head) = ledger(&THREE);
    let (read, findings) = Ledger::read("l", &bytes, Beside { head: Some(&head), journal: None });
    assert_eq!(findings, []);
    assert_eq!(read.lines().count(), 4);
    assert_eq!(head_file(read.head()), head);
    assert_eq!(read.release("2").map(|line| line.seq), Some(3));
    assert_eq!(read.withdrawn("1").map(|line| line.seq), Some(4));
    assert!(read.withdrawn("2").is_none());
}

#[test]
fn the_past_of_a_revision_is_the_same_before_and_after_its_release() {
    let past = |bytes: &[u8], revision: &str| {
        let (read, _) = Ledger::read("l", bytes, Beside { head: Some(&head_of(bytes)), journal: None });
        read.before(revision).map(|(line, head)| (line.rev.clone(), head))
    };
    let (before, _) = ledger(&THREE[..2]);
    let (after, _) = ledger(&THREE[..3]);
    let (later, _) = ledger(&THREE);
    assert_eq!(past(&before, "2").map(|(rev, _)| rev), Some("1".to_owned()));
    assert_eq!(past(&before, "2"), past(&after, "2"));
    assert_eq!(past(&before, "2"), past(&later, "2"));
    assert_eq!(past(&later, "1"), None);
    assert_eq!(past(&later, "3").map(|(rev, _)| rev), Some("2".to_owned()));
}

#[test]
fn any_changed_byte_of_a_ledger_or_its_head_is_seen() {
    let (bytes, head) = ledger(&THREE);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_ne!(codes(&changed, &head), [], "byte {at}");
    }
    for at in 0..head.len() {
        let mut changed = head.clone();
        changed[at] ^= 1;
        assert_eq!(codes(&bytes, &changed), [Code::HeadMismatch], "byte {at} of the head");
    }
}

#[test]
fn lines_that_are_gone_swapped_or_added_are_named() {
    let (bytes, head) = ledger(&THREE);
    let all = lines(&bytes);
    let without = |at: usize| [&all[..at], &all[at + 1..]].concat().concat();
    assert!(codes(&without(1), &head).contains(&Code::ChainBroken));
    assert!(codes(&without(1), &head).contains(&Code::SequenceGap));
    assert_eq!(codes(&without(3), &head), [Code::HeadMismatch]);
    // Truncated together with its head: nothing here can show it; the next revision, a signature or a copy does.
    let cut = without(3);
    assert_eq!(codes(&cut, &head_of(&cut)), []);
    let swapped = [all[0].clone(), all[2].clone(), all[1].clone(), all[3].clone()].concat();
    assert!(codes(&swapped, &head).contains(&Code::ChainBroken));
    let twice = [bytes.clone(), all[3].clone()].concat();
    assert!(codes(&twice, &head).contains(&Code::Fork));
    assert_eq!(codes(&[], &head), [Code::HeadMismatch]);
}

#[test]
fn two_releases_on_one_line_are_a_fork_and_one_revision_is_released_once() {
    let (one, _) = ledger(&THREE[..1]);
    let (read, _) = Ledger::read("l", &one, Beside::default());
    let left = read.next(entry(Event::Release, "2"));
    let right = read.next(entry(Event::Release, "3"));
    let both = [&one[..], &left, &right].concat();
    assert_eq!(codes(&both, &head_of(&both)), [Code::Fork, Code::SequenceGap]);
    let (again, head) = {
        let bytes = read.with(&read.next(entry(Event::Release, "1"))).0;
        let head = head_of(&bytes);
        (bytes, head)
    };
    assert_eq!(codes(&again, &head), [Code::DuplicateRevision]);
}

#[test]
fn changed_line_ends_are_called_by_their_name() {
    let (bytes, head) = ledger(&THREE[..1]);
    let windows: Vec<u8> = String::from_utf8(bytes.clone()).expect("text").replace('\n', "\r\n").into_bytes();
    let (_, findings) = Ledger::read("l", &windows, Beside { head: Some(&head), journal: None });
    assert!(findings.iter().any(|finding| finding.message.contains("CR LF")), "{findings:?}");
    let windows = [&head[..64], b"\r\n"].concat();
    let (_, findings) = Ledger::read("l", &bytes, Beside { head: Some(&windows), journal: None });
    assert!(findings[0].message.contains("it would fit with LF"), "{findings:?}");
}

#[test]
fn a_hostile_ledger_is_told_and_nothing_breaks() {
    let deep = format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("\"{}\"\n", "x".repeat(2 << 20));
    for text in ["\n", "{}\n", "null\n", "1.5\n", "{\"format\":\"techfile-ledger/9\"}\n", "no", "\u{0}\n", &deep, &long]
    {
        assert!(codes(text.as_bytes(), b"").contains(&Code::LedgerLine), "{text:.40}");
    }
    assert!(codes(b"\xff\n", b"").contains(&Code::LedgerLine));
    // A field too much, a float, another order of keys, a space: not what we write.
    let (bytes, head) = ledger(&THREE[..1]);
    let text = String::from_utf8(bytes).expect("text");
    for (from, to) in
        [("{\"build_id\"", "{\"a\":1,\"build_id\""), ("\"seq\":1", "\"seq\":1.0"), (",\"seq\"", ", \"seq\"")]
    {
        assert!(text.contains(from));
        assert!(codes(text.replacen(from, to, 1).as_bytes(), &head).contains(&Code::LedgerLine), "{to}");
    }
}

#[test]
fn what_no_head_covers_vouches_for_nothing_and_a_journal_is_always_told() {
    let (bytes, head) = ledger(&THREE);
    let line = lines(&bytes)[3].clone();
    let (_, old_head) = ledger(&THREE[..3]);
    let read = |bytes: &[u8], head: Option<&[u8]>, journal: Option<&[u8]>| {
        let (read, findings) = Ledger::read("l", bytes, Beside { head, journal });
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        (read.lines().count(), read.coming().map(|line| line.seq), errors, findings.len() - errors)
    };
    // Between two renames: the line is there, the head is still the one before.
    assert_eq!(read(&bytes, Some(&old_head), Some(&line)), (3, Some(4), 0, 1));
    let (covered, _) = Ledger::read("l", &bytes, Beside { head: Some(&old_head), journal: Some(&line) });
    assert_eq!(head_file(covered.head()), old_head);
    assert!(covered.withdrawn("1").is_none());
    assert_eq!(covered.with(&line).0, bytes, "the line takes its own place");
    assert_eq!(read(&bytes, Some(&old_head), None), (4, None, 1, 0));
    // Before the first of them, and after the second.
    assert_eq!(read(&lines(&bytes)[..3].concat(), Some(&old_head), Some(&line)), (3, Some(4), 0, 1));
    assert_eq!(read(&bytes, Some(&head), Some(&line)), (4, None, 0, 1));
    // A journal of something else excuses nothing.
    assert_eq!(read(&bytes, Some(&head_file(Digest::ZEROS)), Some(&line)), (4, None, 1, 1));
    assert_eq!(read(&bytes, Some(&head), Some(b"{}\n")), (4, None, 0, 1));
    assert_eq!(read(&bytes, None, Some(&line)), (4, None, 1, 1));
    // The first release of a document: no head yet, and so nothing that was released.
    let (first, first_head) = ledger(&THREE[..1]);
    assert_eq!(read(&first, None, Some(&first)), (0, Some(1), 0, 1));
    assert_eq!(read(b"", None, Some(&first)), (0, Some(1), 0, 1));
    assert_eq!(read(&first, None, None), (1, None, 1, 0));
    assert_eq!(read(&first, Some(&first_head), None), (1, None, 0, 0));
}

#[test]
fn where_all_line_ends_were_changed_nothing_else_is_said() {
    let (bytes, head) = ledger(&THREE);
    let windows = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes();
    let (read, findings) = Ledger::read("l", &windows(&bytes), Beside { head: Some(&windows(&head)), journal: None });
    assert_eq!(read.lines().count(), 4, "what the lines name is known");
    let said: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(said, ["the lines of the ledger end in CR LF; with LF the ledger and its head would fit"]);
    assert!(findings[0].help.as_ref().is_some_and(|help| help.contains(".gitattributes")));
    // What is wrong with them besides is told all the same.
    let cut = windows(&lines(&bytes)[..3].concat());
    let (_, findings) = Ledger::read("l", &cut, Beside { head: Some(&windows(&head)), journal: None });
    assert!(findings.iter().any(|finding| finding.code == Code::HeadMismatch), "{findings:?}");
}
