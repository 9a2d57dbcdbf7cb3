//! Neighbours are paid with one proof, and nobody keeps the others from being paid.

use super::*;

/// A restoration of `count` positions in one shard, each of another owner with an account, and its leaves.
fn neighbours(count: u64) -> (Machine, Recovery, Vec<Position>) {
    let mut list = positions(count);
    for (number, position) in (0..).zip(&mut list) {
        let mut key = position.key.to_bytes();
        key[0] = 0x10 | key[0] & 0x0f;
        (position.key, position.owner) = (key.into(), owner(number).pubkey());
    }
    let (mut machine, recovery) = frozen(list);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 2);
    for leaf in leaves(&recovery) {
        let account = associated_token(&leaf.owner, &recovery.protocol.mint);
        if machine.account(&account).is_none() {
            machine.create_associated(&recovery.protocol.mint, &leaf.owner, 0);
        }
    }
    let all = leaves(&recovery);
    (machine, recovery, all)
}

fn keys_of(leaves: &[Position]) -> Vec<Pubkey> {
    leaves.iter().map(|leaf| leaf.key).collect()
}

fn received(machine: &Machine, recovery: &Recovery, leaf: &Position) -> u64 {
    machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint))
}

/// Half of everything was shared out.
fn share(recovery: &Recovery, leaf: &Position) -> u64 {
    let total = u128::from(recovery.tree.root().sum);
    u64::try_from(u128::from(leaf.amount) * (total / 2) / total).expect("a part of it")
}

#[test]
fn every_range_of_neighbours_is_paid_once() {
    // A canopy node over four leaves: ranges begin and end anywhere, over several nodes.
    let (mut machine, recovery, all) = neighbours(60);
    let mut first = 0;
    for count in [1, 2, 3, 4, 5, 1, 3, 2, 4, 5, 5, 4, 3, 2, 1, 5, 5, 4, 1] {
        let own = &all[first..first + count];
        let batch = recovery.batch(&machine, &keys_of(own));
        let outcome = recovery.protocol.must(&mut machine, std::slice::from_ref(&batch), &[]);
        let most = 10_000 * own.len() as u64;
        assert!(outcome.compute_units <= most, "{count}: {outcome:#?}");
        refused(machine.send(&[batch], &[]), BulkheadError::NothingPaid);
        first += count;
    }
    assert_eq!(first, all.len());
    for leaf in &all {
        assert_eq!(received(&machine, &recovery, leaf), share(&recovery, leaf));
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    }
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!(plan.paid, all.iter().map(|leaf| share(&recovery, leaf)).sum::<u64>());
    assert_eq!(machine.balance(&recovery.pool()), plan.shared - plan.paid);
}

/// Attack: make the batches of whoever pushes claims fail, for one fee each, by what anyone or an owner can do.
#[test]
fn who_was_paid_or_cannot_be_is_left_out() {
    let (mut machine, recovery, all) = neighbours(40);
    let mint = recovery.protocol.mint;
    let own = &all[3..9];
    let account = |leaf: &Position| associated_token(&leaf.owner, &mint);
    let batch = recovery.batch(&machine, &keys_of(own));
    // One is claimed first; one is frozen; one is closed; one has another holder now; one is a stranger's account.
    recovery.claim(&mut machine, &own[0].key).expect("due");
    freeze(&mut machine, &account(&own[1]), true);
    let closed = machine.account(&account(&own[2])).expect("created");
    machine.write_account(&account(&own[2]), solana_account::Account::default());
    let sold = machine.account(&account(&own[3])).expect("created");
    machine.create_token_account(&account(&own[3]), &mint, &keypair("buyer").pubkey(), 0);
    recovery.protocol.must(&mut machine, std::slice::from_ref(&batch), &[]);
    for leaf in &own[4..] {
        assert_eq!(received(&machine, &recovery, leaf), share(&recovery, leaf));
    }
    assert_eq!(machine.balance(&account(&own[1])), 0);
    assert_eq!(machine.balance(&account(&own[3])), 0);
    let before: Restoration = machine.load(&recovery.restoration);
    refused(
        machine.send(std::slice::from_ref(&batch), &[]),
        BulkheadError::NothingPaid,
    );
    // Nothing of theirs is lost: whoever can be paid again is.
    freeze(&mut machine, &account(&own[1]), false);
    machine.write_account(&account(&own[2]), closed);
    machine.write_account(&account(&own[3]), sold);
    recovery.protocol.must(&mut machine, &[batch], &[]);
    for leaf in own {
        assert_eq!(received(&machine, &recovery, leaf), share(&recovery, leaf));
    }
    let after: Restoration = machine.load(&recovery.restoration);
    let late: u64 = own[1..4].iter().map(|leaf| share(&recovery, leaf)).sum();
    assert_eq!(after.paid - before.paid, late);
}

#[test]
fn one_owner_of_several_neighbours_is_paid_for_each() {
    let (mut machine, recovery) = frozen(positions_of_one_shard(40));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum);
    let own = leaves(&recovery);
    let batch = recovery.batch(&machine, &keys_of(&own[5..12]));
    recovery.protocol.must(&mut machine, &[batch], &[]);
    let sum: u64 = own[5..12].iter().map(|leaf| leaf.amount).sum();
    assert_eq!(received(&machine, &recovery, &own[0]), sum);
}

#[test]
fn a_batch_proves_its_leaves_and_pays_their_owners() {
    let (mut machine, recovery, all) = neighbours(40);
    let own = keys_of(&all[4..8]);
    let (keys, others, args) = recovery.prepare_batch(&machine, &own);
    let batch = |args: &ClaimBatchArgs| ix::claim_batch(recovery.keys(), keys, others.clone(), args.clone());
    let spoil: [fn(&mut ClaimBatchArgs); 9] = [
        |args| args.leaves[2].amount += 1,
        |args| args.leaves[1].key = keypair("another position").pubkey(),
        |args| args.leaves.swap(0, 3),
        |args| args.first ^= 1,
        |args| args.first = u32::MAX,
        |args| args.first += 1 << 20,
        |args| args.proof.push(0),
        |args| args.proof.extend([0; 40]),
        |args| args.leaves[0].amount = u64::MAX,
    ];
    for spoil in spoil {
        let mut args = args.clone();
        spoil(&mut args);
        refused(machine.send(&[batch(&args)], &[]), BulkheadError::InvalidProof);
    }
    // A leaf more or less than there are accounts, and none at all.
    let leaf = args.leaves[0].clone();
    for leaves in [vec![], args.leaves[..3].to_vec(), [&args.leaves[..], &[leaf]].concat()] {
        let args = ClaimBatchArgs { leaves, ..args.clone() };
        refused(machine.send(&[batch(&args)], &[]), BulkheadError::BatchMismatch);
    }
    let mut odd = batch(&args);
    odd.accounts.pop();
    refused(machine.send(&[odd], &[]), BulkheadError::BatchMismatch);
    // A destination that the transaction does not lock for writing.
    let mut readonly = batch(&args);
    readonly.accounts[9].is_writable = false;
    refused(machine.send(&[readonly], &[]), BulkheadError::BatchMismatch);
    // Somebody else's account, the owner's own second one, another owner.
    let mint = recovery.protocol.mint;
    let thief = machine.create_associated(&mint, &keypair("thief").pubkey(), 0);
    let second = keypair("second account").pubkey();
    machine.create_token_account(&second, &mint, &all[5].owner, 0);
    for destination in [thief, second, recovery.pool()] {
        let mut stolen = batch(&args);
        stolen.accounts[9].pubkey = destination;
        refused(machine.send(&[stolen], &[]), BulkheadError::OwnerMustSign);
    }
    let mut stolen = batch(&args);
    stolen.accounts[10].pubkey = keypair("thief").pubkey();
    refused(machine.send(&[stolen], &[]), BulkheadError::InvalidProof);
    assert_eq!(machine.load::<Restoration>(&recovery.restoration).paid, 0);
    recovery.protocol.must(&mut machine, &[batch(&args)], &[]);
}

/// Neighbours on two pages are two batches: what one is paid is written into its own page.
#[test]
fn a_batch_stays_on_its_page() {
    let (mut machine, recovery) = frozen(positions_of_one_shard(1_030));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 3);
    let all = leaves(&recovery);
    let over = recovery.batch(&machine, &keys_of(&all[1_022..1_026]));
    refused(machine.send(&[over], &[]), BulkheadError::WrongClaimPage);
    let (keys, others, args) = recovery.prepare_batch(&machine, &keys_of(&all[1_024..1_028]));
    let wrong = ix::ClaimKeys { page: 0, ..keys };
    let batch = ix::claim_batch(recovery.keys(), wrong, others, args);
    refused(machine.send(&[batch], &[]), BulkheadError::WrongClaimPage);
    for own in [&all[1_020..1_024], &all[1_024..1_028]] {
        let batch = recovery.batch(&machine, &keys_of(own));
        recovery.protocol.must(&mut machine, &[batch], &[]);
    }
    for (page, paid) in [(0, 1_020..1_024usize), (1, 0..4)] {
        let page = machine
            .account(&pda::claim_page(&recovery.restoration, page))
            .expect("opened");
        let entries = page.data[8 + 80..].chunks(8).map(|entry| entry != [0; 8]);
        let written: Vec<_> = entries
            .enumerate()
            .filter(|(_, paid)| *paid)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(written, paid.collect::<Vec<_>>());
    }
}
