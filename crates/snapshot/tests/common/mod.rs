//! Positions, folders and layouts that several tests use.
#![allow(dead_code)]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_interface::{
    ID, Pubkey, discriminator,
    layout::{AmountField, ByteFilter, Ledger, Scale},
};
use bulkhead_snapshot::{BuildOptions, Error, Manifest, Position, Progress, Silent, Source, TagInputs, build};
use bytemuck::Zeroable;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub fn digest(word: &str, i: u32) -> Pubkey {
    let hash = Sha256::new()
        .chain_update(word)
        .chain_update(i.to_le_bytes())
        .finalize();
    Pubkey::new_from_array(hash.into())
}

/// Every tenth of them has nothing; seven owners in all.
pub fn positions(count: u32) -> Vec<Position> {
    (0..count)
        .map(|i| Position {
            key: digest("key", i),
            owner: digest("owner", i % 7),
            amount: u64::from(i % 10) * 3,
        })
        .collect()
}

pub fn tag() -> TagInputs {
    TagInputs::new(ID, digest("snapshot", 0), 0)
}

pub fn options(progress: &dyn Progress) -> BuildOptions<'_> {
    BuildOptions {
        tag: tag(),
        slot: None,
        ledger: None,
        threads: 2,
        progress,
    }
}

pub fn csv(file: &Path, positions: &[Position]) -> Source {
    let mut text = "note,amount,key,owner\n".to_owned();
    for Position { key, owner, amount } in positions {
        writeln!(text, "\"a, \"\"b\"\"\",{amount},{key},{owner}").unwrap();
    }
    fs::write(file, text).unwrap();
    Source::at(file).unwrap()
}

pub fn json_lines(file: &Path, positions: &[Position]) -> Source {
    let mut text = String::new();
    for (i, Position { key, owner, amount }) in positions.iter().enumerate() {
        // Amounts as numbers and as strings, keys in both spellings.
        let row = if i % 2 == 0 {
            json!({ "key": key.to_string(), "owner": hex(owner), "amount": amount })
        } else {
            json!({ "owner": owner.to_string(), "amount": amount.to_string(), "key": hex(key) })
        };
        writeln!(text, "{row}").unwrap();
    }
    fs::write(file, text).unwrap();
    Source::at(file).unwrap()
}

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn built(sources: &[Source], out: &Path) -> Result<Manifest, Error> {
    build(sources, out, &options(&Silent))
}

/// A host's layout: eight bytes `position`, the owner at 16, the amount at 60, 96 bytes.
pub fn ledger() -> Ledger {
    let mut filter = ByteFilter::zeroed();
    filter.len = 8;
    filter.bytes[..8].copy_from_slice(b"position");
    let mut filters = [ByteFilter::zeroed(); 4];
    filters[0] = filter;
    let mut amounts = [AmountField::zeroed(); 8];
    (amounts[0].offset, amounts[0].width) = (60, 8);
    Ledger {
        version: 1,
        owner_offset: 16,
        amounts,
        amount_count: 1,
        scale: Scale {
            multiplier: 1,
            divisor: 1,
            ..Scale::zeroed()
        },
        data_len: 96,
        domain: digest("domain", 0),
        program: digest("host", 0),
        mint: digest("mint", 0),
        total_account: digest("total", 0),
        total_program: digest("host", 0),
        total_width: 8,
        filters,
        ..Ledger::zeroed()
    }
}

/// The position's account as the host keeps it.
pub fn account_data(position: &Position) -> Vec<u8> {
    let mut data = vec![0xee; 96];
    data[..8].copy_from_slice(b"position");
    data[16..48].copy_from_slice(position.owner.as_ref());
    data[60..68].copy_from_slice(&position.amount.to_le_bytes());
    data
}

pub fn account(key: &Pubkey, program: &Pubkey, data: &[u8]) -> Value {
    json!({
        "pubkey": key.to_string(),
        "account": {
            "lamports": 1_000_000,
            "data": [BASE64_STANDARD.encode(data), "base64"],
            "owner": program.to_string(),
            "executable": false,
            "rentEpoch": u64::MAX,
            "space": data.len(),
        }
    })
}

pub fn ledger_account(ledger: &Ledger) -> Value {
    let data = [&discriminator::LEDGER[..], bytemuck::bytes_of(ledger)].concat();
    account(&digest("ledger", 0), &ID, &data)
}

/// The names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub fn project() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Writes down what is reported to it, and can stop the run it watches.
#[derive(Default)]
pub struct Watch {
    pub steps: Mutex<Vec<String>>,
    pub resumed: Mutex<usize>,
    /// Panic in the hashing after so many calls: a run that is killed.
    pub kill_after: Option<usize>,
    pub calls: Mutex<usize>,
}

impl Progress for Watch {
    fn begin(&self, step: &str, _: Option<u64>) {
        self.steps.lock().unwrap().push(step.to_owned());
    }

    fn advance(&self, _: u64) {
        if self.steps.lock().unwrap().last().is_some_and(|step| step == "hash") {
            let mut calls = self.calls.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            *calls += 1;
            if self.kill_after.is_some_and(|most| *calls > most) {
                drop(calls);
                panic!("killed");
            }
        }
    }

    fn resumed(&self, shards: usize) {
        *self.resumed.lock().unwrap() = shards;
    }
}
