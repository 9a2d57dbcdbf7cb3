//! Where positions come from: JSON lines, CSV, Parquet, account dumps, or what `collect` wrote.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_core::layout::{self, LayoutError, Reader};
use bulkhead_interface::{ID, Pubkey, constants::ledger_mode, discriminator, layout::Ledger};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Error, Position, hex,
    manifest::{self, COLLECTION},
    position::{parse_amount, parse_key},
    table,
};

/// One source of positions, told by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One object a line: `{"key": …, "owner": …, "amount": …}`.
    JsonLines(PathBuf),
    /// A header with `key`, `owner` and `amount`, in any order and among others.
    Csv(PathBuf),
    /// A table with those columns.
    Parquet(PathBuf),
    /// A folder of accounts as `solana account --output json` writes them.
    Dumps(PathBuf),
    /// A folder that `collect` wrote.
    Collection(PathBuf),
}

/// What reading a source came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Positions.
    pub rows: u64,
    /// Accounts that are no positions of the ledger.
    pub skipped: u64,
}

/// Takes a position and its row.
pub(crate) type Sink<'a> = dyn FnMut(&Path, u64, Position) -> Result<(), Error> + 'a;

impl Source {
    /// By the ending of a file's name, and by what lies in a folder.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`], [`Error::Io`]
    pub fn at(path: &Path) -> Result<Self, Error> {
        let kind = fs::metadata(path).map_err(Error::io(path))?;
        if kind.is_dir() {
            let is_collection = path.join(COLLECTION).is_file();
            return Ok(if is_collection {
                Self::Collection(path.into())
            } else {
                Self::Dumps(path.into())
            });
        }
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines(path.into())),
            Some("csv") => Ok(Self::Csv(path.into())),
            Some("parquet") => Ok(Self::Parquet(path.into())),
            _ => Err(Error::UnknownFormat(path.into())),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        let (Self::JsonLines(path)
        | Self::Csv(path)
        | Self::Parquet(path)
        | Self::Dumps(path)
        | Self::Collection(path)) = self;
        path
    }

    /// One word for the manifest.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::JsonLines(_) => "json-lines",
            Self::Csv(_) => "csv",
            Self::Parquet(_) => "parquet",
            Self::Dumps(_) => "account-dumps",
            Self::Collection(_) => "collection",
        }
    }

    /// Its bytes and their SHA-256. Of a folder of dumps: over the lines `SHA-256 of the file, two spaces, its name`
    /// that `sha256sum *.json` prints.
    pub(crate) fn digest(&self) -> Result<(u64, [u8; 32]), Error> {
        match self {
            Self::JsonLines(path) | Self::Csv(path) | Self::Parquet(path) => digest(path),
            Self::Collection(path) => digest(&path.join(manifest::POSITIONS)),
            Self::Dumps(path) => {
                let (mut bytes, mut all) = (0, Sha256::new());
                for file in dumps(path)? {
                    let (len, hash) = digest(&file)?;
                    bytes += len;
                    let name = file.file_name().unwrap_or_default().to_string_lossy();
                    all.update(format!("{}  {name}\n", hex::write(&hash)));
                }
                Ok((bytes, all.finalize().into()))
            }
        }
    }

    /// The slot it says it is of.
    pub(crate) fn slot(&self) -> Result<Option<u64>, Error> {
        Ok(match self {
            Self::Collection(path) => manifest::Collection::open(path)?.slot,
            _ => None,
        })
    }

    /// Gives every position to `sink`, in the source's order.
    pub(crate) fn read(&self, ledger: Option<&Ledger>, sink: &mut Sink<'_>) -> Result<Tally, Error> {
        match self {
            Self::JsonLines(path) => json_lines(path, sink),
            Self::Csv(path) => csv(path, sink),
            Self::Parquet(path) => parquet(path, sink),
            Self::Collection(path) => {
                manifest::Collection::open(path)?.check(path)?;
                parquet(&path.join(manifest::POSITIONS), sink)
            }
            Self::Dumps(path) => {
                let ledger = ledger.ok_or_else(|| Error::LayoutRequired(path.clone()))?;
                let reader = AccountReader::new(ledger);
                let mut tally = Tally::default();
                for file in dumps(path)? {
                    for (row, account) in (1..).zip(accounts(&file)?) {
                        let (key, program, data) = account.decoded().map_err(|why| Error::bad_row(&file, row, why))?;
                        match reader
                            .read(key, &program, &data)
                            .map_err(|why| Error::bad_row(&file, row, why))?
                        {
                            Some(position) => {
                                tally.rows += 1;
                                sink(&file, row, position)?;
                            }
                            None => tally.skipped += 1,
                        }
                    }
                }
                Ok(tally)
            }
        }
    }
}

/// Bytes of a file and their SHA-256.
pub(crate) fn digest(path: &Path) -> Result<(u64, [u8; 32]), Error> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(Error::io(path))? {
            0 => return Ok((bytes, hasher.finalize().into())),
            len => {
                bytes += len as u64;
                hasher.update(&buffer[..len]);
            }
        }
    }
}

fn parquet(path: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
    let rows = table::read(path, |first, _, batch| {
        (first..)
            .zip(batch)
            .try_for_each(|(row, position)| sink(path, row, *position))
    })?;
    Ok(Tally { rows, skipped: 0 })
}

/// Line after line, without its end. What is too long for a position is refused before it is read in full.
fn lines(path: &Path, mut each: impl FnMut(u64, &str) -> Result<(), Error>) -> Result<(), Error> {
    const LONGEST: u64 = 1 << 20;
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(Error::io(path))?);
    let mut line = vec![];
    for row in 1.. {
        line.clear();
        let len = file
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut line)
            .map_err(Error::io(path))?;
        if len == 0 {
            break;
        }
        if len as u64 == LONGEST {
            return Err(Error::bad_row(path, row, "the line is longer than 1 MiB"));
        }
        let text = std::str::from_utf8(&line).map_err(|error| Error::bad_row(path, row, error))?;
        each(row, text.trim_end_matches(['\r', '\n']))?;
    }
    Ok(())
}

/// As a number or, so that no writer rounds it, as a string of digits.
struct Amount(u64);

impl<'a> Deserialize<'a> for Amount {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl serde::de::Visitor<'_> for Either {
            type Value = Amount;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an amount of 64 bits")
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

fn json_lines(path: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        key: std::borrow::Cow<'a, str>,
        #[serde(borrow)]
        owner: std::borrow::Cow<'a, str>,
        amount: Amount,
    }
    let mut tally = Tally::default();
    lines(path, |number, line| {
        if line.trim().is_empty() {
            return Ok(());
        }
        let bad = |why: String| Error::bad_row(path, number, why);
        let row: Row<'_> = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
        let position = Position {
            key: parse_key(&row.key).map_err(bad)?,
            owner: parse_key(&row.owner).map_err(bad)?,
            amount: row.amount.0,
        };
        tally.rows += 1;
        sink(path, number, position)
    })?;
    Ok(tally)
}

fn csv(path: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
    let mut places: Option<[usize; 3]> = None;
    let mut tally = Tally::default();
    lines(path, |number, line| {
        if line.is_empty() {
            return Ok(());
        }
        let bad = |why: String| Error::bad_row(path, number, why);
        let fields = fields(line).ok_or_else(|| bad("a quote is not closed".into()))?;
        let Some(places) = places else {
            let place = |column| {
                let found = fields
                    .iter()
                    .position(|field| field.trim_start_matches('\u{feff}') == column);
                found.ok_or(Error::MissingColumn {
                    file: path.into(),
                    column,
                })
            };
            places = Some([place("key")?, place("owner")?, place("amount")?]);
            return Ok(());
        };
        let [key, owner, amount] = places.map(|place| fields.get(place).map(|field| field.trim()));
        let (Some(key), Some(owner), Some(amount)) = (key, owner, amount) else {
            return Err(bad(format!("{} fields are too few", fields.len())));
        };
        let position = Position {
            key: parse_key(key).map_err(bad)?,
            owner: parse_key(owner).map_err(bad)?,
            amount: parse_amount(amount).map_err(bad)?,
        };
        tally.rows += 1;
        sink(path, number, position)
    })?;
    match places {
        Some(_) => Ok(tally),
        None => Err(Error::MissingColumn {
            file: path.into(),
            column: "key",
        }),
    }
}

/// The fields of a line. Quotes may hold commas and doubled quotes, but no line's end.
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

/// Reads accounts through a layout as the program does.
pub(crate) struct AccountReader<'a>(&'a Ledger);

impl<'a> AccountReader<'a> {
    pub(crate) const fn new(ledger: &'a Ledger) -> Self {
        Self(ledger)
    }

    /// `None` when the account is no position of the ledger.
    pub(crate) fn read(&self, key: Pubkey, program: &Pubkey, data: &[u8]) -> Result<Option<Position>, String> {
        if *program != self.0.program {
            return Ok(None);
        }
        match Reader::new(self.0).read(data) {
            Ok(position) => Ok(Some(Position {
                key,
                owner: Pubkey::new_from_array(*position.owner),
                amount: position.amount,
            })),
            Err(LayoutError::NotAPosition) => Ok(None),
            Err(error) => Err(format!("{key}: {error:?}")),
        }
    }
}

/// An account as the command-line tool and nodes write it.
#[derive(Deserialize)]
pub(crate) struct Account {
    pub(crate) pubkey: String,
    pub(crate) account: AccountBody,
}

#[derive(Deserialize)]
pub(crate) struct AccountBody {
    pub(crate) owner: String,
    pub(crate) data: (String, String),
    /// Its length, where only a slice was sent.
    #[cfg_attr(not(feature = "rpc"), expect(dead_code))]
    pub(crate) space: Option<u64>,
}

impl Account {
    pub(crate) fn decoded(&self) -> Result<(Pubkey, Pubkey, Vec<u8>), String> {
        let (data, encoding) = &self.account.data;
        if encoding != "base64" {
            return Err(format!("the data is in {encoding}, not in base64"));
        }
        let data = BASE64_STANDARD.decode(data).map_err(|error| error.to_string())?;
        Ok((parse_key(&self.pubkey)?, parse_key(&self.account.owner)?, data))
    }
}

/// The account files of a folder, by name.
fn dumps(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// One account, or a list of them.
fn accounts(file: &Path) -> Result<Vec<Account>, Error> {
    let text = fs::read(file).map_err(Error::io(file))?;
    let bad = |error: serde_json::Error| Error::bad_row(file, 1, error);
    let value: Value = serde_json::from_slice(&text).map_err(bad)?;
    if value.is_array() {
        serde_json::from_value(value).map_err(bad)
    } else {
        serde_json::from_value(value).map(|account| vec![account]).map_err(bad)
    }
}

/// A ledger's registered layout from a dump of its `Ledger` account.
///
/// # Errors
/// [`Error::BadLayout`], [`Error::BadRow`], [`Error::Io`]
pub fn layout_from_file(file: &Path) -> Result<Ledger, Error> {
    let all = accounts(file)?;
    let [account] = all.as_slice() else {
        return Err(bad_layout(file.display(), "it holds more than one account"));
    };
    let (_, program, data) = account.decoded().map_err(|why| Error::bad_row(file, 1, why))?;
    layout_from_account(&file.display(), &program, &data)
}

pub(crate) fn layout_from_account(
    source: &dyn std::fmt::Display,
    program: &Pubkey,
    data: &[u8],
) -> Result<Ledger, Error> {
    if *program != ID {
        return Err(bad_layout(source, "the account is not Bulkhead's"));
    }
    let Some(rest) = data.strip_prefix(&discriminator::LEDGER[..]) else {
        return Err(bad_layout(source, "the account is no ledger"));
    };
    let ledger: Ledger =
        bytemuck::try_pod_read_unaligned(rest).map_err(|_| bad_layout(source, "the account has another length"))?;
    layout::check(&ledger).map_err(|_| bad_layout(source, "no such layout can be registered"))?;
    if ledger.mode != ledger_mode::BYTES {
        let reason = "its positions are said by an instruction of the host; their bytes do not show them";
        return Err(bad_layout(source, reason));
    }
    Ok(ledger)
}

fn bad_layout(source: impl std::fmt::Display, reason: &str) -> Error {
    Error::BadLayout {
        source_name: source.to_string(),
        reason: reason.to_owned(),
    }
}
