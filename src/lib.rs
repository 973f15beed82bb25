//! One YAML file of answers in, one controlled document out.
//!
//! The stages are types, each made only by its own function from the one before:
//! [`Answers`] → [`CheckedAnswers`] → [`Document`] → [`StampedDocument`] → `TypesetDocument` → `Bundle`.
//! The library reads no file, no clock and no environment: texts and values in, texts and values out.

pub mod decimal;
pub mod digest;
pub mod picture;
pub mod source;

pub mod diagnostic;

pub mod answers;
pub mod blank;
#[cfg(feature = "pdf")]
pub mod bundle;
pub mod catalog;
pub mod changes;
pub mod check;
pub mod collect;
pub mod coverage;
pub mod identity;
pub mod project;
pub mod record;
pub mod render;
pub mod report;
pub mod stamp;
pub mod translation;
#[cfg(feature = "pdf")]
pub mod typeset;

pub use answers::{Answers, bind};
#[cfg(feature = "pdf")]
pub use bundle::{Bundle, bundle};
pub use catalog::Catalog;
pub use check::{CheckedAnswers, check};
pub use diagnostic::Rejected;
pub use render::{Document, render};
pub use source::Source;
pub use stamp::{StampedDocument, stamp};
#[cfg(feature = "pdf")]
pub use typeset::{TypesetDocument, tidy, typeset, typeset_warm};
