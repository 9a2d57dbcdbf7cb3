//! What an attempt to pause offers for a compute unit.

use std::sync::Arc;

use bulkhead_client::chain::Chain;

use crate::config::Fees;

/// The same cluster, with another price of a compute unit.
pub trait Priced: Send + Sync {
    /// A chain that offers so many micro-lamports for a compute unit.
    fn at(&self, price: u64) -> Arc<dyn Chain>;
}

/// One chain at every price, for clusters without a fee market.
pub struct OnePrice(pub Arc<dyn Chain>);

impl Priced for OnePrice {
    fn at(&self, _: u64) -> Arc<dyn Chain> {
        Arc::clone(&self.0)
    }
}

/// The price of a compute unit in an attempt, in micro-lamports: each is dearer than the one before, up to the most.
#[must_use]
pub fn price_of(fees: &Fees, attempt: u64) -> u64 {
    let mut price = fees.pause_start;
    for _ in 1..attempt {
        if price >= fees.pause_most {
            break;
        }
        let rise = u128::from(price) * u128::from(fees.pause_rise_percent) / 100;
        price = price
            .saturating_add(u64::try_from(rise).unwrap_or(u64::MAX))
            .max(price.saturating_add(1));
    }
    price.min(fees.pause_most)
}
