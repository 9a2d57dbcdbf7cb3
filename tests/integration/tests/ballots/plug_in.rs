//! The weights of a voter-weight plug-in on the built program.

use bulkhead_core::ballots::weight::target;
use bulkhead_interface::constants::CHOICE_NOTED;
use bulkhead_tests::weights::{compute, compute_max, plug_in, record_key, set_rules, weighed};

use super::*;

/// A ballot that counts a plug-in's weights, with the incident's own snapshot on it.
fn weighing() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, weighed());
    let recovery = Recovery::sealed(&mut machine, protocol, positions(8));
    recovery.nominate(&mut machine);
    (machine, recovery)
}

fn start(machine: &mut Machine, recovery: &Recovery, all: u64) {
    machine.warp_seconds(NOMINATION_SECONDS);
    compute_max(machine, &recovery.protocol, all);
    recovery.start_weighed(machine);
}

fn cast(
    machine: &mut Machine,
    recovery: &Recovery,
    voter: &Keypair,
    weight: u64,
    choice: u8,
) -> Result<Outcome, Failure> {
    compute(machine, &recovery.protocol, &voter.pubkey(), weight);
    recovery.cast_weight(machine, voter, choice)
}

#[test]
fn weights_of_a_plug_in_choose_a_state() {
    let (mut machine, recovery) = weighing();
    let (a, b) = (keypair("a"), keypair("b"));
    recovery.note_weight(&mut machine, &a, 600).expect("nominating");
    recovery.note_weight(&mut machine, &b, 300).expect("nominating");
    start(&mut machine, &recovery, 1_000);
    let ballot = recovery.ballot(&machine);
    assert_eq!((ballot.quorum, ballot.max_weight), (100, 1_000));
    cast(&mut machine, &recovery, &a, 600, 0).expect("voting");
    // Less is there than was noted, and less counts.
    cast(&mut machine, &recovery, &b, 20, CHOICE_NONE).expect("voting");
    let ballot = recovery.ballot(&machine);
    assert_eq!((ballot.candidates[0].votes, ballot.none_votes), (600, 20));
    machine.warp_seconds(VOTE_SECONDS);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("the winner");
}

/// Borrowed into the plug-in, computed, voted and taken out in one transaction; or borrowed while weights were noted.
#[test]
fn a_flash_loan_decides_nothing() {
    let (mut machine, recovery) = weighing();
    let (late, early) = (keypair("late"), keypair("early"));
    recovery.note_weight(&mut machine, &early, 900).expect("a loan");
    start(&mut machine, &recovery, 1_000);
    refused(
        cast(&mut machine, &recovery, &late, 900, 0),
        BulkheadError::WeightNotNoted,
    );
    refused(
        cast(&mut machine, &recovery, &early, 0, 0),
        BulkheadError::WeightNotNoted,
    );
    // Nor is it noted any more.
    refused(
        cast(&mut machine, &recovery, &late, 900, CHOICE_NOTED),
        BulkheadError::BallotNotNominating,
    );
}

#[test]
fn one_voter_votes_once_and_two_with_one_weight_win_nothing() {
    let (mut machine, recovery) = weighing();
    let (a, b) = (keypair("a"), keypair("b"));
    recovery.note_weight(&mut machine, &a, 600).expect("nominating");
    // The same weight again, as a plug-in would say that locks nothing.
    recovery.note_weight(&mut machine, &b, 600).expect("nominating");
    start(&mut machine, &recovery, 1_000);
    cast(&mut machine, &recovery, &a, 600, 0).expect("voting");
    refused(cast(&mut machine, &recovery, &a, 600, 0), BulkheadError::AlreadyVoted);
    let close = ix::close_vote_record(recovery.ballot, a.pubkey());
    refused(machine.send(&[close], &[]), BulkheadError::BallotStillVoting);
    cast(&mut machine, &recovery, &b, 600, 0).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::MoreVotesThanWeight,
    );
    let payer = machine.payer.pubkey();
    let renew = ix::renew_ballot(recovery.protocol.domain, payer, recovery.ballot, None);
    recovery.protocol.must(&mut machine, &[renew], &[]);
}

/// Tokens in escrow do not count in a ballot that counts a plug-in's weights, nor the other way round.
#[test]
fn escrow_and_plug_in_exclude_each_other() {
    let (mut machine, recovery) = weighing();
    let voter = recovery.voter(&mut machine, "both", 500);
    recovery.note_weight(&mut machine, &voter, 500).expect("nominating");
    start(&mut machine, &recovery, 1_000);
    refused(recovery.vote(&mut machine, &voter, 0), BulkheadError::WrongWeightSource);
    let (mut machine, recovery, [a, ..]) = voting();
    refused(
        cast(&mut machine, &recovery, &a, 700, 0),
        BulkheadError::WrongWeightSource,
    );
}

/// Whoever writes an account that looks like a record writes it as another program, and of another voter's nobody votes.
#[test]
fn only_the_registered_plug_ins_own_records_count() {
    let (mut machine, recovery) = weighing();
    let voter = keypair("voter");
    compute(&mut machine, &recovery.protocol, &voter.pubkey(), 600);
    let key = record_key(&voter.pubkey());
    let good = machine.account(&key).expect("computed");
    assert_eq!(good.owner, plug_in());
    let mut forged = good.clone();
    forged.owner = keypair("another program").pubkey();
    machine.write_account(&key, forged);
    refused(
        recovery.cast_weight(&mut machine, &voter, CHOICE_NOTED),
        BulkheadError::ForeignWeight,
    );
    for place in [8, 40, 72] {
        let mut other = good.clone();
        other.data[place] ^= 1;
        machine.write_account(&key, other);
        refused(
            recovery.cast_weight(&mut machine, &voter, CHOICE_NOTED),
            BulkheadError::ForeignWeight,
        );
    }
    machine.write_account(&key, good);
    recovery
        .cast_weight(&mut machine, &voter, CHOICE_NOTED)
        .expect("the plug-in's own");
}

/// A plug-in that counts each token once for a target names the target; each round is another one.
#[test]
fn a_targeted_weight_counts_in_its_own_round() {
    let (mut machine, protocol) = world();
    let rules = bulkhead::instructions::SetBallotRulesArgs {
        is_targeted: true,
        ..weighed()
    };
    set_rules(&mut machine, &protocol, rules);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(8));
    recovery.nominate(&mut machine);
    let voter = keypair("voter");
    recovery.note_weight(&mut machine, &voter, 600).expect("nominating");
    start(&mut machine, &recovery, 1_000);
    let aimed = |machine: &mut Machine, round: u16| {
        compute(machine, &recovery.protocol, &voter.pubkey(), 600);
        let key = record_key(&voter.pubkey());
        let mut account = machine.account(&key).expect("computed");
        // Behind weight and expiry: an action, to cast a vote, and its target.
        account.data.truncate(8 + 3 * 32 + 8 + 9);
        account.data.extend([1, 0, 1]);
        account.data.extend(target(&recovery.ballot, round).to_bytes());
        account.data.extend([0; 8]);
        machine.write_account(&key, account);
        recovery.cast_weight(machine, &voter, 0)
    };
    refused(aimed(&mut machine, 1), BulkheadError::WeightOfAnotherVote);
    aimed(&mut machine, 0).expect("this round's");
}

/// A vote that never starts locks nobody's rent forever, and nobody else closes a noted weight: the vote may still start.
#[test]
fn a_noted_weight_is_given_up_in_the_end() {
    let (mut machine, recovery) = weighing();
    let voter = keypair("voter");
    recovery.note_weight(&mut machine, &voter, 600).expect("nominating");
    let close = ix::close_vote_record(recovery.ballot, voter.pubkey());
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::BallotStillVoting,
    );
    machine.warp_seconds(bulkhead_interface::constants::NOTED_SECONDS);
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::BallotStillVoting,
    );
    let mut own = close;
    let voter_meta = own.accounts.iter_mut().find(|meta| meta.pubkey == voter.pubkey());
    voter_meta.expect("the voter").is_signer = true;
    recovery.protocol.must(&mut machine, &[own], &[&voter]);
}
