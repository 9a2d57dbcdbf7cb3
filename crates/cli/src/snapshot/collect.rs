//! `bulkhead snapshot collect`

use std::path::PathBuf;

use bulkhead_interface::Pubkey;
use bulkhead_snapshot::{
    SourceEntry, collect, collect_source, layout_from_file,
    rpc::{Node, NodeOptions, Pages, Total},
};
use bulkhead_terminal::Bar;
use clap::Parser;
use serde::Serialize;

use crate::context::{Commitment, Context};

use super::sources::Sources;

#[derive(Parser)]
pub(super) struct Collect {
    /// Folder or file of positions or of accounts as JSON, or `-` for standard input
    #[arg(required_unless_present = "ledger", conflicts_with = "ledger")]
    source: Option<PathBuf>,
    /// Read from the cluster instead, with `getProgramAccounts`: address of the registered `Ledger` account
    #[arg(long, value_name = "ADDRESS")]
    ledger: Option<Pubkey>,
    /// Split the read into 256 requests by the first byte of the owner; only for nodes that do not advance, and refused
    /// when slots differ
    #[arg(long, requires = "ledger")]
    by_owner: bool,
    /// Accept what the node returns even if it does not add up to the total that the host keeps
    #[arg(long, requires = "ledger")]
    any_total: bool,
    /// Accept a source without any position, which is otherwise an error
    #[arg(long)]
    allow_empty: bool,
    /// Dump of the registered `Ledger` account, needed to read account dumps
    #[arg(long, value_name = "FILE")]
    layout: Option<PathBuf>,
    /// Slot of the files
    #[arg(long, conflicts_with = "ledger")]
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
    pub(super) fn run(&self, context: &Context, progress: &Bar) -> anyhow::Result<()> {
        let (source, total) = match (&self.source, &self.ledger) {
            (_, Some(address)) => {
                // Finalized unless it is said otherwise, whatever is configured: the files are evidence.
                let commitment = context.given_commitment().unwrap_or(Commitment::Finalized);
                let options = NodeOptions {
                    commitment: commitment.name().to_owned(),
                    ..NodeOptions::default()
                };
                let node = Node::new(&context.url()?, options);
                let (ledger, _) = node.ledger(address)?;
                let pages = if self.by_owner { Pages::ByOwner } else { Pages::One };
                let total = if self.any_total { Total::Any } else { Total::TheLedgers };
                collect(&self.out, progress, |sink| node.read_whole(&ledger, pages, total, sink))?
            }
            (Some(source), None) => {
                let layout = self.layout.as_deref().map(layout_from_file).transpose()?;
                let sources = Sources::at(std::slice::from_ref(source), self.allow_empty)?;
                let [source] = sources.all.as_slice() else {
                    anyhow::bail!("a source is needed");
                };
                let layout = layout.as_ref();
                collect_source(source, layout, self.slot, &self.out, progress)?
            }
            (None, None) => anyhow::bail!("NoSource: give a folder or file, or --ledger to read from the cluster"),
        };
        progress.clear();
        let found = Found {
            total: total.to_string(),
            source,
        };
        context.print(&found, || {
            let slot = found.source.slot.map_or("unknown".into(), |slot| slot.to_string());
            format!(
                "positions {}\nskipped   {}\ntotal     {}\nslot      {slot}\n",
                found.source.positions, found.source.skipped, found.total
            )
        })
    }
}
