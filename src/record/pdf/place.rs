//! A place in the bytes of a PDF that moves on, word by word, and pays for its way.
//!
//! Comes in: bytes and an offset. Goes out: words, brackets, and how far each of them goes. What readers of PDF read in
//! different ways (a number that is too large, a name with a broken escape) is a fault here.

use hayro_syntax::object::Name;

use super::Fault;

/// Digits of a number that every reader can hold.
const DIGITS: usize = 18;
/// Bytes that cost as much as one word.
const BYTES: usize = 32;

/// What is left to be made of a file: a hostile one ends here, whatever it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Budget {
    pub(super) fn objects(&mut self, count: usize) -> Result<(), Fault> {
        let left = self.objects.checked_sub(count as u64);
        self.objects = left.ok_or_else(|| Fault::Limit("it holds more objects than are read".into()))?;
        Ok(())
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<(), Fault> {
        let left = self.bytes.checked_sub(count as u64);
        self.bytes = left.ok_or_else(|| Fault::Limit("it unpacks to more bytes than are read".into()))?;
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub(super) struct Place<'b> {
    bytes: &'b [u8],
    pub(super) at: usize,
    /// Up to here the way is paid for.
    paid: usize,
}

pub(super) enum Token<'b> {
    ArrayOpens,
    ArrayCloses,
    DictOpens,
    DictCloses,
    Name(Name<'b>),
    Text,
    Word(&'b [u8]),
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

pub(super) fn broken(what: impl Into<String>) -> Fault {
    Fault::Broken(what.into())
}

pub(super) fn is_whole(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").or_else(|| word.strip_prefix(b"+")).unwrap_or(word);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a word is a number. What begins as one but goes on otherwise is a fault.
pub(super) fn is_number(word: &[u8]) -> Result<bool, Fault> {
    if is_whole(word) {
        return if word.len() > DIGITS { Err(broken("a number is too large")) } else { Ok(true) };
    }
    if !word.first().is_some_and(|byte| byte.is_ascii_digit() || b"+-.".contains(byte)) {
        return Ok(false);
    }
    let digits = word.strip_prefix(b"-").or_else(|| word.strip_prefix(b"+")).unwrap_or(word);
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let both = [parts.next().unwrap_or_default(), parts.next().unwrap_or_default()].concat();
    if is_whole(&both) && digits != both { Ok(true) } else { Err(broken("a number has another form")) }
}

impl<'b> Place<'b> {
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at, paid: at }
    }

    fn pay(&mut self, budget: &mut Budget) -> Result<(), Fault> {
        let way = self.at.saturating_sub(self.paid);
        self.paid = self.at;
        budget.objects(1 + way / BYTES)
    }

    fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip_white(&mut self) {
        self.at += self.rest().iter().take_while(|byte| is_space(**byte)).count();
    }

    /// Goes behind white space and remarks.
    pub(super) fn skip_space(&mut self) {
        self.skip_white();
        while self.remark_is_next() {
            self.at += self.rest().iter().take_while(|byte| !b"\r\n".contains(byte)).count();
            self.skip_white();
        }
    }

    /// Goes behind these bytes if they are next.
    pub(super) fn eat(&mut self, wanted: &[u8]) -> bool {
        let next = self.rest().starts_with(wanted);
        if next {
            self.at += wanted.len();
        }
        next
    }

    /// The next word, without brackets; it may be empty.
    pub(super) fn word(&mut self, budget: &mut Budget) -> Result<&'b [u8], Fault> {
        self.skip_space();
        let word = self.regular();
        self.pay(budget)?;
        Ok(word)
    }

    pub(super) fn remark_is_next(&self) -> bool {
        self.rest().first() == Some(&b'%')
    }

    /// The bytes from an offset up to here.
    pub(super) fn since(&self, start: usize) -> &'b [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn regular(&mut self) -> &'b [u8] {
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| is_regular(**byte)).count();
        self.at += length;
        &rest[..length]
    }

    /// A number that counts or points.
    pub(super) fn number(&mut self, budget: &mut Budget) -> Result<usize, Fault> {
        let word = self.word(budget)?;
        let digits = !word.is_empty() && word.len() <= DIGITS && word.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(word).ok().filter(|_| digits).and_then(|text| text.parse().ok());
        number.ok_or_else(|| broken("there is no number where its table needs one"))
    }

    /// The next word or bracket, which must stand here; none at the end.
    pub(super) fn token(&mut self, budget: &mut Budget) -> Result<Option<Token<'b>>, Fault> {
        let Some(byte) = self.rest().first() else { return Ok(None) };
        let token = match byte {
            b'[' | b']' => {
                self.at += 1;
                if *byte == b'[' { Token::ArrayOpens } else { Token::ArrayCloses }
            }
            b'<' if self.eat(b"<<") => Token::DictOpens,
            b'>' if self.eat(b">>") => Token::DictCloses,
            b'<' => self.hexadecimal()?,
            b'(' => self.literal()?,
            b'/' => {
                self.at += 1;
                let name = Name::new(self.regular());
                Token::Name(name.ok_or_else(|| broken("a name has a `#` without digits"))?)
            }
            b')' | b'>' | b'{' | b'}' => return Err(broken("it closes what is not open")),
            _ => Token::Word(self.regular()),
        };
        self.pay(budget)?;
        Ok(Some(token))
    }

    fn hexadecimal(&mut self) -> Result<Token<'b>, Fault> {
        self.at += 1;
        let rest = self.rest();
        self.at += rest.iter().take_while(|byte| byte.is_ascii_hexdigit() || is_space(**byte)).count();
        if self.eat(b">") { Ok(Token::Text) } else { Err(broken("a text of hexadecimal digits has other characters")) }
    }

    fn literal(&mut self) -> Result<Token<'b>, Fault> {
        let mut open = 0usize;
        let mut escaped = false;
        for (index, byte) in self.rest().iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.at += index + 1;
                return Ok(Token::Text);
            }
        }
        Err(broken("a text has no end"))
    }
}
