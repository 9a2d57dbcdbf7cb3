//! Honest releases that waited when the vault was evacuated are paid by their claims, before anybody else, and only once.

use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{error::BulkheadError, instructions::ReopenArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{release_state, snapshot_flag},
    layout::{Release, Restoration, Snapshot},
};
use bulkhead_testbed::{associated_token, must, refused};
use bulkhead_tests::{queue_ledger::Queued, recovery::Recovery};
use solana_signer::Signer;

/// Alice and Bob wait, and so does a thief. The vault holds a million, and the thief is cancelled.
fn evacuated() -> Queued {
    let mut queued = Queued::of(&[("alice", 70_000), ("bob", 80_000), ("thief", 90_000)]);
    assert_eq!(queued.vault().queued, 240_000);
    queued.freeze();
    queued.evacuate();
    assert_eq!(queued.ledger().queue_reserve, 240_000);
    must(queued.cancel(2));
    assert_eq!(
        (queued.vault().queued, queued.ledger().queue_reserve),
        (150_000, 150_000)
    );
    queued
}

fn fund(queued: &mut Queued, keys: ix::RestorationKeys) -> u64 {
    let before = queued.machine.balance(&pda::pool(&keys.restoration));
    let (domain, vault, source) = (
        queued.protocol.domain,
        queued.protocol.vault.vault,
        queued.protocol.recovery_account,
    );
    let fund = ix::fund_from_recovery_account(keys, domain, vault, source);
    let fund = ix::with_queue(fund, queued.key());
    match queued.send(fund) {
        Ok(_) => queued.machine.balance(&pda::pool(&keys.restoration)) - before,
        Err(failure) => {
            refused(Err(failure), BulkheadError::NothingToMove);
            0
        }
    }
}

/// A restoration of the positions' ledger, which the vault backs as well, of so much.
fn positions(queued: &mut Queued, total: u64) -> ix::RestorationKeys {
    let recovery = Recovery {
        restoration: pda::restoration(&queued.incident, 0),
        ..queued.recovery()
    };
    let state = Restoration {
        version: 1,
        ledger_index: 0,
        decimals: 6,
        domain: queued.protocol.domain,
        incident: queued.incident,
        mint: queued.protocol.mint,
        pool: recovery.pool(),
        token_program: TOKEN_PROGRAM,
        total,
        count: 1,
        ..bytemuck::Zeroable::zeroed()
    };
    bulkhead_tests::recovery::forge(&mut queued.machine, &recovery.restoration, &state);
    let (mint, pool) = (queued.protocol.mint, recovery.pool());
    queued
        .machine
        .create_token_account(&pool, &mint, &recovery.restoration, 0);
    recovery.keys()
}

#[test]
fn an_honest_release_that_waited_during_an_evacuation_is_paid_by_its_claim() {
    let mut queued = evacuated();
    let honest = [queued.records[0].0, queued.records[1].0];
    let shards = queued.read(&honest);
    // Whoever seals early would take the thief out of the guardians' reach.
    refused(queued.seal(&shards), BulkheadError::QueueStillCancellable);
    queued.wait_out_the_guardians();
    must(queued.seal(&shards));
    let recovery = queued.recovery();
    let sealed: Snapshot = queued.machine.load(&recovery.snapshot);
    assert_eq!(
        (sealed.total, sealed.count, sealed.flags),
        (150_000, 2, snapshot_flag::QUEUE)
    );
    assert_eq!(
        sealed.root,
        recovery.tree.root().hash,
        "anyone builds it from the records"
    );
    refused(queued.cancel(0), BulkheadError::CancellationOver);

    let (authority, args) = queued.elect(&recovery);
    let plain = ix::choose_restoration(
        authority,
        queued.machine.payer.pubkey(),
        queued.protocol.mint,
        TOKEN_PROGRAM,
        args.clone(),
    );
    refused(queued.send(plain), BulkheadError::QueueLedgerMissing);
    let choice = queued.choice(authority, args);
    must(queued.send(choice));
    assert_eq!((queued.vault().queued, queued.ledger().queue_from), (0, 1));

    // Reserved and the positions' share are what was moved, to the unit, whoever draws first.
    let positions = positions(&mut queued, 1_000_000);
    let moved = queued.vault().evacuation.moved;
    let to_positions = fund(&mut queued, positions);
    let to_queue = fund(&mut queued, recovery.keys());
    assert_eq!((to_queue, to_positions), (150_000, moved - 150_000));
    assert_eq!(queued.ledger().queue_reserve, 0);
    assert_eq!(fund(&mut queued, positions) + fund(&mut queued, recovery.keys()), 0);

    must(recovery.share_out(&mut queued.machine));
    let payer = queued.machine.payer.pubkey();
    let open = ix::open_claim_page(recovery.restoration, payer, 0);
    must(queued.send(open));
    for (number, (key, owner)) in queued.records.clone().into_iter().enumerate().take(2) {
        let mint = queued.protocol.mint;
        queued.machine.create_associated(&mint, &owner, 0);
        must(recovery.claim(&mut queued.machine, &key));
        let paid = queued.machine.balance(&associated_token(&owner, &mint));
        assert_eq!(paid, [70_000, 80_000][number]);
    }
    paid_once(queued);
}

/// Once the domain is open again, nothing pays those releases a second time.
fn paid_once(mut queued: Queued) {
    let args = ReopenArgs {
        incident: queued.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let authority = queued.protocol.mature(&mut queued.machine, &args);
    must(queued.send(ix::reopen(authority, args)));
    let (mint, custody) = (queued.protocol.mint, queued.protocol.custody());
    queued.machine.mint_to(&mint, &custody, 10_000_000);
    let (key, _) = queued.records[0];
    let to = queued.record(0).destination;
    let settle = ix::settle_release(queued.protocol.vault, to, key);
    refused(queued.send(settle), BulkheadError::VaultEvacuated);
    refused(queued.requeue(0), BulkheadError::ReleaseRestored);
    let payer = queued.machine.payer.pubkey();
    refused(
        queued.send(ix::close_release(key, payer)),
        BulkheadError::ReleaseStillQueued,
    );
    // A later incident does not read it again, whether or not its record is gone.
    let fresh = queued.queue("carol", 65_000);
    queued.freeze();
    queued.evacuate();
    assert_eq!(queued.ledger().queue_reserve, 65_000);
    assert_eq!(queued.recovery().tree.count(), 1);
    refused(queued.cancel(0), BulkheadError::ReleaseRestored);
    let close = ix::with_queue(ix::close_release(key, payer), queued.key());
    must(queued.send(close));
    let shards = queued.read(&[queued.records[fresh].0]);
    queued.wait_out_the_guardians();
    must(queued.seal(&shards));
}

/// Less was left than the queue is owed: it is paid first, and in proportion.
#[test]
fn a_queue_comes_before_the_positions() {
    let mut queued = Queued::of(&[("alice", 70_000), ("bob", 80_000)]);
    // All but a hundred thousand has been stolen.
    let (custody, mint) = (queued.protocol.custody(), queued.protocol.mint);
    let vault = queued.protocol.vault.vault;
    queued.machine.create_token_account(&custody, &mint, &vault, 100_000);
    queued.freeze();
    queued.evacuate();
    let records: Vec<_> = queued.records.iter().map(|(key, _)| *key).collect();
    let shards = queued.read(&records);
    queued.wait_out_the_guardians();
    must(queued.seal(&shards));
    let recovery = queued.recovery();
    let (authority, args) = queued.elect(&recovery);
    let choice = queued.choice(authority, args);
    must(queued.send(choice));
    let positions = positions(&mut queued, 1_000_000);
    assert_eq!(fund(&mut queued, positions), 0);
    assert_eq!(fund(&mut queued, recovery.keys()), 100_000);
    for record in records {
        let release: Release = queued.machine.load(&record);
        assert_eq!(release.state, release_state::QUEUED, "its claim is open");
    }
}
