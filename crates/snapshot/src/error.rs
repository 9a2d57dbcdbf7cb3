//! What can be wrong with files, nodes and snapshots, by name and place.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use bulkhead_interface::Pubkey;

use crate::BuildError;

/// A row of a file, counted from 1. In text the row is the line, a CSV's header included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which file.
    pub file: PathBuf,
    /// Which row.
    pub row: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, row {}", self.file.display(), self.row)
    }
}

/// Why nothing was written, or nothing is proved. The text begins with the variant's name.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row is no position.
    #[error("BadRow: {place}: {reason}")]
    BadRow {
        /// Where.
        place: Place,
        /// Why.
        reason: String,
    },
    /// A table lacks a column.
    #[error("MissingColumn: {} has no column `{column}`", file.display())]
    MissingColumn {
        /// The table.
        file: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A table has a column twice, and nobody can say which is meant.
    #[error("RepeatedColumn: {} has the column `{column}` twice; remove one of them", file.display())]
    RepeatedColumn {
        /// The table.
        file: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// Nothing was in it, or nothing of the ledger.
    #[error(
        "NothingRead: {source_name} holds no position ({skipped} accounts are none of the ledger); if it really has none, say \
         so with --allow-empty"
    )]
    NothingRead {
        /// What was read.
        source_name: String,
        /// Accounts in it that are no positions.
        skipped: u64,
    },
    /// A file of a folder that nobody would have read.
    #[error(
        "UnreadFile: {}: {reason}; a folder of positions holds .json, .jsonl, .csv and .parquet files only, so move it away",
        file.display()
    )]
    UnreadFile {
        /// Which.
        file: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// A device, a pipe or a folder where a file belongs.
    #[error("NotAFile: {} is no regular file", .0.display())]
    NotAFile(PathBuf),
    /// A file that is too long for what it is.
    #[error("TooLong: {} has more than {longest} bytes", file.display())]
    TooLong {
        /// Which.
        file: PathBuf,
        /// What it may have.
        longest: u64,
    },
    /// A node's accounts are not all there are, or not of the moment of the total.
    #[error(
        "TotalDiffers: the positions add up to {sum}, the ledger's own total is {total} before and {total_after} after; the \
         node sent {positions} positions, which may not be all: ask another, ask by --by-owner, or say --any-total where the \
         host's total is known to be wrong"
    )]
    TotalDiffers {
        /// Sum of what was sent, in the unit of the total.
        sum: u128,
        /// The total before it was asked.
        total: u128,
        /// And afterwards.
        total_after: u128,
        /// How many were sent.
        positions: u64,
    },
    /// A Parquet file ends too early.
    #[error("TruncatedParquet: {place} is the last that can be read: {reason}")]
    TruncatedParquet {
        /// The last row that can be read; 0 for none.
        place: Place,
        /// What the reader says.
        reason: String,
    },
    /// A Parquet file is damaged, or of a kind that is not read.
    #[error("BadParquet: {}: {reason}", file.display())]
    BadParquet {
        /// Which.
        file: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// One position comes twice.
    #[error("DuplicatePosition: {key} stands at {first} and at {second}")]
    DuplicatePosition {
        /// Its key.
        key: Pubkey,
        /// Where it stands.
        first: Place,
        /// Where it stands again.
        second: Place,
    },
    /// The sum of the amounts does not fit 64 bits.
    #[error("SumOverflow: with {0} the sum of the amounts does not fit 64 bits")]
    SumOverflow(Place),
    /// A shard has room for 2^20 leaves.
    #[error("ShardFull: shard {0} has no room for more leaves")]
    ShardFull(u8),
    /// A snapshot's file is not what its manifest says.
    #[error("ManifestMismatch: {}: {what}", file.display())]
    ManifestMismatch {
        /// Which file.
        file: PathBuf,
        /// What differs.
        what: String,
    },
    /// Positions of different slots are no state that ever was.
    #[error("SlotsMixed: {first} is of slot {first_slot}, {second} of slot {second_slot}")]
    SlotsMixed {
        /// A source.
        first: String,
        /// Its slot.
        first_slot: u64,
        /// Another source.
        second: String,
        /// Its slot.
        second_slot: u64,
    },
    /// A manifest of a schema that this version does not know.
    #[error("UnknownSchema: {} has schema version {found}", file.display())]
    UnknownSchema {
        /// Which manifest.
        file: PathBuf,
        /// Its version.
        found: u64,
    },
    /// A file whose kind the name does not tell.
    #[error("UnknownFormat: {} is none of .jsonl, .csv, .parquet, .json, a collection or a folder of such files", .0.display())]
    UnknownFormat(PathBuf),
    /// Accounts are read through a ledger's registered layout, and none was given.
    #[error("LayoutRequired: {} holds accounts; the ledger's layout is needed to read them", .0.display())]
    LayoutRequired(PathBuf),
    /// Not a `Ledger` account, or one that can never have been registered.
    #[error("BadLayout: {source_name}: {reason}")]
    BadLayout {
        /// Where it came from.
        source_name: String,
        /// Why.
        reason: String,
    },
    /// There is something where the result belongs.
    #[error("OutputExists: {} is there already", .0.display())]
    OutputExists(PathBuf),
    /// No name for a folder.
    #[error("NotAName: {} names no folder that could be made; end it with the folder's name", .0.display())]
    NotAName(PathBuf),
    /// The interrupted run that lies there had other input.
    #[error(
        "ForeignWork: {} is of a run with other input, of somebody else, or was changed; remove it to begin anew",
        .0.display()
    )]
    ForeignWork(PathBuf),
    /// Another run is at work there now.
    #[error("WorkBusy: another run works in {}", .0.display())]
    WorkBusy(PathBuf),
    /// A proof that proves nothing.
    #[error("BadProof: {0}")]
    BadProof(String),
    /// A node that does not answer, or not with what it was asked.
    #[error("Rpc: {method}: {reason}")]
    Rpc {
        /// What it was asked.
        method: &'static str,
        /// What it said.
        reason: String,
    },
    /// The system refuses.
    #[error("Io: {}: {source}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn io(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io { file, source }
    }

    pub(crate) fn mismatch(file: &Path, what: impl Into<String>) -> Self {
        Self::ManifestMismatch {
            file: file.to_owned(),
            what: what.into(),
        }
    }

    pub(crate) fn bad_row(file: &Path, row: u64, reason: impl ToString) -> Self {
        Self::BadRow {
            place: Place {
                file: file.to_owned(),
                row,
            },
            reason: reason.to_string(),
        }
    }

    /// Of leaves that a snapshot's own file holds.
    pub(crate) fn of_leaves(file: &Path, error: BuildError) -> Self {
        Self::mismatch(file, error.to_string())
    }

    /// Can the same run go on later? Then what it has done so far stays.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Io { .. } | Self::OutputExists(_) | Self::ForeignWork(_) | Self::WorkBusy(_)
        )
    }
}
