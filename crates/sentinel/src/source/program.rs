//! Program data accounts are megabytes; what matters of them is who may upgrade them, when that last happened, and which
//! code it is.

use std::sync::Arc;

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError};
use sha2::{Digest, Sha256};
use solana_account::Account;

/// Bytes before the code: tag, slot of the last deployment, upgrade authority.
pub const HEADER: usize = 45;
/// Bytes of a digest: the header and the hash of the code.
pub const DIGEST: usize = HEADER + 32;

/// Reads the beginnings of accounts.
#[async_trait]
pub trait Heads: Send + Sync {
    /// The first [`HEADER`] bytes of each account's data, in order.
    async fn heads(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError>;
}

/// Reads whole accounts and drops the rest, for clusters that cannot do better.
pub struct Whole(pub Arc<dyn Chain>);

#[async_trait]
impl Heads for Whole {
    async fn heads(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let mut accounts = self.0.accounts(keys).await?;
        for account in accounts.iter_mut().flatten() {
            account.data.truncate(HEADER);
        }
        Ok(accounts)
    }
}

/// The account with a digest in place of its data: the header, and the SHA-256 of the code without the zeros behind it.
#[must_use]
pub fn digest(mut account: Account) -> Account {
    let code = account.data.get(HEADER..).unwrap_or_default();
    let length = code.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let hash = Sha256::digest(code.get(..length).unwrap_or_default());
    account.data.truncate(HEADER);
    account.data.resize(HEADER, 0);
    account.data.extend_from_slice(&hash);
    account
}

/// What a digest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Slot of the last deployment.
    pub slot: u64,
    /// Who may upgrade it, or nobody.
    pub authority: Option<Pubkey>,
    /// SHA-256 of the code.
    pub hash: [u8; 32],
}

impl Program {
    /// Reads a digest of an upgradeable program.
    #[must_use]
    pub fn of(account: &Account) -> Option<Self> {
        let data: &[u8; DIGEST] = account.data.as_slice().try_into().ok()?;
        if account.owner != bulkhead_interface::ids::UPGRADEABLE_LOADER || !data.starts_with(&[3, 0, 0, 0]) {
            return None;
        }
        let (slot, has_authority) = (data.get(4..12)?, *data.get(12)?);
        let key = data.get(13..HEADER)?;
        Some(Self {
            slot: u64::from_le_bytes(slot.try_into().ok()?),
            authority: (has_authority != 0).then_some(Pubkey::new_from_array(key.try_into().ok()?)),
            hash: data.get(HEADER..)?.try_into().ok()?,
        })
    }
}

/// The program data account of an upgradeable program.
#[must_use]
pub fn data_of(program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[program.as_ref()], &bulkhead_interface::ids::UPGRADEABLE_LOADER).0
}
