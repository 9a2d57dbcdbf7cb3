//! What speaks against checkpoints, and for them: leaves, nodes, samples, publications.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SHARD_SHIFT, phase},
    layout::{LeafEvidence, PositionSample},
};
use bulkhead_tests::checkpoints::published;

use super::{Move, Table};
use crate::{
    acts::Act,
    posted::{Posted, Sample},
};

impl Table<'_> {
    pub(super) fn speak_against(&mut self) -> Option<Move> {
        if self.rng.percent(30) {
            return self.sample();
        }
        if !self.site.samples.is_empty() && self.rng.percent(8) {
            return self.close_sample();
        }
        let recent: Vec<_> = self.site.posted.iter().rev().take(8).collect();
        let lies: Vec<_> = recent.iter().copied().filter(|posted| posted.is_lie()).collect();
        let among = if lies.is_empty() || self.rng.percent(40) {
            recent
        } else {
            lies
        };
        let sampled = |posted: &&Posted| {
            let mut samples = self.site.samples.iter();
            samples.any(|sample| (sample.slot, sample.ledger) == (posted.slot, posted.ledger))
        };
        let sampled = among.iter().copied().find(sampled);
        let posted = match sampled {
            Some(posted) if self.rng.percent(85) => posted,
            _ => *among.get(self.rng.index(among.len()))?,
        };
        let posted = Posted::clone(posted);
        let mut steps = self.evidence_steps(&posted);
        // What takes several steps is finished before its evidence is gone.
        let last = steps
            .iter()
            .position(|made| made.name == "compare_sample" && self.would_work(made));
        match last {
            Some(place) if self.rng.percent(80) => Some(steps.swap_remove(place)),
            _ => self.workable(steps),
        }
    }

    fn log_of(&self, ledger: u8) -> Pubkey {
        pda::checkpoint_log(&self.domain(), ledger)
    }

    fn evidence_steps(&mut self, posted: &Posted) -> Vec<Move> {
        let (domain, log, renter, slot) = (self.domain(), self.log_of(posted.ledger), self.renter(), posted.slot);
        let rows = posted.rows();
        let own = |sample: &&Sample| sample.slot == slot && sample.ledger == posted.ledger;
        let sampled = self.site.samples.iter().find(own);
        let sampled = sampled.and_then(|sample| rows.iter().position(|row| row.key == sample.key));
        let number = match (sampled, self.rng.below(10)) {
            (Some(number), 0..8) => number,
            (_, 0..4) => rows.len() - 1,
            _ => self.rng.index(rows.len()),
        };
        let leaf = posted.leaf(number);
        let evidence = |index| pda::evidence(&log, slot, index, &renter);
        let own = evidence(leaf.index);
        let shard = u8::try_from(leaf.index >> SHARD_SHIFT).unwrap_or(u8::MAX);
        let other = evidence(posted.leaf((number + 1) % rows.len()).index);
        let second = (own != other && self.machine.try_load::<LeafEvidence>(&other).is_some()).then_some(other);
        let place = (slot, leaf.index);
        let in_shard = |row: &&bulkhead_snapshot::Position| {
            bulkhead_core::snapshots::merkle::shard_of(row.key.as_array()) == shard
        };
        let leaves: Vec<_> = rows.iter().filter(in_shard).copied().collect();
        let roots = posted.roots();
        let shown = self.rng.percent(50).then_some(&roots[..]);
        let mut steps = vec![
            (
                "dispute_checkpoint",
                ix::dispute_checkpoint(domain, renter, posted.ledger, own, place, leaf.key),
            ),
            ("prove_leaf", ix::prove_leaf(log, renter, leaf.clone())),
            ("contest_checkpoint", ix::contest_checkpoint(log, own, second, shown)),
            ("close_evidence", ix::close_evidence(renter, log, own)),
            (
                "publish_leaves",
                ix::publish_leaves(log, renter, slot, shard, published(&leaves)),
            ),
            (
                "finish_publication",
                ix::finish_publication(log, renter, slot, shard, &posted.roots()),
            ),
        ];
        steps.extend(
            posted
                .contest()
                .map(|args| ("contest_node", ix::contest_node(log, args))),
        );
        for sample in self
            .site
            .samples
            .iter()
            .filter(|sample| sample.slot == slot && sample.ledger == posted.ledger)
        {
            let key = pda::sample(&log, slot, &sample.key);
            let leaf = rows.iter().position(|row| row.key == sample.key);
            let first = leaf.map(|place| evidence(posted.leaf(place).index));
            let compare = ix::compare_sample(log, key, first, None, Some(&roots));
            steps.push(("compare_sample", compare));
        }
        let payer = self.payer();
        steps
            .into_iter()
            .map(|(name, instruction)| Move {
                name,
                instruction,
                signer: payer,
                act: Act::Other,
            })
            .collect()
    }

    /// Has a position read now.
    fn sample(&mut self) -> Option<Move> {
        let (ledger, renter, slot) = (self.rng.byte(2), self.renter(), self.machine.clock().slot);
        let has_log = self.now.logs.iter().any(|(_, log)| log.ledger_index == ledger);
        if (self.now.domain.state != phase::OPERATING || !has_log) && !self.rng.percent(5) {
            return None;
        }
        let keys = self.site.holdings[usize::from(ledger)].keys();
        let key = self.rng.pick(&keys);
        Some(Move {
            name: "sample_position",
            instruction: ix::sample_position(self.domain(), renter, ledger, slot, key),
            signer: self.payer(),
            act: Act::Sample(Sample { ledger, slot, key }),
        })
    }

    fn close_sample(&mut self) -> Option<Move> {
        let sample = &self.site.samples[self.rng.index(self.site.samples.len())];
        let log = self.log_of(sample.ledger);
        let key = pda::sample(&log, sample.slot, &sample.key);
        let state: PositionSample = self.machine.try_load(&key)?;
        let made = Move {
            name: "close_sample",
            instruction: ix::close_sample(state.payer, log, key),
            signer: self.payer(),
            act: Act::Other,
        };
        self.workable(vec![made])
    }
}
