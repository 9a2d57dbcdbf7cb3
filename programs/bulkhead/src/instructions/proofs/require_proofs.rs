//! Sets which ledgers need a proof of state before the domain reopens after their restoration.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards, and peace. Such a ledger's shards fold
//! every position into an accumulator, in the incidents that come.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::seeds::SEED_PROOF_RULES;

use super::{put_rules, rules_or_new};
use crate::{authority::*, current::Current, events::ProofsRequired};

/// Arguments of `require_proofs`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RequireProofsArgs {
    /// Ledgers that need a proof, one bit per number: bit n % 8 of byte n / 8.
    pub ledgers: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct RequireProofs<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: the domain's rules, by address.
    #[account(
        mut,
        seeds = [SEED_PROOF_RULES, config.domain.key().as_ref()],
        bump = config.domain.current()?.proof_rules_bump
    )]
    pub rules: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_require_proofs(ctx: Context<RequireProofs>, args: RequireProofsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let config = &accounts.config;
    config.authorize(&args)?;
    let domain = config.domain.key();
    let mut rules = rules_or_new(&accounts.rules)?;
    {
        let state = config.domain.current()?;
        let id = (&domain, state.proof_rules_bump);
        acts::require_proofs(&state, &mut rules, id, &args.ledgers, config.proposal_slot()?).map_err(core_error)?;
    }
    let (payer, system) = (accounts.payer.as_ref(), accounts.system_program.key());
    put_rules(&accounts.rules, payer, system, &rules)?;
    emit_cpi!(ProofsRequired {
        domain,
        ledgers: args.ledgers,
    });
    Ok(())
}
