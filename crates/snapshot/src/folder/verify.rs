//! Hashes a snapshot's leaves again.

use std::path::Path;

use bulkhead_core::snapshots::merkle;
use bulkhead_interface::constants::SHARDS;

use crate::{Error, Manifest, Position, Progress, RootsBuilder, table};

/// Hashes a snapshot's leaves again, in the memory of one batch, and compares the result with the manifest.
///
/// # Errors
/// Most often [`Error::ManifestMismatch`].
pub fn verify(folder: &Path, progress: &dyn Progress) -> Result<Manifest, Error> {
    let manifest = Manifest::open(folder)?;
    progress.begin("verify", Some(manifest.roots.count));
    hashed_leaves(folder, &manifest, progress, |_| ())?;
    Ok(manifest)
}

/// Passes every leaf to `each`, in batches. At the end, refuses leaves that do not hash to the manifest's root.
pub(crate) fn hashed_leaves(
    folder: &Path,
    manifest: &Manifest,
    progress: &dyn Progress,
    mut each: impl FnMut(&[Position]),
) -> Result<(), Error> {
    let file = manifest.leaves(folder)?;
    let mut roots = RootsBuilder::new(manifest.tag.tag);
    each_leaf(&file, |batch| {
        roots.append(batch).map_err(|error| Error::of_leaves(&file, error))?;
        each(batch);
        progress.advance(batch.len() as u64);
        Ok(())
    })?;
    let mut found = roots.finish().map_err(|error| Error::of_leaves(&file, error))?;
    // Zero-amount positions are counted but have no row.
    for (found, printed) in found.shards.iter_mut().zip(&manifest.roots.shards) {
        found.seen = printed.seen;
    }
    if found == manifest.roots {
        Ok(())
    } else {
        Err(Error::mismatch(&file, "the root, total or count of its leaves differs"))
    }
}

/// Every leaf, in batches, after checking that each index is its place.
pub(super) fn each_leaf(file: &Path, mut each: impl FnMut(&[Position]) -> Result<(), Error>) -> Result<(), Error> {
    let mut next = [0u32; SHARDS];
    table::read(file, |first, indices, batch| {
        let indices = indices.ok_or(Error::MissingColumn {
            file: file.to_owned(),
            column: "index",
        })?;
        for ((row, index), leaf) in (first..).zip(indices).zip(batch) {
            let shard = merkle::shard_of(leaf.key.as_array());
            let place = &mut next[usize::from(shard)];
            if *index != merkle::leaf_index(shard, *place) {
                return Err(Error::bad_row(
                    file,
                    row,
                    format!("index {index} is not the leaf's place"),
                ));
            }
            if leaf.amount == 0 {
                return Err(Error::bad_row(file, row, "a zero-amount leaf"));
            }
            *place += 1;
        }
        each(batch)
    })?;
    Ok(())
}
