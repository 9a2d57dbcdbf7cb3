//! What becomes of queued releases that are not settled: cancelled, taken back, stopped and queued again.

use alloc::rc::Rc;

use bulkhead_interface::{
    Pubkey,
    constants::{snapshot_flag, step},
    layout::{CancelList, Ledger, Release, Snapshot},
};
use bytemuck::Zeroable;

use super::{Custody, Keys, State, incident::incident_at};
use crate::{
    CoreError,
    acts::{self, NewCancelList, Queue},
    custody::release_list,
    pause::incident::mark_again,
};

/// The ledger of a vault's queue, to be written.
pub(super) fn ledger_mut<'a>(custody: &'a mut Rc<Custody>, vault: &Pubkey) -> Option<&'a mut Ledger> {
    let ledgers = &mut Rc::make_mut(custody).queue_ledgers;
    let found = ledgers.iter_mut().find(|(_, ledger)| ledger.total_account == *vault);
    found.map(|(_, ledger)| ledger)
}

impl State {
    /// A release with its vault and the ledger of its queue, changed together.
    fn with_queue<T>(
        &mut self,
        release: usize,
        act: impl FnOnce(Queue, (&Pubkey, &mut Release)) -> Result<T, CoreError>,
    ) -> Result<T, CoreError> {
        let (key, mut record) = self.record(release)?;
        let number = self.vault_of(&record)?;
        let (vault_key, mut vault) = self.vault(number)?;
        let queue = Queue {
            key: &vault_key,
            vault: &mut vault,
            ledger: ledger_mut(&mut self.custody, &vault_key),
        };
        let done = act(queue, (&key, &mut record))?;
        *self.vault_mut(number)? = vault;
        *self.record_mut(release)? = record;
        Ok(done)
    }

    pub(super) fn cancel(&mut self, keys: &Keys, signer: &Pubkey, release: usize) -> Result<(), CoreError> {
        let incident = *incident_at(&mut self.incidents, keys, &self.domain.open_incident)?;
        let (mut council, now) = (*self.council, self.at.now);
        self.with_queue(release, |queue, (_, record)| {
            acts::cancel_release(&mut council, &incident, queue, record, signer, now)
        })?;
        *Rc::make_mut(&mut self.council) = council;
        Ok(())
    }

    pub(super) fn cancel_listed(&mut self, release: usize) -> Result<(), CoreError> {
        self.with_queue(release, |queue, record| acts::cancel_listed(queue, record, &[]))
            .map(|_| ())
    }

    pub(super) fn set_cancel_list(&mut self, keys: &Keys, signer: &Pubkey, release: usize) -> Result<(), CoreError> {
        let open = self.domain.open_incident;
        let incident = *incident_at(&mut self.incidents, keys, &open)?;
        // The list is a root: what it names need not be there any more.
        let releases = &self.custody.releases;
        let (key, record) = *releases.get(release).ok_or(CoreError::ArgumentOutOfRange)?;
        let vault = if record.version == 0 { self.vault(0)?.0 } else { record.vault };
        let number = keys.incidents.iter().position(|(key, _)| *key == open);
        let bumps = keys.cancel_lists.iter().find(|(guardian, _)| guardian == signer);
        let bump = number.and_then(|number| bumps?.1.get(number)).copied();
        let new = NewCancelList {
            bump: bump.unwrap_or_default(),
            vault,
            incident: open,
            root: release_list::leaf(&key, record.requested_slot),
        };
        let lists = &mut Rc::make_mut(&mut self.custody).lists;
        let whose = (open, *signer);
        if !lists.iter().any(|(key, _)| *key == whose) {
            lists.push((whose, CancelList::zeroed()));
        }
        let list = lists.iter_mut().find(|(key, _)| *key == whose);
        let (_, list) = list.ok_or(CoreError::ArgumentOutOfRange)?;
        acts::set_cancel_list(Rc::make_mut(&mut self.council), &incident, list, &new, signer, self.at).map(|_| ())
    }

    /// By the guardian's latest list.
    pub(super) fn cancel_listed_by(&mut self, keys: &Keys, release: usize, guardian: &Pubkey) -> Result<(), CoreError> {
        let mut lists = self.custody.lists.iter().rev();
        let list = lists.find(|((_, whose), _)| whose == guardian);
        let ((incident_key, _), list) = *list.ok_or(CoreError::ArgumentOutOfRange)?;
        let incident = *incident_at(&mut self.incidents, keys, &incident_key)?;
        let now = self.at.now;
        self.with_queue(release, |queue, record| {
            acts::cancel_listed_by_guardian((&incident_key, &incident), &list, queue, record, &[], now)
        })
        .map(|_| ())
    }

    pub(super) fn take_back(&mut self, signer: &Pubkey, release: usize) -> Result<(), CoreError> {
        let (_, record) = self.record(release)?;
        let (vault_key, vault) = self.vault(self.vault_of(&record)?)?;
        acts::take_back_release((&vault_key, &vault), &record, signer)?;
        self.record_mut(release)?.version = 0;
        Ok(())
    }

    pub(super) fn requeue(&mut self, keys: &Keys, release: usize) -> Result<(), CoreError> {
        let unpaused_slot = self.board.unpaused_slot;
        let (_, record) = self.record(release)?;
        let (_, vault) = self.vault(self.vault_of(&record)?)?;
        let balance = self.balance(&vault.custody);
        let key = vault.evacuation.incident;
        let incident = *incident_at(&mut self.incidents, keys, &key)?;
        self.with_queue(release, |queue, (_, record)| {
            let (vault, incident) = ((queue.key, &*queue.vault), (&key, &incident));
            acts::requeue_release(vault, incident, queue.ledger.as_deref(), record, balance, unpaused_slot)
        })
    }

    pub(super) fn close_release(&mut self, release: usize) -> Result<(), CoreError> {
        let (_, record) = self.record(release)?;
        let ledgers = self.custody.queue_ledgers.iter();
        let mut ledgers = ledgers.filter(|(_, ledger)| ledger.total_account == record.vault);
        acts::close_release(&record, ledgers.next().map(|(_, ledger)| ledger))?;
        self.record_mut(release)?.version = 0;
        Ok(())
    }

    pub(super) fn restore_queue(&mut self, keys: &Keys, vault: usize, total: u64) -> Result<(), CoreError> {
        let incident = self.domain.open_incident;
        acts::require_frozen(&self.domain, &incident)?;
        let (vault_key, mut state) = self.vault(vault)?;
        let snapshot = Snapshot {
            flags: snapshot_flag::QUEUE,
            ledger_index: state.queue_ledger,
            domain: keys.domain,
            incident,
            total,
            ..Snapshot::zeroed()
        };
        let queue = Queue {
            key: &vault_key,
            vault: &mut state,
            ledger: ledger_mut(&mut self.custody, &vault_key),
        };
        acts::restore_queue(&snapshot, Some(queue))?;
        *self.vault_mut(vault)? = state;
        let at = self.at;
        let record = incident_at(&mut self.incidents, keys, &incident)?;
        mark_again(record, step::RESTORATION, at.slot, at.now);
        Ok(())
    }
}
