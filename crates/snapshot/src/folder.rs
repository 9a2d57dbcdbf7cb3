//! A snapshot's folder: `leaves.parquet` and `manifest.json`, written whole or not at all.
//!
//! A run works in a folder beside its result, `NAME.partial`: positions are parted into sixteen files, each shard is
//! sorted and hashed on its own, and what is done stays there when the run is interrupted, for the same command to go
//! on from. Only at the end, after everything was read back and hashed again, the folder gets its name.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use bulkhead_core::merkle;
use bulkhead_interface::{
    Pubkey,
    constants::SHARDS,
    layout::{Ledger, ShardRoot},
};
use bytemuck::Zeroable;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    BuildError, Error, FileEntry, Manifest, Place, Position, Progress, Roots, RootsBuilder, ShardBuilder, ShardEntry,
    Source, SourceEntry, TagInputs, Tree,
    manifest::{COLLECTION, Collection, LEAVES, MANIFEST, POSITIONS, SCHEMA_VERSION},
    roots::{in_order, shard_by_shard},
    sort, table,
};

const PLAN: &str = "plan.json";

/// How to build.
pub struct BuildOptions<'a> {
    /// What binds the leaves.
    pub tag: TagInputs,
    /// The slot of sources that do not say it themselves.
    pub slot: Option<u64>,
    /// To read account dumps with.
    pub ledger: Option<Ledger>,
    /// How many shards are built at once.
    pub threads: usize,
    /// Who wants to know.
    pub progress: &'a dyn Progress,
}

/// What an interrupted run has to have been, for another to go on.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    tag: TagInputs,
    slot: Option<u64>,
    sources: Vec<SourceEntry>,
}

/// Builds a snapshot from its sources into the folder `out`, which must not be there yet.
///
/// # Errors
/// [`Error`]; nothing is left behind, except by an interruption.
pub fn build(sources: &[Source], out: &Path, options: &BuildOptions<'_>) -> Result<Manifest, Error> {
    if out.exists() {
        return Err(Error::OutputExists(out.to_owned()));
    }
    let work = beside(out, "partial");
    let result = build_in(&work, sources, out, options);
    match &result {
        Err(error) if !error.is_interruption() => drop(fs::remove_dir_all(&work)),
        _ => {}
    }
    result
}

fn build_in(work: &Path, sources: &[Source], out: &Path, options: &BuildOptions<'_>) -> Result<Manifest, Error> {
    let plan = part(work, sources, options)?;
    let shards = match shards(work, &plan.tag.tag, options) {
        Err(Refused::Twice(key)) => return Err(duplicate(key, sources, options)?),
        Err(Refused::Other(error)) => return Err(error),
        Ok(shards) => shards,
    };
    let roots = Roots::seal(in_order(shards)).map_err(|_| Error::mismatch(work, "the sum overflows"))?;
    let result = work.join("result");
    fs::create_dir_all(&result).map_err(Error::io(&result))?;
    write_leaves(work, &result, &plan.tag, options.progress)?;
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tag: plan.tag,
        slot: plan.slot,
        positions: roots.shards.iter().map(|shard| u64::from(shard.seen)).sum(),
        sources: plan.sources,
        files: vec![FileEntry::of(&result, LEAVES, roots.count)?],
        roots,
    };
    write_json(&result.join(MANIFEST), &manifest)?;
    verify(&result, options.progress)?;
    fs::rename(&result, out).map_err(Error::io(out))?;
    fs::remove_dir_all(work).map_err(Error::io(work))?;
    Ok(manifest)
}

/// `NAME.ending`, beside NAME.
fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    out.with_file_name(name)
}

/// Reads all sources and parts their positions by shard, unless an earlier run has.
fn part(work: &Path, sources: &[Source], options: &BuildOptions<'_>) -> Result<Plan, Error> {
    let mut plan = Plan {
        tag: options.tag,
        slot: None,
        sources: describe(sources, options.slot)?,
    };
    plan.slot = one_slot(&plan.sources)?;
    let file = work.join(PLAN);
    if file.is_file() {
        let mut earlier: Plan = read_json(&file)?;
        let kept = earlier.sources.clone();
        for source in &mut earlier.sources {
            (source.positions, source.skipped) = (0, 0);
        }
        if earlier != plan {
            return Err(Error::ForeignWork(work.to_owned()));
        }
        plan.sources = kept;
        return Ok(plan);
    }
    fs::create_dir_all(work).map_err(Error::io(work))?;
    options.progress.begin("read", None);
    let mut parts = vec![];
    for number in 0..SHARDS {
        let path = rows_of(work, number);
        let file = File::create(&path).map_err(Error::io(&path))?;
        parts.push((BufWriter::with_capacity(1 << 18, file), path));
    }
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
            let shard = usize::from(merkle::shard_of(position.key.as_array()));
            let (part, path) = &mut parts[shard];
            part.write_all(bytemuck::bytes_of(&position)).map_err(Error::io(path))
        })?;
        (entry.positions, entry.skipped) = (tally.rows, tally.skipped);
    }
    options.progress.advance(rows % (1 << 14));
    for (mut part, path) in parts {
        part.flush().map_err(Error::io(&path))?;
        part.get_ref().sync_data().map_err(Error::io(&path))?;
    }
    write_json(&file, &plan)?;
    Ok(plan)
}

/// What the sources are, before any is read.
fn describe(sources: &[Source], slot: Option<u64>) -> Result<Vec<SourceEntry>, Error> {
    let describe = |source: &Source| {
        let (bytes, sha256) = source.digest()?;
        Ok(SourceEntry {
            name: source
                .path()
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
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

/// The slot that all sources are of. Sources that do not know theirs do not disagree.
fn one_slot(sources: &[SourceEntry]) -> Result<Option<u64>, Error> {
    let mut known = sources.iter().filter_map(|source| Some((source, source.slot?)));
    let Some((first, first_slot)) = known.next() else {
        return Ok(None);
    };
    match known.find(|(_, slot)| *slot != first_slot) {
        None => Ok(Some(first_slot)),
        Some((second, second_slot)) => Err(Error::SlotsMixed {
            first: first.name.clone(),
            first_slot,
            second: second.name.clone(),
            second_slot,
        }),
    }
}

fn rows_of(work: &Path, shard: usize) -> PathBuf {
    work.join(format!("shard-{shard:02}.positions"))
}

fn leaves_of(work: &Path, shard: usize) -> PathBuf {
    work.join(format!("shard-{shard:02}.leaves"))
}

fn entry_of(work: &Path, shard: usize) -> PathBuf {
    work.join(format!("shard-{shard:02}.json"))
}

/// Why a shard is not built.
enum Refused {
    /// A key comes twice.
    Twice(Pubkey),
    /// Anything else.
    Other(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Sorts and hashes every shard that an earlier run has not.
fn shards(work: &Path, tag: &[u8; 32], options: &BuildOptions<'_>) -> Result<Vec<ShardEntry>, Refused> {
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
        options.progress.resumed(done);
    }
    options.progress.begin("hash", Some(positions));
    shard_by_shard(options.threads, std::array::from_fn(|number| number), |number, at| {
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
        options.progress.advance(seen);
        Ok(entry)
    })
}

fn read_rows(file: &Path) -> Result<Vec<Position>, Error> {
    use std::io::Read;
    let mut source = File::open(file).map_err(Error::io(file))?;
    let bytes = usize::try_from(source.metadata().map_err(Error::io(file))?.len()).unwrap_or(usize::MAX);
    let mut rows = vec![Position::zeroed(); bytes / size_of::<Position>()];
    source
        .read_exact(bytemuck::cast_slice_mut(&mut rows))
        .map_err(Error::io(file))?;
    Ok(rows)
}

/// The leaves of all shards, one after the other, as one table.
fn write_leaves(work: &Path, result: &Path, tag: &TagInputs, progress: &dyn Progress) -> Result<(), Error> {
    let path = result.join(LEAVES);
    let file = File::create(&path).map_err(Error::io(&path))?;
    let failed = |error: parquet::errors::ParquetError| Error::Io {
        file: path.clone(),
        source: std::io::Error::other(error),
    };
    let notes = [
        ("bulkhead.schema_version", SCHEMA_VERSION.to_string()),
        ("bulkhead.tag", crate::hex::write(&tag.tag)),
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

/// Where a key that comes twice stands: who is told of it has to find it.
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

/// Under another name first: a file that is there is whole.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let draft = beside(path, "draft");
    let mut file = File::create(&draft).map_err(Error::io(&draft))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_data())
        .map_err(Error::io(&draft))?;
    fs::rename(&draft, path).map_err(Error::io(path))
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| Error::io(path)(error.into()))?;
    text.push(b'\n');
    write_whole(path, &text)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read(path).map_err(Error::io(path))?;
    serde_json::from_slice(&text).map_err(|error| Error::mismatch(path, error.to_string()))
}

/// Hashes a snapshot's leaves again, in the memory of one batch, and holds the result against the manifest.
///
/// # Errors
/// [`Error::ManifestMismatch`] above all.
pub fn verify(folder: &Path, progress: &dyn Progress) -> Result<Manifest, Error> {
    let manifest = Manifest::open(folder)?;
    progress.begin("verify", Some(manifest.roots.count));
    hashed_leaves(folder, &manifest, progress, |_| ())?;
    Ok(manifest)
}

/// Gives every leaf to `each`, in batches, and refuses at the end what does not hash to the manifest's root.
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
    // Positions of nothing are counted, but have no row.
    for (found, told) in found.shards.iter_mut().zip(&manifest.roots.shards) {
        found.seen = told.seen;
    }
    if found == manifest.roots {
        Ok(())
    } else {
        Err(Error::mismatch(&file, "its leaves have another root, total or count"))
    }
}

/// Every leaf in batches, the index of each found to be its place.
fn each_leaf(file: &Path, mut each: impl FnMut(&[Position]) -> Result<(), Error>) -> Result<(), Error> {
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
                return Err(Error::bad_row(file, row, "a leaf of nothing"));
            }
            *place += 1;
        }
        each(batch)
    })?;
    Ok(())
}

/// A snapshot in memory, to prove its leaves.
pub struct Snapshot {
    /// What it is of.
    pub manifest: Manifest,
    /// Its tree.
    pub tree: Tree,
    /// Indices of the leaves, by the first word of the owner and then by key.
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
        let mut leaves = Vec::with_capacity(usize::try_from(manifest.roots.count).unwrap_or_default());
        each_leaf(&file, |batch| {
            leaves.extend_from_slice(batch);
            progress.advance(batch.len() as u64);
            Ok(())
        })?;
        let tree = Tree::build(manifest.tag.tag, leaves).map_err(|error| Error::of_leaves(&file, error))?;
        // Root and total follow from the shards.
        let told = manifest
            .roots
            .shards
            .iter()
            .map(|entry| (entry.shard_root(), entry.cap_height));
        let found =
            (0..).map_while(|number| Some((*tree.roots().get(usize::from(number))?, tree.shard(number)?.cap_height)));
        let same = |((a, a_height), (b, b_height)): ((ShardRoot, u8), (ShardRoot, u8))| {
            bytemuck::bytes_of(&a) == bytemuck::bytes_of(&b) && a_height == b_height
        };
        if !told.zip(found).all(same) {
            return Err(Error::mismatch(&file, "its leaves have another root, total or count"));
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

/// Owners are found by their first eight bytes.
fn first_word(key: &Pubkey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.to_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Writes positions, from account dumps or a node, into the folder `out` as a collection that `build` takes.
/// `read` gives every position to its argument, and then says what it has read.
///
/// # Errors
/// [`Error`]; nothing is left behind.
pub fn collect(
    out: &Path,
    progress: &dyn Progress,
    read: impl FnOnce(&mut dyn FnMut(&Path, u64, Position) -> Result<(), Error>) -> Result<SourceEntry, Error>,
) -> Result<(SourceEntry, u64), Error> {
    if out.exists() {
        return Err(Error::OutputExists(out.to_owned()));
    }
    let work = beside(out, "draft");
    fs::create_dir_all(&work).map_err(Error::io(&work))?;
    let result = collect_in(&work, out, progress, read);
    if result.is_err() {
        drop(fs::remove_dir_all(&work));
    }
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
    write_json(&work.join(COLLECTION), &collection)?;
    fs::rename(work, out).map_err(Error::io(out))?;
    Ok((collection.source, total))
}

/// What one source of files says of itself once it is read, for [`collect`].
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
        (entry.positions, entry.skipped) = (tally.rows, tally.skipped);
        Ok(entry)
    })
}
