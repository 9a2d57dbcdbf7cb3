//! 6360: contagion.

use bulkhead::{error::BulkheadError as E, instructions::SetLinkArgs};
use bulkhead_client::instructions as ix;
use bulkhead_tests::{
    linked::{link_args, pair},
    world,
};
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::NothingToPropagate, || {
        let (mut machine, upstream, downstream) = pair();
        let crank = ix::propagate_contagion(downstream.domain, upstream.domain);
        machine.send(&[crank], &[])
    }),
    (E::AlreadyPropagated, || {
        let (mut machine, upstream, downstream) = pair();
        let guardian = &upstream.members[0];
        let open = ix::open_incident(upstream.domain, guardian.pubkey(), machine.payer.pubkey(), 0);
        machine.send(&[open], &[guardian])?;
        let crank = ix::propagate_contagion(downstream.domain, upstream.domain);
        machine.send(std::slice::from_ref(&crank), &[])?;
        machine.next_slot();
        machine.send(&[crank], &[])
    }),
    (E::LinkedToItself, || {
        let (mut machine, protocol) = world();
        let args: SetLinkArgs = link_args(&protocol);
        let authority = protocol.try_mature(&mut machine, &args)?;
        let payer = machine.payer.pubkey();
        machine.send(&[ix::set_link(authority, payer, args)], &[])
    }),
];
