//! 6300: breakers.

use bulkhead::error::BulkheadError as E;
use bulkhead_client::instructions as ix;
use bulkhead_sim::keypair;
use bulkhead_tests::world;
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::NotMeterAuthority, || {
        let (mut machine, protocol) = world();
        let stranger = keypair("stranger");
        let meter = ix::meter_outflow(protocol.domain, protocol.vault.breaker, stranger.pubkey(), 1);
        machine.send(&[meter], &[&stranger])
    }),
    (E::NotLatched, || {
        let (mut machine, protocol) = world();
        let payer = machine.payer.pubkey();
        let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
        machine.send(&[trip], &[])
    }),
];
