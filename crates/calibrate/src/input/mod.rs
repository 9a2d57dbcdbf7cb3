//! Reads histories. Invalid data is refused with a named error, the line, and a remedy: a calibration on bad data is
//! worse than none.

mod error;
mod outliers;
mod table;
#[cfg(test)]
mod tests;
mod time;

use std::io;

pub use error::InputError;
use outliers::{apply, carry, far_flows, far_prices, usual_flow};
use table::{Table, without_mark};
use time::check_times;

/// Minimum number of rows that allow any estimate of a tail.
pub const MIN_ROWS: usize = 200;

/// One row of flow. Native units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowRow {
    /// Unix seconds.
    pub ts: i64,
    /// Outflow.
    pub outflow: u64,
    /// Inflow, or 0 if the file has no such column.
    pub inflow: u64,
    /// Balance afterwards, if the file has one.
    pub balance: Option<u64>,
}

/// A history of flow: one row per withdrawal, or sums over a grid.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Rows in order of time.
    pub rows: Vec<FlowRow>,
    /// Seconds between rows: of the grid, or the median.
    pub step: i64,
    /// Number of gaps that were allowed.
    pub gaps: usize,
    /// Number of outliers that were left out.
    pub excluded: usize,
}

impl Flow {
    /// Time from the first row to the last, seconds.
    #[must_use]
    pub fn span(&self) -> i64 {
        span(self.rows.first().map(|row| row.ts), self.rows.last().map(|row| row.ts))
    }
}

/// One row of prices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceRow {
    /// Unix seconds.
    pub ts: i64,
    /// The price, in any unit.
    pub price: f64,
    /// Half width of the source's confidence interval in the unit of the price, if the file has one.
    pub confidence: Option<f64>,
}

/// A history of prices.
#[derive(Clone, Debug)]
pub struct Price {
    /// Rows in order of time.
    pub rows: Vec<PriceRow>,
    /// Seconds between rows.
    pub step: i64,
    /// Number of gaps that were allowed.
    pub gaps: usize,
    /// Number of outliers that were left out.
    pub excluded: usize,
}

impl Price {
    /// Time from the first row to the last, seconds.
    #[must_use]
    pub fn span(&self) -> i64 {
        span(self.rows.first().map(|row| row.ts), self.rows.last().map(|row| row.ts))
    }
}

fn span(first: Option<i64>, last: Option<i64>) -> i64 {
    last.zip(first).map_or(0, |(last, first)| last - first)
}

/// Decimals of the file's amounts, or 0 if they are already in native units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale(pub u8);

/// What to do with outliers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outliers {
    /// They are an error.
    #[default]
    Refuse,
    /// They are left out.
    Exclude,
    /// They are kept as honest use.
    Keep,
}

/// Options for reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input {
    /// How to treat outliers.
    pub outliers: Outliers,
    /// Accept a grid with gaps.
    pub allow_gaps: bool,
    /// Unit of the amounts.
    pub scale: Scale,
}

const FLOW_COLUMNS: &str = "timestamp,outflow[,inflow][,balance]";
const PRICE_COLUMNS: &str = "timestamp,price[,confidence]";

/// Reads a history of flow.
///
/// # Errors
/// [`InputError`], with name and line.
pub fn read_flow(source: impl io::Read, input: Input) -> Result<Flow, InputError> {
    let mut table = Table::open(without_mark(source)?, FLOW_COLUMNS)?;
    table.once(&["timestamp", "outflow", "inflow", "balance"])?;
    let timestamp = table.column("timestamp")?;
    let outflow = table.column("outflow")?;
    let (inflow, balance) = (table.optional("inflow"), table.optional("balance"));
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    while let Some(record) = table.next()? {
        let amount = |column: (usize, &'static str)| record.amount(column, input.scale);
        rows.push(FlowRow {
            ts: record.timestamp(timestamp)?,
            outflow: amount(outflow)?,
            inflow: inflow.map_or(Ok(0), amount)?,
            balance: balance.map(amount).transpose()?,
        });
        lines.push(record.line);
    }
    let times: Vec<_> = rows.iter().map(|row| row.ts).collect();
    let grid = check_times(&times, &lines, FLOW_COLUMNS)?;
    let usual = format!("99 of 100 outflows stay below {}", usual_flow(&rows));
    let outliers = far_flows(&rows);
    let excluded = apply(
        &mut rows,
        &outliers,
        input.outliers,
        |row| {
            row.outflow = 0;
        },
        |at, row| format!("line {}: outflow {}", lines.get(at).copied().unwrap_or(0), row.outflow),
        &usual,
    )?;
    // Single withdrawals occur at any time. Only a grid can have gaps.
    let gaps = if grid.is_regular {
        grid.gaps(&times, &lines, input.allow_gaps)?
    } else {
        0
    };
    Ok(Flow {
        rows,
        step: grid.step,
        gaps,
        excluded,
    })
}

/// Reads a history of prices.
///
/// # Errors
/// [`InputError`], with name and line.
pub fn read_price(source: impl io::Read, input: Input) -> Result<Price, InputError> {
    let mut table = Table::open(without_mark(source)?, PRICE_COLUMNS)?;
    table.once(&["timestamp", "price", "confidence"])?;
    let timestamp = table.column("timestamp")?;
    let price = table.column("price")?;
    let confidence = table.optional("confidence");
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    while let Some(record) = table.next()? {
        let ts = record.timestamp(timestamp)?;
        let value = record.number(price)?;
        if value <= 0.0 {
            return Err(InputError::PriceNotPositive {
                line: record.line,
                value: record.text(price)?.to_owned(),
            });
        }
        let confidence = confidence.map(|column| record.not_negative(column)).transpose()?;
        rows.push(PriceRow {
            ts,
            price: value,
            confidence,
        });
        lines.push(record.line);
    }
    let times: Vec<_> = rows.iter().map(|row| row.ts).collect();
    let grid = check_times(&times, &lines, PRICE_COLUMNS)?;
    let outliers = far_prices(&rows);
    let excluded = apply(
        &mut rows,
        &outliers,
        input.outliers,
        |row| row.price = f64::NAN,
        |at, row| format!("line {}: price {}", lines.get(at).copied().unwrap_or(0), row.price),
        "three times off, and back in the next row",
    )?;
    carry(&mut rows);
    let gaps = grid.gaps(&times, &lines, input.allow_gaps)?;
    Ok(Price {
        rows,
        step: grid.step,
        gaps,
        excluded,
    })
}
