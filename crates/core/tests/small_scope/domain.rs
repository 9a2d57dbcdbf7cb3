//! The small domain, and all that anyone could do in it.

use super::*;

pub(super) fn keys() -> Keys {
    Keys {
        domain: key(10),
        breakers: vec![key(11), key(12)],
        upstreams: vec![Upstream {
            domain: UPSTREAM,
            board: key(41),
            link: key(42),
            bump: 255,
        }],
        incidents: (0..3).map(|number| (key(20 + number), 255)).collect(),
        proposals: [A, B, FALLBACK_KEY]
            .map(|proposer| (proposer, vec![(key(30), 255)]))
            .into(),
        payer: key(7),
        ..Keys::default()
    }
}

/// Both members do everything; both are needed for everything but custody.
pub(super) fn plan(second: Pubkey) -> Council {
    let policy = |threshold, delay_seconds| Policy {
        threshold,
        delay_seconds,
        expiry_seconds: EXPIRY,
        ..Policy::zeroed()
    };
    let mut plan = Council {
        member_count: 2,
        freeze_threshold: 2,
        pause_rights: 2,
        veto_rights: 1,
        guardian_pause_seconds: GUARDIAN_PAUSE,
        trip_seconds: 2 * GUARDIAN_PAUSE,
        default_mask: action::DEFAULT_EMERGENCY,
        guardian_pauses_per_day: 2,
        guardian_pauses_in_a_row: 1,
        heartbeat_seconds: HEARTBEAT,
        fallback_seconds: FALLBACK,
        fallback: FALLBACK_KEY,
        policies: [policy(2, DELAY), policy(2, DELAY), policy(1, DELAY), policy(2, DELAY)],
        domain: key(10),
        ..Council::zeroed()
    };
    for (member, key) in plan.members.iter_mut().zip([A, second]) {
        (member.key, member.roles) = (key, role::GUARDIAN | role::APPROVER | role::VETOER);
    }
    plan
}

pub(super) fn limits(limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit: limit / 2,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    }
}

/// A second breaker, of the other compartment.
pub(super) fn second_breaker() -> BreakerPlan {
    BreakerPlan {
        bump: 255,
        compartment: 0,
        trip_scope: 0,
        latch_seconds: DELAY,
        with: NewBreaker {
            shard: 0,
            shards: 1,
            sub_windows: 4,
            window_seconds: WINDOW,
            mint: key(14),
            authority: METER,
            reference: Pubkey::default(),
            limits: limits(1_000),
            trip: TripLimits::default(),
        },
    }
}

pub(super) fn linked() -> LinkTerms {
    LinkTerms {
        upstream: UPSTREAM,
        upstream_scope: SCOPE_DOMAIN,
        upstream_mask: action::TRADE,
        compartments: 1,
        mask: action::WITHDRAW,
    }
}

/// In peace.
pub(super) fn operating() -> State {
    let mut council = Council {
        version: VERSION,
        domain: key(10),
        ..Council::zeroed()
    };
    change_council(&mut council, &plan(B), NOW).expect("a sound council");
    let mut pauses = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut pauses);
    let mut breaker = OutflowBreaker {
        version: VERSION,
        sub_windows: 4,
        shards: 1,
        authority: METER,
        window_seconds: WINDOW,
        latch: Latch {
            scope: 1,
            seconds: DELAY,
            ..Latch::zeroed()
        },
        compartment: 1,
        domain: key(10),
        ..OutflowBreaker::zeroed()
    };
    window::open_reference(&mut breaker);
    limits(1_000).put(&mut breaker);
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        // Its clock is part of what is compared at every step.
        escape_seconds: MIN_ESCAPE_SECONDS,
        ..Domain::zeroed()
    };
    let at = At { slot: 1_000, now: NOW };
    State::new(at, domain, council, pauses, vec![(key(11), breaker)])
}

/// What can be done, whoever does it. Proposals are made about the state as it stands.
pub(super) fn actions(state: &State) -> Vec<Action> {
    let incident = state.domain.incident_count.checked_sub(1);
    let named = incident.map_or(Pubkey::default(), |last| {
        keys().incidents[usize::try_from(last).expect("few")].0
    });
    let incident = if named == Pubkey::default() { key(20) } else { named };
    let decisions = [
        Decision::Resume { incident },
        Decision::Reopen(Reopening {
            incident: named,
            ramp_bps: 5_000,
            grace_seconds: 600,
        }),
        Decision::SetLimit(0, limits(4_000)),
        Decision::OpenBreaker(1, Rc::new(second_breaker())),
        Decision::ChangeCouncil(Rc::new(plan(SUCCESSOR))),
        Decision::Grant(A, 1),
    ];
    let limit = state.breakers[0].1.limit;
    let mut all = vec![
        Action::Heartbeat,
        Action::Pause {
            scope: 0,
            mask: action::TRADE,
        },
        Action::Pause {
            scope: SCOPE_DOMAIN,
            mask: 0,
        },
        Action::OpenIncident,
        Action::Confirm,
        Action::Lapse,
        Action::Meter(0, 400),
        Action::Meter(0, 5_000),
        Action::LowerLimit(0, limits(limit - limit / 4)),
        Action::LowerLimit(0, limits(limit * 2)),
        Action::Propagate(Which::Breaker(0)),
    ];
    if state.breakers.len() > 1 {
        all.extend([Action::Meter(1, 400), Action::Propagate(Which::Breaker(1))]);
    }
    if !state.links.is_empty() {
        all.push(Action::Carry(0, action::TRADE, GUARDIAN_PAUSE));
    }
    for number in 0..state.proposals.len() {
        all.extend([
            Action::Approve(number),
            Action::Withdraw(number),
            Action::Veto(number),
            Action::Execute(number),
            Action::Edit(number, Decision::SetLimit(0, limits(8_000))),
        ]);
    }
    all.extend(decisions.map(Action::Propose));
    all
}

/// A second, the end of a pause, of a delay, of a proposal, of a heartbeat.
pub(super) fn waits() -> [Action; 5] {
    [1, GUARDIAN_PAUSE, DELAY, EXPIRY + 1, HEARTBEAT + 1].map(|seconds| Action::Wait {
        slots: u64::try_from(seconds).expect("a time") * 2,
        seconds,
    })
}

/// By whom it is worth trying: nobody has to sign a crank, and one stranger stands for all.
pub(super) fn is_crank(action: &Action) -> bool {
    matches!(
        action,
        Action::Lapse | Action::Propagate(_) | Action::Carry(..) | Action::Execute(_)
    )
}
