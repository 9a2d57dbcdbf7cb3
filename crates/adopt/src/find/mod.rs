//! Guesses: which account types are positions, who owns them, what they hold, and where their total stands.

mod amount;
mod hint;
mod link;
mod owner;
mod position;
mod total;
mod vocabulary;

use serde::Serialize;

pub use amount::{Amount, LeftOut, Meaning};
pub use hint::hint;
pub use link::Link;
pub use owner::{How, Owner};
pub use position::{Position, Rejected, Table, positions};
pub use total::{Rate, Total};
pub use vocabulary::{has, is_any};

/// How sure a guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// More likely wrong than right; not in the draft.
    Low,
    /// Look at it.
    Medium,
    /// Several signs agree, and none speaks against it.
    High,
}

impl Confidence {
    /// One step less sure.
    #[must_use]
    pub const fn less(self) -> Self {
        match self {
            Self::High => Self::Medium,
            _ => Self::Low,
        }
    }

    /// As text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
