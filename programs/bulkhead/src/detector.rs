//! The common part of all detectors.

use core::mem::offset_of;

use anchor_lang::prelude::*;
use bulkhead_interface::{
    constants::{VERSION, cause},
    discriminator,
    layout::{AuthorityWatch, Detector, OutflowBreaker, PriceBreaker, SolvencyBreaker},
};

use crate::error::BulkheadError;

/// Offset of the common part: behind the discriminator.
const COMMON: core::ops::Range<usize> = 8..8_usize.saturating_add(core::mem::size_of::<Detector>());

/// Reads the common part of a detector, and the cause of its trips.
pub fn read(account: &AccountInfo) -> Result<(u8, Detector)> {
    require_keys_eq!(*account.owner, crate::ID, BulkheadError::ForeignAccount);
    let data = account.try_borrow_data()?;
    let cause = match data.first_chunk::<8>() {
        Some(&discriminator::OUTFLOW_BREAKER) => cause::OUTFLOW,
        Some(&discriminator::PRICE_BREAKER) => cause::PRICE,
        Some(&discriminator::SOLVENCY_BREAKER) => cause::SOLVENCY,
        Some(&discriminator::AUTHORITY_WATCH) => cause::AUTHORITY,
        Some(&discriminator::VAULT) => cause::ROUTE,
        _ => return err!(BulkheadError::ForeignAccount),
    };
    let common = data.get(COMMON).ok_or(BulkheadError::ForeignAccount)?;
    let detector: Detector = bytemuck::try_pod_read_unaligned(common).map_err(|_| BulkheadError::ForeignAccount)?;
    require!(detector.version == VERSION, BulkheadError::UnknownVersion);
    Ok((cause, detector))
}

/// Slot in which a guardian last lowered the limits of a detector with this cause; only outflow breakers have limits.
pub fn lowered_slot(of: u8, account: &AccountInfo) -> Result<u64> {
    match of {
        cause::OUTFLOW => slot_at(account, offset_of!(OutflowBreaker, lowered_slot)),
        _ => Ok(0),
    }
}

/// Creation slot of the proposal that last configured a detector with this cause.
pub fn decided_slot(of: u8, account: &AccountInfo) -> Result<u64> {
    let offset = match of {
        cause::OUTFLOW => offset_of!(OutflowBreaker, decided_slot),
        cause::PRICE => offset_of!(PriceBreaker, decided_slot),
        cause::SOLVENCY => offset_of!(SolvencyBreaker, decided_slot),
        cause::AUTHORITY => offset_of!(AuthorityWatch, decided_slot),
        _ => return err!(BulkheadError::ForeignAccount),
    };
    slot_at(account, offset)
}

fn slot_at(account: &AccountInfo, offset: usize) -> Result<u64> {
    let data = account.try_borrow_data()?;
    let bytes = data.get(offset.saturating_add(8)..).and_then(|rest| rest.first_chunk());
    Ok(u64::from_le_bytes(*bytes.ok_or(BulkheadError::ForeignAccount)?))
}

/// Writes the common part of a detector that was [`read`].
pub fn write(account: &AccountInfo, detector: &Detector) -> Result<()> {
    let mut data = account.try_borrow_mut_data()?;
    data.get_mut(COMMON)
        .ok_or(BulkheadError::ForeignAccount)?
        .copy_from_slice(bytemuck::bytes_of(detector));
    Ok(())
}
