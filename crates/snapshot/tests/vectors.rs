//! `tests/vectors/merkle.json` for every other language, and the worked example of
//! `docs/snapshot-format.md`. `UPDATE_VECTORS=1 cargo test -p bulkhead-snapshot --test vectors` writes the former.

use std::{env, fs, mem::offset_of, path::PathBuf};

use bulkhead_core::{claims, merkle};
use bulkhead_interface::{
    ID, Pubkey,
    constants::{CLAIMS_PER_PAGE, MAX_CAP_HEIGHT},
    layout::{Ledger, Node, Snapshot, SnapshotShard, space},
};
use bulkhead_snapshot::{Position, Proof, Tree};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const COUNTS: [u32; 8] = [0, 1, 2, 3, 17, 1_000, 5_000, 20_000];

fn digest(word: &str, i: u32) -> Pubkey {
    let hash = Sha256::new()
        .chain_update(word)
        .chain_update(i.to_le_bytes())
        .finalize();
    Pubkey::new_from_array(hash.into())
}

fn snapshot() -> Pubkey {
    digest("snapshot", 0)
}

fn tag() -> [u8; 32] {
    merkle::tag(&ID, &snapshot(), 0)
}

/// The positions of the ledgers in the file.
fn positions(count: u32) -> Vec<Position> {
    (0..count)
        .map(|i| Position {
            key: digest("key", i),
            owner: digest("owner", i),
            amount: u64::from(i) * 7_919 % 1_000_003 + 1,
        })
        .collect()
}

/// The positions of the worked example: one of amount zero, seventeen leaves in shard 0, one in shard 7.
fn example() -> Vec<Position> {
    let key = |first: u8, second: u8| {
        let mut key = [0; 32];
        (key[0], key[1]) = (first, second);
        Pubkey::new_from_array(key)
    };
    let mut positions: Vec<_> = (0..=17)
        .map(|i| Position {
            key: key(0, i),
            owner: Pubkey::new_from_array([0x20 + i; 32]),
            amount: 100 * u64::from(i),
        })
        .collect();
    positions.push(Position {
        key: key(0x70, 0),
        owner: Pubkey::new_from_array([0x99; 32]),
        amount: 5,
    });
    positions
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn node(node: &Node) -> Value {
    json!({ "hash": hex(node.hash), "sum": node.sum.to_string() })
}

fn position(position: &Position) -> Value {
    json!({ "key": hex(position.key), "owner": hex(position.owner), "amount": position.amount.to_string() })
}

fn leaf(index: u32, position: &Position) -> Value {
    let Position { key, owner, amount } = position;
    let leaf = merkle::leaf(&tag(), index, key.as_array(), owner.as_array(), *amount);
    json!({
        "index": index,
        "key": hex(key),
        "owner": hex(owner),
        "amount": amount.to_string(),
        "hash": hex(leaf.hash),
    })
}

fn proof(tree: &Tree, proof: &Proof) -> Value {
    let bit = claims::locate(tree.roots(), proof.index).unwrap();
    json!({
        "leaf": leaf(proof.index, &proof.position),
        "claim_bit": u32::from(bit.page) * CLAIMS_PER_PAGE + bit.bit,
        "cap": (proof.index & 0xf_ffff) >> proof.canopy_from,
        "siblings": proof.siblings.iter().map(node).collect::<Vec<_>>(),
        "siblings_below_cap": proof.canopy_from,
        "claim_bytes": hex(proof.claim_bytes()),
    })
}

fn ledger(tree: &Tree, proofs: &[Proof]) -> Value {
    let shards: Vec<_> = (0u8..16)
        .zip(tree.roots())
        .map(|(number, root)| {
            json!({
                "root": node(&root.root),
                "count": root.count,
                "first": root.first,
                "cap_height": tree.shard(number).unwrap().cap_height,
            })
        })
        .collect();
    json!({
        "root": hex(tree.root().hash),
        "total": tree.root().sum.to_string(),
        "count": tree.count(),
        "shards": shards,
        "proofs": proofs.iter().map(|found| proof(tree, found)).collect::<Vec<_>>(),
    })
}

fn merged(mut object: Value, more: Value) -> Value {
    let (Value::Object(into), Value::Object(more)) = (&mut object, more) else {
        unreachable!("both are objects")
    };
    into.extend(more);
    object
}

fn example_vectors() -> Value {
    let tree = Tree::build(tag(), example()).unwrap();
    let proofs: Vec<_> = tree.proofs().collect();
    let shard = tree.shard(0).unwrap();
    merged(
        json!({
            "positions": example().iter().map(position).collect::<Vec<_>>(),
            "leaves": tree.leaves().map(|(index, position)| leaf(index, position)).collect::<Vec<_>>(),
            "caps_of_shard_0": shard.caps.iter().map(node).collect::<Vec<_>>(),
        }),
        ledger(&tree, &proofs),
    )
}

fn vectors() -> Value {
    let extreme = Position {
        key: Pubkey::new_from_array([0xff; 32]),
        owner: Pubkey::new_from_array([0; 32]),
        amount: u64::MAX,
    };
    let (left, right) = (
        Node {
            hash: [0x11; 32],
            sum: 1,
        },
        Node {
            hash: [0x22; 32],
            sum: u64::MAX - 1,
        },
    );
    let ledgers: Vec<_> = COUNTS
        .iter()
        .map(|count| {
            let tree = Tree::build(tag(), positions(*count)).unwrap();
            let step = (*count as usize / 5).max(1);
            let proofs: Vec<_> = tree.proofs().step_by(step).collect();
            merged(json!({ "positions": count }), ledger(&tree, &proofs))
        })
        .collect();
    json!({
        "notes": [
            "Hashes and keys are hexadecimal, sums and amounts decimal strings of 64 bits.",
            "Position i of `ledgers`: key = SHA-256('key' || i), owner = SHA-256('owner' || i), i as u32 little endian, amount = i * 7919 % 1000003 + 1.",
            "The snapshot's key is SHA-256('snapshot' || 0 as u32).",
        ],
        "tag": { "program": hex(ID), "snapshot": hex(snapshot()), "ledger_index": 0, "tag": hex(tag()) },
        "leaves": [
            leaf(0, &positions(1)[0]),
            leaf(merkle::leaf_index(15, (1 << 20) - 1), &extreme),
        ],
        "nodes": [{ "left": node(&left), "right": node(&right), "node": node(&merkle::inner(&left, &right).unwrap()) }],
        "zero_nodes": (0..=MAX_CAP_HEIGHT as u8 + 8).map(|level| hex(merkle::zero(level).hash)).collect::<Vec<_>>(),
        "example": example_vectors(),
        "ledgers": ledgers,
    })
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn the_vectors_are_up_to_date() {
    let file = root().join("tests/vectors/merkle.json");
    let current = format!("{:#}\n", vectors());
    if env::var_os("UPDATE_VECTORS").is_some() {
        fs::write(&file, &current).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == current,
        "tests/vectors/merkle.json is stale: run this test with UPDATE_VECTORS=1"
    );
}

#[test]
fn every_proof_in_the_vectors_holds() {
    for count in COUNTS {
        let tree = Tree::build(tag(), positions(count)).unwrap();
        for proof in tree.proofs().step_by(997) {
            assert_eq!(proof.verify(&tag(), tree.root()), Ok(()));
        }
    }
}

/// The page's example is this one, number by number.
#[test]
fn the_documents_example_is_true() {
    let page = fs::read_to_string(root().join("docs/snapshot-format.md")).unwrap();
    let tree = Tree::build(tag(), example()).unwrap();
    let shard = tree.shard(0).unwrap();
    assert_eq!((shard.cap_height, shard.count, shard.seen), (1, 17, 18));
    let leaves: Vec<_> = tree.leaves().collect();
    let proof = tree.prove(&leaves[3].1.key).unwrap();
    assert_eq!(proof.canopy_from, 1);
    let hash_of = |(index, position): &(u32, &Position)| {
        merkle::leaf(
            &tag(),
            *index,
            position.key.as_array(),
            position.owner.as_array(),
            position.amount,
        )
        .hash
    };
    let mut hashes = vec![
        ID.to_bytes(),
        snapshot().to_bytes(),
        tag(),
        tree.root().hash,
        shard.caps[1].hash,
        shard.caps[8].hash,
        merkle::zero(1).hash,
        merkle::zero(4).hash,
    ];
    hashes.extend([0, 1, 2, 3, 16, 17].map(|place| hash_of(&leaves[place])));
    hashes.extend([0, 7].map(|number: usize| tree.roots()[number].root.hash));
    hashes.extend(proof.siblings.iter().map(|sibling| sibling.hash));
    let missing: Vec<_> = hashes.iter().map(hex).filter(|hash| !page.contains(hash)).collect();
    assert!(missing.is_empty(), "docs/snapshot-format.md lacks {missing:#?}");
    assert!(page.contains(&tree.root().sum.to_string()));
}

/// The page's offsets are the layouts'.
#[test]
fn the_documents_offsets_are_true() {
    let page = fs::read_to_string(root().join("docs/snapshot-format.md")).unwrap();
    macro_rules! check {
        ($account:ident: $($field:ident)*) => {
            let begin = page.find(concat!("\n`", stringify!($account), "`, ")).unwrap();
            let table = &page[begin..];
            $(
                let row = format!("\n| {} | `{}` |", 8 + offset_of!($account, $field), stringify!($field));
                assert!(table.contains(&row), "{row}");
            )*
        };
    }
    check!(Snapshot: version state ledger_index shards_sealed domain incident ledger mint tag root total count
        opened_slot sealed_slot sealed_ts shards excess shortfall flags);
    check!(SnapshotShard: version state shard cap_height cap_count sum count seen domain incident snapshot ledger tag
        cranker last_key frontier caps host_sum);
    check!(Ledger: version index mode length_rule amount_count owner_offset data_len total_offset total_width total_unit
        domain program mint total_account total_program filters amounts scale slots export);
    assert_eq!(space::<Ledger>(), 744);
    assert_eq!((space::<Snapshot>(), space::<SnapshotShard>()), (1_080, 2_320));
}
