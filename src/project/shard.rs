//! One of several parts of a run, each of which another machine may make.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// A part of all documents: those whose path from the root falls to it, whatever others there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    count: u64,
    index: u64,
}

impl Shard {
    /// `hash:2/4`: the second of four, from 1.
    ///
    /// # Errors
    /// How it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fault = || "write hash:I/N with 1 ≤ I ≤ N, as hash:2/4 for the second of four parts".to_owned();
        let (index, count) = text.strip_prefix("hash:").and_then(|rest| rest.split_once('/')).ok_or_else(fault)?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u64>().ok()).flatten()
        };
        match (number(index), number(count)) {
            (Some(index), Some(count)) if 1 <= index && index <= count => Ok(Self { count, index }),
            _ => Err(fault()),
        }
    }

    /// Whether a document is in this part, by the path of its outputs from the output folder: it depends on no folder
    /// outside the project and on no other document.
    #[must_use]
    pub fn holds(self, key: &str) -> bool {
        let digest = Digest::of(key.as_bytes()).to_string();
        let first = u64::from_str_radix(&digest[..16], 16).unwrap_or_default();
        first % self.count == self.index - 1
    }

    /// The first part that is not among those in `there`, where any part of as many is.
    #[must_use]
    pub fn missing(there: &[Self]) -> Option<Self> {
        let mut sorted = there.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.chunk_by(|one, other| one.count == other.count).find_map(|parts| {
            // Sorted and told apart, they have the numbers from one on, or there is a gap.
            let gap = (1..).zip(parts).find(|(index, part)| part.index != *index).map(|(index, _)| index);
            let index = gap.unwrap_or(parts.len() as u64 + 1);
            (index <= parts[0].count).then_some(Self { count: parts[0].count, index })
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hash:{}/{}", self.index, self.count)
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shards(texts: &[&str]) -> Vec<Shard> {
        texts.iter().map(|text| Shard::parse(text).expect("a shard")).collect()
    }

    #[test]
    fn shards_are_a_partition_that_no_other_document_moves() {
        let keys: Vec<String> = (0..200).map(|index| format!("docs/{index}/answers")).collect();
        for count in 1..=64_usize {
            let shards: Vec<Shard> =
                (1..=count).map(|index| Shard::parse(&format!("hash:{index}/{count}")).expect("a shard")).collect();
            for key in &keys {
                assert_eq!(shards.iter().filter(|shard| shard.holds(key)).count(), 1, "{key} of {count}");
            }
        }
        let part = Shard::parse("hash:1/3").expect("a shard");
        let share = keys.iter().filter(|key| part.holds(key)).count();
        assert!((40..=95).contains(&share), "{share} of 200 are about a third");
    }

    #[test]
    fn a_shard_is_written_in_one_way() {
        for wrong in ["1/2", "hash:0/2", "hash:3/2", "hash:1/0", "hash:1", "hash:+1/2", "hash: 1/2", "slice:1/2", ""] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Shard::parse("hash:2/3").map(|shard| shard.to_string()), Ok("hash:2/3".to_owned()));
    }

    #[test]
    fn a_part_that_is_missing_is_named() {
        for (there, missing) in [
            (&[] as &[&str], None),
            (&["hash:1/1"], None),
            (&["hash:3/3", "hash:1/3", "hash:2/3", "hash:2/3"], None),
            (&["hash:2/3", "hash:3/3"], Some("hash:1/3")),
            (&["hash:1/3", "hash:3/3"], Some("hash:2/3")),
            (&["hash:1/2", "hash:2/2", "hash:1/3", "hash:2/3"], Some("hash:3/3")),
            (&["hash:2/18446744073709551615"], Some("hash:1/18446744073709551615")),
        ] {
            let found = Shard::missing(&shards(there)).map(|shard| shard.to_string());
            assert_eq!(found.as_deref(), missing, "{there:?}");
        }
    }
}
