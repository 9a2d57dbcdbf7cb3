//! Ledgers: where the host's accounts store positions.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{MAX_AMOUNTS, MAX_EXPORT_ACCOUNTS, MAX_EXPORT_DATA, MAX_FILTERS};

/// Bytes that a position must have at an offset. Length 0 matches everything.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ByteFilter {
    /// Offset of the bytes.
    pub offset: u32,
    /// How many of `bytes` are compared, at most 32.
    pub len: u32,
    /// The expected bytes.
    pub bytes: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<ByteFilter>() == 40 && core::mem::align_of::<ByteFilter>() == 4);

/// A number that is added to or subtracted from a position's amount. Little endian.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct AmountField {
    /// Offset in the account, or in each slot with `amount_flag::IN_SLOT`.
    pub offset: u32,
    /// Width in bytes: 1, 2, 4, 8 or 16, or 0 in an unused row.
    pub width: u8,
    /// Bits of `constants::amount_flag`.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 2],
}

const _: () = assert!(core::mem::size_of::<AmountField>() == 8 && core::mem::align_of::<AmountField>() == 4);

/// Converts the sum of a position's fields to native units: multiply by `multiplier`, divide by `divisor` and by
/// `2^shift`.
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

/// An array in a position, for instance with one slot per asset. Only the slots that pass the filter are included.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct SlotTable {
    /// Offset of the first slot.
    pub offset: u32,
    /// Bytes per slot.
    pub stride: u32,
    /// Offset of the number of slots in use, if the host stores one.
    pub used_offset: u32,
    /// Maximum number of slots, or 0 for no table.
    pub count: u16,
    /// Width in bytes of the number of slots in use: 1, 2, 4 or 8, or 0 if the host stores none.
    pub used_width: u8,
    /// Zero.
    pub padding: u8,
    /// Bytes that an included slot must have. The offset is within the slot.
    pub filter: ByteFilter,
}

const _: () = assert!(core::mem::size_of::<SlotTable>() == 56 && core::mem::align_of::<SlotTable>() == 4);

/// An instruction that returns a position's owner and amount, for hosts whose bytes alone do not show them. In
/// `ledger_mode::LINKED` the same bytes say where the factors are: numbers of other accounts that an amount is
/// multiplied or divided by.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Export {
    /// Program to call: the host, or an adapter to it. Linked: owner program of the factors' accounts.
    pub program: Pubkey,
    /// Accounts passed after the position. Read-only, like the position. Linked: the account of each factor.
    pub accounts: [Pubkey; MAX_EXPORT_ACCOUNTS],
    /// The instruction's data. Linked: an `AmountField` for each factor, with flags of `constants::factor_flag`.
    pub data: [u8; MAX_EXPORT_DATA],
    /// How many bytes of `data` are used.
    pub data_len: u8,
    /// How many of `accounts` are used.
    pub account_count: u8,
    /// How many accounts of its own follow each position. The cranker chooses them: the called program checks them.
    pub position_accounts: u8,
    /// Zero.
    pub padding: [u8; 5],
}

const _: () = assert!(core::mem::size_of::<Export>() == 184 && core::mem::align_of::<Export>() == 1);

/// A registered layout: how the program itself reads owner and amount from a host account.
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
    /// Bits of `constants::ledger_flag` and `constants::link_flag`.
    pub flags: u8,
    /// Number within the domain.
    pub index: u8,
    /// One of `constants::ledger_mode`.
    pub mode: u8,
    /// One of `constants::length_rule`.
    pub length_rule: u8,
    /// How many of `amounts` are used.
    pub amount_count: u8,
    /// Offset of the owner's 32 bytes.
    pub owner_offset: u32,
    /// The length that `length_rule` refers to.
    pub data_len: u32,
    /// Offset of the host's total, in `total_account`.
    pub total_offset: u32,
    /// Width in bytes of the total: 8 or 16, unsigned little endian.
    pub total_width: u8,
    /// One of `constants::total_unit`.
    pub total_unit: u8,
    /// Maximum shortfall of the positions' sum below the host's total, in bps of that total. For hosts where others can
    /// increase the total.
    pub shortfall_bps: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Owner program of position accounts.
    pub program: Pubkey,
    /// Token the amounts are in and claims are paid in.
    pub mint: Pubkey,
    /// Account that stores the host's total: the sum of all amounts.
    pub total_account: Pubkey,
    /// Owner program of that account.
    pub total_program: Pubkey,
    /// Filters that distinguish a position from other accounts of the program.
    pub filters: [ByteFilter; MAX_FILTERS],
    /// The fields that are added up.
    pub amounts: [AmountField; MAX_AMOUNTS],
    /// Converts their sum to native units.
    pub scale: Scale,
    /// The array that contains some of the fields, if any.
    pub slots: SlotTable,
    /// The instruction called in `ledger_mode::EXPORT` instead of reading the fields above; the factors of
    /// `ledger_mode::LINKED`.
    pub export: Export,
    /// Maximum excess of the positions' sum above the host's total, in bps of that total. For hosts where others can
    /// decrease the total.
    pub excess_bps: u16,
    /// Share of what custody holds that is paid in advance of the vote. Basis points; 0 for none.
    pub interim_bps: u16,
    /// Zero.
    pub padding: [u8; 4],
    /// The most that one position is paid in advance. Native units.
    pub interim_cap: u64,
    /// Minimum age, at the breach, of a checkpoint that an advance is computed from. Seconds.
    pub interim_age_seconds: i64,
    /// Creation slot of the proposal that set these three, or 0. An older proposal does not replace them.
    pub interim_decided_slot: u64,
    /// Of a queue: the part of what the vault's last evacuation moved that is kept for its claims. Native units.
    pub queue_reserve: u64,
    /// Of a queue: releases with fewer `evacuations` than this are paid by the claims of a restoration.
    pub queue_from: u32,
    /// Of a queue: releases with at least this many `evacuations` are paid by the vault, and are no positions.
    pub queue_until: u32,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<Ledger>() == 736 && core::mem::align_of::<Ledger>() == 8);

/// The ledgers of a domain that pay one token. A new ledger is compared with them, so that no position is paid twice.
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
