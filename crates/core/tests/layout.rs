//! Reading positions through registered layouts.

use bulkhead_core::layout::{self, InvalidLayout, LayoutError, MAX_DATA_LEN, Reader};
use bulkhead_interface::{
    Pubkey,
    layout::{ByteFilter, Ledger},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

/// An SPL token account: mint, owner, amount.
fn token_ledger() -> Ledger {
    let key = |byte| Pubkey::new_from_array([byte; 32]);
    Ledger {
        amount_width: 8,
        owner_offset: 32,
        amount_offset: 64,
        data_len: 165,
        total_offset: 36,
        program: key(1),
        mint: key(2),
        total_account: key(3),
        filters: [filter(0, &[4; 32]), ByteFilter::zeroed()],
        ..Ledger::zeroed()
    }
}

fn filter(offset: u32, wanted: &[u8]) -> ByteFilter {
    let mut bytes = [0; 32];
    bytes[..wanted.len()].copy_from_slice(wanted);
    ByteFilter {
        offset,
        len: wanted.len() as u32,
        bytes,
    }
}

fn token_account() -> Vec<u8> {
    let mut data = vec![0; 165];
    data[..32].fill(4);
    data[32..64].fill(5);
    data[64..72].copy_from_slice(&77u64.to_le_bytes());
    data
}

#[test]
fn reads_owner_and_amount() {
    let (ledger, data) = (token_ledger(), token_account());
    assert_eq!(layout::check(&ledger), Ok(()));
    let position = Reader::new(&ledger).read(&data).unwrap();
    assert_eq!((position.owner, position.amount), (&[5; 32], 77));
}

#[test]
fn other_accounts_of_the_program_do_not_pass() {
    let ledger = token_ledger();
    let mut data = token_account();
    data[31] ^= 1;
    assert_eq!(Reader::new(&ledger).read(&data), Err(LayoutError::NotAPosition));
    for len in [0, 31, 32, 71, 72, 164, 166, 10_000] {
        let mut data = token_account();
        data.resize(len, 0);
        assert_eq!(Reader::new(&ledger).read(&data), Err(LayoutError::NotAPosition));
    }
}

#[test]
fn a_wide_amount_has_to_fit_64_bits() {
    let mut ledger = token_ledger();
    ledger.amount_width = 16;
    let mut data = token_account();
    assert_eq!(Reader::new(&ledger).read(&data).unwrap().amount, 77);
    data[79] = 1;
    assert_eq!(Reader::new(&ledger).read(&data), Err(LayoutError::AmountTooLarge));
    data[79] = 0;
    data[64..72].fill(0xff);
    assert_eq!(Reader::new(&ledger).read(&data).unwrap().amount, u64::MAX);
}

#[test]
fn a_layout_that_lets_others_pass_is_refused() {
    let refused = |change: &dyn Fn(&mut Ledger)| {
        let mut ledger = token_ledger();
        change(&mut ledger);
        assert_eq!(layout::check(&ledger), Err(InvalidLayout));
    };
    refused(&|l| {
        l.data_len = 0;
        l.filters[0] = ByteFilter::zeroed();
    });
    for width in [0, 1, 4, 7, 9, 32] {
        refused(&|l| l.amount_width = width);
    }
    refused(&|l| l.owner_offset = 134);
    refused(&|l| l.owner_offset = u32::MAX);
    refused(&|l| l.amount_offset = 158);
    refused(&|l| l.amount_offset = 63);
    refused(&|l| l.amount_offset = 25);
    refused(&|l| l.data_len = MAX_DATA_LEN + 1);
    refused(&|l| l.total_offset = MAX_DATA_LEN - 7);
    refused(&|l| l.filters[1] = filter(134, &[1; 32]));
    refused(&|l| l.filters[1].len = 33);
    refused(&|l| l.filters[1].len = u32::MAX);
    refused(&|l| l.filters[1].offset = 1);
    refused(&|l| l.filters[1].bytes[0] = 1);
    refused(&|l| {
        l.filters[1] = filter(3, &[1, 2]);
        l.filters[1].bytes[2] = 1;
    });
    refused(&|l| l.program = Pubkey::default());
    refused(&|l| l.mint = Pubkey::default());
    refused(&|l| l.total_account = Pubkey::default());
}

#[test]
fn the_total_is_read_or_missing() {
    let mut ledger = token_ledger();
    ledger.total_offset = 3;
    let data: Vec<u8> = (0..11).collect();
    assert_eq!(
        layout::read_total(&ledger, &data),
        Some(u64::from_le_bytes([3, 4, 5, 6, 7, 8, 9, 10]))
    );
    assert_eq!(layout::read_total(&ledger, &data[..10]), None);
    assert_eq!(layout::read_total(&ledger, &[]), None);
}

proptest! {
    /// Whatever is registered and whatever the account holds: an answer or an error, at any alignment.
    #[test]
    fn never_reads_outside(
        owner_offset in 0u32..300, amount_offset in 0u32..300, wide: bool, data_len in 0u32..300,
        at in 0u32..300, wanted in prop::collection::vec(0u8..2, 0..32), data in prop::collection::vec(0u8..2, 0..300),
    ) {
        let ledger = Ledger {
            amount_width: if wide { 16 } else { 8 },
            owner_offset, amount_offset, data_len,
            filters: [filter(at, &wanted), ByteFilter::zeroed()],
            ..token_ledger()
        };
        let width = if wide { 16 } else { 8 };
        let slice = |from: u32, len: usize| data.get(from as usize..from as usize + len);
        let is_position = (data_len == 0 || data.len() == data_len as usize)
            && (wanted.is_empty() || slice(at, wanted.len()) == Some(&wanted))
            && slice(owner_offset, 32).is_some() && slice(amount_offset, width).is_some();
        match Reader::new(&ledger).read(&data) {
            Ok(position) => {
                prop_assert!(is_position);
                prop_assert_eq!(Some(&position.owner[..]), slice(owner_offset, 32));
                prop_assert_eq!(Some(&position.amount.to_le_bytes()[..]), slice(amount_offset, 8));
            }
            Err(LayoutError::NotAPosition) => prop_assert!(!is_position),
            Err(LayoutError::AmountTooLarge) => {
                prop_assert!(is_position && wide);
                prop_assert!(slice(amount_offset + 8, 8) != Some(&[0; 8]));
            }
        }
    }
}
