//! Reading history. What cannot be right is refused by name and line, with what to do about it: a calibration on bad
//! data is worse than none.

use std::io::{self, Read};

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

/// Fewest rows that say anything of a tail.
pub const MIN_ROWS: usize = 200;
/// From here on a timestamp is taken for milliseconds: the year 5138.
const TOO_LATE: i64 = 100_000_000_000;
/// Share of equal steps from which rows are taken for a grid.
const GRID_SHARE: f64 = 0.9;

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
    /// The file cannot be read.
    #[error("NotReadable: {0}")]
    NotReadable(#[from] io::Error),
}

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

/// An outflow so many times what 99 of 100 stay below is nothing like them: a Pareto tail of index 1.2, heavier than use
/// is, has its largest of 6,000 at thirty times.
const FAR: u64 = 50;
/// A price so many times off the one before and the one behind.
const OFF: f64 = 3.0;
/// Rows that are named.
const NAMED: usize = 5;

/// What 99 of 100 outflows stay below.
fn usual_flow(rows: &[FlowRow]) -> u64 {
    let mut outflows: Vec<_> = rows
        .iter()
        .map(|row| row.outflow)
        .filter(|outflow| *outflow > 0)
        .collect();
    outflows.sort_unstable();
    outflows.get(outflows.len() * 99 / 100).copied().unwrap_or(u64::MAX)
}

fn far_flows(rows: &[FlowRow]) -> Vec<usize> {
    let far = usual_flow(rows).saturating_mul(FAR);
    let is_far = |(at, row): (usize, &FlowRow)| (row.outflow > far).then_some(at);
    rows.iter().enumerate().filter_map(is_far).collect()
}

fn far_prices(rows: &[PriceRow]) -> Vec<usize> {
    let off = |a: f64, b: f64| (a / b).ln().abs();
    let is_spike = |(at, three): (usize, &[PriceRow])| {
        let [before, here, behind] = [three[0].price, three[1].price, three[2].price];
        let is_off = off(here, before) > OFF.ln() && off(here, behind) > OFF.ln();
        (is_off && off(before, behind) < 1.5f64.ln()).then_some(at + 1)
    };
    rows.windows(3).enumerate().filter_map(is_spike).collect()
}

/// Puts the price before in the place of one that was left out.
fn carry(rows: &mut [PriceRow]) {
    for at in 1..rows.len() {
        if rows[at].price.is_nan() {
            rows[at].price = rows[at - 1].price;
        }
    }
}

/// Refuses outliers, or leaves them out, or keeps them. Gives how many were left out.
fn apply<T>(
    rows: &mut [T],
    outliers: &[usize],
    what: Outliers,
    leave_out: impl Fn(&mut T),
    name: impl Fn(usize, &T) -> String,
    of: &str,
) -> Result<usize, InputError> {
    match what {
        Outliers::Keep => Ok(0),
        Outliers::Exclude => {
            for &at in outliers {
                leave_out(&mut rows[at]);
            }
            Ok(outliers.len())
        }
        Outliers::Refuse if outliers.is_empty() => Ok(0),
        Outliers::Refuse => {
            let mut named: Vec<_> = outliers.iter().take(NAMED).map(|&at| name(at, &rows[at])).collect();
            if outliers.len() > NAMED {
                named.push(format!("and {} more", outliers.len() - NAMED));
            }
            Err(InputError::Outlier {
                rows: named.join(", "),
                of: of.to_owned(),
            })
        }
    }
}

/// A file without the mark that some editors put in front of it.
fn without_mark(mut source: impl io::Read) -> io::Result<impl io::Read> {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let mut begin = Vec::new();
    Read::by_ref(&mut source).take(3).read_to_end(&mut begin)?;
    if begin == MARK {
        begin.clear();
    }
    Ok(io::Cursor::new(begin).chain(source))
}

/// The rows of a file, one at a time.
struct Table<R> {
    reader: Reader<R>,
    headers: StringRecord,
    columns: &'static str,
}

/// One row, and where it stands.
struct Record {
    fields: StringRecord,
    line: u64,
}

impl<R: io::Read> Table<R> {
    fn open(source: R, columns: &'static str) -> Result<Self, InputError> {
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .comment(Some(b'#'))
            .from_reader(source);
        let headers = reader.headers().map_err(|error| not_csv(&error))?.clone();
        if headers.is_empty() {
            return Err(InputError::EmptyFile { columns });
        }
        Ok(Self {
            reader,
            headers,
            columns,
        })
    }

    fn optional(&self, name: &'static str) -> Option<(usize, &'static str)> {
        let place = self.headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        place.map(|place| (place, name))
    }

    /// The columns that are read stand once: otherwise nobody knows which is meant.
    fn once(&self, names: &[&'static str]) -> Result<(), InputError> {
        for &column in names {
            let same = self.headers.iter().filter(|header| header.eq_ignore_ascii_case(column));
            let times = same.count();
            if times > 1 {
                return Err(InputError::ColumnTwice { column, times });
            }
        }
        Ok(())
    }

    fn column(&self, name: &'static str) -> Result<(usize, &'static str), InputError> {
        self.optional(name).ok_or(InputError::MissingColumn {
            column: name,
            columns: self.columns,
        })
    }

    fn next(&mut self) -> Result<Option<Record>, InputError> {
        let mut fields = StringRecord::new();
        let found = self.reader.read_record(&mut fields).map_err(|error| not_csv(&error))?;
        let line = fields.position().map_or(0, csv::Position::line);
        Ok(found.then_some(Record { fields, line }))
    }
}

fn not_csv(error: &csv::Error) -> InputError {
    if let csv::ErrorKind::Io(io) = error.kind() {
        return InputError::NotReadable(io::Error::new(io.kind(), io.to_string()));
    }
    InputError::NotCsv {
        line: error.position().map_or(0, csv::Position::line),
        reason: match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} fields instead of {expected_len}")
            }
            csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
            _ => error.to_string(),
        },
    }
}

impl Record {
    fn text(&self, (place, column): (usize, &'static str)) -> Result<&str, InputError> {
        let line = self.line;
        self.fields
            .get(place)
            .filter(|text| !text.is_empty())
            .ok_or(InputError::MissingValue { line, column })
    }

    fn number(&self, column: (usize, &'static str)) -> Result<f64, InputError> {
        let text = self.text(column)?;
        let (line, value) = (self.line, text.to_owned());
        let number: f64 = text.parse().map_err(|_| InputError::NotANumber {
            line,
            column: column.1,
            value: value.clone(),
        })?;
        if !number.is_finite() {
            return Err(InputError::NotFinite {
                line,
                column: column.1,
                value,
            });
        }
        Ok(number)
    }

    fn not_negative(&self, column: (usize, &'static str)) -> Result<f64, InputError> {
        let number = self.number(column)?;
        if number < 0.0 {
            return Err(InputError::NegativeFlow {
                line: self.line,
                column: column.1,
                value: self.text(column)?.to_owned(),
            });
        }
        Ok(number)
    }

    /// In native units; of whole tokens, a fraction of a unit counts as one.
    fn amount(&self, column: (usize, &'static str), Scale(decimals): Scale) -> Result<u64, InputError> {
        let text = self.text(column)?;
        // Whole numbers keep every digit; a float has 53 bits.
        if decimals == 0
            && let Ok(whole) = text.parse()
        {
            return Ok(whole);
        }
        let number = self.not_negative(column)?;
        if decimals == 0 && number.fract() != 0.0 {
            return Err(InputError::FractionOfAUnit {
                line: self.line,
                column: column.1,
                value: text.to_owned(),
            });
        }
        let native = (number * 10f64.powi(i32::from(decimals))).ceil();
        if native >= u64::MAX as f64 {
            return Err(InputError::AmountTooLarge {
                line: self.line,
                column: column.1,
                value: text.to_owned(),
            });
        }
        Ok(native as u64)
    }

    fn timestamp(&self, column: (usize, &'static str)) -> Result<i64, InputError> {
        let text = self.text(column)?;
        let bad = |hint| InputError::BadTimestamp {
            line: self.line,
            value: text.to_owned(),
            hint,
        };
        match text.parse::<i64>() {
            Ok(seconds) if (0..TOO_LATE).contains(&seconds) => Ok(seconds),
            Ok(seconds) if seconds >= TOO_LATE => Err(bad("; these look like milliseconds")),
            Ok(_) => Err(bad("")),
            Err(_) => rfc3339(text).ok_or_else(|| bad("")),
        }
    }
}

/// Unix seconds of an RFC 3339 time; fractions of a second are dropped.
fn rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, digits: usize| -> Option<i64> {
        let part = bytes.get(from..from + digits)?;
        let is_number = part.iter().all(u8::is_ascii_digit);
        is_number.then(|| part.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let longest = *days.get(usize::try_from(month - 1).ok()?)?;
    if !(1..=longest).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut zone = 19;
    if is(zone, b".") {
        zone += 1;
        let digits = bytes[zone..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        zone += digits;
    }
    let offset = if is(zone, b"Zz") && bytes.len() == zone + 1 {
        0
    } else if is(zone, b"+-") && is(zone + 3, b":") && bytes.len() == zone + 6 {
        let (hours, minutes) = (number(zone + 1, 2)?, number(zone + 4, 2)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        (hours * 60 + minutes) * if is(zone, b"-") { -60 } else { 60 }
    } else {
        return None;
    };
    // Days since 1970 of a civil date: H. Hinnant, "chrono-compatible low-level date algorithms", 2014.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let date = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = date * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    (seconds >= 0).then_some(seconds)
}

/// How rows lie in time.
struct Grid {
    step: i64,
    is_regular: bool,
}

fn check_times(times: &[i64], lines: &[u64], columns: &'static str) -> Result<Grid, InputError> {
    if times.is_empty() {
        return Err(InputError::EmptyFile { columns });
    }
    for (pair, &line) in times.windows(2).zip(&lines[1..]) {
        let (before, timestamp) = (pair[0], pair[1]);
        if before == timestamp {
            return Err(InputError::DuplicateTimestamp { line, timestamp });
        }
        if before > timestamp {
            return Err(InputError::TimestampsOutOfOrder {
                line,
                timestamp,
                before,
            });
        }
    }
    if times.len() < MIN_ROWS {
        return Err(InputError::TooFewRows { rows: times.len() });
    }
    let mut steps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let step = steps[steps.len() / 2];
    let equal = steps.iter().filter(|other| **other == step).count();
    Ok(Grid {
        step,
        is_regular: equal as f64 >= GRID_SHARE * steps.len() as f64,
    })
}

impl Grid {
    /// Steps longer than one and a half. They are an error unless they are allowed.
    fn gaps(&self, times: &[i64], lines: &[u64], allowed: bool) -> Result<usize, InputError> {
        let step = self.step;
        let holes: Vec<_> = times
            .windows(2)
            .zip(&lines[1..])
            .map(|(pair, line)| (pair[1] - pair[0], pair[1], *line))
            .filter(|(seconds, ..)| 2 * seconds >= 3 * step)
            .collect();
        match holes.first() {
            Some(&(seconds, timestamp, line)) if !allowed => Err(InputError::MissingRows {
                line,
                rows: (seconds + step / 2) / step - 1,
                timestamp,
                seconds,
                step,
                gaps: holes.len(),
                total: holes.iter().map(|(seconds, ..)| seconds - step).sum(),
            }),
            _ => Ok(holes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sound file, with line `at` replaced.
    fn file(header: &str, at: usize, line: &str) -> String {
        let mut lines: Vec<_> = (0..250)
            .map(|i| format!("{},{}", 1_770_000_000 + i * 600, 100 + i % 7))
            .collect();
        lines.insert(0, header.to_owned());
        line.clone_into(&mut lines[at]);
        lines.join("\n")
    }

    fn flow(text: &str) -> Result<Flow, InputError> {
        read_flow(text.as_bytes(), Input::default())
    }

    fn price(text: &str) -> Result<Price, InputError> {
        read_price(text.as_bytes(), Input::default())
    }

    #[test]
    fn sound_files_are_read() {
        let text = file("timestamp,outflow", 1, "2026-02-02T02:40:00Z,100");
        let read = flow(&text).unwrap();
        assert_eq!((read.rows.len(), read.step, read.gaps), (250, 600, 0));
        assert_eq!(read.rows[0].ts, 1_770_000_000);
        assert_eq!(read.rows[0].outflow, 100);
        assert_eq!(
            price(&file("timestamp,price", 1, "1770000000,0.5")).unwrap().rows[0].price,
            0.5
        );
        // Any order of columns, other columns beside them, a comment, spaces.
        let more = file("outflow,timestamp,note", 1, "x").replace("x\n", "");
        let swapped: String = more
            .lines()
            .enumerate()
            .map(|(i, line)| match line.split_once(',') {
                Some((ts, amount)) if i > 0 => format!(" {amount} , {ts} , withdrawal\n"),
                _ => format!("{line}\n# what follows is synthetic\n"),
            })
            .collect();
        assert_eq!(flow(&swapped).unwrap().rows.len(), 249);
    }

    #[test]
    fn amounts_are_scaled_to_native_units() {
        let text = file("timestamp,outflow", 1, "1770000000,1.25");
        let read = |decimals| {
            let input = Input {
                scale: Scale(decimals),
                ..Input::default()
            };
            read_flow(text.as_bytes(), input)
        };
        assert_eq!(read(6).unwrap().rows[0].outflow, 1_250_000);
        let refused = read(0).unwrap_err().to_string();
        assert!(
            refused.starts_with("FractionOfAUnit: line 2: `outflow` is `1.25`"),
            "{refused}"
        );
        assert!(refused.contains("--decimals"));
        let exact = file("timestamp,outflow", 1, "1770000000,18446744073709551615");
        // Nothing like the others, so it is refused unless it is to count; and then it counts to the unit.
        let refused = flow(&exact).unwrap_err().to_string();
        assert!(
            refused.starts_with("Outlier: line 2: outflow 18446744073709551615;"),
            "{refused}"
        );
        let input = Input {
            outliers: Outliers::Keep,
            ..Input::default()
        };
        assert_eq!(read_flow(exact.as_bytes(), input).unwrap().rows[0].outflow, u64::MAX);
    }

    #[test]
    fn sloppy_files_are_taken_where_it_is_harmless() {
        let sound = file("timestamp,outflow", 1, "1770000000,100");
        for sloppy in [
            format!("\u{feff}{sound}"),
            sound.replace("timestamp,outflow", " Timestamp , OUTFLOW "),
            sound.replace('\n', "\r\n"),
        ] {
            assert_eq!(flow(&sloppy).unwrap().rows.len(), 250);
        }
        let twice = sound
            .replace("timestamp,outflow", "timestamp,outflow,outflow")
            .replace(",100\n", ",100,7\n");
        let refused = flow(&twice).unwrap_err().to_string();
        assert!(
            refused.starts_with("ColumnTwice: line 1: `outflow` stands there 2 times"),
            "{refused}"
        );
        assert!(matches!(flow("timestamp,outflow\n"), Err(InputError::EmptyFile { .. })));
    }

    #[test]
    fn an_old_accident_is_named_and_left_out_when_asked() {
        let text = file("timestamp,outflow", 100, "1770059400,1000000000000000");
        let refused = flow(&text).unwrap_err().to_string();
        assert!(
            refused.starts_with("Outlier: line 101: outflow 1000000000000000; 99 of 100"),
            "{refused}"
        );
        let read = |outliers| {
            let input = Input {
                outliers,
                ..Input::default()
            };
            read_flow(text.as_bytes(), input).unwrap()
        };
        let (excluded, kept) = (read(Outliers::Exclude), read(Outliers::Keep));
        assert_eq!((excluded.excluded, excluded.rows[99].outflow, excluded.gaps), (1, 0, 0));
        assert_eq!((kept.excluded, kept.rows[99].outflow), (0, 1_000_000_000_000_000));
        let spike = file("timestamp,price", 100, "1770059400,1000000");
        let refused = price(&spike).unwrap_err().to_string();
        assert!(refused.starts_with("Outlier: line 101: price 1000000"), "{refused}");
        let input = Input {
            outliers: Outliers::Exclude,
            ..Input::default()
        };
        let read = read_price(spike.as_bytes(), input).unwrap();
        assert_eq!((read.excluded, read.rows[99].price), (1, read.rows[98].price));
    }

    #[test]
    fn what_cannot_be_right_is_named_with_its_line() {
        let cases = [
            (
                "timestamp,amount",
                1,
                "1770000000,1",
                "MissingColumn: line 1: there is no column `outflow`",
            ),
            (
                "time,outflow",
                1,
                "1770000000,1",
                "MissingColumn: line 1: there is no column `timestamp`",
            ),
            (
                "timestamp,outflow",
                17,
                "1770009600,",
                "MissingValue: line 18: `outflow`",
            ),
            ("timestamp,outflow", 17, ",5", "MissingValue: line 18: `timestamp`"),
            (
                "timestamp,outflow",
                17,
                "1770009600,many",
                "NotANumber: line 18: `outflow` is `many`",
            ),
            (
                "timestamp,outflow",
                17,
                "1770009600,-5",
                "NegativeFlow: line 18: `outflow` is `-5`",
            ),
            ("timestamp,outflow", 17, "1770009600,NaN", "NotFinite: line 18"),
            ("timestamp,outflow", 17, "1770009600,inf", "NotFinite: line 18"),
            ("timestamp,outflow", 17, "1770009600,1e30", "AmountTooLarge: line 18"),
            (
                "timestamp,outflow",
                17,
                "1770009600,1,2",
                "NotCsv: line 18: 3 fields instead of 2",
            ),
            (
                "timestamp,outflow",
                17,
                "yesterday,5",
                "BadTimestamp: line 18: `yesterday`",
            ),
            (
                "timestamp,outflow",
                17,
                "1770009600000,5",
                "these look like milliseconds",
            ),
            ("timestamp,outflow", 17, "-5,5", "BadTimestamp: line 18"),
            (
                "timestamp,outflow",
                17,
                "1770009000,5",
                "DuplicateTimestamp: line 18: 1770009000",
            ),
            ("timestamp,outflow", 17, "1770000000,5", "TimestampsOutOfOrder: line 18"),
        ];
        for (header, at, line, wanted) in cases {
            let told = flow(&file(header, at, line)).unwrap_err().to_string();
            assert!(told.contains(wanted), "{line}: {told}");
        }
        for (line, wanted) in [
            ("1770009600,0", "PriceNotPositive: line 18"),
            ("1770009600,-1", "PriceNotPositive: line 18"),
            ("1770009600,NaN", "NotFinite: line 18: `price`"),
            ("1770009600,inf", "NotFinite: line 18: `price`"),
        ] {
            let told = price(&file("timestamp,price", 17, line)).unwrap_err().to_string();
            assert!(told.contains(wanted), "{line}: {told}");
        }
    }

    #[test]
    fn a_file_needs_rows() {
        assert!(matches!(flow(""), Err(InputError::EmptyFile { .. })));
        assert!(matches!(flow("timestamp,outflow\n"), Err(InputError::EmptyFile { .. })));
        assert!(matches!(
            price("timestamp,price\n5,5\n"),
            Err(InputError::TooFewRows { rows: 1 })
        ));
    }

    #[test]
    fn holes_in_a_grid_are_told_where_and_how_long() {
        let text: String = file("timestamp,price", 1, "1770000000,100")
            .lines()
            .enumerate()
            .filter(|(i, _)| !(17..20).contains(i) && *i != 40)
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        let told = price(&text).unwrap_err().to_string();
        assert!(
            told.starts_with(
                "MissingRows: line 18: 3 rows are missing before 1770011400 (2400 s instead of 600); 2 gaps"
            ),
            "{told}"
        );
        assert!(told.contains("2400 s;"), "{told}");
        let input = Input {
            allow_gaps: true,
            ..Input::default()
        };
        assert_eq!(read_price(text.as_bytes(), input).unwrap().gaps, 2);
        assert!(
            flow(&text.replace("price", "outflow"))
                .unwrap_err()
                .to_string()
                .starts_with("MissingRows")
        );
    }

    #[test]
    fn single_withdrawals_are_no_grid() {
        let mut ts = 1_770_000_000;
        let rows: String = (1..300)
            .map(|i| {
                ts += 1 + (i * 7_919) % 5_000;
                format!("{ts},{i}\n")
            })
            .collect();
        assert_eq!(flow(&format!("timestamp,outflow\n{rows}")).unwrap().gaps, 0);
    }

    #[test]
    fn times_with_zones_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:30:15.250Z", 951_827_415),
            ("2026-02-02T03:40:00+01:00", 1_770_000_000),
            ("2026-02-01 21:40:00-05:00", 1_770_000_000),
        ] {
            assert_eq!(rfc3339(text), Some(seconds), "{text}");
        }
        for text in [
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-02T24:00:00Z",
            "2026-02-02T00:00:00",
            "2026-02-02T00:00:00.Z",
            "2026-02-02T00:00:00+1:00",
            "2026-02-02",
            "2026-02-02T00:00:00ZZ",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
