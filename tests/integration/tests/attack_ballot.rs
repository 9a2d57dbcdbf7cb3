//! One vote that was won with a quorum's worth of borrowed tokens locks the incident's restoration for ever.

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError;
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{kind, phase, snapshot_source},
    layout::Snapshot,
};
use bulkhead_sim::{VOTE_SECONDS, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules},
    recovery::{Recovery, forge, positions},
    refused, world,
};
use solana_signer::Signer;

/// The borrower has a tenth of the supply, and nobody else votes in time. His state is a sealed one, so the vote is won;
/// the council does not restore it. Nine tenths of the supply cannot vote again, a year later either.
#[test]
fn a_vote_that_was_won_once_is_never_held_again() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(40));
    let honest = recovery.voter(&mut machine, "honest", 900);
    let borrower = recovery.voter(&mut machine, "borrower", 100);
    recovery.nominate(&mut machine);
    // A checkpoint that pays the thief what it has withdrawn since.
    let old: Pubkey = keypair("old checkpoint").pubkey();
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    let other = Snapshot {
        source: snapshot_source::CHECKPOINT,
        root: [7; 32],
        ..sealed
    };
    forge(&mut machine, &old, &other);
    let member = recovery.protocol.members[1].insecure_clone();
    let add = ix::add_candidate(recovery.protocol.domain, member.pubkey(), recovery.ballot, old);
    recovery.protocol.must(&mut machine, &[add], &[&member]);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &borrower, 1).expect("a quorum");
    machine.warp_seconds(VOTE_SECONDS);

    // What the holders would choose cannot be restored.
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::CHOOSE_RESTORATION, &recovery.args());
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::NotTheWinner,
    );
    // And they are not asked again.
    for _ in 0..12 {
        machine.warp_seconds(30 * 86_400);
        let payer = machine.payer.pubkey();
        for stale in [None, Some(old), Some(recovery.snapshot)] {
            let renew = ix::renew_ballot(recovery.protocol.domain, payer, recovery.ballot, stale);
            refused(machine.send(&[renew], &[]), BulkheadError::BallotDecided);
        }
    }
    refused(recovery.vote(&mut machine, &honest, 0), BulkheadError::BallotNotVoting);
    assert_eq!(recovery.protocol.state(&machine).state, phase::HELD);
}

/// A checkpoint has won. Then a matured proposal (it may be from peace) has the log want published leaves, which the
/// attesters keep to themselves. The winner cannot be restored, is not void, and the vote is not held again.
#[test]
fn what_may_not_be_restored_any_more_stays_the_winner() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let log = watched.log;
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    recovery.elect(&mut machine);
    let mut stricter = rules();
    stricter.published_only = true;
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::OPEN_CHECKPOINT_LOG, &stricter);
    let payer = machine.payer.pubkey();
    let open = ix::open_checkpoint_log(authority, payer, stricter);
    recovery.protocol.must(&mut machine, &[open], &[]);

    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, kind::CHOOSE_RESTORATION, &args);
    refused(
        recovery.choose(&mut machine, authority, args),
        BulkheadError::CheckpointNotPublished,
    );
    let void = ix::void_checkpoint_snapshot(log, recovery.incident, recovery.snapshot);
    refused(machine.send(&[void], &[]), BulkheadError::CheckpointStands);
    let domain = recovery.protocol.domain;
    let renew = ix::renew_ballot(domain, payer, recovery.ballot, Some(recovery.snapshot));
    refused(machine.send(&[renew], &[]), BulkheadError::BallotDecided);
}
