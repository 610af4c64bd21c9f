//! `kafka-groups.sh`: the groups of every type in one list.

use anyhow::Result;
use clap::{ArgGroup, Args, ValueEnum};
use rdkafka_wire::messages::list_groups::ListedGroup;
use serde_json::json;

use crate::cluster::Cluster;
use crate::connect::Connect;
use crate::consumer_groups::{capitalised, list_any};
use crate::output::{print_columns, say};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum GroupType {
    /// The protocol that came with Kafka 0.9, whoever speaks it.
    Classic,
    /// The next generation of the consumer group protocol (KIP-848).
    Consumer,
    /// Share groups (KIP-932).
    Share,
    /// Kafka Streams (KIP-1071).
    Streams,
}

impl GroupType {
    fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
            Self::Share => "share",
            Self::Streams => "streams",
        }
    }
}

/// List groups of all types.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("kind").args(["consumer", "share", "streams"])))]
pub struct Groups {
    #[command(flatten)]
    connect: Connect,
    /// List the groups; there is nothing else this tool does.
    #[arg(long, required = true)]
    list: bool,
    /// Only groups of this type.
    #[arg(long, value_enum, ignore_case = true, conflicts_with = "kind")]
    group_type: Option<GroupType>,
    /// Only groups that are for this: consumer, share, streams, connect, ...
    #[arg(long, conflicts_with = "kind")]
    protocol: Option<String>,
    /// Only groups of consumers, whichever protocol they speak.
    #[arg(long)]
    consumer: bool,
    /// Only share groups.
    #[arg(long)]
    share: bool,
    /// Only streams groups.
    #[arg(long)]
    streams: bool,
}

impl Groups {
    pub(crate) fn run(self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        // Brokers before 3.7 know no filter by type, and none knows one by protocol: all are asked for.
        let groups = list_any(&cluster, &[], &[])?;
        let groups = groups.iter().filter(|group| self.is_wanted(group));
        if self.connect.json {
            let rows = groups.map(|it| {
                json!({
                    "group": it.group_id.as_str(), "type": it.group_type.as_str(),
                    "protocol": it.protocol_type.as_str(), "state": it.group_state.as_str(),
                })
            });
            say!("{}", json!(rows.collect::<Vec<_>>()));
            return Ok(());
        }
        let rows = groups.map(|it| {
            vec![
                it.group_id.to_string(),
                capitalised(it.group_type.as_str()),
                it.protocol_type.to_string(),
            ]
        });
        let header = [("GROUP", 20), ("TYPE", 20), ("PROTOCOL", 20)];
        print_columns(&header, &rows.collect::<Vec<_>>());
        Ok(())
    }

    fn is_wanted(&self, group: &ListedGroup) -> bool {
        let is_of = |it: GroupType| group.group_type.as_str().eq_ignore_ascii_case(it.name());
        let protocol = group.protocol_type.as_str();
        if self.consumer {
            let is_classic = is_of(GroupType::Classic);
            return is_of(GroupType::Consumer)
                || (is_classic && matches!(protocol, "" | "consumer"));
        }
        (!self.share || is_of(GroupType::Share))
            && (!self.streams || is_of(GroupType::Streams))
            && self.group_type.is_none_or(is_of)
            && self.protocol.as_deref().is_none_or(|it| it == protocol)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        tool: Groups,
    }

    fn wanted(options: &[&str]) -> Vec<&'static str> {
        let words = ["groups", "--list"].iter().chain(options);
        let tool = Command::try_parse_from(words).unwrap().tool;
        let all = [
            ("classic", "Classic", "consumer"),
            ("simple", "Classic", ""),
            ("connect", "Classic", "connect"),
            ("new", "consumer", "consumer"),
            ("share", "Share", "share"),
            ("streams", "Streams", "streams"),
        ];
        let is_wanted = |(_, kind, protocol): &(&str, &str, &str)| {
            tool.is_wanted(&ListedGroup {
                group_type: (*kind).into(),
                protocol_type: (*protocol).into(),
                ..ListedGroup::default()
            })
        };
        all.into_iter().filter(is_wanted).map(|it| it.0).collect()
    }

    #[test]
    fn groups_are_chosen_by_type_and_by_protocol() {
        assert_eq!(wanted(&[]).len(), 6);
        assert_eq!(wanted(&["--consumer"]), ["classic", "simple", "new"]);
        assert_eq!(wanted(&["--share"]), ["share"]);
        assert_eq!(wanted(&["--streams"]), ["streams"]);
        assert_eq!(wanted(&["--group-type", "Consumer"]), ["new"]);
        assert_eq!(wanted(&["--protocol", "consumer"]), ["classic", "new"]);
        let both = ["--protocol", "consumer", "--group-type", "classic"];
        assert_eq!(wanted(&both), ["classic"]);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for options in [
            ["--list", "--consumer", "--share"].as_slice(),
            &["--list", "--consumer", "--group-type=classic"],
            &["--list", "--group-type=nonsense"],
            &["--consumer"],
        ] {
            let words = ["groups"].iter().chain(options);
            assert!(Command::try_parse_from(words).is_err(), "{options:?}");
        }
    }
}
