//! Ends set-up. From here on every configuration change and every loosening requires a matured proposal.
//!
//! Only the setup authority may call it, once.

use anchor_lang::prelude::*;
use bulkhead_core::domain::phase::{Event, after};
use bulkhead_interface::layout::Domain;

use crate::{current::Current, error::BulkheadError, events::DomainActivated};

#[event_cpi]
#[derive(Accounts)]
pub struct ActivateDomain<'info> {
    pub setup_authority: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
}

pub fn handle_activate_domain(ctx: Context<ActivateDomain>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    {
        let mut domain = ctx.accounts.domain.current_mut()?;
        require_keys_eq!(
            ctx.accounts.setup_authority.key(),
            domain.setup_authority,
            BulkheadError::NotSetupAuthority
        );
        domain.state = after(domain.state, Event::Activate).map_err(|_| BulkheadError::WrongPhase)?;
        domain.activated_ts = now;
    }
    emit_cpi!(DomainActivated {
        domain: ctx.accounts.domain.key(),
    });
    Ok(())
}
