//! Interim claims over random histories: no state that could be chosen is overpaid, whatever happened between them.

use bulkhead_core::{
    CoreError,
    interim::{places, share},
    restoration::prorata::payout_floor,
};
use bulkhead_interface::{
    Pubkey,
    constants::{SHARD_SHIFT, proved},
    layout::{Interim, ProvedLeaf},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// What happened to a position between the checkpoint and the snapshot.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Nothing.
    Kept,
    /// Its owner deposited.
    Deposited(u64),
    /// Its owner, or a thief, took some out.
    Withdrew(u64),
    /// It was opened, or made up.
    Appeared,
    /// It was emptied, or wiped out.
    Vanished,
    /// Somebody rewrote it.
    Rewritten(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let amount = (any::<u64>(), 8u32..60).prop_map(|(value, shift)| value >> shift);
    prop_oneof![
        3 => Just(Event::Kept),
        2 => amount.clone().prop_map(Event::Deposited),
        2 => amount.clone().prop_map(Event::Withdrew),
        1 => Just(Event::Appeared),
        1 => Just(Event::Vanished),
        1 => amount.prop_map(Event::Rewritten),
    ]
}

/// Amounts in the checkpoint and in the snapshot.
fn history() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let position = ((any::<u64>(), 8u32..60), event()).prop_map(|((value, shift), event)| {
        let amount = value >> shift;
        match event {
            Event::Kept => (amount, amount),
            Event::Deposited(more) => (amount, amount.saturating_add(more)),
            Event::Withdrew(less) => (amount, amount.saturating_sub(less)),
            Event::Appeared => (0, amount),
            Event::Vanished => (amount, 0),
            Event::Rewritten(other) => (amount, other),
        }
    });
    vec(position, 1..60)
}

fn shared_out(history: &[(u64, u64)], bps: u16, cap: u64, vaults: &[u64]) -> Option<(Interim, u64)> {
    let mut interim = Interim {
        bps,
        cap,
        checkpoint_total: history.iter().map(|(before, _)| before).sum(),
        snapshot_total: history.iter().map(|(_, after)| after).sum(),
        ..Interim::zeroed()
    };
    let mut pool = 0;
    for held in vaults {
        let due = share::due_floor(bps, *held, 0).min(share::lacking(&interim, pool));
        // Once more, or from what is left elsewhere, yields nothing.
        assert_eq!(
            share::due_floor(bps, *held - due, due),
            share::due_floor(bps, *held, 0) - due
        );
        pool += due;
    }
    share::share_out(&mut interim, pool).ok()?;
    Some((interim, pool))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn neither_state_is_overpaid(
        history in history(),
        bps in 1u16..=10_000,
        cap in (any::<u64>(), 0u32..64).prop_map(|(value, shift)| value >> shift),
        vaults in vec((any::<u64>(), 10u32..60).prop_map(|(value, shift)| value >> shift), 1..4),
    ) {
        let Some((interim, pool)) = shared_out(&history, bps, cap, &vaults) else { return Ok(()) };
        let held: u128 = vaults.iter().map(|held| u128::from(*held)).sum();
        let mut paid = 0u128;
        for (before, after) in &history {
            let got = share::entitled_floor(&interim, *after, *before);
            paid += u128::from(got);
            prop_assert!(got <= cap);
            // The formula: the smaller amount, times the share of what is held, over the greater total. Vaults are
            // rounded down one by one, and more than the share of the claims is never shared out.
            let greater = u128::from(share::greater_total(&interim));
            let agreed = u128::from((*before).min(*after));
            prop_assert!(u128::from(got) * greater * 10_000 <= agreed * held * u128::from(bps));
            for (amount, total) in [(before, interim.checkpoint_total), (after, interim.snapshot_total)] {
                // At most the fair share, under this state, of what was shared out; and of what the claims are.
                let fair = payout_floor(*amount, interim.shared.min(total), total).unwrap_or(0);
                prop_assert!(got <= fair, "{got} of {fair}");
                prop_assert!(u128::from(got) * 10_000 <= u128::from(*amount) * u128::from(bps));
            }
        }
        prop_assert!(paid <= u128::from(interim.shared));
        prop_assert!(interim.shared <= pool);
    }
}

/// A snapshot with two leaves in shard 1 and three in shard 3.
fn shards() -> Interim {
    let mut interim = Interim {
        snapshot_count: 5,
        ..Interim::zeroed()
    };
    for (number, first) in interim.snapshot_firsts.iter_mut().enumerate() {
        *first = match number {
            0 | 1 => 0,
            2 | 3 => 2,
            _ => 5,
        };
    }
    interim
}

fn leaf(of: u8, shard: u32, place: u32, byte: u8) -> ProvedLeaf {
    ProvedLeaf {
        of,
        index: (shard << SHARD_SHIFT) | place,
        key: key(byte),
        owner: key(200),
        ..ProvedLeaf::zeroed()
    }
}

#[test]
fn a_position_is_found_or_shown_to_be_missing() {
    let interim = shards();
    let none = ProvedLeaf::zeroed();
    let of_snapshot = |shard, place, byte| leaf(proved::SNAPSHOT, shard, place, byte);
    let find = |leaves: [ProvedLeaf; 2], wanted: u8, owner: u8| {
        places::find(&interim, &leaves, &key(wanted), &key(owner)).map(|place| place.map(|place| place.at))
    };
    let refused = Err(CoreError::InterimProofMissing);
    // There, in either row; and somebody else's.
    assert_eq!(find([of_snapshot(3, 1, 0x33), none], 0x33, 200), Ok(Some(3)));
    assert_eq!(find([none, of_snapshot(3, 1, 0x33)], 0x33, 200), Ok(Some(3)));
    assert_eq!(find([of_snapshot(3, 1, 0x33), none], 0x33, 201), Ok(None));
    // Between two neighbours, in either order; not between two that are none.
    let (low, high) = (of_snapshot(3, 0, 0x31), of_snapshot(3, 1, 0x34));
    assert_eq!(find([low, high], 0x33, 200), Ok(None));
    assert_eq!(find([high, low], 0x33, 200), Ok(None));
    assert_eq!(find([low, of_snapshot(3, 2, 0x34)], 0x33, 200), refused);
    assert_eq!(find([low, none], 0x33, 200), refused);
    assert_eq!(find([high, none], 0x33, 200), refused);
    // What else is proved does not matter.
    assert_eq!(
        find([of_snapshot(3, 0, 0x34), of_snapshot(3, 2, 0x38)], 0x33, 200),
        Ok(None)
    );
    // Beyond either end of its shard.
    assert_eq!(find([of_snapshot(3, 0, 0x34), none], 0x33, 200), Ok(None));
    assert_eq!(find([of_snapshot(3, 2, 0x31), none], 0x33, 200), Ok(None));
    // A shard without leaves.
    assert_eq!(find([none, none], 0x50, 200), Ok(None));
    assert_eq!(find([none, none], 0x33, 200), refused);
    // Leaves of another shard or of the checkpoint say nothing.
    assert_eq!(find([of_snapshot(1, 0, 0x34), none], 0x33, 200), refused);
    assert_eq!(find([leaf(proved::CHECKPOINT, 3, 0, 0x34), none], 0x33, 200), refused);
    assert_eq!(find([leaf(proved::CHECKPOINT, 3, 1, 0x33), none], 0x33, 200), refused);
}

#[test]
fn places_are_those_of_the_snapshot_when_it_was_opened() {
    let interim = shards();
    let place = |shard: u32, within: u32| places::locate(&interim, (shard << SHARD_SHIFT) | within);
    assert_eq!(place(1, 1).map(|place| place.at), Some(1));
    assert_eq!(place(3, 0).map(|place| place.at), Some(2));
    assert_eq!(place(3, 2).map(|place| place.at), Some(4));
    for (shard, within) in [(0, 0), (1, 2), (2, 0), (3, 3), (15, 0), (16, 0)] {
        assert_eq!(place(shard, within), None);
    }
}
