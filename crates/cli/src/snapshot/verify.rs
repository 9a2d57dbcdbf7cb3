//! `bulkhead snapshot verify`

use std::path::PathBuf;

use anyhow::{Context, ensure};
use bulkhead_client::payload::hex;
use bulkhead_snapshot::{Manifest, ProofEntry, json, verify};
use bulkhead_terminal::Bar;
use clap::Parser;
use serde_json::Value;

use crate::{files, output::Output};

use super::build::lines;

#[derive(Parser)]
pub(super) struct Verify {
    /// Folder of the snapshot
    folder: PathBuf,
    /// Expected root, 64 hexadecimal digits: of the `Snapshot` account, or of a checkpoint
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    /// Expected total
    #[arg(long)]
    total: Option<u64>,
    /// Expected number of leaves
    #[arg(long)]
    count: Option<u64>,
    /// Expected shards hash of the checkpoint, 64 hexadecimal digits. The root of a checkpoint does not commit to the
    /// number of leaves in each shard; the shards hash does. So `--root` needs this option for a checkpoint
    #[arg(long, value_name = "HEX")]
    shards_hash: Option<String>,
    /// Check these proofs, as `prove` prints them, against the manifest, and do not hash the leaves again
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(&self, output: Output, progress: &Bar) -> anyhow::Result<()> {
        let manifest = match &self.proof {
            None => verify(&self.folder, progress)?,
            Some(_) => Manifest::open(&self.folder)?,
        };
        progress.clear();
        let root = hex(&manifest.roots.root);
        if let Some(expected) = &self.root {
            ensure!(
                expected.eq_ignore_ascii_case(&root),
                "RootDiffers: the snapshot's root is {root}"
            );
        }
        if let Some(expected) = self.total {
            let total = manifest.roots.total;
            ensure!(expected == total, "TotalDiffers: the snapshot's total is {total}");
        }
        if let Some(expected) = self.count {
            let count = manifest.roots.count;
            ensure!(expected == count, "CountDiffers: the snapshot has {count} leaves");
        }
        let shards_hash = hex(&manifest.roots.shards_hash());
        if let Some(expected) = &self.shards_hash {
            ensure!(
                expected.eq_ignore_ascii_case(&shards_hash),
                "ShardsDiffer: the shards hash is {shards_hash}; if the root matches, the checkpoint has other leaf counts"
            );
        }
        ensure!(
            self.root.is_none() || self.shards_hash.is_some() || manifest.tag.checkpoint_slot.is_none(),
            "ShardsHashRequired: a checkpoint commits to its root and its shards hash, which is {shards_hash}; give both"
        );
        let mut proofs = 0;
        if let Some(file) = &self.proof {
            let name = file.display();
            let text = files::read(file, files::PROOFS).with_context(|| format!("{name} cannot be read"))?;
            let value: Value = json::from_slice(&text).with_context(|| format!("{name} is not JSON"))?;
            let all = if value.is_array() {
                value
            } else {
                Value::Array(vec![value])
            };
            let all: Vec<ProofEntry> =
                serde_json::from_value(all).with_context(|| format!("{name} contains no proofs"))?;
            ensure!(!all.is_empty(), "BadProof: {name} contains no proofs");
            for proof in &all {
                proof
                    .verify(&manifest)
                    .with_context(|| format!("{name}, position {}", proof.key))?;
            }
            proofs = all.len();
        }
        output.print(&manifest, || match proofs {
            0 => lines(&manifest) + "every leaf hashes to the root\n",
            _ => lines(&manifest) + &format!("{proofs} proofs are valid\n"),
        })
    }
}
