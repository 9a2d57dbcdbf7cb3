//! `tests/vectors/proposals.json`: where proposals stand by their council; `refused.json`: and by their domain, its board
//! and incident; `claims_end.json`: and when claims end. For every other language. `UPDATE_VECTORS=1` writes them.

mod claims_end;
mod refusals;
mod standings;

use std::{fs, path::PathBuf};

use bulkhead_core::{
    acts::{self, Asked, At, Closing, Reopening, Scene},
    breakers::window::TripLimits,
    proposals::proposal::{Status, check_executable, progress},
};
use bulkhead_interface::{
    ProposalKind, Pubkey,
    constants::{class, phase, proposal_flag, proposal_state, role, step},
    layout::{Council, Detector, Domain, Incident, Member, OutflowBreaker, PauseBoard, Proposal},
};
use bytemuck::Zeroable;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const NOW: i64 = 20_000 * DAY;
const SLOT: u64 = 100_000_000;

fn name(status: Status) -> &'static str {
    match status {
        Status::Executed => "executed",
        Status::Vetoed => "vetoed",
        Status::Stale => "stale",
        Status::Expired => "expired",
        Status::Collecting => "collecting",
        Status::FallbackNotDue => "fallbackNotDue",
        Status::Waiting => "waiting",
        Status::Ready => "ready",
        Status::Refused => "refused",
    }
}

/// Four members: three approvers, one of them silent and one back from a silence, and a vetoer.
fn council(seen: [i64; 4], back: i64) -> Council {
    let mut council = Council {
        member_count: 4,
        config_epoch: 3,
        heartbeat_seconds: 30 * DAY,
        fallback_seconds: 7 * DAY,
        ..Council::zeroed()
    };
    for (place, (member, seen)) in council.members.iter_mut().zip(seen).enumerate() {
        *member = Member {
            roles: if place == 3 { role::VETOER } else { role::APPROVER },
            last_active_ts: NOW - seen,
            active_from_ts: if place == 2 { back } else { 0 },
            ..Member::zeroed()
        };
    }
    for (class, policy) in council.policies.iter_mut().enumerate() {
        policy.threshold = 2;
        policy.delay_seconds = (i64::try_from(class).expect("few") + 1) * DAY;
        policy.expiry_seconds = 30 * DAY;
    }
    council
}

/// The slot of a moment near [`NOW`], where the cluster never stands still.
fn slot_of(ts: i64) -> u64 {
    SLOT.saturating_add_signed((ts - NOW) * 5 / 2)
}

fn at(now: i64) -> At {
    At {
        slot: slot_of(now),
        now,
    }
}

fn vector((proposal, council, at): &(Proposal, Council, At)) -> Value {
    let found = progress(proposal, council, *at);
    let members = council.members.iter().take(usize::from(council.member_count));
    let policies = council.policies.iter();
    json!({
        "proposal": {
            "state": proposal.state,
            "flags": proposal.flags,
            "kind": proposal.kind,
            "class": proposal.class,
            "place": proposal.place,
            "removes": proposal.removes,
            "vetoes": proposal.vetoes,
            "created_ts": proposal.created_ts,
            "approvals": proposal.approvals,
            "config_epoch": proposal.config_epoch,
            "approved_ts": proposal.approved_ts,
            "approved_slot": proposal.approved_slot,
            "expires_ts": proposal.expires_ts,
        },
        "council": {
            "config_epoch": council.config_epoch,
            "heartbeat_seconds": council.heartbeat_seconds,
            "fallback_seconds": council.fallback_seconds,
            "policies": policies.map(|policy| (policy.threshold, policy.delay_seconds)).collect::<Vec<_>>(),
            "vetoes": council.vetoes.iter().take(2).map(|kept| (kept.ts, kept.by)).collect::<Vec<_>>(),
            "members": members
                .map(|member| (member.roles, member.last_active_ts, member.active_from_ts))
                .collect::<Vec<_>>(),
        },
        "now": at.now,
        "slot": at.slot,
        "status": name(found.status),
        "eligible": found.eligible,
        "needed": found.needed,
        "lacks_a_clock": found.lacks_a_clock(),
        "eta": found.eta,
        "eta_slot": found.eta_slot,
    })
}

/// Holds what is checked in against the vectors, or writes it.
fn keep(name: &str, vectors: &[Value]) {
    let lines: Vec<_> = vectors.iter().map(ToString::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(name);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        fs::write(&file, &text).expect("it can be written");
    }
    let kept = fs::read_to_string(&file).expect("it is checked in");
    assert!(
        kept == text,
        "tests/vectors/{name} is stale: run this test with UPDATE_VECTORS=1"
    );
}
