//! From the first alarm to the end of an incident.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::cause,
    layout::{Incident, Latch},
};

use super::{Keys, State, breakers::breaker};
use crate::acts::{self, ActError, NewIncident, Reopening};

impl State {
    pub(super) fn pause(&mut self, signer: &Pubkey, scope: u8, mask: u32) -> Result<(), ActError> {
        let (council, board) = (Rc::make_mut(&mut self.council), Rc::make_mut(&mut self.board));
        acts::pause(council, board, signer, scope, mask, self.at.now).map(|_| ())
    }

    pub(super) fn open_incident(&mut self, keys: &Keys, signer: &Pubkey) -> Result<(), ActError> {
        let (new, mut incident) = self.new_incident(keys)?;
        let (council, board) = (Rc::make_mut(&mut self.council), Rc::make_mut(&mut self.board));
        let domain = Rc::make_mut(&mut self.domain);
        acts::open_incident(domain, council, board, &mut incident, &new, signer, self.at)?;
        Rc::make_mut(&mut self.incidents).push(incident);
        Ok(())
    }

    pub(super) fn confirm(&mut self, keys: &Keys, signer: &Pubkey) -> Result<(), ActError> {
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let incident = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
        acts::confirm_incident(domain, &self.council, board, incident, signer, self.at).map(|_| ())
    }

    pub(super) fn lapse(&mut self, keys: &Keys) -> Result<(), ActError> {
        let domain = Rc::make_mut(&mut self.domain);
        let incident = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
        acts::lapse(domain, &self.board, incident, self.at)
    }

    pub(super) fn propagate(&mut self, keys: &Keys, number: usize) -> Result<(), ActError> {
        let source = keys.breakers.get(number).ok_or(ActError::ArgumentOutOfRange)?;
        let mut latch = breaker(&mut self.breakers, number)?.latch;
        self.carry(keys, (source, cause::OUTFLOW), &mut latch)?;
        breaker(&mut self.breakers, number)?.latch = latch;
        Ok(())
    }

    /// Carries the latch of a detector of any kind to the board.
    pub(super) fn carry(&mut self, keys: &Keys, source: (&Pubkey, u8), latch: &mut Latch) -> Result<(), ActError> {
        let is_new = self.domain.open_incident == Pubkey::default();
        let (new, mut fresh) = self.new_incident(keys)?;
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        acts::propagate(domain, &self.council, board, latch, source, &mut fresh, &new, self.at)?;
        // A trip into an open incident leaves its record alone.
        if is_new {
            Rc::make_mut(&mut self.incidents).push(fresh);
        }
        Ok(())
    }

    pub(super) fn resume(
        &mut self,
        keys: &Keys,
        incident: &Pubkey,
        board_epoch: u64,
        proposed_slot: u64,
    ) -> Result<(), ActError> {
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let record = incident_at(&mut self.incidents, keys, incident)?;
        acts::resume(domain, board, record, incident, board_epoch, proposed_slot, self.at)
    }

    pub(super) fn reopen(&mut self, keys: &Keys, how: &Reopening, proposed_slot: u64) -> Result<(), ActError> {
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let record = incident_at(&mut self.incidents, keys, &how.incident)?;
        acts::reopen(domain, board, record, how, proposed_slot, self.at).map(|_| ())
    }

    /// The next incident's account, still empty.
    fn new_incident(&self, keys: &Keys) -> Result<(NewIncident, Incident), ActError> {
        let number = usize::try_from(self.domain.incident_count).map_err(|_| ActError::Overflow)?;
        let (key, bump) = *keys.incidents.get(number).ok_or(ActError::ArgumentOutOfRange)?;
        let new = NewIncident {
            key,
            bump,
            domain: keys.domain,
        };
        Ok((new, bytemuck::Zeroable::zeroed()))
    }
}

/// The record of the incident at `key`.
pub(super) fn incident_at<'a>(
    incidents: &'a mut Rc<Vec<Incident>>,
    keys: &Keys,
    key: &Pubkey,
) -> Result<&'a mut Incident, ActError> {
    let number = keys.incidents.iter().position(|(own, _)| own == key);
    let number = number
        .filter(|number| *number < incidents.len())
        .ok_or(ActError::IncidentNotOpen)?;
    Rc::make_mut(incidents).get_mut(number).ok_or(ActError::IncidentNotOpen)
}
