//! From the state that was chosen to every account paid.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{self, ID as TOKEN_PROGRAM};
use bulkhead::instructions::{BatchLeaf, ClaimArgs, ClaimBatchArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{restoration::claims::locate, snapshots::merkle::range_proof};
use bulkhead_interface::{
    constants::{SHARDS, claim_wish},
    layout::{ClaimPage, ClaimRedirect, Restoration, SnapshotShard},
};
use bulkhead_testbed::associated_token;
use solana_signer::Signer;

use super::{Move, Table};
use crate::{
    acts::{Act, Money},
    books::Plan,
    watching::Fact,
};

impl Table<'_> {
    pub(super) fn restore(&mut self) -> Option<Move> {
        let plans = self.site.plans.len();
        // Mostly the latest; claims on older ones never end.
        let back = if self.rng.percent(80) { 0 } else { self.rng.index(plans) };
        let plan = self.site.plans.iter().rev().nth(back)?.clone();
        let mut steps = self.plan_steps(&plan);
        // The recovery accounts first, half of the time: they are full once.
        let draw = steps
            .iter()
            .position(|made| made.name == "fund_from_recovery_account" && self.would_work(made));
        match draw {
            Some(place) if self.rng.percent(50) => Some(steps.swap_remove(place)),
            _ => self.workable(steps),
        }
    }

    fn keys_of_plan(&self, plan: &Plan) -> ix::RestorationKeys {
        ix::RestorationKeys {
            restoration: plan.key,
            mint: self.site.protocol.mint,
            token_program: TOKEN_PROGRAM,
        }
    }

    fn plan_steps(&mut self, plan: &Plan) -> Vec<Move> {
        let (keys, payer, renter) = (self.keys_of_plan(plan), self.payer(), self.renter());
        let pool = pda::pool(&plan.key);
        let balance = self.machine.balance(&pool);
        let lacking = (plan.total - plan.paid_sum()).saturating_sub(balance);
        let funder = self.rng.index(self.site.users.len());
        let source = self.site.users[funder];
        let amount = self.up_to(lacking.min(self.machine.balance(&source)));
        let home = associated_token(&self.domain(), &self.site.protocol.mint);
        let user = self.site.user(funder).pubkey();
        let move_of = |name, signer, instruction, act| Move {
            name,
            instruction,
            signer,
            act: Act::Money(plan.key, act),
        };
        let fund = ix::fund_restoration(keys, user, source, amount);
        let mut steps = vec![
            move_of("fund_restoration", user, fund, Money::Fund(amount)),
            move_of("share_out", payer, ix::share_out(plan.key, plan.incident), Money::Share),
            move_of(
                "open_claim_page",
                payer,
                ix::open_claim_page(plan.key, renter, 0),
                Money::Page,
            ),
            move_of("return_surplus", payer, ix::return_surplus(keys, home), Money::Surplus),
        ];
        for (_, vault) in &self.now.vaults {
            let key = pda::vault(&vault.domain, &vault.mint, vault.index);
            let draw = ix::fund_from_recovery_account(keys, vault.domain, key, vault.evacuation.destination);
            steps.push(move_of("fund_from_recovery_account", payer, draw, Money::Draw(key)));
        }
        if let Some(page) = self.machine.try_load::<ClaimPage>(&pda::claim_page(&plan.key, 0)) {
            let close = ix::close_claim_page(plan.key, page.payer, 0);
            steps.push(move_of("close_claim_page", payer, close, Money::Page));
        }
        if self.rng.percent(4) {
            let gift = spl_token::instruction::transfer(&TOKEN_PROGRAM, &source, &pool, &user, &[], 1);
            steps.push(move_of("gift", user, gift.expect("well formed"), Money::Gift));
        }
        for _ in 0..2 {
            steps.extend(self.claim(plan));
        }
        steps.extend(self.claim_batch(plan));
        steps.extend(self.wish(plan));
        steps
    }

    /// Neighbours from a random leaf on, with what each of their claims takes.
    fn neighbours(&mut self, plan: &Plan) -> Vec<(ix::ClaimKeys, ClaimArgs)> {
        let Some(tree) = plan.tree.as_ref() else {
            return vec![];
        };
        let leaves: Vec<_> = tree.leaves().map(|(index, leaf)| (index, *leaf)).collect();
        let runs: Vec<_> = leaves.chunk_by(|(one, _), (other, _)| one + 1 == *other).collect();
        if runs.is_empty() {
            return vec![];
        }
        let run = self.rng.pick(&runs);
        let first = self.rng.index(run.len());
        let count = 1 + self.rng.index(3);
        let chosen = run.iter().skip(first).take(count);
        let mint = self.site.protocol.mint;
        let ready = chosen.filter_map(|(index, leaf)| {
            let owner = leaf.owner;
            let seeds: &[&[u8]] = &[owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
            let (destination, destination_bump) =
                Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
            let number = bulkhead_core::snapshots::merkle::shard_of(leaf.key.as_array());
            let keys = ix::ClaimKeys {
                snapshot: plan.snapshot,
                shard: self.shard_of(&plan.snapshot, number)?,
                page: locate(tree.roots(), *index)?.page,
                owner,
                owner_signs: false,
                destination,
            };
            let args = ClaimArgs {
                index: *index,
                key: leaf.key,
                amount: leaf.amount,
                destination_bump,
                proof: tree.prove(&leaf.key)?.claim_bytes().to_vec(),
            };
            Some((keys, args))
        });
        ready.collect()
    }

    fn claim_batch(&mut self, plan: &Plan) -> Option<Move> {
        let ready = self.neighbours(plan);
        let [(keys, first), ..] = ready.as_slice() else {
            return None;
        };
        let (_, last) = ready.last()?;
        let args = ClaimBatchArgs {
            first: first.index,
            leaves: ready
                .iter()
                .map(|(_, args)| BatchLeaf {
                    key: args.key,
                    amount: args.amount + u64::from(self.rng.percent(3)),
                    destination_bump: args.destination_bump,
                })
                .collect(),
            proof: range_proof((first.index, &first.proof), (last.index, &last.proof))?,
        };
        let others = ready.iter().skip(1).map(|(keys, _)| (keys.owner, keys.destination));
        let leaves = ready
            .iter()
            .map(|(keys, args)| (args.index, keys.owner, keys.destination));
        Some(Move {
            name: "claim_batch",
            instruction: ix::claim_batch(self.keys_of_plan(plan), *keys, others, args),
            signer: self.payer(),
            act: Act::Money(plan.key, Money::Batch(leaves.collect())),
        })
    }

    /// An owner wishes something, or somebody consumes its claim: with the owner's signature, by its wish, or without.
    fn wish(&mut self, plan: &Plan) -> Option<Move> {
        let ready = self.neighbours(plan);
        let (keys, args) = ready.first()?.clone();
        let consumer = self.site.stranger();
        let domain = self.domain();
        if self.rng.percent(40) {
            if !self.site.holds(&keys.owner) {
                return None;
            }
            let kind = self
                .rng
                .pick(&[claim_wish::CONSUMED_BY, claim_wish::CONSUMED_BY, claim_wish::NONE, 4]);
            let to = if kind == claim_wish::CONSUMED_BY {
                consumer
            } else {
                Pubkey::default()
            };
            return Some(Move {
                name: "wish_claims",
                instruction: ix::wish_claims(domain, keys.owner, self.renter(), kind, to),
                signer: keys.owner,
                act: Act::Other,
            });
        }
        let keys = ix::ClaimKeys {
            destination: self.user(),
            owner_signs: self.site.holds(&keys.owner) && self.rng.percent(25),
            ..keys
        };
        let index = args.index;
        let at = (domain, self.machine.load::<Restoration>(&plan.key).ledger_index);
        Some(Move {
            name: "consume_claim",
            instruction: ix::consume_claim(self.keys_of_plan(plan), keys, at, consumer, args),
            signer: consumer,
            act: Act::Money(plan.key, Money::Claim(index, None)),
        })
    }

    fn claim(&mut self, plan: &Plan) -> Option<Move> {
        let tree = plan.tree.as_ref()?;
        let leaves: Vec<_> = tree.leaves().map(|(_, leaf)| leaf.key).collect();
        let key = (!leaves.is_empty()).then(|| self.rng.pick(&leaves))?;
        let proof = tree.prove(&key)?;
        let (owner, mint) = (proof.position.owner, self.site.protocol.mint);
        let number = bulkhead_core::snapshots::merkle::shard_of(key.as_array());
        let page = locate(tree.roots(), proof.index)?.page;
        let seeds: &[&[u8]] = &[owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
        let (associated, destination_bump) = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
        let shard = self.shard_of(&plan.snapshot, number)?;
        // A wrong amount, now and then.
        let amount = proof.position.amount + u64::from(self.rng.percent(3));
        let args = ClaimArgs {
            index: proof.index,
            key,
            amount,
            destination_bump,
            proof: proof.claim_bytes().to_vec(),
        };
        let owner_signs = self.site.holds(&owner) && self.rng.percent(25);
        let destination = if owner_signs || self.rng.percent(5) {
            self.user()
        } else {
            associated
        };
        let keys = ix::ClaimKeys {
            snapshot: plan.snapshot,
            shard,
            page,
            owner,
            owner_signs,
            destination,
        };
        let signer = if owner_signs { owner } else { self.payer() };
        let mut made = Move {
            name: "claim",
            instruction: ix::claim(self.keys_of_plan(plan), keys, args.clone()),
            signer,
            act: Act::Money(plan.key, Money::Claim(proof.index, None)),
        };
        if !self.rng.percent(35) {
            return Some(made);
        }
        // Where a proposal says, if the owner's own account is frozen.
        let route = self
            .machine
            .try_load::<ClaimRedirect>(&pda::claim_redirect(&plan.key, &owner));
        let has_route = route.is_some();
        let fact = Fact::frozen(self.machine, &associated, has_route && self.rng.percent(70));
        let destination = route.map_or(destination, |route| route.destination);
        let keys = ix::ClaimKeys { destination, ..keys };
        let domain = self.domain();
        let elsewhere = ix::claim_elsewhere(
            self.keys_of_plan(plan),
            keys,
            has_route,
            (domain, associated),
            self.rng.percent(50),
            args,
        );
        made.name = "claim_elsewhere";
        made.instruction = elsewhere;
        made.act = Act::Money(plan.key, Money::Claim(proof.index, Some(fact)));
        Some(made)
    }

    /// A sealed shard, whoever opened it.
    fn shard_of(&self, snapshot: &Pubkey, number: u8) -> Option<Pubkey> {
        assert!(usize::from(number) < SHARDS);
        let openers = self
            .site
            .crankers()
            .into_iter()
            .chain([self.payer(), self.site.sponsor()]);
        let keys = openers.map(|opener| pda::shard(snapshot, number, &opener));
        let sealed = |key: &Pubkey| {
            let shard = self.machine.try_load::<SnapshotShard>(key);
            shard.is_some_and(|shard| shard.state == bulkhead_interface::constants::snapshot_state::SEALED)
        };
        let mut sealed: Vec<_> = keys.filter(sealed).collect();
        // The one the last seal rests on has the highest number.
        sealed.sort_by_key(|key| self.machine.load::<SnapshotShard>(key).seal);
        sealed.pop()
    }
}
