//! What can go wrong, by name.

use std::path::{Path, PathBuf};

/// Why something was refused. Nothing is written then, except pages that were finished before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Poseidon is used with one to seven inputs.
    #[error("Hash: Poseidon takes one to seven words here")]
    Hash,
    /// Keys of leaves ascend, and belong to the shard.
    #[error("KeysNotAscending: leaf {0} of the shard does not follow the one before it")]
    KeysNotAscending(u64),
    /// A leaf with an amount above the total: the total is not that of its ledger.
    #[error("AmountAboveTotal: leaf {0} of the shard holds more than the total")]
    AmountAboveTotal(u64),
    /// An empty leaf is no leaf of a snapshot.
    #[error("EmptyLeaf: leaf {0} of the shard has the amount 0")]
    EmptyLeaf(u64),
    /// A sum left 64 bits.
    #[error("Overflow: a sum of amounts does not fit 64 bits")]
    Overflow,
    /// A page has at least one leaf, and no more than its circuit.
    #[error("PageSize: a page of {size} leaves was given {leaves}")]
    PageSize {
        /// Leaves of the circuit.
        size: usize,
        /// Leaves that were to be proved.
        leaves: usize,
    },
    /// The values do not satisfy the circuit, so there is nothing to prove.
    #[error("Unsatisfied: the values of the page violate {0}")]
    Unsatisfied(String),
    /// The statement is false, or the proof belongs to another.
    #[error("ProofRefused: {0}")]
    ProofRefused(String),
    /// Bytes that are not the one encoding of what they should be.
    #[error("NotCanonical: {0}")]
    NotCanonical(&'static str),
    /// Pages or folders that do not belong together.
    #[error("Mismatch: {file}: {what}")]
    Mismatch {
        /// Where.
        file: PathBuf,
        /// What differs.
        what: String,
    },
    /// A file that is not what its name says.
    #[error("Malformed: {file}: {what}")]
    Malformed {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Folder in use by another set of inputs.
    #[error("OtherRun: {0} holds pages of another run; give another folder")]
    OtherRun(PathBuf),
    /// Pages are missing.
    #[error("Incomplete: {missing} of {pages} pages are not proved yet")]
    Incomplete {
        /// How many are missing.
        missing: usize,
        /// Of how many.
        pages: usize,
    },
    /// Keys come from a ceremony, or are marked.
    #[error(
        "NoCeremony: no set-up with contributions is implemented; `--insecure` makes keys for drills, whose maker can prove anything"
    )]
    NoCeremony,
    /// Keys of a drill are accepted by who asks for them.
    #[error(
        "InsecureKey: this key was made by one party, who can prove anything; `--allow-insecure` accepts it for a drill"
    )]
    InsecureKey,
    /// The circuit's library.
    #[error("Synthesis: {0}")]
    Synthesis(String),
    /// A snapshot cannot be read.
    #[error(transparent)]
    Snapshot(#[from] bulkhead_snapshot::Error),
    /// A file cannot be read or written.
    #[error("Io: {file}: {error}")]
    Io {
        /// Which.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.to_owned();
        |error| Self::Io { file, error }
    }

    pub(crate) fn mismatch(file: &Path, what: impl Into<String>) -> Self {
        Self::Mismatch {
            file: file.into(),
            what: what.into(),
        }
    }

    pub(crate) fn malformed(file: &Path, what: impl Into<String>) -> Self {
        Self::Malformed {
            file: file.into(),
            what: what.into(),
        }
    }
}
