//! Markdown in, Typst code out, and nothing of the Markdown in the code but strings.

use proptest::prelude::*;
use typst::syntax::{SyntaxKind, SyntaxNode, ast, parse_code};

use super::*;

/// Every name that the code may use.
const NAMES: [&str; 27] = [
    "block",
    "box",
    "brk",
    "center",
    "data-table",
    "divider",
    "emph",
    "enum",
    "footnote",
    "hyphenated",
    "inline-picture",
    "label",
    "lead",
    "left",
    "linebreak",
    "link",
    "list",
    "listed",
    "note",
    "outer",
    "par",
    "picture",
    "quote",
    "raw",
    "right",
    "section",
    "small",
];
const MORE_NAMES: [&str; 13] = [
    "chart-bars",
    "chart-completeness",
    "chart-matrix",
    "chart-timeline",
    "intro",
    "long",
    "page",
    "start",
    "strike",
    "strong",
    "tasks",
    "tight",
    "whole",
];

fn code(markdown: &str) -> Code {
    convert(
        "# Title\n\nCover.\n",
        markdown,
        &|target| target.strip_prefix("x.files/").map(str::to_owned),
        &BTreeMap::new(),
    )
}

fn body(markdown: &str) -> String {
    code(markdown).body
}

/// The strings of the code in order, once its shape has been judged.
fn strings(code: &str) -> Vec<String> {
    let root = parse_code(&format!("{{\n{code}\n}}"));
    assert!(!root.diagnosis().errors, "not what the compiler reads: {code}");
    let mut out = Vec::new();
    walk(&root, code, &mut out);
    out
}

fn walk(node: &SyntaxNode, code: &str, out: &mut Vec<String>) {
    match node.kind() {
        SyntaxKind::Str => out.push(node.cast::<ast::Str>().expect("a string").get().to_string()),
        SyntaxKind::Ident => {
            let name = node.leaf_text().as_str();
            assert!(NAMES.contains(&name) || MORE_NAMES.contains(&name), "the name {name} in {code}");
        }
        SyntaxKind::Code
        | SyntaxKind::CodeBlock
        | SyntaxKind::FuncCall
        | SyntaxKind::Args
        | SyntaxKind::Named
        | SyntaxKind::Array
        | SyntaxKind::Parenthesized
        | SyntaxKind::Int
        | SyntaxKind::Numeric
        | SyntaxKind::Bool
        | SyntaxKind::None
        | SyntaxKind::Space
        | SyntaxKind::Comma
        | SyntaxKind::Colon
        | SyntaxKind::Semicolon
        | SyntaxKind::LeftParen
        | SyntaxKind::RightParen
        | SyntaxKind::LeftBrace
        | SyntaxKind::RightBrace => {}
        other => panic!("{other:?} in {code}"),
    }
    for child in node.children() {
        walk(child, code, out);
    }
}

/// Every character that Markdown might read stands for itself.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_element_becomes_its_own_call() {
    assert_eq!(
        body("a *b* **c** ~~d~~ `e`"),
        r#"par({"a "; emph("b"); " "; strong("c"); " "; strike("d"); " "; raw("e")})"#
    );
    assert_eq!(body("a  \nb\nc"), r#"par({"a"; linebreak(); "b c"})"#);
    assert_eq!(
        body("- a\n- b\n  1. c"),
        r#"outer(list(tight: true, "a", {"b"; enum(tight: true, "c")}))"#
            .replace("{\"b\"; enum(tight: true, \"c\")}", "{\n\"b\"\nenum(tight: true, \"c\")\n}")
    );
    assert_eq!(body("3. a\n\n4. b"), r#"outer(long: true, enum(start: 3, tight: false, par("a"), par("b")))"#);
    assert_eq!(body("- [ ] a\n- [x] b\n- c"), r#"outer(tasks(("☐", "☑", "•",), tight: true, "a", "b", "c"))"#);
    assert_eq!(body("> a\n>\n> b"), "quote(block: true, {\npar(\"a\")\npar(\"b\")\n})");
    assert_eq!(body("```rust\nlet a = \"b\";\n```"), r#"raw(block: true, "let a = \"b\";")"#);
    assert_eq!(body("![a *b*](x.files/E.png)"), r#"picture("E.png", "a b")"#);
    assert_eq!(body("x ![a](x.files/E.png)"), r#"par({"x "; inline-picture("E.png", "a")})"#);
    assert_eq!(body("**a *b***\n\n**c** d"), "lead({\"a \"; emph(\"b\")})\npar({strong(\"c\"); \" d\"})");
    assert_eq!(body("a:\n\n> b:"), "intro(\"a:\")\nquote(block: true, par(\"b:\"))");
    assert!(body(&"- a\n".repeat(13)).starts_with("outer(long: true, list("));
    assert_eq!(body("---"), "divider()");
    assert_eq!(
        body("a <!-- b --> c\n\n<!-- d\ne -->\n\n<i>f</i>"),
        "par({\"a  c\"})".replace("{\"a  c\"}", "\"a c\"") + "\npar(\"<i>f</i>\")"
    );
}

#[test]
fn headings_rise_by_one_level_and_none_is_left_out() {
    assert_eq!(
        body("## A b\n\n#### C\n\n### D\n\n#\n\n> ## E"),
        "section(1, \"a-b\", \"A b\")\nsection(2, \"c\", \"C\")\nsection(2, \"d\", \"D\")\nquote(block: true, par(strong(\"E\")))"
    );
    assert_eq!(
        body("## R-1\n\n### E-01"),
        "section(1, \"r-1\", \"R-1\")\nsection(2, \"e-01\", \"E-01\", listed: false)"
    );
    let code = code("## Title");
    assert_eq!((code.kind.as_str(), code.notes.as_str(), code.control.as_str()), ("par(\"Title\")", "", ""));
    assert_eq!(code.body, "section(1, \"title-1\", \"Title\")", "the title's name is taken");
}

#[test]
fn a_chart_stands_between_its_title_and_its_table() {
    let table = "| a | b | c |\n|--|--|--|\n| [D](#x) | *t* | 1 |";
    let code = body(&format!("**Sizes**\n\n<!-- chart: sizes -->\n\n{table}"));
    assert!(code.starts_with("lead(\"Sizes\")\nchart-bars(\"Sizes: D: b t, c 1.\", "), "{code}");
    assert!(code.contains("\ndata-table(("), "{code}");
    let code = body(&format!("**Not** a title\n\n<!-- chart:sizes -->\n{table}"));
    assert!(code.contains("\nchart-bars(\"D: b t, c 1.\", "), "{code}");
    for other in ["<!-- records -->", "<!-- chart: sizes -->\n\nBetween.", "&lt;!-- chart: records -->"] {
        assert!(!body(&format!("{other}\n\n{table}")).contains("chart-"), "{other}");
    }
    let faulty = super::tests::code("<!-- chart: pie -->\n\n| a |\n|---|\n| 1 |");
    assert_eq!(faulty.faults, ["there is no chart `pie`"]);
}

#[test]
fn links_lead_to_headings_or_out_and_nowhere_else() {
    assert_eq!(
        body("## A\n\n[b](#a) [c](#d)"),
        "section(1, \"a\", \"A\")\npar({link(label(\"a\"), \"b\"); \" \"; \"c\"})"
    );
    for target in ["https://a.example/b", "HTTP://a.example", "mailto:a@b.example"] {
        assert_eq!(body(&format!("[x]({target})")), format!("par(link(\"{target}\", \"x\"))"));
    }
    for target in
        ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//host", "evidence:E", "/a", "a.md"]
    {
        assert_eq!(body(&format!("[x]({target})")), "par(\"x\")", "{target}");
    }
}

#[test]
fn notes_are_set_where_they_are_first_cited_and_none_is_lost() {
    assert_eq!(body("a[^n] b[^n]\n\n[^n]: c"), r#"par({"a"; note("note:1", "c"); " b"; footnote(label("note:1"))})"#);
    let code = body("## H[^h]\n\na[^m]\n\n[^h]: in a heading\n\n[^m]: cites itself[^m]\n\n[^u]: nobody cites");
    let strings = strings(&code).concat();
    for piece in ["H[^h]", "[^h] in a heading", "cites itself[^m]", "[^u] nobody cites"] {
        assert!(strings.contains(piece), "{piece} in {code}");
    }
    assert_eq!(code.matches("note(").count(), 1);
}

#[test]
fn widths_are_the_dashes_or_else_follow_the_texts() {
    let code = body("| A | B |\n|:--|-------:|\n| 1 | 2 |\n");
    assert_eq!(
        code,
        "data-table((2fr, 7fr, ), (left, right, ), (\"A\", \"B\",), whole: true, small: true,\n\"1\", \"2\")"
    );
    let code = body(
        "| Id | Text |\n|---|---|\n| R1 | a long text that needs a good part of the line to be read with ease |\n",
    );
    let widths: Vec<u32> =
        code.split("fr").take(2).map(|part| part.rsplit(['(', ' ']).next().unwrap().parse().unwrap()).collect();
    assert!(widths[1] > 5 * widths[0], "{code}");
    let quoted = body("> | A | B |\n> |-----|-|\n> | 1 | |\n");
    assert!(quoted.contains("(5fr, 1fr, )"), "{quoted}");
}

#[test]
fn a_word_breaks_between_its_elements() {
    let head = "| Step Name | Status | Inputs | Outputs | Start | End | Owner |\n|---|---|---|---|---|---|---|\n";
    let row = "**modal_deployment** | completed | results=`28b09408`, record=`3e1ce211` | deployment_info=[`60095122`]";
    let code = body(&format!("{head}| {row} | 2025-05-22 23:16:33 | 2025-05-22 23:16:33 | platform |"));
    assert!(code.contains(r#"{"deployment_"; brk; "info="; brk; "["; raw("60095122"); "]"}"#), "{code}");
    assert_eq!(body("a=[`b`]"), r#"par({"a=["; raw("b"); "]"})"#, "what fits stays whole");
}

#[test]
fn a_short_paragraph_stays_with_its_table() {
    let table = "| a | b |\n|---|---|\n| 1 | 2 |";
    assert!(body(&format!("Why.\n\n{table}")).starts_with("intro(\"Why.\")\ndata-table("));
    assert!(
        body(&format!("Why.\n\n<!-- chart: sizes -->\n\n{}", table.replace("|---|---|", "|-|-|")))
            .starts_with("intro(")
    );
    assert!(body(&format!("{}\n\n{table}", "word ".repeat(100))).starts_with("par("));
    assert!(body(&format!("Why.\n\n- a\n\n{table}")).starts_with("par("));
}

#[test]
fn what_is_too_deep_is_flat_and_still_there() {
    let list: Vec<String> = (0..60).map(|depth| format!("{}- item{depth}\n", "  ".repeat(depth))).collect();
    let list = list.concat();
    let deep = format!("{}x{}\n\n{list}\n{} quote", "*_".repeat(60), "_*".repeat(60), ">".repeat(60));
    let code = body(&deep);
    let text = strings(&code).concat();
    assert!(text.contains("item59") && text.contains("quote"), "{text}");
    let depth = code.chars().fold((0_i32, 0), |(now, most), c| match c {
        '(' => (now + 1, most.max(now + 1)),
        ')' => (now - 1, most),
        _ => (now, most),
    });
    assert!(depth.1 < 80, "{depth:?}");
}

/// Pieces that mean something in Typst, Tera, Markdown or HTML.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "#read(\"/etc/passwd\")",
        "#import \"@preview/x:1.0.0\"",
        "#panic()",
        "#set document(title: \"x\")",
        "$x$",
        "*",
        "_",
        "`",
        "``",
        "\\",
        "@ref",
        "<label>",
        "//",
        "/*",
        "*/",
        "= H",
        "\"",
        "\\\"",
        "\\u{22}",
        "{{ x }}",
        "{% raw %}",
        "{#",
        "# H1",
        "## H2",
        "### ",
        "![x](x.files/E.png)",
        "[a](javascript:alert(1))",
        "[a](https://e.example/\"))",
        "[a](#h2)",
        "|",
        "---",
        "\n|---|---|\n",
        "\n",
        "\n\n",
        "    ",
        "\t",
        "- ",
        "1. ",
        "> ",
        "[^1]",
        "[^1]: ",
        "- [x] ",
        "~~",
        "<!--",
        "-->",
        "<script>",
        "&lt;",
        "&#34;",
        "https://e.example/?a=b",
        "word",
        "Ωμέγα",
        "żółć",
        "\u{202e}",
        "\u{200b}",
        "\0",
        "\u{2028}",
        ")",
        "(",
        "}",
        "{",
        "]",
        "[",
        ";",
        "#",
        "none",
        "brk",
        "averyveryverylongtokenwithout_any_break_0123456789",
        "```\n",
        "```typ\n#x\n```\n",
        "<",
        ">",
        "'",
        "\r\n",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_markdown_becomes_anything_but_strings_and_our_own_calls(text in hostile()) {
        for code in [body(&text), code(&format!("## A\n\n| {text} | b |\n|--|-----|\n| c | {text} |\n\n- {text}\n\n> {text}\n\n[^1]: {text}\n")).body] {
            strings(&code);
        }
        let code = convert(&text, &text, &|target| Some(target.to_owned()), &BTreeMap::new());
        for code in [code.kind, code.notes, code.control, code.body] {
            strings(&code);
        }
    }

    #[test]
    fn no_cell_of_a_chart_becomes_anything_but_strings(text in hostile(), count in 0_u32..3) {
        let cell = words(&text.replace(['|', '\0'], " "));
        for (name, columns) in [("thresholds", 6), ("groups", 5), ("sizes", 3), ("risk-matrix", 4), ("timeline", 3), ("completeness", 3)] {
            let row = |inner: &str| format!("| {cell} | {} |\n", vec![inner; columns - 1].join(" | "));
            let rows = [row(&format!("1 {cell}")), row("2026-01-02"), row("2026-02-02"), row("0.1 – 0.2"), row(&count.to_string())];
            let table = format!("{}|{}\n{}", row(&cell), "-|".repeat(columns), rows.concat());
            let code = body(&format!("**{cell}**\n\n<!-- chart: {name} -->\n\n{table}"));
            prop_assert!(code.contains("\nchart-") || code.starts_with("chart-") || (name == "completeness" && count == 0), "{}", code);
            strings(&code);
        }
    }

    #[test]
    fn what_markdown_says_is_what_the_strings_say(text in hostile()) {
        let text = words(&text.replace('\0', ""));
        prop_assume!(!text.is_empty());
        let marked = escaped(&text);
        let shown = |code: String| words(&strings(&code).concat());
        prop_assert_eq!(shown(body(&marked)), text.clone());
        prop_assert_eq!(shown(body(&format!("- {marked}"))), text.clone());
        prop_assert_eq!(shown(body(&format!("> **{marked}**"))).replace("**", ""), text.replace("**", ""));
        prop_assert_eq!(shown(body(&format!("| {marked} |\n|---------|\n| x |"))), words(&format!("{text}x")));
        // No run of backticks in the text is as long as the fence, so none closes it.
        let fence = "`".repeat(text.len() + 3);
        prop_assert_eq!(shown(body(&format!("{fence}\n{text}\n{fence}"))), text);
    }

    #[test]
    fn any_text_is_one_literal(text in any::<String>()) {
        prop_assert_eq!(strings(&string(&text)), vec![text.clone()]);
        prop_assert_eq!(strings(&literal::text(&text, literal::Width(9000)).join("\n")).concat(), text);
    }
}
