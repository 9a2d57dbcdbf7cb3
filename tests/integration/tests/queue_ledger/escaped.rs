//! Nobody confirms an evacuation. Once the escape is due, anyone stops the queue, and the escape pays it.

use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{error::BulkheadError, instructions::ResumeArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{MIN_ESCAPE_SECONDS, release_state, step},
    layout::{Incident, Restoration},
};
use bulkhead_testbed::{Setup, associated_token, must, refused};
use bulkhead_tests::{
    escaping::set_rules,
    queue_ledger::{QUEUE, Queued},
    receiver,
    recovery::forge,
    world_with,
};
use solana_instruction::Instruction;
use solana_signer::Signer;

/// Alice and Bob wait in a domain with an escape, which is frozen and left alone.
fn frozen() -> Queued {
    let mut queued = Queued::default();
    set_rules(&mut queued.machine, &queued.protocol, MIN_ESCAPE_SECONDS, 0);
    queued.queue("alice", 70_000);
    queued.queue("bob", 80_000);
    queued.freeze();
    queued
}

/// The same once the escape is due, with the queue stopped.
fn stopped() -> Queued {
    let mut queued = frozen();
    queued.machine.warp_seconds(MIN_ESCAPE_SECONDS);
    let stop = queued.evacuation();
    must(queued.send(stop));
    queued
}

/// Attack: stop the queue with an account of one's own in place of the route, so that what an earlier incident left there
/// counts for nobody any more.
#[test]
fn who_stops_a_queue_names_its_route() {
    let mut queued = Queued::default();
    set_rules(&mut queued.machine, &queued.protocol, MIN_ESCAPE_SECONDS, 0);
    queued.queue("alice", 70_000);
    queued.freeze();
    queued.evacuate();
    let kept = queued.vault().evacuation.moved;
    assert!(kept > 0);
    let args = ResumeArgs {
        incident: queued.incident,
    };
    let authority = queued.protocol.mature(&mut queued.machine, &args);
    must(queued.send(ix::resume(authority, args)));
    queued.freeze();
    queued.machine.warp_seconds(MIN_ESCAPE_SECONDS);
    let empty = receiver(&mut queued.machine, &queued.protocol, "stranger");
    let mut stop = queued.evacuation();
    for meta in &mut stop.accounts {
        if meta.pubkey == queued.protocol.recovery_account {
            meta.pubkey = empty;
        }
    }
    refused(queued.send(stop), BulkheadError::WrongEvacuationRoute);
    let stop = queued.evacuation();
    must(queued.send(stop));
    assert_eq!(queued.vault().evacuation.moved, kept);
}

fn from_custody(queued: &Queued, keys: ix::RestorationKeys) -> Instruction {
    let (domain, vault) = (queued.protocol.domain, queued.protocol.vault.vault);
    ix::with_queue(ix::fund_from_custody(keys, domain, vault), queued.key())
}

#[test]
fn anyone_stops_a_queue_once_the_escape_is_due_and_moves_nothing() {
    let mut queued = frozen();
    let stop = queued.evacuation();
    refused(queued.send(stop.clone()), BulkheadError::EvacuationNotConfirmed);
    queued.machine.warp_seconds(MIN_ESCAPE_SECONDS - 60);
    refused(queued.send(stop.clone()), BulkheadError::EvacuationNotConfirmed);
    queued.machine.warp_seconds(60);
    let held = queued.machine.balance(&queued.protocol.custody());
    must(queued.send(stop.clone()));
    assert_eq!(queued.machine.balance(&queued.protocol.custody()), held);
    let (vault, ledger) = (queued.vault(), queued.ledger());
    assert_eq!(
        (vault.evacuations, vault.evacuation.moved, vault.queued),
        (1, 0, 150_000)
    );
    assert_eq!((ledger.queue_until, ledger.queue_reserve), (1, 150_000));
    // Once.
    refused(queued.send(stop), BulkheadError::EvacuationNotConfirmed);
    // The guardians had a day from the freeze.
    refused(queued.cancel(0), BulkheadError::CancellationOver);
}

#[test]
fn the_escape_pays_a_queue_that_no_guardian_looked_at() {
    let mut queued = stopped();
    let held = queued.machine.balance(&queued.protocol.custody());
    let records: Vec<_> = queued.records.iter().map(|(key, _)| *key).collect();
    let shards = queued.read(&records);
    must(queued.seal(&shards));
    queued.machine.warp_seconds(2 * 86_400);
    let recovery = queued.recovery();
    let keys = ix::EscapeKeys {
        domain: queued.protocol.domain,
        incident: queued.incident,
        ledger_index: QUEUE,
        snapshot: recovery.snapshot,
        mint: queued.protocol.mint,
        token_program: TOKEN_PROGRAM,
    };
    let open = ix::open_escape(queued.machine.payer.pubkey(), keys);
    refused(queued.send(open.clone()), BulkheadError::QueueLedgerMissing);
    let open = ix::with_queue_of(open, queued.protocol.vault.vault, queued.key());
    must(queued.send(open));
    assert_eq!((queued.vault().queued, queued.ledger().queue_from), (0, 1));

    let fund = from_custody(&queued, recovery.keys());
    must(queued.send(fund.clone()));
    assert_eq!(queued.machine.balance(&recovery.pool()), 150_000);
    assert_eq!(queued.machine.balance(&queued.protocol.custody()), held - 150_000);
    assert_eq!(queued.ledger().queue_reserve, 0);
    refused(queued.send(fund), BulkheadError::NothingToMove);
    must(recovery.share_out(&mut queued.machine));
    let page = ix::open_claim_page(recovery.restoration, queued.machine.payer.pubkey(), 0);
    must(queued.send(page));
    for (number, (key, owner)) in queued.records.clone().into_iter().enumerate() {
        let mint = queued.protocol.mint;
        queued.machine.create_associated(&mint, &owner, 0);
        must(recovery.claim(&mut queued.machine, &key));
        let paid = queued.machine.balance(&associated_token(&owner, &mint));
        assert_eq!(paid, [70_000, 80_000][number]);
    }
}

/// The escape of the positions leaves what the queue is owed, stopped or not.
#[test]
fn positions_never_get_what_custody_owes_to_the_queue() {
    for mut queued in [frozen(), stopped()] {
        queued.machine.warp_seconds(MIN_ESCAPE_SECONDS);
        let held = queued.machine.balance(&queued.protocol.custody());
        let (mint, restoration) = (queued.protocol.mint, pda::restoration(&queued.incident, 0));
        let pool = pda::pool(&restoration);
        let state = Restoration {
            version: 1,
            domain: queued.protocol.domain,
            incident: queued.incident,
            mint,
            pool,
            token_program: TOKEN_PROGRAM,
            total: held * 2,
            count: 1,
            ..bytemuck::Zeroable::zeroed()
        };
        forge(&mut queued.machine, &restoration, &state);
        queued.machine.create_token_account(&pool, &mint, &restoration, 0);
        let keys = ix::RestorationKeys {
            restoration,
            mint,
            token_program: TOKEN_PROGRAM,
        };
        let fund = from_custody(&queued, keys);
        must(queued.send(fund));
        assert_eq!(queued.machine.balance(&pool), held - 150_000);
        assert_eq!(queued.machine.balance(&queued.protocol.custody()), 150_000);
    }
}

/// Whoever stops a queue right before the domain reopens makes nobody wait for another incident: custody has kept what the
/// queue is owed, and pays it.
#[test]
fn who_stops_a_queue_locks_nobody_out() {
    let mut queued = stopped();
    let args = ResumeArgs {
        incident: queued.incident,
    };
    let authority = queued.protocol.mature(&mut queued.machine, &args);
    must(queued.send(ix::resume(authority, args)));
    let mut incident: Incident = queued.machine.load(&queued.incident);
    incident.steps[step::RESTORATION] = incident.steps[step::FREEZE];
    forge(&mut queued.machine, &queued.incident.clone(), &incident);
    must(queued.requeue(0));
    must(queued.requeue(1));
    queued.machine.warp_seconds(2 * 86_400);
    for _ in 0..6 {
        queued.machine.warp_seconds(2 * 3_600);
        for number in 0..2 {
            if queued.record(number).state == release_state::QUEUED {
                let (key, to) = (queued.records[number].0, queued.record(number).destination);
                let settle = ix::settle_release(queued.protocol.vault, to, key);
                must(queued.send(settle));
            }
        }
    }
    assert_eq!(
        [queued.record(0).state, queued.record(1).state],
        [release_state::PAID; 2]
    );
    assert_eq!(queued.vault().queued, 0);
}

/// A vault without such a ledger is not closed by strangers: there is nothing that the escape could pay.
#[test]
fn a_vault_without_a_queue_is_stopped_by_guardians_alone() {
    let (mut machine, protocol) = world_with(&Setup::default());
    set_rules(&mut machine, &protocol, MIN_ESCAPE_SECONDS, 0);
    let incident = protocol.freeze(&mut machine);
    machine.warp_seconds(MIN_ESCAPE_SECONDS + 1);
    let stop = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    refused(machine.send(&[stop], &[]), BulkheadError::EvacuationNotConfirmed);
}
