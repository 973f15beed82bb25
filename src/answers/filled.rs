//! Answers that nobody writes: lists that are filled from other documents.
//!
//! Comes in: answers, and a JSON object whose keys are the lists. Goes out: the same answers with those lists in place;
//! each of their values has a place in the JSON, which has a name of its own. A list that was written by hand stays out,
//! and that is a finding.

use super::{Answers, Value};
use crate::diagnostic::{Code, Diagnostic, Rejected};
use crate::source::Source;

/// Puts lists into answers.
///
/// # Errors
/// A text that is no JSON, or more than answers may hold.
pub(crate) fn fill(mut answers: Answers, lists: Source) -> Result<Answers, Rejected> {
    let lists = Answers::parse_within(lists, answers.limits)?;
    let Value::Map(given) = lists.root.value else { return Ok(answers) };
    if let Value::Map(written) = &mut answers.root.value {
        for entry in given {
            if let Some(at) = written.iter().position(|own| own.key == entry.key) {
                let own = written.remove(at);
                let message = format!("`{}` is filled from the other documents", own.key);
                let finding = Diagnostic::error(Code::Collected, own.key_place(format!("/{}", own.key)), message);
                answers.findings.push(finding.help("take it out; what it should say belongs into those documents"));
            }
            written.push(entry);
        }
    }
    Ok(answers)
}

impl Answers {
    /// Adds a finding that was made on the way.
    pub(crate) fn remark(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }
}
