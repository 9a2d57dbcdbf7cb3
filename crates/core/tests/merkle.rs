//! What a proof proves, and that nothing else passes for one.

mod naive;

use bulkhead_core::{
    restoration::claims,
    snapshots::{
        frontier,
        merkle::{self, NODE_BYTES, ProofError},
        root,
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{CLAIMS_PER_PAGE, SHARDS},
    layout::{Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;
use naive::*;
use proptest::prelude::*;

/// A sealed shard with its rows and every level of its tree.
fn sealed(number: u8, count: u32) -> (SnapshotShard, Vec<Row>, Vec<Vec<Node>>) {
    let rows = rows(number, count);
    let leaves = rows
        .iter()
        .enumerate()
        .map(|(place, row)| leaf(number, place as u32, row))
        .collect();
    let mut shard = shard(number, &rows);
    frontier::finish(&mut shard).unwrap();
    (shard, rows, levels(leaves))
}

#[test]
fn hashes_are_what_the_page_says() {
    assert_same(
        &merkle::leaf(&TAG, 5 << 20 | 3, &[1; 32], &[2; 32], 9),
        &leaf(5, 3, &([1; 32], [2; 32], 9)),
    );
    let (a, b) = (Node { hash: [1; 32], sum: 3 }, Node { hash: [2; 32], sum: 4 });
    assert_same(&merkle::inner(&a, &b).unwrap(), &inner(&a, &b));
    let mut zero = Node::zeroed();
    for level in 0..=16 {
        assert_same(&merkle::zero(level), &zero);
        zero = inner(&zero, &zero);
    }
    assert!(
        merkle::inner(
            &Node {
                hash: [0; 32],
                sum: u64::MAX
            },
            &b
        )
        .is_err()
    );
}

#[test]
fn tags_differ_by_program_snapshot_and_ledger() {
    let (p, s) = (Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([2; 32]));
    let tags = [
        merkle::tag(&p, &s, 0),
        merkle::tag(&p, &s, 1),
        merkle::tag(&s, &p, 0),
        merkle::tag(&p, &p, 0),
    ];
    for (i, tag) in tags.iter().enumerate() {
        assert!(tags[..i].iter().all(|other| other != tag));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_but_the_leaf_passes(count in 1u32..2000, pick in any::<prop::sample::Index>(), byte in 0usize..32, bit in 0u8..8) {
        let (shard, rows, levels) = sealed(6, count);
        let place = pick.index(rows.len());
        let row = rows[place];
        let proof = proof(&levels, place);
        let place = place as u32;
        prop_assert_eq!(verify(&shard, place, &row, &proof), Ok(()));

        let mut other = row;
        other.0[byte] ^= 1 << bit;
        prop_assert_eq!(verify(&shard, place, &other, &proof), Err(ProofError::Mismatch));
        let mut other = row;
        other.1[byte] ^= 1 << bit;
        prop_assert_eq!(verify(&shard, place, &other, &proof), Err(ProofError::Mismatch));
        for amount in [row.2 - 1, row.2 + 1, 0, u64::MAX >> 1] {
            prop_assert_eq!(verify(&shard, place, &(row.0, row.1, amount), &proof), Err(ProofError::Mismatch));
        }
        for wrong in [place ^ 1, place.wrapping_add(16), place ^ 1 << 19] {
            let expected = if wrong < count { ProofError::Mismatch } else { ProofError::WrongIndex };
            prop_assert_eq!(verify(&shard, wrong, &row, &proof), Err(expected));
        }
        for other_shard in (0..16).filter(|other| *other != 6) {
            let index = merkle::leaf_index(other_shard, place);
            prop_assert_eq!(
                merkle::verify_leaf(&shard, shard.seal, index, &row.0, &row.1, row.2, &proof),
                Err(ProofError::WrongIndex)
            );
        }
        // Every byte of a proof counts, the sums too.
        for at in (0..proof.len()).step_by(13) {
            let mut forged = proof.clone();
            forged[at] ^= 1 << bit;
            let refused = verify(&shard, place, &row, &forged);
            prop_assert!(matches!(refused, Err(ProofError::Mismatch | ProofError::SumOverflow)));
        }
        let mut longer = proof.clone();
        longer.extend([0; NODE_BYTES]);
        prop_assert_eq!(verify(&shard, place, &row, &longer), Err(ProofError::WrongLength));
        longer.truncate(proof.len() + 1);
        prop_assert_eq!(verify(&shard, place, &row, &longer), Err(ProofError::WrongLength));
        if !proof.is_empty() {
            prop_assert_eq!(verify(&shard, place, &row, &proof[NODE_BYTES..]), Err(ProofError::WrongLength));
            prop_assert_eq!(verify(&shard, place, &row, &proof[1..]), Err(ProofError::WrongLength));
        }
    }
}

/// Neighbours of a shard, proved together.
fn verify_all(shard: &SnapshotShard, place: u32, rows: &[Row], proof: &[u8]) -> Result<(), ProofError> {
    let keys: Vec<_> = rows
        .iter()
        .map(|row| (Pubkey::new_from_array(row.0), Pubkey::new_from_array(row.1), row.2))
        .collect();
    let leaves = keys.iter().map(|(key, owner, amount)| (key, owner, *amount));
    merkle::verify_range(shard, shard.seal, merkle::leaf_index(6, place), leaves, proof)
}

/// Their proof, from those of the first and the last.
fn together(levels: &[Vec<Node>], first: usize, last: usize) -> Option<Vec<u8>> {
    let (left, right) = (proof(levels, first), proof(levels, last));
    merkle::range_proof((first as u32, &left), (last as u32, &right))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neighbours_prove_each_other_and_nothing_else(
        count in 1u32..2000, pick in any::<prop::sample::Index>(), most in 1usize..12, spoilt in any::<prop::sample::Index>(),
        byte in 0usize..32, bit in 0u8..8,
    ) {
        let (shard, rows, levels) = sealed(6, count);
        let first = pick.index(rows.len());
        let end = (first + most).min(rows.len());
        let neighbours = &rows[first..end];
        let proof = together(&levels, first, end - 1).expect("in order");
        let at = first as u32;
        prop_assert_eq!(verify_all(&shard, at, neighbours, &proof), Ok(()));
        // One leaf alone has the proof that it has otherwise.
        let alone = together(&levels, first, first).expect("itself");
        prop_assert_eq!(&alone, &self::proof(&levels, first));
        // Never longer than two single ones, and shorter than one for each.
        prop_assert!(proof.len() <= 2 * alone.len());

        let spoilt = spoilt.index(neighbours.len());
        for change in [
            |row: &mut Row, byte: usize, bit: u8| row.0[byte] ^= 1 << bit,
            |row: &mut Row, byte: usize, bit: u8| row.1[byte] ^= 1 << bit,
            |row: &mut Row, _: usize, _: u8| row.2 += 1,
        ] {
            let mut forged = neighbours.to_vec();
            change(&mut forged[spoilt], byte, bit);
            prop_assert_eq!(verify_all(&shard, at, &forged, &proof), Err(ProofError::Mismatch));
        }
        if neighbours.len() > 1 {
            let mut swapped = neighbours.to_vec();
            swapped.swap(0, neighbours.len() - 1);
            prop_assert_eq!(verify_all(&shard, at, &swapped, &proof), Err(ProofError::Mismatch));
        }
        // A row that is one shorter, one longer, or elsewhere is another claim.
        prop_assert!(verify_all(&shard, at, &neighbours[1..], &proof).is_err());
        let mut longer = neighbours.to_vec();
        longer.push(neighbours[0]);
        prop_assert!(verify_all(&shard, at, &longer, &proof).is_err());
        for wrong in [at ^ 1, at.wrapping_add(16), at ^ 1 << 19] {
            prop_assert!(verify_all(&shard, wrong, neighbours, &proof).is_err());
        }
        for at in (0..proof.len()).step_by(13) {
            let mut forged = proof.clone();
            forged[at] ^= 1 << bit;
            let refused = verify_all(&shard, first as u32, neighbours, &forged);
            prop_assert!(matches!(refused, Err(ProofError::Mismatch | ProofError::SumOverflow)));
        }
        for wrong in [[&proof[..], &[0; NODE_BYTES]].concat(), [&proof[..], &[0]].concat()] {
            prop_assert_eq!(verify_all(&shard, at, neighbours, &wrong), Err(ProofError::WrongLength));
        }
        if !proof.is_empty() {
            prop_assert_eq!(verify_all(&shard, at, neighbours, &proof[NODE_BYTES..]), Err(ProofError::WrongLength));
        }
    }
}

/// Neighbours may lie under several canopy nodes, which are all compared; and padding is nobody's.
#[test]
fn neighbours_are_leaves_under_any_canopy_nodes() {
    let (shard, rows, levels) = sealed(6, 40);
    assert_eq!(shard.canopy_height, 2);
    let across = together(&levels, 2, 9).expect("in order");
    assert_eq!(verify_all(&shard, 2, &rows[2..10], &across), Ok(()));
    let mut forged = shard;
    forged.canopy[1].hash[0] ^= 1;
    assert_eq!(verify_all(&forged, 2, &rows[2..10], &across), Err(ProofError::Mismatch));
    let mut forged = shard;
    forged.canopy[2].sum += 1;
    assert_eq!(verify_all(&forged, 2, &rows[2..10], &across), Err(ProofError::Mismatch));
    let all = together(&levels, 0, 39).expect("in order");
    assert_eq!(verify_all(&shard, 0, &rows, &all), Ok(()));
    let beyond = [rows[39], ([0; 32], [0; 32], 0)];
    assert_eq!(verify_all(&shard, 39, &beyond, &[]), Err(ProofError::WrongIndex));
    assert_eq!(verify_all(&shard, 0, &[], &[]), Err(ProofError::WrongIndex));
    let open = crate::shard(6, &rows);
    assert_eq!(verify_all(&open, 0, &rows[..1], &[]), Err(ProofError::NotSealed));
    assert_eq!(merkle::range_proof((1, &[]), (0, &[])), None);
    assert_eq!(merkle::range_proof((0, &[]), (0, &[0; NODE_BYTES])), None);
}

#[test]
fn an_open_shard_proves_nothing() {
    let rows = rows(6, 1);
    assert_eq!(verify(&shard(6, &rows), 0, &rows[0], &[]), Err(ProofError::NotSealed));
}

#[test]
fn padding_is_nobodys_leaf() {
    let (shard, _, _) = sealed(6, 3);
    let nobody = ([0; 32], [0; 32], 0);
    for place in 3..20 {
        assert_eq!(verify(&shard, place, &nobody, &[]), Err(ProofError::WrongIndex));
    }
}

/// A node's preimage has another first byte and another length than a leaf's.
#[test]
fn a_node_is_no_leaf() {
    let (mut shard, _, levels) = sealed(6, 40);
    assert_eq!(shard.canopy_height, 2);
    // Were the height forged to 0, the canopy would have to consist of hashes of leaves, and does not.
    shard.canopy_height = 0;
    let node = levels[2][1];
    let key = node.hash;
    assert_eq!(verify(&shard, 1, &(key, key, node.sum), &[]), Err(ProofError::Mismatch));
}

#[test]
fn a_sum_that_overflows_in_a_proof_is_refused() {
    let (shard, rows, levels) = sealed(6, 40);
    let mut forged = proof(&levels, 0);
    forged[32..40].fill(0xff);
    assert_eq!(verify(&shard, 0, &rows[0], &forged), Err(ProofError::SumOverflow));
}

/// The same position in another snapshot is another leaf.
#[test]
fn a_proof_holds_in_one_snapshot_only() {
    let (mut shard, rows, levels) = sealed(6, 40);
    let proof = proof(&levels, 7);
    assert_eq!(verify(&shard, 7, &rows[7], &proof), Ok(()));
    shard.tag[0] ^= 1;
    assert_eq!(verify(&shard, 7, &rows[7], &proof), Err(ProofError::Mismatch));
}

fn bit(shards: &[ShardRoot; SHARDS], index: u32) -> Option<u32> {
    claims::locate(shards, index).map(|place| u32::from(place.page) * CLAIMS_PER_PAGE + place.at)
}

#[test]
fn the_root_is_four_levels_over_the_shards_and_claim_bits_are_dense() {
    let counts = [3u32, 0, 17, 1, 0, 0, 40, 2, 0, 0, 0, 5, 0, 0, 0, 9];
    let mut shards = [root::empty_shard(); SHARDS];
    let mut roots = vec![];
    for (number, count) in counts.iter().enumerate() {
        let (_, rows, levels) = sealed(number as u8, *count);
        let done = frontier::finish(&mut shard(number as u8, &rows)).unwrap();
        if *count == 0 {
            assert_same(&root::empty_shard().root, &done.root);
        } else {
            shards[number] = done;
        }
        roots.push(levels.last().unwrap()[0]);
    }
    let (node, leaves) = root::seal(&mut shards).unwrap();
    assert_same(&node, &levels(roots).last().unwrap()[0]);
    assert_eq!(leaves, counts.iter().sum::<u32>());
    let mut next = 0;
    for (number, count) in counts.iter().enumerate() {
        for place in 0..*count {
            assert_eq!(bit(&shards, merkle::leaf_index(number as u8, place)), Some(next));
            next += 1;
        }
        assert_eq!(bit(&shards, merkle::leaf_index(number as u8, *count)), None);
    }
    assert_eq!(bit(&shards, u32::MAX), None);
}

#[test]
fn the_total_of_all_shards_has_to_fit() {
    let full = ShardRoot {
        root: Node {
            hash: [1; 32],
            sum: u64::MAX,
        },
        ..ShardRoot::zeroed()
    };
    let mut shards = [root::empty_shard(); SHARDS];
    shards[3] = full;
    assert!(root::seal(&mut shards).is_ok());
    shards[12].root.sum = 1;
    assert!(root::seal(&mut shards).is_err());
}
