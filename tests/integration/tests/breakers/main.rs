//! The breaker in the VM: verdicts, the latch that survives, the trip, and limits that only a
//! proposal raises.

use bulkhead::{
    error::BulkheadError,
    instructions::{CloseDetectorArgs, LowerLimitArgs, OpenBreakerArgs, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{MAX_TRIP_SECONDS, VERSION, cause, latch_state, phase, step, verdict},
    layout::{Incident, OutflowBreaker},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// A protocol with a second breaker, which a host with custody of its own meters.
fn metered() -> (Machine, Protocol, OpenBreakerArgs, Keypair) {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let host = keypair("metering host");
    let args = breaker_args(&protocol, &host);
    open(&mut machine, &protocol, args.clone()).expect("a sound breaker opens");
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    (machine, protocol, args, host)
}

fn breaker_args(protocol: &Protocol, host: &Keypair) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: 3,
        shard: 0,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 6,
        trip_scope: 3,
        window_seconds: 600,
        limit: 100,
        slot_limit: 60,
        trip_limit: 100,
        latch_seconds: 900,
        shards: 1,
        ..OpenBreakerArgs::default()
    }
}

fn open(
    machine: &mut Machine,
    protocol: &Protocol,
    args: OpenBreakerArgs,
) -> Result<bulkhead_testbed::Outcome, bulkhead_testbed::Failure> {
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    machine.send(
        &[ix::open_breaker(authority, payer, args)],
        &[&protocol.setup_authority],
    )
}

/// Native limits, and nothing else in use.
fn lowered(limit: u64, slot_limit: u64) -> LowerLimitArgs {
    LowerLimitArgs {
        limit,
        slot_limit,
        ..LowerLimitArgs::default()
    }
}

fn key(protocol: &Protocol) -> anchor_lang::prelude::Pubkey {
    pda::outflow_breaker(&protocol.domain, 3, &protocol.mint, 0)
}

fn trip(machine: &Machine, protocol: &Protocol, incident: u64) -> solana_instruction::Instruction {
    ix::propagate_trip(
        protocol.domain,
        machine.payer.pubkey(),
        protocol.vault.breaker,
        incident,
    )
}

#[test]
fn a_host_is_told_and_nothing_reverts() {
    let (mut machine, protocol, _, host) = metered();
    let breaker = key(&protocol);
    let ask = |machine: &mut Machine, amount| {
        let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), amount);
        protocol.must(machine, &[meter], &[&host]).return_data
    };
    assert_eq!(ask(&mut machine, 60), [verdict::ALLOWED]);
    machine.next_slot();
    assert_eq!(ask(&mut machine, 40), [verdict::ALLOWED]);
    machine.next_slot();
    assert_eq!(ask(&mut machine, 1), [verdict::QUEUED]);
    let state: OutflowBreaker = machine.load(&breaker);
    assert_eq!((state.latch.state, state.latch.seen), (latch_state::LATCHED, 101));
    assert_eq!(state.latch.slot, machine.clock().slot);
    machine.warp_seconds(899);
    assert_eq!(
        ask(&mut machine, 1),
        [verdict::QUEUED],
        "latched, though the window is free again"
    );
    machine.warp_seconds(1);
    assert_eq!(ask(&mut machine, 1), [verdict::ALLOWED]);

    let pause = ix::pause(protocol.domain, protocol.members[0].pubkey(), 3, 0);
    protocol.must(&mut machine, &[pause], &[&protocol.members[0]]);
    assert_eq!(ask(&mut machine, 1), [verdict::DENIED]);
}

#[test]
fn nobody_else_meters_and_nothing_is_not_metered() {
    let (mut machine, protocol, _, host) = metered();
    let breaker = key(&protocol);
    let stranger = keypair("stranger");
    let meter = ix::meter_outflow(protocol.domain, breaker, stranger.pubkey(), 1);
    refused(machine.send(&[meter], &[&stranger]), BulkheadError::NotMeterAuthority);
    let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 0);
    refused(machine.send(&[meter], &[&host]), BulkheadError::ZeroAmount);

    let mut meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 1);
    meter.accounts[1].pubkey = pda::council(&protocol.domain);
    refused(machine.send(&[meter], &[&host]), BulkheadError::WrongBoard);
    // A breaker of the vault is metered by the vault, which only ever signs for `release`.
    let meter = ix::meter_outflow(protocol.domain, protocol.vault.breaker, host.pubkey(), 1);
    refused(machine.send(&[meter], &[&host]), BulkheadError::NotMeterAuthority);

    let mut account = machine.account(&breaker).expect("it exists");
    account.data[8] = VERSION + 1;
    machine.write_account(&breaker, account);
    let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 1);
    refused(machine.send(&[meter], &[&host]), BulkheadError::UnknownVersion);
}

#[test]
fn a_board_that_bulkhead_does_not_own_or_know_stops_the_outflow() {
    let (mut machine, protocol, _, host) = metered();
    let board = pda::board(&protocol.domain);
    let sound = machine.account(&board).expect("it exists");
    let meter = ix::meter_outflow(protocol.domain, key(&protocol), host.pubkey(), 1);

    let mut foreign = sound.clone();
    foreign.owner = protocol.host_program;
    machine.write_account(&board, foreign);
    refused(
        machine.send(std::slice::from_ref(&meter), &[&host]),
        BulkheadError::ForeignBoard,
    );
    let mut unknown = sound;
    unknown.data[8] = VERSION + 1;
    machine.write_account(&board, unknown);
    refused(machine.send(&[meter], &[&host]), BulkheadError::UnknownBoardVersion);
}

#[test]
fn a_breaker_that_could_not_hold_is_not_opened() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let sound = breaker_args(&protocol, &keypair("metering host"));
    let out_of_range = [
        OpenBreakerArgs {
            sub_windows: 3,
            ..sound.clone()
        },
        OpenBreakerArgs {
            sub_windows: 25,
            ..sound.clone()
        },
        OpenBreakerArgs {
            window_seconds: 0,
            ..sound.clone()
        },
        OpenBreakerArgs {
            slot_limit: 0,
            ..sound.clone()
        },
        OpenBreakerArgs {
            slot_limit: 101,
            ..sound.clone()
        },
        OpenBreakerArgs {
            latch_seconds: MAX_TRIP_SECONDS + 1,
            ..sound.clone()
        },
    ];
    for args in out_of_range {
        refused(open(&mut machine, &protocol, args), BulkheadError::ArgumentOutOfRange);
    }
    for args in [
        OpenBreakerArgs {
            compartment: 64,
            ..sound.clone()
        },
        OpenBreakerArgs {
            trip_scope: 64,
            ..sound
        },
    ] {
        refused(
            open(&mut machine, &protocol, args),
            BulkheadError::CompartmentOutOfRange,
        );
    }
}

#[test]
fn a_trip_pauses_in_the_slot_of_the_breach_and_only_once() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let crank = trip(&machine, &protocol, 0);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );

    let outcome = protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);

    let clock = machine.clock();
    let incident = protocol.incident(&machine);
    assert_eq!(protocol.state(&machine).state, phase::ALERT);
    assert_eq!(
        (incident.cause, incident.source),
        (cause::OUTFLOW, protocol.vault.breaker)
    );
    assert_eq!((incident.breach_amount, incident.limit), (100_001, 100_000));
    assert_eq!(incident.steps[step::BREACH].slot, clock.slot);
    assert_eq!(incident.steps[step::PAUSE].slot, clock.slot);
    let board = protocol.board(&machine);
    assert_eq!(board.domain_row.trip_until, clock.unix_timestamp + 72 * 3_600);
    refused(protocol.release(&mut machine, user, 1, 2), BulkheadError::ActionPaused);

    // Cranking again neither extends the pause nor touches the board, which would void proposals.
    machine.warp_seconds(60);
    refused(machine.send(&[crank], &[]), BulkheadError::NotLatched);
    assert_eq!(protocol.board(&machine).epoch, board.epoch);
}

#[test]
fn a_late_crank_pauses_no_longer_than_an_early_one() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let latched_ts = machine.clock().unix_timestamp;
    machine.warp_seconds(600);
    let crank = trip(&machine, &protocol, 0);
    protocol.must(&mut machine, &[crank], &[]);
    assert_eq!(protocol.board(&machine).domain_row.trip_until, latched_ts + 72 * 3_600);
    let incident: Incident = machine.load(&pda::incident(&protocol.domain, 0));
    assert_eq!(incident.steps[step::BREACH].ts, latched_ts);
    assert_eq!(incident.steps[step::PAUSE].ts, latched_ts + 600);
}

#[test]
fn a_second_breaker_adds_to_the_board_and_opens_no_second_incident() {
    let (mut machine, protocol, _, host) = metered();
    let user = receiver(&mut machine, &protocol, "user");
    let breaker = key(&protocol);
    let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 101);
    protocol.must(&mut machine, &[meter], &[&host]);
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = trip(&machine, &protocol, 0);
    protocol.must(&mut machine, &[crank], &[]);
    let second = ix::propagate_trip(protocol.domain, machine.payer.pubkey(), breaker, 0);
    protocol.must(&mut machine, &[second], &[]);

    let state = protocol.state(&machine);
    assert_eq!(
        (state.incident_count, state.open_incident),
        (1, pda::incident(&protocol.domain, 0))
    );
    assert_eq!(protocol.incident(&machine).source, protocol.vault.breaker);
    let board = protocol.board(&machine);
    assert!(board.domain_row.trip != 0 && board.rows[3].trip == board.domain_row.trip);
}

#[test]
fn a_latch_from_before_an_unpause_is_void() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = trip(&machine, &protocol, 0);
    protocol.must(&mut machine, &[crank], &[]);
    let args = ResumeArgs {
        incident: protocol.state(&machine).open_incident,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    let outcome = protocol
        .release(&mut machine, user, 1, 2)
        .expect("the protocol operates");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    let crank = trip(&machine, &protocol, 1);
    refused(machine.send(&[crank], &[]), BulkheadError::NotLatched);
}

#[test]
fn a_breaker_of_another_domain_trips_nothing_here() {
    let (mut machine, protocol) = world();
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let user = receiver(&mut machine, &other, "user");
    other
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = ix::propagate_trip(protocol.domain, machine.payer.pubkey(), other.vault.breaker, 0);
    refused(machine.send(&[crank], &[]), BulkheadError::ForeignAccount);
    let mut crank = ix::propagate_trip(other.domain, machine.payer.pubkey(), other.vault.breaker, 0);
    crank.accounts[3].pubkey = pda::board(&protocol.domain);
    refused(machine.send(&[crank], &[]), BulkheadError::ForeignAccount);
}

#[test]
fn nothing_trips_during_set_up() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = trip(&machine, &protocol, 0);
    refused(machine.send(&[crank], &[]), BulkheadError::WrongPhase);
}

#[test]
fn a_guardian_lowers_and_only_a_later_proposal_raises() {
    let (mut machine, protocol) = world();
    let (guardian, breaker) = (&protocol.members[0], protocol.vault.breaker);
    let lower =
        |limit, slot_limit| ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(limit, slot_limit));
    let raise = SetLimitArgs {
        breaker,
        limit: 200_000,
        slot_limit: 200_000,
        ..SetLimitArgs::default()
    };
    let early = protocol.mature(&mut machine, &raise);

    for (limit, slot_limit) in [(100_001, 60_000), (100_000, 60_001), (49_999, 30_000), (50_000, 29_999)] {
        let lower = lower(limit, slot_limit);
        refused(machine.send(&[lower], &[guardian]), BulkheadError::ArgumentOutOfRange);
    }
    protocol.must(&mut machine, &[lower(50_000, 30_000)], &[guardian]);
    assert_eq!(protocol.council(&machine).members[0].pause_rights, 2);
    refused(
        machine.send(&[ix::set_limit(early, raise.clone())], &[]),
        BulkheadError::TightenedSince,
    );

    machine.next_slot();
    let late = protocol.mature(&mut machine, &raise);
    protocol.must(&mut machine, &[ix::set_limit(late, raise)], &[]);
    let state: OutflowBreaker = machine.load(&breaker);
    assert_eq!((state.limit, state.slot_limit), (200_000, 200_000));
}

#[test]
fn only_guardians_lower_and_rights_run_out() {
    let (mut machine, protocol) = world();
    let breaker = protocol.vault.breaker;
    let stranger = keypair("stranger");
    for (signer, error) in [
        (&stranger, BulkheadError::NotAMember),
        (&protocol.members[3], BulkheadError::RoleMissing),
    ] {
        let lower = ix::lower_limit(protocol.domain, signer.pubkey(), breaker, lowered(90_000, 50_000));
        refused(machine.send(&[lower], &[signer]), error);
    }
    let guardian = &protocol.members[0];
    for limit in [90_000, 80_000, 70_000] {
        let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(limit, 50_000));
        protocol.must(&mut machine, &[lower], &[guardian]);
    }
    let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(60_000, 50_000));
    refused(machine.send(&[lower], &[guardian]), BulkheadError::NoPauseRights);
    // What one guardian has lowered ends by itself, when its pause would.
    let user = receiver(&mut machine, &protocol, "user");
    machine.warp_seconds(6 * 3_600);
    protocol.release(&mut machine, user, 60_000, 1).expect("within limits");
    assert_eq!(machine.balance(&user), 60_000);
    assert_eq!(machine.load::<OutflowBreaker>(&breaker).limit, 100_000);
}

#[test]
fn what_left_under_the_old_limit_does_not_latch_under_a_lowered_one() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 200_000,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    protocol.release(&mut machine, user, 55_000, 1).expect("within limits");
    machine.next_slot();
    let (guardian, breaker) = (&protocol.members[0], protocol.vault.breaker);
    for (limit, slot_limit) in [(50_000, 30_000), (25_000, 15_000), (12_500, 7_500)] {
        let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(limit, slot_limit));
        protocol.must(&mut machine, &[lower], &[guardian]);
    }
    // The next unit waits. Nothing latches, so nobody carries anything to the board.
    let outcome = protocol.release(&mut machine, user, 1, 2).expect("it waits");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let crank = trip(&machine, &protocol, 0);
    refused(machine.send(&[crank], &[]), BulkheadError::NotLatched);
}

#[test]
fn over_a_limit_a_release_waits_and_others_go_on() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 200_000,
        ..Setup::default()
    });
    let (whale, user) = (
        receiver(&mut machine, &protocol, "whale"),
        receiver(&mut machine, &protocol, "user"),
    );
    let outcome = protocol.release(&mut machine, whale, 150_000, 1).expect("it waits");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let outcome = protocol.release(&mut machine, user, 10_000, 2).expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    let crank = trip(&machine, &protocol, 0);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );
    // What has to wait above the trip limit latches in the slot it is asked for.
    let outcome = protocol
        .release(&mut machine, whale, 90_000, 3)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    protocol.must(&mut machine, &[crank], &[]);
    let incident = protocol.incident(&machine);
    assert_eq!((incident.breach_amount, incident.limit), (240_000, 200_000));
    assert_eq!(incident.steps[step::BREACH].slot, machine.clock().slot);
}

#[test]
fn a_raised_limit_comes_without_a_fresh_burst() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    for index in 0..2 {
        let outcome = protocol
            .release(&mut machine, user, 50_000, index)
            .expect("within limits");
        assert_eq!(outcome.return_data, [verdict::ALLOWED]);
        machine.next_slot();
    }
    // The window is used up. A matured proposal doubles it while the outflow still counts.
    let args = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 110_000,
        slot_limit: 60_000,
        ..SetLimitArgs::default()
    };
    let before: OutflowBreaker = machine.load(&args.breaker);
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::set_limit(authority, args.clone())], &[]);
    let after: OutflowBreaker = machine.load(&args.breaker);
    assert_eq!((after.buckets, after.bucket), (before.buckets, before.bucket));
}

#[test]
fn after_set_up_a_breaker_needs_a_proposal() {
    let (mut machine, protocol) = world();
    let args = breaker_args(&protocol, &keypair("metering host"));
    refused(
        open(&mut machine, &protocol, args.clone()),
        BulkheadError::ProposalRequired,
    );
    let authority = protocol.mature(&mut machine, &args);
    // As sound, and not what was approved.
    let other = OpenBreakerArgs {
        limit: 1_000_000,
        trip_limit: 1_000_000,
        ..args.clone()
    };
    let payer = machine.payer.pubkey();
    refused(
        machine.send(&[ix::open_breaker(authority, payer, other)], &[]),
        BulkheadError::PayloadMismatch,
    );
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    assert_eq!(machine.load::<OutflowBreaker>(&key(&protocol)).latch.scope, 3);
}

/// Closed and opened again, for another parameter, by proposals that have matured: whoever robbed the host cranks both right
/// after he took T.
#[test]
fn a_breaker_that_is_closed_and_opened_again_pays_nothing_in_its_first_window() {
    let (mut machine, protocol) = world();
    let old: OutflowBreaker = machine.load(&protocol.vault.breaker);
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: machine.payer.pubkey(),
    };
    // All as it is, but for how long a latch lasts.
    let open = OpenBreakerArgs {
        compartment: old.compartment,
        mint: old.mint,
        authority: old.authority,
        sub_windows: old.sub_windows,
        trip_scope: old.latch.scope,
        window_seconds: old.window_seconds,
        limit: old.limit,
        slot_limit: old.slot_limit,
        trip_limit: old.trip_limit,
        latch_seconds: old.latch.seconds - 1,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let by_close = protocol.mature(&mut machine, &close);
    let by_open = protocol.mature(&mut machine, &open);

    let thief = receiver(&mut machine, &protocol, "thief");
    let mut index = 0;
    let mut take = |machine: &mut bulkhead_testbed::Machine, amount: u64| {
        machine.next_slot();
        protocol.release(machine, thief, amount, index).expect("a verdict");
        index += 1;
    };
    take(&mut machine, old.limit / 2);
    take(&mut machine, old.limit / 2);
    assert_eq!(machine.balance(&thief), old.limit, "T");
    // A guardian has noticed: what was proposed before that closes nothing.
    let lower = LowerLimitArgs {
        limit: old.limit / 2,
        slot_limit: old.slot_limit / 2,
        ..LowerLimitArgs::default()
    };
    let guardian = &protocol.members[2];
    let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), protocol.vault.breaker, lower);
    protocol.must(&mut machine, &[lower], &[guardian]);

    let payer = machine.payer.pubkey();
    refused(
        machine.send(&[ix::close_detector(by_close, close.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    // One that knew of it does, and the breaker begins as if everything had just left.
    let by_close = protocol.mature(&mut machine, &close);
    machine
        .send(&[ix::close_detector(by_close, close)], &[])
        .expect("it has matured");
    // So does an opening that was proposed after it, and no other.
    refused(
        machine.send(&[ix::open_breaker(by_open, payer, open.clone())], &[]),
        BulkheadError::DecidedSince,
    );
    let by_open = protocol.mature(&mut machine, &open);
    machine
        .send(&[ix::open_breaker(by_open, payer, open)], &[])
        .expect("it has matured");
    let before = machine.balance(&thief);
    take(&mut machine, old.limit / 2);
    take(&mut machine, old.limit / 2);
    assert_eq!(machine.balance(&thief), before, "nothing more");
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(
        breaker.latch.state,
        latch_state::ARMED,
        "what waits for a fresh breaker is no theft"
    );
    machine.warp_seconds(old.window_seconds * 2);
    take(&mut machine, 1);
    assert_eq!(machine.balance(&thief), before + 1, "it pays from the second window on");
}
