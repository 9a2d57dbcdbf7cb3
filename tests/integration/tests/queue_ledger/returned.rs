//! An incident that ends without a restoration: what was stopped comes back to the queue.

use bulkhead::{error::BulkheadError, instructions::ResumeArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{release_state, step},
    layout::{Incident, Release},
};
use bulkhead_testbed::{must, refused};
use bulkhead_tests::queue_ledger::Queued;

fn resume(queued: &mut Queued) {
    let args = ResumeArgs {
        incident: queued.incident,
    };
    let authority = queued.protocol.mature(&mut queued.machine, &args);
    must(queued.send(ix::resume(authority, args)));
}

fn settle(queued: &mut Queued, number: usize) {
    for _ in 0..4 {
        queued.machine.warp_seconds(2 * 3_600);
        let (key, _) = queued.records[number];
        let settle = ix::settle_release(queued.protocol.vault, queued.record(number).destination, key);
        if queued.record(number).state == release_state::QUEUED {
            must(queued.send(settle));
        }
    }
}

#[test]
fn what_was_stopped_is_paid_by_the_vault_once_it_pays_again_and_holds_the_whole_queue() {
    let mut queued = Queued::of(&[("alice", 70_000), ("bob", 80_000)]);
    queued.freeze();
    queued.evacuate();
    refused(queued.requeue(0), BulkheadError::VaultEvacuated);
    resume(&mut queued);
    // The tokens are still in the recovery account.
    refused(queued.requeue(0), BulkheadError::QueueNotCovered);
    let (mint, custody) = (queued.protocol.mint, queued.protocol.custody());
    queued.machine.mint_to(&mint, &custody, 149_999);
    refused(queued.requeue(0), BulkheadError::QueueNotCovered);
    queued.machine.mint_to(&mint, &custody, 1);
    let before = queued.record(0);
    must(queued.requeue(0));
    let after: Release = queued.record(0);
    assert_eq!(
        (after.evacuations, after.payable_ts, after.amount, after.paid),
        (1, before.payable_ts, before.amount, 0),
        "it keeps its place"
    );
    refused(queued.requeue(0), BulkheadError::ReleaseInQueue);
    must(queued.requeue(1));
    queued.machine.warp_seconds(2 * 86_400);
    settle(&mut queued, 0);
    settle(&mut queued, 1);
    assert_eq!(
        [queued.record(0).state, queued.record(1).state],
        [release_state::PAID; 2]
    );
    assert_eq!((queued.vault().queued, queued.machine.balance(&custody)), (0, 0));
}

/// Where others were paid their claims, what the vault holds later is of those who came later.
#[test]
fn a_queue_that_was_left_out_of_a_restoration_is_not_paid_out_of_later_deposits() {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.freeze();
    queued.evacuate();
    resume(&mut queued);
    let mut incident: Incident = queued.machine.load(&queued.incident);
    incident.steps[step::RESTORATION] = incident.steps[step::EVACUATION];
    bulkhead_tests::recovery::forge(&mut queued.machine, &queued.incident.clone(), &incident);
    let (mint, custody) = (queued.protocol.mint, queued.protocol.custody());
    queued.machine.mint_to(&mint, &custody, 1_000_000);
    refused(queued.requeue(0), BulkheadError::OthersRestored);
    // What was kept for it is carried to the next incident.
    let kept = queued.vault().evacuation.moved;
    queued.freeze();
    queued.evacuate();
    assert_eq!(queued.ledger().queue_reserve, 70_000);
    assert_eq!(queued.vault().evacuation.moved, kept + 1_000_000);
    assert_eq!(queued.recovery().tree.root().sum, 70_000);
}

/// Nobody came for it in the first incident, so the second one reserves for it again.
#[test]
fn what_was_left_over_by_one_incident_is_a_position_in_the_next() {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.freeze();
    queued.evacuate();
    resume(&mut queued);
    let (mint, custody) = (queued.protocol.mint, queued.protocol.custody());
    queued.machine.mint_to(&mint, &custody, 500_000);
    queued.queue("bob", 80_000);
    queued.freeze();
    queued.evacuate();
    assert_eq!(queued.ledger().queue_reserve, 150_000);
    assert_eq!(queued.recovery().tree.root().sum, 150_000);
}

#[test]
fn a_stopped_release_is_not_redirected() {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.freeze();
    queued.evacuate();
    let alice = bulkhead_testbed::keypair("alice");
    let other = bulkhead_tests::receiver(&mut queued.machine, &queued.protocol, "friend");
    let vault = queued.protocol.vault.vault;
    let redirect = ix::redirect_release(solana_signer::Signer::pubkey(&alice), vault, queued.records[0].0, other);
    refused(
        queued.machine.send(&[redirect], &[&alice]),
        BulkheadError::VaultEvacuated,
    );
}
