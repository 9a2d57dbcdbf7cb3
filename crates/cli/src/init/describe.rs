//! One step in full: program, accounts with their IDL names, rent and arguments.

use std::fmt::Write;

use bulkhead_rpc::Node;
use serde_json::{Map, Value, json};

use super::plan::Step;

const IDL: &str = include_str!("../../../../idl/bulkhead.json");
/// Rent of an account when no cluster is given: 3,480 lamports per byte and year for two years, for the data and 128
/// more bytes.
const LAMPORTS_PER_BYTE: u64 = 6_960;
const OVERHEAD: u64 = 128;

/// One step in full.
pub(super) struct Detail {
    program: String,
    accounts: Vec<(String, String, &'static str)>,
    rent: Vec<(&'static str, usize, u64)>,
    arguments: Vec<(&'static str, String)>,
    bytes: usize,
}

pub(super) async fn step(step: &Step, node: Option<&Node>) -> anyhow::Result<Detail> {
    let instruction = &step.instruction;
    let mut names = account_names(&instruction.data).into_iter();
    let accounts = instruction.accounts.iter().map(|meta| {
        let right = match (meta.is_signer, meta.is_writable) {
            (true, true) => "signer, writable",
            (true, false) => "signer",
            (false, true) => "writable",
            (false, false) => "",
        };
        (names.next().unwrap_or_default(), meta.pubkey.to_string(), right)
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
        arguments: step.arguments.clone(),
        bytes: instruction.data.len(),
    })
}

/// The account names of an instruction, by its discriminator.
fn account_names(data: &[u8]) -> Vec<String> {
    fn flatten(accounts: &Value, names: &mut Vec<String>) {
        for account in accounts.as_array().into_iter().flatten() {
            match account.get("accounts") {
                Some(inner) => flatten(inner, names),
                None => names.push(account["name"].as_str().unwrap_or_default().to_owned()),
            }
        }
    }
    let idl: Value = serde_json::from_str(IDL).unwrap_or_default();
    let is_it = |instruction: &&Value| {
        let discriminator = instruction["discriminator"].as_array();
        let bytes: Vec<_> = discriminator.into_iter().flatten().filter_map(Value::as_u64).collect();
        !bytes.is_empty() && data.iter().map(|byte| u64::from(*byte)).take(bytes.len()).eq(bytes)
    };
    let mut names = Vec::new();
    if let Some(instruction) = idl["instructions"].as_array().into_iter().flatten().find(is_it) {
        flatten(&instruction["accounts"], &mut names);
    }
    names
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
        for (name, value) in &self.arguments {
            let _ = writeln!(text, "          {name} = {value}");
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
        let mut arguments = Map::new();
        for (name, value) in &self.arguments {
            match arguments.get_mut(*name) {
                Some(Value::Array(list)) => list.push(json!(value)),
                Some(one) => *one = json!([one.clone(), value]),
                None => {
                    arguments.insert((*name).to_owned(), json!(value));
                }
            }
        }
        json!({
            "program": self.program,
            "accounts": accounts.collect::<Vec<_>>(),
            "rent": rent.collect::<Vec<_>>(),
            "arguments": arguments,
            "data_bytes": self.bytes,
        })
    }
}
