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
    /// JSON for programs.
    Json,
}

impl Output {
    /// Prints a result in this format.
    ///
    /// # Errors
    /// As [`print()`].
    pub fn print(self, found: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        match self {
            Self::Text => self::text(&text()),
            Self::Json => json(found),
        }
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

/// Prints a value as JSON. Control characters can occur only inside JSON strings; they are written as JSON escapes, so
/// a parser reads the same value.
///
/// # Errors
/// As [`print()`].
pub fn json(found: &impl Serialize) -> anyhow::Result<()> {
    let mut escaped = String::new();
    for letter in serde_json::to_string_pretty(found)?.chars() {
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
    print(&(escaped + "\n"))
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
