//! What lies beside the tables: JSON that says what they are and what they commit to.

use std::path::{Path, PathBuf};

use bulkhead_core::{checkpoint, merkle};
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
/// Bytes a manifest can have: one that names many thousand sources.
pub(crate) const LONGEST: u64 = 16 << 20;
/// What a source can be.
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

/// What a snapshot is of, and what it commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `SCHEMA_VERSION`.
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
        let (bytes, sha256) = file::digest(&folder.join(name))?;
        Ok(Self {
            name: name.to_owned(),
            rows,
            bytes,
            sha256,
        })
    }

    /// The one file of a folder, under the one name it can have: a manifest says what is in it, never where to look.
    fn only<'a>(files: &'a [Self], name: &str, manifest: &Path) -> Result<&'a Self, Error> {
        match files {
            [file] if file.name == name => Ok(file),
            _ => Err(Error::mismatch(
                manifest,
                format!("it has to name {name} and nothing else"),
            )),
        }
    }

    /// Is the file still this one? Its length comes first, so nothing longer is read.
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
        manifest.check().map_err(|what| Error::mismatch(&file, what))?;
        Ok(manifest)
    }

    /// Holds what it says twice against itself, so that nothing in it can be changed alone.
    fn check(&self) -> Result<(), &'static str> {
        for shard in &self.roots.shards {
            if shard.count > 1 << SHARD_SHIFT || shard.count > shard.seen {
                return Err("a shard has more leaves than positions, or than it has room for");
            }
            if u64::from(shard.count) > shard.sum || shard.canopy_height != canopy_height(shard.count) {
                return Err("a shard's count, sum and height do not belong together");
            }
        }
        let seen: u64 = self.roots.shards.iter().map(|shard| u64::from(shard.seen)).sum();
        let read = self
            .sources
            .iter()
            .try_fold(0u64, |sum, source| sum.checked_add(source.positions));
        if self.positions != seen || read != Some(seen) {
            return Err("positions are not those of the shards and of the sources");
        }
        // Sources that do not know their slot do not disagree.
        let mut slots = self.sources.iter().filter_map(|source| source.slot);
        let first = slots.next();
        if self.slot != first || slots.any(|slot| Some(slot) != first) {
            return Err("the slot is not that of the sources");
        }
        if self.tag.checkpoint_slot.is_some_and(|slot| self.slot != Some(slot)) {
            return Err("the slot is not the checkpoint's");
        }
        if self.sources.iter().any(|source| !KINDS.contains(&source.kind.as_str())) {
            return Err("a source is of no known kind");
        }
        Ok(())
    }

    /// How many leaves to make room for: what the manifest says, but no more than its file can hold.
    pub(crate) fn room_for_leaves(&self) -> usize {
        let bytes: u64 = self.files.iter().map(|file| file.bytes).sum();
        let room = self.roots.count.min(bytes / size_of::<Position>() as u64);
        usize::try_from(room).unwrap_or_default()
    }

    /// The table of leaves, found to be the one that the manifest means.
    pub(crate) fn leaves(&self, folder: &Path) -> Result<PathBuf, Error> {
        let manifest = folder.join(MANIFEST);
        let entry = FileEntry::only(&self.files, LEAVES, &manifest)?;
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

/// The least height at which sixteen caps hold so many leaves.
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

    /// Finds its table to be the one it means, and gives the rows and the total that it has to have.
    pub(crate) fn check(&self, folder: &Path) -> Result<(), Error> {
        let manifest = folder.join(COLLECTION);
        let file = FileEntry::only(&self.files, POSITIONS, &manifest)?;
        if file.rows != self.source.positions || self.slot != self.source.slot {
            return Err(Error::mismatch(&manifest, "rows and slot are not those of its source"));
        }
        if !KINDS.contains(&self.source.kind.as_str()) {
            return Err(Error::mismatch(&manifest, "its source is of no known kind"));
        }
        file.check(folder)
    }
}

/// Parses a manifest, its version first.
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
    /// The leaf's place among all claims.
    pub claim_bit: u32,
    /// Siblings, bottom up, to the root.
    pub siblings: Vec<SiblingEntry>,
    /// How many of them a claim takes.
    pub siblings_below_canopy: usize,
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
            siblings_below_canopy: proof.canopy_from,
            claim_bytes: digits::hex(proof.claim_bytes()),
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
                "what it says of its place or its snapshot is not so".into(),
            ));
        }
        Ok(())
    }
}
