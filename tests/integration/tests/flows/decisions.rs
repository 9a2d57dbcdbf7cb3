//! Every kind of proposal is executed by the instruction that executes it.

use anchor_lang::prelude::Pubkey;
use bulkhead::{decision::Decision, instructions::*};
use bulkhead_client::{
    chain::Chain,
    flows::{self, Quiet, Session},
    instructions as ix, pda,
};
use bulkhead_interface::{
    ID, ProposalKind,
    constants::{SCOPE_DOMAIN, proposal_state},
    layout::{OutflowBreaker, Proposal, Vault},
};
use bulkhead_testbed::{DELAY_SECONDS, Machine, OnMachine, Protocol, Setup, council_config, keypair};
use bulkhead_tests::{
    detectors::{pyth_args, solvency_args, token_args, write_liabilities},
    every_instruction::{self, Visitor},
    linked::link_args,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{World, must, nothing_sent, sent};

/// Proposed, approved, matured and executed by flows.
async fn decide(world: &World, decision: impl Into<Decision>) {
    let (session, decision) = (world.session(), decision.into());
    let name = decision.kind().name();
    let proposed = must(flows::propose(&session, world.domain(), world.member(0), decision).await);
    let key = proposed.proposal;
    let hash = must(flows::read_proposal(&session, key).await).proposal.payload_hash;
    for member in 0..2 {
        must(flows::approve(&session, key, world.member(member), hash).await);
    }
    world.warp(DELAY_SECONDS);
    let done = flows::execute(&session, key, world.payer()).await;
    sent(&done.unwrap_or_else(|error| panic!("{name}: {error}")), 1);
    let state = world.chain.machine().load::<Proposal>(&key).state;
    assert_eq!(state, proposal_state::EXECUTED, "{name}");
    nothing_sent(&must(flows::execute(&session, key, world.payer()).await));
}

#[tokio::test]
async fn what_configures_a_domain_is_executed() {
    let world = World::new();
    let upstream = {
        let setup = Setup {
            name: "upstream",
            ..Setup::default()
        };
        Protocol::set_up(&mut world.chain.machine(), &setup)
    };
    let (protocol, domain, mint) = (&world.protocol, world.domain(), world.protocol.mint);
    decide(
        &world,
        SetLimitArgs {
            breaker: protocol.vault.breaker,
            limit: 90_000,
            slot_limit: 50_000,
            limit_bps: 0,
            slot_bps: 0,
            inflow_credit: 0,
            trip_limit: 90_000,
            trip_bps: 0,
        },
    )
    .await;
    let vault = pda::vault(&domain, &mint, 1);
    let breaker = pda::outflow_breaker(&domain, 1, &mint, 0);
    decide(
        &world,
        OpenBreakerArgs {
            compartment: 1,
            mint,
            authority: vault,
            sub_windows: 12,
            trip_scope: SCOPE_DOMAIN,
            window_seconds: 3_600,
            limit: 100_000,
            slot_limit: 60_000,
            latch_seconds: 3_600,
            shards: 1,
            ..OpenBreakerArgs::default()
        },
    )
    .await;
    decide(
        &world,
        OpenVaultArgs {
            index: 1,
            compartment: 1,
            operator: protocol.operator.pubkey(),
            breaker,
            mint,
            queue_seconds: 3_600,
            ledger: 1,
        },
    )
    .await;
    let destination = keypair("another recovery account").pubkey();
    world
        .chain
        .machine()
        .create_token_account(&destination, &mint, &domain, 0);
    decide(&world, RegisterEvacuationRouteArgs { vault, destination }).await;
    assert_eq!(world.chain.machine().load::<Vault>(&vault).route, destination);
    decide(&world, CancelReleasesArgs { vault, root: [7; 32] }).await;
    decide(&world, link_args(&upstream)).await;
    decide(
        &world,
        OpenCheckpointLogArgs {
            ledger_index: 0,
            threshold: 1,
            min_interval_slots: 512,
            keep_seconds: 7 * 86_400,
            tolerance_bps: 100,
            published_only: false,
        },
    )
    .await;
    register_ledger(&world).await;
    let status = world.status().await;
    assert_eq!(
        (status.vaults.len(), status.links.len(), status.checkpoint_logs.len()),
        (2, 1, 1)
    );
}

/// A second ledger that pays the same token: the instruction names the first.
async fn register_ledger(world: &World) {
    let protocol = &world.protocol;
    let mut args = protocol.ledger_args(1);
    args.filters[0].bytes = b"anothers".to_vec();
    args.total.account = keypair("another total").pubkey();
    let total = 0u64.to_le_bytes().to_vec();
    protocol.write_host_account(&mut world.chain.machine(), &args.total.account, total);
    decide(world, args).await;
}

#[tokio::test]
async fn detectors_are_opened_and_closed() {
    let world = World::new();
    let (protocol, domain) = (&world.protocol, world.domain());
    write_liabilities(&mut world.chain.machine(), protocol, 0);
    decide(&world, solvency_args(protocol)).await;
    let price = pyth_args();
    let key = pda::price_breaker(&domain, price.compartment, &price.source_key());
    decide(&world, price).await;
    decide(&world, token_args(&protocol.recovery_account, &domain)).await;
    let close = CloseDetectorArgs {
        detector: key,
        receiver: world.payer(),
    };
    decide(&world, close).await;
    assert!(world.chain.machine().account(&key).is_none());
}

/// A detector that latches cannot keep itself from being closed: its latch is propagated in the same transaction.
#[tokio::test]
async fn a_detector_that_has_latched_is_closed() {
    let world = World::new();
    let (session, domain, breaker) = (world.session(), world.domain(), world.protocol.vault.breaker);
    let close = CloseDetectorArgs {
        detector: breaker,
        receiver: world.payer(),
    };
    let key = must(flows::propose(&session, domain, world.member(0), close.into()).await).proposal;
    let hash = must(flows::read_proposal(&session, key).await).proposal.payload_hash;
    for member in 0..2 {
        must(flows::approve(&session, key, world.member(member), hash).await);
    }
    world.warp(DELAY_SECONDS);
    {
        let mut machine = world.chain.machine();
        let user = bulkhead_tests::receiver(&mut machine, &world.protocol, "user");
        world
            .protocol
            .release(&mut machine, user, 100_001, 1)
            .expect("it is queued");
    }
    assert_eq!(must(flows::execution(&session, key, world.payer()).await).len(), 2);
    sent(&must(flows::execute(&session, key, world.payer()).await), 1);
    assert!(world.chain.machine().try_load::<OutflowBreaker>(&breaker).is_none());
    assert_eq!(world.status().await.phase, "alert", "the trip stays");
}

#[tokio::test]
async fn what_concerns_members_and_the_host_is_executed() {
    let world = World::new();
    let (session, domain, guardian) = (world.session(), world.domain(), world.member(0));
    must(flows::pause(&session, domain, guardian, 9, 1).await);
    let rights = |world: &World| world.protocol.council(&world.chain.machine()).members[0].pause_rights;
    let before = rights(&world);
    decide(
        &world,
        GrantRightsArgs {
            member: guardian,
            pause_rights: 1,
        },
    )
    .await;
    assert_eq!(rights(&world), before + 1);

    let memo = ix::stored(&Instruction {
        program_id: bulkhead::instructions::MEMO_PROGRAM,
        accounts: vec![],
        data: b"gm".to_vec(),
    });
    let args = RegisterEmergencyActionArgs {
        index: 0,
        instruction: memo.clone(),
    };
    decide(&world, args).await;
    decide(&world, memo).await;
    decide(&world, council_config(&world.protocol.members)).await;
}

/// Compares the instruction that the flow builds for a proposal with the one that the test of every instruction sends.
struct Comparer {
    seen: Vec<ProposalKind>,
}

impl Visitor for Comparer {
    fn ready(&mut self, machine: &mut Machine, row: &str, instruction: &Instruction, _: &[&Keypair]) {
        // Executor, domain, council, proposal: the accounts that every execution begins with.
        let Some(key) = instruction.accounts.get(3).map(|meta| meta.pubkey) else {
            return;
        };
        let executor = instruction.accounts[0].pubkey;
        let Some(kind) = executed(machine, &key, instruction) else {
            return;
        };
        let chain = OnMachine::new(machine.fork(), vec![]);
        let session = Session {
            chain: &chain,
            report: &Quiet,
            parallel: 1,
        };
        assert_eq!(chain.payer(), machine.payer.pubkey());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("it starts");
        let found = runtime.block_on(flows::execution(&session, key, executor));
        let found = found.unwrap_or_else(|error| panic!("{row}: {error}"));
        assert_eq!(found, std::slice::from_ref(instruction), "{row}");
        self.seen.push(kind);
    }
}

/// The kind of the proposal at `key`, if the instruction is the one that executes it.
fn executed(machine: &Machine, key: &Pubkey, instruction: &Instruction) -> Option<ProposalKind> {
    let account = machine.account(key).filter(|account| account.owner == ID)?;
    let proposal: Proposal = bulkhead_client::decode::account(&account.data)?;
    let kind = ProposalKind::of(proposal.kind)?;
    let name = format!("global:{}", kind.name());
    let discriminator = bulkhead_core::hash::sha256(&[name.as_bytes()]);
    instruction.data.starts_with(&discriminator[..8]).then_some(kind)
}

#[test]
fn the_instruction_of_a_proposal_is_the_one_that_executes_it() {
    let mut comparer = Comparer { seen: vec![] };
    every_instruction::visit(&mut comparer);
    for kind in [
        ProposalKind::Resume,
        ProposalKind::ChangeCouncil,
        ProposalKind::ChooseRestoration,
        ProposalKind::RunInstruction,
        ProposalKind::OverrideSeal,
        ProposalKind::RedirectClaims,
        ProposalKind::CancelReleases,
        ProposalKind::SetRecoveryRules,
        ProposalKind::SetClaimTerms,
        ProposalKind::SetBallotRules,
        ProposalKind::ExtendClaims,
        ProposalKind::OverrideRestartCheck,
        ProposalKind::OverrideProof,
    ] {
        assert!(comparer.seen.contains(&kind), "{}", kind.name());
    }
}
