//! Proofs of state: that a plan pays what it should, and that the repaired host owes exactly that.
//!
//! A verifying key and the ledgers that need a proof are decided in peace. In an incident, such a ledger's shards fold
//! every position into an accumulator while they are read. Once a state was chosen and the host is repaired, its ledger is
//! read again as a successor; pages of both are proved in runs, and what they add up to is recorded for the reopening.

mod close_proof_accounts;
mod finish_run;
mod fix_ledger;
mod open_proof;
mod open_run;
mod open_successor;
mod override_proof;
mod prove_page;
mod record_proof;
mod register_verifying_key;
mod require_proofs;
mod seal_successor;

pub use {
    close_proof_accounts::*, finish_run::*, fix_ledger::*, open_proof::*, open_run::*, open_successor::*,
    override_proof::*, prove_page::*, record_proof::*, register_verifying_key::*, require_proofs::*, seal_successor::*,
};

use anchor_lang::prelude::*;
use bulkhead_interface::{layout::ProofRules, seeds::SEED_PROOF_RULES};
use bytemuck::Zeroable;

use crate::{current::if_there, pda};

/// The rules at their address, or those of a domain that never had any.
fn rules_or_new(account: &AccountInfo) -> Result<ProofRules> {
    Ok(if_there::<ProofRules>(account)?.map_or_else(ProofRules::zeroed, |rules| *rules))
}

/// Writes a domain's rules.
fn put_rules<'info>(
    account: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    system_program: Pubkey,
    rules: &ProofRules,
) -> Result<()> {
    let seeds: &[&[u8]] = &[SEED_PROOF_RULES, rules.domain.as_ref(), &[rules.bump]];
    pda::put(account, payer, system_program, seeds, rules)
}
