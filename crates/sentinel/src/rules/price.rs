//! A price that is away from a second source.

use std::fmt;

use bulkhead_core::{
    detectors::{oracle, price::Reading},
    fixed,
};
use bulkhead_interface::layout::PriceBreaker;

use super::{Finding, Judged, Memory};
use crate::view::View;

/// Two prices may not be further apart.
#[derive(Clone)]
pub struct Pair {
    /// The price.
    pub price: PriceBreaker,
    /// The price that it is compared with.
    pub other: PriceBreaker,
    /// The greatest distance, in basis points.
    pub max_bps: u32,
    /// A price older than this is not compared.
    pub max_age_seconds: i64,
}

impl fmt::Debug for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (price, other) = (self.price.account, self.other.account);
        write!(out, "Pair({price}, {other}, {} bps)", self.max_bps)
    }
}

fn read(source: &PriceBreaker, view: &View) -> Option<Reading> {
    let account = view.account(&source.account)?;
    oracle::read(source, &source.account, &account.owner, &account.data).ok()
}

/// The natural logarithm of a price, Q32.
fn logarithm(reading: &Reading) -> Option<i64> {
    fixed::ln(reading.price)?.checked_add(fixed::ln_of_ten_to(reading.exponent)?)
}

pub(super) fn judge(look: &Pair, view: &View) -> Judged {
    let is_fresh = |reading: &Reading| view.at.now.saturating_sub(reading.ts) <= look.max_age_seconds;
    let reading = |source: &PriceBreaker| read(source, view).filter(is_fresh);
    let distance = || {
        let (price, other) = (reading(&look.price)?, reading(&look.other)?);
        let apart = logarithm(&price)?.checked_sub(logarithm(&other)?)?.unsigned_abs();
        // Upwards by so many basis points, downwards by the same ratio.
        let most = fixed::ln(10_000 + u128::from(look.max_bps))?.checked_sub(fixed::ln(10_000)?)?;
        (apart > most.unsigned_abs()).then_some((price, other))
    };
    let findings = distance().map(|(price, other)| {
        let text = format!(
            "the price is {}e{} and the other source says {}e{}, more than {} basis points away",
            price.price, price.exponent, other.price, other.exponent, look.max_bps
        );
        Finding::about(&look.price.account, text)
    });
    Judged {
        memory: Memory::Nothing,
        findings: findings.into_iter().collect(),
    }
}
