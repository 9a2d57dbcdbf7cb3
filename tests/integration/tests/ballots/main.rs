//! Token holders choose; escrow keeps them honest.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError,
    instructions::{ChooseRestorationArgs, OpenDomainArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::ballot;
use bulkhead_interface::{
    constants::{
        CHOICE_NONE, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, ballot_state, class, snapshot_source,
        snapshot_state, step,
    },
    layout::{Council, Domain, Snapshot, VoteRecord, VoterEscrow},
};
use bulkhead_testbed::{Machine, VOTE_SECONDS, associated_token, council_config, keypair};
use bulkhead_tests::{
    recovery::{LEDGER, Recovery, forge, positions},
    refused, world,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Where a mint keeps who may freeze its accounts.
const FREEZE_AUTHORITY: usize = 46;

fn frozen() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(40));
    (machine, recovery)
}

fn voting() -> (Machine, Recovery, [Keypair; 3]) {
    let (mut machine, recovery) = frozen();
    let voters = [("a", 700), ("b", 250), ("c", 50)].map(|(name, amount)| recovery.voter(&mut machine, name, amount));
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    (machine, recovery, voters)
}

fn withdraw(recovery: &Recovery, voter: &Keypair, amount: u64) -> Instruction {
    let protocol = &recovery.protocol;
    let destination = associated_token(&voter.pubkey(), &protocol.governance_mint);
    ix::withdraw_votes(
        protocol.domain,
        voter.pubkey(),
        destination,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        amount,
    )
}

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
        bulkhead_core::ballot::winner(&recovery.ballot(&machine), machine.clock().unix_timestamp),
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

/// A sealed snapshot of a checkpoint, as `open_checkpoint_snapshot` makes it.
fn checkpoint(machine: &mut Machine, recovery: &Recovery, name: &str) -> Pubkey {
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    let key = keypair(name).pubkey();
    let state = Snapshot {
        source: snapshot_source::CHECKPOINT,
        checkpoint_slot: 5,
        root: key.to_bytes(),
        ..sealed
    };
    forge(machine, &key, &state);
    key
}

fn start_by(recovery: &Recovery, signer: &Keypair) -> Instruction {
    let protocol = &recovery.protocol;
    ix::start_voting(
        protocol.domain,
        signer.pubkey(),
        recovery.incident,
        recovery.ballot,
        protocol.governance_mint,
    )
}

#[test]
fn anyone_opens_a_ballot_and_puts_the_incidents_own_snapshot_on_it() {
    let (mut machine, recovery) = frozen();
    let (domain, payer, stranger) = (recovery.protocol.domain, machine.payer.pubkey(), keypair("stranger"));
    let open = ix::open_ballot(domain, stranger.pubkey(), payer, recovery.incident, LEDGER);
    let add = ix::add_candidate(domain, stranger.pubkey(), recovery.ballot, recovery.snapshot);
    recovery.protocol.must(&mut machine, &[open, add], &[&stranger]);
    let ballot = recovery.ballot(&machine);
    assert_eq!(
        (ballot.candidate_count, ballot.candidates[0].snapshot),
        (1, recovery.snapshot)
    );
    assert_eq!(ballot.candidates[0].nominator, Pubkey::default());
}

/// It would take rent forever, and there is nothing to vote on.
#[test]
fn a_number_without_a_ledger_gets_no_ballot() {
    let (mut machine, recovery) = frozen();
    let (domain, payer, incident) = (recovery.protocol.domain, machine.payer.pubkey(), recovery.incident);
    for number in [LEDGER + 1, u8::MAX] {
        let open = ix::open_ballot(domain, payer, payer, incident, number);
        refused(
            machine.send(std::slice::from_ref(&open), &[]),
            BulkheadError::NoSuchLedger,
        );
        // Nor does another ledger pass for it, nor what is none.
        for other in [pda::ledger(&domain, LEDGER), recovery.snapshot] {
            let mut open = open.clone();
            for meta in &mut open.accounts {
                if meta.pubkey == pda::ledger(&domain, number) {
                    meta.pubkey = other;
                }
            }
            refused(machine.send(&[open], &[]), BulkheadError::ForeignAccount);
        }
        assert!(machine.account(&pda::ballot(&incident, number)).is_none());
    }
}

#[test]
fn only_guardians_and_approvers_nominate_other_states() {
    let (mut machine, recovery) = frozen();
    recovery.nominate(&mut machine);
    let domain = recovery.protocol.domain;
    let other = checkpoint(&mut machine, &recovery, "checkpoint");
    for (member, error) in [
        (&keypair("stranger"), BulkheadError::NotAMember),
        (&recovery.protocol.members[3], BulkheadError::RoleMissing),
    ] {
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
        refused(machine.send(&[add], &[member]), error);
    }
    let member = &recovery.protocol.members[0];
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
    recovery.protocol.must(&mut machine, &[add], &[member]);
}

/// Fault C: eight old checkpoints by one key keep the honest snapshot off the ballot.
#[test]
fn one_key_fills_one_place_and_the_incidents_own_snapshot_always_has_its_own() {
    let (mut machine, recovery) = frozen();
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let thief = recovery.protocol.members[0].insecure_clone();
    let open = ix::open_ballot(domain, payer, payer, recovery.incident, LEDGER);
    recovery.protocol.must(&mut machine, &[open], &[]);
    for number in 0..8 {
        let old = checkpoint(&mut machine, &recovery, &format!("old checkpoint {number}"));
        let add = ix::add_candidate(domain, thief.pubkey(), recovery.ballot, old);
        let result = machine.send(&[add], &[&thief]);
        if number == 0 {
            result.expect("its place");
        } else {
            refused(result, BulkheadError::CandidateRefused);
        }
    }
    // Even were all the other places taken.
    let mut full = recovery.ballot(&machine);
    for (number, row) in full.candidates.iter_mut().take(7).enumerate() {
        row.snapshot = keypair(&format!("full {number}")).pubkey();
        row.nominator = keypair(&format!("nominator {number}")).pubkey();
    }
    full.candidate_count = 7;
    forge(&mut machine, &recovery.ballot, &full);
    let another = recovery.protocol.members[1].insecure_clone();
    let one_more = checkpoint(&mut machine, &recovery, "one more");
    let add = ix::add_candidate(domain, another.pubkey(), recovery.ballot, one_more);
    refused(machine.send(&[add], &[&another]), BulkheadError::CandidateRefused);
    let own = ix::add_candidate(domain, payer, recovery.ballot, recovery.snapshot);
    recovery.protocol.must(&mut machine, &[own], &[]);
    assert_eq!(recovery.ballot(&machine).candidates[7].snapshot, recovery.snapshot);
}

/// Fault L: one member starts every round before anybody can nominate.
#[test]
fn everybody_has_a_day_to_nominate_in_every_round() {
    let (mut machine, recovery) = frozen();
    let thief = recovery.protocol.members[0].insecure_clone();
    recovery.nominate(&mut machine);
    let start = start_by(&recovery, &thief);
    for _ in 0..2 {
        machine.warp_seconds(NOMINATION_SECONDS - 1);
        refused(
            machine.send(std::slice::from_ref(&start), &[&thief]),
            BulkheadError::NominationNotOver,
        );
        machine.warp_seconds(1);
        recovery
            .protocol
            .must(&mut machine, std::slice::from_ref(&start), &[&thief]);
        machine.warp_seconds(VOTE_SECONDS);
        let payer = machine.payer.pubkey();
        let renew = ix::renew_ballot(recovery.protocol.domain, payer, recovery.ballot, None);
        recovery.protocol.must(&mut machine, &[renew], &[]);
    }
}

#[test]
fn nobody_is_waited_for_longer_than_a_week() {
    let (mut machine, recovery) = frozen();
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let (member, stranger) = (recovery.protocol.members[1].insecure_clone(), keypair("stranger"));
    let open = ix::open_ballot(domain, payer, payer, recovery.incident, LEDGER);
    recovery.protocol.must(&mut machine, &[open], &[]);
    let other = checkpoint(&mut machine, &recovery, "checkpoint");
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
    recovery.protocol.must(&mut machine, &[add], &[&member]);
    // The incident's own snapshot is not on it.
    machine.warp_seconds(NOMINATION_PATIENCE_SECONDS - 1);
    for signer in [&member, &stranger] {
        let start = start_by(&recovery, signer);
        refused(machine.send(&[start], &[signer]), BulkheadError::NominationNotOver);
    }
    machine.warp_seconds(1);
    let start = start_by(&recovery, &stranger);
    recovery.protocol.must(&mut machine, &[start], &[&stranger]);
}

#[test]
fn a_stranger_does_not_start_a_vote_that_members_still_nominate_for() {
    let (mut machine, recovery) = frozen();
    recovery.nominate(&mut machine);
    machine.warp_seconds(NOMINATION_SECONDS);
    let stranger = keypair("stranger");
    let start = start_by(&recovery, &stranger);
    refused(machine.send(&[start], &[&stranger]), BulkheadError::NominationNotOver);
}

/// Fault O: 600 of 1,000 deposited in the last second decide, and are gone with the end of the vote.
#[test]
fn votes_borrowed_for_the_last_second_decide_nothing() {
    let (mut machine, recovery) = frozen();
    let honest = recovery.voter(&mut machine, "honest", 400);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &honest, 0).expect("it was there before");
    let same_second = recovery.voter(&mut machine, "same second", 100);
    machine.warp_seconds(VOTE_SECONDS - 1);
    let borrower = recovery.voter(&mut machine, "borrower", 500);
    for late in [&same_second, &borrower] {
        refused(
            recovery.vote(&mut machine, late, CHOICE_NONE),
            BulkheadError::VotesTooRecent,
        );
    }
    machine.warp_seconds(1);
    let now = machine.clock().unix_timestamp;
    assert_eq!(bulkhead_core::ballot::winner(&recovery.ballot(&machine), now), Ok(0));
}

/// The same tokens, moved on from a voter whose vote has ended, or who has not voted, to another.
#[test]
fn tokens_that_change_hands_during_a_vote_do_not_count_again() {
    let (mut machine, recovery, [a, b, c]) = voting();
    recovery.vote(&mut machine, &c, CHOICE_NONE).expect("voting");
    // b leaves without having voted, and what it had goes to a's escrow.
    let protocol = &recovery.protocol;
    protocol.must(&mut machine, &[withdraw(&recovery, &b, 250)], &[&b]);
    let source = machine.create_associated(&protocol.governance_mint, &a.pubkey(), 250);
    let deposit = ix::deposit_votes(
        protocol.domain,
        a.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        250,
    );
    protocol.must(&mut machine, &[deposit], &[&a]);
    recovery.vote(&mut machine, &a, 0).expect("700 were there before");
    assert_eq!(recovery.ballot(&machine).candidates[0].votes, 700);
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

/// Fault R: whoever can freeze the account that holds all votes stops every vote.
#[test]
fn a_governance_token_that_can_be_frozen_is_refused() {
    let (mut machine, protocol) = world();
    let mint = keypair("freezable").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let mut account = machine.account(&mint).expect("a mint");
    account.data[FREEZE_AUTHORITY] = 1;
    account.data[FREEZE_AUTHORITY + 4] = 9;
    machine.write_account(&mint, account);
    let setup_authority = keypair("another setup authority");
    let args = OpenDomainArgs {
        council: council_config(&protocol.members),
        host_program: protocol.host_program,
        vote_seconds: VOTE_SECONDS,
        quorum_bps: 1_000,
    };
    let open = ix::open_domain(setup_authority.pubkey(), machine.payer.pubkey(), mint, args);
    refused(
        machine.send(&[open], &[&setup_authority]),
        BulkheadError::FreezableVotes,
    );
}

#[test]
fn there_is_no_ballot_in_peace() {
    let (mut machine, protocol) = world();
    let (member, payer) = (&protocol.members[0], machine.payer.pubkey());
    let incident = pda::incident(&protocol.domain, 0);
    let open = ix::open_incident(protocol.domain, member.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[member]);
    let open = ix::open_ballot(protocol.domain, member.pubkey(), payer, incident, LEDGER);
    refused(machine.send(&[open], &[member]), BulkheadError::WrongPhase);
}

#[test]
fn only_sealed_snapshots_of_the_ledger_are_candidates() {
    let (mut machine, recovery) = frozen();
    let (domain, member, payer) = (
        recovery.protocol.domain,
        recovery.protocol.members[1].insecure_clone(),
        machine.payer.pubkey(),
    );
    let open = ix::open_ballot(domain, member.pubkey(), payer, recovery.incident, LEDGER);
    recovery.protocol.must(&mut machine, &[open], &[&member]);
    let start = ix::start_voting(
        domain,
        member.pubkey(),
        recovery.incident,
        recovery.ballot,
        recovery.protocol.governance_mint,
    );
    machine.warp_seconds(NOMINATION_SECONDS);
    refused(
        machine.send(std::slice::from_ref(&start), &[&member]),
        BulkheadError::NominationNotOver,
    );

    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
    recovery.write_snapshot(&mut machine, snapshot_state::OPEN);
    refused(
        machine.send(std::slice::from_ref(&add), &[&member]),
        BulkheadError::SnapshotNotSealed,
    );
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);

    let other = keypair("other snapshot").pubkey();
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    for foreign in [
        Snapshot {
            ledger_index: 1,
            ..sealed
        },
        Snapshot {
            incident: other,
            ..sealed
        },
    ] {
        forge(&mut machine, &other, &foreign);
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
        refused(machine.send(&[add], &[&member]), BulkheadError::ForeignAccount);
    }

    recovery
        .protocol
        .must(&mut machine, std::slice::from_ref(&add), &[&member]);
    refused(
        machine.send(std::slice::from_ref(&add), &[&member]),
        BulkheadError::CandidateRefused,
    );
    recovery
        .protocol
        .must(&mut machine, std::slice::from_ref(&start), &[&member]);
    refused(machine.send(&[add], &[&member]), BulkheadError::BallotNotNominating);
    refused(machine.send(&[start], &[&member]), BulkheadError::BallotNotNominating);
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
    assert!(
        recovery.vote(&mut machine, &voter, CHOICE_NONE).is_err(),
        "the record exists"
    );
    assert_eq!(recovery.ballot(&machine).candidates[0].votes, 700);
    machine.warp_seconds(VOTE_SECONDS);
    refused(recovery.vote(&mut machine, &empty, 0), BulkheadError::BallotNotVoting);
}

#[test]
fn nobody_votes_with_another_voters_escrow() {
    let (mut machine, recovery, [a, b, _]) = voting();
    let domain = recovery.protocol.domain;
    let mut vote = ix::cast_vote(domain, a.pubkey(), machine.payer.pubkey(), recovery.ballot, 0);
    let theirs = pda::escrow(&domain, &b.pubkey());
    for meta in &mut vote.accounts {
        if meta.pubkey == pda::escrow(&domain, &a.pubkey()) {
            meta.pubkey = theirs;
        }
    }
    refused(machine.send(&[vote], &[&a]), BulkheadError::ForeignAccount);

    let mut escrow: VoterEscrow = machine.load(&pda::escrow(&domain, &a.pubkey()));
    escrow.domain = keypair("other domain").pubkey();
    forge(&mut machine, &pda::escrow(&domain, &a.pubkey()), &escrow);
    refused(recovery.vote(&mut machine, &a, 0), BulkheadError::ForeignAccount);
}

#[test]
fn tokens_that_voted_stay_until_the_vote_ends() {
    let (mut machine, recovery, [a, b, _]) = voting();
    // Flash deposit: vote and leave in one transaction.
    let payer = machine.payer.pubkey();
    let vote = ix::cast_vote(recovery.protocol.domain, a.pubkey(), payer, recovery.ballot, 0);
    refused(
        machine.send(&[vote, withdraw(&recovery, &a, 1)], &[&a]),
        BulkheadError::EscrowLocked,
    );

    recovery.vote(&mut machine, &a, 0).expect("voting");
    machine.warp_seconds(VOTE_SECONDS - 1);
    refused(
        machine.send(&[withdraw(&recovery, &a, 1)], &[&a]),
        BulkheadError::EscrowLocked,
    );
    // Who did not vote may leave at any time.
    recovery
        .protocol
        .must(&mut machine, &[withdraw(&recovery, &b, 250)], &[&b]);
    machine.warp_seconds(1);
    refused(
        machine.send(&[withdraw(&recovery, &a, 701)], &[&a]),
        BulkheadError::EscrowTooSmall,
    );
    refused(
        machine.send(&[withdraw(&recovery, &a, 0)], &[&a]),
        BulkheadError::ZeroAmount,
    );
    recovery
        .protocol
        .must(&mut machine, &[withdraw(&recovery, &a, 700)], &[&a]);
    let mint = recovery.protocol.governance_mint;
    assert_eq!(machine.balance(&associated_token(&a.pubkey(), &mint)), 700);
    assert_eq!(machine.balance(&pda::votes(&recovery.protocol.domain)), 50);
}

#[test]
fn escrow_is_the_voters_own() {
    let (mut machine, recovery, [a, b, _]) = voting();
    let mut theft = withdraw(&recovery, &b, 250);
    let domain = recovery.protocol.domain;
    for meta in &mut theft.accounts {
        if meta.pubkey == pda::escrow(&domain, &b.pubkey()) {
            meta.pubkey = pda::escrow(&domain, &a.pubkey());
        }
    }
    refused(machine.send(&[theft], &[&b]), BulkheadError::ForeignAccount);
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

#[test]
fn the_rent_of_a_vote_goes_to_the_voter() {
    let (mut machine, recovery, [a, ..]) = voting();
    recovery.vote(&mut machine, &a, 0).expect("voting");
    let record = pda::vote_record(&recovery.ballot, &a.pubkey());
    let rent = machine.account(&record).expect("it was created").lamports;
    machine.warp_seconds(VOTE_SECONDS);
    let mut close = ix::close_vote_record(recovery.ballot, a.pubkey());
    for meta in &mut close.accounts {
        if meta.pubkey == a.pubkey() {
            meta.pubkey = keypair("thief").pubkey();
        }
    }
    refused(machine.send(&[close], &[]), BulkheadError::ForeignAccount);
    let close = ix::close_vote_record(recovery.ballot, a.pubkey());
    recovery.protocol.must(&mut machine, &[close], &[]);
    assert_eq!(machine.account(&a.pubkey()).expect("it was paid").lamports, rent);
    assert!(machine.account(&record).is_none());
}

#[test]
fn lamports_sent_ahead_stop_no_vote() {
    let (mut machine, recovery, [a, ..]) = voting();
    machine.fund(&pda::vote_record(&recovery.ballot, &a.pubkey()), 1);
    recovery
        .vote(&mut machine, &a, 0)
        .expect("a pre-funded record is created all the same");
}

/// The borrower has a tenth of the supply, and nobody else votes in time. His state is a sealed one, so the vote is won;
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
