//! Attacks on seals by crank that succeed, where a ledger has a tolerance.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{MAX_CRANKED_SEALS, snapshot_state},
    layout::SnapshotShard,
};
use bulkhead_sim::{Protocol, keypair};
use bulkhead_tests::{held::Held, refused};
use solana_signer::Signer;

const LARGE: u64 = 100_000;
const VICTIM: u64 = 900;

/// With a tolerance of one in a hundred.
fn tolerant(protocol: &Protocol) -> RegisterLedgerArgs {
    let args = protocol.ledger_args(1);
    RegisterLedgerArgs {
        total: TotalConfig {
            shortfall_bps: 100,
            excess_bps: 100,
            ..args.total
        },
        ..args
    }
}

fn key(shard: u8, number: u8) -> Pubkey {
    let mut key = keypair("position").pubkey().to_bytes();
    (key[0], key[1]) = (shard << 4, number);
    key.into()
}

fn write(held: &mut Held, key: &Pubkey, amount: u64) {
    let owner = keypair("owner").pubkey();
    held.protocol.write_position(&mut held.machine, key, &owner, amount);
}

fn read_as(held: &mut Held, name: &str, keys: &[Pubkey]) -> Vec<Pubkey> {
    held.cranker = keypair(name);
    held.crank(keys)
}

/// A stranger seals a hundred times, each time a few units more, and never the victim. The honest seal that leaves out
/// nobody is refused then, within the day in which it should replace any that leaves out more.
#[test]
fn crumbs_use_up_the_seals_that_would_correct_them() {
    let mut held = Held::reading(tolerant);
    let mut all = vec![];
    for shard in 0..7u8 {
        write(&mut held, &key(shard, 0), LARGE);
        write(&mut held, &key(shard, 1), 1 << shard);
        all.extend([key(shard, 0), key(shard, 1)]);
    }
    write(&mut held, &key(15, 0), VICTIM);
    all.push(key(15, 0));
    held.protocol.write_total(&mut held.machine, 7 * LARGE + 127 + VICTIM);

    let large: Vec<_> = (0..7).map(|shard| key(shard, 0)).collect();
    let without = read_as(&mut held, "without crumbs", &large);
    let with = read_as(&mut held, "with crumbs", &all[..14]);
    // The honest cranker has read all of it meanwhile.
    let honest = read_as(&mut held, "honest", &all);

    for crumbs in 0..MAX_CRANKED_SEALS {
        let shards: Vec<_> = (0..7)
            .map(|shard| {
                if crumbs >> shard & 1 == 1 {
                    with[shard]
                } else {
                    without[shard]
                }
            })
            .collect();
        held.must(held.seal(&shards));
    }
    assert_eq!(
        held.snapshot().shortfall,
        VICTIM + 127 - u64::from(MAX_CRANKED_SEALS - 1)
    );
    refused(held.send(held.seal(&honest)), BulkheadError::SnapshotSealed);
    assert_eq!(held.snapshot().shards[15].count, 0, "the victim is left out");
}

/// A stranger seals with what an honest cranker has read so far. His shard takes nothing more, cannot be closed and not
/// be opened anew: he begins again under another key, and it is done to him again.
#[test]
fn a_half_read_shard_is_sealed_under_its_cranker() {
    let mut held = Held::reading(tolerant);
    let keys: Vec<_> = (0..30).map(|number| key(5, number)).collect();
    write(&mut held, &keys[0], LARGE);
    for key in &keys[1..] {
        write(&mut held, key, 10);
    }
    held.protocol.write_total(&mut held.machine, LARGE + 290);
    for round in 1..30u8 {
        held.cranker = keypair(&format!("honest {round}"));
        held.must(held.open_shard(5));
        // Every time he comes one transaction further.
        held.must(held.ingest(5, &keys[..usize::from(round)]));
        let shard = held.shard(5);
        held.must(held.seal(&[shard]));
        refused(
            held.send(held.ingest(5, &keys[usize::from(round)..])),
            BulkheadError::SnapshotSealed,
        );
        let cranker = held.cranker.pubkey();
        refused(
            held.send(ix::close_shard(cranker, held.snapshot, shard, cranker)),
            BulkheadError::SnapshotSealed,
        );
        assert!(held.send(held.open_shard(5)).is_err(), "its address is taken");
        assert_eq!(held.machine.load::<SnapshotShard>(&shard).state, snapshot_state::SEALED);
    }
    assert_eq!(held.snapshot().seals, 29, "of a hundred");
}

/// The council has approved an override, sees that it leaves somebody out, and approves a later one. A stranger cranks the
/// older one right before the later one, which is refused then: it is compared with when the older one was executed and
/// not with when it was decided.
#[test]
fn an_older_override_keeps_a_later_one_out() {
    let mut held = Held::reading(|protocol| protocol.ledger_args(1));
    let keys: Vec<_> = (0..3).map(|number| key(5, number)).collect();
    for key in &keys {
        write(&mut held, key, 100);
    }
    let some = read_as(&mut held, "some", &keys[..2]);
    let all = read_as(&mut held, "all", &keys);
    let early = held.stated(&some, 0);
    let early_authority = held.mature(&early);
    let late = held.stated(&all, 0);
    let late_authority = held.mature(&late);
    held.machine.next_slot();
    held.must(held.override_seal(early_authority, &some, early));
    refused(
        held.send(held.override_seal(late_authority, &all, late)),
        BulkheadError::SnapshotSealed,
    );
    assert_eq!((held.snapshot().count, held.snapshot().total), (2, 200));
}
