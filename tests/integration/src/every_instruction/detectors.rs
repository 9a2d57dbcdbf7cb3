//! Price, solvency and authority: opened during set-up, observed, latched, closed.

use bulkhead::instructions::{CloseDetectorArgs, OpenPriceBreakerArgs, PriceSource};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::{Setup, keypair};
use solana_signer::Signer;

use super::{Bench, Visitor};
use crate::detectors::{
    FEED, PACE, Update, in_set_up, observe_solvency, post, program_args, pyth_args, solvency_args, watch,
    write_liabilities, write_program_data,
};

pub fn visit(visitor: &mut dyn Visitor) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &setup);
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let setup_authority = bench.protocol.setup_authority.insecure_clone();
    let authority = in_set_up(&bench.protocol);

    let now = bench_time(&bench);
    let pinned = post(&mut bench.machine, "pinned", &Update::new(10_000_000_000, now));
    let args = OpenPriceBreakerArgs {
        source: PriceSource::Pyth {
            feed_id: FEED,
            account: Some(pinned),
        },
        ..pyth_args()
    };
    let price = pda::price_breaker(&domain, args.compartment, &args.source_key());
    bench.row(
        "open_price_breaker",
        ix::open_price_breaker(authority, payer, args),
        &[&setup_authority],
    );
    let observe = ix::observe_price(domain, price, pinned);
    // Enough for every rule to act and for the ring to be full.
    for number in 0..80 {
        bench.machine.warp_seconds(PACE);
        let update = Update::new(10_000_000_000 + number % 7 * 1_000_000, bench_time(&bench));
        post(&mut bench.machine, "pinned", &update);
        if number < 79 {
            bench.send(observe.clone(), &[]);
        }
    }
    bench.row("observe_price", observe.clone(), &[]);
    bench.machine.warp_seconds(PACE);
    let update = Update::new(20_000_000_000, bench_time(&bench));
    post(&mut bench.machine, "pinned", &update);
    bench.row("observe_price_latched", observe, &[]);

    write_liabilities(&mut bench.machine, &bench.protocol, 1_000_000);
    let args = solvency_args(&bench.protocol);
    bench.row(
        "open_solvency_breaker",
        ix::open_solvency_breaker(authority, payer, args),
        &[&setup_authority],
    );
    let observe = observe_solvency(&bench.protocol);
    bench.row("observe_solvency", observe.clone(), &[]);
    write_liabilities(&mut bench.machine, &bench.protocol, 2_000_000);
    bench.send(observe.clone(), &[]);
    bench.machine.warp_seconds(60);
    bench.row("observe_solvency_latched", observe, &[]);

    let (upgrader, thief) = (keypair("upgrader").pubkey(), keypair("thief").pubkey());
    let args = program_args(&upgrader);
    let target = args.account;
    write_program_data(&mut bench.machine, &target, 1, Some(&upgrader));
    let watched = watch(&bench.protocol, &args);
    bench.row(
        "open_authority_watch",
        ix::open_authority_watch(authority, payer, args),
        &[&setup_authority],
    );
    let observe = ix::observe_authority(domain, watched, target);
    bench.row("observe_authority", observe.clone(), &[]);
    write_program_data(&mut bench.machine, &target, 2, Some(&thief));
    bench.row("observe_authority_latched", observe, &[]);

    bench.machine.warp_seconds(3_600);
    let args = CloseDetectorArgs {
        detector: watched,
        receiver: keypair("receiver of rent").pubkey(),
    };
    bench.row(
        "close_detector",
        ix::close_detector(authority, args),
        &[&setup_authority],
    );
}

fn bench_time(bench: &Bench) -> i64 {
    bench.machine.clock().unix_timestamp
}
