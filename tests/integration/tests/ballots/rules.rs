//! Cool-off, dispute window and vetoes on the built program.

use bulkhead_tests::weights::{COOL, DISPUTE, disputed, set_rules};

use super::*;

/// Three voters, and a ballot by rules with a vote that runs.
fn ruled() -> (Machine, Recovery, [Keypair; 3]) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, disputed());
    let recovery = Recovery::sealed(&mut machine, protocol, positions(8));
    let voters = [("a", 400), ("b", 350), ("c", 50)].map(|(name, amount)| recovery.voter(&mut machine, name, amount));
    recovery.nominate(&mut machine);
    let thief = checkpoint(&mut machine, &recovery, "the thief's");
    let member = recovery.protocol.members[1].insecure_clone();
    let add = ix::add_candidate(recovery.protocol.domain, member.pubkey(), recovery.ballot, thief);
    recovery.protocol.must(&mut machine, &[add], &[&member]);
    machine.warp_seconds(DISPUTE - NOMINATION_SECONDS);
    recovery.start(&mut machine);
    (machine, recovery, voters)
}

fn veto(machine: &mut Machine, recovery: &Recovery, by: &Keypair) -> Result<Outcome, Failure> {
    let veto = ix::veto_ballot(recovery.protocol.domain, by.pubkey(), recovery.ballot);
    machine.send(&[veto], &[by])
}

/// The whale waits until nobody can answer. It does not count; a vote for none does, and a vote can be taken back.
#[test]
fn a_late_whale_makes_nothing_win() {
    let (mut machine, recovery, [whale, honest, other]) = ruled();
    recovery.vote(&mut machine, &honest, 0).expect("voting");
    machine.warp_seconds(VOTE_SECONDS - COOL);
    refused(recovery.vote(&mut machine, &whale, 1), BulkheadError::OnlyNoneCounts);
    recovery.vote(&mut machine, &other, CHOICE_NONE).expect("it tightens");
    recovery.vote(&mut machine, &honest, CHOICE_NONE).expect("taken back");
    let ballot = recovery.ballot(&machine);
    assert_eq!(
        (ballot.candidates[0].votes, ballot.none_votes, ballot.late_votes),
        (0, 400, 50)
    );
    let record: VoteRecord = machine.load(&pda::vote_record(&recovery.ballot, &honest.pubkey()));
    assert_eq!((record.choice, record.weight), (CHOICE_NONE, 350));
    refused(
        recovery.vote(&mut machine, &honest, CHOICE_NONE),
        BulkheadError::AlreadyVoted,
    );
}

/// A candidate of the last moment gives everybody the window again.
#[test]
fn candidates_stand_before_a_vote() {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, disputed());
    let recovery = Recovery::sealed(&mut machine, protocol, positions(8));
    recovery.nominate(&mut machine);
    machine.warp_seconds(DISPUTE - 10);
    let late = checkpoint(&mut machine, &recovery, "late");
    let member = recovery.protocol.members[1].insecure_clone();
    let domain = recovery.protocol.domain;
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, late);
    recovery.protocol.must(&mut machine, &[add], &[&member]);
    let start = ix::start_voting(
        domain,
        member.pubkey(),
        recovery.incident,
        recovery.ballot,
        recovery.protocol.governance_mint,
    );
    machine.warp_seconds(DISPUTE - 10);
    refused(
        machine.send(std::slice::from_ref(&start), &[&member]),
        BulkheadError::CandidatesChanged,
    );
    machine.warp_seconds(10);
    recovery.protocol.must(&mut machine, &[start], &[&member]);
}

/// The result waits; a vetoer sends it back; chosen again, it stands whatever the vetoer wants.
#[test]
fn a_captured_council_delays_and_does_not_take_away() {
    let (mut machine, recovery, [a, b, _]) = ruled();
    for voter in [&a, &b] {
        recovery.vote(&mut machine, voter, 0).expect("voting");
    }
    machine.warp_seconds(VOTE_SECONDS);
    refused(veto(&mut machine, &recovery, &a), BulkheadError::NotAMember);
    let approver = recovery.protocol.members[4].insecure_clone();
    refused(veto(&mut machine, &recovery, &approver), BulkheadError::RoleMissing);
    let vetoer = recovery.protocol.members[3].insecure_clone();
    veto(&mut machine, &recovery, &vetoer).expect("it does not stand");
    let ballot = recovery.ballot(&machine);
    assert_eq!(
        (ballot.state, ballot.round, ballot.vetoes),
        (ballot_state::NOMINATING, 1, 1)
    );

    for voter in [&a, &b] {
        let close = ix::close_vote_record(recovery.ballot, voter.pubkey());
        recovery.protocol.must(&mut machine, &[close], &[]);
    }
    machine.warp_seconds(DISPUTE - NOMINATION_SECONDS);
    recovery.start(&mut machine);
    for voter in [&a, &b] {
        recovery.vote(&mut machine, voter, 0).expect("again");
    }
    machine.warp_seconds(VOTE_SECONDS);
    refused(veto(&mut machine, &recovery, &vetoer), BulkheadError::VetoesSpent);
    machine.warp_seconds(DISPUTE);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("what the holders chose twice");
}

/// A thief wins the vote. It waits, is sent back at once, and the holders who slept vote it down.
#[test]
fn a_captured_vote_is_sent_back() {
    let (mut machine, recovery, [thief, honest, other]) = ruled();
    recovery.vote(&mut machine, &thief, 1).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    let vetoer = recovery.protocol.members[3].insecure_clone();
    veto(&mut machine, &recovery, &vetoer).expect("it does not stand");
    machine.warp_seconds(DISPUTE - NOMINATION_SECONDS);
    recovery.start(&mut machine);
    for voter in [&honest, &other] {
        recovery.vote(&mut machine, voter, 0).expect("voting");
    }
    machine.warp_seconds(VOTE_SECONDS + DISPUTE);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("what the holders chose");
}

/// Rules are fixed in peace, and a ballot that is open keeps those it was opened by.
#[test]
fn rules_are_fixed_in_peace() {
    let (mut machine, protocol) = world();
    let early = protocol.mature(&mut machine, &disputed());
    let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
    let protocol = &recovery.protocol;
    let payer = machine.payer.pubkey();
    refused(
        machine.send(&[ix::set_ballot_rules(early, payer, disputed())], &[]),
        BulkheadError::WrongPhase,
    );
    let (propose, _) = protocol.proposing(&machine, &disputed());
    refused(
        machine.send(&[propose], &[&protocol.members[0]]),
        BulkheadError::WrongPhase,
    );
    recovery.nominate(&mut machine);
    assert_eq!(recovery.ballot(&machine).dispute_seconds, 0);
}
