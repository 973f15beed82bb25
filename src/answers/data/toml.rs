//! TOML into a tree, with a place for every value and the digits of every number.
//!
//! Comes in: a source and limits. Goes out: the tree, or the first thing that is wrong. Numbers in other notations than
//! JSON's (`0xff`, `1_000`, `+1`, `inf`) and dates are texts, as they are in answers.

use toml_edit::{ImDocument, Item, TableLike};

use super::super::{Entry, Limits, Node, Value, join, parse};
use crate::diagnostic::{Code, Diagnostic, Place, Rejected};
use crate::source::{Source, Span};

pub(super) fn tree(source: &Source, limits: Limits) -> Result<Node, Rejected> {
    let text = source.text();
    let reader = Reader { source, limits };
    if text.len() > limits.file_bytes {
        return Err(reader.fault(Code::Limit, 0..0, format!("the file has more than {} bytes", limits.file_bytes)));
    }
    let document = ImDocument::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        reader.fault(Code::Syntax, span, format!("this is no TOML: {message}"))
    })?;
    let mut nodes = 0;
    let value = reader.table(document.as_table(), "", 0, &mut nodes)?;
    Ok(Node::new(value, source.clone(), Span::new(0, text.len())))
}

struct Reader<'s> {
    source: &'s Source,
    limits: Limits,
}

impl Reader<'_> {
    fn table(&self, table: &dyn TableLike, pointer: &str, depth: usize, nodes: &mut usize) -> Result<Value, Rejected> {
        let mut entries = Vec::new();
        for (key, item) in table.iter() {
            let below = join(pointer, key);
            let node = self.item(item, &below, depth + 1, nodes)?;
            let span = table.get_key_value(key).and_then(|(key, _)| key.span());
            entries.push(Entry { key: key.to_owned(), key_span: span.map_or(node.span, placed), node });
        }
        Ok(Value::Map(entries))
    }

    fn item(&self, item: &Item, pointer: &str, depth: usize, nodes: &mut usize) -> Result<Node, Rejected> {
        *nodes += 1;
        let span = item.span().unwrap_or(0..0);
        if *nodes > self.limits.nodes || depth > self.limits.depth {
            let message = format!("the file has more than {} values, or nests too deep", self.limits.nodes);
            return Err(self.fault(Code::Limit, span, message));
        }
        let value = if let Some(table) = item.as_table_like() {
            self.table(table, pointer, depth, nodes)?
        } else if let Some(tables) = item.as_array_of_tables() {
            let items = tables.iter().enumerate().map(|(index, table)| {
                let value = self.table(table, &join(pointer, &index.to_string()), depth + 1, nodes)?;
                Ok(Node::new(value, self.source.clone(), table.span().map_or_else(Span::default, placed)))
            });
            Value::List(items.collect::<Result<_, Rejected>>()?)
        } else if let Some(array) = item.as_array() {
            let items = array.iter().enumerate().map(|(index, value)| {
                self.item(&Item::Value(value.clone()), &join(pointer, &index.to_string()), depth + 1, nodes)
            });
            Value::List(items.collect::<Result<_, Rejected>>()?)
        } else if let Some(text) = item.as_str() {
            Value::Text(text.to_owned())
        } else if let Some(value) = item.as_bool() {
            Value::Bool(value)
        } else {
            // Digits as written; what is no number of JSON is a text.
            parse::plain(self.source.text().get(span.clone()).unwrap_or_default())
        };
        Ok(Node::new(value, self.source.clone(), placed(span)))
    }

    fn fault(&self, code: Code, span: std::ops::Range<usize>, message: String) -> Rejected {
        let place = Place { source: self.source.clone(), span: placed(span), pointer: String::new() };
        Rejected::one(Diagnostic::error(code, place, message))
    }
}

fn placed(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Rejected> {
        let limits =
            Limits { file_bytes: 1 << 20, depth: 64, nodes: 1000, key_bytes: 64, scalar_bytes: 1000, ..Limits::USUAL };
        tree(&Source::new("d.toml", text), limits)
    }

    #[test]
    fn every_value_knows_its_bytes_and_every_number_its_digits() {
        let text = "a = 0.910\nb = [1, 2.50]\nt = true\nd = 2026-11-20\nh = 1_000\n[x.y]\nz = 'w'\n[[r]]\nn = 1e3\n[[r]]\nn = 2\n";
        let root = read(text).expect("it is TOML");
        let at = |pointer: &str| root.at(pointer).expect(pointer);
        assert_eq!(at("/a").value(), &Value::Number("0.910".into()));
        assert_eq!(at("/b/1").value(), &Value::Number("2.50".into()));
        assert_eq!(at("/t").value(), &Value::Bool(true));
        assert_eq!(at("/d").value(), &Value::Text("2026-11-20".into()));
        assert_eq!(at("/h").value(), &Value::Text("1_000".into()));
        assert_eq!(at("/x/y/z").text(), Some("w"));
        assert_eq!(at("/r/0/n").text(), Some("1e3"));
        assert_eq!(at("/r/1/n").place("").positions().0.line, 11);
    }

    #[test]
    fn what_is_no_toml_is_refused_where_it_stands() {
        for (text, line) in [("a = 1\na = 2\n", 2), ("a = \n", 1), ("x\n", 1)] {
            let rejected = read(text).expect_err(text);
            let finding = &rejected.findings()[0];
            assert_eq!((finding.code, finding.place.positions().0.line), (Code::Syntax, line), "{text}");
        }
    }
}
