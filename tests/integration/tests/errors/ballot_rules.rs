//! 6950 to 6964: the rules of a ballot.

use bulkhead::{error::BulkheadError as E, instructions::SetBallotRulesArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::constants::{CHOICE_NOTED, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS};
use bulkhead_testbed::{Failure, Machine, Outcome, VOTE_SECONDS, keypair};
use bulkhead_tests::{
    recovery::{Recovery, forge, positions},
    weights::{COOL, DISPUTE, compute, compute_max, disputed, record_key, set_rules, weighed},
    world,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::AlreadyVoted, || {
        let (mut machine, recovery, voter) = voted();
        recovery.vote(&mut machine, &voter, 0)
    }),
    (E::OnlyNoneCounts, || {
        let (mut machine, recovery) = nominating(disputed());
        let voter = recovery.voter(&mut machine, "voter", 700);
        machine.warp_seconds(DISPUTE - NOMINATION_SECONDS);
        recovery.start(&mut machine);
        machine.warp_seconds(VOTE_SECONDS - COOL);
        recovery.vote(&mut machine, &voter, 0)
    }),
    (E::ResultDisputable, || {
        let (mut machine, recovery, _) = voted();
        machine.warp_seconds(VOTE_SECONDS);
        let authority = recovery.protocol.mature(&mut machine, &recovery.args());
        recovery.choose(&mut machine, authority, recovery.args())
    }),
    (E::VetoTooLate, || {
        let (mut machine, recovery, _) = voted();
        machine.warp_seconds(VOTE_SECONDS + DISPUTE);
        veto(&mut machine, &recovery)
    }),
    (E::VetoesSpent, || {
        let (mut machine, recovery, voter) = voted();
        machine.warp_seconds(VOTE_SECONDS);
        assert!(veto(&mut machine, &recovery).is_ok());
        machine.warp_seconds(DISPUTE - NOMINATION_SECONDS);
        recovery.start(&mut machine);
        let close = ix::close_vote_record(recovery.ballot, voter.pubkey());
        recovery.protocol.must(&mut machine, &[close], &[]);
        assert!(recovery.vote(&mut machine, &voter, 0).is_ok());
        machine.warp_seconds(VOTE_SECONDS);
        veto(&mut machine, &recovery)
    }),
    (E::CandidatesChanged, || {
        let (mut machine, recovery) = nominating(disputed());
        machine.warp_seconds(NOMINATION_SECONDS);
        start(&mut machine, &recovery)
    }),
    (E::NominationsClosed, || {
        let (mut machine, recovery) = nominating(disputed());
        machine.warp_seconds(NOMINATION_PATIENCE_SECONDS - DISPUTE + 1);
        let key = keypair("a late checkpoint").pubkey();
        let late = bulkhead_interface::layout::Snapshot {
            source: bulkhead_interface::constants::snapshot_source::CHECKPOINT,
            root: [7; 32],
            ..machine.load(&recovery.snapshot)
        };
        forge(&mut machine, &key, &late);
        let member = &recovery.protocol.members[1];
        let add = ix::add_candidate(recovery.protocol.domain, member.pubkey(), recovery.ballot, key);
        machine.send(&[add], &[member])
    }),
    (E::WrongWeightSource, || {
        let (mut machine, recovery, voter) = noted();
        machine.warp_seconds(NOMINATION_SECONDS);
        compute_max(&mut machine, &recovery.protocol, 1_000);
        recovery.start_weighed(&mut machine);
        // An escrow beside the plug-in.
        let escrowed = recovery.voter(&mut machine, "escrowed", 500);
        assert!(voter.pubkey() != escrowed.pubkey());
        recovery.vote(&mut machine, &escrowed, 0)
    }),
    (E::ForeignWeight, || {
        let (mut machine, recovery, _) = noted();
        let (thief, victim) = (keypair("thief"), keypair("victim").pubkey());
        compute(&mut machine, &recovery.protocol, &victim, 700);
        let payer = machine.payer.pubkey();
        let record = record_key(&victim);
        let note = ix::cast_weight(thief.pubkey(), payer, recovery.ballot, record, CHOICE_NOTED);
        machine.send(&[note], &[&thief])
    }),
    (E::WeightNotFresh, || {
        let (mut machine, recovery, voter) = noted();
        machine.next_slot();
        recovery.cast_weight(&mut machine, &voter, CHOICE_NOTED)
    }),
    (E::WeightOfAnotherVote, || {
        let rules = SetBallotRulesArgs {
            is_targeted: true,
            ..weighed()
        };
        let (mut machine, recovery) = nominating(rules);
        let voter = keypair("voter");
        assert!(recovery.note_weight(&mut machine, &voter, 700).is_ok());
        machine.warp_seconds(NOMINATION_SECONDS);
        compute_max(&mut machine, &recovery.protocol, 1_000);
        recovery.start_weighed(&mut machine);
        // For every vote, which is not for this one.
        compute(&mut machine, &recovery.protocol, &voter.pubkey(), 700);
        recovery.cast_weight(&mut machine, &voter, 0)
    }),
    (E::WeightNotNoted, || {
        let (mut machine, recovery) = nominating(weighed());
        machine.warp_seconds(NOMINATION_SECONDS);
        compute_max(&mut machine, &recovery.protocol, 1_000);
        recovery.start_weighed(&mut machine);
        let whale = keypair("whale");
        compute(&mut machine, &recovery.protocol, &whale.pubkey(), 700);
        recovery.cast_weight(&mut machine, &whale, 0)
    }),
    (E::MoreVotesThanWeight, || {
        let (mut machine, recovery, voter) = noted();
        machine.warp_seconds(NOMINATION_SECONDS);
        compute_max(&mut machine, &recovery.protocol, 699);
        recovery.start_weighed(&mut machine);
        compute(&mut machine, &recovery.protocol, &voter.pubkey(), 700);
        assert!(recovery.cast_weight(&mut machine, &voter, 0).is_ok());
        machine.warp_seconds(VOTE_SECONDS);
        let authority = recovery.protocol.mature(&mut machine, &recovery.args());
        recovery.choose(&mut machine, authority, recovery.args())
    }),
    (E::InvalidBallotRules, || {
        propose(SetBallotRulesArgs {
            cool_off_seconds: VOTE_SECONDS,
            ..disputed()
        })
    }),
    (E::PlugInNeedsEscape, || propose(weighed())),
];

fn propose(args: SetBallotRulesArgs) -> Result<Outcome, Failure> {
    let (mut machine, protocol) = world();
    let (propose, _) = protocol.proposing(&machine, &args);
    machine.send(&[propose], &[&protocol.members[0]])
}

/// The incident's own snapshot is on a ballot with these rules.
fn nominating(rules: SetBallotRulesArgs) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, rules);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
    recovery.nominate(&mut machine);
    (machine, recovery)
}

/// A vote for the snapshot is cast.
fn voted() -> (Machine, Recovery, Keypair) {
    let (mut machine, recovery) = nominating(disputed());
    let voter = recovery.voter(&mut machine, "voter", 700);
    machine.warp_seconds(DISPUTE - NOMINATION_SECONDS);
    recovery.start(&mut machine);
    assert!(recovery.vote(&mut machine, &voter, 0).is_ok());
    (machine, recovery, voter)
}

/// A weight is noted in this slot.
fn noted() -> (Machine, Recovery, Keypair) {
    let (mut machine, recovery) = nominating(weighed());
    let voter = keypair("voter");
    assert!(recovery.note_weight(&mut machine, &voter, 700).is_ok());
    (machine, recovery, voter)
}

fn veto(machine: &mut Machine, recovery: &Recovery) -> Result<Outcome, Failure> {
    let vetoer = &recovery.protocol.members[3];
    let veto = ix::veto_ballot(recovery.protocol.domain, vetoer.pubkey(), recovery.ballot);
    machine.send(&[veto], &[vetoer])
}

fn start(machine: &mut Machine, recovery: &Recovery) -> Result<Outcome, Failure> {
    let protocol = &recovery.protocol;
    let member = &protocol.members[0];
    let start = ix::start_voting(
        protocol.domain,
        member.pubkey(),
        recovery.incident,
        recovery.ballot,
        protocol.governance_mint,
    );
    machine.send(&[start], &[member])
}
