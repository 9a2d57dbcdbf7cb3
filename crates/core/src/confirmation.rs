//! Guardians confirm, one transaction each, until the council's threshold is reached.

use bulkhead_interface::layout::Council;

use crate::council::member_bit;

/// The member has confirmed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyConfirmed;

/// Adds member `index` to the confirmations and says whether they reach the hold threshold.
/// Those of an earlier council do not count: `epoch` is the one they belong to.
///
/// # Errors
/// [`AlreadyConfirmed`].
pub fn confirm(
    confirmations: &mut u16,
    epoch: &mut u64,
    council: &Council,
    index: usize,
) -> Result<bool, AlreadyConfirmed> {
    let so_far = if *epoch == council.config_epoch {
        *confirmations
    } else {
        0
    };
    let bit = member_bit(index);
    if so_far & bit != 0 {
        return Err(AlreadyConfirmed);
    }
    *epoch = council.config_epoch;
    *confirmations = so_far | bit;
    Ok(confirmations.count_ones() >= u32::from(council.hold_threshold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_counts_members_once_and_only_of_this_council() {
        let mut council: Council = bytemuck::Zeroable::zeroed();
        council.hold_threshold = 2;
        let (mut confirmations, mut epoch) = (0, 0);
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 0), Ok(false));
        assert_eq!(
            confirm(&mut confirmations, &mut epoch, &council, 0),
            Err(AlreadyConfirmed)
        );
        council.config_epoch = 1;
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 3), Ok(false));
        assert_eq!((confirmations, epoch), (0b1000, 1));
        assert_eq!(confirm(&mut confirmations, &mut epoch, &council, 0), Ok(true));
    }
}
