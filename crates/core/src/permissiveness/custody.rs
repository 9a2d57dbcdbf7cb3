//! Vaults and their queued releases.

use bulkhead_interface::{
    Pubkey,
    constants::release_state,
    layout::{Ledger, PauseBoard, Release, Vault},
};

use crate::{
    custody::{is_active, queue_ledger::is_queue},
    detectors::latch,
};

use super::{Loosening, Safety, different, find, latch_stays, same_bytes};

/// A vault's own latch, of its route.
fn vault_latch_loosening(
    before: &Safety,
    after: &Safety,
    (old_board, new_board): (&PauseBoard, &PauseBoard),
    now: i64,
) -> Option<Loosening> {
    let ends_early = |(key, old): &&(Pubkey, Vault)| {
        let stays = |new: &Vault| latch_stays(&old.latch, &new.latch, new_board, now);
        latch::is_in_force(&old.latch, old_board.unpaused_slot, now) && !find(after.vaults, key).is_some_and(stays)
    };
    let mut vaults = before.vaults.iter();
    vaults.find(ends_early).map(|(key, _)| Loosening::Latch(*key))
}

pub(super) fn vault_loosening(
    before: &Safety,
    after: &Safety,
    boards: (&PauseBoard, &PauseBoard),
    now: i64,
) -> Option<Loosening> {
    if let Some(key) = different(before.vaults, after.vaults, same_vault) {
        return Some(Loosening::Vault(key));
    }
    let pays_again = |key: &Pubkey, old: &Vault| {
        find(after.vaults, key).is_none_or(|new| {
            new.evacuated_slot < old.evacuated_slot
                || new.evacuations < old.evacuations
                || is_active(new, boards.1.unpaused_slot) && !is_active(old, boards.0.unpaused_slot)
        })
    };
    let mut vaults = before.vaults.iter();
    vaults
        .find(|(key, old)| pays_again(key, old))
        .map(|(key, _)| Loosening::Vault(*key))
        .or_else(|| vault_latch_loosening(before, after, boards, now))
}

fn same_vault(old: &Vault, new: &Vault) -> bool {
    let numbers = |v: &Vault| {
        (
            v.version,
            v.index,
            v.compartment,
            v.decimals,
            v.ledger,
            v.queue_seconds,
            v.latch.scope,
            v.latch.seconds,
        )
    };
    let keys = |v: &Vault| {
        [
            v.domain,
            v.board,
            v.mint,
            v.custody,
            v.token_program,
            v.operator,
            v.breaker,
            v.route,
            v.route_holder,
        ]
    };
    numbers(old) == numbers(new) && keys(old) == keys(new)
}

/// A release that was stopped is queued again where its vault pays again: the unpause was the decision.
fn is_queued_again(after: &Safety, old: &Release, new: &Release, unpaused_slot: u64) -> bool {
    let pays = |vault: &Vault| is_active(vault, unpaused_slot) && new.evacuations == vault.evacuations;
    new.evacuations > old.evacuations && find(after.vaults, &new.vault).is_some_and(pays)
}

/// A ledger never changes, but for what an evacuation and a restoration note in that of a queue, which only grows.
pub(super) fn same_ledger(old: &Ledger, new: &Ledger) -> bool {
    let noted = Ledger {
        queue_from: new.queue_from,
        queue_until: new.queue_until,
        queue_reserve: new.queue_reserve,
        ..*old
    };
    let is_later = new.queue_from >= old.queue_from && new.queue_until >= old.queue_until;
    is_later && same_bytes(&noted, new) && (is_queue(new) || same_bytes(old, new))
}

pub(super) fn release_loosening(before: &Safety, after: &Safety, unpaused_slot: u64, now: i64) -> Option<Loosening> {
    // A record of version 0 was closed: its number may be another release's.
    let holds = |(key, new): &(Pubkey, Release)| match find(before.releases, key).filter(|old| old.version != 0) {
        Some(old) => {
            new.vault == old.vault
                && (new.evacuations == old.evacuations || is_queued_again(after, old, new, unpaused_slot))
                && new.destination == old.destination
                && new.owner == old.owner
                && new.amount == old.amount
                && new.requested_slot == old.requested_slot
                && new.payable_ts >= old.payable_ts
                && new.paid >= old.paid
                && (old.state == release_state::QUEUED || new.state == old.state)
        }
        None => find(before.vaults, &new.vault)
            .is_some_and(|vault| new.paid == 0 && new.payable_ts >= now.saturating_add(vault.queue_seconds)),
    };
    let mut releases = after.releases.iter().filter(|(_, release)| release.version != 0);
    releases
        .find(|release| !holds(release))
        .map(|(key, _)| Loosening::Release(*key))
}
