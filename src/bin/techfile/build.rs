//! Documents made, and only those that need it.
//!
//! A document is looked at in three steps, each dearer than the one before, and the first that answers ends it: what is
//! remembered of the last build and how its files look from outside (`record`); its words and its build id, made anew
//! (`make`, `judge`); its pages. Several documents are made by workers (`crew`).

mod crew;
mod depfile;
mod judge;
mod make;
mod orphans;
mod record;
mod run;
mod target;

pub(crate) use crew::{Allowance, Answer, Crew, Hand, Job, Task, end_with_parent, hold_memory};
pub(crate) use depfile::depfile;
pub(crate) use make::{Ended, How, Wanted, make, told};
pub(crate) use orphans::{Orphan, orphans};
pub(crate) use run::{Batch, Options, lost, program, remembered, task};
pub(crate) use target::{SUFFIXES, Target};
