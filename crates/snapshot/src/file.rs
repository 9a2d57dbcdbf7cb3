//! Files of others, as they are read: regular ones, no longer than they may be; and the columns that stand in them.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::Error;

/// Opens a file to read. Devices and pipes, which may never end, are none.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    let is_file = |found: fs::Metadata| found.is_file();
    // Before it is opened, for a pipe would wait for somebody to write.
    if !fs::metadata(path).map(is_file).map_err(Error::io(path))? {
        return Err(Error::NotAFile(path.into()));
    }
    let file = File::open(path).map_err(Error::io(path))?;
    if !file.metadata().map(is_file).map_err(Error::io(path))? {
        return Err(Error::NotAFile(path.into()));
    }
    Ok(file)
}

/// All of a file that may have so many bytes.
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

/// Bytes of a file and their SHA-256. What grows while it is read is read to the length it had.
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

/// Where a column stands, whatever its case and the spaces around its name. One that stands twice is refused.
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
