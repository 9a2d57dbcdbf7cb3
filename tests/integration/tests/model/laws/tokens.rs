//! Tokens are conserved, and leave the domain's accounts within limits or by a decision only.

use anchor_lang::prelude::Pubkey;
use bulkhead::decision::Decision;
use bulkhead_client::pda;
use bulkhead_core::breakers::window::put_back;
use bulkhead_guard::{action, effective_mask, ramp_bps};
use bulkhead_interface::{constants::vault_state, layout::DepositNote};

use super::{Laws, Outflow};
use crate::{
    acts::{Act, Money},
    args::Args,
    moves::Move,
    site::Accounts,
};

impl Laws {
    /// Tokens neither come nor go, and leave custody by a release or an evacuation only.
    pub(super) fn conserve(&mut self, at: usize, before: &Accounts, made: &Move, story: &str) {
        let (site, after) = (&self.sites[at], &self.states[at]);
        let mint = site.protocol.mint;
        assert_eq!(self.machine.mint(&mint).supply, site.supply, "{story}: supply");
        assert_eq!(self.machine.circulation(&mint), site.supply, "{story}: circulation");
        let less = |old: &[(Pubkey, u64)], new: &[(Pubkey, u64)]| -> Vec<(Pubkey, u64)> {
            let both = old.iter().zip(new).filter(|((_, old), (_, new))| new < old);
            both.map(|((key, old), (_, new))| (*key, old - new)).collect()
        };
        for (purse, amount) in less(&before.purses, &after.purses) {
            let is_due = matches!(
                made.act,
                Act::Execute(Args {
                    decision: Decision::RunInstruction(_),
                    ..
                }) | Act::Money(_, Money::Draw(_))
            );
            assert!(is_due, "{story}: {amount} left {purse}");
        }
        let (custody, left) = (&before.custody, less(&before.custody, &after.custody));
        assert_eq!(custody.len(), after.custody.len());
        for (vault, amount) in left {
            let (_, state) = before.vaults.iter().find(|(key, _)| *key == vault).expect("it exists");
            let breaker = state.breaker;
            match &made.act {
                Act::Release(own, asker) if *own == vault => {
                    let is_moved =
                        state.state == vault_state::EVACUATED && state.evacuated_slot >= before.board().unpaused_slot;
                    assert!(!is_moved, "{story}: paid after its evacuation");
                    let covered = asker.map_or(0, |owner| self.covered(at, before, (vault, owner), amount, made));
                    self.count(before, breaker, amount - covered, story);
                }
                Act::Evacuate(own) if *own == vault => {
                    let custody = self.machine.balance(&pda::custody(&vault));
                    assert_eq!(custody, 0, "{story}: evacuated in part");
                }
                _ => panic!("{story}: {amount} left custody"),
            }
        }
    }

    /// What of a release its owner had brought in: nothing if it was paid to somebody else, who then has no note that
    /// covers anything.
    fn covered(
        &mut self,
        at: usize,
        before: &Accounts,
        (vault, owner): (Pubkey, Pubkey),
        amount: u64,
        made: &Move,
    ) -> u64 {
        let site = &mut self.sites[at];
        let destination = made.instruction.accounts[5].pubkey;
        let own = (0..site.users.len()).find(|user| site.users[*user] == destination);
        let now = self.machine.clock().unix_timestamp;
        let vault_state = before
            .vaults
            .iter()
            .find(|(key, _)| *key == vault)
            .expect("it exists")
            .1;
        let breaker = before
            .breakers
            .iter()
            .find(|(key, _)| *key == vault_state.breaker)
            .expect("it exists")
            .1;
        let is_owner = own.is_some_and(|user| solana_signer::Signer::pubkey(site.user(user)) == owner);
        // The account may be another's note, or none.
        let note = made.instruction.accounts.get(11).map(|meta| meta.pubkey);
        let has_note = note == Some(pda::deposit_note(&vault, &owner))
            && note.is_some_and(|note| self.machine.try_load::<DepositNote>(&note).is_some());
        if is_owner && has_note {
            site.notes.take(vault, owner, amount, &breaker, now)
        } else {
            0
        }
    }

    /// Notes an outflow, and adds up every window and slot that ends with it.
    pub(super) fn count(&mut self, before: &Accounts, key: Pubkey, amount: u64, story: &str) {
        let clock = self.machine.clock();
        let (slot, now) = (clock.slot, clock.unix_timestamp);
        let (_, mut breaker) = *before.breakers.iter().find(|(own, _)| *own == key).expect("it exists");
        // What a guardian has lowered stays so for its time only.
        put_back(&mut breaker, now);
        let closed = effective_mask(&before.board, breaker.compartment, now).expect("a board");
        assert_eq!(closed & action::WITHDRAW, 0, "{story}: let out while paused");
        let stage = ramp_bps(&before.board, breaker.compartment).expect("a board");
        let share = |limit: u64| u128::from(limit) / u128::from(breaker.shards);
        let staged = |limit: u64| share(limit) * u128::from(stage) / 10_000;
        let log = self.outflows.entry(key).or_default();
        log.push(Outflow { slot, ts: now, amount });
        let sum = |within: &dyn Fn(&&Outflow) -> bool| -> u128 {
            log.iter()
                .filter(within)
                .map(|outflow| u128::from(outflow.amount))
                .sum()
        };
        let window = sum(&|outflow| outflow.ts >= now - breaker.window_seconds);
        let most = staged(breaker.limit) + staged(breaker.inflow_credit);
        assert!(window <= most, "{story}: {window} in a window");
        let in_slot = sum(&|outflow| outflow.slot == slot);
        assert!(in_slot <= staged(breaker.slot_limit), "{story}: {in_slot} in a slot");
    }
}
