//! Where the paths begin.

use super::*;

pub(super) fn beginnings() -> Vec<(&'static str, State)> {
    let custody = |signer, action| (signer, Action::Custody(action));
    let after = |mut state: State, steps: &[(Pubkey, Action)]| {
        for (signer, action) in steps {
            state = must(&state, *signer, action.clone());
        }
        state
    };
    let queued = after(
        operating(),
        &[custody(OPERATOR, Do::Release(0, USERS, 200)), (THIEF, wait(2 * HOUR))],
    );
    let held = after(
        queued.clone(),
        &[
            (GUARDIAN, Action::OpenIncident),
            (THIEF, wait(1)),
            (GUARDIAN, Action::Confirm),
            (THIEF, wait(1)),
        ],
    );
    let resume = |_state: &State| {
        let incident = keys().incidents[0].0;
        Action::Propose(Decision::Resume { incident })
    };
    // Proposed before the evacuation was confirmed, and after.
    let early = after(
        held.clone(),
        &[
            (GUARDIAN, resume(&held)),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(1)),
            custody(GUARDIAN, Do::ConfirmEvacuation),
            (THIEF, wait(HOUR)),
        ],
    );
    let confirmed = after(
        held.clone(),
        &[custody(GUARDIAN, Do::ConfirmEvacuation), (THIEF, wait(1))],
    );
    let late = after(
        confirmed.clone(),
        &[
            (GUARDIAN, resume(&confirmed)),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(HOUR)),
        ],
    );
    let unpaused = after(
        late.clone(),
        &[
            custody(THIEF, Do::Evacuate(0, ROUTE)),
            (THIEF, Action::Execute(0)),
            custody(THIEF, Do::Deposit(0, THIEFS, 5)),
        ],
    );
    // A route is approved in peace and kept; then the domain is frozen.
    let spare = [VAULT, operating().custody.tokens[SPARE].key];
    let kept = after(
        operating(),
        &[
            (
                GUARDIAN,
                Action::Propose(Decision::RegisterEvacuationRoute(0, SPARE, spare)),
            ),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(HOUR)),
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
        ],
    );
    // What was evacuated lies in the recovery account, and the domain is run again.
    let recovery_account = after(
        unpaused.clone(),
        &[
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
            custody(GUARDIAN, Do::ConfirmEvacuation),
            (THIEF, wait(1)),
        ],
    );
    // The user was paid, and has brought it in again.
    let brought = after(
        operating(),
        &[
            custody(OPERATOR, Do::Release(0, USERS, 30)),
            custody(USER, Do::Receive(0, USERS, 30)),
        ],
    );
    // A vault that had no route when it was closed, and is about to get one.
    let mut without = operating();
    Rc::make_mut(&mut without.custody).vaults[0].1.route = Pubkey::default();
    let routeless = after(
        without,
        &[
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
            custody(GUARDIAN, Do::ConfirmEvacuation),
            custody(THIEF, Do::Evacuate(0, ROUTE)),
            (THIEF, wait(1)),
            (
                GUARDIAN,
                Action::Propose(Decision::RegisterEvacuationRoute(0, SPARE, spare)),
            ),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(HOUR)),
        ],
    );
    // Queued right before the breach, evacuated, and neither cancelled nor restored for a day.
    let late_queue = after(
        operating(),
        &[
            custody(OPERATOR, Do::Release(0, USERS, 200)),
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
        ],
    );
    let stopped = after(
        late_queue.clone(),
        &[
            custody(GUARDIAN, Do::ConfirmEvacuation),
            custody(THIEF, Do::Evacuate(0, ROUTE)),
            (THIEF, wait(24 * HOUR)),
        ],
    );
    // A guardian has cancelled what waits.
    let cancelled = after(late_queue, &[custody(GUARDIAN, Do::Cancel(0))]);
    // The vault pays again, and somebody has brought in as much as it held.
    let mut returned = unpaused.clone();
    Rc::make_mut(&mut returned.custody).tokens[CUSTODY].amount = 1_000;
    vec![
        ("stopped", stopped),
        ("cancelled", cancelled),
        ("returned", returned),
        ("brought in", brought),
        ("without a route", routeless),
        ("kept", kept),
        ("recovery_account", recovery_account),
        ("peace", operating()),
        ("queued", queued),
        ("held", held),
        ("confirmed", confirmed),
        ("proposed before", early),
        ("proposed after", late),
        ("unpaused", unpaused),
    ]
}
