//! Many positions in one account: each counts, none twice, none is skipped.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{AmountConfig, ByteFilterConfig, RegisterLedgerArgs, SlotTableConfig},
};
use bulkhead_core::snapshots::layout::linked::record_key;
use bulkhead_interface::constants::{MAX_RECORDS, RECORDS_AT_ONCE, amount_flag, length_rule, link_flag};
use bulkhead_snapshot::Position;
use bulkhead_testbed::Protocol;
use bulkhead_tests::{
    frozen::{Frozen, NUMBER},
    refused,
};
use solana_instruction::Instruction;

use crate::{SHARD, assert_sealed_as, key, link, named, owner, seal, take_over};

/// Bytes before the first record: a name, and how many are in use.
const HEAD: u32 = 16;
/// A mark, an owner at 8, an amount at 40.
const STRIDE: u32 = 48;

/// A market with a seat for each trader.
pub fn seats(protocol: &Protocol, count: u16) -> RegisterLedgerArgs {
    RegisterLedgerArgs {
        length_rule: length_rule::AT_LEAST,
        data_len: HEAD,
        amounts: vec![AmountConfig {
            offset: 40,
            width: 8,
            flags: amount_flag::IN_SLOT,
        }],
        slots: Some(SlotTableConfig {
            offset: HEAD,
            stride: STRIDE,
            count,
            used_offset: 8,
            used_width: 4,
            filter: Some(ByteFilterConfig {
                offset: 0,
                bytes: vec![1],
            }),
        }),
        link: Some(link(link_flag::RECORDS, Pubkey::default(), &[])),
        ..protocol.ledger_args(NUMBER)
    }
}

/// Seats by number: an owner and an amount, or nobody's.
type Seats = Vec<Option<(Pubkey, u64)>>;

fn market(seats: &Seats) -> Vec<u8> {
    let count = u32::try_from(seats.len()).expect("few");
    let mut data = [&b"position"[..], &count.to_le_bytes(), &[0; 4]].concat();
    for seat in seats {
        let mut record = vec![0; STRIDE as usize];
        if let Some((owner, amount)) = seat {
            record[0] = 1;
            record[8..40].copy_from_slice(owner.as_ref());
            record[40..48].copy_from_slice(&amount.to_le_bytes());
        } else {
            // What was there before is still written, with no mark.
            record[8..].fill(0xee);
        }
        data.extend(record);
    }
    data
}

fn leaves(account: &Pubkey, seats: &Seats) -> Vec<Position> {
    let taken = (0..).zip(seats).filter_map(|(number, seat)| {
        let (owner, amount) = (*seat)?;
        Some(Position {
            key: record_key(account.as_array(), number).into(),
            owner,
            amount,
        })
    });
    taken.collect()
}

/// So many seats, every third of them free, beginning with amount `first`.
fn crowd(count: u64, first: u64) -> Seats {
    (0..count)
        .map(|seat| {
            let taken = (owner(u8::try_from(seat % 9).expect("few")), first + seat);
            (seat % 3 != 1).then_some(taken)
        })
        .collect()
}

/// Frozen, with these markets and an open shard, and all their leaves.
fn world(markets: &[(Pubkey, Seats)]) -> (Frozen, Vec<Position>) {
    let mut frozen = Frozen::reading(|protocol| seats(protocol, 100));
    let mut positions = vec![];
    for (account, seats) in markets {
        let Frozen { machine, protocol, .. } = &mut frozen;
        protocol.write_host_account(machine, account, market(seats));
        positions.extend(leaves(account, seats));
    }
    let sum = positions.iter().map(|position| position.amount).sum();
    frozen.protocol.write_total(&mut frozen.machine, sum);
    frozen.must(frozen.open_shard(SHARD));
    (frozen, positions)
}

#[track_caller]
fn refuse(frozen: &mut Frozen, accounts: &[Pubkey], error: BulkheadError) {
    let before = frozen.shard_state(SHARD);
    let ingest = frozen.ingest(SHARD, accounts);
    refused(frozen.send(ingest), error);
    let after = frozen.shard_state(SHARD);
    assert_eq!(bytemuck::bytes_of(&before), bytemuck::bytes_of(&after));
}

#[test]
fn every_record_is_a_position_across_transactions_and_none_counts_twice() {
    let markets = [(key(1), crowd(100, 5)), (key(2), crowd(3, 900)), (key(3), crowd(40, 7))];
    let (mut frozen, positions) = world(&markets);
    // Sixteen of the 67 of the first at a time; then what is left, over and over.
    let mut read = vec![];
    for _ in 0..7 {
        frozen.must(frozen.ingest(SHARD, &[key(1)]));
        read.push(frozen.shard_state(SHARD).seen);
    }
    assert_eq!(RECORDS_AT_ONCE, 16);
    assert_eq!(read, [16, 32, 48, 64, 67, 67, 67]);
    // The rest in one transaction: an account once for every sixteen, and once too often.
    frozen.must(frozen.ingest(SHARD, &[key(2), key(3), key(3), key(3)]));
    assert_eq!(frozen.shard_state(SHARD).seen as usize, positions.len());
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, positions);
}

/// To jam: leave records behind. The one who did it has a shard that cannot be sealed; others have their own.
#[test]
fn what_was_left_behind_is_not_read_later_and_shows_at_the_seal() {
    let markets = [(key(1), crowd(40, 5)), (key(2), crowd(4, 900))];
    let (mut frozen, positions) = world(&markets);
    frozen.must(frozen.ingest(SHARD, &[key(1), key(2)]));
    assert_eq!(frozen.shard_state(SHARD).seen, 16 + 3);
    refuse(&mut frozen, &[key(1)], BulkheadError::PositionsNotAscending);
    refused(frozen.send(seal(&frozen)), BulkheadError::TotalMismatch);
    take_over(&mut frozen);
    frozen.must(frozen.ingest(SHARD, &[key(1), key(1), key(2)]));
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, positions);
}

#[test]
fn accounts_ascend_lie_in_the_shard_and_have_the_form_of_one() {
    let markets = [(key(1), crowd(20, 5)), (key(2), crowd(4, 900))];
    let (mut frozen, positions) = world(&markets);
    let elsewhere = named("in another shard");
    let Frozen { machine, protocol, .. } = &mut frozen;
    protocol.write_host_account(machine, &elsewhere, market(&crowd(2, 1)));
    protocol.write_host_account(machine, &key(3), market(&crowd(101, 1)));
    let mut cut = market(&crowd(2, 1));
    cut.pop();
    protocol.write_host_account(machine, &key(4), cut);
    let mut foreign = machine.account(&key(1)).expect("written");
    foreign.owner = named("another program");
    machine.write_account(&key(5), foreign);
    protocol.write_position(machine, &key(6), &owner(0), 9);
    use BulkheadError::{NotAPosition, PositionsNotAscending, TooManySlots, WrongShard};
    assert_ne!(bulkhead_core::snapshots::merkle::shard_of(elsewhere.as_array()), SHARD);
    refuse(&mut frozen, &[elsewhere], WrongShard);
    refuse(&mut frozen, &[key(3)], TooManySlots);
    refuse(&mut frozen, &[key(4)], NotAPosition);
    refuse(&mut frozen, &[key(5)], NotAPosition);
    refuse(&mut frozen, &[key(1), key(1), key(5)], NotAPosition);
    let total = frozen.protocol.total_account;
    refuse(&mut frozen, &[total], NotAPosition);
    refuse(&mut frozen, &[key(2), key(1)], PositionsNotAscending);
    frozen.must(frozen.ingest(SHARD, &[key(1), key(1)]));
    frozen.must(frozen.ingest(SHARD, &[key(2)]));
    refuse(&mut frozen, &[key(1)], PositionsNotAscending);
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, positions);
}

/// A record of nothing is read and has no leaf. Its neighbours have theirs.
#[test]
fn a_record_of_nothing_is_passed_over() {
    let seats: Seats = (0..40u8)
        .map(|seat| Some((owner(seat % 9), u64::from(seat / 20) * 3)))
        .collect();
    let (mut frozen, positions) = world(&[(key(1), seats)]);
    frozen.must(frozen.ingest(SHARD, &[key(1); 3]));
    let shard = frozen.shard_state(SHARD);
    assert_eq!((shard.seen, shard.count, shard.sum), (40, 20, 60));
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, positions);
}

fn budget(units: u32) -> Instruction {
    Instruction {
        program_id: anchor_lang::pubkey!("ComputeBudget111111111111111111111111111111"),
        accounts: vec![],
        data: [&[2][..], &units.to_le_bytes()].concat(),
    }
}

/// To jam: take the last seat of the largest market and leave all before it free. One transaction crosses the gap.
#[test]
fn the_longest_gap_is_crossed_in_one_transaction() {
    let mut frozen = Frozen::in_set_up();
    // As slow as it gets: the longest filter, and seats that differ from it in its last byte.
    let mark = [7; 32];
    let mut args = seats(&frozen.protocol, MAX_RECORDS);
    if let Some(slots) = &mut args.slots {
        slots.stride = 80;
        slots.filter = Some(ByteFilterConfig {
            offset: 48,
            bytes: mark.to_vec(),
        });
    }
    frozen.register(args).expect("it can be read");
    frozen.freeze();
    let count = u32::from(MAX_RECORDS);
    let mut data = [&b"position"[..], &count.to_le_bytes(), &[0; 4]].concat();
    for seat in 1..=count {
        let mut record = [&[0; 8][..], owner(1).as_ref(), &9u64.to_le_bytes(), &mark].concat();
        record[79] = if seat == count { 7 } else { 8 };
        data.extend(record);
    }
    let Frozen { machine, protocol, .. } = &mut frozen;
    protocol.write_host_account(machine, &key(1), data);
    protocol.write_total(machine, 9);
    frozen.must(frozen.open_shard(SHARD));
    let (ingest, cranker) = (frozen.ingest(SHARD, &[key(1)]), frozen.cranker.insecure_clone());
    let outcome = frozen.machine.send(&[budget(1_400_000), ingest], &[&cranker]);
    let outcome = outcome.expect("it is crossed");
    println!("{} compute units over {count} seats", outcome.compute_units);
    let shard = frozen.shard_state(SHARD);
    assert_eq!((shard.seen, shard.sum), (1, 9));
    frozen.must(seal(&frozen));
    let last = Position {
        key: record_key(key(1).as_array(), count - 1).into(),
        owner: owner(1),
        amount: 9,
    };
    assert_sealed_as(&frozen, vec![last]);
}

/// More than one transaction can cross are not registered.
#[test]
fn an_account_has_no_more_records_than_can_be_crossed() {
    let mut frozen = Frozen::in_set_up();
    let more = seats(&frozen.protocol, MAX_RECORDS + 1);
    refused(frozen.register(more), BulkheadError::InvalidLedger);
    let owned = RegisterLedgerArgs {
        link: Some(link(link_flag::ALL, Pubkey::default(), &[])),
        ..seats(&frozen.protocol, 100)
    };
    refused(frozen.register(owned), BulkheadError::InvalidLedger);
    let most = seats(&frozen.protocol, MAX_RECORDS);
    frozen.register(most).expect("so many");
}
