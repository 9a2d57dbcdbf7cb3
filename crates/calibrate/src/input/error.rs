//! Why a file cannot be used, with what to do about it.

use std::io;

use super::MIN_ROWS;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Nothing in it.
    #[error("EmptyFile: there is no row; the first line names the columns: {columns}")]
    EmptyFile {
        /// The columns of such a file.
        columns: &'static str,
    },
    /// A column that has to be there is not.
    #[error("MissingColumn: line 1: there is no column `{column}`; the columns are: {columns}")]
    MissingColumn {
        /// Which.
        column: &'static str,
        /// The columns of such a file.
        columns: &'static str,
    },
    /// The file is no CSV.
    #[error("NotCsv: line {line}: {reason}; every line needs as many fields as the first")]
    NotCsv {
        /// Where.
        line: u64,
        /// What the parser says.
        reason: String,
    },
    /// A field is empty.
    #[error("MissingValue: line {line}: `{column}` is empty; write 0 for nothing, or leave the row out")]
    MissingValue {
        /// Where.
        line: u64,
        /// In which column.
        column: &'static str,
    },
    /// A field is no number.
    #[error("NotANumber: line {line}: `{column}` is `{value}`; write digits with a point, no separators or units")]
    NotANumber {
        /// Where.
        line: u64,
        /// In which column.
        column: &'static str,
        /// What it was.
        value: String,
    },
    /// NaN or infinite.
    #[error("NotFinite: line {line}: `{column}` is `{value}`; leave the row out or write the true value")]
    NotFinite {
        /// Where.
        line: u64,
        /// In which column.
        column: &'static str,
        /// What it was.
        value: String,
    },
    /// Below zero.
    #[error("NegativeFlow: line {line}: `{column}` is `{value}`; outflow and inflow are separate columns, both from 0")]
    NegativeFlow {
        /// Where.
        line: u64,
        /// In which column.
        column: &'static str,
        /// What it was.
        value: String,
    },
    /// A fraction, and nobody said of what.
    #[error(
        "FractionOfAUnit: line {line}: `{column}` is `{value}`, and native units are whole; whole tokens need --decimals, \
         the mint's number of digits"
    )]
    FractionOfAUnit {
        /// Where.
        line: u64,
        /// In which column.
        column: &'static str,
        /// What it was.
        value: String,
    },
    /// A column stands twice.
    #[error("ColumnTwice: line 1: `{column}` stands there {times} times; keep the one that is meant")]
    ColumnTwice {
        /// Which.
        column: &'static str,
        /// How often.
        times: usize,
    },
    /// Rows that are nothing like the others.
    #[error(
        "Outlier: {rows}; {of}. One accident or attack makes every limit as much too high. --exclude-outliers leaves such \
         rows out; --keep-outliers takes them for honest use"
    )]
    Outlier {
        /// Where, and what they say.
        rows: String,
        /// What is usual.
        of: String,
    },
    /// More than a token account can hold.
    #[error("AmountTooLarge: line {line}: `{column}` is `{value}`; in native units it does not fit into 64 bits")]
    AmountTooLarge {
        /// Where.
        line: u64,
        /// In which column.
        column: &'static str,
        /// What it was.
        value: String,
    },
    /// Zero or below.
    #[error("PriceNotPositive: line {line}: the price is `{value}`; leave out rows without a price")]
    PriceNotPositive {
        /// Where.
        line: u64,
        /// What it was.
        value: String,
    },
    /// Neither form of a time.
    #[error(
        "BadTimestamp: line {line}: `{value}`; write unix seconds (1770000000) or RFC 3339 (2026-02-02T02:40:00Z){hint}"
    )]
    BadTimestamp {
        /// Where.
        line: u64,
        /// What it was.
        value: String,
        /// What it may be.
        hint: &'static str,
    },
    /// One time, two rows.
    #[error("DuplicateTimestamp: line {line}: {timestamp} is that of the row before, too; keep one of the two rows")]
    DuplicateTimestamp {
        /// Where.
        line: u64,
        /// The time, in unix seconds.
        timestamp: i64,
    },
    /// Time runs backwards.
    #[error("TimestampsOutOfOrder: line {line}: {timestamp} comes after {before}; sort the rows by time")]
    TimestampsOutOfOrder {
        /// Where.
        line: u64,
        /// The time, in unix seconds.
        timestamp: i64,
        /// The one before.
        before: i64,
    },
    /// A regular series with holes.
    #[error(
        "MissingRows: line {line}: {rows} rows are missing before {timestamp} ({seconds} s instead of {step}); {gaps} \
         gaps in all, {total} s; fill them in, or pass --allow-gaps to take the file as it is"
    )]
    MissingRows {
        /// The first one.
        line: u64,
        /// How many rows.
        rows: i64,
        /// The row behind the gap.
        timestamp: i64,
        /// Length of the gap.
        seconds: i64,
        /// Of the grid.
        step: i64,
        /// How many gaps there are.
        gaps: usize,
        /// How long they are together.
        total: i64,
    },
    /// Too little to say anything.
    #[error("TooFewRows: {rows} rows; at least {MIN_ROWS} are needed, so export a longer history")]
    TooFewRows {
        /// How many there are.
        rows: usize,
    },
    /// More than any history has.
    #[error("TooManyRows: line {line}: there is no end to them; give fewer, or sums over a longer step")]
    TooManyRows {
        /// The first that is too many.
        line: u64,
    },
    /// The file cannot be read.
    #[error("NotReadable: {0}")]
    NotReadable(#[from] io::Error),
}
