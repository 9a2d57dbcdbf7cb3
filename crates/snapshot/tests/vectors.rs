//! `tests/vectors/merkle.json` for every other language, and the worked example of
//! `docs/snapshot-format.md`. `UPDATE_VECTORS=1 cargo test -p bulkhead-snapshot --test vectors`
//! writes the former and `tests/vectors/sample`.

use std::{
    env, fs,
    io::{self, Write},
    mem::offset_of,
    path::{Path, PathBuf},
    process::Command,
};

use bulkhead_core::{restoration::claims, snapshots::merkle};
use bulkhead_interface::{
    ID, Pubkey,
    constants::{CLAIMS_PER_PAGE, MAX_CANOPY_HEIGHT},
    layout::{Ledger, Node, Snapshot, SnapshotShard, space},
};
use bulkhead_snapshot::{BuildOptions, Position, Proof, Roots, Silent, Source, TagInputs, Tree, build, verify};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Enough that the shards' sizes differ and the canopy is high; only its root is in the file.
const LARGE: u32 = 1_000_003;

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
    let place = claims::locate(tree.roots(), proof.index).unwrap();
    json!({
        "leaf": leaf(proof.index, &proof.position),
        "claim_bit": u32::from(place.page) * CLAIMS_PER_PAGE + place.at,
        "cap": (proof.index & 0xf_ffff) >> proof.canopy_from,
        "siblings": proof.siblings.iter().map(node).collect::<Vec<_>>(),
        "siblings_below_canopy": proof.canopy_from,
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
                "canopy_height": tree.shard(number).unwrap().canopy_height,
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
            "canopy_of_shard_0": shard.canopy.iter().map(node).collect::<Vec<_>>(),
        }),
        ledger(&tree, &proofs),
    )
}

fn large() -> Value {
    let roots = Roots::of(&tag(), &mut positions(LARGE), 2).unwrap();
    json!({
        "positions": LARGE,
        "root": hex(roots.root),
        "total": roots.total.to_string(),
        "count": roots.count,
    })
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
        "zero_nodes": (0..=MAX_CANOPY_HEIGHT as u8 + 8).map(|level| hex(merkle::zero(level).hash)).collect::<Vec<_>>(),
        "example": example_vectors(),
        "ledgers": ledgers,
        "large": large(),
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
    assert_eq!((shard.canopy_height, shard.count, shard.seen), (1, 17, 18));
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
        shard.canopy[1].hash,
        shard.canopy[8].hash,
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
    check!(SnapshotShard: version state shard canopy_height canopy_count sum count seen domain incident snapshot ledger tag
        cranker last_key frontier canopy host_sum seal accumulator);
    check!(Ledger: version index mode length_rule amount_count owner_offset data_len total_offset total_width total_unit
        domain program mint total_account total_program filters amounts scale slots export);
    assert_eq!(space::<Ledger>(), 744);
    assert_eq!((space::<Snapshot>(), space::<SnapshotShard>()), (1_080, 2_360));
}

/// A thousand leaves of the same generator as a folder. Made anew it is the same to the byte.
#[test]
fn the_sample_folder_is_up_to_date() {
    let kept = root().join("tests/vectors/sample");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("positions.csv");
    let mut text = "key,owner,amount\n".to_owned();
    for Position { key, owner, amount } in positions(1_000) {
        text += &format!("{key},{owner},{amount}\n");
    }
    fs::write(&file, text).unwrap();
    let options = BuildOptions {
        tag: TagInputs::new(ID, snapshot(), 0),
        slot: Some(421_000_000),
        ledger: None,
        threads: 2,
        progress: &Silent,
    };
    let out = dir.path().join("sample");
    build(&[Source::at(&file).unwrap()], &out, &options).unwrap();
    if env::var_os("UPDATE_VECTORS").is_some() {
        fs::create_dir_all(&kept).unwrap();
        for name in ["leaves.parquet", "manifest.json"] {
            fs::copy(out.join(name), kept.join(name)).unwrap();
        }
    }
    for name in ["leaves.parquet", "manifest.json"] {
        let same = fs::read(out.join(name)).unwrap() == fs::read(kept.join(name)).unwrap_or_default();
        assert!(
            same,
            "tests/vectors/sample/{name} is stale: run this test with UPDATE_VECTORS=1"
        );
    }
    let manifest = verify(&kept, &Silent).unwrap();
    let tree = Tree::build(tag(), positions(1_000)).unwrap();
    assert_eq!(
        (manifest.roots.root, manifest.roots.total),
        (tree.root().hash, tree.root().sum)
    );
}

/// A program that was written from the page alone, in another language, comes to the same roots.
#[test]
fn python_recomputes_the_roots_from_the_document() {
    let script = root().join("tests/vectors/recompute.py");
    let python = |args: &[&Path]| {
        let found = Command::new("python3").arg(&script).args(args).output();
        match found {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Past the test runner, which keeps what a passing test prints.
                let _ = io::stderr().write_all(b"\nSKIPPED: no python3 here; nobody recomputed the roots\n");
                None
            }
            found => Some(found.unwrap()),
        }
    };
    let Some(found) = python(&[]) else { return };
    let printed = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(
        found.status.success(),
        "{printed}{}",
        String::from_utf8_lossy(&found.stderr)
    );
    assert_eq!(
        printed.matches(" agrees").count(),
        // The large one, the checkpoint of the page, the sample.
        COUNTS.len() + 2 + usize::from(!printed.contains("SKIPPED")),
        "{printed}"
    );
    if printed.contains("SKIPPED") {
        let _ = io::stderr().write_all(b"\nSKIPPED: no pandas here; recompute.py did not open the Parquet file\n");
        return;
    }
    // And does not come to roots that are wrong.
    let dir = tempfile::tempdir().unwrap();
    for name in ["leaves.parquet", "manifest.json"] {
        fs::copy(root().join("tests/vectors/sample").join(name), dir.path().join(name)).unwrap();
    }
    let manifest = dir.path().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("\"total\": \"", "\"total\": \"1", 1)).unwrap();
    assert!(!python(&[dir.path()]).unwrap().status.success());
}
