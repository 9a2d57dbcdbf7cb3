//! What somebody would try with pages, runs and statements.

use bulkhead::instructions::ProvePageArgs;
use bulkhead_testbed::keypair;

use super::*;

#[test]
fn pages_in_their_order_by_the_runs_prover_and_nothing_else() {
    let mut proving = Proving::opened();
    let [first, second] = &proving.pages(CHOSEN, LONG)[..] else {
        panic!("two pages")
    };
    proving.must(proving.open_run(CHOSEN, LONG));
    proving.must(proving.open_run(CHOSEN, SHORT));
    // Swapped, or skipped.
    refused(proving.send(proving.prove(second)), E::ProofRefused);
    // Of another shard or ledger.
    let elsewhere = Page {
        shard: LONG,
        ..proving.pages(CHOSEN, SHORT)[0].clone()
    };
    refused(proving.send(proving.prove(&elsewhere)), E::ProofRefused);
    let of_successor = Page {
        role: CHOSEN,
        ..proving.pages(SUCCESSOR, LONG)[0].clone()
    };
    refused(proving.send(proving.prove(&of_successor)), E::ProofRefused);
    // One unit more is paid, one less is summed up, or one leaf less is counted.
    for at in [96, 100, 108, 131] {
        let mut more = first.clone();
        more.args.after[at - 16] ^= 1;
        let refusal = proving.send(proving.prove(&more)).expect_err("no proof of that");
        assert_eq!(refusal.code(), Some(u32::from(E::ProofRefused)), "byte {at}");
    }
    // Every coordinate has one encoding, and so has every word.
    let mut wide = first.clone();
    wide.args.after[..32].fill(0xff);
    refused(proving.send(proving.prove(&wide)), E::ProofNotCanonical);
    let mut wide = first.clone();
    wide.args.proof[..32].fill(0xff);
    refused(proving.send(proving.prove(&wide)), E::ProofNotCanonical);
    for at in (31..256).step_by(32) {
        let mut off = first.clone();
        off.args.proof[at] ^= 1;
        refused(proving.send(proving.prove(&off)), E::ProofRefused);
    }
    let zero = Page {
        args: ProvePageArgs {
            proof: [0; 256],
            ..first.args.clone()
        },
        ..first.clone()
    };
    refused(proving.send(proving.prove(&zero)), E::ProofRefused);

    refused(proving.send(proving.finish(CHOSEN, LONG)), E::RunNotAtEnd);
    proving.must(proving.prove(first));
    // Sent again, it changes nothing.
    let before: ProofRun = proving.machine.load(&proving.run(CHOSEN, LONG));
    proving.machine.next_slot();
    proving.must(proving.prove(first));
    let after: ProofRun = proving.machine.load(&proving.run(CHOSEN, LONG));
    assert_eq!(before.reached, after.reached);
    refused(proving.send(proving.finish(CHOSEN, LONG)), E::RunNotAtEnd);
    proving.must(proving.prove(second));
    proving.must(proving.finish(CHOSEN, LONG));
    proving.machine.next_slot();
    refused(proving.send(proving.finish(CHOSEN, LONG)), E::ShardEnded);
    proving.machine.next_slot();
    refused(proving.send(proving.open_run(CHOSEN, LONG)), E::ShardEnded);
}

fn lamports(proving: &Proving) -> u64 {
    proving
        .machine
        .account(&proving.prover.pubkey())
        .map_or(0, |account| account.lamports)
}

#[test]
fn a_run_is_its_provers_and_anybody_goes_on_where_it_is() {
    let mut proving = Proving::opened();
    let pages = proving.pages(CHOSEN, LONG);
    proving.must(proving.open_run(CHOSEN, LONG));
    proving.must(proving.prove(&pages[0]));
    let thief = keypair("another prover");
    proving.machine.fund(&thief.pubkey(), 1_000_000_000);
    let proof = proving.proof();
    let run = proving.run(CHOSEN, LONG);
    let key = pda::proof_key(&proving.of().domain, &proving.answer.key_id());
    let stolen = ix::prove_page(thief.pubkey(), proof, key, run, pages[1].args.clone());
    refused(proving.machine.send(&[stolen], &[&thief]), E::NotTheProver);
    let close = ix::close_run(thief.pubkey(), run);
    refused(proving.machine.send(&[close], &[&thief]), E::NotTheProver);
    // Of another shard it is no beginning.
    let elsewhere = ix::open_run(thief.pubkey(), proof, CHOSEN, SHORT, Some(run));
    refused(proving.machine.send(&[elsewhere], &[&thief]), E::ForeignAccount);

    let own = pda::proof_run(&proof, &thief.pubkey(), CHOSEN, LONG);
    let begin = ix::open_run(thief.pubkey(), proof, CHOSEN, LONG, Some(run));
    let go_on = ix::prove_page(thief.pubkey(), proof, key, own, pages[1].args.clone());
    let finish = ix::finish_run(proof, own, proving.recovery.snapshot);
    let sent = proving.machine.send(&[begin, go_on, finish], &[&thief]);
    assert!(sent.is_ok(), "{sent:?}");
    let state: StateProof = proving.machine.load(&proof);
    assert_eq!(state.ended, [1 << LONG, 0]);
    // Its rent comes back to who paid it.
    let before = lamports(&proving);
    proving.must(ix::close_run(proving.prover.pubkey(), run));
    assert!(lamports(&proving) > before);
}

#[test]
fn nothing_is_recorded_before_every_shard_of_both_ledgers_ended() {
    let mut proving = Proving::opened();
    refused(proving.send(proving.record()), E::ProofIncomplete);
    proving.prove_shard(CHOSEN, EMPTY);
    for role in [CHOSEN, SUCCESSOR] {
        for shard in (0..16).filter(|shard| (role, *shard) != (CHOSEN, EMPTY)) {
            proving.machine.next_slot();
            refused(proving.send(proving.record()), E::ProofIncomplete);
            proving.prove_shard(role, shard);
        }
    }
    proving.must(proving.record());
}

#[test]
fn a_statement_is_opened_once_and_only_of_its_own_two_ledgers() {
    let mut proving = Proving::fixed();
    let open = proving.open_proof();
    let mut turned = open.clone();
    turned.accounts.swap(4, 5);
    let refusal = proving.send(turned).expect_err("exchanged");
    assert_eq!(refusal.code(), Some(u32::from(E::ForeignAccount)));
    proving.must(open.clone());
    proving.machine.next_slot();
    proving.send(open).expect_err("opened before");
}

#[test]
fn what_is_shared_out_later_is_proved_again_if_it_is_notable() {
    let mut proving = Proving::opened();
    proving.prove_all();
    let (record, proof) = (proving.record(), proving.proof());
    let state: StateProof = proving.machine.load(&proof);
    assert_eq!(state.pools[0], bulkhead_tests::proving::POOL);
    proving.recovery.pay_out(&mut proving.machine, 4_000);
    refused(proving.send(record), E::ProofOutdated);
}

/// Else whoever closes a statement again and again keeps a ramp from the proof that it waits for.
#[test]
fn nobody_closes_a_statement_while_a_ramp_may_wait_for_it() {
    let mut proving = Proving::opened();
    let (domain, payer, proof) = (proving.of().domain, proving.machine.payer.pubkey(), proving.proof());
    let close = ix::close_proof(domain, proof, payer);
    let close_fixed = ix::close_fixed_ledger(domain, proving.successor(), payer);
    refused(proving.send(close.clone()), E::WrongPhase);
    refused(proving.send(close_fixed.clone()), E::WrongPhase);
    proving.prove_all();
    proving.must(proving.record());
    let args = bulkhead::instructions::ReopenArgs {
        incident: proving.of().incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &args);
    let checks = proved(&proving);
    proving.must(ix::reopen_checked(authority, &checks, args));
    let elsewhere = ix::close_proof(domain, proof, proving.prover.pubkey());
    refused(proving.send(elsewhere), E::WrongDestination);
    refused(proving.send(close.clone()), E::WrongPhase);
    refused(proving.send(close_fixed.clone()), E::WrongPhase);
    proving.reopened_after_another();
    proving.must(close);
    proving.must(close_fixed);
    assert!(proving.machine.account(&proof).is_none());
}
