//! To be paid twice: have what a ledger counts counted by another, in other words.

use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::instructions as ix;
use bulkhead_testbed::{Failure, Outcome, Protocol};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_signer::Signer;

use crate::{
    factors::{bank, in_shares, write_rate},
    holders::owned_by_tokens,
    named,
    records::seats,
};

/// Registers ledger 2 beside ledger 1. Its total stands elsewhere.
fn beside(frozen: &mut Frozen, args: RegisterLedgerArgs) -> Result<Outcome, Failure> {
    let Frozen { machine, protocol, .. } = frozen;
    let total = named("second total");
    protocol.write_host_account(machine, &total, vec![0; 8]);
    let args = RegisterLedgerArgs {
        index: 2,
        total: TotalConfig {
            account: total,
            ..args.total
        },
        ..args
    };
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let register = ix::register_ledger(authority, machine.payer.pubkey(), args, &[1]);
    machine.send(&[register], &[&protocol.setup_authority])
}

fn plain(protocol: &Protocol) -> RegisterLedgerArgs {
    protocol.ledger_args(1)
}

/// Whose it is and what it is worth make no other number of it.
#[test]
fn what_a_ledger_counts_is_not_counted_by_a_linked_one() {
    type Kind = fn(&Protocol) -> RegisterLedgerArgs;
    let kinds: [Kind; 3] = [plain, owned_by_tokens, in_shares];
    for (number, first) in kinds.into_iter().enumerate() {
        let mut frozen = Frozen::in_set_up();
        write_rate(&mut frozen, 7);
        let args = first(&frozen.protocol);
        frozen.register(args).expect("the first");
        for (other, second) in kinds.into_iter().enumerate() {
            println!("{number} and {other}");
            let args = second(&frozen.protocol);
            refused(beside(&mut frozen, args), BulkheadError::LedgersOverlap);
        }
        let mut args = in_shares(&frozen.protocol);
        args.filters[0].bytes = b"another!".to_vec();
        beside(&mut frozen, args).expect("other accounts");
    }
}

/// A seat's number is not counted for the whole account besides.
#[test]
fn what_is_a_record_is_not_part_of_a_position_too() {
    let whole = |protocol: &Protocol| RegisterLedgerArgs {
        // The owner stands in the head, behind which the seats begin.
        owner_offset: 16,
        link: None,
        slots: seats(protocol, 100)
            .slots
            .map(|slots| bulkhead::instructions::SlotTableConfig {
                offset: slots.offset + 48,
                ..slots
            }),
        ..seats(protocol, 100)
    };
    let mut frozen = Frozen::in_set_up();
    let args = seats(&frozen.protocol, 100);
    frozen.register(args).expect("the first");
    let args = whole(&frozen.protocol);
    refused(beside(&mut frozen, args), BulkheadError::LedgersOverlap);
    let args = seats(&frozen.protocol, 100);
    refused(beside(&mut frozen, args), BulkheadError::LedgersOverlap);
    // Seats of another mark.
    let mut args = seats(&frozen.protocol, 100);
    if let Some(filter) = args.slots.as_mut().and_then(|slots| slots.filter.as_mut()) {
        filter.bytes = vec![2];
    }
    beside(&mut frozen, args).expect("other seats");
}

/// The accounts of the factors come first, then the ledgers that pay the same token: none of them is forgotten.
#[test]
fn a_linked_ledger_is_not_registered_without_the_others() {
    let mut frozen = Frozen::in_set_up();
    write_rate(&mut frozen, 7);
    let args = in_shares(&frozen.protocol);
    frozen.register(args).expect("the first");
    let Frozen { machine, protocol, .. } = &mut frozen;
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let args = RegisterLedgerArgs {
        index: 2,
        ..in_shares(protocol)
    };
    let payer = machine.payer.pubkey();
    let mut send = |register| machine.send(&[register], &[&protocol.setup_authority]);
    let alone = ix::register_ledger(authority, payer, args.clone(), &[]);
    refused(send(alone.clone()), BulkheadError::LedgersMissing);
    let mut nothing = alone.clone();
    assert_eq!(nothing.accounts.pop().map(|meta| meta.pubkey), Some(bank()));
    refused(send(nothing), BulkheadError::LinkedAccountMissing);
    let mut swapped = ix::register_ledger(authority, payer, args, &[1]);
    let last = swapped.accounts.len() - 1;
    swapped.accounts.swap(last, last - 1);
    assert!(send(swapped).is_err());
}
