//! Why a file cannot be used, and what to do about it.

use std::io;

use super::MIN_ROWS;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file is empty.
    #[error("EmptyFile: there is no row; the first line names the columns: {columns}")]
    EmptyFile {
        /// The columns such a file needs.
        columns: &'static str,
    },
    /// A required column is missing.
    #[error("MissingColumn: line 1: there is no column `{column}`; the columns are: {columns}")]
    MissingColumn {
        /// The column.
        column: &'static str,
        /// The columns such a file needs.
        columns: &'static str,
    },
    /// The file is not CSV.
    #[error("NotCsv: line {line}: {reason}; every line needs as many fields as the first")]
    NotCsv {
        /// The line.
        line: u64,
        /// The parser's message.
        reason: String,
    },
    /// A field is empty.
    #[error("MissingValue: line {line}: `{column}` is empty; write 0 for nothing, or leave the row out")]
    MissingValue {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
    },
    /// A field is not a number.
    #[error("NotANumber: line {line}: `{column}` is `{value}`; write digits with a point, no separators or units")]
    NotANumber {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text found.
        value: String,
    },
    /// NaN or infinite.
    #[error("NotFinite: line {line}: `{column}` is `{value}`; leave the row out or write the true value")]
    NotFinite {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text found.
        value: String,
    },
    /// The value is negative.
    #[error("NegativeFlow: line {line}: `{column}` is `{value}`; outflow and inflow are separate columns, both from 0")]
    NegativeFlow {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text found.
        value: String,
    },
    /// A fraction, but the unit was not specified.
    #[error(
        "FractionOfAUnit: line {line}: `{column}` is `{value}`, and native units are whole; for whole tokens, pass \
         --decimals, the mint's number of decimals"
    )]
    FractionOfAUnit {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text found.
        value: String,
    },
    /// A column appears more than once.
    #[error("ColumnTwice: line 1: `{column}` appears {times} times; keep only the intended one")]
    ColumnTwice {
        /// The column.
        column: &'static str,
        /// How often it appears.
        times: usize,
    },
    /// Outliers.
    #[error(
        "Outlier: {rows}; {of}. A single accident or attack would make every limit too high by the same factor. \
         --exclude-outliers leaves such rows out; --keep-outliers treats them as honest use"
    )]
    Outlier {
        /// Their lines and values.
        rows: String,
        /// The usual value.
        of: String,
    },
    /// More than a token account can hold.
    #[error("AmountTooLarge: line {line}: `{column}` is `{value}`; in native units it does not fit into 64 bits")]
    AmountTooLarge {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text found.
        value: String,
    },
    /// Zero or negative.
    #[error("PriceNotPositive: line {line}: the price is `{value}`; leave out rows without a price")]
    PriceNotPositive {
        /// The line.
        line: u64,
        /// The text found.
        value: String,
    },
    /// Not a supported form of a time.
    #[error(
        "BadTimestamp: line {line}: `{value}`; write unix seconds (1770000000) or RFC 3339 (2026-02-02T02:40:00Z){hint}"
    )]
    BadTimestamp {
        /// The line.
        line: u64,
        /// The text found.
        value: String,
        /// The supported forms.
        hint: &'static str,
    },
    /// Two rows with the same time.
    #[error(
        "DuplicateTimestamp: line {line}: {timestamp} is also the time of the previous row; keep one of the two rows"
    )]
    DuplicateTimestamp {
        /// The line.
        line: u64,
        /// The time, in unix seconds.
        timestamp: i64,
    },
    /// Times are not in ascending order.
    #[error("TimestampsOutOfOrder: line {line}: {timestamp} comes after {before}; sort the rows by time")]
    TimestampsOutOfOrder {
        /// The line.
        line: u64,
        /// The time, in unix seconds.
        timestamp: i64,
        /// The previous time.
        before: i64,
    },
    /// A regular series with gaps.
    #[error(
        "MissingRows: line {line}: {rows} rows are missing before {timestamp} ({seconds} s instead of {step}); {gaps} \
         gaps in all, {total} s; fill them in, or pass --allow-gaps to take the file as it is"
    )]
    MissingRows {
        /// The first gap.
        line: u64,
        /// Number of rows.
        rows: i64,
        /// The row after the gap.
        timestamp: i64,
        /// Length of the gap.
        seconds: i64,
        /// Step of the grid.
        step: i64,
        /// Number of gaps.
        gaps: usize,
        /// Their total length.
        total: i64,
    },
    /// Too few rows to estimate anything.
    #[error("TooFewRows: {rows} rows; at least {MIN_ROWS} are needed, so export a longer history")]
    TooFewRows {
        /// Number of rows.
        rows: usize,
    },
    /// More rows than any plausible history.
    #[error("TooManyRows: line {line}: the file has too many; export fewer rows, or sums over a longer step")]
    TooManyRows {
        /// The first row beyond the maximum.
        line: u64,
    },
    /// The file cannot be read.
    #[error("NotReadable: {0}")]
    NotReadable(#[from] io::Error),
}
