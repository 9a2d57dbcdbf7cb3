//! Attack: where positions move while the domain is held (token accounts that nobody freezes), a thief counts its own twice,
//! within `excess_bps`, which a ledger with a supply for its total has to have. That seal is final for every crank: an exact
//! one, which has nobody twice, does not replace it. The test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterLedgerArgs, TotalConfig},
};
use bulkhead_sim::keypair;
use bulkhead_tests::{held::Held, refused};
use solana_signer::Signer;

const SHARD: u8 = 5;
const ATTACKER: u8 = 10;
const HONEST: u8 = 20;
const SECOND: u8 = 30;

fn key(number: u8) -> Pubkey {
    let mut key = keypair("position").pubkey().to_bytes();
    (key[0], key[1]) = (SHARD << 4, number);
    key.into()
}

fn write(held: &mut Held, number: u8, owner: &str, amount: u64) {
    let owner = keypair(owner).pubkey();
    held.protocol
        .write_position(&mut held.machine, &key(number), &owner, amount);
}

#[test]
fn a_position_counted_twice_within_the_excess_is_sealed_and_no_exact_seal_replaces_it() {
    let mut held = Held::reading(|protocol| {
        let args = protocol.ledger_args(1);
        RegisterLedgerArgs {
            total: TotalConfig {
                shortfall_bps: 0,
                excess_bps: 100,
                ..args.total
            },
            ..args
        }
    });
    write(&mut held, ATTACKER, "thief", 10_000);
    write(&mut held, HONEST, "honest", 990_000);
    write(&mut held, SECOND, "thief", 0);
    held.protocol.write_total(&mut held.machine, 1_000_000);

    // The thief reads its position, moves it behind, and reads it again.
    held.cranker = keypair("thief's cranker");
    let twice = held.crank(&[key(ATTACKER), key(HONEST)]);
    write(&mut held, ATTACKER, "thief", 0);
    write(&mut held, SECOND, "thief", 10_000);
    held.must(held.ingest(SHARD, &[key(SECOND)]));
    held.must(held.seal(&twice));
    assert_eq!((held.snapshot().total, held.snapshot().excess), (1_010_000, 10_000));

    // In the next slot an honest cranker reads everything at one moment: to the unit what the host says.
    held.machine.next_slot();
    held.cranker = keypair("honest cranker");
    let exact = held.crank(&[key(ATTACKER), key(HONEST), key(SECOND)]);
    assert_eq!(held.stated(&exact, 1_000_000).total, 1_000_000);
    refused(held.send(held.seal(&exact)), BulkheadError::SnapshotSealed);
    assert_eq!(
        held.snapshot().total,
        1_010_000,
        "a hundredth of the ledger is the thief's twice"
    );
}
