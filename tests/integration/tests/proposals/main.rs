//! The life of a proposal in the VM: what an approval consents to, when it runs, what ends it.

use anchor_lang::{prelude::Pubkey, solana_program::system_instruction};
use bulkhead::{
    decision::EncodedDecision,
    error::BulkheadError,
    instructions::{CouncilConfig, RegisterEvacuationRouteArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::proposal::payload_hash;
use bulkhead_interface::{
    ProposalKind,
    constants::{MIN_RUN_SECONDS, proposal_state},
    layout::{OutflowBreaker, Proposal},
};
use bulkhead_testbed::{DELAY_SECONDS, Failure, Machine, Outcome, Protocol, council_config, keypair};
use bulkhead_tests::{refused, world};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

const WEEK: i64 = 7 * 86_400;

/// A protocol with a proposal to raise its limit.
struct Table {
    machine: Machine,
    protocol: Protocol,
    proposal: Pubkey,
    args: SetLimitArgs,
}

impl Table {
    fn new() -> Self {
        let (mut machine, protocol) = world();
        let args = SetLimitArgs {
            breaker: protocol.vault.breaker,
            limit: 500_000,
            slot_limit: 400_000,
            ..SetLimitArgs::default()
        };
        Self {
            proposal: protocol.propose(&mut machine, &args),
            machine,
            protocol,
            args,
        }
    }

    /// One that both approvers have approved.
    fn approved() -> Self {
        let mut table = Self::new();
        for member in 0..2 {
            table.approve(member).expect("an approver approves");
        }
        table
    }

    /// One that may be executed.
    fn matured() -> Self {
        let mut table = Self::approved();
        table.machine.warp_seconds(DELAY_SECONDS);
        table
    }

    fn state(&self) -> Proposal {
        self.machine.load(&self.proposal)
    }

    fn limit(&self) -> u64 {
        self.machine.load::<OutflowBreaker>(&self.args.breaker).limit
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let members: Vec<_> = self.protocol.members.iter().collect();
        self.machine.send(&[instruction], &members)
    }

    fn approve(&mut self, member: usize) -> Result<Outcome, Failure> {
        self.send(self.protocol.approve(&self.machine, &self.proposal, member))
    }

    fn withdraw(&mut self, member: usize) -> Result<Outcome, Failure> {
        let member = self.protocol.members[member].pubkey();
        self.send(ix::withdraw_approval(self.protocol.domain, member, self.proposal))
    }

    fn veto(&mut self, member: usize) -> Result<Outcome, Failure> {
        let member = self.protocol.members[member].pubkey();
        self.send(ix::veto(self.protocol.domain, member, self.proposal))
    }

    fn authority(&self) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal),
        }
    }

    fn execution(&self) -> Instruction {
        ix::set_limit(self.authority(), self.args.clone())
    }

    fn execute(&mut self) -> Result<Outcome, Failure> {
        self.send(self.execution())
    }

    fn close(&mut self) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        self.send(ix::close_proposal(self.protocol.domain, self.proposal, payer))
    }
}

#[test]
fn threshold_then_delay_then_once() {
    let mut table = Table::new();
    refused(table.execute(), BulkheadError::NotApproved);
    table.approve(0).expect("an approver approves");
    refused(table.approve(0), BulkheadError::AlreadyApproved);
    table.machine.warp_seconds(DELAY_SECONDS);
    refused(table.execute(), BulkheadError::NotApproved);
    table.approve(1).expect("an approver approves");
    table.machine.warp_seconds(DELAY_SECONDS - 1);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    assert_eq!(table.limit(), 100_000);
    table.machine.warp_seconds(1);
    table.execute().expect("it has matured");
    assert_eq!(table.limit(), 500_000);

    refused(table.execute(), BulkheadError::ProposalNotOpen);
    refused(table.approve(2), BulkheadError::ProposalNotOpen);
    refused(table.withdraw(0), BulkheadError::ProposalNotOpen);
    refused(table.veto(3), BulkheadError::ProposalNotOpen);
}

#[test]
fn only_approvers_propose_and_approve() {
    let mut table = Table::new();
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let stranger = keypair("stranger");
    refused(table.approve(3), BulkheadError::RoleMissing);
    refused(table.withdraw(3), BulkheadError::RoleMissing);
    refused(table.veto(0), BulkheadError::RoleMissing);
    let Proposal {
        payload_hash,
        created_slot,
        ..
    } = table.state();
    let approve = ix::approve(domain, stranger.pubkey(), table.proposal, payload_hash, created_slot);
    let veto = ix::veto(domain, stranger.pubkey(), table.proposal);
    let withdraw = ix::withdraw_approval(domain, stranger.pubkey(), table.proposal);
    let propose = ix::propose(domain, stranger.pubkey(), payer, 1, &table.args);
    for instruction in [approve, veto, withdraw, propose] {
        refused(
            table.machine.send(&[instruction], &[&stranger]),
            BulkheadError::NotAMember,
        );
    }
}

#[test]
fn an_approval_names_what_was_proposed_and_when() {
    let mut table = Table::new();
    let (state, approver) = (table.state(), table.protocol.members[0].pubkey());
    let decision = EncodedDecision::from(&table.args);
    let other = payload_hash(ProposalKind::RegisterLedger.number(), decision.payload());
    for (hash, slot) in [
        (other, state.created_slot),
        ([0; 32], state.created_slot),
        (state.payload_hash, state.created_slot - 1),
        (state.payload_hash, state.created_slot + 1),
    ] {
        let approve = ix::approve(table.protocol.domain, approver, table.proposal, hash, slot);
        refused(table.send(approve), BulkheadError::ApprovalMismatch);
    }
    // What is approved is what runs, and what everyone can read in the account.
    let data = table.machine.account(&table.proposal).expect("it exists").data;
    let payload = &data[bulkhead::authority::PROPOSAL_HEADER..];
    assert_eq!(payload, decision.payload());
    assert_eq!(state.payload_hash, decision.hash());
    assert_eq!(state.payload_hash, payload_hash(state.kind, payload));
}

#[test]
fn an_approval_taken_back_starts_the_clock_anew() {
    let mut table = Table::approved();
    refused(table.withdraw(2), BulkheadError::ApprovalMissing);
    table.machine.warp_seconds(DELAY_SECONDS - 1);
    table.withdraw(1).expect("it is theirs");
    assert_eq!(table.state().approved_ts, 0);
    table.machine.warp_seconds(1);
    refused(table.execute(), BulkheadError::NotApproved);
    table.approve(2).expect("an approver approves");
    refused(table.execute(), BulkheadError::DelayNotPassed);
    table.machine.warp_seconds(DELAY_SECONDS - 1);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    table.machine.warp_seconds(1);
    table.execute().expect("the whole delay has passed again");
}

#[test]
fn approvals_beyond_the_threshold_do_not_move_the_clock() {
    let mut table = Table::approved();
    let reached = table.state().approved_ts;
    table.machine.warp_seconds(DELAY_SECONDS / 2);
    table.approve(2).expect("an approver approves");
    table.withdraw(0).expect("two are left");
    assert_eq!(table.state().approved_ts, reached);
    table.machine.warp_seconds(DELAY_SECONDS / 2);
    table.execute().expect("the threshold was held throughout");
}

#[test]
fn a_vetoer_stops_it_to_the_last_moment() {
    let mut table = Table::matured();
    table.veto(3).expect("not executed yet");
    assert_eq!(table.state().state, proposal_state::VETOED);
    refused(table.execute(), BulkheadError::ProposalNotOpen);
    refused(table.approve(2), BulkheadError::ProposalNotOpen);
    refused(table.veto(3), BulkheadError::ProposalNotOpen);
    assert_eq!(table.limit(), 100_000);
}

#[test]
fn it_expires() {
    let mut table = Table::approved();
    let expires = table.state().expires_ts;
    assert_eq!(expires, table.state().created_ts + WEEK);
    table
        .machine
        .warp_seconds(expires - table.machine.clock().unix_timestamp);
    let last_moment = table.machine.would_work(&[table.execution()], &[]);
    assert!(last_moment, "the last second counts");
    table.machine.warp_seconds(1);
    refused(table.execute(), BulkheadError::ProposalExpired);
    refused(table.approve(2), BulkheadError::ProposalExpired);
    refused(table.withdraw(0), BulkheadError::ProposalExpired);
}

#[test]
fn a_change_of_the_council_voids_it() {
    let mut table = Table::approved();
    let council = council_config(&table.protocol.members);
    let authority = table.protocol.mature(&mut table.machine, &council);
    // The same members, thresholds and delays: it is another council all the same.
    table
        .send(ix::change_council(authority, council))
        .expect("it has matured");
    refused(table.execute(), BulkheadError::StaleConfigEpoch);
    refused(table.approve(2), BulkheadError::StaleConfigEpoch);
    refused(table.withdraw(0), BulkheadError::StaleConfigEpoch);
    // No right is burnt on what is void.
    refused(table.veto(3), BulkheadError::StaleConfigEpoch);
}

/// A delay is for people to look at what is coming: one that passes while the cluster stands still is none.
#[test]
fn a_delay_has_to_last_by_slots_as_well() {
    let mut table = Table::approved();
    let clock = table.machine.clock();
    let slots = u64::try_from(DELAY_SECONDS).expect("a time") * 5 / 4;
    table
        .machine
        .set_clock(clock.slot + 1, clock.unix_timestamp + DELAY_SECONDS);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    let now = table.machine.clock().unix_timestamp;
    table.machine.set_clock(clock.slot + slots - 1, now);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    // Half of it by slots is enough: they are slower at times, and then nothing takes longer.
    table.machine.set_clock(clock.slot + slots, now);
    table.execute().expect("it has matured");
    assert_eq!(table.limit(), table.args.limit);
}

#[test]
fn a_council_that_could_act_at_once_or_never_is_not_elected() {
    type Spoil = fn(&mut CouncilConfig);
    let spoils: [Spoil; 23] = [
        |council| council.policies[0].delay_seconds = 3_599,
        |council| council.policies[1].threshold = 0,
        |council| council.policies[2].threshold = 5,
        |council| council.policies[3].expiry_seconds = 3_600,
        // A day has to be left to run it.
        |council| council.policies[3].expiry_seconds = 3_600 + MIN_RUN_SECONDS - 1,
        |council| council.freeze_threshold = 0,
        |council| council.freeze_threshold = 4,
        |council| council.members.clear(),
        |council| council.members[1].key = council.members[0].key,
        |council| council.members[0].roles = 16,
        |council| council.guardian_pause_seconds = 0,
        |council| council.pause_rights = 0,
        // A vetoer that cannot veto.
        |council| council.veto_rights = 0,
        |council| council.default_mask = 0,
        |council| council.heartbeat_seconds = 86_399,
        |council| council.heartbeat_seconds = 365 * 86_400 + 1,
        |council| council.guardian_pauses_per_day = 0,
        |council| council.guardian_pauses_in_a_row = 0,
        |council| council.fallback = Pubkey::default(),
        |council| council.fallback = council.members[4].key,
        |council| council.fallback_seconds = 7 * 86_400 - 1,
        |council| council.fallback_seconds = i64::MAX,
        // The domain signs towards other programs only: on its own council it could never act.
        |council| council.fallback = pda::domain(&keypair("protocol/setup_authority").pubkey()),
    ];
    let (mut machine, protocol) = world();
    for spoil in spoils {
        let mut council = council_config(&protocol.members);
        spoil(&mut council);
        let (propose, _) = protocol.proposing(&machine, &council);
        refused(
            machine.send(&[propose], &[&protocol.members[0]]),
            BulkheadError::InvalidCouncil,
        );
    }
}

#[test]
fn another_kind_and_another_payload_do_not_run() {
    let mut table = Table::matured();
    let authority = table.authority();
    let route = RegisterEvacuationRouteArgs {
        vault: table.protocol.vault.vault,
        destination: table.protocol.recovery_account,
    };
    refused(
        table.send(ix::register_evacuation_route(authority, route)),
        BulkheadError::WrongProposalKind,
    );
    let more = SetLimitArgs {
        limit: table.args.limit + 1,
        ..table.args.clone()
    };
    refused(
        table.send(ix::set_limit(authority, more)),
        BulkheadError::PayloadMismatch,
    );
    let none = ix::Authority {
        proposal: None,
        ..authority
    };
    refused(
        table.send(ix::set_limit(none, table.args.clone())),
        BulkheadError::ProposalRequired,
    );
    assert_eq!(table.limit(), 100_000);
    table.execute().expect("the one that was approved");
}

#[test]
fn what_nobody_could_read_is_not_proposed() {
    let (mut machine, protocol) = world();
    let (approver, payer) = (&protocol.members[0], machine.payer.pubkey());
    let mut behind = EncodedDecision::from(&council_config(&protocol.members)).0;
    behind.push(0);
    let next = ProposalKind::all().count().try_into().expect("few");
    let cut = [&[ProposalKind::SetLimit.number()][..], &[7; 47]].concat();
    for (decision, error) in [
        (vec![], BulkheadError::WrongProposalKind),
        (vec![next], BulkheadError::WrongProposalKind),
        (vec![ProposalKind::Resume.number()], BulkheadError::PayloadMismatch),
        (cut, BulkheadError::PayloadMismatch),
        (behind, BulkheadError::PayloadMismatch),
    ] {
        let decision = EncodedDecision(decision);
        let propose = ix::propose(protocol.domain, approver.pubkey(), payer, 0, decision);
        refused(machine.send(&[propose], &[approver]), error);
    }
}

#[test]
fn its_rent_goes_back_to_who_paid_it() {
    let mut table = Table::matured();
    refused(table.close(), BulkheadError::ProposalStillOpen);
    table.execute().expect("it has matured");

    let (domain, sponsor) = (table.protocol.domain, keypair("sponsor"));
    table.machine.fund(&sponsor.pubkey(), 1_000_000_000);
    let approver = table.protocol.members[0].insecure_clone();
    let propose = ix::propose(domain, approver.pubkey(), sponsor.pubkey(), 1, &table.args);
    table
        .protocol
        .must(&mut table.machine, &[propose], &[&approver, &sponsor]);
    let proposal = pda::proposal(&domain, &approver.pubkey(), 1);
    assert!(table.machine.account(&sponsor.pubkey()).expect("funded").lamports < 1_000_000_000);

    table.machine.warp_seconds(WEEK + 1);
    let thief = ix::close_proposal(domain, proposal, approver.pubkey());
    refused(table.send(thief), BulkheadError::ForeignAccount);
    let close = ix::close_proposal(domain, proposal, sponsor.pubkey());
    table.send(close).expect("it can never run again");
    assert_eq!(
        table.machine.account(&sponsor.pubkey()).expect("paid back").lamports,
        1_000_000_000
    );
    assert!(table.machine.account(&proposal).is_none());
    table.close().expect("an executed one is closed too");
    // Under its number another may be made, which nobody has approved.
    let next = table.protocol.propose(&mut table.machine, &table.args);
    assert_eq!(next, table.proposal);
    assert_eq!((table.state().approvals, table.state().approved_ts), (0, 0));
    refused(table.execute(), BulkheadError::NotApproved);
}

// Durable nonces.

/// A nonce account of `authority`, and the nonce in it.
fn open_nonce(machine: &mut Machine, authority: &Keypair) -> (Pubkey, [u8; 32]) {
    let nonce = keypair("nonce");
    let payer = machine.payer.pubkey();
    let rent = machine.svm.minimum_balance_for_rent_exemption(80);
    let steps = system_instruction::create_nonce_account(&payer, &nonce.pubkey(), &authority.pubkey(), rent);
    machine.send(&steps, &[&nonce]).expect("a nonce account opens");
    let data = machine.account(&nonce.pubkey()).expect("it was made").data;
    let value: [u8; 32] = data[40..72].try_into().expect("32 bytes");
    (nonce.pubkey(), value)
}

/// Signed by `signer`, who pays, under `blockhash`.
fn signed(signer: &Keypair, blockhash: [u8; 32], instructions: &[Instruction]) -> Transaction {
    let message = Message::new(instructions, Some(&signer.pubkey()));
    Transaction::new(&[signer], message, blockhash.into())
}

/// `SetComputeUnitLimit(200,000)`.
fn compute_budget() -> Instruction {
    Instruction {
        program_id: "ComputeBudget111111111111111111111111111111"
            .parse()
            .expect("an address"),
        accounts: vec![],
        data: [&[2][..], &200_000u32.to_le_bytes()].concat(),
    }
}

#[test]
fn an_approval_signed_for_later_is_refused() {
    let mut table = Table::new();
    let approver = table.protocol.members[0].insecure_clone();
    table.machine.fund(&approver.pubkey(), 1_000_000_000);
    let (nonce, value) = open_nonce(&mut table.machine, &approver);
    let advance = system_instruction::advance_nonce_account(&nonce, &approver.pubkey());
    let approve = table.protocol.approve(&table.machine, &table.proposal, 0);

    // Signed now and kept: it still lands days later, when any other signature has died.
    let kept = signed(&approver, value, &[advance.clone(), approve.clone()]);
    let plain = signed(
        &approver,
        table.machine.svm.latest_blockhash().to_bytes(),
        std::slice::from_ref(&approve),
    );
    table.machine.svm.expire_blockhash();
    table.machine.warp_seconds(2 * 86_400);
    let dead = table.machine.send_signed(plain).expect_err("its blockhash is gone");
    assert_eq!(dead.error, TransactionError::BlockhashNotFound);
    refused(table.machine.send_signed(kept), BulkheadError::DurableNonce);
    assert_eq!(table.state().approvals, 0);
}

#[test]
fn an_execution_signed_for_later_is_refused() {
    let mut table = Table::matured();
    let payer = table.machine.payer.insecure_clone();
    let (nonce, value) = open_nonce(&mut table.machine, &payer);
    let advance = system_instruction::advance_nonce_account(&nonce, &payer.pubkey());
    let kept = signed(&payer, value, &[advance, table.execution()]);
    refused(table.machine.send_signed(kept), BulkheadError::DurableNonce);
    assert_eq!(table.limit(), 100_000);
    table.execute().expect("signed for now, it runs");
}

#[test]
fn an_advance_is_refused_in_any_place() {
    let mut table = Table::new();
    let approver = table.protocol.members[0].insecure_clone();
    table.machine.fund(&approver.pubkey(), 1_000_000_000);
    let (nonce, value) = open_nonce(&mut table.machine, &approver);
    let advance = system_instruction::advance_nonce_account(&nonce, &approver.pubkey());
    let approve = table.protocol.approve(&table.machine, &table.proposal, 0);
    // Any program's instruction may stand in front: here a transfer of nothing.
    let other = system_instruction::transfer(&approver.pubkey(), &approver.pubkey(), 0);
    let hidden = [
        vec![compute_budget(), advance.clone(), approve.clone()],
        vec![other.clone(), advance.clone(), approve.clone()],
        vec![compute_budget(), other, approve.clone(), advance],
    ];
    for instructions in hidden {
        // The runtime looks for the advance in the first place only: under the nonce it never lands.
        let kept = signed(&approver, value, &instructions);
        let failure = table.machine.send_signed(kept).expect_err("the nonce is no blockhash");
        assert_eq!(failure.error, TransactionError::BlockhashNotFound);
        // Under a blockhash it was signed just now. Still nobody needs the advance next to an approval.
        let fresh = signed(
            &approver,
            table.machine.svm.latest_blockhash().to_bytes(),
            &instructions,
        );
        refused(table.machine.send_signed(fresh), BulkheadError::DurableNonce);
    }
    assert_eq!(table.state().approvals, 0);
    let alone = [compute_budget(), approve];
    let fresh = signed(&approver, table.machine.svm.latest_blockhash().to_bytes(), &alone);
    table.machine.send_signed(fresh).expect("no advance, no objection");
}
