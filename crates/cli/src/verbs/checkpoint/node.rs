//! `bulkhead checkpoint contest-node`

use std::path::PathBuf;

use bulkhead_client::{bulkhead::instructions::ContestNodeArgs, instructions as ix};
use clap::Parser;
use serde::Deserialize;

use super::{
    LogAt, entry_of,
    files::{self, SiblingText, bytes, decimal},
};
use crate::context::Context;

/// Contest a checkpoint with a node that no honest tree contains
///
/// The node's sum is not that of the two below it, for example. The file is JSON: `path` (bit l: at the l-th level up,
/// the sibling is on the left), `sum`, `preimage` (hexadecimal) and `siblings` from the node up to the root, each with
/// `hash` and `sum`.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint contest-node 400000123 node.json --domain DOMAIN")]
pub struct ContestNode {
    /// Slot of the checkpoint
    #[arg(value_name = "SLOT")]
    slot: u64,
    /// The node and its path
    #[arg(value_name = "FILE")]
    node: PathBuf,
    #[command(flatten)]
    at: LogAt,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeText {
    path: u32,
    #[serde(deserialize_with = "decimal")]
    sum: u64,
    #[serde(deserialize_with = "bytes")]
    preimage: Vec<u8>,
    siblings: Vec<SiblingText>,
}

impl ContestNode {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let node: NodeText = files::read(&self.node, "a node")?;
        let (key, log) = self.at.read(context).await?;
        entry_of(&log, self.slot)?;
        let args = ContestNodeArgs {
            slot: self.slot,
            path: node.path,
            sum: node.sum,
            preimage: node.preimage,
            proof: files::proof_bytes(&node.siblings),
        };
        context.submit("contest_node", &[ix::contest_node(key, args)]).await
    }
}
