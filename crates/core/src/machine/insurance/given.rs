//! What is given to the pools: incidents, what is restored in them, evacuations, the vault's queue and claims.

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, VERSION, incident_state, step},
    layout::{Incident, Restoration},
};
use bytemuck::Zeroable;

use super::Insurance;
use crate::{
    CoreError,
    acts::{self, RecoveryAccount},
    pause::incident::mark_again,
};

impl Insurance {
    /// Number of the incident that is open.
    fn now_open(&self) -> Result<usize, CoreError> {
        let is_open = self.domain.open_incident != Pubkey::default();
        let latest = self.incidents.len().checked_sub(1).filter(|_| is_open);
        latest.ok_or(CoreError::IncidentNotOpen)
    }

    pub(super) fn open(&mut self) -> Result<(), CoreError> {
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

    pub(super) fn close(&mut self) -> Result<(), CoreError> {
        let number = self.now_open()?;
        let incident = self.incidents.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        incident.state = incident_state::CLOSED;
        mark_again(incident, step::REOPEN, self.at.slot, self.at.now);
        self.domain.open_incident = Pubkey::default();
        Ok(())
    }

    pub(super) fn restore(&mut self, total: u64) -> Result<(), CoreError> {
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

    pub(super) fn evacuate(&mut self, amount: u64) -> Result<(), CoreError> {
        self.now_open()?;
        if self.keys.ledger_index == NO_LEDGER || amount > self.custody {
            return Err(CoreError::BalanceTooSmall);
        }
        let evacuation = &mut self.vault.evacuation;
        if evacuation.incident != self.domain.open_incident {
            *evacuation = Zeroable::zeroed();
            evacuation.incident = self.domain.open_incident;
            evacuation.destination = self.keys.recovery_account;
            if let Some(ledger) = self.queue.as_mut() {
                ledger.queue_reserve = self.vault.queued;
            }
        }
        self.custody = self.custody.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.recovered = self.recovered.checked_add(amount).ok_or(CoreError::Overflow)?;
        evacuation.moved = evacuation.moved.checked_add(amount).ok_or(CoreError::Overflow)?;
        evacuation.after = self.custody;
        if amount > 0 {
            evacuation.ts = self.at.now;
        }
        Ok(())
    }

    pub(super) fn fund(&mut self, amount: u64) -> Result<(), CoreError> {
        let number = self.incidents.len().checked_sub(1).ok_or(CoreError::IncidentNotOpen)?;
        let (restoration, balance) = self.restored(number)?;
        let amount = acts::fund(&restoration, balance, amount)?;
        self.treasury = self.treasury.checked_sub(amount).ok_or(CoreError::BalanceTooSmall)?;
        self.receive(number, amount)
    }

    pub(super) fn pay_claims(&mut self, amount: u64) -> Result<(), CoreError> {
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

    pub(super) fn wait_in_queue(&mut self, amount: u64) -> Result<(), CoreError> {
        if self.queue.is_none() || self.domain.open_incident != Pubkey::default() {
            return Err(CoreError::WrongPhase);
        }
        self.vault.queued = self.vault.queued.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub(super) fn draw(&mut self) -> Result<(), CoreError> {
        let number = self.incidents.len().checked_sub(1).ok_or(CoreError::IncidentNotOpen)?;
        let (restoration, balance) = self.restored(number)?;
        let amount = self.draw_for(&restoration, balance)?;
        self.receive(number, amount)
    }

    /// The queue's restoration lacks all that is kept, and pays it out at once.
    pub(super) fn draw_queue(&mut self) -> Result<(), CoreError> {
        let ledger = self.queue.ok_or(CoreError::QueueLedgerMissing)?;
        let restoration = Restoration {
            ledger_index: ledger.index,
            domain: self.keys.domain,
            incident: self.vault.evacuation.incident,
            mint: self.keys.mint,
            total: ledger.queue_reserve,
            ..Restoration::zeroed()
        };
        let amount = self.draw_for(&restoration, 0)?;
        self.treasury = self.treasury.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    fn draw_for(&mut self, restoration: &Restoration, balance: u64) -> Result<u64, CoreError> {
        let recovery_account = RecoveryAccount {
            vault_key: &self.keys.vault,
            vault: &self.vault,
            source: &self.keys.recovery_account,
            held: self.recovered,
            queue: self.queue.as_ref(),
        };
        let amount = acts::recovery_account_due(restoration, recovery_account, balance)?;
        acts::book_drawn(restoration, &mut self.vault, self.queue.as_mut(), amount)?;
        self.recovered = self.recovered.checked_sub(amount).ok_or(CoreError::Overflow)?;
        Ok(amount)
    }
}
