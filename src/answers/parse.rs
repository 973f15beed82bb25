//! YAML events into a tree.
use super::{Limits, Node};
use crate::diagnostic::{Diagnostic, Rejected};
use crate::source::Source;
pub(super) fn tree(source: &Source, limits: Limits) -> Result<(Node, Vec<Diagnostic>), Rejected> {
    let _ = (source, limits);
    todo!()
}
