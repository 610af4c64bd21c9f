//! `rdkafka-broker users`: who may come in by SCRAM, while no broker runs on the data folder.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use rdkafka_broker::{BrokerConfig, ScramUser, UserFolder};

/// The options of `users`.
#[derive(Debug, Args)]
pub(crate) struct Users {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give a user a password, or another one.
    Add {
        /// The data folder; all of them, if the broker has several.
        #[arg(long, value_name = "DIR", required = true)]
        data_dir: Vec<PathBuf>,
        /// The user's name.
        name: String,
        /// The password; without it, the first line of the standard input.
        #[arg(long)]
        password: Option<String>,
        /// The mechanism; by default both.
        #[arg(long, value_name = "SCRAM-SHA-256|SCRAM-SHA-512")]
        mechanism: Vec<String>,
    },
    /// Take a user's passwords away.
    Remove {
        /// The data folder; all of them, if the broker has several.
        #[arg(long, value_name = "DIR", required = true)]
        data_dir: Vec<PathBuf>,
        /// The user's name.
        name: String,
    },
    /// List users and their mechanisms.
    List {
        /// The data folder; all of them, if the broker has several.
        #[arg(long, value_name = "DIR", required = true)]
        data_dir: Vec<PathBuf>,
    },
}

impl Users {
    pub(crate) fn run(self) -> Result<()> {
        let mut stdout = std::io::stdout();
        match self.action {
            Action::Add {
                data_dir,
                name,
                password,
                mechanism,
            } => {
                let password = match password {
                    Some(password) => password,
                    None => first_line()?,
                };
                let mechanisms = if mechanism.is_empty() {
                    vec!["SCRAM-SHA-256".into(), "SCRAM-SHA-512".into()]
                } else {
                    mechanism
                };
                let mut users = open(&data_dir)?;
                for mechanism in mechanisms {
                    let user = ScramUser::new(&mechanism, &name, &password);
                    let user = user.map_err(|reason| anyhow!(reason))?;
                    users.add(&user).context("the user could not be stored")?;
                }
                users.close()?;
                writeln!(stdout, "User {name} has a password now.")?;
            }
            Action::Remove { data_dir, name } => {
                let mut users = open(&data_dir)?;
                if !users.remove(&name)? {
                    bail!("there is no user {name}");
                }
                users.close()?;
                writeln!(stdout, "User {name} is removed.")?;
            }
            Action::List { data_dir } => {
                for (name, mechanism) in open(&data_dir)?.list() {
                    writeln!(stdout, "{name}\t{mechanism}")?;
                }
            }
        }
        Ok(())
    }
}

fn open(folders: &[PathBuf]) -> Result<UserFolder> {
    UserFolder::open(folders, BrokerConfig::default()).with_context(|| {
        format!(
            "cannot open {}; with a running broker use kafka-configs --alter --entity-type users",
            folders
                .iter()
                .map(|it| it.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        )
    })
}

fn first_line() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
