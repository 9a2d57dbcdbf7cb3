//! How somebody would steal through it, and what stops them.

use super::*;
use bulkhead_interface::{constants::snapshot_state, layout::Snapshot};
use bulkhead_testbed::{associated_token, keypair};
use bulkhead_tests::recovery::forge;

/// The thief rewrote the owner of every position. The two states name different owners, so nobody is paid before the
/// vote.
#[test]
fn rewritten_owners_are_paid_nothing_before_the_vote() {
    let before = positions(12);
    let thief = keypair("thief").pubkey();
    let stolen: Vec<_> = before
        .iter()
        .map(|position| Position {
            owner: thief,
            ..*position
        })
        .collect();
    let mut shared = Shared::frozen(positions(1), before.clone(), stolen);
    shared.share_out();
    for position in &before {
        refused(shared.claim(&position.key), BulkheadError::InterimOwnersDiffer);
    }
}

/// The proof of one leaf pays no other, and a proof of the snapshot is none of the checkpoint.
#[test]
fn a_stored_proof_is_of_its_leaf_and_state() {
    let (mut shared, states) = shared();
    let list = both(&states);
    let (first, second) = (list[0].0.key, list[1].0.key);
    shared.prove_before(&first);
    refused(shared.claim_proved(&second), BulkheadError::InterimProofMissing);
    let of_snapshot = Shared::proof(&shared.recovery.tree, &first, 0);
    must(shared.prove(shared.keys.snapshot, of_snapshot.clone()));
    refused(shared.claim_proved(&first), BulkheadError::InterimProofMissing);
    // It is not a leaf of the checkpoint, nor with another amount or owner.
    refused(
        shared.prove(shared.keys.checkpoint, of_snapshot),
        BulkheadError::InvalidProof,
    );
    let honest = Shared::proof(&shared.before.1, &first, 0);
    let mut more = honest.clone();
    more.amount += 1;
    let mut others = honest.clone();
    others.owner = keypair("thief").pubkey();
    let mut elsewhere = honest.clone();
    elsewhere.index += 1;
    let mut shorter = honest;
    shorter.proof.truncate(shorter.proof.len() - 40);
    for lie in [more, others, elsewhere, shorter] {
        refused(shared.prove(shared.keys.checkpoint, lie), BulkheadError::InvalidProof);
    }
    // The older checkpoint is not one of the two states.
    let older = pda::checkpoint_snapshot(&shared.keys.incident, 0, shared.older.0);
    let args = Shared::proof(&shared.older.1, &first, 0);
    refused(shared.prove(older, args), BulkheadError::ForeignAccount);
}

/// Nobody picks an older checkpoint, in which they still had what they have withdrawn since.
#[test]
fn an_older_checkpoint_opens_nothing() {
    let (older, before, after) = three_states();
    let mut shared = Shared::frozen(older, before, after);
    shared.keys.checkpoint = pda::checkpoint_snapshot(&shared.keys.incident, 0, shared.older.0);
    refused(shared.open(), BulkheadError::NotTheNewestCheckpoint);
}

/// The tokens go to the owner's associated token account, whoever pushes the claim.
#[test]
fn a_stranger_chooses_no_destination() {
    let (mut shared, states) = shared();
    let (position, _) = both(&states)[0];
    shared.prove_before(&position.key);
    let thief = shared
        .machine
        .create_associated(&shared.keys.mint, &keypair("thief").pubkey(), 0);
    let (keys, args) = shared.prepare(&position.key);
    let keys = ix::InterimClaimKeys {
        destination: thief,
        ..keys
    };
    let claim = ix::claim_interim(shared.keys, keys, args);
    refused(shared.machine.send(&[claim], &[]), BulkheadError::OwnerMustSign);
}

/// A checkpoint that is contested after the opening, and a snapshot that is sealed again, pay nothing more.
#[test]
fn a_state_that_falls_pays_nothing_more() {
    let (mut shared, states) = shared();
    let list = both(&states);
    must(shared.claim(&list[0].0.key));
    for (key, change) in [
        (
            shared.keys.checkpoint,
            (|state: &mut Snapshot| state.state = snapshot_state::VOID) as fn(&mut Snapshot),
        ),
        (shared.keys.snapshot, |state: &mut Snapshot| state.root = [9; 32]),
    ] {
        let honest: Snapshot = shared.machine.load(&key);
        let mut fallen = honest;
        change(&mut fallen);
        shared.prove_before(&list[1].0.key);
        forge(&mut shared.machine, &key, &fallen);
        refused(shared.claim_proved(&list[1].0.key), BulkheadError::InterimEnded);
        forge(&mut shared.machine, &key, &honest);
    }
    must(shared.claim(&list[1].0.key));
}

/// One guardian stops a position, at the price of a right; a stranger stops none. The owner is paid after the vote.
#[test]
fn a_guardian_stops_a_position_until_the_vote() {
    let (mut shared, states) = shared();
    let (position, _) = both(&states)[0];
    let protocol = bulkhead_tests::interim::twin(&shared.recovery.protocol);
    let stop = |signer: &solana_keypair::Keypair, key| {
        ix::stop_interim_claim(
            protocol.domain,
            signer.pubkey(),
            pda::interim(&shared.keys.incident, 0),
            key,
        )
    };
    let stranger = keypair("stranger");
    let guardian = &protocol.members[0];
    let (by_stranger, by_guardian) = (stop(&stranger, position.key), stop(guardian, position.key));
    refused(
        shared.machine.send(&[by_stranger], &[&stranger]),
        BulkheadError::NotAMember,
    );
    let rights = |shared: &Shared| {
        let council: bulkhead_interface::layout::Council = shared.machine.load(&pda::council(&protocol.domain));
        council.members[0].pause_rights
    };
    let had = rights(&shared);
    must(shared.machine.send(&[by_guardian], &[guardian]));
    assert_eq!(rights(&shared), had - 1);
    refused(shared.claim(&position.key), BulkheadError::InterimStopped);
    let recovery = bulkhead_tests::recovery::Recovery::of(
        bulkhead_tests::interim::twin(&protocol),
        shared.keys.incident,
        states[2].clone(),
    );
    shared.restore(&recovery, sum(&states[2]));
    let claim = shared.final_claim(&recovery, &position.key);
    must(shared.machine.send(&[claim], &[]));
}

/// No other vault's tokens, nor the domain's others, are drawn.
#[test]
fn only_the_ledgers_vaults_are_drawn() {
    let (mut shared, _) = shared();
    let protocol = bulkhead_tests::interim::twin(&shared.recovery.protocol);
    let vault = protocol.vault.vault;
    let votes = pda::votes(&protocol.domain);
    for source in [votes, protocol.recovery_account, shared.keys.pool()] {
        let fund = ix::fund_interim(shared.keys, Some((vault, source)));
        assert!(shared.machine.send(&[fund], &[]).is_err(), "{source}");
    }
    let mut other: bulkhead_interface::layout::Vault = shared.machine.load(&vault);
    other.ledger = 1;
    forge(&mut shared.machine, &vault, &other);
    refused(shared.fund(), BulkheadError::WrongDestination);
    let account = associated_token(&keypair("thief").pubkey(), &shared.keys.mint);
    let fund = ix::fund_interim(shared.keys, Some((vault, account)));
    assert!(shared.machine.send(&[fund], &[]).is_err());
}
