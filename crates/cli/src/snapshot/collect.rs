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
    /// A folder or file of accounts as JSON or of positions, or `-` for standard input
    #[arg(required_unless_present = "rpc", conflicts_with = "rpc")]
    source: Option<PathBuf>,
    /// Address of a node: positions are read with `getProgramAccounts`
    #[arg(long, value_name = "URL", requires = "ledger")]
    rpc: Option<String>,
    /// Address of the registered `Ledger` account, read from the node too
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    ledger: Option<Pubkey>,
    /// Ask 256 times, by the first byte of the owner; for nodes that stand still, and refused when slots mix
    #[arg(long, requires = "rpc")]
    by_owner: bool,
    /// Take whatever the node sends, though it does not add up to the total that the host keeps
    #[arg(long, requires = "rpc")]
    any_total: bool,
    /// Take a source that holds no position; without it that is an error
    #[arg(long)]
    allow_empty: bool,
    /// How settled what the node answers has to be
    #[arg(long, default_value = "finalized", value_parser = ["processed", "confirmed", "finalized"])]
    commitment: String,
    /// Dump of the registered `Ledger` account, to read account dumps with
    #[arg(long, value_name = "FILE")]
    layout: Option<PathBuf>,
    /// The slot that files are of
    #[arg(long, conflicts_with = "rpc")]
    slot: Option<u64>,
    /// Folder to write; must not be there yet
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
