//! Inflow credit: who reports it, and that it is worth no more than the credit.

use super::*;

#[test]
fn a_host_that_lies_about_inflow_gains_the_credit_and_no_more() {
    let mut table = Table::with(|args| {
        (args.limit_bps, args.slot_bps) = (0, 0);
        args.inflow_credit = 200_000;
    });
    let lie = ix::record_inflow(table.breaker, table.host.pubkey(), None, u64::MAX);
    for _ in 0..3 {
        table
            .protocol
            .must(&mut table.machine, std::slice::from_ref(&lie), &[&table.host]);
    }
    assert_eq!((table.view().in_window, table.view().remaining), (1_000_000, 800_000));
    assert_eq!(table.meter(800_000), verdict::ALLOWED);
    table.machine.next_slot();
    table
        .protocol
        .must(&mut table.machine, std::slice::from_ref(&lie), &[&table.host]);
    assert_eq!(table.meter(200_000), verdict::ALLOWED);
    table.machine.next_slot();
    table
        .protocol
        .must(&mut table.machine, std::slice::from_ref(&lie), &[&table.host]);
    assert_eq!(table.meter(1), verdict::QUEUED);
    // A latch is not unpaused by inflow.
    table.protocol.must(&mut table.machine, &[lie], &[&table.host]);
    assert_eq!(table.view().remaining, 0);
    assert!(table.view().latched_until > table.machine.clock().unix_timestamp);
}

#[test]
fn inflow_is_the_authoritys_word_or_the_vaults_operators() {
    let mut table = Table::new();
    let (vault, operator) = (table.protocol.vault, &table.protocol.operator);
    let stranger = keypair("stranger");
    let cases = [
        // Neither the breaker's authority, nor an operator without its vault, nor one of another vault's breaker.
        (table.breaker, &stranger, None, BulkheadError::NotMeterAuthority),
        (vault.breaker, operator, None, BulkheadError::NotMeterAuthority),
        (
            vault.breaker,
            &stranger,
            Some(vault.vault),
            BulkheadError::NotMeterAuthority,
        ),
        (
            table.breaker,
            operator,
            Some(vault.vault),
            BulkheadError::ForeignAccount,
        ),
        (
            table.breaker,
            &table.host,
            Some(vault.vault),
            BulkheadError::ForeignAccount,
        ),
    ];
    for (breaker, signer, vault, error) in cases {
        let inflow = ix::record_inflow(breaker, signer.pubkey(), vault, 5);
        refused(table.machine.send(&[inflow], &[signer]), error);
    }
    let nothing = ix::record_inflow(table.breaker, table.host.pubkey(), None, 0);
    refused(
        table.machine.send(&[nothing], &[&table.host]),
        BulkheadError::ZeroAmount,
    );

    let own = ix::record_inflow(vault.breaker, operator.pubkey(), Some(vault.vault), 5);
    table.protocol.must(&mut table.machine, &[own], &[operator]);
    assert_eq!(table.machine.load::<OutflowBreaker>(&vault.breaker).inflow, 5);
}
