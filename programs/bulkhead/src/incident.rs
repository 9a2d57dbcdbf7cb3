//! How an incident's record begins, whoever raised the alarm.

use anchor_lang::prelude::*;
use bulkhead_core::incident::mark;
use bulkhead_interface::{
    constants::{VERSION, incident_state, step},
    layout::{Domain, Incident},
};

use crate::error::BulkheadError;

/// Who raised the alarm, when, and over how much.
pub struct Alarm {
    /// Bump of the incident's PDA.
    pub bump: u8,
    /// One of `constants::cause`.
    pub cause: u8,
    /// The breaker or the guardian.
    pub source: Pubkey,
    /// What was tried, in native units; 0 for a guardian.
    pub amount: u64,
    /// What the breaker allows per window; 0 for a guardian.
    pub limit: u64,
    /// Slot of the breach.
    pub slot: u64,
    /// Time of the breach, unix seconds.
    pub ts: i64,
}

/// Fills a fresh incident and makes it the domain's open one. The caller moves the phase.
pub fn begin(
    incident: &mut Incident,
    domain: &mut Domain,
    key: Pubkey,
    domain_key: Pubkey,
    alarm: &Alarm,
) -> Result<()> {
    incident.version = VERSION;
    incident.bump = alarm.bump;
    incident.state = incident_state::OPEN;
    incident.cause = alarm.cause;
    incident.index = domain.incident_count;
    incident.domain = domain_key;
    incident.source = alarm.source;
    incident.breach_amount = alarm.amount;
    incident.limit = alarm.limit;
    mark(incident, step::BREACH, alarm.slot, alarm.ts);
    domain.open_incident = key;
    domain.restoration = Pubkey::default();
    domain.incident_count = domain.incident_count.checked_add(1).ok_or(BulkheadError::Overflow)?;
    Ok(())
}
