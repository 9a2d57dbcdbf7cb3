//! Accounts in the place of others: the other domain's, and forged ones.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use solana_instruction::Instruction;

use crate::{chance::Chance, laws::Laws, site::{Accounts, Site}};

/// Puts an account of the other domain in the place of one of this one's.
pub fn confuse(chance: &mut Chance, laws: &Laws, at: usize, instruction: &mut Instruction) {
    let index = chance.index(instruction.accounts.len());
    let other = laws.counterpart(at, &instruction.accounts[index].pubkey);
    if let Some(meta) = instruction.accounts.get_mut(index).filter(|meta| !meta.is_signer)
        && let Some(other) = other
    {
        meta.pubkey = other;
    }
}

impl Laws {
    /// The account of another site that stands where `key` stands in the one at `at`.
    fn counterpart(&self, at: usize, key: &Pubkey) -> Option<Pubkey> {
        let other = (at + 1) % self.sites.len();
        let mine = self.sites[at].landmarks(&self.states[at]);
        let theirs = self.sites[other].landmarks(&self.states[other]);
        let place = mine.iter().position(|own| own == key)?;
        theirs.get(place).copied()
    }
}

impl Site {
    /// Addresses that every site has, in one order.
    fn landmarks(&self, state: &Accounts) -> Vec<Pubkey> {
        let domain = self.protocol.domain;
        let mut all = vec![
            domain,
            pda::council(&domain),
            pda::board(&domain),
            self.protocol.mint,
            self.protocol.vault.vault,
            self.protocol.vault.breaker,
            self.protocol.custody(),
            self.protocol.refuge,
            pda::incident(&domain, state.domain.incident_count.saturating_sub(1)),
        ];
        all.extend(&self.users);
        all.extend(self.model.proposals.keys().next());
        all
    }
}
