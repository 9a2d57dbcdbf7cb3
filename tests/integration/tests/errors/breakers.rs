//! 6300: breakers.

use anchor_lang::solana_program::system_instruction;
use bulkhead::error::BulkheadError as E;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::keypair;
use bulkhead_tests::{every_instruction::outflow::referred_args, world};
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
    (E::NotStandalone, || {
        let (mut machine, protocol) = world();
        let payer = machine.payer.pubkey();
        let host = keypair("metering host").pubkey();
        let args = referred_args(&protocol, &host);
        let authority = protocol.try_mature(&mut machine, &args)?;
        let breaker = pda::outflow_breaker(&protocol.domain, args.compartment, &args.mint, args.shard);
        let observe = ix::observe_reference(breaker, args.reference);
        protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
        let company = system_instruction::transfer(&payer, &host, 1_000_000);
        machine.send(&[observe, company], &[])
    }),
];
