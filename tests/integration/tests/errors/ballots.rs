//! 6600 to 6608, 6616, 6618 to 6620: the ballot and the escrow.

use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::error::BulkheadError as E;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::CHOICE_NONE;
use bulkhead_testbed::{Machine, Protocol, VOTE_SECONDS, associated_token, keypair};
use bulkhead_tests::{
    recovery::{Recovery, positions},
    world,
};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Case, Refusal, accounts::setting_up};

pub const CASES: &[Case] = &[
    (E::BallotNotNominating, || {
        let (mut machine, recovery, _) = voting();
        let (domain, member) = (recovery.protocol.domain, &recovery.protocol.members[0]);
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
        machine.send(&[add], &[member])
    }),
    (E::NominationNotOver, || {
        let (mut machine, recovery, _) = nominating();
        let (protocol, member) = (&recovery.protocol, &recovery.protocol.members[0]);
        let start = ix::start_voting(
            protocol.domain,
            member.pubkey(),
            recovery.incident,
            recovery.ballot,
            protocol.governance_mint,
        );
        machine.send(&[start], &[member])
    }),
    (E::VotesTooRecent, || {
        let (mut machine, recovery, _) = voting();
        let late = recovery.voter(&mut machine, "late", 5);
        recovery.vote(&mut machine, &late, 0)
    }),
    (E::FreezableVotes, || {
        let (mut machine, protocol) = setting_up();
        let mut account = machine.account(&protocol.governance_mint).expect("a mint");
        (account.data[46], account.data[50]) = (1, 9);
        machine.write_account(&protocol.governance_mint, account);
        let votes = ix::open_vote_custody(
            protocol.domain,
            machine.payer.pubkey(),
            protocol.governance_mint,
            TOKEN_PROGRAM,
        );
        machine.write_account(&pda::votes(&protocol.domain), Account::default());
        machine.send(&[votes], &[])
    }),
    (E::BallotNotVoting, || {
        let (mut machine, recovery, voter) = nominating();
        recovery.vote(&mut machine, &voter, 0)
    }),
    (E::BallotStillVoting, || {
        let (mut machine, recovery, _) = voting();
        renew(&mut machine, &recovery)
    }),
    (E::CandidateRefused, || {
        let (mut machine, recovery, _) = nominating();
        let (domain, member) = (recovery.protocol.domain, &recovery.protocol.members[0]);
        let again = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
        machine.send(&[again], &[member])
    }),
    (E::NoSuchCandidate, || {
        let (mut machine, recovery, voter) = voting();
        recovery.vote(&mut machine, &voter, 1)
    }),
    (E::QuorumNotReached, || {
        let (mut machine, recovery, _) = voting();
        machine.warp_seconds(VOTE_SECONDS);
        choose(&mut machine, &recovery)
    }),
    (E::NotTheWinner, || {
        let (mut machine, recovery, voter) = voting();
        recovery.vote(&mut machine, &voter, CHOICE_NONE)?;
        machine.warp_seconds(VOTE_SECONDS);
        choose(&mut machine, &recovery)
    }),
    (E::EscrowLocked, || {
        let (mut machine, recovery, voter) = voting();
        recovery.vote(&mut machine, &voter, 0)?;
        withdraw(&mut machine, &recovery, &voter, 1)
    }),
    (E::EscrowTooSmall, || {
        let (mut machine, recovery, voter) = nominating();
        withdraw(&mut machine, &recovery, &voter, 1_001)
    }),
    (E::BallotDecided, || {
        let (mut machine, recovery, voter) = voting();
        recovery.vote(&mut machine, &voter, 0)?;
        machine.warp_seconds(VOTE_SECONDS);
        renew(&mut machine, &recovery)
    }),
];

/// A ballot with one candidate, and a voter who holds all tokens.
fn nominating() -> (Machine, Recovery, Keypair) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
    let voter = recovery.voter(&mut machine, "voter", 1_000);
    recovery.nominate(&mut machine);
    (machine, recovery, voter)
}

fn voting() -> (Machine, Recovery, Keypair) {
    let (mut machine, recovery, voter) = nominating();
    recovery.start(&mut machine);
    (machine, recovery, voter)
}

fn renew(machine: &mut Machine, recovery: &Recovery) -> Refusal {
    let member = &recovery.protocol.members[0];
    let renew = ix::renew_ballot(recovery.protocol.domain, member.pubkey(), recovery.ballot, None);
    machine.send(&[renew], &[member])
}

fn choose(machine: &mut Machine, recovery: &Recovery) -> Refusal {
    let authority = recovery.protocol.mature(machine, &recovery.args());
    recovery.choose(machine, authority, recovery.args())
}

fn withdraw(machine: &mut Machine, recovery: &Recovery, voter: &Keypair, amount: u64) -> Refusal {
    let Protocol {
        domain,
        governance_mint,
        ..
    } = recovery.protocol;
    let destination = associated_token(&keypair("voter").pubkey(), &governance_mint);
    let withdraw = ix::withdraw_votes(
        domain,
        voter.pubkey(),
        destination,
        governance_mint,
        TOKEN_PROGRAM,
        amount,
    );
    machine.send(&[withdraw], &[voter])
}
