//! Writes positions from any source as a folder that `build` accepts.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::Path,
};

use bulkhead_interface::layout::Ledger;

use super::{build::describe, work};
use crate::{
    Error, FileEntry, Place, Position, Progress, Source, SourceEntry,
    manifest::{COLLECTION, Collection, POSITIONS, SCHEMA_VERSION},
    table,
};

/// Writes positions, from account dumps or a node, into the folder `out` as a collection that `build` accepts. `read`
/// passes every position to its argument, and then returns what it has read.
///
/// # Errors
/// [`Error`]. Nothing is left behind.
pub fn collect(
    out: &Path,
    progress: &dyn Progress,
    read: impl FnOnce(&mut dyn FnMut(&Path, u64, Position) -> Result<(), Error>) -> Result<SourceEntry, Error>,
) -> Result<(SourceEntry, u64), Error> {
    let out = &work::named(out)?;
    let work = work::beside(out, "draft");
    let lock = work::own(&work)?;
    work::clear(&work)?;
    let result = work::fresh(&work.join("result")).and_then(|made| collect_in(&made, out, progress, read));
    drop(lock);
    drop(fs::remove_dir_all(&work));
    result
}

fn collect_in(
    work: &Path,
    out: &Path,
    progress: &dyn Progress,
    read: impl FnOnce(&mut dyn FnMut(&Path, u64, Position) -> Result<(), Error>) -> Result<SourceEntry, Error>,
) -> Result<(SourceEntry, u64), Error> {
    let path = work.join(POSITIONS);
    let file = File::create(&path).map_err(Error::io(&path))?;
    let failed = |error: parquet::errors::ParquetError| Error::Io {
        file: path.clone(),
        source: std::io::Error::other(error),
    };
    let mut table = table::Writer::new(BufWriter::with_capacity(1 << 20, file), false, &[]).map_err(failed)?;
    let mut batch = Vec::with_capacity(table::BATCH);
    let mut total = 0u64;
    progress.begin("collect", None);
    let mut rows = 0;
    let source = read(&mut |file, row, position| {
        total = total.checked_add(position.amount).ok_or_else(|| {
            Error::SumOverflow(Place {
                file: file.to_owned(),
                row,
            })
        })?;
        batch.push(position);
        rows += 1;
        if batch.len() == table::BATCH {
            table.write(&[], &batch).map_err(failed)?;
            progress.advance(batch.len() as u64);
            batch.clear();
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        table.write(&[], &batch).map_err(failed)?;
        progress.advance(batch.len() as u64);
    }
    let file = table.finish().map_err(failed)?;
    let file = file
        .into_inner()
        .map_err(|error| Error::io(&path)(error.into_error()))?;
    file.sync_all().map_err(Error::io(&path))?;
    let collection = Collection {
        schema_version: SCHEMA_VERSION,
        slot: source.slot,
        total,
        source,
        files: vec![FileEntry::of(work, POSITIONS, rows)?],
    };
    work::write_json(&work.join(COLLECTION), &collection)?;
    fs::rename(work, out).map_err(Error::io(out))?;
    Ok((collection.source, total))
}

/// Describes one file source after it was read, for [`collect`].
///
/// # Errors
/// [`Error`]
pub fn collect_source(
    source: &Source,
    ledger: Option<&Ledger>,
    slot: Option<u64>,
    out: &Path,
    progress: &dyn Progress,
) -> Result<(SourceEntry, u64), Error> {
    let mut entry = describe(std::slice::from_ref(source), slot)?.remove(0);
    collect(out, progress, |sink| {
        let tally = source.read(ledger, sink)?;
        tally.check(source)?;
        (entry.positions, entry.skipped) = (tally.rows, tally.skipped);
        Ok(entry)
    })
}
