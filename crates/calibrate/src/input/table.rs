//! Reads a CSV file row by row and field by field. Anything that is not a number, a time or an amount is refused with
//! line and column.

use std::io::{self, Read};

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::{InputError, Scale, time::rfc3339};

/// A timestamp from this value on is taken for milliseconds. As seconds, it is in the year 5138.
const TOO_LATE: i64 = 100_000_000_000;

/// A file without the byte order mark that some editors write at its start.
pub(super) fn without_mark(mut source: impl io::Read) -> io::Result<impl io::Read> {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let mut begin = Vec::new();
    Read::by_ref(&mut source).take(3).read_to_end(&mut begin)?;
    if begin == MARK {
        begin.clear();
    }
    Ok(io::Cursor::new(begin).chain(source))
}

/// Maximum bytes of a line. Endless input is not a history.
const LONGEST: u64 = 1 << 20;
/// Maximum rows of a file: one per second for more than a year.
const MOST_ROWS: u64 = 50_000_000;

/// A source whose lines have a maximum length.
pub(super) struct Bounded<R> {
    source: R,
    line: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = self.source.read(into)?;
        let read = into.get(..len).unwrap_or_default();
        let rest = read.iter().rev().take_while(|byte| **byte != b'\n').count();
        self.line = if rest == len {
            self.line + rest as u64
        } else {
            rest as u64
        };
        if self.line > LONGEST {
            let printed = format!("a line of more than {LONGEST} bytes is not a row");
            return Err(io::Error::new(io::ErrorKind::InvalidData, printed));
        }
        Ok(len)
    }
}

/// The rows of a file, one at a time.
pub(super) struct Table<R> {
    reader: Reader<R>,
    headers: StringRecord,
    columns: &'static str,
    rows: u64,
}

/// One row, and its line number.
pub(super) struct Record {
    fields: StringRecord,
    pub(super) line: u64,
}

impl<R: io::Read> Table<R> {
    pub(super) fn open(source: R, columns: &'static str) -> Result<Table<Bounded<R>>, InputError> {
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .comment(Some(b'#'))
            .from_reader(Bounded { source, line: 0 });
        let headers = reader.headers().map_err(|error| not_csv(&error))?.clone();
        if headers.is_empty() {
            return Err(InputError::EmptyFile { columns });
        }
        Ok(Table {
            reader,
            headers,
            columns,
            rows: 0,
        })
    }

    pub(super) fn optional(&self, name: &'static str) -> Option<(usize, &'static str)> {
        let place = self.headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        place.map(|place| (place, name))
    }

    /// Each column that is read must appear only once; otherwise it is ambiguous which one is meant.
    pub(super) fn once(&self, names: &[&'static str]) -> Result<(), InputError> {
        for &column in names {
            let same = self.headers.iter().filter(|header| header.eq_ignore_ascii_case(column));
            let times = same.count();
            if times > 1 {
                return Err(InputError::ColumnTwice { column, times });
            }
        }
        Ok(())
    }

    pub(super) fn column(&self, name: &'static str) -> Result<(usize, &'static str), InputError> {
        self.optional(name).ok_or(InputError::MissingColumn {
            column: name,
            columns: self.columns,
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<Record>, InputError> {
        let mut fields = StringRecord::new();
        let found = self.reader.read_record(&mut fields).map_err(|error| not_csv(&error))?;
        let line = fields.position().map_or(0, csv::Position::line);
        self.rows += 1;
        if self.rows > MOST_ROWS {
            return Err(InputError::TooManyRows { line });
        }
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
    pub(super) fn text(&self, (place, column): (usize, &'static str)) -> Result<&str, InputError> {
        let line = self.line;
        self.fields
            .get(place)
            .filter(|text| !text.is_empty())
            .ok_or(InputError::MissingValue { line, column })
    }

    pub(super) fn number(&self, column: (usize, &'static str)) -> Result<f64, InputError> {
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

    pub(super) fn not_negative(&self, column: (usize, &'static str)) -> Result<f64, InputError> {
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

    /// Converts to native units. For whole tokens, a fraction of a unit is rounded up to one.
    pub(super) fn amount(&self, column: (usize, &'static str), Scale(decimals): Scale) -> Result<u64, InputError> {
        let text = self.text(column)?;
        // Whole numbers keep every digit, because a float has only 53 bits.
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

    pub(super) fn timestamp(&self, column: (usize, &'static str)) -> Result<i64, InputError> {
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
