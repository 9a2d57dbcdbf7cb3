//! The state of a domain as people and programs read it. Times are unix seconds, amounts native units.

use anchor_lang::prelude::Pubkey;
use serde::Serialize;

use super::{
    custody::{BreakerStatus, VaultStatus},
    detectors::{DetectorStatus, LinkStatus},
    incident::IncidentStatus,
    insurance::InsuranceStatus,
    json,
    next_step::NextStep,
    peers::PeerStatus,
    people::{MemberStatus, ProposalStatus},
    recovery::{CheckpointLogStatus, RestorationStatus},
    warnings::Warning,
};

/// The state of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainStatus {
    /// The domain.
    #[serde(serialize_with = "json::key")]
    pub domain: Pubkey,
    /// The protected program.
    #[serde(serialize_with = "json::key")]
    pub host_program: Pubkey,
    /// Slot in which it was read.
    pub slot: u64,
    /// Time at which it was read.
    pub now: i64,
    /// Its phase: set-up, operating, alert, frozen or recovering.
    pub phase: &'static str,
    /// What is closed, why and until when.
    pub closed: Vec<Closed>,
    /// Share of the limits in force after a reopening, in bps.
    pub ramp_bps: u16,
    /// What is wrong, gravest first.
    pub warnings: Vec<Warning>,
    /// The open incident.
    pub incident: Option<IncidentStatus>,
    /// What can be done about the incident, in order. The first is next.
    pub next_steps: Vec<NextStep>,
    /// The proposals that are open.
    pub proposals: Vec<ProposalStatus>,
    /// The council.
    pub members: Vec<MemberStatus>,
    /// The outflow breakers.
    pub breakers: Vec<BreakerStatus>,
    /// The vaults.
    pub vaults: Vec<VaultStatus>,
    /// Everything that trips by itself.
    pub detectors: Vec<DetectorStatus>,
    /// The links to upstream domains.
    pub links: Vec<LinkStatus>,
    /// The domains on other chains that are heard.
    pub peers: Vec<PeerStatus>,
    /// The checkpoint logs.
    pub checkpoint_logs: Vec<CheckpointLogStatus>,
    /// The restorations, newest first.
    pub restorations: Vec<RestorationStatus>,
    /// The insurance pools, by ledger and order of loss.
    pub insurance: Vec<InsuranceStatus>,
}

/// Actions that are closed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// The compartment, or 255 for the domain.
    pub scope: u8,
    /// The actions as a mask.
    pub mask: u32,
    /// The actions that Bulkhead names.
    pub actions: Vec<&'static str>,
    /// Why.
    pub why: Why,
    /// When they open by themselves. `None`: a proposal has to open them.
    pub until: Option<i64>,
}

/// Why actions are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Why {
    /// The guardians' threshold confirmed an incident.
    Freeze {
        /// Number of the incident.
        incident: u64,
    },
    /// Guardians paused.
    GuardianPause {
        /// The guardians whose last pause is still in force.
        #[serde(serialize_with = "json::keys")]
        guardians: Vec<Pubkey>,
    },
    /// Detectors tripped.
    Trip {
        /// The detectors whose trips are in force in this scope.
        #[serde(serialize_with = "json::keys")]
        detectors: Vec<Pubkey>,
    },
    /// Other domains are paused.
    Link {
        /// The upstream domains that are linked to this compartment.
        #[serde(serialize_with = "json::keys")]
        upstreams: Vec<Pubkey>,
        /// The peers on other chains that have paused and close this compartment.
        #[serde(serialize_with = "json::keys")]
        peers: Vec<Pubkey>,
    },
    /// Liquidations stay closed for a while after a reopening.
    Grace,
}
