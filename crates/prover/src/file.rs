//! Files that are there whole or not at all, and bytes as digits.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::Error;

/// No file that is read whole is longer: a run's manifest has some ten thousand bytes.
const LONGEST: u64 = 1 << 20;

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Exactly so many bytes from lower-case hexadecimal digits.
#[must_use]
pub fn unhex<const LEN: usize>(text: &str) -> Option<[u8; LEN]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * LEN {
        return None;
    }
    let mut bytes = [0; LEN];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(bytes)
}

pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    // Only maps whose keys are no strings fail, and there are none.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

pub(crate) fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    let metadata = fs::metadata(file).map_err(Error::io(file))?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(Error::malformed(file, "it is no regular file of at most 1 MiB"));
    }
    let bytes = fs::read(file).map_err(Error::io(file))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::malformed(file, error.to_string()))
}

/// Writes beside the file and renames: a reader sees the old file or the whole new one.
pub(crate) fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    let part = file.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut out = File::create(&part)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::rename(&part, file)
    };
    write().map_err(Error::io(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_one_form() {
        assert_eq!(hex(&[0, 0xaf]), "00af");
        assert_eq!(unhex("00af"), Some([0, 0xaf]));
        for wrong in ["00AF", "00a", "00afa", "0xaf", "00ag"] {
            assert_eq!(unhex::<2>(wrong), None, "{wrong}");
        }
    }
}
