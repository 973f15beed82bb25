//! The same results by other implementations: canonical answers and ids in Python, pages by the stock compiler, words by
//! another CommonMark parser.

use std::fs;

use crate::Test;
use crate::bench::{OUT, Program, documents, expect, root, spoken, techfile};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "answers_and_content_id_are_the_same_in_python", needs: &[Program::Python], run: identity },
    Test {
        name: "the_stock_compiler_sets_the_same_pages",
        needs: &[Program::Python, Program::Tool("pdfinfo")],
        run: stock,
    },
    Test { name: "another_markdown_parser_finds_no_raw_html", needs: &[Program::Python], run: markdown },
];

/// ruamel.yaml reads the answers, cli.md's rule for numbers is applied, rfc8785 writes them: `answers.json`, byte for byte.
fn identity() {
    for document in documents() {
        let files = document.out.join(format!("{}.files", document.stem));
        let schema = OUT.join(format!("{}.schema.json", document.name));
        let kind = document.manifest()["kind"].as_str().unwrap().to_owned();
        fs::write(&schema, expect(&mut techfile(&["schema", &kind])).stdout).unwrap();
        let output = expect(Program::Python.command().arg("tests/external/identity.py").args([
            &document.answers,
            &schema,
            &files,
            &document.file(".manifest.json"),
        ]));
        assert_eq!(spoken(&output).trim(), "same", "{}", document.name);
    }
}

/// The emitted Typst source is for keeping: the stock compiler takes it as it lies there.
fn stock() {
    for document in documents() {
        let pdf = OUT.join(format!("stock-{}.pdf", document.name));
        let program = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2], font_paths=[sys.argv[3]], \
                       ignore_system_fonts=True, pdf_standards=['a-3a', 'ua-1'])";
        let typ = document.file(".typ");
        let fonts = root().join("templates/fonts");
        expect(Program::Python.command().args(["-c", program]).args([&typ, &pdf, &fonts]));
        let pages = |path: &std::path::Path| {
            let info = spoken(&expect(Program::Tool("pdfinfo").command().arg(path)));
            info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().to_owned()
        };
        assert_eq!(pages(&pdf), pages(&document.pdf()), "{}", document.name);
    }
}

fn markdown() {
    for document in documents() {
        let output = expect(Program::Python.command().arg("tests/external/markdown.py").arg(document.file(".md")));
        assert_eq!(spoken(&output).trim(), "", "{}", document.name);
    }
}
