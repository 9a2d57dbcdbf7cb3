//! Ledgers are read while nothing may move, by several who do not wait for each other.

use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{constants::phase, layout::SnapshotShard};

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    pub(super) fn snapshot(&mut self) -> Option<Move> {
        let is_open = matches!(self.now.domain.state, phase::FROZEN | phase::RECOVERING);
        if !is_open && !self.rng.percent(10) {
            return None;
        }
        let number = self.a_ledger();
        let mut steps = self.reading_steps(number);
        steps.extend(self.checkpoint_steps(number));
        self.workable(steps)
    }

    fn reading_steps(&mut self, number: u8) -> Vec<Move> {
        let (domain, incident, renter) = (self.domain(), self.incident(), self.renter());
        let cranker = self.rng.pick(&self.site.crankers());
        let held = &self.site.holdings[usize::from(number)];
        let snapshot = pda::snapshot(&incident, number);
        let shard = pda::shard(&snapshot, held.shard, &cranker);
        // Some leave one out, which a seal must notice.
        let mut keys = held.keys();
        if self.rng.percent(10) {
            keys.remove(self.rng.index(keys.len()));
        }
        let read = match self.now.ledgers.iter().find(|(_, ledger)| ledger.index == number) {
            Some((_, ledger)) if held.is_exported => {
                let ingest = ix::ingest_export(domain, cranker, snapshot, ledger, held.shard, &keys);
                ("ingest_export", ingest)
            }
            _ => {
                let ingest = ix::ingest_positions(domain, cranker, snapshot, number, held.shard, &keys);
                ("ingest_positions", ingest)
            }
        };
        let is_sealed = self
            .machine
            .try_load::<SnapshotShard>(&shard)
            .is_some_and(|shard| shard.state != 0);
        let receiver = self.site.sponsor();
        let close = ix::close_shard(cranker, is_sealed.then_some(snapshot), shard, receiver);
        let steps = [
            (
                "open_snapshot",
                self.payer(),
                ix::open_snapshot(domain, renter, incident, number),
            ),
            (
                "open_shard",
                cranker,
                ix::open_shard(domain, cranker, renter, snapshot, held.shard),
            ),
            (read.0, cranker, read.1),
            (
                "seal_snapshot",
                self.payer(),
                ix::seal_snapshot(domain, incident, number, held.total, &[shard], &[]),
            ),
            ("close_shard", cranker, close),
        ];
        let mut steps: Vec<_> = steps
            .into_iter()
            .map(|(name, signer, instruction)| Move {
                name,
                instruction,
                signer,
                act: Act::Other,
            })
            .collect();
        // Whoever closes a shard before it is sealed delays only itself.
        if !self.rng.percent(10) {
            steps.pop();
        }
        steps[2].act = Act::Read { shard, keys };
        steps[3].act = Act::Seal {
            snapshot,
            shards: vec![shard],
        };
        steps
    }

    /// What puts a checkpoint to the vote, and takes a bad one off the table.
    fn checkpoint_steps(&mut self, number: u8) -> Vec<Move> {
        let (domain, incident, renter) = (self.domain(), self.incident(), self.renter());
        let log = pda::checkpoint_log(&domain, number);
        let own = |posted: &&crate::posted::Posted| posted.ledger == number;
        let posted: Vec<_> = self.site.posted.iter().filter(own).rev().take(4).cloned().collect();
        let mut steps = vec![];
        for posted in posted {
            let snapshot = pda::checkpoint_snapshot(&incident, number, posted.slot);
            let roots = posted.roots();
            let mut all = vec![(
                "open_checkpoint_snapshot",
                ix::open_checkpoint_snapshot(domain, renter, incident, number, posted.slot, &roots),
            )];
            let shard = posted.shard();
            all.push((
                "open_checkpoint_shard",
                ix::open_checkpoint_shard(renter, snapshot, shard, &posted.canopy()),
            ));
            all.push((
                "void_checkpoint_snapshot",
                ix::void_checkpoint_snapshot(log, incident, snapshot),
            ));
            steps.extend(all.into_iter().map(|(name, instruction)| Move {
                name,
                instruction,
                signer: self.payer(),
                act: Act::Other,
            }));
        }
        steps
    }
}
