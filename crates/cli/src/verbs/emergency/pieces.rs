//! `bulkhead emergency pieces`: the arguments of the proposals that register an action of several steps.

use anyhow::{Context as _, bail};
use bulkhead_client::{
    bulkhead::{call::StoredInstruction, decision::Decision},
    emergency::{pieces, whole_hash},
    payload::{call_in_words, hex},
};
use bulkhead_core::proposals::execution::room;
use bulkhead_interface::{ProposalKind, constants::MAX_EMERGENCY_STEPS};
use bulkhead_snapshot::json;
use clap::Args;
use serde_json::{Value, json};

use super::super::{
    idl_json::{arguments, decision, without_comments},
    propose::text,
    words,
};
use crate::context::Context;

#[derive(Args, Clone, Debug)]
pub(super) struct Pieces {
    /// Number that the action gets
    #[arg(value_name = "NUMBER")]
    number: u8,
    /// The steps in order as a JSON list of instructions, each as `bulkhead propose run-instruction --example` prints it: a
    /// file, `-` for standard input, or the JSON itself
    #[arg(long, value_name = "FILE|JSON")]
    steps: String,
}

/// Runs it. Needs no node.
pub(super) fn run(command: &Pieces, context: &Context) -> anyhow::Result<()> {
    let steps = read(&command.steps)?;
    let room = room(ProposalKind::RegisterEmergencySteps);
    let pieces = pieces(command.number, &steps, room).with_context(|| {
        format!("TooLong: a step has more than {room} bytes, or there are more than {MAX_EMERGENCY_STEPS} steps")
    })?;
    let values: Result<Vec<Value>, _> = pieces.iter().map(|piece| arguments(&piece.clone().into())).collect();
    let values = values?;
    let hash = hex(&whole_hash(&steps));
    let found = json!({ "number": command.number, "hash": hash, "pieces": values });
    context.print(&found, || {
        let mut pairs = vec![("number", command.number.to_string()), ("hash", hash.clone())];
        for (number, step) in (1..).zip(&steps) {
            pairs.push((
                "step",
                format!("{number} of {}: {}", steps.len(), call_in_words(step).join("; ")),
            ));
        }
        pairs.extend(values.iter().map(|piece| ("propose", piece.to_string())));
        words::lines(&pairs)
    })
}

fn read(given: &str) -> anyhow::Result<Vec<StoredInstruction>> {
    let text = text(given)?;
    let value: Value = json::from_slice(without_comments(&text).as_bytes())
        .map_err(|error| anyhow::anyhow!("BadArguments: not JSON: {error}"))?;
    let Value::Array(steps) = value else {
        bail!("BadArguments: the steps are a list of instructions, in brackets");
    };
    let step = |value: &Value| match decision(ProposalKind::RunInstruction, value)? {
        Decision::RunInstruction(stored) => Ok(stored),
        _ => bail!("BadArguments: a step is an instruction"),
    };
    steps.iter().map(step).collect()
}
