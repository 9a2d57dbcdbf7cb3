//! How much is shared out before the vote, and what a leaf gets of it.

use bulkhead_interface::{
    constants::BPS,
    layout::{Interim, InterimSource},
};

use crate::{CoreError, restoration::prorata::payout_floor};

/// The greater of the two totals.
#[must_use]
pub const fn greater_total(interim: &Interim) -> u64 {
    if interim.snapshot_total > interim.checkpoint_total {
        interim.snapshot_total
    } else {
        interim.checkpoint_total
    }
}

/// The agreed share of an amount, rounded down.
#[must_use]
pub fn part_floor(amount: u64, bps: u16) -> u64 {
    payout_floor(bps.into(), amount, BPS.into()).unwrap_or(0)
}

/// The most that can be shared out: the agreed share of the greater total.
#[must_use]
pub fn limit(interim: &Interim) -> u64 {
    part_floor(greater_total(interim), interim.bps)
}

/// The amount that the pool still has to receive until the limit is shared out.
#[must_use]
pub fn lacking(interim: &Interim, balance: u64) -> u64 {
    limit(interim).saturating_sub(interim.paid).saturating_sub(balance)
}

/// The part of a vault's tokens that is due to the pool: the agreed share of what is there and what was drawn from it
/// before, minus what was drawn. Drawing twice, or from both of its accounts, yields no more than drawing once.
#[must_use]
pub fn due_floor(bps: u16, available: u64, drawn: u64) -> u64 {
    part_floor(available.saturating_add(drawn), bps)
        .saturating_sub(drawn)
        .min(available)
}

/// Shares out everything that the pool holds, up to the limit. Returns the amount.
///
/// # Errors
/// [`CoreError::NothingToShare`].
pub fn share_out(interim: &mut Interim, balance: u64) -> Result<u64, CoreError> {
    let all = interim.paid.saturating_add(balance).min(limit(interim));
    match all.checked_sub(interim.shared) {
        None | Some(0) => Err(CoreError::NothingToShare),
        Some(added) => {
            interim.shared = all;
            Ok(added)
        }
    }
}

/// What a leaf with these amounts in the two states gets in all, of what was shared out so far.
#[must_use]
#[inline(always)]
pub fn entitled_floor(interim: &Interim, in_snapshot: u64, in_checkpoint: u64) -> u64 {
    let agreed = in_snapshot.min(in_checkpoint);
    let part = payout_floor(agreed, interim.shared, greater_total(interim));
    part.unwrap_or(0).min(interim.cap)
}

/// The row of a vault, or a new one.
///
/// # Errors
/// [`CoreError::InterimListFull`].
pub fn row_of<'a>(
    sources: &'a mut [InterimSource],
    vault: &bulkhead_interface::Pubkey,
) -> Result<&'a mut InterimSource, CoreError> {
    let unused = bulkhead_interface::Pubkey::default();
    let row = sources
        .iter()
        .position(|row| row.vault == *vault || row.vault == unused);
    let row = row.and_then(|number| sources.get_mut(number));
    row.ok_or(CoreError::InterimListFull)
}

/// What was drawn from a vault so far.
#[must_use]
pub fn drawn_from(sources: &[InterimSource], vault: &bulkhead_interface::Pubkey) -> u64 {
    let row = sources.iter().find(|row| row.vault == *vault);
    row.map_or(0, |row| row.drawn)
}
