//! A guardian cancels a set with one right, and what was cancelled is nobody's loss.

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::custody::release_list::{leaf, node};
use bulkhead_interface::{constants::release_state, layout::CancelList};
use bulkhead_testbed::{Failure, Outcome, must, refused};
use bulkhead_tests::queue_ledger::Queued;
use solana_signer::Signer;

fn leaf_of(queued: &Queued, number: usize) -> [u8; 32] {
    leaf(&queued.records[number].0, queued.record(number).requested_slot)
}

fn rights(queued: &Queued, member: usize) -> u8 {
    queued.protocol.council(&queued.machine).members[member].pause_rights
}

fn set(queued: &mut Queued, member: usize, root: [u8; 32]) -> Result<Outcome, Failure> {
    let guardian = queued.protocol.members[member].insecure_clone();
    let (domain, payer) = (queued.protocol.domain, queued.machine.payer.pubkey());
    let vault = queued.protocol.vault.vault;
    let set = ix::set_cancel_list(domain, (guardian.pubkey(), payer), queued.incident, vault, root);
    queued.machine.next_slot();
    queued.machine.send(&[set], &[&guardian])
}

fn cancel(queued: &mut Queued, member: usize, number: usize, proof: Vec<[u8; 32]>) -> Result<Outcome, Failure> {
    let guardian = queued.protocol.members[member].pubkey();
    let vault = queued.protocol.vault.vault;
    let cancel = ix::cancel_release_listed_by(&guardian, queued.incident, vault, queued.records[number].0, proof);
    queued.send(ix::with_queue(cancel, queued.key()))
}

#[test]
fn one_right_cancels_a_set_and_no_other_guardian_takes_that_back() {
    let mut queued = Queued::of(&[("thief", 70_000), ("thief", 80_000), ("alice", 90_000)]);
    queued.freeze();
    let before = rights(&queued, 0);
    let (first, second) = (leaf_of(&queued, 0), leaf_of(&queued, 1));
    refused(set(&mut queued, 0, [0; 32]), BulkheadError::ReleaseNotListed);
    must(set(&mut queued, 0, node(&first, &second)));
    assert_eq!(rights(&queued, 0), before - 1);
    refused(
        set(&mut queued, 0, node(&first, &second)),
        BulkheadError::ReleaseNotListed,
    );
    let key = pda::cancel_list(
        &queued.incident,
        &queued.protocol.vault.vault,
        &queued.protocol.members[0].pubkey(),
    );
    let list: CancelList = queued.machine.load(&key);
    assert_eq!(list.root, node(&first, &second));
    // Another guardian's list, and this guardian's next one, replace nothing that was cancelled.
    must(set(&mut queued, 1, [9; 32]));
    must(cancel(&mut queued, 0, 0, vec![second]));
    must(set(&mut queued, 0, [8; 32]));
    refused(cancel(&mut queued, 0, 1, vec![first]), BulkheadError::ReleaseNotListed);
    assert_eq!(queued.record(0).state, release_state::CANCELLED);
    assert_eq!(queued.vault().queued, 170_000);
    // The freeze and two lists were this guardian's rights.
    refused(set(&mut queued, 0, node(&first, &second)), BulkheadError::NoPauseRights);
    // What is not on it stays where it is.
    must(set(&mut queued, 1, node(&first, &second)));
    refused(cancel(&mut queued, 1, 2, vec![second]), BulkheadError::ReleaseNotListed);
    must(cancel(&mut queued, 1, 1, vec![first]));
    refused(cancel(&mut queued, 1, 1, vec![first]), BulkheadError::ReleaseNotQueued);
}

#[test]
fn only_a_guardian_names_a_list_and_only_in_the_open_incident() {
    let mut queued = Queued::of(&[("thief", 70_000)]);
    let root = leaf_of(&queued, 0);
    refused_or_missing(set(&mut queued, 0, root));
    queued.freeze();
    refused(set(&mut queued, 3, root), BulkheadError::RoleMissing);
    must(set(&mut queued, 0, root));
    // Not of another vault, and not without its incident.
    let guardian = queued.protocol.members[0].pubkey();
    let vault = queued.protocol.vault.vault;
    let record = queued.records[0].0;
    let mut cancel = ix::cancel_release_listed_by(&guardian, queued.incident, vault, record, vec![]);
    cancel.accounts[3].pubkey = bulkhead::ID;
    refused(queued.send(cancel), BulkheadError::IncidentNotOpen);
}

/// There is no incident to name a list in.
fn refused_or_missing(result: Result<Outcome, Failure>) {
    let failure = result.expect_err("no incident is open");
    assert!(
        matches!(failure.code(), Some(3_007 | 3_012 | 6_108)),
        "{}",
        failure.error
    );
}

/// A release that had matured before the breach is out of a guardian's reach, on a list too.
#[test]
fn a_list_reaches_no_further_than_its_guardian() {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.machine.warp_seconds(3 * 86_400);
    queued.freeze();
    let root = leaf_of(&queued, 0);
    must(set(&mut queued, 0, root));
    refused(cancel(&mut queued, 0, 0, vec![]), BulkheadError::ReleaseBeforeBreach);
    refused(queued.cancel(0), BulkheadError::ReleaseBeforeBreach);
}

#[test]
fn a_list_ends_a_day_after_the_evacuation() {
    let mut queued = Queued::of(&[("thief", 70_000), ("thief", 80_000)]);
    queued.freeze();
    queued.evacuate();
    let (first, second) = (leaf_of(&queued, 0), leaf_of(&queued, 1));
    must(set(&mut queued, 0, node(&first, &second)));
    let without = {
        let guardian = queued.protocol.members[0].pubkey();
        let vault = queued.protocol.vault.vault;
        ix::cancel_release_listed_by(&guardian, queued.incident, vault, queued.records[0].0, vec![second])
    };
    refused(queued.send(without), BulkheadError::QueueLedgerMissing);
    must(cancel(&mut queued, 0, 0, vec![second]));
    assert_eq!((queued.vault().queued, queued.ledger().queue_reserve), (80_000, 80_000));
    queued.wait_out_the_guardians();
    refused(cancel(&mut queued, 0, 1, vec![first]), BulkheadError::CancellationOver);
}

#[test]
fn only_the_operator_takes_a_cancelled_release_back_and_only_once() {
    let mut queued = Queued::of(&[("alice", 70_000), ("bob", 80_000)]);
    queued.freeze();
    let (payer, vault) = (queued.machine.payer.pubkey(), queued.protocol.vault.vault);
    let operator = queued.protocol.operator.insecure_clone();
    let key = queued.records[0].0;
    let back = |by: Pubkey| ix::take_back_release(by, vault, key, payer);
    refused(
        queued.machine.send(&[back(operator.pubkey())], &[&operator]),
        BulkheadError::ReleaseNotCancelled,
    );
    must(queued.cancel(0));
    // It shows what somebody is owed, so nobody else closes it.
    let close = ix::with_queue(ix::close_release(key, payer), queued.key());
    refused(queued.send(close), BulkheadError::ReleaseNotTakenBack);
    let thief = queued.protocol.members[0].insecure_clone();
    refused(
        queued.machine.send(&[back(thief.pubkey())], &[&thief]),
        BulkheadError::NotOperator,
    );
    let wrong_payer = ix::take_back_release(operator.pubkey(), vault, key, operator.pubkey());
    refused(
        queued.machine.send(&[wrong_payer], &[&operator]),
        BulkheadError::ForeignAccount,
    );
    queued.machine.next_slot();
    let outcome = must(queued.machine.send(&[back(operator.pubkey())], &[&operator]));
    assert_eq!(outcome.return_data, 70_000u64.to_le_bytes());
    assert!(
        queued
            .machine
            .account(&key)
            .is_none_or(|account| account.data.is_empty())
    );
    queued.machine.next_slot();
    assert!(queued.machine.send(&[back(operator.pubkey())], &[&operator]).is_err());
    assert_eq!(queued.vault().queued, 80_000);
}
