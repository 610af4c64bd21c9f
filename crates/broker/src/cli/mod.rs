//! The command line: one file per subcommand.

mod serve;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// A Kafka-compatible broker in one binary.
#[derive(Debug, Parser)]
#[command(name = "rdkafka-broker", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the broker.
    Serve(serve::Serve),
}

impl Cli {
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run(),
        }
    }
}
