//! Where proposals stand by their domain, its board and incident as well.

use super::*;

const TRIP: TripLimits = TripLimits { limit: 0, bps: 0 };

/// What a proposal asks for, with what it takes to write it down.
#[derive(Clone)]
enum What {
    Resume,
    Restore,
    Reopen(u16, i64),
    /// Of no incident.
    Peace,
    Grant(u8, u8),
    Limit,
    Close,
    Other(ProposalKind),
}

impl What {
    const fn kind(&self) -> ProposalKind {
        match self {
            Self::Resume => ProposalKind::Resume,
            Self::Restore => ProposalKind::ChooseRestoration,
            Self::Reopen(..) | Self::Peace => ProposalKind::Reopen,
            Self::Grant(..) => ProposalKind::GrantRights,
            Self::Limit => ProposalKind::SetLimit,
            Self::Close => ProposalKind::CloseDetector,
            Self::Other(kind) => *kind,
        }
    }
}

const INCIDENT: Pubkey = Pubkey::new_from_array([7; 32]);
const OTHER: Pubkey = Pubkey::new_from_array([8; 32]);
/// The slot all proposals with a scene were made in.
const MADE: u64 = 1_000;

fn member_key(place: u8) -> Pubkey {
    Pubkey::new_from_array([place + 1; 32])
}

/// A state of affairs around a proposal.
#[derive(Clone)]
struct Affairs {
    domain: Domain,
    board: PauseBoard,
    incident: Option<Incident>,
    lowered_slot: u64,
    decided_slot: u64,
}

/// What speaks against a proposal, one thing at a time, around one that nothing speaks against.
fn affairs() -> Vec<Affairs> {
    let mut all = vec![];
    for state in [phase::OPERATING, phase::ALERT, phase::FROZEN, phase::RECOVERING] {
        let open = if state == phase::OPERATING {
            Pubkey::default()
        } else {
            INCIDENT
        };
        let sound = Affairs {
            domain: Domain {
                state,
                open_incident: open,
                incident_count: 1,
                ..Domain::zeroed()
            },
            board: PauseBoard::zeroed(),
            incident: Some(Incident {
                alarm_slot: MADE - 1,
                ..Incident::zeroed()
            }),
            lowered_slot: 0,
            decided_slot: 0,
        };
        let mut with = |change: &dyn Fn(&mut Affairs)| {
            let mut one = sound.clone();
            change(&mut one);
            all.push(one);
        };
        with(&|_| ());
        with(&|one| one.incident = None);
        with(&|one| (one.domain.incident_count, one.incident) = (0, None));
        with(&|one| one.domain.open_incident = OTHER);
        for slot in [MADE - 1, MADE, MADE + 1] {
            with(&|one| one.domain.confirmed_slot = slot);
            with(&|one| one.lowered_slot = slot);
            with(&|one| one.decided_slot = slot);
            with(&|one| one.domain.closed_slot = slot);
            with(&|one| one.board.unpaused_slot = slot);
            with(&|one| (one.board.domain_row.freeze, one.board.frozen_slot) = (2, slot));
            with(&|one| one.board.frozen_slot = slot);
            let of = |one: &mut Affairs, change: &dyn Fn(&mut Incident)| one.incident.iter_mut().for_each(change);
            with(&|one| of(one, &|incident| incident.alarm_slot = slot));
            // A detector's, which another may have opened under another number.
            with(&|one| {
                one.domain.open_incident = OTHER;
                of(one, &|incident| (incident.cause, incident.alarm_slot) = (1, slot));
            });
            for number in [step::EVACUATION, step::RESTORATION, step::FREEZE] {
                with(&|one| of(one, &|incident| incident.steps[number].slot = slot));
            }
        }
        with(&|one| {
            one.incident
                .iter_mut()
                .for_each(|incident| incident.steps[step::EVACUATION].ts = 1)
        });
    }
    all
}

fn asked_for() -> Vec<What> {
    vec![
        What::Resume,
        What::Restore,
        What::Reopen(2_500, 0),
        What::Reopen(0, 0),
        What::Reopen(10_001, 0),
        What::Reopen(10_000, 604_801),
        What::Reopen(10_000, -1),
        What::Peace,
        What::Grant(1, 1),
        What::Grant(1, 0),
        What::Grant(1, 4),
        // A vetoer, and nobody.
        What::Grant(3, 1),
        What::Grant(9, 1),
        What::Limit,
        What::Close,
        What::Other(ProposalKind::ChangeCouncil),
        What::Other(ProposalKind::RunInstruction),
        What::Other(ProposalKind::OpenBreaker),
        What::Other(ProposalKind::CancelReleases),
    ]
}

/// Where a proposal stands by its council: collecting, waiting, ready, over.
fn stages() -> Vec<(u16, i64)> {
    vec![(0, 0), (0b11, NOW), (0b11, NOW - 20 * DAY), (0b11, -1)]
}

fn in_scene(what: &What, affairs: &Affairs, (approvals, approved_ts): (u16, i64)) -> (Proposal, Council, Value) {
    let mut council = council([0, DAY, DAY, 0], 0);
    council.pause_rights = 3;
    for (place, member) in (0..).zip(&mut council.members) {
        member.key = member_key(place);
    }
    council.members[1].roles |= role::GUARDIAN;
    let proposal = Proposal {
        kind: what.kind().number(),
        class: class::CONSTITUTION,
        config_epoch: 3,
        state: if approved_ts < 0 {
            proposal_state::VETOED
        } else {
            proposal_state::OPEN
        },
        approvals,
        approved_ts: approved_ts.max(0),
        created_slot: MADE,
        created_ts: NOW - 20 * DAY,
        expires_ts: NOW + DAY,
        ..Proposal::zeroed()
    };
    let limits = bulkhead_core::breakers::window::Limits {
        limit: 10,
        slot_limit: 10,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    };
    let grantee = member_key(if let What::Grant(place, _) = what { *place } else { 0 });
    let reopening = match what {
        What::Reopen(ramp_bps, grace_seconds) => Reopening {
            incident: INCIDENT,
            ramp_bps: *ramp_bps,
            grace_seconds: *grace_seconds,
        },
        _ => Reopening {
            incident: Pubkey::default(),
            ramp_bps: 1,
            grace_seconds: 0,
        },
    };
    let (asked, args) = match what {
        What::Resume => (Asked::Resume(&INCIDENT), json!({ "incident": INCIDENT.to_string() })),
        What::Restore => (
            Asked::ChooseRestoration(&INCIDENT),
            json!({ "incident": INCIDENT.to_string() }),
        ),
        What::Reopen(ramp_bps, grace_seconds) => (
            Asked::Reopen(&reopening),
            json!({ "incident": INCIDENT.to_string(), "ramp_bps": ramp_bps, "grace_seconds": grace_seconds }),
        ),
        What::Peace => (
            Asked::Reopen(&reopening),
            json!({ "incident": Pubkey::default().to_string(), "ramp_bps": 1, "grace_seconds": 0 }),
        ),
        What::Grant(_, pauses) => (
            Asked::Grant(&grantee, *pauses),
            json!({ "member": grantee.to_string(), "pause_rights": pauses }),
        ),
        What::Limit => (Asked::SetLimit(&limits, &TRIP), json!({})),
        What::Close | What::Other(_) => (Asked::Other(what.kind()), json!({})),
    };
    let at = at(NOW);
    let breaker = OutflowBreaker {
        lowered_slot: affairs.lowered_slot,
        decided_slot: affairs.decided_slot,
        ..OutflowBreaker::zeroed()
    };
    let detector = Detector::zeroed();
    let scene = Scene {
        domain: &affairs.domain,
        board: &affairs.board,
        incident: affairs.incident.as_ref(),
        breaker: matches!(what, What::Limit).then_some(&breaker),
        closing: matches!(what, What::Close).then_some(Closing {
            detector: &detector,
            lowered_slot: affairs.lowered_slot,
            decided_slot: affairs.decided_slot,
        }),
        decided_slot: affairs.decided_slot,
    };
    let found = acts::progress(&proposal, &council, &asked, &scene, at);
    let steps = |incident: &Incident| {
        let happened = (0_u8..)
            .zip(&incident.steps)
            .filter(|(_, step)| (step.slot, step.ts) != (0, 0));
        happened
            .map(|(number, step)| json!([number, step.slot, step.ts]))
            .collect::<Vec<_>>()
    };
    let printed = json!({
        "kind": proposal.kind,
        "stage": stages().iter().position(|stage| *stage == (approvals, approved_ts)),
        "status": name(found.status),
        "args": args,
        "domain": [
            affairs.domain.state,
            affairs.domain.open_incident.to_string(),
            affairs.domain.confirmed_slot,
            affairs.domain.closed_slot,
            affairs.domain.incident_count,
        ],
        "board": [affairs.board.domain_row.freeze, affairs.board.frozen_slot, affairs.board.unpaused_slot],
        "incident": affairs.incident.as_ref().map(|incident| json!([
            incident.cause, incident.alarm_slot, steps(incident),
        ])),
        "lowered_slot": affairs.lowered_slot,
        "decided_slot": affairs.decided_slot,
    });
    (proposal, council, printed)
}

/// What all of them have in common: the council, and the proposal at each stage.
fn common() -> Value {
    let sound = affairs().swap_remove(0);
    let stages: Vec<_> = stages()
        .iter()
        .map(|stage| in_scene(&What::Limit, &sound, *stage))
        .collect();
    let (_, council, _) = &stages[0];
    let members = council.members.iter().take(council.member_count.into());
    let proposals = stages.iter().map(|(proposal, council, _)| {
        let mut printed = vector(&(*proposal, *council, at(NOW)));
        printed["proposal"]["created_slot"] = proposal.created_slot.into();
        printed
    });
    json!({
        "stages": proposals.collect::<Vec<_>>(),
        "pause_rights": council.pause_rights,
        "keys": members.map(|member| member.key.to_string()).collect::<Vec<_>>(),
    })
}

/// A phase, a confirmation, a freeze, an evacuation, a lowered limit, an unpause: each refuses what it refuses, and no more.
#[test]
fn what_refuses_a_proposal_is_written_down() {
    let mut vectors = vec![];
    for what in asked_for() {
        for affairs in affairs() {
            for stage in stages() {
                vectors.push(in_scene(&what, &affairs, stage).2);
            }
        }
    }
    // Most say the same: of what is alike in kind, stage, phase and answer a few are enough.
    let mut kept = std::collections::BTreeMap::<String, usize>::new();
    vectors.retain(|vector| {
        let alike = [
            &vector["kind"],
            &vector["status"],
            &vector["stage"],
            &vector["domain"][0],
        ];
        let count = kept.entry(format!("{alike:?} {}", vector["args"])).or_default();
        *count += 1;
        *count <= 8
    });
    let all: Vec<_> = std::iter::once(common()).chain(vectors.iter().cloned()).collect();
    keep("refused.json", &all);
    for kind in [
        ProposalKind::Resume,
        ProposalKind::Reopen,
        ProposalKind::ChooseRestoration,
        ProposalKind::GrantRights,
        ProposalKind::SetLimit,
        ProposalKind::CloseDetector,
    ] {
        for status in ["ready", "waiting", "collecting", "refused"] {
            let is_reached = vectors
                .iter()
                .any(|vector| vector["kind"] == kind.number() && vector["status"] == status);
            assert!(is_reached, "{status} is never reached by {kind:?}");
        }
    }
}
