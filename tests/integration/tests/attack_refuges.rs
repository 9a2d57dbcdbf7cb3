//! Attacks on what backs whom that succeed: the number that says "no ledger" is a ledger, and an evacuation of nothing
//! makes a full refuge nobody's.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError, instructions::RegisterLedgerArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::NO_LEDGER,
    layout::{Evacuation, Ledger, Restoration, Vault},
};
use bulkhead_sim::Machine;
use bulkhead_tests::{
    held::Held,
    recovery::{Recovery, forge, positions},
    refused, world,
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;

fn restored() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(30));
    recovery.restore(&mut machine);
    (machine, recovery)
}

/// As if an evacuation in `incident` had moved the vault to the refuge.
fn evacuate(machine: &mut Machine, recovery: &Recovery, incident: Pubkey, moved: u64) {
    let key = recovery.protocol.vault.vault;
    let vault: Vault = machine.load(&key);
    let evacuation = Evacuation {
        incident,
        destination: recovery.protocol.refuge,
        before: moved,
        moved,
        slot: 77,
        ..Evacuation::zeroed()
    };
    forge(machine, &key, &Vault { evacuation, ..vault });
}

fn draw(recovery: &Recovery) -> Instruction {
    let (protocol, vault) = (&recovery.protocol, recovery.protocol.vault.vault);
    ix::fund_from_refuge(recovery.keys(), protocol.domain, vault, protocol.refuge)
}

/// A ledger can be registered under the number that says that a vault backs none.
#[test]
fn the_number_of_no_ledger_is_registered() {
    let mut held = Held::in_set_up();
    let authority = ix::Authority {
        signer: solana_signer::Signer::pubkey(&held.protocol.namespace),
        domain: held.protocol.domain,
        proposal: None,
    };
    let args = RegisterLedgerArgs {
        index: NO_LEDGER,
        ..held.protocol.ledger_args(1)
    };
    let payer = solana_signer::Signer::pubkey(&held.machine.payer);
    let register = ix::register_ledger(authority, payer, args, &[]);
    held.machine
        .send(&[register], &[&held.protocol.namespace])
        .expect("a ledger like any other");
    let ledger: Ledger = held.machine.load(&pda::ledger(&held.protocol.domain, NO_LEDGER));
    assert_eq!(ledger.index, NO_LEDGER);
}

/// And the restoration of that ledger is paid by every vault that backs no ledger at all.
#[test]
fn a_vault_that_backs_no_ledger_pays_ledger_255() {
    let (mut machine, recovery) = restored();
    machine.mint_to(&recovery.protocol.mint, &recovery.protocol.refuge, 5_000);
    evacuate(&mut machine, &recovery, recovery.incident, 5_000);
    let key = recovery.protocol.vault.vault;
    let vault: Vault = machine.load(&key);
    forge(
        &mut machine,
        &key,
        &Vault {
            ledger: NO_LEDGER,
            ..vault
        },
    );
    refused(machine.send(&[draw(&recovery)], &[]), BulkheadError::WrongDestination);
    let plan: Restoration = machine.load(&recovery.restoration);
    forge(
        &mut machine,
        &recovery.restoration,
        &Restoration {
            ledger_index: NO_LEDGER,
            ..plan
        },
    );
    recovery.protocol.must(&mut machine, &[draw(&recovery)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), 5_000);
}

/// An earlier incident brought 5,000 to the refuge, and they are still there. The vault is empty, and a stranger
/// evacuates it in the present incident all the same. Then the earlier restoration draws nothing, which is said; but what
/// is in the refuge is not the present incident's either.
#[test]
fn an_evacuation_of_nothing_makes_a_full_refuge_nobodys() {
    let (mut machine, recovery) = restored();
    machine.mint_to(&recovery.protocol.mint, &recovery.protocol.refuge, 5_000);
    evacuate(&mut machine, &recovery, Pubkey::new_from_array([7; 32]), 5_000);
    refused(machine.send(&[draw(&recovery)], &[]), BulkheadError::WrongDestination);
    // What `evacuate` writes for a vault with nothing in it.
    evacuate(&mut machine, &recovery, recovery.incident, 0);
    refused(machine.send(&[draw(&recovery)], &[]), BulkheadError::NothingToMove);
    assert_eq!(machine.balance(&recovery.protocol.refuge), 5_000);
}

/// "What a snapshot is read through was agreed in peace": a ledger is registered and read while the domain is held, with
/// the theft in view.
#[test]
fn a_ledger_is_registered_in_the_incident_that_reads_it() {
    let (mut machine, protocol) = bulkhead_tests::world_with(&bulkhead_sim::Setup {
        ledger: false,
        ..bulkhead_sim::Setup::default()
    });
    protocol.write_total(&mut machine, 600);
    let incident = protocol.hold(&mut machine);
    let args = RegisterLedgerArgs {
        index: NO_LEDGER,
        ..protocol.ledger_args(1)
    };
    let authority = protocol.mature(
        &mut machine,
        bulkhead_interface::constants::kind::REGISTER_LEDGER,
        &args,
    );
    let payer = solana_signer::Signer::pubkey(&machine.payer);
    let register = ix::register_ledger(authority, payer, args, &[]);
    let open = ix::open_snapshot(protocol.domain, payer, incident, NO_LEDGER);
    protocol.must(&mut machine, &[register], &[]);
    protocol.must(&mut machine, &[open], &[]);
    assert!(machine.account(&pda::snapshot(&incident, NO_LEDGER)).is_some());
}
