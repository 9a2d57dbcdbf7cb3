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
