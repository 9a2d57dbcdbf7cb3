//! Builds a snapshot's folder from its sources.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{Pubkey, constants::SHARDS, layout::Ledger};
use serde::{Deserialize, Serialize};

use super::{shards, sums::Sums, verify::verify, work};
use crate::{
    Error, FileEntry, Manifest, Place, Position, Progress, Roots, Source, SourceEntry, TagInputs,
    manifest::{LEAVES, MANIFEST, SCHEMA_VERSION},
    roots::in_order,
};

const PLAN: &str = "plan.json";

/// Options for a build.
pub struct BuildOptions<'a> {
    /// What binds the leaves.
    pub tag: TagInputs,
    /// The slot of sources that do not report one.
    pub slot: Option<u64>,
    /// The layout to read account dumps with.
    pub ledger: Option<Ledger>,
    /// How many shards are built in parallel.
    pub threads: usize,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
}

/// What an interrupted run must match for another run to resume it.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    tag: TagInputs,
    slot: Option<u64>,
    sources: Vec<SourceEntry>,
}

/// Builds a snapshot from its sources into the folder `out`, which must not exist yet.
///
/// # Errors
/// [`Error`]. Nothing is left behind, except by an interruption.
pub fn build(sources: &[Source], out: &Path, options: &BuildOptions<'_>) -> Result<Manifest, Error> {
    let out = &work::named(out)?;
    let work = work::beside(out, "partial");
    let lock = work::own(&work)?;
    let result = build_in(&work, sources, out, options);
    drop(lock);
    match &result {
        Err(error) if !error.is_interruption() => drop(fs::remove_dir_all(&work)),
        _ => {}
    }
    result
}

fn build_in(work: &Path, sources: &[Source], out: &Path, options: &BuildOptions<'_>) -> Result<Manifest, Error> {
    let plan = part(work, sources, options)?;
    let shards = match shards::all(work, &plan.tag.tag, options.threads, options.progress) {
        Err(shards::Refused::Twice(key)) => return Err(duplicate(key, sources, options)?),
        Err(shards::Refused::Other(error)) => return Err(error),
        Ok(shards) => shards,
    };
    let roots = Roots::seal(in_order(shards)).map_err(|_| Error::mismatch(work, "the sum overflows"))?;
    let result = work::fresh(&work.join("result"))?;
    shards::write_leaves(work, &result, &plan.tag, options.progress)?;
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tag: plan.tag,
        slot: plan.slot,
        positions: roots.shards.iter().map(|shard| u64::from(shard.seen)).sum(),
        sources: plan.sources,
        files: vec![FileEntry::of(&result, LEAVES, roots.count)?],
        roots,
    };
    work::write_json(&result.join(MANIFEST), &manifest)?;
    verify(&result, options.progress)?;
    fs::rename(&result, out).map_err(Error::io(out))?;
    fs::remove_dir_all(work).map_err(Error::io(work))?;
    Ok(manifest)
}

/// Reads all sources and divides their positions by shard, unless an earlier run did.
fn part(work: &Path, sources: &[Source], options: &BuildOptions<'_>) -> Result<Plan, Error> {
    let mut plan = Plan {
        tag: options.tag,
        slot: None,
        // Positions bound to a slot are reported as being from it.
        sources: describe(sources, options.slot.or(options.tag.checkpoint_slot))?,
    };
    plan.slot = one_slot(&plan.sources, options.tag.checkpoint_slot)?;
    let file = work.join(PLAN);
    if file.is_file() {
        let earlier: Plan = work::read_json(&file)?;
        let bare = |entry: &SourceEntry| SourceEntry {
            positions: 0,
            skipped: 0,
            ..entry.clone()
        };
        let same = earlier.tag == plan.tag && earlier.slot == plan.slot;
        if !same || !earlier.sources.iter().map(bare).eq(plan.sources.iter().cloned()) {
            return Err(Error::ForeignWork(work.to_owned()));
        }
        options.progress.begin("compare", None);
        let mut sums = Sums::new();
        read_all(sources, &mut plan, options, &mut |_, position| {
            sums.add(position);
            Ok(())
        })?;
        sums.check(work)?;
        return Ok(plan);
    }
    // Nothing in it is usable, and links in it may point elsewhere.
    work::clear(work)?;
    options.progress.begin("read", None);
    let mut parts = vec![];
    for number in 0..SHARDS {
        let path = work::rows_of(work, number);
        let file = File::create(&path).map_err(Error::io(&path))?;
        parts.push((BufWriter::with_capacity(1 << 18, file), path));
    }
    read_all(sources, &mut plan, options, &mut |shard, position| {
        let (part, path) = &mut parts[shard];
        part.write_all(bytemuck::bytes_of(position)).map_err(Error::io(path))
    })?;
    for (mut part, path) in parts {
        part.flush().map_err(Error::io(&path))?;
        part.get_ref().sync_data().map_err(Error::io(&path))?;
    }
    work::write_json(&file, &plan)?;
    Ok(plan)
}

/// Passes every position with its shard to `each`, and records in the plan how each source was read.
fn read_all(
    sources: &[Source],
    plan: &mut Plan,
    options: &BuildOptions<'_>,
    each: &mut dyn FnMut(usize, &Position) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut sum, mut rows) = (0u64, 0u64);
    for (source, entry) in sources.iter().zip(&mut plan.sources) {
        let tally = source.read(options.ledger.as_ref(), &mut |file, row, position| {
            sum = sum.checked_add(position.amount).ok_or_else(|| {
                Error::SumOverflow(Place {
                    file: file.to_owned(),
                    row,
                })
            })?;
            rows += 1;
            if rows.is_multiple_of(1 << 14) {
                options.progress.advance(1 << 14);
            }
            each(merkle::shard_of(position.key.as_array()).into(), &position)
        })?;
        (entry.positions, entry.skipped) = (tally.rows, tally.skipped);
        tally.check(source)?;
    }
    options.progress.advance(rows % (1 << 14));
    Ok(())
}

/// Describes the sources before any of them is read.
pub(super) fn describe(sources: &[Source], slot: Option<u64>) -> Result<Vec<SourceEntry>, Error> {
    let describe = |source: &Source| {
        let (bytes, sha256) = source.digest()?;
        Ok(SourceEntry {
            name: source.name(),
            kind: source.kind().to_owned(),
            slot: source.slot()?.or(slot),
            positions: 0,
            skipped: 0,
            bytes,
            sha256,
        })
    };
    sources.iter().map(describe).collect()
}

/// The slot of all sources, or the checkpoint's slot if they are bound to one. Sources without a slot cause no
/// conflict.
fn one_slot(sources: &[SourceEntry], checkpoint: Option<u64>) -> Result<Option<u64>, Error> {
    let bound = checkpoint.map(|slot| ("the checkpoint", slot));
    let known = sources
        .iter()
        .filter_map(|source| Some((source.name.as_str(), source.slot?)));
    let mut known = bound.into_iter().chain(known);
    let Some((first, first_slot)) = known.next() else {
        return Ok(None);
    };
    match known.find(|(_, slot)| *slot != first_slot) {
        None => Ok(Some(first_slot)),
        Some((second, second_slot)) => Err(Error::SlotsMixed {
            first: first.to_owned(),
            first_slot,
            second: second.to_owned(),
            second_slot,
        }),
    }
}

/// Finds both places of a duplicate key, so that the user can locate them.
fn duplicate(key: Pubkey, sources: &[Source], options: &BuildOptions<'_>) -> Result<Error, Error> {
    let mut places: Vec<Place> = vec![];
    for source in sources {
        source.read(options.ledger.as_ref(), &mut |file, row, position| {
            if position.key == key {
                places.push(Place {
                    file: file.to_owned(),
                    row,
                });
            }
            Ok(())
        })?;
    }
    Ok(match places.as_slice() {
        [first, second, ..] => Error::DuplicatePosition {
            key,
            first: first.clone(),
            second: second.clone(),
        },
        _ => Error::mismatch(
            sources.first().map_or(Path::new(""), Source::path),
            "it changed while it was read",
        ),
    })
}
