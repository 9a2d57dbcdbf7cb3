//! What has to be fetched of an account to read it through a layout, for who reads off chain and would not have whole
//! accounts sent.

use core::ops::Range;

use bulkhead_interface::{
    constants::{amount_flag, length_rule},
    layout::Ledger,
};

use super::layout::linked::has_records;

/// The one length that positions have, if there is only one.
#[must_use]
pub const fn exact_len(ledger: &Ledger) -> Option<u32> {
    match ledger.length_rule {
        length_rule::EXACT => Some(ledger.data_len),
        _ => None,
    }
}

/// The stretch of an account that is read. What lies outside of it makes no difference, but for the account's length.
#[must_use]
pub fn span(ledger: &Ledger) -> Range<usize> {
    let filters = ledger.filters.iter().map(|filter| (filter.offset, filter.len));
    let amounts = ledger
        .amounts
        .iter()
        .filter(|field| field.flags & amount_flag::IN_SLOT == 0);
    let amounts = amounts.map(|field| (field.offset, u32::from(field.width)));
    let slots = &ledger.slots;
    // Behind a token account's 165 bytes stands what it is.
    let kind = u32::from(ledger.length_rule == length_rule::TOKEN_ACCOUNT);
    // Of records, the owner stands in the slots.
    let owner = if has_records(ledger) { 0 } else { 32 };
    let parts = filters.chain(amounts).chain([
        (ledger.owner_offset, owner),
        (slots.offset, slots.stride.saturating_mul(slots.count.into())),
        (slots.used_offset, slots.used_width.into()),
        (ledger.data_len, kind),
    ]);
    let (start, end) = parts
        .filter(|(_, len)| *len != 0)
        .fold((u32::MAX, 0), |(start, end), (offset, len)| {
            (start.min(offset), end.max(offset.saturating_add(len)))
        });
    start as usize..end as usize
}
