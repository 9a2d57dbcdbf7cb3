//! Progress on standard error, results on standard output.

use std::{
    io::{ErrorKind, IsTerminal, Write},
    sync::Mutex,
    time::{Duration, Instant},
};

use bulkhead_prover::{Compared, Counted, Error, Proved, ProvingKey, SetUp, Shape, Verified, VerifyingKey, file::hex};
use bulkhead_snapshot::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::{Output, measure::Measured};

/// A line about progress is written so often where no terminal shows a bar.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// The bar of the current step; lines where standard error is no terminal.
pub struct Screen {
    bar: ProgressBar,
    said: Mutex<Option<Instant>>,
}

impl Screen {
    pub fn new() -> Self {
        let bar = ProgressBar::no_length();
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            bar,
            said: Mutex::new(None),
        }
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Says where a long step stands, at its first item and then once a minute.
    fn say(&self) {
        let Ok(mut said) = self.said.lock() else { return };
        if said.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            *said = Some(Instant::now());
            let length = self.bar.length().unwrap_or_default();
            eprintln!(
                "{}: {} of {length}, about {} left",
                self.bar.message(),
                self.bar.position(),
                duration(self.bar.eta().as_secs_f64())
            );
        }
    }
}

impl Progress for Screen {
    fn begin(&self, step: &str, of: Option<u64>) {
        let template = match of {
            None => "{spinner} {msg:<20} {elapsed}",
            Some(_) => "{spinner} {msg:<20} {wide_bar:.green} {human_pos}/{human_len} ({elapsed}, {eta} left)",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.reset();
        match of {
            Some(of) => self.bar.set_length(of),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(step.to_owned());
        if let Ok(mut said) = self.said.lock() {
            *said = None;
        }
    }

    fn advance(&self, by: u64) {
        self.bar.inc(by);
        if !std::io::stderr().is_terminal() && self.bar.message() == "prove pages" {
            self.say();
        }
    }

    fn resumed(&self, _: usize) {}
}

/// Prints a result. A closed pipe is no error.
pub fn print(output: Output, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Error> {
    let text = match output {
        Output::Text => text(),
        Output::Json => serde_json::to_string_pretty(value).map_err(|error| Error::Synthesis(error.to_string()))?,
    };
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Io {
            file: "standard output".into(),
            error,
        }),
        _ => Ok(()),
    }
}

/// Every text about an insecure key begins with this.
fn mark(set_up: SetUp) -> &'static str {
    match set_up {
        SetUp::Insecure => {
            "INSECURE SET-UP: one party made this key and can prove anything with it. It is good for drills only.\n"
        }
    }
}

/// Keys that were made.
#[derive(Serialize)]
pub struct Made {
    set_up: SetUp,
    key: String,
    page_size: usize,
    constraints: usize,
    proving_key_bytes: u64,
}

impl Made {
    pub fn new(key: &VerifyingKey, shape: &Shape) -> Self {
        Self {
            set_up: key.set_up,
            key: hex(&key.id()),
            page_size: key.page_size,
            constraints: shape.count().constraints,
            proving_key_bytes: ProvingKey::file_len(shape),
        }
    }

    pub fn text(&self) -> String {
        format!(
            "{}key {} for pages of {} leaves ({} constraints); the proving key has {}",
            mark(self.set_up),
            self.key,
            self.page_size,
            self.constraints,
            megabytes(self.proving_key_bytes)
        )
    }
}

pub fn proved(proved: &Proved) -> String {
    let mut text = format!(
        "{}{} of {} pages are proved ({} leaves): {} now, in {}, {} before",
        mark(proved.set_up),
        proved.pages - proved.left,
        proved.pages,
        proved.leaves,
        proved.proved,
        duration(proved.seconds),
        proved.resumed
    );
    if let Some(seconds) = proved.seconds_left.filter(|_| proved.left > 0) {
        text += &format!("; the rest takes about {}", duration(seconds));
    }
    text
}

pub fn verified(verified: &Verified) -> String {
    format!(
        "{}{} pages verify: {} leaves hold {}, of {} they are paid {}, and rounding leaves {}.\n\
         Compare the accumulators with the sealed shards: a proof is about the leaves that are in them.",
        mark(verified.set_up),
        verified.pages,
        verified.leaves,
        verified.total,
        verified.pool,
        verified.paid,
        verified.left_by_rounding
    )
}

pub fn compared(compared: &Compared) -> String {
    format!(
        "{}\nThe successor's {} leaves owe exactly what the plan pays: {}, to the same owners.",
        verified(&compared.chosen),
        compared.successor.leaves,
        compared.chosen.paid
    )
}

pub fn counted(counted: &Counted) -> String {
    let mut text = format!(
        "{} constraints for {} leaves: {} a leaf and {} a page; {} variables, {} coefficients, a domain of {}",
        counted.constraints,
        counted.leaves,
        counted.per_leaf,
        counted.per_page,
        counted.variables,
        counted.coefficients,
        counted.domain
    );
    for (group, rows) in &counted.groups {
        text += &format!("\n{rows:>9} {group}");
    }
    text
}

pub fn measured(measured: &Measured) -> String {
    format!(
        "{}{} leaves, {} constraints ({} a leaf), {} threads, {} pages at once\n\
         key: {} in {}; circuit made in {}\n\
         a page: {} ({} of cores), of which {} for its values; {} for the check\n\
         most memory: {}\n\
         a million leaves: {} pages, {} on this machine, {:.1} hours of one core",
        mark(SetUp::Insecure),
        measured.circuit.leaves,
        measured.circuit.constraints,
        measured.circuit.per_leaf,
        measured.threads,
        measured.jobs,
        megabytes(measured.proving_key_bytes),
        duration(measured.set_up_seconds),
        duration(measured.circuit_seconds),
        duration(measured.page_seconds),
        duration(measured.page_core_seconds),
        duration(measured.values_seconds),
        duration(measured.verify_seconds),
        measured.most_memory_bytes.map_or_else(|| "unknown".into(), megabytes),
        measured.million_pages,
        duration(measured.million_seconds),
        measured.million_core_hours
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn duration(seconds: f64) -> String {
    match seconds {
        few if few < 0.1 => format!("{:.1} ms", few * 1e3),
        few if few < 120.0 => format!("{few:.1} s"),
        some if some < 7_200.0 => format!("{:.0} min", some / 60.0),
        many => format!("{:.1} h", many / 3_600.0),
    }
}
