//! The `bulkhead-sentinel` command.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser};
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    check,
    config::{self, LogFormat, LogLevel},
    run::{self, RunError},
    state::Store,
};

/// Watches domains, does for them what anyone may do, and pauses them by rule.
///
/// Runs until SIGTERM or SIGINT: what is in flight then has ten seconds to end. Exit codes: 0 after a signal or a check
/// without complaint, 1 if the configuration, the state or the network is not usable.
#[derive(Parser)]
#[command(name = "bulkhead-sentinel", version)]
struct Cli {
    /// The configuration, TOML; docs/sentinel.md lists every key
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Check the configuration, print the duty cycle and what a day of it costs, and exit
    #[arg(long, conflicts_with = "accept")]
    check: bool,
    /// Accept what a rule found as the new state of things: forget what it first saw, and exit. Stop the daemon before
    #[arg(long, value_name = "RULE")]
    accept: Option<String>,
}

/// The command with its arguments, as `--help` shows them.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: &Cli) -> Result<(), RunError> {
    let file = config::load(&cli.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if cli.check {
        return runtime.block_on(print_check(file));
    }
    if let Some(rule) = &cli.accept {
        return runtime.block_on(accept(&file, rule));
    }
    let traces = log(&file)?;
    let ended = runtime.block_on(run::run(file));
    traces.end();
    // Whatever still computes is given up; it was recorded.
    runtime.shutdown_background();
    ended
}

async fn print_check(file: config::File) -> Result<(), RunError> {
    let (setup, wired) = run::prepare(file)?;
    let endpoints: Vec<_> = wired.into_iter().map(|wired| wired.endpoint).collect();
    let cycles = check::cycles(&setup, &endpoints).await;
    show(&check::text(&setup, &cycles));
    let unread = cycles.iter().filter(|cycle| cycle.costs.is_err()).count();
    if unread == 0 {
        return Ok(());
    }
    Err(RunError::Start(format!(
        "{unread} of {} domains could not be read: are the addresses right, and the endpoints up?",
        cycles.len()
    )))
}

async fn accept(file: &config::File, rule: &str) -> Result<(), RunError> {
    if file.rules.iter().all(|known| known.name != rule) {
        return Err(RunError::Start(format!(
            "UnknownRule: the file has no rule {rule}; name one of its rules"
        )));
    }
    let store = Store::open(&file.state.read("state")?).await?;
    let had = store.forget(rule).await?;
    store.close().await;
    show(if had {
        "accepted: the rule begins anew with what it sees at the next start\n"
    } else {
        "the rule remembered nothing\n"
    });
    Ok(())
}

/// Writes to standard output. A pipe that was closed ends quietly.
fn show(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Exports spans until it ends.
struct Tracing {
    #[cfg(feature = "otel")]
    traces: Option<crate::traces::Traces>,
}

impl Tracing {
    fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.shut_down();
        }
    }
}

/// Logs to standard error: of this crate from the configured level, of libraries from warnings. Sends spans to the
/// collector, if the file names one.
fn log(file: &config::File) -> Result<Tracing, RunError> {
    let level = match file.log {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Debug => tracing::Level::DEBUG,
        LogLevel::Trace => tracing::Level::TRACE,
    };
    let targets = Targets::new()
        .with_default(tracing::Level::WARN)
        .with_target("bulkhead_sentinel", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match file.log_format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    let url = file.otlp.as_ref().map(|url| url.read("otlp")).transpose()?;
    #[cfg(not(feature = "otel"))]
    {
        if url.is_some() {
            let reason = "TracesNotBuilt: this build has no traces; remove `otlp`, or build with the feature `otel`";
            return Err(RunError::Start(reason.into()));
        }
        tracing_subscriber::registry().with(lines.with_filter(targets)).init();
        Ok(Tracing {})
    }
    #[cfg(feature = "otel")]
    {
        use crate::traces::Traces;
        let traces = url.map(|url| Traces::to(&url)).transpose().map_err(RunError::Start)?;
        let spans = traces.as_ref().map(Traces::layer);
        tracing_subscriber::registry()
            .with(lines.with_filter(targets))
            .with(spans)
            .init();
        Ok(Tracing { traces })
    }
}
