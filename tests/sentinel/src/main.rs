//! The daemon, built with the features of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    bulkhead_sentinel::cli::main()
}
