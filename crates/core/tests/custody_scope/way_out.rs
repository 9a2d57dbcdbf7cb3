//! From every state the vault pays again, and every claim is paid.

use super::*;

/// A step that has to work.
pub(super) fn must(state: &State, signer: Pubkey, action: Action) -> State {
    let next = step_of(state, &signer, &action);
    let next = next.unwrap_or_else(|error| panic!("no way out: {action:?} of {signer:?}: {error:?}"));
    check(state, &next, signer, &action);
    next
}

/// Whatever the thief can do to keep the vault closed, all of it.
fn harass(mut state: State) -> State {
    for action in [
        Do::Deposit(0, THIEFS, 1),
        Do::Evacuate(0, ROUTE),
        Do::Evacuate(0, SPARE),
        Do::Reown(USERS, THIEF),
        Do::ObserveEvacuationRoute(0),
        Do::ConfirmEvacuation,
    ] {
        if let Ok(next) = step_of(&state, &THIEF, &Action::Custody(action)) {
            check(&state, &next, THIEF, &Action::Custody(action));
            state = next;
        }
    }
    state
}

/// The operator pays out whatever may leave at once, in as many slots as that takes.
fn fill(mut state: State) -> State {
    loop {
        let at = Moment {
            slot: state.at.slot,
            now: state.at.now,
            ramp_bps: 10_000,
            unpaused_slot: state.board.unpaused_slot,
        };
        let room = window::remaining(&state.breakers[0].1, &at).min(40);
        if room == 0 {
            return state;
        }
        state = must(&state, OPERATOR, Action::Custody(Do::Release(0, THIEFS, room)));
        state = must(&state, THIEF, wait(0));
    }
}

/// The vault pays again, and every claim is paid.
pub(super) fn way_out(state: &State) {
    let mut state = harass(state.clone());
    // Whatever is seen of a route for the first time is known when it is proposed.
    state = must(&state, THIEF, wait(1));
    // An incident that nobody held may lapse instead.
    if state.domain.state != phase::OPERATING {
        let number = state.domain.incident_count - 1;
        let incident = keys().incidents[usize::try_from(number).expect("few")].0;
        let proposal = state.proposals.len();
        state = must(&state, GUARDIAN, Action::Propose(Decision::Resume { incident }));
        state = must(&state, GUARDIAN, Action::Approve(proposal));
        state = harass(must(&state, THIEF, wait(HOUR)));
        state = must(&state, THIEF, Action::Execute(proposal));
        assert_eq!(
            state.incidents.last().expect("it was open").state,
            incident_state::CLOSED
        );
    }
    let vault = state.custody.vaults[0].1;
    assert!(is_active(&vault, state.board.unpaused_slot), "closed over the unpause");
    // The thief owns nothing that anybody is to be paid to, and what they froze stays frozen.
    let mut all = (*state.custody).clone();
    (all.tokens[CUSTODY].amount, all.tokens[USERS_OTHER].is_frozen) = (10_000, false);
    state.custody = Rc::new(all);
    for number in 0..state.custody.releases.len() {
        let (_, record) = state.custody.releases[number];
        if record.version != 0 && record.state == release_state::CANCELLED {
            state = must(&state, OPERATOR, Action::Custody(Do::TakeBack(number)));
            continue;
        }
        // Claims pay what was restored; and what the host named an account of the thief's for is the thief's.
        let is_restored = record.evacuations < state.custody.queue_ledgers[0].1.queue_from;
        if record.version == 0 || record.state != release_state::QUEUED || is_restored || record.owner != USER {
            continue;
        }
        if is_stopped(&vault, &record) {
            state = must(&state, THIEF, Action::Custody(Do::Requeue(number)));
        }
        if record.destination != state.custody.tokens[USERS_OTHER].key {
            state = must(&state, USER, Action::Custody(Do::Redirect(number, USERS_OTHER)));
        }
        // Somebody takes all there is, first in every sub-window.
        let mut tries = 0;
        state = must(&state, THIEF, wait(3 * HOUR));
        while state.custody.releases[number].1.state == release_state::QUEUED {
            state = fill(must(&state, THIEF, wait(HOUR / 4)));
            state = must(&state, THIEF, Action::Custody(Do::Settle(number, USERS_OTHER)));
            tries += 1;
            let owed: u64 = state.custody.releases.iter().map(|(_, release)| release.amount).sum();
            assert!(tries <= 5 * (owed.div_ceil(50) + 2), "it waits forever");
        }
    }
}
