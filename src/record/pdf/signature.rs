//! Whether a PDF is signed, as far as its form says so.
//!
//! Comes in: a PDF that was read, and how long the file is that was signed. Goes out: whether a signature covers all of that
//! and all that was added to it. Whose signature it is, and whether it is one at all, says a program that knows certificates.

use std::collections::BTreeSet;

use super::object::{Dict, Object};
use super::{Fault, Pdf};

/// Fields of a form that are looked at.
const FIELDS: usize = 4_096;
/// What a signature begins with (DER: a sequence).
const SEQUENCE: u8 = 0x30;

impl Pdf<'_> {
    /// Whether a signature covers the first `released` bytes and the file to its end, all but itself.
    ///
    /// # Errors
    /// A form that cannot be read.
    pub fn is_signed_over(&mut self, released: usize) -> Result<bool, Fault> {
        let form = self.file.dict(&self.root.clone(), b"AcroForm")?;
        let mut waiting = vec![(self.file.entry(&form, b"Fields")?, false)];
        let mut seen = BTreeSet::new();
        while let Some((fields, of_signature)) = waiting.pop() {
            let Object::Array(fields) = fields else { continue };
            for field in fields {
                if let Object::Ref(number) = field
                    && !seen.insert(number)
                {
                    return Err(Fault::Broken("its form grows into itself".into()));
                }
                if seen.len() > FIELDS {
                    return Err(Fault::Limit(format!("its form has more than {FIELDS} fields")));
                }
                let Object::Dict(field) = self.file.resolved(field)? else { continue };
                let kind = self.file.entry(&field, b"FT")?;
                let of_signature = kind.name().map_or(of_signature, |kind| kind == b"Sig");
                if of_signature
                    && let Object::Dict(value) = self.file.entry(&field, b"V")?
                    && self.covers(&value, released)?
                {
                    return Ok(true);
                }
                waiting.push((self.file.entry(&field, b"Kids")?, of_signature));
            }
        }
        Ok(false)
    }

    /// Whether the bytes that a signature names are those from the first to the last, without its own.
    fn covers(&mut self, signature: &Dict, released: usize) -> Result<bool, Fault> {
        let range = self.file.entry(signature, b"ByteRange")?;
        let numbers = range.array().and_then(|items| items.iter().map(Object::size).collect::<Option<Vec<usize>>>());
        let Some([0, first, second, rest]) = numbers.as_deref() else { return Ok(false) };
        let bytes = self.file.bytes;
        if *first < released || second.checked_add(*rest) != Some(bytes.len()) {
            return Ok(false);
        }
        let own = bytes.get(*first..*second).and_then(|own| own.strip_prefix(b"<")?.strip_suffix(b">"));
        let contents = self.file.entry(signature, b"Contents")?;
        let (Some(own), Some(contents)) = (own, contents.text()) else { return Ok(false) };
        Ok(contents.first() == Some(&SEQUENCE) && unhex(own).as_deref() == Some(contents))
    }
}

/// The bytes that hexadecimal digits mean.
fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?));
    pairs.collect()
}
