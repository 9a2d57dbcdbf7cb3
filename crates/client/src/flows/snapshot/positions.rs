//! The positions of a ledger, as a node has them now.

use std::fmt::Write;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::snapshots::{
    fetch,
    layout::{self, LayoutError, Reader},
};
use bulkhead_interface::{constants::ledger_mode, layout::Ledger};
use solana_account::Account;

use crate::{
    chain::Filter,
    flows::{FlowError, Session},
};

/// Maximum number of filters that a node accepts.
const MAX_FILTERS: usize = 4;
/// Unreadable positions that a note names.
const NAMED: usize = 3;

/// A position's key, owner and amount: what a leaf of the tree states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Address of the host's account.
    pub key: Pubkey,
    /// The owner.
    pub owner: Pubkey,
    /// The amount. Native units.
    pub amount: u64,
}

impl From<(Pubkey, Pubkey, u64)> for Leaf {
    fn from((key, owner, amount): (Pubkey, Pubkey, u64)) -> Self {
        Self { key, owner, amount }
    }
}

/// A position of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The leaf it becomes. In a ledger that an export reads, only its key is known, and owner and amount are zero.
    pub leaf: Leaf,
    /// The amount before the scale.
    pub host_amount: u128,
}

/// The positions of a ledger, in ascending order of their keys, those of amount zero included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The positions that the program can read.
    pub positions: Vec<Position>,
    /// Accounts that pass the ledger's filters, and that the program cannot read.
    pub unreadable: Vec<(Pubkey, LayoutError)>,
}

impl Listed {
    /// The sum of all positions in the unit of the host's total.
    #[must_use]
    pub fn sum(&self, ledger: &Ledger) -> u128 {
        let in_host_units = layout::counts_host_units(ledger);
        let part = |position: &Position| match in_host_units {
            true => position.host_amount,
            false => position.leaf.amount.into(),
        };
        self.positions.iter().map(part).fold(0, u128::saturating_add)
    }

    /// The leaves.
    #[must_use]
    pub fn into_leaves(self) -> Vec<Leaf> {
        self.positions.into_iter().map(|position| position.leaf).collect()
    }

    /// A note about the accounts that cannot be read, if there are any.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let count = self.unreadable.len();
        let (first, _) = self.unreadable.first()?;
        let mut text =
            format!("{count} accounts look like positions and cannot be read, so they are left out: {first}");
        for (key, _) in self.unreadable.iter().take(NAMED).skip(1) {
            // Writing to a string does not fail.
            let _ = write!(text, ", {key}");
        }
        text.push_str(if count > NAMED { ", …" } else { "" });
        Some(text)
    }
}

/// Reads all positions of a ledger from the node, by the rules by which the program reads them. Time and memory grow
/// with their number.
///
/// # Errors
/// [`FlowError`]
pub async fn positions(session: &Session<'_>, ledger: &Ledger) -> Result<Listed, FlowError> {
    Ok(positions_at(session, ledger).await?.1)
}

/// As [`positions`], with the slot at whose end they were so.
pub(in crate::flows) async fn positions_at(session: &Session<'_>, ledger: &Ledger) -> Result<(u64, Listed), FlowError> {
    let found = session.chain.owned_at(&ledger.program, &filters(ledger)).await?;
    Ok((found.slot, list(ledger, found.accounts)))
}

/// The positions among accounts.
fn list(ledger: &Ledger, accounts: Vec<(Pubkey, Account)>) -> Listed {
    let is_exported = ledger.mode == ledger_mode::EXPORT;
    let reader = Reader::new(ledger);
    let mut listed = Listed::default();
    listed.positions.reserve(accounts.len());
    for (key, account) in accounts {
        if account.owner != ledger.program || !layout::accepts(ledger, &account.data) {
            continue;
        }
        if is_exported {
            listed.positions.push(of_export(key));
            continue;
        }
        match reader.read(&account.data) {
            Ok(read) => listed.positions.push(Position {
                leaf: Leaf {
                    key,
                    owner: Pubkey::new_from_array(*read.owner),
                    amount: read.amount,
                },
                host_amount: read.host_amount,
            }),
            Err(error) => listed.unreadable.push((key, error)),
        }
    }
    listed.positions.sort_unstable_by_key(|position| position.leaf.key);
    listed.positions.dedup_by_key(|position| position.leaf.key);
    listed.unreadable.sort_unstable_by_key(|(key, _)| *key);
    listed
}

fn of_export(key: Pubkey) -> Position {
    let (owner, amount) = (Pubkey::default(), 0);
    Position {
        leaf: Leaf { key, owner, amount },
        host_amount: 0,
    }
}

/// The conditions that the node applies, so that it sends no more than necessary. All of the ledger's are checked again.
fn filters(ledger: &Ledger) -> Vec<Filter> {
    let length = fetch::exact_len(ledger).map(|len| Filter::Length(len.into()));
    let bytes = ledger
        .filters
        .iter()
        .filter(|filter| filter.len != 0)
        .map(|filter| Filter::Bytes {
            offset: filter.offset as usize,
            bytes: filter.bytes.iter().take(filter.len as usize).copied().collect(),
        });
    length.into_iter().chain(bytes).take(MAX_FILTERS).collect()
}
