//! What a breach of a provision can cost, as dated data.
//!
//! Comes in: the part `penalties` of `schemas/clauses/<framework>.yaml`. Goes out: [`Penalties`], asked by the id of a
//! clause. A standard has none. Amounts are in the file or nowhere.

use serde::Deserialize;

/// The fines of a law, as they stood on one day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalties {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Where they stand.
    pub source: String,
    /// What a reader should know beside the amounts.
    pub note: String,
    /// From the highest to the lowest.
    pub tiers: Vec<Tier>,
    /// Duties that are punished by other rules.
    #[serde(default)]
    pub elsewhere: Vec<Elsewhere>,
}

/// One ceiling.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The clause that sets it.
    pub clause: String,
    /// An amount of money, as the law writes it.
    pub amount: String,
    /// A share of turnover, as the law writes it.
    pub share: String,
    /// For whom the lower of the two is the ceiling, and by which provision; for others it is the higher.
    pub lower_for: Vec<String>,
    /// The duties whose breach it is for.
    pub duties: Vec<Duty>,
}

/// Duties of one tier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Clauses of the framework, with everything below them.
    pub clauses: Vec<String>,
    /// The provision that names them.
    pub basis: String,
    /// The provision by which it names them, where it does not do so itself.
    #[serde(default)]
    pub through: Option<String>,
}

/// Duties that are punished by other rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Clauses of the framework, with everything below them.
    pub clauses: Vec<String>,
    /// By which rules.
    pub note: String,
}

impl Penalties {
    /// The ceiling for a breach of a clause, and the duty by which it is reached; the tier's own clause needs none.
    #[must_use]
    pub fn of(&self, clause: &str) -> Option<(&Tier, Option<&Duty>)> {
        self.tiers.iter().find_map(|tier| {
            if is_within(clause, &tier.clause) {
                return Some((tier, None));
            }
            let duty = tier.duties.iter().find(|duty| duty.clauses.iter().any(|of| is_within(clause, of)))?;
            Some((tier, Some(duty)))
        })
    }

    /// Why no ceiling is for a clause, if that is known.
    #[must_use]
    pub fn elsewhere(&self, clause: &str) -> Option<&str> {
        let other = self.elsewhere.iter().find(|other| other.clauses.iter().any(|of| is_within(clause, of)))?;
        Some(&other.note)
    }

    /// The parts of a clause that are named, whatever is for the whole; in the order of the alphabet.
    #[must_use]
    pub fn below(&self, clause: &str) -> Vec<&str> {
        let mut parts: Vec<&str> = self.clauses().map(String::as_str).collect();
        parts.retain(|part| *part != clause && is_within(part, clause));
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// Every clause that is named.
    pub(super) fn clauses(&self) -> impl Iterator<Item = &String> {
        let duties = self.tiers.iter().flat_map(|tier| &tier.duties).flat_map(|duty| &duty.clauses);
        let elsewhere = self.elsewhere.iter().flat_map(|other| &other.clauses);
        self.tiers.iter().map(|tier| &tier.clause).chain(duties).chain(elsewhere)
    }
}

/// Whether a clause is another one or a part of it.
pub(crate) fn is_within(clause: &str, of: &str) -> bool {
    clause.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
