//! Who counts, for how long, and what happens when nobody does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::EncodedDecision,
    error::BulkheadError,
    instructions::{CouncilConfig, GrantRightsArgs, LowerLimitArgs, MemberConfig, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    ProposalKind,
    constants::{MAX_PAYLOAD, MIN_FALLBACK_DELAY_SECONDS, REVIVAL_SECONDS, phase, role},
    layout::{Council, Proposal},
};
use bulkhead_testbed::{
    DELAY_SECONDS, FALLBACK_SECONDS, Failure, HEARTBEAT_SECONDS, Machine, Outcome, Protocol, council_config, fallback,
    keypair,
};
use bulkhead_tests::{refused, world};
use solana_instruction::Instruction;
use solana_signer::Signer;

const DAY: i64 = 86_400;

struct Table {
    machine: Machine,
    protocol: Protocol,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self { machine, protocol }
    }

    /// Under another council, put in place by a matured proposal.
    fn with(change: impl Fn(&mut CouncilConfig)) -> Self {
        let mut table = Self::new();
        let mut council = council_config(&table.protocol.members);
        change(&mut council);
        let authority = table.protocol.mature(&mut table.machine, &council);
        table
            .send(ix::change_council(authority, council))
            .expect("it has matured");
        table
    }

    /// Sent with every signature a test could need; what is not asked for is not signed.
    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let fallback = fallback();
        let signers: Vec<_> = self.protocol.members.iter().chain([&fallback]).collect();
        self.machine.send(&[instruction], &signers)
    }

    fn member(&self, index: usize) -> Pubkey {
        self.protocol.members[index].pubkey()
    }

    fn heartbeat(&mut self, member: usize) -> Result<Outcome, Failure> {
        let last_active_ts = self.council().members[member].last_active_ts;
        self.send(ix::heartbeat(self.protocol.domain, self.member(member), last_active_ts))
    }

    fn pause(&mut self, member: usize) -> Result<Outcome, Failure> {
        self.send(ix::pause(self.protocol.domain, self.member(member), 3, 0))
    }

    fn approve(&mut self, proposal: &Pubkey, member: usize) -> Result<Outcome, Failure> {
        self.send(self.protocol.approve(&self.machine, proposal, member))
    }

    fn raise(&self) -> SetLimitArgs {
        SetLimitArgs {
            breaker: self.protocol.vault.breaker,
            limit: 500_000,
            slot_limit: 400_000,
            ..SetLimitArgs::default()
        }
    }

    fn authority(&self, proposal: Pubkey) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(proposal),
        }
    }

    fn council(&self) -> Council {
        self.protocol.council(&self.machine)
    }

    /// The fallback proposes a council.
    fn fallback_proposes(&mut self, decision: impl Into<EncodedDecision>) -> Result<Pubkey, Failure> {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let index = self.machine.free_proposal(&domain, &fallback().pubkey());
        self.send(ix::propose(domain, fallback().pubkey(), payer, index, decision))?;
        Ok(pda::proposal(&domain, &fallback().pubkey(), index))
    }

    fn fallback_approves(&mut self, proposal: Pubkey) -> Result<Outcome, Failure> {
        let state: Proposal = self.machine.load(&proposal);
        let (hash, slot) = (state.payload_hash, state.created_slot);
        self.send(ix::approve(
            self.protocol.domain,
            fallback().pubkey(),
            proposal,
            hash,
            slot,
        ))
    }

    /// A council of new keys.
    fn successors(&self) -> CouncilConfig {
        let members: Vec<_> = (0..5).map(|index| keypair(&format!("successor {index}"))).collect();
        council_config(&members)
    }

    /// Everybody has been silent for so long that the fallback may act.
    fn abandoned() -> Self {
        let mut table = Self::new();
        table.machine.warp_seconds(HEARTBEAT_SECONDS + FALLBACK_SECONDS + 1);
        table
    }
}

fn lowered(limit: u64) -> LowerLimitArgs {
    LowerLimitArgs {
        limit,
        slot_limit: 50_000,
        ..LowerLimitArgs::default()
    }
}

fn code(result: Result<Pubkey, Failure>) -> Result<Outcome, Failure> {
    result.map(|_| Outcome::default())
}

// Signs of life.

#[test]
fn who_steals_a_forgotten_key_cannot_approve_at_once() {
    let mut table = Table::new();
    table.machine.warp_seconds(HEARTBEAT_SECONDS);
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    table.machine.warp_seconds(1);
    // Proposing was no sign of life; approving the last moment before was. The thief holds member 1's key.
    refused(table.approve(&proposal, 0), BulkheadError::MemberSilent);
    refused(table.approve(&proposal, 1), BulkheadError::MemberSilent);
    table.heartbeat(1).expect("any member may");
    refused(table.approve(&proposal, 1), BulkheadError::MemberSilent);
    table.machine.warp_seconds(REVIVAL_SECONDS - 1);
    // Further signs of life shorten nothing.
    table.heartbeat(1).expect("any member may");
    refused(table.approve(&proposal, 1), BulkheadError::MemberSilent);
    table.machine.warp_seconds(1);
    table.approve(&proposal, 1).expect("it counts again");
}

#[test]
fn proposing_pausing_and_vetoing_are_never_refused_for_silence_and_no_signs_of_life() {
    let mut table = Table::new();
    let before = table.council();
    table.machine.warp_seconds(HEARTBEAT_SECONDS + 1);
    let (raise, domain) = (table.raise(), table.protocol.domain);
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    table.pause(1).expect("a silent guardian may");
    let lower = ix::lower_limit(domain, table.member(2), raise.breaker, lowered(90_000));
    table.send(lower).expect("a silent guardian may");
    let veto = ix::veto(domain, table.member(3), proposal);
    table.send(veto).expect("a silent vetoer may");
    for (old, new) in before.members.iter().zip(&table.council().members) {
        assert_eq!(
            (old.last_active_ts, old.active_from_ts),
            (new.last_active_ts, new.active_from_ts)
        );
    }
    refused(
        table.send(ix::heartbeat(domain, fallback().pubkey(), 0)),
        BulkheadError::NotAMember,
    );
}

#[test]
fn only_approvals_of_members_that_still_count_are_executed() {
    let mut table = Table::with(|council| {
        council.heartbeat_seconds = 2 * DAY;
        for policy in &mut council.policies {
            policy.delay_seconds = 2 * DAY;
        }
    });
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    for member in [0, 1] {
        table.approve(&proposal, member).expect("both count");
    }
    table.machine.warp_seconds(DAY);
    table.heartbeat(0).expect("a member");
    table.machine.warp_seconds(DAY + 1);
    let execute = ix::set_limit(table.authority(proposal), raise);
    // Matured, but one of the two has not been heard of: the threshold does not sink.
    refused(table.send(execute.clone()), BulkheadError::NotApproved);
    for member in [0, 1] {
        table.heartbeat(member).expect("a member");
    }
    refused(table.send(execute.clone()), BulkheadError::NotApproved);
    table.machine.warp_seconds(REVIVAL_SECONDS);
    // Both count, and one was silent since it approved: it says so again, and the delay runs anew.
    refused(table.send(execute.clone()), BulkheadError::NotApproved);
    refused(table.approve(&proposal, 0), BulkheadError::AlreadyApproved);
    table.approve(&proposal, 1).expect("it approves anew");
    refused(table.send(execute.clone()), BulkheadError::DelayNotPassed);
    for _ in 0..2 {
        table.machine.warp_seconds(DAY);
        for member in [0, 1] {
            table.heartbeat(member).expect("a member");
        }
    }
    table.send(execute).expect("both count");
}

#[test]
fn a_hold_does_not_wait_for_silent_guardians() {
    let mut table = Table::with(|council| council.heartbeat_seconds = 2 * DAY);
    table.machine.warp_seconds(2 * DAY);
    table.heartbeat(0).expect("a member");
    table.machine.warp_seconds(1);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let incident = pda::incident(&domain, 0);
    table
        .send(ix::open_incident(domain, table.member(1), payer, 0))
        .expect("a silent guardian may");
    // Two silent guardians are two confirmations, and no freeze.
    for member in [1, 2] {
        let confirm = ix::confirm_incident(domain, table.member(member), incident);
        table.send(confirm).expect("a silent guardian may");
        assert_eq!(table.protocol.state(&table.machine).state, phase::ALERT);
    }
    let again = ix::confirm_incident(domain, table.member(2), incident);
    refused(table.send(again), BulkheadError::AlreadyConfirmed);
    let confirm = ix::confirm_incident(domain, table.member(0), incident);
    table.send(confirm).expect("the one who is left");
    assert_eq!(table.protocol.state(&table.machine).state, phase::FROZEN);
}

// The fallback.

#[test]
fn the_fallback_replaces_a_council_that_is_gone() {
    let mut table = Table::abandoned();
    let successors = table.successors();
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    let change = ix::change_council(table.authority(proposal), successors);
    refused(table.send(change.clone()), BulkheadError::NotApproved);
    table.fallback_approves(proposal).expect("its own");
    refused(table.fallback_approves(proposal), BulkheadError::AlreadyApproved);
    // The constitution's hour is too short for it.
    table.machine.warp_seconds(DELAY_SECONDS);
    refused(table.send(change.clone()), BulkheadError::DelayNotPassed);
    table
        .machine
        .warp_seconds(MIN_FALLBACK_DELAY_SECONDS - DELAY_SECONDS - 1);
    refused(table.send(change.clone()), BulkheadError::DelayNotPassed);
    table.machine.warp_seconds(1);
    table.send(change).expect("it has matured");
    assert_eq!(table.council().members[0].key, keypair("successor 0").pubkey());
    // Its power is over with that.
    let again = table.successors();
    let result = table.fallback_proposes(&again);
    refused(code(result), BulkheadError::FallbackNotDue);
}

#[test]
fn the_fallback_is_not_due_while_enough_approvers_were_heard_of() {
    let mut table = Table::new();
    let successors = table.successors();
    table.machine.warp_seconds(HEARTBEAT_SECONDS + FALLBACK_SECONDS);
    let result = table.fallback_proposes(&successors);
    refused(code(result), BulkheadError::FallbackNotDue);
    // One approver of the two that it takes is still too few.
    table.heartbeat(0).expect("a member");
    table.machine.warp_seconds(1);
    table
        .fallback_proposes(&successors)
        .expect("one cannot change a council of two");
    table.heartbeat(4).expect("a member");
    let result = table.fallback_proposes(&successors);
    refused(code(result), BulkheadError::FallbackNotDue);
}

#[test]
fn approvers_who_come_back_void_what_the_fallback_approved_for_good() {
    let mut table = Table::abandoned();
    let successors = table.successors();
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    table.fallback_approves(proposal).expect("its own");
    table.machine.warp_seconds(MIN_FALLBACK_DELAY_SECONDS - 1);
    let change = ix::change_council(table.authority(proposal), successors);
    // One second before the end, and long before they count again.
    for member in [0, 4] {
        table.heartbeat(member).expect("a member");
    }
    table.machine.warp_seconds(1);
    refused(table.send(change.clone()), BulkheadError::FallbackNotDue);
    table.machine.warp_seconds(REVIVAL_SECONDS);
    refused(table.send(change), BulkheadError::FallbackNotDue);
    refused(table.fallback_approves(proposal), BulkheadError::AlreadyApproved);
}

#[test]
fn a_vetoer_that_is_there_stops_the_fallback() {
    let mut table = Table::abandoned();
    let mut successors = table.successors();
    successors.members[3].key = table.member(3);
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    table.fallback_approves(proposal).expect("its own");
    // It counts again a day after its heartbeat, in a week; and the one it would be removed by needs another.
    let veto = ix::veto(table.protocol.domain, table.member(3), proposal);
    refused(table.send(veto.clone()), BulkheadError::MemberSilent);
    table.heartbeat(3).expect("a member");
    refused(table.send(veto.clone()), BulkheadError::MemberSilent);
    table.machine.warp_seconds(REVIVAL_SECONDS);
    table.send(veto).expect("it counts again");
    table.machine.warp_seconds(MIN_FALLBACK_DELAY_SECONDS - REVIVAL_SECONDS);
    let change = ix::change_council(table.authority(proposal), successors);
    refused(table.send(change), BulkheadError::ProposalNotOpen);
}

#[test]
fn the_fallback_proposes_a_council_and_nothing_else_and_approves_nothing_of_others() {
    let mut table = Table::abandoned();
    let raise = table.raise();
    let result = table.fallback_proposes(&raise);
    refused(code(result), BulkheadError::WrongProposalKind);
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    refused(table.fallback_approves(proposal), BulkheadError::NotAMember);
    // Nor do members push the fallback's proposal, whose clock would be theirs.
    let successors = table.successors();
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    refused(table.approve(&proposal, 0), BulkheadError::RoleMissing);
}

// Caps.

#[test]
fn a_guardian_pauses_so_often_a_day_and_others_as_often_as_before() {
    let mut table = Table::with(|council| {
        council.pause_rights = 9;
        council.guardian_pauses_per_day = 2;
        council.guardian_pauses_in_a_row = 9;
    });
    let until_midnight = DAY - table.machine.clock().unix_timestamp.rem_euclid(DAY);
    table.machine.warp_seconds(until_midnight);
    for _ in 0..2 {
        table.pause(0).expect("within the cap");
    }
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let open = ix::open_incident(domain, table.member(0), payer, 0);
    refused(table.send(open), BulkheadError::GuardianPauseLimitReached);
    // A stolen key uses up nobody else's.
    for _ in 0..2 {
        table.pause(1).expect("a cap of its own");
    }
    table.machine.warp_seconds(DAY - 1);
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
    table.machine.warp_seconds(1);
    table.pause(0).expect("another day");
    // A limit that is lowered counts as a pause.
    let breaker = table.protocol.vault.breaker;
    let lower = |table: &Table, limit| ix::lower_limit(domain, table.member(0), breaker, lowered(limit));
    let (second, third) = (lower(&table, 90_000), lower(&table, 80_000));
    table.send(second).expect("the second of the day");
    refused(table.send(third), BulkheadError::GuardianPauseLimitReached);
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
}

#[test]
fn a_guardian_cannot_keep_a_pause_up_for_ever() {
    const LASTS: i64 = 6 * 3_600;
    let mut table = Table::with(|council| {
        council.pause_rights = 9;
        council.guardian_pauses_per_day = 9;
        council.guardian_pauses_in_a_row = 2;
    });
    table.pause(0).expect("the first");
    // After the first has lapsed, and not long enough after.
    table.machine.warp_seconds(2 * LASTS - 1);
    table.pause(0).expect("the second in a row");
    table.machine.warp_seconds(2 * LASTS - 1);
    refused(table.pause(0), BulkheadError::GuardianPauseLimitReached);
    table.machine.warp_seconds(1);
    table.pause(0).expect("the row was broken");
}

#[test]
fn pause_rights_come_back_by_proposal_which_voids_no_other() {
    let mut table = Table::new();
    for _ in 0..2 {
        table.pause(0).expect("there are three");
    }
    let raise = table.raise();
    let other = table.protocol.propose(&mut table.machine, &raise);
    let grant = |table: &Table, pause_rights| GrantRightsArgs {
        member: table.member(0),
        pause_rights,
    };
    // What could never be granted is not proposed.
    for none in [0, 4] {
        let args = grant(&table, none);
        let (propose, _) = table.protocol.proposing(&table.machine, &args);
        refused(table.send(propose), BulkheadError::ArgumentOutOfRange);
    }
    for (rights, expected) in [(3, None), (2, Some(3))] {
        let args = grant(&table, rights);
        let authority = table.protocol.mature(&mut table.machine, &args);
        let result = table.send(ix::grant_rights(authority, args));
        match expected {
            None => refused(result, BulkheadError::ArgumentOutOfRange),
            Some(left) => {
                result.expect("no more than the council grants");
                assert_eq!(table.council().members[0].pause_rights, left);
            }
        }
    }
    table.approve(&other, 0).expect("it is still valid");
    let args = GrantRightsArgs {
        member: table.member(3),
        pause_rights: 1,
    };
    let (propose, _) = table.protocol.proposing(&table.machine, &args);
    refused(table.send(propose), BulkheadError::RoleMissing);
}

// Edits.

#[test]
fn an_edit_starts_anew() {
    let mut table = Table::new();
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    let old_approval = table.protocol.approve(&table.machine, &proposal, 2);
    for member in [0, 1] {
        table.approve(&proposal, member).expect("an approver");
    }
    table.machine.warp_seconds(DELAY_SECONDS);
    let before: Proposal = table.machine.load(&proposal);
    let more = SetLimitArgs {
        limit: 900_000,
        ..raise.clone()
    };
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &more);
    table.send(edit).expect("its proposer");
    let after: Proposal = table.machine.load(&proposal);
    let clock = table.machine.clock();
    assert_eq!((after.approvals, after.approved_ts), (0, 0));
    assert_eq!(
        (after.created_slot, after.created_ts),
        (clock.slot, clock.unix_timestamp)
    );
    assert_eq!(after.expires_ts - before.expires_ts, DELAY_SECONDS);
    // Neither the old payload nor the new one runs on the old approvals.
    let authority = table.authority(proposal);
    refused(table.send(ix::set_limit(authority, raise)), BulkheadError::NotApproved);
    refused(
        table.send(ix::set_limit(authority, more.clone())),
        BulkheadError::NotApproved,
    );
    // An approval that was signed before the edit is of another payload.
    refused(table.send(old_approval), BulkheadError::ApprovalMismatch);
    for member in [0, 1] {
        table.approve(&proposal, member).expect("an approver");
    }
    table.machine.warp_seconds(DELAY_SECONDS);
    table.send(ix::set_limit(authority, more)).expect("the edited one");
}

#[test]
fn an_edit_back_to_the_same_payload_revives_no_approval_either() {
    let mut table = Table::new();
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    let kept = table.protocol.approve(&table.machine, &proposal, 1);
    table.machine.next_slot();
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &raise);
    table.send(edit).expect("its proposer");
    refused(table.send(kept), BulkheadError::ApprovalMismatch);
}

#[test]
fn an_edit_is_of_the_same_kind_and_fits_the_account() {
    let mut table = Table::new();
    let mut council = council_config(&table.protocol.members);
    let proposal = table.protocol.propose(&mut table.machine, &council);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let raise = table.raise();
    let edit = |table: &Table, decision: EncodedDecision| {
        ix::edit_proposal(domain, table.member(0), payer, proposal, decision)
    };
    refused(
        table.send(edit(&table, (&raise).into())),
        BulkheadError::WrongProposalKind,
    );
    let too_long = EncodedDecision(vec![ProposalKind::ChangeCouncil.number(); MAX_PAYLOAD + 2]);
    refused(table.send(edit(&table, too_long)), BulkheadError::PayloadTooLong);
    for spare in [0, 4, 1] {
        let mut changed = council.clone();
        let more = (0..spare).map(|index| MemberConfig {
            key: keypair(&format!("spare {index}")).pubkey(),
            roles: role::ATTESTER,
        });
        changed.members.extend(more);
        table.send(edit(&table, (&changed).into())).expect("longer and shorter");
        let account = table.machine.account(&proposal).expect("it exists");
        let header = bulkhead::authority::PROPOSAL_HEADER;
        assert_eq!(&account.data[header..], EncodedDecision::from(&changed).payload());
        let rent = table.machine.svm.minimum_balance_for_rent_exemption(account.data.len());
        assert!(account.lamports >= rent);
    }
    council.members.clear();
    // Who is not an approver any more edits nothing; nor does anyone once it is decided.
    let veto = ix::veto(domain, table.member(3), proposal);
    table.send(veto).expect("a vetoer");
    refused(
        table.send(edit(&table, (&council).into())),
        BulkheadError::ProposalNotOpen,
    );
}
