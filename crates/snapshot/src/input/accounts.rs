//! Accounts as JSON: the output of `solana account`, nodes and the ledger tool.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_core::snapshots::layout::{self, Factors, LayoutError, Reader, linked::is_linked};
use bulkhead_interface::{
    ID, Pubkey,
    constants::{VERSION, ledger_mode},
    discriminator,
    layout::Ledger,
};
use serde::Deserialize;
use serde_json::Value;

use super::{Sink, Tally, linked::World};
use crate::{Error, Position, digits::parse_key, file::read, json, text::harmless};

/// Maximum size of a file of accounts, in bytes.
const LONGEST: u64 = 4 << 30;

/// Reads accounts through a layout, as the program does.
pub(crate) struct AccountReader<'a>(&'a Ledger);

impl<'a> AccountReader<'a> {
    pub(crate) const fn new(ledger: &'a Ledger) -> Self {
        Self(ledger)
    }

    /// `None` when the account is not a position of the ledger.
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
    pub(crate) data: Data,
    /// Its full length, as only a slice may have been sent.
    pub(crate) space: Option<u64>,
}

/// Bytes and their encoding. Only base64 is read.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Data {
    Encoded(String, String),
    Plain(#[expect(dead_code, reason = "recognized in parsed data by its type")] String),
    Parsed(serde::de::IgnoredAny),
}

impl Account {
    pub(crate) fn decoded(&self) -> Result<(Pubkey, Pubkey, Vec<u8>), String> {
        const ASK: &str = "ask for the encoding base64";
        let data = match &self.account.data {
            Data::Encoded(data, encoding) if encoding == "base64" => data,
            Data::Encoded(_, encoding) => return Err(format!("the data is in {}; {ASK}", harmless(encoding, 32))),
            Data::Plain(_) => return Err(format!("the data is in base58; {ASK}")),
            Data::Parsed(_) => return Err(format!("the data is parsed, not bytes; {ASK}")),
        };
        let data = BASE64_STANDARD.decode(data).map_err(|error| error.to_string())?;
        Ok((parse_key(&self.pubkey)?, parse_key(&self.account.owner)?, data))
    }

    /// The complete data. An account that a node cut to a slice is refused.
    fn whole(&self) -> Result<(Pubkey, Pubkey, Vec<u8>), String> {
        let (key, program, data) = self.decoded()?;
        match self.account.space {
            Some(space) if space != data.len() as u64 => Err(format!(
                "{key}: {} of {space} bytes; ask without `dataSlice`",
                data.len()
            )),
            _ => Ok((key, program, data)),
        }
    }
}

/// The contents of a file of accounts.
pub(super) struct Dump {
    accounts: Vec<Account>,
    /// The slot that a response reports.
    pub slot: Option<u64>,
    /// For responses in pages: whether this is the last page.
    pages: Option<Page>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Inner,
    Last,
}

impl Dump {
    /// Accepts one account or a list of accounts; a node's whole response to `getProgramAccounts`, with or without
    /// context; one page of `getProgramAccountsV2`, or a list of pages; and the output of the ledger tool's `accounts
    /// --output json`.
    pub(super) fn read(path: &Path, label: &Path) -> Result<Self, Error> {
        let text = read(path, LONGEST)?;
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
        let value = json::from_slice(text).map_err(|error| {
            let line = error.line().max(1) as u64;
            Error::bad_row(label, line, format!("not JSON: {error}"))
        })?;
        let mut dump = Self {
            accounts: vec![],
            slot: None,
            pages: None,
        };
        dump.take(value).map_err(|why| Error::bad_row(label, 1, why))?;
        Ok(dump)
    }

    fn take(&mut self, value: Value) -> Result<(), String> {
        match value {
            Value::Array(list) => list.into_iter().try_for_each(|one| self.take(one)),
            Value::Object(mut fields) if fields.contains_key("pubkey") => {
                let account: Account = serde_json::from_value(Value::Object(std::mem::take(&mut fields)))
                    .map_err(|error| format!("account {}: {error}", self.accounts.len() + 1))?;
                self.accounts.push(account);
                Ok(())
            }
            Value::Object(mut fields) => {
                if let Some(error) = fields.get("error").filter(|error| !error.is_null()) {
                    return Err(format!("the node refused: {}", harmless(&error.to_string(), 200)));
                }
                self.at(fields.get("context").and_then(|context| context["slot"].as_u64()))?;
                if let Some(key) = fields.get("paginationKey") {
                    // The pages of one file are in order.
                    self.pages = Some(if key.is_null() { Page::Last } else { Page::Inner });
                }
                let inner = ["result", "value", "accounts"]
                    .iter()
                    .find_map(|name| fields.remove(*name));
                match inner {
                    Some(inner @ (Value::Array(_) | Value::Object(_))) => self.take(inner),
                    _ => Err("neither accounts nor a response that contains them".into()),
                }
            }
            other => Err(format!("`{}` is not an account", harmless(&other.to_string(), 40))),
        }
    }

    fn at(&mut self, slot: Option<u64>) -> Result<(), String> {
        match (self.slot, slot) {
            (Some(one), Some(other)) if one != other => {
                Err(format!("it has responses from slot {one} and from slot {other}"))
            }
            (None, Some(_)) => {
                self.slot = slot;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// All its accounts by address, each once.
    fn world(&self, label: &Path) -> Result<World, Error> {
        let mut world = World::default();
        self.add_to(label, &mut world)?;
        Ok(world)
    }

    /// Adds its accounts to others.
    pub(super) fn add_to(&self, label: &Path, world: &mut World) -> Result<(), Error> {
        for (row, account) in (1..).zip(&self.accounts) {
            let (key, program, data) = account.whole().map_err(|why| Error::bad_row(label, row, why))?;
            if !world.add(key, program, data) {
                return Err(Error::bad_row(label, row, format!("{key} is there twice")));
            }
        }
        Ok(())
    }

    /// Passes its positions to `sink`.
    pub(super) fn give(&self, ledger: &Ledger, label: &Path, sink: &mut Sink<'_>) -> Result<Tally, Error> {
        let reader = AccountReader::new(ledger);
        let mut tally = Tally::default();
        let bad = |row, why| Error::bad_row(label, row, why);
        let world = is_linked(ledger).then(|| self.world(label)).transpose()?;
        let factors = match &world {
            Some(world) => world.factors(ledger).map_err(|why| bad(1, why))?,
            None => Factors::default(),
        };
        for (row, account) in (1..).zip(&self.accounts) {
            let (key, program, data) = account.whole().map_err(|why| bad(row, why))?;
            if let Some(world) = &world {
                let found = world.read(ledger, &factors, key).map_err(|why| bad(row, why))?;
                tally.skipped += u64::from(found.is_empty());
                for found in found {
                    tally.rows += 1;
                    sink(label, row, found.position)?;
                }
                continue;
            }
            match reader.read(key, &program, &data).map_err(|why| bad(row, why))? {
                Some(position) => {
                    tally.rows += 1;
                    sink(label, row, position)?;
                }
                None => tally.skipped += 1,
            }
        }
        tally.pages = match self.pages {
            None => (0, 0),
            Some(page) => (1, u64::from(page == Page::Last)),
        };
        Ok(tally)
    }
}

/// Reads a ledger's registered layout from a dump of its `Ledger` account.
///
/// # Errors
/// [`Error::BadLayout`], [`Error::BadRow`], [`Error::Io`]
pub fn layout_from_file(file: &Path) -> Result<Ledger, Error> {
    let dump = Dump::read(file, file)?;
    let [account] = dump.accounts.as_slice() else {
        return Err(bad_layout(file.display(), "it does not contain exactly one account"));
    };
    let (_, program, data) = account.whole().map_err(|why| Error::bad_row(file, 1, why))?;
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
        return Err(bad_layout(source, "the account is not a ledger"));
    };
    let ledger: Ledger =
        bytemuck::try_pod_read_unaligned(rest).map_err(|_| bad_layout(source, "the account has the wrong length"))?;
    if ledger.version != VERSION {
        let reason = format!(
            "it is of version {}, and this program knows version {VERSION}",
            ledger.version
        );
        return Err(bad_layout(source, &reason));
    }
    layout::check(&ledger).map_err(|why| bad_layout(source, &why.to_string()))?;
    if ledger.mode == ledger_mode::EXPORT {
        let reason = "its positions are read with an instruction of the host, and cannot be read from their bytes";
        return Err(bad_layout(source, reason));
    }
    Ok(ledger)
}

pub(crate) fn bad_layout(source: impl std::fmt::Display, reason: &str) -> Error {
    Error::BadLayout {
        source_name: source.to_string(),
        reason: reason.to_owned(),
    }
}
