//! Closing a detector: by a proposal, without its pause, and to whom the proposal says.

use bulkhead::{error::BulkheadError, instructions::CloseDetectorArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::layout::PriceBreaker;
use bulkhead_testbed::{Protocol, Setup, keypair};
use bulkhead_tests::{
    detectors::{Update, configure, post, price_breaker, pyth_args, rules},
    refused,
};
use solana_signer::Signer;

use crate::{activate, authority, set_up};

#[test]
fn a_detector_is_closed_by_a_proposal_and_opened_anew() {
    let (mut machine, protocol) = set_up();
    let mut args = pyth_args();
    let (payer, detector) = (machine.payer.pubkey(), price_breaker(&protocol, &args));
    let open = ix::open_price_breaker(authority(&protocol), payer, args.clone());
    configure(&mut machine, &protocol, open).expect("it opens");
    activate(&mut machine, &protocol);
    let receiver = keypair("receiver of rent").pubkey();
    let close = CloseDetectorArgs { detector, receiver };
    let alone = ix::close_detector(authority(&protocol), close.clone());
    refused(
        configure(&mut machine, &protocol, alone),
        BulkheadError::ProposalRequired,
    );
    let matured = protocol.mature(&mut machine, &close);
    // Attack: whoever cranks takes the rent.
    let thief = CloseDetectorArgs {
        detector,
        receiver: keypair("thief").pubkey(),
    };
    refused(
        machine.send(&[ix::close_detector(matured, thief)], &[]),
        BulkheadError::PayloadMismatch,
    );
    let rent = machine.account(&detector).expect("it exists").lamports;
    protocol.must(&mut machine, &[ix::close_detector(matured, close)], &[]);
    assert_eq!(machine.account(&receiver).expect("it was paid").lamports, rent);
    assert!(machine.account(&detector).is_none());

    args.rules.z_milli = 5_000;
    let matured = protocol.mature(&mut machine, &args);
    let open = ix::open_price_breaker(matured, payer, args);
    protocol.must(&mut machine, &[open], &[]);
    let anew: PriceBreaker = machine.load(&detector);
    assert_eq!((anew.rules.z_milli, anew.statistics.observations), (5_000, 0));
}

/// Attack: take the reason of a pause away, with a proposal that matured in peace, before anyone has cranked it.
#[test]
fn a_latch_in_force_is_not_closed_away() {
    let (mut machine, protocol) = set_up();
    let mut args = pyth_args();
    args.rules = bulkhead::instructions::PriceRulesConfig {
        max_confidence_bps: 1,
        ..rules()
    };
    let (payer, detector) = (machine.payer.pubkey(), price_breaker(&protocol, &args));
    let open = ix::open_price_breaker(authority(&protocol), payer, args);
    configure(&mut machine, &protocol, open).expect("it opens");
    activate(&mut machine, &protocol);
    let close = CloseDetectorArgs {
        detector,
        receiver: payer,
    };
    let matured = protocol.mature(&mut machine, &close);
    let unsure = Update {
        confidence: 1_000,
        ..Update::new(1_000, machine.clock().unix_timestamp)
    };
    let price = post(&mut machine, "update", &unsure);
    let observe = ix::observe_price(protocol.domain, detector, price);
    protocol.must(&mut machine, &[observe], &[]);
    let close = ix::close_detector(matured, close);
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::LatchInForce,
    );
    machine.warp_seconds(3_600);
    protocol.must(&mut machine, &[close], &[]);
}

#[test]
fn no_other_account_and_no_other_domains() {
    let (mut machine, protocol) = set_up();
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            activate: false,
            ..Setup::default()
        },
    );
    let args = pyth_args();
    let (payer, theirs) = (machine.payer.pubkey(), price_breaker(&other, &args));
    let open = ix::open_price_breaker(authority(&other), payer, args);
    configure(&mut machine, &other, open).expect("it opens");
    for detector in [
        protocol.vault.vault,
        protocol.domain,
        bulkhead_client::pda::council(&protocol.domain),
        protocol.recovery_account,
        theirs,
    ] {
        let close = CloseDetectorArgs {
            detector,
            receiver: payer,
        };
        let close = ix::close_detector(authority(&protocol), close);
        refused(configure(&mut machine, &protocol, close), BulkheadError::ForeignAccount);
    }
    // The rent of a detector that pays itself would be lost.
    let ours = pyth_args();
    let detector = price_breaker(&protocol, &ours);
    let open = ix::open_price_breaker(authority(&protocol), payer, ours);
    configure(&mut machine, &protocol, open).expect("it opens");
    let close = CloseDetectorArgs {
        detector,
        receiver: detector,
    };
    let close = ix::close_detector(authority(&protocol), close);
    refused(configure(&mut machine, &protocol, close), BulkheadError::ForeignAccount);
}
