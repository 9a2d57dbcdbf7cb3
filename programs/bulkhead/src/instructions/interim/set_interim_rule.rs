//! Sets the share of a ledger's claims that is paid before a vote.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards, and a domain without an incident. A
//! proposal from before a confirmed incident is void. The rule of a share-out that is open does not change.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, InterimRule};
use bulkhead_interface::layout::Ledger;

use crate::{authority::*, current::Current, error::BulkheadError, events::InterimRuleSet};

/// Arguments of `set_interim_rule`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct SetInterimRuleArgs {
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Share of what custody holds that is paid before a vote. Basis points, at most half; 0 for none.
    pub bps: u16,
    /// The most that one position is paid. Native units; 0 if and only if `bps` is 0.
    pub cap: u64,
    /// Minimum age of the checkpoint at the breach. Seconds.
    pub age_seconds: i64,
}

impl SetInterimRuleArgs {
    /// The rule in the type the acts take.
    pub fn rule(&self) -> InterimRule {
        InterimRule {
            bps: self.bps,
            cap: self.cap,
            age_seconds: self.age_seconds,
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: SetInterimRuleArgs)]
pub struct SetInterimRule<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(
        mut,
        constraint = ledger.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount,
        constraint = ledger.current()?.index == args.ledger_index @ BulkheadError::ForeignAccount
    )]
    pub ledger: AccountLoader<'info, Ledger>,
}

pub fn handle_set_interim_rule(ctx: Context<SetInterimRule>, args: SetInterimRuleArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    acts::set_interim_rule(
        &*accounts.config.domain.current()?,
        &mut *accounts.ledger.current_mut()?,
        &args.rule(),
        accounts.config.proposal_slot()?,
    )
    .map_err(core_error)?;
    emit_cpi!(InterimRuleSet {
        domain: accounts.config.domain.key(),
        ledger: accounts.ledger.key(),
        bps: args.bps,
        cap: args.cap,
        age_seconds: args.age_seconds,
    });
    Ok(())
}
