//! What becomes of a proposal when it is tried now, without sending anything.
//!
//! An instruction that the domain would sign is tried as it stands, as if the domain had signed it: so an approver sees
//! whether it works and what its program says. Other kinds change Bulkhead's own accounts only, and the difference says
//! what.

use bulkhead_client::{
    bulkhead::{call::StoredInstruction, decision::Decision},
    payload::Payload,
};
use serde_json::{Value, json};
use solana_instruction::{AccountMeta, Instruction};

use super::Read;
use crate::rpc::{Rpc, Simulation};

/// Log lines that are shown: the last ones say why.
const LINES: usize = 12;

/// What became of it.
pub(super) enum Trial {
    /// No node was asked.
    Offline,
    /// There is nothing to try besides the difference.
    Nothing,
    /// The node cannot simulate.
    NotByThisNode,
    /// What the node says.
    Tried(Simulation),
}

/// Tries it on the node.
pub(super) fn of(rpc: &Rpc, read: &Read) -> anyhow::Result<Trial> {
    let stored = match &read.payload {
        Payload::Known(Decision::RunInstruction(stored)) => stored,
        Payload::Known(Decision::RegisterEmergencyAction(args)) => &args.instruction,
        _ => return Ok(Trial::Nothing),
    };
    // Who paid for the proposal pays in the trial too, for nothing.
    let simulation = rpc.simulate_unsigned(&[instruction(stored)], &read.proposal.payer)?;
    Ok(simulation.map_or(Trial::NotByThisNode, Trial::Tried))
}

fn instruction(stored: &StoredInstruction) -> Instruction {
    let metas = stored.accounts.iter().map(|account| AccountMeta {
        pubkey: account.pubkey,
        is_signer: account.is_signer,
        is_writable: account.is_writable,
    });
    Instruction {
        program_id: stored.program_id,
        accounts: metas.collect(),
        data: stored.data.clone(),
    }
}

impl Trial {
    /// For people, a line each; nothing where there was nothing to try.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Nothing => vec![],
            Self::Offline => {
                vec!["not tried, and not compared with what is in force: give --rpc URL for that".to_owned()]
            }
            Self::NotByThisNode => vec!["not tried: this node cannot simulate".to_owned()],
            Self::Tried(simulation) => {
                let first = match &simulation.error {
                    Some(error) => format!("FAILS now: {error}"),
                    None => "works now".to_owned(),
                };
                let skip = simulation.logs.len().saturating_sub(LINES);
                let logs = simulation.logs.iter().skip(skip).map(|line| plain(line));
                std::iter::once(first).chain(logs).collect()
            }
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Tried(simulation) => json!({
                "works": simulation.error.is_none(),
                "error": simulation.error,
                "logs": simulation.logs,
                "compute_units": simulation.units,
            }),
            Self::Offline | Self::Nothing | Self::NotByThisNode => Value::Null,
        }
    }
}

/// A program's text, without what would move a terminal.
fn plain(line: &str) -> String {
    line.chars()
        .map(|each| if each.is_control() { '?' } else { each })
        .collect()
}
