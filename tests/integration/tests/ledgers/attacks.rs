//! Accounts that are opened, closed or changed while they are read; and what belongs to one snapshot,
//! put before another.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Setup, keypair};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_account::Account;
use solana_signer::Signer;

use crate::{SHARD, assert_sealed_as, key, owner};

/// Positions 10, 20, 30 of 100 each, and a total of 300.
fn three() -> Frozen {
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    for number in [10, 20, 30] {
        write(&mut frozen, number, 100);
    }
    total(&mut frozen, 300);
    frozen
}

fn write(frozen: &mut Frozen, number: u8, amount: u64) {
    frozen
        .protocol
        .write_position(&mut frozen.machine, &key(number), &owner(number), amount);
}

fn total(frozen: &mut Frozen, total: u64) {
    frozen.protocol.write_total(&mut frozen.machine, total);
}

/// As a host closes it: no lamports, no data, the System program's.
fn close(frozen: &mut Frozen, number: u8) {
    frozen.machine.write_account(&key(number), Account::default());
}

fn keys(numbers: &[u8]) -> Vec<Pubkey> {
    numbers.iter().map(|number| key(*number)).collect()
}

fn read_again(frozen: &mut Frozen, numbers: &[u8]) -> Vec<Pubkey> {
    let (cranker, shard) = (frozen.cranker.pubkey(), frozen.shard(SHARD));
    frozen.must(ix::close_shard(cranker, frozen.snapshot, shard, cranker));
    frozen.crank(&keys(numbers))
}

fn leaves(numbers: &[(u8, u64)]) -> Vec<Position> {
    let position = |(number, amount): &(u8, u64)| Position {
        key: key(*number),
        owner: owner(*number),
        amount: *amount,
    };
    numbers.iter().map(position).collect()
}

#[test]
fn an_account_opened_behind_the_last_key_is_still_read() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20]));
    write(&mut frozen, 25, 7);
    total(&mut frozen, 307);
    frozen.must(frozen.ingest(SHARD, &keys(&[25, 30])));
    frozen.must(frozen.seal(&shards));
    assert_sealed_as(&frozen, leaves(&[(10, 100), (20, 100), (25, 7), (30, 100)]));
}

#[test]
fn an_account_opened_before_the_last_key_makes_the_sum_fall_short() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20, 30]));
    write(&mut frozen, 15, 7);
    total(&mut frozen, 307);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    refused(
        frozen.send(frozen.ingest(SHARD, &keys(&[15]))),
        BulkheadError::PositionsNotAscending,
    );
    let shards = read_again(&mut frozen, &[10, 15, 20, 30]);
    frozen.must(frozen.seal(&shards));
    assert_sealed_as(&frozen, leaves(&[(10, 100), (15, 7), (20, 100), (30, 100)]));
}

/// An account that the host opened and did not add to its total is a lie of the host's.
#[test]
fn an_account_the_total_does_not_know_is_seen() {
    let mut frozen = three();
    write(&mut frozen, 40, 1);
    let shards = frozen.crank(&keys(&[10, 20, 30, 40]));
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
}

#[test]
fn an_account_closed_after_it_was_read_makes_the_sum_too_large() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20, 30]));
    close(&mut frozen, 20);
    total(&mut frozen, 200);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    // It cannot be read again, and need not.
    let cranker = frozen.cranker.pubkey();
    frozen.must(ix::close_shard(cranker, frozen.snapshot, shards[0], cranker));
    frozen.must(frozen.open_shard(SHARD));
    refused(
        frozen.send(frozen.ingest(SHARD, &keys(&[10, 20]))),
        BulkheadError::NotAPosition,
    );
    frozen.must(frozen.ingest(SHARD, &keys(&[10, 30])));
    frozen.must(frozen.seal(&shards));
    assert_sealed_as(&frozen, leaves(&[(10, 100), (30, 100)]));
}

#[test]
fn an_empty_account_may_come_and_go() {
    let mut frozen = three();
    write(&mut frozen, 15, 0);
    let shards = frozen.crank(&keys(&[10, 15, 20]));
    close(&mut frozen, 15);
    write(&mut frozen, 12, 0);
    frozen.must(frozen.ingest(SHARD, &keys(&[30])));
    frozen.must(frozen.seal(&shards));
    assert_sealed_as(&frozen, leaves(&[(10, 100), (20, 100), (30, 100)]));
}

/// Up or down, before or behind the crank: as long as all is read, the sum tells.
#[test]
fn a_change_between_two_cranks_is_seen_at_the_seal() {
    for (number, now, sum) in [(10, 150, 350), (20, 40, 240), (30, 150, 350), (30, 0, 200)] {
        let mut frozen = three();
        let shards = frozen.crank(&keys(&[10, 20]));
        write(&mut frozen, number, now);
        total(&mut frozen, sum);
        frozen.must(frozen.ingest(SHARD, &keys(&[30])));
        let was_read = number <= 20;
        if was_read {
            refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
            let shards = read_again(&mut frozen, &[10, 20, 30]);
            frozen.must(frozen.seal(&shards));
        } else {
            frozen.must(frozen.seal(&shards));
        }
        assert_eq!(frozen.snapshot().total, sum);
    }
}

/// From a position that was read to one that was not: counted twice, and too much.
#[test]
fn a_move_between_two_cranks_is_seen_at_the_seal() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20]));
    write(&mut frozen, 10, 0);
    write(&mut frozen, 30, 200);
    frozen.must(frozen.ingest(SHARD, &keys(&[30])));
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    let shards = read_again(&mut frozen, &[10, 20, 30]);
    frozen.must(frozen.seal(&shards));
    assert_sealed_as(&frozen, leaves(&[(10, 0), (20, 100), (30, 200)]));
}

/// The limit the page states: a host that lets positions move while it is frozen proves its total and
/// no more. The thief reads a position of 100, moves them to a position behind, reads them again, and leaves out
/// a victim of 100: the sum agrees. Then the thief moves them back and does it all once more: a second full reading
/// gives the same shard, so that reading twice would prove nothing either.
#[test]
fn what_moves_freely_while_frozen_is_proved_in_sum_only() {
    const FIRST: u8 = 10;
    const VICTIM: u8 = 20;
    const SECOND: u8 = 30;
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    write(&mut frozen, VICTIM, 100);
    total(&mut frozen, 200);
    let mut shards = vec![];
    for pass in 0..2 {
        frozen.cranker = keypair(&format!("thief {pass}"));
        write(&mut frozen, FIRST, 100);
        write(&mut frozen, SECOND, 0);
        shards.extend(frozen.crank(&keys(&[FIRST])));
        write(&mut frozen, FIRST, 0);
        write(&mut frozen, SECOND, 100);
        frozen.must(frozen.ingest(SHARD, &keys(&[SECOND])));
    }
    let stated = [0, 1].map(|pass| frozen.stated(&shards[pass..=pass], 200));
    assert_eq!(stated[0], stated[1]);
    frozen.must(frozen.seal(&shards[..1]));
    assert_sealed_as(&frozen, leaves(&[(FIRST, 100), (SECOND, 100)]));
}

#[test]
fn a_total_swapped_for_another_account_is_refused() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20]));
    // Of the same program, with the sum that would fit.
    let wished = keypair("wished total").pubkey();
    frozen
        .protocol
        .write_host_account(&mut frozen.machine, &wished, 200u64.to_le_bytes().to_vec());
    let seal = ix::seal_snapshot(frozen.protocol.domain, frozen.incident, 1, wished, &shards, &[]);
    refused(frozen.send(seal), BulkheadError::ForeignAccount);
    // And at registration, another than the arguments name.
    let mut frozen = Frozen::in_set_up();
    let args = frozen.protocol.ledger_args(1);
    let authority = ix::Authority {
        signer: frozen.protocol.setup_authority.pubkey(),
        domain: frozen.protocol.domain,
        proposal: None,
    };
    let mut register = ix::register_ledger(authority, frozen.machine.payer.pubkey(), args.clone(), &[]);
    for meta in &mut register.accounts {
        if meta.pubkey == args.total.account {
            meta.pubkey = wished;
        }
    }
    refused(
        frozen.machine.send(&[register], &[&frozen.protocol.setup_authority]),
        BulkheadError::InvalidLedger,
    );
    let elsewhere = RegisterLedgerArgs {
        total: TotalConfig {
            program: keypair("another program").pubkey(),
            ..args.total.clone()
        },
        ..args
    };
    refused(frozen.register(elsewhere), BulkheadError::TotalUnreadable);
}

/// Two ledgers of the same positions, by other numbers of theirs: nothing of one serves the other.
#[test]
fn a_shard_serves_its_own_ledgers_snapshot_only() {
    let mut frozen = Frozen::in_set_up();
    let payer = frozen.machine.payer.pubkey();
    let other_total = keypair("other total").pubkey();
    // The first four bytes, which are the same in each.
    let sum = u64::from(u32::from_le_bytes(*b"posi")) * 3;
    frozen
        .protocol
        .write_host_account(&mut frozen.machine, &other_total, sum.to_le_bytes().to_vec());
    let args = frozen.protocol.ledger_args(0);
    let args = RegisterLedgerArgs {
        amounts: vec![crate::amount(0, 4, 0)],
        total: TotalConfig {
            account: other_total,
            ..args.total
        },
        ..args
    };
    let authority = ix::Authority {
        signer: frozen.protocol.setup_authority.pubkey(),
        domain: frozen.protocol.domain,
        proposal: None,
    };
    let setup_authority = frozen.protocol.setup_authority.insecure_clone();
    let register = ix::register_ledger(authority, payer, args, &[]);
    frozen
        .protocol
        .must(&mut frozen.machine, &[register], &[&setup_authority]);
    let args = frozen.protocol.ledger_args(1);
    let register = ix::register_ledger(authority, payer, args, &[0]);
    frozen
        .protocol
        .must(&mut frozen.machine, &[register], &[&setup_authority]);
    frozen.freeze();
    for number in [10, 20, 30] {
        write(&mut frozen, number, 100);
    }
    total(&mut frozen, 300);
    let shards = frozen.crank(&keys(&[10, 20, 30]));
    let (domain, incident) = (frozen.protocol.domain, frozen.incident);
    frozen.must(ix::open_snapshot(domain, payer, incident, 0));
    let total_account = other_total;
    let across = ix::seal_snapshot(domain, incident, 0, total_account, &shards, &[]);
    refused(frozen.send(across), BulkheadError::ForeignAccount);
    // A snapshot with the other's ledger.
    let mut mixed = frozen.seal(&shards);
    mixed.accounts[2].pubkey = pda::ledger(&domain, 0);
    refused(frozen.send(mixed), BulkheadError::ForeignAccount);
    let other = pda::snapshot(&incident, 0);
    let cranker = frozen.cranker.pubkey();
    frozen.must(ix::open_shard(domain, cranker, payer, other, SHARD));
    frozen.must(ix::ingest_positions(
        domain,
        cranker,
        other,
        0,
        SHARD,
        &keys(&[10, 20, 30]),
    ));
    let own = pda::shard(&other, SHARD, &cranker);
    refused(frozen.send(frozen.seal(&[own])), BulkheadError::ForeignAccount);
    frozen.must(ix::seal_snapshot(domain, incident, 0, total_account, &[own], &[]));
    frozen.must(frozen.seal(&shards));
    let roots = [frozen.snapshot, other].map(|key| {
        let snapshot: bulkhead_interface::layout::Snapshot = frozen.machine.load(&key);
        (snapshot.total, snapshot.root)
    });
    assert_eq!((roots[0].0, roots[1].0), (300, sum));
    assert_ne!(roots[0].1, roots[1].1);
}

/// Two domains over the same host: the leaves of one are not leaves of the other.
#[test]
fn a_shard_serves_its_own_domain_only() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20, 30]));
    let other = bulkhead_testbed::Protocol::set_up(
        &mut frozen.machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let incident = other.freeze(&mut frozen.machine);
    let payer = frozen.machine.payer.pubkey();
    frozen.must(ix::open_snapshot(other.domain, payer, incident, 0));
    let seal = ix::seal_snapshot(other.domain, incident, 0, other.total_account, &shards, &[]);
    refused(frozen.send(seal), BulkheadError::ForeignAccount);
    // Into the other domain's shard with this one's ledger, which reads more leniently perhaps.
    let cranker = frozen.cranker.pubkey();
    let theirs = pda::snapshot(&incident, 0);
    frozen.must(ix::open_shard(other.domain, cranker, payer, theirs, SHARD));
    for (at, key) in [
        (1, frozen.protocol.domain),
        (2, pda::ledger(&frozen.protocol.domain, 1)),
    ] {
        let mut ingest = ix::ingest_positions(other.domain, cranker, theirs, 0, SHARD, &keys(&[10]));
        ingest.accounts[at].pubkey = key;
        refused(frozen.send(ingest), BulkheadError::ForeignAccount);
    }
}

/// A shard is not sealed before its snapshot is, so nothing can be claimed or voted on early.
#[test]
fn nothing_is_sealed_early() {
    let mut frozen = three();
    let shards = frozen.crank(&keys(&[10, 20]));
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    assert_eq!(frozen.shard_state(SHARD).state, 0);
    assert_eq!((frozen.snapshot().state, frozen.snapshot().root), (0, [0; 32]));
    // What failed left nothing behind: the crank goes on.
    frozen.must(frozen.ingest(SHARD, &keys(&[30])));
    frozen.must(frozen.seal(&shards));
}
