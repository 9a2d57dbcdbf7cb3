//! Where a ledger's positions lie in the host's accounts.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{MAX_AMOUNTS, MAX_EXPORT_ACCOUNTS, MAX_EXPORT_DATA, MAX_FILTERS};

/// Bytes that must stand at an offset of a position. Length 0 matches everything.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ByteFilter {
    /// Where.
    pub offset: u32,
    /// How many of `bytes` count, at most 32.
    pub len: u32,
    /// What.
    pub bytes: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<ByteFilter>() == 40 && core::mem::align_of::<ByteFilter>() == 4);

/// A number that counts towards a position's amount. Little endian.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct AmountField {
    /// Where, in the account, or in each slot with `amount_flag::IN_SLOT`.
    pub offset: u32,
    /// Bytes: 1, 2, 4, 8 or 16; 0 in a row that is not used.
    pub width: u8,
    /// Bits of `constants::amount_flag`.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 2],
}

const _: () = assert!(core::mem::size_of::<AmountField>() == 8 && core::mem::align_of::<AmountField>() == 4);

/// What brings the sum of a position's fields to native units: times `multiplier`, by `divisor`, by `2^shift`.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Scale {
    /// At least 1.
    pub multiplier: u64,
    /// At least 1.
    pub divisor: u64,
    /// At most 127.
    pub shift: u8,
    /// Zero.
    pub padding: [u8; 7],
}

const _: () = assert!(core::mem::size_of::<Scale>() == 24 && core::mem::align_of::<Scale>() == 8);

/// An array in a position, one slot an asset for instance, of which only the slots that pass a filter count.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct SlotTable {
    /// Where the first slot begins.
    pub offset: u32,
    /// Bytes of a slot.
    pub stride: u32,
    /// Where the number of slots in use lies, if the host keeps one.
    pub used_offset: u32,
    /// Slots, at most; 0 for no table.
    pub count: u16,
    /// Bytes of the number of slots in use: 1, 2, 4 or 8; 0 when the host keeps none.
    pub used_width: u8,
    /// Zero.
    pub padding: u8,
    /// What a slot that counts has at an offset of its own.
    pub filter: ByteFilter,
}

const _: () = assert!(core::mem::size_of::<SlotTable>() == 56 && core::mem::align_of::<SlotTable>() == 4);

/// An instruction that says who has how much, where bytes alone do not.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Export {
    /// Program that is called: the host, or an adapter to it.
    pub program: Pubkey,
    /// Accounts it is given behind the position. Read-only, as the position is.
    pub accounts: [Pubkey; MAX_EXPORT_ACCOUNTS],
    /// The instruction's data.
    pub data: [u8; MAX_EXPORT_DATA],
    /// How many bytes of `data` are used.
    pub data_len: u8,
    /// How many of `accounts` are used.
    pub account_count: u8,
    /// Zero.
    pub padding: [u8; 6],
}

const _: () = assert!(core::mem::size_of::<Export>() == 184 && core::mem::align_of::<Export>() == 1);

/// A registered layout: how the program reads owner and amount out of a host account by itself.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::LEDGER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Ledger {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number within the domain.
    pub index: u8,
    /// One of `constants::ledger_mode`.
    pub mode: u8,
    /// One of `constants::length_rule`.
    pub length_rule: u8,
    /// How many of `amounts` are used.
    pub amount_count: u8,
    /// Where the owner's 32 bytes lie.
    pub owner_offset: u32,
    /// The length that `length_rule` is about.
    pub data_len: u32,
    /// Where the host keeps the sum, in `total_account`.
    pub total_offset: u32,
    /// Bytes of the sum: 8 or 16, unsigned little endian.
    pub total_width: u8,
    /// One of `constants::total_unit`.
    pub total_unit: u8,
    /// What the sum of the positions may fall short of the host's, in bps of that: where others can make the host's
    /// larger.
    pub shortfall_bps: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Owner program of position accounts.
    pub program: Pubkey,
    /// Token the amounts are in and claims are paid in.
    pub mint: Pubkey,
    /// Account with the sum of all amounts.
    pub total_account: Pubkey,
    /// Owner program of that account.
    pub total_program: Pubkey,
    /// What tells a position from other accounts of the program.
    pub filters: [ByteFilter; MAX_FILTERS],
    /// What is added up.
    pub amounts: [AmountField; MAX_AMOUNTS],
    /// What brings it to native units.
    pub scale: Scale,
    /// The array some of it lies in, if any.
    pub slots: SlotTable,
    /// Who is asked, in place of all that, in `ledger_mode::EXPORT`.
    pub export: Export,
    /// What the sum of the positions may be above the host's, in bps of that: where others can make the host's smaller.
    pub excess_bps: u16,
    /// Zero; room for later versions.
    pub reserved: [u8; 62],
}

const _: () = assert!(core::mem::size_of::<Ledger>() == 736 && core::mem::align_of::<Ledger>() == 8);

/// The ledgers of a domain that pay one token: a new one is compared with them, so that no position is paid twice.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::MINT_LEDGERS))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct MintLedgers {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Its domain.
    pub domain: Pubkey,
    /// The token.
    pub mint: Pubkey,
    /// Bit i of the 256: ledger i pays this token.
    pub ledgers: [u8; 32],
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<MintLedgers>() == 136 && core::mem::align_of::<MintLedgers>() == 1);
