//! A snapshot in memory.

use std::path::Path;

use bulkhead_interface::{Pubkey, layout::ShardRoot};

use super::verify::each_leaf;
use crate::{Error, Manifest, Position, Progress, Tree};

/// A snapshot in memory, for proving its leaves.
pub struct Snapshot {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its tree.
    pub tree: Tree,
    /// Indices of the leaves, sorted by the first word of the owner and then by key.
    by_owner: Vec<u32>,
}

impl Snapshot {
    /// Reads and checks a snapshot's folder.
    ///
    /// # Errors
    /// [`Error`]
    pub fn open(folder: &Path, progress: &dyn Progress) -> Result<Self, Error> {
        let manifest = Manifest::open(folder)?;
        let file = manifest.leaves(folder)?;
        progress.begin("load", Some(manifest.roots.count));
        let mut leaves = Vec::with_capacity(manifest.room_for_leaves());
        each_leaf(&file, |batch| {
            leaves.extend_from_slice(batch);
            progress.advance(batch.len() as u64);
            Ok(())
        })?;
        let tree = Tree::build(manifest.tag.tag, leaves).map_err(|error| Error::of_leaves(&file, error))?;
        // Root and total follow from the shards.
        let printed = manifest
            .roots
            .shards
            .iter()
            .map(|entry| (entry.shard_root(), entry.canopy_height));
        let found = (0..).map_while(|number| {
            Some((
                *tree.roots().get(usize::from(number))?,
                tree.shard(number)?.canopy_height,
            ))
        });
        let same = |((a, a_height), (b, b_height)): ((ShardRoot, u8), (ShardRoot, u8))| {
            bytemuck::bytes_of(&a) == bytemuck::bytes_of(&b) && a_height == b_height
        };
        if !printed.zip(found).all(same) {
            return Err(Error::mismatch(&file, "the root, total or count of its leaves differs"));
        }
        let mut owners: Vec<_> = tree
            .leaves()
            .map(|(index, leaf)| (first_word(&leaf.owner), index))
            .collect();
        owners.sort_unstable();
        Ok(Self {
            manifest,
            tree,
            by_owner: owners.into_iter().map(|(_, index)| index).collect(),
        })
    }

    /// The leaves of an owner with their indices, by key.
    pub fn leaves_of(&self, owner: &Pubkey) -> impl Iterator<Item = (u32, &Position)> {
        let first = first_word(owner);
        let leaf = |index: &u32| self.tree.leaf(*index);
        let begin = self
            .by_owner
            .partition_point(|index| leaf(index).is_some_and(|leaf| first_word(&leaf.owner) < first));
        let alike = self.by_owner.get(begin..).unwrap_or_default().iter();
        alike
            .filter_map(move |index| Some((*index, leaf(index)?)))
            .take_while(move |(_, leaf)| first_word(&leaf.owner) == first)
            .filter(move |(_, leaf)| leaf.owner == *owner)
    }
}

/// Owners are looked up by their first eight bytes.
fn first_word(key: &Pubkey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.to_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
