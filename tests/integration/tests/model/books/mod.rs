//! Books of the model's own: what was brought in, voted, paid, closed and borrowed. They are kept from what was sent and
//! from balances, never by asking the program's own rules.

mod notes;
mod plans;
mod reasons;
mod rent;
mod votes;

pub use {notes::*, plans::*, reasons::*, rent::*, votes::*};

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_testbed::Machine;
use solana_instruction::Instruction;
use solana_signer::Signer;

/// What can be seen of an account from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub lamports: u64,
    pub owner: Pubkey,
    pub tokens: u64,
}

/// The accounts of an instruction, before it was sent or after.
pub struct Scene(BTreeMap<Pubkey, Seen>);

impl Scene {
    pub fn of(machine: &Machine, instruction: &Instruction) -> Self {
        let keys = instruction.accounts.iter().map(|meta| meta.pubkey);
        let seen = keys.chain([machine.payer.pubkey()]).filter_map(|key| {
            let account = machine.account(&key)?;
            let seen = Seen {
                lamports: account.lamports,
                owner: account.owner,
                tokens: if account.owner == anchor_spl::token::ID {
                    machine.balance(&key)
                } else {
                    0
                },
            };
            Some((key, seen))
        });
        Self(seen.collect())
    }

    pub fn get(&self, key: &Pubkey) -> Option<&Seen> {
        self.0.get(key)
    }

    pub fn tokens(&self, key: &Pubkey) -> u64 {
        self.0.get(key).map_or(0, |seen| seen.tokens)
    }

    pub fn lamports(&self, key: &Pubkey) -> u64 {
        self.0.get(key).map_or(0, |seen| seen.lamports)
    }

    pub fn keys(&self) -> impl Iterator<Item = &Pubkey> {
        self.0.keys()
    }
}
