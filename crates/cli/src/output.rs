//! What is told, in which form, and how it leaves the process.
//!
//! Nothing here panics: a reader who has seen enough (`| head`) ends the telling and not the work, a disk that is full is an
//! error like any other, and what others have written reaches no terminal as commands.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use anyhow::Context;
use bulkhead_snapshot::{harmless, is_harmless};
use clap::ValueEnum;
use serde::Serialize;

/// Letters of one line of an error.
const LINE: usize = 4_000;

/// Text for people, JSON for programs: one object and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Output {
    /// Prints what was found, in this form.
    ///
    /// # Errors
    /// As [`print`].
    pub fn print(self, found: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        match self {
            Self::Text => self::text(&text()),
            Self::Json => json(found),
        }
    }
}

/// Prints text that may hold what others have written: a file's or a node's names, a program's logs.
///
/// # Errors
/// As [`print`].
pub fn text(text: &str) -> anyhow::Result<()> {
    let lines: Vec<_> = text.split('\n').map(|line| harmless(line, usize::MAX)).collect();
    print(&lines.join("\n"))
}

/// Prints an object for programs. Letters that a terminal obeys stand in text only, and are written as JSON escapes there:
/// who parses it reads the same.
///
/// # Errors
/// As [`print`].
pub fn json(found: &impl Serialize) -> anyhow::Result<()> {
    let mut told = String::new();
    for letter in serde_json::to_string_pretty(found)?.chars() {
        if letter == '\n' || is_harmless(letter) {
            told.push(letter);
        } else {
            let mut units = [0; 2];
            told.extend(
                letter
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}")),
            );
        }
    }
    print(&(told + "\n"))
}

/// Writes to standard output, at once.
///
/// # Errors
/// What the system says. That nobody reads any more is no error.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("NotWritten: standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// As [`print`], with the end of a line.
///
/// # Errors
/// As [`print`].
pub fn line(text: impl Display) -> anyhow::Result<()> {
    print(&format!("{text}\n"))
}

/// What is printed with `print!` ends the process instead of panicking when nobody reads it, or it cannot be written.
pub fn never_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let told = info.payload_as_str().unwrap_or_default();
        if !told.starts_with("failed printing to") {
            return usual(info);
        }
        if !told.contains("Broken pipe") {
            note(&format!("error: NotWritten: {told}"));
        }
        std::process::exit(1);
    }));
}

/// Tells something besides, on standard error. Where that cannot be written it is not told.
pub fn note(text: &str) {
    let told = clean(text) + "\n";
    drop(io::stderr().lock().write_all(told.as_bytes()));
}

/// Text that may hold what others have written, line by line without what a terminal obeys.
#[must_use]
pub fn clean(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| harmless(line, LINE)).collect();
    lines.join("\n")
}
