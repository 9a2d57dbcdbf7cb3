//! The insurance pools of one ledger as one value, and a step made of nothing but [`crate::acts`]. What other machines
//! prove is given here: when incidents begin and end, what is restored, what was evacuated and what claims were paid.
//!
//! Tokens are numbers: who has how many is kept beside the accounts, so that a check can add all of them up.

use alloc::{vec, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, VERSION, incident_state, step},
    layout::{Domain, Incident, InsuranceCover, InsurancePool, InsuranceStake, InsuranceTerms, Restoration, Vault},
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    acts::{self, At, NewCover, RecoveryAccount, Shortfall, VaultFunds},
    pause::incident::mark_again,
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
        let backing = [VaultFunds {
            vault: &vault,
            custody,
            recovered,
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
        let backing = VaultFunds {
            vault: &vault,
            custody: 0,
            recovered,
        };
        let insured = self.pool(number)?;
        let cover = insured.covers.get_mut(incident).and_then(Option::as_mut);
        let cover = cover.ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::to_return(cover, &restoration, balance, &backing, next.as_ref(), now)?;
        acts::return_recovered(&mut insured.pool, cover, (amount, amount), now)?;
        insured.balance = insured.balance.checked_add(amount).ok_or(CoreError::Overflow)?;
        self.recovered = self.recovered.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        acts::book_drawn(&mut self.vault, amount)
    }

    fn receive(&mut self, incident: usize, amount: u64) -> Result<(), CoreError> {
        let restored = self.restorations.get_mut(incident).and_then(Option::as_mut);
        let (_, balance) = restored.ok_or(CoreError::ArgumentOutOfRange)?;
        *balance = balance.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// Number of the incident that is open.
    fn now_open(&self) -> Result<usize, CoreError> {
        let is_open = self.domain.open_incident != Pubkey::default();
        let latest = self.incidents.len().checked_sub(1).filter(|_| is_open);
        latest.ok_or(CoreError::IncidentNotOpen)
    }

    fn open(&mut self) -> Result<(), CoreError> {
        let number = self.incidents.len();
        let key = *self.keys.incidents.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        if self.domain.open_incident != Pubkey::default() {
            return Err(CoreError::WrongPhase);
        }
        let mut incident = Incident::zeroed();
        (incident.version, incident.domain) = (VERSION, self.keys.domain);
        incident.index = self.domain.incident_count;
        incident.state = incident_state::OPEN;
        mark_again(&mut incident, step::PAUSE, self.at.slot, self.at.now);
        self.domain.open_incident = key;
        self.domain.incident_count = self.domain.incident_count.checked_add(1).ok_or(CoreError::Overflow)?;
        self.incidents.push(incident);
        Ok(())
    }

    fn close(&mut self) -> Result<(), CoreError> {
        let number = self.now_open()?;
        let incident = self.incidents.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        incident.state = incident_state::CLOSED;
        mark_again(incident, step::REOPEN, self.at.slot, self.at.now);
        self.domain.open_incident = Pubkey::default();
        Ok(())
    }

    fn restore(&mut self, total: u64) -> Result<(), CoreError> {
        let number = self.now_open()?;
        let mut restoration = Restoration::zeroed();
        restoration.version = VERSION;
        (restoration.ledger_index, restoration.mint) = (self.keys.ledger_index, self.keys.mint);
        (restoration.domain, restoration.incident) = (self.keys.domain, self.domain.open_incident);
        restoration.total = total;
        match self.restorations.get_mut(number) {
            Some(slot @ None) => *slot = Some((restoration, 0)),
            _ => return Err(CoreError::ArgumentOutOfRange),
        }
        Ok(())
    }

    fn evacuate(&mut self, amount: u64) -> Result<(), CoreError> {
        self.now_open()?;
        if self.keys.ledger_index == NO_LEDGER || amount > self.custody {
            return Err(CoreError::BalanceTooSmall);
        }
        let evacuation = &mut self.vault.evacuation;
        if evacuation.incident != self.domain.open_incident {
            *evacuation = Zeroable::zeroed();
            evacuation.incident = self.domain.open_incident;
            evacuation.destination = self.keys.recovery_account;
        }
        self.custody = self.custody.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.recovered = self.recovered.checked_add(amount).ok_or(CoreError::Overflow)?;
        evacuation.moved = evacuation.moved.checked_add(amount).ok_or(CoreError::Overflow)?;
        evacuation.after = self.custody;
        Ok(())
    }

    fn fund(&mut self, amount: u64) -> Result<(), CoreError> {
        let number = self.incidents.len().checked_sub(1).ok_or(CoreError::IncidentNotOpen)?;
        let (restoration, balance) = self.restored(number)?;
        let amount = acts::fund(&restoration, balance, amount)?;
        self.treasury = self.treasury.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        self.receive(number, amount)
    }

    fn pay_claims(&mut self, amount: u64) -> Result<(), CoreError> {
        let number = self.incidents.len().checked_sub(1).ok_or(CoreError::IncidentNotOpen)?;
        let restored = self.restorations.get_mut(number).and_then(Option::as_mut);
        let (restoration, balance) = restored.ok_or(CoreError::ArgumentOutOfRange)?;
        let paid = restoration.paid.checked_add(amount).ok_or(CoreError::Overflow)?;
        if paid > restoration.total {
            return Err(CoreError::Overflow);
        }
        *balance = balance.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        (restoration.paid, restoration.shared) = (paid, restoration.shared.max(paid));
        self.treasury = self.treasury.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    fn draw(&mut self) -> Result<(), CoreError> {
        let number = self.incidents.len().checked_sub(1).ok_or(CoreError::IncidentNotOpen)?;
        let (restoration, balance) = self.restored(number)?;
        let recovery_account = RecoveryAccount {
            vault: &self.vault,
            source: &self.keys.recovery_account,
            held: self.recovered,
        };
        let amount = acts::recovery_account_due(&restoration, recovery_account, balance)?;
        acts::book_drawn(&mut self.vault, amount)?;
        self.recovered = self.recovered.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.receive(number, amount)
    }
}
