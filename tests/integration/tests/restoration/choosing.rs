//! The vote's winner and a matured proposal: neither alone restores, and what has been chosen stays.

use super::*;

#[test]
fn the_winner_is_restored() {
    let (machine, recovery) = restored(40);
    let domain = recovery.protocol.state(&machine);
    assert_eq!(
        (domain.state, domain.restoration),
        (phase::RECOVERING, recovery.restoration)
    );
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!((plan.total, plan.count), (recovery.tree.root().sum, 40));
    assert_eq!(
        (plan.snapshot, plan.pool, plan.decimals),
        (recovery.snapshot, recovery.pool(), 6)
    );
    assert!(recovery.protocol.incident(&machine).steps[step::RESTORATION].slot > 0);
}

#[test]
fn neither_vote_nor_proposal_alone_restores() {
    let (mut machine, recovery) = frozen(positions(40));
    let voter = recovery.voter(&mut machine, "a", 900);
    let other = recovery.voter(&mut machine, "b", 100);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::BallotStillVoting,
    );
    let unproposed = ix::Authority {
        proposal: None,
        ..authority
    };
    refused(
        recovery.choose(&mut machine, unproposed, recovery.args()),
        BulkheadError::ProposalRequired,
    );
    let elsewhere = ChooseRestorationArgs {
        root: [1; 32],
        ..recovery.args()
    };
    refused(
        recovery.choose(&mut machine, authority, elsewhere),
        BulkheadError::PayloadMismatch,
    );

    recovery.vote(&mut machine, &other, 0).expect("voting");
    recovery.vote(&mut machine, &voter, CHOICE_NONE).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::NotTheWinner,
    );
    assert_eq!(recovery.protocol.state(&machine).state, phase::FROZEN);
}

#[test]
fn nothing_is_restored_below_the_quorum() {
    let (mut machine, recovery) = frozen(positions(40));
    let few = recovery.voter(&mut machine, "few", 99);
    recovery.voter(&mut machine, "many", 901);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &few, 0).expect("voting");
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    machine.warp_seconds(VOTE_SECONDS);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::QuorumNotReached,
    );
}

#[test]
fn only_the_sealed_snapshot_of_the_ballots_own_ledger_is_restored() {
    let (mut machine, recovery) = frozen(positions(40));
    recovery.elect(&mut machine);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery.write_snapshot(&mut machine, snapshot_state::OPEN);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::SnapshotNotSealed,
    );
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);
    let ballot: Ballot = machine.load(&recovery.ballot);
    forge(
        &mut machine,
        &recovery.ballot,
        &Ballot {
            ledger_index: LEDGER + 1,
            ..ballot
        },
    );
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::ForeignAccount,
    );
    forge(&mut machine, &recovery.ballot, &ballot);
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("it won");
}

/// Fault B, this side of it: claims do not ask what became of the snapshot since.
#[test]
fn a_state_that_becomes_void_after_it_was_chosen_stays_claimable() {
    let (mut machine, recovery) = restored(30);
    recovery.pay_out(&mut machine, 20_000);
    recovery.write_snapshot(&mut machine, snapshot_state::VOID);
    let leaf = leaves(&recovery)[3];
    recovery.claim(&mut machine, &leaf.key).expect("chosen is chosen");
}

/// A reopening knows of every restoration there is: the second ledger's, chosen since, voids it as the first would.
#[test]
fn a_reopening_knows_of_every_restoration() {
    let (mut machine, recovery) = restored(20);
    let protocol = &recovery.protocol;
    machine.next_slot();
    let args = ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let reopen = protocol.mature(&mut machine, &args);
    // Ledger 1 has its vote as well, as it would have been held.
    let second = pda::snapshot(&recovery.incident, 1);
    let mut snapshot: Snapshot = machine.load(&recovery.snapshot);
    snapshot.ledger_index = 1;
    snapshot.tag = merkle::tag(&bulkhead::ID, &second, 1);
    forge(&mut machine, &second, &snapshot);
    let mut ballot: Ballot = machine.load(&recovery.ballot);
    ballot.ledger_index = 1;
    ballot.candidates[0].snapshot = second;
    forge(&mut machine, &pda::ballot(&recovery.incident, 1), &ballot);
    let mut choose = recovery.args();
    (choose.ledger_index, choose.snapshot) = (1, second);
    let by = protocol.mature(&mut machine, &choose);
    recovery
        .choose(&mut machine, by, choose)
        .expect("the second ledger's restoration");
    machine.next_slot();
    refused(
        machine.send(&[ix::reopen(reopen, args.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    assert_eq!(protocol.state(&machine).state, phase::RECOVERING);
    let reopen = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::reopen(reopen, args)], &[]);
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
}
