//! What every kind of detector has in common, read from its account.

use bulkhead_interface::{
    ID,
    constants::{VERSION, cause},
    discriminator,
    layout::Detector,
};
use solana_account::Account;

/// The header of a detector's account, and the cause of the incidents that it opens. A vault is one of them: its
/// evacuation route can trip.
#[must_use]
pub fn read(account: &Account) -> Option<(u8, Detector)> {
    if account.owner != ID {
        return None;
    }
    let (tag, body) = account.data.split_first_chunk::<8>()?;
    let cause = match *tag {
        discriminator::OUTFLOW_BREAKER => cause::OUTFLOW,
        discriminator::PRICE_BREAKER => cause::PRICE,
        discriminator::SOLVENCY_BREAKER => cause::SOLVENCY,
        discriminator::AUTHORITY_WATCH => cause::AUTHORITY,
        discriminator::VAULT => cause::ROUTE,
        _ => return None,
    };
    let header = body.get(..size_of::<Detector>())?;
    let detector: Detector = bytemuck::pod_read_unaligned(header);
    (detector.version == VERSION).then_some((cause, detector))
}
