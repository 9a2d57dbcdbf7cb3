//! Can a layout be registered?

use bulkhead_interface::{
    Pubkey,
    constants::{
        MAX_FACTORS, MAX_POSITION_ACCOUNTS, MAX_RECORDS, NO_LEDGER, amount_flag, factor_flag, ledger_flag, ledger_mode,
        length_rule, link_flag, total_unit,
    },
    layout::{AmountField, ByteFilter, Export, Ledger, Scale, SlotTable},
};
use bytemuck::Zeroable;

use super::{OWNER_WIDTH, invalid::InvalidLayout, is_identity, linked::factor_fields};
use crate::token::BASE_LEN;

/// Longest account the runtime allows.
pub const MAX_DATA_LEN: u32 = 10 * 1024 * 1024;
/// A number of 128 bits has nothing left beyond.
const MAX_SHIFT: u8 = 127;

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

    fn of(field: &AmountField) -> Self {
        Self::new(field.offset, field.width.into())
    }

    fn is_within(self, longest: u32) -> bool {
        self.start.checked_add(self.len).is_some_and(|end| end <= longest)
    }

    fn is_apart(self, other: Self) -> bool {
        self.start.saturating_add(self.len) <= other.start || other.start.saturating_add(other.len) <= self.start
    }
}

fn require(holds: bool, otherwise: InvalidLayout) -> Result<(), InvalidLayout> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Number of a row, for the name of what is wrong with it. There are at most 255 of any kind.
fn row(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
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
    require(keys.iter().all(|key| **key != nobody), InvalidLayout::KeyMissing)?;
    // The number by which a vault says that it backs none.
    require(ledger.index != NO_LEDGER, InvalidLayout::Number)?;
    let is_reserved_zero = ledger.state == 0 && ledger.padding == [0; 4] && ledger.reserved == [0; 16];
    require(is_reserved_zero, InvalidLayout::Reserved)?;
    let longest = longest(ledger).ok_or(InvalidLayout::Length)?;
    for (number, filter) in ledger.filters.iter().enumerate() {
        require(is_filter(filter, longest), InvalidLayout::Filter(row(number)))?;
    }
    // Something has to tell a position from the program's other accounts.
    let is_distinct = ledger.length_rule == length_rule::EXACT || ledger.filters.iter().any(|filter| filter.len != 0);
    require(is_distinct, InvalidLayout::Indistinct)?;
    require(is_scale(&ledger.scale), InvalidLayout::Scale)?;
    require(is_total(ledger), InvalidLayout::Total)?;
    // What a queue's ledger may say is checked byte by byte elsewhere.
    let has_flags = ledger.flags & !ledger_flag::QUEUE != 0;
    match ledger.mode {
        ledger_mode::BYTES => {
            require(!has_flags, InvalidLayout::Flags)?;
            let is_unused = bytemuck::bytes_of(&ledger.export).iter().all(|byte| *byte == 0);
            require(is_unused, InvalidLayout::Export)?;
            readable(ledger, longest)
        }
        ledger_mode::EXPORT => {
            require(!has_flags, InvalidLayout::Flags)?;
            require(is_exportable(ledger), InvalidLayout::Export)
        }
        ledger_mode::LINKED => linked(ledger, longest),
        _ => Err(InvalidLayout::Mode),
    }
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

/// Owner, amounts and slots lie within the account and apart from each other: no byte counts twice. Of records, owner
/// and amounts lie within the slot.
fn readable(ledger: &Ledger, longest: u32) -> Result<(), InvalidLayout> {
    let split = ledger.amounts.split_at_checked(ledger.amount_count.into());
    let (used, unused) = split.ok_or(InvalidLayout::AmountCount)?;
    let is_unused = |field: &AmountField| bytemuck::bytes_of(field).iter().all(|byte| *byte == 0);
    require(
        !used.is_empty() && unused.iter().all(is_unused),
        InvalidLayout::AmountCount,
    )?;
    let owner = Span::new(ledger.owner_offset, OWNER_WIDTH);
    let table = table_span(&ledger.slots, longest).ok_or(InvalidLayout::Slots)?;
    let in_slot = |field: &AmountField| field.flags & amount_flag::IN_SLOT != 0;
    require(
        used.iter().any(in_slot) == (ledger.slots.count != 0),
        InvalidLayout::Slots,
    )?;
    let is_record = ledger.mode == ledger_mode::LINKED && ledger.flags & link_flag::RECORDS != 0;
    let is_owner_sound = if is_record {
        owner.is_within(ledger.slots.stride)
    } else {
        owner.is_within(longest) && owner.is_apart(table)
    };
    require(is_owner_sound, InvalidLayout::Owner)?;
    let mut rest = used;
    while let Some((field, others)) = rest.split_first() {
        let span = Span::of(field);
        let is_apart = match (in_slot(field), is_record) {
            (true, false) => span.is_within(ledger.slots.stride),
            (true, true) => span.is_within(ledger.slots.stride) && span.is_apart(owner),
            // What the account says once belongs to no record.
            (false, true) => false,
            (false, false) => span.is_within(longest) && span.is_apart(owner) && span.is_apart(table),
        };
        let twice = |other: &AmountField| in_slot(other) == in_slot(field) && !Span::of(other).is_apart(span);
        let is_sound = matches!(field.width, 1 | 2 | 4 | 8 | 16)
            && field.flags & !amount_flag::ALL == 0
            && field.padding == [0; 2]
            && is_apart
            && !others.iter().any(twice);
        let number = used.len().saturating_sub(rest.len());
        require(is_sound, InvalidLayout::Amount(row(number)))?;
        rest = others;
    }
    Ok(())
}

/// Read by its bytes, and with what they refer to.
fn linked(ledger: &Ledger, longest: u32) -> Result<(), InvalidLayout> {
    let Export {
        program,
        accounts,
        data,
        data_len,
        account_count,
        position_accounts,
        padding,
    } = &ledger.export;
    require(ledger.flags & !link_flag::ALL == 0, InvalidLayout::Flags)?;
    // A record has no token account of its own to follow it.
    require(ledger.flags != link_flag::ALL, InvalidLayout::Flags)?;
    let count = usize::from(*account_count);
    // Without flags and factors nothing is linked.
    require(count != 0 || ledger.flags != 0, InvalidLayout::Flags)?;
    require(count <= MAX_FACTORS, InvalidLayout::FactorCount)?;
    let nobody = Pubkey::default();
    let is_counted = usize::from(*data_len) == count.saturating_mul(size_of::<AmountField>())
        && accounts.iter().skip(count).all(|key| *key == nobody)
        && data.iter().skip(usize::from(*data_len)).all(|byte| *byte == 0)
        && (*program == nobody) == (count == 0)
        && *position_accounts == 0
        && *padding == [0; 5];
    require(is_counted, InvalidLayout::FactorCount)?;
    for (number, (account, field)) in factor_fields(ledger).enumerate() {
        let divides = field.flags & factor_flag::DIVIDE != 0;
        let is_sound = *account != nobody
            && field.flags & !factor_flag::ALL == 0
            && field.padding == [0; 2]
            && matches!((field.width, divides), (1 | 2 | 4 | 8, _) | (16, false))
            && Span::of(&field).is_within(MAX_DATA_LEN);
        require(is_sound, InvalidLayout::Factor(row(number)))?;
    }
    if ledger.flags & link_flag::RECORDS != 0 {
        require((1..=MAX_RECORDS).contains(&ledger.slots.count), InvalidLayout::Records)?;
    }
    readable(ledger, longest)
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
        position_accounts,
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
        && *position_accounts <= MAX_POSITION_ACCOUNTS
        && *padding == [0; 5]
        && is_identity(&ledger.scale)
        && ledger.owner_offset == 0
        && ledger.amount_count == 0
        && bytemuck::bytes_of(&ledger.amounts).iter().all(|byte| *byte == 0)
        && bytemuck::bytes_of(&ledger.slots) == bytemuck::bytes_of(&SlotTable::zeroed())
}
