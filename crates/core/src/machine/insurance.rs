//! The insurance pools of one ledger as one value, and a step made of nothing but [`crate::acts`]. What other machines
//! prove is given here: when incidents begin and end, what is restored, what was evacuated and what claims were paid.
//!
//! Tokens are numbers: who has how many is kept beside the accounts, so that a check can add all of them up.

mod given;

use alloc::{vec, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::VERSION,
    layout::{
        Domain, Incident, InsuranceCover, InsurancePool, InsuranceStake, InsuranceTerms, Ledger, Restoration, Vault,
    },
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    acts::{self, At, NewCover, Shortfall, VaultFunds},
    custody::queue_ledger,
};

/// Where accounts are, and their bumps.
#[derive(Clone, Debug, Default)]
pub struct InsuranceKeys {
    /// The domain.
    pub domain: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Its token.
    pub mint: Pubkey,
    /// The incidents, as many as can be.
    pub incidents: Vec<Pubkey>,
    /// Their restorations.
    pub restorations: Vec<Pubkey>,
    /// The pools, in order.
    pub pools: Vec<Pubkey>,
    /// Bumps of the stakes, by pool and owner.
    pub stakes: Vec<Vec<u8>>,
    /// Bumps of the covers, by pool and incident.
    pub covers: Vec<Vec<u8>>,
    /// The owners.
    pub owners: Vec<Pubkey>,
    /// The vault that backs the ledger.
    pub vault: Pubkey,
    /// The recovery account.
    pub recovery_account: Pubkey,
}

/// A pool, and what belongs to it.
#[derive(Clone)]
pub struct Insured {
    /// The pool.
    pub pool: InsurancePool,
    /// Balance of its token account.
    pub balance: u64,
    /// The stakes, by owner.
    pub stakes: Vec<Option<InsuranceStake>>,
    /// The covers, by incident.
    pub covers: Vec<Option<InsuranceCover>>,
}

/// Everything that the pools are about.
#[derive(Clone)]
pub struct Insurance {
    /// Where everything is.
    pub keys: InsuranceKeys,
    /// The clock.
    pub at: At,
    /// The domain.
    pub domain: Domain,
    /// Its incidents, in order.
    pub incidents: Vec<Incident>,
    /// What was restored in each, and what the account holds that claims are paid from.
    pub restorations: Vec<Option<(Restoration, u64)>>,
    /// The pools, in order.
    pub pools: Vec<Insured>,
    /// Tokens of the owners.
    pub purses: Vec<u64>,
    /// Tokens of everyone else.
    pub treasury: u64,
    /// The vault that backs the ledger.
    pub vault: Vault,
    /// The ledger of the vault's queue, if it has one.
    pub queue: Option<Ledger>,
    /// What its custody holds.
    pub custody: u64,
    /// What its recovery account holds.
    pub recovered: u64,
    /// Whether a detector of the pools has latched.
    pub is_latched: bool,
}

/// What somebody does. Pools, owners and incidents are named by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsuranceMove {
    /// Time passes.
    Wait(i64),
    /// `open_insurance` of a pool that exists, with another cap.
    Announce(usize, u16),
    /// `stake`.
    Stake(usize, usize, u64),
    /// `start_cooldown`.
    Cooldown(usize, usize, u64),
    /// `unstake`.
    Unstake(usize, usize, u64),
    /// `pay_premium`.
    Premium(usize, u64),
    /// Tokens that are sent to a pool without being asked.
    Donate(usize, u64),
    /// `note_incident`.
    Note(usize, usize),
    /// `state_shortfall`.
    State(usize, usize),
    /// `slash`.
    Slash(usize, usize),
    /// `return_recovered`.
    Return(usize, usize),
    /// Given: a detector latches, or its latch runs out.
    Latch(bool),
    /// Given: an incident begins.
    Open,
    /// Given: it is over.
    Close,
    /// Given: the ledger is restored, with so many claims.
    Restore(u64),
    /// Given: the vault is evacuated of so much.
    Evacuate(u64),
    /// Given: so much more of the vault's tokens waits in its queue.
    Queue(u64),
    /// Given: the restoration of the queue draws what is kept for it.
    DrawQueue,
    /// Given: others pay into the restoration's pool.
    Fund(u64),
    /// Given: claims are paid.
    Pay(u64),
    /// `fund_from_recovery_account`.
    Draw,
}

impl Insurance {
    /// A domain in peace, with a pool for each of `terms`, in order.
    ///
    /// # Errors
    /// A named [`CoreError`].
    pub fn new(keys: InsuranceKeys, terms: &[InsuranceTerms], purses: Vec<u64>, at: At) -> Result<Self, CoreError> {
        let domain = Domain {
            version: VERSION,
            ..Domain::zeroed()
        };
        let mut pools = vec![];
        for (order, terms) in (0_u8..).zip(terms) {
            let mut pool = InsurancePool::zeroed();
            (pool.version, pool.ledger_index, pool.order) = (VERSION, keys.ledger_index, order);
            (pool.domain, pool.mint) = (keys.domain, keys.mint);
            acts::open_insurance(&mut pool, &domain, terms, true, None, at.now)?;
            pools.push(Insured {
                pool,
                balance: 0,
                stakes: vec![None; keys.owners.len()],
                covers: vec![None; keys.incidents.len()],
            });
        }
        let mut vault = Vault::zeroed();
        (vault.version, vault.ledger) = (VERSION, keys.ledger_index);
        (vault.domain, vault.mint) = (keys.domain, keys.mint);
        Ok(Self {
            restorations: vec![None; keys.incidents.len()],
            keys,
            at,
            domain,
            incidents: vec![],
            pools,
            purses,
            treasury: 0,
            vault,
            queue: None,
            custody: 0,
            recovered: 0,
            is_latched: false,
        })
    }

    /// The state after somebody does something.
    ///
    /// # Errors
    /// What the act says; what is not there is [`CoreError::ArgumentOutOfRange`].
    pub fn step(&self, action: InsuranceMove) -> Result<Self, CoreError> {
        let mut next = self.clone();
        next.act(action)?;
        Ok(next)
    }

    fn act(&mut self, action: InsuranceMove) -> Result<(), CoreError> {
        match action {
            InsuranceMove::Wait(seconds) => {
                self.at.now = self.at.now.checked_add(seconds).ok_or(CoreError::Overflow)?;
                self.at.slot = self.at.slot.checked_add(1).ok_or(CoreError::Overflow)?;
                Ok(())
            }
            InsuranceMove::Announce(number, cap_bps) => self.announce(number, cap_bps),
            InsuranceMove::Stake(number, owner, amount) => self.stake(number, owner, amount),
            InsuranceMove::Cooldown(number, owner, shares) => self.cooldown(number, owner, shares),
            InsuranceMove::Unstake(number, owner, shares) => self.unstake(number, owner, shares),
            InsuranceMove::Premium(number, amount) => self.premium(number, amount),
            InsuranceMove::Donate(number, amount) => self.pay_to_pool(number, amount),
            InsuranceMove::Note(number, incident) => self.note(number, incident),
            InsuranceMove::State(number, incident) => self.state(number, incident),
            InsuranceMove::Slash(number, incident) => self.slash(number, incident),
            InsuranceMove::Return(number, incident) => self.give_back(number, incident),
            InsuranceMove::Latch(is_latched) => {
                self.is_latched = is_latched;
                Ok(())
            }
            InsuranceMove::Open => self.open(),
            InsuranceMove::Close => self.close(),
            InsuranceMove::Restore(total) => self.restore(total),
            InsuranceMove::Evacuate(amount) => self.evacuate(amount),
            InsuranceMove::Queue(amount) => self.wait_in_queue(amount),
            InsuranceMove::DrawQueue => self.draw_queue(),
            InsuranceMove::Fund(amount) => self.fund(amount),
            InsuranceMove::Pay(amount) => self.pay_claims(amount),
            InsuranceMove::Draw => self.draw(),
        }
    }

    fn pool(&mut self, number: usize) -> Result<&mut Insured, CoreError> {
        self.pools.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)
    }

    fn announce(&mut self, number: usize, cap_bps: u16) -> Result<(), CoreError> {
        let (domain, at) = (self.domain, self.at);
        let pool = &mut self.pool(number)?.pool;
        let terms = InsuranceTerms { cap_bps, ..pool.terms };
        acts::open_insurance(pool, &domain, &terms, false, Some(at.slot), at.now)
    }

    fn stake(&mut self, number: usize, owner: usize, amount: u64) -> Result<(), CoreError> {
        let (domain, is_latched, now) = (self.domain, self.is_latched, self.at.now);
        let new = self.new_stake(number, owner)?;
        let purse = self.purses.get_mut(owner).ok_or(CoreError::ArgumentOutOfRange)?;
        *purse = purse.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        let insured = self.pool(number)?;
        insured.balance = insured.balance.checked_add(amount).ok_or(CoreError::Overflow)?;
        let slot = insured.stakes.get_mut(owner).ok_or(CoreError::ArgumentOutOfRange)?;
        let stake = slot.get_or_insert(new);
        acts::stake(&mut insured.pool, stake, &domain, is_latched, amount, now).map(|_| ())
    }

    fn new_stake(&self, number: usize, owner: usize) -> Result<InsuranceStake, CoreError> {
        let mut stake = InsuranceStake::zeroed();
        let bumps = self.keys.stakes.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        stake.version = VERSION;
        stake.bump = *bumps.get(owner).ok_or(CoreError::ArgumentOutOfRange)?;
        stake.pool = *self.keys.pools.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        stake.owner = *self.keys.owners.get(owner).ok_or(CoreError::ArgumentOutOfRange)?;
        Ok(stake)
    }

    fn cooldown(&mut self, number: usize, owner: usize, shares: u64) -> Result<(), CoreError> {
        let now = self.at.now;
        let insured = self.pool(number)?;
        let stake = insured.stakes.get_mut(owner).and_then(Option::as_mut);
        acts::start_cooldown(&insured.pool, stake.ok_or(CoreError::ArgumentOutOfRange)?, shares, now)
    }

    fn unstake(&mut self, number: usize, owner: usize, shares: u64) -> Result<(), CoreError> {
        let (domain, is_latched, now) = (self.domain, self.is_latched, self.at.now);
        let insured = self.pool(number)?;
        let slot = insured.stakes.get_mut(owner).ok_or(CoreError::ArgumentOutOfRange)?;
        let stake = slot.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::unstake(&mut insured.pool, stake, &domain, is_latched, shares, now)?;
        if stake.shares == 0 {
            *slot = None;
        }
        insured.balance = insured.balance.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        let purse = self.purses.get_mut(owner).ok_or(CoreError::ArgumentOutOfRange)?;
        *purse = purse.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    fn pay_to_pool(&mut self, number: usize, amount: u64) -> Result<(), CoreError> {
        self.treasury = self.treasury.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        let insured = self.pool(number)?;
        insured.balance = insured.balance.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    fn premium(&mut self, number: usize, amount: u64) -> Result<(), CoreError> {
        let now = self.at.now;
        self.pay_to_pool(number, amount)?;
        acts::pay_premium(&mut self.pool(number)?.pool, amount, now)
    }

    fn note(&mut self, number: usize, incident: usize) -> Result<(), CoreError> {
        let key = *self.keys.incidents.get(incident).ok_or(CoreError::ArgumentOutOfRange)?;
        let state = *self.incidents.get(incident).ok_or(CoreError::ArgumentOutOfRange)?;
        let restoration = self.restorations.get(incident).copied().flatten();
        let restoration = restoration.as_ref().map(|(restoration, _)| restoration);
        acts::note_incident(&mut self.pool(number)?.pool, (&key, &state), restoration).map(|_| ())
    }

    fn restored(&self, incident: usize) -> Result<(Restoration, u64), CoreError> {
        let restored = self.restorations.get(incident).copied().flatten();
        restored.ok_or(CoreError::ArgumentOutOfRange)
    }

    /// The cover of the pool of the order before.
    fn previous(&self, number: usize, incident: usize) -> Option<InsuranceCover> {
        let pool = self.pools.get(number.checked_sub(1)?)?;
        pool.covers.get(incident).copied().flatten()
    }

    fn state(&mut self, number: usize, incident: usize) -> Result<(), CoreError> {
        let (restoration, balance) = self.restored(incident)?;
        let previous = self.previous(number, incident);
        let (vault, custody, recovered, now) = (self.vault, self.custody, self.recovered, self.at.now);
        let kept = self.kept(&restoration)?;
        let bumps = self.keys.covers.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let new = NewCover {
            bump: *bumps.get(incident).ok_or(CoreError::ArgumentOutOfRange)?,
            pool: *self.keys.pools.get(number).ok_or(CoreError::ArgumentOutOfRange)?,
            restoration: *self
                .keys
                .restorations
                .get(incident)
                .ok_or(CoreError::ArgumentOutOfRange)?,
        };
        let backing = [VaultFunds {
            vault: &vault,
            custody,
            recovered,
            kept,
        }];
        let shortfall = Shortfall {
            restoration: &restoration,
            balance,
            backings: &backing,
            previous: previous.as_ref(),
        };
        let insured = self.pool(number)?;
        let slot = insured.covers.get_mut(incident).ok_or(CoreError::ArgumentOutOfRange)?;
        let new = slot.is_none().then_some(&new);
        let cover = slot.get_or_insert(InsuranceCover::zeroed());
        acts::state_shortfall(&mut insured.pool, cover, &shortfall, new, now)
    }

    fn slash(&mut self, number: usize, incident: usize) -> Result<(), CoreError> {
        let (restoration, balance) = self.restored(incident)?;
        let previous = self.previous(number, incident);
        let (vault, custody, recovered, now) = (self.vault, self.custody, self.recovered, self.at.now);
        let kept = self.kept(&restoration)?;
        let backing = [VaultFunds {
            vault: &vault,
            custody,
            recovered,
            kept,
        }];
        let shortfall = Shortfall {
            restoration: &restoration,
            balance,
            backings: &backing,
            previous: previous.as_ref(),
        };
        let insured = self.pool(number)?;
        let cover = insured.covers.get_mut(incident).and_then(Option::as_mut);
        let cover = cover.ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::to_slash(&insured.pool, cover, &shortfall, now)?;
        acts::slash(&mut insured.pool, cover, amount, now)?;
        insured.balance = insured.balance.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        self.receive(incident, amount)
    }

    fn give_back(&mut self, number: usize, incident: usize) -> Result<(), CoreError> {
        let (restoration, balance) = self.restored(incident)?;
        let next = self.pools.get(number.saturating_add(1));
        let next = next.and_then(|pool| pool.covers.get(incident).copied().flatten());
        let (vault, recovered, now) = (self.vault, self.recovered, self.at.now);
        let kept = self.kept(&restoration)?;
        let backing = VaultFunds {
            vault: &vault,
            custody: 0,
            recovered,
            kept,
        };
        let insured = self.pool(number)?;
        let cover = insured.covers.get_mut(incident).and_then(Option::as_mut);
        let cover = cover.ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::to_return(cover, &restoration, balance, &backing, next.as_ref(), now)?;
        acts::return_recovered(&mut insured.pool, cover, (amount, amount), now)?;
        insured.balance = insured.balance.checked_add(amount).ok_or(CoreError::Overflow)?;
        self.recovered = self.recovered.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        acts::book_drawn(&restoration, &mut self.vault, self.queue.as_mut(), amount)
    }

    /// What of the vault's tokens is kept for its queue.
    fn kept(&self, restoration: &Restoration) -> Result<u64, CoreError> {
        let vault = (&self.keys.vault, &self.vault);
        queue_ledger::kept(vault, self.queue.as_ref(), &restoration.incident)
    }

    fn receive(&mut self, incident: usize, amount: u64) -> Result<(), CoreError> {
        let restored = self.restorations.get_mut(incident).and_then(Option::as_mut);
        let (_, balance) = restored.ok_or(CoreError::ArgumentOutOfRange)?;
        *balance = balance.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }
}
