//! Reads positions from a node with `getProgramAccounts`: filtered and sliced by the ledger's layout, all from one
//! slot. A response is hashed as received and parsed directly into positions, so this uses [`Endpoint`] instead of the
//! usual client.

mod endpoint;

pub use endpoint::{Endpoint, Failure, Patience, host_of};

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_core::snapshots::{
    fetch,
    layout::{self, linked::is_linked},
};
use bulkhead_interface::{Pubkey, layout::Ledger};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Error, Place, Position, SourceEntry,
    input::{Account, AccountBody, AccountReader, bad_layout, layout_from_account},
};

/// Maximum size of a response about one account: ten megabytes in base64 plus the surrounding JSON.
const ONE_ACCOUNT: u64 = 16 << 20;

/// Maximum number of filters that a node accepts.
const MAX_FILTERS: usize = 4;

/// A node and the options for its requests.
pub struct Node {
    endpoint: Endpoint,
    options: NodeOptions,
}

/// Options for requests to a node.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// `processed`, `confirmed` or `finalized`.
    pub commitment: String,
    /// Maximum time for one response.
    pub timeout: Duration,
    /// Maximum number of attempts.
    pub attempts: u32,
    /// Wait before the second attempt. It doubles with every attempt.
    pub pause: Duration,
    /// Maximum size of one response. Larger ones are refused before they are read.
    pub longest: u64,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            commitment: "finalized".into(),
            timeout: Duration::from_secs(300),
            attempts: 6,
            pause: Duration::from_millis(500),
            longest: 2 << 30,
        }
    }
}

/// In how many responses the positions are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// In one response, which is always from one slot.
    One,
    /// In 256 responses, by the first byte of the owner, for data too large for one response. All must be from the same
    /// slot, so this needs a node that does not advance.
    ByOwner,
}

/// What the positions must add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// The total that the host keeps, as the ledger registers it. This detects a node that leaves positions out.
    TheLedgers,
    /// Any sum, for hosts whose own total is wrong.
    Any,
}

#[derive(Deserialize)]
struct InContext<T> {
    context: Context,
    value: T,
}

#[derive(Deserialize)]
struct Context {
    slot: u64,
}

impl Node {
    /// A node at an address such as `https://…`.
    #[must_use]
    pub fn new(url: &str, options: NodeOptions) -> Self {
        let patience = Patience {
            timeout: options.timeout,
            attempts: options.attempts,
            pause: options.pause,
        };
        Self {
            endpoint: Endpoint::new(url, patience),
            options,
        }
    }

    /// Reads a registered layout, and the slot it was read in.
    ///
    /// # Errors
    /// [`Error::Rpc`], [`Error::BadLayout`]
    pub fn ledger(&self, address: &Pubkey) -> Result<(Ledger, u64), Error> {
        let (program, data, slot) = self.account(address, None)?;
        let ledger = layout_from_account(address, &program, &data)?;
        if is_linked(&ledger) {
            let reason = "its positions refer to other accounts, which one response does not have: use `checkpoint run`, \
                          or files with all of them";
            return Err(bad_layout(address, reason));
        }
        Ok((ledger, slot))
    }

    /// Reads the total that the host keeps of a ledger's positions, in the unit of that total.
    fn total(&self, ledger: &Ledger) -> Result<u128, Error> {
        let (program, mut data, _) = self.account(
            &ledger.total_account,
            Some((ledger.total_offset, ledger.total_width.into())),
        )?;
        if program != ledger.total_program {
            return Err(account_refused(format!(
                "the total account {} belongs to {program}, not to {}",
                ledger.total_account, ledger.total_program
            )));
        }
        // Only the bytes of the total were requested, so it is read at offset 0.
        data.splice(0..0, vec![0; ledger.total_offset as usize]);
        layout::total_number(ledger, &data)
            .ok_or_else(|| account_refused(format!("the total account {} is too short", ledger.total_account)))
    }

    /// Program and data of an account or of a slice of it, and the slot.
    fn account(&self, address: &Pubkey, slice: Option<(u32, u32)>) -> Result<(Pubkey, Vec<u8>, u64), Error> {
        let mut config = json!({ "encoding": "base64", "commitment": self.options.commitment });
        if let Some((offset, length)) = slice {
            config["dataSlice"] = json!({ "offset": offset, "length": length });
        }
        let params = json!([address.to_string(), config]);
        let (answer, _) = self.ask::<InContext<Option<AccountBody>>>(GET_ACCOUNT, &params, ONE_ACCOUNT)?;
        let account = answer
            .value
            .ok_or_else(|| account_refused(format!("there is no account {address}")))?;
        let account = Account {
            pubkey: address.to_string(),
            account,
        };
        let (_, program, data) = account.decoded().map_err(account_refused)?;
        Ok((program, data, answer.context.slot))
    }

    /// Like [`Self::read`], and compares the sum of the positions with the host's total, read before and after. If the
    /// total changes in the meantime, any sum between its two values is accepted.
    ///
    /// # Errors
    /// [`Error::TotalDiffers`], and the errors of [`Self::read`].
    pub fn read_whole(
        &self,
        ledger: &Ledger,
        pages: Pages,
        total: Total,
        sink: &mut dyn FnMut(&Path, u64, Position) -> Result<(), Error>,
    ) -> Result<SourceEntry, Error> {
        if total == Total::Any {
            let (entry, _) = self.read_summed(ledger, pages, sink)?;
            return Ok(entry);
        }
        let before = self.total(ledger)?;
        let (entry, sum) = self.read_summed(ledger, pages, sink)?;
        let after = self.total(ledger)?;
        if (before.min(after)..=before.max(after)).contains(&sum) {
            return Ok(entry);
        }
        Err(Error::TotalDiffers {
            sum,
            total: before,
            total_after: after,
            positions: entry.positions,
        })
    }

    /// Passes every position of a ledger to `sink`, all from one slot.
    ///
    /// # Errors
    /// [`Error::SlotsMixed`], [`Error::DuplicatePosition`], [`Error::Rpc`], and errors from `sink`.
    pub fn read(
        &self,
        ledger: &Ledger,
        pages: Pages,
        sink: &mut dyn FnMut(&Path, u64, Position) -> Result<(), Error>,
    ) -> Result<SourceEntry, Error> {
        self.read_summed(ledger, pages, sink).map(|(entry, _)| entry)
    }

    /// Also returns the sum of the positions read, in the unit of the ledger's total.
    fn read_summed(
        &self,
        ledger: &Ledger,
        pages: Pages,
        sink: &mut dyn FnMut(&Path, u64, Position) -> Result<(), Error>,
    ) -> Result<(SourceEntry, u128), Error> {
        const METHOD: &str = "getProgramAccounts";
        let span = fetch::span(ledger);
        let reader = AccountReader::new(ledger);
        let refused = |reason| Error::Rpc { method: METHOD, reason };
        let (mut hasher, mut bytes, mut rows, mut skipped) = (Sha256::new(), 0, 0, 0);
        let mut slot = None;
        let (mut seen, mut sum) = (HashMap::new(), 0u128);
        // Amounts are rounded down, so a total in the host's units is compared with the host's own numbers.
        let host_units = layout::counts_host_units(ledger).then(|| layout::Reader::new(ledger));
        let questions: Vec<Option<u8>> = match pages {
            Pages::One => vec![None],
            Pages::ByOwner => (0..=u8::MAX).map(Some).collect(),
        };
        for page in questions {
            let config = json!({
                "encoding": "base64",
                "commitment": self.options.commitment,
                "withContext": true,
                "filters": filters(ledger, page),
                "dataSlice": { "offset": span.start, "length": span.len() },
            });
            let params = json!([ledger.program.to_string(), config]);
            let (answer, body) = self.ask::<InContext<Vec<Account>>>(METHOD, &params, self.options.longest)?;
            match slot {
                Some(first_slot) if first_slot != answer.context.slot => {
                    return Err(Error::SlotsMixed {
                        first: "the first page".into(),
                        first_slot,
                        second: format!("page {}", page.unwrap_or_default()),
                        second_slot: answer.context.slot,
                    });
                }
                _ => slot = Some(answer.context.slot),
            }
            hasher.update(&body);
            bytes += body.len() as u64;
            for account in answer.value {
                let (key, program, slice) = account.decoded().map_err(refused)?;
                let data = whole(ledger, &account.account, span.start, &slice).map_err(refused)?;
                match reader.read(key, &program, &data).map_err(refused)? {
                    Some(position) => {
                        rows += 1;
                        if let Some(first) = seen.insert(key, rows) {
                            let place = |row| Place {
                                file: PathBuf::from(METHOD),
                                row,
                            };
                            return Err(Error::DuplicatePosition {
                                key,
                                first: place(first),
                                second: place(rows),
                            });
                        }
                        let part = match &host_units {
                            Some(reader) => match reader.read(&data) {
                                Ok(read) => read.host_amount,
                                Err(error) => return Err(refused(format!("{key}: {error:?}"))),
                            },
                            None => position.amount.into(),
                        };
                        sum = sum
                            .checked_add(part)
                            .ok_or_else(|| refused("the sum does not fit 128 bits".into()))?;
                        sink(Path::new(METHOD), rows, position)?;
                    }
                    None => skipped += 1,
                }
            }
        }
        let entry = SourceEntry {
            name: self.endpoint.host(),
            kind: "rpc".into(),
            slot,
            positions: rows,
            skipped,
            bytes,
            sha256: hasher.finalize().into(),
        };
        Ok((entry, sum))
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &Value,
        longest: u64,
    ) -> Result<(T, Vec<u8>), Error> {
        let answer = self.endpoint.ask(method, params, longest);
        answer.map_err(|failure| Error::Rpc {
            method,
            reason: match failure {
                Failure::Unreadable(reason) if reason.contains("is longer than") => {
                    format!("{reason}; use --by-owner")
                }
                other => other.to_string(),
            },
        })
    }
}

const GET_ACCOUNT: &str = "getAccountInfo";

fn account_refused(reason: String) -> Error {
    Error::Rpc {
        method: GET_ACCOUNT,
        reason,
    }
}

/// Filters that the node applies, to reduce the data sent. All of them are checked again.
fn filters(ledger: &Ledger, owner: Option<u8>) -> Vec<Value> {
    let memcmp = |offset: u32, bytes: &[u8]| json!({ "memcmp": { "offset": offset, "bytes": BASE64_STANDARD.encode(bytes), "encoding": "base64" } });
    let mut filters = vec![];
    if let Some(first) = owner {
        filters.push(memcmp(ledger.owner_offset, &[first]));
    }
    if let Some(len) = fetch::exact_len(ledger) {
        filters.push(json!({ "dataSize": len }));
    }
    for filter in ledger.filters.iter().filter(|filter| filter.len != 0) {
        if let Some(bytes) = filter.bytes.get(..filter.len as usize) {
            filters.push(memcmp(filter.offset, bytes));
        }
    }
    filters.truncate(MAX_FILTERS);
    filters
}

/// The account at its full length. Bytes that were not sent are zeros; nothing reads them.
fn whole(ledger: &Ledger, account: &AccountBody, offset: usize, slice: &[u8]) -> Result<Vec<u8>, String> {
    const LONGEST: u64 = bulkhead_core::snapshots::layout::MAX_DATA_LEN as u64;
    let end = offset + slice.len();
    let len = match account.space {
        Some(space) if space <= LONGEST => usize::try_from(space).unwrap_or_default(),
        Some(space) => return Err(format!("an account of {space} bytes")),
        None => fetch::exact_len(ledger).map_or(end, |len| len as usize),
    };
    let mut data = vec![0; len];
    match data.get_mut(offset..end) {
        Some(place) => place.copy_from_slice(slice),
        // Too short for the slice: not a position, as its length shows.
        None if slice.is_empty() => {}
        None => return Err("an account is shorter than what was sent of it".into()),
    }
    Ok(data)
}
