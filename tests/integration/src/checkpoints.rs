//! A protocol whose attesters post checkpoints, and trees that lie.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{ContestNodeArgs, OpenCheckpointLogArgs, PostCheckpointArgs, ProveLeafArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    checkpoints::checkpoint,
    snapshots::{merkle, root},
};
use bulkhead_interface::{
    constants::{MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS},
    layout::{Checkpoint, CheckpointLog, LeafEvidence, Node, ShardRoot},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol};
use bytemuck::Zeroable;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    recovery::{LEDGER, Recovery},
    world,
};

/// The rules of every [`Watched`] log: two of three attesters.
#[must_use]
pub fn rules() -> OpenCheckpointLogArgs {
    OpenCheckpointLogArgs {
        ledger_index: LEDGER,
        threshold: 2,
        min_interval_slots: MIN_CHECKPOINT_INTERVAL,
        keep_seconds: MIN_KEEP_SECONDS,
        tolerance_bps: 100,
        published_only: false,
    }
}

/// A protocol with a checkpoint log. Members 0, 1 and 2 attest.
pub struct Watched {
    pub machine: Machine,
    pub protocol: Protocol,
    pub log: Pubkey,
}

impl Default for Watched {
    fn default() -> Self {
        Self::new()
    }
}

impl Watched {
    /// Opens the log by proposal.
    #[must_use]
    pub fn new() -> Self {
        let (mut machine, protocol) = world();
        let authority = protocol.mature(&mut machine, &rules());
        let open = ix::open_checkpoint_log(authority, machine.payer.pubkey(), rules());
        protocol.must(&mut machine, &[open], &[]);
        let log = pda::checkpoint_log(&protocol.domain, LEDGER);
        Self { machine, protocol, log }
    }

    /// A slot that has just ended, with its hash in the sysvar.
    pub fn slot(&mut self) -> u64 {
        self.machine.next_slot();
        self.machine.write_slot_hashes(&[]);
        self.machine.clock().slot - 1
    }

    /// The tag of this log's leaves at a slot.
    #[must_use]
    pub fn tag(&self, slot: u64) -> [u8; 32] {
        checkpoint::tag(&bulkhead::ID, &self.log, LEDGER, slot)
    }

    /// The honest tree of a slot.
    #[must_use]
    pub fn tree(&self, slot: u64, positions: Vec<Position>) -> Tree {
        Tree::build(self.tag(slot), positions).unwrap_or_else(|error| panic!("{error}"))
    }

    /// `post_checkpoint` by a member, while the host says the same total.
    ///
    /// # Errors
    /// What the program says.
    pub fn post(&mut self, member: usize, args: PostCheckpointArgs) -> Result<Outcome, Failure> {
        let total = args.total;
        self.post_beside(member, args, total)
    }

    /// The same while the host says another total.
    ///
    /// # Errors
    /// What the program says.
    pub fn post_beside(&mut self, member: usize, args: PostCheckpointArgs, total: u64) -> Result<Outcome, Failure> {
        self.protocol.write_total(&mut self.machine, total);
        let post = self.posting(member, args);
        self.machine.send(&[post], &[&self.protocol.members[member]])
    }

    /// `post_checkpoint` by a member, as an instruction.
    #[must_use]
    pub fn posting(&self, member: usize, args: PostCheckpointArgs) -> Instruction {
        let (domain, total) = (self.protocol.domain, self.protocol.total_account);
        ix::post_checkpoint(domain, self.protocol.members[member].pubkey(), LEDGER, total, args)
    }

    /// `attest_checkpoint` by a member, of the checkpoint as it stands.
    ///
    /// # Errors
    /// What the program says.
    pub fn attest(&mut self, member: usize, slot: u64) -> Result<Outcome, Failure> {
        let hash = self.entry(slot).hash;
        let member = &self.protocol.members[member];
        let attest = ix::attest_checkpoint(self.protocol.domain, member.pubkey(), LEDGER, slot, hash);
        self.machine.send(&[attest], &[member])
    }

    /// An honest checkpoint of these positions, posted by member 0 and attested by member 1.
    pub fn attested(&mut self, positions: Vec<Position>) -> (u64, Tree) {
        let slot = self.slot();
        let tree = self.tree(slot, positions);
        let args = statement(slot, tree.root(), tree.roots());
        self.must_post(args);
        (slot, tree)
    }

    /// A checkpoint that lies, posted by member 0 and attested by member 1.
    pub fn attested_lie(&mut self, rows: &[Position]) -> (u64, Forged) {
        let slot = self.slot();
        let tree = Forged::new(self.tag(slot), rows);
        self.must_post(statement(slot, &tree.root, &tree.roots));
        (slot, tree)
    }

    fn must_post(&mut self, args: PostCheckpointArgs) {
        let slot = args.slot;
        for result in [self.post(0, args), self.attest(1, slot)] {
            if let Err(failure) = result {
                panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
            }
        }
    }

    /// The log as it stands.
    #[must_use]
    pub fn log(&self) -> CheckpointLog {
        self.machine.load(&self.log)
    }

    /// The checkpoint of a slot.
    #[must_use]
    pub fn entry(&self, slot: u64) -> Checkpoint {
        *checkpoint::find(&self.log(), slot).unwrap_or_else(|error| panic!("{slot}: {error:?}"))
    }

    /// Proves a leaf, and gives the evidence's address.
    ///
    /// # Errors
    /// What the program says.
    pub fn prove(&mut self, args: ProveLeafArgs) -> Result<Pubkey, Failure> {
        let payer = self.machine.payer.pubkey();
        let evidence = pda::evidence(&self.log, args.slot, args.index, &payer);
        self.machine.send(&[ix::prove_leaf(self.log, payer, args)], &[])?;
        Ok(evidence)
    }

    /// `contest_checkpoint`.
    ///
    /// # Errors
    /// What the program says.
    pub fn contest(&mut self, first: Pubkey, second: Option<Pubkey>) -> Result<Outcome, Failure> {
        self.machine
            .send(&[ix::contest_checkpoint(self.log, first, second, None)], &[])
    }

    /// `contest_checkpoint` with a leaf and what the checkpoint says of its shards.
    ///
    /// # Errors
    /// What the program says.
    #[allow(clippy::result_large_err)]
    pub fn contest_counts(&mut self, leaf: Pubkey, roots: &[ShardRoot]) -> Result<Outcome, Failure> {
        let contest = ix::contest_checkpoint(self.log, leaf, None, Some(roots));
        self.machine.send(&[contest], &[])
    }

    /// `dispute_checkpoint` with a leaf that this machine's payer proved.
    #[must_use]
    pub fn disputing(&self, evidence: Pubkey) -> Instruction {
        let leaf: LeafEvidence = self.machine.load(&evidence);
        let payer = self.machine.payer.pubkey();
        let place = (leaf.slot, leaf.index);
        ix::dispute_checkpoint(self.protocol.domain, payer, LEDGER, evidence, place, leaf.key)
    }

    /// `open_checkpoint_snapshot`.
    ///
    /// # Errors
    /// What the program says.
    pub fn open_snapshot(&mut self, incident: Pubkey, slot: u64, roots: &[ShardRoot]) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        let open = ix::open_checkpoint_snapshot(self.protocol.domain, payer, incident, LEDGER, slot, roots);
        self.machine.send(&[open], &[])
    }

    /// Holds the domain in the next slot.
    pub fn freeze(&mut self) -> Pubkey {
        self.machine.next_slot();
        self.protocol.freeze(&mut self.machine)
    }

    /// Holds the domain, opens the checkpoint's snapshot and the shards that have leaves: ready to be
    /// voted on.
    #[must_use]
    pub fn into_recovery(mut self, slot: u64, tree: Tree) -> (Machine, Recovery) {
        let incident = self.freeze();
        if let Err(failure) = self.open_snapshot(incident, slot, tree.roots()) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
        let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
        let payer = self.machine.payer.pubkey();
        for number in 0..16 {
            if let Some(shard) = tree.shard(number).filter(|shard| shard.count > 0) {
                let open = ix::open_checkpoint_shard(payer, snapshot, number, &shard.canopy);
                self.protocol.must(&mut self.machine, &[open], &[]);
            }
        }
        let recovery = Recovery {
            incident,
            snapshot,
            ballot: pda::ballot(&incident, LEDGER),
            restoration: pda::restoration(&incident, LEDGER),
            tree,
            protocol: self.protocol,
        };
        (self.machine, recovery)
    }
}

/// What an attester posts about a slot.
#[must_use]
pub fn statement(slot: u64, root: &Node, roots: &[ShardRoot; 16]) -> PostCheckpointArgs {
    PostCheckpointArgs {
        slot,
        slot_hash: Machine::slot_hash(slot),
        root: root.hash,
        total: root.sum,
        count: roots.iter().map(|shard| u64::from(shard.count)).sum(),
        shards_hash: checkpoint::shards_hash(roots),
    }
}

/// Leaves as they are published.
#[must_use]
pub fn published(rows: &[Position]) -> Vec<u8> {
    let leaf = |row: &Position| [row.key.as_ref(), row.owner.as_ref(), &row.amount.to_le_bytes()].concat();
    rows.iter().flat_map(leaf).collect()
}

/// Arguments that prove a leaf of an honest tree.
#[must_use]
pub fn leaf_of(slot: u64, tree: &Tree, key: &Pubkey) -> ProveLeafArgs {
    let proof = tree.prove(key).unwrap_or_else(|| panic!("{key} has no leaf"));
    leaf_args(slot, proof.index, proof.position, &proof.siblings)
}

fn leaf_args(slot: u64, index: u32, Position { key, owner, amount }: Position, siblings: &[Node]) -> ProveLeafArgs {
    ProveLeafArgs {
        slot,
        index,
        key,
        owner,
        amount,
        proof: bytemuck::cast_slice(siblings).to_vec(),
    }
}

/// A tree of at most sixteen leaves in shard 0, in any order and of any keys: what a liar would post.
#[derive(Clone)]
pub struct Forged {
    pub root: Node,
    pub roots: [ShardRoot; 16],
    pub canopy: [Node; 16],
    pub rows: Vec<Position>,
}

impl Forged {
    /// Row i becomes leaf i.
    #[must_use]
    pub fn new(tag: [u8; 32], rows: &[Position]) -> Self {
        let mut canopy = [Node::zeroed(); 16];
        for ((cap, row), index) in canopy.iter_mut().zip(rows).zip(0..) {
            *cap = merkle::leaf(&tag, index, row.key.as_array(), row.owner.as_array(), row.amount);
        }
        let mut roots = [root::empty_shard(); 16];
        roots[0].root = merkle::over_sixteen(&canopy).unwrap_or_else(|error| panic!("{error:?}"));
        roots[0].count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let (root, _) = root::seal(&mut roots).unwrap_or_else(|error| panic!("{error:?}"));
        Self {
            root,
            roots,
            canopy,
            rows: rows.to_vec(),
        }
    }

    /// Arguments that prove leaf `index`.
    #[must_use]
    pub fn leaf(&self, slot: u64, index: u32) -> ProveLeafArgs {
        let mut siblings = path(&self.canopy, index as usize);
        siblings.extend(path(&self.roots.map(|shard| shard.root), 0));
        leaf_args(slot, index, self.rows[index as usize], &siblings)
    }
}

/// A tree of two nodes of which one says `by` more than is below it, and the arguments that show it.
#[must_use]
pub fn inflated(slot: u64, tree: &Forged, by: u64) -> (PostCheckpointArgs, ContestNodeArgs) {
    // The left half of the ledger's root, and its two children.
    let roots = tree.roots.map(|shard| shard.root);
    let half = |nodes: &[Node]| {
        let mut row = nodes.to_vec();
        while row.len() > 2 {
            row = above(&row);
        }
        [row[0], row[1]]
    };
    let children = half(&roots[..8]);
    let mut left = above(&children)[0];
    let right = above(&half(&roots[8..]))[0];
    left.sum += by;
    let root = above(&[left, right])[0];
    let mut args = statement(slot, &root, &tree.roots);
    args.total = root.sum;
    let contest = ContestNodeArgs {
        slot,
        path: 0,
        sum: left.sum,
        preimage: [&[merkle::NODE_PREFIX], bytemuck::cast_slice(&children)].concat(),
        proof: bytemuck::bytes_of(&right).to_vec(),
    };
    (args, contest)
}

/// The row above.
fn above(row: &[Node]) -> Vec<Node> {
    row.chunks(2)
        .map(|pair| merkle::inner(&pair[0], &pair[1]).unwrap_or_else(|error| panic!("{error:?}")))
        .collect()
}

/// Siblings of node `at`, four levels up.
fn path(nodes: &[Node; 16], mut at: usize) -> Vec<Node> {
    let (mut row, mut siblings) = (nodes.to_vec(), vec![]);
    while row.len() > 1 {
        siblings.push(row[at ^ 1]);
        row = above(&row);
        at /= 2;
    }
    siblings
}
