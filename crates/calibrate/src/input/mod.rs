//! Reading history. What cannot be right is refused by name and line, with what to do about it: a calibration on bad
//! data is worse than none.

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

/// Fewest rows that say anything of a tail.
pub const MIN_ROWS: usize = 200;

/// One row of flow. Native units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowRow {
    /// Unix seconds.
    pub ts: i64,
    /// What left.
    pub outflow: u64,
    /// What came in, 0 where the file has no such column.
    pub inflow: u64,
    /// What was there afterwards, where the file says.
    pub balance: Option<u64>,
}

/// A history of flow: one row a withdrawal, or sums over a grid.
#[derive(Clone, Debug)]
pub struct Flow {
    /// In order of time.
    pub rows: Vec<FlowRow>,
    /// Seconds between rows: of the grid, or the median.
    pub step: i64,
    /// Gaps that were allowed.
    pub gaps: usize,
    /// Outliers that were left out.
    pub excluded: usize,
}

impl Flow {
    /// From the first row to the last, seconds.
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
    /// In any unit.
    pub price: f64,
    /// Half width of the source's confidence interval in the unit of the price, where the file says.
    pub confidence: Option<f64>,
}

/// A history of prices.
#[derive(Clone, Debug)]
pub struct Price {
    /// In order of time.
    pub rows: Vec<PriceRow>,
    /// Seconds between rows.
    pub step: i64,
    /// Gaps that were allowed.
    pub gaps: usize,
    /// Outliers that were left out.
    pub excluded: usize,
}

impl Price {
    /// From the first row to the last, seconds.
    #[must_use]
    pub fn span(&self) -> i64 {
        span(self.rows.first().map(|row| row.ts), self.rows.last().map(|row| row.ts))
    }
}

fn span(first: Option<i64>, last: Option<i64>) -> i64 {
    last.zip(first).map_or(0, |(last, first)| last - first)
}

/// Digits behind the point of the file's amounts: 0 when they are native units already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale(pub u8);

/// What becomes of rows that are nothing like the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outliers {
    /// They are an error.
    #[default]
    Refuse,
    /// They are left out.
    Exclude,
    /// They count as honest use.
    Keep,
}

/// How to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input {
    /// Rows that are nothing like the others.
    pub outliers: Outliers,
    /// Take a grid with holes.
    pub allow_gaps: bool,
    /// Of amounts.
    pub scale: Scale,
}

const FLOW_COLUMNS: &str = "timestamp,outflow[,inflow][,balance]";
const PRICE_COLUMNS: &str = "timestamp,price[,confidence]";

/// Reads a history of flow.
///
/// # Errors
/// [`InputError`] by name and line.
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
    // Rows that are single withdrawals come when they come; only a grid can have holes.
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
/// [`InputError`] by name and line.
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
