//! Interim claims: what two states agree on, paid before the vote.

mod claim_interim;
mod close_interim_proof;
mod fund_interim;
mod open_interim;
mod open_interim_page;
mod prove_interim_leaf;
mod return_interim;
mod set_interim_rule;
mod stop_interim_claim;

pub use {
    claim_interim::*, close_interim_proof::*, fund_interim::*, open_interim::*, open_interim_page::*,
    prove_interim_leaf::*, return_interim::*, set_interim_rule::*, stop_interim_claim::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Interim, Restoration, Snapshot};

use crate::{authority::core_error, current::if_there};

/// A state is chosen: the ledger's interim share-out ends, if there is one at its address, and the restoration
/// continues its books.
#[inline(never)]
pub(crate) fn end_interim(
    account: &AccountInfo,
    restoration: (&Pubkey, &mut Restoration),
    snapshot: &Snapshot,
) -> Result<()> {
    // Checked first: an account that is not there has nothing to write to.
    if if_there::<Interim>(account)?.is_none() {
        return acts::end_interim(None, restoration, snapshot).map_err(core_error);
    }
    let mut data = account.try_borrow_mut_data()?;
    let body = data.get_mut(8..).and_then(|body| body.get_mut(..size_of::<Interim>()));
    let body = body.ok_or(ProgramError::AccountDataTooSmall)?;
    let interim = bytemuck::from_bytes_mut::<Interim>(body);
    acts::end_interim(Some((account.key, interim)), restoration, snapshot).map_err(core_error)
}
