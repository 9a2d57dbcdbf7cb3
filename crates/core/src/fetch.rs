//! What has to be fetched of an account to read it through a layout, for who reads off chain and would not have whole
//! accounts sent.

use core::ops::Range;

use bulkhead_interface::layout::Ledger;

/// The one length that positions have, if there is only one.
#[must_use]
pub const fn exact_len(ledger: &Ledger) -> Option<u32> {
    if ledger.data_len == 0 {
        None
    } else {
        Some(ledger.data_len)
    }
}

/// The stretch of an account that is read. What lies outside of it makes no difference, but for the account's length.
#[must_use]
pub fn span(ledger: &Ledger) -> Range<usize> {
    let filters = ledger.filters.iter().map(|filter| (filter.offset, filter.len));
    let parts = filters.chain([
        (ledger.owner_offset, 32),
        (ledger.amount_offset, u32::from(ledger.amount_width)),
    ]);
    let (start, end) = parts
        .filter(|(_, len)| *len != 0)
        .fold((u32::MAX, 0), |(start, end), (offset, len)| {
            (start.min(offset), end.max(offset.saturating_add(len)))
        });
    start as usize..end as usize
}
