//! `bulkhead snapshot collect`

use std::path::PathBuf;

use bulkhead_interface::Pubkey;
use bulkhead_snapshot::{
    SourceEntry, collect, collect_source, layout_from_file,
    rpc::{Node, NodeOptions, Pages, Total},
};
use clap::Parser;
use serde::Serialize;

use crate::{output::Output, progress::Bar};

use super::sources::Sources;

#[derive(Parser)]
pub(super) struct Collect {
    /// Folder or file of positions or of accounts as JSON, or `-` for standard input
    #[arg(required_unless_present = "rpc", conflicts_with = "rpc")]
    source: Option<PathBuf>,
    /// URL of an RPC node; positions are read with `getProgramAccounts`
    #[arg(long, value_name = "URL", requires = "ledger")]
    rpc: Option<String>,
    /// Address of the registered `Ledger` account, also read from the node
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    ledger: Option<Pubkey>,
    /// Split the read into 256 requests by the first byte of the owner; only for nodes that do not advance, and refused
    /// when slots differ
    #[arg(long, requires = "rpc")]
    by_owner: bool,
    /// Accept what the node returns even if it does not add up to the total that the host keeps
    #[arg(long, requires = "rpc")]
    any_total: bool,
    /// Accept a source without any position, which is otherwise an error
    #[arg(long)]
    allow_empty: bool,
    /// Commitment of the reads
    #[arg(long, default_value = "finalized", value_parser = ["processed", "confirmed", "finalized"])]
    commitment: String,
    /// Dump of the registered `Ledger` account, needed to read account dumps
    #[arg(long, value_name = "FILE")]
    layout: Option<PathBuf>,
    /// Slot of the files
    #[arg(long, conflicts_with = "rpc")]
    slot: Option<u64>,
    /// Output folder; it must not exist yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    source: SourceEntry,
    total: String,
}

impl Collect {
    pub(super) fn run(&self, output: Output, progress: &Bar) -> anyhow::Result<()> {
        let (source, total) = match (&self.source, &self.rpc, &self.ledger) {
            (_, Some(url), Some(address)) => {
                let options = NodeOptions {
                    commitment: self.commitment.clone(),
                    ..NodeOptions::default()
                };
                let node = Node::new(url, options);
                let (ledger, _) = node.ledger(address)?;
                let pages = if self.by_owner { Pages::ByOwner } else { Pages::One };
                let total = if self.any_total { Total::Any } else { Total::TheLedgers };
                collect(&self.out, progress, |sink| node.read_whole(&ledger, pages, total, sink))?
            }
            (Some(source), ..) => {
                let layout = self.layout.as_deref().map(layout_from_file).transpose()?;
                let sources = Sources::at(std::slice::from_ref(source), self.allow_empty)?;
                let [source] = sources.all.as_slice() else {
                    anyhow::bail!("a source is needed");
                };
                let layout = layout.as_ref();
                collect_source(source, layout, self.slot, &self.out, progress)?
            }
            _ => anyhow::bail!("a source is needed, or --rpc with --ledger"),
        };
        progress.clear();
        let found = Found {
            total: total.to_string(),
            source,
        };
        output.print(&found, || {
            let slot = found.source.slot.map_or("unknown".into(), |slot| slot.to_string());
            format!(
                "positions {}\nskipped   {}\ntotal     {}\nslot      {slot}\n",
                found.source.positions, found.source.skipped, found.total
            )
        })
    }
}
