//! The built program and `core::machine::checkpoints`, deed by deed: they take and refuse the same for the same reason and
//! leave the same log. So what `crates/core/tests/checkpoint_liveness` says of the machine, it says of the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use bulkhead::authority::core_error;
use bulkhead_core::{
    acts::At,
    checkpoints::checkpoint::Claim,
    machine::checkpoints::{Deed, Peace, ShownNode, ShownShards},
};

use super::*;
use crate::rng::Rng;

const SEEDS: u64 = 3;
const STEPS: usize = 250;

struct Twins {
    watched: Watched,
    peace: Peace,
    rows: Vec<Position>,
    trees: BTreeMap<u64, Tree>,
    /// Slots whose checkpoints say one leaf more than their trees have.
    belied: BTreeSet<u64>,
}

/// Says that a shard has one leaf more.
fn belie(roots: &mut [ShardRoot; 16]) {
    let shard = roots.iter_mut().find(|shard| shard.count > 0);
    shard.expect("leaves").count += 1;
}

impl Twins {
    fn new() -> Self {
        let watched = Watched::new();
        let (machine, domain) = (&watched.machine, watched.protocol.domain);
        let peace = Peace {
            at: At { slot: 0, now: 0 },
            program: bulkhead::ID,
            domain: Rc::new(machine.load(&domain)),
            council: Rc::new(machine.load(&pda::council(&domain))),
            ledger: Rc::new(machine.load(&pda::ledger(&domain, LEDGER))),
            key: watched.log,
            log: Rc::new(watched.log()),
            slot_hashes: vec![],
            total: vec![0; 8],
            evidence: BTreeMap::new(),
            disputes: BTreeMap::new(),
            samples: BTreeMap::new(),
        };
        let mut twins = Self {
            watched,
            peace,
            rows: positions(4),
            trees: BTreeMap::new(),
            belied: BTreeSet::new(),
        };
        for row in twins.rows.clone() {
            twins
                .watched
                .protocol
                .write_position(&mut twins.watched.machine, &row.key, &row.owner, row.amount);
        }
        twins.refresh();
        twins
    }

    /// The machine sees the clock and the sysvar that the program sees.
    fn refresh(&mut self) {
        self.watched.machine.write_slot_hashes(&[]);
        let clock = self.watched.machine.clock();
        self.peace.at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        let sysvar = self.watched.machine.account(&SLOT_HASHES_SYSVAR).expect("written");
        self.peace.slot_hashes = sysvar.data;
    }

    fn wait(&mut self, slots: u64) {
        self.watched.machine.warp_slots(slots);
        self.refresh();
    }

    fn total(&self) -> u64 {
        self.rows.iter().map(|row| row.amount).sum()
    }

    /// Both do it, and agree.
    fn act(&mut self, signer: Option<usize>, deed: &Deed, instruction: Instruction) -> bool {
        let key = signer.map_or(self.watched.machine.payer.pubkey(), |at| {
            self.watched.protocol.members[at].pubkey()
        });
        let pure = self.peace.step(&key, deed);
        let signers: Vec<_> = signer
            .map(|at| &self.watched.protocol.members[at])
            .into_iter()
            .collect();
        let built = self.watched.machine.send(&[instruction], &signers);
        let is_done = pure.is_ok();
        match (pure, built) {
            (Ok(next), Ok(_)) => self.peace = next,
            (Err(error), Err(failure)) => {
                let code = match core_error(error) {
                    anchor_lang::error::Error::AnchorError(error) => error.error_code_number,
                    other => panic!("{other}"),
                };
                assert_eq!(failure.code(), Some(code), "{deed:?}: {error:?}, {}", failure.error);
            }
            (pure, built) => panic!(
                "{deed:?}: the machine says {:?}, the program {:?}",
                pure.err(),
                built.err().map(|failure| failure.error.clone())
            ),
        }
        let log = self.watched.log();
        assert!(
            bytemuck::bytes_of(&log) == bytemuck::bytes_of(&*self.peace.log),
            "{deed:?}: the logs differ"
        );
        is_done
    }

    fn say(&mut self, total: u64) {
        self.watched.protocol.write_total(&mut self.watched.machine, total);
        let machine = self.peace.step(&Pubkey::default(), &Deed::Say(total));
        self.peace = machine.expect("eight bytes");
    }

    fn post(&mut self, rng: &mut Rng) -> bool {
        let slot = self.peace.at.slot - rng.pick(&[1, 1, 1, 2, 0, 600]);
        let mut rows = self.rows.clone();
        if rng.percent(20) {
            rows.pop();
        }
        let tree = self.watched.tree(slot, rows);
        let mut roots = *tree.roots();
        let is_belied = rng.percent(20);
        if is_belied {
            belie(&mut roots);
        }
        let mut said = statement(slot, tree.root(), &roots);
        if rng.percent(5) {
            said.slot_hash[31] ^= 1;
        }
        let claim = Claim {
            slot,
            slot_hash: said.slot_hash,
            root: said.root,
            total: said.total,
            count: said.count,
            shards_hash: said.shards_hash,
        };
        let total = rng.pick(&[self.total(), self.total(), tree.root().sum, 0, u64::MAX]);
        self.say(total);
        let member = rng.index(5);
        let post = self.watched.posting(member, said);
        let is_done = self.act(Some(member), &Deed::Post(claim), post);
        if is_done {
            self.trees.insert(slot, tree);
            if is_belied {
                self.belied.insert(slot);
            }
        }
        is_done
    }

    /// A deed about one of the checkpoints there are.
    fn about_one(&mut self, rng: &mut Rng) -> bool {
        let slots: Vec<_> = checkpoint::entries(&self.peace.log).map(|entry| entry.slot).collect();
        if slots.is_empty() {
            return false;
        }
        let slot = slots[rng.index(slots.len())];
        let (log, payer) = (self.watched.log, self.watched.machine.payer.pubkey());
        let entry = self.watched.entry(slot);
        let leaves: Vec<_> = self
            .rows
            .iter()
            .filter(|row| self.trees[&slot].prove(&row.key).is_some())
            .map(|row| leaf_of(slot, &self.trees[&slot], &row.key))
            .collect();
        let leaf = leaves[rng.index(leaves.len())].clone();
        let other = leaves[rng.index(leaves.len())].clone();
        let (at, beside) = ((slot, leaf.index), (slot, other.index));
        let evidence = |at: &(u64, u32)| pda::evidence(&log, at.0, at.1, &payer);
        match rng.below(6) {
            0 => {
                let mut hash = entry.hash;
                hash[0] ^= u8::from(rng.percent(10));
                let (domain, member) = (self.watched.protocol.domain, rng.index(5));
                let signer = self.watched.protocol.members[member].pubkey();
                let attest = ix::attest_checkpoint(domain, signer, LEDGER, slot, hash);
                self.act(Some(member), &Deed::Attest(slot, hash), attest)
            }
            1 => {
                let mut args = leaf;
                args.amount += u64::from(rng.percent(10));
                if self.peace.evidence.contains_key(&at) {
                    return false;
                }
                let (key, owner, siblings) = (args.key, args.owner, args.proof.clone());
                let deed = Deed::Prove(slot, args.index, key, owner, args.amount, siblings);
                self.act(None, &deed, ix::prove_leaf(log, payer, args))
            }
            2 => {
                if !self.peace.evidence.contains_key(&at) || !self.peace.evidence.contains_key(&beside) {
                    return false;
                }
                let shown = self.shards(slot, rng);
                let roots = shown.as_ref().map(|shown| &shown.0[..]);
                let contest = ix::contest_checkpoint(log, evidence(&at), Some(evidence(&beside)), roots);
                let is_done = self.act(None, &Deed::Contest(at, Some(beside), shown), contest);
                assert!(!is_done || self.belied.contains(&slot), "an honest tree was contested");
                is_done
            }
            3 => {
                let below = u32::try_from(leaf.proof.len() / 40 - 4).expect("levels");
                let (shard, place) = (leaf.index >> 20, leaf.index & 0xF_FFFF);
                let args = ContestNodeArgs {
                    slot,
                    path: (shard << below | place) ^ rng.pick(&[0, 0, 1, 1 << 31, 1 << below, 1 << (below + 4)]),
                    sum: leaf.amount + u64::from(rng.percent(10)),
                    preimage: [
                        &[0][..],
                        &self.watched.tag(slot),
                        &leaf.index.to_le_bytes(),
                        leaf.key.as_ref(),
                        leaf.owner.as_ref(),
                        &leaf.amount.to_le_bytes(),
                    ]
                    .concat(),
                    proof: leaf.proof.clone(),
                };
                let shown = ShownNode {
                    preimage: args.preimage.clone(),
                    sum: args.sum,
                    path: args.path,
                    siblings: args.proof.clone(),
                };
                let is_done = self.act(None, &Deed::ContestNode(slot, shown), ix::contest_node(log, args));
                assert!(!is_done, "an honest tree was contested");
                is_done
            }
            4 => {
                if !self.peace.evidence.contains_key(&at) {
                    return false;
                }
                let Position { owner, amount, .. } = *self.rows.iter().find(|row| row.key == leaf.key).expect("a row");
                let amount = amount + u64::from(rng.percent(50));
                self.watched
                    .protocol
                    .write_position(&mut self.watched.machine, &leaf.key, &owner, amount);
                let data = self.watched.machine.account(&leaf.key).expect("written").data;
                let dispute = self.watched.disputing(evidence(&at));
                // The address of the record says that it is there, before anything else is looked at.
                if self.peace.disputes.contains_key(&at) {
                    refused(self.watched.machine.send(&[dispute], &[]), BulkheadError::EvidenceUsed);
                    return false;
                }
                self.act(None, &Deed::Dispute(at, data), dispute)
            }
            _ => {
                let key = (slot, leaf.key);
                if !self.peace.samples.contains_key(&key) || !self.peace.evidence.contains_key(&beside) {
                    return false;
                }
                let sample = pda::sample(&log, slot, &leaf.key);
                let shown = self.shards(slot, rng);
                let roots = shown.as_ref().map(|shown| &shown.0[..]);
                let compare = ix::compare_sample(log, sample, Some(evidence(&beside)), None, roots);
                self.act(None, &Deed::Compare(key, Some(beside), None, shown), compare)
            }
        }
    }

    /// What somebody says a checkpoint's shards are: mostly what it commits to.
    fn shards(&self, slot: u64, rng: &mut Rng) -> Option<ShownShards> {
        let mut roots = *self.trees[&slot].roots();
        if self.belied.contains(&slot) != rng.percent(10) {
            belie(&mut roots);
        }
        (!rng.percent(20)).then(|| ShownShards(Rc::new(roots)))
    }

    fn sample(&mut self, rng: &mut Rng) -> bool {
        let slot = self.peace.at.slot + u64::from(rng.percent(10));
        let row = self.rows[rng.index(self.rows.len())];
        if self.peace.samples.contains_key(&(slot, row.key)) {
            return false;
        }
        let (domain, payer) = (self.watched.protocol.domain, self.watched.machine.payer.pubkey());
        let data = self.watched.machine.account(&row.key).expect("written").data;
        let take = ix::sample_position(domain, payer, LEDGER, slot, row.key);
        self.act(None, &Deed::Sample(slot, row.key, data), take)
    }
}

#[test]
fn the_program_and_the_machine_agree_on_checkpoints() {
    let mut done = [0; 3];
    for seed in 0..SEEDS {
        let mut twins = Twins::new();
        let mut rng = Rng::new(seed);
        for _ in 0..STEPS {
            let kind = match rng.below(20) {
                0..6 => 0,
                6..9 => 1,
                _ => 2,
            };
            done[kind] += usize::from(match kind {
                0 => twins.post(&mut rng),
                1 => twins.sample(&mut rng),
                _ => twins.about_one(&mut rng),
            });
            if rng.percent(40) {
                twins.wait(rng.pick(&[1, 1, 2, MIN_CHECKPOINT_INTERVAL, 300_000]));
            }
        }
    }
    assert!(done.iter().all(|done| *done > 20), "{done:?}");
}
