//! Simulates a proposal now, without sending anything.
//!
//! An instruction that the domain would sign is simulated as stored, as if the domain had signed it. So an approver
//! sees whether it works and what its program logs. Proposals of other kinds change Bulkhead's own accounts only; the
//! listed changes describe them completely.

use std::slice;

use bulkhead_client::{
    bulkhead::decision::Decision,
    chain::{ChainError, Simulated},
    instructions as ix,
    payload::Payload,
};
use serde_json::{Value, json};

use super::Read;
use crate::context::Context;

/// Number of log lines shown. The last lines contain the reason of a failure.
const LINES: usize = 12;

/// The outcome of the simulation.
pub(super) enum Trial {
    /// No node was given.
    Offline,
    /// The proposal contains no instruction to simulate.
    Nothing,
    /// The node cannot simulate.
    NotByThisNode,
    /// The node's answer.
    Tried(Simulated),
}

/// Simulates the proposal on the cluster.
pub(super) async fn of(context: &Context, read: &Read) -> anyhow::Result<Trial> {
    let stored = match &read.payload {
        Payload::Known(Decision::RunInstruction(stored)) => slice::from_ref(stored),
        Payload::Known(Decision::RegisterEmergencyAction(args)) => slice::from_ref(&args.instruction),
        Payload::Known(Decision::RegisterEmergencySteps(args)) => &args.instructions,
        Payload::Known(Decision::RegisterDirectVault(args)) => slice::from_ref(&args.instruction),
        _ => return Ok(Trial::Nothing),
    };
    // Steps one after the other: each meets what the steps before it did.
    let instructions: Vec<_> = stored.iter().map(ix::unstored).collect();
    let tried = match context.node() {
        // The payer of the proposal is the fee payer of the simulation, which costs nothing.
        Ok(node) => node.simulate_for(&read.proposal.payer, &instructions, &[]).await,
        // Another cluster than a node, as tests have it.
        Err(_) => context.chain()?.simulate(&instructions, &[]).await,
    };
    match tried {
        Ok(simulated) => Ok(Trial::Tried(simulated)),
        Err(ChainError::Refused { reason, .. }) if reason.starts_with("CannotSimulate") => Ok(Trial::NotByThisNode),
        Err(error) => Err(error.into()),
    }
}

impl Trial {
    /// One line each, for people. Empty if there was nothing to simulate.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Nothing => vec![],
            Self::Offline => {
                vec!["not simulated, and not compared with the current state: give the cluster with -u".to_owned()]
            }
            Self::NotByThisNode => vec!["not simulated: this node cannot simulate".to_owned()],
            Self::Tried(simulation) => {
                let first = match &simulation.error {
                    Some(error) => format!("FAILS now: {}", first_line(error)),
                    None => "works now".to_owned(),
                };
                let skip = simulation.logs.len().saturating_sub(LINES);
                let logs = simulation.logs.iter().skip(skip).map(|line| plain(line));
                std::iter::once(first).chain(logs).collect()
            }
        }
    }

    /// JSON, for programs.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Tried(simulation) => json!({
                "works": simulation.error.is_none(),
                "error": simulation.error.as_ref().map(first_line),
                "logs": simulation.logs,
                "compute_units": simulation.units,
            }),
            Self::Offline | Self::Nothing | Self::NotByThisNode => Value::Null,
        }
    }
}

/// The error without its logs, which follow anyway.
fn first_line(error: &ChainError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// A program's log line without control characters.
fn plain(line: &str) -> String {
    line.chars()
        .map(|each| if each.is_control() { '?' } else { each })
        .collect()
}
