//! `bulkhead snapshot prove`

use std::path::PathBuf;

use anyhow::{Context, ensure};
use bulkhead_interface::Pubkey;
use bulkhead_snapshot::{ProofEntry, Snapshot};
use bulkhead_terminal::Bar;
use clap::Parser;

use crate::output::Output;

#[derive(Parser)]
pub(super) struct Prove {
    /// Folder of the snapshot
    folder: PathBuf,
    /// Address of a position
    #[arg(long, value_name = "ADDRESS", required_unless_present = "owner")]
    key: Vec<Pubkey>,
    /// Owner whose positions are all proved
    #[arg(long, value_name = "ADDRESS")]
    owner: Vec<Pubkey>,
}

impl Prove {
    pub(super) fn run(&self, output: Output, progress: &Bar) -> anyhow::Result<()> {
        let snapshot = Snapshot::open(&self.folder, progress)?;
        progress.clear();
        let mut keys = self.key.clone();
        for owner in &self.owner {
            let before = keys.len();
            keys.extend(snapshot.leaves_of(owner).map(|(_, leaf)| leaf.key));
            ensure!(
                keys.len() > before,
                "NotALeaf: {owner} owns no position in this snapshot"
            );
        }
        let prove = |key: &Pubkey| {
            let proof = snapshot.tree.prove(key);
            let proof = proof
                .with_context(|| format!("NotALeaf: {key} is not a position in this snapshot, or has a zero amount"))?;
            Ok(ProofEntry::new(&proof, &snapshot.manifest))
        };
        let proofs: Vec<_> = keys.iter().map(prove).collect::<anyhow::Result<_>>()?;
        output.print(&proofs, || {
            let lines = |proof: &ProofEntry| {
                format!(
                    "position  {}\nowner     {}\namount    {}\nindex     {}\nclaim bit {}\nproof     {}\n",
                    proof.key, proof.owner, proof.amount, proof.index, proof.claim_bit, proof.claim_bytes
                )
            };
            proofs.iter().map(lines).collect::<Vec<_>>().join("\n")
        })
    }
}
