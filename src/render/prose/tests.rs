use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::*;

fn cleaned(text: &str) -> String {
    clean(text, 2, 1, &Unresolved)
}

/// Everything that a reader sees of a Markdown text, without white space; and the tags.
fn seen(markdown: &str) -> (String, Vec<Tag<'static>>) {
    let (mut text, mut tags) = (String::new(), Vec::new());
    for event in Parser::new_ext(markdown, MARKDOWN) {
        match event {
            Event::Text(piece) | Event::Code(piece) | Event::Html(piece) | Event::InlineHtml(piece) => {
                text.push_str(&piece);
            }
            Event::Start(tag) => {
                if let Tag::Link { title, .. } | Tag::Image { title, .. } = &tag
                    && !title.trim().is_empty()
                {
                    panic!("a title is left in {markdown}");
                }
                tags.push(tag.into_static());
            }
            _ => {}
        }
    }
    text.retain(|c| !c.is_whitespace());
    (text, tags)
}

fn holds(text: &str) {
    let once = cleaned(text);
    assert_eq!(cleaned(&once), once, "cleaning twice changes {text:?}");
    let (shown, tags) = seen(&once);
    for tag in &tags {
        match tag {
            Tag::HtmlBlock => panic!("HTML is left of {text:?}: {once}"),
            Tag::Link { dest_url, .. } => {
                let lower = dest_url.to_ascii_lowercase();
                assert!(["http://", "https://", "mailto:", "evidence:"].iter().any(|s| lower.starts_with(s)), "{once}");
            }
            Tag::Image { dest_url, .. } => assert!(dest_url.starts_with("evidence:"), "{once}"),
            Tag::Heading { level, .. } => assert!(*level as u8 > 2, "{once}"),
            _ => {}
        }
    }
    assert!(!Parser::new_ext(&once, MARKDOWN).any(|e| matches!(e, Event::Html(_) | Event::InlineHtml(_))), "{once}");
    let mut last = 2;
    for event in Parser::new_ext(&once, MARKDOWN) {
        if let Event::Start(Tag::Heading { level, .. }) = event {
            assert!(level as u8 <= last + 1, "a level is skipped in {once}");
            last = level as u8;
        }
    }
    // No word is lost: what the source shows, the result shows. Alone its addresses of pictures and titles are spelt out.
    let source = source_words(text);
    for word in source.split_whitespace() {
        let word: String = word.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(shown.contains(&word), "{word:?} of {text:?} is not in {once:?}");
    }
}

/// Words of the source, one event a word.
fn source_words(text: &str) -> String {
    let mut words = String::new();
    for event in Parser::new_ext(text, MARKDOWN) {
        match event {
            Event::Text(piece) | Event::Code(piece) | Event::Html(piece) | Event::InlineHtml(piece) => {
                for word in piece.split_whitespace() {
                    words.push_str(&read::shown(word));
                    words.push(' ');
                }
            }
            Event::Start(_) | Event::End(TagEnd::Paragraph) => words.push(' '),
            _ => {}
        }
    }
    words
}

#[test]
fn what_may_be_shown_stays() {
    for (text, expected) in [
        ("One *two* **three** ~~four~~ `five`.", "One *two* **three** ~~four~~ `five`."),
        ("One\ntwo\n\nthree  \nfour", "One two\n\nthree\\\nfour"),
        ("* a\n* b\n  1. c\n  2. d", "- a\n- b\n  1. c\n  2. d"),
        ("- a\n\n- b\n\n  c", "- a\n\n- b\n\n  c"),
        ("- [x] done\n- [ ] open", "- [x] done\n- [ ] open"),
        ("> a\n> b\n\nc", "> a b\n\nc"),
        ("```python x\na = 1\n\n# b\n```", "```python\na = 1\n\n# b\n```"),
        ("    indented `` ` ``", "```\nindented `` ` ``\n```"),
        ("| a | b |\n|--|:-----:|\n| `x\\|y` | *c* |", "| a | b |\n| ------ | :---------------: |\n| `x\\|y` | *c* |"),
        ("[a](https://x.y/?a=1&b=2 \"T\")", "[a](https://x.y/?a=1&amp;b=2) (T)"),
        ("<https://x.y> <a@b.c>", "[https\\://x.y](https://x.y) [a@b.c](mailto:a@b.c)"),
        ("[r](evidence:E-1) ![p](evidence:E-2)", "[r](evidence:E-1) ![p](evidence:E-2)"),
        ("a[^x] b\n\n[^x]: the note\n\n[^y]: nobody refers", "a[^1-1] b\n\n[^1-1]: the note\n\nnobody refers"),
        ("a\n***\nb", "a\n\n___\n\nb"),
        ("- a\n\n* b", "- a\n\n* b"),
    ] {
        assert_eq!(cleaned(text), expected, "{text}");
        holds(text);
    }
}

#[test]
fn what_may_not_be_shown_becomes_text() {
    for (text, expected) in [
        ("<script>alert(1)</script>", "\\<script>alert(1)\\</script>"),
        ("a <b>c</b>", "a \\<b>c\\</b>"),
        ("<!-- chart: x -->\n\n| a |\n| - |\n| b |", "\\<!-- chart: x -->\n\n| a |\n| --- |\n| b |"),
        ("[a](javascript:alert(1))", "a"),
        ("[a](//host/x) [b](#top) [c](/x)", "a b c"),
        ("![x](http://e/x.png)", "x"),
        ("&#x202e;x &lt;b&gt;", "U+202Ex \\<b>"),
    ] {
        assert_eq!(cleaned(text), expected, "{text}");
        holds(text);
    }
}

#[test]
fn headings_stand_below_their_section() {
    assert_eq!(cleaned("# A\n\n### B\n\n###### C\n\n## D\n\n# E"), "### A\n\n#### B\n\n##### C\n\n#### D\n\n### E");
    assert_eq!(clean("# A\n## B\n### C\n", 5, 1, &Unresolved), "###### A\n\n###### B\n\n###### C");
    assert_eq!(cleaned("Title *x*\n===\n- # in a list"), "### Title *x*\n\n- **in a list**");
}

#[test]
fn deep_nesting_costs_little_and_loses_nothing() {
    holds(&format!("{}x", ">".repeat(2_000)));
    holds(&format!("{}x", "- ".repeat(2_000)));
    holds(&format!("{}x{}", "*".repeat(500), "*".repeat(500)));
    holds(&format!("{}x", "[".repeat(2_000)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]
    #[test]
    fn any_markdown_is_cleaned_once_and_for_all(
        text in proptest::collection::vec(prop_oneof![
            "[a-z ]{1,6}", Just("\n".to_owned()), Just("\n\n".to_owned()), "[*_~`]{1,3}", "[-+>#|=:]{1,4} ?", "[0-9]{1,2}[.)] ",
            Just("[a](https://x.y)".to_owned()), Just("![p](evidence:E-1)".to_owned()), Just("[^a]".to_owned()),
            Just("[^a]: ".to_owned()), Just("<b>".to_owned()), Just("&amp;".to_owned()), Just("    ".to_owned()), Just("```".to_owned()),
            Just("| a | b |\n| - | - |\n".to_owned()), Just("\\".to_owned()), Just("  \n".to_owned()), "[!\\[\\]()<>&;\"']{1,3}",
            Just("- [ ] ".to_owned()), Just("  - ".to_owned()), Just("> ".to_owned()),
        ], 0..14).prop_map(|pieces| pieces.concat())
    ) {
        holds(&text);
    }

    #[test]
    fn any_text_is_cleaned_once_and_for_all(text in "\\PC{0,40}") { holds(&text); }
}

#[test]
fn a_hundred_thousand_quotations_and_notes_take_no_longer_than_their_text() {
    assert!(cleaned(&format!("{}deep", "> ".repeat(100_000))).contains("deep"));
    let notes = (0..10_000).map(|index| format!("[^n{index}] ")).collect::<Vec<_>>().concat();
    let texts = (0..10_000).map(|index| format!("[^n{index}]: note\n\n")).collect::<Vec<_>>().concat();
    assert_eq!(cleaned(&format!("{notes}\n\n{texts}")).matches("note").count(), 10_000);
}
