//! The way of a ledger: read, sealed, voted on, chosen, funded, paid.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    decision::Decision,
    instructions::{ChooseRestorationArgs, ClaimArgs, OverrideSealArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    restoration::claims::locate,
    snapshots::{frontier, merkle, root},
};
use bulkhead_interface::{
    constants::{SHARDS, ballot_state, snapshot_source, snapshot_state},
    layout::{Ballot, Restoration, Snapshot, SnapshotShard, Vault},
};
use bulkhead_testbed::{Machine, associated_token};
use solana_signer::Signer;

use super::honest::Honest;
use crate::args::{Args, Seal};

impl Honest<'_> {
    /// Opens the snapshot, reads what is there, seals it; by a decision where the host has lost count.
    pub(super) fn seal(&mut self, machine: &mut Machine, incident: Pubkey, number: u8) -> bool {
        let (domain, payer) = (self.site.protocol.domain, self.payer(machine));
        let held = &self.site.holdings[usize::from(number)];
        let snapshot = pda::snapshot(&incident, number);
        let Some(state) = machine.try_load::<Snapshot>(&snapshot) else {
            return self.send(
                machine,
                "open_snapshot",
                ix::open_snapshot(domain, payer, incident, number),
            );
        };
        if state.state == snapshot_state::SEALED {
            return false;
        }
        // The payer reads: nobody but it can add to its shards.
        let shard = pda::shard(&snapshot, held.shard, &payer);
        let Some(own) = machine.try_load::<SnapshotShard>(&shard) else {
            let open = ix::open_shard(domain, payer, payer, snapshot, held.shard);
            return self.send(machine, "open_shard", open);
        };
        let ledger = machine.load(&pda::ledger(&domain, number));
        let keys = held.keys();
        if own.count == 0 {
            let read = if held.is_exported {
                ix::ingest_export(domain, payer, snapshot, &ledger, held.shard, &keys)
            } else {
                ix::ingest_positions(domain, payer, snapshot, number, held.shard, &keys)
            };
            return self.send(machine, "ingest", read);
        }
        let seal = ix::seal_snapshot(domain, incident, number, held.total, &[shard], &[]);
        self.send(machine, "seal_snapshot", seal) || self.override_seal(machine, incident, number, own)
    }

    fn override_seal(&mut self, machine: &mut Machine, incident: Pubkey, number: u8, mut own: SnapshotShard) -> bool {
        let held = &self.site.holdings[usize::from(number)];
        let snapshot = pda::snapshot(&incident, number);
        let mut roots = [root::empty_shard(); SHARDS];
        let finished = match own.state {
            snapshot_state::OPEN => frontier::finish(&mut own),
            _ => frontier::finished(&own),
        };
        roots[usize::from(held.shard)] = finished.expect("it was read");
        let (node, count) = root::seal(&mut roots).expect("a small sum");
        let seal = Seal {
            incident,
            snapshot,
            ledger: number,
            total_account: held.total,
            shard: pda::shard(&snapshot, held.shard, &self.payer(machine)),
        };
        let args = OverrideSealArgs {
            snapshot,
            root: node.hash,
            total: node.sum,
            count: count.into(),
            max_excess: held.said.abs_diff(node.sum),
            max_shortfall: held.said.abs_diff(node.sum),
        };
        self.decide(machine, &Args::override_seal(args, seal))
    }

    /// Votes for what was read in the incident, and restores it.
    pub(super) fn elect(&mut self, machine: &mut Machine, incident: Pubkey, number: u8) -> bool {
        let (domain, payer) = (self.site.protocol.domain, self.payer(machine));
        let (mint, member) = (self.site.protocol.governance_mint, payer);
        let (snapshot, ballot) = (pda::snapshot(&incident, number), pda::ballot(&incident, number));
        let Some(state) = machine.try_load::<Ballot>(&ballot) else {
            return self.send(
                machine,
                "open_ballot",
                ix::open_ballot(domain, member, payer, incident, number),
            );
        };
        if self.escrow(machine) {
            return true;
        }
        let now = machine.clock().unix_timestamp;
        if state.state == ballot_state::NOMINATING {
            let add = ix::add_candidate(domain, member, ballot, snapshot);
            let starter = self.starter(machine);
            let start = ix::start_voting(domain, starter, incident, ballot, mint);
            return self.send(machine, "add_candidate", add) || self.send(machine, "start_voting", start);
        }
        if now < state.ends_ts {
            let voter = self.site.voters[0].pubkey();
            let own = state.candidates.iter().position(|row| row.snapshot == snapshot);
            let choice = own.and_then(|own| u8::try_from(own).ok()).unwrap_or(255);
            let cast = ix::cast_vote(domain, voter, payer, ballot, choice);
            return self.send(machine, "cast_vote", cast);
        }
        match bulkhead_core::ballots::ballot::winner(&state, now) {
            Ok(winner) => {
                let snapshot = state.candidates[usize::from(winner)].snapshot;
                let sealed: Snapshot = machine.load(&snapshot);
                let args = ChooseRestorationArgs {
                    incident,
                    snapshot,
                    root: sealed.root,
                    ledger_index: number,
                };
                let renew = ix::renew_ballot(domain, member, ballot, Some(snapshot));
                self.send(machine, "renew_ballot", renew)
                    || self.decide(machine, &Decision::ChooseRestoration(args).into())
            }
            Err(_) => self.send(machine, "renew_ballot", ix::renew_ballot(domain, member, ballot, None)),
        }
    }

    /// A member, who may start a vote after a day.
    fn starter(&self, machine: &Machine) -> Pubkey {
        let council = self.site.protocol.council(machine);
        let honest = bulkhead_core::domain::council::members(&council)
            .iter()
            .find(|member| member.key != self.adversary && member.roles & 3 != 0);
        honest.map_or(machine.payer.pubkey(), |member| member.key)
    }

    /// The voter has all it has in escrow.
    fn escrow(&mut self, machine: &mut Machine) -> bool {
        let (domain, mint) = (self.site.protocol.domain, self.site.protocol.governance_mint);
        let voter = self.site.voters[0].pubkey();
        let source = associated_token(&voter, &mint);
        let amount = machine.balance(&source);
        amount > 0 && {
            let deposit = ix::deposit_votes(domain, voter, source, mint, TOKEN_PROGRAM, amount);
            self.send(machine, "deposit_votes", deposit)
        }
    }

    /// Has every leaf got its share of whatever the pool received? A fraction of a unit a leaf may be left.
    pub(super) fn is_paid_out(&self, machine: &Machine, (incident, number): &(Pubkey, u8)) -> bool {
        let restoration = pda::restoration(incident, *number);
        let state: Restoration = machine.load(&restoration);
        let snapshot: Snapshot = machine.load(&state.snapshot);
        // What a checkpoint says is paid by who has its leaves.
        let is_own = snapshot.source == snapshot_source::FROZEN;
        let held = machine.balance(&pda::pool(&restoration)).min(state.total - state.paid);
        !is_own || held <= state.count
    }

    /// One step towards every leaf paid.
    pub(super) fn pay(&mut self, machine: &mut Machine, incident: Pubkey, number: u8) -> bool {
        let (payer, restoration) = (self.payer(machine), pda::restoration(&incident, number));
        let keys = self.restoration_keys(restoration);
        let (funder, source) = (self.site.user(0).pubkey(), self.site.users[0]);
        let (fund, amount) = ("fund_restoration", machine.balance(&source));
        let mut steps = vec![
            (fund, ix::fund_restoration(keys, funder, source, amount)),
            ("share_out", ix::share_out(restoration, incident)),
        ];
        for index in 0..crate::site::VAULTS {
            let vault = self.site.vault(index).vault;
            if let Some(state) = machine.try_load::<Vault>(&vault) {
                let draw = ix::fund_from_recovery_account(keys, state.domain, vault, state.evacuation.destination);
                steps.push(("fund_from_recovery_account", draw));
            }
        }
        for (what, instruction) in steps {
            if self.send(machine, what, instruction) {
                return true;
            }
        }
        let state: Restoration = machine.load(&restoration);
        let page = pda::claim_page(&restoration, 0);
        if state.paid < state.shared && machine.account(&page).is_none() {
            return self.send(machine, "open_claim_page", ix::open_claim_page(restoration, payer, 0));
        }
        state.paid < state.shared && self.claim_one(machine, restoration, number)
    }

    /// Pays the first leaf that gets anything, wherever its owner keeps tokens.
    fn claim_one(&mut self, machine: &mut Machine, restoration: Pubkey, number: u8) -> bool {
        let plan: Restoration = machine.load(&restoration);
        let snapshot: Snapshot = machine.load(&plan.snapshot);
        let held = &self.site.holdings[usize::from(number)];
        let tag = merkle::tag(&bulkhead::ID, &plan.snapshot, number);
        let all = held.tree_of(tag, &held.keys());
        // What was sealed by a decision may be a part.
        let sealed = self.site.sealed.get(&plan.snapshot).map(|keys| held.tree_of(tag, keys));
        let tree = if all.root().hash == snapshot.root {
            Some(all)
        } else {
            sealed
        };
        let Some(tree) = tree else { return false };
        let openers = [self.payer(machine)].into_iter().chain(self.site.crankers());
        let mut shards: Vec<_> = openers
            .map(|opener| pda::shard(&plan.snapshot, held.shard, &opener))
            .collect();
        shards.retain(|key| {
            let shard = machine.try_load::<SnapshotShard>(key);
            shard.is_some_and(|shard| shard.state == snapshot_state::SEALED && shard.seal == snapshot.seals)
        });
        let mint = self.site.protocol.mint;
        let leaves: Vec<_> = tree.leaves().map(|(_, leaf)| *leaf).collect();
        for (leaf, shard) in leaves
            .iter()
            .flat_map(|leaf| shards.iter().map(move |shard| (leaf, *shard)))
        {
            let proof = tree.prove(&leaf.key).expect("a leaf");
            let seeds: &[&[u8]] = &[leaf.owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
            let (associated, bump) = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
            crate::watching::Fact::frozen(machine, &associated, false).happen(machine);
            let keys = ix::ClaimKeys {
                snapshot: plan.snapshot,
                shard,
                page: locate(tree.roots(), proof.index).expect("a leaf").page,
                owner: leaf.owner,
                owner_signs: false,
                destination: associated,
            };
            let args = ClaimArgs {
                index: proof.index,
                key: leaf.key,
                amount: leaf.amount,
                destination_bump: bump,
                proof: proof.claim_bytes().to_vec(),
            };
            if self.send(
                machine,
                "claim",
                ix::claim(self.restoration_keys(restoration), keys, args),
            ) {
                return true;
            }
        }
        false
    }
}
