//! Guardians confirm, one transaction each, until the council's threshold is reached.
//!
//! Only eligible guardians count, and nobody waits for silent ones. The threshold is `freeze_threshold` of them, or all
//! of them when fewer are left. So a freeze is always possible: when no guardian is eligible, every guardian counts
//! again, under the full threshold. The price is that whoever steals the key of the only eligible guardian can freeze
//! alone. They gain no more than a longer pause: a freeze only closes, and a proposal, in which guardians have no part,
//! unpauses it.

use bulkhead_interface::{constants::role, layout::Council};

use crate::{
    CoreError,
    domain::council::{counted, having, member_bit},
};

/// Adds member `index` to the confirmations and returns whether they reach the freeze threshold. Those of an earlier
/// council do not count: `epoch` is the one they belong to.
///
/// A silent guardian's confirmation stays recorded, and counts once the guardian is eligible: confirming again then is
/// not an error if it reaches the threshold.
/// reaches the threshold.
///
/// # Errors
/// [`CoreError::AlreadyConfirmed`]; nothing is changed then.
pub fn confirm(
    confirmations: &mut u16,
    epoch: &mut u64,
    council: &Council,
    index: usize,
    now: i64,
) -> Result<bool, CoreError> {
    let so_far = if *epoch == council.config_epoch {
        *confirmations
    } else {
        0
    };
    let bit = member_bit(index);
    let is_reached = is_enough(council, so_far | bit, now);
    if so_far & bit != 0 && !is_reached {
        return Err(CoreError::AlreadyConfirmed);
    }
    *epoch = council.config_epoch;
    *confirmations = so_far | bit;
    Ok(is_reached)
}

/// Do these confirmations reach the freeze threshold?
#[must_use]
pub fn is_enough(council: &Council, confirmations: u16, now: i64) -> bool {
    let counted = counted(council, role::GUARDIAN, now);
    let threshold = u32::from(council.freeze_threshold);
    if counted == 0 {
        let all = having(council, role::GUARDIAN);
        return (confirmations & all).count_ones() >= threshold;
    }
    (confirmations & counted).count_ones() >= threshold.min(counted.count_ones())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_interface::Pubkey;

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_000 * DAY;

    /// Four guardians, two of whom freeze the domain; all were active just now.
    fn council() -> Council {
        let mut council: Council = bytemuck::Zeroable::zeroed();
        (
            council.member_count,
            council.freeze_threshold,
            council.heartbeat_seconds,
        ) = (4, 2, 7 * DAY);
        for (number, member) in (1..).zip(&mut council.members[..4]) {
            member.key = Pubkey::new_from_array([number; 32]);
            (member.roles, member.last_active_ts) = (role::GUARDIAN, NOW);
        }
        council
    }

    #[test]
    fn the_threshold_counts_members_once_and_only_of_this_council() {
        let mut council = council();
        let (mut confirmations, mut epoch) = (0, 0);
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 0, NOW), Ok(false));
        assert_eq!(
            confirm(&mut confirmations, &mut epoch, &council, 0, NOW),
            Err(CoreError::AlreadyConfirmed)
        );
        council.config_epoch = 1;
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 3, NOW), Ok(false));
        assert_eq!(confirmations, 8, "the earlier council's confirmation is gone");
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 2, NOW), Ok(true));
        assert_eq!((confirmations, epoch), (12, 1));
    }

    #[test]
    fn the_silent_are_neither_counted_nor_waited_for() {
        let mut council = council();
        for silent in [0, 1, 2] {
            council.members[silent].last_active_ts = NOW - 8 * DAY;
        }
        let (mut confirmations, mut epoch) = (0, 0);
        // Two of the silent could hold alone if they counted.
        for silent in [0, 1] {
            assert_eq!(
                confirm(&mut confirmations, &mut epoch, &council, silent, NOW),
                Ok(false)
            );
        }
        // The one who is left need not wait for anybody.
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 3, NOW), Ok(true));
    }

    #[test]
    fn a_hold_is_within_reach_when_everybody_is_silent() {
        let mut council = council();
        for member in &mut council.members {
            member.last_active_ts = NOW - 8 * DAY;
        }
        let (mut confirmations, mut epoch) = (0, 0);
        assert_eq!(
            confirm(&mut confirmations, &mut epoch, &council, 0, NOW),
            Ok(false),
            "not alone"
        );
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 1, NOW), Ok(true));
    }

    #[test]
    fn who_confirmed_in_silence_confirms_again_once_counted() {
        let mut council = council();
        council.freeze_threshold = 1;
        council.members[0].last_active_ts = NOW - 8 * DAY;
        let (mut confirmations, mut epoch) = (0, 0);
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 0, NOW), Ok(false));
        assert_eq!(
            confirm(&mut confirmations, &mut epoch, &council, 0, NOW),
            Err(CoreError::AlreadyConfirmed)
        );
        council.members[0].last_active_ts = NOW;
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 0, NOW), Ok(true));
    }
}
