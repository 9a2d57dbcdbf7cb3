//! Worlds beside those of the integration tests: a matured proposal for what those do during set-up, and an honest
//! checkpoint in an incident.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead_client::{
    bulkhead::{
        decision::EncodedDecision,
        instructions::{
            CancelReleasesArgs, CloseDetectorArgs, GrantRightsArgs, OpenBreakerArgs, OpenDomainArgs,
            OpenPriceBreakerArgs, OpenVaultArgs, PriceSource, RegisterEvacuationRouteArgs, SetLimitArgs,
        },
    },
    instructions::{self as ix, Authority},
    pda,
};
use bulkhead_core::custody::release_list;
use bulkhead_guard::board::SCOPE_DOMAIN;
use bulkhead_interface::layout::Release;
use bulkhead_testbed::{Machine, Protocol, Setup, VOTE_SECONDS, council_config, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules},
    detectors::{
        FEED, Update, post, program_args, pyth_args, solvency_args, watch, write_liabilities, write_program_data,
    },
    insurance::insurance_args,
    interim::{Shared, rule},
    linked::link_args,
    machine,
    peers::peer_args,
    proving::{Answer, requirement},
    receiver,
    recovery::positions,
    world_with,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::line::Ready;

/// Is shown a world by its name.
type Each<'a> = dyn FnMut(&str, &Ready<'_>) + 'a;

/// Visits every world.
pub fn visit(each: &mut Each<'_>) {
    custody(each);
    recovery(each);
    detectors(each);
    links(each);
    proposals(each);
    members(each);
    releases(each);
    canopies(each);
    samples(each);
    domain_file(each);
    interim(each);
}

/// A protocol on a machine.
struct World {
    machine: Machine,
    protocol: Protocol,
    payer: Pubkey,
    /// Who signs besides the payer.
    signers: Vec<Keypair>,
}

impl World {
    fn new(setup: &Setup) -> Self {
        let (machine, protocol) = world_with(setup);
        Self::of(machine, protocol)
    }

    fn of(machine: Machine, protocol: Protocol) -> Self {
        Self {
            payer: machine.payer.pubkey(),
            machine,
            protocol,
            signers: Vec::new(),
        }
    }

    /// Matures a proposal for `decision`, and shows the instruction that executes it.
    fn matured(
        &mut self,
        each: &mut Each<'_>,
        world: &str,
        decision: impl Into<EncodedDecision>,
        instruction: impl FnOnce(Authority, Pubkey) -> Instruction,
    ) -> Instruction {
        let authority = self.protocol.mature(&mut self.machine, decision);
        let instruction = instruction(authority, self.payer);
        self.show(each, world, &instruction, Vec::new());
        instruction
    }

    fn show(&self, each: &mut Each<'_>, world: &str, instruction: &Instruction, more: Vec<(&'static str, String)>) {
        let ready = Ready {
            machine: &self.machine,
            instruction,
            signers: self.signers.iter().map(Keypair::insecure_clone).collect(),
            more,
        };
        each(world, &ready);
    }

    fn must(&mut self, instruction: Instruction) {
        self.protocol.must(&mut self.machine, &[instruction], &[]);
    }
}

fn custody(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    let vault = world.protocol.vault;
    let (domain, mint) = (world.protocol.domain, world.protocol.mint);
    let second = pda::vault(&domain, &mint, 1);
    let breaker = OpenBreakerArgs {
        compartment: 1,
        shard: 0,
        mint,
        authority: second,
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 72 * 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let open = world.matured(each, "proposed open_breaker", &breaker, |authority, payer| {
        ix::open_breaker(authority, payer, breaker.clone())
    });
    world.must(open);
    let args = OpenVaultArgs {
        index: 1,
        compartment: 1,
        operator: world.protocol.operator.pubkey(),
        breaker: pda::outflow_breaker(&domain, 1, &mint, 0),
        mint,
        queue_seconds: 86_400,
        ledger: 0,
    };
    world.matured(each, "proposed open_vault", &args, |authority, payer| {
        ix::open_vault(authority, payer, TOKEN_PROGRAM, args.clone())
    });
    let args = RegisterEvacuationRouteArgs {
        vault: vault.vault,
        destination: world.protocol.recovery_account,
    };
    world.matured(each, "proposed register_evacuation_route", &args, |authority, _| {
        ix::register_evacuation_route(authority, args.clone())
    });
    let args = SetLimitArgs {
        breaker: vault.breaker,
        limit: 200_000,
        slot_limit: 60_000,
        ..SetLimitArgs::default()
    };
    world.matured(each, "proposed set_limit", &args, |authority, _| {
        ix::set_limit(authority, args.clone())
    });
    let args = insurance_args(&world.protocol, 0);
    world.matured(each, "proposed open_insurance", &args, |authority, payer| {
        ix::open_insurance(authority, payer, mint, TOKEN_PROGRAM, args.clone())
    });
}

fn recovery(each: &mut Each<'_>) {
    let setup = Setup {
        ledger: false,
        ..Setup::default()
    };
    let mut world = World::new(&setup);
    let args = world.protocol.ledger_args(0);
    let register = world.matured(each, "proposed register_ledger", &args, |authority, payer| {
        ix::register_ledger(authority, payer, args.clone(), &[])
    });
    world.must(register);
    world.matured(each, "proposed open_checkpoint_log", &rules(), |authority, payer| {
        ix::open_checkpoint_log(authority, payer, rules())
    });
}

fn detectors(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    let now = world.machine.clock().unix_timestamp;
    let pinned = post(&mut world.machine, "pinned", &Update::new(10_000_000_000, now));
    let args = OpenPriceBreakerArgs {
        source: PriceSource::Pyth {
            feed_id: FEED,
            account: Some(pinned),
        },
        ..pyth_args()
    };
    world.matured(each, "proposed open_price_breaker", &args, |authority, payer| {
        ix::open_price_breaker(authority, payer, args.clone())
    });
    write_liabilities(&mut world.machine, &world.protocol, 1_000_000);
    let args = solvency_args(&world.protocol);
    world.matured(each, "proposed open_solvency_breaker", &args, |authority, payer| {
        ix::open_solvency_breaker(authority, payer, args.clone())
    });
    let upgrader = keypair("upgrader").pubkey();
    let args = program_args(&upgrader);
    write_program_data(&mut world.machine, &args.account, 1, Some(&upgrader));
    let open = world.matured(each, "proposed open_authority_watch", &args, |authority, payer| {
        ix::open_authority_watch(authority, payer, args.clone())
    });
    world.must(open);
    let args = CloseDetectorArgs {
        detector: watch(&world.protocol, &args),
        receiver: keypair("receiver of rent").pubkey(),
    };
    world.matured(each, "proposed close_detector", &args, |authority, _| {
        ix::close_detector(authority, args.clone())
    });
}

fn links(each: &mut Each<'_>) {
    let mut machine = machine();
    let setup = |name| Setup {
        name,
        ..Setup::default()
    };
    let protocol = Protocol::set_up(&mut machine, &setup("downstream"));
    let upstream = Protocol::set_up(&mut machine, &setup("upstream"));
    let mut world = World::of(machine, protocol);
    let args = link_args(&upstream);
    world.matured(each, "proposed set_link", &args, |authority, payer| {
        ix::set_link(authority, payer, args.clone())
    });
    let answer = Answer::read();
    let register = world.matured(
        each,
        "proposed register_verifying_key",
        &answer.decision(),
        |authority, payer| ix::register_verifying_key(authority, payer, answer.decision(), answer.key.clone()),
    );
    world.must(register);
    world.matured(each, "proposed require_proofs", &requirement(), |authority, payer| {
        ix::require_proofs(authority, payer, requirement())
    });
    let args = peer_args();
    world.matured(each, "proposed register_peer", &args, |authority, payer| {
        ix::register_peer(authority, payer, args.clone())
    });
}

/// Guardians 0 and 1 used a pause right each. Member 0 has proposed to give the wrong one back.
fn proposals(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    let domain = world.protocol.domain;
    let [proposer, other] = [0, 1].map(|index| world.protocol.members[index].insecure_clone());
    for member in [&proposer, &other] {
        let pause = ix::pause(domain, member.pubkey(), 0, 0);
        world.protocol.must(&mut world.machine, &[pause], &[member]);
    }
    let rights = |member: &Keypair| GrantRightsArgs {
        member: member.pubkey(),
        pause_rights: 1,
    };
    let proposal = world.protocol.propose(&mut world.machine, &rights(&other));
    let edit = ix::edit_proposal(domain, proposer.pubkey(), world.payer, proposal, &rights(&proposer));
    world.signers.push(proposer);
    world.show(each, "an open proposal", &edit, Vec::new());
}

/// A member of whom nothing was seen for hours.
fn members(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    world.machine.warp_seconds(6 * 3_600);
    let member = world.protocol.members[0].insecure_clone();
    let last_active_ts = world.protocol.council(&world.machine).members[0].last_active_ts;
    let heartbeat = ix::heartbeat(world.protocol.domain, member.pubkey(), last_active_ts);
    world.signers.push(member);
    world.show(each, "a quiet member", &heartbeat, Vec::new());
}

/// A proposal cancelled a list of one queued release: its hash is the root.
fn releases(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    world.machine.warp_seconds(80 * 3_600);
    let destination = receiver(&mut world.machine, &world.protocol, "user");
    if let Err(failure) = world.protocol.release(&mut world.machine, destination, 80_000, 3) {
        panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
    }
    let vault = world.protocol.vault.vault;
    let listed = pda::release(&vault, 3);
    let slot = world.machine.load::<Release>(&listed).requested_slot;
    let args = CancelReleasesArgs {
        vault,
        root: release_list::leaf(&listed, slot),
    };
    let root = args.root;
    let authority = world.protocol.mature(&mut world.machine, &args);
    world.must(ix::cancel_releases(authority, args));
    let cancel = ix::cancel_listed_release(vault, listed, Vec::new());
    world.show(each, "a list of releases", &cancel, vec![("slot", slot.to_string())]);
    let incident = world.protocol.freeze(&mut world.machine);
    let guardian = world.protocol.members[0].insecure_clone();
    let domain = world.protocol.domain;
    let set = ix::set_cancel_list(domain, (guardian.pubkey(), world.payer), incident, vault, root);
    world.signers.push(guardian);
    let more = vec![("slot", slot.to_string()), ("release", listed.to_string())];
    world.show(each, "a list of a guardian", &set, more);
}

/// The snapshot of an honest checkpoint is open, its shards are not.
fn canopies(each: &mut Each<'_>) {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(1));
    let incident = watched.freeze();
    if let Err(failure) = watched.open_snapshot(incident, slot, tree.roots()) {
        panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
    }
    let snapshot = pda::checkpoint_snapshot(&incident, 0, slot);
    let more = vec![("slot", slot.to_string()), ("log", watched.log.to_string())];
    let world = World::of(watched.machine, watched.protocol);
    let shard = (0..16)
        .filter_map(|number| tree.shard(number))
        .find(|shard| shard.count > 0);
    let shard = shard.expect("a shard with a leaf");
    let open = ix::open_checkpoint_shard(world.payer, snapshot, shard.shard, &shard.canopy);
    world.show(each, "an honest checkpoint", &open, more);
}

/// A position was sampled in the slot of an honest checkpoint; no leaf of it is proved.
fn samples(each: &mut Each<'_>) {
    let mut watched = Watched::new();
    let row = positions(1)[0];
    watched
        .protocol
        .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    let (slot, payer) = (watched.machine.clock().slot, watched.machine.payer.pubkey());
    let sample = ix::sample_position(watched.protocol.domain, payer, 0, slot, row.key);
    watched.protocol.must(&mut watched.machine, &[sample], &[]);
    assert_eq!(
        watched.attested(vec![row]).0,
        slot,
        "the checkpoint is of the sample's slot"
    );
    let sample = pda::sample(&watched.log, slot, &row.key);
    let compare = ix::compare_sample(watched.log, sample, None, None, None);
    let more = vec![("slot", slot.to_string())];
    let world = World::of(watched.machine, watched.protocol);
    world.show(each, "a sampled checkpoint", &compare, more);
}

/// Nothing of the domain exists yet.
fn domain_file(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    let setup_authority = keypair("the setup authority of a file");
    let args = OpenDomainArgs {
        council: council_config(&world.protocol.members),
        host_program: world.protocol.host_program,
        vote_seconds: VOTE_SECONDS,
        quorum_bps: 1_000,
    };
    let open = ix::open_domain(
        setup_authority.pubkey(),
        world.payer,
        world.protocol.governance_mint,
        args,
    );
    let more = vec![
        ("mint", world.protocol.mint.to_string()),
        ("operator", world.protocol.operator.pubkey().to_string()),
    ];
    world.signers.push(setup_authority);
    world.show(each, "a domain file", &open, more);
}

/// A rule was proposed; and an interim share-out is funded, of which nothing was claimed.
fn interim(each: &mut Each<'_>) {
    let mut world = World::new(&Setup::default());
    world.matured(each, "proposed set_interim_rule", &rule(), |authority, _| {
        ix::set_interim_rule(authority, rule())
    });
    let mut shared = Shared::frozen(positions(7), positions(8), positions(8));
    shared.share_out();
    let key = positions(8)[0].key;
    shared.prove_before(&key);
    let (keys, args) = shared.prepare(&key);
    let claim = ix::claim_interim(shared.keys, keys, args);
    let more = vec![("slot", shared.before.0.to_string()), ("log", shared.log.to_string())];
    let world = World::of(shared.machine, shared.recovery.protocol);
    world.show(each, "an interim share-out", &claim, more);
}
