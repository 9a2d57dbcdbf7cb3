//! What pools hold and owe, said a second time: by the formulas of `docs/insurance.md`, in integers that do not overflow,
//! from what happened and from nothing that the pools store.

use bulkhead_core::machine::insurance::{Insurance, InsuranceMove as M};

use super::{DAY, NOW};

/// A restoration, as a pool covers it.
#[derive(Clone, Copy)]
pub struct Cover {
    pub shortfall: u128,
    pub limit: u128,
    pub reserve: u128,
    pub slashed: u128,
    pub returned: u128,
    pub custody: u128,
    pub end: i64,
}

/// A pool.
#[derive(Clone, Default)]
pub struct Pool {
    pub assets: u128,
    pub shares: u128,
    pub premium: u128,
    pub donated: u128,
    pub covers: Vec<Option<Cover>>,
    pub owned: Vec<u128>,
    cap: u128,
    from: i64,
    until: i64,
}

/// All pools of the ledger.
#[derive(Clone)]
pub struct Reference {
    pub pools: Vec<Pool>,
    pub purses: Vec<u128>,
}

impl Pool {
    pub fn reserve(&self) -> u128 {
        self.covers.iter().flatten().map(|cover| cover.reserve).sum()
    }

    pub fn free(&self) -> u128 {
        self.assets - self.reserve()
    }

    /// What shares are worth to whoever leaves.
    pub fn worth(&self, shares: u128) -> u128 {
        shares * (self.free() + 1) / (self.shares + 1_000)
    }

    fn earn(&mut self, now: i64) {
        let passed = now - self.from;
        if self.shares == 0 {
            self.until += passed;
        } else {
            let left = self.until - self.from;
            let earned = match passed < left {
                true => self.premium * u128::try_from(passed).expect("forwards") / u128::try_from(left).expect("ahead"),
                false => self.premium,
            };
            self.premium -= earned;
            self.assets += earned;
        }
        self.from = now;
    }

    fn pay(&mut self, amount: u128, now: i64) {
        self.earn(now);
        let left = u128::try_from((self.until - now).max(0)).expect("not negative");
        let week = u128::try_from(7 * DAY).expect("positive");
        let seconds = (self.premium * left + amount * week).div_ceil(self.premium + amount);
        self.premium += amount;
        self.until = now + i64::try_from(seconds).expect("a week at most");
    }
}

/// What claims lack.
fn lacking(state: &Insurance, incident: usize) -> u128 {
    let (restoration, balance) = state.restorations[incident].expect("restored");
    u128::from(restoration.total)
        .saturating_sub(u128::from(restoration.paid))
        .saturating_sub(u128::from(balance))
}

/// What custody and the recovery account hold for a restoration, beyond what the vault's queue comes first with. What an
/// evacuation kept for it lies in the recovery account as far as that reaches.
fn held(state: &Insurance, incident: usize) -> (u128, u128) {
    let evacuation = state.vault.evacuation;
    let (custody, queued) = (u128::from(state.custody), u128::from(state.vault.queued));
    if evacuation.incident != state.keys.incidents[incident] {
        return (custody.saturating_sub(queued), 0);
    }
    let there = u128::from((evacuation.moved - evacuation.drawn).min(state.recovered));
    let left_behind = custody.min(u128::from(evacuation.after));
    let kept = state.queue.map_or(0, |queue| u128::from(queue.queue_reserve));
    let together = (left_behind + there).saturating_sub(kept);
    let recovery = there.saturating_sub(kept);
    (together - recovery, recovery)
}

impl Reference {
    pub fn new(state: &Insurance) -> Self {
        let pool = |pool: &bulkhead_core::machine::insurance::Insured| Pool {
            covers: vec![None; state.keys.incidents.len()],
            owned: vec![0; state.purses.len()],
            cap: u128::from(pool.pool.terms.cap_bps),
            from: NOW,
            until: NOW,
            ..Pool::default()
        };
        Self {
            pools: state.pools.iter().map(pool).collect(),
            purses: state.purses.iter().map(|purse| u128::from(*purse)).collect(),
        }
    }

    /// Follows a move that was accepted in `before`.
    pub fn follow(&mut self, before: &Insurance, action: M) {
        let now = before.at.now;
        match action {
            M::Stake(pool, owner, amount) => {
                let amount = u128::from(amount);
                let pool = &mut self.pools[pool];
                pool.earn(now);
                let made = amount * (pool.shares + 1_000) / (pool.assets + 1);
                pool.assets += amount;
                pool.shares += made;
                pool.owned[owner] += made;
                self.purses[owner] -= amount;
            }
            M::Unstake(pool, owner, shares) => {
                let pool = &mut self.pools[pool];
                pool.earn(now);
                let paid = pool.worth(u128::from(shares));
                pool.assets -= paid;
                pool.shares -= u128::from(shares);
                pool.owned[owner] -= u128::from(shares);
                self.purses[owner] += paid;
            }
            M::Premium(pool, amount) => self.pools[pool].pay(u128::from(amount), now),
            M::Donate(pool, amount) => self.pools[pool].donated += u128::from(amount),
            M::State(number, incident) => self.state(before, number, incident),
            M::Slash(number, incident) => self.slash(before, number, incident),
            M::Return(number, incident) => {
                let pool = &mut self.pools[number];
                let cover = pool.covers[incident].as_mut().expect("stated");
                let amount = (cover.slashed - cover.returned).min(held(before, incident).1);
                cover.returned += amount;
                pool.pay(amount, now);
            }
            _ => {}
        }
    }

    fn state(&mut self, before: &Insurance, number: usize, incident: usize) {
        let custody = held(before, incident).0;
        if let Some(cover) = &mut self.pools[number].covers[incident] {
            cover.custody = custody;
            return;
        }
        let earlier: Vec<_> = self.pools[..number]
            .iter()
            .filter_map(|pool| pool.covers[incident])
            .collect();
        let shortfall = earlier
            .first()
            .map_or_else(|| lacking(before, incident), |first| first.shortfall);
        let taken: u128 = earlier.iter().map(|cover| cover.limit).sum();
        let end = earlier
            .first()
            .map_or(before.at.now + 3_600 + 7 * DAY, |first| first.end);
        let pool = &mut self.pools[number];
        pool.earn(before.at.now);
        let limit = (pool.free() * pool.cap / 10_000).min(pool.free().saturating_sub(100));
        pool.covers[incident] = Some(Cover {
            shortfall,
            limit,
            reserve: limit.min(shortfall.saturating_sub(taken)),
            slashed: 0,
            returned: 0,
            custody,
            end,
        });
    }

    fn slash(&mut self, before: &Insurance, number: usize, incident: usize) {
        let (lacking, (custody, recovery)) = (lacking(before, incident), held(before, incident));
        let pool = &mut self.pools[number];
        pool.earn(before.at.now);
        let cover = pool.covers[incident].as_mut().expect("stated");
        if lacking == 0 || before.at.now >= cover.end {
            cover.reserve = 0;
            return;
        }
        let taken = cover
            .reserve
            .min(lacking.saturating_sub(custody.min(cover.custody) + recovery));
        cover.reserve -= taken;
        cover.slashed += taken;
        pool.assets -= taken;
    }
}
