//! Can a layout be registered?

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, amount_flag, ledger_mode, length_rule, total_unit},
    layout::{AmountField, ByteFilter, Export, Ledger, Scale, SlotTable},
};
use bytemuck::Zeroable;

use super::{OWNER_WIDTH, is_identity};
use crate::token::BASE_LEN;

/// Longest account the runtime allows.
pub const MAX_DATA_LEN: u32 = 10 * 1024 * 1024;
/// A number of 128 bits has nothing left beyond.
const MAX_SHIFT: u8 = 127;

/// The layout cannot be read, or lets accounts pass that are no positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidLayout;

/// A run of bytes.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    len: u32,
}

impl Span {
    const fn new(start: u32, len: u32) -> Self {
        Self { start, len }
    }

    fn is_within(self, longest: u32) -> bool {
        self.start.checked_add(self.len).is_some_and(|end| end <= longest)
    }

    fn is_apart(self, other: Self) -> bool {
        self.start.saturating_add(self.len) <= other.start || other.start.saturating_add(other.len) <= self.start
    }
}

/// Can this layout be registered?
///
/// # Errors
/// [`InvalidLayout`]
pub fn check(ledger: &Ledger) -> Result<(), InvalidLayout> {
    let nobody = Pubkey::default();
    let keys = [
        &ledger.program,
        &ledger.mint,
        &ledger.total_account,
        &ledger.total_program,
    ];
    let longest = longest(ledger).ok_or(InvalidLayout)?;
    let is_valid = keys.iter().all(|key| **key != nobody)
        // The number by which a vault says that it backs none.
        && ledger.index != NO_LEDGER
        && ledger.filters.iter().all(|filter| is_filter(filter, longest))
        // Something has to tell a position from the program's other accounts.
        && (ledger.length_rule == length_rule::EXACT || ledger.filters.iter().any(|filter| filter.len != 0))
        && is_scale(&ledger.scale)
        && is_total(ledger)
        && match ledger.mode {
            ledger_mode::BYTES => is_readable(ledger, longest),
            ledger_mode::EXPORT => is_exportable(ledger),
            _ => false,
        };
    if is_valid { Ok(()) } else { Err(InvalidLayout) }
}

/// Where everything at fixed offsets has to end.
fn longest(ledger: &Ledger) -> Option<u32> {
    match ledger.length_rule {
        length_rule::EXACT => (1..=MAX_DATA_LEN).contains(&ledger.data_len).then_some(ledger.data_len),
        length_rule::AT_LEAST => (ledger.data_len <= MAX_DATA_LEN).then_some(MAX_DATA_LEN),
        // What lies beyond is extensions, at offsets of their own in every account.
        length_rule::TOKEN_ACCOUNT => (ledger.data_len == BASE_LEN).then_some(BASE_LEN),
        _ => None,
    }
}

/// At most 32 bytes, zero behind its length, and an unused filter all zero.
fn is_filter(filter: &ByteFilter, longest: u32) -> bool {
    let unused = filter.bytes.get(filter.len as usize..);
    unused.is_some_and(|unused| unused.iter().all(|byte| *byte == 0))
        && (filter.len != 0 || filter.offset == 0)
        && Span::new(filter.offset, filter.len).is_within(longest)
}

fn is_scale(scale: &Scale) -> bool {
    scale.multiplier != 0 && scale.divisor != 0 && scale.shift <= MAX_SHIFT && scale.padding == [0; 7]
}

fn is_total(ledger: &Ledger) -> bool {
    matches!(ledger.total_width, 8 | 16)
        && matches!(ledger.total_unit, total_unit::HOST | total_unit::NATIVE)
        && Span::new(ledger.total_offset, ledger.total_width.into()).is_within(MAX_DATA_LEN)
}

/// Owner, amounts and slots lie within the account and apart from each other: no byte counts twice.
fn is_readable(ledger: &Ledger, longest: u32) -> bool {
    let Some((used, unused)) = ledger.amounts.split_at_checked(ledger.amount_count.into()) else {
        return false;
    };
    let owner = Span::new(ledger.owner_offset, OWNER_WIDTH);
    let Some(table) = table_span(&ledger.slots, longest) else {
        return false;
    };
    let span = |field: &AmountField| Span::new(field.offset, field.width.into());
    let in_slot = |field: &AmountField| field.flags & amount_flag::IN_SLOT != 0;
    let is_sound = |field: &AmountField| {
        matches!(field.width, 1 | 2 | 4 | 8 | 16)
            && field.flags & !amount_flag::ALL == 0
            && field.padding == [0; 2]
            && if in_slot(field) {
                span(field).is_within(ledger.slots.stride)
            } else {
                span(field).is_within(longest) && span(field).is_apart(owner) && span(field).is_apart(table)
            }
    };
    let mut rest = used;
    while let Some((field, others)) = rest.split_first() {
        let twice = |other: &AmountField| in_slot(other) == in_slot(field) && !span(other).is_apart(span(field));
        if !is_sound(field) || others.iter().any(twice) {
            return false;
        }
        rest = others;
    }
    !used.is_empty()
        && unused
            .iter()
            .all(|field| bytemuck::bytes_of(field).iter().all(|byte| *byte == 0))
        && used.iter().any(in_slot) == (ledger.slots.count != 0)
        && owner.is_within(longest)
        && owner.is_apart(table)
        && bytemuck::bytes_of(&ledger.export).iter().all(|byte| *byte == 0)
}

/// The bytes of the table, none when there is no table; `None` when it cannot be read.
fn table_span(table: &SlotTable, longest: u32) -> Option<Span> {
    if table.count == 0 {
        return (bytemuck::bytes_of(table).iter().all(|byte| *byte == 0)).then_some(Span::new(0, 0));
    }
    let span = Span::new(table.offset, table.stride.checked_mul(table.count.into())?);
    let used = Span::new(table.used_offset, table.used_width.into());
    let is_used_sound = match table.used_width {
        0 => table.used_offset == 0,
        1 | 2 | 4 | 8 => used.is_within(longest) && used.is_apart(span),
        _ => false,
    };
    let is_sound = table.stride != 0
        && span.is_within(longest)
        && is_used_sound
        && table.padding == 0
        && is_filter(&table.filter, table.stride);
    is_sound.then_some(span)
}

/// Whoever is asked says owner and amount: nothing else is registered.
fn is_exportable(ledger: &Ledger) -> bool {
    let Export {
        program,
        accounts,
        data,
        data_len,
        account_count,
        padding,
    } = &ledger.export;
    let (Some((used, unused)), Some((name, behind))) = (
        accounts.split_at_checked(usize::from(*account_count)),
        data.split_at_checked(usize::from(*data_len)),
    ) else {
        return false;
    };
    let nobody = Pubkey::default();
    // Bulkhead itself has no position to speak of.
    *program != nobody
        && *program != bulkhead_interface::ID
        && used.iter().all(|key| *key != nobody)
        && unused.iter().all(|key| *key == nobody)
        && !name.is_empty()
        && behind.iter().all(|byte| *byte == 0)
        && *padding == [0; 6]
        && is_identity(&ledger.scale)
        && ledger.owner_offset == 0
        && ledger.amount_count == 0
        && bytemuck::bytes_of(&ledger.amounts).iter().all(|byte| *byte == 0)
        && bytemuck::bytes_of(&ledger.slots) == bytemuck::bytes_of(&SlotTable::zeroed())
}
