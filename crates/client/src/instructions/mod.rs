//! Instruction builders, one module per topic. Derivable accounts are derived here. Values that only the chain knows (a
//! stored bump, a count) are parameters.

mod ballots;
mod breakers;
mod checkpoints;
mod claim_terms;
mod contagion;
mod custody;
mod detectors;
mod direct;
mod domain;
mod escape;
mod host;
mod insurance;
mod interim;
mod messages;
mod pause;
mod proofs;
mod proposals;
mod restoration;
mod snapshots;
mod upgrade;

pub use {
    ballots::*, breakers::*, checkpoints::*, claim_terms::*, contagion::*, custody::*, detectors::*, direct::*,
    domain::*, escape::*, host::*, insurance::*, interim::*, messages::*, pause::*, proofs::*, proposals::*,
    restoration::*, snapshots::*, upgrade::*,
};

use anchor_lang::{
    InstructionData, ToAccountMetas,
    prelude::{AccountMeta, Pubkey},
    solana_program::{instruction::Instruction, system_program},
};
use bulkhead::{accounts::ConfigAuthority, authority::INSTRUCTIONS_SYSVAR};

use crate::pda;

/// An instruction of the Bulkhead program.
fn build(accounts: &impl ToAccountMetas, data: &impl InstructionData) -> Instruction {
    Instruction {
        program_id: bulkhead::ID,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}

/// [`build`] with additional accounts after the declared ones.
fn build_with(
    accounts: &impl ToAccountMetas,
    data: &impl InstructionData,
    remaining: impl IntoIterator<Item = AccountMeta>,
) -> Instruction {
    let mut instruction = build(accounts, data);
    instruction.accounts.extend(remaining);
    instruction
}

/// The authority of an act that configures or loosens: the setup authority without a proposal, or anyone with a matured
/// one.
#[derive(Clone, Copy)]
pub struct Authority {
    /// The signer.
    pub signer: Pubkey,
    /// The domain.
    pub domain: Pubkey,
    /// The matured proposal; `None` during set-up.
    pub proposal: Option<Pubkey>,
}

impl Authority {
    fn accounts(&self) -> ConfigAuthority {
        ConfigAuthority {
            authority: self.signer,
            domain: self.domain,
            council: pda::council(&self.domain),
            proposal: self.proposal,
            instructions: INSTRUCTIONS_SYSVAR,
        }
    }
}
