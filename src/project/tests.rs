use super::*;

fn project(text: &str) -> Result<Project, Vec<(Code, usize)>> {
    Project::parse(Source::new("techfile.yaml", text), &Catalog::builtin(), "0.4.2").map_err(|why| match why {
        NoProject::Rejected(rejected) => {
            rejected.findings().iter().map(|found| (found.code, found.place.positions().0.line)).collect()
        }
        NoProject::Catalog(error) => panic!("{error}"),
    })
}

#[test]
fn a_project_says_what_its_file_says() {
    let text = "title: T\ndocuments: [\"docs/**/answers.yaml\"]\noutput: out/docs\nkeep: [md]\nlanguages: [en, nl]\nlimits: {}\n\
                allow:\n- {code: not-normalized, document: D-1, pointer: /a, reason: judged}\nrequires: \">=0.4, <0.5\"\n";
    let project = project(text).expect("it has no error");
    assert_eq!((project.title.as_deref(), project.output.as_str()), (Some("T"), "out/docs"));
    assert!(project.names("docs/a/answers.yaml") && !project.names("answers.yaml"));
    let place = |pointer: &str| Place {
        source: Source::new("a.yaml", "a: 1"),
        span: crate::source::Span::default(),
        pointer: pointer.to_owned(),
    };
    let found = |pointer: &str| Diagnostic::warning(Code::NotNormalized, place(pointer), "m");
    let error = Diagnostic::error(Code::NotNormalized, place("/a"), "m");
    let mut findings = vec![found("/a"), found("/a/b"), found("/ab"), error];
    assert_eq!(project.allows(Some("D-1"), &mut findings).len(), 2);
    assert_eq!(findings.len(), 2);
    assert!(project.allows(Some("D-2"), &mut vec![found("/a")]).is_empty());
    assert!(project.foreign("de", place("/document/language")).is_some());
    assert!(project.foreign("nl", place("/document/language")).is_none());
}

#[test]
fn an_empty_file_is_a_project_and_a_wrong_one_says_where() {
    for text in ["", "# nothing\n\n", "{}\n"] {
        assert!(project(text).is_ok_and(|project| project.output == "build" && project.documents.is_empty()), "{text}");
    }
    for (text, code, line) in [
        ("title: T\ndocments: [x]\n", Code::UnknownKey, 2),
        ("output: ../up\n", Code::WrongValue, 1),
        ("output: /etc\n", Code::WrongValue, 1),
        ("documents: [a/../../b.yaml]\n", Code::WrongValue, 1),
        ("documents: x\n", Code::WrongType, 1),
        ("documents:\n- '*.yaml'\n- '!facts.yaml'\n", Code::WrongValue, 3),
        ("keep: [md, html]\n", Code::WrongValue, 1),
        ("title: {pending: later}\n", Code::WrongType, 1),
        ("title: T\nallow:\n- {code: placeholder}\n", Code::MissingAnswer, 3),
        ("allow:\n- code: no-such-code\n  reason: r\n", Code::WrongValue, 2),
        ("allow:\n- code: placeholder\n  reason: ' '\n", Code::WrongValue, 3),
        ("requires: \">=0.5\"\n", Code::WrongValue, 1),
        ("requires: newest\n", Code::WrongValue, 1),
        ("limits: {pages: 1}\n", Code::UnknownKey, 1),
        ("limits:\n  evidence_files: 5000\n  answers_mib: 33\n", Code::WrongValue, 3),
        ("limits: {evidence_files: 0}\n", Code::WrongValue, 1),
        ("limits: {answers_mib: 1.5}\n", Code::WrongType, 1),
        ("a: &b 1\n", Code::Syntax, 1),
    ] {
        assert_eq!(project(text).expect_err(text), [(code, line)], "{text}");
    }
}

#[test]
fn limits_are_those_of_the_schema() {
    let schema: Json = serde_json::from_str(Catalog::builtin().text(PROJECT).unwrap()).unwrap();
    // What making a document may take stands there too: the program holds to it, no reader does.
    let mut names = schema["properties"]["limits"]["properties"].as_object().unwrap().clone();
    for effort in ["seconds", "memory_mib"] {
        let highest = names.remove(effort).expect(effort)["maximum"].as_u64();
        let set = project(&format!("limits: {{{effort}: {}}}\n", highest.unwrap())).unwrap();
        assert_eq!(set.effort.seconds.or(set.effort.memory_mib), highest, "{effort}");
        assert_eq!(set.limits, Limits::USUAL, "{effort}");
    }
    let all = |word: &str| {
        let lines: Vec<String> = names.iter().map(|(name, shape)| format!("  {name}: {}\n", shape[word])).collect();
        project(&format!("limits:\n{}", lines.concat())).expect("it has no error").limits
    };
    assert_eq!(all("maximum"), Limits::HIGHEST);
    assert_eq!(all("default"), Limits::USUAL);
    assert_eq!(project("").unwrap().limits, Limits::USUAL);
    // Each name sets something of its own.
    for name in names.keys() {
        let set = project(&format!("limits: {{{name}: 1}}\n")).unwrap().limits;
        assert_ne!(set, if name == "text_mib" { Limits::HIGHEST } else { Limits::USUAL }, "{name}");
    }
}
