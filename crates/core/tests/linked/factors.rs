//! Amounts times or by numbers of other accounts.

use super::*;
use bulkhead_core::snapshots::layout::{linked::snapshot_space, native_total};
use bulkhead_interface::layout::{FrozenFactors, Snapshot, space};
use proptest::prelude::*;

/// A position of 56 bytes with 16 bytes of amount at 40, in one factor at 8 of account 7.
fn rated(width: u8, flags: u8) -> Ledger {
    let ledger = linked(b"position", 56, 8, &[amount(40, 16, 0)], 0);
    with_factors(ledger, key(2), &[(key(7), 8, width, flags)])
}

fn position(amount: u128) -> Vec<u8> {
    account(56, &[(0, b"position"), (8, &[5; 32]), (40, &amount.to_le_bytes())])
}

fn rate(number: u128) -> Vec<u8> {
    account(24, &[(8, &number.to_le_bytes())])
}

fn factors(ledger: &Ledger, number: u128) -> Result<Factors, LayoutError> {
    Factors::read(ledger, [seen(&key(7), &key(2), &rate(number))])
}

fn worth(ledger: &Ledger, number: u128, amount: u128) -> Result<u64, LayoutError> {
    assert_eq!(check(ledger), Ok(()));
    let factors = factors(ledger, number)?;
    read_linked(ledger, &factors, &position(amount)).map(|position| position.amount)
}

#[test]
fn shares_are_worth_what_the_factor_says_rounded_down_once() {
    let ledger = rated(16, 0);
    assert_eq!(worth(&ledger, 3, 7), Ok(21));
    let fixed = Ledger {
        scale: Scale {
            shift: 96,
            ..identity()
        },
        ..ledger
    };
    // Two and a half shares of 1.5 each, with 48 fractional bits: 3.75.
    assert_eq!(worth(&fixed, 3 << 47, 5 << 47), Ok(3));
    let divided = Ledger {
        scale: Scale {
            multiplier: 10,
            ..identity()
        },
        ..rated(8, factor_flag::DIVIDE)
    };
    assert_eq!(worth(&divided, 3, 7), Ok(23));
    assert_eq!(worth(&ledger, u128::from(u64::MAX), 1), Ok(u64::MAX));
    assert_eq!(worth(&ledger, 1 << 64, 1), Err(LayoutError::AmountTooLarge));
    assert_eq!(
        worth(&ledger, i128::MAX as u128, i128::MAX as u128),
        Err(LayoutError::AmountTooLarge)
    );
}

#[test]
fn two_factors_and_a_quotient_of_both() {
    let base = linked(b"position", 56, 8, &[amount(40, 16, 0)], 0);
    let both = [(key(7), 0, 8, 0), (key(7), 8, 8, factor_flag::DIVIDE)];
    let ledger = with_factors(base, key(2), &both);
    assert_eq!(check(&ledger), Ok(()));
    let pool = account(16, &[(0, &1_100u64.to_le_bytes()), (8, &1_000u64.to_le_bytes())]);
    let (account, program) = (key(7), key(2));
    let read = Factors::read(
        &ledger,
        [seen(&account, &program, &pool), seen(&account, &program, &pool)],
    );
    let read = read.unwrap();
    assert_eq!(read_linked(&ledger, &read, &position(10_009)).unwrap().amount, 11_009);
    let product = with_factors(base, key(2), &[(key(7), 0, 8, 0), (key(7), 8, 8, 0)]);
    let read = Factors::read(
        &product,
        [seen(&account, &program, &pool), seen(&account, &program, &pool)],
    )
    .unwrap();
    assert_eq!(read_linked(&product, &read, &position(2)).unwrap().amount, 2_200_000);
}

/// A rate of zero would void every claim; an account that is another's says nothing.
#[test]
fn a_factor_that_is_gone_zero_negative_or_anothers_is_refused() {
    let ledger = rated(16, 0);
    for number in [0, 1 << 127, u128::MAX] {
        assert_eq!(factors(&ledger, number), Err(LayoutError::FactorUnreadable));
    }
    let (own, other, program) = (key(7), key(8), key(2));
    let read = |accounts: &[Seen]| Factors::read(&ledger, accounts.iter().copied());
    assert_eq!(read(&[]), Err(LayoutError::LinkMissing));
    assert_eq!(read(&[seen(&other, &program, &rate(1))]), Err(LayoutError::LinkMissing));
    assert_eq!(
        read(&[seen(&own, &key(0), &[])]),
        Err(LayoutError::FactorUnreadable),
        "closed"
    );
    assert_eq!(
        read(&[seen(&own, &key(9), &rate(1))]),
        Err(LayoutError::FactorUnreadable),
        "another program's"
    );
    assert_eq!(
        read(&[seen(&own, &program, &rate(1)[..23])]),
        Err(LayoutError::FactorUnreadable),
        "too short"
    );
    assert!(read(&[seen(&own, &program, &rate(1)), seen(&other, &other, &[])]).is_ok());
}

#[test]
fn factors_are_frozen_behind_the_snapshot_and_read_back() {
    let ledger = rated(16, 0);
    let read = factors(&ledger, (7 << 100) | 9).unwrap();
    assert_eq!(read.numbers(), &[(7 << 100) | 9, 0]);
    let frozen = read.freeze(44);
    assert_eq!(frozen.slot, 44);
    let mut data = vec![0; snapshot_space(&ledger)];
    assert_eq!(data.len(), space::<Snapshot>() + size_of::<FrozenFactors>());
    put(&mut data, space::<Snapshot>(), bytemuck::bytes_of(&frozen));
    assert_eq!(Factors::frozen(&ledger, &data), Ok(read));
    assert_eq!(
        Factors::frozen(&ledger, &data[..data.len() - 1]),
        Err(LayoutError::FactorUnreadable)
    );
    // A ledger without factors keeps none, and its snapshot is as it was.
    let plain = linked(b"position", 56, 8, &[amount(40, 16, 0)], link_flag::OWNER_IS_TOKEN);
    assert_eq!(snapshot_space(&plain), space::<Snapshot>());
    assert_eq!(Factors::frozen(&plain, &[]), Ok(Factors::default()));
}

/// What the host counts in shares is compared in shares; what it owes is that in native units.
#[test]
fn a_total_in_shares_is_converted_by_the_same_factors() {
    let ledger = rated(16, 0);
    assert!(bulkhead_core::snapshots::layout::counts_host_units(&ledger));
    let read = factors(&ledger, 3).unwrap();
    assert_eq!(native_total(&ledger, &read, 100), Some(300));
    assert_eq!(
        native_total(&ledger, &Factors::default(), 100),
        Some(0),
        "without its factors it is worth nothing"
    );
}

proptest! {
    /// The long multiplication is exact, for all that fits 128 bits in another way.
    #[test]
    fn as_in_plain_arithmetic(
        shares in 0u128..1 << 40,
        number in 1u128..1 << 40,
        multiplier in 1u64..1 << 20,
        divisor in 1u64..,
        shift in 0u8..100,
        divides: bool,
    ) {
        let scale = Scale { multiplier, divisor, shift, ..identity() };
        let flags = if divides { factor_flag::DIVIDE } else { 0 };
        let ledger = Ledger { scale, ..rated(8, flags) };
        let product = shares * u128::from(multiplier);
        let product = if divides { product / number } else { product * number };
        let expected = (product / u128::from(divisor)).unbounded_shr(shift.into());
        prop_assert_eq!(worth(&ledger, number, shares), u64::try_from(expected).map_err(|_| LayoutError::AmountTooLarge));
    }

    /// Any amount, any factors: a refusal or a number that cannot be too large by more than rounding, never a panic.
    #[test]
    fn whatever_is_read_fits(shares: u128, number: u128, multiplier in 1u64.., divisor in 1u64.., shift in 0u8..=127) {
        let scale = Scale { multiplier, divisor, shift, ..identity() };
        let ledger = Ledger { scale, ..rated(16, 0) };
        let _ = worth(&ledger, number, shares);
    }
}
