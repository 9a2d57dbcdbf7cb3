//! What the IDL says of an instruction: its number, its accounts, and the values in its data.

use std::{collections::BTreeMap, fs};

use anchor_lang::prelude::Pubkey;
use serde_json::Value;
use solana_instruction::Instruction;

use super::common::checkout;

/// The IDL.
pub struct Idl(Value);

impl Idl {
    pub fn read() -> Self {
        let text = fs::read_to_string(checkout("idl/bulkhead.json")).expect("run `make idl`");
        Self(serde_json::from_str(&text).expect("the IDL is JSON"))
    }

    fn instructions(&self) -> impl Iterator<Item = &Value> {
        self.0["instructions"].as_array().expect("instructions").iter()
    }

    /// The names of all instructions.
    pub fn names(&self) -> Vec<String> {
        self.instructions().map(|each| text(&each["name"])).collect()
    }

    /// The name of the instruction with this discriminator.
    pub fn name_of(&self, discriminator: &[u8]) -> Option<String> {
        let found = self
            .instructions()
            .find(|each| bytes(&each["discriminator"]) == discriminator);
        found.map(|each| text(&each["name"]))
    }

    /// The accounts and the arguments of an instruction, by name. `rest` are the accounts that the IDL does not name.
    pub fn values(&self, instruction: &Instruction) -> BTreeMap<String, String> {
        let (discriminator, data) = instruction.data.split_at(8);
        let found = self
            .instructions()
            .find(|each| bytes(&each["discriminator"]) == discriminator);
        let found = found.expect("an instruction of the IDL");
        let mut values = BTreeMap::new();
        let mut rest = Rest(data.to_vec());
        for argument in found["args"].as_array().into_iter().flatten() {
            // What no command line states ends it: the values behind it are not needed.
            if self
                .value(&text(&argument["name"]), &argument["type"], &mut rest, &mut values)
                .is_none()
            {
                break;
            }
        }
        let mut names = Vec::new();
        flatten(found["accounts"].as_array().expect("accounts"), &mut names);
        for (name, meta) in names.iter().zip(&instruction.accounts) {
            values.insert(name.clone(), meta.pubkey.to_string());
        }
        let rest = instruction.accounts.iter().skip(names.len());
        let rest: Vec<_> = rest.map(|meta| meta.pubkey.to_string()).collect();
        values.insert("rest".into(), rest.join(" "));
        values
    }

    /// Reads one value, and keeps it if it is one that a command line can state.
    fn value(&self, name: &str, kind: &Value, rest: &mut Rest, into: &mut BTreeMap<String, String>) -> Option<()> {
        let mut keep = |value: String| {
            into.insert(name.to_owned(), value);
        };
        if let Some(kind) = kind.as_str() {
            match kind {
                "bool" | "u8" => keep(rest.number(1)?.to_string()),
                "u16" => keep(rest.number(2)?.to_string()),
                "u32" => keep(rest.number(4)?.to_string()),
                "u64" => keep(rest.number(8)?.to_string()),
                "i64" => keep(i64::from_le_bytes(rest.take(8)?.try_into().ok()?).to_string()),
                "u128" => keep(rest.number(16)?.to_string()),
                "pubkey" => keep(Pubkey::try_from(rest.take(32)?).ok()?.to_string()),
                "bytes" | "string" => {
                    let length = usize::try_from(rest.number(4)?).ok()?;
                    keep(hex(&rest.take(length)?));
                }
                _ => return None,
            }
            return Some(());
        }
        if let Some([element, length]) = kind["array"].as_array().map(Vec::as_slice)
            && element == "u8"
        {
            let length = usize::try_from(length.as_u64()?).ok()?;
            keep(hex(&rest.take(length)?));
            return Some(());
        }
        // A list of keys, as a command line separates them.
        if let Some([element, length]) = kind["vec"]["array"].as_array().map(Vec::as_slice)
            && element == "u8"
        {
            let (count, length) = (rest.number(4)?, usize::try_from(length.as_u64()?).ok()?);
            let items: Option<Vec<_>> = (0..count).map(|_| Some(hex(&rest.take(length)?))).collect();
            keep(items?.join(","));
            return Some(());
        }
        let name = text(&kind["defined"]["name"]);
        let found = self.0["types"]
            .as_array()?
            .iter()
            .find(|each| text(&each["name"]) == name)?;
        for field in found["type"]["fields"].as_array()? {
            self.value(&text(&field["name"]), &field["type"], rest, into)?;
        }
        Some(())
    }
}

/// Data that is not read yet.
struct Rest(Vec<u8>);

impl Rest {
    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        (self.0.len() >= length).then(|| self.0.drain(..length).collect())
    }

    fn number(&mut self, length: usize) -> Option<u128> {
        let mut bytes = self.take(length)?;
        bytes.resize(16, 0);
        Some(u128::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// Accounts in order, those of composite structs in place.
fn flatten(list: &[Value], into: &mut Vec<String>) {
    for item in list {
        match item["accounts"].as_array() {
            Some(inner) => flatten(inner, into),
            None => into.push(text(&item["name"])),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    let numbers = value.as_array().into_iter().flatten();
    numbers
        .filter_map(|number| u8::try_from(number.as_u64()?).ok())
        .collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
