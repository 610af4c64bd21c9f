//! The command line: one file per subcommand.

mod environment;
mod serve;
mod users;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// A Kafka-compatible broker in one binary.
#[derive(Debug, Parser)]
#[command(name = "rdkafka-broker", version, infer_long_args = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one, for the life of the process"
)]
enum Command {
    /// Run the broker.
    Serve(serve::Serve),
    /// Manage the users of SCRAM in a data folder that no broker uses.
    Users(users::Users),
    #[command(flatten)]
    Tool(rdkafka_tools::Tool),
}

impl Cli {
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Users(users) => users.run(),
            Command::Tool(tool) => tool.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_tool_has_two_options_of_one_name() {
        Cli::command().debug_assert();
    }
}
