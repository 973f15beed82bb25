//! A text with a name, and places in it.
//!
//! Comes in: the bytes of a file that somebody else read, and the name people know it by. Goes out: text that is
//! known to be UTF-8, byte spans, and lines and columns for them. Knows nothing of YAML or of the file system.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A named text. Cloning is cheap: findings carry their source with them.
#[derive(Clone)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// Where lines start; found when the first position is asked for.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

/// A half-open range of bytes in a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A line and a column, both from 1, the column in Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Why bytes are not a text that we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodingError {
    /// The file starts like UTF-16 or UTF-32.
    Wide(&'static str),
    /// The first byte that is no UTF-8.
    NotUtf8 {
        /// Offset of that byte from the start of the file.
        offset: usize,
        /// Line of that byte, from 1.
        line: usize,
        /// Its value.
        byte: u8,
    },
}

impl Source {
    /// Takes a text as it is.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), lines: Arc::default() }
    }

    /// Decodes UTF-8, without a byte-order mark, and names other encodings instead of guessing.
    ///
    /// # Errors
    /// The encoding that the file seems to have, or the first byte that is no UTF-8.
    pub fn from_bytes(name: impl Into<Arc<str>>, bytes: &[u8]) -> Result<Self, EncodingError> {
        let wide = match bytes {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
            _ => None,
        };
        if let Some(encoding) = wide {
            return Err(EncodingError::Wide(encoding));
        }
        let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let skipped = bytes.len() - body.len();
        match std::str::from_utf8(body) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let at = error.valid_up_to();
                let line = body[..at].split(|byte| *byte == b'\n').count();
                Err(EncodingError::NotUtf8 { offset: at + skipped, line, byte: body[at] })
            }
        }
    }

    /// The name people know the text by: a path with `/`, relative to where they stand.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text under a span; empty if the span does not lie in this source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// Line and column of a byte. An offset past the end is the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let lines = self.lines.get_or_init(|| line_starts(&self.text));
        let line = lines.partition_point(|start| *start <= at);
        let start = lines.get(line - 1).copied().unwrap_or(0);
        Position { line, column: self.text[start..at].chars().count() + 1 }
    }
}

/// CRLF, LF and a lone CR each end one line, as YAML reads them.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(index, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(index, _)| index + 1)).collect()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.text.len())
    }
}

impl Span {
    /// The span from `start` to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The same as a standard range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl fmt::Display for EncodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wide(encoding) => write!(f, "the file is {encoding}, not UTF-8"),
            Self::NotUtf8 { offset, line, byte } => write!(
                f,
                "byte {offset} (line {line}) is 0x{byte:02X}, which is not UTF-8; the file may be Latin-1 or Windows-1252"
            ),
        }
    }
}

impl std::error::Error for EncodingError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_every_kind_of_line_end() {
        let source = Source::new("a", "é: x\r\nb\rc\nd");
        let at = |text: &str| source.position(source.text().find(text).expect("in the text"));
        assert_eq!(at("x"), Position { line: 1, column: 4 });
        assert_eq!(at("b"), Position { line: 2, column: 1 });
        assert_eq!(at("c"), Position { line: 3, column: 1 });
        assert_eq!(at("d"), Position { line: 4, column: 1 });
        assert_eq!(source.position(99).line, 4);
    }

    #[test]
    fn other_encodings_are_named() {
        assert_eq!(Source::from_bytes("a", b"\xff\xfea\0"), Err(EncodingError::Wide("UTF-16")));
        assert_eq!(
            Source::from_bytes("a", b"\xef\xbb\xbfa\nb\xe9"),
            Err(EncodingError::NotUtf8 { offset: 6, line: 2, byte: 0xe9 })
        );
        assert_eq!(Source::from_bytes("a", b"\xef\xbb\xbfa").map(|s| s.text().to_owned()), Ok("a".into()));
    }
}
