//! Where a proposal stands, by the rule of the program, with what its execution will meet.

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead::{decision::Decision, instructions::SetLimitArgs};
use bulkhead_core::{
    acts::{self, Asked, At, Reopening, Scene},
    proposal::{self, Standing},
    window::Limits,
};
use bulkhead_interface::layout::{Council, Domain, Incident, OutflowBreaker, PauseBoard, Proposal};

use super::{Payload, ReadAccount};
use crate::decode;

/// Where `proposal` stands. Where its domain or board cannot be read, only what its council says of it.
#[must_use]
pub fn standing(proposal: &Proposal, payload: &Payload, council: &Council, read: ReadAccount, at: At) -> Standing {
    let found = load::<Domain>(read, &proposal.domain);
    let found = found.and_then(|domain| Some((domain, load::<PauseBoard>(read, &domain.board)?)));
    let (Some((domain, board)), Payload::Known(decision)) = (found, payload) else {
        return proposal::standing(proposal, council, at);
    };
    let incident = match decision {
        // It may end another than it names.
        Decision::Resume(_) => Some(domain.open_incident),
        Decision::Reopen(args) => Some(args.incident),
        _ => None,
    };
    let breaker = match decision {
        Decision::SetLimit(args) => load::<OutflowBreaker>(read, &args.breaker),
        Decision::CloseDetector(args) => load::<OutflowBreaker>(read, &args.detector),
        _ => None,
    };
    let incident = incident.and_then(|key| load::<Incident>(read, &key));
    let scene = Scene {
        domain: &domain,
        board: &board,
        incident: incident.as_ref(),
        lowered_slot: breaker.map_or(0, |breaker| breaker.lowered_slot),
    };
    let mut found = None;
    ask(decision, &mut |asked| {
        found = Some(acts::standing(proposal, council, asked, &scene, at));
    });
    found.unwrap_or_else(|| proposal::standing(proposal, council, at))
}

/// What it asks for, as far as that is judged by more than its council.
fn ask(decision: &Decision, then: &mut dyn FnMut(&Asked)) {
    match decision {
        Decision::Resume(args) => then(&Asked::Resume(&args.incident)),
        Decision::ChooseRestoration(args) => then(&Asked::ChooseRestoration(&args.incident)),
        Decision::Reopen(args) => then(&Asked::Reopen(&Reopening {
            incident: args.incident,
            stage_bps: args.stage_bps,
            grace_seconds: args.grace_seconds,
        })),
        Decision::SetLimit(SetLimitArgs {
            limit,
            slot_limit,
            limit_bps,
            slot_bps,
            inflow_credit,
            ..
        }) => then(&Asked::SetLimit(&Limits {
            limit: *limit,
            slot_limit: *slot_limit,
            limit_bps: *limit_bps,
            slot_bps: *slot_bps,
            inflow_credit: *inflow_credit,
        })),
        Decision::GrantRights(args) => then(&Asked::Grant(&args.member, args.pause_rights)),
        _ => then(&Asked::Other(decision.kind())),
    }
}

fn load<T: ZeroCopy + Discriminator>(read: ReadAccount, key: &Pubkey) -> Option<T> {
    decode::account(&read(key)?)
}
