//! What is fetched of an account is enough to read it.

use bulkhead_core::snapshots::{
    fetch::{exact_len, span},
    layout::{self, Reader},
};
use bulkhead_interface::{
    Pubkey,
    constants::{MAX_AMOUNTS, MAX_FILTERS, length_rule},
    layout::{AmountField, ByteFilter, Ledger, Scale},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const LEN: u32 = 400;

/// Offsets of owner and amount, its width, the length, and filters.
type Parts = (u32, u32, u8, u32, [(u32, u32, [u8; 32]); MAX_FILTERS]);

fn parts() -> impl Strategy<Value = Parts> {
    let filter = (0..LEN - 32, 0u32..=32, any::<[u8; 32]>());
    (
        0..LEN - 32,
        0..LEN - 16,
        prop_oneof![Just(8u8), Just(16)],
        prop_oneof![Just(0u32), Just(LEN)],
        std::array::from_fn(|_| filter.clone()),
    )
}

/// The layout, if it can be registered.
fn ledger((owner_offset, amount_offset, amount_width, data_len, filters): Parts) -> Option<Ledger> {
    let key = |byte| Pubkey::new_from_array([byte; 32]);
    let mut amounts = [AmountField::zeroed(); MAX_AMOUNTS];
    (amounts[0].offset, amounts[0].width) = (amount_offset, amount_width);
    let ledger = Ledger {
        owner_offset,
        amounts,
        amount_count: 1,
        scale: Scale {
            multiplier: 1,
            divisor: 1,
            ..Scale::zeroed()
        },
        data_len,
        length_rule: if data_len == 0 {
            length_rule::AT_LEAST
        } else {
            length_rule::EXACT
        },
        total_program: key(4),
        total_width: 8,
        program: key(1),
        mint: key(2),
        total_account: key(3),
        filters: filters.map(|(offset, len, mut bytes)| {
            bytes[len as usize..].fill(0);
            let offset = if len == 0 { 0 } else { offset };
            ByteFilter { offset, len, bytes }
        }),
        ..Ledger::zeroed()
    };
    layout::check(&ledger).is_ok().then_some(ledger)
}

/// Writes what the filters want.
fn pass(ledger: &Ledger, data: &mut [u8]) {
    for filter in &ledger.filters {
        let len = filter.len as usize;
        data[filter.offset as usize..][..len].copy_from_slice(&filter.bytes[..len]);
    }
}

proptest! {
    /// Zeros in place of what is not fetched: the same position, or the same refusal.
    #[test]
    fn what_lies_outside_the_span_is_not_read(parts in parts(), data in prop::collection::vec(any::<u8>(), 400), wide in any::<bool>(), passes in any::<bool>()) {
        let Some(ledger) = ledger(parts) else { return Ok(()) };
        let mut data = data;
        if passes {
            pass(&ledger, &mut data);
        }
        if !wide {
            data[ledger.amounts[0].offset as usize + 8..][..8].fill(0);
        }
        let span = span(&ledger);
        let mut fetched = vec![0; data.len()];
        fetched[span.clone()].copy_from_slice(&data[span]);
        let reader = Reader::new(&ledger);
        prop_assert_eq!(reader.read(&fetched), reader.read(&data));
    }

    #[test]
    fn accounts_of_another_length_than_the_exact_one_do_not_pass(parts in parts(), len in 0usize..800) {
        let Some(ledger) = ledger(parts) else { return Ok(()) };
        let mut data = vec![0; len.max(LEN as usize)];
        pass(&ledger, &mut data);
        data.truncate(len);
        if let Some(exact) = exact_len(&ledger) {
            prop_assert!(len == exact as usize || Reader::new(&ledger).read(&data).is_err());
        }
    }
}
