//! 6609 to 6623, 6980 to 6985: sharing out and claims.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError as E, instructions::RedirectClaimsArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{VERSION, claim_wish},
    layout::{ClaimRedirect, ClaimTerms},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Failure, Machine, Outcome, keypair};
use bulkhead_tests::{
    recovery::{LEDGER, Recovery, forge, owner, positions},
    world,
};
use bytemuck::Zeroable;
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::InvalidProof, || {
        let (mut machine, recovery) = paying(positions(3));
        let (keys, mut args) = recovery.prepare(&machine, &leaf(&recovery));
        args.amount += 1;
        machine.send(&[ix::claim(recovery.keys(), keys, args)], &[])
    }),
    (E::AlreadyClaimed, || {
        let (mut machine, recovery) = paying(positions(3));
        recovery.claim(&mut machine, &leaf(&recovery))?;
        recovery.claim(&mut machine, &leaf(&recovery))
    }),
    (E::WrongClaimPage, || {
        let (mut machine, recovery) = paying(positions(3));
        let open = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 1);
        machine.send(&[open], &[])
    }),
    (E::NothingToShare, || {
        let (mut machine, recovery) = paying(positions(3));
        recovery.share_out(&mut machine)
    }),
    (E::ClaimsOpen, || {
        let (mut machine, recovery) = paying(positions(3));
        let close = ix::close_claim_page(recovery.restoration, machine.payer.pubkey(), 0);
        machine.send(&[close], &[])
    }),
    (E::OwnerPayable, || {
        let (mut machine, recovery) = paying(positions(3));
        let (keys, args) = recovery.prepare(&machine, &leaf(&recovery));
        let thief = keypair("thief").pubkey();
        let destination = machine.create_associated(&recovery.protocol.mint, &thief, 0);
        let route = ClaimRedirect {
            version: VERSION,
            domain: recovery.protocol.domain,
            restoration: recovery.restoration,
            owner: keys.owner,
            destination,
            holder: thief,
            ..ClaimRedirect::zeroed()
        };
        forge(
            &mut machine,
            &pda::claim_redirect(&recovery.restoration, &keys.owner),
            &route,
        );
        let own = keys.destination;
        let keys = ix::ClaimKeys { destination, ..keys };
        let claim = ix::claim_elsewhere(
            recovery.keys(),
            keys,
            true,
            (recovery.protocol.domain, own),
            false,
            args,
        );
        machine.send(&[claim], &[])
    }),
    (E::OwnerCanSign, || {
        let (mut machine, recovery) = paying(positions(3));
        let holder = keypair("thief").pubkey();
        let redirect = RedirectClaimsArgs {
            restoration: recovery.restoration,
            owner: owner(1).pubkey(),
            destination: machine.create_associated(&recovery.protocol.mint, &holder, 0),
            holder,
        };
        let protocol = &recovery.protocol;
        protocol.try_mature(&mut machine, &redirect).map(|_| unreachable!())
    }),
    (E::OwnerMustSign, || {
        let (mut machine, recovery) = paying(positions(3));
        let thief = machine.create_associated(&recovery.protocol.mint, &keypair("thief").pubkey(), 0);
        let (keys, args) = recovery.prepare(&machine, &leaf(&recovery));
        let keys = ix::ClaimKeys {
            destination: thief,
            ..keys
        };
        machine.send(&[ix::claim(recovery.keys(), keys, args)], &[])
    }),
    (E::BatchMismatch, || {
        let (mut machine, recovery) = paying(positions(3));
        let mut batch = recovery.batch(&machine, &[leaf(&recovery)]);
        batch.accounts.push(batch.accounts[5].clone());
        machine.send(&[batch], &[])
    }),
    (E::NothingPaid, || {
        let (mut machine, recovery) = paying(positions(3));
        recovery.claim(&mut machine, &leaf(&recovery))?;
        let batch = recovery.batch(&machine, &[leaf(&recovery)]);
        machine.send(&[batch], &[])
    }),
    (E::NotTheSuccessor, || {
        let (mut machine, recovery) = paying(positions(3));
        consume(&mut machine, &recovery)
    }),
    (E::SuccessorNoticeRuns, || {
        let (mut machine, recovery) = paying(positions(3));
        let domain = recovery.protocol.domain;
        let terms = ClaimTerms {
            version: VERSION,
            ledger_index: LEDGER,
            domain,
            successor: keypair("successor").pubkey(),
            ..ClaimTerms::zeroed()
        };
        forge(&mut machine, &pda::claim_terms(&domain, LEDGER), &terms);
        consume(&mut machine, &recovery)
    }),
    (E::ClaimKept, || {
        let (mut machine, recovery) = paying(positions(3));
        let (keys, _) = recovery.prepare(&machine, &leaf(&recovery));
        let owner = (0..10)
            .map(owner)
            .find(|key| key.pubkey() == keys.owner)
            .expect("theirs");
        let payer = machine.payer.pubkey();
        let domain = recovery.protocol.domain;
        let keep = ix::wish_claims(domain, keys.owner, payer, claim_wish::KEEP, Pubkey::default());
        machine.send(&[keep], &[&owner])?;
        consume(&mut machine, &recovery)
    }),
    (E::InvalidClaimWish, || {
        let (mut machine, recovery) = paying(positions(3));
        let owner = owner(1);
        let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
        let wish = ix::wish_claims(domain, owner.pubkey(), payer, 4, payer);
        machine.send(&[wish], &[&owner])
    }),
    (E::NothingToClaim, || {
        let mut list = positions(3);
        (list[0].amount, list[1].amount) = (1, 1_000_000);
        let smallest = list[0].key;
        let (mut machine, recovery) = paying(list);
        recovery.claim(&mut machine, &smallest)
    }),
];

/// A restoration of `list` with 1,000 shared out.
fn paying(list: Vec<Position>) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, list);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 1_000);
    (machine, recovery)
}

/// Somebody consumes the first leaf.
fn consume(machine: &mut Machine, recovery: &Recovery) -> Result<Outcome, Failure> {
    let successor = keypair("successor");
    let (keys, args) = recovery.prepare(machine, &leaf(recovery));
    let at = (recovery.protocol.domain, LEDGER);
    let consume = ix::consume_claim(recovery.keys(), keys, at, successor.pubkey(), args);
    machine.send(&[consume], &[&successor])
}

fn leaf(recovery: &Recovery) -> Pubkey {
    recovery.tree.leaves().next().expect("there are leaves").1.key
}
