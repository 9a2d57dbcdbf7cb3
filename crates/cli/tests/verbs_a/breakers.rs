//! Outflow breakers: what they answer, and what may be done with them at once.

use bulkhead_client::{bulkhead::instructions::OpenBreakerArgs, instructions as ix, pda};
use bulkhead_interface::layout::OutflowBreaker;
use bulkhead_testbed::{Setup, keypair};
use solana_signer::Signer;

use crate::world::World;

const LOWERING: &[&str] = &["lower_limit", "view_outflow"];
const METERING: &[&str] = &["meter_outflow", "observe_reference", "record_inflow"];

/// The instructions that each of these tests has to see.
pub const SEEN: &[&[&str]] = &[LOWERING, METERING];

#[test]
fn a_guardian_lowers_limits_to_half_and_no_further() {
    let world = World::new();
    let (key, mint) = (world.protocol.vault.breaker, world.protocol.mint.to_string());
    let guardian = world.member(0);
    let limits = |world: &World| {
        let breaker: OutflowBreaker = world.machine().load(&key);
        (breaker.limit, breaker.slot_limit)
    };
    let (limit, slot_limit) = limits(&world);
    world.must(
        guardian,
        &[
            "breaker",
            "lower",
            "--compartment",
            "0",
            "--mint",
            &mint,
            "--limit",
            "90000",
        ],
    );
    assert_eq!(limits(&world), (90_000, slot_limit), "what is not named stays");
    let words = ["breaker", "lower", &key.to_string(), "--limit", "95000"];
    world.refused(guardian, &words, "ArgumentOutOfRange");
    let words = ["breaker", "lower", &key.to_string(), "--limit", "44999"];
    world.refused(guardian, &words, "ArgumentOutOfRange");
    world.must(world.member(1), &["breaker", "lower", "--half"]);
    assert_eq!(limits(&world), (45_000, slot_limit.div_ceil(2)));
    assert!(limit > 90_000);
    world.refused(world.member(3), &["breaker", "lower", "--half"], "RoleMissing");
    // A slot's limit is never above a window's.
    world.must(world.member(2), &["breaker", "lower", "--limit", "25000"]);
    assert_eq!(limits(&world), (25_000, 25_000));
    for words in [
        ["breaker", "list"].as_slice(),
        &["breaker", "show"],
        &["breaker", "view"],
    ] {
        world.must(world.anyone(), words);
    }
    let words = ["breaker", "show", "--compartment", "9"];
    world.refused(world.anyone(), &words, "NotFound");
    world.saw(LOWERING);
}

#[test]
fn a_host_meters_and_reports_with_its_own_key_only() {
    let host = keypair("metering host");
    let world = World::with(&Setup::default(), |machine, protocol| {
        let args = OpenBreakerArgs {
            compartment: 2,
            mint: protocol.mint,
            authority: host.pubkey(),
            sub_windows: 12,
            trip_scope: 2,
            window_seconds: 3_600,
            limit: 100_000,
            slot_limit: 60_000,
            latch_seconds: 3_600,
            shards: 1,
            limit_bps: 500,
            slot_bps: 300,
            reference: protocol.custody(),
            inflow_credit: 8_000,
            ..OpenBreakerArgs::default()
        };
        let authority = protocol.mature(machine, &args);
        let open = ix::open_breaker(authority, machine.payer.pubkey(), args);
        protocol.must(machine, &[open], &[]);
        // Nothing leaves in the first window.
        machine.warp_seconds(2 * 3_600);
        vec![host.insecure_clone()]
    });
    let key = pda::outflow_breaker(&world.protocol.domain, 2, &world.protocol.mint, 0);
    let breaker = |world: &World| world.machine().load::<OutflowBreaker>(&key);
    world.must(world.anyone(), &["breaker", "reference", &key.to_string()]);
    assert_eq!(breaker(&world).reference_min, 1_000_000);
    world.must(
        host.pubkey(),
        &["breaker", "meter", "--compartment", "2", "--amount", "10"],
    );
    assert_eq!(breaker(&world).outflow, 10);
    let words = ["breaker", "meter", "--compartment", "2", "--amount", "10"];
    world.refused(world.anyone(), &words, "NotMeterAuthority");
    let words = ["breaker", "meter", "--compartment", "2", "--amount", "0"];
    world.refused(host.pubkey(), &words, "ZeroAmount");
    world.must(
        host.pubkey(),
        &["breaker", "inflow", "--compartment", "2", "--amount", "5"],
    );
    assert_eq!(breaker(&world).inflow, 5);
    // The vault's breaker takes the word of the vault's operator.
    let operator = world.protocol.operator.pubkey();
    world.must(operator, &["breaker", "inflow", "--compartment", "0", "--amount", "7"]);
    let of_vault: OutflowBreaker = world.machine().load(&world.protocol.vault.breaker);
    assert_eq!(of_vault.inflow, 7);
    let words = ["breaker", "inflow", "--compartment", "0", "--amount", "7"];
    world.refused(host.pubkey(), &words, "NotMeterAuthority");
    world.refused(world.anyone(), &["breaker", "view"], "Ambiguous");
    let words = ["breaker", "reference", "--compartment", "0"];
    world.refused(world.anyone(), &words, "NoReference");
    world.saw(METERING);
}
