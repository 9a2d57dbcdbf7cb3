//! Sources of positions: JSON lines, CSV, Parquet, accounts as JSON, folders of such files, and what `collect` wrote.

mod accounts;
mod linked;
mod rows;
mod trial;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use bulkhead_interface::layout::Ledger;
use sha2::{Digest, Sha256};

pub use accounts::layout_from_file;
#[cfg(feature = "rpc")]
pub(crate) use accounts::{Account, AccountBody, AccountReader, bad_layout, layout_from_account};
pub use trial::{Trial, TriedPosition, try_ledger};

use crate::{
    Error, Position, digits,
    file::{digest, open},
    manifest::{self, COLLECTION},
    table,
};

/// One source of positions, with its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    /// Its name in errors.
    label: PathBuf,
    kind: Kind,
    may_be_empty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One object per line: `{"key": …, "owner": …, "amount": …}`.
    JsonLines,
    /// A header with `key`, `owner` and `amount`, in any order and among other columns.
    Csv,
    /// A table with those columns.
    Parquet,
    /// Accounts as JSON.
    Accounts,
    /// A folder of files of these kinds.
    Folder,
    /// A folder that `collect` wrote.
    Collection,
}

/// The result of reading a source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Number of positions.
    pub rows: u64,
    /// Accounts that are not positions of the ledger.
    pub skipped: u64,
    /// Responses that are pages of a longer result, and how many of them are last pages.
    pub pages: (u64, u64),
}

impl Tally {
    /// Anyone who names a source expects it to contain something, and all of it.
    pub(crate) fn check(&self, source: &Source) -> Result<(), Error> {
        if self.rows == 0 && !source.may_be_empty {
            return Err(Error::NothingRead {
                source_name: source.label.display().to_string(),
                skipped: self.skipped,
            });
        }
        let (pages, last) = self.pages;
        if pages != 0 && last == 0 {
            let reason = "its last page is missing: keep requesting pages while `paginationKey` is not null, and add the responses";
            return Err(Error::bad_row(&source.label, 1, reason));
        }
        Ok(())
    }
}

/// Receives a position and its row.
pub(crate) type Sink<'a> = dyn FnMut(&Path, u64, Position) -> Result<(), Error> + 'a;

impl Source {
    /// Detects the format from the file extension, ignoring case, or from the contents of a folder.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`], [`Error::NotAFile`], [`Error::Io`]
    pub fn at(path: &Path) -> Result<Self, Error> {
        let found = fs::metadata(path).map_err(Error::io(path))?;
        let kind = if found.is_dir() {
            if path.join(COLLECTION).exists() {
                Kind::Collection
            } else {
                Kind::Folder
            }
        } else if !found.is_file() {
            return Err(Error::NotAFile(path.into()));
        } else {
            Kind::of(path).ok_or_else(|| Error::UnknownFormat(path.into()))?
        };
        Ok(Self {
            path: path.into(),
            label: path.into(),
            kind,
            may_be_empty: false,
        })
    }

    /// Detects the format of a file without a known extension, such as standard input, from its first bytes.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`], [`Error::Io`]
    pub fn sniffed(path: &Path, label: &str) -> Result<Self, Error> {
        let mut head = vec![];
        let file = open(path)?;
        file.take(64 << 10)
            .read_to_end(&mut head)
            .map_err(Error::io(Path::new(label)))?;
        let kind = Kind::sniffed(&head).ok_or_else(|| Error::UnknownFormat(label.into()))?;
        Ok(Self {
            path: path.into(),
            label: label.into(),
            kind,
            may_be_empty: false,
        })
    }

    /// The same source, but allowed to have no position. Otherwise that is an error, because the file was empty or was
    /// not read.
    #[must_use]
    pub fn or_nothing(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name in a manifest: the file name without its folders.
    pub(crate) fn name(&self) -> String {
        let name = self.label.file_name().unwrap_or(self.label.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// The format, as one word for the manifest.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.kind {
            Kind::JsonLines => "json-lines",
            Kind::Csv => "csv",
            Kind::Parquet => "parquet",
            Kind::Accounts => "account-dumps",
            Kind::Folder => "folder",
            Kind::Collection => "collection",
        }
    }

    /// Length and SHA-256. For a folder, the SHA-256 of the lines `SHA-256 of the file, two spaces, its name` that
    /// `LC_ALL=C sha256sum *` prints.
    pub(crate) fn digest(&self) -> Result<(u64, [u8; 32]), Error> {
        match self.kind {
            Kind::Collection => digest(&self.path.join(manifest::POSITIONS)),
            Kind::Folder => {
                let (mut bytes, mut all) = (0, Sha256::new());
                for file in self.files()? {
                    let (len, hash) = digest(&file.path)?;
                    bytes += len;
                    all.update(format!("{}  {}\n", digits::hex(&hash), file.name()));
                }
                Ok((bytes, all.finalize().into()))
            }
            _ => digest(&self.path),
        }
    }

    /// The slot it reports.
    pub(crate) fn slot(&self) -> Result<Option<u64>, Error> {
        match self.kind {
            Kind::Collection => Ok(manifest::Collection::open(&self.path)?.slot),
            Kind::Accounts => Ok(accounts::Dump::read(&self.path, &self.label)?.slot),
            Kind::Folder => {
                let mut known: Option<(String, u64)> = None;
                for file in self.files()? {
                    let Some(slot) = file.slot()? else { continue };
                    match &known {
                        Some((first, first_slot)) if *first_slot != slot => {
                            return Err(Error::SlotsMixed {
                                first: first.clone(),
                                first_slot: *first_slot,
                                second: file.name(),
                                second_slot: slot,
                            });
                        }
                        Some(_) => {}
                        None => known = Some((file.name(), slot)),
                    }
                }
                Ok(known.map(|(_, slot)| slot))
            }
            _ => Ok(None),
        }
    }

    /// Passes every position to `sink`, in the source's order.
    pub(crate) fn read(&self, ledger: Option<&Ledger>, sink: &mut Sink<'_>) -> Result<Tally, Error> {
        let (path, label) = (self.path.as_path(), self.label.as_path());
        match self.kind {
            Kind::JsonLines => rows::json_lines(path, label, sink),
            Kind::Csv => rows::csv(path, label, sink),
            Kind::Parquet => parquet(path, sink),
            Kind::Accounts => {
                let ledger = ledger.ok_or_else(|| Error::LayoutRequired(label.into()))?;
                accounts::Dump::read(path, label)?.give(ledger, label, sink)
            }
            Kind::Folder => {
                let mut all = Tally::default();
                for file in self.files()? {
                    let tally = file.read(ledger, sink)?;
                    if tally.rows + tally.skipped == 0 && tally.pages.0 == 0 {
                        let reason = "it is empty";
                        return Err(Error::UnreadFile {
                            file: file.path,
                            reason,
                        });
                    }
                    all.rows += tally.rows;
                    all.skipped += tally.skipped;
                    all.pages = (all.pages.0 + tally.pages.0, all.pages.1 + tally.pages.1);
                }
                Ok(all)
            }
            Kind::Collection => {
                let collection = manifest::Collection::open(path)?;
                collection.check(path)?;
                let mut total = 0u128;
                let tally = parquet(&path.join(manifest::POSITIONS), &mut |file, row, position| {
                    total += u128::from(position.amount);
                    sink(file, row, position)
                })?;
                if (tally.rows, total) == (collection.source.positions, collection.total.into()) {
                    Ok(tally)
                } else {
                    Err(Error::mismatch(
                        &path.join(COLLECTION),
                        "the number or total of its positions differs",
                    ))
                }
            }
        }
    }

    /// The files of a folder, sorted by name. A file that would not be read is an error: a folder is read completely or
    /// not at all.
    fn files(&self) -> Result<Vec<Self>, Error> {
        let folder = &self.path;
        let mut files = vec![];
        for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
            let path = entry.map_err(Error::io(folder))?.path();
            let unread = |reason| Error::UnreadFile {
                file: path.clone(),
                reason,
            };
            if fs::metadata(&path).map_err(Error::io(&path))?.is_dir() {
                return Err(unread("a folder within a folder is not read"));
            }
            let kind = Kind::of(&path).ok_or_else(|| unread("its name does not indicate its format"))?;
            files.push(Self {
                label: path.clone(),
                path,
                kind,
                may_be_empty: false,
            });
        }
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ending.as_str() {
            "jsonl" | "ndjson" => Self::JsonLines,
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            "json" => Self::Accounts,
            _ => return None,
        })
    }

    /// Parquet has a magic number. A list is of accounts. An object whose first line is complete and has a `key` is
    /// JSON lines. Anything else with a comma is CSV.
    fn sniffed(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PAR1") {
            return Some(Self::Parquet);
        }
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let line = text.lines().next()?;
        match text.chars().next()? {
            '[' => Some(Self::Accounts),
            '{' => {
                let first: Option<serde_json::Value> = serde_json::from_str(line).ok();
                let is_line = first.is_some_and(|first| first.get("key").is_some());
                Some(if is_line { Self::JsonLines } else { Self::Accounts })
            }
            _ => line.contains(',').then_some(Self::Csv),
        }
    }
}

fn parquet(path: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
    let rows = table::read(path, |first, _, batch| {
        (first..)
            .zip(batch)
            .try_for_each(|(row, position)| sink(path, row, *position))
    })?;
    Ok(Tally {
        rows,
        ..Tally::default()
    })
}
