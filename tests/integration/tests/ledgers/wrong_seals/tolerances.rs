//! How far the sum may be from the host's total, and what is sealed by whom.

use super::*;

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

/// What somebody is still reading is not sealed before they finish, though it is within the tolerance: they say when they are done. Who
/// waits in vain reads into shards of their own.
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
    // They go on, and what leaves out nobody is sealed by anyone: there is nothing left to read.
    frozen.cranker = keypair("honest");
    frozen.must(frozen.ingest(SHARD, &[key(9)]));
    frozen.cranker = keypair("anyone");
    frozen.must(frozen.seal(&honest));
    assert_eq!((frozen.snapshot().seals, frozen.snapshot().shortfall), (2, 0));
}
