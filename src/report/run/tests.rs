use super::*;
use crate::diagnostic::Code;

fn line(file: &str, state: State, exit: u8) -> Line {
    Line { state, exit, ..Line::new(file) }
}

fn fact(value: &str) -> Fact {
    let text = "kind: x\nsystem:\n  name: Ä scoring\n";
    let source = Source::new("a.yaml", text);
    let start = text.find("Ä").expect("it is there");
    Fact {
        name: "system.name".into(),
        subject: String::new(),
        value: value.into(),
        title: "Name".into(),
        place: Place { source, span: Span::new(start, text.len() - 1), pointer: "/system/name".into() },
        clauses: vec!["f:1.a".into()],
        language: String::new(),
        own: false,
    }
}

#[test]
fn a_line_reads_back_with_the_places_of_its_facts() {
    let found = FileFindings {
        file: "a.yaml".into(),
        document: Some("TF-1".into()),
        findings: vec![Diagnostic::warning(Code::KnownWrong, fact("x").place, "wrong")],
        allowed: Vec::new(),
    };
    let line = line("a.yaml", State::Built, 0).found(&found).stating(&[fact("x")]);
    let back = Line::parse(&line.to_json()).expect("we wrote it");
    assert_eq!(back, line);
    let [read] = &back.facts()[..] else { panic!("one fact") };
    assert_eq!(read.place.positions(), fact("x").place.positions());
    assert_eq!((&read.value, &read.place.pointer), (&"x".to_owned(), &"/system/name".to_owned()));
}

#[test]
fn parts_put_together_are_the_whole() {
    let mut lines: Vec<Line> = (0..20).map(|index| line(&format!("{index}.yaml"), State::Built, 0)).collect();
    lines[3] = line("3.yaml", State::Failed, 74);
    for (index, value) in [(5, "x"), (11, "y")] {
        lines[index].project = Some(".".into());
        lines[index] = lines[index].clone().stating(&[fact(value)]);
    }
    let (whole, exit) = report(lines.clone(), None, Beside::default());
    assert_eq!(exit, 74);
    for count in [1, 2, 7, 16] {
        let parts = (0..count).map(|part| {
            let shard = Shard::parse(&format!("hash:{}/{count}", part + 1)).expect("a shard");
            let own = lines.iter().enumerate().filter(|(index, _)| index % count == part);
            let (text, _) = report(own.map(|(_, line)| line.clone()).collect(), Some(shard), Beside::default());
            read(&text).expect("we wrote it")
        });
        let mut parts: Vec<Report> = parts.collect();
        let (merged, beside) = merge(&parts).expect("they agree");
        assert_eq!(report(merged, None, beside), (whole.clone(), exit), "{count} parts");
        let lost = parts.remove(count / 2).part.expect("a part");
        if count > 1 {
            let told = merge(&parts).expect_err("one is missing").message;
            assert_eq!(told, format!("there is no report of part `{lost}`"));
        }
    }
    // Only who sees both lines sees that they disagree.
    let sum: Sum = serde_json::from_str(whole.lines().last().expect("a sum")).expect("we wrote it");
    assert_eq!(sum.findings.len(), 1);
    assert_eq!(sum.findings[0]["code"], "conflicting-values");
    assert_eq!((sum.summary.failed, sum.summary.built, sum.summary.errors), (1, 19, 1));
}

#[test]
fn what_is_no_report_is_refused() {
    let (text, _) = report(vec![line("a.yaml", State::Built, 0)], None, Beside::default());
    let first = text.lines().next().expect("a line");
    assert_eq!(read(first).expect_err("it was cut off").line, 0);
    assert_eq!(read(&format!("{text}{first}\n")).expect_err("behind the sum").line, 3);
    assert_eq!(read(&text.replace("\"version\":1", "\"version\":2")).expect_err("a later version").line, 1);
    assert_eq!(read("nonsense\n").expect_err("no JSON").line, 1);
    let other = report(vec![line("a.yaml", State::Current, 0)], None, Beside::default()).0;
    let both = [read(&text).expect("we wrote it"), read(&other).expect("we wrote it")];
    assert!(merge(&both).expect_err("they differ").message.contains("a.yaml"));
    // Places that no file has do not fill the memory.
    let hostile = line("a.yaml", State::Built, 0).stating(&[fact("x")]).to_json();
    let hostile = hostile.replace("\"column\":9", "\"column\":18446744073709551615");
    assert_ne!(hostile, line("a.yaml", State::Built, 0).stating(&[fact("x")]).to_json());
    assert_eq!(Line::parse(&hostile).expect("a line").facts().len(), 1);
}

#[test]
fn what_is_left_over_is_told_once_and_weighs_as_it_did() {
    let left =
        |names: &[&str], exit: u8| Beside { left_over: names.iter().map(|name| (*name).to_owned()).collect(), exit };
    let lines = [line("a.yaml", State::Current, 0), line("b.yaml", State::Current, 0)];
    for exit in [0, 3] {
        let parts = lines.iter().map(|line| {
            let (text, own) = report(vec![line.clone()], None, left(&["x", "y"], exit));
            assert_eq!(own, exit);
            read(&text).expect("we wrote it")
        });
        let (merged, beside) = merge(&parts.collect::<Vec<_>>()).expect("they agree");
        assert_eq!(report(merged, None, beside), report(lines.to_vec(), None, left(&["x", "y"], exit)));
    }
    let (text, _) = report(lines.to_vec(), None, left(&[], 0));
    assert!(!text.contains("left_over"));
    assert!(read(&text.replace("\"exit\":0}", "\"exit\":6}")).is_err(), "no run ends so");
}
