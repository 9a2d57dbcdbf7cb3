//! Price breakers.

use bulkhead_client::bulkhead::instructions::{OpenPriceBreakerArgs, PriceRulesConfig, PriceSource};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    breaker::Compartment,
    value::{Hex, Key, Scope, Seconds, Whole, Word},
};

/// A breaker that looks at a price. A rule that is 0 is none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceBreaker {
    /// Compartment whose price it is.
    compartment: Compartment,
    /// What a latch closes: `"domain"`, or the number of a compartment.
    #[serde(default)]
    trip_scope: Scope,
    /// How long a latch lasts by itself.
    latch_seconds: Seconds,
    /// A feed of Pyth's; this or `host`.
    pyth: Option<Pyth>,
    /// An account of a host's; this or `pyth`.
    host: Option<Host>,
    /// Older prices say nothing.
    max_age_seconds: Word,
    /// Neither do those from further ahead.
    #[serde(default = "max_ahead")]
    max_ahead_seconds: Word,
    /// Updates that come sooner are passed over.
    #[serde(default = "min_interval")]
    min_interval_seconds: Word,
    /// Without a price for so long it trips.
    #[serde(default = "none")]
    stale_seconds: Word,
    /// A source less sure than this trips it.
    #[serde(default = "none")]
    max_confidence_bps: Word,
    /// Updates before it trips on what it has learnt.
    #[serde(default = "none")]
    warmup: Word,
    /// Distance from the average that trips it.
    #[serde(default = "none")]
    deviation_bps: Word,
    /// Length of that average.
    #[serde(default = "none")]
    twap_seconds: Word,
    /// How fast the variance forgets.
    #[serde(default = "none")]
    tau_seconds: Word,
    /// The least that volatility is taken for.
    #[serde(default = "none")]
    floor_ppm: Word,
    /// And the most.
    #[serde(default = "none")]
    cap_ppm: Word,
    /// Standard deviations of a jump that trips it, in thousandths.
    #[serde(default = "none")]
    z_milli: Word,
    /// Threshold of the CUSUM, in thousandths.
    #[serde(default = "none")]
    cusum_h_milli: Word,
    /// Its slack.
    #[serde(default = "none")]
    cusum_k_milli: Word,
    /// The most that one update adds.
    #[serde(default = "none")]
    cusum_clip_milli: Word,
}

/// A feed of Pyth's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pyth {
    /// Its id.
    feed_id: Hex<32, 32>,
    /// The one account it is read from; any of Pyth's where nothing is said.
    account: Option<Key>,
}

/// A price in a host's account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The account.
    account: Key,
    /// Program it belongs to.
    program: Key,
    /// Where the price is.
    price_offset: Word,
    /// Its bytes.
    #[serde(default = "width")]
    width: Whole<u8, 8, 16>,
    /// Can it be negative?
    #[serde(default)]
    is_signed: bool,
    /// The price is times ten to this.
    exponent: i32,
    /// Where its time is.
    time_offset: Word,
    /// Where its confidence is; none where nothing is said.
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
    /// Which keys go together, as the schema has it; [`Self::args`] says the same.
    pub fn together() -> Value {
        json!({ "oneOf": [{ "required": ["pyth"] }, { "required": ["host"] }] })
    }

    /// What the program is told.
    ///
    /// # Errors
    /// The key that does not go with the others, and why.
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
