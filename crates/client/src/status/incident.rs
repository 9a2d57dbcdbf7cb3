//! The open incident: its cause, its confirmations and its timeline.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::pause::incident::has_happened;
use bulkhead_interface::{
    constants::{migration_state, step},
    layout::Migration,
};
use serde::Serialize;

use super::{json, missing, missing::Missing, seen::Seen, words};
use crate::pda;

/// The open incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentStatus {
    /// The incident.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Its number.
    pub index: u64,
    /// What opened it, in words.
    pub cause: &'static str,
    /// The detector that latched, or the guardian.
    #[serde(serialize_with = "json::key")]
    pub source: Pubkey,
    /// The value that was observed, in the detector's unit; 0 for a guardian.
    #[serde(serialize_with = "json::amount")]
    pub breach_amount: u64,
    /// The value that would have been acceptable.
    #[serde(serialize_with = "json::amount")]
    pub limit: u64,
    /// Whether it was decided, so that the next alarm opens its own incident.
    pub is_decided: bool,
    /// Whether the guardians' threshold has confirmed it.
    pub is_frozen: bool,
    /// The guardians who have confirmed it.
    #[serde(serialize_with = "json::keys")]
    pub confirmed: Vec<Pubkey>,
    /// The confirmations it lacks.
    pub missing: Missing,
    /// Its evacuation, if a guardian has confirmed that.
    pub evacuation: Option<EvacuationStatus>,
    /// Tokens that evacuations have moved, all vaults together. Native units.
    #[serde(serialize_with = "json::amount")]
    pub evacuated: u64,
    /// What has happened, in the order of time.
    pub timeline: Vec<StepStatus>,
}

/// How far the guardians have confirmed an evacuation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvacuationStatus {
    /// Whether anyone may evacuate.
    pub is_confirmed: bool,
    /// The guardians who have confirmed it.
    #[serde(serialize_with = "json::keys")]
    pub confirmed: Vec<Pubkey>,
    /// The confirmations it lacks.
    pub missing: Missing,
}

/// A step of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepStatus {
    /// The step, in words.
    pub step: &'static str,
    /// Slot in which it happened.
    pub slot: u64,
    /// When it happened.
    pub ts: i64,
    /// Slots after the breach; 0 for what was before it.
    pub slots_after_breach: u64,
    /// Seconds after the breach.
    pub seconds_after_breach: i64,
}

pub(super) fn open(seen: &Seen) -> Option<IncidentStatus> {
    let (key, incident) = seen.incident?;
    let (council, now) = (&seen.council, seen.at.now);
    let own = |confirmations: u16, epoch: u64| {
        if epoch == council.config_epoch {
            confirmations
        } else {
            0
        }
    };
    let is_frozen = has_happened(&incident, step::FREEZE);
    let breach = incident.steps[step::BREACH];
    let happened = (0..step::COUNT).filter(|step| has_happened(&incident, *step));
    let mut timeline: Vec<_> = happened
        .filter_map(|step| {
            let entry = incident.steps.get(step)?;
            Some(StepStatus {
                step: words::step(step),
                slot: entry.slot,
                ts: entry.ts,
                slots_after_breach: entry.slot.saturating_sub(breach.slot),
                seconds_after_breach: entry.ts.saturating_sub(breach.ts),
            })
        })
        .collect();
    timeline.sort_by_key(|step| (step.slot, step.ts));
    let migration = seen.accounts.find::<Migration>(&pda::migration(&key));
    Some(IncidentStatus {
        key,
        index: incident.index,
        cause: words::cause(incident.cause),
        source: incident.source,
        breach_amount: incident.breach_amount,
        limit: incident.limit,
        is_decided: seen.domain.flags & bulkhead_interface::constants::domain_flag::DECIDED != 0,
        is_frozen,
        confirmed: missing::keys_of(council, own(incident.confirmations, incident.config_epoch)),
        missing: if is_frozen {
            Missing::default()
        } else {
            missing::confirmations(council, incident.confirmations, incident.config_epoch, now)
        },
        evacuation: migration.map(|migration| {
            let is_confirmed = migration.state == migration_state::ACTIVE;
            let (confirmations, epoch) = (migration.confirmations, migration.config_epoch);
            EvacuationStatus {
                is_confirmed,
                confirmed: missing::keys_of(council, own(confirmations, epoch)),
                missing: if is_confirmed {
                    Missing::default()
                } else {
                    missing::confirmations(council, confirmations, epoch, now)
                },
            }
        }),
        evacuated: incident.evacuated,
        timeline,
    })
}
