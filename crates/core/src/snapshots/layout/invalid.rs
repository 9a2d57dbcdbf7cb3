//! Why a layout cannot be registered.

use core::fmt;

/// The layout cannot be read, or lets accounts pass that are no positions. Rows are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidLayout {
    /// Program, mint, the total's account or its program is missing.
    KeyMissing,
    /// Its number is the one by which a vault says that it backs none.
    Number,
    /// Reserved bytes are not zero: a later version wrote it.
    Reserved,
    /// The mode is unknown.
    Mode,
    /// A flag is unknown, or does not go with the mode or with another one.
    Flags,
    /// The length rule is unknown, or the length out of range.
    Length,
    /// A filter is longer than 32 bytes, lies beyond the account, or has bytes behind its length.
    Filter(u8),
    /// There is neither an exact length nor a filter, so every account of the program would pass.
    Indistinct,
    /// Multiplier or divisor is zero, or the shift is above 127.
    Scale,
    /// The total's place, width or unit is out of range.
    Total,
    /// There is no amount, or a row behind the last one is not zero.
    AmountCount,
    /// An amount's width or flags are unknown, or it lies beyond the account or over something else that is read.
    Amount(u8),
    /// The owner lies beyond the account or over the slots.
    Owner,
    /// The slots lie beyond the account or have no amount, or the number of slots in use lies among them.
    Slots,
    /// The export names nobody to call, or something besides it is registered.
    Export,
    /// There are more factors than a ledger can have, or bytes behind them are not zero.
    FactorCount,
    /// A factor names no account, is out of range, or divides by more than 64 bits.
    Factor(u8),
    /// One account cannot have that many positions, or none.
    Records,
}

impl fmt::Display for InvalidLayout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissing => out.write_str("program, mint, total account or total program is missing"),
            Self::Number => out.write_str("255 is no ledger's number"),
            Self::Reserved => out.write_str("reserved bytes are not zero: a later version of the program wrote them"),
            Self::Mode => out.write_str("the mode is unknown: a later version of the program may know it"),
            Self::Flags => out.write_str("a flag is unknown, or does not go with the mode or with another flag"),
            Self::Length => out.write_str("the length rule is unknown, or the length is out of range"),
            Self::Filter(row) => write!(
                out,
                "filter {row} is longer than 32 bytes, lies beyond the account, or has bytes behind its length"
            ),
            Self::Indistinct => {
                out.write_str("there is neither an exact length nor a filter: every account of the program would pass")
            }
            Self::Scale => out.write_str("the scale's multiplier or divisor is zero, or its shift is above 127"),
            Self::Total => out.write_str("the total's offset, width or unit is out of range"),
            Self::AmountCount => out.write_str("there is no amount, or unused amounts are not zero"),
            Self::Amount(row) => write!(
                out,
                "amount {row} has an unknown width or flag, or lies beyond the account or over other bytes that are read"
            ),
            Self::Owner => out.write_str("the owner lies beyond the account or over the slots"),
            Self::Slots => {
                out.write_str("the slots lie beyond the account or have no amount, or their count is among them")
            }
            Self::Export => out.write_str("the export names nobody to call, or the layout says something besides it"),
            Self::FactorCount => out.write_str("there are more than two factors, or unused bytes of them are not zero"),
            Self::Factor(row) => write!(
                out,
                "factor {row} names no account, lies out of range, or divides by more than 64 bits"
            ),
            Self::Records => out.write_str("an account has 1 to 8,192 positions; for more, ask an adapter by export"),
        }
    }
}
