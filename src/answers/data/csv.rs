//! CSV (RFC 4180) into a list of records: the first row names the parts, every other row is one record.
//!
//! Comes in: a source and limits. Goes out: the tree, or the first thing that is wrong. A cell is text; the schema of the
//! answer that draws it says of which type. A cell without a character is no answer, and left out.

use std::collections::BTreeSet;

use super::super::{Entry, Limits, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Place, Rejected};
use crate::source::{Source, Span};

pub(super) fn tree(source: &Source, limits: Limits) -> Result<Node, Rejected> {
    let whole = Span::new(0, source.text().len());
    if whole.end > limits.file_bytes {
        return Err(fault(source, Code::Limit, whole, format!("the file has more than {} bytes", limits.file_bytes)));
    }
    let mut reader = Reader { source, text: source.text(), at: 0 };
    let mut head: Vec<Cell> = Vec::new();
    let mut records = Vec::new();
    let mut nodes = 0;
    while let Some((cells, row)) = reader.row()? {
        nodes += cells.len();
        if nodes > limits.nodes {
            let message = format!("the file has more than {} cells", limits.nodes);
            return Err(fault(source, Code::Limit, row, message));
        }
        if head.is_empty() {
            head = named(source, cells)?;
            continue;
        }
        if cells.len() != head.len() {
            let message = format!("this row has {} cells, and the first row names {}", cells.len(), head.len());
            return Err(fault(source, Code::Syntax, row, message));
        }
        let entries = head.iter().zip(cells).filter(|(_, (text, _))| !text.is_empty());
        let entries = entries.map(|((key, key_span), (text, span))| Entry {
            key: key.clone(),
            key_span: *key_span,
            node: Node::new(Value::Text(text), source.clone(), span),
        });
        records.push(Node::new(Value::Map(entries.collect()), source.clone(), row));
    }
    Ok(Node::new(Value::List(records), source.clone(), whole))
}

/// The first row: a name for each column, each another one.
fn named(source: &Source, cells: Vec<Cell>) -> Result<Vec<Cell>, Rejected> {
    if let [(name, span)] = &*cells
        && let Some(mark) = [';', '\t'].into_iter().find(|mark| name.contains(*mark))
    {
        let mark = if mark == ';' { "a `;`" } else { "a tab" };
        let message = format!("the first row is one column with {mark} in its name, and a comma separates columns");
        return Err(fault(source, Code::Syntax, *span, message));
    }
    let mut seen = BTreeSet::new();
    for (name, span) in &cells {
        if name.is_empty() {
            return Err(fault(source, Code::Syntax, *span, "a column has no name".to_owned()));
        }
        if !seen.insert(name) {
            return Err(fault(source, Code::DuplicateKey, *span, format!("two columns are called `{name}`")));
        }
    }
    Ok(cells)
}

/// What a cell holds, and where.
type Cell = (String, Span);

struct Reader<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
}

impl Reader<'_> {
    /// The cells of the next row; lines without a character are no rows.
    fn row(&mut self) -> Result<Option<(Vec<Cell>, Span)>, Rejected> {
        while matches!(self.text.as_bytes().get(self.at), Some(b'\n' | b'\r')) {
            self.at += 1;
        }
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let start = self.at;
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell()?);
            if self.text.as_bytes().get(self.at) == Some(&b',') {
                self.at += 1;
            } else {
                return Ok(Some((cells, Span::new(start, self.at))));
            }
        }
    }

    fn cell(&mut self) -> Result<Cell, Rejected> {
        let start = self.at;
        let rest = &self.text[start..];
        if !rest.starts_with('"') {
            let length = rest.find([',', '\n', '\r']).unwrap_or(rest.len());
            self.at += length;
            let span = Span::new(start, self.at);
            if let Some(quote) = rest[..length].find('"') {
                let span = Span::new(start + quote, start + quote + 1);
                return Err(fault(self.source, Code::Syntax, span, "a quote stands within a plain cell".to_owned()));
            }
            return Ok((rest[..length].to_owned(), span));
        }
        let mut text = String::new();
        let mut at = 1;
        loop {
            let Some(quote) = rest[at..].find('"') else {
                let span = Span::new(start, start + 1);
                return Err(fault(self.source, Code::Syntax, span, "this quote is never closed".to_owned()));
            };
            text.push_str(&rest[at..at + quote]);
            at += quote + 1;
            if rest[at..].starts_with('"') {
                text.push('"');
                at += 1;
            } else {
                break;
            }
        }
        self.at += at;
        if !matches!(rest.as_bytes().get(at), None | Some(b',' | b'\n' | b'\r')) {
            let span = Span::new(self.at, self.at);
            return Err(fault(self.source, Code::Syntax, span, "something stands behind the closing quote".to_owned()));
        }
        Ok((text, Span::new(start, self.at)))
    }
}

fn fault(source: &Source, code: Code, span: Span, message: String) -> Rejected {
    let place = Place { source: source.clone(), span, pointer: String::new() };
    Rejected::one(Diagnostic::error(code, place, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Rejected> {
        let limits =
            Limits { file_bytes: 1 << 20, depth: 64, nodes: 1000, key_bytes: 64, scalar_bytes: 1000, ..Limits::USUAL };
        tree(&Source::new("d.csv", text), limits)
    }

    #[test]
    fn rows_are_records_and_cells_are_texts() {
        let root = read("name,value,note\r\nauc,0.910,\"a, \"\"b\"\"\nc\"\r\n\r\nf1,,x\n").expect("it is CSV");
        let at = |pointer: &str| root.at(pointer).and_then(Node::text);
        assert_eq!((at("/0/name"), at("/0/value"), at("/0/note")), (Some("auc"), Some("0.910"), Some("a, \"b\"\nc")));
        assert_eq!((at("/1/name"), at("/1/value"), at("/1/note")), (Some("f1"), None, Some("x")));
        assert_eq!(root.items().len(), 2);
        assert_eq!(root.at("/1/name").expect("it is there").place("").positions().0.line, 5);
        assert_eq!(read("").expect("no rows").items().len(), 0);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused_where_it_stands() {
        for (text, code, line) in [
            ("a,b\n1\n", Code::Syntax, 2),
            ("a,b\n1,2,3\n", Code::Syntax, 2),
            ("a,a\n", Code::DuplicateKey, 1),
            ("a;b\n1;2\n", Code::Syntax, 1),
            ("a\tb\n1\t2\n", Code::Syntax, 1),
            ("a,\n1,2\n", Code::Syntax, 1),
            ("a\nx\"y\n", Code::Syntax, 2),
            ("a\n\"x\n", Code::Syntax, 2),
            ("a\n\"x\"y\n", Code::Syntax, 2),
        ] {
            let rejected = read(text).expect_err(text);
            let finding = &rejected.findings()[0];
            assert_eq!((finding.code, finding.place.positions().0.line), (code, line), "{text}");
        }
    }
}
