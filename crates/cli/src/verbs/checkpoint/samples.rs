//! Samples: what the program reads of a position in a slot, compared with the checkpoint of that slot.

use std::path::Path;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{bulkhead::instructions::ProveLeafArgs, chain::ChainError, flows::Done, instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{
    constants::SHARDS,
    layout::{LeafEvidence, PositionSample, ShardRoot},
};
use bulkhead_snapshot::{Position, Snapshot};
use clap::Parser;

use super::{
    LogAt, entry_of,
    evidence::proof_args,
    files::{self, Bound, ShardsFrom},
};
use crate::{
    context::Context,
    output,
    verbs::{find, ledger_at::not_possible},
};

/// What the program says when the transaction landed in another slot.
const OTHER_SLOT: &str = "SampleOfOtherSlot";

/// Have the program read a position now, to compare it with a checkpoint of this slot
///
/// A sample names its slot, and only counts when it lands there. So this tries again until one fits. Where transactions
/// land later than they are simulated, use --skip-simulation and --ahead: each try that misses costs a fee.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint sample POSITION --domain DOMAIN")]
pub struct Sample {
    /// Address of the position
    #[arg(value_name = "POSITION")]
    position: Pubkey,
    /// How often to try
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    tries: u32,
    /// Name the slot that is this many after the node's; for --skip-simulation
    #[arg(long, value_name = "SLOTS", default_value_t = 0)]
    ahead: u64,
    #[command(flatten)]
    at: LogAt,
}

impl Sample {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        let chain = context.chain()?;
        for _ in 0..self.tries {
            let slot = chain.now().await?.slot.saturating_add(self.ahead);
            let sample = ix::sample_position(log.domain, chain.payer(), log.ledger_index, slot, self.position);
            match chain.send(&[sample]).await {
                Err(ChainError::Program { name, .. }) if name == OTHER_SLOT => {}
                Err(error) => return Err(error.into()),
                Ok(receipt) => {
                    let sample = pda::sample(&key, slot, &self.position);
                    output::note(&format!("sample {sample} of slot {slot}"));
                    let done = Done {
                        receipts: vec![receipt],
                        skipped: 0,
                    };
                    return context.finish("sample_position", &done);
                }
            }
        }
        Err(not_possible(
            format!("none of {} transactions landed in the slot that it named", self.tries),
            "try again with --skip-simulation --ahead 2, or with a node nearer to the leader",
        ))
    }
}

/// Compare a sample with the checkpoint of its slot
///
/// With the checkpoint's folder, this proves the position's leaf, or the leaves on either side of the place where it
/// would be, and then compares. Without it, name the evidence.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint compare SAMPLE --folder DIR")]
pub struct Compare {
    /// Address of the sample
    #[arg(value_name = "SAMPLE")]
    sample: Pubkey,
    /// Evidence of the position's leaf, or of the leaf before its place
    #[arg(long, value_name = "EVIDENCE")]
    first: Option<Pubkey>,
    /// Evidence of the leaf after its place
    #[arg(long, value_name = "EVIDENCE")]
    second: Option<Pubkey>,
    #[command(flatten)]
    shards: ShardsFrom,
}

impl Compare {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let next = "`bulkhead checkpoint sample` takes a sample";
        let sample: PositionSample = find::one(context, "sample", &self.sample, next).await?;
        let next = "the sample names it; is the node on the same cluster?";
        let log: bulkhead_interface::layout::CheckpointLog =
            find::one(context, "checkpoint log", &sample.log, next).await?;
        entry_of(&log, sample.slot)?;
        let bound = Bound {
            key: sample.log,
            ledger_index: log.ledger_index,
            slot: Some(sample.slot),
        };
        if let (Some(folder), None, None) = (&self.shards.folder, self.first, self.second) {
            return self.with_folder(context, &sample, &bound, folder).await;
        }
        let shards = self.shards.read(&bound)?;
        let shards = shards.as_ref().map(<[_; SHARDS]>::as_slice);
        let compare = ix::compare_sample(sample.log, self.sample, self.first, self.second, shards);
        context.submit("compare_sample", &[compare]).await
    }

    /// Proves what the folder states about the position, and compares.
    async fn with_folder(
        &self,
        context: &Context,
        sample: &PositionSample,
        bound: &Bound,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let snapshot = files::snapshot(folder, bound)?;
        let witness = witness(&snapshot, &sample.key);
        let session = context.session()?;
        let chain = session.chain;
        let payer = chain.payer();
        let mut done = Done::default();
        let mut evidence = [None, None];
        for (key, leaf) in evidence.iter_mut().zip([witness.first, witness.second]) {
            let Some(leaf) = leaf else { continue };
            let args = prove(&snapshot, sample.slot, &leaf)?;
            let address = pda::evidence(&sample.log, args.slot, args.index, &payer);
            *key = Some(address);
            if session.find::<LeafEvidence>(&address).await?.is_some() {
                done.skipped += 1;
                continue;
            }
            let prove = ix::prove_leaf(sample.log, payer, args);
            done.receipts.push(chain.send(&[prove]).await?);
        }
        let [first, second] = evidence;
        let shards = witness.shards.as_ref().map(<[_; SHARDS]>::as_slice);
        let compare = ix::compare_sample(sample.log, self.sample, first, second, shards);
        done.receipts.push(chain.send(&[compare]).await?);
        context.finish("compare_sample", &done)
    }
}

fn prove(snapshot: &Snapshot, slot: u64, leaf: &Position) -> anyhow::Result<ProveLeafArgs> {
    let proof = snapshot.tree.prove(&leaf.key);
    let proof = proof.ok_or_else(|| not_possible("the folder lost a leaf", "build it again"))?;
    Ok(proof_args(slot, &proof))
}

/// What shows what a checkpoint states about a position.
struct Shows {
    /// The position's own leaf, or the one beside its place.
    first: Option<Position>,
    /// The leaf on the other side.
    second: Option<Position>,
    /// The shards, where they are needed: to show that the own leaf can be claimed, or that the shard has no leaf.
    shards: Option<[ShardRoot; SHARDS]>,
}

fn witness(snapshot: &Snapshot, key: &Pubkey) -> Shows {
    let tree = &snapshot.tree;
    let number = merkle::shard_of(key.as_array());
    let own = || {
        tree.leaves()
            .filter(move |(index, _)| index >> 20 == u32::from(number))
            .map(|(_, leaf)| *leaf)
    };
    let shards = Some(*tree.roots());
    if let Some(leaf) = own().find(|leaf| leaf.key == *key) {
        return Shows {
            first: Some(leaf),
            second: None,
            shards,
        };
    }
    let before = own().filter(|leaf| leaf.key < *key).last();
    let after = own().find(|leaf| leaf.key > *key);
    Shows {
        shards: shards.filter(|_| before.is_none() && after.is_none()),
        first: before.or(after),
        second: before.and(after),
    }
}

/// Close a sample and take its rent back
///
/// Only whoever took it may, once the log has no checkpoint of its slot and would not keep one that long.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint close-sample SAMPLE")]
pub struct CloseSample {
    /// Address of the sample
    #[arg(value_name = "SAMPLE")]
    sample: Pubkey,
}

impl CloseSample {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let next = "`bulkhead checkpoint sample` takes a sample";
        let sample: PositionSample = find::one(context, "sample", &self.sample, next).await?;
        let close = ix::close_sample(sample.payer, sample.log, self.sample);
        context.submit("close_sample", &[close]).await
    }
}
