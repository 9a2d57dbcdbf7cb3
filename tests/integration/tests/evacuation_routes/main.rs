//! Where a vault can be moved to, and that nothing keeps it from being moved, or closed, or opened again.

mod faults;
mod kinds;
mod registration;
mod vaults;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    instructions::{OpenBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{cause, latch_state, route_fault, vault_state},
    layout::{Incident, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    receiver, refused,
    token_2022::{self, IMMUTABLE_OWNER, WANTS_MEMO},
    world, world_with,
};
use solana_account::Account;
use solana_signer::Signer;

const HOUR: i64 = 3_600;

fn setting_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

fn setup_authority(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}

fn register(
    machine: &mut Machine,
    protocol: &Protocol,
    vault: Pubkey,
    destination: Pubkey,
) -> Result<bulkhead_testbed::Outcome, bulkhead_testbed::Failure> {
    let args = RegisterEvacuationRouteArgs { vault, destination };
    let register = ix::register_evacuation_route(setup_authority(protocol), args);
    machine.send(&[register], &[&protocol.setup_authority])
}

/// Changes bytes of an account.
fn poke(machine: &mut Machine, key: &Pubkey, at: usize, bytes: &[u8]) {
    let mut account = machine.account(key).expect("it exists");
    account.data[at..at + bytes.len()].copy_from_slice(bytes);
    machine.write_account(key, account);
}

const DELEGATE: usize = 72;
const STATE: usize = 108;
const CLOSE_AUTHORITY: usize = 129;

/// `Some` of a key, as token accounts have it.
fn some(key: &Pubkey) -> Vec<u8> {
    [&[1, 0, 0, 0], key.as_ref()].concat()
}

/// Holds the domain and has the guardians confirm the evacuation.
fn confirmed(machine: &mut Machine, protocol: &Protocol) -> Pubkey {
    let incident = protocol.freeze(machine);
    confirm(machine, protocol, incident);
    incident
}

fn confirm(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
}

fn mature_resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) -> solana_instruction::Instruction {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, &args);
    ix::resume(authority, args)
}
