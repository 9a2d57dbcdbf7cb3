//! Votes are escrowed tokens: the voter's own, old enough, and counted once.

use super::*;

/// Where a mint keeps who may freeze its accounts.
const FREEZE_AUTHORITY: usize = 46;

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
    assert_eq!(
        bulkhead_core::ballots::ballot::winner(&recovery.ballot(&machine), now),
        Ok(0)
    );
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
