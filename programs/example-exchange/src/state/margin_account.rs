//! One user's position.

use anchor_lang::prelude::*;

/// First eight bytes of a margin account: the first filter of a ledger.
pub const MARGIN_DISCRIMINATOR: [u8; 8] = *b"exMargin";

/// Deposit and debt of one owner. The deposit is the position that Bulkhead's ledger reads.
#[account(zero_copy, discriminator = &MARGIN_DISCRIMINATOR)]
#[derive(Debug)]
pub struct MarginAccount {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Its exchange.
    pub exchange: Pubkey,
    /// Who may use it.
    pub owner: Pubkey,
    /// Native units of the quote token.
    pub deposit: u64,
    /// Native units of the quote token.
    pub debt: u64,
    /// Native units of the collateral.
    pub collateral: u64,
    /// Mint of the collateral; may change while there is none.
    pub collateral_mint: Pubkey,
    /// Amount that anyone may have paid to the owner's token account. Native units of the quote token.
    pub allowed: u64,
    /// Slot of the last loan request, whatever its outcome; 0 before the first.
    pub loan_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<MarginAccount>() == 160 && core::mem::align_of::<MarginAccount>() == 8);

/// Offset of `exchange` in the account: the second filter of a ledger.
pub const MARGIN_EXCHANGE_OFFSET: usize = 16;
/// Offset of `owner` in the account.
pub const MARGIN_OWNER_OFFSET: usize = 48;
/// Offset of `deposit: u64` in the account.
pub const MARGIN_DEPOSIT_OFFSET: usize = 80;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(MarginAccount, exchange) == MARGIN_EXCHANGE_OFFSET - 8);
    assert!(offset_of!(MarginAccount, owner) == MARGIN_OWNER_OFFSET - 8);
    assert!(offset_of!(MarginAccount, deposit) == MARGIN_DEPOSIT_OFFSET - 8);
};
