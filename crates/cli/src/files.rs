//! Files that people name, read as far as such a file can go: what never ends is no file of that kind.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Bytes of a key pair, and of anything that is a few lines.
pub const SHORT: u64 = 64 << 10;
/// Bytes of a configuration, or of an account: ten megabytes in base64 and what stands around them.
pub const LONG: u64 = 16 << 20;
/// Bytes of proofs: some hundred thousand.
pub const PROOFS: u64 = 512 << 20;

/// All of a file, or of a pipe, that has at most so many bytes.
///
/// # Errors
/// What the system says, and what is too long.
pub fn read(file: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    File::open(file)?.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("TooLong: it has more than {longest} bytes"),
        ));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`], and what is not UTF-8.
pub fn read_text(file: &Path, longest: u64) -> io::Result<String> {
    String::from_utf8(read(file, longest)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))
}
