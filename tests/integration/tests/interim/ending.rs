//! What was paid before the vote counts against the final claim, whichever state is chosen.

use super::*;
use bulkhead_interface::constants::restoration_flag;

/// Half of the positions claim before the vote, all of them after it: each ends with what the chosen state says.
fn whole_way(choice: usize) {
    let (mut shared, states) = shared();
    let early: Vec<_> = both(&states).into_iter().step_by(2).collect();
    for (position, _) in &early {
        must(shared.claim(&position.key));
    }
    let before_vote = paid(&shared);
    assert!(before_vote > 0);
    let recovery = match choice {
        2 => bulkhead_tests::recovery::Recovery::of(
            bulkhead_tests::interim::twin(&shared.recovery.protocol),
            shared.keys.incident,
            states[2].clone(),
        ),
        _ => shared.by_checkpoint(shared.before.0, states[1].clone()),
    };
    shared.restore(&recovery, sum(&states[choice]));
    assert_eq!(shared.restoration().paid, before_vote);
    // Interim claims have ended.
    let (position, _) = both(&states)[1];
    refused(shared.claim(&position.key), BulkheadError::InterimEnded);
    for position in &states[choice] {
        let claim = shared.final_claim(&recovery, &position.key);
        must(shared.machine.send(std::slice::from_ref(&claim), &[]));
        refused(shared.machine.send(&[claim], &[]), BulkheadError::AlreadyClaimed);
    }
    for number in 0..10 {
        let owner = owner(number).pubkey();
        let own = states[choice].iter().filter(|position| position.owner == owner);
        let owed: u64 = own.map(|position| position.amount).sum();
        assert_eq!(shared.balance(&owner), owed, "owner {number}");
    }
    assert_eq!(paid(&shared), sum(&states[choice]));
    assert_eq!(shared.restoration().paid, sum(&states[choice]));
}

#[test]
fn interim_claims_count_under_the_snapshot() {
    whole_way(2);
}

#[test]
fn interim_claims_count_under_the_checkpoint() {
    whole_way(1);
}

/// The vote chooses an older checkpoint. A final claim shows the position's leaf of the interim snapshot, or that it had
/// none, and gets its own less what it was paid.
#[test]
fn interim_claims_count_under_a_third_state() {
    let (mut shared, states) = shared();
    for (position, _) in both(&states) {
        must(shared.claim(&position.key));
    }
    let before_vote = paid(&shared);
    let recovery = shared.by_checkpoint(shared.older.0, states[0].clone());
    shared.restore(&recovery, sum(&states[0]));
    let plan = shared.restoration();
    assert_eq!((plan.paid, plan.flags), (0, restoration_flag::AFTER_INTERIM));
    let first = states[0][5].key;
    let claim = shared.final_claim(&recovery, &first);
    refused(shared.machine.send(&[claim], &[]), BulkheadError::InterimBookMissing);

    let mut sorted: Vec<_> = states[2].clone();
    sorted.sort_by_key(key_of);
    for position in &states[0] {
        let page = prove_place(&mut shared, &sorted, &position.key);
        let proof = pda::interim_proof(&shared.keys.interim(), &shared.machine.payer.pubkey());
        let claim = shared.final_claim(&recovery, &position.key);
        let claim = ix::after_interim(claim, shared.keys.interim(), proof, page);
        must(shared.machine.send(std::slice::from_ref(&claim), &[]));
        refused(shared.machine.send(&[claim], &[]), BulkheadError::AlreadyClaimed);
    }
    let plan = shared.restoration();
    assert_eq!(plan.paid, plan.total, "every claim was settled");
    // Positions that the older state does not know keep what they were paid, and nobody else has more than their own.
    let unknown: u64 = both(&states)
        .iter()
        .filter(|(position, _)| !states[0].iter().any(|other| other.key == position.key))
        .map(|(position, before)| interim_part(&shared, position.amount.min(before.amount)))
        .sum();
    let extra: u64 = both(&states)
        .iter()
        .filter_map(|(position, before)| {
            let own = states[0].iter().find(|other| other.key == position.key)?;
            let got = interim_part(&shared, position.amount.min(before.amount));
            Some(got.saturating_sub(own.amount))
        })
        .sum();
    assert_eq!(paid(&shared), sum(&states[0]) + unknown + extra);
    assert!(before_vote > unknown);
}

fn interim_part(shared: &Shared, agreed: u64) -> u64 {
    let interim = shared.interim();
    bulkhead_core::interim::share::entitled_floor(&interim, agreed, agreed)
}

/// Stores the leaf of a position in the snapshot, or its neighbours there, and returns its page.
fn prove_place(shared: &mut Shared, sorted: &[Position], key: &Pubkey) -> u16 {
    let snapshot = shared.keys.snapshot;
    let shard = |key: &Pubkey| key.as_array()[0] >> 4;
    let rows: Vec<Pubkey> = match sorted.binary_search_by_key(key, key_of) {
        Ok(_) => vec![*key],
        Err(at) => {
            let near = [at.checked_sub(1), Some(at)];
            let near = near.into_iter().flatten().filter_map(|at| sorted.get(at));
            near.map(key_of).filter(|other| shard(other) == shard(key)).collect()
        }
    };
    for (row, leaf) in (0..).zip(rows) {
        let args = Shared::proof(&shared.recovery.tree, &leaf, row);
        must(shared.prove(snapshot, args));
    }
    0
}

/// An unpause that was proposed before the share-out was opened did not know of it; one proposed later runs, and what is
/// left goes back to the domain.
#[test]
fn an_unpause_knows_of_interim_claims_and_what_is_left_comes_back() {
    let (older, before, after) = three_states();
    let mut shared = Shared::frozen(older, before, after);
    let protocol = bulkhead_tests::interim::twin(&shared.recovery.protocol);
    let resume = bulkhead::instructions::ResumeArgs {
        incident: shared.keys.incident,
    };
    let early = protocol.mature(&mut shared.machine, &resume);
    shared.share_out();
    refused(
        shared.machine.send(&[ix::resume(early, resume.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let home = shared.machine.create_associated(&shared.keys.mint, &protocol.domain, 0);
    let back = ix::return_interim(shared.keys, home);
    refused(
        shared.machine.send(std::slice::from_ref(&back), &[]),
        BulkheadError::InterimNotOver,
    );
    shared.machine.next_slot();
    let later = protocol.mature(&mut shared.machine, &resume);
    must(shared.machine.send(&[ix::resume(later, resume)], &[]));
    let left = shared.machine.balance(&shared.keys.pool());
    must(shared.machine.send(&[back], &[]));
    assert_eq!(shared.machine.balance(&home), left);
}
