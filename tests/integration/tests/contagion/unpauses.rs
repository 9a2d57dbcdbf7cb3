//! What unpauses a linked pause, and what a linked pause does not do.

use super::*;

fn resume(machine: &mut Machine, domain: &Protocol) -> ix::Authority {
    let args = resume_args(machine, domain);
    domain.mature(machine, &args)
}

fn resume_args(machine: &Machine, domain: &Protocol) -> ResumeArgs {
    ResumeArgs {
        incident: domain.state(machine).open_incident,
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
