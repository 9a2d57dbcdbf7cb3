//! The prover's question and answer, as they are checked in.

use std::{fs, path::PathBuf};

use bulkhead::instructions::{ProvePageArgs, RegisterVerifyingKeyArgs, VerifyingKey};
use bulkhead_core::proofs::points::KeyPoints;
use serde_json::Value;

/// A page as the prover made it.
#[derive(Clone)]
pub struct Page {
    pub role: u8,
    pub shard: u8,
    pub args: ProvePageArgs,
}

/// What the prover answered.
#[derive(Clone)]
pub struct Answer {
    pub key: VerifyingKey,
    pub pages: Vec<Page>,
}

pub(super) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../vectors/state_proof")
        .join(name)
}

pub(super) fn read(name: &str) -> Value {
    let text = fs::read(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hexadecimal text").as_bytes();
    let digit = |digit: &u8| char::from(*digit).to_digit(16).expect("a digit") as u8;
    text.chunks(2)
        .map(|pair| digit(&pair[0]) << 4 | digit(&pair[1]))
        .collect()
}

impl Answer {
    /// What is checked in.
    #[must_use]
    pub fn read() -> Self {
        let answer = read("answer.json");
        let number = |value: &Value| value.as_u64().expect("a number");
        let pages = answer["pages"].as_array().expect("pages").iter();
        Self {
            key: VerifyingKey {
                page_size: number(&answer["key"]["page_size"]),
                set_up: u8::try_from(number(&answer["key"]["set_up"])).expect("a byte"),
                points: unhex(&answer["key"]["points"]),
            },
            pages: pages
                .map(|page| Page {
                    role: u8::try_from(number(&page["role"])).expect("a role"),
                    shard: u8::try_from(number(&page["shard"])).expect("a shard"),
                    args: ProvePageArgs {
                        after: unhex(&page["after"]).try_into().expect("a state"),
                        proof: unhex(&page["proof"]).try_into().expect("a proof"),
                    },
                })
                .collect(),
        }
    }

    /// Id of the key.
    #[must_use]
    pub fn key_id(&self) -> [u8; 32] {
        id_of(&self.key)
    }

    /// The decision that registers the key.
    #[must_use]
    pub fn decision(&self) -> RegisterVerifyingKeyArgs {
        RegisterVerifyingKeyArgs {
            id: self.key_id(),
            accepts_insecure: true,
        }
    }
}

/// Id of a key.
#[must_use]
pub fn id_of(key: &VerifyingKey) -> [u8; 32] {
    let points = key.points.as_slice().try_into().expect("576 bytes");
    KeyPoints::read(points).expect("a key").id(key.page_size, key.set_up)
}
