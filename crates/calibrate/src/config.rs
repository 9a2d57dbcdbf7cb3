//! The results, as sections of the file that `bulkhead init` reads.

use std::fmt::Write;

use crate::{flow, number::duration, price};

/// Parameters of an outflow breaker besides its limits.
#[derive(Clone, Debug)]
pub struct BreakerSection {
    /// Compartment it meters.
    pub compartment: u8,
    /// Token it meters.
    pub mint: String,
    /// Who calls it.
    pub whose: Whose,
    /// How long a latch queues every outflow by itself.
    pub latch_seconds: i64,
}

/// The caller of a breaker.
#[derive(Clone, Debug)]
pub enum Whose {
    /// A host that keeps its own tokens: its signer PDA.
    Meter {
        /// Who may meter.
        authority: String,
    },
    /// A vault of Bulkhead.
    Vault {
        /// The host's signer PDA that may request releases.
        operator: String,
        /// How long a queued release waits.
        queue_seconds: i64,
        /// Number of the ledger whose claims its tokens pay after an evacuation.
        ledger: u8,
    },
}

/// Parameters of a price breaker besides its thresholds.
#[derive(Clone, Debug)]
pub struct PriceSection {
    /// Compartment whose price it watches.
    pub compartment: u8,
    /// Pyth's feed id, in hexadecimal.
    pub feed_id: String,
    /// How long a latch lasts by itself.
    pub latch_seconds: i64,
}

impl BreakerSection {
    /// A `[[breakers]]` section, or a `[[vaults]]` section with its breaker: everything that `init` needs for it.
    #[must_use]
    pub fn toml(&self, found: &flow::Calibration) -> String {
        let mut text = String::new();
        let shape = found.options.shape;
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "# Written by `bulkhead calibrate flow`: honest use waits at most once in {}, from {} of history.\n\
             {}trip_scope = \"domain\"\nsub_windows = {}\nwindow_seconds = {}\n\
             limit = {}\nslot_limit = {}\n\
             # It latches when more than this is requested in a window and has to wait.\ntrip_limit = {}\n\
             latch_seconds = {}\n{}",
            duration(found.options.every),
            duration(found.span),
            self.head(),
            shape.sub_windows,
            shape.window_seconds,
            amount(found.window.limit),
            amount(found.slot.limit),
            amount(found.trip_limit),
            self.latch_seconds,
            shares(found),
        );
        text
    }

    fn head(&self) -> String {
        let (mint, compartment) = (&self.mint, self.compartment);
        match &self.whose {
            Whose::Meter { authority } => {
                format!("[[breakers]]\ncompartment = {compartment}\nmint = \"{mint}\"\nauthority = \"{authority}\"\n")
            }
            Whose::Vault {
                operator,
                queue_seconds,
                ledger,
            } => format!(
                "[[vaults]]\nmint = \"{mint}\"\ncompartment = {compartment}\noperator = \"{operator}\"\n\
                 queue_seconds = {queue_seconds}\nledger = {ledger}\n\n[vaults.breaker]\n"
            ),
        }
    }
}

/// The same limits as shares of the smallest balance in the history, rounded up, for hosts whose limits should shrink
/// with their funds.
fn shares(found: &flow::Calibration) -> String {
    let Some(balance) = found.least_balance.filter(|balance| *balance > 0) else {
        return String::new();
    };
    let share = |limit: u64| (limit as f64 / balance as f64 * 1e4).ceil().clamp(1.0, 1e4) as u16;
    format!(
        "# limit_bps = {}   # with reference = \"...\": the same limits as shares of the smallest balance in the history\n\
         # slot_bps = {}\n",
        share(found.window.limit),
        share(found.slot.limit)
    )
}

/// TOML integers are signed. A value that does not fit is written as a string, which is read in the same way.
fn amount(native: u64) -> String {
    if i64::try_from(native).is_ok() {
        return native.to_string();
    }
    format!("\"{native}\"")
}

impl PriceSection {
    /// A `[[price_breakers]]` section.
    #[must_use]
    pub fn toml(&self, found: &price::Calibration) -> String {
        let milli = |value: f64| (value * 1e3).round() as u64;
        let rules = &found.rules;
        let mut text = String::new();
        let _ = write!(
            text,
            "# Written by `bulkhead calibrate price`: at most one false trip in {}, from {} of history.\n\
             [[price_breakers]]\ncompartment = {}\n{}\
             trip_scope = \"domain\"\nlatch_seconds = {}\n\
             # Updates must not come more often than in the history, because thresholds count updates.\n\
             min_interval_seconds = {}\nmax_age_seconds = {}\nmax_confidence_bps = {}\nwarmup = {}\n\
             twap_seconds = {}\ndeviation_bps = {}\ntau_seconds = {}\nfloor_ppm = {}\ncap_ppm = {}\nz_milli = {}\n\
             cusum_h_milli = {}\ncusum_k_milli = {}\ncusum_clip_milli = {}\n",
            duration(found.options.every),
            duration(found.span),
            self.compartment,
            format_args!("pyth = {{ feed_id = \"{}\" }}\n", self.feed_id),
            self.latch_seconds,
            found.step,
            (3 * found.step).clamp(30, 86_400),
            found.confidence_bps,
            found.warmup,
            rules.twap_seconds,
            found.deviation_bps(),
            rules.tau_seconds as u64,
            found.floor_ppm,
            found.cap_ppm,
            milli(rules.z),
            milli(rules.h),
            milli(rules.k),
            milli(rules.clip),
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_beyond_signed_numbers_are_text() {
        assert_eq!(amount(5), "5");
        assert_eq!(amount(u64::MAX), "\"18446744073709551615\"");
    }
}
