//! The guard against a slow reading of the same bytes, by the offsets it publishes.

use arbitrary::{Result, Unstructured};
use bulkhead_guard::{BULKHEAD_ID, GuardError, action, board::*, check};

pub fn run(u: &mut Unstructured) -> Result<()> {
    let stored: [u8; 32] = u.arbitrary()?;
    let now: i64 = u.int_in_range(-2..=2)?;
    let mut data = vec![0; MIN_LEN];
    data[..8].copy_from_slice(&DISCRIMINATOR);
    data[VERSION_OFFSET] = VERSION;
    let compartment: u8 = u.int_in_range(0..=65)?;
    for row in [DOMAIN_ROW_OFFSET, ROWS_OFFSET + usize::from(compartment) * ROW_SIZE] {
        for offset in (FREEZE_OFFSET..ROW_SIZE).step_by(4) {
            if u.ratio(1, 4)? && row + offset + 4 <= data.len() {
                data[row + offset..][..4].copy_from_slice(&u.arbitrary::<[u8; 4]>()?);
            }
        }
    }
    crate::spoil(u, &mut data, 4)?;
    crate::resize(u, &mut data)?;
    let (mut key, mut owner) = (stored, BULKHEAD_ID);
    if u.ratio(1, 8)? {
        crate::spoil(u, &mut key, 1)?;
    }
    if u.ratio(1, 8)? {
        crate::spoil(u, &mut owner, 1)?;
    }
    let wanted: u32 = if u.ratio(1, 2)? {
        1 << u.int_in_range(0..=31u32)?
    } else {
        u.arbitrary()?
    };

    let expected = expected(&stored, &key, &owner, &data, compartment, wanted, now);
    assert_eq!(check(&stored, &key, &owner, &data, compartment, wanted, now), expected);
    Ok(())
}

fn expected(
    stored: &[u8; 32],
    key: &[u8; 32],
    owner: &[u8; 32],
    data: &[u8],
    compartment: u8,
    wanted: u32,
    now: i64,
) -> core::result::Result<(), GuardError> {
    let number = |at: usize| i64::from_le_bytes(data[at..at + 8].try_into().expect("eight"));
    let mask = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().expect("four"));
    if wanted == 0 {
        return Err(GuardError::UnknownAction);
    }
    if key != stored {
        return Err(GuardError::WrongBoard);
    }
    if *owner != BULKHEAD_ID || data.len() < MIN_LEN || data[..8] != DISCRIMINATOR {
        return Err(GuardError::ForeignBoard);
    }
    if data[VERSION_OFFSET] != VERSION {
        return Err(GuardError::UnknownBoardVersion);
    }
    if usize::from(compartment) >= MAX_COMPARTMENTS {
        return Err(GuardError::CompartmentOutOfRange);
    }
    let mut closed = if now < number(GRACE_UNTIL_OFFSET) {
        action::LIQUIDATE
    } else {
        0
    };
    for row in [DOMAIN_ROW_OFFSET, ROWS_OFFSET + usize::from(compartment) * ROW_SIZE] {
        closed |= mask(row + FREEZE_OFFSET);
        for (of, until) in [
            (GUARDIAN_PAUSE_OFFSET, GUARDIAN_PAUSE_UNTIL_OFFSET),
            (TRIP_OFFSET, TRIP_UNTIL_OFFSET),
            (LINKED_OFFSET, LINKED_UNTIL_OFFSET),
        ] {
            if now < number(row + until) {
                closed |= mask(row + of);
            }
        }
    }
    if closed & wanted == 0 {
        Ok(())
    } else {
        Err(GuardError::ActionPaused)
    }
}
