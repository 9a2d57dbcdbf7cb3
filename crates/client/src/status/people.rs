//! Who may act, and what is proposed.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    domain::council::{guardian_pauses_left, is_active, is_counted, members},
    proposals::{
        proposal::{Progress, Status},
        veto,
    },
};
use bulkhead_interface::{
    constants::role,
    layout::{Council, Member, Proposal},
};
use serde::Serialize;

use super::{json, missing, missing::Missing, seen::Seen, words};
use crate::{
    flows::parse_proposal,
    payload::{self, Field, roles_of},
};

/// A member of the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberStatus {
    /// Its key.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Its roles, in words.
    pub roles: String,
    /// Pause rights left.
    pub pause_rights: u8,
    /// Pauses that it may still make today and in a row.
    pub pauses_left: u8,
    /// Vetoes that it may give now.
    pub vetoes_left: u8,
    /// Last recorded activity.
    pub last_active_ts: i64,
    /// Whether it is eligible: its consent counts.
    pub is_eligible: bool,
    /// Without further activity it is silent from this time on. `None` if it is silent.
    pub silent_from: Option<i64>,
    /// It was silent, and is eligible again from this time on.
    pub eligible_from: Option<i64>,
}

pub(super) fn members_of(seen: &Seen) -> Vec<MemberStatus> {
    let all = members(&seen.council).iter().enumerate();
    all.map(|(index, member)| member_of(&seen.council, index, member, seen.at.now))
        .collect()
}

fn member_of(council: &Council, index: usize, member: &Member, now: i64) -> MemberStatus {
    let is_active = is_active(council, member, now);
    let has = |role: u8| member.roles & role != 0;
    let guardian = |number: u8| if has(role::GUARDIAN) { number } else { 0 };
    // A member is active while its last activity is no older than the heartbeat.
    let silent_from = member
        .last_active_ts
        .saturating_add(council.heartbeat_seconds)
        .saturating_add(1);
    MemberStatus {
        key: member.key,
        roles: roles_of(member.roles),
        pause_rights: guardian(member.pause_rights),
        pauses_left: guardian(guardian_pauses_left(council, member, now)),
        vetoes_left: if has(role::VETOER) {
            veto::left(council, index, now)
        } else {
            0
        },
        last_active_ts: member.last_active_ts,
        is_eligible: is_counted(council, member, now),
        silent_from: is_active.then_some(silent_from),
        eligible_from: (is_active && now < member.active_from_ts).then_some(member.active_from_ts),
    }
}

/// A proposal that was not executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalStatus {
    /// The proposal.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// The instruction that executes it.
    pub kind: &'static str,
    /// Its decision, field by field.
    #[serde(serialize_with = "json::fields")]
    pub fields: Vec<Field>,
    /// Hash that approvals sign, in hexadecimal digits.
    pub payload_hash: String,
    /// Who made it.
    #[serde(serialize_with = "json::key")]
    pub proposer: Pubkey,
    /// When it was made or last edited.
    pub created_ts: i64,
    /// Its state, in words.
    pub status: &'static str,
    /// Whether it is ready to execute.
    pub is_ready: bool,
    /// Whether it can still become ready, as things stand.
    pub is_live: bool,
    /// The members whose approval counts.
    #[serde(serialize_with = "json::keys")]
    pub approvals: Vec<Pubkey>,
    /// Approvals it needs.
    pub needed: u8,
    /// The approvals it lacks.
    pub missing: Missing,
    /// First moment it may run.
    pub eta: Option<i64>,
    /// First slot it may run in.
    pub eta_slot: Option<u64>,
    /// When it can run, in words.
    pub due: String,
    /// Last moment it may run.
    pub expires_ts: i64,
}

/// The proposals that are open, those that can run first. An executed or vetoed proposal is over.
pub(super) fn proposals(seen: &Seen) -> Vec<ProposalStatus> {
    let mut found = Vec::new();
    for (key, _) in seen.accounts.all::<Proposal>() {
        let data = seen.accounts.raw(&key).map(|account| &account.data);
        let Some(Ok(read)) = data.map(|data| parse_proposal(key, data)) else {
            continue;
        };
        let progress = judge(seen, &read.proposal, &read.payload);
        let is_over = matches!(
            progress.status,
            Status::Executed | Status::Vetoed | Status::Stale | Status::Expired
        );
        if !is_over {
            found.push((rank(progress.status), of(seen, &read, &progress)));
        }
    }
    found.sort_by_key(|(rank, proposal)| (*rank, proposal.created_ts, proposal.key));
    found.into_iter().map(|(_, proposal)| proposal).collect()
}

/// The state of a proposal, by the program's rule.
pub(super) fn judge(seen: &Seen, proposal: &Proposal, payload: &payload::Payload) -> Progress {
    let read = |key: &Pubkey| {
        let account = seen.accounts.raw(key)?;
        Some((account.owner, account.data.clone()))
    };
    payload::progress(proposal, payload, &seen.council, &read, seen.at)
}

const fn rank(status: Status) -> u8 {
    match status {
        Status::Ready => 0,
        Status::Waiting => 1,
        Status::Collecting => 2,
        _ => 3,
    }
}

fn of(seen: &Seen, read: &crate::flows::ReadProposal, progress: &Progress) -> ProposalStatus {
    let proposal = &read.proposal;
    let is_live = matches!(progress.status, Status::Ready | Status::Waiting | Status::Collecting);
    ProposalStatus {
        key: read.key,
        kind: read.payload.name(),
        fields: read.payload.fields(),
        payload_hash: payload::hex(&proposal.payload_hash),
        proposer: proposal.proposer,
        created_ts: proposal.created_ts,
        status: words::proposal(progress.status),
        is_ready: progress.status == Status::Ready,
        is_live,
        approvals: missing::keys_of(&seen.council, progress.eligible),
        needed: progress.needed,
        missing: if progress.status == Status::Collecting {
            missing::approvals(proposal, &seen.council, progress, seen.at.now)
        } else {
            Missing::default()
        },
        eta: progress.eta,
        eta_slot: progress.eta_slot,
        due: if is_live && progress.eta.is_some() {
            words::due(progress, seen.at)
        } else {
            String::new()
        },
        expires_ts: proposal.expires_ts,
    }
}
