//! Opens a statement: a ledger's successor owes what the plan pays of all that was shared out so far.
//!
//! Anyone may open it. The challenge is drawn from both ledgers, so their leaves are fixed before it is known.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Statement};
use bulkhead_interface::{
    layout::{Domain, ProofRules, Restoration, SealedLedger, StateProof, space},
    seeds::SEED_STATE_PROOF,
};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ProofOpened, pda};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenProof<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    pub rules: AccountLoader<'info, ProofRules>,
    pub restoration: AccountLoader<'info, Restoration>,
    pub chosen: AccountLoader<'info, SealedLedger>,
    pub successor: AccountLoader<'info, SealedLedger>,
    /// CHECK: the statement, at the address of its id; checked below.
    #[account(mut)]
    pub proof: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_proof(ctx: Context<OpenProof>) -> Result<()> {
    let event = ctx.accounts.open()?;
    emit_cpi!(event);
    Ok(())
}

impl OpenProof<'_> {
    #[inline(never)]
    fn open(&self) -> Result<ProofOpened> {
        let (domain, plan) = (self.domain.key(), self.restoration.key());
        let (state, rules, restoration) = (
            self.domain.current()?,
            self.rules.current()?,
            self.restoration.current()?,
        );
        let (chosen, successor) = (self.chosen.current()?, self.successor.current()?);
        let statement = Statement {
            domain: (&domain, &state),
            rules: &rules,
            restoration: (&plan, &restoration),
            chosen: &chosen,
            successor: &successor,
        };
        let id = acts::statement_id(&statement);
        let (address, bump) = Pubkey::find_program_address(&[SEED_STATE_PROOF, &id], &crate::ID);
        require_keys_eq!(self.proof.key(), address, BulkheadError::ForeignAccount);
        let seeds: &[&[u8]] = &[SEED_STATE_PROOF, &id, &[bump]];
        // Fails in the System program if the statement was opened before.
        let payer = self.payer.as_ref();
        let mut proof = Box::new(<StateProof as bytemuck::Zeroable>::zeroed());
        acts::open_proof(&mut proof, &statement, (self.payer.key, bump)).map_err(core_error)?;
        pda::create(
            &self.proof,
            payer,
            self.system_program.key(),
            space::<StateProof>(),
            seeds,
        )?;
        pda::write(&self.proof, &*proof)?;
        Ok(ProofOpened {
            domain,
            incident: proof.incident,
            ledger_index: proof.ledger_index,
            proof: address,
            restoration: plan,
            successor: successor.snapshot,
            pool: restoration.shared,
        })
    }
}
