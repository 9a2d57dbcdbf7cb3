//! Checkpoints as folders: bound to a log and a slot, and to the slot that their positions are of.

mod common;

use std::fs;

use bulkhead_interface::ID;
use bulkhead_snapshot::{BuildOptions, Error, Manifest, Silent, Source, TagInputs, Tree, build, verify};
use common::*;
use tempfile::tempdir;

/// The program's own tag, and not to be passed off as a snapshot's.
#[test]
fn a_checkpoints_tag_is_the_programs() {
    let dir = tempdir().unwrap();
    let (log, slot) = (digest("log", 0), 9);
    let tag = TagInputs::checkpoint(ID, log, 0, slot);
    assert_eq!(tag.tag, bulkhead_core::checkpoints::checkpoint::tag(&ID, &log, 0, slot));
    let file = dir.path().join("live.jsonl");
    let lines: Vec<_> = positions(40)
        .iter()
        .map(|p| format!(r#"{{"key":"{}","owner":"{}","amount":{}}}"#, p.key, p.owner, p.amount))
        .collect();
    fs::write(&file, lines.join("\n")).unwrap();
    let out = dir.path().join("checkpoint");
    let of_log = BuildOptions {
        tag,
        ..options(&Silent)
    };
    let manifest = build(&[Source::at(&file).unwrap()], &out, &of_log).unwrap();
    assert_eq!(Manifest::open(&out).unwrap(), manifest);
    assert_eq!(
        manifest.roots.root,
        Tree::build(tag.tag, positions(40)).unwrap().root().hash
    );
    let text = fs::read_to_string(out.join("manifest.json")).unwrap();
    fs::write(
        out.join("manifest.json"),
        text.replace("\"checkpoint_slot\": 9", "\"checkpoint_slot\": 8"),
    )
    .unwrap();
    assert!(matches!(Manifest::open(&out), Err(Error::ManifestMismatch { .. })));
}

/// Positions of one slot are not a checkpoint of another, neither built nor found in a folder.
#[test]
fn a_checkpoint_is_of_the_slot_its_positions_are_of() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("live.jsonl");
    let lines: Vec<_> = positions(40)
        .iter()
        .map(|p| format!(r#"{{"key":"{}","owner":"{}","amount":{}}}"#, p.key, p.owner, p.amount))
        .collect();
    fs::write(&file, lines.join("\n")).unwrap();
    let at = |checkpoint, slot| BuildOptions {
        tag: TagInputs::checkpoint(ID, digest("log", 0), 0, checkpoint),
        slot,
        ..options(&Silent)
    };
    let source = || [Source::at(&file).unwrap()];
    let out = dir.path().join("checkpoint");
    for slot in [5, 10] {
        let error = build(&source(), &out, &at(9, Some(slot))).unwrap_err();
        assert!(
            matches!(&error, Error::SlotsMixed { first_slot: 9, second_slot, .. } if *second_slot == slot),
            "{error}"
        );
        assert!(!out.exists());
    }
    assert_eq!(build(&source(), &out, &at(9, None)).unwrap().slot, Some(9));

    // One that says another slot of itself is not verified.
    let manifest = out.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"slot\": 9,", "\"slot\": 5,")).unwrap();
    assert_ne!(fs::read_to_string(&manifest).unwrap(), text);
    let error = verify(&out, &Silent).unwrap_err().to_string();
    assert!(error.contains("the slot is not the checkpoint's"), "{error}");
}
