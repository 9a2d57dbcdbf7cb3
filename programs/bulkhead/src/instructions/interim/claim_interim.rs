//! Pays one position its share of what was shared out before the vote. Anyone may call it; the tokens go to the owner.
//!
//! The leaf of the snapshot is proved here, that of the checkpoint by `prove_interim_leaf` before. Both name the same
//! position and owner. What is paid is recorded at the leaf's place in both books before the tokens move, and counts
//! against the final claim. Unless the owner signs, the only destination is the owner's associated token account.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, InterimClaim};
use bulkhead_core::interim::places;
use bulkhead_interface::{
    layout::{ClaimPage, Domain, Interim, InterimProof, Snapshot, SnapshotShard},
    seeds::SEED_RESTORATION,
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::InterimClaimPaid,
    instructions::restoration::{ClaimArgs, entry, require_destination, require_leaf, require_page},
    token::{self, Transfer},
};

#[derive(Accounts)]
pub struct ClaimInterim<'info> {
    #[account(mut)]
    pub interim: AccountLoader<'info, Interim>,
    #[account(address = interim.current()?.domain @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(address = interim.current()?.snapshot @ BulkheadError::ForeignAccount)]
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub shard: AccountLoader<'info, SnapshotShard>,
    #[account(address = interim.current()?.checkpoint @ BulkheadError::ForeignAccount)]
    pub checkpoint: AccountLoader<'info, Snapshot>,
    /// Holds the proof of the checkpoint's leaf in its first row, whoever proved it.
    #[account(constraint = proof.current()?.interim == interim.key() @ BulkheadError::ForeignAccount)]
    pub proof: AccountLoader<'info, InterimProof>,
    #[account(mut)]
    pub snapshot_claims: AccountLoader<'info, ClaimPage>,
    #[account(mut)]
    pub checkpoint_claims: AccountLoader<'info, ClaimPage>,
    /// CHECK: matched by the address the interim share-out stores.
    #[account(mut, address = interim.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: a token account of the mint; the handler checks its owner.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: owner of the leaf, bound by both proofs. May sign.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: matched by the address the interim share-out stores.
    #[account(address = interim.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: UncheckedAccount<'info>,
    /// CHECK: matched by the address the interim share-out stores.
    #[account(address = interim.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: where the restoration will be; it signs for the pool.
    #[account(address = interim.current()?.restoration @ BulkheadError::ForeignAccount)]
    pub restoration: UncheckedAccount<'info>,
}

pub fn handle_claim_interim(ctx: Context<ClaimInterim>, args: ClaimArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    require_leaf(&accounts.shard, &accounts.snapshot, accounts.owner.key, &args)?;
    require_destination(
        (&accounts.destination, &accounts.pool),
        (accounts.mint.key, accounts.token_program.key),
        &accounts.owner,
        args.destination_bump,
    )?;
    let amount = accounts.book(&args)?;
    accounts.pay(&args, amount)
}

impl ClaimInterim<'_> {
    /// Records the payment in both books, and returns it.
    #[inline(never)]
    fn book(&self, args: &ClaimArgs) -> Result<u64> {
        let mut interim = self.interim.current_mut()?;
        let checkpoint = self.checkpoint.current()?;
        let proof = self.proof.current()?;
        let [proved, _] = &proof.leaves;
        let place = places::locate(&interim, args.index).ok_or(BulkheadError::InvalidProof)?;
        require_page(&*self.snapshot_claims.current()?, self.interim.as_ref().key, place)?;
        let other_place = acts::interim_place(&checkpoint, proved).map_err(core_error)?;
        require_page(&*self.checkpoint_claims.current()?, &interim.checkpoint, other_place)?;
        let mut entry_ = entry(self.snapshot_claims.as_ref(), place)?;
        let mut other = entry(self.checkpoint_claims.as_ref(), other_place)?;
        let mut paid = (u64::from_le_bytes(*entry_), u64::from_le_bytes(*other));
        let claim = InterimClaim {
            key: &args.key,
            owner: self.owner.key,
            amount: args.amount,
            proved,
        };
        let due = acts::claim_interim(
            &*self.domain.current()?,
            &mut interim,
            (&*self.snapshot.current()?, &checkpoint),
            &claim,
            (&mut paid.0, &mut paid.1),
        )
        .map_err(core_error)?;
        (*entry_, *other) = (paid.0.to_le_bytes(), paid.1.to_le_bytes());
        Ok(due)
    }

    #[inline(never)]
    fn pay(&self, args: &ClaimArgs, amount: u64) -> Result<()> {
        let (incident, ledger_index, bump, decimals) = {
            let interim = self.interim.current()?;
            (
                interim.incident,
                interim.ledger_index,
                interim.restoration_bump,
                interim.decimals,
            )
        };
        let transfer = Transfer {
            program: &self.token_program,
            from: &self.pool,
            mint: &self.mint,
            to: &self.destination,
            authority: &self.restoration,
            decimals,
        };
        let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
        let amount = token::transfer(&transfer, amount, &[seeds])?.sent;
        emit!(InterimClaimPaid {
            interim: *self.interim.as_ref().key,
            index: args.index,
            owner: *self.owner.key,
            destination: *self.destination.key,
            amount,
        });
        Ok(())
    }
}
