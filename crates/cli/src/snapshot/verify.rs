//! `bulkhead snapshot verify`

use std::{fs, path::PathBuf};

use anyhow::{Context, ensure};
use bulkhead_client::payload::hex;
use bulkhead_snapshot::{Manifest, ProofEntry, verify};
use clap::Parser;
use serde_json::Value;

use crate::{output::Output, progress::Bar};

use super::build::told;

#[derive(Parser)]
pub(super) struct Verify {
    /// A snapshot's folder
    folder: PathBuf,
    /// The root it has to have, 64 hexadecimal digits: of the `Snapshot` account, or of a checkpoint
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    /// The total it has to have
    #[arg(long)]
    total: Option<u64>,
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
        let mut proofs = 0;
        if let Some(file) = &self.proof {
            let name = file.display();
            let text = fs::read(file).with_context(|| format!("{name} cannot be read"))?;
            let value: Value = serde_json::from_slice(&text).with_context(|| format!("{name} is no JSON"))?;
            let all = if value.is_array() {
                value
            } else {
                Value::Array(vec![value])
            };
            let all: Vec<ProofEntry> =
                serde_json::from_value(all).with_context(|| format!("{name} holds no proofs"))?;
            ensure!(!all.is_empty(), "BadProof: {name} holds no proofs");
            for proof in &all {
                proof
                    .verify(&manifest)
                    .with_context(|| format!("{name}, position {}", proof.key))?;
            }
            proofs = all.len();
        }
        output.print(&manifest, || match proofs {
            0 => told(&manifest) + "every leaf hashes to the root\n",
            _ => told(&manifest) + &format!("{proofs} proofs hold\n"),
        })
    }
}
