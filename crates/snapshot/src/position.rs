//! One position of a ledger.

use bulkhead_core::layout::{LayoutError, Reader};
use bulkhead_interface::{Pubkey, layout::Ledger};

use crate::hex;

/// Who has how much, and where the host says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Position {
    /// Address of the host's account.
    pub key: Pubkey,
    /// Who is owed.
    pub owner: Pubkey,
    /// How much. Native units.
    pub amount: u64,
}

/// Why an account is not read as a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Another program owns it, or it does not pass the ledger's length and filters.
    #[error("{0} is not a position of this ledger")]
    NotAPosition(Pubkey),
    /// The amount does not fit 64 bits.
    #[error("the amount of {0} does not fit 64 bits")]
    AmountTooLarge(Pubkey),
    /// It says that it has more slots in use than the layout knows.
    #[error("{0} has more slots in use than the layout knows")]
    TooManySlots(Pubkey),
}

impl Position {
    /// Reads an account the way `ingest_positions` does.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn read(ledger: &Ledger, key: Pubkey, program: &Pubkey, data: &[u8]) -> Result<Self, ReadError> {
        if *program != ledger.program {
            return Err(ReadError::NotAPosition(key));
        }
        let position = Reader::new(ledger).read(data).map_err(|error| match error {
            LayoutError::NotAPosition => ReadError::NotAPosition(key),
            LayoutError::AmountTooLarge => ReadError::AmountTooLarge(key),
            LayoutError::TooManySlots => ReadError::TooManySlots(key),
        })?;
        Ok(Self {
            key,
            owner: Pubkey::new_from_array(*position.owner),
            amount: position.amount,
        })
    }
}

/// A key in Base58 or 64 hexadecimal digits.
pub(crate) fn parse_key(text: &str) -> Result<Pubkey, String> {
    if text.len() == 64 {
        return hex::read(text)
            .map(Pubkey::new_from_array)
            .ok_or_else(|| format!("`{text}` is not hexadecimal"));
    }
    text.parse()
        .map_err(|_| format!("`{}` is no key", text.chars().take(64).collect::<String>()))
}

/// An amount in decimal digits.
pub(crate) fn parse_amount(text: &str) -> Result<u64, String> {
    let told = || {
        format!(
            "`{}` is no amount of 64 bits",
            text.chars().take(32).collect::<String>()
        )
    };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(told());
    }
    text.parse().map_err(|_| told())
}
