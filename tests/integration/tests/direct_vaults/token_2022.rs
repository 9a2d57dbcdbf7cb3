//! Tokens with a fee.

use anchor_spl::token_2022::spl_token_2022::ID as TOKEN_2022;
use bulkhead_tests::token_2022::{account, mint};

use super::*;

/// `TransferFeeConfig` without authorities: 1 %, at most 2,000.
fn fee() -> Vec<u8> {
    let one = [
        0_u64.to_le_bytes().as_slice(),
        &2_000_u64.to_le_bytes(),
        &100_u16.to_le_bytes(),
    ]
    .concat();
    [vec![0; 64], vec![0; 8], one.clone(), one].concat()
}

#[test]
fn the_mints_fee_is_no_theft() {
    let (machine, protocol) = world();
    let mut table = Table::of(machine, protocol);
    let fee = fee();
    let mint = mint(&mut table.machine, "with a fee", &[(1, &fee)]);
    let (source, route) = (
        keypair("source with a fee").pubkey(),
        keypair("route with a fee").pubkey(),
    );
    let withheld: (u16, &[u8]) = (2, &[0; 8]);
    let (host, domain) = (holder_of(&table.host), table.protocol.domain);
    account(&mut table.machine, source, &mint, &host, HELD, &[withheld]);
    account(&mut table.machine, route, &mint, &domain, 0, &[withheld]);
    (table.source, table.route, table.mint, table.token_program) = (source, route, mint, TOKEN_2022);
    // `TransferChecked`, which a mint with a fee requires.
    let everything = Call {
        program: place::PROGRAM,
        accounts: vec![
            (place::SOURCE, false, true),
            (place::MORE, false, false),
            (place::ROUTE, false, true),
            (place::HOLDER, true, false),
        ],
        data: [vec![12], vec![0; 8], vec![6]].concat(),
        amount_of: place::SOURCE,
    };
    let stored = table.calling(&[everything], &[(mint, false)]);
    let args = RegisterDirectVaultArgs {
        least_bps: 9_900,
        ..table.args(stored.clone())
    };
    table.register(args).expect("it has matured");
    let incident = table.freeze();
    table.evacuate(incident, &stored).expect("the fee is the mint's");
    let row = table.vault().evacuation;
    assert_eq!(
        (row.before, row.moved, row.fee, row.after),
        (HELD, HELD - 2_000, 2_000, 0)
    );
    assert_eq!(table.balances(), (0, HELD - 2_000));
}
