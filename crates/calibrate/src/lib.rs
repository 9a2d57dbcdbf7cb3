//! Limits and thresholds from a protocol's own history.
//!
//! A false alarm costs liquidity; a late alarm costs everything. The starting point is a target: the expected time
//! between false trips of honest use. From it the crate derives the delay and the loss when an attack comes. Each
//! threshold is found twice: by a formula from the literature, named where it is used, and by running the detector
//! itself over resampled history. The more conservative of the two is used.
//!
//! Everything random is drawn from a seed, and nothing reads the clock: the same file gives the same result.
#![deny(missing_docs)]

mod config;
mod extremes;
pub mod flow;
mod input;
mod number;
pub mod price;
mod random;
pub mod samples;
mod stats;

pub use {
    config::{BreakerSection, PriceSection, Whose},
    extremes::{Band, Peaks, Tail, TailError},
    input::{Flow, FlowRow, Input, InputError, Outliers, Price, PriceRow, Scale, read_flow, read_price},
    number::{duration, parse_duration},
    random::Random,
};

/// Why nothing could be calibrated.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// A parameter is outside what the program accepts.
    #[error("ParameterOutOfRange: {what} must be {allowed}, not {given}")]
    ParameterOutOfRange {
        /// The parameter.
        what: &'static str,
        /// The accepted values.
        allowed: String,
        /// The value given.
        given: String,
    },
    /// The history does not cover enough windows.
    #[error("HistoryTooShort: {have} of history; at least {need} are needed, so export more or take a shorter window")]
    HistoryTooShort {
        /// Its length.
        have: String,
        /// The required length.
        need: String,
    },
    /// There is no tail to extrapolate from.
    #[error("TooFewPeaks: {0}")]
    TooFewPeaks(#[from] TailError),
    /// Formula and simulation disagree.
    #[error(
        "MethodsDisagree: the {what} is {formula:.0} by closed form and {simulated:.0} by simulation, more than a factor of two \
         apart; the history mixes several kinds of use, or contains an accident: check its largest rows, or \
         calibrate on a part of it"
    )]
    MethodsDisagree {
        /// The limit concerned.
        what: &'static str,
        /// The upper end of the closed form's band.
        formula: f64,
        /// The value by simulation.
        simulated: f64,
    },
    /// The data never change.
    #[error("NothingHappens: {0}")]
    NothingHappens(&'static str),
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
