//! From a guardian's pause to the end of an incident that nobody confirmed.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::pause::incident::number_for_alarm;
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    constants::{latch_state, phase, role},
    layout::Incident,
};

use super::{Move, Table};
use crate::{acts::Act, site::COMPARTMENTS};

impl Table<'_> {
    pub(super) fn pause(&mut self) -> Option<Move> {
        let signer = self.member(role::GUARDIAN);
        let scope = match self.rng.below(4) {
            0 => SCOPE_DOMAIN,
            1 => self.rng.byte(70),
            _ => self.rng.byte(u64::from(COMPARTMENTS)),
        };
        let mask = self
            .rng
            .pick(&[0, action::WITHDRAW, action::TRADE, action::BORROW, u32::MAX]);
        Some(Move {
            name: "pause",
            instruction: ix::pause(self.domain(), signer, scope, mask),
            signer,
            act: Act::Other,
        })
    }

    pub(super) fn open_incident(&mut self) -> Option<Move> {
        let signer = self.member(role::GUARDIAN);
        let (count, renter) = (self.now.domain.incident_count, self.renter());
        Some(Move {
            name: "open_incident",
            instruction: ix::open_incident(self.domain(), signer, renter, count),
            signer,
            act: Act::OpenIncident,
        })
    }

    pub(super) fn confirm_incident(&mut self) -> Option<Move> {
        let is_due = self.now.domain.state == phase::ALERT;
        if !is_due && !self.rng.percent(10) {
            return None;
        }
        let signer = self.member(role::GUARDIAN);
        let incident = self.incident();
        Some(Move {
            name: "confirm_incident",
            instruction: ix::confirm_incident(self.domain(), signer, incident),
            signer,
            act: Act::Confirm,
        })
    }

    pub(super) fn close_lapsed_incident(&mut self) -> Option<Move> {
        let incident = self.incident();
        Some(Move {
            name: "close_lapsed_incident",
            instruction: ix::close_lapsed_incident(self.domain(), incident),
            signer: self.payer(),
            act: Act::Lapse,
        })
    }

    pub(super) fn propagate_trip(&mut self) -> Option<Move> {
        let (mut breaker, state) = self.breaker()?;
        match self.latched_detector() {
            Some(detector) if self.rng.percent(50) => breaker = detector,
            _ if state.latch.state != latch_state::LATCHED && !self.rng.percent(10) => return None,
            _ => {}
        }
        let (index, renter) = (number_for_alarm(&self.now.domain), self.renter());
        Some(Move {
            name: "propagate_trip",
            instruction: ix::propagate_trip(self.domain(), renter, breaker, index),
            signer: self.payer(),
            act: Act::PropagateTrip(breaker),
        })
    }

    pub(super) fn propagate_contagion(&mut self) -> Option<Move> {
        let instruction = ix::propagate_contagion(self.domain(), self.site.upstream);
        Some(Move {
            name: "propagate_contagion",
            instruction,
            signer: self.payer(),
            act: Act::PropagateContagion,
        })
    }

    /// Incidents there have been, latest first.
    pub fn last_incident(&self) -> Option<Pubkey> {
        let count = self.now.domain.incident_count.checked_sub(1)?;
        let key = pda::incident(&self.domain(), count);
        self.machine.try_load::<Incident>(&key).map(|_| key)
    }

    /// Looks, and changes nothing.
    pub(super) fn view(&mut self) -> Option<Move> {
        let compartment = self.rng.byte(66);
        let (name, instruction) = match self.breaker() {
            Some((breaker, _)) if self.rng.percent(50) => ("view_outflow", ix::view_outflow(self.domain(), breaker)),
            _ => ("view_mask", ix::view_mask(self.domain(), compartment)),
        };
        Some(Move {
            name,
            instruction,
            signer: self.payer(),
            act: Act::Other,
        })
    }
}
