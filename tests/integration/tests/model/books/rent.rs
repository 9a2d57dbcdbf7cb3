//! Who paid for each account, and gets it back.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_testbed::Machine;
use solana_signer::Signer;

use super::Scene;
use crate::moves::Move;

/// What closing an account gives to somebody else than who paid, with that one's place among the accounts.
///
/// - A vote's record is worth its rent to the voter: who casts votes for others pays them that.
/// - An owner says by signature where the rent of its wish goes.
/// - A cranker says where the rent of its own shard goes, and a proposal where a detector's does.
const OTHERS: &[(&str, usize)] = &[
    ("close_vote_record", 2),
    ("close_shard", 3),
    ("close_detector", 7),
    ("wish_claims", 1),
];

/// Payers by account. What is not in it the machine's payer has paid, during set-up.
#[derive(Default)]
pub struct Rent(BTreeMap<Pubkey, Pubkey>);

impl Rent {
    /// Follows a step that worked. Fees come from the machine's payer.
    pub fn follow(&mut self, made: &Move, [before, after]: [&Scene; 2], machine: &Machine, fee: u64, story: &str) {
        let payer = machine.payer.pubkey();
        let gain = |key: &Pubkey| {
            let fee = if *key == payer { fee } else { 0 };
            i128::from(after.lamports(key)) + i128::from(fee) - i128::from(before.lamports(key))
        };
        let is_ours = |scene: &Scene, key| scene.get(key).is_some_and(|seen| seen.owner == bulkhead::ID);
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let mut due = BTreeMap::<Pubkey, i128>::new();
        for key in &keys {
            if is_ours(after, key) && !is_ours(before, key) {
                let paid = keys.iter().find(|key| gain(key) < 0);
                self.0.insert(
                    **key,
                    **paid.unwrap_or_else(|| panic!("{story}: nobody paid for {key}")),
                );
            }
            if is_ours(before, key) && !is_ours(after, key) {
                assert!(
                    after.get(key).is_none(),
                    "{story}: {key} was closed with something in it"
                );
                let paid = self.0.remove(key).unwrap_or(payer);
                *due.entry(receiver(made).unwrap_or(paid)).or_default() += i128::from(before.lamports(key));
            }
        }
        for (to, lamports) in due {
            assert_eq!(gain(&to), lamports, "{story}: rent did not come back to {to}");
        }
        let sum: i128 = keys.iter().map(|key| gain(key)).sum();
        assert_eq!(sum, 0, "{story}: lamports");
    }
}

/// Where the instruction says the rent goes, if it says so.
fn receiver(made: &Move) -> Option<Pubkey> {
    let (_, place) = OTHERS.iter().find(|(own, _)| *own == made.name)?;
    Some(made.instruction.accounts[*place].pubkey)
}
