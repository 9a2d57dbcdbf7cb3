//! 6320 to 6359: prices, solvency, authorities.

use bulkhead::{
    error::BulkheadError as E,
    instructions::{CloseDetectorArgs, OpenSolvencyBreakerArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    detectors::{
        Update, configure, in_set_up, observe_solvency, post, price_breaker, program_args, pyth_args, solvency_args,
        watch, write_liabilities, write_program_data,
    },
    world_with,
};
use solana_signer::Signer;

use crate::{Case, Refusal};

pub const CASES: &[Case] = &[
    (E::PriceNotNewer, || {
        prices(|now| [Update::new(100, now), Update::new(100, now)])
    }),
    (E::PriceTooOld, || {
        prices(|now| [Update::new(100, now - 100), Update::new(100, now - 61)])
    }),
    (E::PriceFromTheFuture, || {
        prices(|now| [Update::new(100, now), Update::new(100, now + 7_201)])
    }),
    (E::ForeignPrice, || {
        let foreign = |now| Update {
            feed: [1; 32],
            ..Update::new(100, now)
        };
        prices(|now| [Update::new(100, now - 20), foreign(now)])
    }),
    (E::PriceUnreadable, || {
        prices(|now| [Update::new(100, now - 20), Update::new(0, now)])
    }),
    (E::PriceTooSoon, || {
        prices(|now| [Update::new(100, now - 4), Update::new(100, now)])
    }),
    (E::LiabilitiesUnreadable, || {
        let (mut machine, protocol) = set_up();
        write_liabilities(&mut machine, &protocol, 1);
        let args = solvency_args(&protocol);
        let mut account = machine.account(&args.liabilities).expect("it exists");
        account.data.truncate(12);
        machine.write_account(&args.liabilities, account);
        let open = ix::open_solvency_breaker(in_set_up(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open)
    }),
    (E::WrongReserves, || {
        let (mut machine, protocol) = solvent();
        let mut observe = observe_solvency(&protocol);
        observe.accounts.pop();
        machine.send(&[observe], &[])
    }),
    (E::DuplicateReserve, || {
        let (mut machine, protocol) = set_up();
        write_liabilities(&mut machine, &protocol, 1);
        let args = OpenSolvencyBreakerArgs {
            reserves: vec![protocol.custody(), protocol.custody()],
            ..solvency_args(&protocol)
        };
        let open = ix::open_solvency_breaker(in_set_up(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open)
    }),
    (E::WatchMismatch, || {
        let (mut machine, protocol) = set_up();
        let args = program_args(&keypair("upgrader").pubkey());
        write_program_data(&mut machine, &args.account, 1, None);
        let open = ix::open_authority_watch(in_set_up(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open)
    }),
    (E::LatchInForce, || {
        let (mut machine, protocol) = set_up();
        let upgrader = keypair("upgrader").pubkey();
        let args = program_args(&upgrader);
        write_program_data(&mut machine, &args.account, 1, Some(&upgrader));
        let (detector, target) = (watch(&protocol, &args), args.account);
        let open = ix::open_authority_watch(in_set_up(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open).expect("it opens");
        write_program_data(&mut machine, &target, 1, None);
        let observe = ix::observe_authority(protocol.domain, detector, target);
        protocol.must(&mut machine, &[observe], &[]);
        let receiver = machine.payer.pubkey();
        let close = ix::close_detector(in_set_up(&protocol), CloseDetectorArgs { detector, receiver });
        configure(&mut machine, &protocol, close)
    }),
];

fn set_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

fn solvent() -> (Machine, Protocol) {
    let (mut machine, protocol) = set_up();
    write_liabilities(&mut machine, &protocol, 1);
    let open = ix::open_solvency_breaker(in_set_up(&protocol), machine.payer.pubkey(), solvency_args(&protocol));
    configure(&mut machine, &protocol, open).expect("it opens");
    (machine, protocol)
}

/// The first is let through unless it is too old by itself; the second is what the case is about.
fn prices(updates: impl Fn(i64) -> [Update; 2]) -> Refusal {
    let (mut machine, protocol) = set_up();
    let args = pyth_args();
    let breaker = price_breaker(&protocol, &args);
    let open = ix::open_price_breaker(in_set_up(&protocol), machine.payer.pubkey(), args);
    configure(&mut machine, &protocol, open).expect("it opens");
    let now = machine.clock().unix_timestamp;
    let mut result = None;
    for update in updates(now) {
        let price = post(&mut machine, "update", &update);
        result = Some(machine.send(&[ix::observe_price(protocol.domain, breaker, price)], &[]));
    }
    result.expect("two were sent")
}
