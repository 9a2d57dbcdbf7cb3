//! A wrong seal is never the last word, and nobody keeps a snapshot unsealed: by a host whose total is wrong, by a
//! unit an hour, by what another ledger has come to.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{OverrideSealArgs, RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{RESEAL_SECONDS, phase, snapshot_flag, snapshot_source, snapshot_state, total_unit},
    layout::{Domain, Restoration, Snapshot, SnapshotShard},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::keypair;
use bulkhead_tests::{frozen::Frozen, recovery::forge, refused};
use bytemuck::Zeroable;
use solana_signer::Signer;

use crate::{SHARD, assert_sealed_as, key, owner};

/// Positions 0, 1 and 2 of 100, 200 and 300; the host says `total`.
fn of_600(total: u64) -> Frozen {
    of_600_in(total, |protocol| protocol.ledger_args(1))
}

fn of_600_in(total: u64, args: impl FnOnce(&bulkhead_testbed::Protocol) -> RegisterLedgerArgs) -> Frozen {
    let mut frozen = Frozen::reading(args);
    for number in 0..3 {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(number), &owner(number), amount(number));
    }
    frozen.protocol.write_total(&mut frozen.machine, total);
    frozen
}

fn amount(number: u8) -> u64 {
    100 * (1 + u64::from(number))
}

fn leaves(numbers: &[u8]) -> Vec<Position> {
    let leaf = |number: &u8| Position {
        key: key(*number),
        owner: owner(*number),
        amount: amount(*number),
    };
    numbers.iter().map(leaf).collect()
}

/// Reads these as another cranker.
fn read_as(frozen: &mut Frozen, name: &str, numbers: &[u8]) -> Vec<Pubkey> {
    frozen.cranker = keypair(name);
    let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
    frozen.crank(&keys)
}

/// With a tolerance of one in a hundred, where others can make the total larger and smaller.
fn tolerant(protocol: &bulkhead_testbed::Protocol) -> RegisterLedgerArgs {
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
/// among his own. The matured override replaces it, and what the stranger sealed proves nothing any more.
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

/// And no seal by crank, where the ledger was registered with what others can move.
#[test]
fn a_unit_an_hour_stops_no_seal() {
    // Somebody has added to the balance, or burnt some of the supply after it was read.
    for (total, sealed, excess, shortfall) in [
        (606, true, 0, 6),
        (608, false, 0, 0),
        (595, true, 5, 0),
        (593, false, 0, 0),
    ] {
        let mut frozen = of_600_in(total, tolerant);
        let shards = read_as(&mut frozen, "honest", &[0, 1, 2]);
        if !sealed {
            refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
            continue;
        }
        frozen.must(frozen.seal(&shards));
        let snapshot = frozen.snapshot();
        assert_eq!((snapshot.flags, snapshot.total), (0, 600));
        assert_eq!((snapshot.excess, snapshot.shortfall), (excess, shortfall));
    }
}

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

/// Reading one ledger goes on when another is being restored, and ends with its own restoration.
#[test]
fn a_ledger_is_read_and_sealed_while_another_is_restored() {
    let mut frozen = of_600(600);
    let domain = frozen.protocol.domain;
    let recovering = Domain {
        state: phase::RECOVERING,
        restoration: pda::restoration(&frozen.incident, 0),
        ..frozen.machine.load(&domain)
    };
    forge(&mut frozen.machine, &domain, &recovering);
    let shards = read_as(&mut frozen, "honest", &[0, 1, 2]);
    frozen.must(frozen.seal(&shards));
    let args = frozen.stated(&shards, 600);
    let authority = frozen.mature(&args);
    let own = pda::restoration(&frozen.incident, 1);
    forge(&mut frozen.machine, &own, &Restoration::zeroed());
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::LedgerRestored);
    refused(
        frozen.send(frozen.override_seal(authority, &shards, args)),
        BulkheadError::LedgerRestored,
    );
    assert_eq!(frozen.snapshot().seals, 1);
}

/// A checkpoint's snapshot is sealed from the start, and nothing is read into it.
#[test]
fn a_checkpoints_snapshot_is_not_sealed_again() {
    let mut frozen = of_600(600);
    let shards = read_as(&mut frozen, "honest", &[0, 1, 2]);
    let checkpoint = Snapshot {
        state: snapshot_state::SEALED,
        source: snapshot_source::CHECKPOINT,
        ..frozen.snapshot()
    };
    let key = frozen.snapshot;
    forge(&mut frozen.machine, &key, &checkpoint);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::ForeignAccount);
    refused(frozen.send(frozen.open_shard(1)), BulkheadError::ForeignAccount);
}

/// The balance of a token account, and the supply of a token, cannot be registered without that tolerance.
#[test]
fn a_total_that_others_can_move_needs_a_tolerance() {
    let mut frozen = Frozen::in_set_up();
    let with = |frozen: &Frozen, account: Pubkey, offset, shortfall_bps, excess_bps| RegisterLedgerArgs {
        total: TotalConfig {
            account,
            program: anchor_spl::token::ID,
            offset,
            width: 8,
            unit: total_unit::HOST,
            shortfall_bps,
            excess_bps,
        },
        ..frozen.protocol.ledger_args(1)
    };
    let (balance, supply) = (frozen.protocol.custody(), frozen.protocol.mint);
    for args in [with(&frozen, balance, 64, 0, 1), with(&frozen, supply, 36, 1, 0)] {
        refused(frozen.register(args), BulkheadError::TotalMovable);
    }
    for args in [
        // Too much, at another place, and of the other kind of account.
        with(&frozen, balance, 64, 101, 0),
        with(&frozen, supply, 36, 0, 101),
        with(&frozen, balance, 65, 1, 1),
    ] {
        refused(frozen.register(args), BulkheadError::InvalidLedger);
    }
    for args in [with(&frozen, supply, 64, 1, 1), with(&frozen, balance, 36, 1, 1)] {
        refused(frozen.register(args), BulkheadError::TotalUnreadable);
    }
    let args = with(&frozen, balance, 64, 1, 0);
    frozen.register(args).expect("others can add to it, as far as that");
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

/// What somebody is still reading is not sealed under him, though it is within the tolerance: he says when he is done. Who
/// waits for him in vain reads into shards of his own.
#[test]
fn a_half_read_shard_is_sealed_by_its_cranker_alone() {
    let mut frozen = of_600_in(0, tolerant);
    frozen
        .protocol
        .write_position(&mut frozen.machine, &key(9), &owner(9), 5);
    frozen.protocol.write_total(&mut frozen.machine, 605);
    let honest = read_as(&mut frozen, "honest", &[0, 1, 2]);
    frozen.cranker = keypair("stranger");
    refused(frozen.send(frozen.seal(&honest)), BulkheadError::NotShardCranker);
    let own = read_as(&mut frozen, "stranger", &[0, 1, 2]);
    frozen.must(frozen.seal(&own));
    assert_eq!(frozen.snapshot().shortfall, 5);
    // He goes on, and what leaves out nobody is sealed by anyone: there is nothing left to read.
    frozen.cranker = keypair("honest");
    frozen.must(frozen.ingest(SHARD, &[key(9)]));
    frozen.cranker = keypair("anyone");
    frozen.must(frozen.seal(&honest));
    assert_eq!((frozen.snapshot().seals, frozen.snapshot().shortfall), (2, 0));
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

    // It was the host's total to the unit, and is the last word: a holder who burns what was read of him does not have it
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
