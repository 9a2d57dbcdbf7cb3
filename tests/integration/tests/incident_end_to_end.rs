//! One incident end to end, on the built programs and the example exchange: what holds when it is over.

use std::sync::LazyLock;

use bulkhead_core::restoration::prorata::payout_floor;
use bulkhead_interface::constants::{cause, incident_state, phase, snapshot_state, step};
use bulkhead_tests::whole_incident::{LIMIT, WholeIncident, play};

/// So many that every shard has some.
const POSITIONS: usize = 160;

static PLAYED: LazyLock<WholeIncident> = LazyLock::new(|| play(POSITIONS).0);

#[test]
fn breach_latch_and_pause_are_in_one_slot() {
    let record = &PLAYED.record;
    assert_eq!(record.cause, cause::OUTFLOW);
    assert_eq!(PLAYED.latched_slot, PLAYED.breach_slot);
    assert_eq!(record.steps[step::BREACH].slot, PLAYED.breach_slot);
    assert_eq!(record.steps[step::PAUSE].slot, PLAYED.breach_slot);
    assert_eq!(record.steps[step::BREACH].ts, record.steps[step::PAUSE].ts);
}

#[test]
fn the_loss_is_the_limit_and_not_a_unit_more() {
    assert_eq!((PLAYED.record.limit, PLAYED.loss), (LIMIT, LIMIT));
}

#[test]
fn the_snapshot_is_what_the_host_owes_and_what_anyone_reads() {
    let snapshot = &PLAYED.snapshot;
    assert_eq!(snapshot.state, snapshot_state::SEALED);
    assert_eq!(snapshot.total, PLAYED.host_total);
    assert_eq!((snapshot.root, snapshot.total), PLAYED.tree_root);
    assert_eq!(snapshot.count, PLAYED.claims.len() as u64);
    assert_eq!(
        PLAYED.claims.len(),
        POSITIONS + 1,
        "the thief's own deposit is a leaf, too"
    );
    assert_eq!(snapshot.shards_sealed, u16::MAX);
}

#[test]
fn the_vault_was_moved_whole() {
    let (custody, recovery_account) = PLAYED.evacuated;
    assert_eq!((recovery_account, PLAYED.record.evacuated), (custody, custody));
}

#[test]
fn every_owner_got_the_exact_share() {
    let total = PLAYED.snapshot.total;
    assert!(PLAYED.pool < total, "something is missing, or the shares prove nothing");
    for (amount, received) in &PLAYED.claims {
        assert_eq!(Some(*received), payout_floor(*amount, PLAYED.pool, total));
        let exact = u128::from(*amount) * u128::from(PLAYED.pool) / u128::from(total);
        assert_eq!(u128::from(*received), exact);
    }
}

#[test]
fn claims_are_within_the_pool_and_leave_dust() {
    let paid: u64 = PLAYED.claims.iter().map(|(_, received)| received).sum();
    assert!(paid <= PLAYED.pool);
    assert_eq!(PLAYED.dust, PLAYED.pool - paid);
    assert!(PLAYED.dust < PLAYED.claims.len() as u64);
    let restoration = &PLAYED.restoration;
    assert_eq!((restoration.shared, restoration.paid), (PLAYED.pool, paid));
}

#[test]
fn tokens_are_conserved_to_the_unit() {
    let (before, after) = PLAYED.circulation;
    assert_eq!((after, PLAYED.supply), (before, before));
}

#[test]
fn the_timeline_is_complete_and_ascends() {
    let steps = &PLAYED.record.steps;
    assert!(steps.iter().all(|step| step.slot > 0 && step.ts > 0));
    assert!(steps.is_sorted_by_key(|step| (step.slot, step.ts)));
    // All but breach and pause are in slots of their own.
    assert!(steps[step::PAUSE..].is_sorted_by(|a, b| a.slot < b.slot));
    assert_eq!(PLAYED.record.state, incident_state::CLOSED);
    assert_eq!(PLAYED.phase, phase::OPERATING);
}
