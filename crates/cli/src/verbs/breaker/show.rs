//! Breakers as tables and as JSON.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    payload::{duration, scope},
    watch::Kind,
};
use bulkhead_core::breakers::window::{Limits, View, view};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::OutflowBreaker;
use serde_json::{Value, json};

use super::{
    super::{
        find::{BreakerAt, Site, all},
        words,
    },
    moment,
};
use crate::context::Context;

/// Lists the breakers of the domain.
pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    let site = Site::of(context).await?;
    let found: Vec<(Pubkey, OutflowBreaker)> = all(context.chain()?, Kind::OutflowBreaker, &site.key).await?;
    let shown = found.into_iter().map(|(key, breaker)| Shown::new(&site, key, breaker));
    let shown = shown.collect::<anyhow::Result<Vec<_>>>()?;
    let values: Vec<_> = shown.iter().map(Shown::json).collect();
    context.print(&values, || {
        if shown.is_empty() {
            return "no outflow breaker; `bulkhead propose open-breaker` opens one\n".into();
        }
        let head = [
            "breaker",
            "compartment",
            "shard",
            "mint",
            "may leave now",
            "limit",
            "latch",
        ];
        let rows = shown.iter().map(|each| {
            vec![
                each.key.to_string(),
                each.breaker.compartment.to_string(),
                format!("{} of {}", each.breaker.shard, each.breaker.shards),
                each.breaker.mint.to_string(),
                each.leaves().to_string(),
                each.view.limit.to_string(),
                each.latch().to_owned(),
            ]
        });
        words::table(&head, &rows.collect::<Vec<_>>())
    })
}

/// Shows one breaker.
pub(super) async fn show(at: &BreakerAt, context: &Context) -> anyhow::Result<()> {
    let (key, breaker) = at.find(context).await?;
    let site = Site::read(context.chain()?, breaker.domain).await?;
    let shown = Shown::new(&site, key, breaker)?;
    context.print(&shown.json(), || shown.text())
}

struct Shown<'a> {
    site: &'a Site,
    key: Pubkey,
    breaker: OutflowBreaker,
    view: View,
    is_paused: bool,
}

impl<'a> Shown<'a> {
    fn new(site: &'a Site, key: Pubkey, breaker: OutflowBreaker) -> anyhow::Result<Self> {
        let (moment, mask) = moment(site, breaker.compartment)?;
        Ok(Self {
            site,
            key,
            view: view(&breaker, &moment),
            is_paused: mask & WITHDRAW != 0,
            breaker,
        })
    }

    /// The most that may leave now.
    const fn leaves(&self) -> u64 {
        if self.is_paused { 0 } else { self.view.remaining }
    }

    fn latch(&self) -> &'static str {
        words::latch_name(&self.breaker.latch, self.site.board.unpaused_slot, self.site.at)
    }

    /// The limits without what a guardian has lowered, while that is in force.
    fn lowered(&self) -> Option<Limits> {
        (self.site.at.now < self.breaker.lowered_until).then(|| Limits::set_for(&self.breaker))
    }

    fn json(&self) -> Value {
        let (breaker, limits) = (&self.breaker, Limits::of(&self.breaker));
        let has_reference = breaker.reference != Pubkey::default();
        json!({
            "breaker": self.key.to_string(),
            "domain": breaker.domain.to_string(),
            "compartment": breaker.compartment,
            "shard": breaker.shard,
            "shards": breaker.shards,
            "mint": breaker.mint.to_string(),
            "authority": breaker.authority.to_string(),
            "may_leave_now": self.leaves().to_string(),
            "is_paused": self.is_paused,
            "room_in_window": self.view.in_window.to_string(),
            "room_in_slot": self.view.in_slot.to_string(),
            "limit_in_force": self.view.limit.to_string(),
            "limit": limits.limit.to_string(),
            "slot_limit": limits.slot_limit.to_string(),
            "limit_bps": limits.limit_bps,
            "slot_bps": limits.slot_bps,
            "inflow_credit": limits.inflow_credit.to_string(),
            "trip_limit": breaker.trip_limit.to_string(),
            "trip_bps": breaker.trip_bps,
            "lowered_until": self.lowered().map(|_| breaker.lowered_until),
            "limit_before_lowering": self.lowered().map(|set| set.limit.to_string()),
            "slot_limit_before_lowering": self.lowered().map(|set| set.slot_limit.to_string()),
            "window_seconds": breaker.window_seconds,
            "sub_windows": breaker.sub_windows,
            "reference": has_reference.then(|| breaker.reference.to_string()),
            "reference_min": (breaker.reference_min != u64::MAX).then(|| breaker.reference_min.to_string()),
            "outflow_in_window": breaker.outflow.to_string(),
            "queued_in_window": breaker.queued.to_string(),
            "latch": self.latch(),
            "latched_until": (self.view.latched_until != 0).then_some(self.view.latched_until),
            "latch_seconds": breaker.latch.seconds,
            "trip_scope": breaker.latch.scope,
            "breach_amount": breaker.latch.seen.to_string(),
            "breach_allowed": breaker.latch.allowed.to_string(),
        })
    }

    fn text(&self) -> String {
        let (breaker, limits, now) = (&self.breaker, Limits::of(&self.breaker), self.site.at.now);
        let mut pairs = vec![
            ("breaker", self.key.to_string()),
            (
                "meters",
                format!("{} of compartment {}", breaker.mint, breaker.compartment),
            ),
            ("shard", format!("{} of {}", breaker.shard, breaker.shards)),
            ("authority", breaker.authority.to_string()),
            ("may leave now", self.leaves().to_string()),
            (
                "room",
                format!(
                    "{} in the window, {} in the slot",
                    self.view.in_window, self.view.in_slot
                ),
            ),
            (
                "limits",
                format!(
                    "{} a window, {} a slot, all shards together",
                    limits.limit, limits.slot_limit
                ),
            ),
        ];
        if self.is_paused {
            pairs.push(("paused", "withdrawals of this compartment are closed".into()));
        }
        if let Some(set) = self.lowered() {
            let until = words::time(breaker.lowered_until, now);
            pairs.push((
                "lowered",
                format!("by a guardian from {} and {} until {until}", set.limit, set.slot_limit),
            ));
        }
        if breaker.reference != Pubkey::default() {
            let sample = if breaker.reference_min == u64::MAX {
                "not sampled yet: `bulkhead breaker reference`".to_owned()
            } else {
                format!("lowest balance {}", breaker.reference_min)
            };
            pairs.push((
                "shares",
                format!(
                    "{} bps a window, {} bps a slot of {}",
                    limits.limit_bps, limits.slot_bps, breaker.reference
                ),
            ));
            pairs.push(("reference", sample));
        }
        pairs.push(("inflow credit", limits.inflow_credit.to_string()));
        pairs.push(("trip limit", format!("{} requested in a window", breaker.trip_limit)));
        pairs.push((
            "window",
            format!("{} in {} parts", duration(breaker.window_seconds), breaker.sub_windows),
        ));
        pairs.push(("latch", self.latch().to_owned()));
        if breaker.latch.ts != 0 {
            pairs.push(("last latched", words::time(breaker.latch.ts, now)));
            pairs.push((
                "breach",
                format!("{} where {} was allowed", breaker.latch.seen, breaker.latch.allowed),
            ));
        }
        pairs.push((
            "a latch",
            format!(
                "pauses {} and lasts {}",
                scope(breaker.latch.scope),
                duration(breaker.latch.seconds)
            ),
        ));
        words::lines(&pairs)
    }
}
