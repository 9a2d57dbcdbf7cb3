//! From the first alarm to the end of an incident.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    layout::{Incident, Latch},
};
use bytemuck::Zeroable;

use super::{Keys, State};
use crate::{
    CoreError,
    acts::{self, NewIncident, Reopening},
    pause::incident::is_next_due,
};

impl State {
    pub(super) fn pause(&mut self, signer: &Pubkey, scope: u8, mask: u32) -> Result<(), CoreError> {
        let (council, board) = (Rc::make_mut(&mut self.council), Rc::make_mut(&mut self.board));
        acts::pause(council, board, signer, scope, mask, self.at).map(|_| ())
    }

    pub(super) fn open_incident(&mut self, keys: &Keys, signer: &Pubkey) -> Result<(), CoreError> {
        let (new, mut incident) = self.new_incident(keys)?;
        let (council, board) = (Rc::make_mut(&mut self.council), Rc::make_mut(&mut self.board));
        let domain = Rc::make_mut(&mut self.domain);
        acts::open_incident(domain, council, board, &mut incident, &new, signer, self.at)?;
        Rc::make_mut(&mut self.incidents).push(incident);
        Ok(())
    }

    pub(super) fn confirm(&mut self, keys: &Keys, signer: &Pubkey) -> Result<(), CoreError> {
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let incident = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
        acts::confirm_incident(domain, &self.council, board, incident, signer, self.at).map(|_| ())
    }

    pub(super) fn lapse(&mut self, keys: &Keys) -> Result<(), CoreError> {
        let domain = Rc::make_mut(&mut self.domain);
        let incident = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
        acts::lapse(domain, &self.board, incident, self.at)
    }

    /// Carries any detector's latch.
    pub(super) fn carry(&mut self, keys: &Keys, source: (&Pubkey, u8), latch: &mut Latch) -> Result<(), CoreError> {
        let is_next = is_next_due(&self.domain);
        let (new, fresh) = if is_next {
            self.new_incident(keys)?
        } else {
            (NewIncident::default(), Incident::zeroed())
        };
        if is_next {
            Rc::make_mut(&mut self.incidents).push(fresh);
        }
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        // The open incident is always the latest.
        let record = Rc::make_mut(&mut self.incidents).last_mut();
        let record = record.ok_or(CoreError::IncidentNotOpen)?;
        acts::propagate(domain, &self.council, board, latch, source, record, &new, self.at).map(|_| ())
    }

    pub(super) fn resume(&mut self, keys: &Keys, incident: &Pubkey, proposed_slot: u64) -> Result<(), CoreError> {
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let record = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
        acts::resume(domain, board, record, incident, proposed_slot, self.at).map(|_| ())
    }

    pub(super) fn reopen(&mut self, keys: &Keys, how: &Reopening, proposed_slot: u64) -> Result<(), CoreError> {
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let is_named = how.incident != Pubkey::default();
        let record = is_named.then(|| incident_at(&mut self.incidents, keys, &how.incident));
        let record = record.transpose()?;
        acts::reopen(domain, board, record, how, proposed_slot, self.at).map(|_| ())
    }

    /// The next incident's account, still empty.
    fn new_incident(&self, keys: &Keys) -> Result<(NewIncident, Incident), CoreError> {
        let number = usize::try_from(self.domain.incident_count).map_err(|_| CoreError::Overflow)?;
        let (key, bump) = *keys.incidents.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let new = NewIncident {
            key,
            bump,
            domain: keys.domain,
        };
        Ok((new, Incident::zeroed()))
    }
}

/// The record of the incident at `key`.
pub(super) fn incident_at<'a>(
    incidents: &'a mut Rc<Vec<Incident>>,
    keys: &Keys,
    key: &Pubkey,
) -> Result<&'a mut Incident, CoreError> {
    let number = keys.incidents.iter().position(|(own, _)| own == key);
    let number = number
        .filter(|number| *number < incidents.len())
        .ok_or(CoreError::IncidentNotOpen)?;
    Rc::make_mut(incidents)
        .get_mut(number)
        .ok_or(CoreError::IncidentNotOpen)
}
