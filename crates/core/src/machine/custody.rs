//! Vaults, their queue and their routes, and the token accounts that they pay.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_guard::{action::WITHDRAW, effective_mask, ramp_bps};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, cause, migration_state},
    layout::{CancelList, DepositNote, Ledger, Migration, Release, Vault},
};

use super::{Keys, State, breakers::breaker, incident::incident_at, queue};
use crate::{
    CoreError,
    acts::{self, NewRelease, Queue, Route},
    breakers::{
        verdict::Verdict,
        window::{Asker, Moment},
    },
    custody::{
        Receiver,
        migration::{self, Balances, Moved, conserve},
        route_fault,
    },
    token::BASE_LEN,
};

/// What a domain holds for others, and where it can go.
#[derive(Clone, Default)]
pub struct Custody {
    /// The vaults.
    pub vaults: Vec<(Pubkey, Vault)>,
    /// Ledgers of the vaults' queues, by the vault that is the total's account.
    pub queue_ledgers: Vec<(Pubkey, Ledger)>,
    /// Guardians' lists of releases to cancel, by incident and guardian.
    pub lists: Vec<((Pubkey, Pubkey), CancelList)>,
    /// Releases that had to wait, in order. One of version 0 was closed.
    pub releases: Vec<(Pubkey, Release)>,
    /// Migrations, in the order of their incidents; a zeroed one is none.
    pub migrations: Vec<Migration>,
    /// What owners have brought in, by owner. There is one vault then.
    pub notes: Vec<(Pubkey, DepositNote)>,
    /// Every token account there is, custody among them.
    pub tokens: Vec<Token>,
}

impl Custody {
    /// All tokens together: no act changes that.
    #[must_use]
    pub fn supply(&self) -> u64 {
        self.tokens.iter().map(|token| token.amount).sum()
    }
}

/// A token account of SPL Token, all of one mint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its address.
    pub key: Pubkey,
    /// Who holds it.
    pub holder: Pubkey,
    /// What it holds.
    pub amount: u64,
    /// Nothing goes in or out.
    pub is_frozen: bool,
}

impl Token {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self, mint: &Pubkey) -> Vec<u8> {
        let mut data = [mint.as_ref(), self.holder.as_ref(), &self.amount.to_le_bytes()].concat();
        data.resize(BASE_LEN as usize, 0);
        if let Some(state) = data.get_mut(108) {
            *state = if self.is_frozen { 2 } else { 1 };
        }
        data
    }

    const fn receiver(&self) -> Receiver {
        Receiver {
            key: self.key,
            holder: self.holder,
            takes: !self.is_frozen,
        }
    }
}

/// What somebody does to custody. Vaults, releases and token accounts are named by their numbers.
#[derive(Clone, Copy, Debug)]
pub enum CustodyAction {
    /// `release` out of a vault to a token account.
    Release(usize, usize, u64),
    /// The same in the name of an owner, whose note the host gives, if there is one.
    ReleaseOf(usize, usize, u64, Pubkey),
    /// The same under the number of the first release, which is taken.
    ReleaseAgain(usize, usize, u64),
    /// `settle_release` to a token account.
    Settle(usize, usize),
    /// `redirect_release` to a token account.
    Redirect(usize, usize),
    /// `cancel_release`.
    Cancel(usize),
    /// `cancel_listed_release`, of a list of one.
    CancelListed(usize),
    /// `set_cancel_list` of a list of one.
    SetCancelList(usize),
    /// `cancel_listed_release` of a list of one, a guardian's.
    CancelListedBy(usize, Pubkey),
    /// `take_back_release`.
    TakeBack(usize),
    /// `requeue_release`.
    Requeue(usize),
    /// `close_release`.
    Close(usize),
    /// What `choose_restoration` does to the queue of a vault, by a snapshot that adds up to this.
    RestoreQueue(usize, u64),
    /// `confirm_evacuation`.
    ConfirmEvacuation,
    /// `evacuate` a vault to a token account.
    Evacuate(usize, usize),
    /// `observe_evacuation_route` of a vault.
    ObserveEvacuationRoute(usize),
    /// `propagate_trip` of a vault's route.
    PropagateEvacuationRoute(usize),
    /// `receive_deposit` into a vault out of the signer's token account.
    Receive(usize, usize, u64),
    /// A transfer into a vault that nobody asks Bulkhead about.
    Deposit(usize, usize, u64),
    /// A token account is somebody else's from now on: sold, or closed and made anew.
    Reown(usize, Pubkey),
    /// The mint's authority freezes a token account, or thaws it.
    Freeze(usize, bool),
}

impl State {
    pub(super) fn custody(&mut self, keys: &Keys, signer: &Pubkey, action: &CustodyAction) -> Result<(), CoreError> {
        match *action {
            CustodyAction::Release(vault, token, amount) => {
                self.release(keys, signer, (vault, token), None, (amount, false))
            }
            CustodyAction::ReleaseOf(vault, token, amount, owner) => {
                self.release(keys, signer, (vault, token), Some(owner), (amount, false))
            }
            CustodyAction::ReleaseAgain(vault, token, amount) => {
                self.release(keys, signer, (vault, token), None, (amount, true))
            }
            CustodyAction::Receive(vault, token, amount) => self.receive(keys, signer, (vault, token), amount),
            CustodyAction::Settle(release, token) => self.settle(keys, release, token),
            CustodyAction::Redirect(release, token) => self.redirect(signer, release, token),
            CustodyAction::Cancel(release) => self.cancel(keys, signer, release),
            CustodyAction::CancelListed(release) => self.cancel_listed(release),
            CustodyAction::SetCancelList(release) => self.set_cancel_list(keys, signer, release),
            CustodyAction::CancelListedBy(release, guardian) => self.cancel_listed_by(keys, release, &guardian),
            CustodyAction::TakeBack(release) => self.take_back(signer, release),
            CustodyAction::Requeue(release) => self.requeue(keys, release),
            CustodyAction::Close(release) => self.close_release(release),
            CustodyAction::RestoreQueue(vault, total) => self.restore_queue(keys, vault, total),
            CustodyAction::ConfirmEvacuation => self.confirm_evacuation(keys, signer),
            CustodyAction::Evacuate(vault, token) => self.evacuate(keys, vault, token),
            CustodyAction::ObserveEvacuationRoute(vault) => self.observe_evacuation_route(vault),
            CustodyAction::PropagateEvacuationRoute(vault) => self.propagate_evacuation_route(keys, vault),
            CustodyAction::Deposit(vault, token, amount) => {
                let custody = self.vault(vault)?.1.custody;
                let from = self.token(token)?.key;
                self.transfer(&from, &custody, amount).map(|_| ())
            }
            CustodyAction::Reown(token, holder) => {
                self.token_mut(token)?.holder = holder;
                Ok(())
            }
            CustodyAction::Freeze(token, is_frozen) => {
                self.token_mut(token)?.is_frozen = is_frozen;
                Ok(())
            }
        }
    }

    fn release(
        &mut self,
        keys: &Keys,
        signer: &Pubkey,
        (number_of, token): (usize, usize),
        owner: Option<Pubkey>,
        (amount, is_again): (u64, bool),
    ) -> Result<(), CoreError> {
        let ((vault_key, vault), receiver) = (self.vault(number_of)?, self.token(token)?.receiver());
        acts::may_release(&vault, &vault.breaker, signer, amount)?;
        let (is_closed, moment) = self.moment(&vault)?;
        let number = self.breaker_of(keys, &vault)?;
        let breaker = breaker(&mut self.breakers, number)?;
        let Custody { notes, releases, .. } = Rc::make_mut(&mut self.custody);
        let note = notes.iter_mut().find(|(whose, _)| Some(*whose) == owner);
        let mut asker = note.map(|(whose, note)| Asker {
            is_owner: *whose == receiver.holder,
            note,
        });
        if acts::release(&vault, breaker, asker.as_mut(), amount, &receiver, is_closed, &moment)? == Verdict::Allowed {
            return self.transfer(&vault.custody, &receiver.key, amount).map(|_| ());
        }
        // A number is free again once its record is closed.
        let index = if is_again { 0 } else { releases.len() };
        let is_taken = releases.get(index).is_some_and(|(_, record)| record.version != 0);
        if is_taken || !acts::has_room(&vault, amount) {
            // Denied: nobody is debited.
            return Ok(());
        }
        let (key, bump) = *keys.releases.get(index).ok_or(CoreError::ArgumentOutOfRange)?;
        let new = NewRelease {
            bump,
            index: u64::try_from(index).map_err(|_| CoreError::Overflow)?,
            amount,
            vault: vault_key,
            payer: keys.payer,
        };
        let mut vault = vault;
        let record = acts::queue(&mut vault, breaker, asker.as_mut(), &new, &receiver, &moment)?;
        match releases.get_mut(index) {
            Some((_, closed)) => *closed = record,
            None => releases.push((key, record)),
        }
        *self.vault_mut(number_of)? = vault;
        Ok(())
    }

    fn receive(
        &mut self,
        keys: &Keys,
        signer: &Pubkey,
        (vault, token): (usize, usize),
        amount: u64,
    ) -> Result<(), CoreError> {
        let ((vault_key, vault), source) = (self.vault(vault)?, *self.token(token)?);
        acts::may_deposit(&vault, &source.key, amount, self.board.unpaused_slot)?;
        // The token program would not take it either.
        if source.holder != *signer || source.is_frozen {
            return Err(CoreError::ForeignAccount);
        }
        let moved = self.transfer(&source.key, &vault.custody, amount)?;
        let number = self.breaker_of(keys, &vault)?;
        let breaker = breaker(&mut self.breakers, number)?;
        let notes = &mut Rc::make_mut(&mut self.custody).notes;
        if !notes.iter().any(|(whose, _)| whose == signer) {
            let note = DepositNote {
                version: VERSION,
                vault: vault_key,
                owner: *signer,
                payer: keys.payer,
                ..bytemuck::Zeroable::zeroed()
            };
            notes.push((*signer, note));
        }
        let note = notes.iter_mut().find(|(whose, _)| whose == signer);
        let (_, note) = note.ok_or(CoreError::ArgumentOutOfRange)?;
        acts::note_deposit(&vault, breaker, note, moved.received, self.at.now);
        Ok(())
    }

    fn settle(&mut self, keys: &Keys, release: usize, token: usize) -> Result<(), CoreError> {
        let (_, mut record) = self.record(release)?;
        let number_of = self.vault_of(&record)?;
        let (vault_key, mut vault) = self.vault(number_of)?;
        let receiver = self.token(token)?.receiver();
        let balance = self.balance(&vault.custody);
        let (is_closed, moment) = self.moment(&vault)?;
        let number = self.breaker_of(keys, &vault)?;
        let breaker = breaker(&mut self.breakers, number)?;
        let breaker_key = vault.breaker;
        let instalment = acts::settle(
            (&vault_key, &mut vault),
            (&breaker_key, breaker),
            &mut record,
            &receiver,
            balance,
            is_closed,
            &moment,
        )?;
        *self.record_mut(release)? = record;
        *self.vault_mut(number_of)? = vault;
        if instalment == 0 {
            return Ok(());
        }
        self.transfer(&vault.custody, &receiver.key, instalment).map(|_| ())
    }

    fn redirect(&mut self, signer: &Pubkey, release: usize, token: usize) -> Result<(), CoreError> {
        let (_, record) = self.record(release)?;
        let (vault_key, vault) = self.vault(self.vault_of(&record)?)?;
        let receiver = self.token(token)?.receiver();
        acts::redirect_release((&vault_key, &vault), self.record_mut(release)?, signer, &receiver).map(|_| ())
    }

    /// A matured proposal puts one queued release on its vault's list.
    pub(super) fn cancel_releases(
        &mut self,
        release: usize,
        root: [u8; 32],
        proposed_slot: u64,
    ) -> Result<(), CoreError> {
        let releases = &self.custody.releases;
        let (_, record) = *releases.get(release).ok_or(CoreError::ArgumentOutOfRange)?;
        // The list is a root: what it names need not be there any more.
        let number = if record.version == 0 {
            0
        } else {
            self.vault_of(&record)?
        };
        let vault = self.vault_mut(number)?;
        acts::cancel_releases(vault, root, proposed_slot)
    }

    fn confirm_evacuation(&mut self, keys: &Keys, signer: &Pubkey) -> Result<(), CoreError> {
        let open = self.domain.open_incident;
        let number = keys.incidents.iter().position(|(key, _)| *key == open);
        let number = number.ok_or(CoreError::IncidentNotOpen)?;
        let (_, bump) = *keys.migrations.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let (epoch, domain) = (self.council.config_epoch, keys.domain);
        let incident = incident_at(&mut self.incidents, keys, &open)?;
        let migrations = &mut Rc::make_mut(&mut self.custody).migrations;
        if migrations.len() <= number {
            migrations.resize(number.saturating_add(1), bytemuck::Zeroable::zeroed());
        }
        let migration = migrations.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        if migration.version == 0 {
            *migration = Migration {
                version: VERSION,
                bump,
                state: migration_state::PENDING,
                config_epoch: epoch,
                domain,
                incident: open,
                ..bytemuck::Zeroable::zeroed()
            };
        }
        let domain = Rc::make_mut(&mut self.domain);
        acts::confirm_evacuation(domain, &self.council, incident, migration, signer, self.at).map(|_| ())
    }

    fn evacuate(&mut self, keys: &Keys, vault: usize, token: usize) -> Result<(), CoreError> {
        let number = self
            .incidents
            .len()
            .checked_sub(1)
            .ok_or(CoreError::ArgumentOutOfRange)?;
        let (incident_key, _) = *keys.incidents.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let migrations = &self.custody.migrations;
        // A zeroed one is none.
        let migration = migrations
            .get(number)
            .filter(|migration| migration.version == VERSION)
            .copied();
        let (route, at) = (*self.token(token)?, self.at);
        let (vault_key, mut state) = self.vault(vault)?;
        let balance = self.balance(&state.custody);
        let fault = route_fault(&state, &state.token_program, &route.bytes(&state.mint));
        let incident = *incident_at(&mut self.incidents, keys, &incident_key)?;
        let queue = Queue {
            key: &vault_key,
            vault: &mut state,
            ledger: queue::ledger_mut(&mut self.custody, &vault_key),
        };
        let amount = acts::evacuate(
            &self.domain,
            migration.as_ref(),
            (&incident_key, &incident),
            queue,
            (&route.key, fault, route.amount),
            balance,
            at.now,
        )?;
        let moved = if amount == 0 {
            migration::nothing()
        } else {
            self.transfer(&state.custody, &route.key, amount)?
        };
        let incident = incident_at(&mut self.incidents, keys, &incident_key)?;
        acts::evacuated(incident, &mut state, &moved, at)?;
        *self.vault_mut(vault)? = state;
        Ok(())
    }

    fn observe_evacuation_route(&mut self, vault: usize) -> Result<(), CoreError> {
        let (_, state) = self.vault(vault)?;
        let route = self.custody.tokens.iter().find(|token| token.key == state.route);
        let data = route.map(|route| route.bytes(&state.mint)).unwrap_or_default();
        let fault = route_fault(&state, &state.token_program, &data);
        let (unpaused_slot, at) = (self.board.unpaused_slot, self.at);
        acts::observe_evacuation_route(self.vault_mut(vault)?, fault, unpaused_slot, at).map(|_| ())
    }

    fn propagate_evacuation_route(&mut self, keys: &Keys, vault: usize) -> Result<(), CoreError> {
        let (key, mut state) = self.vault(vault)?;
        self.carry(keys, (&key, cause::ROUTE), &mut state.latch)?;
        *self.vault_mut(vault)? = state;
        Ok(())
    }

    /// A matured proposal registers a token account as a vault's route.
    pub(super) fn register_evacuation_route(
        &mut self,
        vault: usize,
        token: usize,
        proposed_slot: u64,
    ) -> Result<(), CoreError> {
        let route = *self.token(token)?;
        let is_custody = self.custody.vaults.iter().any(|(_, vault)| vault.custody == route.key);
        let route = Route {
            key: route.key,
            holder: route.holder,
            is_fit: !route.is_frozen,
            is_own: is_custody,
        };
        acts::register_evacuation_route(self.vault_mut(vault)?, &route, Some(proposed_slot)).map(|_| ())
    }

    /// What the board says of a vault's compartment.
    fn moment(&self, vault: &Vault) -> Result<(bool, Moment), CoreError> {
        let board = self.board_bytes();
        let missing = |_| CoreError::CompartmentOutOfRange;
        let mask = effective_mask(&board, vault.compartment, self.at.now).map_err(missing)?;
        let moment = Moment {
            slot: self.at.slot,
            now: self.at.now,
            ramp_bps: ramp_bps(&board, vault.compartment).map_err(missing)?,
            unpaused_slot: self.board.unpaused_slot,
        };
        Ok((mask & WITHDRAW != 0, moment))
    }

    /// A transfer by the token program.
    fn transfer(&mut self, from: &Pubkey, to: &Pubkey, amount: u64) -> Result<Moved, CoreError> {
        let (source_before, destination_before) = (self.balance(from), self.balance(to));
        let left = source_before.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        for token in &mut Rc::make_mut(&mut self.custody).tokens {
            if token.key == *from && from != to {
                token.amount = left;
            } else if token.key == *to && from != to {
                token.amount = token.amount.checked_add(amount).ok_or(CoreError::Overflow)?;
            }
        }
        let balances = Balances {
            source_before,
            source_after: self.balance(from),
            destination_before,
            destination_after: self.balance(to),
        };
        conserve(amount, 0, &balances)
    }

    pub(super) fn balance(&self, key: &Pubkey) -> u64 {
        let found = self.custody.tokens.iter().find(|token| token.key == *key);
        found.map_or(0, |token| token.amount)
    }

    fn breaker_of(&self, keys: &Keys, vault: &Vault) -> Result<usize, CoreError> {
        let found = keys.breakers.iter().position(|key| *key == vault.breaker);
        found.ok_or(CoreError::ArgumentOutOfRange)
    }

    pub(super) fn vault_of(&self, release: &Release) -> Result<usize, CoreError> {
        let found = self.custody.vaults.iter().position(|(key, _)| *key == release.vault);
        found.ok_or(CoreError::ArgumentOutOfRange)
    }

    pub(super) fn vault(&self, number: usize) -> Result<(Pubkey, Vault), CoreError> {
        let found = self.custody.vaults.get(number).copied();
        found.ok_or(CoreError::ArgumentOutOfRange)
    }

    pub(super) fn vault_mut(&mut self, number: usize) -> Result<&mut Vault, CoreError> {
        let found = Rc::make_mut(&mut self.custody).vaults.get_mut(number);
        found.map(|(_, vault)| vault).ok_or(CoreError::ArgumentOutOfRange)
    }

    pub(super) fn record(&self, number: usize) -> Result<(Pubkey, Release), CoreError> {
        let found = self.custody.releases.get(number).copied();
        let found = found.filter(|(_, release)| release.version != 0);
        found.ok_or(CoreError::ArgumentOutOfRange)
    }

    pub(super) fn record_mut(&mut self, number: usize) -> Result<&mut Release, CoreError> {
        let found = Rc::make_mut(&mut self.custody).releases.get_mut(number);
        found.map(|(_, release)| release).ok_or(CoreError::ArgumentOutOfRange)
    }

    fn token(&self, number: usize) -> Result<&Token, CoreError> {
        self.custody.tokens.get(number).ok_or(CoreError::ArgumentOutOfRange)
    }

    fn token_mut(&mut self, number: usize) -> Result<&mut Token, CoreError> {
        let found = Rc::make_mut(&mut self.custody).tokens.get_mut(number);
        found.ok_or(CoreError::ArgumentOutOfRange)
    }
}
