//! Where the positions are in a host's accounts.

use bulkhead_client::bulkhead::instructions::{
    AmountConfig, ByteFilterConfig, ExportConfig, RegisterLedgerArgs, ScaleConfig, SlotTableConfig, TotalConfig,
};
use bulkhead_interface::constants::{
    MAX_AMOUNTS, MAX_EXPORT_ACCOUNTS, MAX_EXPORT_DATA, MAX_FILTERS, MAX_TOTAL_TOLERANCE_BPS, amount_flag, length_rule,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::value::{Amount, Byte, Few, Hex, Key, Whole, Word};

/// Bytes that a filter can compare.
const FILTER_BYTES: usize = 32;

type TotalWidth = Whole<u8, 8, 16>;
type Width = Whole<u8, 1, 16>;
type Tolerance = Whole<u16, 0, { MAX_TOTAL_TOLERANCE_BPS as u64 }>;
type Flags = Whole<u8, 0, { amount_flag::ALL as u64 }>;
type Shift = Whole<u8, 0, 127>;

/// Where the positions are in a host's accounts. Exactly one of `amount_offset`, `amounts` and `export` defines the amount.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Number of the ledger.
    index: Byte,
    /// Program that owns the positions.
    program: Key,
    /// Mint of the token that the positions are claims on.
    mint: Key,
    /// Account in which the host keeps the sum of the positions.
    total_account: Key,
    /// Program that owns that account; by default `program`.
    total_program: Option<Key>,
    /// Offset of the sum in that account.
    total_offset: Word,
    /// Width of the sum in bytes.
    #[serde(default = "total_width")]
    total_width: TotalWidth,
    /// Unit of the sum: 0 for the host's units, 1 for native units.
    #[serde(default = "hosts_units")]
    total_unit: Whole<u8, 0, 1>,
    /// Tolerance for a sum of the positions below the host's sum, for hosts whose sum others can change.
    #[serde(default = "exact")]
    total_shortfall_bps: Tolerance,
    /// Tolerance for a sum of the positions above the host's sum.
    #[serde(default = "exact")]
    total_excess_bps: Tolerance,
    /// Meaning of `data_len`: exact (0), at least (1) or a token account (2). Exact if `data_len` is given, else at least.
    length_rule: Option<Whole<u8, { length_rule::EXACT as u64 }, { length_rule::TOKEN_ACCOUNT as u64 }>>,
    /// Size of a position's account in bytes; 0 for any size.
    #[serde(default = "start")]
    data_len: Word,
    /// Filters that identify a position.
    #[serde(default)]
    filters: Few<Filter, 0, MAX_FILTERS>,
    /// Offset of the owner. Optional only for a ledger with `export`.
    owner_offset: Option<Word>,
    /// Offset of the amount, if a position has one.
    amount_offset: Option<Word>,
    /// Width of that amount in bytes; 8 by default.
    amount_width: Option<Width>,
    /// Several amounts, which are added up.
    amounts: Option<Few<Number, 0, MAX_AMOUNTS>>,
    /// Conversion from the host's units to native units.
    scale: Option<Scale>,
    /// Slots with one asset each, whose amounts are added up.
    slots: Option<Slots>,
    /// The host reports the amount by CPI.
    export: Option<Export>,
}

/// Bytes at an offset that identify a position.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Offset of the bytes.
    offset: Word,
    /// The bytes to compare.
    hex: Hex<1, FILTER_BYTES>,
}

/// One of several amounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Offset of the amount.
    offset: Word,
    /// Width in bytes.
    #[serde(default = "width")]
    width: Width,
    /// Sum of the flags: signed (1), subtracted (2), in every slot (4).
    #[serde(default = "plain")]
    flags: Flags,
}

/// Conversion from the host's units to native units.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Multiplier.
    #[serde(default = "once")]
    multiplier: Amount,
    /// Divisor.
    #[serde(default = "once")]
    divisor: Amount,
    /// Exponent of two: the amount is also divided by two to this power.
    #[serde(default = "unshifted")]
    shift: Shift,
}

/// Slots with one asset each.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Offset of the first slot.
    offset: Word,
    /// Distance from one slot to the next, in bytes.
    stride: Whole<u32, 1, { u32::MAX as u64 }>,
    /// Number of slots.
    count: Whole<u16, 1, { u16::MAX as u64 }>,
    /// Offset, within a slot, of the field that marks the slot as used.
    #[serde(default = "start")]
    used_offset: Word,
    /// Width of that field in bytes; 0 if slots have no such field.
    #[serde(default = "unsaid")]
    used_width: Whole<u8, 0, 8>,
    /// Filter that identifies a slot of this ledger's asset.
    filter: Option<Filter>,
}

/// How the host reports the amount of a position by CPI.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Program to call.
    program: Key,
    /// Data of the instruction.
    hex: Hex<1, MAX_EXPORT_DATA>,
    /// Accounts of the instruction, besides the position.
    #[serde(default)]
    accounts: Few<ExportAccount, 0, MAX_EXPORT_ACCOUNTS>,
}

/// An account of an export instruction.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportAccount {
    /// Address of the account.
    address: Key,
}

const fn total_width() -> TotalWidth {
    Whole(8)
}

const fn width() -> Width {
    Whole(8)
}

const fn hosts_units() -> Whole<u8, 0, 1> {
    Whole(0)
}

const fn exact() -> Tolerance {
    Whole(0)
}

const fn start() -> Word {
    Whole(0)
}

const fn plain() -> Flags {
    Whole(0)
}

const fn once() -> Amount {
    Amount(1)
}

const fn unshifted() -> Shift {
    Whole(0)
}

const fn unsaid() -> Whole<u8, 0, 8> {
    Whole(0)
}

impl Ledger {
    /// The combinations of keys that the schema allows; [`Self::args`] enforces the same.
    pub fn together() -> Value {
        json!({
            "dependentRequired": { "amount_width": ["amount_offset"] },
            "allOf": [
                { "not": { "required": ["amount_offset", "amounts"] } },
                { "not": { "required": ["amount_offset", "export"] } },
                { "not": { "required": ["amounts", "export"] } },
                { "if": { "not": { "required": ["export"] } }, "then": { "required": ["owner_offset"] } },
            ],
        })
    }

    /// Converts to the program's arguments.
    ///
    /// # Errors
    /// The conflicting key and the reason.
    pub fn args(self) -> Result<RegisterLedgerArgs, (&'static str, &'static str)> {
        let is_exported = self.export.is_some();
        let owner_offset = match self.owner_offset {
            Some(offset) => offset.0,
            None if is_exported => 0,
            None => return Err(("owner_offset", "missing")),
        };
        let usual_rule = if self.data_len.0 == 0 {
            length_rule::AT_LEAST
        } else {
            length_rule::EXACT
        };
        Ok(RegisterLedgerArgs {
            amounts: self.read_amounts()?,
            index: self.index.0,
            program: self.program.0,
            mint: self.mint.0,
            total: TotalConfig {
                account: self.total_account.0,
                program: self.total_program.unwrap_or(self.program).0,
                offset: self.total_offset.0,
                width: self.total_width.0,
                unit: self.total_unit.0,
                shortfall_bps: self.total_shortfall_bps.0,
                excess_bps: self.total_excess_bps.0,
            },
            length_rule: self.length_rule.map_or(usual_rule, |rule| rule.0),
            data_len: self.data_len.0,
            filters: self.filters.0.into_iter().map(Into::into).collect(),
            owner_offset,
            scale: self.scale.map_or(
                ScaleConfig {
                    multiplier: 1,
                    divisor: 1,
                    shift: 0,
                },
                Into::into,
            ),
            slots: self.slots.map(Into::into),
            export: self.export.map(Into::into),
        })
    }

    /// One number at `amount_offset`, or a list of numbers that are added up.
    fn read_amounts(&self) -> Result<Vec<AmountConfig>, (&'static str, &'static str)> {
        const ONE_WAY: &str = "an amount is said in one way: amount_offset, amounts or export";
        let ways = [
            self.amount_offset.is_some(),
            self.amounts.is_some(),
            self.export.is_some(),
        ];
        if ways.into_iter().filter(|is_said| *is_said).count() > 1 {
            return Err(("amounts", ONE_WAY));
        }
        match (self.amount_offset, self.amount_width) {
            (Some(offset), width) => Ok(vec![AmountConfig {
                offset: offset.0,
                width: width.map_or(8, |width| width.0),
                flags: 0,
            }]),
            (None, Some(_)) => Err(("amount_width", "goes with amount_offset")),
            (None, None) => Ok(self.amounts.iter().flat_map(|few| &few.0).map(Into::into).collect()),
        }
    }
}

impl From<Filter> for ByteFilterConfig {
    fn from(filter: Filter) -> Self {
        Self {
            offset: filter.offset.0,
            bytes: filter.hex.0,
        }
    }
}

impl From<&Number> for AmountConfig {
    fn from(number: &Number) -> Self {
        Self {
            offset: number.offset.0,
            width: number.width.0,
            flags: number.flags.0,
        }
    }
}

impl From<Scale> for ScaleConfig {
    fn from(scale: Scale) -> Self {
        Self {
            multiplier: scale.multiplier.0,
            divisor: scale.divisor.0,
            shift: scale.shift.0,
        }
    }
}

impl From<Slots> for SlotTableConfig {
    fn from(slots: Slots) -> Self {
        Self {
            offset: slots.offset.0,
            stride: slots.stride.0,
            count: slots.count.0,
            used_offset: slots.used_offset.0,
            used_width: slots.used_width.0,
            filter: slots.filter.map(Into::into),
        }
    }
}

impl From<Export> for ExportConfig {
    fn from(export: Export) -> Self {
        Self {
            program: export.program.0,
            data: export.hex.0,
            accounts: export.accounts.0.into_iter().map(|account| account.address.0).collect(),
        }
    }
}
