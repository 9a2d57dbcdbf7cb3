//! Amounts: their width, their sign, their sum and their scale.

use super::*;

#[test]
fn a_wide_amount_has_to_fit_64_bits() {
    let ledger = adding(&[amount(64, 16, 0)]);
    let mut data = account();
    assert_eq!(read(&ledger, &data), Ok((77, 77)));
    data[79] = 1;
    assert_eq!(read(&ledger, &data), Err(LayoutError::AmountTooLarge));
    data[79] = 0xff;
    assert_eq!(read(&ledger, &data), Err(LayoutError::AmountTooLarge));
    data[79] = 0;
    data[64..72].fill(0xff);
    assert_eq!(read(&ledger, &data), Ok((u64::MAX, u64::MAX.into())));
}

#[test]
fn every_width_is_read_with_its_sign() {
    for width in [1u8, 2, 4, 8, 16] {
        let mut data = account();
        let end = 64 + usize::from(width);
        data[64..end].fill(0xff);
        // All ones: the greatest number, or minus one.
        let greatest = (u128::MAX >> (128 - 8 * u32::from(width)), width < 16);
        let unsigned = read(&adding(&[amount(64, width, 0)]), &data);
        match greatest {
            (number, true) => assert_eq!(unsigned, Ok((number as u64, number))),
            _ => assert_eq!(unsigned, Err(LayoutError::AmountTooLarge)),
        }
        data[100] = 5;
        let both = adding(&[amount(64, width, amount_flag::SIGNED), amount(100, 8, 0)]);
        assert_eq!(read(&both, &data), Ok((4, 4)), "{width}");
        // Minus one, subtracted.
        let flags = amount_flag::SIGNED | amount_flag::SUBTRACT;
        assert_eq!(read(&adding(&[amount(64, width, flags)]), &data), Ok((1, 1)));
        data[end - 1] = 0x7f;
        let signed = read(&adding(&[amount(64, width, amount_flag::SIGNED)]), &data);
        let number = u128::MAX >> (129 - 8 * u32::from(width));
        assert_eq!(
            signed,
            u64::try_from(number)
                .map(|fits| (fits, number))
                .map_err(|_| LayoutError::AmountTooLarge)
        );
    }
}

#[test]
fn who_owes_more_than_he_has_has_nothing() {
    let mut data = account();
    data[72] = 70;
    let net = adding(&[amount(64, 8, 0), amount(72, 8, amount_flag::SUBTRACT)]);
    assert_eq!(read(&net, &data), Ok((7, 7)));
    data[72] = 78;
    assert_eq!(read(&net, &data), Ok((0, 0)));
}

#[test]
fn eight_fields_are_added() {
    let fields: Vec<_> = (0..8).map(|i| amount(64 + 8 * i, 8, 0)).collect();
    let mut data = account();
    for i in 0..8usize {
        data[64 + 8 * i..72 + 8 * i].copy_from_slice(&(10u64.pow(i as u32)).to_le_bytes());
    }
    assert_eq!(read(&adding(&fields), &data), Ok((11_111_111, 11_111_111)));
    // A sum beyond 64 bits, and one beyond 127.
    data[64..128].fill(0xff);
    assert_eq!(read(&adding(&fields), &data), Err(LayoutError::AmountTooLarge));
    let wide = [
        amount(64, 16, amount_flag::SIGNED | amount_flag::SUBTRACT),
        amount(80, 16, amount_flag::SIGNED),
    ];
    data[64..96].fill(0);
    (data[79], data[80]) = (0x80, 1);
    assert_eq!(read(&adding(&wide), &data), Err(LayoutError::AmountTooLarge));
}

#[test]
fn amounts_are_scaled_down_once() {
    // WAD: 18 decimals to 6. RAY: 27 to 6, 10^21 as 5^21 and a shift of 21.
    let wad = scale(1, 1_000_000_000_000, 0);
    assert_eq!(native(&wad, 1_999_999_999_999), Some(1));
    assert_eq!(
        native(&wad, 5_000_000 * 1_000_000_000_000_000_000),
        Some(5_000_000_000_000)
    );
    let ray = scale(1, 5u64.pow(21), 21);
    assert_eq!(native(&ray, 3 * 10u128.pow(27)), Some(3_000_000));
    assert_eq!(native(&ray, 3 * 10u128.pow(27) - 1), Some(2_999_999));
    assert_eq!(native(&scale(3, 2, 0), 5), Some(7));
    assert_eq!(native(&scale(1, 1, 64), u128::MAX), Some(u64::MAX));
    assert_eq!(native(&scale(1, 1, 63), u128::MAX), None);
    assert_eq!(native(&scale(1, 1, 127), u128::MAX), Some(1));
    assert_eq!(native(&scale(u64::MAX, u64::MAX, 64), u128::MAX), Some(u64::MAX));
    assert_eq!(native(&scale(u64::MAX, 1, 127), u128::MAX), None);
    assert_eq!(native(&scale(u64::MAX, 1, 100), 1 << 90), Some((1 << 54) - 1));
    assert_eq!(native(&identity(), u128::from(u64::MAX) + 1), None);
}

#[test]
fn the_hosts_unit_is_counted_where_rounding_would_lose_it() {
    let scaled = Ledger {
        scale: scale(1, 1_000, 0),
        ..simple()
    };
    assert!(counts_host_units(&scaled));
    assert!(!counts_host_units(&simple()));
    assert!(!counts_host_units(&Ledger {
        total_unit: total_unit::NATIVE,
        ..scaled
    }));
    let mut data = account();
    data[65] = 7;
    assert_eq!(read(&scaled, &data), Ok((1, 1_869)));
}
