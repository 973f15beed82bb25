//! Objects of a PDF, as they are written.
//!
//! Comes in: bytes and a place in them. Goes out: objects, each paid for from a budget, nested no deeper than a small
//! number. What two readers could read in two ways (a key twice, an odd number) is a fault, never a guess.

use std::collections::BTreeMap;

use super::Fault;

/// Arrays and dictionaries in each other. Our own files stay below ten.
const DEPTH: usize = 48;

/// A dictionary by the names of its entries.
pub(super) type Dict = BTreeMap<Vec<u8>, Object>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Int(i64),
    /// A number with a point; no such number matters here.
    Real,
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// Another object by its number.
    Ref(u32),
    /// What is none of these: an operator, a keyword.
    Word(Vec<u8>),
}

impl Object {
    pub(super) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// A number that counts or points: never below zero.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Self::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// What is left to be made of a file: a hostile one ends here, whatever it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Budget {
    pub(super) fn object(&mut self) -> Result<(), Fault> {
        self.objects =
            self.objects.checked_sub(1).ok_or_else(|| Fault::Limit("it holds more objects than are read".into()))?;
        Ok(())
    }
}

/// A place in bytes that moves on.
#[derive(Clone)]
pub(super) struct Lexer<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
    /// Whether `1 0 R` names an object; in the content of pages it does not.
    pub(super) refs: bool,
}

enum Token {
    Object(Object),
    ArrayOpens,
    ArrayCloses,
    DictOpens,
    DictCloses,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

fn broken(what: &str) -> Fault {
    Fault::Broken(what.to_owned())
}

impl<'b> Lexer<'b> {
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at, refs: true }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Goes behind these bytes if they are next.
    pub(super) fn eat(&mut self, wanted: &[u8]) -> bool {
        let next = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(wanted));
        if next {
            self.at += wanted.len();
        }
        next
    }

    /// The next object, or none at the end.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Result<Option<Object>, Fault> {
        match self.token(budget)? {
            None => Ok(None),
            Some(token) => self.object(token, budget, DEPTH).map(Some),
        }
    }

    /// The next object, which must be there.
    pub(super) fn expect(&mut self, budget: &mut Budget) -> Result<Object, Fault> {
        self.next(budget)?.ok_or_else(|| broken("an object is cut off"))
    }

    pub(super) fn number(&mut self, budget: &mut Budget) -> Result<usize, Fault> {
        let refs = std::mem::replace(&mut self.refs, false);
        let number = self.expect(budget)?.size().ok_or_else(|| broken("a number is missing"));
        self.refs = refs;
        number
    }

    fn object(&mut self, token: Token, budget: &mut Budget, depth: usize) -> Result<Object, Fault> {
        let deeper = || depth.checked_sub(1).ok_or_else(|| Fault::Limit("its objects are nested too deep".into()));
        match token {
            Token::Object(object) => Ok(object),
            Token::ArrayCloses | Token::DictCloses => Err(broken("a bracket closes that was never opened")),
            Token::ArrayOpens => {
                let mut items = Vec::new();
                loop {
                    match self.token(budget)?.ok_or_else(|| broken("an array has no end"))? {
                        Token::ArrayCloses => return Ok(Object::Array(items)),
                        token => items.push(self.object(token, budget, deeper()?)?),
                    }
                }
            }
            Token::DictOpens => {
                let mut dict = Dict::new();
                loop {
                    match self.token(budget)?.ok_or_else(|| broken("a dictionary has no end"))? {
                        Token::DictCloses => return Ok(Object::Dict(dict)),
                        Token::Object(Object::Name(key)) => {
                            let token = self.token(budget)?.ok_or_else(|| broken("a dictionary has no end"))?;
                            let value = self.object(token, budget, deeper()?)?;
                            if dict.insert(key, value).is_some() {
                                return Err(broken("a dictionary has two entries of one name"));
                            }
                        }
                        _ => return Err(broken("an entry of a dictionary has no name")),
                    }
                }
            }
        }
    }

    fn token(&mut self, budget: &mut Budget) -> Result<Option<Token>, Fault> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Ok(None) };
        budget.object()?;
        let token = match byte {
            b'[' | b']' | b'{' | b'}' => {
                self.at += 1;
                match byte {
                    b'[' => Token::ArrayOpens,
                    b']' => Token::ArrayCloses,
                    other => Token::Object(Object::Word(vec![other])),
                }
            }
            b'<' if self.eat(b"<<") => Token::DictOpens,
            b'>' if self.eat(b">>") => Token::DictCloses,
            b'<' => Token::Object(Object::Text(self.hexadecimal()?)),
            b'(' => Token::Object(Object::Text(self.literal()?)),
            b'/' => Token::Object(Object::Name(self.name()?)),
            b'>' | b')' => return Err(broken("a bracket closes that was never opened")),
            _ => Token::Object(self.word()?),
        };
        Ok(Some(token))
    }

    fn regular(&mut self) -> &'b [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> Result<Object, Fault> {
        let word = self.regular();
        let digits = word.strip_prefix(b"-").or_else(|| word.strip_prefix(b"+")).unwrap_or(word);
        if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
            let number = std::str::from_utf8(word).ok().and_then(|text| text.parse().ok());
            let number = number.ok_or_else(|| broken("a number is too large"))?;
            return Ok(self.reference(number)?.unwrap_or(Object::Int(number)));
        }
        let numeric = word.iter().all(|byte| byte.is_ascii_digit() || b"+-.".contains(byte));
        Ok(match word {
            b"true" => Object::Bool(true),
            b"false" => Object::Bool(false),
            b"null" => Object::Null,
            _ if numeric => Object::Real,
            _ => Object::Word(word.to_owned()),
        })
    }

    /// `0 R` behind a number makes it the name of an object.
    fn reference(&mut self, number: i64) -> Result<Option<Object>, Fault> {
        if !self.refs {
            return Ok(None);
        }
        let mut ahead = self.clone();
        ahead.skip_space();
        let generation = ahead.regular();
        if generation.is_empty() || generation.len() > 5 || !generation.iter().all(u8::is_ascii_digit) {
            return Ok(None);
        }
        ahead.skip_space();
        if ahead.regular() != b"R" {
            return Ok(None);
        }
        self.at = ahead.at;
        if generation.iter().any(|digit| *digit != b'0') {
            return Err(broken("it names objects by generations, which no file of ours has"));
        }
        u32::try_from(number)
            .map(|number| Some(Object::Ref(number)))
            .map_err(|_| broken("an object has no such number"))
    }

    fn name(&mut self) -> Result<Vec<u8>, Fault> {
        self.at += 1;
        let raw = self.regular();
        let mut name = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            if *byte == b'#' {
                let (digits, after) = rest.split_at_checked(2).ok_or_else(|| broken("a name is cut off"))?;
                name.push(hex(digits[0], digits[1]).ok_or_else(|| broken("a name has a `#` without digits"))?);
                rest = after;
            } else {
                name.push(*byte);
            }
        }
        Ok(name)
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, Fault> {
        self.at += 1;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'>').ok_or_else(|| broken("a text has no end"))?;
        self.at += length + 1;
        let mut digits: Vec<u8> = rest[..length].iter().copied().filter(|byte| !is_space(*byte)).collect();
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        let bytes: Option<Vec<u8>> = digits.chunks_exact(2).map(|pair| hex(pair[0], pair[1])).collect();
        bytes.ok_or_else(|| broken("a text of hexadecimal digits has other characters"))
    }

    fn literal(&mut self) -> Result<Vec<u8>, Fault> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1;
        loop {
            let byte = self.peek().ok_or_else(|| broken("a text has no end"))?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\\' => {
                    self.escape(&mut text)?;
                    continue;
                }
                _ => {}
            }
            if open == 0 {
                return Ok(text);
            }
            text.push(byte);
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), Fault> {
        let byte = self.peek().ok_or_else(|| broken("a text has no end"))?;
        self.at += 1;
        text.push(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 0x0c,
            b'\r' => {
                self.eat(b"\n");
                return Ok(());
            }
            b'\n' => return Ok(()),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                u8::try_from(value & 0xff).unwrap_or_default()
            }
            other => other,
        });
        Ok(())
    }
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Object>, Fault> {
        Lexer::new(text.as_bytes(), 0).next(&mut Budget { objects: 1_000, bytes: 0 })
    }

    #[test]
    fn every_form_of_an_object_is_read() {
        let text = r"<< /A#42 [1 -2 .5 true null] /Text (a\(b(c)\)\101\n) /Hex <61 6> /Other 12 0 R >> trailing";
        let Some(Object::Dict(dict)) = read(text).unwrap() else { panic!("it is a dictionary") };
        let array = [Object::Int(1), Object::Int(-2), Object::Real, Object::Bool(true), Object::Null];
        assert_eq!(dict[&b"AB"[..]].array(), Some(&array[..]));
        assert_eq!(dict[&b"Text"[..]].text(), Some(&b"a(b(c))A\n"[..]));
        assert_eq!(dict[&b"Hex"[..]].text(), Some(&b"a`"[..]));
        assert_eq!(dict[&b"Other"[..]], Object::Ref(12));
    }

    #[test]
    fn what_has_no_end_or_two_readings_is_a_fault() {
        for text in ["[1", "<< /A 1", "(a", "<61", "<< /A 1 /A 2 >>", "<< 1 2 >>", "]", "99999999999999999999", "1 2 R"]
        {
            assert!(matches!(read(text), Err(Fault::Broken(_))), "{text}");
        }
        assert!(matches!(read(&"[".repeat(100)), Err(Fault::Limit(_))));
        assert!(matches!(read(&format!("[{}]", "1 ".repeat(2_000))), Err(Fault::Limit(_))));
    }
}
