//! What is checked of the bytes of a PDF before the library reads objects out of them.
//!
//! Comes in: bytes and a place in them. Goes out: how far an object goes. It is paid for from a budget, nested no deeper
//! than a small number (the library recurses, and a stack that overflows cannot be caught), and what two readers could read
//! in two ways (a key twice, an odd number) is a fault: the library would guess.

use std::collections::BTreeSet;

use hayro_syntax::object::Name;

use super::Fault;
use super::place::{Budget, Place, Token, broken, is_number, is_whole};

/// Arrays and dictionaries in each other. Our own files stay below ten.
const DEPTH: usize = 48;
/// Words of one object.
const WORDS: usize = 1 << 20;
/// An array or a dictionary that is open.
struct Level<'b> {
    /// Those of a dictionary, so far.
    keys: Option<BTreeSet<Name<'b>>>,
    /// Whether a key still waits for its value.
    waits: bool,
    /// Whole numbers in a row: `R` behind two of them makes them the name of an object.
    run: usize,
}

/// Goes behind the next object and gives its bytes.
pub(super) fn object<'b>(place: &mut Place<'b>, budget: &mut Budget) -> Result<&'b [u8], Fault> {
    place.skip_space();
    let start = place.at;
    let mut levels = Vec::new();
    for _ in 0..WORDS {
        if place.remark_is_next() {
            return Err(broken("a remark stands in an object"));
        }
        let token = place.token(budget)?.ok_or_else(|| broken("an object is cut off"))?;
        if let Token::Word(word) = &token {
            let known = matches!(*word, b"true" | b"false" | b"null" | b"R");
            if !known && !is_number(word)? {
                return Err(broken("an object holds a word that has no meaning"));
            }
        }
        take(&mut levels, token)?;
        if levels.is_empty() {
            return Ok(place.since(start));
        }
        place.skip_white();
    }
    Err(Fault::Limit("an object of it is larger than what is read".into()))
}

/// One more word inside of what is open.
fn take<'b>(levels: &mut Vec<Level<'b>>, token: Token<'b>) -> Result<(), Fault> {
    let keys = match token {
        Token::ArrayCloses | Token::DictCloses => {
            let level = levels.pop().ok_or_else(|| broken("it closes what is not open"))?;
            let dict = matches!(token, Token::DictCloses);
            if level.keys.is_some() != dict || level.waits || (dict && level.run > 1) {
                return Err(broken("a dictionary or an array has another form"));
            }
            return Ok(());
        }
        Token::DictOpens => Some(Some(BTreeSet::new())),
        Token::ArrayOpens => Some(None),
        _ => None,
    };
    if let Some(level) = levels.last_mut() {
        level.take(token)?;
    } else if matches!(token, Token::Word(b"R")) {
        return Err(broken("a name of an object has no number"));
    }
    if let Some(keys) = keys {
        if levels.len() == DEPTH {
            return Err(Fault::Limit("its objects are nested too deep".into()));
        }
        levels.push(Level { keys, waits: false, run: 0 });
    }
    Ok(())
}

impl<'b> Level<'b> {
    fn take(&mut self, token: Token<'b>) -> Result<(), Fault> {
        let (whole, named) = match &token {
            Token::Word(word) => (is_whole(word), *word == b"R"),
            _ => (false, false),
        };
        if named && self.run < 2 {
            return Err(broken("a name of an object has no number"));
        }
        if let Some(keys) = &mut self.keys {
            match token {
                _ if self.waits => self.waits = false,
                Token::Name(key) if self.run < 2 => {
                    if !keys.insert(key) {
                        return Err(broken("a dictionary has two entries of one name"));
                    }
                    self.waits = true;
                }
                _ if named || (whole && self.run == 1) => {}
                _ => return Err(broken("a dictionary has an entry without a name")),
            }
        }
        self.run = if whole { self.run + 1 } else { 0 };
        Ok(())
    }
}

/// How many operators the content of a page holds.
pub(super) fn operators(content: &[u8], budget: &mut Budget) -> Result<u64, Fault> {
    let mut place = Place::new(content, 0);
    let mut levels = Vec::new();
    let mut count = 0;
    loop {
        place.skip_space();
        let Some(token) = place.token(budget)? else { break };
        match &token {
            Token::Word(word) if is_number(word)? => {}
            Token::Word(b"BI" | b"ID" | b"EI") => {
                return Err(broken("a picture stands in the text of a page, as in no file of ours"));
            }
            Token::Word(_) if levels.is_empty() => count += 1,
            Token::Word(b"true" | b"false" | b"null") => {}
            Token::Word(_) => return Err(broken("the text of a page holds a word that has no meaning")),
            _ => {}
        }
        take(&mut levels, token)?;
    }
    if levels.is_empty() { Ok(count) } else { Err(broken("the text of a page is cut off")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<&[u8], Fault> {
        object(&mut Place::new(text.as_bytes(), 0), &mut Budget { objects: 1_000, bytes: 0 })
    }

    #[test]
    fn an_object_goes_as_far_as_its_brackets() {
        for text in [
            r"<< /A#42 [1 -2 .5 true null 1 0 R] /Text (a\(b(c)\)\101\n) /Hex <61 6> /Other 12 0 R /N 1 /M/X >>",
            "12",
            "(a)",
            "/Name",
            "[]",
            "<</A<</A<</A[[]]>>>>>>",
        ] {
            assert_eq!(read(&format!(" {text} endobj")).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn what_has_no_end_or_two_readings_is_a_fault() {
        for text in [
            "",
            "[1",
            "<< /A 1",
            "(a",
            "<61",
            "<6x>",
            "<< /A 1 /A 2 >>",
            "<< /A 1 /#41 2 >>",
            "<< 1 2 >>",
            "<< /A >>",
            "<< /A 1 2 >>",
            "<< /A 1 2 /B 3 >>",
            "<< /A 1 0 R R >>",
            "<< /A (a) (b) >>",
            "<< /A R >>",
            "[1 R]",
            "R",
            "]",
            "[>>",
            "<<]",
            "99999999999999999999",
            "[1-2]",
            "[--1]",
            "[1x]",
            "[.]",
            "[1.2.3]",
            "/A#4",
            "[x]",
            "[1 % \n]",
            "{",
        ] {
            assert!(matches!(read(text), Err(Fault::Broken(_))), "{text}: {:?}", read(text));
        }
        assert!(matches!(read(&"[".repeat(100)), Err(Fault::Limit(_))));
        assert!(matches!(read(&format!("[{}]", "1 ".repeat(2_000))), Err(Fault::Limit(_))));
    }

    #[test]
    fn operators_are_counted_as_the_library_counts_them() {
        let text = b"BT /F 9 Tf % remark\n(a) Tj [(b) -1.5 <41>] TJ /P <</MCID 0/L(x)>> BDC T* true ET";
        let mut budget = Budget { objects: 1_000, bytes: 0 };
        let mut instructions = hayro_syntax::content::UntypedIter::new(text);
        let mut count = 0;
        while instructions.next().is_some() {
            count += 1;
        }
        assert_eq!((operators(text, &mut budget).unwrap(), count), (8, 8));
        for text in ["(a", "[", "<<", ")", "[Tj]", "BI /W 1 ID x EI", "1x", "<</A 1/A 2>> BDC"] {
            assert!(operators(text.as_bytes(), &mut budget).is_err(), "{text}");
        }
    }
}
