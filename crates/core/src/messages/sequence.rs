//! Each message number is accepted once, in any order, as long as it is not far below the highest one: a sliding window
//! as IPsec has it.

use bulkhead_interface::constants::MESSAGE_WINDOW;

use crate::CoreError;

/// Marks `number` as accepted. `highest` is the highest number so far, and bit i of `window` stands for `highest - i`.
///
/// # Errors
/// [`CoreError::MessageSeen`]; nothing is changed then.
pub fn accept(highest: &mut u64, window: &mut u64, number: u64) -> Result<(), CoreError> {
    if let Some(ahead) = number.checked_sub(*highest).filter(|ahead| *ahead > 0) {
        let moved = u32::try_from(ahead).ok().and_then(|ahead| window.checked_shl(ahead));
        (*highest, *window) = (number, moved.unwrap_or(0) | 1);
        return Ok(());
    }
    let behind = highest.saturating_sub(number);
    let bit = u32::try_from(behind).ok().and_then(|behind| 1u64.checked_shl(behind));
    match bit {
        Some(bit) if behind < MESSAGE_WINDOW && *window & bit == 0 => {
            *window |= bit;
            Ok(())
        }
        _ => Err(CoreError::MessageSeen),
    }
}
