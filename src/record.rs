//! What is kept of a document for ten years, and how it is held against itself.
//!
//! Comes in: bytes of released files. Goes out: what stands in them. Knows nothing of disks and of answers.

#[cfg(feature = "pdf")]
pub mod pdf;
