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
use bulkhead_tests::{held::Held, recovery::forge, refused};
use bytemuck::Zeroable;
use solana_signer::Signer;

use crate::{SHARD, assert_sealed_as, key, owner};

/// Positions 0, 1 and 2 of 100, 200 and 300; the host says `total`.
fn of_600(total: u64) -> Held {
    of_600_in(total, |protocol| protocol.ledger_args(1))
}

fn of_600_in(total: u64, args: impl FnOnce(&bulkhead_testbed::Protocol) -> RegisterLedgerArgs) -> Held {
    let mut held = Held::reading(args);
    for number in 0..3 {
        held.protocol
            .write_position(&mut held.machine, &key(number), &owner(number), amount(number));
    }
    held.protocol.write_total(&mut held.machine, total);
    held
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
fn read_as(held: &mut Held, name: &str, numbers: &[u8]) -> Vec<Pubkey> {
    held.cranker = keypair(name);
    let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
    held.crank(&keys)
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
    let mut held = of_600(0);
    refused(held.send(held.seal(&[])), BulkheadError::NothingRead);
    held.must(held.open_shard(SHARD));
    let empty = held.shard(SHARD);
    refused(held.send(held.seal(&[empty])), BulkheadError::NothingRead);
    let shards = read_as(&mut held, "honest", &[0, 1, 2]);
    let args = held.stated(&shards, 0);
    let authority = held.mature(&args);
    held.must(held.override_seal(authority, &shards, args));
    assert_sealed_as(&held, leaves(&[0, 1, 2]));
}

/// The host's total is short by 100: a stranger picks who is left out, and seals that with the honest cranker's shard
/// among his own. The matured override replaces it, and what the stranger sealed proves nothing any more.
#[test]
fn a_matured_override_replaces_a_strangers_seal() {
    let mut held = of_600(500);
    let honest = read_as(&mut held, "honest", &[0, 1, 2]);
    let args = held.stated(&honest, 500);
    let authority = held.mature(&args);
    let stranger = read_as(&mut held, "stranger", &[1, 2]);
    held.must(held.seal(&stranger));
    assert_sealed_as(&held, leaves(&[1, 2]));
    held.must(held.override_seal(authority, &honest, args));
    assert_sealed_as(&held, leaves(&[0, 1, 2]));
    let sealed = held.snapshot();
    assert_eq!(
        (sealed.flags, sealed.seals, sealed.excess),
        (snapshot_flag::OVERRIDDEN, 2, 100)
    );
    // The stranger's shard is of a seal that is gone, and its rent comes back.
    let [theirs, ours] = [stranger[0], honest[0]].map(|key| held.machine.load::<SnapshotShard>(&key).seal);
    assert_eq!((theirs, ours), (1, 2));
    refused(held.send(held.seal(&stranger)), BulkheadError::SnapshotSealed);
    let cranker = held.cranker.pubkey();
    held.must(ix::close_shard(cranker, held.snapshot, stranger[0], cranker));
    held.cranker = keypair("honest");
    let cranker = held.cranker.pubkey();
    refused(
        held.send(ix::close_shard(cranker, held.snapshot, honest[0], cranker)),
        BulkheadError::SnapshotSealed,
    );
}

/// The stranger seals with the honest cranker's own shard: it stays good for the override.
#[test]
fn a_shard_that_a_stranger_sealed_serves_the_override() {
    let mut held = of_600(600);
    let honest = read_as(&mut held, "honest", &[0, 1, 2]);
    let args = OverrideSealArgs {
        max_shortfall: 0,
        max_excess: 0,
        ..held.stated(&honest, 600)
    };
    let authority = held.mature(&args);
    held.must(held.seal(&honest));
    held.must(held.override_seal(authority, &honest, args));
    assert_sealed_as(&held, leaves(&[0, 1, 2]));
}

/// An older override does not undo a later one: that was made in sight of more.
#[test]
fn an_override_stands_until_a_later_decision() {
    let mut held = of_600(0);
    let some = read_as(&mut held, "some", &[0, 1]);
    let early = held.stated(&some, 0);
    let early_authority = held.mature(&early);
    held.machine.next_slot();
    let all = read_as(&mut held, "all", &[0, 1, 2]);
    let late = held.stated(&all, 0);
    let late_authority = held.mature(&late);
    held.machine.next_slot();
    held.must(held.override_seal(late_authority, &all, late));
    refused(
        held.send(held.override_seal(early_authority, &some, early.clone())),
        BulkheadError::SnapshotSealed,
    );
    held.machine.next_slot();
    let authority = held.mature(&early);
    held.must(held.override_seal(authority, &some, early));
    assert_sealed_as(&held, leaves(&[0, 1]));
}

/// A unit an hour: the override binds who is in the snapshot, and how far the host's total may be away.
#[test]
fn a_unit_an_hour_stops_no_override() {
    let mut held = of_600(593);
    let shards = read_as(&mut held, "honest", &[0, 1, 2]);
    let args = OverrideSealArgs {
        max_excess: 20,
        max_shortfall: 5,
        ..held.stated(&shards, 593)
    };
    let authority = held.mature(&args);
    for (total, is_within) in [(579, false), (606, false), (580, true)] {
        held.protocol.write_total(&mut held.machine, total);
        let seal = held.override_seal(authority, &shards, args.clone());
        if is_within {
            held.must(seal);
        } else {
            refused(held.send(seal), BulkheadError::OverrideMismatch);
        }
    }
    assert_eq!((held.snapshot().excess, held.snapshot().shortfall), (20, 0));
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
        let mut held = of_600_in(total, tolerant);
        let shards = read_as(&mut held, "honest", &[0, 1, 2]);
        if !sealed {
            refused(held.send(held.seal(&shards)), BulkheadError::TotalMismatch);
            continue;
        }
        held.must(held.seal(&shards));
        let snapshot = held.snapshot();
        assert_eq!((snapshot.flags, snapshot.total), (0, 600));
        assert_eq!((snapshot.excess, snapshot.shortfall), (excess, shortfall));
    }
}

/// Who leaves somebody out within the tolerance is corrected by anybody, for a day.
#[test]
fn a_seal_that_leaves_out_less_replaces_one_that_leaves_out_more() {
    const SMALL: u8 = 9;
    let with_small = |held: &mut Held| {
        held.protocol
            .write_position(&mut held.machine, &key(SMALL), &owner(SMALL), 5);
        held.protocol.write_total(&mut held.machine, 606);
    };
    let mut held = of_600_in(0, tolerant);
    with_small(&mut held);
    let unfair = read_as(&mut held, "unfair", &[0, 1, 2]);
    held.must(held.seal(&unfair));
    assert_eq!(held.snapshot().total, 600);
    let fair = read_as(&mut held, "fair", &[0, 1, 2, SMALL]);
    held.must(held.seal(&fair));
    assert_eq!((held.snapshot().total, held.snapshot().seals), (605, 2));
    // Not the other way round, and not once more the same.
    for shards in [&unfair, &fair] {
        refused(held.send(held.seal(shards)), BulkheadError::SnapshotSealed);
    }
    // A day after the first seal it stands: votes have begun.
    let mut held = of_600_in(0, tolerant);
    with_small(&mut held);
    let unfair = read_as(&mut held, "unfair", &[0, 1, 2]);
    let fair = read_as(&mut held, "fair", &[0, 1, 2, SMALL]);
    held.cranker = keypair("unfair");
    held.must(held.seal(&unfair));
    held.machine.warp_seconds(RESEAL_SECONDS);
    refused(held.send(held.seal(&fair)), BulkheadError::SnapshotSealed);
    // But for an override.
    let args = held.stated(&fair, 606);
    let authority = held.mature(&args);
    held.must(held.override_seal(authority, &fair, args));
}

/// Reading one ledger goes on when another is being restored, and ends with its own restoration.
#[test]
fn a_ledger_is_read_and_sealed_while_another_is_restored() {
    let mut held = of_600(600);
    let domain = held.protocol.domain;
    let recovering = Domain {
        state: phase::RECOVERING,
        restoration: pda::restoration(&held.incident, 0),
        ..held.machine.load(&domain)
    };
    forge(&mut held.machine, &domain, &recovering);
    let shards = read_as(&mut held, "honest", &[0, 1, 2]);
    held.must(held.seal(&shards));
    let args = held.stated(&shards, 600);
    let authority = held.mature(&args);
    let own = pda::restoration(&held.incident, 1);
    forge(&mut held.machine, &own, &Restoration::zeroed());
    refused(held.send(held.seal(&shards)), BulkheadError::LedgerRestored);
    refused(
        held.send(held.override_seal(authority, &shards, args)),
        BulkheadError::LedgerRestored,
    );
    assert_eq!(held.snapshot().seals, 1);
}

/// A checkpoint's snapshot is sealed from the start, and nothing is read into it.
#[test]
fn a_checkpoints_snapshot_is_not_sealed_again() {
    let mut held = of_600(600);
    let shards = read_as(&mut held, "honest", &[0, 1, 2]);
    let checkpoint = Snapshot {
        state: snapshot_state::SEALED,
        source: snapshot_source::CHECKPOINT,
        ..held.snapshot()
    };
    let key = held.snapshot;
    forge(&mut held.machine, &key, &checkpoint);
    refused(held.send(held.seal(&shards)), BulkheadError::ForeignAccount);
    refused(held.send(held.open_shard(1)), BulkheadError::ForeignAccount);
}

/// The balance of a token account, and the supply of a token, cannot be registered without that tolerance.
#[test]
fn a_total_that_others_can_move_needs_a_tolerance() {
    let mut held = Held::in_set_up();
    let with = |held: &Held, account: Pubkey, offset, shortfall_bps, excess_bps| RegisterLedgerArgs {
        total: TotalConfig {
            account,
            program: anchor_spl::token::ID,
            offset,
            width: 8,
            unit: total_unit::HOST,
            shortfall_bps,
            excess_bps,
        },
        ..held.protocol.ledger_args(1)
    };
    let (balance, supply) = (held.protocol.custody(), held.protocol.mint);
    for args in [with(&held, balance, 64, 0, 1), with(&held, supply, 36, 1, 0)] {
        refused(held.register(args), BulkheadError::TotalMovable);
    }
    for args in [
        // Too much, at another place, and of the other kind of account.
        with(&held, balance, 64, 101, 0),
        with(&held, supply, 36, 0, 101),
        with(&held, balance, 65, 1, 1),
    ] {
        refused(held.register(args), BulkheadError::InvalidLedger);
    }
    for args in [with(&held, supply, 64, 1, 1), with(&held, balance, 36, 1, 1)] {
        refused(held.register(args), BulkheadError::TotalUnreadable);
    }
    let args = with(&held, balance, 64, 1, 0);
    held.register(args).expect("others can add to it, as far as that");
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
    let mut held = Held::reading(tolerant);
    let mut all = vec![];
    let mut write = |held: &mut Held, key: Pubkey, amount: u64| {
        held.protocol.write_position(&mut held.machine, &key, &owner(0), amount);
        all.push(key);
    };
    for shard in 0..8u8 {
        write(&mut held, at(shard, 0), LARGE);
        write(&mut held, at(shard, 1), 1 << shard);
    }
    write(&mut held, at(15, 0), VICTIM);
    held.protocol.write_total(&mut held.machine, 8 * LARGE + 255 + VICTIM);
    let large: Vec<_> = (0..8).map(|shard| at(shard, 0)).collect();
    held.cranker = keypair("without crumbs");
    let without = held.crank(&large);
    held.cranker = keypair("with crumbs");
    let with = held.crank(&all[..16]);
    held.cranker = keypair("honest");
    let honest = held.crank(&all);

    let crankers = [keypair("without crumbs"), keypair("with crumbs")];
    let names = [crankers[0].pubkey(), crankers[1].pubkey()];
    let total_account = held.ledger().total_account;
    for crumbs in 0..=255u8 {
        let shards: Vec<_> = (0..8)
            .map(|shard| [&without, &with][usize::from(crumbs >> shard & 1)][shard])
            .collect();
        let domain = held.protocol.domain;
        let seal = ix::seal_snapshot(domain, held.incident, 1, total_account, &shards, &names);
        held.protocol
            .must(&mut held.machine, &[seal], &[&crankers[0], &crankers[1]]);
    }
    assert_eq!((held.snapshot().seals, held.snapshot().shortfall), (256, VICTIM));
    held.must(held.seal(&honest));
    let sealed = held.snapshot();
    assert_eq!((sealed.seals, sealed.shortfall), (257, 0));
    assert_eq!(held.machine.load::<SnapshotShard>(&honest[0]).seal, 257);
}

/// What somebody is still reading is not sealed under him, though it is within the tolerance: he says when he is done. Who
/// waits for him in vain reads into shards of his own.
#[test]
fn a_half_read_shard_is_sealed_by_its_cranker_alone() {
    let mut held = of_600_in(0, tolerant);
    held.protocol.write_position(&mut held.machine, &key(9), &owner(9), 5);
    held.protocol.write_total(&mut held.machine, 605);
    let honest = read_as(&mut held, "honest", &[0, 1, 2]);
    held.cranker = keypair("stranger");
    refused(held.send(held.seal(&honest)), BulkheadError::NotShardCranker);
    let own = read_as(&mut held, "stranger", &[0, 1, 2]);
    held.must(held.seal(&own));
    assert_eq!(held.snapshot().shortfall, 5);
    // He goes on, and what leaves out nobody is sealed by anyone: there is nothing left to read.
    held.cranker = keypair("honest");
    held.must(held.ingest(SHARD, &[key(9)]));
    held.cranker = keypair("anyone");
    held.must(held.seal(&honest));
    assert_eq!((held.snapshot().seals, held.snapshot().shortfall), (2, 0));
}

/// The council has approved an override, sees that it leaves somebody out, and approves a later one. Whichever is cranked
/// first, the later decision holds.
#[test]
fn the_later_of_two_overrides_holds_whichever_is_cranked_first() {
    for is_early_first in [true, false] {
        let mut held = of_600(0);
        let some = read_as(&mut held, "some", &[0, 1]);
        let all = read_as(&mut held, "all", &[0, 1, 2]);
        let early = held.stated(&some, 0);
        let early_authority = held.mature(&early);
        let late = held.stated(&all, 0);
        let late_authority = held.mature(&late);
        held.machine.next_slot();
        let early = held.override_seal(early_authority, &some, early);
        let late = held.override_seal(late_authority, &all, late);
        if is_early_first {
            held.must(early);
            held.must(late);
        } else {
            held.must(late);
            refused(held.send(early), BulkheadError::SnapshotSealed);
        }
        assert_eq!((held.snapshot().count, held.snapshot().total), (3, 600));
    }
}

/// A vote over what a better seal may replace would be lost: the snapshot comes on the ballot when its day is over, or at
/// once when nothing was left out.
#[test]
fn a_seal_that_may_still_be_replaced_is_not_voted_on() {
    let mut held = of_600_in(606, tolerant);
    let shards = read_as(&mut held, "honest", &[0, 1, 2]);
    held.must(held.seal(&shards));
    let (domain, payer) = (held.protocol.domain, held.machine.payer.pubkey());
    held.must(ix::open_ballot(domain, payer, payer, held.incident, 1));
    let ballot = pda::ballot(&held.incident, 1);
    let add = ix::add_candidate(domain, payer, ballot, held.snapshot);
    held.machine.warp_seconds(RESEAL_SECONDS - 1);
    refused(held.send(add.clone()), BulkheadError::SnapshotUnsettled);
    held.machine.warp_seconds(1);
    held.must(add);
}

/// A thief's position is read, moved behind, and read again: within the excess, so it is sealed. What reads everything at
/// one moment is nearer to the host's total and replaces it, for a day; until then it is not voted on.
#[test]
fn a_seal_in_excess_makes_way_for_one_that_is_nearer() {
    const BEHIND: u8 = 9;
    let twice = || {
        let mut held = of_600_in(600, tolerant);
        let thief = held.machine.payer.pubkey();
        held.protocol.write_position(&mut held.machine, &key(0), &thief, 5);
        held.protocol.write_position(&mut held.machine, &key(BEHIND), &thief, 0);
        held.protocol.write_total(&mut held.machine, 505);
        let shards = read_as(&mut held, "thief", &[0, 1, 2]);
        held.protocol.write_position(&mut held.machine, &key(0), &thief, 0);
        held.protocol.write_position(&mut held.machine, &key(BEHIND), &thief, 5);
        held.must(held.ingest(SHARD, &[key(BEHIND)]));
        held.must(held.seal(&shards));
        assert_eq!((held.snapshot().total, held.snapshot().excess), (510, 5));
        (held, shards)
    };
    let (mut held, theirs) = twice();
    let (domain, payer) = (held.protocol.domain, held.machine.payer.pubkey());
    held.must(ix::open_ballot(domain, payer, payer, held.incident, 1));
    let (ballot, snapshot) = (pda::ballot(&held.incident, 1), held.snapshot);
    let add = ix::add_candidate(domain, payer, ballot, snapshot);
    refused(held.send(add.clone()), BulkheadError::SnapshotUnsettled);
    let exact = read_as(&mut held, "honest", &[0, 1, 2, BEHIND]);
    held.must(held.seal(&exact));
    let sealed = held.snapshot();
    assert_eq!((sealed.total, sealed.excess, sealed.seals), (505, 0, 2));
    held.must(add);

    // It was the host's total to the unit, and is the last word: a holder who burns what was read of him does not have it
    // replaced by a seal that leaves out somebody else.
    held.protocol.write_total(&mut held.machine, 500);
    let without = read_as(&mut held, "burner", &[1, 2]);
    for shards in [&without, &theirs] {
        refused(held.send(held.seal(shards)), BulkheadError::SnapshotSealed);
    }

    // A day after the first it stands.
    let (mut held, _) = twice();
    let exact = read_as(&mut held, "honest", &[0, 1, 2, BEHIND]);
    held.machine.warp_seconds(RESEAL_SECONDS);
    refused(held.send(held.seal(&exact)), BulkheadError::SnapshotSealed);
}

/// Of one that is above the host's total and one that is below, the nearer is kept.
#[test]
fn excess_and_shortfall_are_held_against_each_other() {
    const SMALL: u8 = 9;
    let mut held = of_600_in(602, tolerant);
    held.protocol
        .write_position(&mut held.machine, &key(SMALL), &owner(SMALL), 6);
    let all = read_as(&mut held, "all", &[0, 1, 2, SMALL]);
    held.must(held.seal(&all));
    assert_eq!((held.snapshot().excess, held.snapshot().shortfall), (4, 0));
    let few = read_as(&mut held, "few", &[0, 1, 2]);
    held.must(held.seal(&few));
    assert_eq!((held.snapshot().excess, held.snapshot().shortfall), (0, 2));
    held.cranker = keypair("all");
    refused(held.send(held.seal(&all)), BulkheadError::SnapshotSealed);
}
