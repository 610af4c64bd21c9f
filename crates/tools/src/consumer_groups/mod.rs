//! `kafka-consumer-groups.sh`: its options, and which file does what.

mod delete;
mod describe;
mod group;
mod list;
mod reset;

pub(crate) use describe::{assignment, coordinator};
pub(crate) use group::{list_any, list_of};
pub(crate) use list::capitalised;
pub(crate) use reset::{Offsets, chosen_partitions, offsets_at};

use anyhow::{Result, bail};
use clap::{ArgGroup, Args};

use crate::cluster::Cluster;
use crate::connect::Connect;
use crate::output::say;

/// List, describe, delete and reset consumer groups.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true)
    .args(["list", "describe", "delete", "reset_offsets", "delete_offsets", "validate_regex"])))]
pub struct ConsumerGroups {
    #[command(flatten)]
    connect: Connect,
    /// List the groups.
    #[arg(long)]
    list: bool,
    /// Show what groups have committed, and how far behind they are.
    #[arg(long)]
    describe: bool,
    /// Delete groups that have no members.
    #[arg(long)]
    delete: bool,
    /// Change what a group has committed; it must have no members.
    #[arg(long)]
    reset_offsets: bool,
    /// Forget what a group has committed for topics.
    #[arg(long)]
    delete_offsets: bool,
    /// Check a regular expression.
    #[arg(long, value_name = "REGEX")]
    validate_regex: Option<String>,
    /// The group. May be repeated.
    #[arg(long)]
    group: Vec<String>,
    /// All groups.
    #[arg(long, conflicts_with = "group")]
    all_groups: bool,
    /// With --describe: offsets, which is what is shown anyway.
    #[arg(long)]
    offsets: bool,
    /// With --describe: the members.
    #[arg(long)]
    members: bool,
    /// With --describe: the state; with --list: a column of it, or only groups in these states.
    #[arg(long, num_args = 0..=1, default_missing_value = "", value_name = "STATES")]
    state: Option<String>,
    /// With --list: a column of the type, or only groups of these types.
    #[arg(long, num_args = 0..=1, default_missing_value = "", value_name = "TYPES")]
    r#type: Option<String>,
    /// With --members: what each is assigned; with others: more columns.
    #[arg(long)]
    verbose: bool,
    /// TOPIC or TOPIC:0,1. May be repeated.
    #[arg(long)]
    topic: Vec<String>,
    /// All topics the group has committed something for.
    #[arg(long, conflicts_with = "topic")]
    all_topics: bool,
    #[command(flatten)]
    reset: reset::Reset,
}

impl ConsumerGroups {
    pub(crate) fn run(self) -> Result<()> {
        if let Some(expression) = &self.validate_regex {
            return validate(expression);
        }
        let cluster = Cluster::connect(&self.connect)?;
        if self.list {
            return list::list(&cluster, &self);
        }
        if self.describe {
            return describe::describe(&cluster, &self);
        }
        if self.delete {
            return delete::delete(&cluster, &self);
        }
        if self.delete_offsets {
            return delete::delete_offsets(&cluster, &self);
        }
        reset::reset(&cluster, &self)
    }

    /// The groups that are named, or all.
    fn groups(&self, cluster: &Cluster) -> Result<Vec<String>> {
        if self.all_groups {
            let groups = group::list(cluster, &[], &[])?;
            return Ok(groups
                .into_iter()
                .map(|group| group.group_id.as_str().to_owned())
                .collect());
        }
        if self.group.is_empty() {
            bail!("name the group with --group, or say --all-groups");
        }
        Ok(self.group.clone())
    }

    /// The one group that is named.
    fn only_group(&self) -> Result<&str> {
        match self.group.as_slice() {
            [group] => Ok(group),
            _ => bail!("name one group with --group"),
        }
    }
}

fn validate(expression: &str) -> Result<()> {
    match regex_lite::Regex::new(expression) {
        Ok(_) => {
            say!("The expression {expression} is valid.");
            Ok(())
        }
        Err(error) => bail!("the expression {expression} is not valid: {error}"),
    }
}
