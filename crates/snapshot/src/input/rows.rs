//! Positions as text: JSON lines and CSV, as people write them.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
};

use serde::Deserialize;

use super::{Sink, Tally};
use crate::{
    Error, Position,
    digits::{parse_amount, parse_key},
    file::{column, open},
};

/// The byte order mark that some programs write at the start of a file.
const MARK: char = '\u{feff}';

/// Iterates over the lines, without line ends and without the byte order mark. A line too long for a position is
/// refused before it is read in full.
fn lines(path: &Path, label: &Path, mut each: impl FnMut(u64, &str) -> Result<(), Error>) -> Result<(), Error> {
    const LONGEST: u64 = 1 << 20;
    let mut file = BufReader::with_capacity(1 << 18, open(path)?);
    let mut line = vec![];
    for row in 1.. {
        line.clear();
        let len = file
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut line)
            .map_err(Error::io(label))?;
        if len == 0 {
            break;
        }
        if len as u64 == LONGEST {
            return Err(Error::bad_row(label, row, "the line is longer than 1 MiB"));
        }
        // UTF-16 without a byte order mark is valid UTF-8, with zeros in between.
        let text = std::str::from_utf8(&line).ok().filter(|text| !text.contains('\0'));
        let text = text.ok_or_else(|| Error::bad_row(label, row, "this is not UTF-8; save the file as UTF-8 text"))?;
        let text = if row == 1 { text.trim_start_matches(MARK) } else { text };
        each(row, text.trim_end_matches(['\r', '\n']))?;
    }
    Ok(())
}

/// A number, or a string of digits so that no writer rounds it.
struct Amount(u64);

impl<'a> Deserialize<'a> for Amount {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Amount;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a 64-bit amount")
            }

            fn visit_u64<E>(self, amount: u64) -> Result<Amount, E> {
                Ok(Amount(amount))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                parse_amount(text).map(Amount).map_err(E::custom)
            }
        }
        from.deserialize_any(Either)
    }
}

pub(super) fn json_lines(path: &Path, label: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        key: std::borrow::Cow<'a, str>,
        #[serde(borrow)]
        owner: std::borrow::Cow<'a, str>,
        amount: Amount,
    }
    let mut tally = Tally::default();
    lines(path, label, |number, line| {
        if line.trim().is_empty() {
            return Ok(());
        }
        let bad = |why: String| Error::bad_row(label, number, why);
        let row: Row<'_> = serde_json::from_str(line).map_err(|error| {
            let hint = match line.trim_start().chars().next() {
                Some('[') => {
                    "; this is a list: write one object per line, or name the file .json if it contains accounts"
                }
                _ => "",
            };
            bad(format!("{error}{hint}"))
        })?;
        let position = Position {
            key: parse_key(row.key.trim()).map_err(bad)?,
            owner: parse_key(row.owner.trim()).map_err(bad)?,
            amount: row.amount.0,
        };
        tally.rows += 1;
        sink(label, number, position)
    })?;
    Ok(tally)
}

pub(super) fn csv(path: &Path, label: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
    let mut header: Option<([usize; 3], usize)> = None;
    let mut tally = Tally::default();
    lines(path, label, |number, line| {
        if line.trim().is_empty() {
            return Ok(());
        }
        let bad = |why: String| Error::bad_row(label, number, why);
        let fields = fields(line).ok_or_else(|| bad("a quote is not closed".into()))?;
        let Some((places, width)) = header else {
            let place = |name| {
                column(label, &fields, name)?.ok_or(Error::MissingColumn {
                    file: label.into(),
                    column: name,
                })
            };
            header = Some(([place("key")?, place("owner")?, place("amount")?], fields.len()));
            return Ok(());
        };
        // A comma within an amount would shift every field after it.
        let rest = fields.get(width..).unwrap_or_default();
        if rest.iter().any(|field| !field.trim().is_empty()) {
            return Err(bad(format!("{} fields, but the header has {width}", fields.len())));
        }
        let [key, owner, amount] = places.map(|place| fields.get(place).map(|field| field.trim()));
        let (Some(key), Some(owner), Some(amount)) = (key, owner, amount) else {
            return Err(bad(format!("{} fields, but the header has {width}", fields.len())));
        };
        let position = Position {
            key: parse_key(key).map_err(bad)?,
            owner: parse_key(owner).map_err(bad)?,
            amount: parse_amount(amount).map_err(bad)?,
        };
        tally.rows += 1;
        sink(label, number, position)
    })?;
    match header {
        Some(_) => Ok(tally),
        None => Err(Error::MissingColumn {
            file: label.into(),
            column: "key",
        }),
    }
}

/// The fields of a line. Quoted fields may contain commas and doubled quotes, but no line break.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut()?;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => field.push(letter),
        }
    }
    (!quoted).then_some(fields)
}
