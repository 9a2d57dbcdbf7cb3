//! Price breakers.

use bulkhead_client::bulkhead::instructions::{OpenPriceBreakerArgs, PriceRulesConfig, PriceSource};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    breaker::Compartment,
    value::{Hex, Key, Scope, Seconds, Whole, Word},
};

/// A breaker that observes a price. 0 disables a rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceBreaker {
    /// Compartment that the price belongs to.
    compartment: Compartment,
    /// Scope that a latch closes: `"domain"` or a compartment number.
    #[serde(default)]
    trip_scope: Scope,
    /// Time until a latch lapses by itself.
    latch_seconds: Seconds,
    /// A Pyth feed; exactly one of this and `host`.
    pyth: Option<Pyth>,
    /// A price account of the host; exactly one of this and `pyth`.
    host: Option<Host>,
    /// Older prices are ignored.
    max_age_seconds: Word,
    /// Prices from further in the future are ignored.
    #[serde(default = "max_ahead")]
    max_ahead_seconds: Word,
    /// Updates that arrive sooner after the last one are skipped.
    #[serde(default = "min_interval")]
    min_interval_seconds: Word,
    /// Time without a price after which the breaker trips.
    #[serde(default = "none")]
    stale_seconds: Word,
    /// A wider confidence interval trips the breaker.
    #[serde(default = "none")]
    max_confidence_bps: Word,
    /// Number of updates before the statistical rules can trip.
    #[serde(default = "none")]
    warmup: Word,
    /// Distance from the time-weighted average price that trips the breaker.
    #[serde(default = "none")]
    deviation_bps: Word,
    /// Length of the window of that average.
    #[serde(default = "none")]
    twap_seconds: Word,
    /// Time constant of the variance.
    #[serde(default = "none")]
    tau_seconds: Word,
    /// Lower bound of the volatility.
    #[serde(default = "none")]
    floor_ppm: Word,
    /// Upper bound of the volatility.
    #[serde(default = "none")]
    cap_ppm: Word,
    /// Size of a jump that trips the breaker, in thousandths of a standard deviation.
    #[serde(default = "none")]
    z_milli: Word,
    /// Threshold of the CUSUM, in thousandths.
    #[serde(default = "none")]
    cusum_h_milli: Word,
    /// Slack of the CUSUM, in thousandths.
    #[serde(default = "none")]
    cusum_k_milli: Word,
    /// Maximum that one update adds to the CUSUM, in thousandths.
    #[serde(default = "none")]
    cusum_clip_milli: Word,
}

/// A Pyth feed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pyth {
    /// Id of the feed.
    feed_id: Hex<32, 32>,
    /// The only account that the feed is read from; by default any Pyth account of the feed.
    account: Option<Key>,
}

/// A price in an account of the host.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Address of the account.
    account: Key,
    /// Program that owns the account.
    program: Key,
    /// Offset of the price.
    price_offset: Word,
    /// Width in bytes.
    #[serde(default = "width")]
    width: Whole<u8, 8, 16>,
    /// Is the price a signed integer?
    #[serde(default)]
    is_signed: bool,
    /// Decimal exponent: the price is multiplied by ten to this power.
    exponent: i32,
    /// Offset of the timestamp.
    time_offset: Word,
    /// Offset of the confidence interval; by default there is none.
    confidence_offset: Option<Word>,
}

const fn max_ahead() -> Word {
    Whole(30)
}

const fn min_interval() -> Word {
    Whole(1)
}

const fn none() -> Word {
    Whole(0)
}

const fn width() -> Whole<u8, 8, 16> {
    Whole(8)
}

impl PriceBreaker {
    /// The combinations of keys that the schema allows; [`Self::args`] enforces the same.
    pub fn together() -> Value {
        json!({ "oneOf": [{ "required": ["pyth"] }, { "required": ["host"] }] })
    }

    /// Converts to the program's arguments.
    ///
    /// # Errors
    /// The conflicting key and the reason.
    pub fn args(self) -> Result<OpenPriceBreakerArgs, (&'static str, &'static str)> {
        let source = match (self.pyth, self.host) {
            (Some(pyth), None) => pyth.into(),
            (None, Some(host)) => host.into(),
            _ => {
                let wanted = "needs a source: either pyth = { feed_id = \"...\" } or a host table";
                return Err(("pyth", wanted));
            }
        };
        Ok(OpenPriceBreakerArgs {
            compartment: self.compartment.0,
            trip_scope: self.trip_scope.0,
            latch_seconds: self.latch_seconds.0,
            source,
            rules: PriceRulesConfig {
                max_age_seconds: self.max_age_seconds.0,
                max_ahead_seconds: self.max_ahead_seconds.0,
                min_interval_seconds: self.min_interval_seconds.0,
                stale_seconds: self.stale_seconds.0,
                max_confidence_bps: self.max_confidence_bps.0,
                warmup: self.warmup.0,
                deviation_bps: self.deviation_bps.0,
                twap_seconds: self.twap_seconds.0,
                tau_seconds: self.tau_seconds.0,
                floor_ppm: self.floor_ppm.0,
                cap_ppm: self.cap_ppm.0,
                z_milli: self.z_milli.0,
                cusum_h_milli: self.cusum_h_milli.0,
                cusum_k_milli: self.cusum_k_milli.0,
                cusum_clip_milli: self.cusum_clip_milli.0,
            },
        })
    }
}

impl From<Pyth> for PriceSource {
    fn from(pyth: Pyth) -> Self {
        let mut feed_id = [0; 32];
        for (to, from) in feed_id.iter_mut().zip(pyth.feed_id.0) {
            *to = from;
        }
        Self::Pyth {
            feed_id,
            account: pyth.account.map(|key| key.0),
        }
    }
}

impl From<Host> for PriceSource {
    fn from(host: Host) -> Self {
        Self::Host {
            account: host.account.0,
            program: host.program.0,
            price_offset: host.price_offset.0,
            width: host.width.0,
            is_signed: host.is_signed,
            exponent: host.exponent,
            time_offset: host.time_offset.0,
            confidence_offset: host.confidence_offset.map(|offset| offset.0),
        }
    }
}
