//! The small vault, and all that anyone could do with it.

use super::*;

pub(super) fn keys() -> Keys {
    let numbered = |first: u8, count: u8| (0..count).map(|number| (key(first + number), 255)).collect();
    Keys {
        domain: DOMAIN,
        breakers: vec![BREAKER],
        incidents: numbered(20, 4),
        proposals: vec![(GUARDIAN, numbered(30, 6))],
        releases: numbered(40, 5),
        cancel_lists: vec![(GUARDIAN, vec![255; 4])],
        migrations: numbered(50, 4),
        payer: key(7),
        ..Keys::default()
    }
}

/// In peace.
pub(super) fn operating() -> State {
    let mut council = Council {
        version: VERSION,
        domain: DOMAIN,
        ..Council::zeroed()
    };
    let mut plan = Council {
        member_count: 1,
        freeze_threshold: 1,
        pause_rights: 3,
        guardian_pause_seconds: HOUR,
        trip_seconds: HOUR,
        default_mask: action::DEFAULT_EMERGENCY,
        guardian_pauses_per_day: 3,
        guardian_pauses_in_a_row: 3,
        heartbeat_seconds: 90 * 86_400,
        fallback_seconds: 30 * 86_400,
        fallback: key(8),
        policies: [Policy {
            threshold: 1,
            delay_seconds: HOUR,
            expiry_seconds: 100 * HOUR,
            ..Policy::zeroed()
        }; 4],
        ..Council::zeroed()
    };
    plan.members[0].key = GUARDIAN;
    plan.members[0].roles = role::GUARDIAN | role::APPROVER;
    change_council(&mut council, &plan, NOW).expect("a sound council");
    let mut pauses = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut pauses);
    let latch = latch::armed(1, 1, HOUR).expect("in range");
    let mut breaker = OutflowBreaker {
        version: VERSION,
        sub_windows: 4,
        shards: 1,
        authority: VAULT,
        window_seconds: HOUR,
        latch,
        compartment: 1,
        ..OutflowBreaker::zeroed()
    };
    window::open_reference(&mut breaker);
    let limits = Limits {
        limit: 100,
        slot_limit: 60,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    };
    limits.put(&mut breaker);
    breaker.trip_limit = 250;
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let at = At { slot: 1_000, now: NOW };
    let holders = [VAULT, USER, USER, THIEF, DOMAIN, DOMAIN];
    let amounts = [1_000, 0, 0, 10, 0, 0];
    let tokens = (60..).zip(holders).zip(amounts);
    let tokens: Vec<_> = tokens
        .map(|((number, holder), amount)| Token {
            key: key(number),
            holder,
            amount,
            is_frozen: false,
        })
        .collect();
    let mut vault = Vault {
        version: VERSION,
        compartment: 1,
        domain: DOMAIN,
        latch,
        mint: key(70),
        token_program: key(71),
        custody: tokens[CUSTODY].key,
        operator: OPERATOR,
        breaker: BREAKER,
        route: tokens[ROUTE].key,
        route_holder: DOMAIN,
        queue_seconds: HOUR,
        ..Vault::zeroed()
    };
    let mut ledger = Ledger {
        version: VERSION,
        domain: DOMAIN,
        ..queue_ledger::layout(3, &VAULT, &vault.mint)
    };
    queue_ledger::join((&VAULT, &mut vault), &mut ledger).expect("of this vault");
    let mut state = State::new(at, domain, council, pauses, vec![(BREAKER, breaker)]);
    state.custody = Rc::new(Custody {
        vaults: vec![(VAULT, vault)],
        queue_ledgers: vec![(LEDGER, ledger)],
        tokens,
        ..Custody::default()
    });
    state
}

pub(super) fn wait(seconds: i64) -> Action {
    let slots = 1 + u64::try_from(seconds).expect("a time") * 2;
    Action::Wait { slots, seconds }
}

/// What can be done by whom. The user gives nothing away to the thief; everything else is tried.
pub(super) fn moves(state: &State) -> Vec<(Pubkey, Action)> {
    let custody = |signer, action| (signer, Action::Custody(action));
    let mut all = vec![
        (THIEF, wait(1)),
        (THIEF, wait(2 * HOUR)),
        custody(OPERATOR, Do::Release(0, USERS, 30)),
        custody(OPERATOR, Do::Release(0, USERS, 200)),
        custody(OPERATOR, Do::ReleaseAgain(0, USERS, 200)),
        custody(OPERATOR, Do::ReleaseAgain(0, USERS, 300)),
        custody(THIEF, Do::Release(0, THIEFS, 30)),
        (GUARDIAN, Action::OpenIncident),
        (GUARDIAN, Action::Confirm),
        (THIEF, Action::Confirm),
        (THIEF, Action::Lapse),
        (THIEF, Action::Propagate(Which::Breaker(0))),
        custody(GUARDIAN, Do::ConfirmEvacuation),
        custody(THIEF, Do::ConfirmEvacuation),
        custody(THIEF, Do::Evacuate(0, ROUTE)),
        custody(THIEF, Do::Evacuate(0, SPARE)),
        custody(THIEF, Do::Evacuate(0, THIEFS)),
        custody(THIEF, Do::ObserveEvacuationRoute(0)),
        custody(THIEF, Do::PropagateEvacuationRoute(0)),
        custody(THIEF, Do::Deposit(0, THIEFS, 1)),
        custody(THIEF, Do::Reown(USERS, THIEF)),
        custody(THIEF, Do::Reown(ROUTE, THIEF)),
        custody(THIEF, Do::Freeze(ROUTE, true)),
        custody(THIEF, Do::Freeze(USERS, true)),
    ];
    if !state.custody.notes.is_empty() {
        all.extend([
            custody(USER, Do::Receive(0, USERS, 30)),
            custody(THIEF, Do::Receive(0, THIEFS, 1)),
            custody(OPERATOR, Do::ReleaseOf(0, USERS, 30, USER)),
            custody(OPERATOR, Do::ReleaseOf(0, USERS, 80, USER)),
            custody(OPERATOR, Do::ReleaseOf(0, THIEFS, 30, USER)),
            custody(OPERATOR, Do::ReleaseOf(0, THIEFS, 30, THIEF)),
        ]);
    }
    for number in 0..state.custody.releases.len() {
        all.extend([
            custody(THIEF, Do::Settle(number, USERS)),
            custody(THIEF, Do::Settle(number, USERS_OTHER)),
            custody(THIEF, Do::Settle(number, THIEFS)),
            custody(THIEF, Do::Redirect(number, THIEFS)),
            custody(USER, Do::Redirect(number, USERS_OTHER)),
            custody(OPERATOR, Do::Redirect(number, THIEFS)),
            custody(GUARDIAN, Do::Cancel(number)),
            custody(THIEF, Do::Cancel(number)),
            custody(THIEF, Do::CancelListed(number)),
            custody(GUARDIAN, Do::SetCancelList(number)),
            custody(THIEF, Do::SetCancelList(number)),
            custody(THIEF, Do::CancelListedBy(number, GUARDIAN)),
            custody(OPERATOR, Do::TakeBack(number)),
            custody(THIEF, Do::TakeBack(number)),
            custody(THIEF, Do::Requeue(number)),
            custody(THIEF, Do::Close(number)),
        ]);
    }
    let owed = owed(&state.custody);
    all.push(custody(THIEF, Do::RestoreQueue(0, owed)));
    all.push(custody(THIEF, Do::RestoreQueue(0, owed + 1)));
    let incident = keys().incidents[usize::try_from(state.domain.incident_count.saturating_sub(1)).expect("few")].0;
    let spare = [VAULT, state.custody.tokens[SPARE].key];
    if state.proposals.len() < 2 {
        let resume = Decision::Resume { incident };
        all.push((GUARDIAN, Action::Propose(resume)));
        all.push((
            GUARDIAN,
            Action::Propose(Decision::RegisterEvacuationRoute(0, SPARE, spare)),
        ));
    }
    for number in 0..state.proposals.len() {
        all.push((GUARDIAN, Action::Approve(number)));
        all.push((THIEF, Action::Execute(number)));
    }
    all
}
