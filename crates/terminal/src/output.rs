//! The output formats, and how output leaves the process.
//!
//! Nothing here panics. A closed pipe (`| head`) stops the output but not the work. A full disk is an ordinary error.
//! Text from untrusted sources reaches the terminal without control characters.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use anyhow::Context;
use bulkhead_snapshot::{harmless, is_harmless};
use clap::ValueEnum;
use serde::Serialize;

/// Maximum number of characters in one line of an error.
const LINE: usize = 4_000;

/// Text for people, or JSON for programs. JSON output is exactly one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Text for people.
    #[default]
    Text,
    /// JSON for programs, indented.
    Json,
    /// JSON for programs, on one line.
    JsonCompact,
}

impl Output {
    /// Prints a result in this format.
    ///
    /// # Errors
    /// As [`print()`].
    pub fn print(self, found: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        match self {
            Self::Text => self::text(&text()),
            Self::Json | Self::JsonCompact => print(&self.render(found, text)?),
        }
    }

    /// A result in this format, ending with a newline.
    ///
    /// # Errors
    /// The value's error when it is not serializable.
    pub fn render(self, found: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<String> {
        Ok(match self {
            Self::Text => text(),
            Self::Json => escaped(&serde_json::to_string_pretty(found)?),
            Self::JsonCompact => escaped(&serde_json::to_string(found)?),
        })
    }

    /// The arguments that ask another program for this format. None for the default.
    #[must_use]
    pub const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[],
            Self::Json => &["--output", "json"],
            Self::JsonCompact => &["--output", "json-compact"],
        }
    }

    /// Whether the output is one JSON value.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonCompact)
    }
}

/// Prints text that may contain untrusted parts: names from a file or a node, a program's logs.
///
/// # Errors
/// As [`print()`].
pub fn text(text: &str) -> anyhow::Result<()> {
    let lines: Vec<_> = text.split('\n').map(|line| harmless(line, usize::MAX)).collect();
    print(&lines.join("\n"))
}

/// Prints a value as indented JSON. Control characters can occur only inside JSON strings; they are written as JSON
/// escapes, so a parser reads the same value.
///
/// # Errors
/// As [`print()`].
pub fn json(found: &impl Serialize) -> anyhow::Result<()> {
    print(&Output::Json.render(found, String::new)?)
}

/// JSON that ends with a newline, with the control characters escaped.
fn escaped(json: &str) -> String {
    let mut escaped = String::new();
    for letter in json.chars() {
        if letter == '\n' || is_harmless(letter) {
            escaped.push(letter);
        } else {
            let mut units = [0; 2];
            escaped.extend(
                letter
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}")),
            );
        }
    }
    escaped + "\n"
}

/// Writes to standard output and flushes it.
///
/// # Errors
/// The I/O error. A closed pipe is not an error.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("NotWritten: standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// Prints text and a newline.
///
/// # Errors
/// As [`print()`].
pub fn line(text: impl Display) -> anyhow::Result<()> {
    print(&format!("{text}\n"))
}

/// Makes `print!` exit the process instead of panicking when standard output is closed or cannot be written.
pub fn never_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default();
        if !message.starts_with("failed printing to") {
            return usual(info);
        }
        if !message.contains("Broken pipe") {
            note(&format!("error: NotWritten: {message}"));
        }
        std::process::exit(1);
    }));
}

/// Prints a note on standard error. Ignores the error if standard error cannot be written.
pub fn note(text: &str) {
    let message = clean(text) + "\n";
    drop(io::stderr().lock().write_all(message.as_bytes()));
}

/// Untrusted text with the terminal control characters removed, line by line.
#[must_use]
pub fn clean(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| harmless(line, LINE)).collect();
    lines.join("\n")
}
