//! Proposals from the first word to the last, and their shorthands.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead_cli::verbs::idl_json;
use bulkhead_client::{
    bulkhead::{
        decision::Decision,
        instructions::{
            OpenBreakerArgs, OpenCheckpointLogArgs, OpenVaultArgs, RegisterEmergencyActionArgs,
            RegisterEvacuationRouteArgs, SetLinkArgs,
        },
    },
    instructions as ix, pda,
};
use bulkhead_core::token;
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{
        MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, NO_LEDGER, SCOPE_DOMAIN, VETO_SECONDS, phase, proposal_state,
    },
    layout::{Council, OutflowBreaker, Proposal},
};
use bulkhead_testbed::{DELAY_SECONDS, Protocol, Setup, council_config, keypair};
use solana_signer::Signer;

use crate::{
    detectors::{price_args, solvency_args, watch_args, write_all},
    world::World,
};

const LIMITS: &[&str] = &["approve", "close_proposal", "propose", "set_limit"];
const STOPPED: &[&str] = &["veto", "withdraw_approval"];
const EDITED: &[&str] = &["edit_proposal"];
const CALLED: &[&str] = &["run_instruction"];
const COUNCIL: &[&str] = &["change_council", "grant_rights"];
const UNPAUSED: &[&str] = &["reopen", "resume"];
const CLOSED: &[&str] = &["close_detector"];
const CONFIGURED: &[&str] = &[
    "open_authority_watch",
    "open_breaker",
    "open_checkpoint_log",
    "open_price_breaker",
    "open_solvency_breaker",
    "open_vault",
    "register_emergency_action",
    "register_evacuation_route",
    "register_ledger",
    "set_link",
];

/// The instructions that each of these tests has to see.
pub const SEEN: &[&[&str]] = &[LIMITS, STOPPED, EDITED, CALLED, COUNCIL, UNPAUSED, CLOSED, CONFIGURED];

/// A decision as the JSON that `--args` takes.
fn json(decision: impl Into<Decision>) -> String {
    idl_json::arguments(&decision.into())
        .expect("the IDL describes it")
        .to_string()
}

/// The address of a member's proposal.
fn proposal(world: &World, member: usize, number: u64) -> String {
    pda::proposal(&world.protocol.domain, &world.member(member), number).to_string()
}

/// Two approvals, and the delay.
fn mature(world: &World, proposal: &str) {
    world.must(world.member(0), &["approve", proposal]);
    world.must(world.member(1), &["proposal", "approve", proposal]);
    world.machine().warp_seconds(DELAY_SECONDS);
}

/// Two approvals, the delay, and the execution.
fn carry_out(world: &World, proposal: &str) {
    mature(world, proposal);
    world.must(world.anyone(), &["execute", proposal]);
}

fn state(world: &World, proposal: &str) -> u8 {
    let key: Pubkey = proposal.parse().expect("an address");
    world.machine().load::<Proposal>(&key).state
}

#[test]
fn a_limit_rises_by_flags_approvals_and_time_only() {
    let world = World::new();
    let breaker = |world: &World| world.machine().load::<OutflowBreaker>(&world.protocol.vault.breaker);
    let before = breaker(&world);
    world.must(
        world.member(0),
        &["propose", "set-limit", "--limit", "250000", "--trip-limit", "0"],
    );
    let key = proposal(&world, 0, 0);
    world.must(world.anyone(), &["proposal", "list"]);
    world.must(world.anyone(), &["proposal", "show", &key]);
    world.refused(world.anyone(), &["execute", &key], "NotYet");
    carry_out(&world, &key);
    let after = breaker(&world);
    assert_eq!(
        (after.limit, after.slot_limit, after.trip_limit),
        (250_000, before.slot_limit, 500_000)
    );
    assert_eq!(state(&world, &key), proposal_state::EXECUTED);
    world.must(world.anyone(), &["proposal", "list", "--all"]);
    world.must(world.anyone(), &["proposal", "close", &key]);
    let address: Pubkey = key.parse().expect("an address");
    assert!(world.machine().account(&address).is_none(), "it is still there");

    world.refused(world.member(0), &["propose", "set-limit"], "NotPossible");
    world.refused(
        world.member(3),
        &["propose", "set-limit", "--limit", "9000000"],
        "RoleMissing",
    );
    // A slot's limit above the window's could never be set.
    let words = ["propose", "set-limit", "--limit", "1000", "--slot-limit", "2000"];
    assert!(world.run(world.member(0), &words).is_err());
    world.refused(world.member(0), &["propose", "grant-rights"], "NotPossible");
    world.refused(
        world.member(0),
        &["propose", "grant-rights", "--args", "{}"],
        "BadArguments",
    );
    world.refused(
        world.member(0),
        &["propose", "grant-rights", "--args", "no such file"],
        "NotReadable",
    );
    let words = ["propose", "set-limit", "--compartment", "0", "--args", "{}"];
    world.refused(world.member(0), &words, "ArgumentsTwice");
    for kind in ["resume", "register-ledger", "open_price_breaker"] {
        world.must(world.anyone(), &["propose", kind, "--example"]);
    }
    world.saw(LIMITS);
}

#[test]
fn an_approval_can_be_withdrawn_and_a_vetoer_stops_a_proposal() {
    let world = World::new();
    world.must(world.member(0), &["propose", "set-limit", "--limit", "250000"]);
    let key = proposal(&world, 0, 0);
    world.must(world.member(0), &["approve", &key]);
    world.must(world.member(0), &["withdraw-approval", &key]);
    let address: Pubkey = key.parse().expect("an address");
    assert_eq!(world.machine().load::<Proposal>(&address).approvals, 0);
    world.refused(world.member(0), &["veto", &key], "RoleMissing");
    world.refused(world.anyone(), &["proposal", "close", &key], "ProposalStillOpen");
    world.must(world.member(3), &["veto", &key]);
    assert_eq!(state(&world, &key), proposal_state::VETOED);
    assert!(world.run(world.anyone(), &["execute", &key]).is_err());
    // The veto stands against the proposer.
    world.refused(
        world.member(0),
        &["propose", "set-limit", "--limit", "300000"],
        "VetoStands",
    );
    world.machine().warp_seconds(VETO_SECONDS);
    world.must(world.member(0), &["propose", "set-limit", "--limit", "300000"]);
    world.saw(STOPPED);
}

#[test]
fn a_proposer_edits_with_another_decision_of_the_same_kind() {
    let world = World::new();
    let mut config = council_config(&world.protocol.members);
    world.must(
        world.member(0),
        &["propose", "change-council", "--args", &json(config.clone())],
    );
    let key = proposal(&world, 0, 0);
    let address: Pubkey = key.parse().expect("an address");
    let hash = world.machine().load::<Proposal>(&address).payload_hash;
    config.freeze_threshold = 3;
    let other = json(config);
    world.must(world.anyone(), &["proposal", "edit", &key, "--example"]);
    world.refused(
        world.member(1),
        &["proposal", "edit", &key, "--args", &other],
        "NotProposer",
    );
    world.refused(world.member(0), &["proposal", "edit", &key], "NoArguments");
    world.must(world.member(0), &["proposal", "edit", &key, "--args", &other]);
    assert_ne!(world.machine().load::<Proposal>(&address).payload_hash, hash);
    world.saw(EDITED);
}

#[test]
fn an_instruction_of_the_domain_runs_as_it_was_proposed() {
    let (treasury, wallet) = (keypair("treasury").pubkey(), keypair("wallet").pubkey());
    let world = World::with(&Setup::default(), |machine, protocol| {
        machine.create_token_account(&treasury, &protocol.mint, &protocol.domain, 1_000);
        machine.create_token_account(&wallet, &protocol.mint, &keypair("user").pubkey(), 0);
        vec![]
    });
    let domain = world.protocol.domain;
    let transfer = spl::transfer(&TOKEN_PROGRAM, &treasury, &wallet, &domain, &[], 600).expect("it is well formed");
    let arguments = json(ix::stored(&transfer));
    world.must(world.member(0), &["propose", "run-instruction", "--args", &arguments]);
    carry_out(&world, &proposal(&world, 0, 0));
    let account = world.machine().account(&wallet).expect("a token account");
    assert_eq!(token::amount(&account.data), Some(600));
    world.saw(CALLED);
}

#[test]
fn a_council_changes_by_a_file_and_rights_are_granted() {
    let world = World::new();
    world.must(world.member(0), &["pause", "--compartment", "1"]);
    let rights = |world: &World| world.protocol.council(&world.machine()).members[0].pause_rights;
    let before = rights(&world);
    let arguments = format!(r#"{{"member": "{}", "pause_rights": 1}}"#, world.member(0));
    world.must(world.member(0), &["propose", "grant_rights", "--args", &arguments]);
    carry_out(&world, &proposal(&world, 0, 0));
    assert_eq!(rights(&world), before + 1);

    let mut config = council_config(&world.protocol.members);
    config.freeze_threshold = 3;
    world.must(world.member(0), &["propose", "change-council", "--args", &json(config)]);
    carry_out(&world, &proposal(&world, 0, 1));
    let council: Council = world.protocol.council(&world.machine());
    assert_eq!(council.freeze_threshold, 3);
    world.refused(world.member(0), &["propose", "change-council"], "NotPossible");
    let words = ["propose", "change-council", "--config", "no such file"];
    world.refused(world.member(0), &words, "BadConfig");
    world.saw(COUNCIL);
}

#[test]
fn each_approver_takes_a_step_until_the_domain_operates_again() {
    let world = World::new();
    let is_operating = |world: &World| world.protocol.state(&world.machine()).state == phase::OPERATING;
    world.must(world.member(0), &["confirm"]);
    world.must(world.member(1), &["confirm"]);
    for member in [0, 1] {
        world.must(world.member(member), &["resume"]);
    }
    assert!(!is_operating(&world), "an unpause waits out its delay");
    world.machine().warp_seconds(DELAY_SECONDS);
    world.must(world.anyone(), &["resume"]);
    assert!(is_operating(&world));

    // A guardian's pause in peace ends by a reopening.
    world.must(world.member(2), &["pause"]);
    for member in [0, 1] {
        world.must(
            world.member(member),
            &["reopen", "--ramp-bps", "5000", "--grace-seconds", "60"],
        );
    }
    world.machine().warp_seconds(DELAY_SECONDS);
    world.must(
        world.anyone(),
        &["reopen", "--ramp-bps", "5000", "--grace-seconds", "60"],
    );
    assert_eq!(world.protocol.board(&world.machine()).domain_row.ramp_bps, 5_000);
    let words = ["propose", "reopen", "--ramp-bps", "0"];
    assert!(world.run(world.member(0), &words).is_err(), "nothing could leave");
    world.saw(UNPAUSED);
}

#[test]
fn a_breaker_is_closed_by_a_proposal_and_leftovers_are_tidied() {
    let world = World::new();
    let breaker = world.protocol.vault.breaker;
    let arguments = format!(r#"{{"detector": "{breaker}", "receiver": "{}"}}"#, world.anyone());
    world.must(world.member(0), &["propose", "close-detector", "--args", &arguments]);
    let key = proposal(&world, 0, 0);
    carry_out(&world, &key);
    assert!(
        world.machine().account(&breaker).is_none(),
        "the breaker is still there"
    );
    world.must(world.anyone(), &["domain", "tidy"]);
    let address: Pubkey = key.parse().expect("an address");
    assert!(
        world.machine().account(&address).is_none(),
        "the proposal is still there"
    );
    world.saw(CLOSED);
}

#[test]
fn what_is_configured_during_set_up_is_configured_by_proposals_afterwards() {
    let setup = Setup {
        ledger: false,
        ..Setup::default()
    };
    let mut upstream = None;
    let world = World::with(&setup, |machine, _| {
        let setup = Setup {
            name: "upstream",
            ..Setup::default()
        };
        upstream = Some(Protocol::set_up(machine, &setup));
        vec![]
    });
    let (protocol, upstream) = (&world.protocol, upstream.expect("it was set up"));
    let (domain, mint) = (protocol.domain, protocol.mint);
    let vault = pda::vault(&domain, &mint, 1);
    let host_mint = keypair("host mint").pubkey();
    world.machine().create_mint(&host_mint, &domain, 6);
    let kind = spl::AuthorityType::MintTokens;
    let stop = spl::set_authority(&TOKEN_PROGRAM, &host_mint, None, kind, &domain, &[]);
    let decisions: Vec<Decision> = vec![
        RegisterEvacuationRouteArgs {
            vault: protocol.vault.vault,
            destination: protocol.recovery_account,
        }
        .into(),
        OpenBreakerArgs {
            compartment: 1,
            mint,
            authority: vault,
            sub_windows: 12,
            trip_scope: 1,
            window_seconds: 3_600,
            limit: 100_000,
            slot_limit: 60_000,
            latch_seconds: 3_600,
            shards: 1,
            ..OpenBreakerArgs::default()
        }
        .into(),
        OpenVaultArgs {
            index: 1,
            compartment: 1,
            operator: protocol.operator.pubkey(),
            breaker: pda::outflow_breaker(&domain, 1, &mint, 0),
            mint,
            queue_seconds: 24 * 3_600,
            ledger: NO_LEDGER,
        }
        .into(),
        price_args(protocol).into(),
        solvency_args(protocol).into(),
        watch_args().into(),
        SetLinkArgs {
            upstream: upstream.domain,
            upstream_scope: SCOPE_DOMAIN,
            upstream_mask: action::ALL,
            compartments: 1,
            mask: 0,
        }
        .into(),
        RegisterEmergencyActionArgs {
            index: 0,
            instruction: ix::stored(&stop.expect("it is well formed")),
        }
        .into(),
        protocol.ledger_args(0).into(),
        OpenCheckpointLogArgs {
            ledger_index: 0,
            threshold: 2,
            min_interval_slots: MIN_CHECKPOINT_INTERVAL,
            keep_seconds: MIN_KEEP_SECONDS,
            tolerance_bps: 100,
            published_only: false,
        }
        .into(),
    ];
    for (number, decision) in (0..).zip(decisions) {
        let kind = decision.kind().name();
        world.must(world.member(0), &["propose", kind, "--args", &json(decision)]);
        let key = proposal(&world, 0, number);
        mature(&world, &key);
        // What detectors are opened over has to be as it is registered, and recent.
        write_all(&mut world.machine(), protocol);
        world.must(world.anyone(), &["execute", &key]);
    }
    world.saw(CONFIGURED);
}
