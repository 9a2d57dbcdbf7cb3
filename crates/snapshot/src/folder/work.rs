//! The work folder of a run, and the files in it.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use bytemuck::Zeroable;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Position, file, manifest};

/// A lock on the folder, kept while a run works in it.
const LOCK: &str = "lock";

/// Creates the folder, or takes over the one that an earlier run of the same user left, and locks it. From then on
/// nobody else can write there. A folder of another user, or a link to one, is refused.
pub(super) fn own(work: &Path) -> Result<File, Error> {
    let foreign = || Error::ForeignWork(work.to_owned());
    if let Some(parent) = work.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(Error::io(parent))?;
    }
    match fs::create_dir(work) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(Error::io(work)(error)),
        _ => {}
    }
    let found = fs::symlink_metadata(work).map_err(Error::io(work))?;
    if !found.is_dir() {
        return Err(foreign());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let probe = work.join("owner");
        remove(&probe)?;
        let own = File::create_new(&probe).and_then(|file| file.metadata());
        if own.map_err(Error::io(&probe))?.uid() != found.uid() {
            remove(&probe)?;
            return Err(foreign());
        }
        remove(&probe)?;
        fs::set_permissions(work, fs::Permissions::from_mode(0o700)).map_err(Error::io(work))?;
    }
    let lock = work.join(LOCK);
    let is_link = fs::symlink_metadata(&lock).is_ok_and(|found| !found.is_file());
    if is_link {
        return Err(foreign());
    }
    let file = File::options()
        .create(true)
        .append(true)
        .open(&lock)
        .map_err(Error::io(&lock))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::WorkBusy(work.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(Error::io(&lock)(error)),
    }
}

/// Removes everything from the folder except the lock.
pub(super) fn clear(work: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(work).map_err(Error::io(work))? {
        let entry = entry.map_err(Error::io(work))?;
        if entry.file_name() == LOCK {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::io(&path))?;
        let removed = if kind.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.map_err(Error::io(&path))?;
    }
    Ok(())
}

/// Creates an empty folder with this name, replacing whatever was there.
pub(super) fn fresh(path: &Path) -> Result<PathBuf, Error> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        fs::remove_dir_all(path).map_err(Error::io(path))?;
    } else {
        remove(path)?;
    }
    fs::create_dir(path).map_err(Error::io(path))?;
    Ok(path.to_owned())
}

/// Removes a file or link, if there is one.
fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(path)(error)),
        _ => Ok(()),
    }
}

/// The folder to create, without meaningless trailing components: the work folder next to it and the result must have
/// the same name.
pub(super) fn named(out: &Path) -> Result<PathBuf, Error> {
    let named: PathBuf = out.components().collect();
    if named.file_name().is_none() {
        return Err(Error::NotAName(out.to_owned()));
    }
    if named.exists() {
        return Err(Error::OutputExists(out.to_owned()));
    }
    Ok(named)
}

/// `NAME.ending`, next to NAME.
pub(super) fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    out.with_file_name(name)
}

pub(super) fn rows_of(work: &Path, shard: usize) -> PathBuf {
    work.join(format!("shard-{shard:02}.positions"))
}

pub(super) fn leaves_of(work: &Path, shard: usize) -> PathBuf {
    work.join(format!("shard-{shard:02}.leaves"))
}

pub(super) fn entry_of(work: &Path, shard: usize) -> PathBuf {
    work.join(format!("shard-{shard:02}.json"))
}

pub(super) fn read_rows(file: &Path) -> Result<Vec<Position>, Error> {
    let mut source = file::open(file)?;
    let bytes = usize::try_from(source.metadata().map_err(Error::io(file))?.len()).unwrap_or(usize::MAX);
    let mut rows = vec![Position::zeroed(); bytes / size_of::<Position>()];
    source
        .read_exact(bytemuck::cast_slice_mut(&mut rows))
        .map_err(Error::io(file))?;
    Ok(rows)
}

/// Written under a temporary name first, so that an existing file is always complete.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let draft = beside(path, "draft");
    remove(&draft)?;
    let mut file = File::create_new(&draft).map_err(Error::io(&draft))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_data())
        .map_err(Error::io(&draft))?;
    fs::rename(&draft, path).map_err(Error::io(path))
}

pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| Error::io(path)(error.into()))?;
    text.push(b'\n');
    write_whole(path, &text)
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = file::read(path, manifest::LONGEST)?;
    serde_json::from_slice(&text).map_err(|error| Error::mismatch(path, error.to_string()))
}
