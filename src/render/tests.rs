//! A toy kind through the whole stage.

use std::collections::BTreeMap;
use std::sync::Arc;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;
use crate::answers::{Answers, FileState, bind};
use crate::catalog::Catalog;
use crate::check::{Unchecked, check};
use crate::source::Source;

const SCHEMA: &str = r#"{"type": "object", "title": "Toy document", "additionalProperties": false, "required": ["kind", "document", "what"],
  "x-legal-basis": ["eu-ai-act:art-11.1"],
  "properties": {
    "kind": {"const": "toy"},
    "document": {"$ref": "common.schema.json#/$defs/control"},
    "sign_off": {"$ref": "common.schema.json#/$defs/signOff"},
    "what": {"type": "string", "title": "the thing", "x-clause": "eu-ai-act:annex-iv.1.a"},
    "why": {"type": "string", "contentMediaType": "text/markdown", "title": "the reason", "x-clause": "eu-ai-act:annex-iv.1.b",
      "x-applicability": "where-applicable"},
    "size": {"type": "string", "format": "decimal"},
    "day": {"type": "string", "format": "date"},
    "sure": {"type": "boolean"},
    "names": {"type": "array", "items": {"type": "string"}},
    "maker": {"type": "object", "required": ["name", "seat"], "additionalProperties": false, "x-clause": "eu-ai-act:annex-iv.2.a",
      "properties": {"name": {"type": "string"}, "note": {"type": "string", "contentMediaType": "text/markdown"},
        "seat": {"type": "object", "required": ["town"], "properties": {"town": {"type": "string"}}}}},
    "parts": {"type": "array", "x-clause": "eu-ai-act:annex-iv.2.b", "items": {"type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"}, "text": {"type": "string", "contentMediaType": "text/markdown"},
      "evidence": {"$ref": "common.schema.json#/$defs/evidenceRefs"}}}},
    "later": {"type": "string", "x-to-follow": true, "x-clause": "eu-ai-act:annex-iv.8"},
    "evidence": {"$ref": "common.schema.json#/$defs/evidenceRegister"}
  }}"#;

const TEMPLATE: &str = r#"
## 1. {{ w.toy_first }} {{ at(key=["/what", "/why"]) }}

{{ <law clause="eu-ai-act:annex-iv.1.a" /> }}

{{ <field label={w.toy_what} value={answers.what} /> }}
{{ <field label="Size" value={answers.size | figure} /> }}
{{ <field label="Day" value={answers.day | date} /> }}
{{ <field label="Sure" value={answers.sure | yesno} /> }}
{{ <bullets label="Names" of={answers.names} /> }}
{{ <block label="Why" value={answers.why} /> }}

## 2. Maker {{ at(key=["/maker", "/size", "/day", "/sure", "/names"]) }}

{{ <open of={answers.maker} /> }}
{% if answers.maker is given %}
| Name | Town |
| ---- | ---- |
| {{ answers.maker.name }} | {{ answers.maker.seat.town }} |

{{ answers.maker.note }}
{% endif %}

### Parts {{ at(key="/parts") }}

{{ <open of={answers.parts} /> }}
{% for part in answers.parts | items %}
#### {{ part.id }} {{ at(key="part:" ~ part.id) }}

{{ <prose value={part.text} /> }}
{{ <evidence of={part.evidence} /> }}
{% endfor %}

## 8. Later {{ at(key="/later") }}

{{ <field label="Later" value={answers.later} /> }}

## {{ w.open_points }}

{{ <open_points points={open_points} /> }}

## {{ w.evidence_register }}

{{ <evidence_register register={evidence} /> }}

## {{ w.coverage_matrix }}

{{ <coverage lines={coverage} /> }}
{{ <law_state laws={law} /> }}
"#;

const WORDS: &str = "kind_title: Toy document\ntoy_first: First\ntoy_what: What\n";

const HEAD: &str = "kind: toy\ndocument:\n  id: T-1\n  title: A *toy*\n  revision: \"1\"\n  date: \"2026-11-20\"\n  language: en\n  owner: Ada\n  \
                    revisions: [{revision: \"1\", date: \"2026-11-20\", author: Ada, summary: first}]\n";

const FULL: &str = r#"
what: a *thing* | with <b>marks</b>
why: |
  # Reasons

  One, see [the report](evidence:E-1).

  ![a dot](evidence:E-2)
size: 0.910
day: "2026-02-03"
sure: true
names: [one, two_]
maker: {name: "A | B", note: "Note[^1]\n\n[^1]: more", seat: {town: Delft}}
parts:
  - id: P-1
    text: "Text[^1]\n\n[^1]: other"
    evidence: [E-1]
later: {to_follow: conformity-assessment}
evidence:
  - {id: E-1, title: Report, file: a.txt, date: "2026-11-01"}
  - {id: E-2, title: Dot, file: p.svg, alt: a registered dot}
"#;

fn catalog(template: &str, summary: Option<&str>) -> Catalog {
    let files = [
        ("schemas/toy.schema.json", SCHEMA),
        ("templates/toy.md.tera", template),
        ("templates/locales/en/toy.yaml", WORDS),
    ];
    let summary = summary.map(|text| ("templates/toy/summary.md.tera", text));
    Catalog::with(files.into_iter().chain(summary).map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())))
}

fn with(template: &str, text: &str) -> Result<Document, TemplateError> {
    summarised(template, None, text)
}

fn summarised(template: &str, summary: Option<&str>, text: &str) -> Result<Document, TemplateError> {
    let catalog = catalog(template, summary);
    let answers = Answers::parse(Source::new("a.yaml", text)).expect("it is YAML");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"/>";
    let files = answers.wants().into_iter().map(|wanted| {
        let bytes: Arc<[u8]> = Arc::from(if wanted.path == "p.svg" { svg.as_bytes() } else { b"text" });
        (wanted.path, FileState::Bytes(bytes))
    });
    let answers = bind(answers, &files.collect::<BTreeMap<_, _>>());
    match check(answers, &catalog) {
        Ok(checked) => render(checked, "toy", None),
        Err(Unchecked::Rejected(rejected)) => panic!("{:#?}", rejected.findings()),
        Err(Unchecked::Catalog(error)) => panic!("{error}"),
    }
}

fn document(answers: &str) -> Document {
    with(TEMPLATE, &format!("{HEAD}{answers}")).unwrap_or_else(|error| panic!("{error}"))
}

fn fault(template: &str, answers: &str) -> TemplateError {
    with(template, &format!("{HEAD}{answers}")).expect_err("the template is at fault")
}

/// Text, headings and links of a Markdown text, as an independent reader sees them.
fn read(markdown: &str) -> (String, Vec<String>, Vec<String>) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let (mut text, mut headings, mut links, mut heading) = (String::new(), Vec::new(), Vec::new(), false);
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                headings.push(format!("{} ", "#".repeat(level as usize)));
                heading = true;
            }
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string());
            }
            Event::Text(piece) | Event::Code(piece) => {
                text.push_str(&piece);
                if heading {
                    headings.last_mut().expect("it was pushed").push_str(&piece);
                }
            }
            // Comments of templates; no answer can write one.
            Event::Html(html) if html.starts_with("<!-- chart: ") => {}
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML is in the words: {html}"),
            _ => text.push('\n'),
        }
    }
    (text, headings, links)
}

#[test]
fn a_kind_is_four_files() {
    let document = document(FULL);
    let (text, headings, links) = read(&document.control_pages);
    assert!(text.contains("A *toy*") && text.contains("20 November 2026") && text.contains("first"), "{text}");
    assert_eq!(
        headings,
        ["# Toy document", "## Document control", "## Revision history", "## Reviews", "## Approvals"]
    );
    assert_eq!(links, ["#8-later"], "what is to follow leads to its section");
    let (text, headings, links) = read(document.body());
    for part in [
        "a *thing* | with <b>marks</b>",
        "0.910",
        "3 February 2026",
        "yes",
        "two_",
        "A | B",
        "Delft",
        "To follow after",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(
        headings,
        [
            "## 1. First",
            "### Reasons",
            "## 2. Maker",
            "### Parts",
            "#### P-1",
            "## 8. Later",
            "## Open points",
            "## Evidence register",
            "### E-1",
            "### E-2",
            "## Coverage of the clauses"
        ]
    );
    for link in ["#e-1", "toy.files/E-2.svg", "#1-first", "#2-maker", "#8-later", "#parts"] {
        assert!(links.contains(&link.to_owned()), "{link} is not in {links:?}");
    }
    assert_eq!(document.files.len(), 1);
    assert_eq!((document.files[0].name.as_str(), document.files[0].shown), ("E-2.svg", true));
    assert!(document.body().starts_with("## 1. First\n") && document.body().ends_with('\n'), "{}", document.body());
    assert!(document.front_matter.starts_with(
        "---\nkind: \"toy\"\ndocument: \"T-1\"\nrevision: \"1\"\nlanguage: \"en\"\ncontent_id: \"sha256:"
    ));
    let roles: Vec<_> = document.inputs.iter().map(|input| input.role).collect();
    assert_eq!(
        roles,
        ["clauses", "schema", "schema", "template", "template", "words", "words", "template"],
        "{:?}",
        document.inputs
    );
}

#[test]
fn what_stands_in_place_of_an_answer_is_printed_in_its_place() {
    let pending = "{pending: {what: which, owner: Bo, due: \"2027-01-05\"}}";
    for key in ["what", "why", "size", "day", "sure", "names", "maker", "parts", "later"] {
        let rest = if key == "what" { "" } else { "what: x\n" };
        let document = document(&format!("{rest}{key}: {pending}\n"));
        let (text, ..) = read(document.body());
        let expected = "Open (OP-1):\n which — to be answered by Bo, due 5 January 2027";
        assert!(text.contains(expected), "{key}: {text}");
    }
    for (answers, expected) in [
        ("why: {not_applicable: no *need*}", "Not applicable:\n no *need*"),
        ("maker: {name: {pending: who}, seat: {town: {pending: where}}}", "Open (OP-2):\n where"),
        ("parts: [{id: P, text: {pending: \"a | b\"}, evidence: {pending: proof}}]", "Open (OP-2):\n proof"),
    ] {
        let document = document(&format!("what: x\n{answers}\n"));
        let (text, ..) = read(document.body());
        assert!(text.contains(expected), "{answers}: {text}");
    }
    let (text, ..) = read(document("what: x\n").body());
    assert!(!text.contains("Why") && !text.contains("Size") && text.contains("No point is open."), "{text}");
}

#[test]
fn faults_of_a_template_are_told_with_their_place() {
    for (template, answers, message) in [
        ("## A {{ at(key=\"/what\") }}\n\n{{ w.nothing }}", "what: x", "`nothing` is not defined"),
        ("{{ answers.wht }}", "what: x", "`wht` is not defined"),
        ("{{ answers.what | safe }}", "what: x", "no filter `safe`"),
        ("{{ answers.what | word(prefix=\"no_\") }}", "what: x", "have no `no_x`"),
        ("{{ answers.what | nothing }}", "what: x", "Unknown filter `nothing`"),
        ("{% if %}", "what: x", ""),
        ("nothing", "what: x", "`/what` is printed nowhere"),
        ("{{ answers.what }}", "what: x\nmaker: {pending: who}", "`/maker` is printed nowhere"),
        ("{{ answers.what }}", "what: x\nwhy: y", "`/why` is printed nowhere"),
        ("- {{ answers.why }}\n{{ answers.what }}", "what: x\nwhy: y", "`/why` may hold paragraphs and tables"),
        ("{{ answers.what }}\n\n| a |\n| - |\n| {{ answers.why }} |", "what: x\nwhy: y", "not after `|`"),
        ("{{ answers.what }} {{ answers.why }}", "what: x\nwhy: y", "not after `x`"),
        ("{{ answers.why | upper | truncate(length=1) }}", "what: x\nwhy: y", "taken apart"),
        ("{{ answers.what }} {{ link(to=\"part:P\") }}", "what: x", "no heading bears"),
        ("{{ answers.what }} {{ at(key=\"x\") }}", "what: x", "must stand in a heading"),
    ] {
        let error = fault(template, answers);
        assert!(error.message.contains(message), "{template}: {error}");
        assert!(error.place.starts_with("templates/toy.md.tera"), "{template}: {error}");
    }
}

#[test]
fn a_summary_stands_before_document_control_and_shows_the_opening_of_an_answer() {
    let summary = "## Brief\n\n{{ answers.why | opening }}\n{{ answers.size | opening }}\n";
    let answers =
        format!("{HEAD}what: x\nsize: 2\nwhy: |\n  # Reasons\n\n  One[^n] *word*.\n\n  Two.\n\n  [^n]: a note\n");
    let document = summarised(TEMPLATE, Some(summary), &answers).unwrap_or_else(|error| panic!("{error}"));
    let brief = document.control_pages.split("## ").find(|part| part.starts_with("Brief")).expect("the summary");
    assert_eq!(brief, "Brief\n\nOne *word*.\n\n2\n\n");
    assert!(document.control_pages.find("## Brief") < document.control_pages.find("## Document control"));
    assert!(document.body().contains("Two.") && document.body().contains("a note"), "{}", document.body());
    // What stands in the summary alone is not printed, and a fault in it is told where it is.
    let error = summarised("{{ answers.what }}", Some(summary), &format!("{HEAD}what: x\nwhy: y\n"));
    assert!(error.is_err_and(|error| error.message.contains("`/why` is printed nowhere")));
    for (answers, lost) in [("what: x\n", "/what"), ("what: {pending: which}\n", "/what")] {
        let error = summarised("## A {{ at(key=\"/what\") }}", Some("{{ answers.what }}"), &format!("{HEAD}{answers}"));
        let error = error.expect_err("nobody signs the summary");
        assert!(error.message.contains(&format!("`{lost}` is printed nowhere in the body")), "{error}");
    }
    let error = summarised(TEMPLATE, Some("{{ answers.wht }}"), &answers).expect_err("there is no such answer");
    assert!(error.place.starts_with("templates/toy/summary.md.tera:1:"), "{error}");
}

#[test]
fn a_capital_letter_changes_no_other() {
    let template = "## A {{ at(key=\"/what\") }}\n\n{{ answers.what | capitalize }}\n\n{{ answers.what }}";
    let document = with(template, &format!("{HEAD}what: überall Aufsicht\n")).unwrap_or_else(|error| panic!("{error}"));
    assert!(document.body().contains("Überall Aufsicht\n\nüberall Aufsicht"), "{}", document.body());
}

#[test]
fn signing_changes_no_word_of_what_is_signed() {
    let draft = document("what: x\n");
    let (content, body) = (draft.identity().content_id, draft.body_digest());
    let signed = |status: &str, content: &str, body: &str| {
        let approval =
            format!("{{by: Eve, role: CEO, date: \"2026-11-21\", content_id: \"{content}\", body: \"{body}\"}}");
        document(&format!("what: x\nsign_off: {{status: {status}, approvals: [{approval}]}}\n"))
    };
    let good = signed("approved", &content.to_string(), &body.to_string());
    assert_eq!((good.body(), good.identity().content_id), (draft.body(), content));
    assert!(good.remarks().is_empty() && good.control_pages.contains("this text"), "{:?}", good.remarks());
    for (status, severity) in
        [("approved", crate::diagnostic::Severity::Error), ("in-review", crate::diagnostic::Severity::Warning)]
    {
        let old = signed(status, &content.to_string(), &Digest::of(b"other").to_string());
        let codes: Vec<_> = old.remarks().iter().map(|finding| (finding.code.as_str(), finding.severity)).collect();
        assert_eq!(codes, [("approval-outdated", severity)]);
        assert!(old.control_pages.contains("an earlier version"), "{}", old.control_pages);
    }
}

#[test]
fn no_template_of_the_catalogue_asks_for_raw_text() {
    let catalog = Catalog::builtin();
    for path in catalog.paths().filter(|path| path.ends_with(".md.tera")) {
        let text = catalog.text(path).expect("it is UTF-8");
        for filter in ["safe", "escape_html", "newlines_to_br"] {
            let mut pipes = text.split('|').skip(1).map(str::trim_start);
            assert!(
                !pipes.any(|after| after
                    .strip_prefix(filter)
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))),
                "{path}: {filter}"
            );
        }
    }
}

mod places;
