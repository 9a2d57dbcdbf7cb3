//! Records for the reopening that a ledger's successor owes what its plan pays, to the same owners.
//!
//! Anyone may call it once every shard of both ledgers was proved to its end.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::proof_flag,
    layout::{Domain, ProofCheck, ProofRules, Restoration, StateProof, space},
    seeds::SEED_PROOF_CHECK,
};

use crate::{authority::*, current::Current, events::LedgerProved, pda};

#[event_cpi]
#[derive(Accounts)]
pub struct RecordProof<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    pub rules: AccountLoader<'info, ProofRules>,
    pub restoration: AccountLoader<'info, Restoration>,
    pub proof: AccountLoader<'info, StateProof>,
    #[account(
        init_if_needed, payer = payer, space = space::<ProofCheck>(),
        seeds = [SEED_PROOF_CHECK, proof.current()?.incident.as_ref(), &[proof.current()?.ledger_index]], bump
    )]
    pub check: AccountLoader<'info, ProofCheck>,
    pub system_program: Program<'info, System>,
}

pub fn handle_record_proof(ctx: Context<RecordProof>) -> Result<()> {
    let event = ctx.accounts.record(ctx.bumps.check)?;
    emit_cpi!(event);
    Ok(())
}

impl RecordProof<'_> {
    #[inline(never)]
    fn record(&self, bump: u8) -> Result<LedgerProved> {
        let plan = self.restoration.key();
        let mut check = if pda::is_new(self.check.as_ref())? {
            self.check.load_init()?
        } else {
            self.check.current_mut()?
        };
        acts::record_proof(
            &mut check,
            (
                self.domain.as_ref().key,
                &*self.domain.current()?,
                &*self.rules.current()?,
            ),
            (&plan, &*self.restoration.current()?),
            &*self.proof.current()?,
            bump,
            clock()?,
        )
        .map_err(core_error)?;
        Ok(LedgerProved {
            domain: check.domain,
            incident: check.incident,
            ledger_index: check.ledger_index,
            successor: check.successor,
            pool: check.pool,
            is_insecure: check.flags & proof_flag::INSECURE != 0,
        })
    }
}
