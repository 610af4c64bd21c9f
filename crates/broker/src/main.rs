//! The binary `rdkafka-broker`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Cli::from_process().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rdkafka-broker: {error:#}");
            ExitCode::FAILURE
        }
    }
}
