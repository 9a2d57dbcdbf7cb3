//! Anyone looks, and anyone brings what was found to the board.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::instructions::{
        OpenAuthorityWatchArgs, OpenPriceBreakerArgs, OpenSolvencyBreakerArgs, PriceRulesConfig, PriceSource,
        SetLinkArgs,
    },
    instructions as ix, pda,
};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state, phase, watch_kind},
    ids::UPGRADEABLE_LOADER,
    layout::{AuthorityWatch, PriceBreaker, SolvencyBreaker, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::world::World;

const LOOKING: &[&str] = &[
    "observe_authority",
    "observe_evacuation_route",
    "observe_price",
    "observe_solvency",
];
const TRIPPING: &[&str] = &["propagate_trip"];
const LINKED: &[&str] = &["propagate_contagion"];

/// The instructions that each of these tests has to see.
pub const SEEN: &[&[&str]] = &[LOOKING, TRIPPING, LINKED];

/// Writes any program's account.
fn write(machine: &mut Machine, key: &Pubkey, owner: &Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: *owner,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

/// Price at 8, timestamp at 16.
pub fn write_price(machine: &mut Machine, protocol: &Protocol, price: u64) {
    let ts = machine.clock().unix_timestamp;
    let data = [&[7; 8][..], &price.to_le_bytes(), &ts.to_le_bytes()].concat();
    write(machine, &keypair("price").pubkey(), &protocol.host_program, data);
}

pub fn write_liabilities(machine: &mut Machine, protocol: &Protocol, amount: u64) {
    write(
        machine,
        &keypair("books").pubkey(),
        &protocol.host_program,
        amount.to_le_bytes().to_vec(),
    );
}

/// Program data of an upgradeable program.
pub fn write_program(machine: &mut Machine, authority: &Pubkey) {
    let data = [
        &[3, 0, 0, 0][..],
        &1_u64.to_le_bytes(),
        &[1],
        authority.as_ref(),
        b"\x7fELF",
    ]
    .concat();
    write(machine, &keypair("program data").pubkey(), &UPGRADEABLE_LOADER, data);
}

pub fn price_args(protocol: &Protocol) -> OpenPriceBreakerArgs {
    OpenPriceBreakerArgs {
        compartment: 2,
        trip_scope: 2,
        latch_seconds: 3_600,
        source: PriceSource::Host {
            account: keypair("price").pubkey(),
            program: protocol.host_program,
            price_offset: 8,
            width: 8,
            is_signed: false,
            exponent: -6,
            time_offset: 16,
            confidence_offset: None,
        },
        rules: PriceRulesConfig {
            max_age_seconds: 60,
            max_ahead_seconds: 5,
            min_interval_seconds: 5,
            stale_seconds: 300,
            max_confidence_bps: 0,
            warmup: 5,
            deviation_bps: 1_000,
            twap_seconds: 600,
            tau_seconds: 3_600,
            floor_ppm: 1_000,
            cap_ppm: 20_000,
            z_milli: 9_000,
            cusum_h_milli: 12_000,
            cusum_k_milli: 500,
            cusum_clip_milli: 4_000,
        },
    }
}

/// What the three detectors look at, in order.
pub fn write_all(machine: &mut Machine, protocol: &Protocol) {
    write_price(machine, protocol, 1_000_000);
    write_liabilities(machine, protocol, 900_000);
    write_program(machine, &keypair("upgrader").pubkey());
}

/// The custody account against the host's own liabilities.
pub fn solvency_args(protocol: &Protocol) -> OpenSolvencyBreakerArgs {
    OpenSolvencyBreakerArgs {
        compartment: 2,
        trip_scope: 2,
        latch_seconds: 3_600,
        liabilities: keypair("books").pubkey(),
        program: protocol.host_program,
        offset: 0,
        width: 8,
        tolerance_bps: 0,
        tolerance: 0,
        min_age_seconds: 0,
        reserves: vec![protocol.custody()],
    }
}

/// The upgrade authority of a program.
pub fn watch_args() -> OpenAuthorityWatchArgs {
    OpenAuthorityWatchArgs {
        compartment: 2,
        trip_scope: 2,
        latch_seconds: 3_600,
        kind: watch_kind::PROGRAM,
        account: keypair("program data").pubkey(),
        program: UPGRADEABLE_LOADER,
        offset: 0,
        watches_upgrades: false,
        expected: [keypair("upgrader").pubkey(), Pubkey::default(), Pubkey::default()],
    }
}

/// Detectors of three kinds, opened during set-up.
fn guarded() -> World {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    World::with(&setup, |machine, protocol| {
        write_all(machine, protocol);
        let authority = ix::Authority {
            signer: protocol.setup_authority.pubkey(),
            domain: protocol.domain,
            proposal: None,
        };
        let payer = machine.payer.pubkey();
        let steps: Vec<Instruction> = vec![
            ix::open_price_breaker(authority, payer, price_args(protocol)),
            ix::open_solvency_breaker(authority, payer, solvency_args(protocol)),
            ix::open_authority_watch(authority, payer, watch_args()),
            ix::activate_domain(protocol.setup_authority.pubkey()),
        ];
        for step in steps {
            protocol.must(machine, &[step], &[&protocol.setup_authority]);
        }
        vec![]
    })
}

#[test]
fn anyone_looks_at_prices_reserves_authorities_and_routes() {
    let world = guarded();
    let (anyone, domain) = (world.anyone(), world.protocol.domain);
    world.machine().warp_seconds(10);
    write_price(&mut world.machine(), &world.protocol, 1_000_100);
    world.must(anyone, &["watch", "price"]);
    let price = pda::price_breaker(&domain, 2, &keypair("price").pubkey());
    assert_ne!(
        world.machine().load::<PriceBreaker>(&price).looked_ts,
        0,
        "nobody looked"
    );
    let other = keypair("another price").pubkey().to_string();
    world.refused(anyone, &["watch", "price", "--account", &other], "ForeignPrice");
    world.refused(anyone, &["watch", "price", "--compartment", "5"], "NotFound");

    world.must(anyone, &["watch", "solvency", "--compartment", "2"]);
    let solvency = pda::solvency_breaker(&domain, 2, &keypair("books").pubkey());
    assert_eq!(
        world.machine().load::<SolvencyBreaker>(&solvency).latch.state,
        latch_state::ARMED
    );

    let watch = pda::authority_watch(&domain, &keypair("program data").pubkey(), 0);
    write_program(&mut world.machine(), &keypair("thief").pubkey());
    world.must(anyone, &["watch", "authority", &watch.to_string()]);
    assert_eq!(
        world.machine().load::<AuthorityWatch>(&watch).latch.state,
        latch_state::LATCHED
    );

    world.must(anyone, &["watch", "route"]);
    let vault: Vault = world.machine().load(&world.protocol.vault.vault);
    assert_ne!(vault.route_ts, 0, "nobody looked");
    world.must(anyone, &["route", "show"]);
    world.must(anyone, &["status"]);
    world.saw(LOOKING);
}

#[test]
fn a_latch_is_brought_to_the_board_once_by_address_or_with_all_others() {
    let world = guarded();
    let (anyone, domain) = (world.anyone(), world.protocol.domain);
    let watch = pda::authority_watch(&domain, &keypair("program data").pubkey(), 0);
    world.refused(anyone, &["trip", &watch.to_string()], "NotLatched");
    world.refused(anyone, &["trip", &domain.to_string()], "NotFound");
    write_program(&mut world.machine(), &keypair("thief").pubkey());
    world.must(anyone, &["watch", "authority"]);
    world.must(anyone, &["trip", &watch.to_string()]);
    assert_eq!(world.protocol.state(&world.machine()).state, phase::ALERT);
    assert_ne!(world.protocol.board(&world.machine()).rows[2].trip, 0);
    world.refused(anyone, &["trip", &watch.to_string()], "NotLatched");

    write_liabilities(&mut world.machine(), &world.protocol, 2_000_000);
    // Once to suspect it, and once to find that it lasts.
    world.must(anyone, &["watch", "solvency"]);
    world.must(anyone, &["watch", "solvency"]);
    let solvency = pda::solvency_breaker(&domain, 2, &keypair("books").pubkey());
    assert_eq!(
        world.machine().load::<SolvencyBreaker>(&solvency).latch.state,
        latch_state::LATCHED
    );
    world.must(anyone, &["trip"]);
    assert_eq!(
        world.machine().load::<SolvencyBreaker>(&solvency).latch.state,
        latch_state::PROPAGATED
    );
    world.saw(TRIPPING);
}

#[test]
fn an_upstreams_pause_closes_exactly_what_is_linked() {
    let setup = Setup {
        name: "downstream",
        activate: false,
        ..Setup::default()
    };
    let mut upstream = None;
    let world = World::with(&setup, |machine, protocol| {
        let above = Protocol::set_up(
            machine,
            &Setup {
                name: "upstream",
                ..Setup::default()
            },
        );
        let args = SetLinkArgs {
            upstream: above.domain,
            upstream_scope: SCOPE_DOMAIN,
            upstream_mask: action::ALL,
            compartments: 1 << 5,
            mask: action::WITHDRAW,
        };
        let authority = ix::Authority {
            signer: protocol.setup_authority.pubkey(),
            domain: protocol.domain,
            proposal: None,
        };
        let steps = [
            ix::set_link(authority, machine.payer.pubkey(), args),
            ix::activate_domain(protocol.setup_authority.pubkey()),
        ];
        for step in steps {
            protocol.must(machine, &[step], &[&protocol.setup_authority]);
        }
        upstream = Some(above);
        vec![]
    });
    let (anyone, upstream) = (world.anyone(), upstream.expect("it was set up"));
    let key = upstream.domain.to_string();
    world.must(anyone, &["link", "list"]);
    world.refused(anyone, &["link", "propagate", &key], "NothingToPropagate");
    let guardian = &upstream.members[0];
    let pause = ix::pause(upstream.domain, guardian.pubkey(), SCOPE_DOMAIN, 0);
    upstream.must(&mut world.machine(), &[pause], &[guardian]);
    world.must(anyone, &["link", "propagate", &key]);
    let board = world.protocol.board(&world.machine());
    assert_eq!(board.rows[5].linked, action::WITHDRAW);
    assert_eq!(board.rows[4].linked, 0);
    world.refused(anyone, &["link", "propagate", &key], "AlreadyPropagated");
    let unknown = keypair("no upstream").pubkey().to_string();
    world.refused(anyone, &["link", "propagate", &unknown], "NotFound");
    world.saw(LINKED);
}
