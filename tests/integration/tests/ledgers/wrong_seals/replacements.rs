//! A seal that is nearer to the host's total replaces one that is farther from it.

use super::*;

/// Who leaves somebody out within the tolerance is corrected by anybody, for a day.
#[test]
fn a_seal_that_leaves_out_less_replaces_one_that_leaves_out_more() {
    const SMALL: u8 = 9;
    let with_small = |frozen: &mut Frozen| {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(SMALL), &owner(SMALL), 5);
        frozen.protocol.write_total(&mut frozen.machine, 606);
    };
    let mut frozen = of_600_in(0, tolerant);
    with_small(&mut frozen);
    let unfair = read_as(&mut frozen, "unfair", &[0, 1, 2]);
    frozen.must(frozen.seal(&unfair));
    assert_eq!(frozen.snapshot().total, 600);
    let fair = read_as(&mut frozen, "fair", &[0, 1, 2, SMALL]);
    frozen.must(frozen.seal(&fair));
    assert_eq!((frozen.snapshot().total, frozen.snapshot().seals), (605, 2));
    // Not the other way round, and not once more the same.
    for shards in [&unfair, &fair] {
        refused(frozen.send(frozen.seal(shards)), BulkheadError::SnapshotSealed);
    }
    // A day after the first seal it stands: votes have begun.
    let mut frozen = of_600_in(0, tolerant);
    with_small(&mut frozen);
    let unfair = read_as(&mut frozen, "unfair", &[0, 1, 2]);
    let fair = read_as(&mut frozen, "fair", &[0, 1, 2, SMALL]);
    frozen.cranker = keypair("unfair");
    frozen.must(frozen.seal(&unfair));
    frozen.machine.warp_seconds(RESEAL_SECONDS);
    refused(frozen.send(frozen.seal(&fair)), BulkheadError::SnapshotSealed);
    // But for an override.
    let args = frozen.stated(&fair, 606);
    let authority = frozen.mature(&args);
    frozen.must(frozen.override_seal(authority, &fair, args));
}

/// A stranger seals and seals again, each time a unit more and never the victim: the honest seal that leaves out nobody
/// replaces them however many there were.
#[test]
fn crumbs_keep_no_better_seal_out() {
    const LARGE: u64 = 100_000;
    const VICTIM: u64 = 900;
    let at = |shard: u8, number: u8| {
        let mut key = key(number).to_bytes();
        key[0] = shard << 4 | key[0] & 15;
        Pubkey::from(key)
    };
    let mut frozen = Frozen::reading(tolerant);
    let mut all = vec![];
    let mut write = |frozen: &mut Frozen, key: Pubkey, amount: u64| {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key, &owner(0), amount);
        all.push(key);
    };
    for shard in 0..8u8 {
        write(&mut frozen, at(shard, 0), LARGE);
        write(&mut frozen, at(shard, 1), 1 << shard);
    }
    write(&mut frozen, at(15, 0), VICTIM);
    frozen
        .protocol
        .write_total(&mut frozen.machine, 8 * LARGE + 255 + VICTIM);
    let large: Vec<_> = (0..8).map(|shard| at(shard, 0)).collect();
    frozen.cranker = keypair("without crumbs");
    let without = frozen.crank(&large);
    frozen.cranker = keypair("with crumbs");
    let with = frozen.crank(&all[..16]);
    frozen.cranker = keypair("honest");
    let honest = frozen.crank(&all);

    let crankers = [keypair("without crumbs"), keypair("with crumbs")];
    let names = [crankers[0].pubkey(), crankers[1].pubkey()];
    let total_account = frozen.ledger().total_account;
    for crumbs in 0..=255u8 {
        let shards: Vec<_> = (0..8)
            .map(|shard| [&without, &with][usize::from(crumbs >> shard & 1)][shard])
            .collect();
        let domain = frozen.protocol.domain;
        let seal = ix::seal_snapshot(domain, frozen.incident, 1, total_account, &shards, &names);
        frozen
            .protocol
            .must(&mut frozen.machine, &[seal], &[&crankers[0], &crankers[1]]);
    }
    assert_eq!((frozen.snapshot().seals, frozen.snapshot().shortfall), (256, VICTIM));
    frozen.must(frozen.seal(&honest));
    let sealed = frozen.snapshot();
    assert_eq!((sealed.seals, sealed.shortfall), (257, 0));
    assert_eq!(frozen.machine.load::<SnapshotShard>(&honest[0]).seal, 257);
}

/// A vote over what a better seal may replace would be lost: the snapshot comes on the ballot when its day is over, or at
/// once when nothing was left out.
#[test]
fn a_seal_that_may_still_be_replaced_is_not_voted_on() {
    let mut frozen = of_600_in(606, tolerant);
    let shards = read_as(&mut frozen, "honest", &[0, 1, 2]);
    frozen.must(frozen.seal(&shards));
    let (domain, payer) = (frozen.protocol.domain, frozen.machine.payer.pubkey());
    frozen.must(ix::open_ballot(domain, payer, payer, frozen.incident, 1));
    let ballot = pda::ballot(&frozen.incident, 1);
    let add = ix::add_candidate(domain, payer, ballot, frozen.snapshot);
    frozen.machine.warp_seconds(RESEAL_SECONDS - 1);
    refused(frozen.send(add.clone()), BulkheadError::SnapshotUnsettled);
    frozen.machine.warp_seconds(1);
    frozen.must(add);
}

/// A thief's position is read, moved behind, and read again: within the excess, so it is sealed. What reads everything at
/// one moment is nearer to the host's total and replaces it, for a day; until then it is not voted on.
#[test]
fn a_seal_in_excess_makes_way_for_one_that_is_nearer() {
    const BEHIND: u8 = 9;
    let twice = || {
        let mut frozen = of_600_in(600, tolerant);
        let thief = frozen.machine.payer.pubkey();
        frozen.protocol.write_position(&mut frozen.machine, &key(0), &thief, 5);
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(BEHIND), &thief, 0);
        frozen.protocol.write_total(&mut frozen.machine, 505);
        let shards = read_as(&mut frozen, "thief", &[0, 1, 2]);
        frozen.protocol.write_position(&mut frozen.machine, &key(0), &thief, 0);
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(BEHIND), &thief, 5);
        frozen.must(frozen.ingest(SHARD, &[key(BEHIND)]));
        frozen.must(frozen.seal(&shards));
        assert_eq!((frozen.snapshot().total, frozen.snapshot().excess), (510, 5));
        (frozen, shards)
    };
    let (mut frozen, theirs) = twice();
    let (domain, payer) = (frozen.protocol.domain, frozen.machine.payer.pubkey());
    frozen.must(ix::open_ballot(domain, payer, payer, frozen.incident, 1));
    let (ballot, snapshot) = (pda::ballot(&frozen.incident, 1), frozen.snapshot);
    let add = ix::add_candidate(domain, payer, ballot, snapshot);
    refused(frozen.send(add.clone()), BulkheadError::SnapshotUnsettled);
    let exact = read_as(&mut frozen, "honest", &[0, 1, 2, BEHIND]);
    frozen.must(frozen.seal(&exact));
    let sealed = frozen.snapshot();
    assert_eq!((sealed.total, sealed.excess, sealed.seals), (505, 0, 2));
    frozen.must(add);

    // It was the host's total to the unit, and is the last word: a holder who burns what was read of them does not have it
    // replaced by a seal that leaves out somebody else.
    frozen.protocol.write_total(&mut frozen.machine, 500);
    let without = read_as(&mut frozen, "burner", &[1, 2]);
    for shards in [&without, &theirs] {
        refused(frozen.send(frozen.seal(shards)), BulkheadError::SnapshotSealed);
    }

    // A day after the first it stands.
    let (mut frozen, _) = twice();
    let exact = read_as(&mut frozen, "honest", &[0, 1, 2, BEHIND]);
    frozen.machine.warp_seconds(RESEAL_SECONDS);
    refused(frozen.send(frozen.seal(&exact)), BulkheadError::SnapshotSealed);
}

/// Of one that is above the host's total and one that is below, the nearer is kept.
#[test]
fn excess_and_shortfall_are_compared_with_each_other() {
    const SMALL: u8 = 9;
    let mut frozen = of_600_in(602, tolerant);
    frozen
        .protocol
        .write_position(&mut frozen.machine, &key(SMALL), &owner(SMALL), 6);
    let all = read_as(&mut frozen, "all", &[0, 1, 2, SMALL]);
    frozen.must(frozen.seal(&all));
    assert_eq!((frozen.snapshot().excess, frozen.snapshot().shortfall), (4, 0));
    let few = read_as(&mut frozen, "few", &[0, 1, 2]);
    frozen.must(frozen.seal(&few));
    assert_eq!((frozen.snapshot().excess, frozen.snapshot().shortfall), (0, 2));
    frozen.cranker = keypair("all");
    refused(frozen.send(frozen.seal(&all)), BulkheadError::SnapshotSealed);
}
