//! Everything that trips by itself, and the links to upstream domains.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    breakers::window::UNSEEN,
    contagion::carried,
    detectors::latch::{LatchStatus, status},
    pause::board::has_bit,
};
use bulkhead_interface::{
    constants::cause,
    layout::{Latch, Link, OutflowBreaker, PauseBoard, PriceBreaker, Vault},
};
use serde::Serialize;

use super::{detector, json, pauses::is_unpropagated, seen::Seen, words};
use crate::flows::link_is_due;

/// A detector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DetectorStatus {
    /// The detector: a breaker, a watch, or a vault, whose evacuation route is watched.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Its kind, in words.
    pub kind: &'static str,
    /// Compartment it guards.
    pub compartment: u8,
    /// What its trip pauses: a compartment, or 255 for the domain.
    pub scope: u8,
    /// The state of its latch.
    pub latch: LatchState,
    /// Whether a latch in force is not on the board yet: anyone propagates it.
    pub is_unpropagated: bool,
    /// When a latch in force ends.
    pub latched_until: Option<i64>,
    /// The value that it last latched on, in its own unit.
    #[serde(serialize_with = "json::amount")]
    pub seen: u64,
    /// The value that would have been acceptable.
    #[serde(serialize_with = "json::amount")]
    pub allowed: u64,
    /// When somebody last observed it.
    pub observed: Observed,
}

/// The state of a latch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LatchState {
    /// It has never latched.
    Armed,
    /// It is in force.
    InForce,
    /// It has run out.
    RunOut,
    /// An unpause knew of it.
    Unpaused,
}

/// The last observation of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// At this time.
    At(i64),
    /// Never.
    Never,
    /// Its account does not keep observations that found nothing.
    NotKept,
    /// It needs none: the host's own transactions are what it measures.
    NotNeeded,
}

pub(super) fn detectors(seen: &Seen) -> Vec<DetectorStatus> {
    let mut found = Vec::new();
    for (key, account) in seen.accounts.iter() {
        let Some((cause, detector)) = detector::read(account) else {
            continue;
        };
        if cause == cause::ROUTE && !has_route(seen, key) {
            continue;
        }
        let Latch {
            until,
            scope,
            seen: value,
            allowed,
            ..
        } = detector.latch;
        let state = state(seen, &detector.latch);
        found.push(DetectorStatus {
            key: *key,
            kind: words::detector(cause),
            compartment: detector.compartment,
            scope,
            latch: state,
            is_unpropagated: is_unpropagated(seen, &detector.latch),
            latched_until: (state == LatchState::InForce).then_some(until),
            seen: value,
            allowed,
            observed: observed(seen, cause, key),
        });
    }
    found.sort_by_key(|detector| (detector.kind, detector.compartment, detector.key));
    found
}

fn has_route(seen: &Seen, vault: &Pubkey) -> bool {
    let vault = seen.accounts.find::<Vault>(vault);
    vault.is_some_and(|vault| vault.route != Pubkey::default())
}

fn state(seen: &Seen, latch: &Latch) -> LatchState {
    match status(latch, seen.board.unpaused_slot, seen.at.now) {
        LatchStatus::Armed => LatchState::Armed,
        LatchStatus::InForce => LatchState::InForce,
        LatchStatus::RunOut => LatchState::RunOut,
        LatchStatus::Unpaused => LatchState::Unpaused,
    }
}

fn observed(seen: &Seen, of: u8, key: &Pubkey) -> Observed {
    let at = |ts: i64| if ts == 0 { Observed::Never } else { Observed::At(ts) };
    match of {
        cause::PRICE => {
            let breaker = seen.accounts.find::<PriceBreaker>(key);
            breaker.map_or(Observed::Never, |breaker| at(breaker.looked_ts))
        }
        cause::ROUTE => {
            let vault = seen.accounts.find::<Vault>(key);
            vault.map_or(Observed::Never, |vault| at(vault.route_ts))
        }
        cause::OUTFLOW => {
            let breaker = seen.accounts.find::<OutflowBreaker>(key);
            match breaker {
                Some(breaker) if breaker.reference == Pubkey::default() => Observed::NotNeeded,
                Some(breaker) if breaker.reference_min == UNSEEN => Observed::Never,
                _ => Observed::NotKept,
            }
        }
        _ => Observed::NotKept,
    }
}

/// A link to an upstream domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkStatus {
    /// The link.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// The upstream domain.
    #[serde(serialize_with = "json::key")]
    pub upstream: Pubkey,
    /// Compartments that it closes.
    pub compartments: Vec<u8>,
    /// Until when the upstream is paused, if it is.
    pub upstream_until: Option<i64>,
    /// Whether the upstream's pause is not on the board yet: anyone propagates it.
    pub is_due: bool,
}

pub(super) fn links(seen: &Seen) -> Vec<LinkStatus> {
    let of = |(key, link): (Pubkey, Link)| {
        let upstream = seen.accounts.outside::<PauseBoard>(&link.upstream_board);
        let carried = upstream.and_then(|upstream| carried(&link, &upstream, &seen.council, seen.at.now));
        let is_due =
            upstream.is_some_and(|upstream| link_is_due(&link, &upstream, &seen.council, &seen.board, seen.at));
        LinkStatus {
            key,
            upstream: link.upstream,
            compartments: (0..64)
                .filter(|number| has_bit(link.compartments, (*number).into()))
                .collect(),
            upstream_until: carried.map(|carried| carried.until),
            is_due,
        }
    };
    seen.accounts.all::<Link>().into_iter().map(of).collect()
}
