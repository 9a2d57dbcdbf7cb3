//! Prices, solvency and authorities against the built program: what trips, what does not, and how one would steal or
//! grieve through each.

mod close;
mod price;
mod solvency;
mod watch;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::ResumeArgs;
use bulkhead_client::instructions as ix;
use bulkhead_guard::effective_mask;
use bulkhead_guard_probe::{encode, op};
use bulkhead_interface::constants::step;
use bulkhead_testbed::{Machine, Protocol, Setup};
use bulkhead_tests::{
    detectors::{COMPARTMENT, configure, in_set_up, propagate},
    world_with,
};
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

/// A protocol during set-up.
fn set_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

/// Ends the set-up.
fn activate(machine: &mut Machine, protocol: &Protocol) {
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    configure(machine, protocol, activate).expect("it was set up");
}

/// What is closed in the detectors' compartment, as hosts read it.
fn mask(machine: &Machine, protocol: &Protocol) -> u32 {
    let board = bulkhead_client::pda::board(&protocol.domain);
    let data = machine.account(&board).expect("it exists").data;
    effective_mask(&data, COMPARTMENT, machine.clock().unix_timestamp).expect("a board")
}

/// Carries the latch to the board, and says how the incident began.
fn trip(machine: &mut Machine, protocol: &Protocol, detector: Pubkey, cause: u8) {
    assert_eq!(mask(machine, protocol), 0);
    let crank = propagate(machine, protocol, detector);
    protocol.must(machine, &[crank], &[]);
    let incident = protocol.incident(machine);
    assert_eq!((incident.cause, incident.source), (cause, detector));
    let slot = machine.clock().slot;
    assert_eq!(
        (incident.steps[step::BREACH].slot, incident.steps[step::PAUSE].slot),
        (slot, slot)
    );
    assert_eq!(mask(machine, protocol), protocol.council(machine).default_mask);
}

/// Unpauses what is in force, by a matured proposal.
fn unpause(machine: &mut Machine, protocol: &Protocol) {
    let args = ResumeArgs {
        incident: protocol.state(machine).open_incident,
    };
    let authority = protocol.mature(machine, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
    machine.next_slot();
}

/// An instruction of another program, which could be half of anything.
fn company(machine: &Machine) -> Instruction {
    let payer = machine.payer.pubkey();
    anchor_lang::solana_program::system_instruction::transfer(&payer, &payer, 1)
}

/// The same by CPI, from a host's own instruction.
fn by_a_host(machine: &mut Machine, instruction: &Instruction) -> Instruction {
    let host = bulkhead_testbed::keypair("calling host").pubkey();
    if machine.account(&host).is_none() {
        let program = bulkhead_testbed::deploy_dir().join("bulkhead_guard_probe.so");
        machine
            .svm
            .add_program_from_file(host, program)
            .expect("run `make build`");
    }
    let mut data = encode(op::FORWARD, 0, 0, 0, &[0; 32]).to_vec();
    data.extend(&instruction.data);
    let mut accounts = vec![AccountMeta::new_readonly(host, false)];
    accounts.extend(instruction.accounts.iter().cloned());
    accounts.push(AccountMeta::new_readonly(bulkhead::ID, false));
    Instruction {
        program_id: host,
        accounts,
        data,
    }
}

fn authority(protocol: &Protocol) -> ix::Authority {
    in_set_up(protocol)
}
