//! What lies beside the tables: JSON that says what they are and what they commit to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bulkhead_core::{checkpoint, merkle};
use bulkhead_interface::Pubkey;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Error, Position, Proof, Roots,
    hex::{self, decimal, key},
    input,
};

/// Version of the files' schema.
pub const SCHEMA_VERSION: u64 = 1;
/// Manifest of a snapshot.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Its leaves.
pub(crate) const LEAVES: &str = "leaves.parquet";
/// Manifest of a collection.
pub(crate) const COLLECTION: &str = "collection.json";
/// Its positions.
pub(crate) const POSITIONS: &str = "positions.parquet";

/// What a snapshot is of, and what it commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u64,
    /// What binds its leaves.
    pub tag: TagInputs,
    /// The slot of all sources, where it is known.
    pub slot: Option<u64>,
    /// Where the positions came from.
    pub sources: Vec<SourceEntry>,
    /// Positions read, amounts of zero included.
    pub positions: u64,
    /// Root, total, count and the sixteen shards.
    #[serde(flatten)]
    pub roots: Roots,
    /// The files beside the manifest.
    pub files: Vec<FileEntry>,
}

/// What a snapshot's tag is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagInputs {
    /// Bulkhead's program id.
    #[serde(with = "key")]
    pub program: Pubkey,
    /// Address of the `Snapshot` account; of the `CheckpointLog` with `checkpoint_slot`.
    #[serde(with = "key")]
    pub snapshot: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Slot of the checkpoint, if this is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_slot: Option<u64>,
    /// SHA-256 of them.
    #[serde(with = "hex", rename = "hash")]
    pub tag: [u8; 32],
}

impl TagInputs {
    /// Of a ledger of a snapshot.
    #[must_use]
    pub fn new(program: Pubkey, snapshot: Pubkey, ledger_index: u8) -> Self {
        Self::of(program, snapshot, ledger_index, None)
    }

    /// Of a ledger at a slot, as attesters post it to `log`.
    #[must_use]
    pub fn checkpoint(program: Pubkey, log: Pubkey, ledger_index: u8, slot: u64) -> Self {
        Self::of(program, log, ledger_index, Some(slot))
    }

    fn of(program: Pubkey, snapshot: Pubkey, ledger_index: u8, checkpoint_slot: Option<u64>) -> Self {
        Self {
            program,
            snapshot,
            ledger_index,
            checkpoint_slot,
            tag: match checkpoint_slot {
                Some(slot) => checkpoint::tag(&program, &snapshot, ledger_index, slot),
                None => merkle::tag(&program, &snapshot, ledger_index),
            },
        }
    }

    /// Is the hash that of its parts?
    fn is_sound(&self) -> bool {
        *self == Self::of(self.program, self.snapshot, self.ledger_index, self.checkpoint_slot)
    }
}

/// One source of positions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEntry {
    /// Name of the file or folder, or of the node.
    pub name: String,
    /// One of [`Source::kind`](crate::Source::kind), or `rpc`.
    pub kind: String,
    /// The slot it says it is of.
    pub slot: Option<u64>,
    /// Positions in it.
    pub positions: u64,
    /// Accounts in it that are no positions of the ledger.
    pub skipped: u64,
    /// Its bytes; 0 for a node's answer.
    pub bytes: u64,
    /// SHA-256 of them.
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

/// One file beside the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Rows of its table.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 of them.
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

impl FileEntry {
    /// Of a table in a folder.
    pub(crate) fn of(folder: &Path, name: &str, rows: u64) -> Result<Self, Error> {
        let (bytes, sha256) = input::digest(&folder.join(name))?;
        Ok(Self {
            name: name.to_owned(),
            rows,
            bytes,
            sha256,
        })
    }

    /// Is the file still this one?
    pub(crate) fn check(&self, folder: &Path) -> Result<(), Error> {
        let file = folder.join(&self.name);
        if Self::of(folder, &self.name, self.rows)? == *self {
            Ok(())
        } else {
            Err(Error::mismatch(&file, "its length or SHA-256 is not the manifest's"))
        }
    }
}

impl Manifest {
    /// Of the snapshot in a folder.
    ///
    /// # Errors
    /// [`Error::ManifestMismatch`], [`Error::UnknownSchema`], [`Error::Io`]
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let file = folder.join(MANIFEST);
        let manifest: Self = open(&file)?;
        if !manifest.tag.is_sound() {
            return Err(Error::mismatch(&file, "the tag's hash is not that of its parts"));
        }
        let sealed = Roots::seal(manifest.roots.shards).map_err(|error| Error::mismatch(&file, error.to_string()))?;
        if sealed != manifest.roots {
            return Err(Error::mismatch(
                &file,
                "root, total, count and shards do not belong together",
            ));
        }
        Ok(manifest)
    }

    /// The table of leaves, found to be the one that the manifest means.
    pub(crate) fn leaves(&self, folder: &Path) -> Result<PathBuf, Error> {
        let manifest = folder.join(MANIFEST);
        let entry = self.files.iter().find(|file| file.name == LEAVES);
        let entry = entry.ok_or_else(|| Error::mismatch(&manifest, "it names no leaves.parquet"))?;
        entry.check(folder)?;
        if entry.rows != self.roots.count {
            return Err(Error::mismatch(
                &manifest,
                "the table has another number of rows than there are leaves",
            ));
        }
        Ok(folder.join(LEAVES))
    }
}

/// Manifest of what `collect` wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Collection {
    pub schema_version: u64,
    pub slot: Option<u64>,
    #[serde(with = "decimal")]
    pub total: u64,
    pub source: SourceEntry,
    pub files: Vec<FileEntry>,
}

impl Collection {
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        open(&folder.join(COLLECTION))
    }

    pub(crate) fn check(&self, folder: &Path) -> Result<(), Error> {
        if self.files.iter().all(|file| file.name != POSITIONS) {
            return Err(Error::mismatch(
                &folder.join(COLLECTION),
                "it names no positions.parquet",
            ));
        }
        self.files.iter().try_for_each(|file| file.check(folder))
    }
}

/// Parses a manifest, its version first.
fn open<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let text = fs::read(file).map_err(Error::io(file))?;
    let bad = |error: serde_json::Error| Error::mismatch(file, error.to_string());
    let Version { schema_version } = serde_json::from_slice(&text).map_err(bad)?;
    if schema_version != SCHEMA_VERSION {
        return Err(Error::UnknownSchema {
            file: file.to_owned(),
            found: schema_version,
        });
    }
    serde_json::from_slice(&text).map_err(bad)
}

/// A proof as text: what `prove` prints, the server answers and `verify` takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofEntry {
    /// Number of the leaf: shard and place in the shard.
    pub index: u32,
    /// Address of the position.
    #[serde(with = "key")]
    pub key: Pubkey,
    /// Who is owed.
    #[serde(with = "key")]
    pub owner: Pubkey,
    /// How much. Native units.
    #[serde(with = "decimal")]
    pub amount: u64,
    /// The leaf's bit among all claims.
    pub claim_bit: u32,
    /// Siblings, bottom up, to the root.
    pub siblings: Vec<SiblingEntry>,
    /// How many of them a claim takes.
    pub siblings_below_cap: usize,
    /// These, as the `claim` instruction takes them, in hexadecimal.
    pub claim_bytes: String,
    /// What binds the leaf.
    #[serde(with = "hex")]
    pub tag: [u8; 32],
    /// What the proof leads to.
    #[serde(with = "hex")]
    pub root: [u8; 32],
    /// And the sum there.
    #[serde(with = "decimal")]
    pub total: u64,
}

/// One sibling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiblingEntry {
    /// Its hash.
    #[serde(with = "hex")]
    pub hash: [u8; 32],
    /// The sum below it.
    #[serde(with = "decimal")]
    pub sum: u64,
}

impl ProofEntry {
    /// Of a proof under a snapshot's manifest.
    #[must_use]
    pub fn new(proof: &Proof, manifest: &Manifest) -> Self {
        let place = proof.index & ((1 << 20) - 1);
        let shard = manifest.roots.shards.get((proof.index >> 20) as usize);
        let siblings = proof.siblings.iter();
        Self {
            index: proof.index,
            key: proof.position.key,
            owner: proof.position.owner,
            amount: proof.position.amount,
            claim_bit: shard.map_or(place, |shard| shard.first + place),
            siblings: siblings
                .map(|node| SiblingEntry {
                    hash: node.hash,
                    sum: node.sum,
                })
                .collect(),
            siblings_below_cap: proof.canopy_from,
            claim_bytes: hex::write(proof.claim_bytes()),
            tag: manifest.tag.tag,
            root: manifest.roots.root,
            total: manifest.roots.total,
        }
    }

    /// Does it prove its position in the snapshot of this manifest? What the entry itself says of tag, root and claim
    /// has to be the manifest's.
    ///
    /// # Errors
    /// [`Error::BadProof`]
    pub fn verify(&self, manifest: &Manifest) -> Result<(), Error> {
        let proof = Proof {
            index: self.index,
            position: Position {
                key: self.key,
                owner: self.owner,
                amount: self.amount,
            },
            siblings: self
                .siblings
                .iter()
                .map(|node| bulkhead_interface::layout::Node {
                    hash: node.hash,
                    sum: node.sum,
                })
                .collect(),
            canopy_from: self.siblings_below_cap,
        };
        proof
            .verify(&manifest.tag.tag, &manifest.roots.node())
            .map_err(|error| Error::BadProof(error.to_string()))?;
        let place = self.index & ((1 << 20) - 1);
        let shard = manifest.roots.shards.get((self.index >> 20) as usize);
        let shard =
            shard.filter(|shard| place < shard.count && usize::from(shard.cap_height) == self.siblings_below_cap);
        if shard.is_none() || Self::new(&proof, manifest) != *self {
            return Err(Error::BadProof(
                "what it says of its place or its snapshot is not so".into(),
            ));
        }
        Ok(())
    }
}
