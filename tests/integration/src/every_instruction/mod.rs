//! Every instruction once, in states where it works. The table of compute units and the negative
//! battery both visit them here, so that a new instruction gets both or fails both.

mod authority;
pub mod checkpoints;
mod contagion;
mod detectors;
mod ledgers;
pub mod outflow;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::*;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{merkle, release_list};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    constants::{NOMINATION_SECONDS, VETO_SECONDS},
    layout::{Node, Release, SnapshotShard},
};
use bulkhead_testbed::{Machine, Protocol, Setup, VOTE_SECONDS, council_config, keypair};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    receiver,
    recovery::{LEDGER, Recovery, forge, freeze, of_a_program, positions, positions_of_one_shard},
    world, world_with,
};

/// Positions that fill one ingesting transaction: with a lookup table, 64 accounts are the limit.
const BATCH: u32 = 58;
/// Siblings of a proof in a ledger of a million leaves: sixteen shards of sixteen caps leave
/// 4,096 leaves, and one level more where a shard has grown past that.
const MILLION_HEIGHT: u8 = 13;

/// What is done with every instruction.
pub trait Visitor {
    /// `instruction` would work now. Whatever is tried here must leave the machine as it was.
    fn ready(&mut self, _machine: &mut Machine, _row: &str, _instruction: &Instruction, _signers: &[&Keypair]) {}
    /// It worked, just now.
    fn worked(&mut self, _machine: &mut Machine, _row: &str) {}
    /// What it cost.
    fn done(&mut self, _row: &str, _compute_units: u64) {}
}

/// Visits every instruction. A row is an instruction's name, or that and a second path of it.
pub fn visit(visitor: &mut dyn Visitor) {
    set_up(visitor);
    pause_and_proposals(visitor);
    breakers_and_custody(visitor);
    outflow::visit(visitor);
    contagion::visit(visitor);
    detectors::visit(visitor);
    checkpoints::visit(visitor);
    incident_to_snapshot(visitor);
    ballot_to_claims(visitor);
    claim_of_a_million(visitor);
    authority::visit(visitor);
    ledgers::visit(visitor);
}

struct Bench<'a> {
    visitor: &'a mut dyn Visitor,
    machine: Machine,
    protocol: Protocol,
}

impl<'a> Bench<'a> {
    fn new(visitor: &'a mut dyn Visitor, setup: &Setup) -> Self {
        let (machine, protocol) = world_with(setup);
        Self {
            visitor,
            machine,
            protocol,
        }
    }

    /// Shows it to the visitor, sends it, and says what it cost.
    fn row(&mut self, row: &str, instruction: Instruction, signers: &[&Keypair]) -> u64 {
        self.visitor.ready(&mut self.machine, row, &instruction, signers);
        let cost = self.send(instruction, signers);
        self.visitor.done(row, cost);
        self.visitor.worked(&mut self.machine, row);
        cost
    }

    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> u64 {
        self.protocol
            .must(&mut self.machine, &[instruction], signers)
            .compute_units
    }

    fn payer(&self) -> Pubkey {
        self.machine.payer.pubkey()
    }

    fn member(&self, index: usize) -> Keypair {
        self.protocol.members[index].insecure_clone()
    }
}

/// The setup authority configures.
fn set_up(visitor: &mut dyn Visitor) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &setup);
    let payer = bench.payer();
    let setup_authority = keypair("another setup authority");
    let domain = pda::domain(&setup_authority.pubkey());
    let mint = bench.protocol.mint;
    let governance_mint = bench.protocol.governance_mint;
    let authority = ix::Authority {
        signer: setup_authority.pubkey(),
        domain,
        proposal: None,
    };
    let vault = pda::vault(&domain, &mint, 0);
    let breaker = pda::outflow_breaker(&domain, 0, &mint, 0);
    let args = OpenDomainArgs {
        council: council_config(&bench.protocol.members),
        host_program: bench.protocol.host_program,
        vote_seconds: VOTE_SECONDS,
        quorum_bps: 1_000,
    };
    let signers = [&setup_authority];
    bench.row(
        "open_domain",
        ix::open_domain(setup_authority.pubkey(), payer, governance_mint, args),
        &signers,
    );
    bench.row(
        "open_vote_custody",
        ix::open_vote_custody(domain, payer, governance_mint, TOKEN_PROGRAM),
        &[],
    );
    let args = OpenBreakerArgs {
        compartment: 0,
        shard: 0,
        mint,
        authority: vault,
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 72 * 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    bench.row("open_breaker", ix::open_breaker(authority, payer, args), &signers);
    let args = OpenVaultArgs {
        index: 0,
        compartment: 0,
        operator: bench.protocol.operator.pubkey(),
        breaker,
        mint,
        queue_seconds: 86_400,
        ledger: 0,
    };
    bench.row(
        "open_vault",
        ix::open_vault(authority, payer, TOKEN_PROGRAM, args),
        &signers,
    );
    let args = RegisterEvacuationRouteArgs {
        vault,
        destination: bench.protocol.recovery_account,
    };
    bench.row(
        "register_evacuation_route",
        ix::register_evacuation_route(authority, args),
        &signers,
    );
    let args = bench.protocol.ledger_args(LEDGER);
    bench.row(
        "register_ledger",
        ix::register_ledger(authority, payer, args, &[]),
        &signers,
    );
    let open_log = ix::open_checkpoint_log(authority, payer, crate::checkpoints::rules());
    bench.row("open_checkpoint_log", open_log, &signers);
    let args = SetLimitArgs {
        breaker,
        limit: 200_000,
        slot_limit: 60_000,
        ..SetLimitArgs::default()
    };
    bench.row("set_limit", ix::set_limit(authority, args), &signers);
    bench.row(
        "activate_domain",
        ix::activate_domain(setup_authority.pubkey()),
        &signers,
    );
}

/// Guardians pause, approvers propose.
fn pause_and_proposals(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let (first, second, vetoer) = (bench.member(0), bench.member(1), bench.member(3));
    bench.row(
        "pause",
        ix::pause(domain, first.pubkey(), 3, action::WITHDRAW),
        &[&first],
    );

    let config = council_config(&bench.protocol.members);
    let propose = ix::propose(domain, first.pubkey(), payer, 0, &config);
    bench.row("propose", propose, &[&first]);
    let proposal = pda::proposal(&domain, &first.pubkey(), 0);
    let approve = |bench: &Bench, member| bench.protocol.approve(&bench.machine, &proposal, member);
    bench.row("approve", approve(&bench, 0), &[&first]);
    bench.row(
        "withdraw_approval",
        ix::withdraw_approval(domain, first.pubkey(), proposal),
        &[&first],
    );
    bench.row("veto", ix::veto(domain, vetoer.pubkey(), proposal), &[&vetoer]);
    bench.row("close_proposal", ix::close_proposal(domain, proposal, payer), &[]);
    // The same member proposes again once the veto stands no more.
    bench.machine.warp_seconds(VETO_SECONDS);
    let authority = bench.protocol.mature(&mut bench.machine, &config);
    bench.row("change_council", ix::change_council(authority, config), &[]);

    let incident = pda::incident(&domain, 0);
    bench.row(
        "open_incident",
        ix::open_incident(domain, second.pubkey(), payer, 0),
        &[&second],
    );
    bench.machine.warp_seconds(72 * 3_600);
    bench.row(
        "close_lapsed_incident",
        ix::close_lapsed_incident(domain, incident),
        &[],
    );
    let incident = bench.protocol.freeze(&mut bench.machine);
    let args = ResumeArgs { incident };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row("resume", ix::resume(authority, args), &[]);
}

/// Releases within limits, over them, and what follows.
fn breakers_and_custody(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, protocol_domain) = (bench.payer(), bench.protocol.domain);
    let keys = bench.protocol.vault;
    let operator = bench.protocol.operator.insecure_clone();
    let guardian = bench.member(0);
    let destination = receiver(&mut bench.machine, &bench.protocol, "user");
    let host = keypair("metering host");
    let args = OpenBreakerArgs {
        compartment: 1,
        shard: 0,
        mint: keys.mint,
        authority: host.pubkey(),
        sub_windows: 12,
        trip_scope: 1,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.send(ix::open_breaker(authority, payer, args), &[]);
    // Nothing leaves in the first window.
    bench.machine.warp_seconds(2 * 3_600);
    let metered = pda::outflow_breaker(&protocol_domain, 1, &keys.mint, 0);
    bench.row(
        "meter_outflow",
        ix::meter_outflow(protocol_domain, metered, host.pubkey(), 10),
        &[&host],
    );
    let release = |amount, index| ix::release(keys, operator.pubkey(), payer, destination, amount, index);
    bench.row(
        "lower_limit",
        ix::lower_limit(
            protocol_domain,
            guardian.pubkey(),
            keys.breaker,
            LowerLimitArgs {
                limit: 90_000,
                slot_limit: 50_000,
                ..LowerLimitArgs::default()
            },
        ),
        &[&guardian],
    );
    bench.row("release", release(10_000, 0), &[&operator]);
    let look = ix::observe_evacuation_route(protocol_domain, keys.vault, bench.protocol.recovery_account);
    bench.row("observe_evacuation_route", look, &[]);
    // Above the trip limit: it latches as well.
    bench.row("release_queued", release(100_001, 1), &[&operator]);
    let user = keypair("user");
    let redirect = ix::redirect_release(user.pubkey(), keys.vault, pda::release(&keys.vault, 1), destination);
    bench.row("redirect_release", redirect, &[&user]);
    bench.row(
        "propagate_trip",
        ix::propagate_trip(protocol_domain, payer, keys.breaker, 0),
        &[],
    );
    let incident = pda::incident(&protocol_domain, 0);
    let queued = pda::release(&keys.vault, 1);
    bench.row(
        "cancel_release",
        ix::cancel_release(protocol_domain, guardian.pubkey(), incident, keys.vault, queued),
        &[&guardian],
    );
    bench.row("close_release", ix::close_release(queued, payer), &[]);

    bench.machine.warp_seconds(80 * 3_600);
    bench.send(release(80_000, 3), &[&operator]);
    let listed = pda::release(&keys.vault, 3);
    let requested_slot = bench.machine.load::<Release>(&listed).requested_slot;
    let args = CancelReleasesArgs {
        vault: keys.vault,
        root: release_list::node(&release_list::leaf(&listed, requested_slot), &[7; 32]),
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row("cancel_releases", ix::cancel_releases(authority, args), &[]);
    let cancel = ix::cancel_listed_release(keys.vault, listed, vec![[7; 32]]);
    bench.row("cancel_listed_release", cancel, &[]);

    bench.machine.warp_seconds(80 * 3_600);
    bench.send(release(80_000, 2), &[&operator]);
    bench.machine.warp_seconds(80 * 3_600);
    let settle = ix::settle_release(keys, destination, pda::release(&keys.vault, 2));
    bench.row("settle_release", settle, &[]);

    let owner = keypair("depositor");
    bench.machine.fund(&owner.pubkey(), 100_000_000);
    let wallet = keypair("depositor's wallet").pubkey();
    bench
        .machine
        .create_token_account(&wallet, &keys.mint, &owner.pubkey(), 50_000);
    let deposit = |amount| ix::receive_deposit(keys, owner.pubkey(), wallet, owner.pubkey(), amount);
    bench.row("receive_deposit", deposit(10_000), &[&owner]);
    bench.row("receive_deposit_again", deposit(10_000), &[&owner]);
    let back = ix::release_to(keys, operator.pubkey(), (owner.pubkey(), wallet), payer, 15_000, 3);
    bench.row("release_returning", back, &[&operator]);
    bench.machine.warp_seconds(2 * 3_600);
    let close = ix::close_deposit_note(keys, &owner.pubkey(), owner.pubkey());
    bench.row("close_deposit_note", close, &[]);
}

/// From the confirmation to the sealed snapshot, and the evacuation.
fn incident_to_snapshot(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let (first, second) = (bench.member(0), bench.member(1));
    let cranker = bench.machine.payer.insecure_clone();
    let incident = pda::incident(&domain, 0);
    let snapshot = pda::snapshot(&incident, LEDGER);
    bench.send(ix::open_incident(domain, first.pubkey(), payer, 0), &[&first]);
    bench.row(
        "confirm_incident",
        ix::confirm_incident(domain, first.pubkey(), incident),
        &[&first],
    );
    bench.row(
        "confirm_incident_frozen",
        ix::confirm_incident(domain, second.pubkey(), incident),
        &[&second],
    );

    let mut rows = positions_of_one_shard(2 * BATCH);
    rows.sort_unstable_by_key(|position| position.key);
    let number = merkle::shard_of(rows[0].key.as_array());
    for row in &rows {
        bench
            .protocol
            .write_position(&mut bench.machine, &row.key, &row.owner, row.amount);
    }
    let total = rows.iter().map(|row| row.amount).sum();
    bench.protocol.write_total(&mut bench.machine, total);
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    let (warm, batch) = keys.split_at(BATCH as usize);
    let ingest = |keys: &[Pubkey]| ix::ingest_positions(domain, payer, snapshot, LEDGER, number, keys);

    bench.row("open_snapshot", ix::open_snapshot(domain, payer, incident, LEDGER), &[]);
    bench.row(
        "open_shard",
        ix::open_shard(domain, payer, payer, snapshot, number),
        &[],
    );
    bench.send(ingest(warm), &[]);
    let cost = bench.row("ingest_positions", ingest(batch), &[]);
    bench.visitor.done("ingest_position", cost.div_ceil(u64::from(BATCH)));

    // Another cranker's half-filled shard, to be closed.
    let other = keypair("another cranker");
    bench.send(
        ix::open_shard(domain, other.pubkey(), payer, snapshot, number),
        &[&other],
    );
    let abandoned = pda::shard(&snapshot, number, &other.pubkey());
    bench.row(
        "close_shard",
        ix::close_shard(other.pubkey(), snapshot, abandoned, payer),
        &[&other],
    );

    let shard = pda::shard(&snapshot, number, &cranker.pubkey());
    let total_account = bench.protocol.total_account;
    bench.row(
        "seal_snapshot",
        ix::seal_snapshot(domain, incident, LEDGER, total_account, &[shard], &[]),
        &[],
    );

    let confirm = |member: &Keypair| ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
    bench.row("confirm_evacuation", confirm(&first), &[&first]);
    bench.row("confirm_evacuation_active", confirm(&second), &[&second]);
    let evacuate = ix::evacuate(bench.protocol.vault, incident, bench.protocol.recovery_account);
    bench.row("evacuate", evacuate, &[]);
}

/// From the vote to the last claim.
fn ballot_to_claims(visitor: &mut dyn Visitor) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, of_a_program(positions(64), 63));
    let protocol = &recovery.protocol;
    let (payer, domain) = (machine.payer.pubkey(), protocol.domain);
    let member = protocol.members[0].insecure_clone();
    let voter = keypair("voter");
    let (ballot, incident) = (recovery.ballot, recovery.incident);
    let source = machine.create_associated(&protocol.governance_mint, &voter.pubkey(), 1_000);
    let mut row = |machine: &mut Machine, row: &str, instruction: Instruction, signers: &[&Keypair]| {
        visitor.ready(machine, row, &instruction, signers);
        let outcome = protocol.must(machine, &[instruction], signers);
        visitor.done(row, outcome.compute_units);
        visitor.worked(machine, row);
    };
    let deposit = ix::deposit_votes(
        domain,
        voter.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        1_000,
    );
    row(
        &mut machine,
        "open_escrow",
        ix::open_escrow(domain, voter.pubkey(), payer),
        &[&voter],
    );
    row(&mut machine, "deposit_votes", deposit, &[&voter]);
    row(
        &mut machine,
        "open_ballot",
        ix::open_ballot(domain, member.pubkey(), payer, incident, LEDGER),
        &[&member],
    );
    row(
        &mut machine,
        "add_candidate",
        ix::add_candidate(domain, member.pubkey(), ballot, recovery.snapshot),
        &[&member],
    );
    machine.warp_seconds(NOMINATION_SECONDS);
    let start = ix::start_voting(domain, member.pubkey(), incident, ballot, protocol.governance_mint);
    row(&mut machine, "start_voting", start.clone(), &[&member]);
    // Nobody voted: the ballot is run again.
    machine.warp_seconds(VOTE_SECONDS);
    row(
        &mut machine,
        "renew_ballot",
        ix::renew_ballot(domain, member.pubkey(), ballot, None),
        &[&member],
    );
    machine.warp_seconds(NOMINATION_SECONDS);
    protocol.must(&mut machine, &[start], &[&member]);
    let vote = ix::cast_vote(domain, voter.pubkey(), payer, ballot, 0);
    row(&mut machine, "cast_vote", vote, &[&voter]);
    machine.warp_seconds(VOTE_SECONDS);
    row(
        &mut machine,
        "close_vote_record",
        ix::close_vote_record(ballot, voter.pubkey()),
        &[],
    );
    let withdraw = ix::withdraw_votes(
        domain,
        voter.pubkey(),
        source,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        1_000,
    );
    row(&mut machine, "withdraw_votes", withdraw, &[&voter]);

    let authority = protocol.mature(&mut machine, &recovery.args());
    let choose = ix::choose_restoration(authority, payer, protocol.mint, TOKEN_PROGRAM, recovery.args());
    row(&mut machine, "choose_restoration", choose, &[]);

    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(&mut machine, &[evacuate], &[]);
    let funder = keypair("funder");
    let source = machine.create_associated(&protocol.mint, &funder.pubkey(), 1_000);
    let fund = ix::fund_restoration(recovery.keys(), funder.pubkey(), source, 1_000);
    row(&mut machine, "fund_restoration", fund, &[&funder]);
    let recovery_account =
        ix::fund_from_recovery_account(recovery.keys(), domain, protocol.vault.vault, protocol.recovery_account);
    row(&mut machine, "fund_from_recovery_account", recovery_account, &[]);

    row(
        &mut machine,
        "share_out",
        ix::share_out(recovery.restoration, incident),
        &[],
    );
    row(
        &mut machine,
        "open_claim_page",
        ix::open_claim_page(recovery.restoration, payer, 0),
        &[],
    );
    let (_, leaf) = recovery.tree.leaves().next().expect("there are leaves");
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    machine.create_associated(&protocol.mint, &leaf.owner, 0);
    row(&mut machine, "claim_64", ix::claim(recovery.keys(), keys, args), &[]);
    elsewhere(&mut machine, &recovery, &mut row);

    // The recovery account covered every claim. All are paid, and somebody sends the pool more than they were.
    recovery.claim_all(&mut machine);
    machine.mint_to(&protocol.mint, &recovery.pool(), 500);
    let home = machine.create_associated(&protocol.mint, &domain, 0);
    let back = ix::return_surplus(recovery.keys(), home);
    row(&mut machine, "return_surplus", back, &[]);
    let close = ix::close_claim_page(recovery.restoration, payer, 0);
    row(&mut machine, "close_claim_page", close, &[]);

    let args = ReopenArgs {
        incident,
        ramp_bps: 2_500,
        grace_seconds: 3_600,
    };
    let authority = protocol.mature(&mut machine, &args);
    row(&mut machine, "reopen", ix::reopen(authority, args), &[]);
}

/// An owner whose associated account is frozen is paid where a proposal says.
fn elsewhere(
    machine: &mut Machine,
    recovery: &Recovery,
    row: &mut dyn FnMut(&mut Machine, &str, Instruction, &[&Keypair]),
) {
    let mut leaves = recovery.tree.leaves().map(|(_, leaf)| leaf);
    let leaf = leaves.find(|leaf| !leaf.owner.is_on_curve()).expect("a program's");
    let (keys, args) = recovery.prepare(machine, &leaf.key);
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let holder = keypair("holder").pubkey();
    let redirect = RedirectClaimsArgs {
        restoration: recovery.restoration,
        owner: leaf.owner,
        destination: machine.create_associated(&protocol.mint, &holder, 0),
        holder,
    };
    let authority = protocol.mature(machine, &redirect);
    let name = ix::redirect_claims(authority, payer, redirect.clone());
    row(machine, "redirect_claims", name, &[]);
    machine.create_associated(&protocol.mint, &leaf.owner, 0);
    freeze(machine, &keys.destination, true);
    let associated = keys.destination;
    let keys = ix::ClaimKeys {
        destination: redirect.destination,
        ..keys
    };
    let claim = ix::claim_elsewhere(recovery.keys(), keys, true, associated, true, args);
    row(machine, "claim_elsewhere", claim, &[]);
    freeze(machine, &associated, false);
}

/// One claim with the proof it has in a ledger of a million leaves. The tree is one path: the
/// siblings are any nodes, and the cap they lead to is written into the sealed shard.
fn claim_of_a_million(visitor: &mut dyn Visitor) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(64));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 5_000);

    let (_, leaf) = recovery.tree.leaves().next().expect("there are leaves");
    let (keys, mut args) = recovery.prepare(&machine, &leaf.key);
    let mut shard: SnapshotShard = machine.load(&keys.shard);
    let sibling = Node { hash: [7; 32], sum: 1 };
    let mut node = merkle::leaf(
        recovery.tree.tag(),
        args.index,
        leaf.key.as_array(),
        leaf.owner.as_array(),
        leaf.amount,
    );
    args.proof.clear();
    for level in 0..MILLION_HEIGHT {
        let (left, right) = if args.index >> level & 1 == 0 {
            (&node, &sibling)
        } else {
            (&sibling, &node)
        };
        node = merkle::inner(left, right).expect("small sums");
        args.proof.extend_from_slice(bytemuck::bytes_of(&sibling));
    }
    shard.canopy_height = MILLION_HEIGHT;
    shard.count = 1 << 16;
    shard.canopy_count = 16;
    shard.canopy[0] = node;
    forge(&mut machine, &keys.shard, &shard);
    let claim = ix::claim(recovery.keys(), keys, args);
    visitor.ready(&mut machine, "claim", &claim, &[]);
    let outcome = recovery.protocol.must(&mut machine, &[claim], &[]);
    visitor.done("claim", outcome.compute_units);
}
