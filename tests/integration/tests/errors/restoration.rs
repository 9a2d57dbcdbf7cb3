//! 6609 to 6615: tranches and claims.

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError as E;
use bulkhead_client::instructions as ix;
use bulkhead_sim::{Machine, keypair};
use bulkhead_snapshot::Position;
use bulkhead_tests::{
    recovery::{Recovery, positions},
    world,
};
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::InvalidProof, || {
        let (mut machine, recovery) = paying(positions(3));
        let (keys, mut args) = recovery.prepare(&machine, &leaf(&recovery), 0);
        args.amount += 1;
        machine.send(&[ix::claim(recovery.keys(), keys, args)], &[])
    }),
    (E::AlreadyClaimed, || {
        let (mut machine, recovery) = paying(positions(3));
        recovery.claim(&mut machine, &leaf(&recovery), 0)?;
        recovery.claim(&mut machine, &leaf(&recovery), 0)
    }),
    (E::NoSuchTranche, || {
        let (mut machine, recovery) = paying(positions(3));
        let open = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 1, 0);
        machine.send(&[open], &[])
    }),
    (E::WrongClaimPage, || {
        let (mut machine, recovery) = paying(positions(3));
        let open = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 0, 1);
        machine.send(&[open], &[])
    }),
    (E::TrancheRefused, || {
        let (mut machine, recovery) = paying(positions(3));
        let member = recovery.protocol.members[0].insecure_clone();
        recovery.open_tranche(&mut machine, &member, 1)
    }),
    (E::OwnerMustSign, || {
        let (mut machine, recovery) = paying(positions(3));
        let thief = machine.create_associated(&recovery.protocol.mint, &keypair("thief").pubkey(), 0);
        let (keys, args) = recovery.prepare(&machine, &leaf(&recovery), 0);
        let keys = ix::ClaimKeys {
            destination: thief,
            ..keys
        };
        machine.send(&[ix::claim(recovery.keys(), keys, args)], &[])
    }),
    (E::NothingToClaim, || {
        let mut list = positions(3);
        (list[0].amount, list[1].amount) = (1, 1_000_000);
        let smallest = list[0].key;
        let (mut machine, recovery) = paying(list);
        recovery.claim(&mut machine, &smallest, 0)
    }),
];

/// A restoration of `list` with one tranche of 1,000.
fn paying(list: Vec<Position>) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, list);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 0, 1_000);
    (machine, recovery)
}

fn leaf(recovery: &Recovery) -> Pubkey {
    recovery.tree.leaves().next().expect("there are leaves").1.key
}
