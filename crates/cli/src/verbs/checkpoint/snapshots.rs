//! From a checkpoint to a snapshot that a ballot can choose.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{flows::Done, instructions as ix, pda};
use bulkhead_interface::layout::{Snapshot, SnapshotShard};
use clap::Parser;

use super::files::{self, Bound, ShardsFrom};
use crate::{
    context::Context,
    output,
    verbs::{
        find,
        ledger_at::{LedgerAt, not_possible},
    },
};

const NO_SNAPSHOT: &str = "`bulkhead checkpoint open-snapshot SLOT` opens it";

/// Open the snapshot of a checkpoint in an incident, for the ballot
///
/// The checkpoint is attested, not contested, and was posted before the breach.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint open-snapshot 400000123 --folder DIR --domain DOMAIN")]
pub struct OpenSnapshot {
    /// Slot of the checkpoint
    #[arg(value_name = "SLOT")]
    slot: u64,
    #[command(flatten)]
    shards: ShardsFrom,
    #[command(flatten)]
    at: LedgerAt,
}

impl OpenSnapshot {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let bound = Bound {
            key: place.log(),
            ledger_index: place.ledger_index,
            slot: Some(self.slot),
        };
        let shards = self.shards.require(&bound)?;
        let payer = context.chain()?.payer();
        let key = pda::checkpoint_snapshot(&place.incident, place.ledger_index, self.slot);
        output::note(&format!("snapshot {key}"));
        let (incident, ledger_index) = (place.incident, place.ledger_index);
        let open = ix::open_checkpoint_snapshot(place.domain(), payer, incident, ledger_index, self.slot, &shards);
        context.submit("open_checkpoint_snapshot", &[open]).await
    }
}

/// Open the shards of a checkpoint's snapshot, which claims are proved against
///
/// Every shard that has leaves, one transaction each; those that are open already are skipped.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint open-shard 400000123 --folder DIR --domain DOMAIN")]
pub struct OpenShard {
    /// Slot of the checkpoint
    #[arg(value_name = "SLOT")]
    slot: u64,
    /// Snapshot folder of the checkpoint
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Only this shard
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..16))]
    shard: Option<u8>,
    #[command(flatten)]
    at: LedgerAt,
}

impl OpenShard {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let bound = Bound {
            key: place.log(),
            ledger_index: place.ledger_index,
            slot: Some(self.slot),
        };
        let tree = files::snapshot(&self.folder, &bound)?.tree;
        let key = pda::checkpoint_snapshot(&place.incident, place.ledger_index, self.slot);
        let state: Snapshot = find::one(context, "snapshot", &key, NO_SNAPSHOT).await?;
        if state.root != tree.root().hash {
            return Err(not_possible(
                format!("{} has another root than snapshot {key}", self.folder.display()),
                "use the folder that the checkpoint was posted from",
            ));
        }
        let session = context.session()?;
        let payer = session.chain.payer();
        let wanted = (0..16u8).filter(|number| self.shard.is_none_or(|only| only == *number));
        let wanted: Vec<_> = wanted
            .filter_map(|number| tree.shard(number))
            .filter(|shard| shard.count > 0)
            .collect();
        if wanted.is_empty() {
            return Err(not_possible(
                "the shard has no leaf",
                "leave --shard out, to open those that have leaves",
            ));
        }
        let mut done = Done::default();
        for (count, shard) in (1..).zip(&wanted) {
            let address = pda::shard(&key, shard.shard, &payer);
            if session.find::<SnapshotShard>(&address).await?.is_some() {
                done.skipped += 1;
            } else {
                let open = ix::open_checkpoint_shard(payer, key, shard.shard, &shard.canopy);
                done.receipts.push(session.chain.send(&[open]).await?);
            }
            session.report.progress("shards", count, wanted.len() as u64);
        }
        context.finish("open_checkpoint_shard", &done)
    }
}

/// Void the snapshot of a checkpoint that could no longer be opened
///
/// The checkpoint was contested after the snapshot was opened, samples contradict it, or the breach was earlier.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint void SNAPSHOT")]
pub struct Void {
    /// Address of the checkpoint's snapshot
    #[arg(value_name = "SNAPSHOT")]
    snapshot: Pubkey,
}

impl Void {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let state: Snapshot = find::one(context, "snapshot", &self.snapshot, NO_SNAPSHOT).await?;
        let log = pda::checkpoint_log(&state.domain, state.ledger_index);
        let void = ix::void_checkpoint_snapshot(log, state.incident, self.snapshot);
        context.submit("void_checkpoint_snapshot", &[void]).await
    }
}
