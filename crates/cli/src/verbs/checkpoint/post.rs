//! `bulkhead checkpoint run`, `post` and `attest`

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use anyhow::Context as _;
use bulkhead_client::{
    bulkhead::instructions::{PostCheckpointArgs, SLOT_HASHES_SYSVAR},
    flows::{self, checkpoint::Positions, snapshot::Leaf},
    instructions as ix,
    payload::hex,
};
use bulkhead_core::checkpoints::checkpoint;
use bulkhead_interface::layout::{Checkpoint, Ledger};
use bulkhead_snapshot::Manifest;
use clap::{ArgGroup, Parser};
use serde::Serialize;

use super::{
    LogAt, entry_of,
    files::{self, Bound, hash_argument},
};
use crate::{
    context::Context,
    verbs::{find, ledger_at::not_possible, reported::report, words},
};

/// Build a checkpoint from the node, post it, or attest the one that others posted
///
/// Run by each attester on schedule. Attests the newest checkpoint if it still lacks this attester and is exactly what
/// this node has; otherwise posts the next one. Positions that change while they are read are read again. For a large
/// ledger collect the positions of a slot, and pass the folder.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint run --domain DOMAIN -k attester.json")]
pub struct Run {
    /// Snapshot folder of the checkpoint, instead of reading the node
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    at: LogAt,
}

/// What stands afterwards.
#[derive(Serialize)]
struct Posted {
    slot: u64,
    hash: String,
    root: String,
    total: String,
    leaves: u64,
    attesters: u32,
    threshold: u8,
    is_attested: bool,
}

impl Run {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let positions = match &self.folder {
            None => Positions::Now,
            Some(folder) => {
                let (key, log) = self.at.read(context).await?;
                let slot = slot_of(folder, &key)?;
                let bound = Bound {
                    key,
                    ledger_index: log.ledger_index,
                    slot: Some(slot),
                };
                let tree = files::snapshot(folder, &bound)?.tree;
                let leaves = tree
                    .leaves()
                    .map(|(_, leaf)| Leaf::from((leaf.key, leaf.owner, leaf.amount)));
                Positions::OfSlot {
                    slot,
                    leaves: leaves.collect(),
                }
            }
        };
        let session = context.session()?;
        let (domain, attester) = (context.domain()?, context.signer()?);
        let made = flows::checkpoint::checkpoint(&session, domain, attester, self.at.ledger_index, positions).await?;
        let posted = Posted {
            slot: made.slot,
            hash: hex(&made.hash),
            root: hex(&made.root),
            total: made.total.to_string(),
            leaves: made.count,
            attesters: made.attesters,
            threshold: made.threshold,
            is_attested: made.is_attested,
        };
        report(context, "checkpoint", &made.done, &posted, || posted.text())
    }
}

impl Posted {
    fn text(&self) -> String {
        let state = if self.is_attested { "attested" } else { "posted" };
        words::lines(&[
            ("slot", self.slot.to_string()),
            ("state", format!("{state}, by {} of {}", self.attesters, self.threshold)),
            ("root", self.root.clone()),
            ("total", self.total.clone()),
            ("leaves", self.leaves.to_string()),
            ("hash", self.hash.clone()),
        ])
    }
}

/// Post a checkpoint that was built into a folder
///
/// The signer is an attester, and thereby attests it. The slot has to be one of the last 512. Build the folder with
/// `bulkhead snapshot build POSITIONS --checkpoint-log LOG --slot SLOT --out DIR`.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint post --folder DIR --domain DOMAIN -k attester.json")]
pub struct Post {
    /// Snapshot folder of the checkpoint
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    at: LogAt,
}

impl Post {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        let slot = slot_of(&self.folder, &key)?;
        let bound = Bound {
            key,
            ledger_index: log.ledger_index,
            slot: Some(slot),
        };
        let manifest = files::manifest(&self.folder, &bound)?;
        let next = "the log names it; is the node on the same cluster?";
        let ledger: Ledger = find::one(context, "ledger", &log.ledger, next).await?;
        let hashes = context.chain()?.account(&SLOT_HASHES_SYSVAR).await?;
        let hashes = hashes.context("NotFound: the node has no SlotHashes sysvar; ask another node with -u")?;
        let slot_hash = *checkpoint::slot_hash(&hashes.data, slot).ok_or_else(|| {
            not_possible(
                format!("slot {slot} is not one of the last 512 that have a block"),
                "collect the positions again and build the checkpoint of a recent slot, or use `bulkhead checkpoint run`",
            )
        })?;
        let args = PostCheckpointArgs {
            slot,
            slot_hash,
            root: manifest.roots.root,
            total: manifest.roots.total,
            count: manifest.roots.count,
            shards_hash: manifest.roots.shards_hash(),
        };
        let attester = context.signer()?;
        let (domain, total) = (context.domain()?, ledger.total_account);
        let post = ix::post_checkpoint(domain, attester, log.ledger_index, total, args);
        context
            .submit("post_checkpoint", &[ix::with_factors(post, &ledger)])
            .await
    }
}

/// Slot of the checkpoint that a folder holds.
fn slot_of(folder: &Path, log: &Pubkey) -> anyhow::Result<u64> {
    let slot = Manifest::open(folder)?.tag.checkpoint_slot;
    slot.ok_or_else(|| {
        not_possible(
            format!("{} is not of a checkpoint", folder.display()),
            format!("build it with `bulkhead snapshot build POSITIONS --checkpoint-log {log} --slot SLOT --out DIR`"),
        )
    })
}

/// Attest a checkpoint that another attester posted
///
/// The signature says that you have read the same positions. So either pass the folder that you built from your own
/// node, which is compared with what was posted, or the hash of the checkpoint that you compared yourself.
#[derive(Parser)]
#[command(after_help = "Example:
  bulkhead checkpoint attest 400000123 --folder DIR --domain DOMAIN -k attester.json")]
#[command(group = ArgGroup::new("seen").required(true))]
pub struct Attest {
    /// Slot of the checkpoint
    #[arg(value_name = "SLOT")]
    slot: u64,
    /// Snapshot folder that you built yourself
    #[arg(long, value_name = "DIR", group = "seen")]
    folder: Option<PathBuf>,
    /// Hash of the checkpoint, as `bulkhead checkpoint show` prints it
    #[arg(long, value_name = "HEX", group = "seen", value_parser = hash_argument)]
    hash: Option<[u8; 32]>,
    #[command(flatten)]
    at: LogAt,
}

impl Attest {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        let entry = entry_of(&log, self.slot)?;
        if let Some(folder) = &self.folder {
            let bound = Bound {
                key,
                ledger_index: log.ledger_index,
                slot: Some(self.slot),
            };
            require_same(entry, &files::manifest(folder, &bound)?)?;
        }
        if let Some(hash) = self.hash.filter(|hash| *hash != entry.hash) {
            return Err(not_possible(
                format!("the checkpoint's hash is {}, not {}", hex(&entry.hash), hex(&hash)),
                "compare again what it states: `bulkhead checkpoint show`",
            ));
        }
        let attester = context.signer()?;
        let attest = ix::attest_checkpoint(context.domain()?, attester, log.ledger_index, self.slot, entry.hash);
        context.submit("attest_checkpoint", &[attest]).await
    }
}

/// Does the folder state what was posted?
fn require_same(entry: &Checkpoint, manifest: &Manifest) -> anyhow::Result<()> {
    let roots = &manifest.roots;
    let shards_hash = roots.shards_hash();
    let is_same = (entry.root, entry.total, u64::from(entry.count), entry.shards_hash)
        == (roots.root, roots.total, roots.count, shards_hash);
    if is_same {
        return Ok(());
    }
    Err(not_possible(
        format!(
            "the posted checkpoint states root {}, total {} and {} leaves, your folder states root {}, total {} and {} \
             leaves",
            hex(&entry.root),
            entry.total,
            entry.count,
            hex(&roots.root),
            roots.total,
            roots.count
        ),
        "do not attest it: find out whose node is wrong, and contest it with `bulkhead checkpoint contest` if it lies",
    ))
}
