//! One guardian stops the interim claims of one position immediately.
//!
//! It costs a right and ends with the vote: the claims of a restoration cannot be stopped by anyone.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Domain, Interim};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::InterimClaimStopped};

#[event_cpi]
#[derive(Accounts)]
pub struct StopInterimClaim<'info> {
    pub guardian: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = interim.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub interim: AccountLoader<'info, Interim>,
}

/// `position`: key of the position.
pub fn handle_stop_interim_claim(ctx: Context<StopInterimClaim>, position: Pubkey) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let rights_left = acts::stop_interim_claim(
        &*accounts.domain.current()?,
        &mut *accounts.council.current_mut()?,
        &mut *accounts.interim.current_mut()?,
        &guardian,
        &position,
    )
    .map_err(core_error)?;
    emit_cpi!(InterimClaimStopped {
        interim: accounts.interim.key(),
        guardian,
        position,
        rights_left,
    });
    Ok(())
}
