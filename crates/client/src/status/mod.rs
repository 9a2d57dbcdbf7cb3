//! The state of a domain: what is closed and until when, what may leave, the open incident and its next step, proposals
//! and their clocks, members, and what is wrong.
//!
//! [`gather`] reads the accounts, [`DomainStatus::of`] computes everything else from them without a node.

mod accounts;
mod claims_end;
mod custody;
pub mod detector;
mod detectors;
mod incident;
mod insurance;
pub(crate) mod json;
mod ledger_steps;
pub mod missing;
mod model;
mod next_step;
mod pauses;
mod peers;
mod people;
mod recovery;
mod screen;
mod seen;
mod warnings;
pub mod words;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::acts::At;

use self::seen::Seen;
pub use self::{
    accounts::{Accounts, gather, gather_kinds},
    claims_end::ClaimsEnd,
    custody::{BreakerStatus, Queue, VaultStatus},
    detectors::{DetectorStatus, LatchState, LinkStatus, Observed},
    incident::{EvacuationStatus, IncidentStatus, StepStatus},
    insurance::InsuranceStatus,
    missing::Missing,
    model::{Closed, DomainStatus, Why},
    next_step::{By, NextStep, Step, next_step, next_steps},
    peers::{PeerStatus, RequestStatus},
    people::{MemberStatus, ProposalStatus},
    recovery::{CheckpointLogStatus, CheckpointStatus, RestorationStatus},
    screen::text,
    warnings::{Warning, WarningKind},
};
use crate::flows::{FlowError, Session};

/// Reads the state of a domain.
///
/// # Errors
/// [`FlowError`]
pub async fn read(session: &Session<'_>, domain: Pubkey) -> Result<DomainStatus, FlowError> {
    let accounts = gather(session, domain).await?;
    let at = session.chain.now().await?;
    DomainStatus::of(&accounts, at).ok_or_else(|| FlowError::NotFound {
        what: "council or board of the domain",
        key: domain,
        next: "run this again; if it persists, use another node".into(),
    })
}

impl DomainStatus {
    /// The state of a domain by its accounts. `None` if its domain, council or board is missing.
    #[must_use]
    pub fn of(accounts: &Accounts, at: At) -> Option<Self> {
        let seen = Seen::of(accounts, at)?;
        let mut status = Self {
            domain: seen.key,
            host_program: seen.domain.host_program,
            slot: at.slot,
            now: at.now,
            phase: words::phase(seen.domain.state),
            closed: pauses::closed(&seen),
            ramp_bps: seen.board.domain_row.ramp_bps,
            warnings: vec![],
            incident: incident::open(&seen),
            next_steps: next_step::steps(&seen),
            proposals: people::proposals(&seen),
            members: people::members_of(&seen),
            breakers: custody::breakers(&seen),
            vaults: custody::vaults(&seen),
            detectors: detectors::detectors(&seen),
            links: detectors::links(&seen),
            peers: peers::peers(&seen),
            checkpoint_logs: recovery::checkpoint_logs(&seen),
            restorations: recovery::restorations(&seen),
            insurance: insurance::pools(&seen),
        };
        status.warnings = warnings::of(&seen, &status);
        Some(status)
    }
}
