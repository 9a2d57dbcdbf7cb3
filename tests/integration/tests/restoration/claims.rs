//! A claim is proved, paid once and to its owner, and written into its page.

use super::*;

#[test]
fn pages_are_as_long_as_their_leaves_and_their_rent_comes_back() {
    let (mut machine, recovery) = restored(30);
    let payer = machine.payer.pubkey();
    recovery.pay_out(&mut machine, 5_000);
    let key = pda::claim_page(&recovery.restoration, 0);
    let page = machine.account(&key).expect("opened");
    assert_eq!(page.data.len(), 8 + 80 + 30 * 8);
    let open = ix::open_claim_page(recovery.restoration, payer, 1);
    refused(machine.send(&[open], &[]), BulkheadError::WrongClaimPage);

    let close = ix::close_claim_page(recovery.restoration, payer, 0);
    recovery.claim_all(&mut machine);
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::ClaimsOpen,
    );
    recovery.pay_out(&mut machine, recovery.tree.root().sum - 5_000);
    recovery.claim_all(&mut machine);
    recovery.protocol.must(&mut machine, &[close], &[]);
    assert!(machine.account(&key).is_none());
    // A new page remembers nothing, and nothing is left that it could pay twice.
    let open = ix::open_claim_page(recovery.restoration, payer, 0);
    recovery.protocol.must(&mut machine, &[open], &[]);
    machine.mint_to(&recovery.protocol.mint, &recovery.pool(), 5_000);
    refused(recovery.share_out(&mut machine), BulkheadError::NothingToShare);
    for leaf in leaves(&recovery) {
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::Overflow);
    }
}

#[test]
fn a_proof_proves_one_leaf_of_one_owner() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, recovery.tree.root().sum);
    let leaf = leaves(&recovery)[20];
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let spoil: [fn(&mut bulkhead::instructions::ClaimArgs); 9] = [
        |args| args.amount += 1,
        |args| args.amount = u64::MAX,
        |args| args.amount = 0,
        |args| args.index ^= 1,
        |args| args.index = u32::MAX,
        |args| args.index += 1 << 20,
        |args| args.key = keypair("another position").pubkey(),
        |args| args.proof.push(0),
        |args| args.proof.extend([0; 40]),
    ];
    for spoil in spoil {
        let mut args = args.clone();
        spoil(&mut args);
        let claim = ix::claim(recovery.keys(), keys, args);
        refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    }
    // Another owner with an account of its own.
    let thief = keypair("thief").pubkey();
    machine.create_associated(&recovery.protocol.mint, &thief, 0);
    let claim = ix::claim(recovery.keys(), ix::ClaimKeys { owner: thief, ..keys }, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    recovery.claim(&mut machine, &leaf.key).expect("untouched by all this");
}

#[test]
fn a_node_is_no_leaf() {
    let (mut machine, recovery) = frozen(positions_of_one_shard(40));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 1_000_000);
    let leaf = leaves(&recovery)[0];
    let (keys, mut args) = recovery.prepare(&machine, &leaf.key);
    assert_eq!(args.proof.len(), 2 * 40);
    // A shorter proof would have to start at a node.
    args.proof.drain(..40);
    let claim = ix::claim(recovery.keys(), keys, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
}

#[test]
fn a_claim_is_proved_against_its_own_snapshot() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 50_000);
    let leaf = leaves(&recovery)[0];
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let shard: SnapshotShard = machine.load(&keys.shard);
    let forged = keypair("forged shard").pubkey();
    forge(
        &mut machine,
        &forged,
        &SnapshotShard {
            snapshot: keypair("other snapshot").pubkey(),
            ..shard
        },
    );
    let claim = ix::claim(recovery.keys(), ix::ClaimKeys { shard: forged, ..keys }, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::ForeignAccount);
    forge(
        &mut machine,
        &forged,
        &SnapshotShard {
            state: snapshot_state::OPEN,
            ..shard
        },
    );
    let claim = ix::claim(recovery.keys(), ix::ClaimKeys { shard: forged, ..keys }, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    let snapshot = machine.account(&recovery.snapshot).expect("sealed");
    machine.write_account(&forged, snapshot);
    let claim = ix::claim(
        recovery.keys(),
        ix::ClaimKeys {
            snapshot: forged,
            ..keys
        },
        args,
    );
    refused(machine.send(&[claim], &[]), BulkheadError::ForeignAccount);
}

/// Claims beyond the first page write into a page of their own, and into no other.
#[test]
fn a_claim_is_written_into_its_own_page() {
    let (mut machine, recovery) = frozen(positions_of_one_shard(1_030));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 3);
    let leaf = leaves(&recovery)[1_026];
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    assert_eq!(keys.page, 1);
    let wrong = ix::ClaimKeys { page: 0, ..keys };
    let claim = ix::claim(recovery.keys(), wrong, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::WrongClaimPage);
    recovery.claim(&mut machine, &leaf.key).expect("its own page");
    let page = machine
        .account(&pda::claim_page(&recovery.restoration, 1))
        .expect("opened");
    let share = (u128::from(leaf.amount) * u128::from(recovery.tree.root().sum / 3)
        / u128::from(recovery.tree.root().sum)) as u64;
    assert_eq!(page.data.len(), 8 + 80 + 6 * 8);
    assert_eq!(page.data[8 + 80 + 2 * 8..][..8], share.to_le_bytes());
    let first = machine
        .account(&pda::claim_page(&recovery.restoration, 0))
        .expect("opened");
    assert!(first.data[8 + 80..].iter().all(|byte| *byte == 0));
}

#[test]
fn only_the_owner_is_paid() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 50_000);
    let leaf = leaves(&recovery)[5];
    let mint = recovery.protocol.mint;
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let thief = machine.create_associated(&mint, &keypair("thief").pubkey(), 0);
    let side_account = keypair("side account").pubkey();
    machine.create_token_account(&side_account, &mint, &leaf.owner, 0);
    for destination in [thief, side_account] {
        let claim = ix::claim(recovery.keys(), ix::ClaimKeys { destination, ..keys }, args.clone());
        refused(machine.send(&[claim], &[]), BulkheadError::OwnerMustSign);
    }
    let other_token = machine.create_associated(&recovery.protocol.governance_mint, &leaf.owner, 0);
    for destination in [other_token, machine.payer.pubkey(), recovery.snapshot] {
        let claim = ix::claim(recovery.keys(), ix::ClaimKeys { destination, ..keys }, args.clone());
        refused(machine.send(&[claim], &[]), BulkheadError::WrongDestination);
    }

    // An associated account whose owner was changed pays nobody by itself.
    let honest = machine.account(&keys.destination).expect("created");
    machine.create_token_account(&keys.destination, &mint, &keypair("thief").pubkey(), 0);
    let claim = ix::claim(recovery.keys(), keys, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::OwnerMustSign);
    machine.write_account(&keys.destination, honest);

    // The owner's signature sends it anywhere.
    let signer = (0..10)
        .map(owner)
        .find(|key| key.pubkey() == leaf.owner)
        .expect("one of the ten");
    let keys = ix::ClaimKeys {
        destination: side_account,
        owner_signs: true,
        ..keys
    };
    machine
        .send(&[ix::claim(recovery.keys(), keys, args)], &[&signer])
        .expect("signed");
    assert!(machine.balance(&side_account) > 0);
}

#[test]
fn the_associated_account_is_the_runtimes() {
    let mint = keypair("mint").pubkey();
    for number in 0..50 {
        let owner = owner(number).pubkey();
        let seeds: &[&[u8]] = &[owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
        let (address, bump) = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
        assert_eq!(address.to_bytes(), token_address(&owner, &TOKEN_PROGRAM, &mint, bump));
        assert_ne!(
            address.to_bytes(),
            token_address(&owner, &TOKEN_PROGRAM, &mint, bump.wrapping_sub(1))
        );
    }
}

#[test]
fn a_share_of_nothing_is_not_claimed() {
    let mut list = positions(3);
    list[0].amount = 1;
    list[1].amount = 1_000_000;
    let (mut machine, recovery) = frozen(list);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 1_000);
    let smallest = leaves(&recovery)
        .into_iter()
        .min_by_key(|leaf| leaf.amount)
        .expect("three");
    refused(
        recovery.claim(&mut machine, &smallest.key),
        BulkheadError::NothingToClaim,
    );
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!(plan.paid, 0);
}

#[test]
fn a_claim_of_a_million_leaves_costs_what_it_may() {
    // 16 shards of 65,536 leaves hold a million: twelve levels below the canopy, and thirteen as
    // soon as a shard has one more.
    let (mut machine, recovery) = frozen(positions_of_one_shard(65_537));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 2);
    let all = leaves(&recovery);
    let mut worst = Outcome::default();
    for leaf in [all[0], all[1], all[40_000], all[65_535], all[65_536]] {
        let (_, args) = recovery.prepare(&machine, &leaf.key);
        assert_eq!(args.proof.len(), 13 * 40);
        let outcome = recovery.claim(&mut machine, &leaf.key).expect("it is a leaf");
        if outcome.compute_units > worst.compute_units {
            worst = outcome;
        }
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    }
    assert!(worst.compute_units <= 10_000, "{worst:#?}");
}
