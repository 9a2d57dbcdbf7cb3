//! Proofs of leaves: nothing but the leaves of a tree is provable in it, whatever is done to a proof.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use bulkhead_core::{checkpoints::checkpoint::verify_to_root, snapshots::merkle};
use bulkhead_interface::{ID, Pubkey, layout::Node};
use bulkhead_snapshot::{Position, Proof, TagInputs, Tree};

static TREE: LazyLock<(Tree, Vec<Proof>)> = LazyLock::new(|| {
    let positions = (0..200u8).map(|i| Position {
        // In every shard, more than one leaf in each.
        key: Pubkey::new_from_array(core::array::from_fn(|at| if at == 0 { i.wrapping_mul(37) } else { i })),
        owner: Pubkey::new_from_array([i % 7; 32]),
        amount: u64::from(i) + 1,
    });
    let tag = TagInputs::new(ID, Pubkey::new_from_array([9; 32]), 0).tag;
    let tree = Tree::build(tag, positions.collect()).expect("no key comes twice");
    let proofs = tree.proofs().collect();
    (tree, proofs)
});

pub fn run(u: &mut Unstructured) -> Result<()> {
    let (tree, proofs) = &*TREE;
    let mut proof = u.choose(proofs)?.clone();
    let spoils = u.int_in_range(0..=2)?;
    for _ in 0..spoils {
        match u.int_in_range(0..=6)? {
            0 => proof.index = u.arbitrary()?,
            1 => proof.index ^= 1 << u.int_in_range(0..=31u32)?,
            2 => proof.position.amount = u.arbitrary()?,
            3 => crate::spoil(u, bytemuck::bytes_of_mut(&mut proof.position), 3)?,
            4 => crate::spoil(u, bytemuck::cast_slice_mut(&mut proof.siblings), 3)?,
            5 => proof.siblings.truncate(u.int_in_range(0..=proof.siblings.len())?),
            // A node of another proof in the place of one of this: sums and hashes that exist.
            _ => {
                let other = u.choose(proofs)?;
                let other: Node = *u.choose(&other.siblings)?;
                let at = u.choose_index(proof.siblings.len().max(1))?;
                if let Some(node) = proof.siblings.get_mut(at) {
                    *node = other;
                }
            }
        }
    }
    let is_leaf = tree.leaf(proof.index) == Some(&proof.position);
    let Position { key, owner, amount } = &proof.position;
    let leaf = merkle::leaf(tree.tag(), proof.index, key.as_array(), owner.as_array(), *amount);
    let siblings: &[u8] = bytemuck::cast_slice(&proof.siblings);
    let on_chain = verify_to_root(&leaf, proof.index, siblings, &tree.root().hash, tree.root().sum);
    for (who, proved) in [
        ("the program", on_chain.is_ok()),
        ("the client", proof.verify(tree.tag(), tree.root()).is_ok()),
    ] {
        assert!(!proved || is_leaf, "{who} takes what is no leaf");
        assert!(proved || spoils != 0, "{who} refuses an honest proof");
    }
    Ok(())
}
