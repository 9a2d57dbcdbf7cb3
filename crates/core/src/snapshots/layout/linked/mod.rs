//! Positions whose own bytes do not say all: the owner holds a token, the amount is a number of shares, or many of them
//! lie in one account.

mod factor;
mod holder;
mod records;
mod wide;

use bulkhead_interface::{
    Pubkey,
    constants::{RECORDS_AT_ONCE, ledger_mode, link_flag},
    layout::{Ledger, SnapshotShard},
};

use super::{LayoutError, Position, accepts, amount, native};
use crate::{CoreError, proofs::Curve, snapshots::frontier::Intake, words::same_key};

pub use factor::{Factors, factor_count, factor_fields, is_linked, snapshot_space};
pub use holder::holder;
pub use records::{Records, record_key};

/// An account as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its address.
    pub key: &'a Pubkey,
    /// Its owner program.
    pub program: &'a Pubkey,
    /// Its data.
    pub data: &'a [u8],
}

/// Does the owner hold a token that the position names?
#[must_use]
pub const fn owner_is_token(ledger: &Ledger) -> bool {
    is_linked(ledger) && ledger.flags & link_flag::OWNER_IS_TOKEN != 0
}

/// Are there many positions in one account?
#[must_use]
pub const fn has_records(ledger: &Ledger) -> bool {
    is_linked(ledger) && ledger.flags & link_flag::RECORDS != 0
}

/// How many accounts are passed for each position, itself included.
#[must_use]
pub fn accounts_each(ledger: &Ledger) -> usize {
    match ledger.mode {
        ledger_mode::EXPORT => usize::from(ledger.export.position_accounts).saturating_add(1),
        _ if owner_is_token(ledger) => 3,
        _ => 1,
    }
}

/// A number of the host's units in native units.
#[must_use]
pub fn native_with(ledger: &Ledger, factors: &Factors, amount: u128) -> Option<u64> {
    if factor_count(ledger) == 0 {
        native(&ledger.scale, amount)
    } else {
        wide::worth(ledger, factors, amount)
    }
}

/// Reads an account that is one position. The caller has checked that the ledger's program owns it. Where the owner
/// holds a token, `owner` is that token: [`holder`] says who has it.
///
/// # Errors
/// [`LayoutError`]
pub fn read_linked<'a>(ledger: &Ledger, factors: &Factors, data: &'a [u8]) -> Result<Position<'a>, LayoutError> {
    if has_records(ledger) || !accepts(ledger, data) {
        return Err(LayoutError::NotAPosition);
    }
    let owner = data.get(ledger.owner_offset as usize..).and_then(<[u8]>::first_chunk);
    let host_amount = amount::host_units(ledger, data)?;
    Ok(Position {
        owner: owner.ok_or(LayoutError::NotAPosition)?,
        amount: native_with(ledger, factors, host_amount).ok_or(LayoutError::AmountTooLarge)?,
        host_amount,
    })
}

/// Reads the next position of a linked ledger into a shard: the account, and what follows it, of [`accounts_each`]. An
/// account of many positions gives its next ones, [`RECORDS_AT_ONCE`] at most; it is passed again for those after them.
///
/// # Errors
/// A named [`CoreError`].
pub fn take_linked(
    ledger: &Ledger,
    factors: &Factors,
    shard: &mut SnapshotShard,
    account: Seen,
    others: &[Seen],
    curve: &impl Curve,
) -> Result<(), CoreError> {
    if !same_key(account.program.as_array(), ledger.program.as_array()) {
        return Err(CoreError::NotAPosition);
    }
    if has_records(ledger) {
        return take_records(ledger, factors, shard, account, curve);
    }
    let position = read_linked(ledger, factors, account.data)?;
    let owner = match others {
        [mint, token_account] if owner_is_token(ledger) => holder(position.owner, *mint, *token_account)?,
        [] if !owner_is_token(ledger) => *position.owner,
        _ => return Err(CoreError::LinkedAccountMissing),
    };
    append(ledger, shard, account.key.as_array(), &owner, &position, curve)
}

fn take_records(
    ledger: &Ledger,
    factors: &Factors,
    shard: &mut SnapshotShard,
    account: Seen,
    curve: &impl Curve,
) -> Result<(), CoreError> {
    let key = account.key.as_array();
    let from = if shard.seen == 0 {
        0
    } else {
        records::next_number(key, shard.last_key.as_array())
    };
    let records = Records::new(ledger, factors, account.data, from)?;
    for record in records.take(RECORDS_AT_ONCE as usize) {
        let (number, position) = record?;
        append(
            ledger,
            shard,
            &record_key(key, number),
            position.owner,
            &position,
            curve,
        )?;
    }
    Ok(())
}

fn append(
    ledger: &Ledger,
    shard: &mut SnapshotShard,
    key: &[u8; 32],
    owner: &[u8; 32],
    position: &Position,
    curve: &impl Curve,
) -> Result<(), CoreError> {
    let mut intake = Intake::new(shard)?;
    intake.append(key, owner, position.amount)?;
    intake.accumulate(key, owner, position.amount, curve)?;
    if super::counts_host_units(ledger) {
        intake.add_host_amount(position.host_amount)?;
    }
    Ok(())
}
