//! The breaker in the VM: verdicts, the latch that survives, the trip, and limits that only a
//! proposal raises.

mod limits;
mod metering;
mod opening;
mod trips;

use bulkhead::{
    error::BulkheadError,
    instructions::{CloseDetectorArgs, LowerLimitArgs, OpenBreakerArgs, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{MAX_TRIP_SECONDS, VERSION, cause, latch_state, phase, step, verdict},
    layout::{Incident, OutflowBreaker},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// A protocol with a second breaker, which a host with custody of its own meters.
fn metered() -> (Machine, Protocol, OpenBreakerArgs, Keypair) {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let host = keypair("metering host");
    let args = breaker_args(&protocol, &host);
    open(&mut machine, &protocol, args.clone()).expect("a sound breaker opens");
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    (machine, protocol, args, host)
}

fn breaker_args(protocol: &Protocol, host: &Keypair) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: 3,
        shard: 0,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 6,
        trip_scope: 3,
        window_seconds: 600,
        limit: 100,
        slot_limit: 60,
        trip_limit: 100,
        latch_seconds: 900,
        shards: 1,
        ..OpenBreakerArgs::default()
    }
}

fn open(
    machine: &mut Machine,
    protocol: &Protocol,
    args: OpenBreakerArgs,
) -> Result<bulkhead_testbed::Outcome, bulkhead_testbed::Failure> {
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    machine.send(
        &[ix::open_breaker(authority, payer, args)],
        &[&protocol.setup_authority],
    )
}

fn key(protocol: &Protocol) -> anchor_lang::prelude::Pubkey {
    pda::outflow_breaker(&protocol.domain, 3, &protocol.mint, 0)
}

fn trip(machine: &Machine, protocol: &Protocol, incident: u64) -> solana_instruction::Instruction {
    ix::propagate_trip(
        protocol.domain,
        machine.payer.pubkey(),
        protocol.vault.breaker,
        incident,
    )
}
