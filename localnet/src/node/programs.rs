//! The programs on the node.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use surfpool_core::surfnet::locker::SurfnetSvmLocker;

use crate::error::LocalnetError;

/// The programs of the sample, and the names of their files.
pub const PROGRAMS: [(Pubkey, &str); 3] = [
    (bulkhead::ID, "bulkhead"),
    (example_exchange::ID, "example_exchange"),
    (example_vault::ID, "example_vault"),
];

/// Bytes before a program in its program data account: kind, slot, upgrade authority.
const HEADER: usize = 45;
const LOADER: Pubkey = anchor_lang::prelude::pubkey!("BPFLoaderUpgradeab1e11111111111111111111111");

/// A built program.
pub(super) struct Built {
    id: Pubkey,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Reads the built programs.
pub(super) fn read(dir: &Path) -> Result<Vec<Built>, LocalnetError> {
    let read = |(id, name): (Pubkey, &str)| {
        let path = dir.join(name).with_extension("so");
        if !path.exists() {
            return Err(LocalnetError::ProgramMissing(path));
        }
        let bytes = fs::read(&path).map_err(|error| LocalnetError::file(&path, error))?;
        Ok(Built { id, path, bytes })
    };
    PROGRAMS.into_iter().map(read).collect()
}

/// The account with a program's bytes.
#[must_use]
pub fn program_data(program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[program.as_ref()], &LOADER).0
}

/// Puts a program on the node, unless the same one is there. Returns whether it did.
pub(super) async fn deploy(
    locker: &SurfnetSvmLocker,
    built: &Built,
    upgrade_authority: Pubkey,
) -> Result<bool, LocalnetError> {
    let Built { id, path, bytes } = built;
    let id = *id;
    let refused = |reason: String| LocalnetError::file(path, format!("the node does not take this program: {reason}"));
    let data = locker
        .with_svm_reader(|svm| svm.inner.get_account(&program_data(&id)))
        .map_err(|error| refused(error.to_string()))?;
    if let Some(mut data) = data {
        if data.data.get(HEADER..) == Some(bytes.as_slice()) {
            return Ok(false);
        }
        // Writing would leave the end of a longer program.
        data.data.truncate(HEADER);
        locker
            .with_svm_writer(move |svm| svm.set_account(&program_data(&id), data))
            .map_err(|error| refused(error.to_string()))?;
    }
    locker
        .write_program(id, Some(upgrade_authority), 0, bytes, &None)
        .await
        .map_err(|error| refused(error.to_string()))?;
    Ok(true)
}

impl Built {
    /// The name of its file.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}
