//! Publication of a checkpoint's leaves.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    flows::{Done, Session},
    instructions as ix, pda,
};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{CheckpointLog, ShardRoot, SnapshotShard},
};
use bulkhead_snapshot::Position;
use clap::Parser;

use super::{
    LogAt, entry_of,
    files::{self, Bound, ShardsFrom},
};
use crate::{context::Context, verbs::ledger_at::not_possible};

/// Leaves in one transaction: twelve would fit, without room for a nonce.
const LEAVES: usize = 11;

/// Publish the leaves of a checkpoint, so that everybody has them
///
/// The leaves stay in the transaction history, and the program rebuilds the tree from them. Run it again after an
/// interruption: what is published is skipped.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint publish 400000123 --folder DIR --domain DOMAIN")]
pub struct Publish {
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
    at: LogAt,
}

/// A checkpoint that is being published.
struct Publication<'a> {
    session: Session<'a>,
    log: Pubkey,
    slot: u64,
    shards: [ShardRoot; SHARDS],
    done: Done,
}

impl Publish {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        entry_of(&log, self.slot)?;
        let bound = Bound {
            key,
            ledger_index: log.ledger_index,
            slot: Some(self.slot),
        };
        let snapshot = files::snapshot(&self.folder, &bound)?;
        let shards = *snapshot.tree.roots();
        let mut publication = Publication {
            session: context.session()?,
            log: key,
            slot: self.slot,
            shards,
            done: Done::default(),
        };
        let numbers = (0..16u8).filter(|number| self.shard.is_none_or(|only| only == *number));
        for number in numbers.filter(|number| has_leaves(&shards, *number)) {
            let own = snapshot
                .tree
                .leaves()
                .filter(|(index, _)| index >> 20 == u32::from(number));
            let own: Vec<Position> = own.map(|(_, leaf)| *leaf).collect();
            publication
                .shard(number, &own, is_published(&log, self.slot, number))
                .await?;
        }
        context.finish("publish_leaves", &publication.done)
    }
}

fn has_leaves(shards: &[ShardRoot; SHARDS], number: u8) -> bool {
    shards.get(usize::from(number)).is_some_and(|shard| shard.count > 0)
}

fn is_published(log: &CheckpointLog, slot: u64, number: u8) -> bool {
    entry_of(log, slot).is_ok_and(|entry| entry.published >> number & 1 == 1)
}

impl Publication<'_> {
    /// Sends what is left of a shard, and completes it.
    async fn shard(&mut self, number: u8, leaves: &[Position], is_published: bool) -> anyhow::Result<()> {
        if is_published {
            self.done.skipped += 1;
            return Ok(());
        }
        let chain = self.session.chain;
        let payer = chain.payer();
        let account = pda::publication(&self.log, self.slot, number, &payer);
        let begun = self.session.find::<SnapshotShard>(&account).await?;
        let sent = begun.map_or(0, |shard| usize::try_from(shard.count).unwrap_or(usize::MAX));
        let of_this = begun.is_none_or(|shard| match sent.checked_sub(1) {
            None => true,
            Some(last) => leaves.get(last).is_some_and(|leaf| leaf.key == shard.last_key),
        });
        if !of_this {
            return Err(not_possible(
                format!("{account} has other leaves of shard {number}"),
                format!("close it with `bulkhead snapshot close-shard {account}`, and publish again"),
            ));
        }
        self.done.skipped += sent.div_ceil(LEAVES) as u64;
        let what = format!("leaves of shard {number}");
        let total = leaves.len() as u64;
        let mut count = sent;
        for some in leaves.get(sent..).unwrap_or_default().chunks(LEAVES) {
            let bytes = bytemuck::cast_slice(some).to_vec();
            let publish = ix::publish_leaves(self.log, payer, self.slot, number, bytes);
            self.done.receipts.push(chain.send(&[publish]).await?);
            count += some.len();
            self.session.report.progress(&what, count as u64, total);
        }
        let finish = ix::finish_publication(self.log, payer, self.slot, number, &self.shards);
        self.done.receipts.push(chain.send(&[finish]).await?);
        Ok(())
    }
}

/// Complete one shard whose leaves were published
///
/// `publish` does this by itself. The signer is whoever sent the leaves, who gets the rent back.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint finish-publication 400000123 7 --folder DIR --domain DOMAIN")]
pub struct FinishPublication {
    /// Slot of the checkpoint
    #[arg(value_name = "SLOT")]
    slot: u64,
    /// Number of the shard
    #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..16))]
    number: u8,
    #[command(flatten)]
    shards: ShardsFrom,
    #[command(flatten)]
    at: LogAt,
}

impl FinishPublication {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        entry_of(&log, self.slot)?;
        let bound = Bound {
            key,
            ledger_index: log.ledger_index,
            slot: Some(self.slot),
        };
        let shards = self.shards.require(&bound)?;
        let payer = context.chain()?.payer();
        let finish = ix::finish_publication(key, payer, self.slot, self.number, &shards);
        context.submit("finish_publication", &[finish]).await
    }
}
