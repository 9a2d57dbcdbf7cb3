//! What is closed, why and until when.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    detectors::latch::{is_in_force, trip_until},
    domain::council::members,
    pause::board::has_bit,
};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state},
    layout::{BoardRow, Link, Peer},
};

use super::{
    detector,
    model::{Closed, Why},
    seen::Seen,
};
use crate::payload::actions;

/// Everything that is closed: the domain first, then the compartments in order.
pub(super) fn closed(seen: &Seen) -> Vec<Closed> {
    let rows = seen.board.rows.iter().zip(0..);
    let all = std::iter::once((&seen.board.domain_row, SCOPE_DOMAIN)).chain(rows);
    let mut found: Vec<_> = all.flat_map(|(row, scope)| of_row(seen, row, scope)).collect();
    let grace = seen.board.grace_until;
    if seen.at.now < grace {
        found.push(close(SCOPE_DOMAIN, action::LIQUIDATE, Why::Grace, Some(grace)));
    }
    found
}

fn close(scope: u8, mask: u32, why: Why, until: Option<i64>) -> Closed {
    Closed {
        scope,
        mask,
        actions: actions(mask),
        why,
        until,
    }
}

fn of_row(seen: &Seen, row: &BoardRow, scope: u8) -> Vec<Closed> {
    let mut found = Vec::new();
    if row.freeze != 0 {
        let last = seen.domain.incident_count.saturating_sub(1);
        let incident = seen.incident.map_or(last, |(_, incident)| incident.index);
        found.push(close(scope, row.freeze, Why::Freeze { incident }, None));
    }
    let timed = [
        (row.guardian_pause, row.guardian_pause_until, 0),
        (row.trip, row.trip_until, 1),
        (row.linked, row.linked_until, 2),
    ];
    for (mask, until, kind) in timed {
        if mask == 0 || seen.at.now >= until {
            continue;
        }
        let why = match kind {
            0 => Why::GuardianPause {
                guardians: pausing(seen, until),
            },
            1 => Why::Trip {
                detectors: tripped(seen, scope),
            },
            _ => Why::Link {
                upstreams: linked(seen, scope),
                peers: heard(seen, scope),
            },
        };
        found.push(close(scope, mask, why, Some(until)));
    }
    found
}

/// The guardians whose last pause can be part of one in force until `until`. The board does not keep who paused.
fn pausing(seen: &Seen, until: i64) -> Vec<Pubkey> {
    let lasts = seen.council.guardian_pause_seconds;
    let found = members(&seen.council).iter().filter(|member| {
        let own = member.last_guardian_pause_ts.saturating_add(lasts);
        member.last_guardian_pause_ts != 0 && seen.at.now < own && own <= until
    });
    found.map(|member| member.key).collect()
}

/// The detectors whose latch was propagated to this scope, and whose trip is in force.
fn tripped(seen: &Seen, scope: u8) -> Vec<Pubkey> {
    let found = seen.accounts.iter().filter_map(|(key, account)| {
        let (_, detector) = detector::read(account)?;
        let latch = detector.latch;
        let is_on_board = latch.state == latch_state::PROPAGATED && latch.scope == scope;
        let is_known = latch.slot >= seen.board.unpaused_slot;
        (is_on_board && is_known && seen.at.now < trip_until(&latch, &seen.council)).then_some(*key)
    });
    found.collect()
}

/// The upstream domains that are linked to this compartment.
fn linked(seen: &Seen, scope: u8) -> Vec<Pubkey> {
    let links = seen.accounts.all::<Link>().into_iter();
    links
        .filter(|(_, link)| has_bit(link.compartments, scope.into()))
        .map(|(_, link)| link.upstream)
        .collect()
}

/// The peers whose pauses close this compartment, and of whom one was accepted. The board does not keep whose it was.
fn heard(seen: &Seen, scope: u8) -> Vec<Pubkey> {
    let peers = seen.accounts.all::<Peer>().into_iter();
    peers
        .filter(|(_, peer)| peer.pause_epoch != 0 && has_bit(peer.compartments, scope.into()))
        .map(|(key, _)| key)
        .collect()
}

/// Is a latch in force that is not on the board?
pub(super) fn is_unpropagated(seen: &Seen, latch: &bulkhead_interface::layout::Latch) -> bool {
    latch.state == latch_state::LATCHED && is_in_force(latch, seen.board.unpaused_slot, seen.at.now)
}
