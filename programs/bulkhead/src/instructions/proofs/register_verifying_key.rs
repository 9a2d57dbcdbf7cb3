//! Sets which verifying key counts for proofs of state from now on.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards, and peace: nobody chooses a key with the
//! ledger in view that it has to judge. A key's points do not fit a proposal, so the proposal names their hash, and whoever
//! executes it passes them.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, KeyDecision, NewProofKey};
use bulkhead_interface::{
    layout::ProofKey,
    seeds::{SEED_PROOF_KEY, SEED_PROOF_RULES},
};
use bytemuck::Zeroable;

use super::{put_rules, rules_or_new};
use crate::{
    authority::*, current::Current, curve::Syscalls, error::BulkheadError, events::VerifyingKeyRegistered, pda,
};

/// Arguments of `register_verifying_key`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RegisterVerifyingKeyArgs {
    /// Id of the key: a hash of page size, set-up and points.
    pub id: [u8; 32],
    /// Also a key that a single party made, who can prove anything with it.
    pub accepts_insecure: bool,
}

/// A verifying key, in the bytes that its id is a hash of.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct VerifyingKey {
    /// Leaves of a page.
    pub page_size: u64,
    /// Where it comes from. 1: a single party made it.
    pub set_up: u8,
    /// alpha, beta, gamma, delta and the two points of the public input: 576 bytes, as the runtime's syscalls take them.
    pub points: Vec<u8>,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterVerifyingKeyArgs)]
pub struct RegisterVerifyingKey<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: the domain's rules, by address; created by the first decision about them.
    #[account(
        mut,
        seeds = [SEED_PROOF_RULES, config.domain.key().as_ref()],
        bump = config.domain.current()?.proof_rules_bump
    )]
    pub rules: UncheckedAccount<'info>,
    /// CHECK: the key, by address; a key that counted before may count again.
    #[account(mut, seeds = [SEED_PROOF_KEY, config.domain.key().as_ref(), &args.id], bump)]
    pub key: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_verifying_key(
    ctx: Context<RegisterVerifyingKey>,
    args: RegisterVerifyingKeyArgs,
    key: VerifyingKey,
) -> Result<()> {
    ctx.accounts.config.authorize(&args)?;
    let rules_bump = ctx.accounts.config.domain.current()?.proof_rules_bump;
    let event = ctx.accounts.register(&args, &key, [ctx.bumps.key, rules_bump])?;
    emit_cpi!(event);
    Ok(())
}

impl RegisterVerifyingKey<'_> {
    #[inline(never)]
    fn register(
        &self,
        args: &RegisterVerifyingKeyArgs,
        key: &VerifyingKey,
        bumps: [u8; 2],
    ) -> Result<VerifyingKeyRegistered> {
        let config = &self.config;
        let domain = config.domain.key();
        let points = key.points.as_slice().try_into();
        let new = NewProofKey {
            domain,
            bumps,
            page_size: key.page_size,
            set_up: key.set_up,
            points: points.map_err(|_| BulkheadError::ProofKeyInvalid)?,
        };
        let decision = KeyDecision {
            id: args.id,
            accepts_insecure: args.accepts_insecure,
        };
        let mut rules = rules_or_new(&self.rules)?;
        let mut registered = Box::new(ProofKey::zeroed());
        acts::register_verifying_key(
            &*config.domain.current()?,
            &mut rules,
            &mut registered,
            (&new, &decision),
            &Syscalls,
            config.proposal_slot()?,
        )
        .map_err(core_error)?;
        let (payer, system) = (self.payer.as_ref(), self.system_program.key());
        put_rules(&self.rules, payer, system, &rules)?;
        let [bump, _] = bumps;
        let seeds: &[&[u8]] = &[SEED_PROOF_KEY, domain.as_ref(), &args.id, &[bump]];
        pda::put(&self.key, payer, system, seeds, &*registered)?;
        Ok(VerifyingKeyRegistered {
            domain,
            key: self.key.key(),
            id: args.id,
            page_size: key.page_size,
            set_up: key.set_up,
        })
    }
}
