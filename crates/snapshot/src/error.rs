//! Errors in files, nodes and snapshots, with name and place.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use bulkhead_interface::Pubkey;

use crate::BuildError;

/// A row of a file, counted from 1. In text files the row is the line, including a CSV's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The row.
    pub row: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, row {}", self.file.display(), self.row)
    }
}

/// Why nothing was written, or why nothing is proved. The text begins with the variant's name.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row is not a position.
    #[error("BadRow: {place}: {reason}")]
    BadRow {
        /// The place.
        place: Place,
        /// The reason.
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
    /// A table has a column twice, so it is ambiguous which one is meant.
    #[error("RepeatedColumn: {} has the column `{column}` twice; remove one of them", file.display())]
    RepeatedColumn {
        /// The table.
        file: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A source is empty, or contains no position of the ledger.
    #[error(
        "NothingRead: {source_name} contains no position ({skipped} accounts are not of the ledger); if that is intended, pass \
         --allow-empty"
    )]
    NothingRead {
        /// The source.
        source_name: String,
        /// Number of its accounts that are not positions.
        skipped: u64,
    },
    /// A file in a folder that would not be read.
    #[error(
        "UnreadFile: {}: {reason}; position folders contain only .json, .jsonl, .csv and .parquet files, so move it away",
        file.display()
    )]
    UnreadFile {
        /// The file.
        file: PathBuf,
        /// The reason.
        reason: &'static str,
    },
    /// A device, a pipe or a folder in place of a file.
    #[error("NotAFile: {} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// A file that is too long for its kind.
    #[error("TooLong: {} has more than {longest} bytes", file.display())]
    TooLong {
        /// The file.
        file: PathBuf,
        /// Its maximum length in bytes.
        longest: u64,
    },
    /// A node's accounts are incomplete, or from another moment than the total.
    #[error(
        "TotalDiffers: the positions add up to {sum}, the ledger's own total is {total} before and {total_after} after; the \
         node sent {positions} positions, which may not be all: use another node or --by-owner, or pass --any-total if the \
         host's total is known to be wrong"
    )]
    TotalDiffers {
        /// Sum of the accounts sent, in the unit of the total.
        sum: u128,
        /// The total before the request.
        total: u128,
        /// The total after the request.
        total_after: u128,
        /// Number of positions sent.
        positions: u64,
    },
    /// A Parquet file ends too early.
    #[error("TruncatedParquet: {place} is the last readable row: {reason}")]
    TruncatedParquet {
        /// The last readable row, or 0 for none.
        place: Place,
        /// The reader's message.
        reason: String,
    },
    /// A Parquet file is damaged, or of an unsupported kind.
    #[error("BadParquet: {}: {reason}", file.display())]
    BadParquet {
        /// The file.
        file: PathBuf,
        /// The reader's message.
        reason: String,
    },
    /// A position appears twice.
    #[error("DuplicatePosition: {key} appears at {first} and at {second}")]
    DuplicatePosition {
        /// Its key.
        key: Pubkey,
        /// Where it appears first.
        first: Place,
        /// Where it appears again.
        second: Place,
    },
    /// The sum of the amounts does not fit 64 bits.
    #[error("SumOverflow: with {0} the sum of the amounts does not fit 64 bits")]
    SumOverflow(Place),
    /// A shard has room for 2^20 leaves.
    #[error("ShardFull: shard {0} has no room for more leaves")]
    ShardFull(u8),
    /// A snapshot's file differs from its manifest.
    #[error("ManifestMismatch: {}: {what}", file.display())]
    ManifestMismatch {
        /// The file.
        file: PathBuf,
        /// What differs.
        what: String,
    },
    /// Positions from different slots describe no state that ever existed.
    #[error("SlotsMixed: {first} is from slot {first_slot}, {second} from slot {second_slot}")]
    SlotsMixed {
        /// One source.
        first: String,
        /// Its slot.
        first_slot: u64,
        /// Another source.
        second: String,
        /// Its slot.
        second_slot: u64,
    },
    /// A manifest with a schema that this version does not know.
    #[error("UnknownSchema: {} has schema version {found}", file.display())]
    UnknownSchema {
        /// The manifest.
        file: PathBuf,
        /// Its schema version.
        found: u64,
    },
    /// A file whose name does not indicate its format.
    #[error("UnknownFormat: {} is not a .jsonl, .csv, .parquet or .json file, a collection, or a folder of such files", .0.display())]
    UnknownFormat(PathBuf),
    /// Accounts can only be read through a ledger's registered layout, and none was given.
    #[error("LayoutRequired: {} holds accounts; the ledger's layout is needed to read them", .0.display())]
    LayoutRequired(PathBuf),
    /// Not a `Ledger` account, or one that could never have been registered.
    #[error("BadLayout: {source_name}: {reason}")]
    BadLayout {
        /// The source of the layout.
        source_name: String,
        /// The reason.
        reason: String,
    },
    /// The output path already exists.
    #[error("OutputExists: {} already exists", .0.display())]
    OutputExists(PathBuf),
    /// Not a valid folder name.
    #[error("NotAName: {} is not a folder name that can be created; end the path with the folder's name", .0.display())]
    NotAName(PathBuf),
    /// The interrupted run found there had other input.
    #[error(
        "ForeignWork: {} is from a run with other input, belongs to another user, or was changed; remove it to start again",
        .0.display()
    )]
    ForeignWork(PathBuf),
    /// Another run is working there.
    #[error("WorkBusy: another run works in {}", .0.display())]
    WorkBusy(PathBuf),
    /// An invalid proof.
    #[error("BadProof: {0}")]
    BadProof(String),
    /// A node did not respond, or not with what was requested.
    #[error("Rpc: {method}: {reason}")]
    Rpc {
        /// The method requested.
        method: &'static str,
        /// The node's message.
        reason: String,
    },
    /// The operating system refused.
    #[error("Io: {}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The reason.
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

    /// An error in the leaves of a snapshot's own file.
    pub(crate) fn of_leaves(file: &Path, error: BuildError) -> Self {
        Self::mismatch(file, error.to_string())
    }

    /// Whether the same run can be resumed later. If so, its finished work is kept.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Io { .. } | Self::OutputExists(_) | Self::ForeignWork(_) | Self::WorkBusy(_)
        )
    }
}
