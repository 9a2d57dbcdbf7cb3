//! A majority of the quorum chooses, and a vote that leads nowhere is run again.

use super::*;

#[test]
fn a_majority_of_the_quorum_chooses() {
    let (mut machine, recovery, [a, b, c]) = voting();
    recovery.vote(&mut machine, &a, 0).expect("voting");
    recovery.vote(&mut machine, &b, CHOICE_NONE).expect("voting");
    recovery.vote(&mut machine, &c, CHOICE_NONE).expect("voting");

    let ballot = recovery.ballot(&machine);
    assert_eq!(
        (ballot.candidates[0].votes, ballot.none_votes, ballot.quorum),
        (700, 300, 100)
    );
    assert!(recovery.protocol.incident(&machine).steps[step::BALLOT].slot > 0);
    let record: VoteRecord = machine.load(&pda::vote_record(&recovery.ballot, &a.pubkey()));
    assert_eq!((record.weight, record.choice, record.voter), (700, 0, a.pubkey()));
    machine.warp_seconds(VOTE_SECONDS);
    assert_eq!(
        bulkhead_core::ballots::ballot::winner(&recovery.ballot(&machine), machine.clock().unix_timestamp),
        Ok(0)
    );
}

#[test]
fn a_vote_costs_what_it_may() {
    let (mut machine, recovery, voters) = voting();
    for voter in &voters {
        let outcome = recovery.vote(&mut machine, voter, 0).expect("voting");
        assert!(outcome.compute_units <= 12_000, "{} units", outcome.compute_units);
    }
}

/// What is voted on is a root: an account that says something else later is another state.
#[test]
fn a_snapshot_sealed_again_after_the_vote_is_not_what_was_chosen() {
    let (mut machine, recovery, [a, ..]) = voting();
    recovery.vote(&mut machine, &a, 0).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    let payer = machine.payer.pubkey();
    let renew = ix::renew_ballot(
        recovery.protocol.domain,
        payer,
        recovery.ballot,
        Some(recovery.snapshot),
    );
    refused(
        machine.send(std::slice::from_ref(&renew), &[]),
        BulkheadError::BallotDecided,
    );
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    let again = Snapshot {
        root: [7; 32],
        ..sealed
    };
    forge(&mut machine, &recovery.snapshot, &again);
    let args = ChooseRestorationArgs {
        root: [7; 32],
        ..recovery.args()
    };
    let authority = recovery.protocol.mature(&mut machine, &args);
    refused(
        recovery.choose(&mut machine, authority, args),
        BulkheadError::NotTheWinner,
    );
    recovery.protocol.must(&mut machine, &[renew], &[]);
    let add = ix::add_candidate(recovery.protocol.domain, payer, recovery.ballot, recovery.snapshot);
    recovery.protocol.must(&mut machine, &[add], &[]);
    assert_eq!(recovery.ballot(&machine).candidates[0].root, [7; 32]);
}

#[test]
fn a_ballot_of_an_earlier_incident_is_over() {
    let (mut machine, recovery) = frozen();
    recovery.nominate(&mut machine);
    let (domain, member) = (recovery.protocol.domain, &recovery.protocol.members[0]);
    let mut state: Domain = machine.load(&domain);
    state.open_incident = keypair("later incident").pubkey();
    forge(&mut machine, &domain, &state);
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
    refused(machine.send(&[add], &[member]), BulkheadError::IncidentNotOpen);
}

#[test]
fn one_vote_a_voter_and_only_while_voting() {
    let (mut machine, recovery) = frozen();
    let voter = recovery.voter(&mut machine, "a", 700);
    let empty = keypair("empty");
    let payer = machine.payer.pubkey();
    let open = ix::open_escrow(recovery.protocol.domain, empty.pubkey(), payer);
    recovery.protocol.must(&mut machine, &[open], &[&empty]);
    recovery.nominate(&mut machine);
    refused(recovery.vote(&mut machine, &voter, 0), BulkheadError::BallotNotVoting);
    recovery.start(&mut machine);
    refused(recovery.vote(&mut machine, &voter, 1), BulkheadError::NoSuchCandidate);
    refused(recovery.vote(&mut machine, &empty, 0), BulkheadError::EscrowTooSmall);
    recovery.vote(&mut machine, &voter, 0).expect("voting");
    refused(recovery.vote(&mut machine, &voter, 0), BulkheadError::AlreadyVoted);
    assert_eq!(recovery.ballot(&machine).candidates[0].votes, 700);
    // It can be taken back, and nothing else, and not twice.
    recovery.vote(&mut machine, &voter, CHOICE_NONE).expect("taken back");
    for choice in [0, CHOICE_NONE] {
        refused(recovery.vote(&mut machine, &voter, choice), BulkheadError::AlreadyVoted);
    }
    let ballot = recovery.ballot(&machine);
    assert_eq!((ballot.candidates[0].votes, ballot.none_votes), (0, 700));
    machine.warp_seconds(VOTE_SECONDS);
    refused(recovery.vote(&mut machine, &empty, 0), BulkheadError::BallotNotVoting);
}

#[test]
fn what_comes_after_a_vote_does_not_add_to_it() {
    let (mut machine, recovery, [a, ..]) = voting();
    recovery.vote(&mut machine, &a, 0).expect("voting");
    let protocol = &recovery.protocol;
    let source = machine.create_associated(&protocol.governance_mint, &a.pubkey(), 500);
    let deposit = ix::deposit_votes(
        protocol.domain,
        a.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        500,
    );
    protocol.must(&mut machine, &[deposit], &[&a]);
    assert_eq!(recovery.ballot(&machine).candidates[0].votes, 700);
    refused(
        machine.send(&[withdraw(&recovery, &a, 500)], &[&a]),
        BulkheadError::EscrowLocked,
    );
    let deposit = ix::deposit_votes(
        protocol.domain,
        a.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        0,
    );
    refused(machine.send(&[deposit], &[&a]), BulkheadError::ZeroAmount);
}

#[test]
fn a_vote_without_a_winner_is_run_again() {
    let (mut machine, recovery, [a, _, c]) = voting();
    let (domain, member) = (recovery.protocol.domain, recovery.protocol.members[2].insecure_clone());
    let renew = ix::renew_ballot(domain, member.pubkey(), recovery.ballot, None);
    recovery.vote(&mut machine, &c, CHOICE_NONE).expect("voting");
    refused(
        machine.send(std::slice::from_ref(&renew), &[&member]),
        BulkheadError::BallotStillVoting,
    );
    let close = ix::close_vote_record(recovery.ballot, c.pubkey());
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::BallotStillVoting,
    );

    machine.warp_seconds(VOTE_SECONDS);
    recovery
        .protocol
        .must(&mut machine, std::slice::from_ref(&renew), &[&member]);
    let ballot = recovery.ballot(&machine);
    assert_eq!(
        (ballot.state, ballot.round, ballot.none_votes),
        (ballot_state::NOMINATING, 1, 0)
    );

    recovery.start(&mut machine);
    assert!(
        recovery.vote(&mut machine, &c, 0).is_err(),
        "the old record is in the way until it is closed"
    );
    recovery.protocol.must(&mut machine, std::slice::from_ref(&close), &[]);
    recovery.vote(&mut machine, &c, 0).expect("a new round");
    refused(machine.send(&[close], &[]), BulkheadError::BallotStillVoting);
    recovery.vote(&mut machine, &a, 0).expect("a new round");
    machine.warp_seconds(VOTE_SECONDS);
    refused(machine.send(&[renew], &[&member]), BulkheadError::BallotDecided);
}

/// The borrower has a tenth of the supply, and nobody else votes in time. That state is a sealed one, so the vote is won;
/// the council does not restore it. When there was time to do so the other nine tenths vote again.
#[test]
fn a_vote_that_was_won_and_not_restored_is_run_again() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(40));
    let honest = recovery.voter(&mut machine, "honest", 900);
    let borrower = recovery.voter(&mut machine, "borrower", 100);
    recovery.nominate(&mut machine);
    let old = keypair("old checkpoint").pubkey();
    let other = Snapshot {
        source: snapshot_source::CHECKPOINT,
        root: [7; 32],
        ..machine.load(&recovery.snapshot)
    };
    forge(&mut machine, &old, &other);
    let member = recovery.protocol.members[1].insecure_clone();
    let domain = recovery.protocol.domain;
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, old);
    recovery.protocol.must(&mut machine, &[add], &[&member]);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &borrower, 1).expect("a quorum");
    machine.warp_seconds(VOTE_SECONDS);
    let ended = machine.clock().unix_timestamp;

    // What the holders would choose cannot be restored, and until there was time for two proposals nobody is asked again.
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::NotTheWinner,
    );
    let payer = machine.payer.pubkey();
    let renew = |stale| ix::renew_ballot(domain, payer, recovery.ballot, stale);
    let council: Council = machine.load(&pda::council(&domain));
    let delay = council.policies[usize::from(class::RESTORATION)].delay_seconds;
    let left = ended + ballot::patience(delay) - machine.clock().unix_timestamp;
    machine.warp_seconds(left - 1);
    for stale in [None, Some(old), Some(recovery.snapshot)] {
        refused(machine.send(&[renew(stale)], &[]), BulkheadError::BallotDecided);
    }
    machine.warp_seconds(1);
    recovery.protocol.must(&mut machine, &[renew(None)], &[]);
    // It takes nothing from who had won, until another vote has a result.
    assert_eq!(recovery.ballot(&machine).elected, old);

    recovery.start(&mut machine);
    recovery.vote(&mut machine, &honest, 0).expect("asked again");
    machine.warp_seconds(VOTE_SECONDS);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("what the holders chose");
}
