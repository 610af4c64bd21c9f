//! Chores of the project: generated pages and checks.
//!
//! `cargo run -p xtask -- docs` writes the pages made from tables; with `--check` it only says whether they are stale. `tidy` checks the house
//! rules.

mod docs;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        ["tidy"] => tidy::check(),
        _ => {
            eprintln!("usage: cargo run -p xtask -- docs [--check] | tidy");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
