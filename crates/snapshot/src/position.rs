//! One position of a ledger.

use bulkhead_core::snapshots::layout::{LayoutError, Reader, linked::is_linked};
use bulkhead_interface::{Pubkey, layout::Ledger};

/// An owner and an amount, and the host's account that states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Position {
    /// Address of the host's account.
    pub key: Pubkey,
    /// The owner.
    pub owner: Pubkey,
    /// The amount. Native units.
    pub amount: u64,
}

/// Why an account cannot be read as a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Another program owns it, or it does not pass the ledger's length and filters.
    #[error("{0} is not a position of this ledger")]
    NotAPosition(Pubkey),
    /// The amount does not fit 64 bits.
    #[error("the amount of {0} does not fit 64 bits")]
    AmountTooLarge(Pubkey),
    /// Other accounts are needed to read it.
    #[error("{0} cannot be read by itself: its ledger refers to other accounts")]
    Linked(Pubkey),
    /// It reports more slots in use than the layout has.
    #[error("{0} has more slots in use than the layout knows")]
    TooManySlots(Pubkey),
}

impl Position {
    /// Reads an account as `ingest_positions` does.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn read(ledger: &Ledger, key: Pubkey, program: &Pubkey, data: &[u8]) -> Result<Self, ReadError> {
        if *program != ledger.program {
            return Err(ReadError::NotAPosition(key));
        }
        if is_linked(ledger) {
            return Err(ReadError::Linked(key));
        }
        let position = Reader::new(ledger).read(data).map_err(|error| match error {
            LayoutError::NotAPosition => ReadError::NotAPosition(key),
            LayoutError::AmountTooLarge => ReadError::AmountTooLarge(key),
            LayoutError::TooManySlots => ReadError::TooManySlots(key),
            LayoutError::LinkMissing
            | LayoutError::FactorUnreadable
            | LayoutError::NotASingleToken
            | LayoutError::NotTheHolder => ReadError::Linked(key),
        })?;
        Ok(Self {
            key,
            owner: Pubkey::new_from_array(*position.owner),
            amount: position.amount,
        })
    }
}
