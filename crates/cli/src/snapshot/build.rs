//! `bulkhead snapshot build`

use std::{path::PathBuf, thread};

use bulkhead_client::payload::hex;
use bulkhead_interface::{ID, Pubkey};
use bulkhead_snapshot::{BuildOptions, Manifest, TagInputs, build, layout_from_file};
use bulkhead_terminal::Bar;
use clap::Parser;

use crate::output::Output;

use super::sources::Sources;

#[derive(Parser)]
pub(super) struct Build {
    /// Files of positions (.jsonl, .csv, .parquet), accounts as JSON (.json), folders of such files, collections, or
    /// `-` for standard input
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// Address of the `Snapshot` account that the leaves are bound to
    #[arg(long, value_name = "ADDRESS", required_unless_present = "checkpoint_log")]
    snapshot: Option<Pubkey>,
    /// Address of the `CheckpointLog` that the leaves are bound to, with `--slot`; for attesters
    #[arg(long, value_name = "ADDRESS", conflicts_with = "snapshot", requires = "slot")]
    checkpoint_log: Option<Pubkey>,
    /// Number of the ledger
    #[arg(long, default_value_t = 0)]
    ledger_index: u8,
    /// Bulkhead's program id
    #[arg(long, value_name = "ADDRESS", default_value_t = ID)]
    program: Pubkey,
    /// Dump of the registered `Ledger` account, needed to read account dumps
    #[arg(long, value_name = "FILE")]
    layout: Option<PathBuf>,
    /// Slot of sources that do not contain their slot
    #[arg(long)]
    slot: Option<u64>,
    /// Accept sources without any position, which are otherwise an error
    #[arg(long)]
    allow_empty: bool,
    /// Number of shards built in parallel [default: the number of processors]
    #[arg(long)]
    threads: Option<usize>,
    /// Output folder; it must not exist yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Build {
    pub(super) fn run(&self, output: Output, progress: &Bar) -> anyhow::Result<()> {
        let sources = Sources::at(&self.sources, self.allow_empty)?;
        let options = BuildOptions {
            tag: self.tag(),
            slot: self.slot,
            ledger: self.layout.as_deref().map(layout_from_file).transpose()?,
            threads: self
                .threads
                .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)),
            progress,
        };
        let manifest = build(&sources.all, &self.out, &options)?;
        progress.clear();
        output.print(&manifest, || lines(&manifest))
    }
}

impl Build {
    fn tag(&self) -> TagInputs {
        match (self.checkpoint_log, self.slot) {
            (Some(log), Some(slot)) => TagInputs::checkpoint(self.program, log, self.ledger_index, slot),
            // The rules of the arguments exclude every other case.
            _ => TagInputs::new(self.program, self.snapshot.unwrap_or_default(), self.ledger_index),
        }
    }
}

/// What a snapshot commits to, line by line.
pub(super) fn lines(manifest: &Manifest) -> String {
    let slot = manifest.slot.map_or("unknown".into(), |slot| slot.to_string());
    let mut lines = format!(
        "root      {}\ntotal     {}\nleaves    {}\npositions {}\nslot      {slot}\n",
        hex(&manifest.roots.root),
        manifest.roots.total,
        manifest.roots.count,
        manifest.positions,
    );
    if manifest.tag.checkpoint_slot.is_some() {
        // `post_checkpoint` needs this in addition to the root.
        lines.push_str(&format!("shards    {}\n", hex(&manifest.roots.shards_hash())));
    }
    lines
}
