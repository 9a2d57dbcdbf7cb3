//! `bulkhead calibrate`: limits and thresholds from a CSV of history.

mod json;
mod plot;
mod text;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use bulkhead_calibrate::{
    BreakerSection, Input, PriceSection, Scale, flow, parse_duration, price, read_flow, read_price,
};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// What `bulkhead calibrate` takes.
#[derive(Parser)]
pub struct Calibrate {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The limits of an outflow breaker, from `timestamp,outflow[,inflow][,balance]`
    Flow(FlowArguments),
    /// The thresholds of a price breaker, from `timestamp,price[,confidence]`
    Price(PriceArguments),
}

/// What both have in common.
#[derive(Args)]
struct Common {
    /// The history; times in unix seconds or RFC 3339
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Expected time between false trips of honest use, at least: 180d, 26w
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    false_trip_every: i64,
    /// How sure the thresholds are to keep that, from 0.5 to 0.99
    #[arg(long, value_name = "SHARE", default_value_t = 0.8)]
    confidence: f64,
    /// Take a regular series with missing rows as it is
    #[arg(long)]
    allow_gaps: bool,
    /// Also draw it, as SVG
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Also write the section that `bulkhead init` reads
    #[arg(long, value_name = "FILE")]
    toml: Option<PathBuf>,
    /// Compartment, for the TOML
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..64))]
    compartment: u8,
    /// How long a latch lasts by itself, for the TOML
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "72h")]
    latch: i64,
    /// Of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Args)]
struct FlowArguments {
    #[command(flatten)]
    common: Common,
    /// W: at most the limit leaves in any time of this length
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1h")]
    window: i64,
    /// k: parts the window is cut into, 4 to 24
    #[arg(long, default_value_t = 12)]
    sub_windows: u8,
    /// Digits behind the point of the file's amounts; 0 when they are native units already
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=18))]
    decimals: u8,
    /// Token that is metered, for the TOML
    #[arg(long, value_name = "ADDRESS")]
    mint: Option<String>,
    /// Who meters: the host's signer PDA, for the TOML
    #[arg(long, value_name = "ADDRESS")]
    authority: Option<String>,
}

#[derive(Args)]
struct PriceArguments {
    #[command(flatten)]
    common: Common,
    /// Window of the time-weighted mean that a price is compared with
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "30m")]
    twap: i64,
    /// Pyth's feed in hex, for the TOML
    #[arg(long, value_name = "HEX")]
    feed_id: Option<String>,
    /// Drift to find soonest, in standard deviations of one return
    #[arg(long, value_name = "SIGMA", default_value_t = 1.0)]
    shift: f64,
}

/// Calibrates, and tells what was found.
///
/// # Errors
/// The named error of the file or of the calibration.
pub fn run(command: &Calibrate) -> anyhow::Result<()> {
    match &command.what {
        What::Flow(arguments) => run_flow(arguments),
        What::Price(arguments) => run_price(arguments),
    }
}

fn run_flow(arguments: &FlowArguments) -> anyhow::Result<()> {
    let common = &arguments.common;
    common.check_plot()?;
    let history = read_flow(common.open()?, common.input(arguments.decimals)).with_context(|| common.name())?;
    let options = flow::Options {
        shape: flow::Shape::new(arguments.window, arguments.sub_windows)?,
        confidence: common.confidence,
        seed: common.seed,
        ..flow::Options::new(common.false_trip_every as f64)
    };
    let found = watched(|tick| flow::calibrate(&history, &options, tick)).with_context(|| common.name())?;
    let section = BreakerSection {
        compartment: common.compartment,
        mint: arguments.mint.clone(),
        authority: arguments.authority.clone(),
        latch_seconds: common.latch,
    };
    let told = match common.output {
        Output::Text => text::flow(&found, history.gaps, arguments.decimals),
        Output::Json => json::pretty(&json::flow(&found, history.gaps))?,
    };
    common.write(&told, &section.toml(&found), || plot::flow(&found, arguments.decimals))
}

fn run_price(arguments: &PriceArguments) -> anyhow::Result<()> {
    let common = &arguments.common;
    common.check_plot()?;
    let history = read_price(common.open()?, common.input(0)).with_context(|| common.name())?;
    let options = price::Options {
        twap_seconds: arguments.twap,
        shift: arguments.shift,
        confidence: common.confidence,
        seed: common.seed,
        ..price::Options::new(common.false_trip_every as f64)
    };
    let found = watched(|tick| price::calibrate(&history, &options, tick)).with_context(|| common.name())?;
    let section = PriceSection {
        compartment: common.compartment,
        feed_id: arguments.feed_id.clone(),
        latch_seconds: common.latch,
    };
    let told = match common.output {
        Output::Text => text::price(&found, history.gaps),
        Output::Json => json::pretty(&json::price(&found, history.gaps))?,
    };
    common.write(&told, &section.toml(&found), || plot::price(&found))
}

impl Common {
    fn name(&self) -> String {
        self.csv.display().to_string()
    }

    fn open(&self) -> anyhow::Result<File> {
        File::open(&self.csv).with_context(|| format!("NotReadable: {}; give the path of a CSV file", self.name()))
    }

    const fn input(&self, decimals: u8) -> Input {
        Input {
            allow_gaps: self.allow_gaps,
            scale: Scale(decimals),
        }
    }

    /// Before anything long is begun.
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

    fn write(&self, told: &str, section: &str, plot: impl FnOnce() -> Option<String>) -> anyhow::Result<()> {
        print!("{told}");
        if let Some(file) = &self.toml {
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
    eprintln!("{what}: {}", file.display());
    Ok(())
}

/// Runs with a bar on standard error, where that is a terminal.
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
