//! SHA-256, written one way everywhere.
//!
//! Comes in: bytes. Goes out: a digest that prints as 64 small hexadecimal digits. Digests are taken of whole files or
//! of canonical JSON, never of texts put side by side, so nothing can slide from one field into the next.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// 64 zeros: no digest of anything, written where there is nothing yet.
    pub const ZEROS: Self = Self([0; 32]);

    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that somebody else took.
    pub(crate) const fn taken(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, with or without `sha256:` before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Whether bytes would have this digest if nobody had turned LF into CR LF in them.
    #[must_use]
    pub fn fits_with_line_feeds(&self, bytes: &[u8]) -> bool {
        let mut other = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(at) = memchr::memmem::find(rest, b"\r\n") {
            other.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
        }
        other.extend_from_slice(rest);
        other.len() != bytes.len() && Self::of(&other) == *self
    }

    /// Sixteen digits in groups of four: for people to compare, never proof.
    #[must_use]
    pub fn short(&self) -> String {
        let hex = self.to_string();
        [&hex[0..4], &hex[4..8], &hex[8..12], &hex[12..16]].join(" ")
    }

    /// With its algorithm before it, so that a later algorithm can be told apart.
    #[must_use]
    pub fn prefixed(&self) -> String {
        format!("sha256:{self}")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), hex);
        assert_eq!(Digest::parse(&format!("sha256:{hex}")), Some(Digest::of(b"")));
        assert_eq!(Digest::of(b"").short(), "e3b0 c442 98fc 1c14");
        assert_eq!(Digest::parse("+3b0"), None);
        assert_eq!(Digest::parse(&hex.replace('e', "+")), None);
    }
}
