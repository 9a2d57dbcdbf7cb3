//! Every way to loosen is seen, every way to tighten is let through.

use bulkhead_core::{
    acts::At,
    board, council,
    permissiveness::{AnyDetector, Loosening, Safety, is_at_most, loosening},
    verdict::Verdict,
    window::{self, Moment},
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, VERSION, phase, release_state, vault_state},
    discriminator,
    layout::{Council, Domain, EmergencyAction, Latch, Ledger, Link, OutflowBreaker, PauseBoard, Release, Vault},
};
use bytemuck::Zeroable;

const SLOT: u64 = 1_000;
const NOW: i64 = 100_000;
const AT: At = At { slot: SLOT, now: NOW };
const HOUR: i64 = 3_600;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

#[derive(Clone)]
struct World {
    domain: Domain,
    council: Council,
    board: PauseBoard,
    breakers: Vec<(Pubkey, OutflowBreaker)>,
    vaults: Vec<(Pubkey, Vault)>,
    releases: Vec<(Pubkey, Release)>,
    ledgers: Vec<(Pubkey, Ledger)>,
    links: Vec<(Pubkey, Link)>,
    detectors: Vec<(Pubkey, AnyDetector)>,
    emergency_actions: Vec<(Pubkey, EmergencyAction)>,
}

impl World {
    fn new() -> Self {
        let mut board = PauseBoard {
            version: VERSION,
            ..PauseBoard::zeroed()
        };
        board::open(&mut board);
        let mut council = Council {
            member_count: 2,
            freeze_threshold: 2,
            pause_rights: 3,
            default_mask: action::DEFAULT_EMERGENCY,
            heartbeat_seconds: 24 * HOUR,
            fallback_seconds: 7 * 24 * HOUR,
            guardian_pause_seconds: HOUR,
            guardian_pauses_per_day: 2,
            guardian_pauses_in_a_row: 2,
            fallback: key(9),
            ..Council::zeroed()
        };
        for (number, member) in (1..).zip(&mut council.members[..2]) {
            (member.key, member.roles, member.pause_rights) = (key(number), 3, 3);
            member.last_active_ts = NOW - HOUR;
        }
        let breaker = OutflowBreaker {
            sub_windows: 12,
            window_seconds: HOUR,
            shards: 1,
            limit: 1_000,
            slot_limit: 600,
            latch: Latch {
                seconds: HOUR,
                ..bytemuck::Zeroable::zeroed()
            },
            ..OutflowBreaker::zeroed()
        };
        let vault = Vault {
            route: key(20),
            operator: key(21),
            breaker: key(10),
            queue_seconds: 24 * HOUR,
            ..Vault::zeroed()
        };
        let release = Release {
            amount: 50,
            payable_ts: NOW + HOUR,
            destination: key(22),
            vault: key(11),
            ..Release::zeroed()
        };
        Self {
            domain: Domain {
                state: phase::OPERATING,
                ..Domain::zeroed()
            },
            council,
            board,
            breakers: vec![(key(10), breaker)],
            vaults: vec![(key(11), vault)],
            releases: vec![(key(12), release)],
            ledgers: vec![(key(13), Ledger::zeroed())],
            links: vec![(key(17), Link::zeroed())],
            detectors: vec![
                (key(14), AnyDetector::Price(Zeroable::zeroed())),
                (key(15), AnyDetector::Solvency(Zeroable::zeroed())),
                (key(16), AnyDetector::Authority(Zeroable::zeroed())),
            ],
            emergency_actions: vec![(key(18), EmergencyAction::zeroed())],
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            slot: SLOT,
            now: NOW,
            ramp_bps: self.board.domain_row.ramp_bps,
            unpaused_slot: self.board.unpaused_slot,
        }
    }

    fn board_bytes(&self) -> Vec<u8> {
        [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(&self.board)].concat()
    }
}

fn compare(before: &World, after: &World) -> Option<Loosening> {
    let (old, new) = (before.board_bytes(), after.board_bytes());
    let (old, new) = (safety(before, &old), safety(after, &new));
    let found = loosening(&old, &new, SLOT, NOW);
    assert_eq!(found.is_none(), is_at_most(&new, &old, SLOT, NOW));
    found
}

fn safety<'a>(world: &'a World, board: &'a [u8]) -> Safety<'a> {
    Safety {
        domain: &world.domain,
        council: &world.council,
        board,
        breakers: &world.breakers,
        vaults: &world.vaults,
        releases: &world.releases,
        ledgers: &world.ledgers,
        links: &world.links,
        detectors: &world.detectors,
        emergency_actions: &world.emergency_actions,
    }
}

/// `change` loosens exactly this first.
fn loosens(before: &World, change: impl Fn(&mut World), expected: Loosening) {
    let mut after = before.clone();
    change(&mut after);
    assert_eq!(compare(before, &after), Some(expected));
}

/// `change` does not loosen; gives the state after it.
fn tightens(before: &World, change: impl Fn(&mut World)) -> World {
    let mut after = before.clone();
    change(&mut after);
    assert_eq!(compare(before, &after), None);
    after
}

#[test]
fn a_state_is_at_most_as_permissive_as_itself() {
    assert_eq!(compare(&World::new(), &World::new()), None);
}

#[test]
fn pausing_tightens_and_unpausing_loosens() {
    let open = World::new();
    let paused = tightens(&open, |world| {
        board::guardian_pause(&mut world.board, 3, action::TRADE, NOW + HOUR, AT).expect("in range");
    });
    let tripped = tightens(&paused, |world| {
        board::trip(&mut world.board, SCOPE_DOMAIN, action::WITHDRAW, NOW + 9, SLOT, NOW).expect("in range");
    });
    let held = tightens(&tripped, |world| board::freeze(&mut world.board, SLOT));
    loosens(
        &held,
        |world| board::unpause(&mut world.board, SLOT + 1),
        Loosening::Mask(0),
    );
    loosens(
        &paused,
        |world| world.board.rows[3].guardian_pause = 0,
        Loosening::Mask(3),
    );
    // Not open yet, but sooner than before.
    loosens(
        &paused,
        |world| world.board.rows[3].guardian_pause_until -= 1,
        Loosening::Mask(3),
    );
    loosens(
        &tripped,
        |world| world.board.domain_row.trip_until = NOW + 1,
        Loosening::Mask(0),
    );
    tightens(&held, |world| board::unpause(&mut world.board, SLOT));
    // A proposal from before would take it away.
    loosens(
        &tripped,
        |world| world.board.domain_row.trip_slot[0] -= 1,
        Loosening::Board,
    );
    loosens(&paused, |world| world.board.guardian_pause_slot -= 1, Loosening::Board);
    loosens(&held, |world| world.board.frozen_slot -= 1, Loosening::Board);
    loosens(&paused, |world| world.board.epoch -= 1, Loosening::Board);
    loosens(&paused, |world| world.board.version = 2, Loosening::Board);
}

#[test]
fn a_linked_pause_tightens_and_ending_it_early_loosens() {
    let open = World::new();
    let linked = tightens(&open, |world| {
        assert!(board::link(
            &mut world.board,
            1 << 3,
            action::TRADE,
            NOW + HOUR,
            SLOT,
            NOW
        ));
    });
    loosens(&linked, |world| world.board.rows[3].linked = 0, Loosening::Mask(3));
    loosens(&linked, |world| world.board.linked_slot -= 1, Loosening::Board);
    loosens(
        &linked,
        |world| world.board.rows[3].linked_until -= 1,
        Loosening::Mask(3),
    );
    tightens(&linked, |world| world.board.rows[3].linked_until += 1);
    // An unpause by a proposal that did not know of it opens nothing.
    tightens(&linked, |world| board::unpause(&mut world.board, SLOT));
}

#[test]
fn links_do_not_change() {
    let world = World::new();
    loosens(
        &world,
        |world| world.links[0].1.compartments = 1,
        Loosening::Link(key(17)),
    );
    loosens(&world, |world| world.links.clear(), Loosening::Link(key(17)));
    loosens(
        &world,
        |world| world.links.push((key(18), Link::zeroed())),
        Loosening::Link(key(18)),
    );
}

#[test]
fn stages_and_grace_do_not_loosen_unnoticed() {
    let mut staged = World::new();
    board::reopen(&mut staged.board, SLOT - 1, 2_500, NOW + HOUR);
    loosens(
        &staged,
        |world| world.board.domain_row.ramp_bps = BPS,
        Loosening::Stage(0),
    );
    loosens(&staged, |world| world.board.grace_until = 0, Loosening::Mask(0));
    tightens(&staged, |world| world.board.rows[9].ramp_bps = 100);
}

#[test]
fn phases_go_one_way() {
    let with = |state| {
        let mut world = World::new();
        world.domain.state = state;
        world
    };
    let (setup, operating, alert) = (with(phase::SETUP), with(phase::OPERATING), with(phase::ALERT));
    let (held, recovering) = (with(phase::FROZEN), with(phase::RECOVERING));
    for (before, after) in [
        (&setup, &operating),
        (&operating, &alert),
        (&alert, &operating),
        (&alert, &held),
        (&recovering, &held),
    ] {
        assert_eq!(compare(before, after), None);
        let back = compare(after, before);
        assert!(back.is_none() == (openly_equal(before) && openly_equal(after)));
    }
    for after in [&operating, &alert, &recovering, &setup] {
        assert_eq!(compare(&held, after), Some(Loosening::Domain));
    }
    loosens(&held, |world| world.domain.open_incident = key(9), Loosening::Domain);
    loosens(&operating, |world| world.domain.restoration = key(9), Loosening::Domain);
    tightens(&operating, |world| world.domain.open_incident = key(9));
}

fn openly_equal(world: &World) -> bool {
    matches!(world.domain.state, phase::OPERATING | phase::ALERT)
}

#[test]
fn set_up_may_do_anything() {
    let mut before = World::new();
    before.domain.state = phase::SETUP;
    board::freeze(&mut before.board, SLOT);
    assert_eq!(compare(&before, &World::new()), None);
}

#[test]
fn a_council_burns_rights_and_changes_in_nothing_else() {
    let world = World::new();
    tightens(&world, |world| world.council.members[1].pause_rights -= 1);
    tightens(&world, |world| world.council.members[1].last_active_ts = NOW);
    for change in [
        |council: &mut Council| council.members[0].pause_rights += 1,
        |council: &mut Council| council.members[0].roles = 7,
        |council: &mut Council| council.members[0].key = key(9),
        |council: &mut Council| council.member_count = 1,
        |council: &mut Council| council.freeze_threshold = 1,
        |council: &mut Council| council.policies[2].delay_seconds = 1,
        |council: &mut Council| council.policies[0].threshold = 5,
        |council: &mut Council| council.default_mask = 0,
        |council: &mut Council| council.guardian_pause_seconds += 1,
        |council: &mut Council| council.config_epoch += 1,
        |council: &mut Council| council.heartbeat_seconds += 1,
        |council: &mut Council| council.fallback = key(30),
        |council: &mut Council| council.fallback_seconds -= 1,
        |council: &mut Council| council.guardian_pauses_per_day += 1,
        |council: &mut Council| council.guardian_pauses_in_a_row += 1,
        // Earlier than it would have, once it is silent.
        |council: &mut Council| council.members[0].active_from_ts -= 1,
    ] {
        loosens(&world, |world| change(&mut world.council), Loosening::Council);
    }
}

#[test]
fn nobody_begins_to_count_at_once_and_the_fallback_does_not_become_due() {
    let mut world = World::new();
    world.council.policies[1].threshold = 1;
    // Silent for two days, and the other one for two weeks.
    world.council.members[0].last_active_ts = NOW - 48 * HOUR;
    world.council.members[1].last_active_ts = NOW - 14 * 24 * HOUR;
    let heard = tightens(&world, |world| council::hear(&mut world.council, 0, NOW));
    assert!(!council::is_counted(&heard.council, &heard.council.members[0], NOW));
    for change in [
        |council: &mut Council| council.members[0].last_active_ts = NOW,
        |council: &mut Council| council.members[0].last_active_ts = NOW - 14 * 24 * HOUR,
    ] {
        loosens(&world, |world| change(&mut world.council), Loosening::Council);
    }
}

#[test]
fn pauses_left_under_the_limits_do_not_rise() {
    let mut world = World::new();
    for left in [1, 0] {
        world = tightens(&world, |world| {
            council::guardian_pause(&mut world.council, 0, NOW).expect("one is left");
        });
        assert_eq!(
            council::guardian_pauses_left(&world.council, &world.council.members[0], NOW),
            left
        );
    }
    for change in [
        |council: &mut Council| council.members[0].guardian_pause_day = 0,
        |council: &mut Council| council.members[0].guardian_pauses_today -= 1,
        |council: &mut Council| council.members[0].pause_rights += 1,
    ] {
        loosens(
            &world,
            |world| {
                world.council.members[0].guardian_pauses_in_a_row = 0;
                change(&mut world.council);
            },
            Loosening::Council,
        );
    }
}

#[test]
fn limits_go_down_and_latches_stay() {
    let world = World::new();
    let (breaker, at) = (key(10), world.moment());
    tightens(&world, |world| {
        assert_eq!(window::meter(&mut world.breakers[0].1, 500, &at), Verdict::Allowed);
    });
    tightens(&world, |world| world.breakers[0].1.limit = 700);
    loosens(
        &world,
        |world| world.breakers[0].1.limit += 1,
        Loosening::Limit(breaker),
    );
    loosens(
        &world,
        |world| world.breakers[0].1.slot_limit += 1,
        Loosening::Limit(breaker),
    );
    let latched = tightens(&world, |world| {
        assert_eq!(window::meter(&mut world.breakers[0].1, 601, &at), Verdict::Queued);
    });
    loosens(
        &latched,
        |world| world.breakers[0].1.latch.until -= 1,
        Loosening::Latch(breaker),
    );
    loosens(
        &latched,
        |world| world.board.unpaused_slot = SLOT + 1,
        Loosening::Latch(breaker),
    );
    let used = tightens(&world, |world| {
        assert_eq!(window::meter(&mut world.breakers[0].1, 600, &at), Verdict::Allowed);
    });
    loosens(
        &used,
        |world| world.breakers[0].1.buckets.fill(0),
        Loosening::Room(breaker),
    );
    loosens(&used, |world| world.breakers[0].1.outflow = 0, Loosening::Room(breaker));
    for change in [
        |breaker: &mut OutflowBreaker| breaker.shards += 1,
        |breaker: &mut OutflowBreaker| breaker.reference = key(9),
        |breaker: &mut OutflowBreaker| breaker.window_seconds = 1,
        |breaker: &mut OutflowBreaker| breaker.latch.seconds = 1,
        |breaker: &mut OutflowBreaker| breaker.authority = key(9),
    ] {
        loosens(
            &world,
            |world| change(&mut world.breakers[0].1),
            Loosening::Breaker(breaker),
        );
    }
    loosens(&world, |world| world.breakers.clear(), Loosening::Breaker(breaker));
    let more = |world: &mut World| world.breakers.push((key(30), world.breakers[0].1));
    loosens(&world, more, Loosening::Breaker(key(30)));
}

/// What a host says has come in, and what anyone sees of the reference, open nothing.
#[test]
fn inflow_and_samples_loosen_nothing_and_bps_only_tighten() {
    let mut world = World::new();
    let breaker = key(10);
    let state = &mut world.breakers[0].1;
    (state.reference, state.limit_bps, state.slot_bps, state.inflow_credit) = (key(9), 2_000, 1_000, 80);
    window::open_reference(state);
    let seen = tightens(&world, |world| {
        window::observe(&mut world.breakers[0].1, 4_000, SLOT, NOW)
    });
    tightens(&seen, |world| {
        window::observe(&mut world.breakers[0].1, 9_000, SLOT, NOW)
    });
    tightens(&seen, |world| window::observe(&mut world.breakers[0].1, 0, SLOT, NOW));
    for world in [&world, &seen] {
        tightens(world, |world| {
            window::record_inflow(&mut world.breakers[0].1, u64::MAX, SLOT, NOW)
        });
        tightens(world, |world| world.breakers[0].1.inflow_credit = 0);
        tightens(world, |world| world.breakers[0].1.limit_bps -= 1);
        for change in [
            |breaker: &mut OutflowBreaker| breaker.limit_bps += 1,
            |breaker: &mut OutflowBreaker| breaker.limit_bps = 0,
            |breaker: &mut OutflowBreaker| breaker.slot_bps += 1,
            |breaker: &mut OutflowBreaker| breaker.slot_bps = 0,
            |breaker: &mut OutflowBreaker| breaker.inflow_credit += 1,
        ] {
            loosens(
                world,
                |world| change(&mut world.breakers[0].1),
                Loosening::Limit(breaker),
            );
        }
    }
    loosens(
        &seen,
        |world| window::open_reference(&mut world.breakers[0].1),
        Loosening::Room(breaker),
    );
}

#[test]
fn vaults_are_evacuated_and_not_rerouted() {
    let world = World::new();
    let vault = key(11);
    let evacuated = tightens(&world, |world| {
        (world.vaults[0].1.state, world.vaults[0].1.evacuated_slot) = (vault_state::EVACUATED, SLOT);
        world.vaults[0].1.evacuations = 1;
    });
    for change in [
        |world: &mut World| world.vaults[0].1.state = vault_state::ACTIVE,
        |world: &mut World| world.vaults[0].1.evacuated_slot = 0,
        |world: &mut World| world.board.unpaused_slot = SLOT + 1,
        |world: &mut World| world.vaults[0].1.evacuations = 0,
        |world: &mut World| world.vaults[0].1.route = key(9),
        |world: &mut World| world.vaults[0].1.route_holder = key(9),
        |world: &mut World| world.vaults[0].1.latch.seconds = 1,
        |world: &mut World| world.vaults[0].1.operator = key(9),
        |world: &mut World| world.vaults[0].1.breaker = key(9),
        |world: &mut World| world.vaults[0].1.queue_seconds = 0,
        |world: &mut World| world.vaults.clear(),
    ] {
        loosens(&evacuated, change, Loosening::Vault(vault));
    }
}

#[test]
fn the_latch_of_a_route_stays_in_force() {
    let world = World::new();
    let latched = tightens(&world, |world| {
        let latch = &mut world.vaults[0].1.latch;
        (latch.until, latch.slot) = (NOW + 100, SLOT);
    });
    for change in [
        |world: &mut World| world.vaults[0].1.latch.until = NOW,
        |world: &mut World| world.vaults[0].1.latch.until -= 1,
        |world: &mut World| world.board.unpaused_slot = SLOT + 1,
    ] {
        loosens(&latched, change, Loosening::Latch(key(11)));
    }
}

#[test]
fn a_release_waits_its_time_and_is_paid_once() {
    let world = World::new();
    let release = key(12);
    let cancelled = tightens(&world, |world| world.releases[0].1.state = release_state::CANCELLED);
    tightens(&world, |world| world.releases[0].1.paid = 20);
    tightens(&world, |world| world.releases.clear());
    for change in [
        |release: &mut Release| release.payable_ts -= 1,
        |release: &mut Release| release.amount += 1,
        |release: &mut Release| release.destination = key(9),
        |release: &mut Release| release.owner = key(9),
        |release: &mut Release| release.evacuations += 1,
        |release: &mut Release| release.state = release_state::QUEUED,
    ] {
        loosens(
            &cancelled,
            |world| change(&mut world.releases[0].1),
            Loosening::Release(release),
        );
    }
    let queued = |payable_ts| {
        move |world: &mut World| {
            let record = Release {
                payable_ts,
                ..world.releases[0].1
            };
            world.releases.push((key(40), record));
        }
    };
    tightens(&world, queued(NOW + 24 * HOUR));
    loosens(&world, queued(NOW + 24 * HOUR - 1), Loosening::Release(key(40)));
}

#[test]
fn ledgers_do_not_change() {
    let world = World::new();
    loosens(
        &world,
        |world| world.ledgers[0].1.owner_offset = 1,
        Loosening::Ledger(key(13)),
    );
    loosens(&world, |world| world.ledgers.clear(), Loosening::Ledger(key(13)));
}

/// The latch of a detector, to be changed.
fn latch_of(world: &mut World, number: usize) -> &mut Latch {
    match &mut world.detectors[number].1 {
        AnyDetector::Price(breaker) => &mut breaker.latch,
        AnyDetector::Solvency(breaker) => &mut breaker.latch,
        AnyDetector::Authority(watch) => &mut watch.latch,
    }
}

#[test]
fn detectors_learn_and_latch_and_nothing_else_of_them_changes() {
    let world = World::new();
    tightens(&world, |world| {
        for (_, detector) in &mut world.detectors {
            match detector {
                AnyDetector::Price(breaker) => {
                    (
                        breaker.statistics.variance,
                        breaker.statistics.seen_ts,
                        breaker.restarted,
                    ) = (7, NOW, 1);
                    (breaker.looked_slot, breaker.looked_ts) = (7, NOW);
                    (breaker.still_ts, breaker.still_slot, breaker.lost_slot) = (NOW, 7, 7);
                }
                AnyDetector::Solvency(breaker) => {
                    (breaker.suspect_ts, breaker.suspect_slot, breaker.latched_high) = (NOW, 7, 7);
                }
                AnyDetector::Authority(watch) => watch.latched.keys[0] = key(9),
            }
        }
    });
    let changes: [fn(&mut World); 3] = [
        |world| {
            if let AnyDetector::Price(breaker) = &mut world.detectors[0].1 {
                breaker.rules.z_milli = 1;
            }
        },
        |world| {
            if let AnyDetector::Solvency(breaker) = &mut world.detectors[1].1 {
                breaker.tolerance = 1;
            }
        },
        |world| {
            if let AnyDetector::Authority(watch) = &mut world.detectors[2].1 {
                watch.expected.keys[0] = key(9);
            }
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let own = key(14 + u8::try_from(number).expect("three"));
        loosens(&world, change, Loosening::Detector(own));
        loosens(
            &world,
            |world| latch_of(world, number).scope = 9,
            Loosening::Detector(own),
        );
        loosens(
            &world,
            |world| latch_of(world, number).seconds = 9,
            Loosening::Detector(own),
        );
        loosens(
            &world,
            |world| {
                world.detectors.remove(number);
            },
            Loosening::Detector(own),
        );
        let latched = tightens(&world, |world| {
            let latch = latch_of(world, number);
            (latch.slot, latch.until) = (SLOT, NOW + HOUR);
        });
        tightens(&latched, |world| latch_of(world, number).until += 1);
        loosens(
            &latched,
            |world| latch_of(world, number).until -= 1,
            Loosening::Latch(own),
        );
        loosens(
            &latched,
            |world| world.board.unpaused_slot = SLOT + 1,
            Loosening::Latch(own),
        );
    }
    let more = |world: &mut World| world.detectors.push((key(30), world.detectors[0].1));
    loosens(&world, more, Loosening::Detector(key(30)));
    let other = |world: &mut World| world.detectors[0].1 = world.detectors[1].1;
    loosens(&world, other, Loosening::Detector(key(14)));
}

#[test]
fn emergency_actions_do_not_change() {
    let world = World::new();
    loosens(
        &world,
        |world| world.emergency_actions[0].1.instruction_hash[0] = 1,
        Loosening::EmergencyAction(key(18)),
    );
    loosens(
        &world,
        |world| world.emergency_actions.clear(),
        Loosening::EmergencyAction(key(18)),
    );
}
