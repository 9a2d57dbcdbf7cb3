//! Executes a proposal that lets the claims of one restoration run longer, or without an end. Never shorter, and not
//! once the rest was swept.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::Restoration;

use crate::{authority::*, current::Current, error::BulkheadError, events::ClaimsExtended};

/// Payload of an `ExtendClaims` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ExtendClaimsArgs {
    /// The restoration.
    pub restoration: Pubkey,
    /// How many days its claims run from now on counted as before, or 0 for no end.
    pub claim_days: u16,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: ExtendClaimsArgs)]
pub struct ExtendClaims<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(
        mut,
        constraint = restoration.key() == args.restoration @ BulkheadError::ForeignAccount,
        constraint = restoration.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub restoration: AccountLoader<'info, Restoration>,
}

pub fn handle_extend_claims(ctx: Context<ExtendClaims>, args: ExtendClaimsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let previous_days = {
        let mut restoration = accounts.restoration.current_mut()?;
        let previous = restoration.claim_days;
        acts::extend_claims(&mut restoration, args.claim_days).map_err(core_error)?;
        previous
    };
    emit_cpi!(ClaimsExtended {
        restoration: args.restoration,
        previous_days,
        claim_days: args.claim_days,
    });
    Ok(())
}
