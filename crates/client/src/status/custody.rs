//! What may leave: breakers, vaults and their queues.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::custody::{is_active, is_stopped};
use bulkhead_interface::{
    constants::{release_state, route_fault},
    layout::{Ledger, OutflowBreaker, Release, Vault},
};
use serde::Serialize;

use super::{json, seen::Seen, words};
use crate::{
    flows::fault_of,
    pda,
    view::{self, Fetched},
};

/// An outflow breaker, and what may leave through it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BreakerStatus {
    /// The breaker.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Compartment it meters.
    pub compartment: u8,
    /// Which shard of the limit it is, and of how many.
    pub shard: (u8, u8),
    /// Token it meters.
    #[serde(serialize_with = "json::key")]
    pub mint: Pubkey,
    /// Decimals of the token, if a vault tells them.
    pub decimals: Option<u8>,
    /// Length of the window in seconds.
    pub window_seconds: i64,
    /// Limit of the window in force: after reference, shards and ramp.
    #[serde(serialize_with = "json::amount")]
    pub limit: u64,
    /// Limit of a slot as it is set, all shards together.
    #[serde(serialize_with = "json::amount")]
    pub slot_limit: u64,
    /// The limits in bps of a reference, window and slot; 0 for none.
    pub bps: (u16, u16),
    /// What may leave now; nothing while latched or paused.
    #[serde(serialize_with = "json::amount")]
    pub remaining: u64,
    /// What is left in the window.
    #[serde(serialize_with = "json::amount")]
    pub in_window: u64,
    /// What is left in the slot.
    #[serde(serialize_with = "json::amount")]
    pub in_slot: u64,
    /// Amount asked for in the window that had to wait.
    #[serde(serialize_with = "json::amount")]
    pub queued: u64,
    /// Amount above which it latches; 0 for none.
    #[serde(serialize_with = "json::amount")]
    pub trip_limit: u64,
    /// When its latch ends.
    pub latched_until: Option<i64>,
    /// Until when the limits that a guardian lowered are in force.
    pub lowered_until: Option<i64>,
    /// Whether withdrawals are paused.
    pub is_paused: bool,
}

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VaultStatus {
    /// The vault.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Its compartment.
    pub compartment: u8,
    /// Token it holds.
    #[serde(serialize_with = "json::key")]
    pub mint: Pubkey,
    /// Decimals of the token.
    pub decimals: u8,
    /// Tokens in custody.
    #[serde(serialize_with = "json::amount")]
    pub balance: u64,
    /// Queued releases.
    pub queue: Queue,
    /// Whether it pays. Not after an evacuation, until an unpause that knew of it.
    pub is_active: bool,
    /// Its evacuation route.
    #[serde(serialize_with = "json::maybe_key")]
    pub route: Option<Pubkey>,
    /// What is wrong with the route now.
    pub route_fault: Option<&'static str>,
    /// When somebody last observed the route.
    pub route_observed: Option<i64>,
}

/// The queued releases of a vault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// Number of releases that wait.
    pub count: u64,
    /// What they are owed.
    #[serde(serialize_with = "json::amount")]
    pub owed: u64,
    /// The part that is payable now.
    #[serde(serialize_with = "json::amount")]
    pub payable: u64,
    /// When the next one is payable.
    pub next_ts: Option<i64>,
    /// Number of releases that an evacuation has stopped, and that no restoration pays yet.
    pub stopped_count: u64,
    /// What those are owed.
    #[serde(serialize_with = "json::amount")]
    pub stopped: u64,
    /// Number of cancelled releases that the host has not taken back.
    pub cancelled_count: u64,
    /// What the host owes their owners again.
    #[serde(serialize_with = "json::amount")]
    pub cancelled: u64,
}

pub(super) fn breakers(seen: &Seen) -> Vec<BreakerStatus> {
    let board_key = pda::board(&seen.key);
    let Some(board) = seen.accounts.raw(&board_key) else {
        return vec![];
    };
    let board = Fetched {
        key: &board_key,
        owner: &board.owner,
        data: &board.data,
    };
    let mut found: Vec<_> = seen.accounts.all::<OutflowBreaker>();
    found.sort_by_key(|(key, breaker)| (breaker.compartment, breaker.mint, breaker.shard, *key));
    let of = |(key, breaker): (Pubkey, OutflowBreaker)| {
        let account = seen.accounts.raw(&key)?;
        let fetched = Fetched {
            key: &key,
            owner: &account.owner,
            data: &account.data,
        };
        let view = view::outflow(&fetched, &board, seen.at.slot, seen.at.now)?;
        let in_force = |until: i64| Some(until).filter(|until| seen.at.now < *until);
        Some(BreakerStatus {
            key,
            compartment: breaker.compartment,
            shard: (breaker.shard, breaker.shards),
            mint: breaker.mint,
            decimals: decimals(seen, &breaker.mint),
            window_seconds: breaker.window_seconds,
            limit: view.limit,
            slot_limit: breaker.slot_limit,
            bps: (breaker.limit_bps, breaker.slot_bps),
            remaining: view.remaining,
            in_window: view.in_window,
            in_slot: view.in_slot,
            queued: breaker.queued,
            trip_limit: breaker.trip_limit,
            latched_until: in_force(view.latched_until),
            lowered_until: in_force(breaker.lowered_until),
            is_paused: view.is_paused != 0,
        })
    };
    found.into_iter().filter_map(of).collect()
}

/// Decimals of a token, as vaults store them.
pub(super) fn decimals(seen: &Seen, mint: &Pubkey) -> Option<u8> {
    let vaults = seen.accounts.all::<Vault>().into_iter();
    vaults
        .map(|(_, vault)| vault)
        .find(|vault| vault.mint == *mint)
        .map(|vault| vault.decimals)
}

pub(super) fn vaults(seen: &Seen) -> Vec<VaultStatus> {
    let releases = seen.accounts.all::<Release>();
    let mut found = seen.accounts.all::<Vault>();
    found.sort_by_key(|(key, vault)| (vault.compartment, vault.mint, vault.index, *key));
    let of = |(key, vault): (Pubkey, Vault)| {
        let has_route = vault.route != Pubkey::default();
        let fault = fault_of(seen.accounts, &vault);
        VaultStatus {
            key,
            compartment: vault.compartment,
            mint: vault.mint,
            decimals: vault.decimals,
            balance: seen.accounts.balance(&vault.custody).unwrap_or(0),
            queue: queue(seen, &key, &vault, &releases),
            is_active: is_active(&vault, seen.board.unpaused_slot),
            route: has_route.then_some(vault.route),
            route_fault: (has_route && fault != route_fault::NONE).then(|| words::route_fault(fault)),
            route_observed: (vault.route_ts != 0).then_some(vault.route_ts),
        }
    };
    found.into_iter().map(of).collect()
}

fn queue(seen: &Seen, key: &Pubkey, vault: &Vault, releases: &[(Pubkey, Release)]) -> Queue {
    let mut queue = Queue::default();
    let ledger = pda::queue_ledger(vault).and_then(|key| seen.accounts.find::<Ledger>(&key));
    let own = releases.iter().map(|(_, release)| release);
    for release in own.filter(|release| release.vault == *key) {
        let owed = release.amount.saturating_sub(release.paid);
        if release.state == release_state::CANCELLED {
            queue.cancelled_count += 1;
            queue.cancelled = queue.cancelled.saturating_add(owed);
        }
        if release.state != release_state::QUEUED {
            continue;
        }
        if is_stopped(vault, release) {
            // What a restoration pays is its claims' to show.
            if ledger.is_none_or(|ledger| release.evacuations >= ledger.queue_from) {
                queue.stopped_count += 1;
                queue.stopped = queue.stopped.saturating_add(owed);
            }
            continue;
        }
        queue.count += 1;
        queue.owed = queue.owed.saturating_add(owed);
        if release.payable_ts <= seen.at.now {
            queue.payable = queue.payable.saturating_add(owed);
        } else {
            let next = queue.next_ts.unwrap_or(i64::MAX).min(release.payable_ts);
            queue.next_ts = Some(next);
        }
    }
    queue
}
