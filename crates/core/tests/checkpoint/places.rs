//! The places of the log: nobody takes another one's.

use super::*;

/// One thing that happens: time passes, then somebody tries to post.
fn schedule() -> impl Strategy<Value = Vec<(i64, usize, bool)>> {
    let wait = prop_oneof![1i64..400, Just(210), 3_000i64..90_000, 86_400i64..900_000];
    vec((wait, 0usize..5, any::<bool>()), 1..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The chain has no gap, nothing in the log is ever rewritten, and nothing young is forgotten.
    #[test]
    fn the_log_forgets_by_age_alone(schedule in schedule()) {
        let (mut log, mut council) = (log(), council(5));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut known: BTreeMap<u64, Checkpoint> = BTreeMap::new();
        let mut last = [0; 32];
        for (wait, poster, is_new_council) in schedule {
            now += wait;
            slot += u64::try_from(wait).expect("positive") * 5 / 2;
            council.config_epoch += u64::from(is_new_council && wait > 80_000);
            if let Ok(hash) = post(&mut log, &council, poster, Moment { slot, now }) {
                let entry = *checkpoint::latest(&log).expect("just posted");
                prop_assert_eq!(entry.previous, last);
                prop_assert_eq!(entry.hash, hash);
                prop_assert_eq!(hash, checkpoint::entry_hash(&KEY, 3, &claim(slot - 1), &last));
                known.insert(entry.slot, entry);
                last = hash;
            }
            for (slot, entry) in &known {
                let kept = checkpoint::find(&log, *slot);
                if let Ok(kept) = kept {
                    prop_assert_eq!(bytemuck::bytes_of(kept), bytemuck::bytes_of(entry));
                } else {
                    prop_assert!(now >= entry.posted_ts + MIN_KEEP_SECONDS, "a young one is gone");
                }
            }
            prop_assert!(checkpoint::entries(&log).count() <= CHECKPOINTS);
        }
    }

    /// Four attesters who post whenever they are let cannot keep the fifth from posting, however often the council
    /// changes: whenever a poster's own interval has passed and its own share has room, the log takes its checkpoint. A key has one share.
    #[test]
    fn nobody_takes_anothers_place(schedule in schedule()) {
        let (mut log, mut council) = (log(), council(5));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut own: Vec<(u64, i64)> = vec![];
        for (wait, griefer, is_honest_turn) in schedule {
            // The very same council is elected anew all the time.
            council.config_epoch += u64::from(wait % 3 == 0);
            for griefer in [griefer % 4, (griefer + 1) % 4, (griefer + 2) % 4, (griefer + 3) % 4] {
                slot += 1;
                let _ = post(&mut log, &council, griefer, Moment { slot, now });
            }
            slot += 1;
            if is_honest_turn {
                let result = post(&mut log, &council, 4, Moment { slot, now });
                let is_soon = own.last().is_some_and(|(last, _)| slot < last + MIN_CHECKPOINT_INTERVAL);
                let young = own.iter().filter(|(_, posted)| now < posted + MIN_KEEP_SECONDS).count();
                let expected = if is_soon {
                    Err(CoreError::CheckpointTooSoon)
                } else if young >= CHECKPOINTS / 5 {
                    Err(CoreError::CheckpointLogFull)
                } else {
                    own.push((slot, now));
                    Ok(())
                };
                prop_assert_eq!(result.map(|_| ()), expected);
            }
            now += wait;
            slot += u64::try_from(wait).expect("positive") * 5 / 2;
        }
    }

    /// Keys come and go, too: who has less than the share then is finds a place, and so does who has nothing while those
    /// who come and go are fewer than there are parts.
    #[test]
    fn keys_that_come_and_go_leave_the_others_their_part(
        turns in vec((0usize..6, 1i64..90_000), 1..200),
        members in 2u8..6,
    ) {
        let (mut log, mut council) = (log(), council(members));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut fresh = 100u8;
        for (turn, wait) in turns {
            let poster = turn % usize::from(members);
            if turn == 5 {
                // The last one is replaced, by one of its kind.
                council.members[usize::from(members) - 1].key = Pubkey::new_from_array([fresh; 32]);
                council.config_epoch += 1;
                fresh = fresh.wrapping_add(1).max(100);
            }
            let key = checkpoint::poster_of(&council.members[poster]);
            let young = checkpoint::entries(&log)
                .filter(|entry| entry.poster == key && now < entry.posted_ts + MIN_KEEP_SECONDS)
                .count();
            let share = checkpoint::share(&log, &council, now);
            let result = post(&mut log, &council, poster, Moment { slot, now });
            if young >= share {
                prop_assert_eq!(result, Err(CoreError::CheckpointLogFull));
            } else if share > 1 {
                prop_assert!(result.is_ok(), "{result:?}: {young} of {share}");
            }
            now += wait;
            slot += u64::try_from(wait).expect("positive") * 5 / 2 + MIN_CHECKPOINT_INTERVAL;
        }
    }
}

/// Two attesters, and one of them is replaced whenever it has used up its share: half of what is left, and half of that.
/// The honest one has places all the time.
#[test]
fn a_key_that_is_replaced_leaves_the_honest_one_half_of_what_is_left() {
    let (mut log, mut council) = (log(), council(2));
    let mut slot = 1_000;
    let mut taken = vec![];
    for epoch in 0..4u8 {
        council.config_epoch = epoch.into();
        council.members[1].key = Pubkey::new_from_array([50 + epoch; 32]);
        let mut posted = 0;
        while post(&mut log, &council, 1, Moment { slot, now: 0 }).is_ok() {
            posted += 1;
            slot += MIN_CHECKPOINT_INTERVAL;
        }
        taken.push(posted);
    }
    assert_eq!(taken, [20, 10, 5, 2]);
    assert_eq!(checkpoint::share(&log, &council, 0), 2);
    post(&mut log, &council, 0, Moment { slot, now: 0 }).expect("a place");
}
