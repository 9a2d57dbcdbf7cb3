//! Accounts in the place of others: the other domain's, and forged ones.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_testbed::keypair;
use bulkhead_tests::idl::{Idl, is_free, may_be_missing};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    laws::Laws,
    moves::Move,
    rng::Rng,
    site::{Accounts, Site},
};

/// Puts an account of the other domain in the place of one of this one's.
pub fn confuse(rng: &mut Rng, laws: &Laws, at: usize, instruction: &mut Instruction) {
    let index = rng.index(instruction.accounts.len());
    let other = laws.counterpart(at, &instruction.accounts[index].pubkey);
    if let Some(meta) = instruction.accounts.get_mut(index).filter(|meta| !meta.is_signer)
        && let Some(other) = other
    {
        meta.pubkey = other;
    }
}

/// What may be wrong with an account that is ours.
#[derive(Clone, Copy, Debug)]
enum Forgery {
    /// The same bytes at another address: there they are somebody else's.
    Elsewhere,
    /// Another program's, at its address.
    Owner,
    /// Cut short.
    Cut,
    /// Of another kind.
    Kind,
    /// Of a version that nobody knows.
    Version,
    /// Not there.
    Closed,
}

/// Accounts that are not read, or whose absence is an answer. Nobody but the program can put anything at their addresses.
const UNREAD: &[(&str, &str)] = &[
    ("choose_restoration", "log"),
    ("seal_snapshot", "restoration"),
    ("override_seal", "restoration"),
    // Of a shard that was begun: its address says which log's it is.
    ("publish_leaves", "log"),
];

/// Accounts that are closed only once nothing more depends on them: without them the call works, at their address alone.
const CLOSED_FOR_GOOD: &[(&str, &str)] = &[("close_claim_page", "restoration")];

/// Sends a call that would work with one of the domain's own accounts forged: it must fail, whatever was forged. Then
/// everything is as it was. Tells whether there was something to forge.
pub fn forge(rng: &mut Rng, laws: &mut Laws, at: usize, made: &Move, idl: &Idl, story: &str) -> bool {
    use Forgery::{Closed, Cut, Elsewhere, Kind, Owner, Version};
    let Some(accounts) = idl.instructions.get(made.name.trim_end_matches("_returning")) else {
        return false;
    };
    let index = rng.index(made.instruction.accounts.len());
    let meta = &made.instruction.accounts[index];
    let name = accounts.get(index).map_or("remaining", |account| account.name.as_str());
    let Some(original) = laws
        .machine
        .account(&meta.pubkey)
        .filter(|account| account.owner == bulkhead::ID)
    else {
        return false;
    };
    let is_known = |(instruction, account): &(&str, &str)| (*instruction, *account) == (made.name, name);
    if meta.is_signer || original.executable || is_free(made.name, name) || UNREAD.iter().any(is_known) {
        return false;
    }
    // What an instruction makes when it is missing may be missing.
    let makes = meta.is_writable && accounts.iter().any(|account| account.name == "system_program");
    let mut kinds = vec![Elsewhere, Owner, Cut, Kind, Version];
    if !makes && !may_be_missing(made.name, name) && !CLOSED_FOR_GOOD.iter().any(is_known) {
        kinds.push(Closed);
    }
    let kind = rng.pick(&kinds);
    let (stranger, elsewhere) = (keypair("another program").pubkey(), keypair("another address").pubkey());
    let mut instruction = made.instruction.clone();
    let mut forged = original.clone();
    let mut place = meta.pubkey;
    match kind {
        Elsewhere => (place, forged.owner) = (elsewhere, stranger),
        Owner => forged.owner = stranger,
        Cut => forged.data.truncate(12),
        Kind => forged.data[0] ^= 1,
        Version => forged.data[8] ^= 2,
        Closed => forged = Account::default(),
    }
    if place == elsewhere {
        instruction.accounts[index].pubkey = elsewhere;
    }
    laws.machine.write_account(&place, forged);
    let signers = laws.sites[at].signers(&laws.machine, &instruction);
    let works = laws.machine.would_work(&[instruction], &signers);
    assert!(!works, "{story}: with {name} forged, {kind:?}");
    let before = if place == elsewhere {
        Account::default()
    } else {
        original
    };
    laws.machine.write_account(&place, before);
    true
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
            self.protocol.recovery_account,
            pda::incident(&domain, state.domain.incident_count.saturating_sub(1)),
        ];
        all.extend(&self.users);
        all.extend(self.model.proposals.keys().next());
        all
    }
}
