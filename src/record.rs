//! The record of releases: what was released, what became of it, and whether it is still what it was.
//!
//! Comes in: bytes of ledgers, releases and PDFs. Goes out: their meaning, findings, and the next line of a ledger. Knows
//! nothing of disks.

pub mod layout;
pub mod ledger;
pub mod pdf;
#[cfg(feature = "pdf")]
pub mod release;
pub mod stale;
pub mod verify;
