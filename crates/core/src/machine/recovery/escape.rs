//! The escape and the end of claims.

use alloc::rc::Rc;

use bulkhead_interface::layout::Restoration;
use bytemuck::Zeroable;

use super::{Plan, Recovery};
use crate::{
    CoreError,
    acts::{self, EscapeState, InCustody},
};

impl Recovery {
    pub(super) fn open_escape(&mut self, number: usize) -> Result<(), CoreError> {
        let (key, snapshot) = *self.snapshots.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        if self.restoration.is_some() {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let plan = Plan {
            incident: self.incident.0,
            snapshot: key,
            root: snapshot.root,
            ledger_index: self.ledger_index,
        };
        let new = self.new_restoration();
        let mut restoration = Restoration::zeroed();
        let own = self.snapshots.first().map(|(_, own)| *own);
        let state = EscapeState {
            snapshot: &snapshot,
            own: own.as_ref(),
            log: self.log.as_deref(),
        };
        let incident = &mut self.incident.1;
        acts::open_escape(
            &mut self.domain,
            incident,
            &mut restoration,
            &state,
            (&plan, &new),
            self.at,
        )?;
        let interim = self.interim.as_deref_mut();
        let interim = interim.map(|interim| (&self.keys.interim.0, interim));
        acts::end_interim(interim, (&self.keys.restoration.0, &mut restoration), &snapshot)?;
        acts::copy_claim_terms(&mut restoration, self.terms.as_ref())?;
        let log = self.log.as_mut().map(Rc::make_mut);
        acts::note_restoration(log, &self.incident.1, &snapshot, self.at)?;
        self.restoration = Some(restoration);
        Ok(())
    }

    pub(super) fn draw_custody(&mut self) -> Result<(), CoreError> {
        let plan = self.restoration.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let custody = InCustody {
            vault_key: &self.keys.vault,
            vault: &self.vault,
            queue: self.queue.as_ref(),
            held: self.custody,
        };
        let amount = acts::custody_due(&self.domain, plan, custody, self.pool, self.at.now)?;
        if let Some(ledger) = self.queue.as_mut() {
            acts::book_kept(plan, ledger, amount)?;
        }
        self.custody = self.custody.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.pool = self.pool.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub(super) fn sweep(&mut self) -> Result<(), CoreError> {
        let plan = self.restoration.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::sweep_unclaimed(plan, self.pool, self.at.now)?;
        self.pool = self.pool.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.rest = self.rest.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub(super) fn extend(&mut self, claim_days: u16) -> Result<(), CoreError> {
        let plan = self.restoration.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        acts::extend_claims(plan, claim_days)
    }
}
