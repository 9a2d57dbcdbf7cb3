//! Reads files of other people: only regular files, up to a length limit. Also finds the columns in them.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::Error;

/// Opens a file to read. Devices and pipes are refused, because they may never end.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    let is_file = |found: fs::Metadata| found.is_file();
    // Checked before opening, because opening a pipe waits for a writer.
    if !fs::metadata(path).map(is_file).map_err(Error::io(path))? {
        return Err(Error::NotAFile(path.into()));
    }
    let file = File::open(path).map_err(Error::io(path))?;
    if !file.metadata().map(is_file).map_err(Error::io(path))? {
        return Err(Error::NotAFile(path.into()));
    }
    Ok(file)
}

/// Reads a whole file of at most this many bytes.
pub(crate) fn read(path: &Path, longest: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![];
    let file = open(path)?;
    file.take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io(path))?;
    if bytes.len() as u64 > longest {
        return Err(Error::TooLong {
            file: path.into(),
            longest,
        });
    }
    Ok(bytes)
}

/// Length and SHA-256 of a file. If the file grows while it is read, only its initial length is read.
pub(crate) fn digest(path: &Path) -> Result<(u64, [u8; 32]), Error> {
    let file = open(path)?;
    let len = file.metadata().map_err(Error::io(path))?.len();
    let mut file = file.take(len);
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(Error::io(path))? {
            0 => return Ok((bytes, hasher.finalize().into())),
            len => {
                bytes += len as u64;
                hasher.update(&buffer[..len]);
            }
        }
    }
}

/// Finds a column, ignoring case and surrounding spaces. A column that appears twice is refused.
pub(crate) fn column(file: &Path, names: &[String], column: &'static str) -> Result<Option<usize>, Error> {
    let is_it = |name: &String| name.trim_matches(['\u{feff}', ' ', '\t']).eq_ignore_ascii_case(column);
    let mut places = names.iter().enumerate().filter(|(_, name)| is_it(name));
    let first = places.next().map(|(place, _)| place);
    if places.next().is_some() {
        return Err(Error::RepeatedColumn {
            file: file.into(),
            column,
        });
    }
    Ok(first)
}
