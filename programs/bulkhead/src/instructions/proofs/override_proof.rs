//! Executes a proposal that accepts a restored ledger without a proof of state.
//!
//! It is the way out when a key is wrong, nobody can prove, or the successor differs and that is what was decided. The
//! proposal is made after the state was chosen, and the check stays marked.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{ProofCheck, ProofRules, Restoration, space},
    seeds::SEED_PROOF_CHECK,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::ProofOverridden, pda};

/// Payload of an `OverrideProof` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OverrideProofArgs {
    /// The plan whose ledger is accepted.
    pub restoration: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
pub struct OverrideProof<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub rules: AccountLoader<'info, ProofRules>,
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(
        init_if_needed, payer = payer, space = space::<ProofCheck>(),
        seeds = [SEED_PROOF_CHECK, restoration.current()?.incident.as_ref(), &[restoration.current()?.ledger_index]],
        bump
    )]
    pub check: AccountLoader<'info, ProofCheck>,
    pub system_program: Program<'info, System>,
}

pub fn handle_override_proof(ctx: Context<OverrideProof>, args: OverrideProofArgs) -> Result<()> {
    ctx.accounts.config.authorize(&args)?;
    let event = ctx.accounts.accept(&args, ctx.bumps.check)?;
    emit_cpi!(event);
    Ok(())
}

impl OverrideProof<'_> {
    #[inline(never)]
    fn accept(&self, args: &OverrideProofArgs, bump: u8) -> Result<ProofOverridden> {
        let plan = self.restoration.key();
        require_keys_eq!(plan, args.restoration, BulkheadError::ForeignAccount);
        let mut check = if pda::is_new(self.check.as_ref())? {
            self.check.load_init()?
        } else {
            self.check.current_mut()?
        };
        let domain = &self.config.domain;
        acts::override_proof(
            &mut check,
            (domain.as_ref().key, &*domain.current()?, &*self.rules.current()?),
            (&plan, &*self.restoration.current()?),
            self.config.proposal_slot()?.unwrap_or_default(),
            bump,
            clock()?,
        )
        .map_err(core_error)?;
        Ok(ProofOverridden {
            domain: check.domain,
            incident: check.incident,
            ledger_index: check.ledger_index,
            restoration: plan,
        })
    }
}
