//! Answers that look like code of everything they pass through.

use crate::leaves::Sort;

/// O31, O32, O34, O35, O40: code of Typst, Tera and HTML, and our own signs. No answer may hold them as code.
const CODE: [&str; 10] = [
    "#read(\"/etc/passwd\") #panic() $x$ @ref <label> // /* = H",
    "#import \"@preview/x:1.0.0\" #eval(\"1\") #set document(title: \"x\")",
    "{{ answers.toy_name }} {% include \"/etc/passwd\" %} {# x #} {% raw %}",
    "\" \\\" \\u{22} \") #x(\"",
    "%%TOC%% {{stamp}} {{ w.contents }} ${x} %s",
    "<script>alert(1)</script> <img src=x onerror=y> <details> <!-- x -->",
    "&lt; &#60; &amp; &nbsp; &copy",
    "</rdf:li><x>&amp;]]> <![CDATA[",
    "{\"pending\": {\"what\": \"x\"}} - x: y # z",
    "ends in a backslash \\",
];

/// O33: Markdown, which only a Markdown answer may use.
const MARKUP: [&str; 8] = [
    "# H1 ## H2 *a* __b__ ~~c~~ `d` **e**",
    "![x](http://e.example/x.png) [a](javascript:alert(1)) <http://e.example>",
    "| a | b | \\| --- |",
    "[^1] [a]: /b \"c\" [b][c] [ ] - [x] d",
    "1. one 2) two + three",
    "https://e.example/a_b_c www.e.example a@e.example",
    "--- === *** ___ ~~~ ```",
    "http://e.example&lt;!--",
];

/// Code for the answer with this number; each shift gives it code of another sort. In a Markdown answer it stands between
/// backticks, where an entity is what it says.
pub(crate) fn code(number: usize, shift: usize, sort: &Sort) -> String {
    match sort {
        Sort::Markdown => format!("Zq{number}m `` {} ``", CODE[(number + shift) % CODE.len()]),
        _ if (number + shift).is_multiple_of(2) => format!("Zq{number}q {}", CODE[(number / 2 + shift) % CODE.len()]),
        _ => format!("Zq{number}q {}", MARKUP[(number / 2 + shift) % MARKUP.len()]),
    }
}

/// The words that a reader must meet.
pub(crate) fn read(code: &str) -> String {
    match code.split_once("m `` ") {
        Some((number, rest)) => format!("{number}m {}", rest.trim_end_matches(" ``")),
        None => code.to_owned(),
    }
}
