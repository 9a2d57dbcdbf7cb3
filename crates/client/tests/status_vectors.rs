//! `tests/vectors/proposals.json`: where proposals stand, for every other language. `UPDATE_VECTORS=1` writes it.

use std::{fs, path::PathBuf};

use bulkhead_core::{
    acts::At,
    proposal::{Status, check_executable, standing},
};
use bulkhead_interface::{
    ProposalKind,
    constants::{class, proposal_flag, proposal_state, role},
    layout::{Council, Member, Proposal},
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

fn cases() -> Vec<(Proposal, Council, At)> {
    let mut all = vec![];
    let councils = [
        council([0, DAY, DAY, 0], 0),
        council([0, 31 * DAY, DAY, 0], 0),
        council([0, DAY, DAY, 0], NOW - 3 * DAY),
        council([0, DAY, DAY, 0], NOW + DAY),
        // Too few for too long.
        council([100 * DAY, 90 * DAY, 0, 0], 0),
    ];
    for council in councils {
        for (state, epoch, flags) in [
            (proposal_state::OPEN, 3, 0),
            (proposal_state::OPEN, 3, proposal_flag::FALLBACK),
            (proposal_state::OPEN, 2, 0),
            (proposal_state::EXECUTED, 3, 0),
            (proposal_state::VETOED, 2, 0),
        ] {
            for approvals in [0, 0b11, 0b101, 0b1001] {
                for approved_ts in [0, NOW - DAY, NOW - 4 * DAY, NOW - 20 * DAY] {
                    for class in [0, 1, 7] {
                        let proposal = Proposal {
                            state,
                            flags,
                            class,
                            approvals,
                            config_epoch: epoch,
                            approved_ts,
                            approved_slot: if approved_ts == 0 { 0 } else { slot_of(approved_ts) },
                            created_ts: NOW - 20 * DAY,
                            expires_ts: NOW + DAY,
                            ..Proposal::zeroed()
                        };
                        // Now, and at the end of their time.
                        let later: &[i64] = if class == 1 { &[DAY, DAY + 1] } else { &[0] };
                        all.extend(later.iter().map(|later| (proposal, council, at(NOW + later))));
                        // The same where the cluster stood still since it was approved.
                        let still = At {
                            slot: proposal.approved_slot + 5,
                            now: NOW,
                        };
                        if approvals == 0b11 && state == proposal_state::OPEN {
                            all.push((proposal, council, still));
                        }
                    }
                }
            }
        }
    }
    all.extend(vetoed());
    all
}

fn at(now: i64) -> At {
    At {
        slot: slot_of(now),
        now,
    }
}

/// Proposals of member 0 under vetoes of members 2 and 3 that stand against it.
fn vetoed() -> Vec<(Proposal, Council, At)> {
    let mut all = vec![];
    for vetoes in [[0; 3], [0, 0, 4], [4, 0, 0], [4, 3, 0], [3, 0, 4]] {
        let mut council = council([0, DAY, DAY, 0], 0);
        council.members[2].roles |= role::VETOER;
        council.vetoes[0].by = vetoes;
        council.vetoes[0].ts = [NOW - 10 * DAY; 3];
        for kind in [ProposalKind::Resume, ProposalKind::ChangeCouncil] {
            for (removes, own) in [(0, 0), (0b1000, 0), (0b1000, 0b1000), (0b1100, 0b100)] {
                for (place, age) in [(0, 1), (0, 2), (0, 3), (0, 11), (1, 11)] {
                    let proposal = Proposal {
                        kind: kind.number(),
                        class: class::CONSTITUTION,
                        config_epoch: 3,
                        approvals: 0b11,
                        approved_ts: NOW - DAY,
                        approved_slot: slot_of(NOW - DAY),
                        created_ts: NOW - age * DAY - 1,
                        expires_ts: NOW + DAY,
                        place,
                        removes,
                        vetoes: own,
                        ..Proposal::zeroed()
                    };
                    all.push((proposal, council, at(NOW)));
                }
            }
        }
    }
    all
}

fn vector((proposal, council, at): &(Proposal, Council, At)) -> Value {
    let found = standing(proposal, council, *at);
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
        "eta": found.eta,
        "eta_slot": found.eta_slot,
    })
}

#[test]
fn the_file_is_what_the_rule_says() {
    let vectors: Vec<_> = cases().iter().map(vector).collect();
    let lines: Vec<_> = vectors.iter().map(ToString::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let file = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/proposals.json"
    ));
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        fs::write(&file, &text).expect("it can be written");
    }
    let kept = fs::read_to_string(&file).expect("it is checked in");
    assert!(
        kept == text,
        "tests/vectors/proposals.json is stale: run this test with UPDATE_VECTORS=1"
    );
    for status in [
        "executed",
        "vetoed",
        "stale",
        "expired",
        "collecting",
        "fallbackNotDue",
        "waiting",
        "ready",
    ] {
        let is_reached = vectors.iter().any(|vector| vector["status"] == status);
        assert!(is_reached, "{status} is never reached");
    }
}

/// What is called ready is what the program runs, and nothing else is.
#[test]
fn ready_is_what_the_program_executes() {
    for (proposal, council, at) in cases() {
        let is_ready = standing(&proposal, &council, at).status == Status::Ready;
        assert_eq!(check_executable(&proposal, &council, at).is_ok(), is_ready);
    }
}
