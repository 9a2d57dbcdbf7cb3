//! The price breaker. Whoever calls may choose among true and recent prices, and nothing else.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{OpenPriceBreakerArgs, PriceRulesConfig, PriceSource, ResumeArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{MAX_PAYLOAD, cause, latch_state, phase},
    ids::PYTH_RECEIVER,
    layout::PriceBreaker,
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, keypair};
use bulkhead_tests::{
    detectors::{
        FEED, PACE, Update, configure, host_args, host_price, post, price_breaker, propagate, pyth_args, rules, write,
        write_host_price,
    },
    refused,
};
use solana_signer::Signer;

use crate::{activate, authority, by_a_host, company, mask, set_up, trip, unpause};

const LEVEL: i64 = 10_000_000_000;

struct Feed {
    machine: Machine,
    protocol: Protocol,
    breaker: Pubkey,
}

impl Feed {
    /// A feed that has been quiet for ten minutes.
    fn new() -> Self {
        let (mut machine, protocol) = set_up();
        let args = pyth_args();
        let breaker = price_breaker(&protocol, &args);
        let open = ix::open_price_breaker(authority(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open).expect("it opens");
        activate(&mut machine, &protocol);
        let mut feed = Self {
            machine,
            protocol,
            breaker,
        };
        for number in 0..60 {
            feed.tick(LEVEL + number % 2 * 5_000_000);
        }
        assert_eq!(feed.state().latch.state, latch_state::ARMED);
        feed
    }

    fn now(&self) -> i64 {
        self.machine.clock().unix_timestamp
    }

    fn state(&self) -> PriceBreaker {
        self.machine.load(&self.breaker)
    }

    fn observe(&mut self, price: Pubkey) -> Result<Outcome, Failure> {
        let observe = ix::observe_price(self.protocol.domain, self.breaker, price);
        self.machine.send(&[observe], &[])
    }

    fn show(&mut self, update: &Update) -> Result<Outcome, Failure> {
        let price = post(&mut self.machine, "update", update);
        self.observe(price)
    }

    /// A true price, ten seconds after the last.
    fn tick(&mut self, price: i64) {
        self.machine.warp_seconds(PACE);
        let update = Update::new(price, self.now());
        self.show(&update).expect("a true price");
    }

    fn is_latched(&self) -> bool {
        let unpaused = self.protocol.board(&self.machine).unpaused_slot;
        bulkhead_core::detectors::latch::is_in_force(&self.state().latch, unpaused, self.now())
    }
}

#[test]
fn a_jump_closes_the_compartment_in_the_same_slot() {
    let mut feed = Feed::new();
    feed.tick(LEVEL * 2);
    assert!(feed.is_latched());
    let latch = feed.state().latch;
    assert!(latch.seen > latch.allowed);
    trip(&mut feed.machine, &feed.protocol, feed.breaker, cause::PRICE);
    // Once on the board, it is no news.
    let again = propagate(&feed.machine, &feed.protocol, feed.breaker);
    refused(feed.machine.send(&[again], &[]), BulkheadError::NotLatched);
}

#[test]
fn a_slow_drift_trips_too() {
    let mut feed = Feed::new();
    let mut price = LEVEL;
    for number in 0..200 {
        price += price / 1_000;
        feed.tick(price);
        if feed.is_latched() {
            assert!(number < 60, "found after {number}");
            return;
        }
    }
    panic!("22 % in 33 minutes went unnoticed");
}

/// A jump renews no latch by lasting, and is not used for statistics: the new level is where statistics begin anew. The way back is
/// another jump.
#[test]
fn one_jump_latches_once() {
    let mut feed = Feed::new();
    feed.tick(LEVEL * 2);
    let latch = feed.state().latch;
    for number in 0..20 {
        feed.tick(LEVEL * 2 + number % 2 * 5_000_000);
    }
    assert_eq!(
        bytemuck::bytes_of(&feed.state().latch),
        bytemuck::bytes_of(&latch),
        "not renewed"
    );
    feed.tick(LEVEL);
    assert_eq!(feed.state().latch.slot, feed.machine.clock().slot, "another");
    // It lapses by itself; the level that it found since is in the statistics.
    feed.machine.warp_seconds(3_600);
    feed.tick(LEVEL);
    assert!(!feed.is_latched());
    feed.tick(LEVEL * 3);
    assert!(feed.is_latched());
}

/// Attack: grieve with anything but a true price of now.
#[test]
fn nothing_but_a_true_and_recent_price_of_the_feed_is_looked_at() {
    let mut feed = Feed::new();
    feed.machine.warp_seconds(100);
    let now = feed.now();
    let crash = |ts| Update::new(LEVEL / 100, ts);
    let before = feed.machine.account(&feed.breaker).expect("it exists").data;
    for (update, error) in [
        (crash(now - 100), BulkheadError::PriceNotNewer),
        (crash(now - 5_000), BulkheadError::PriceNotNewer),
        (crash(now - 61), BulkheadError::PriceTooOld),
        (crash(now + 7_201), BulkheadError::PriceFromTheFuture),
        (crash(i64::MAX), BulkheadError::PriceFromTheFuture),
        (crash(-1), BulkheadError::PriceUnreadable),
        (
            Update {
                feed: [1; 32],
                ..crash(now)
            },
            BulkheadError::ForeignPrice,
        ),
        (Update { level: 0, ..crash(now) }, BulkheadError::ForeignPrice),
        (Update { price: 0, ..crash(now) }, BulkheadError::PriceUnreadable),
        (
            Update {
                price: -5,
                ..crash(now)
            },
            BulkheadError::PriceUnreadable,
        ),
        (
            Update {
                exponent: -65,
                ..crash(now)
            },
            BulkheadError::PriceUnreadable,
        ),
    ] {
        refused(feed.show(&update), error);
    }
    // The right bytes in anybody's account.
    for owner in [feed.protocol.host_program, bulkhead::ID, Pubkey::default()] {
        let key = keypair("forged").pubkey();
        write(&mut feed.machine, &key, &owner, crash(now).data());
        refused(feed.observe(key), BulkheadError::ForeignPrice);
    }
    for len in [0, 8, 40, 133 - 32] {
        let key = keypair("cut").pubkey();
        let mut data = crash(now).data();
        data.truncate(len - usize::from(len == 101));
        write(&mut feed.machine, &key, &PYTH_RECEIVER, data);
        assert!(feed.observe(key).is_err());
    }
    assert_eq!(before, feed.machine.account(&feed.breaker).expect("it exists").data);
    // The next honest price is taken.
    feed.show(&Update::new(LEVEL, now)).expect("a true price");
    refused(feed.show(&Update::new(LEVEL, now + 4)), BulkheadError::PriceTooSoon);
}

/// Attack: be the host halfway through its own instruction, or bend an account for one transaction.
#[test]
fn a_price_is_observed_standalone() {
    let mut feed = Feed::new();
    feed.machine.warp_seconds(PACE);
    let now = feed.now();
    let price = post(&mut feed.machine, "update", &Update::new(LEVEL, now));
    let observe = ix::observe_price(feed.protocol.domain, feed.breaker, price);
    let company = company(&feed.machine);
    for transaction in [
        vec![company.clone(), observe.clone()],
        vec![observe.clone(), company.clone()],
        vec![company.clone(), observe.clone(), company],
    ] {
        refused(feed.machine.send(&transaction, &[]), BulkheadError::NotStandalone);
    }
    let halfway = by_a_host(&mut feed.machine, &observe);
    refused(feed.machine.send(&[halfway], &[]), BulkheadError::NotStandalone);
    // With the crank behind it, a breach is on the board in one transaction.
    let price = post(&mut feed.machine, "update", &Update::new(LEVEL * 2, now));
    let observe = ix::observe_price(feed.protocol.domain, feed.breaker, price);
    let crank = propagate(&feed.machine, &feed.protocol, feed.breaker);
    feed.protocol.must(&mut feed.machine, &[observe, crank], &[]);
    assert_ne!(mask(&feed.machine, &feed.protocol), 0);
}

#[test]
fn an_unsure_price_trips() {
    let mut feed = Feed::new();
    feed.machine.warp_seconds(PACE);
    let update = Update {
        confidence: 100_000_001,
        ..Update::new(LEVEL, feed.now())
    };
    feed.show(&update).expect("a true price");
    assert!(feed.is_latched());
    refused(feed.show(&update), BulkheadError::PriceNotNewer);
}

/// A host's account that is not updated trips, once for what it holds; an unpause accepts that.
#[test]
fn a_stale_host_account_trips_once_until_it_moves() {
    let (mut machine, protocol) = set_up();
    let now = machine.clock().unix_timestamp;
    write_host_price(&mut machine, &protocol, 5_000_000, now);
    let args = host_args(&protocol);
    let breaker = price_breaker(&protocol, &args);
    let open = ix::open_price_breaker(authority(&protocol), machine.payer.pubkey(), args);
    configure(&mut machine, &protocol, open).expect("it opens");
    activate(&mut machine, &protocol);
    let observe = ix::observe_price(protocol.domain, breaker, host_price(&protocol));
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    machine.warp_seconds(300);
    refused(
        machine.send(std::slice::from_ref(&observe), &[]),
        BulkheadError::PriceNotNewer,
    );
    machine.warp_seconds(1);
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    let latch = machine.load::<PriceBreaker>(&breaker).latch;
    assert_eq!((latch.seen, latch.allowed), (301, 300));
    trip(&mut machine, &protocol, breaker, cause::PRICE);

    unpause(&mut machine, &protocol);
    refused(
        machine.send(std::slice::from_ref(&observe), &[]),
        BulkheadError::PriceNotNewer,
    );
    assert_eq!(mask(&machine, &protocol), 0);
    // Another account of the host, however it looks, is not the one that was registered.
    let (other, data) = (
        keypair("other price").pubkey(),
        machine.account(&host_price(&protocol)).expect("it exists"),
    );
    write(&mut machine, &other, &protocol.host_program, data.data);
    let foreign = ix::observe_price(protocol.domain, breaker, other);
    refused(machine.send(&[foreign], &[]), BulkheadError::ForeignPrice);
}

/// The incident of this test: the cluster stands still for five hours, and the first look finds a price that is stale for
/// 18,000 of 300 seconds. Nobody could have posted another.
#[test]
fn the_first_look_after_an_outage_of_the_cluster_does_not_latch() {
    let (mut machine, protocol) = set_up();
    let now = machine.clock().unix_timestamp;
    write_host_price(&mut machine, &protocol, 5_000_000, now);
    let args = host_args(&protocol);
    let breaker = price_breaker(&protocol, &args);
    let open = ix::open_price_breaker(authority(&protocol), machine.payer.pubkey(), args);
    configure(&mut machine, &protocol, open).expect("it opens");
    activate(&mut machine, &protocol);
    let observe = ix::observe_price(protocol.domain, breaker, host_price(&protocol));
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    let clock = machine.clock();
    machine.set_clock(clock.slot + 8, clock.unix_timestamp + 18_000);
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    let crank = propagate(&machine, &protocol, breaker);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );
    // The oracle posts again, and goes on.
    let now = machine.clock().unix_timestamp;
    write_host_price(&mut machine, &protocol, 5_100_000, now);
    machine.warp_seconds(10);
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );
    // It stands still now, while the cluster does not.
    machine.warp_seconds(301);
    protocol.must(&mut machine, &[observe], &[]);
    protocol.must(&mut machine, &[crank], &[]);
    assert_ne!(mask(&machine, &protocol), 0);
}

/// Attack: close the price's account, or give it away, so that the breaker is blind.
#[test]
fn an_account_that_lost_its_price_trips_when_that_lasts() {
    let (mut machine, protocol) = set_up();
    let now = machine.clock().unix_timestamp;
    write_host_price(&mut machine, &protocol, 5_000_000, now);
    let args = host_args(&protocol);
    let breaker = price_breaker(&protocol, &args);
    let open = ix::open_price_breaker(authority(&protocol), machine.payer.pubkey(), args);
    configure(&mut machine, &protocol, open).expect("it opens");
    activate(&mut machine, &protocol);
    let observe = ix::observe_price(protocol.domain, breaker, host_price(&protocol));
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    let before = machine.account(&host_price(&protocol)).expect("it exists");
    let mut cut = before.clone();
    cut.data.truncate(4);
    machine.write_account(&host_price(&protocol), cut.clone());
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    let crank = propagate(&machine, &protocol, breaker);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );
    machine.warp_seconds(60);
    protocol.must(&mut machine, &[observe], &[]);
    protocol.must(&mut machine, &[crank], &[]);
    assert_ne!(mask(&machine, &protocol), 0);
}

#[test]
fn an_unpause_voids_the_latch_and_the_next_jump_latches_again() {
    let mut feed = Feed::new();
    feed.tick(LEVEL * 2);
    trip(&mut feed.machine, &feed.protocol, feed.breaker, cause::PRICE);
    unpause(&mut feed.machine, &feed.protocol);
    assert!(!feed.is_latched());
    feed.tick(LEVEL * 2);
    assert!(!feed.is_latched(), "the same level is no news");
    feed.tick(LEVEL * 4);
    assert!(feed.is_latched());
}

#[test]
fn after_set_up_a_price_breaker_needs_a_proposal() {
    let (mut machine, protocol) = set_up();
    activate(&mut machine, &protocol);
    let args = pyth_args();
    let open = ix::open_price_breaker(authority(&protocol), machine.payer.pubkey(), args.clone());
    refused(
        configure(&mut machine, &protocol, open),
        BulkheadError::ProposalRequired,
    );
    let matured = protocol.mature(&mut machine, &args);
    let other = OpenPriceBreakerArgs {
        latch_seconds: 60,
        ..args.clone()
    };
    let open = ix::open_price_breaker(matured, machine.payer.pubkey(), other);
    refused(machine.send(&[open], &[]), BulkheadError::PayloadMismatch);
    let open = ix::open_price_breaker(matured, machine.payer.pubkey(), args);
    protocol.must(&mut machine, &[open], &[]);
}

#[test]
fn a_price_breaker_that_could_not_work_is_not_opened() {
    let (mut machine, protocol) = set_up();
    let now = machine.clock().unix_timestamp;
    let payer = machine.payer.pubkey();
    let mut open = |args: OpenPriceBreakerArgs| {
        let mut payload = vec![];
        anchor_lang::AnchorSerialize::serialize(&args, &mut payload).expect("memory");
        assert!(payload.len() <= MAX_PAYLOAD);
        let open = ix::open_price_breaker(authority(&protocol), payer, args);
        configure(&mut machine, &protocol, open)
    };
    let with = |rules| OpenPriceBreakerArgs { rules, ..pyth_args() };
    // Of a feed that anyone posts there is always an old update.
    let stale = PriceRulesConfig {
        stale_seconds: 60,
        ..rules()
    };
    refused(open(with(stale)), BulkheadError::ArgumentOutOfRange);
    let idle = PriceRulesConfig {
        max_confidence_bps: 0,
        deviation_bps: 0,
        z_milli: 0,
        cusum_h_milli: 0,
        ..rules()
    };
    refused(open(with(idle)), BulkheadError::ArgumentOutOfRange);
    let scope = OpenPriceBreakerArgs {
        trip_scope: 64,
        ..pyth_args()
    };
    refused(open(scope), BulkheadError::CompartmentOutOfRange);
    // What is always read from one account is read once now.
    refused(open(host_args(&protocol)), BulkheadError::ForeignPrice);
    let pinned = OpenPriceBreakerArgs {
        source: PriceSource::Pyth {
            feed_id: FEED,
            account: Some(keypair("nothing").pubkey()),
        },
        ..pyth_args()
    };
    refused(open(pinned), BulkheadError::ForeignPrice);
    write_host_price(&mut machine, &protocol, 0, now);
    let open = ix::open_price_breaker(authority(&protocol), payer, host_args(&protocol));
    refused(configure(&mut machine, &protocol, open), BulkheadError::PriceUnreadable);
}

/// The host's account, whose price is cut off.
fn lost() -> (Machine, Protocol, Pubkey) {
    let (mut machine, protocol) = set_up();
    let now = machine.clock().unix_timestamp;
    write_host_price(&mut machine, &protocol, 5_000_000, now);
    let args = host_args(&protocol);
    let breaker = price_breaker(&protocol, &args);
    let open = ix::open_price_breaker(authority(&protocol), machine.payer.pubkey(), args);
    configure(&mut machine, &protocol, open).expect("it opens");
    activate(&mut machine, &protocol);
    let mut account = machine.account(&host_price(&protocol)).expect("it exists");
    account.data.truncate(4);
    machine.write_account(&host_price(&protocol), account);
    (machine, protocol, breaker)
}

/// Two looks a minute apart, and carried if anything is to be.
fn is_found(machine: &mut Machine, protocol: &Protocol, breaker: Pubkey) -> bool {
    for seconds in [61, 0] {
        let observe = ix::observe_price(protocol.domain, breaker, host_price(protocol));
        protocol.must(machine, &[observe], &[]);
        machine.warp_seconds(seconds);
    }
    let crank = propagate(machine, protocol, breaker);
    machine.send(&[crank], &[]).is_ok()
}

/// Attack: look again whenever the latch over a loss has run out, so that it is news to every resume.
#[test]
fn a_loss_that_latches_again_is_unpaused_by_a_resume_that_knew_of_it() {
    let (mut machine, protocol, breaker) = lost();
    assert!(is_found(&mut machine, &protocol, breaker));
    let first = machine.load::<PriceBreaker>(&breaker).latch;
    let args = ResumeArgs {
        incident: protocol.state(&machine).open_incident,
    };
    machine.next_slot();
    let resume = protocol.mature(&mut machine, &args);
    machine.warp_seconds(3_600);
    assert!(is_found(&mut machine, &protocol, breaker), "nobody has accepted it yet");
    let again = machine.load::<PriceBreaker>(&breaker).latch;
    assert!(again.ts > first.ts && again.slot == first.slot);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::resume(resume, args)], &[]);
    assert_eq!(
        (protocol.state(&machine).state, mask(&machine, &protocol)),
        (phase::OPERATING, 0)
    );
}

/// Attack: wait until nobody has looked at an accepted loss for an hour, and have it trip again.
#[test]
fn a_loss_that_was_accepted_stays_so_until_a_price_was_seen() {
    let (mut machine, protocol, breaker) = lost();
    assert!(is_found(&mut machine, &protocol, breaker));
    unpause(&mut machine, &protocol);
    for seconds in [60, 3_601, 86_400] {
        machine.warp_seconds(seconds);
        assert!(!is_found(&mut machine, &protocol, breaker), "accepted");
    }
    let now = machine.clock().unix_timestamp;
    write_host_price(&mut machine, &protocol, 5_000_000, now);
    let observe = ix::observe_price(protocol.domain, breaker, host_price(&protocol));
    protocol.must(&mut machine, &[observe], &[]);
    let mut account = machine.account(&host_price(&protocol)).expect("it exists");
    account.data.truncate(4);
    machine.write_account(&host_price(&protocol), account);
    assert!(is_found(&mut machine, &protocol, breaker), "another loss");
}
