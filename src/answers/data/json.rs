//! JSON (RFC 8259) into a tree, with a place for every value and the digits of every number.
//!
//! Comes in: a source and limits. Goes out: the tree, or the first thing that is wrong. Two equal keys are refused: other
//! readers keep the last one without a word. `NaN` and `Infinity`, which some programs write, are no JSON.

use std::collections::BTreeSet;

use super::super::{Entry, Limits, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Place, Rejected};
use crate::source::{Source, Span};

pub(super) fn tree(source: &Source, limits: Limits) -> Result<Node, Rejected> {
    let mut reader = Reader { source, text: source.text(), at: 0, limits, depth: 0, nodes: 0 };
    if reader.text.len() > limits.file_bytes {
        return Err(reader.limit(format!("the file has more than {} bytes", limits.file_bytes)));
    }
    let node = reader.value()?;
    reader.space();
    if reader.at < reader.text.len() {
        return Err(reader.wrong("something stands behind the end"));
    }
    Ok(node)
}

struct Reader<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
    limits: Limits,
    depth: usize,
    nodes: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Node, Rejected> {
        self.space();
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(self.limit(format!("the file has more than {} keys and values", self.limits.nodes)));
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.map()?,
            Some(b'[') => self.list()?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node::new(value, self.source.clone(), Span::new(start, self.at)))
    }

    fn map(&mut self) -> Result<Value, Rejected> {
        self.open()?;
        let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
        if !self.take(b'}') {
            loop {
                self.space();
                let start = self.at;
                if self.peek() != Some(b'"') {
                    return Err(self.wrong("a name in quotes must stand here"));
                }
                let key = self.string()?;
                let key_span = Span::new(start, self.at);
                if key.len() > self.limits.key_bytes {
                    return Err(self.limit(format!("a key has more than {} bytes", self.limits.key_bytes)));
                }
                if !seen.insert(key.clone()) {
                    let message = format!("the key `{key}` stands here twice");
                    return Err(self.fault(Code::DuplicateKey, key_span, message));
                }
                if !self.take(b':') {
                    return Err(self.wrong("a colon must stand here"));
                }
                let node = self.value()?;
                entries.push(Entry { key, key_span, node });
                if !self.more(b'}')? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(Value::Map(entries))
    }

    fn list(&mut self) -> Result<Value, Rejected> {
        self.open()?;
        let mut items = Vec::new();
        if !self.take(b']') {
            loop {
                items.push(self.value()?);
                if !self.more(b']')? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(Value::List(items))
    }

    fn open(&mut self) -> Result<(), Rejected> {
        if self.depth >= self.limits.depth {
            return Err(self.limit(format!("lists and mappings nest deeper than the limit of {}", self.limits.depth)));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Whether another part follows, or the end.
    fn more(&mut self, end: u8) -> Result<bool, Rejected> {
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(end) { Ok(false) } else { Err(self.wrong("a comma or the closing bracket must stand here")) }
    }

    fn string(&mut self) -> Result<String, Rejected> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = rest.chars().next() else { return Err(self.wrong("the text has no closing quote")) };
            if out.len() > self.limits.scalar_bytes {
                self.at = start;
                return Err(self.limit(format!("a text has more than {} bytes", self.limits.scalar_bytes)));
            }
            match next {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                '\0'..='\u{1f}' => return Err(self.wrong("a control character must be written as an escape")),
                other => {
                    out.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Rejected> {
        let letter = self.text.as_bytes().get(self.at + 1);
        let plain = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.wrong("this is no escape of JSON")),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, Rejected> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 4).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            u32::from_str_radix(digits, 16).ok()
        };
        let first = unit(self.at + 2);
        let low = || unit(self.at + 8).filter(|_| self.text.get(self.at + 6..self.at + 8) == Some("\\u"));
        let (code, length) = match (first, low()) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                (Some(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
            }
            (first, _) => (first, 6),
        };
        let Some(character) = code.and_then(char::from_u32) else {
            return Err(self.wrong("this escape is no character"));
        };
        self.at += length;
        Ok(character)
    }

    fn number(&mut self) -> Result<Value, Rejected> {
        let end = self.text[self.at..]
            .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .map_or(self.text.len(), |length| self.at + length);
        let text = &self.text[self.at..end];
        if !is_number(text) {
            return Err(self.wrong("this is no number of JSON"));
        }
        self.at = end;
        Ok(Value::Number(text.to_owned()))
    }

    fn word(&mut self) -> Result<Value, Rejected> {
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.wrong("this is no value of JSON"))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> Rejected {
        let width = self.text[self.at..].chars().next().filter(|next| !next.is_control()).map_or(0, char::len_utf8);
        self.fault(Code::Syntax, Span::new(self.at, self.at + width), format!("this is no JSON: {what}"))
    }

    fn limit(&self, message: String) -> Rejected {
        self.fault(Code::Limit, Span::new(self.at, self.at), message)
    }

    fn fault(&self, code: Code, span: Span, message: String) -> Rejected {
        let place = Place { source: self.source.clone(), span, pointer: String::new() };
        Rejected::one(Diagnostic::error(code, place, message))
    }
}

/// `-? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?`
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Rejected> {
        let limits =
            Limits { file_bytes: 1 << 20, depth: 64, nodes: 1000, key_bytes: 64, scalar_bytes: 1000, ..Limits::USUAL };
        tree(&Source::new("d.json", text), limits)
    }

    #[test]
    fn every_value_knows_its_bytes_and_every_number_its_digits() {
        let text = "{\"a\": [1, 0.910, -1.5E+3, 1e-05],\n \"é\": {\"b\\/c\": \"\\ud83d\\ude00\\n\"}, \"t\": true, \"n\": null}";
        let root = read(text).expect("it is JSON");
        let at = |pointer: &str| root.at(pointer).expect("it is there");
        assert_eq!(at("/a/1").value(), &Value::Number("0.910".into()));
        assert_eq!(at("/a/2").text(), Some("-1.5E+3"));
        assert_eq!(at("/é/b~1c").text(), Some("\u{1f600}\n"));
        assert_eq!((at("/t").value(), at("/n").value()), (&Value::Bool(true), &Value::Null));
        assert_eq!(&text[at("/a/3").span().range()], "1e-05");
        assert_eq!(at("/é").place("").positions().0.line, 2);
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_stands() {
        for (text, code, at) in [
            ("{\"a\": NaN}", Code::Syntax, 6),
            ("{\"a\": 01}", Code::Syntax, 6),
            ("{\"a\": 1, \"a\": 2}", Code::DuplicateKey, 9),
            ("{\"a\": 1,}", Code::Syntax, 8),
            ("{'a': 1}", Code::Syntax, 1),
            ("[1 2]", Code::Syntax, 3),
            ("[1]x", Code::Syntax, 3),
            ("\"\\ud83d\"", Code::Syntax, 1),
            ("\"a\nb\"", Code::Syntax, 2),
            ("\"\\x\"", Code::Syntax, 1),
            ("\"a", Code::Syntax, 2),
            ("", Code::Syntax, 0),
            ("[1.]", Code::Syntax, 1),
            ("[-]", Code::Syntax, 1),
        ] {
            let rejected = read(text).expect_err(text);
            assert_eq!((rejected.findings()[0].code, rejected.findings()[0].place.span.start), (code, at), "{text}");
        }
        assert_eq!(read(&"[".repeat(100)).expect_err("deep").findings()[0].code, Code::Limit);
        assert_eq!(read(&format!("[{}1]", "1,".repeat(1001))).expect_err("many").findings()[0].code, Code::Limit);
    }
}
