//! The command line: one file per subcommand.
//!
//! A link to the binary that is named as a script of Kafka (`kafka-topics.sh`) is that tool: for images without a shell.

mod environment;
mod serve;
mod users;

use std::ffi::OsString;
use std::path::Path;

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

/// The same with `serve` alone: describing the options of all tools is a quarter of what starting takes, and the code
/// that does it would stay in the memory of a broker.
#[derive(Debug, Parser)]
#[command(name = "rdkafka-broker", version, infer_long_args = true)]
struct Server {
    #[command(subcommand)]
    command: Only,
}

#[derive(Debug, Subcommand)]
enum Only {
    /// Run the broker.
    Serve(serve::Serve),
}

impl Cli {
    /// What the process was started with; ends it when that is wrong or asks for help.
    pub(crate) fn from_process() -> Self {
        let arguments = with_tool_of_link(std::env::args_os().collect());
        if arguments.get(1).is_some_and(|it| it == "serve") {
            let Only::Serve(serve) = Server::parse_from(arguments).command;
            return Self {
                command: Command::Serve(serve),
            };
        }
        Self::parse_from(arguments)
    }

    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Users(users) => users.run(),
            Command::Tool(tool) => tool.run(),
        }
    }
}

/// `/bin/kafka-topics.sh --list` as `/bin/kafka-topics.sh topics --list`; anything else as it is.
fn with_tool_of_link(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let link = arguments.first().map(Path::new);
    let name = link.and_then(|it| it.file_name()?.to_str());
    let tool = name.and_then(|it| it.strip_prefix("kafka-")?.strip_suffix(".sh"));
    if let Some(tool) = tool.filter(|it| rdkafka_tools::Tool::is_name(it)) {
        arguments.insert(1, tool.into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_link_named_as_a_script_of_kafka_is_that_tool() {
        let read = |line: &str| {
            let words = line.split(' ').map(OsString::from).collect();
            with_tool_of_link(words).join(" ".as_ref())
        };
        assert_eq!(
            read("/opt/kafka/bin/kafka-topics.sh --list"),
            "/opt/kafka/bin/kafka-topics.sh topics --list"
        );
        assert_eq!(
            read("kafka-get-offsets.sh"),
            "kafka-get-offsets.sh get-offsets"
        );
        for same in [
            "rdkafka-broker topics --list",
            "kafka-topics --list",
            "kafka-server-start.sh x",
        ] {
            assert_eq!(read(same), same);
        }
    }

    #[test]
    fn no_tool_has_two_options_of_one_name() {
        Cli::command().debug_assert();
    }
}
