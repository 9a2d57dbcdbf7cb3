//! What somebody might do, at random.

use super::*;

impl Twins {
    /// What somebody might do now.
    pub(super) fn action(&self, rng: &mut Rng) -> Action {
        let state = &self.state;
        let proposals = state.proposals.len();
        // Mostly the latest few, which are alive.
        let number = proposals.saturating_sub(1 + rng.index(4));
        let breaker = rng.index(state.breakers.len());
        let limit = state.breakers[breaker].1.limit;
        if rng.percent(20) {
            return Action::Peer(self.peer_action(rng));
        }
        match rng.below(if proposals == 0 { 26 } else { 60 }) {
            0..7 => wait(rng),
            7 => Action::Heartbeat,
            8..10 => Action::Pause {
                scope: rng.pick(&[0, 1, 1, 63, 64, SCOPE_DOMAIN]),
                mask: rng.pick(&[0, WITHDRAW, TRADE, u32::MAX]),
            },
            10..12 => Action::OpenIncident,
            12..15 => Action::Confirm,
            15 => Action::Lapse,
            16..19 => Action::Meter(breaker, rng.pick(&[0, 1, limit / 5, limit / 3, limit, 3 * limit])),
            19 => {
                let part = rng.pick(&[3, 5, 9, 10, 11]);
                Action::LowerLimit(breaker, limits(limit * part / 10))
            }
            20..22 => Action::Propagate(Which::Breaker(breaker)),
            22..26 => Action::Propose(self.decision(rng)),
            26..44 => Action::Approve(number),
            44..47 => Action::Withdraw(number),
            47 => Action::Veto(number),
            48..50 => Action::Edit(number, self.decision(rng)),
            _ => Action::Execute(number),
        }
    }

    fn decision(&self, rng: &mut Rng) -> Decision {
        let state = &self.state;
        let back = rng.below(8) / 7;
        let number = state.domain.incident_count.saturating_sub(1 + back);
        let incident = pda::incident(&self.protocol.domain, number);
        match rng.below(10) {
            0..4 if state.domain.open_incident != Pubkey::default() || rng.percent(20) => Decision::Resume { incident },
            0..4 => Decision::Reopen(Reopening {
                incident,
                ramp_bps: rng.pick(&[1, 2_500, 10_000, 10_001]),
                grace_seconds: rng.pick(&[0, HOUR, -1]),
            }),
            6 => Decision::OpenBreaker(1, Rc::new(self.second_breaker())),
            7 => Decision::RegisterPeer(0, Rc::new(heard::plan_of(said::terms(rng)))),
            4 => Decision::SetLimit(0, limits(1 + rng.below(200_000))),
            5 => {
                let member = state.council.members[rng.index(5)].key;
                Decision::Grant(member, if rng.percent(70) { 1 } else { rng.byte(4) })
            }
            _ => Decision::ChangeCouncil(Rc::new(self.plan(rng))),
        }
    }

    /// A breaker of another compartment, that a proposal opens.
    fn second_breaker(&self) -> BreakerPlan {
        let (domain, mint) = (self.protocol.domain, self.protocol.mint);
        let (_, bump) = pda::find(&[SEED_OUTFLOW, domain.as_ref(), &[2], mint.as_ref(), &[0]]);
        BreakerPlan {
            bump,
            compartment: 2,
            trip_scope: 2,
            latch_seconds: 2 * HOUR,
            with: NewBreaker {
                shard: 0,
                shards: 1,
                sub_windows: 6,
                window_seconds: HOUR,
                mint,
                authority: self.host.pubkey(),
                reference: Pubkey::default(),
                limits: limits(100_000),
                trip: TripLimits::default(),
            },
        }
    }

    /// Another council of the same people, or one of them replaced; now and then none that could act.
    fn plan(&self, rng: &mut Rng) -> Council {
        let config = council_config(&self.protocol.members);
        let mut plan = Council {
            member_count: 5,
            freeze_threshold: rng.pick(&[1, 2, 2, 3, 4]),
            pause_rights: rng.pick(&[2, 9, 200]),
            veto_rights: rng.pick(&[0, 1, 2, 200]),
            guardian_pause_seconds: rng.within(HOUR, 6 * HOUR),
            trip_seconds: rng.within(HOUR, 6 * HOUR),
            default_mask: rng.pick(&[DEFAULT_EMERGENCY, TRADE]),
            guardian_pauses_per_day: rng.pick(&[1, 3, 200]),
            guardian_pauses_in_a_row: rng.pick(&[1, 3, 200]),
            heartbeat_seconds: rng.pick(&[24, 48, 90 * 24]) * HOUR,
            fallback_seconds: 7 * 24 * HOUR,
            fallback: fallback().pubkey(),
            ..Council::zeroed()
        };
        for (member, new) in plan.members.iter_mut().zip(&config.members) {
            (member.key, member.roles) = (new.key, new.roles);
        }
        if rng.percent(30) {
            plan.members[2].key = keypair("alternate").pubkey();
        }
        for policy in &mut plan.policies {
            policy.threshold = 1 + rng.byte(3);
            policy.delay_seconds = rng.within(HOUR, 3 * HOUR);
            policy.expiry_seconds = policy.delay_seconds + rng.within(24, 200) * HOUR;
        }
        plan
    }
}

fn wait(rng: &mut Rng) -> Action {
    let seconds = match rng.below(20) {
        0..6 => 0,
        6..15 => rng.within(1, HOUR),
        15..19 => rng.within(HOUR, 12 * HOUR),
        _ => rng.within(1, 10) * 24 * HOUR,
    };
    Action::Wait {
        slots: 1 + u64::try_from(seconds).expect("a time") * 2,
        seconds,
    }
}

fn limits(limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit: limit * 6 / 10,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    }
}
