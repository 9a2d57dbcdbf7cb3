//! Insurance pools: what they hold, what they hold back, and until when exits are closed.

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::{constants::insurance_flag, layout::InsurancePool};
use serde::Serialize;

use super::{json, seen::Seen};

/// An insurance pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InsuranceStatus {
    /// The pool.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Number of the ledger.
    pub ledger: u8,
    /// Its order of loss.
    pub order: u8,
    /// Decimals of the token.
    pub decimals: u8,
    /// What its shares are worth, the reserve included.
    #[serde(serialize_with = "json::amount")]
    pub assets: u64,
    /// What stated shortfalls may still take.
    #[serde(serialize_with = "json::amount")]
    pub reserve: u64,
    /// Largest part of the assets that one restoration takes, in bps.
    pub cap_bps: u16,
    /// Incidents that it was not told of.
    pub unnoted: u64,
    /// When exits are open again at the latest, if an incident keeps them closed.
    pub closed_until: Option<i64>,
    /// When announced terms apply at the earliest.
    pub terms_from: Option<i64>,
}

pub(super) fn pools(seen: &Seen) -> Vec<InsuranceStatus> {
    let mut all = seen.accounts.all::<InsurancePool>();
    all.sort_by_key(|(_, pool)| (pool.ledger_index, pool.order));
    let of = |(key, pool): (Pubkey, InsurancePool)| {
        let has = |flag| pool.flags & flag != 0;
        let is_closed = pool.incident != Pubkey::default() && !has(insurance_flag::COVERED);
        InsuranceStatus {
            key,
            ledger: pool.ledger_index,
            order: pool.order,
            decimals: pool.decimals,
            assets: pool.assets,
            reserve: pool.reserve,
            cap_bps: pool.terms.cap_bps,
            unnoted: seen.domain.incident_count.saturating_sub(pool.next_incident),
            closed_until: (is_closed && seen.at.now < pool.freeze_end_ts).then_some(pool.freeze_end_ts),
            terms_from: has(insurance_flag::TERMS_ANNOUNCED).then_some(pool.terms_ts),
        }
    };
    all.into_iter().map(of).collect()
}
