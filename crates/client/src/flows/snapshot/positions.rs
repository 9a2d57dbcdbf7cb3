//! The positions of a ledger, as a node has them now.

use std::fmt::Write;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::snapshots::{
    fetch,
    layout::{
        self, Factors, LayoutError, Reader,
        linked::{is_linked, owner_is_token},
    },
};
use bulkhead_interface::{constants::ledger_mode, layout::Ledger};
use solana_account::Account;

use super::linked::{find_holders, frozen_factors, list_linked, live_factors};
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
    /// The account that it is read from: the leaf's key, unless the account has many.
    pub account: Pubkey,
    /// Where a token owns it: the token's mint, and the token account of whoever holds it.
    pub token: Option<[Pubkey; 2]>,
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

    pub(super) fn sorted(mut self) -> Self {
        self.positions.sort_unstable_by_key(|position| position.leaf.key);
        self.positions.dedup_by_key(|position| position.leaf.key);
        self.unreadable.sort_unstable_by_key(|(key, _)| *key);
        self
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
/// with their number. A ledger's factors are those of now.
///
/// # Errors
/// [`FlowError`]
pub async fn positions(session: &Session<'_>, ledger: &Ledger) -> Result<Listed, FlowError> {
    Ok(positions_at(session, ledger).await?.1)
}

/// As [`positions`], with the slot at whose end they were so.
pub(in crate::flows) async fn positions_at(session: &Session<'_>, ledger: &Ledger) -> Result<(u64, Listed), FlowError> {
    let factors = live_factors(session, ledger).await?;
    let found = session.chain.owned_at(&ledger.program, &filters(ledger)).await?;
    let listed = list_all(session, ledger, &factors, found.accounts).await?;
    Ok((found.slot, listed))
}

/// As [`positions`], with the factors that the ledger's snapshot was opened with.
pub(super) async fn positions_by(
    session: &Session<'_>,
    ledger: &Ledger,
    factors: &Factors,
) -> Result<Listed, FlowError> {
    let found = session.chain.owned_at(&ledger.program, &filters(ledger)).await?;
    list_all(session, ledger, factors, found.accounts).await
}

/// As [`positions`], with the factors that a snapshot was opened with.
pub(in crate::flows) async fn frozen_positions(
    session: &Session<'_>,
    ledger: &Ledger,
    snapshot: &Pubkey,
) -> Result<Listed, FlowError> {
    let factors = frozen_factors(session, ledger, snapshot).await?;
    positions_by(session, ledger, &factors).await
}

async fn list_all(
    session: &Session<'_>,
    ledger: &Ledger,
    factors: &Factors,
    accounts: Vec<(Pubkey, Account)>,
) -> Result<Listed, FlowError> {
    if !is_linked(ledger) {
        return Ok(list(ledger, accounts));
    }
    let mut listed = list_linked(ledger, factors, accounts);
    if owner_is_token(ledger) {
        find_holders(session, &mut listed).await?;
    }
    Ok(listed.sorted())
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
                account: key,
                token: None,
            }),
            Err(error) => listed.unreadable.push((key, error)),
        }
    }
    listed.sorted()
}

fn of_export(key: Pubkey) -> Position {
    let (owner, amount) = (Pubkey::default(), 0);
    Position {
        leaf: Leaf { key, owner, amount },
        host_amount: 0,
        account: key,
        token: None,
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
