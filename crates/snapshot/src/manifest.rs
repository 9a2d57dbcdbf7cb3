//! Manifests: JSON files next to the tables that describe them and what they commit to.

use std::path::{Path, PathBuf};

use bulkhead_core::{checkpoints::checkpoint, snapshots::merkle};
use bulkhead_interface::{
    Pubkey,
    constants::{CANOPY, SHARD_SHIFT},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Error, Position, Proof, Roots, digits, file,
    hex::{self, decimal, key},
};

/// Version of the files' schema.
pub const SCHEMA_VERSION: u64 = 1;
/// Maximum size of a manifest in bytes: enough for many thousand sources.
pub(crate) const LONGEST: u64 = 16 << 20;
/// Possible kinds of a source.
const KINDS: [&str; 7] = [
    "json-lines",
    "csv",
    "parquet",
    "account-dumps",
    "folder",
    "collection",
    "rpc",
];
/// Manifest of a snapshot.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Its leaves.
pub(crate) const LEAVES: &str = "leaves.parquet";
/// Manifest of a collection.
pub(crate) const COLLECTION: &str = "collection.json";
/// Its positions.
pub(crate) const POSITIONS: &str = "positions.parquet";

/// What a snapshot describes, and what it commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `SCHEMA_VERSION`.
    pub schema_version: u64,
    /// What binds its leaves.
    pub tag: TagInputs,
    /// The slot of all sources, if known.
    pub slot: Option<u64>,
    /// Where the positions came from.
    pub sources: Vec<SourceEntry>,
    /// Positions read, zero amounts included.
    pub positions: u64,
    /// Root, total, count and the sixteen shards.
    #[serde(flatten)]
    pub roots: Roots,
    /// The files next to the manifest.
    pub files: Vec<FileEntry>,
}

/// The parts of a snapshot's tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagInputs {
    /// Bulkhead's program id.
    #[serde(with = "key")]
    pub program: Pubkey,
    /// Address of the `Snapshot` account, or of the `CheckpointLog` with `checkpoint_slot`.
    #[serde(with = "key")]
    pub snapshot: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Slot of the checkpoint, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_slot: Option<u64>,
    /// The tag: their SHA-256.
    #[serde(with = "hex", rename = "hash")]
    pub tag: [u8; 32],
}

impl TagInputs {
    /// The tag of a ledger in a snapshot.
    #[must_use]
    pub fn new(program: Pubkey, snapshot: Pubkey, ledger_index: u8) -> Self {
        Self::of(program, snapshot, ledger_index, None)
    }

    /// The tag of a ledger at a slot, as attesters post it to `log`.
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

    /// Whether the hash is that of its parts.
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
    /// The slot it reports.
    pub slot: Option<u64>,
    /// Number of positions in it.
    pub positions: u64,
    /// Number of accounts in it that are not positions of the ledger.
    pub skipped: u64,
    /// Its length in bytes, or 0 for a node's response.
    pub bytes: u64,
    /// Its SHA-256.
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

/// One file next to the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Number of rows of its table.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

impl FileEntry {
    /// Describes a table in a folder.
    pub(crate) fn of(folder: &Path, name: &str, rows: u64) -> Result<Self, Error> {
        let (bytes, sha256) = file::digest(&folder.join(name))?;
        Ok(Self {
            name: name.to_owned(),
            rows,
            bytes,
            sha256,
        })
    }

    /// The only file of a folder, under the only name it can have. A manifest says what the file contains, never where
    /// to look.
    fn only<'a>(files: &'a [Self], name: &str, manifest: &Path) -> Result<&'a Self, Error> {
        match files {
            [file] if file.name == name => Ok(file),
            _ => Err(Error::mismatch(
                manifest,
                format!("it must name {name} and nothing else"),
            )),
        }
    }

    /// Checks that the file is unchanged. Its length is checked first, so nothing longer is read.
    fn check(&self, folder: &Path) -> Result<(), Error> {
        let file = folder.join(&self.name);
        let len = file::open(&file)?.metadata().map_err(Error::io(&file))?.len();
        if len == self.bytes && Self::of(folder, &self.name, self.rows)? == *self {
            Ok(())
        } else {
            Err(Error::mismatch(&file, "its length or SHA-256 is not the manifest's"))
        }
    }
}

impl Manifest {
    /// Reads the manifest of the snapshot in a folder.
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
            return Err(Error::mismatch(&file, "root, total, count and shards do not match"));
        }
        manifest.check().map_err(|what| Error::mismatch(&file, what))?;
        Ok(manifest)
    }

    /// Checks that values stated twice agree, so that none of them can be changed alone.
    fn check(&self) -> Result<(), &'static str> {
        for shard in &self.roots.shards {
            if shard.count > 1 << SHARD_SHIFT || shard.count > shard.seen {
                return Err("a shard has more leaves than positions, or than it has room for");
            }
            if u64::from(shard.count) > shard.sum || shard.canopy_height != canopy_height(shard.count) {
                return Err("a shard's count, sum and height do not match");
            }
        }
        let seen: u64 = self.roots.shards.iter().map(|shard| u64::from(shard.seen)).sum();
        let read = self
            .sources
            .iter()
            .try_fold(0u64, |sum, source| sum.checked_add(source.positions));
        if self.positions != seen || read != Some(seen) {
            return Err("positions do not match those of the shards and the sources");
        }
        // Sources without a slot cause no conflict.
        let mut slots = self.sources.iter().filter_map(|source| source.slot);
        let first = slots.next();
        if self.slot != first || slots.any(|slot| Some(slot) != first) {
            return Err("the slot is not that of the sources");
        }
        if self.tag.checkpoint_slot.is_some_and(|slot| self.slot != Some(slot)) {
            return Err("the slot is not the checkpoint's");
        }
        if self.sources.iter().any(|source| !KINDS.contains(&source.kind.as_str())) {
            return Err("a source is of an unknown kind");
        }
        Ok(())
    }

    /// How many leaves to reserve memory for: the manifest's count, but no more than its file can contain.
    pub(crate) fn room_for_leaves(&self) -> usize {
        let bytes: u64 = self.files.iter().map(|file| file.bytes).sum();
        let room = self.roots.count.min(bytes / size_of::<Position>() as u64);
        usize::try_from(room).unwrap_or_default()
    }

    /// Opens the table of leaves after checking that it is the one the manifest describes.
    pub(crate) fn leaves(&self, folder: &Path) -> Result<PathBuf, Error> {
        let manifest = folder.join(MANIFEST);
        let entry = FileEntry::only(&self.files, LEAVES, &manifest)?;
        entry.check(folder)?;
        if entry.rows != self.roots.count {
            return Err(Error::mismatch(
                &manifest,
                "the table's number of rows differs from the number of leaves",
            ));
        }
        Ok(folder.join(LEAVES))
    }
}

/// The minimum height at which sixteen canopy nodes cover this many leaves.
fn canopy_height(leaves: u32) -> u8 {
    (0..=u8::MAX)
        .find(|height| (CANOPY as u64) << height >= leaves.into())
        .unwrap_or_default()
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

    /// Checks that its table is the one it describes. Returns the rows and the total that the table must have.
    pub(crate) fn check(&self, folder: &Path) -> Result<(), Error> {
        let manifest = folder.join(COLLECTION);
        let file = FileEntry::only(&self.files, POSITIONS, &manifest)?;
        if file.rows != self.source.positions || self.slot != self.source.slot {
            return Err(Error::mismatch(&manifest, "rows and slot do not match its source"));
        }
        if !KINDS.contains(&self.source.kind.as_str()) {
            return Err(Error::mismatch(&manifest, "its source is of an unknown kind"));
        }
        file.check(folder)
    }
}

/// Parses a manifest, checking its version first.
fn open<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let text = file::read(file, LONGEST)?;
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

/// A proof as text: printed by `prove`, returned by the server, and accepted by `verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofEntry {
    /// Index of the leaf: its shard and its place in the shard.
    pub index: u32,
    /// Address of the position.
    #[serde(with = "key")]
    pub key: Pubkey,
    /// The owner.
    #[serde(with = "key")]
    pub owner: Pubkey,
    /// The amount. Native units.
    #[serde(with = "decimal")]
    pub amount: u64,
    /// The leaf's number among all claims.
    pub claim_bit: u32,
    /// Siblings, bottom up, to the root.
    pub siblings: Vec<SiblingEntry>,
    /// How many of the siblings a claim takes.
    pub siblings_below_canopy: usize,
    /// Those siblings, as the `claim` instruction takes them, in hexadecimal.
    pub claim_bytes: String,
    /// What binds the leaf.
    #[serde(with = "hex")]
    pub tag: [u8; 32],
    /// The root the proof leads to.
    #[serde(with = "hex")]
    pub root: [u8; 32],
    /// The sum at the root.
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
    /// A proof under a snapshot's manifest.
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
            siblings_below_canopy: proof.canopy_from,
            claim_bytes: digits::hex(proof.claim_bytes()),
            tag: manifest.tag.tag,
            root: manifest.roots.root,
            total: manifest.roots.total,
        }
    }

    /// Checks that it proves its position in the snapshot of this manifest. The tag, root and claim that the entry
    /// itself states must be the manifest's.
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
            canopy_from: self.siblings_below_canopy,
        };
        proof
            .verify(&manifest.tag.tag, &manifest.roots.node())
            .map_err(|error| Error::BadProof(error.to_string()))?;
        let place = self.index & ((1 << 20) - 1);
        let shard = manifest.roots.shards.get((self.index >> 20) as usize);
        let shard =
            shard.filter(|shard| place < shard.count && usize::from(shard.canopy_height) == self.siblings_below_canopy);
        if shard.is_none() || Self::new(&proof, manifest) != *self {
            return Err(Error::BadProof(
                "what it states about its place or its snapshot is wrong".into(),
            ));
        }
        Ok(())
    }
}
