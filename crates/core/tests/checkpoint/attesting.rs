//! Who attests, under which rules, and what stays usable.

use super::*;

#[test]
fn attesters_count_once_and_only_those_of_its_council() {
    let (mut log, mut council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    let mut attest =
        |council: &Council, index, slot, hash: &[u8; 32]| checkpoint::attest(&mut log, council, index, slot, hash);
    assert_eq!(attest(&council, 0, 599, &hash), Err(CoreError::AlreadyAttested));
    assert_eq!(attest(&council, 1, 598, &hash), Err(CoreError::NoSuchCheckpoint));
    assert_eq!(attest(&council, 1, 599, &[0; 32]), Err(CoreError::NoSuchCheckpoint));
    council.config_epoch = 1;
    assert_eq!(
        attest(&council, 1, 599, &hash),
        Err(CoreError::CheckpointOfOtherCouncil)
    );
    council.config_epoch = 0;
    assert_eq!(attest(&council, 1, 599, &hash), Ok(true));
    assert_eq!(attest(&council, 1, 599, &hash), Err(CoreError::AlreadyAttested));
    assert_eq!(attest(&council, 2, 599, &hash), Ok(true));
    assert_eq!(log.entries[0].attesters, 0b111);
}

/// Rules that come later neither attest nor lack anything of what is there.
#[test]
fn a_checkpoint_keeps_the_rules_it_was_posted_under() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    log.threshold = 1;
    assert_eq!(
        checkpoint::require_usable(&log, 599, 700).err(),
        Some(CoreError::CheckpointNotAttested)
    );
    log.threshold = 3;
    assert_eq!(checkpoint::attest(&mut log, &council, 1, 599, &hash), Ok(true));
}

#[test]
fn only_what_was_attested_and_posted_before_the_breach_is_usable() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    let usable = |log: &CheckpointLog, breach| checkpoint::require_usable(log, 599, breach).map(|entry| entry.slot);
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointNotAttested));
    checkpoint::attest(&mut log, &council, 1, 599, &hash).expect("second");
    assert_eq!(usable(&log, 601), Ok(599));
    // Of a slot before the breach, but posted in its slot: with the theft in view.
    assert_eq!(usable(&log, 600), Err(CoreError::CheckpointAfterBreach));
    assert_eq!(
        checkpoint::require_usable(&log, 0, 700).err(),
        Some(CoreError::NoSuchCheckpoint)
    );
    log.restored_slot = 599;
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointRestored));
    log.restored_slot = 598;
    // What the log says of later ones does not matter.
    (log.flags, log.tolerance_bps, log.threshold) = (log_flag::PUBLISHED_ONLY, 2_000, 3);
    assert_eq!(usable(&log, 700), Ok(599));
    log.entries[0].flags = log_flag::PUBLISHED_ONLY;
    log.entries[0].published = !1;
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointNotPublished));
    log.entries[0].published = !0;
    assert_eq!(usable(&log, 700), Ok(599));
    // A hundredth of 599, rounded up.
    for (differed, expected) in [(6, Ok(599)), (7, Err(CoreError::CheckpointDoubted))] {
        log.entries[0].differed = differed;
        assert_eq!(usable(&log, 700), expected, "{differed}");
    }
    log.entries[0].state = checkpoint_state::CONTESTED;
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointContested));
}

/// Whatever keeps a snapshot from being restored takes it away.
#[test]
fn a_snapshot_goes_for_what_came_out_since() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    checkpoint::attest(&mut log, &council, 1, 599, &hash).expect("second");
    let goes = |log: &CheckpointLog, breach| checkpoint::require_unusable(log, 599, breach);
    assert_eq!(goes(&log, 601), Err(CoreError::CheckpointStands));
    assert_eq!(goes(&log, 600), Ok(()));
    assert_eq!(
        checkpoint::require_unusable(&log, 1, 601),
        Ok(()),
        "what is not in the log cannot be restored either"
    );
    // Its own restoration does not take it away.
    let mut restored = log;
    restored.restored_slot = 700;
    assert_eq!(goes(&restored, 601), Err(CoreError::CheckpointStands));
    let mut doubted = log;
    doubted.entries[0].differed = 300;
    assert_eq!(goes(&doubted, 601), Ok(()));
    log.entries[0].state = checkpoint_state::CONTESTED;
    assert_eq!(goes(&log, 601), Ok(()));
}

#[test]
fn rules_that_cannot_work_are_refused() {
    let council = council(3);
    assert_eq!(checkpoint::check_rules(&log(), &council), Ok(()));
    for broken in [
        CheckpointLog { threshold: 0, ..log() },
        CheckpointLog { threshold: 4, ..log() },
        CheckpointLog {
            min_interval_slots: MIN_CHECKPOINT_INTERVAL - 1,
            ..log()
        },
        CheckpointLog {
            min_interval_slots: checkpoint::MAX_INTERVAL + 1,
            ..log()
        },
        CheckpointLog {
            keep_seconds: MIN_KEEP_SECONDS - 1,
            ..log()
        },
        CheckpointLog {
            keep_seconds: i64::MAX,
            ..log()
        },
        CheckpointLog {
            tolerance_bps: MIN_TOLERANCE_BPS - 1,
            ..log()
        },
        CheckpointLog {
            tolerance_bps: MAX_TOLERANCE_BPS + 1,
            ..log()
        },
        CheckpointLog { flags: 2, ..log() },
    ] {
        assert_eq!(
            checkpoint::check_rules(&broken, &council),
            Err(CoreError::ArgumentOutOfRange)
        );
    }
}
