//! Leaves of a checkpoint as evidence: proved, contested, disputed, closed.

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{bulkhead::instructions::ProveLeafArgs, instructions as ix, pda};
use bulkhead_interface::layout::{CheckpointLog, LeafEvidence};
use bulkhead_snapshot::Proof;
use clap::{ArgGroup, Parser};

use super::{
    LogAt, entry_of,
    files::{self, Bound, ShardsFrom},
};
use crate::{
    context::Context,
    output,
    verbs::{find, ledger_at::not_possible},
};

const NO_EVIDENCE: &str = "`bulkhead checkpoint prove-leaf` stores a leaf as evidence";

/// Prove that a checkpoint contains a leaf, and store the leaf as evidence
#[derive(Parser)]
#[command(after_help = "Example:
  bulkhead checkpoint prove-leaf 400000123 --folder DIR --key POSITION --domain DOMAIN")]
#[command(group = ArgGroup::new("leaf").required(true))]
pub struct ProveLeaf {
    /// Slot of the checkpoint
    #[arg(value_name = "SLOT")]
    slot: u64,
    /// Snapshot folder of the checkpoint
    #[arg(long, value_name = "DIR", group = "leaf", requires = "key")]
    folder: Option<PathBuf>,
    /// Address of the position
    #[arg(long, value_name = "POSITION", requires = "folder")]
    key: Option<Pubkey>,
    /// The leaf and its path as `bulkhead snapshot prove --output json` prints them
    #[arg(long, value_name = "FILE", group = "leaf")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    at: LogAt,
}

impl ProveLeaf {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        entry_of(&log, self.slot)?;
        let args = match (&self.folder, &self.key, &self.proof) {
            (Some(folder), Some(position), _) => {
                let bound = Bound {
                    key,
                    ledger_index: log.ledger_index,
                    slot: Some(self.slot),
                };
                let snapshot = files::snapshot(folder, &bound)?;
                let proof = snapshot.tree.prove(position);
                proof_args(self.slot, &proof.ok_or_else(|| no_leaf(position, folder))?)
            }
            (_, _, Some(file)) => {
                let leaf = files::leaf_in(file)?;
                ProveLeafArgs {
                    slot: self.slot,
                    index: leaf.index,
                    key: leaf.key,
                    owner: leaf.owner,
                    amount: leaf.amount,
                    proof: files::proof_bytes(&leaf.siblings),
                }
            }
            _ => return Err(not_possible("no leaf is named", "pass --folder with --key, or --proof")),
        };
        let payer = context.chain()?.payer();
        let evidence = pda::evidence(&key, args.slot, args.index, &payer);
        output::note(&format!("evidence {evidence}"));
        context.submit("prove_leaf", &[ix::prove_leaf(key, payer, args)]).await
    }
}

fn no_leaf(position: &Pubkey, folder: &Path) -> anyhow::Error {
    not_possible(
        format!("{position} has no leaf in {}", folder.display()),
        "`bulkhead checkpoint compare` proves that a sampled position was left out",
    )
}

/// Arguments that prove a leaf of a tree.
pub(super) fn proof_args(slot: u64, proof: &Proof) -> ProveLeafArgs {
    ProveLeafArgs {
        slot,
        index: proof.index,
        key: proof.position.key,
        owner: proof.position.owner,
        amount: proof.position.amount,
        proof: bytemuck::cast_slice(&proof.siblings).to_vec(),
    }
}

/// Contest a checkpoint with leaves that no honest tree contains
///
/// One leaf in a shard that its key does not belong to, or of a zero amount. Two leaves whose keys do not ascend, as when
/// a position is counted twice. With the checkpoint's shards: one leaf that their counts let nobody claim. The contest
/// is final; no honest checkpoint can be contested.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint contest EVIDENCE EVIDENCE --domain DOMAIN")]
pub struct Contest {
    /// Address of a proved leaf
    #[arg(value_name = "EVIDENCE")]
    first: Pubkey,
    /// Address of another that contradicts it
    #[arg(value_name = "OTHER")]
    second: Option<Pubkey>,
    #[command(flatten)]
    shards: ShardsFrom,
}

impl Contest {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (leaf, log) = evidence(context, &self.first).await?;
        let bound = Bound {
            key: leaf.log,
            ledger_index: log.ledger_index,
            slot: Some(leaf.slot),
        };
        let shards = self.shards.read(&bound)?;
        let shards = shards.as_ref().map(<[_; 16]>::as_slice);
        let contest = ix::contest_checkpoint(leaf.log, self.first, self.second, shards);
        context.submit("contest_checkpoint", &[contest]).await
    }
}

/// Reads a proved leaf and its log.
async fn evidence(context: &Context, key: &Pubkey) -> anyhow::Result<(LeafEvidence, CheckpointLog)> {
    let leaf: LeafEvidence = find::one(context, "evidence", key, NO_EVIDENCE).await?;
    let next = "the evidence names it; is the node on the same cluster?";
    Ok((leaf, find::one(context, "checkpoint log", &leaf.log, next).await?))
}

/// Put on record that a proved leaf differs from the host's account as it is now
///
/// Positions change legitimately, too, so this has no automatic effect. Voters and vetoers weigh it.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint dispute EVIDENCE --domain DOMAIN")]
pub struct Dispute {
    /// Address of a proved leaf
    #[arg(value_name = "EVIDENCE")]
    evidence: Pubkey,
}

impl Dispute {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (leaf, log) = evidence(context, &self.evidence).await?;
        let payer = context.chain()?.payer();
        let place = (leaf.slot, leaf.index);
        let dispute = ix::dispute_checkpoint(log.domain, payer, log.ledger_index, self.evidence, place, leaf.key);
        context.submit("dispute_checkpoint", &[dispute]).await
    }
}

/// Close evidence and take its rent back
///
/// Only whoever proved the leaf may. A leaf on record as disputed stays as long as its checkpoint.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint close-evidence EVIDENCE")]
pub struct CloseEvidence {
    /// Address of a proved leaf, or of the record of a dispute
    #[arg(value_name = "EVIDENCE")]
    evidence: Pubkey,
}

impl CloseEvidence {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let leaf: LeafEvidence = find::one(context, "evidence", &self.evidence, NO_EVIDENCE).await?;
        let close = ix::close_evidence(leaf.payer, leaf.log, self.evidence);
        context.submit("close_evidence", &[close]).await
    }
}
