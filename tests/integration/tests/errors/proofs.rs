//! 7060 to 7075: proofs of state.

use bulkhead::{
    error::BulkheadError as E,
    instructions::{RegisterVerifyingKeyArgs, VerifyingKey},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::proof_role,
    layout::{SealedLedger, StateProof},
};
use bulkhead_tests::{
    proving::{Answer, Page, Proving, id_of, requirement},
    recovery::forge,
    world,
};
use solana_signer::Signer;

use crate::{Case, Refusal};

const CHOSEN: u8 = proof_role::CHOSEN;
const SUCCESSOR: u8 = proof_role::SUCCESSOR;
/// A shard with two pages.
const LONG: u8 = 1;

pub const CASES: &[Case] = &[
    (E::ProofNotCanonical, || page(|page| page.args.after[..32].fill(0xff))),
    (E::ProofKeyInvalid, || register(|key| key.points.truncate(575), true)),
    (E::ProofKeyMismatch, || {
        let (mut machine, protocol) = world();
        let authority = protocol.mature(&mut machine, &requirement());
        let require = ix::require_proofs(authority, machine.payer.pubkey(), requirement());
        machine.send(&[require], &[])
    }),
    (E::ProofKeyInsecure, || register(|_| (), false)),
    (E::ProofRefused, || page(|page| page.args.after[100] ^= 1)),
    (E::NotTheProver, || {
        let mut proving = Proving::opened();
        proving.must(proving.open_run(CHOSEN, LONG));
        let close = ix::close_run(proving.machine.payer.pubkey(), proving.run(CHOSEN, LONG));
        proving.send(close)
    }),
    (E::RunNotAtEnd, || {
        let mut proving = Proving::opened();
        proving.must(proving.open_run(CHOSEN, LONG));
        proving.send(proving.finish(CHOSEN, LONG))
    }),
    (E::ShardEnded, || {
        let mut proving = Proving::opened();
        proving.prove_shard(CHOSEN, LONG);
        proving.machine.next_slot();
        proving.send(proving.finish(CHOSEN, LONG))
    }),
    (E::ProofIncomplete, || {
        let mut proving = Proving::opened();
        proving.send(proving.record())
    }),
    (E::ProofSumMismatch, || {
        let mut proving = Proving::fixed();
        let key = pda::sealed_ledger(&proving.recovery.snapshot);
        let mut chosen: SealedLedger = proving.machine.load(&key);
        // No seal has another total than its plan.
        chosen.total += 1;
        forge(&mut proving.machine, &key, &chosen);
        proving.send(proving.open_proof())
    }),
    (E::SuccessorDiffers, || {
        let mut proving = Proving::opened();
        proving.prove_all();
        let (key, record) = (proving.proof(), proving.record());
        let mut proof: StateProof = proving.machine.load(&key);
        // No page with another product verifies.
        proof.products[1] = [7; 32];
        forge(&mut proving.machine, &key, &proof);
        proving.send(record)
    }),
    (E::SuccessorTooEarly, || {
        let mut proving = Proving::fixed();
        let key = pda::sealed_ledger(&proving.successor());
        let mut successor: SealedLedger = proving.machine.load(&key);
        // A successor is opened after the choice; in the same slot it may be sealed.
        successor.sealed_slot = 0;
        forge(&mut proving.machine, &key, &successor);
        proving.send(proving.open_proof())
    }),
    (E::ProofOutdated, || {
        let mut proving = Proving::opened();
        proving.prove_all();
        let record = proving.record();
        proving.recovery.pay_out(&mut proving.machine, 4_000);
        proving.send(record)
    }),
    (E::ProofMissing, || {
        let mut proving = Proving::shared_out();
        let args = bulkhead::instructions::ReopenArgs {
            incident: proving.of().incident,
            ramp_bps: 10_000,
            grace_seconds: 0,
        };
        let authority = proving.recovery.protocol.mature(&mut proving.machine, &args);
        proving.send(ix::reopen(authority, args))
    }),
    (E::NotAccumulated, || {
        let (machine, protocol) = world();
        let mut proving = Proving::restored_in(machine, protocol, Answer::read());
        proving.send(proving.fix(CHOSEN))
    }),
    (E::ShardMissing, || {
        let mut proving = Proving::shared_out();
        proving.shards[0].pop();
        proving.send(proving.fix(CHOSEN))
    }),
];

fn page(spoil: impl Fn(&mut Page)) -> Refusal {
    let mut proving = Proving::opened();
    proving.must(proving.open_run(SUCCESSOR, LONG));
    let mut page = proving.pages(SUCCESSOR, LONG)[0].clone();
    spoil(&mut page);
    proving.send(proving.prove(&page))
}

fn register(spoil: impl Fn(&mut VerifyingKey), accepts_insecure: bool) -> Refusal {
    let (mut machine, protocol) = world();
    let mut key = Answer::read().key;
    let decision = RegisterVerifyingKeyArgs {
        id: id_of(&key),
        accepts_insecure,
    };
    spoil(&mut key);
    let authority = protocol.mature(&mut machine, &decision);
    let payer = machine.payer.pubkey();
    machine.send(&[ix::register_verifying_key(authority, payer, decision, key)], &[])
}
