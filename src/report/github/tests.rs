//! What the runner makes of the annotations.

use super::*;
use crate::catalog::Catalog;
use crate::diagnostic::Code;
use crate::report::tests::{failed, file, finding};
use crate::report::{Failed, FileFindings};

/// A workflow command as the runner reads it: name, properties, message.
#[derive(Debug, PartialEq)]
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    message: String,
}

/// Reads a line the way the runner does: blanks before `::` do not matter, the name ends at a blank, properties at the
/// next `::`; then each escape is taken back, `%` last.
fn read(line: &str) -> Option<Command> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let back = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    };
    let properties = properties.split(',').filter_map(|property| property.split_once('='));
    Some(Command {
        name: name.to_owned(),
        properties: properties.map(|(key, value)| (key.to_owned(), back(value))).collect(),
        message: message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"),
    })
}

fn rendered(files: &[FileFindings], failed: &[Failed], strict: bool) -> String {
    render(&Run { files, failed, catalog: &Catalog::builtin(), strict })
}

#[test]
fn what_was_said_is_what_the_runner_reads() {
    let name = "docs/50%,a:b=c/answers.yaml";
    let mut found = finding(name, "a: 1\nb: 2\n", "b: 2", "/b");
    found.message = "says `100 %0A`, not: this\u{202e}".into();
    let said = rendered(&[file(name, vec![found])], &[], false);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    let property = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        read(lines[0]),
        Some(Command {
            name: "error".into(),
            properties: vec![
                property("file", name),
                property("line", "2"),
                property("endLine", "2"),
                property("col", "1"),
                property("endColumn", "4"),
                property("title", "wrong-value"),
            ],
            message: "says `100 %0A`, not: this\\u{202e}\nlaw:1\nhelp: mend it".into(),
        })
    );
    assert_eq!(lines[1], "1 error in 1 file");
}

#[test]
fn no_words_of_an_answer_become_a_command() {
    for words in [
        "\n::set-output name=x::y",
        "\r\n::stop-commands::token",
        "\r::add-mask::a",
        "##[error]x",
        "\n##[stop-commands]token",
        "a::b::c",
        "::warning file=a,line=1::b",
        "%0A::error::x",
        "\u{85}::error::x\u{2028}::error::y\u{b}::error::z",
    ] {
        let name = format!("docs/{words}/answers.yaml");
        let mut found = finding(&name, "a: 1\n", "a", "/a");
        found.message = words.to_owned();
        found.help = Some(words.to_owned());
        found.clauses = vec![words.to_owned()];
        let failed = Failed { message: words.to_owned(), help: Some(words.to_owned()), exit: 2 };
        let said = rendered(&[file(&name, vec![found])], &[failed], false);
        // Other readers end a line at more characters than LF.
        let lines: Vec<&str> = said.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{b}']).collect();
        assert_eq!(lines.len(), 4, "{said}");
        let commands: Vec<Command> = lines.iter().filter_map(|line| read(line)).collect();
        assert_eq!(commands.iter().map(|command| command.name.as_str()).collect::<Vec<_>>(), ["error", "error"]);
        for command in &commands {
            let keys: Vec<&str> = command.properties.iter().map(|(key, _)| key.as_str()).collect();
            assert!(keys == ["title"] || keys == ["file", "line", "endLine", "col", "endColumn", "title"], "{said}");
            let shown = crate::report::visible(words);
            assert!(command.message.lines().all(|line| line.ends_with(&*shown)), "{said}");
        }
        assert!(commands.iter().any(|command| command.properties[0].1 == crate::report::visible(&name)), "{said}");
    }
}

#[test]
fn ten_of_a_kind_are_shown_the_worst_first_and_all_are_counted() {
    let text = "a: 1\n";
    let warning = |code| Diagnostic { severity: Severity::Warning, code, ..finding("a.yaml", text, "a", "/a") };
    let mut findings: Vec<Diagnostic> = (0..60).map(|_| warning(Code::Recommended)).collect();
    findings.extend((0..37).map(|_| finding("a.yaml", text, "a", "/a")));
    findings.push(Diagnostic { code: Code::UnsafePath, ..finding("a.yaml", text, "a", "/a") });
    let files = [file("a.yaml", findings)];
    let failed = [failed("no `b.yaml`"), failed("no `c.yaml`")];
    let said = rendered(&files, &failed, false);
    let commands: Vec<Command> = said.lines().filter_map(read).collect();
    let names: Vec<&str> = commands.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, [vec!["error"; 10], vec!["warning"; 10], vec!["notice"]].concat());
    let title = |index: usize| commands[index].properties.last().map(|(_, value)| value.as_str());
    assert_eq!(
        [title(0), title(1), title(2), title(3)].map(Option::unwrap),
        ["techfile", "techfile", "unsafe-path", "wrong-value"]
    );
    assert!(commands[20].message.starts_with("38 errors, 60 warnings in 1 file; 2 failures; the 20 most severe"));
    // Where warnings are denied they are errors, and have no room of their own.
    let strict = rendered(&files, &failed, true);
    assert_eq!(strict.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert_eq!(strict.lines().count(), 11, "{strict}");
    assert_eq!(rendered(&[], &[], false), "no findings in 0 files\n");
}

#[test]
fn a_place_of_many_lines_has_no_columns() {
    let found = finding("a.yaml", "a:\n  - b\n  - c\nd: 1\n", "a:\n  - b\n  - c\n", "/a");
    let said = rendered(&[file("a.yaml", vec![found])], &[], false);
    assert!(said.starts_with("::error file=a.yaml,line=1,endLine=3,title=wrong-value::"), "{said}");
    let empty = Diagnostic {
        place: crate::diagnostic::Place {
            span: crate::source::Span::new(3, 3),
            ..finding("a.yaml", "a: 1\n", "a", "").place
        },
        ..finding("a.yaml", "a: 1\n", "a", "")
    };
    let said = rendered(&[file("a.yaml", vec![empty])], &[], false);
    assert!(said.starts_with("::error file=a.yaml,line=1,endLine=1,col=4,endColumn=4,"), "{said}");
}
