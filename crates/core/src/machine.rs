//! A domain with its council, board, breakers, proposals and incident as one value, and a step made of nothing but
//! [`crate::acts`]. The exhaustive check walks it, and the lockstep test runs it next to the built program.
//!
//! Not for programs: it allocates, and exists under the feature `machine` only.

extern crate alloc;

use alloc::{rc::Rc, vec, vec::Vec};
use core::fmt;

use bulkhead_guard::{action::WITHDRAW, effective_mask, stage_bps};
use bulkhead_interface::{
    Pubkey,
    constants::{cause, kind},
    discriminator,
    layout::{Council, Domain, Incident, OutflowBreaker, PauseBoard, Proposal},
};

use crate::{
    acts::{self, ActError, At, NewIncident, NewProposal, Reopening},
    council,
    permissiveness::Safety,
    window::{Limits, Moment},
};

/// Where accounts are. Incidents and proposals come with their bumps, by number; there are as many as are listed.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The domain.
    pub domain: Pubkey,
    /// The breakers, in order.
    pub breakers: Vec<Pubkey>,
    /// The incidents.
    pub incidents: Vec<(Pubkey, u8)>,
    /// The proposals.
    pub proposals: Vec<(Pubkey, u8)>,
    /// Who pays for proposals.
    pub payer: Pubkey,
}

/// What a proposal decides.
#[derive(Clone)]
pub enum Decision {
    /// `resume`.
    Resume {
        /// The incident it ends.
        incident: Pubkey,
        /// The board's epoch.
        board_epoch: u64,
    },
    /// `reopen`.
    Reopen(Reopening),
    /// `set_limit`, by the breaker's number.
    SetLimit(usize, Limits),
    /// `change_council`.
    ChangeCouncil(Rc<Council>),
    /// `grant_pause_rights`: to whom, how many.
    Grant(Pubkey, u8),
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a proposal of kind {}", self.kind())
    }
}

impl Decision {
    /// One of `constants::kind`.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Resume { .. } => kind::RESUME,
            Self::Reopen(_) => kind::REOPEN,
            Self::SetLimit(..) => kind::SET_LIMIT,
            Self::ChangeCouncil(_) => kind::CHANGE_COUNCIL,
            Self::Grant(..) => kind::GRANT_PAUSE_RIGHTS,
        }
    }

    /// The payload, in the form the program takes it: Borsh, written by hand.
    #[must_use]
    pub fn payload(&self, keys: &Keys) -> Vec<u8> {
        match self {
            Self::Resume { incident, board_epoch } => join(&[incident.as_ref(), &board_epoch.to_le_bytes()]),
            Self::Reopen(how) => join(&[
                how.incident.as_ref(),
                &how.board_epoch.to_le_bytes(),
                &how.stage_bps.to_le_bytes(),
                &how.grace_seconds.to_le_bytes(),
            ]),
            Self::SetLimit(breaker, limits) => join(&[
                keys.breakers.get(*breaker).copied().unwrap_or_default().as_ref(),
                &limits.limit.to_le_bytes(),
                &limits.slot_limit.to_le_bytes(),
                &limits.limit_bps.to_le_bytes(),
                &limits.slot_bps.to_le_bytes(),
                &limits.inflow_credit.to_le_bytes(),
            ]),
            Self::ChangeCouncil(plan) => council_payload(plan),
            Self::Grant(member, rights) => join(&[member.as_ref(), &[*rights]]),
        }
    }
}

fn council_payload(plan: &Council) -> Vec<u8> {
    let mut bytes = u32::from(plan.member_count).to_le_bytes().to_vec();
    for member in council::members(plan) {
        bytes.extend_from_slice(member.key.as_ref());
        bytes.push(member.roles);
    }
    bytes.extend([plan.hold_threshold, plan.pause_rights]);
    bytes.extend(plan.contain_seconds.to_le_bytes());
    bytes.extend(plan.trip_seconds.to_le_bytes());
    bytes.extend(plan.default_mask.to_le_bytes());
    for policy in &plan.policies {
        bytes.push(policy.threshold);
        bytes.extend(policy.delay_seconds.to_le_bytes());
        bytes.extend(policy.expiry_seconds.to_le_bytes());
    }
    bytes.extend(plan.heartbeat_seconds.to_le_bytes());
    bytes.extend([plan.contains_per_day, plan.contains_in_a_row]);
    bytes.extend_from_slice(plan.fallback.as_ref());
    bytes.extend(plan.fallback_seconds.to_le_bytes());
    bytes
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// What somebody does. Breakers and proposals are named by their numbers.
#[derive(Clone, Debug)]
pub enum Action {
    /// Time passes; nobody does anything.
    Wait {
        /// Slots.
        slots: u64,
        /// Seconds.
        seconds: i64,
    },
    /// `heartbeat`.
    Heartbeat,
    /// `pause`.
    Pause {
        /// A compartment or the domain.
        scope: u8,
        /// Actions; 0 for the default.
        mask: u32,
    },
    /// `open_incident`.
    OpenIncident,
    /// `confirm_incident`.
    Confirm,
    /// `close_lapsed_incident`.
    Lapse,
    /// `meter_outflow`.
    Meter(usize, u64),
    /// `lower_limit`.
    LowerLimit(usize, Limits),
    /// `propagate_trip`.
    Propagate(usize),
    /// `propose`.
    Propose(Decision),
    /// `edit_proposal`.
    Edit(usize, Decision),
    /// `approve`, naming the payload and the slot as they stand.
    Approve(usize),
    /// `withdraw_approval`.
    Withdraw(usize),
    /// `veto`.
    Veto(usize),
    /// Whatever executes the proposal.
    Execute(usize),
}

/// A domain and everything of it that the acts are about. Parts are shared until they change.
#[derive(Clone)]
pub struct State {
    /// The clock.
    pub at: At,
    /// The domain.
    pub domain: Rc<Domain>,
    /// Its council.
    pub council: Rc<Council>,
    /// Its board.
    pub board: Rc<PauseBoard>,
    /// Its breakers.
    pub breakers: Rc<Vec<(Pubkey, OutflowBreaker)>>,
    /// Its incidents, in order.
    pub incidents: Rc<Vec<Incident>>,
    /// Its proposals, with what they decide.
    pub proposals: Rc<Vec<(Proposal, Decision)>>,
}

impl State {
    /// The board's account data.
    #[must_use]
    pub fn board_bytes(&self) -> Vec<u8> {
        join(&[&discriminator::PAUSE_BOARD, bytemuck::bytes_of(&*self.board)])
    }

    /// What `core::permissiveness` compares; `board` is [`State::board_bytes`].
    #[must_use]
    pub fn safety<'a>(&'a self, board: &'a [u8]) -> Safety<'a> {
        Safety {
            domain: &self.domain,
            council: &self.council,
            board,
            breakers: &self.breakers,
            vaults: &[],
            releases: &[],
            ledgers: &[],
            links: &[],
            detectors: &[],
            playbooks: &[],
        }
    }

    /// The state after `signer` does something.
    ///
    /// # Errors
    /// What the act says; an account that is not there is [`ActError::ArgumentOutOfRange`].
    pub fn step(&self, keys: &Keys, signer: &Pubkey, action: &Action) -> Result<Self, ActError> {
        let mut next = self.clone();
        next.act(keys, signer, action)?;
        Ok(next)
    }

    fn act(&mut self, keys: &Keys, signer: &Pubkey, action: &Action) -> Result<(), ActError> {
        let (at, now) = (self.at, self.at.now);
        match action {
            Action::Wait { slots, seconds } => {
                self.at.slot = at.slot.checked_add(*slots).ok_or(ActError::Overflow)?;
                self.at.now = now.checked_add(*seconds).ok_or(ActError::Overflow)?;
            }
            Action::Heartbeat => {
                acts::heartbeat(Rc::make_mut(&mut self.council), signer, now)?;
            }
            Action::Pause { scope, mask } => {
                let (council, board) = (Rc::make_mut(&mut self.council), Rc::make_mut(&mut self.board));
                acts::pause(council, board, signer, *scope, *mask, now)?;
            }
            Action::OpenIncident => {
                let (new, mut incident) = self.new_incident(keys)?;
                let (council, board) = (Rc::make_mut(&mut self.council), Rc::make_mut(&mut self.board));
                let domain = Rc::make_mut(&mut self.domain);
                acts::open_incident(domain, council, board, &mut incident, &new, signer, at)?;
                Rc::make_mut(&mut self.incidents).push(incident);
            }
            Action::Confirm => {
                let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
                let incident = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
                acts::confirm_incident(domain, &self.council, board, incident, signer, at)?;
            }
            Action::Lapse => {
                let domain = Rc::make_mut(&mut self.domain);
                let incident = incident_at(&mut self.incidents, keys, &domain.open_incident)?;
                acts::lapse(domain, &self.board, incident, at)?;
            }
            Action::Meter(number, amount) => self.meter(*number, signer, *amount)?,
            Action::LowerLimit(number, limits) => {
                let breaker = breaker(&mut self.breakers, *number)?;
                acts::lower_limit(Rc::make_mut(&mut self.council), breaker, signer, limits, at)?;
            }
            Action::Propagate(number) => self.propagate(keys, *number)?,
            Action::Propose(decision) => {
                let number = usize::try_from(self.domain.proposal_count).map_err(|_| ActError::Overflow)?;
                let (_, bump) = *keys.proposals.get(number).ok_or(ActError::ArgumentOutOfRange)?;
                let new = NewProposal {
                    domain: keys.domain,
                    bump,
                    payer: keys.payer,
                };
                let mut proposal = bytemuck::Zeroable::zeroed();
                let (domain, council) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.council));
                let payload = decision.payload(keys);
                acts::propose(
                    domain,
                    council,
                    &mut proposal,
                    &new,
                    signer,
                    decision.kind(),
                    &payload,
                    at,
                )?;
                Rc::make_mut(&mut self.proposals).push((proposal, decision.clone()));
            }
            Action::Edit(number, decision) => {
                let (record, old) = proposal(&mut self.proposals, *number)?;
                if old.kind() != decision.kind() {
                    return Err(ActError::PayloadMismatch);
                }
                let council = Rc::make_mut(&mut self.council);
                acts::edit_proposal(council, record, signer, &decision.payload(keys), at)?;
                *old = decision.clone();
            }
            Action::Approve(number) => {
                let (record, _) = proposal(&mut self.proposals, *number)?;
                let (hash, slot) = (record.payload_hash, record.created_slot);
                acts::approve(Rc::make_mut(&mut self.council), record, signer, &hash, slot, now)?;
            }
            Action::Withdraw(number) => {
                let (record, _) = proposal(&mut self.proposals, *number)?;
                acts::withdraw_approval(&self.council, record, signer, now)?;
            }
            Action::Veto(number) => {
                let (record, _) = proposal(&mut self.proposals, *number)?;
                acts::veto(Rc::make_mut(&mut self.council), record, signer, now)?;
            }
            Action::Execute(number) => self.execute(keys, *number)?,
        }
        Ok(())
    }

    fn meter(&mut self, number: usize, signer: &Pubkey, amount: u64) -> Result<(), ActError> {
        let (board, at) = (self.board_bytes(), self.at);
        let lifted_slot = self.board.lifted_slot;
        let breaker = breaker(&mut self.breakers, number)?;
        let missing = |_| ActError::CompartmentOutOfRange;
        let mask = effective_mask(&board, breaker.compartment, at.now).map_err(missing)?;
        let moment = Moment {
            slot: at.slot,
            now: at.now,
            stage_bps: stage_bps(&board, breaker.compartment).map_err(missing)?,
            lifted_slot,
        };
        acts::meter(breaker, signer, amount, mask & WITHDRAW != 0, &moment).map(|_| ())
    }

    fn propagate(&mut self, keys: &Keys, number: usize) -> Result<(), ActError> {
        let is_new = self.domain.open_incident == Pubkey::default();
        let (new, mut fresh) = self.new_incident(keys)?;
        let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
        let source = keys.breakers.get(number).ok_or(ActError::ArgumentOutOfRange)?;
        let latch = &mut breaker(&mut self.breakers, number)?.latch;
        acts::propagate(
            domain,
            &self.council,
            board,
            latch,
            (source, cause::OUTFLOW),
            &mut fresh,
            &new,
            self.at,
        )?;
        // A trip into an open incident leaves its record alone.
        if is_new {
            Rc::make_mut(&mut self.incidents).push(fresh);
        }
        Ok(())
    }

    fn execute(&mut self, keys: &Keys, number: usize) -> Result<(), ActError> {
        let at = self.at;
        let (record, decision) = proposal(&mut self.proposals, number)?;
        acts::consume(&self.council, record, decision.kind(), &decision.payload(keys), at.now)?;
        let (created_slot, decision) = (record.created_slot, decision.clone());
        match decision {
            Decision::Resume { incident, board_epoch } => {
                let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
                let record = incident_at(&mut self.incidents, keys, &incident)?;
                acts::resume(domain, board, record, &incident, board_epoch, created_slot, at)
            }
            Decision::Reopen(how) => {
                let (domain, board) = (Rc::make_mut(&mut self.domain), Rc::make_mut(&mut self.board));
                let record = incident_at(&mut self.incidents, keys, &how.incident)?;
                acts::reopen(domain, board, record, &how, created_slot, at).map(|_| ())
            }
            Decision::SetLimit(number, limits) => {
                let breaker = breaker(&mut self.breakers, number)?;
                acts::set_limit(breaker, &limits, Some(created_slot)).map(|_| ())
            }
            Decision::ChangeCouncil(plan) => acts::change_council(Rc::make_mut(&mut self.council), &plan, at.now),
            Decision::Grant(member, rights) => {
                acts::grant_pause_rights(Rc::make_mut(&mut self.council), &member, rights).map(|_| ())
            }
        }
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

    /// A state to start from: nothing has happened yet.
    #[must_use]
    pub fn new(
        at: At,
        domain: Domain,
        council: Council,
        board: PauseBoard,
        breakers: Vec<(Pubkey, OutflowBreaker)>,
    ) -> Self {
        Self {
            at,
            domain: Rc::new(domain),
            council: Rc::new(council),
            board: Rc::new(board),
            breakers: Rc::new(breakers),
            incidents: Rc::new(vec![]),
            proposals: Rc::new(vec![]),
        }
    }
}

/// The record of the incident at `key`.
fn incident_at<'a>(
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

fn breaker(breakers: &mut Rc<Vec<(Pubkey, OutflowBreaker)>>, number: usize) -> Result<&mut OutflowBreaker, ActError> {
    let found = Rc::make_mut(breakers).get_mut(number);
    found.map(|(_, breaker)| breaker).ok_or(ActError::ArgumentOutOfRange)
}

fn proposal(
    proposals: &mut Rc<Vec<(Proposal, Decision)>>,
    number: usize,
) -> Result<&mut (Proposal, Decision), ActError> {
    if number >= proposals.len() {
        return Err(ActError::ArgumentOutOfRange);
    }
    Rc::make_mut(proposals)
        .get_mut(number)
        .ok_or(ActError::ArgumentOutOfRange)
}
