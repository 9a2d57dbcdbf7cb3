//! The `bulkhead-sentinel` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    bulkhead_sentinel::cli::main()
}
