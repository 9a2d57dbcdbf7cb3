//! Hosts whose positions are known to say less than a layout would read from them.
//!
//! A layout of these is refused with the way out. A host at another address is not in this list: `bulkhead ledger try`
//! looks at accounts of any host, and sees a token where an owner should be.

use bulkhead_interface::{
    Pubkey,
    layout::{AmountField, Ledger},
};

use super::linked::owner_is_token;
use crate::CoreError;

/// A kind of position.
struct Known {
    program: Pubkey,
    /// First bytes of its accounts.
    name: [u8; 8],
    /// Where it names the token that owns it.
    token: Option<u32>,
    /// Numbers whose worth depends on more than a factor: liquidity in a range of prices, shares of bins. Start and
    /// length.
    unpriced: (u32, u32),
}

/// Anchor's name of an account `Position`, of both Orca's and Meteora's.
const POSITION: [u8; 8] = [170, 188, 143, 228, 122, 64, 247, 208];

const KNOWN: [Known; 4] = [
    // Orca Whirlpools, `whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc`: `Position` in orca-so/whirlpools.
    Known {
        program: Pubkey::new_from_array([
            14, 3, 104, 95, 142, 144, 144, 83, 228, 88, 18, 28, 102, 245, 167, 106, 237, 199, 112, 106, 161, 28, 130,
            248, 170, 149, 42, 143, 43, 120, 121, 169,
        ]),
        name: POSITION,
        token: Some(40),
        unpriced: (72, 16),
    },
    // Raydium CLMM, `CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK`: `PersonalPositionState` in raydium-io/raydium-clmm.
    Known {
        program: Pubkey::new_from_array([
            165, 213, 202, 158, 4, 207, 93, 181, 144, 183, 20, 186, 47, 227, 44, 177, 89, 19, 63, 193, 193, 146, 183,
            34, 87, 253, 7, 211, 156, 176, 64, 30,
        ]),
        name: [70, 111, 150, 126, 230, 15, 25, 117],
        token: Some(9),
        unpriced: (81, 16),
    },
    // Meteora DAMM v2, `cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG`: `Position` in MeteoraAg/damm-v2. Three kinds of liquidity in a row.
    Known {
        program: Pubkey::new_from_array([
            9, 45, 33, 53, 101, 122, 21, 156, 43, 135, 212, 182, 106, 112, 219, 142, 151, 82, 56, 159, 247, 106, 175,
            32, 108, 237, 6, 58, 56, 249, 90, 237,
        ]),
        name: POSITION,
        token: Some(40),
        unpriced: (152, 48),
    },
    // Meteora DLMM, `LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo`: `PositionV2` in MeteoraAg/dlmm-sdk. It has an owner, and shares of 70 bins.
    Known {
        program: Pubkey::new_from_array([
            4, 233, 225, 47, 188, 132, 232, 38, 201, 50, 204, 233, 226, 100, 12, 206, 21, 89, 12, 28, 98, 115, 176,
            146, 87, 8, 186, 59, 133, 32, 176, 188,
        ]),
        name: [117, 176, 212, 199, 245, 180, 133, 182],
        token: None,
        unpriced: (72, 1_120),
    },
];

/// Refuses a layout that takes a token for an owner, or counts a number that is no amount of anything.
///
/// # Errors
/// [`CoreError::OwnerIsToken`], [`CoreError::ExportNeeded`]
pub fn check_known(ledger: &Ledger) -> Result<(), CoreError> {
    let used = || ledger.amounts.iter().take(ledger.amount_count.into());
    for known in KNOWN.iter().filter(|known| known.is_read_by(ledger)) {
        let names_token = known.token.is_some_and(|at| meets(at, 32, ledger.owner_offset, 32));
        if names_token && !owner_is_token(ledger) {
            return Err(CoreError::OwnerIsToken);
        }
        let (start, len) = known.unpriced;
        let counts = |field: &AmountField| meets(start, len, field.offset, field.width.into());
        if used().any(counts) {
            return Err(CoreError::ExportNeeded);
        }
    }
    Ok(())
}

impl Known {
    /// Do its accounts pass, and are their bytes read? What an export says is the adapter's business.
    fn is_read_by(&self, ledger: &Ledger) -> bool {
        use bulkhead_interface::constants::ledger_mode::EXPORT;
        let contradicts = |offset: u32, bytes: &[u8]| {
            let own = (0u32..).zip(self.name);
            let mut wanted = (offset..).zip(bytes);
            wanted.any(|(at, byte)| own.clone().any(|(own_at, own)| at == own_at && *byte != own))
        };
        let excludes = |filter: &bulkhead_interface::layout::ByteFilter| match filter.bytes.get(..filter.len as usize) {
            Some(bytes) => contradicts(filter.offset, bytes),
            None => false,
        };
        ledger.mode != EXPORT && ledger.program == self.program && !ledger.filters.iter().any(excludes)
    }
}

const fn meets(start: u32, len: u32, other: u32, other_len: u32) -> bool {
    start < other.saturating_add(other_len) && other < start.saturating_add(len)
}
