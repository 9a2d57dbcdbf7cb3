//! Random histories, compared with the reference to the unit after every step.

use super::{reference::Reference, *};
use InsuranceMove as M;

/// SplitMix64: the same histories everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).expect("small"))).expect("small")
    }

    /// Small, middling or large.
    fn amount(&mut self) -> u64 {
        let bound = [3, 1_000, 50_000, 400_000][self.index(4)];
        1 + self.below(bound)
    }

    fn action(&mut self, state: &Insurance) -> M {
        let (pool, owner) = (self.index(state.pools.len()), self.index(OWNERS));
        let incident = state.incidents.len().saturating_sub(1 + self.index(2));
        let held = state.pools[pool].stakes[owner].map_or(0, |stake| stake.shares);
        let cooling = state.pools[pool].stakes[owner].map_or(0, |stake| stake.cooling);
        if self.below(3) == 0 {
            return self.next_of_an_incident(state, pool, incident);
        }
        match self.below(27) {
            0..=2 => M::Wait([60, 3_600, DAY, 3 * DAY, 8 * DAY][self.index(5)]),
            3..=5 => M::Stake(pool, owner, self.amount()),
            6 | 7 => M::Cooldown(pool, owner, [held, held / 2, self.amount()][self.index(3)]),
            8..=10 => M::Unstake(pool, owner, [cooling, cooling / 3 + 1][self.index(2)]),
            11 => M::Premium(pool, self.amount()),
            12 => M::Donate(pool, self.amount()),
            13 => M::Open,
            14 => M::Close,
            15 => M::Restore(self.amount()),
            16 => M::Evacuate(self.amount().min(state.custody)),
            17 => M::Fund(self.amount()),
            18 => M::Draw,
            19 => M::Pay(self.amount()),
            20 => M::State(pool, incident),
            21 => M::Slash(pool, incident),
            22 => M::Return(pool, incident),
            23 => M::Queue(self.amount().min(state.custody)),
            24 => M::DrawQueue,
            _ => M::Note(pool, incident),
        }
    }
}

impl Random {
    /// What usually comes next in an incident: most random orders of these steps would be refused.
    fn next_of_an_incident(&mut self, state: &Insurance, pool: usize, incident: usize) -> M {
        let insured = &state.pools[pool];
        let restored = state.restorations.get(incident).copied().flatten();
        let is_open = state.domain.open_incident != Pubkey::default();
        let Some((restoration, balance)) = restored else {
            return match (is_open, insured.pool.incident == Pubkey::default()) {
                (false, _) => match self.index(3) {
                    0 => M::Open,
                    1 => M::Wait(COOLDOWN),
                    _ => {
                        let owner = self.index(OWNERS);
                        M::Cooldown(pool, owner, insured.stakes[owner].map_or(0, |stake| stake.shares))
                    }
                },
                (true, true) => M::Note(pool, incident),
                (true, false) => M::Restore(50_000 + self.amount()),
            };
        };
        let Some(cover) = insured.covers[incident] else {
            return [M::Note(pool, incident), M::State(pool, incident)][self.index(2)];
        };
        let owner = self.index(OWNERS);
        let cooling = insured.stakes[owner].map_or(0, |stake| stake.cooling);
        let lacks = restoration.total - restoration.paid - balance;
        if state.at.now < cover.due_ts {
            return match self.index(6) {
                0 => M::Wait(3_600),
                1 => M::Evacuate(self.amount().min(state.custody)),
                2 => M::Draw,
                _ => M::Unstake(pool, owner, cooling / 2 + 1),
            };
        }
        if cover.reserve > 0 {
            return M::Slash(pool, incident);
        }
        if cover.slashed > cover.returned {
            return [
                M::Fund(lacks),
                M::Return(pool, incident),
                M::Evacuate(state.custody.min(1_000)),
            ][self.index(3)];
        }
        [M::Pay(balance), M::Close, M::Note(pool, incident), M::Open][self.index(4)]
    }
}

/// Everything that the reference knows.
fn check(state: &Insurance, reference: &Reference) {
    for (insured, exact) in state.pools.iter().zip(&reference.pools) {
        let pool = &insured.pool;
        let wide = |amount: u64| u128::from(amount);
        assert_eq!(wide(pool.assets), exact.assets);
        assert_eq!(wide(pool.shares), exact.shares);
        assert_eq!(wide(pool.reserve), exact.reserve());
        assert_eq!(wide(pool.premium), exact.premium);
        assert_eq!(
            wide(insured.balance),
            exact.assets + exact.premium + exact.donated,
            "every token has one owner"
        );
        let mut sum = 0;
        for (stake, owned) in insured.stakes.iter().zip(&exact.owned) {
            let shares = stake.map_or(0, |stake| stake.shares);
            assert_eq!(wide(shares), *owned);
            let worth = bulkhead_core::insurance::shares::worth(pool, shares).expect("it fits");
            assert_eq!(wide(worth), exact.worth(*owned));
            sum += wide(worth);
        }
        assert!(sum <= exact.free(), "what all are owed is there");
        for (cover, exact) in insured.covers.iter().zip(&exact.covers) {
            let (Some(cover), Some(exact)) = (cover, exact) else {
                assert_eq!(cover.is_some(), exact.is_some());
                continue;
            };
            let found = [cover.limit, cover.reserve, cover.slashed, cover.returned].map(wide);
            assert_eq!(found, [exact.limit, exact.reserve, exact.slashed, exact.returned]);
            assert!(cover.slashed <= cover.limit && cover.returned <= cover.slashed);
        }
    }
    let purses: Vec<_> = state.purses.iter().map(|purse| u128::from(*purse)).collect();
    assert_eq!(purses, reference.purses);
}

/// What of the recovery account's tokens the queue of the vault is still paid with.
fn waiting(state: &Insurance) -> u64 {
    let evacuation = &state.vault.evacuation;
    let there = (evacuation.moved - evacuation.drawn).min(state.recovered);
    state.queue.map_or(0, |queue| queue.queue_reserve.min(there))
}

/// No claim is overpaid and nobody's share is taken alone: a slash lowers what everyone's shares are worth alike.
fn check_step(before: &Insurance, after: &Insurance, action: M) {
    assert_eq!(tokens(before), tokens(after), "{action:?}");
    if !matches!(action, M::Evacuate(_) | M::DrawQueue) {
        assert_eq!(waiting(before), waiting(after), "{action:?} takes from the queue");
    }
    let M::Slash(number, incident) = action else { return };
    let (restoration, balance) = after.restorations[incident].expect("restored");
    assert!(
        balance <= restoration.total - restoration.paid,
        "no more than was lacking"
    );
    let (old, new) = (&before.pools[number], &after.pools[number]);
    for (was, is) in old.stakes.iter().zip(&new.stakes) {
        assert_eq!(
            was.map(|stake| stake.shares),
            is.map(|stake| stake.shares),
            "a slash burns no shares"
        );
    }
}

/// From anywhere, everyone can leave: the end is not somebody's choice.
fn leave_all(mut state: Insurance) {
    if state.domain.open_incident != Pubkey::default() {
        state = run(&state, &[M::Wait(FREEZE)]);
    }
    for pool in 0..state.pools.len() {
        // What anyone may crank.
        for incident in 0..state.incidents.len() {
            for action in [
                M::Note(pool, incident),
                M::State(pool, incident),
                M::Note(pool, incident),
            ] {
                state = state.step(action).unwrap_or(state);
            }
        }
    }
    for pool in 0..state.pools.len() {
        for owner in 0..OWNERS {
            let Some(stake) = state.pools[pool].stakes[owner] else {
                continue;
            };
            let worth =
                |state: &Insurance| bulkhead_core::insurance::shares::worth(&state.pools[pool].pool, stake.shares);
            state = run(&state, &[M::Cooldown(pool, owner, stake.shares), M::Wait(COOLDOWN)]);
            match state.step(M::Unstake(pool, owner, stake.shares)) {
                Ok(left) => state = left,
                Err(error) => assert_eq!((error, worth(&state)), (CoreError::WorthNothing, Some(0))),
            }
        }
    }
}

#[test]
fn every_amount_is_exact_before_during_and_after_slashes() {
    let (mut slashes, mut leavers, mut returns, mut queues) = (0, 0, 0, 0);
    for seed in 0..4_000 {
        let mut random = Random(seed);
        let caps: &[u16] = [&[5_000][..], &[10_000, 2_500], &[1_000, 10_000, 7_777]][random.index(3)];
        let mut state = insurance(caps);
        (state.custody, state.treasury) = (random.amount(), 10_000_000);
        if seed % 2 == 1 {
            join_queue(&mut state);
        }
        let mut reference = Reference::new(&state);
        for _ in 0..250 {
            let action = random.action(&state);
            let Ok(next) = state.step(action) else { continue };
            reference.follow(&state, action);
            check_step(&state, &next, action);
            check(&next, &reference);
            match action {
                M::Slash(..) => {
                    slashes += usize::from(
                        next.pools
                            .iter()
                            .zip(&state.pools)
                            .any(|(is, was)| is.pool.slashed > was.pool.slashed),
                    )
                }
                M::Unstake(..) if next.pools.iter().any(|pool| pool.pool.reserve > 0) => leavers += 1,
                M::Return(..) => returns += 1,
                M::DrawQueue => queues += 1,
                _ => {}
            }
            state = next;
        }
        leave_all(state);
    }
    assert!(
        slashes > 200 && leavers > 20 && returns > 20 && queues > 20,
        "{slashes} {leavers} {returns} {queues}"
    );
}
