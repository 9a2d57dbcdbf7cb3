//! What goes on record, and evidence that is given back.

use super::*;

/// What an attacker does to the host after the checkpoint strikes nothing out: it goes on record.
#[test]
fn a_rewritten_account_is_a_dispute_and_no_contest() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let evidence = watched.prove(leaf_of(slot, &tree, &rows[0].key)).expect("a leaf");
    let dispute = watched.disputing(evidence);
    let Position { key, owner, amount } = rows[0];
    watched
        .protocol
        .write_position(&mut watched.machine, &key, &owner, amount);
    refused(
        watched.machine.send(std::slice::from_ref(&dispute), &[]),
        BulkheadError::NoContradiction,
    );
    let thief = keypair("thief").pubkey();
    watched
        .protocol
        .write_position(&mut watched.machine, &key, &thief, amount);
    refused(watched.contest(evidence, None), BulkheadError::NoContradiction);
    watched
        .machine
        .send(std::slice::from_ref(&dispute), &[])
        .expect("it differs");
    refused(watched.machine.send(&[dispute], &[]), BulkheadError::EvidenceUsed);
    let entry = watched.entry(slot);
    assert_eq!((entry.disputes, entry.state), (1, checkpoint_state::ATTESTED));
    let mut elsewhere = watched.disputing(evidence);
    let meta = elsewhere.accounts.iter_mut().find(|meta| meta.pubkey == rows[0].key);
    meta.expect("it is named").pubkey = rows[1].key;
    refused(watched.machine.send(&[elsewhere], &[]), BulkheadError::ForeignAccount);
}

/// Proved again after it was closed, or by somebody else, a leaf is the same leaf.
#[test]
fn a_leaf_is_disputed_once_whoever_proves_it_how_often() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let payer = watched.machine.payer.pubkey();
    let leaf = leaf_of(slot, &tree, &rows[0].key);
    for round in 0..20 {
        let evidence = watched.prove(leaf.clone()).expect("a leaf");
        let dispute = watched.disputing(evidence);
        let result = watched.machine.send(&[dispute], &[]);
        if round == 0 {
            result.expect("it differs");
        } else {
            refused(result, BulkheadError::EvidenceUsed);
        }
        let close = ix::close_evidence(payer, watched.log, evidence);
        watched.machine.send(&[close], &[]).expect("its own");
    }
    let other = keypair("another prover");
    watched.machine.fund(&other.pubkey(), 1_000_000_000);
    let prove = ix::prove_leaf(watched.log, other.pubkey(), leaf.clone());
    watched.machine.send(&[prove], &[&other]).expect("a leaf");
    let evidence = pda::evidence(&watched.log, slot, leaf.index, &other.pubkey());
    let dispute = watched.disputing(evidence);
    refused(watched.machine.send(&[dispute], &[]), BulkheadError::EvidenceUsed);
    assert_eq!(watched.entry(slot).disputes, 1);

    // The record itself is not given back while the checkpoint stands, and is afterwards.
    let record = pda::dispute(&watched.log, slot, leaf.index);
    let close = ix::close_evidence(payer, watched.log, record);
    refused(
        watched.machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::EvidenceNeeded,
    );
    let mut log = watched.log();
    log.entries[0].slot += 1;
    forge(&mut watched.machine, &watched.log, &log);
    watched.machine.send(&[close], &[]).expect("nothing is left of it");
}

#[test]
fn evidence_is_closed_by_who_paid_for_it() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let evidence = watched.prove(leaf_of(slot, &tree, &rows[0].key)).expect("a leaf");
    let thief = keypair("thief");
    watched.machine.fund(&thief.pubkey(), 1_000_000);
    let close = ix::close_evidence(thief.pubkey(), watched.log, evidence);
    refused(watched.machine.send(&[close], &[&thief]), BulkheadError::ForeignAccount);
    let payer = watched.machine.payer.pubkey();
    let close = ix::close_evidence(payer, watched.log, evidence);
    watched.protocol.must(&mut watched.machine, &[close], &[]);
    assert!(watched.machine.account(&evidence).is_none());
}
