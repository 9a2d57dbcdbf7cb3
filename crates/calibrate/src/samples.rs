//! Sample histories for trying the tools. They are synthetic: drawn from a seed, modelled on typical lending pools and
//! liquid tokens, and of no existing protocol.

use std::fmt::Write;

use crate::{
    input::{Flow, FlowRow, Price, PriceRow},
    random::Random,
};

/// Monday, 2 February 2026, 00:00 UTC.
pub const START: i64 = 1_769_990_400;
const DAY: i64 = 86_400;

/// Parameters of synthetic honest flow.
#[derive(Clone, Copy, Debug)]
pub struct FlowShape {
    /// Number of days.
    pub days: i64,
    /// Seconds between rows.
    pub step: i64,
    /// Withdrawals per hour, in a mean hour of a mean day.
    pub withdrawals: f64,
    /// Typical size of a withdrawal. Native units.
    pub size: f64,
    /// Tail index of the sizes. The smaller it is, the heavier the tail.
    pub tail: f64,
    /// Maximum factor by which a rush multiplies the number of withdrawals.
    pub rush: f64,
}

impl Default for FlowShape {
    fn default() -> Self {
        Self {
            days: 90,
            step: 600,
            withdrawals: 40.0,
            size: 2_500e6,
            tail: 3.5,
            rush: 4.0,
        }
    }
}

/// Honest flow with a daily and a weekly rhythm, quiet days, rushes of about an hour, and few very large withdrawals.
#[must_use]
pub fn flow(shape: &FlowShape, seed: u64) -> Flow {
    let mut random = Random::new(seed);
    let mut rows = Vec::new();
    let mut balance = 60e6 * 1e6;
    let (mut rush, mut rush_left) = (1.0, 0i64);
    let mut mood = 1.0;
    for i in 0..shape.days * DAY / shape.step {
        let ts = START + i * shape.step;
        let (day, second) = ((ts - START).div_euclid(DAY), (ts - START).rem_euclid(DAY));
        if second == 0 {
            // One day in twelve is quiet.
            let quiet = if random.uniform() < 1.0 / 12.0 { 0.15 } else { 1.0 };
            mood = quiet * (0.25 * random.normal()).exp();
        }
        if rush_left <= 0 {
            rush = 1.0;
            // About one rush in three days.
            if random.uniform() < shape.step as f64 / (3 * DAY) as f64 {
                rush = 1.0 + (shape.rush - 1.0) * random.uniform();
                rush_left = (1_800.0 + 5_400.0 * random.exponential().min(3.0)) as i64;
            }
        }
        rush_left -= shape.step;
        let clock = (second as f64 / DAY as f64 - 0.625) * std::f64::consts::TAU;
        let weekend = if day % 7 >= 5 { 0.55 } else { 1.0 };
        let pace = (1.0 + 0.6 * clock.cos()) * weekend * mood * rush;
        let count = random.poisson(shape.withdrawals * shape.step as f64 / 3_600.0 * pace);
        let outflow: f64 = (0..count).map(|_| size(shape, &mut random)).sum();
        let count = random.poisson(shape.withdrawals * shape.step as f64 / 3_600.0 * pace / rush);
        // Deposits bring the balance back to its starting value.
        let pull: f64 = 1.15 + 0.6 * (1.0 - balance / 60e12);
        let inflow: f64 = (0..count).map(|_| pull.max(0.1) * size(shape, &mut random)).sum();
        let (outflow, inflow) = (outflow.min(balance * 0.5).floor(), inflow.floor());
        balance += inflow - outflow;
        rows.push(FlowRow {
            ts,
            outflow: outflow as u64,
            inflow: inflow as u64,
            balance: Some(balance as u64),
        });
    }
    Flow {
        rows,
        step: shape.step,
        gaps: 0,
        excluded: 0,
    }
}

/// One withdrawal: log-normal in the middle of the distribution, Pareto at the top.
fn size(shape: &FlowShape, random: &mut Random) -> f64 {
    let typical = shape.size * random.normal().exp();
    if random.uniform() < 0.02 {
        typical.max(shape.size) * random.uniform().powf(-1.0 / shape.tail) * 4.0
    } else {
        typical
    }
}

/// Parameters of synthetic prices.
#[derive(Clone, Copy, Debug)]
pub struct PriceShape {
    /// Number of days.
    pub days: i64,
    /// Seconds between rows.
    pub step: i64,
    /// Volatility per day.
    pub volatility: f64,
    /// Half the degrees of freedom of the innovations. 4 is a Student's t with 8.
    pub half_freedom: u32,
}

impl Default for PriceShape {
    fn default() -> Self {
        Self {
            days: 30,
            step: 60,
            volatility: 0.035,
            half_freedom: 3,
        }
    }
}

/// Prices with clustered volatility: GARCH(1,1) (Bollerslev, Journal of Econometrics 31, 1986) with Student innovations
/// and a daily rhythm. Starts at 142.
#[must_use]
pub fn price(shape: &PriceShape, seed: u64) -> Price {
    // Persistence of half a day, independent of the step.
    let (alpha, persistence) = (0.02, 1.0 - shape.step as f64 / (0.5 * DAY as f64));
    let mut random = Random::new(seed);
    let mean = shape.volatility.powi(2) * shape.step as f64 / DAY as f64;
    let (mut variance, mut log_price) = (mean, 142f64.ln());
    let mut rows = Vec::new();
    for i in 0..shape.days * DAY / shape.step {
        let ts = START + i * shape.step;
        let clock = (ts.rem_euclid(DAY) as f64 / DAY as f64 - 0.625) * std::f64::consts::TAU;
        let rhythm = 1.0 + 0.25 * clock.cos();
        let innovation = random.student(shape.half_freedom);
        let step = (variance.sqrt() * rhythm * innovation).clamp(-0.2, 0.2);
        variance = mean * (1.0 - persistence) + variance * (persistence - alpha + alpha * innovation * innovation);
        log_price += step;
        let price = log_price.exp();
        let confidence = price * (0.000_2 + 1.5 * (variance).sqrt() * (0.5 + random.uniform()) * 0.4);
        rows.push(PriceRow {
            ts,
            // Rounded as written, so that the file and the series are identical.
            price: (price * 1e4).round() / 1e4,
            confidence: Some((confidence * 1e4).round() / 1e4),
        });
    }
    Price {
        rows,
        step: shape.step,
        gaps: 0,
        excluded: 0,
    }
}

/// `flow.csv`: 90 days in rows of ten minutes, native units of a token with six decimals.
#[must_use]
pub fn flow_csv() -> String {
    let mut text = String::from("timestamp,outflow,inflow,balance\n");
    for row in flow(&FlowShape::default(), 20_260_202).rows {
        let balance = row.balance.unwrap_or(0);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{},{},{},{balance}", row.ts, row.outflow, row.inflow);
    }
    text
}

/// `price.csv`: 30 days of minutes.
#[must_use]
pub fn price_csv() -> String {
    let mut text = String::from("timestamp,price,confidence\n");
    for row in price(&PriceShape::default(), 20_260_202).rows {
        let confidence = row.confidence.unwrap_or(0.0);
        let _ = writeln!(text, "{},{:.4},{confidence:.4}", row.ts, row.price);
    }
    text
}
