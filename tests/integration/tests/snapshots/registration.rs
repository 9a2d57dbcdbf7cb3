//! Which layouts may be registered, by whom and when.

use super::*;

fn amount(offset: u32, width: u8) -> AmountConfig {
    AmountConfig {
        offset,
        width,
        flags: 0,
    }
}

fn no_filter() -> ByteFilterConfig {
    ByteFilterConfig {
        offset: 0,
        bytes: vec![],
    }
}

#[test]
fn layouts_that_cannot_be_read_are_refused() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    });
    let payer = machine.payer.pubkey();
    let mut register = |args| {
        let register = ix::register_ledger(setup_authority(&protocol), payer, args, &[]);
        machine.send(&[register], &[&protocol.setup_authority])
    };
    let args = || protocol.ledger_args(1);
    let broken = [
        RegisterLedgerArgs {
            amounts: vec![amount(40, 3)],
            ..args()
        },
        RegisterLedgerArgs {
            owner_offset: 17,
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(41, 8)],
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(39, 8)],
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![],
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(40, 1); 9],
            ..args()
        },
        RegisterLedgerArgs {
            filters: vec![no_filter(); 5],
            ..args()
        },
        RegisterLedgerArgs {
            filters: vec![no_filter()],
            ..args()
        },
        RegisterLedgerArgs {
            owner_offset: u32::MAX,
            ..args()
        },
        RegisterLedgerArgs {
            data_len: 0,
            length_rule: length_rule::AT_LEAST,
            filters: vec![],
            ..args()
        },
    ];
    for args in broken {
        refused(register(args), BulkheadError::InvalidLedger);
    }
    refused(
        register(RegisterLedgerArgs {
            total: TotalConfig {
                offset: 1,
                ..args().total
            },
            ..args()
        }),
        BulkheadError::TotalUnreadable,
    );
    assert!(register(args()).is_ok());
}

#[test]
fn after_set_up_a_ledger_needs_a_matured_proposal() {
    let (mut machine, protocol) = world_with(&Setup {
        ledger: false,
        ..Setup::default()
    });
    let args = protocol.ledger_args(1);
    let payer = machine.payer.pubkey();
    let register = ix::register_ledger(setup_authority(&protocol), payer, args.clone(), &[]);
    refused(
        machine.send(&[register], &[&protocol.setup_authority]),
        BulkheadError::ProposalRequired,
    );
    let authority = protocol.mature(&mut machine, &args);
    let other = RegisterLedgerArgs {
        owner_offset: 9,
        amounts: vec![amount(0, 8)],
        ..args.clone()
    };
    refused(
        machine.send(&[ix::register_ledger(authority, payer, other, &[])], &[]),
        BulkheadError::PayloadMismatch,
    );
    protocol.must(&mut machine, &[ix::register_ledger(authority, payer, args, &[])], &[]);
}

/// Attack: register the number by which a vault says that it backs none; the restoration of that ledger is paid by every
/// such vault.
#[test]
fn the_number_of_no_ledger_is_no_ledgers() {
    let (mut machine, protocol) = world_with(&Setup {
        ledger: false,
        activate: false,
        ..Setup::default()
    });
    let args = RegisterLedgerArgs {
        index: NO_LEDGER,
        ..protocol.ledger_args(1)
    };
    let register = ix::register_ledger(setup_authority(&protocol), machine.payer.pubkey(), args, &[]);
    refused(
        machine.send(&[register], &[&protocol.setup_authority]),
        BulkheadError::InvalidLedger,
    );
}

/// Attack: register a ledger with the theft in view, and read it in the incident. One of peace is void as well.
#[test]
fn no_ledger_is_registered_in_an_incident() {
    let (mut machine, protocol) = world_with(&Setup {
        ledger: false,
        ..Setup::default()
    });
    protocol.write_total(&mut machine, 600);
    let (args, payer) = (protocol.ledger_args(1), machine.payer.pubkey());
    let register = |by| ix::register_ledger(by, payer, args.clone(), &[]);
    let kept = protocol.mature(&mut machine, &args);
    protocol.freeze(&mut machine);
    refused(machine.send(&[register(kept)], &[]), BulkheadError::TightenedSince);
    let by = protocol.mature(&mut machine, &args);
    refused(machine.send(&[register(by)], &[]), BulkheadError::WrongPhase);
}
