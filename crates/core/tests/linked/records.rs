//! Many positions in one account.

use super::*;
use bulkhead_core::snapshots::{
    layout::linked::{Records, record_key},
    merkle,
};
use bulkhead_interface::constants::RECORDS_AT_ONCE;

/// Records of 48 bytes from byte 16 on: a mark, an owner at 8 and an amount at 40; how many are in use stands at 8.
fn ledger(count: u16) -> Ledger {
    Ledger {
        length_rule: length_rule::AT_LEAST,
        slots: SlotTable {
            offset: 16,
            stride: 48,
            used_offset: 8,
            used_width: 4,
            count,
            filter: filter(0, &[1]),
            ..SlotTable::zeroed()
        },
        ..linked(
            b"position",
            16,
            8,
            &[amount(40, 8, amount_flag::IN_SLOT)],
            link_flag::RECORDS,
        )
    }
}

fn market(amounts: &[Option<u64>]) -> Vec<u8> {
    let mut data = account(16, &[(0, b"position"), (8, &(amounts.len() as u32).to_le_bytes())]);
    for (number, amount) in amounts.iter().enumerate() {
        let mut record = vec![0; 48];
        if let Some(amount) = amount {
            record[0] = 1;
            record[8..40].fill(number as u8 + 1);
            put(&mut record, 40, &amount.to_le_bytes());
        }
        data.extend(record);
    }
    data
}

fn read(ledger: &Ledger, data: &[u8], from: u32) -> Vec<(u32, u8, u64)> {
    let none = Factors::default();
    let records = Records::new(ledger, &none, data, from).unwrap();
    records
        .map(|record| record.map(|(number, read)| (number, read.owner[0], read.amount)))
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn every_record_that_passes_is_a_position_of_its_own() {
    let ledger = ledger(8);
    assert_eq!(check(&ledger), Ok(()));
    let data = market(&[Some(7), None, Some(0), Some(9)]);
    assert_eq!(read(&ledger, &data, 0), [(0, 1, 7), (2, 3, 0), (3, 4, 9)]);
    assert_eq!(read(&ledger, &data, 1), [(2, 3, 0), (3, 4, 9)]);
    assert!(read(&ledger, &data, 9).is_empty());
    let none = Factors::default();
    let refused = |data: &[u8]| Records::new(&ledger, &none, data, 0).map(|_| ()).unwrap_err();
    assert_eq!(refused(&market(&[None; 9])), LayoutError::TooManySlots);
    assert_eq!(
        refused(&data[..data.len() - 1]),
        LayoutError::NotAPosition,
        "not all there"
    );
    assert_eq!(refused(&data[1..]), LayoutError::NotAPosition);
}

#[test]
fn a_records_key_is_its_accounts_with_its_number_and_keys_ascend() {
    let account = [0x5a; 32];
    let first = record_key(&account, 0);
    assert_eq!(first[..28], account[..28]);
    assert_eq!(first[28..], [0; 4]);
    assert_eq!(record_key(&account, 0x0102_0304)[28..], [1, 2, 3, 4]);
    assert!((0..5_000).all(|number| record_key(&account, number) < record_key(&account, number + 1)));
    assert_eq!(merkle::shard_of(&first), merkle::shard_of(&account));
}

/// Passed again, the account goes on where the shard stopped; no record counts twice.
#[test]
fn an_account_is_read_sixteen_records_at_a_time() {
    let ledger = ledger(100);
    let amounts: Vec<_> = (0..40).map(|number| (number % 3 != 1).then_some(number)).collect();
    let data = market(&amounts);
    let there: Vec<_> = amounts.iter().copied().flatten().collect();
    let (own, program) = (key(0x42), key(2));
    let (none, mut own_shard) = (Factors::default(), shard(4));
    let mut pass = |data: &[u8]| {
        let taken = take_linked(
            &ledger,
            &none,
            &mut own_shard,
            seen(&own, &program, data),
            &[],
            &NoCurve,
        );
        taken.map(|()| (own_shard.seen, own_shard.sum))
    };
    let sum = |count: u32| there.iter().take(count as usize).sum::<u64>();
    let all = there.len() as u32;
    assert!(all > RECORDS_AT_ONCE);
    assert_eq!(pass(&data), Ok((RECORDS_AT_ONCE, sum(RECORDS_AT_ONCE))));
    assert_eq!(pass(&data), Ok((all, sum(all))));
    assert_eq!(
        pass(&data),
        Ok((all, sum(all))),
        "nothing is left, and nothing counts again"
    );
}

#[test]
fn the_next_account_begins_at_its_first_record_and_an_earlier_one_is_refused() {
    let ledger = ledger(100);
    let (none, mut own_shard) = (Factors::default(), shard(4));
    let data = market(&[Some(1), Some(2)]);
    let program = key(2);
    let mut pass = |account: u8| {
        let own = key(account);
        take_linked(
            &ledger,
            &none,
            &mut own_shard,
            seen(&own, &program, &data),
            &[],
            &NoCurve,
        )
    };
    assert_eq!(pass(0x42), Ok(()));
    assert_eq!(pass(0x43), Ok(()));
    assert_eq!(pass(0x42), Err(CoreError::PositionsNotAscending));
    assert_eq!(pass(0x52), Err(CoreError::WrongShard));
    assert_eq!((own_shard.seen, own_shard.sum), (4, 6));
}

#[test]
fn a_record_is_not_read_as_a_whole_account_and_the_other_way_round() {
    let none = Factors::default();
    let data = market(&[Some(1)]);
    assert_eq!(
        read_linked(&ledger(8), &none, &data).map(|_| ()),
        Err(LayoutError::NotAPosition)
    );
    let whole = bulkhead_core::snapshots::layout::Reader::new(&ledger(8))
        .read(&data)
        .map(|_| ());
    assert_eq!(whole, Err(LayoutError::NotAPosition));
}
