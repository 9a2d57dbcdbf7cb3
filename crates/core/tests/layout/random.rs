//! Any layout over any bytes.

use super::*;

/// The number at an offset as arithmetic has it, without the reader's code.
fn number(data: &[u8], field: &AmountField) -> Option<i128> {
    let width = usize::from(field.width);
    let bytes = data.get(field.offset as usize..field.offset as usize + width)?;
    let mut wide = [0u8; 16];
    if field.flags & amount_flag::SIGNED != 0 && bytes[width - 1] >= 0x80 {
        wide = [0xff; 16];
    }
    wide[..width].copy_from_slice(bytes);
    let number = i128::from_le_bytes(wide);
    let is_too_large = width == 16 && field.flags & amount_flag::SIGNED == 0 && number < 0;
    (!is_too_large).then_some(number)
}

proptest! {
    /// Whatever is registered and whatever the account holds: an answer or an error, at any alignment.
    #[test]
    fn never_reads_outside(
        owner_offset in 0u32..300, amount_offset in 0u32..300, wide: bool, exact: bool, data_len in 0u32..300,
        at in 0u32..300, wanted in prop::collection::vec(0u8..2, 1..32), data in prop::collection::vec(0u8..2, 0..300),
    ) {
        let width = if wide { 16 } else { 8 };
        let ledger = Ledger {
            owner_offset, data_len,
            length_rule: if exact { length_rule::EXACT } else { length_rule::AT_LEAST },
            filters: filters(&[filter(at, &wanted)]),
            ..adding(&[amount(amount_offset, width, 0)])
        };
        let slice = |from: u32, len: usize| data.get(from as usize..from as usize + len);
        let is_position = (if exact { data.len() == data_len as usize } else { data.len() >= data_len as usize })
            && slice(at, wanted.len()) == Some(&wanted)
            && slice(owner_offset, 32).is_some() && slice(amount_offset, width.into()).is_some();
        match Reader::new(&ledger).read(&data) {
            Ok(position) => {
                prop_assert!(is_position);
                prop_assert_eq!(Some(&position.owner[..]), slice(owner_offset, 32));
                prop_assert_eq!(Some(&position.amount.to_le_bytes()[..]), slice(amount_offset, 8));
            }
            Err(LayoutError::NotAPosition) => prop_assert!(!is_position),
            Err(error) => {
                prop_assert!(is_position && wide && error == LayoutError::AmountTooLarge);
                prop_assert!(slice(amount_offset + 8, 8) != Some(&[0; 8]));
            }
        }
    }

    /// Any fields in any table over any bytes: the sum is the sum, and nothing panics.
    #[test]
    fn fields_add_up(
        fields in prop::collection::vec((0u32..40, 0usize..5, 0u8..8), 1..8),
        offset in 0u32..60, stride in 1u32..40, count in 1u16..5, used_width in 0usize..3, used_offset in 0u32..60,
        at in 0u32..8, wanted in prop::collection::vec(0u8..2, 0..2),
        data in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(2), Just(0xff)], 32..160),
    ) {
        let fields: Vec<_> = fields.iter().map(|(at, width, flags)| amount(*at, [1, 2, 4, 8, 16][*width], *flags)).collect();
        let ledger = Ledger {
            owner_offset: 0,
            length_rule: length_rule::AT_LEAST,
            data_len: 32,
            filters: filters(&[]),
            slots: SlotTable {
                offset, stride, used_offset, count,
                used_width: [0, 1, 2][used_width],
                filter: filter(at, &wanted),
                ..SlotTable::zeroed()
            },
            ..adding(&fields)
        };
        let in_slot = |field: &&AmountField| field.flags & amount_flag::IN_SLOT != 0;
        // What could not be registered is not what this is about.
        prop_assume!(fields.iter().any(|field| in_slot(&field)));
        prop_assume!(at + wanted.len() as u32 <= stride && (at == 0 || !wanted.is_empty()));
        let signed = |data: &[u8], field: &AmountField| {
            let number = number(data, field)?;
            if field.flags & amount_flag::SUBTRACT != 0 { number.checked_neg() } else { Some(number) }
        };
        let model = || -> Option<i128> {
            let mut sum = 0i128;
            for field in fields.iter().filter(|field| !in_slot(field)) {
                sum = sum.checked_add(signed(&data, field)?)?;
            }
            let used = match used_width {
                0 => u64::from(count),
                1 => u64::from(*data.get(used_offset as usize)?),
                _ => u16::from_le_bytes(data.get(used_offset as usize..used_offset as usize + 2)?.try_into().ok()?).into(),
            };
            let end = |slot: u64| offset as usize + (slot as usize + 1) * stride as usize;
            if used > count.into() || used_width != 0 && used != 0 && end(used - 1) > data.len()
                || used_width != 0 && used == 0 && offset as usize > data.len() {
                return None;
            }
            for slot in (0..used).filter(|slot| end(*slot) <= data.len()) {
                let slot = &data[end(slot) - stride as usize..end(slot)];
                if wanted.is_empty() || slot.get(at as usize..at as usize + wanted.len()) == Some(&wanted) {
                    for field in fields.iter().filter(in_slot) {
                        sum = sum.checked_add(signed(slot, field)?)?;
                    }
                }
            }
            Some(sum)
        };
        let found = Reader::new(&ledger).read(&data).ok().map(|position| position.amount);
        let expected = model().and_then(|sum| u64::try_from(sum.max(0)).ok());
        prop_assert_eq!(found, expected);
    }

    /// The product has 192 bits: checked against long arithmetic where both fit.
    #[test]
    fn the_scale_is_exact(amount: u64, high in 0u64..1 << 20, multiplier in 1u64.., divisor in 1u64.., shift in 0u8..128) {
        // An amount whose product fits 128 bits, and any other through the identity of division.
        let small = native(&scale(multiplier, divisor, shift), amount.into());
        let exact = (u128::from(amount) * u128::from(multiplier) / u128::from(divisor)) >> shift;
        prop_assert_eq!(small, u64::try_from(exact).ok());
        let large = u128::from(high) << 64 | u128::from(amount);
        let by_shift = native(&scale(1, divisor, shift), large);
        prop_assert_eq!(by_shift, u64::try_from((large / u128::from(divisor)) >> shift).ok());
        // Times and by the same number is nothing but the shift.
        let same = native(&scale(multiplier, multiplier, shift), large);
        prop_assert_eq!(same, u64::try_from(large >> shift).ok());
    }
}
