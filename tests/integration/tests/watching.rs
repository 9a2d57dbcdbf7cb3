//! Whoever follows logs can be blinded by whoever sends the transaction; whoever watches the accounts cannot.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{ResumeArgs, SetLimitArgs};
use bulkhead_client::{
    instructions as ix,
    watch::{self, Accounts, Change, Event, Kind},
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::ID;
use bulkhead_testbed::{Machine, Outcome, Protocol};
use bulkhead_tests::{
    every_instruction::{self, Visitor},
    receiver, world,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const MEMO: Pubkey = anchor_lang::pubkey!("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
/// What a node keeps of a transaction's logs.
const LOG_BYTES: usize = 10_000;

/// What a node answers when it is asked for the accounts of a domain.
fn seen(machine: &Machine, domain: &Pubkey) -> Accounts {
    let all = machine.svm.get_program_accounts(&ID);
    Accounts::of(
        domain,
        all.iter()
            .map(|(key, account)| (*key, account.owner, account.data.as_slice())),
    )
}

fn has(changes: &[Change], event: Event) -> bool {
    changes.iter().any(|change| change.event == event && change.matters())
}

fn with_a_nodes_logs(machine: &mut Machine) {
    machine.svm = std::mem::take(&mut machine.svm).with_log_bytes_limit(Some(LOG_BYTES));
}

/// Sends it behind forty empty memos.
fn behind_memos(machine: &mut Machine, instruction: Instruction, signers: &[&Keypair]) -> Outcome {
    let memo = Instruction {
        program_id: MEMO,
        accounts: vec![],
        data: vec![],
    };
    let mut all = vec![memo; 40];
    all.push(instruction);
    machine.send(&all, signers).expect("memos stop nothing")
}

/// Forty memos fill the ten kilobytes; what Bulkhead logs afterwards is gone. The accounts say it all the same.
#[test]
fn logs_can_be_filled_and_accounts_cannot() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    with_a_nodes_logs(&mut machine);
    let (domain, payer) = (protocol.domain, machine.payer.pubkey());
    let (guardian, proposer) = (&protocol.members[0], &protocol.members[0]);
    // Limits to the highest number.
    let args = SetLimitArgs {
        limit: u64::MAX,
        slot_limit: u64::MAX,
        ..set_limit(&protocol)
    };
    let index = machine.free_proposal(&domain, &proposer.pubkey());
    let acts: [(Instruction, &Keypair, &[Event]); 4] = [
        (
            ix::propose(domain, proposer.pubkey(), payer, index, &args),
            proposer,
            &[Event::ProposalCreated],
        ),
        (
            ix::release(protocol.vault, protocol.operator.pubkey(), payer, user, 200_001, 7),
            &protocol.operator,
            &[Event::BreakerLatched, Event::ReleaseQueued],
        ),
        (
            ix::pause(domain, guardian.pubkey(), 3, action::WITHDRAW),
            guardian,
            &[Event::Paused, Event::PauseRightBurnt],
        ),
        (
            ix::open_incident(domain, guardian.pubkey(), payer, 0),
            guardian,
            &[Event::IncidentOpened, Event::PhaseChanged],
        ),
    ];
    for (instruction, signer, events) in acts {
        let before = seen(&machine, &domain);
        let outcome = behind_memos(&mut machine, instruction, &[signer]);
        assert!(
            outcome.logs.iter().any(|line| line == "Log truncated"),
            "{:?}",
            outcome.logs.last()
        );
        let logged = outcome
            .logs
            .iter()
            .filter(|line| line.starts_with("Program data: "))
            .count();
        assert_eq!(logged, 0, "the logs hide it: {events:?}");
        let changes = watch::changes(&before, &seen(&machine, &domain));
        for event in events {
            assert!(has(&changes, *event), "{event}: {changes:?}");
        }
    }
}

fn set_limit(protocol: &Protocol) -> SetLimitArgs {
    SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 100_000,
        slot_limit: 60_000,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
        trip_limit: 0,
        trip_bps: 0,
    }
}

/// Looking once in less than an hour, a proposal is seen open before it can run, whatever is done to it afterwards.
#[test]
fn a_proposal_is_seen_before_it_runs() {
    let (mut machine, protocol) = world();
    protocol.freeze(&mut machine);
    let mut before = seen(&machine, &protocol.domain);
    let mut printed = vec![];
    let domain = protocol.domain;
    let mut look = |machine: &Machine| {
        let now = seen(machine, &domain);
        printed.extend(watch::changes(&before, &now));
        before = now;
        printed.clone()
    };
    let args = ResumeArgs {
        incident: protocol.state(&machine).open_incident,
    };
    let authority = protocol.mature(&mut machine, &args);
    let seen_open = look(&machine);
    let proposal = authority.proposal.expect("one");
    for event in [Event::ProposalCreated, Event::ProposalApproved] {
        assert!(
            seen_open
                .iter()
                .any(|change| (change.account, change.event) == (proposal, event)),
            "{event}"
        );
    }
    let resume = ix::resume(authority, args);
    machine.send(&[resume], &[]).expect("it has matured");
    let after = look(&machine);
    for event in [
        Event::ProposalExecuted,
        Event::DomainResumed,
        Event::Unpaused,
        Event::PhaseChanged,
    ] {
        assert!(has(&after, event), "{event}: {after:?}");
    }
}

/// A first look reports the whole state.
#[test]
fn what_stands_is_told_without_a_moment_before() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 200_001, 7)
        .expect("a breach does not fail");
    let pause = ix::pause(protocol.domain, protocol.members[0].pubkey(), SCOPE_DOMAIN, 0);
    protocol.must(&mut machine, &[pause], &[&protocol.members[0]]);
    protocol.propose(&mut machine, &set_limit(&protocol));
    let stands = watch::changes(&Accounts::default(), &seen(&machine, &protocol.domain));
    for event in [
        Event::ProposalCreated,
        Event::Paused,
        Event::BreakerLatched,
        Event::ReleaseQueued,
        Event::CouncilChanged,
    ] {
        assert!(has(&stands, event), "{event}: {stands:?}");
    }
    let same = seen(&machine, &protocol.domain);
    assert_eq!(watch::changes(&same, &same), []);
}

/// A node is asked by kind and by the key of the domain or of a vault of it; the answers together are all accounts, and
/// accounts of others among them change nothing.
#[test]
fn the_questions_find_every_account_and_no_foreign_one() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 60_001, 7)
        .expect("a breach does not fail");
    protocol.propose(&mut machine, &set_limit(&protocol));
    let all = machine.svm.get_program_accounts(&ID);
    let whole = seen(&machine, &protocol.domain);
    let ask = |questions: Vec<watch::Question>| -> Vec<(Pubkey, Pubkey, &[u8])> {
        let passes = |data: &[u8], question: &watch::Question| {
            data.starts_with(&question.discriminator)
                && data
                    .get(question.offset..)
                    .is_some_and(|rest| rest.starts_with(question.key.as_ref()))
        };
        let rows = all
            .iter()
            .filter(|(_, account)| questions.iter().any(|question| passes(&account.data, question)));
        rows.map(|(key, account)| (*key, account.owner, account.data.as_slice()))
            .collect()
    };
    let mut answers = ask(watch::questions(protocol.domain, Kind::Domain));
    for vault in whole.of_kind(Kind::Vault) {
        answers.extend(ask(watch::questions(vault, Kind::Vault)));
    }
    let domain = machine.account(&protocol.domain).expect("the domain");
    answers.push((protocol.domain, ID, &domain.data));
    assert_eq!(Accounts::of(&protocol.domain, answers.iter().copied()), whole);
    assert!(whole.of_kind(Kind::Release).len() == 1 && whole.of_kind(Kind::Proposal).len() == 1);
    // The same bytes under another program, another kind's first bytes, another version, and another domain.
    let stranger = Pubkey::new_from_array([7; 32]);
    let mut spoilt: Vec<(Pubkey, Pubkey, Vec<u8>)> = vec![];
    for (key, owner, data) in &answers {
        let mut other_version = data.to_vec();
        other_version[8] = 9;
        spoilt.extend([
            (*key, stranger, data.to_vec()),
            (stranger, *owner, data.get(..9).unwrap_or_default().to_vec()),
            (stranger, *owner, other_version),
        ]);
    }
    let spoilt = spoilt.iter().map(|(key, owner, data)| (*key, *owner, data.as_slice()));
    assert_eq!(Accounts::of(&protocol.domain, spoilt.clone()), Accounts::default());
    assert_eq!(
        Accounts::of(&protocol.domain, answers.iter().copied().chain(spoilt)),
        whole
    );
    assert_eq!(Accounts::of(&stranger, answers.iter().copied()), Accounts::default());
}

/// Every instruction of the program, in states where it works: what it changes in accounts of Bulkhead is reported, of every
/// account of it; and the acts that matter by their name.
#[test]
fn every_instruction_leaves_its_trace() {
    struct Watcher {
        before: Vec<(Pubkey, Vec<u8>)>,
        rows: usize,
    }
    impl Watcher {
        fn accounts(machine: &Machine) -> Vec<(Pubkey, Vec<u8>)> {
            let all = machine.svm.get_program_accounts(&ID).into_iter();
            let mut all: Vec<_> = all
                .map(|(key, account)| (key, account.data))
                .filter(|(_, data)| !data.is_empty())
                .collect();
            all.sort_unstable();
            all
        }
    }
    impl Visitor for Watcher {
        fn ready(&mut self, machine: &mut Machine, _: &str, _: &Instruction, _: &[&Keypair]) {
            self.before = Self::accounts(machine);
        }

        fn worked(&mut self, machine: &mut Machine, row: &str) {
            let after = Self::accounts(machine);
            let of_kind = |all: &[(Pubkey, Vec<u8>)]| -> Vec<Pubkey> {
                let domains = all.iter().filter(|(_, data)| Kind::of(data) == Some(Kind::Domain));
                domains.map(|(key, _)| *key).collect()
            };
            let changes: Vec<Change> = of_kind(&after)
                .iter()
                .flat_map(|domain| {
                    let of = |all: &[(Pubkey, Vec<u8>)]| {
                        Accounts::of(domain, all.iter().map(|(key, data)| (*key, ID, data.as_slice())))
                    };
                    watch::changes(&of(&self.before), &of(&after))
                })
                .collect();
            let mut keys: Vec<_> = self.before.iter().chain(&after).map(|(key, _)| *key).collect();
            keys.sort_unstable();
            keys.dedup();
            let data = |all: &[(Pubkey, Vec<u8>)], key: Pubkey| {
                all.iter()
                    .find(|(found, _)| *found == key)
                    .map(|(_, data)| data.clone())
            };
            for key in keys {
                let (old, new) = (data(&self.before, key), data(&after, key));
                let is_told = changes.iter().any(|change| change.account == key);
                assert_eq!(old != new, is_told, "{row}: {key} {changes:?}");
            }
            let name = row.split([' ', ',', ':']).next().unwrap_or(row);
            for event in expected(name) {
                assert!(has(&changes, *event), "{row} without {event}: {changes:?}");
            }
            self.rows += 1;
        }
    }
    let mut watcher = Watcher {
        before: vec![],
        rows: 0,
    };
    every_instruction::visit(&mut watcher);
    assert!(watcher.rows > 70, "{}", watcher.rows);
}

/// What each act that matters is reported as.
fn expected(instruction: &str) -> &'static [Event] {
    match instruction {
        "propose" => &[Event::ProposalCreated],
        "edit_proposal" => &[Event::ProposalEdited],
        "approve" => &[Event::ProposalApproved],
        "withdraw_approval" => &[Event::ApprovalWithdrawn],
        "veto" => &[Event::ProposalVetoed],
        "close_proposal" => &[Event::ProposalClosed],
        "pause" => &[Event::Paused, Event::PauseRightBurnt],
        "open_incident" => &[Event::IncidentOpened],
        "confirm_incident" => &[Event::IncidentConfirmed],
        "propagate_trip" => &[Event::TripPropagated],
        "propagate_contagion" => &[Event::ContagionPropagated],
        "resume" => &[Event::DomainResumed],
        "change_council" => &[Event::CouncilChanged],
        "open_breaker" => &[Event::BreakerOpened],
        "open_vault" => &[Event::VaultOpened],
        "register_evacuation_route" => &[Event::EvacuationRouteRegistered],
        "lower_limit" => &[Event::LimitLowered],
        "cancel_releases" => &[Event::CancelListSet],
        "cancel_listed_release" => &[Event::ReleaseCancelled],
        "cancel_release" => &[Event::ReleaseCancelled],
        "evacuate" => &[Event::VaultEvacuated],
        "confirm_evacuation" => &[Event::EvacuationConfirmed],
        "close_detector" => &[Event::DetectorClosed],
        "set_link" => &[Event::LinkSet],
        "register_peer" => &[Event::PeerRegistered],
        "accept_attested" | "accept_posted" => &[
            Event::MessageAccepted,
            Event::ContagionPropagated,
            Event::PauseRightBurnt,
        ],
        "accept_posted_recorded" => &[Event::MessageAccepted],
        "announce_rotation" => &[Event::RotationAnnounced],
        "stop_rotation" => &[Event::RotationStopped],
        "register_emergency_action" => &[Event::EmergencyActionRegistered],
        "run_emergency_action" => &[Event::PauseRightBurnt],
        "register_emergency_steps" => &[Event::EmergencyActionRegistered],
        "start_emergency_run" => &[Event::PauseRightBurnt, Event::EmergencyRunStarted],
        "run_emergency_step" => &[Event::EmergencyStepRun],
        "register_direct_vault" => &[Event::DirectVaultRegistered],
        "evacuate_direct" => &[Event::DirectVaultEvacuated],
        "upgrade_host" | "deploy_emergency_build" => &[Event::HostUpgraded],
        "register_emergency_build" => &[Event::EmergencyBuildRegistered],
        "confirm_emergency_build" => &[Event::EmergencyBuildConfirmed],
        "register_ledger" => &[Event::LedgerRegistered],
        "open_snapshot" => &[Event::SnapshotOpened],
        "seal_snapshot" => &[Event::SnapshotSealed],
        "override_seal" => &[Event::SealOverridden],
        "post_checkpoint" => &[Event::CheckpointPosted],
        "open_ballot" => &[Event::BallotOpened],
        "add_candidate" => &[Event::CandidateAdded],
        "start_voting" => &[Event::VotingStarted],
        "choose_restoration" => &[Event::RestorationChosen],
        "redirect_claims" => &[Event::ClaimsRedirected],
        "wish_claims" => &[],
        "register_verifying_key" => &[Event::VerifyingKeyRegistered],
        "require_proofs" => &[Event::ProofsRequired],
        "open_successor" => &[Event::SnapshotOpened],
        "seal_successor" => &[Event::SnapshotSealed],
        "open_proof" => &[Event::ProofOpened],
        "record_proof" => &[Event::LedgerProved],
        "override_proof" => &[Event::ProofOverridden],
        "set_recovery_rules" => &[Event::RecoveryRulesSet],
        "open_escape" => &[Event::EscapeOpened],
        "set_claim_terms" => &[Event::ClaimTermsSet],
        "set_ballot_rules" => &[Event::BallotRulesSet],
        "renew_ballot_veto" => &[Event::BallotVetoed, Event::BallotRenewed],
        "extend_claims" => &[Event::ClaimsExtended],
        "sweep_unclaimed" => &[Event::UnclaimedSwept],
        "record_restart_check" | "override_restart_check" => &[Event::RestartChecked],
        "activate_domain" => &[Event::DomainActivated],
        "open_domain" => &[Event::DomainOpened, Event::CouncilChanged],
        _ => &[],
    }
}
