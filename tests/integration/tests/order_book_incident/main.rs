//! One incident on an exchange with an order book: what traders have with the market, in margin accounts and in the
//! pool is read by several crankers at once, at one held state, and equals what the vaults hold to the unit.
//!
//! Which token, and which vault:
//! - quote: margin balances + LP shares' claim + quote with the market = the three quote vaults, and each its own;
//! - base: base with the market + what waits in Bulkhead's queue = the base vault. Who waits has been debited.
//!
//! Dust: LP shares are a ledger of shares. What all of them may redeem, each rounded down, falls short of the pool's
//! assets by less than a unit a holder, and one for the share that belongs to nobody.

mod crankers;
mod play;
mod restoring;

use std::sync::LazyLock;

use bulkhead_core::restoration::prorata::payout_floor;
use bulkhead_interface::constants::{cause, phase, snapshot_state};
use bulkhead_testbed::{BASE_LEDGER, LP_LEDGER, MARGIN_LEDGER, QUOTE_LEDGER};
use example_exchange::{error::ExchangeError, shares::assets_floor};
use play::{Played, play};

static PLAYED: LazyLock<Played> = LazyLock::new(play);

fn total(ledger: u8) -> u64 {
    PLAYED.ledgers[usize::from(ledger)].snapshot.total
}

#[test]
fn the_market_s_own_breaker_tripped_and_the_domain_was_held() {
    assert_eq!(PLAYED.record.cause, cause::OUTFLOW);
    assert_eq!(PLAYED.latched_slot, PLAYED.breach_slot);
    assert_eq!(PLAYED.phase_at_snapshot, phase::FROZEN);
}

/// The attack: change a ledger between two cranks, so that a token counts twice or not at all.
#[test]
fn while_frozen_nothing_moves_between_two_cranks() {
    assert!(PLAYED.refusals.len() >= 2 * 9, "before and between the cranks");
    for (act, code) in &PLAYED.refusals {
        assert_eq!(*code, Some(ExchangeError::ActionPaused.into()), "{act}");
    }
    assert_eq!(PLAYED.balances_at_freeze, PLAYED.balances_at_seal);
    assert_eq!(PLAYED.host_totals_at_freeze, PLAYED.host_totals_at_seal);
}

#[test]
fn four_ledgers_are_sealed_and_are_what_anyone_reads() {
    for (ledger, host_total) in PLAYED.ledgers.iter().zip(PLAYED.host_totals_at_seal) {
        let snapshot = &ledger.snapshot;
        assert_eq!(snapshot.state, snapshot_state::SEALED);
        assert_eq!(snapshot.incident, PLAYED.incident);
        assert_eq!(snapshot.total, host_total);
        assert_eq!((snapshot.root, snapshot.total), ledger.tree_root);
        let sum: u64 = ledger.positions.iter().map(|position| position.amount).sum();
        assert_eq!(snapshot.total, sum);
        assert!(ledger.crankers > 1, "several read one ledger");
    }
}

#[test]
fn the_ledgers_together_are_what_the_vaults_hold_to_the_unit() {
    let [margin, pool, quote, base] = PLAYED.balances_at_seal;
    assert_eq!(
        total(MARGIN_LEDGER) + PLAYED.pool_assets + total(QUOTE_LEDGER),
        margin + pool + quote
    );
    assert_eq!(
        (total(MARGIN_LEDGER), PLAYED.pool_assets, total(QUOTE_LEDGER)),
        (margin, pool, quote)
    );
    assert!(PLAYED.queued > 0);
    assert_eq!(total(BASE_LEDGER) + PLAYED.queued, base);
}

#[test]
fn shares_leave_less_than_a_unit_a_holder() {
    let supply = total(LP_LEDGER);
    assert_eq!(supply, PLAYED.share_supply);
    let shares = &PLAYED.ledgers[usize::from(LP_LEDGER)].positions;
    let claims: u64 = shares
        .iter()
        .filter_map(|share| assets_floor(share.amount, PLAYED.pool_assets, supply))
        .sum();
    assert!(claims <= PLAYED.pool_assets);
    assert!(PLAYED.pool_assets - claims <= shares.len() as u64 + 1);
}

#[test]
fn what_is_locked_is_what_the_orders_of_the_book_lock() {
    assert!(
        PLAYED.was_crossed,
        "the book was held while two orders were still to be matched"
    );
    assert!(PLAYED.locks.len() > 20);
    for lock in &PLAYED.locks {
        assert_eq!(lock.locked, lock.by_orders);
        assert!(lock.by_orders <= lock.held);
    }
    let held = |ledger: u8| {
        let of = PLAYED.locks.iter().filter(|lock| lock.ledger == ledger);
        of.map(|lock| lock.held).sum::<u64>()
    };
    assert_eq!(held(QUOTE_LEDGER), total(QUOTE_LEDGER));
    assert_eq!(held(BASE_LEDGER), total(BASE_LEDGER));
}

/// Every vault was enough for its own ledger, so everyone gets all of it: an order's owner what the order locked and
/// what was free beside it.
#[test]
fn every_ledger_is_restored_and_every_claim_paid() {
    assert_eq!(PLAYED.phase, phase::RECOVERING);
    for ledger in [MARGIN_LEDGER, LP_LEDGER, QUOTE_LEDGER, BASE_LEDGER] {
        let facts = &PLAYED.ledgers[usize::from(ledger)];
        let claims = PLAYED.claims.iter().filter(|claim| claim.ledger == ledger);
        let leaves = facts.positions.iter().filter(|position| position.amount > 0).count();
        assert_eq!((claims.clone().count(), leaves as u64), (leaves, facts.snapshot.count));
        for claim in claims {
            let paid = payout_floor(claim.amount, facts.pool, facts.snapshot.total);
            assert_eq!(Some(claim.received), paid);
            assert_eq!(claim.received, claim.amount);
        }
    }
    let (owner, locked) = PLAYED.order_owner;
    let claim = PLAYED
        .claims
        .iter()
        .find(|claim| claim.ledger == QUOTE_LEDGER && claim.owner == owner);
    let claim = claim.expect("who had an order has a claim");
    assert!(locked > 0 && claim.received >= locked);
}
