//! The files of a snapshot: whatever is written over them, what is verified is the snapshot that was built.

use std::{fs, sync::LazyLock};

use arbitrary::{Result, Unstructured};
use bulkhead_interface::{ID, Pubkey};
use bulkhead_snapshot::{BuildOptions, Manifest, ProofEntry, Silent, Snapshot, Source, TagInputs, build, verify};
use tempfile::TempDir;

struct Honest {
    manifest: Manifest,
    proof: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let folder = TempDir::new().expect("a folder");
    let rows: String = (1..=20u8)
        .map(|i| {
            let key = |byte| Pubkey::new_from_array([byte; 32]);
            format!("{},{},{}\n", key(i.wrapping_mul(11)), key(i % 3), i)
        })
        .collect();
    let csv = folder.path().join("positions.csv");
    fs::write(&csv, format!("key,owner,amount\n{rows}")).expect("written");
    let options = BuildOptions {
        tag: TagInputs::new(ID, Pubkey::new_from_array([9; 32]), 0),
        slot: None,
        ledger: None,
        threads: 1,
        progress: &Silent,
    };
    let out = folder.path().join("snapshot");
    build(&[Source::at(&csv).expect("a source")], &out, &options).expect("built");
    let manifest = Manifest::open(&out).expect("just written");
    let snapshot = Snapshot::open(&out, &Silent).expect("just built");
    let proof = snapshot.tree.proofs().next().expect("it has leaves");
    let files = fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read(path).expect("readable"))
        })
        .collect();
    Honest {
        proof: serde_json::to_vec(&ProofEntry::new(&proof, &manifest)).expect("JSON"),
        manifest,
        files,
    }
});

pub fn run(u: &mut Unstructured) -> Result<()> {
    let honest = &*HONEST;
    // A proof as somebody sends it, against the manifest that is known.
    let mut proof = honest.proof.clone();
    crate::spoil(u, &mut proof, 3)?;
    if let Ok(entry) = serde_json::from_slice::<ProofEntry>(&proof)
        && entry.verify(&honest.manifest).is_ok()
    {
        let known: ProofEntry = serde_json::from_slice(&honest.proof).expect("JSON");
        assert_eq!(entry, known, "another proof is taken");
    }

    // A folder as somebody publishes it.
    let folder = TempDir::new().expect("a folder");
    for (name, bytes) in &honest.files {
        let mut bytes = bytes.clone();
        if u.ratio(1, 2)? {
            crate::spoil(u, &mut bytes, 3)?;
            crate::resize(u, &mut bytes)?;
        }
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    if let Ok(manifest) = verify(folder.path(), &Silent) {
        assert_eq!(manifest.roots.root, honest.manifest.roots.root, "another root is taken");
        assert_eq!(
            manifest.roots.total, honest.manifest.roots.total,
            "another total is taken"
        );
    }
    Ok(())
}
