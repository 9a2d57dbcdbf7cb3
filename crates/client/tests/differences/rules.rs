//! Every rule of an account is compared.

use super::*;

/// Whatever is changed alone is reported: no argument of a kind that sets rules is passed over.
#[test]
fn every_rule_of_a_checkpoint_log_is_compared() {
    let now = CheckpointLog {
        version: VERSION,
        threshold: 3,
        flags: log_flag::PUBLISHED_ONLY,
        tolerance_bps: 10,
        min_interval_slots: 50,
        keep_seconds: 700_000,
        ..CheckpointLog::zeroed()
    };
    let same = OpenCheckpointLogArgs {
        ledger_index: 2,
        threshold: 3,
        min_interval_slots: 50,
        keep_seconds: 700_000,
        tolerance_bps: 10,
        published_only: true,
    };
    let read = at(pda::checkpoint_log(&key(7), 2), discriminator::CHECKPOINT_LOG, &now);
    let said = |change: &dyn Fn(&mut OpenCheckpointLogArgs)| {
        let mut args = same.clone();
        change(&mut args);
        lines(&Payload::Known(Decision::OpenCheckpointLog(args)), &read)
    };
    assert!(said(&|_| ()).is_empty());
    for (change, line) in [
        (said(&|args| args.threshold = 1), "LOOSER: attesters required: 3 -> 1"),
        (
            said(&|args| args.tolerance_bps = 10_000),
            "LOOSER: tolerance of a checkpoint against the host's total: 10 bps -> 10000 bps",
        ),
        (
            said(&|args| args.published_only = false),
            "LOOSER: checkpoints eligible for a ballot: only published -> any",
        ),
        (
            said(&|args| args.min_interval_slots = 60),
            "tighter: slots between checkpoints: 50 -> 60",
        ),
    ] {
        assert_eq!(change, [line]);
    }
    assert_eq!(said(&|args| args.keep_seconds = 1).len(), 1);
}

#[test]
fn every_rule_of_a_link_is_compared() {
    let now = Link {
        version: VERSION,
        upstream_scope: 255,
        upstream_mask: 6,
        compartments: 1,
        mask: 2,
        ..Link::zeroed()
    };
    let same = SetLinkArgs {
        upstream: key(3),
        upstream_scope: 255,
        upstream_mask: 6,
        compartments: 1,
        mask: 2,
    };
    let read = at(pda::link(&key(7), &key(3)), discriminator::LINK, &now);
    let said = |change: &dyn Fn(&mut SetLinkArgs)| {
        let mut args = same.clone();
        change(&mut args);
        lines(&Payload::Known(Decision::SetLink(args)), &read)
    };
    assert!(said(&|_| ()).is_empty());
    assert_eq!(
        said(&|args| args.upstream_scope = 9),
        ["LOOSER: upstream scope: the whole domain -> compartment 9"]
    );
    for changed in [
        said(&|args| args.upstream_mask = 2),
        said(&|args| args.compartments = 0),
        said(&|args| args.mask = 1),
        // The council's default is what nobody knows here.
        said(&|args| args.mask = 0),
    ] {
        assert!(changed.len() == 1 && changed[0].starts_with("LOOSER"), "{changed:?}");
    }
}
