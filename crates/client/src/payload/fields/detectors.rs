//! The fields that detectors have in common, and those of a price breaker.

use bulkhead::instructions::*;

use super::Fields;
use crate::payload::words::{hex, scope};

impl Fields {
    pub(super) fn trip(&mut self, compartment: u8, trip_scope: u8, latch_seconds: i64) {
        self.number("compartment", compartment);
        self.text("trip_scope", scope(trip_scope));
        self.seconds("latch_seconds", latch_seconds);
    }

    pub(super) fn price_source(&mut self, source: PriceSource) {
        match source {
            PriceSource::Pyth { feed_id, account } => {
                self.text("feed_id", hex(&feed_id));
                self.text("account", account.map_or("any".to_owned(), |key| key.to_string()));
            }
            PriceSource::Host {
                account,
                program,
                price_offset,
                width,
                is_signed,
                exponent,
                time_offset,
                confidence_offset,
            } => {
                self.key("account", account);
                self.key("program", program);
                self.number("price_offset", price_offset);
                self.number("width", width);
                self.text("is_signed", is_signed.to_string());
                self.text("exponent", exponent.to_string());
                self.number("time_offset", time_offset);
                let none = || "none".to_owned();
                self.text(
                    "confidence_offset",
                    confidence_offset.map_or_else(none, |at| at.to_string()),
                );
            }
        }
    }

    pub(super) fn price_rules(&mut self, rules: PriceRulesConfig) {
        let PriceRulesConfig {
            max_age_seconds,
            max_ahead_seconds,
            min_interval_seconds,
            stale_seconds,
            max_confidence_bps,
            warmup,
            deviation_bps,
            twap_seconds,
            tau_seconds,
            floor_ppm,
            cap_ppm,
            z_milli,
            cusum_h_milli,
            cusum_k_milli,
            cusum_clip_milli,
        } = rules;
        self.seconds("max_age_seconds", i64::from(max_age_seconds));
        self.seconds("max_ahead_seconds", i64::from(max_ahead_seconds));
        self.seconds("min_interval_seconds", i64::from(min_interval_seconds));
        self.seconds("stale_seconds", i64::from(stale_seconds));
        self.number("max_confidence_bps", max_confidence_bps);
        self.number("warmup", warmup);
        self.number("deviation_bps", deviation_bps);
        self.seconds("twap_seconds", i64::from(twap_seconds));
        self.seconds("tau_seconds", i64::from(tau_seconds));
        self.number("floor_ppm", floor_ppm);
        self.number("cap_ppm", cap_ppm);
        self.number("z_milli", z_milli);
        self.number("cusum_h_milli", cusum_h_milli);
        self.number("cusum_k_milli", cusum_k_milli);
        self.number("cusum_clip_milli", cusum_clip_milli);
    }
}
