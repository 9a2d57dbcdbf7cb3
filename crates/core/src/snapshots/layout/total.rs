//! The sum the host keeps: where it may stand, how it is read, and how far the positions may be apart from it.
//!
//! Fails closed: an account that is gone, too short, of another owner or of another kind than was registered has no
//! total. What others than the host can move needs a tolerance in that direction, or one unit an hour would keep a
//! ledger from ever being sealed: whoever holds tokens can burn some of a supply, and anyone can add to a balance.

use crate::CoreError;
use bulkhead_interface::{
    Pubkey,
    constants::{MAX_TOTAL_TOLERANCE_BPS, ledger_mode, total_unit},
    ids::{TOKEN, TOKEN_2022},
    layout::Ledger,
};

use super::{
    is_identity,
    linked::{Factors, factor_count, native_with},
};
use crate::token::{self, AMOUNT, SUPPLY};

/// Wrapped SOL of both token programs, `So11111111111111111111111111111111111111112` and
/// `9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9`: their supply says 0 however much there is.
const NATIVE_MINTS: [Pubkey; 2] = [
    Pubkey::new_from_array([
        6, 155, 136, 87, 254, 171, 129, 132, 251, 104, 127, 99, 70, 24, 192, 53, 218, 196, 57, 220, 26, 235, 59, 85,
        152, 160, 240, 0, 0, 0, 0, 1,
    ]),
    Pubkey::new_from_array([
        131, 13, 252, 159, 222, 95, 230, 184, 170, 124, 4, 164, 118, 233, 30, 138, 198, 187, 38, 74, 173, 144, 250, 25,
        201, 223, 73, 216, 92, 62, 91, 80,
    ]),
];

/// One of `10_000` is a bp.
const WHOLE_BPS: u128 = 10_000;

/// What a total is the sum of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalKind {
    /// What the host has written down in an account of its own.
    Own,
    /// A token's supply: whoever holds some can burn it.
    Supply,
    /// A token account's balance: anyone can add to it.
    Balance,
}

/// The kind of a ledger's total; `None` where a token program's account is read at any other place.
#[must_use]
pub fn total_kind(ledger: &Ledger) -> Option<TotalKind> {
    if ledger.total_program != TOKEN && ledger.total_program != TOKEN_2022 {
        return Some(TotalKind::Own);
    }
    match (ledger.total_offset, ledger.total_width) {
        (SUPPLY, 8) => Some(TotalKind::Supply),
        (AMOUNT, 8) => Some(TotalKind::Balance),
        _ => None,
    }
}

/// Can this total be registered? Where it stands is [`check()`](super::check())'s to say.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_total(ledger: &Ledger) -> Result<(), CoreError> {
    let kind = total_kind(ledger).ok_or(CoreError::InvalidLedger)?;
    let is_native = NATIVE_MINTS.contains(&ledger.total_account);
    if is_native || ledger.shortfall_bps > MAX_TOTAL_TOLERANCE_BPS || ledger.excess_bps > MAX_TOTAL_TOLERANCE_BPS {
        return Err(CoreError::InvalidLedger);
    }
    match kind {
        TotalKind::Supply if ledger.excess_bps == 0 => Err(CoreError::TotalMovable),
        TotalKind::Balance if ledger.shortfall_bps == 0 => Err(CoreError::TotalMovable),
        _ => Ok(()),
    }
}

/// Reads the sum the host keeps of all its positions out of the registered account, which `owner` owns now.
#[must_use]
pub fn read_total(ledger: &Ledger, owner: &Pubkey, data: &[u8]) -> Option<u128> {
    let is_of_kind = match total_kind(ledger)? {
        TotalKind::Own => true,
        TotalKind::Supply => token::is_mint(data),
        TotalKind::Balance => token::is_initialized(data),
    };
    if *owner != ledger.total_program || !is_of_kind {
        return None;
    }
    total_number(ledger, data)
}

/// The number where a ledger's total stands, whatever account it is in.
#[must_use]
pub fn total_number(ledger: &Ledger, data: &[u8]) -> Option<u128> {
    let bytes = data.get(ledger.total_offset as usize..)?;
    if ledger.total_width == 16 {
        return bytes.first_chunk().map(|bytes| u128::from_le_bytes(*bytes));
    }
    bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes).into())
}

/// Is the host's total of another unit than the amounts? Then the sum before the scale is counted
/// too: amounts are rounded down, and their sum would fall short.
#[must_use]
pub fn counts_host_units(ledger: &Ledger) -> bool {
    ledger.mode != ledger_mode::EXPORT
        && ledger.total_unit == total_unit::HOST
        && (!is_identity(&ledger.scale) || factor_count(ledger) != 0)
}

/// The host's total in the unit of the leaves. `None` when that does not fit 64 bits.
#[must_use]
pub fn native_total(ledger: &Ledger, factors: &Factors, total: u128) -> Option<u64> {
    if counts_host_units(ledger) {
        native_with(ledger, factors, total)
    } else {
        u64::try_from(total).ok()
    }
}

/// Is a sum of positions near enough to the host's total, in the unit of that? Whoever wants to keep it apart pays the
/// tolerance each time; whoever seals less than all can leave out no more than the tolerance.
#[must_use]
pub fn agrees(ledger: &Ledger, sum: u128, total: u128) -> bool {
    let allowed = |bps: u16| tolerated(total, bps);
    match sum.checked_sub(total) {
        Some(excess) => excess <= allowed(ledger.excess_bps),
        None => total.saturating_sub(sum) <= allowed(ledger.shortfall_bps),
    }
}

/// That share of a total, rounded up.
fn tolerated(total: u128, bps: u16) -> u128 {
    let bps = u128::from(bps);
    let (whole, rest) = (total.div_euclid(WHOLE_BPS), total.rem_euclid(WHOLE_BPS));
    // At most one in a hundred of what fits, and ten thousand times ten thousand.
    let rest = rest.saturating_mul(bps).div_ceil(WHOLE_BPS);
    whole.saturating_mul(bps).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn a_tolerance_is_rounded_up_and_has_a_direction() {
        let mut ledger = Ledger::zeroed();
        for total in [0, 1, 600, u128::MAX] {
            assert!(agrees(&ledger, total, total));
        }
        assert!(!agrees(&ledger, 599, 600) && !agrees(&ledger, 601, 600));
        ledger.shortfall_bps = 1;
        assert!(agrees(&ledger, 599, 600) && !agrees(&ledger, 598, 600) && !agrees(&ledger, 601, 600));
        ledger.excess_bps = 100;
        assert!(agrees(&ledger, 606, 600) && !agrees(&ledger, 607, 600));
        assert!(agrees(&ledger, 1_010_000, 1_000_000) && !agrees(&ledger, 1_010_001, 1_000_000));
        assert!(!agrees(&ledger, 1, 0), "nothing has no share");
    }
}
