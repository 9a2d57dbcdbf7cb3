//! 6441: a queue that is a ledger.

use bulkhead::{error::BulkheadError as E, instructions::ResumeArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{constants::step, layout::Incident};
use bulkhead_testbed::Failure;
use bulkhead_tests::{queue_ledger::Queued, recovery::forge};
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::QueueLedgerMissing, || {
        let mut queued = Queued::of(&[("alice", 70_000)]);
        queued.freeze();
        queued.confirm_evacuation();
        let (vault, incident) = (queued.protocol.vault, queued.incident);
        let plain = ix::evacuate(vault, incident, queued.protocol.recovery_account);
        queued.send(plain)
    }),
    (E::ReleaseRestored, || {
        let mut queued = chosen()?;
        queued.cancel(0)
    }),
    (E::ReleaseNotCancelled, || {
        let mut queued = Queued::of(&[("alice", 70_000)]);
        let (payer, operator) = (queued.machine.payer.pubkey(), queued.protocol.operator.insecure_clone());
        let vault = queued.protocol.vault.vault;
        let back = ix::take_back_release(operator.pubkey(), vault, queued.records[0].0, payer);
        queued.machine.send(&[back], &[&operator])
    }),
    (E::ReleaseInQueue, || {
        let mut queued = resumed()?;
        let number = queued.queue("bob", 80_000);
        queued.requeue(number)
    }),
    (E::QueueNotCovered, || resumed()?.requeue(0)),
    (E::QueueStillCancellable, || {
        let mut queued = evacuated();
        let shards = queued.read(&[queued.records[0].0]);
        queued.seal(&shards)
    }),
    (E::CancellationOver, || {
        let mut queued = evacuated();
        queued.wait_out_the_guardians();
        queued.cancel(0)
    }),
    (E::QueueNotEvacuated, || {
        // Left over by one incident, and sealed in the next, in which the vault was not moved again.
        let mut queued = resumed()?;
        queued.freeze();
        queued.confirm_evacuation();
        queued.wait_out_the_guardians();
        let shards = queued.read(&[queued.records[0].0]);
        queued.seal(&shards)?;
        let recovery = queued.recovery();
        let (authority, args) = queued.elect(&recovery);
        let choice = queued.choice(authority, args);
        queued.send(choice)
    }),
    (E::QueueChanged, || {
        let mut queued = sealed()?;
        let recovery = queued.recovery();
        let (authority, args) = queued.elect(&recovery);
        // As if governance had cancelled a part of it since.
        let mut vault = queued.vault();
        vault.queued -= 1;
        forge(&mut queued.machine, &queued.protocol.vault.vault, &vault);
        let choice = queued.choice(authority, args);
        queued.send(choice)
    }),
    (E::ReleaseNotTakenBack, || {
        let mut queued = Queued::of(&[("alice", 70_000)]);
        queued.freeze();
        queued.cancel(0)?;
        let (key, payer) = (queued.records[0].0, queued.machine.payer.pubkey());
        queued.send(ix::close_release(key, payer))
    }),
    (E::OthersRestored, || {
        let mut queued = resumed()?;
        let mut incident: Incident = queued.machine.load(&queued.incident);
        incident.steps[step::RESTORATION] = incident.steps[step::EVACUATION];
        forge(&mut queued.machine, &queued.incident, &incident);
        queued.requeue(0)
    }),
];

fn evacuated() -> Queued {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.freeze();
    queued.evacuate();
    queued
}

fn resumed() -> Result<Queued, Failure> {
    let mut queued = evacuated();
    let args = ResumeArgs {
        incident: queued.incident,
    };
    let authority = queued.protocol.mature(&mut queued.machine, &args);
    queued.send(ix::resume(authority, args))?;
    Ok(queued)
}

fn sealed() -> Result<Queued, Failure> {
    let mut queued = evacuated();
    let shards = queued.read(&[queued.records[0].0]);
    queued.wait_out_the_guardians();
    queued.seal(&shards)?;
    Ok(queued)
}

fn chosen() -> Result<Queued, Failure> {
    let mut queued = sealed()?;
    let recovery = queued.recovery();
    let (authority, args) = queued.elect(&recovery);
    let choice = queued.choice(authority, args);
    queued.send(choice)?;
    // In the next incident, within whose reach it was too.
    Ok(queued)
}
