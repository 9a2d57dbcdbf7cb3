//! Successors, and what fixes the leaves of a ledger.

use bulkhead_interface::layout::{Ledger, Snapshot, SnapshotShard};
use bulkhead_tests::{proving, recovery::forge};

use super::*;

#[test]
fn a_successor_is_read_after_the_choice_and_sealed_once() {
    let mut proving = Proving::shared_out();
    let owed = proving.owed();
    proving.read_successor(&owed);
    // Somebody else's reading stands in nobody's way.
    let total = proving.recovery.protocol.total_account;
    let payer = proving.machine.payer.pubkey();
    let domain = proving.of().domain;
    let ledger = proving.machine.load(&pda::ledger(&domain, LEDGER));
    proving.must(ix::open_successor(payer, proving.of(), 0, &ledger));
    let empty = ix::seal_successor(proving.of(), 0, total, &[], &[]);
    refused(proving.send(empty.clone()), E::TotalMismatch);

    proving.must(proving.seal_successor());
    let sealed: Snapshot = proving.machine.load(&proving.successor());
    assert_eq!(sealed.total, owed.iter().map(|position| position.amount).sum::<u64>());
    proving.machine.next_slot();
    refused(proving.send(proving.seal_successor()), E::SnapshotSealed);
    // A host that owes nobody anything has an empty ledger.
    proving.repair(&[]);
    proving.must(empty);
}

#[test]
fn a_successor_is_no_candidate_and_pays_nobody() {
    let mut proving = Proving::shared_out();
    let owed = proving.owed();
    proving.seal_the_successor(&owed);
    let (domain, incident) = (proving.of().domain, proving.of().incident);
    let member = proving.recovery.protocol.members[0].insecure_clone();
    let add = ix::add_candidate(domain, member.pubkey(), proving.recovery.ballot, proving.successor());
    let refusal = proving.machine.send(&[add], &[&member]).expect_err("never");
    assert!(
        [E::ForeignAccount, E::WrongPhase]
            .map(|error| Some(u32::from(error)))
            .contains(&refusal.code()),
        "{refusal:?}"
    );
    // Nor is it sealed as the incident's own snapshot.
    let mut seal = ix::seal_snapshot(
        domain,
        incident,
        LEDGER,
        proving.recovery.protocol.total_account,
        &[],
        &[],
    );
    seal.accounts[3].pubkey = proving.successor();
    let refusal = proving.send(seal).expect_err("never");
    assert!(
        [E::ForeignAccount, E::LedgerRestored]
            .map(|error| Some(u32::from(error)))
            .contains(&refusal.code()),
        "{refusal:?}"
    );
}

#[test]
fn no_successor_before_the_ledger_was_restored() {
    let (machine, protocol) = bulkhead_tests::world();
    let mut machine = machine;
    proving::decide(&mut machine, &protocol, &proving::Answer::read());
    let incident = protocol.freeze(&mut machine);
    let of = ix::RestoredLedger {
        domain: protocol.domain,
        incident,
        ledger_index: LEDGER,
    };
    let ledger = machine.load(&pda::ledger(&protocol.domain, LEDGER));
    let open = ix::open_successor(machine.payer.pubkey(), of, 0, &ledger);
    refused(machine.send(&[open], &[]), E::LedgerNotRestored);
}

#[test]
fn a_ledger_is_fixed_with_every_shard_that_has_leaves() {
    let mut proving = Proving::shared_out();
    let [shards, _] = proving.shards.clone();
    let payer = proving.machine.payer.pubkey();
    let plan = Some(proving.recovery.restoration);
    let fix = |shards: &[_]| ix::fix_ledger(payer, proving.recovery.snapshot, plan, shards);
    let (none, one, turned) = (fix(&[]), fix(&shards[..1]), fix(&[shards[1], shards[0]]));
    let without_plan = ix::fix_ledger(payer, proving.recovery.snapshot, None, &shards);
    let whole = fix(&shards);
    refused(proving.send(none), E::ShardMissing);
    refused(proving.send(one), E::ShardMissing);
    refused(proving.send(turned), E::ShardsNotAscending);
    refused(proving.send(without_plan), E::ForeignAccount);
    proving.must(whole);
    let fixed: SealedLedger = proving.machine.load(&pda::sealed_ledger(&proving.recovery.snapshot));
    let shard: SnapshotShard = proving.machine.load(&shards[0]);
    assert_eq!(fixed.shards[usize::from(LONG)].accumulator, shard.accumulator);
    assert_eq!((fixed.role, fixed.total), (CHOSEN, 15_779));
}

#[test]
fn a_successor_that_is_not_sealed_is_not_fixed() {
    let mut proving = Proving::shared_out();
    let owed = proving.owed();
    proving.read_successor(&owed);
    refused(proving.send(proving.fix(SUCCESSOR)), E::ForeignAccount);
    let payer = proving.machine.payer.pubkey();
    let open = ix::fix_ledger(payer, proving.successor(), None, &[]);
    refused(proving.send(open), E::SnapshotNotSealed);
}

/// A ledger may tolerate that others move its total. A proof says exactly what is owed.
#[test]
fn a_successor_leaves_nothing_out_within_a_tolerance() {
    let mut proving = Proving::shared_out();
    let key = pda::ledger(&proving.of().domain, LEDGER);
    let ledger: Ledger = proving.machine.load(&key);
    let tolerant = Ledger {
        excess_bps: 100,
        shortfall_bps: 100,
        ..ledger
    };
    forge(&mut proving.machine, &key, &tolerant);
    let owed = proving.owed();
    proving.read_successor(&owed);
    let total: u64 = owed.iter().map(|position| position.amount).sum();
    let cranker = proving.machine.payer.pubkey();
    // The cranker of every shard signs: it is the payer.
    let seal = ix::seal_successor(
        proving.of(),
        proving::SUCCESSOR,
        proving.recovery.protocol.total_account,
        &proving.shards[1],
        &[cranker],
    );
    for off in [total - 1, total + 1] {
        proving.recovery.protocol.write_total(&mut proving.machine, off);
        refused(proving.send(seal.clone()), E::TotalMismatch);
    }
    proving.recovery.protocol.write_total(&mut proving.machine, total);
    proving.must(seal);
}
