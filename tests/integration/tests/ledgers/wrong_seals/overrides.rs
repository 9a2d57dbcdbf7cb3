//! A matured override seals what no crank may, and the later of two stands.

use super::*;

fn leaves(numbers: &[u8]) -> Vec<Position> {
    let leaf = |number: &u8| Position {
        key: key(*number),
        owner: owner(*number),
        amount: amount(*number),
    };
    numbers.iter().map(leaf).collect()
}

/// The host has lost its total: whoever comes first would seal nothing, and everybody would have nothing.
#[test]
fn nothing_is_sealed_by_crank_and_an_override_seals_everybody() {
    let mut frozen = of_600(0);
    refused(frozen.send(frozen.seal(&[])), BulkheadError::NothingRead);
    frozen.must(frozen.open_shard(SHARD));
    let empty = frozen.shard(SHARD);
    refused(frozen.send(frozen.seal(&[empty])), BulkheadError::NothingRead);
    let shards = read_as(&mut frozen, "honest", &[0, 1, 2]);
    let args = frozen.stated(&shards, 0);
    let authority = frozen.mature(&args);
    frozen.must(frozen.override_seal(authority, &shards, args));
    assert_sealed_as(&frozen, leaves(&[0, 1, 2]));
}

/// The host's total is short by 100: a stranger picks who is left out, and seals that with the honest cranker's shard
/// among their own. The matured override replaces it, and what the stranger sealed proves nothing any more.
#[test]
fn a_matured_override_replaces_a_strangers_seal() {
    let mut frozen = of_600(500);
    let honest = read_as(&mut frozen, "honest", &[0, 1, 2]);
    let args = frozen.stated(&honest, 500);
    let authority = frozen.mature(&args);
    let stranger = read_as(&mut frozen, "stranger", &[1, 2]);
    frozen.must(frozen.seal(&stranger));
    assert_sealed_as(&frozen, leaves(&[1, 2]));
    frozen.must(frozen.override_seal(authority, &honest, args));
    assert_sealed_as(&frozen, leaves(&[0, 1, 2]));
    let sealed = frozen.snapshot();
    assert_eq!(
        (sealed.flags, sealed.seals, sealed.excess),
        (snapshot_flag::OVERRIDDEN, 2, 100)
    );
    // The stranger's shard is of a seal that is gone, and its rent comes back.
    let [theirs, ours] = [stranger[0], honest[0]].map(|key| frozen.machine.load::<SnapshotShard>(&key).seal);
    assert_eq!((theirs, ours), (1, 2));
    refused(frozen.send(frozen.seal(&stranger)), BulkheadError::SnapshotSealed);
    let cranker = frozen.cranker.pubkey();
    frozen.must(ix::close_shard(cranker, frozen.snapshot, stranger[0], cranker));
    frozen.cranker = keypair("honest");
    let cranker = frozen.cranker.pubkey();
    refused(
        frozen.send(ix::close_shard(cranker, frozen.snapshot, honest[0], cranker)),
        BulkheadError::SnapshotSealed,
    );
}

/// The stranger seals with the honest cranker's own shard: it stays good for the override.
#[test]
fn a_shard_that_a_stranger_sealed_serves_the_override() {
    let mut frozen = of_600(600);
    let honest = read_as(&mut frozen, "honest", &[0, 1, 2]);
    let args = OverrideSealArgs {
        max_shortfall: 0,
        max_excess: 0,
        ..frozen.stated(&honest, 600)
    };
    let authority = frozen.mature(&args);
    frozen.must(frozen.seal(&honest));
    frozen.must(frozen.override_seal(authority, &honest, args));
    assert_sealed_as(&frozen, leaves(&[0, 1, 2]));
}

/// An older override does not undo a later one: that was made in observation of more.
#[test]
fn an_override_stands_until_a_later_decision() {
    let mut frozen = of_600(0);
    let some = read_as(&mut frozen, "some", &[0, 1]);
    let early = frozen.stated(&some, 0);
    let early_authority = frozen.mature(&early);
    frozen.machine.next_slot();
    let all = read_as(&mut frozen, "all", &[0, 1, 2]);
    let late = frozen.stated(&all, 0);
    let late_authority = frozen.mature(&late);
    frozen.machine.next_slot();
    frozen.must(frozen.override_seal(late_authority, &all, late));
    refused(
        frozen.send(frozen.override_seal(early_authority, &some, early.clone())),
        BulkheadError::SnapshotSealed,
    );
    frozen.machine.next_slot();
    let authority = frozen.mature(&early);
    frozen.must(frozen.override_seal(authority, &some, early));
    assert_sealed_as(&frozen, leaves(&[0, 1]));
}

/// A unit an hour: the override binds who is in the snapshot, and how far the host's total may be away.
#[test]
fn a_unit_an_hour_stops_no_override() {
    let mut frozen = of_600(593);
    let shards = read_as(&mut frozen, "honest", &[0, 1, 2]);
    let args = OverrideSealArgs {
        max_excess: 20,
        max_shortfall: 5,
        ..frozen.stated(&shards, 593)
    };
    let authority = frozen.mature(&args);
    for (total, is_within) in [(579, false), (606, false), (580, true)] {
        frozen.protocol.write_total(&mut frozen.machine, total);
        let seal = frozen.override_seal(authority, &shards, args.clone());
        if is_within {
            frozen.must(seal);
        } else {
            refused(frozen.send(seal), BulkheadError::OverrideMismatch);
        }
    }
    assert_eq!((frozen.snapshot().excess, frozen.snapshot().shortfall), (20, 0));
}

/// The council has approved an override, sees that it leaves somebody out, and approves a later one. Whichever is cranked
/// first, the later decision holds.
#[test]
fn the_later_of_two_overrides_holds_whichever_is_cranked_first() {
    for is_early_first in [true, false] {
        let mut frozen = of_600(0);
        let some = read_as(&mut frozen, "some", &[0, 1]);
        let all = read_as(&mut frozen, "all", &[0, 1, 2]);
        let early = frozen.stated(&some, 0);
        let early_authority = frozen.mature(&early);
        let late = frozen.stated(&all, 0);
        let late_authority = frozen.mature(&late);
        frozen.machine.next_slot();
        let early = frozen.override_seal(early_authority, &some, early);
        let late = frozen.override_seal(late_authority, &all, late);
        if is_early_first {
            frozen.must(early);
            frozen.must(late);
        } else {
            frozen.must(late);
            refused(frozen.send(early), BulkheadError::SnapshotSealed);
        }
        assert_eq!((frozen.snapshot().count, frozen.snapshot().total), (3, 600));
    }
}
