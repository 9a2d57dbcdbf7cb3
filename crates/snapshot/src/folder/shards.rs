//! Sorts and hashes every shard separately, and writes their leaves as one table.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::Path,
};

use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{Pubkey, constants::SHARDS};

use super::work::{entry_of, leaves_of, read_json, read_rows, rows_of, write_json, write_whole};
use crate::{
    BuildError, Error, Position, Progress, ShardBuilder, ShardEntry, TagInputs,
    manifest::{LEAVES, SCHEMA_VERSION},
    roots::shard_by_shard,
    sort, table,
};

/// Why a shard could not be built.
pub(super) enum Refused {
    /// A key appears twice.
    Twice(Pubkey),
    /// Any other error.
    Other(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Sorts and hashes every shard that an earlier run has not finished.
pub(super) fn all(
    work: &Path,
    tag: &[u8; 32],
    threads: usize,
    progress: &dyn Progress,
) -> Result<Vec<ShardEntry>, Refused> {
    let mut positions = 0;
    let mut done = 0;
    for number in 0..SHARDS {
        if entry_of(work, number).is_file() {
            done += 1;
        } else {
            let path = rows_of(work, number);
            positions += fs::metadata(&path).map_err(Error::io(&path))?.len() / size_of::<Position>() as u64;
        }
    }
    if done != 0 {
        progress.resumed(done);
    }
    progress.begin("hash", Some(positions));
    shard_by_shard(threads, std::array::from_fn(|number| number), |number, at| {
        let entry_file = entry_of(work, at);
        if entry_file.is_file() {
            return Ok(read_json(&entry_file)?);
        }
        let rows_file = rows_of(work, at);
        let mut rows = read_rows(&rows_file)?;
        sort::by_key(&mut rows);
        let mut shard = ShardBuilder::new(number, *tag);
        shard.append(&rows).map_err(|error| match error.of_sorted() {
            BuildError::Duplicate(key) => Refused::Twice(key),
            BuildError::ShardFull(number) => Error::ShardFull(number).into(),
            other => Error::mismatch(&rows_file, other.to_string()).into(),
        })?;
        let seen = rows.len() as u64;
        rows.retain(|row| row.amount != 0);
        write_whole(&leaves_of(work, at), bytemuck::cast_slice(&rows))?;
        let entry = shard
            .finish()
            .map_err(|error| Error::mismatch(&rows_file, error.to_string()))?
            .1;
        write_json(&entry_file, &entry)?;
        fs::remove_file(&rows_file).map_err(Error::io(&rows_file))?;
        progress.advance(seen);
        Ok(entry)
    })
}

/// Writes the leaves of all shards, in order, as one table.
pub(super) fn write_leaves(work: &Path, result: &Path, tag: &TagInputs, progress: &dyn Progress) -> Result<(), Error> {
    let path = result.join(LEAVES);
    let file = File::create(&path).map_err(Error::io(&path))?;
    let failed = |error: parquet::errors::ParquetError| Error::Io {
        file: path.clone(),
        source: std::io::Error::other(error),
    };
    let notes = [
        ("bulkhead.schema_version", SCHEMA_VERSION.to_string()),
        ("bulkhead.tag", crate::digits::hex(&tag.tag)),
    ];
    let mut table = table::Writer::new(BufWriter::with_capacity(1 << 20, file), true, &notes).map_err(failed)?;
    let counts: Result<Vec<u64>, Error> = (0..SHARDS)
        .map(|number| {
            let leaves = leaves_of(work, number);
            Ok(fs::metadata(&leaves).map_err(Error::io(&leaves))?.len() / size_of::<Position>() as u64)
        })
        .collect();
    progress.begin("write", Some(counts?.iter().sum()));
    for number in 0..SHARDS {
        let rows = read_rows(&leaves_of(work, number))?;
        let mut index = merkle::leaf_index(u8::try_from(number).unwrap_or_default(), 0).cast_signed();
        for batch in rows.chunks(table::BATCH) {
            let indices: Vec<i32> = (index..).take(batch.len()).collect();
            table.write(&indices, batch).map_err(failed)?;
            index = index.wrapping_add(i32::try_from(batch.len()).unwrap_or_default());
            progress.advance(batch.len() as u64);
        }
    }
    let file = table.finish().map_err(failed)?;
    let file = file
        .into_inner()
        .map_err(|error| Error::io(&path)(error.into_error()))?;
    file.sync_all().map_err(Error::io(&path))
}
