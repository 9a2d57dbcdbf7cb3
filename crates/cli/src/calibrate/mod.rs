//! `bulkhead calibrate`: derives limits and thresholds from a CSV history.

mod json;
mod plot;
mod text;

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use bulkhead_calibrate::{
    BreakerSection, Input, Outliers, PriceSection, Scale, Whose, flow, parse_duration, price, read_flow, read_price,
};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// Arguments of `bulkhead calibrate`.
#[derive(Parser)]
pub struct Calibrate {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Derive the limits of an outflow breaker from `timestamp,outflow[,inflow][,balance]`
    Flow(FlowArguments),
    /// Derive the thresholds of a price breaker from `timestamp,price[,confidence]`
    Price(PriceArguments),
}

/// Arguments of both.
#[derive(Args)]
struct Common {
    /// CSV file of the history, with times in unix seconds or RFC 3339; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Minimum expected time between false trips of honest use: 180d, 26w
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    false_trip_every: i64,
    /// Confidence that the thresholds keep this time, from 0.5 to 0.99
    #[arg(long, value_name = "SHARE", default_value_t = 0.8)]
    confidence: f64,
    /// Accept a regular series that has missing rows
    #[arg(long)]
    allow_gaps: bool,
    /// Exclude outlier rows, such as an old accident or an attack
    #[arg(long, conflicts_with = "keep_outliers")]
    exclude_outliers: bool,
    /// Treat outlier rows as honest use
    #[arg(long)]
    keep_outliers: bool,
    /// Also write an SVG plot
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Also write the complete section that `bulkhead init` reads; needs the addresses below
    #[arg(long, value_name = "FILE")]
    toml: Option<PathBuf>,
    /// Compartment, for the TOML
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..64))]
    compartment: u8,
    /// Time until a latch lapses by itself, for the TOML
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "72h")]
    latch: i64,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
struct FlowArguments {
    #[command(flatten)]
    common: Common,
    /// W: window length; at most the limit leaves in any window of this length
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1h")]
    window: i64,
    /// k: number of sub-windows, 4 to 24
    #[arg(long, default_value_t = 12)]
    sub_windows: u8,
    /// Decimals of the file's amounts; 0 if they are native units already
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=18))]
    decimals: u8,
    /// Mint of the metered token, for the TOML
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    mint: Option<String>,
    /// Signer PDA of a host that keeps its own tokens, which meters its outflow, for the TOML
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address, conflicts_with = "operator")]
    authority: Option<String>,
    /// Signer PDA of the host that releases from a Bulkhead vault, for the TOML
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    operator: Option<String>,
    /// Time that a queued release of that vault waits
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1d")]
    queue: i64,
    /// Number of the ledger whose claims that vault's tokens pay after an evacuation; 255 for none
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    ledger: u8,
}

#[derive(Args)]
struct PriceArguments {
    #[command(flatten)]
    common: Common,
    /// Window of the time-weighted average price that a price is compared with
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "30m")]
    twap: i64,
    /// Pyth feed id in hex, for the TOML
    #[arg(long, value_name = "HEX", value_parser = parse_feed)]
    feed_id: Option<String>,
    /// Drift to detect soonest, in standard deviations of one return
    #[arg(long, value_name = "SIGMA", default_value_t = 1.0)]
    shift: f64,
}

/// Calibrates, and prints the result.
///
/// # Errors
/// The named error of the file or of the calibration.
pub fn run(command: &Calibrate, output: Output) -> anyhow::Result<()> {
    match &command.what {
        What::Flow(arguments) => run_flow(arguments, output),
        What::Price(arguments) => run_price(arguments, output),
    }
}

fn run_flow(arguments: &FlowArguments, output: Output) -> anyhow::Result<()> {
    let common = &arguments.common;
    common.check_files()?;
    let section = arguments.section()?;
    let history = read_flow(common.open()?, common.input(arguments.decimals)).with_context(|| common.name())?;
    let options = flow::Options {
        shape: flow::Shape::new(arguments.window, arguments.sub_windows)?,
        confidence: common.confidence,
        seed: common.seed,
        ..flow::Options::new(common.false_trip_every as f64)
    };
    let found = watched(|tick| flow::calibrate(&history, &options, tick)).with_context(|| common.name())?;
    let value = json::flow(&found, history.gaps, history.excluded);
    let rendered = output.render(&value, || {
        text::flow(&found, history.gaps, history.excluded, arguments.decimals)
    })?;
    let written = section.map(|section| section.toml(&found));
    common.write(&rendered, written.as_deref(), || plot::flow(&found, arguments.decimals))
}

fn run_price(arguments: &PriceArguments, output: Output) -> anyhow::Result<()> {
    let common = &arguments.common;
    common.check_files()?;
    let section = arguments.section()?;
    let history = read_price(common.open()?, common.input(0)).with_context(|| common.name())?;
    let options = price::Options {
        twap_seconds: arguments.twap,
        shift: arguments.shift,
        confidence: common.confidence,
        seed: common.seed,
        ..price::Options::new(common.false_trip_every as f64)
    };
    let found = watched(|tick| price::calibrate(&history, &options, tick)).with_context(|| common.name())?;
    let value = json::price(&found, history.gaps, history.excluded);
    let rendered = output.render(&value, || text::price(&found, history.gaps, history.excluded))?;
    let written = section.map(|section| section.toml(&found));
    common.write(&rendered, written.as_deref(), || plot::price(&found))
}

impl FlowArguments {
    /// The section to write, if any. An incomplete section would be useless to `init`.
    fn section(&self) -> anyhow::Result<Option<BreakerSection>> {
        let common = &self.common;
        if common.toml.is_none() {
            return Ok(None);
        }
        let whose = match (&self.authority, &self.operator) {
            (Some(authority), _) => Some(Whose::Meter {
                authority: authority.clone(),
            }),
            (_, Some(operator)) => Some(Whose::Vault {
                operator: operator.clone(),
                queue_seconds: self.queue,
                ledger: self.ledger,
            }),
            _ => None,
        };
        let (mint, whose) = self.mint.clone().zip(whose).context(
            "MissingAddress: --toml writes a complete section for `init`: give --mint, and --operator for a vault or --authority \
             for a host that keeps its own tokens",
        )?;
        Ok(Some(BreakerSection {
            compartment: common.compartment,
            mint,
            whose,
            latch_seconds: common.latch,
        }))
    }
}

impl PriceArguments {
    /// The section to write, if any.
    fn section(&self) -> anyhow::Result<Option<PriceSection>> {
        let common = &self.common;
        if common.toml.is_none() {
            return Ok(None);
        }
        let feed_id = self
            .feed_id
            .clone()
            .context("MissingFeed: --toml writes a complete section for `init`: give --feed-id")?;
        Ok(Some(PriceSection {
            compartment: common.compartment,
            feed_id,
            latch_seconds: common.latch,
        }))
    }
}

fn parse_address(text: &str) -> Result<String, String> {
    let address: Result<anchor_lang::prelude::Pubkey, _> = text.parse();
    address
        .map(|address| address.to_string())
        .map_err(|_| format!("NotAnAddress: `{text}`; an address is 32 bytes in base58"))
}

fn parse_feed(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(digits.to_ascii_lowercase());
    }
    Err(format!(
        "NotAFeed: `{text}`; a feed id is 64 hexadecimal digits, as Pyth lists it"
    ))
}

impl Common {
    fn name(&self) -> String {
        self.csv.display().to_string()
    }

    fn open(&self) -> anyhow::Result<Box<dyn Read>> {
        if self.csv == Path::new("-") {
            return Ok(Box::new(io::stdin().lock()));
        }
        let file = File::open(&self.csv)
            .with_context(|| format!("NotReadable: {}; give the path of a CSV file", self.name()))?;
        Ok(Box::new(file))
    }

    /// Checks that no output file overwrites an input file, and that no two outputs have the same file.
    fn check_files(&self) -> anyhow::Result<()> {
        let place = |file: &Path| fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let all = [Some(&self.csv), self.toml.as_ref(), self.plot.as_ref()];
        let mut seen = std::collections::BTreeSet::new();
        for file in all
            .into_iter()
            .flatten()
            .filter(|file| file.as_path() != Path::new("-"))
        {
            anyhow::ensure!(
                seen.insert(place(file)),
                "SameFile: {} is named twice; choose another output file",
                file.display()
            );
        }
        self.check_plot()
    }

    const fn input(&self, decimals: u8) -> Input {
        Input {
            outliers: match (self.exclude_outliers, self.keep_outliers) {
                (true, _) => Outliers::Exclude,
                (_, true) => Outliers::Keep,
                _ => Outliers::Refuse,
            },
            allow_gaps: self.allow_gaps,
            scale: Scale(decimals),
        }
    }

    /// Checked before any long computation starts.
    fn check_plot(&self) -> anyhow::Result<()> {
        let Some(file) = &self.plot else { return Ok(()) };
        let is_svg = file
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
        anyhow::ensure!(
            is_svg,
            "UnknownPlotFormat: {}; plots are SVG, so name the file .svg (a browser opens and converts it)",
            file.display()
        );
        Ok(())
    }

    fn write(
        &self,
        rendered: &str,
        section: Option<&str>,
        plot: impl FnOnce() -> Option<String>,
    ) -> anyhow::Result<()> {
        crate::output::print(rendered)?;
        if let Some((file, section)) = self.toml.as_ref().zip(section) {
            save(file, section, "section")?;
        }
        if let Some(file) = &self.plot {
            let drawn = plot().context("PlotFailed: the plot could not be drawn")?;
            save(file, &drawn, "plot")?;
        }
        Ok(())
    }
}

fn save(file: &Path, text: &str, what: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("NotWritable: {}", file.display()))?;
    crate::output::note(&format!("{what}: {}", file.display()));
    Ok(())
}

/// Runs with a progress bar on standard error, if standard error is a terminal.
fn watched<T>(work: impl FnOnce(&mut dyn FnMut(&'static str, f64)) -> T) -> T {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg:<28} {wide_bar:.green} {percent:>3} %") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    let result = work(&mut |part, share| {
        bar.set_message(part);
        bar.set_position((share * 100.0) as u64);
    });
    bar.finish_and_clear();
    result
}
