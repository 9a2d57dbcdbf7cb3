//! Links in the VM: an upstream's pause closes what depends on it, for as long as it lasts there, and nothing else.
//! Most tests are somebody who tries to close more, for longer, or to open something with a crank.

use bulkhead::{
    error::BulkheadError,
    instructions::{MaskView, ResumeArgs, SetLinkArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::{
    action::{self, DEFAULT_EMERGENCY},
    board::SCOPE_DOMAIN,
    effective_mask,
};
use bulkhead_interface::{
    constants::{phase, verdict},
    layout::{BoardRow, Domain, PauseBoard},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{
    linked::{LINKED, domains, link_args, pair, set_up_link, view},
    receiver, refused, world,
};
use solana_signer::Signer;

const HOUR: i64 = 3_600;
/// The council's `guardian_pause_seconds` and `trip_seconds`.
const GUARDIAN_PAUSE: i64 = 6 * HOUR;
const TRIP: i64 = 72 * HOUR;

fn crank(machine: &mut Machine, domain: &Protocol, upstream: &Protocol) -> Result<Outcome, Failure> {
    machine.send(&[ix::propagate_contagion(domain.domain, upstream.domain)], &[])
}

fn must_crank(machine: &mut Machine, domain: &Protocol, upstream: &Protocol) {
    domain.must(machine, &[ix::propagate_contagion(domain.domain, upstream.domain)], &[]);
}

/// A guardian closes `scope` for [`GUARDIAN_PAUSE`].
fn pause(machine: &mut Machine, domain: &Protocol, member: usize, scope: u8) {
    let guardian = &domain.members[member];
    let pause = ix::pause(domain.domain, guardian.pubkey(), scope, 0);
    domain.must(machine, &[pause], &[guardian]);
}

fn now(machine: &Machine) -> i64 {
    machine.clock().unix_timestamp
}

fn mask(machine: &Machine, domain: &Protocol, compartment: u8) -> u32 {
    let board = machine.account(&pda::board(&domain.domain)).expect("it exists");
    effective_mask(&board.data, compartment, now(machine)).expect("it is a board")
}

fn resume(machine: &mut Machine, domain: &Protocol) -> ix::Authority {
    let args = resume_args(machine, domain);
    domain.mature(machine, &args)
}

fn resume_args(machine: &Machine, domain: &Protocol) -> ResumeArgs {
    ResumeArgs {
        incident: domain.state(machine).open_incident,
    }
}

/// What of a board is not the linked masks of the linked compartments.
fn all_but_linked(board: &PauseBoard) -> Vec<u8> {
    let mut rest = *board;
    rest.linked_slot = 0;
    for (number, row) in rest.rows.iter_mut().enumerate() {
        if LINKED & 1 << number != 0 {
            *row = BoardRow {
                linked: 0,
                linked_until: 0,
                ..*row
            };
        }
    }
    bytemuck::bytes_of(&rest).to_vec()
}

#[test]
fn an_upstreams_pause_closes_the_linked_compartments_and_touches_nothing_else() {
    let (mut machine, upstream, downstream) = pair();
    pause(&mut machine, &downstream, 0, 7);
    let before = downstream.board(&machine);
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    let until = now(&machine) + GUARDIAN_PAUSE;
    machine.warp_seconds(HOUR);
    must_crank(&mut machine, &downstream, &upstream);

    let after = downstream.board(&machine);
    assert_eq!(all_but_linked(&after), all_but_linked(&before));
    for (number, row) in after.rows.iter().enumerate() {
        let expected = if LINKED & 1 << number == 0 {
            (0, 0)
        } else {
            (DEFAULT_EMERGENCY, until)
        };
        assert_eq!((row.linked, row.linked_until), expected, "compartment {number}");
    }
    let state = downstream.state(&machine);
    assert_eq!(
        (state.state, state.incident_count),
        (phase::OPERATING, 0),
        "the emergency is the upstream's"
    );

    machine.warp_seconds(until - now(&machine) - 1);
    assert_eq!(mask(&machine, &downstream, 63), DEFAULT_EMERGENCY);
    machine.warp_seconds(1);
    assert_eq!(mask(&machine, &downstream, 63), 0, "it ends when it ends upstream");
    assert_eq!(mask(&machine, &upstream, 0), 0);
}

#[test]
fn a_linked_vault_pays_nothing_until_the_link_lapses() {
    let (mut machine, upstream, downstream) = pair();
    let user = receiver(&mut machine, &downstream, "user");
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    let is_paid = |machine: &mut Machine| {
        let answer = downstream.release(machine, user, 10, 0);
        answer.is_ok_and(|outcome| outcome.return_data == [verdict::ALLOWED])
    };
    assert!(!is_paid(&mut machine));
    assert_eq!(machine.balance(&user), 0);
    machine.warp_seconds(GUARDIAN_PAUSE);
    assert!(is_paid(&mut machine));
    assert_eq!(machine.balance(&user), 10);
}

#[test]
fn only_the_scope_and_the_actions_that_count_are_carried() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[]);
    let [upstream, downstream, _] = &all[..] else {
        unreachable!()
    };
    let args = SetLinkArgs {
        upstream_scope: 3,
        upstream_mask: action::WITHDRAW,
        mask: action::BORROW,
        ..link_args(upstream)
    };
    let authority = downstream.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    downstream.must(&mut machine, &[ix::set_link(authority, payer, args)], &[]);

    let guardian = &upstream.members[0];
    for (scope, closed) in [(4, action::WITHDRAW), (3, action::TRADE)] {
        let pause = ix::pause(upstream.domain, guardian.pubkey(), scope, closed);
        upstream.must(&mut machine, &[pause], &[guardian]);
        refused(
            crank(&mut machine, downstream, upstream),
            BulkheadError::NothingToPropagate,
        );
    }
    let pause = ix::pause(upstream.domain, guardian.pubkey(), 3, action::WITHDRAW);
    upstream.must(&mut machine, &[pause], &[guardian]);
    must_crank(&mut machine, downstream, upstream);
    assert_eq!(mask(&machine, downstream, 5), action::BORROW);
}

#[test]
fn nobody_closes_anything_without_the_upstreams_pause_and_no_crank_does_twice() {
    let (mut machine, upstream, downstream) = pair();
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    let closed = downstream.board(&machine);
    for _ in 0..5 {
        machine.warp_seconds(HOUR);
        refused(
            crank(&mut machine, &downstream, &upstream),
            BulkheadError::AlreadyPropagated,
        );
        assert_eq!(
            bytemuck::bytes_of(&downstream.board(&machine)),
            bytemuck::bytes_of(&closed)
        );
    }
    machine.warp_seconds(HOUR);
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    // A second pause upstream is a second reason.
    pause(&mut machine, &upstream, 1, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    assert_eq!(
        downstream.board(&machine).rows[5].linked_until,
        now(&machine) + GUARDIAN_PAUSE
    );
}

/// A board that says what the thief wants: forged outright, another domain's, or the domain's own.
#[test]
fn only_the_pinned_upstream_board_counts() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[(1, 0)]);
    let [upstream, downstream, other] = &all[..] else {
        unreachable!()
    };
    pause(&mut machine, other, 0, SCOPE_DOMAIN);
    pause(&mut machine, downstream, 0, SCOPE_DOMAIN);
    let with = |board| {
        let mut crank = ix::propagate_contagion(downstream.domain, upstream.domain);
        crank.accounts[3].pubkey = board;
        crank
    };
    let paused = machine.account(&pda::board(&other.domain)).expect("it exists");
    let forged = keypair("forged board").pubkey();
    machine.write_account(&forged, paused.clone());
    for board in [pda::board(&other.domain), pda::board(&downstream.domain), forged] {
        refused(machine.send(&[with(board)], &[]), BulkheadError::WrongBoard);
    }
    // At the right address, but not Bulkhead's.
    let mut foreign = paused;
    foreign.owner = other.host_program;
    machine.write_account(&pda::board(&upstream.domain), foreign);
    let failure = crank(&mut machine, downstream, upstream).expect_err("another program's account");
    assert_eq!(
        failure.code(),
        Some(3007),
        "owned by a different program: {}",
        failure.error
    );
    assert!(downstream.board(&machine).rows.iter().all(|row| row.linked == 0));
}

/// A link of one domain, a board or a council of another.
#[test]
fn a_link_closes_compartments_of_its_own_domain_only() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[(1, 0)]);
    let [upstream, downstream, other] = &all[..] else {
        unreachable!()
    };
    pause(&mut machine, upstream, 0, SCOPE_DOMAIN);
    let sound = ix::propagate_contagion(downstream.domain, upstream.domain);
    for (place, key, error) in [
        (1, pda::council(&other.domain), BulkheadError::ForeignAccount),
        (2, pda::board(&other.domain), BulkheadError::WrongBoard),
        (2, pda::board(&upstream.domain), BulkheadError::WrongBoard),
    ] {
        let mut spoilt = sound.clone();
        spoilt.accounts[place].pubkey = key;
        refused(machine.send(&[spoilt], &[]), error);
    }
    let missing = crank(&mut machine, other, upstream).expect_err("it has no link");
    assert_eq!(
        missing.code(),
        Some(3007),
        "no account of Bulkhead's: {}",
        missing.error
    );
}

#[test]
fn a_link_names_another_domain_with_its_own_board() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[]);
    let [upstream, downstream, other] = &all[..] else {
        unreachable!()
    };
    let payer = machine.payer.pubkey();
    for (args, error) in [
        (link_args(downstream), BulkheadError::LinkedToItself),
        (
            SetLinkArgs {
                upstream_scope: 64,
                ..link_args(upstream)
            },
            BulkheadError::CompartmentOutOfRange,
        ),
        (
            SetLinkArgs {
                upstream_mask: 0,
                ..link_args(upstream)
            },
            BulkheadError::ArgumentOutOfRange,
        ),
    ] {
        // Not even proposed.
        let (propose, _) = downstream.proposing(&machine, &args);
        refused(machine.send(&[propose], &[&downstream.members[0]]), error);
    }
    let args = link_args(upstream);
    let authority = downstream.mature(&mut machine, &args);
    let mut set = ix::set_link(authority, payer, args);
    set.accounts[7].pubkey = pda::board(&other.domain);
    refused(machine.send(&[set], &[]), BulkheadError::WrongBoard);
}

#[test]
fn after_set_up_a_link_needs_a_matured_proposal_for_exactly_this() {
    let (mut machine, all) = domains(&["upstream", "downstream"], &[]);
    let [upstream, downstream] = &all[..] else {
        unreachable!()
    };
    let payer = machine.payer.pubkey();
    let setup_authority = ix::Authority {
        signer: downstream.setup_authority.pubkey(),
        domain: downstream.domain,
        proposal: None,
    };
    let args = link_args(upstream);
    let set = ix::set_link(setup_authority, payer, args.clone());
    refused(
        machine.send(&[set], &[&downstream.setup_authority]),
        BulkheadError::ProposalRequired,
    );
    let authority = downstream.mature(&mut machine, &args);
    let more = SetLinkArgs {
        compartments: u64::MAX,
        ..args.clone()
    };
    let set = ix::set_link(authority, payer, more);
    refused(machine.send(&[set], &[]), BulkheadError::PayloadMismatch);
    downstream.must(&mut machine, &[ix::set_link(authority, payer, args.clone())], &[]);
    let set = ix::set_link(authority, payer, args);
    refused(machine.send(&[set], &[]), BulkheadError::ProposalNotOpen);
}

/// Two domains that depend on each other must not keep each other closed.
#[test]
fn a_cycle_of_two_ends_with_its_origin() {
    let (mut machine, all) = domains(&["a", "b"], &[(0, 1), (1, 0)]);
    let [a, b] = &all[..] else { unreachable!() };
    pause(&mut machine, a, 0, SCOPE_DOMAIN);
    let until = now(&machine) + GUARDIAN_PAUSE;
    must_crank(&mut machine, b, a);
    for _ in 0..20 {
        machine.warp_seconds(GUARDIAN_PAUSE / 40);
        refused(crank(&mut machine, a, b), BulkheadError::NothingToPropagate);
        refused(crank(&mut machine, b, a), BulkheadError::AlreadyPropagated);
    }
    assert_eq!(b.board(&machine).rows[5].linked_until, until);
    machine.warp_seconds(until - now(&machine));
    for (own, other) in [(a, b), (b, a)] {
        refused(crank(&mut machine, own, other), BulkheadError::NothingToPropagate);
        assert_eq!(mask(&machine, own, 5), 0);
    }
}

#[test]
fn a_ring_of_three_ends_with_its_origin_in_every_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        // a depends on c, b on a, c on b.
        let ring = [(0, 2), (1, 0), (2, 1)];
        let (mut machine, all) = domains(&["a", "b", "c"], &ring);
        pause(&mut machine, &all[0], 0, SCOPE_DOMAIN);
        let until = now(&machine) + GUARDIAN_PAUSE;
        let mut carried = 0;
        for _ in 0..8 {
            for edge in order {
                let (own, upstream) = ring[edge];
                carried += usize::from(crank(&mut machine, &all[own], &all[upstream]).is_ok());
            }
            machine.warp_seconds(GUARDIAN_PAUSE / 10);
        }
        assert_eq!(carried, 1, "only from a to b, once");
        for domain in &all {
            let board = domain.board(&machine);
            assert!(board.rows.iter().all(|row| row.linked_until <= until));
        }
        assert_eq!(
            all[2].board(&machine).rows[5].linked,
            0,
            "c depends on b, which decided nothing"
        );
        machine.warp_seconds(until - now(&machine));
        for (own, upstream) in ring {
            let crank = crank(&mut machine, &all[own], &all[upstream]);
            refused(crank, BulkheadError::NothingToPropagate);
            assert_eq!(mask(&machine, &all[own], 5), 0);
        }
    }
}

#[test]
fn an_upstream_that_resumes_early_frees_nobody_early_and_nobody_again() {
    let (mut machine, upstream, downstream) = pair();
    upstream.freeze(&mut machine);
    let authority = resume(&mut machine, &upstream);
    must_crank(&mut machine, &downstream, &upstream);
    let until = now(&machine) + TRIP;
    let args = resume_args(&machine, &upstream);
    upstream.must(&mut machine, &[ix::resume(authority, args)], &[]);
    assert_eq!(mask(&machine, &upstream, 5), 0);
    machine.warp_seconds(HOUR);
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    assert_eq!(mask(&machine, &downstream, 5), DEFAULT_EMERGENCY, "until it lapses");
    machine.warp_seconds(until - now(&machine));
    assert_eq!(mask(&machine, &downstream, 5), 0);
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
}

#[test]
fn an_upstream_held_for_weeks_is_carried_again_and_again_and_lapses_without_a_crank() {
    let (mut machine, upstream, downstream) = pair();
    upstream.freeze(&mut machine);
    for _ in 0..10 {
        must_crank(&mut machine, &downstream, &upstream);
        refused(
            crank(&mut machine, &downstream, &upstream),
            BulkheadError::AlreadyPropagated,
        );
        assert_eq!(downstream.board(&machine).rows[0].linked_until, now(&machine) + TRIP);
        machine.warp_seconds(TRIP - HOUR);
        assert_eq!(mask(&machine, &downstream, 0), DEFAULT_EMERGENCY);
    }
    machine.warp_seconds(HOUR);
    assert_eq!(mask(&machine, &downstream, 0), 0, "nobody cranked");
    must_crank(&mut machine, &downstream, &upstream);
    assert_eq!(
        mask(&machine, &downstream, 0),
        DEFAULT_EMERGENCY,
        "and it stands upstream still"
    );
}

/// Griefing: a proposal to resume names the board's epoch, so whoever could move that by cranking could void it.
#[test]
fn cranking_voids_no_proposal_to_resume() {
    let (mut machine, upstream, downstream) = pair();
    upstream.freeze(&mut machine);
    downstream.freeze(&mut machine);
    let epoch = downstream.board(&machine).epoch;
    let authority = resume(&mut machine, &downstream);
    for _ in 0..30 {
        machine.warp_seconds(1);
        must_crank(&mut machine, &downstream, &upstream);
    }
    assert_eq!(downstream.board(&machine).epoch, epoch);
    let args = resume_args(&machine, &downstream);
    downstream.must(&mut machine, &[ix::resume(authority, args)], &[]);
    assert_eq!(downstream.state(&machine).state, phase::OPERATING);
    assert_eq!(mask(&machine, &downstream, 1), 0, "its own hold is unpaused");
}

/// The other way round: a proposal made before the upstream paused must not open what nobody could know would close.
/// Whoever executes it (anyone may) would otherwise have the compartments open for one transaction.
#[test]
fn a_proposal_from_before_leaves_a_linked_pause_in_force_and_one_from_after_unpauses_it() {
    let (mut machine, upstream, downstream) = pair();
    downstream.freeze(&mut machine);
    let authority = resume(&mut machine, &downstream);
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    let args = resume_args(&machine, &downstream);
    downstream.must(&mut machine, &[ix::resume(authority, args)], &[]);
    assert_eq!(mask(&machine, &downstream, 1), 0);
    assert_eq!(
        mask(&machine, &downstream, 5),
        DEFAULT_EMERGENCY,
        "carried here after it was proposed"
    );

    machine.next_slot();
    downstream.freeze(&mut machine);
    let authority = resume(&mut machine, &downstream);
    let args = resume_args(&machine, &downstream);
    downstream.must(&mut machine, &[ix::resume(authority, args)], &[]);
    assert_eq!(mask(&machine, &downstream, 5), 0, "known when it was proposed");
    // What stands upstream can be carried at once again.
    must_crank(&mut machine, &downstream, &upstream);
}

#[test]
fn switching_a_link_off_stops_what_would_come_and_opens_nothing() {
    let (mut machine, upstream, downstream) = pair();
    upstream.freeze(&mut machine);
    must_crank(&mut machine, &downstream, &upstream);
    let off = SetLinkArgs {
        compartments: 0,
        ..link_args(&upstream)
    };
    let authority = downstream.mature(&mut machine, &off);
    let payer = machine.payer.pubkey();
    let before = downstream.board(&machine);
    downstream.must(&mut machine, &[ix::set_link(authority, payer, off)], &[]);
    assert_eq!(
        bytemuck::bytes_of(&downstream.board(&machine)),
        bytemuck::bytes_of(&before)
    );
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    machine.warp_seconds(TRIP);
    assert_eq!(mask(&machine, &downstream, 5), 0);
}

#[test]
fn a_linked_pause_neither_opens_an_incident_nor_keeps_one_open() {
    let (mut machine, upstream, downstream) = pair();
    upstream.freeze(&mut machine);
    let guardian = &downstream.members[0];
    let open = ix::open_incident(downstream.domain, guardian.pubkey(), machine.payer.pubkey(), 0);
    downstream.must(&mut machine, &[open], &[guardian]);
    machine.warp_seconds(GUARDIAN_PAUSE);
    must_crank(&mut machine, &downstream, &upstream);
    let incident = pda::incident(&downstream.domain, 0);
    let close = ix::close_lapsed_incident(downstream.domain, incident);
    downstream.must(&mut machine, &[close], &[]);
    assert_eq!(downstream.state(&machine).state, phase::OPERATING);
    assert_eq!(mask(&machine, &downstream, 5), DEFAULT_EMERGENCY);
}

/// Who depends on a domain through another links to both: a pause travels one link.
#[test]
fn two_links_hold_as_long_as_the_longer_one() {
    let (mut machine, all) = domains(&["a", "b", "c"], &[(1, 0), (2, 0), (2, 1)]);
    let [a, b, c] = &all[..] else { unreachable!() };
    pause(&mut machine, a, 0, SCOPE_DOMAIN);
    for (own, upstream) in [(b, a), (c, a)] {
        must_crank(&mut machine, own, upstream);
    }
    refused(crank(&mut machine, c, b), BulkheadError::NothingToPropagate);
    machine.warp_seconds(HOUR);
    pause(&mut machine, b, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, c, b);
    assert_eq!(c.board(&machine).rows[0].linked_until, now(&machine) + GUARDIAN_PAUSE);
    machine.warp_seconds(GUARDIAN_PAUSE - 1);
    refused(crank(&mut machine, c, a), BulkheadError::NothingToPropagate);
    assert_eq!(mask(&machine, c, 0), DEFAULT_EMERGENCY);
    machine.warp_seconds(1);
    assert_eq!(mask(&machine, c, 0), 0);
}

#[test]
fn a_link_to_a_domain_in_set_up_waits_for_its_pauses() {
    let mut machine = bulkhead_tests::machine();
    let unfinished = |machine: &mut Machine, name| {
        let setup = Setup {
            name,
            activate: false,
            ..Setup::default()
        };
        Protocol::set_up(machine, &setup)
    };
    let (upstream, downstream) = (unfinished(&mut machine, "up"), unfinished(&mut machine, "down"));
    set_up_link(&mut machine, &downstream, link_args(&upstream));
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    assert_eq!(machine.load::<Domain>(&upstream.domain).state, phase::SETUP);
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
}

#[test]
fn a_view_is_what_the_guard_reads() {
    let (mut machine, protocol) = world();
    let open = MaskView {
        mask: 0,
        ramp_bps: 10_000,
        until: 0,
    };
    assert_eq!(view(&mut machine, &protocol, 3), open);
    pause(&mut machine, &protocol, 0, 3);
    let paused = MaskView {
        mask: DEFAULT_EMERGENCY,
        until: now(&machine) + GUARDIAN_PAUSE,
        ..open
    };
    assert_eq!(view(&mut machine, &protocol, 3), paused);
    assert_eq!(view(&mut machine, &protocol, 4), open);
    protocol.freeze(&mut machine);
    let held = view(&mut machine, &protocol, 3);
    assert_eq!((held.mask, held.until), (mask(&machine, &protocol, 3), 0));
    let ask = ix::view_mask(protocol.domain, 64);
    refused(machine.send(&[ask], &[]), BulkheadError::CompartmentOutOfRange);
    let mut ask = ix::view_mask(protocol.domain, 3);
    ask.accounts[0].pubkey = protocol.domain;
    assert!(machine.send(&[ask], &[]).is_err());
}
