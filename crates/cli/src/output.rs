//! Form of what is told on standard output.

use clap::ValueEnum;

/// Text for people, JSON for programs: one object and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}
