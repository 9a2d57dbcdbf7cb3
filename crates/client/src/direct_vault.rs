//! Direct vaults, as accounts hold them.

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use bulkhead::call::StoredInstruction;
use bulkhead_core::hash::sha256;
use bulkhead_interface::layout::{DirectVault, space};

use crate::decode;

/// A direct vault with the instruction that evacuates it.
#[derive(Clone)]
pub struct Direct {
    /// Its header.
    pub header: DirectVault,
    /// The host's instruction.
    pub instruction: StoredInstruction,
}

impl Direct {
    /// Decodes an account. What runs is what is shown: the hash is checked.
    #[must_use]
    pub fn of(owner: &Pubkey, data: &[u8]) -> Option<Self> {
        let header: DirectVault = decode::owned(owner, data)?;
        let begin = space::<DirectVault>();
        let end = begin.checked_add(header.instruction_len.into())?;
        let bytes = data.get(begin..end)?;
        let is_same = sha256(&[bytes]) == header.instruction_hash;
        let instruction = StoredInstruction::try_from_slice(bytes).ok()?;
        is_same.then_some(Self { header, instruction })
    }
}
