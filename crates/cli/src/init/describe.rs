//! One step in full: program, accounts with their IDL names, rent and arguments.

use std::fmt::Write;

use bulkhead_rpc::Node;
use serde_json::{Value, json};

use super::plan::Step;
use crate::verbs::idl_json::{Call, call};

/// Rent of an account when no cluster is given: 3,480 lamports per byte and year for two years, for the data and 128
/// more bytes.
const LAMPORTS_PER_BYTE: u64 = 6_960;
const OVERHEAD: u64 = 128;

/// One step in full.
pub(super) struct Detail {
    program: String,
    accounts: Vec<(String, String, &'static str)>,
    rent: Vec<(&'static str, usize, u64)>,
    call: Call,
    bytes: usize,
}

pub(super) async fn step(step: &Step, node: Option<&Node>) -> anyhow::Result<Detail> {
    let instruction = &step.instruction;
    let call = call(&instruction.data)?;
    let mut names = call.accounts.iter();
    let accounts = instruction.accounts.iter().map(|meta| {
        let right = match (meta.is_signer, meta.is_writable) {
            (true, true) => "signer, writable",
            (true, false) => "signer",
            (false, true) => "writable",
            (false, false) => "",
        };
        (
            names.next().cloned().unwrap_or_default(),
            meta.pubkey.to_string(),
            right,
        )
    });
    let mut rent = Vec::new();
    for (name, bytes) in &step.creates {
        let lamports = match node {
            Some(node) => node.rent(*bytes).await?,
            None => (u64::try_from(*bytes)? + OVERHEAD) * LAMPORTS_PER_BYTE,
        };
        rent.push((*name, *bytes, lamports));
    }
    Ok(Detail {
        program: instruction.program_id.to_string(),
        accounts: accounts.collect(),
        rent,
        call,
        bytes: instruction.data.len(),
    })
}

impl Detail {
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "          program             {}, {} bytes of data\n",
            self.program, self.bytes
        );
        // Writing to a string cannot fail.
        for (name, key, right) in &self.accounts {
            let line = format!("            {name:<17} {key:<44}  {right}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        for (name, bytes, lamports) in &self.rent {
            let _ = writeln!(
                text,
                "          rent  {name:<13} {bytes} bytes, {:.6} SOL",
                *lamports as f64 / 1e9
            );
        }
        for line in &self.call.lines {
            let _ = writeln!(text, "          {line}");
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let accounts = self.accounts.iter().map(|(name, key, right)| {
            json!({
                "name": name,
                "key": key,
                "signer": right.starts_with("signer"),
                "writable": right.ends_with("writable"),
            })
        });
        let rent = self.rent.iter().map(
            |(name, bytes, lamports)| json!({ "account": name, "bytes": bytes, "lamports": lamports.to_string() }),
        );
        json!({
            "program": self.program,
            "accounts": accounts.collect::<Vec<_>>(),
            "rent": rent.collect::<Vec<_>>(),
            "arguments": self.call.arguments,
            "data_bytes": self.bytes,
        })
    }
}
