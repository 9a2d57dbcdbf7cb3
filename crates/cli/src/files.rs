//! Reads files that users name, up to a size limit for each kind of file. An endless input is rejected.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Size limit of a key pair, and of any other file of a few lines, in bytes.
pub const SHORT: u64 = 64 << 10;
/// Size limit of a configuration or an account, in bytes: ten megabytes in base64 plus the surrounding JSON.
pub const LONG: u64 = 16 << 20;
/// Size limit of a file of proofs, in bytes: enough for some hundred thousand proofs.
pub const PROOFS: u64 = 512 << 20;

/// Reads a whole file or pipe of at most `longest` bytes.
///
/// # Errors
/// The I/O error, or `TooLong` when the input has more bytes.
pub fn read(file: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    File::open(file)?.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("TooLong: the file has more than {longest} bytes"),
        ));
    }
    Ok(bytes)
}

/// Reads a whole file as text.
///
/// # Errors
/// As [`read`], and an error when the input is not UTF-8.
pub fn read_text(file: &Path, longest: u64) -> io::Result<String> {
    String::from_utf8(read(file, longest)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8 text"))
}
