//! When exits are closed, and that they never stay so.

use super::*;
use InsuranceMove as M;

/// Owner 0 has a million cooled shares.
fn cooled() -> Insurance {
    run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 10_000), M::Cooldown(0, 0, 1_000_000), M::Wait(COOLDOWN)],
    )
}

const LEAVE: M = M::Unstake(0, 0, 1_000_000);

#[test]
fn nobody_leaves_after_the_latch_of_the_same_slot() {
    let state = cooled();
    run(&state, &[LEAVE]);
    // Before anybody propagated it.
    assert_eq!(
        refusal(&run(&state, &[M::Latch(true)]), LEAVE),
        CoreError::DetectorLatched
    );
    // Propagated, and not noted; noted.
    let open = run(&state, &[M::Latch(true), M::Open]);
    assert_eq!(refusal(&open, LEAVE), CoreError::IncidentNotNoted);
    assert_eq!(refusal(&run(&open, &[M::Note(0, 0)]), LEAVE), CoreError::ExitsClosed);
    // Nor does anybody come in.
    assert_eq!(refusal(&open, M::Stake(0, 1, 1_000)), CoreError::IncidentNotNoted);
    assert_eq!(
        refusal(&run(&state, &[M::Latch(true)]), M::Stake(0, 1, 1_000)),
        CoreError::DetectorLatched
    );
}

#[test]
fn an_incident_without_a_restoration_opens_exits_again() {
    let state = run(&cooled(), &[M::Open, M::Note(0, 0), M::Wait(5 * DAY), M::Close]);
    assert_eq!(refusal(&state, LEAVE), CoreError::IncidentNotNoted);
    let state = run(&state, &[M::Note(0, 0)]);
    // The window had not ended when exits were closed: a whole one follows.
    assert_eq!(run(&state, &[M::Wait(WINDOW), LEAVE]).purses[0], 1_000_000 - 9_000);
    assert_eq!(
        refusal(&run(&state, &[M::Wait(WINDOW + 1)]), LEAVE),
        CoreError::NotCooled
    );
}

#[test]
fn a_restored_incident_is_over_only_with_its_shortfall() {
    let state = run(&cooled(), &[M::Open, M::Note(0, 0), M::Restore(4_000)]);
    assert_eq!(refusal(&state, LEAVE), CoreError::ExitsClosed);
    let state = run(&state, &[M::Close]);
    assert_eq!(refusal(&state, M::Note(0, 0)), CoreError::ShortfallNotStated);
    // A later incident does not hide it.
    let later = run(&state, &[M::Open]);
    assert_eq!(refusal(&later, M::Note(0, 1)), CoreError::IncidentNoted);
    assert_eq!(refusal(&later, LEAVE), CoreError::IncidentNotNoted);
    let state = run(&state, &[M::State(0, 0), M::Note(0, 0)]);
    assert_eq!(run(&state, &[LEAVE]).purses[0], 1_000_000 - 10_000 + 600);
}

#[test]
fn incidents_are_noted_in_order_and_once() {
    let state = run(&cooled(), &[M::Open, M::Close, M::Open, M::Close]);
    assert_eq!(refusal(&state, M::Note(0, 1)), CoreError::IncidentNoted);
    let state = run(&state, &[M::Note(0, 0)]);
    assert_eq!(refusal(&state, M::Note(0, 0)), CoreError::IncidentNoted);
    let state = run(&state, &[M::Note(0, 1)]);
    run(&state, &[LEAVE]);
    let open = run(&state, &[M::Open, M::Note(0, 2)]);
    assert_eq!(refusal(&open, M::Note(0, 2)), CoreError::IncidentNoted);
}

#[test]
fn a_closure_has_a_written_end() {
    let state = run(&cooled(), &[M::Open, M::Note(0, 0), M::Wait(FREEZE - 1)]);
    assert_eq!(state.pools[0].pool.freeze_end_ts, state.at.now + 1);
    assert_eq!(refusal(&state, LEAVE), CoreError::ExitsClosed);
    run(&state, &[M::Wait(1), LEAVE]);
    run(&state, &[M::Wait(1), M::Latch(true), LEAVE]);
    // For a whole window; and who cools later may leave later.
    run(&state, &[M::Wait(1 + WINDOW), LEAVE]);
    assert_eq!(
        refusal(&run(&state, &[M::Wait(2 + WINDOW)]), LEAVE),
        CoreError::NotCooled
    );
    run(&state, &[M::Cooldown(0, 0, 1_000_000), M::Wait(COOLDOWN), LEAVE]);
}

#[test]
fn incident_after_incident_closes_exits_no_longer() {
    let mut state = cooled();
    let began = state.at.now;
    for number in 0..10 {
        state = run(&state, &[M::Open, M::Note(0, number), M::Wait(DAY + DAY / 2)]);
        let is_over = state.at.now >= began + FREEZE;
        assert_eq!(state.step(LEAVE).is_ok(), is_over, "{number}");
        if is_over {
            return;
        }
        state = run(&state, &[M::Close, M::Note(0, number)]);
    }
    panic!("exits were never open");
}

#[test]
fn after_a_whole_open_window_another_series_may_begin() {
    let state = run(
        &cooled(),
        &[M::Open, M::Note(0, 0), M::Wait(FREEZE), M::Close, M::Note(0, 0)],
    );
    let early = run(&state, &[M::Wait(WINDOW - 1), M::Open, M::Note(0, 1)]);
    run(&early, &[LEAVE]);
    let later = run(&state, &[M::Wait(WINDOW), M::Open, M::Note(0, 1)]);
    assert_eq!(refusal(&later, LEAVE), CoreError::ExitsClosed);
}

#[test]
fn a_window_that_had_ended_does_not_begin_again() {
    let state = run(
        &cooled(),
        &[M::Wait(WINDOW + 1), M::Open, M::Note(0, 0), M::Close, M::Note(0, 0)],
    );
    assert_eq!(refusal(&state, LEAVE), CoreError::NotCooled);
}

#[test]
fn no_incident_stops_premiums_cooldowns_or_slashes() {
    let state = run(
        &cooled(),
        &[M::Open, M::Note(0, 0), M::Restore(400), M::State(0, 0), M::Wait(3_600)],
    );
    let state = run(
        &state,
        &[
            M::Premium(0, 70),
            M::Cooldown(0, 0, 5_000),
            M::Latch(true),
            M::Slash(0, 0),
        ],
    );
    assert_eq!(state.pools[0].pool.slashed, 400);
}
