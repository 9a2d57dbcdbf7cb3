//! What is read from files: snapshot folders, and the parts of trees that no folder can hold.

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, ensure};
use bulkhead_interface::{
    ID,
    constants::SHARDS,
    layout::{Node, ShardRoot},
};
use bulkhead_snapshot::{Manifest, ShardEntry, Snapshot, json};
use bulkhead_terminal::Bar;
use clap::Args;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};

use crate::{
    files,
    verbs::{ledger_at::not_possible, words::unhex},
};

/// What the leaves of a folder have to be bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    /// The `Snapshot` account, or the checkpoint log.
    pub(crate) key: Pubkey,
    /// Number of the ledger.
    pub(crate) ledger_index: u8,
    /// Slot of the checkpoint.
    pub(crate) slot: Option<u64>,
}

impl Bound {
    fn check(&self, folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
        let tag = &manifest.tag;
        let is_same = tag.program == ID
            && tag.snapshot == self.key
            && tag.ledger_index == self.ledger_index
            && tag.checkpoint_slot == self.slot;
        if is_same {
            return Ok(());
        }
        let build = match self.slot {
            Some(slot) => format!("--checkpoint-log {} --slot {slot}", self.key),
            None => format!("--snapshot {}", self.key),
        };
        Err(not_possible(
            format!("{} is of another ledger, snapshot or slot", folder.display()),
            format!(
                "build it with `bulkhead snapshot build POSITIONS {build} --ledger-index {} --out DIR`",
                self.ledger_index
            ),
        ))
    }
}

/// Reads a folder's manifest, which has to be of this snapshot or checkpoint.
pub(crate) fn manifest(folder: &Path, bound: &Bound) -> anyhow::Result<Manifest> {
    let manifest = Manifest::open(folder)?;
    bound.check(folder, &manifest)?;
    Ok(manifest)
}

/// Reads a folder with all of its leaves.
pub(crate) fn snapshot(folder: &Path, bound: &Bound) -> anyhow::Result<Snapshot> {
    manifest(folder, bound)?;
    let bar = Bar::visible();
    let snapshot = Snapshot::open(folder, &bar)?;
    bar.clear();
    Ok(snapshot)
}

/// The sixteen shards that a checkpoint commits to.
#[derive(Args, Clone, Debug, Default)]
pub struct ShardsFrom {
    /// Snapshot folder of the checkpoint
    #[arg(long, value_name = "DIR", conflicts_with = "shards")]
    pub(crate) folder: Option<PathBuf>,
    /// JSON file with the sixteen shards, root, sum and count each: a manifest of a snapshot, or a list
    #[arg(long, value_name = "FILE")]
    pub(crate) shards: Option<PathBuf>,
}

impl ShardsFrom {
    /// Reads the shards, if they were given.
    pub(crate) fn read(&self, bound: &Bound) -> anyhow::Result<Option<[ShardRoot; SHARDS]>> {
        match (&self.folder, &self.shards) {
            (Some(folder), _) => {
                let manifest = manifest(folder, bound)?;
                Ok(Some(manifest.roots.shards.map(root_of)))
            }
            (None, Some(file)) => shards_in(file).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Reads the shards, which have to be given.
    pub(crate) fn require(&self, bound: &Bound) -> anyhow::Result<[ShardRoot; SHARDS]> {
        self.read(bound)?.ok_or_else(|| {
            not_possible(
                "the checkpoint's shards are needed, and the chain stores only their hash",
                "pass its snapshot folder with --folder, or its manifest with --shards",
            )
        })
    }
}

const fn root_of(shard: ShardEntry) -> ShardRoot {
    ShardRoot {
        root: Node {
            hash: shard.root,
            sum: shard.sum,
        },
        count: shard.count,
        first: shard.first,
    }
}

/// A shard as manifests write it. What else a manifest says of it is not needed.
#[derive(Deserialize)]
struct ShardText {
    #[serde(deserialize_with = "hash")]
    root: [u8; 32],
    #[serde(deserialize_with = "decimal")]
    sum: u64,
    count: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ShardsText {
    Manifest { shards: Vec<ShardText> },
    List(Vec<ShardText>),
}

fn shards_in(file: &Path) -> anyhow::Result<[ShardRoot; SHARDS]> {
    let (ShardsText::Manifest { shards } | ShardsText::List(shards)) = read(file, "shards")?;
    let name = file.display();
    ensure!(
        shards.len() == SHARDS,
        "BadShards: {name} has {} shards instead of {SHARDS}; list every shard, the empty ones, too",
        shards.len()
    );
    let mut roots = [bulkhead_core::snapshots::root::empty_shard(); SHARDS];
    for (root, shard) in roots.iter_mut().zip(shards) {
        root.root = Node {
            hash: shard.root,
            sum: shard.sum,
        };
        root.count = shard.count;
    }
    Ok(roots)
}

/// A sibling on the way to the root.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct SiblingText {
    #[serde(deserialize_with = "hash")]
    hash: [u8; 32],
    #[serde(deserialize_with = "decimal")]
    sum: u64,
}

/// Siblings as instructions take them: 40 bytes each.
pub(crate) fn proof_bytes(siblings: &[SiblingText]) -> Vec<u8> {
    let node = |sibling: &SiblingText| Node {
        hash: sibling.hash,
        sum: sibling.sum,
    };
    let nodes: Vec<_> = siblings.iter().map(node).collect();
    bytemuck::cast_slice(&nodes).to_vec()
}

/// A leaf and its path, as `bulkhead snapshot prove --output json` prints it. What else it prints is not needed.
#[derive(Debug, Deserialize)]
pub(crate) struct LeafText {
    pub(crate) index: u32,
    #[serde(deserialize_with = "key")]
    pub(crate) key: Pubkey,
    #[serde(deserialize_with = "key")]
    pub(crate) owner: Pubkey,
    #[serde(deserialize_with = "decimal")]
    pub(crate) amount: u64,
    pub(crate) siblings: Vec<SiblingText>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LeavesText {
    One(Box<LeafText>),
    List(Vec<LeafText>),
}

/// Reads the only proof of a file.
pub(crate) fn leaf_in(file: &Path) -> anyhow::Result<LeafText> {
    let mut leaves = match read(file, "a proof")? {
        LeavesText::One(leaf) => return Ok(*leaf),
        LeavesText::List(leaves) => leaves,
    };
    match (leaves.pop(), leaves.len()) {
        (Some(leaf), 0) => Ok(leaf),
        (_, count) => Err(not_possible(
            format!("{} does not contain one proof, but {}", file.display(), count + 1),
            "prove one leaf at a time: `bulkhead snapshot prove DIR --key POSITION --output json`",
        )),
    }
}

/// Reads a JSON file in which every name is unique within its object.
pub(crate) fn read<T: DeserializeOwned>(file: &Path, what: &str) -> anyhow::Result<T> {
    let name = file.display();
    let text = files::read(file, files::LONG).with_context(|| format!("{name} cannot be read"))?;
    let value = json::from_slice(&text).with_context(|| format!("BadJson: {name} is not JSON"))?;
    serde_json::from_value(value).with_context(|| format!("BadJson: {name} does not contain {what}"))
}

fn hash<'a, D: Deserializer<'a>>(from: D) -> Result<[u8; 32], D::Error> {
    let bytes = bytes(from)?;
    let length = bytes.len();
    bytes
        .try_into()
        .map_err(|_| D::Error::custom(format!("it has {length} bytes instead of 32")))
}

/// Hexadecimal digits of any length.
pub(crate) fn bytes<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    unhex(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not hexadecimal")))
}

/// A hash on the command line.
pub(crate) fn hash_argument(text: &str) -> Result<[u8; 32], String> {
    let bytes = unhex(text).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "it is not 64 hexadecimal digits".into())
}

/// An amount: a decimal string, which no reader of JSON rounds, or a number.
pub(crate) fn decimal<'a, D: Deserializer<'a>>(from: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Amount {
        Text(String),
        Number(u64),
    }
    match Amount::deserialize(from)? {
        Amount::Number(number) => Ok(number),
        Amount::Text(text) => text
            .parse()
            .map_err(|_| D::Error::custom(format!("`{text}` is not an amount"))),
    }
}

fn key<'a, D: Deserializer<'a>>(from: D) -> Result<Pubkey, D::Error> {
    let text = String::deserialize(from)?;
    text.parse()
        .map_err(|_| D::Error::custom(format!("`{text}` is not an address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_64_digits() {
        assert_eq!(hash_argument(&"0a".repeat(32)), Ok([10; 32]));
        assert!(hash_argument("0a").is_err());
        assert!(hash_argument(&"é".repeat(32)).is_err());
        assert!(hash_argument(&"0g".repeat(32)).is_err());
    }
}
