//! Whom `kafka-configs.sh` is about: `--entity-type`, `--entity-name`, `--entity-default`, and the short forms of them.

use anyhow::{Result, bail};
use clap::builder::EnumValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use crate::configs::ResourceType;
use crate::quotas::{Name, Owner};

/// All ways to say it.
#[derive(Debug, Args)]
pub(crate) struct Entities {
    #[command(flatten)]
    listed: Listed,
    /// A topic (for --entity-type topics --entity-name).
    #[arg(long)]
    topic: Option<String>,
    /// A broker (for --entity-type brokers --entity-name).
    #[arg(long)]
    broker: Option<String>,
    /// A group (for --entity-type groups --entity-name).
    #[arg(long)]
    group: Option<String>,
    /// A user (for --entity-type users --entity-name).
    #[arg(long)]
    user: Option<String>,
    /// All users without settings of their own (for --entity-type users --entity-default).
    #[arg(long)]
    user_defaults: bool,
    /// A client id (for --entity-type clients --entity-name).
    #[arg(long)]
    client: Option<String>,
    /// All client ids without settings of their own (for --entity-type clients --entity-default).
    #[arg(long)]
    client_defaults: bool,
    /// An address (for --entity-type ips --entity-name).
    #[arg(long)]
    ip: Option<String>,
    /// All addresses without settings of their own (for --entity-type ips --entity-default).
    #[arg(long)]
    ip_defaults: bool,
}

impl Entities {
    /// What it is about, in the order it was said.
    pub(crate) fn list(&self) -> Result<Vec<(EntityType, Name)>> {
        let named = [
            (EntityType::Topics, &self.topic),
            (EntityType::Brokers, &self.broker),
            (EntityType::Groups, &self.group),
            (EntityType::Users, &self.user),
            (EntityType::Clients, &self.client),
            (EntityType::Ips, &self.ip),
        ];
        let defaults = [
            (EntityType::Users, self.user_defaults),
            (EntityType::Clients, self.client_defaults),
            (EntityType::Ips, self.ip_defaults),
        ];
        let mut entities: Vec<(EntityType, Name)> = named
            .into_iter()
            .filter_map(|(entity, name)| Some((entity, Name::Of(name.clone()?))))
            .collect();
        let defaults = defaults.into_iter().filter(|(_, is_said)| *is_said);
        entities.extend(defaults.map(|(entity, _)| (entity, Name::Default)));
        let mut names = self.listed.names.iter().cloned();
        for entity in &self.listed.types {
            entities.push((*entity, names.next().unwrap_or(Name::Any)));
        }
        if names.next().is_some() {
            bail!("there are more names than entity types");
        }
        if entities.is_empty() {
            bail!("say what it is about with --entity-type");
        }
        Ok(entities)
    }
}

/// Kafka's names of what settings can belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EntityType {
    Topics,
    Brokers,
    BrokerLoggers,
    ClientMetrics,
    Groups,
    Users,
    Clients,
    Ips,
}

impl EntityType {
    pub(crate) const fn resource(self) -> Option<ResourceType> {
        match self {
            Self::Topics => Some(ResourceType::Topic),
            Self::Brokers => Some(ResourceType::Broker),
            Self::BrokerLoggers => Some(ResourceType::BrokerLogger),
            Self::ClientMetrics => Some(ResourceType::ClientMetrics),
            Self::Groups => Some(ResourceType::Group),
            Self::Users | Self::Clients | Self::Ips => None,
        }
    }

    /// Kafka's word for one of them.
    pub(crate) const fn one(self) -> &'static str {
        match self {
            Self::Topics => "topic",
            Self::Brokers => "broker",
            Self::BrokerLoggers => "broker-logger",
            Self::ClientMetrics => "client-metric",
            Self::Groups => "group",
            Self::Users => "user",
            Self::Clients => "client",
            Self::Ips => "ip",
        }
    }

    /// What of it quotas belong to.
    pub(crate) const fn quota_owner(self) -> Option<Owner> {
        match self {
            Self::Users => Some(Owner::User),
            Self::Clients => Some(Owner::Client),
            Self::Ips => Some(Owner::Address),
            _ => None,
        }
    }
}

/// `--entity-type`, `--entity-name` and `--entity-default`: the first name belongs to the first type, a default has its
/// place among the names.
#[derive(Debug)]
struct Listed {
    types: Vec<EntityType>,
    names: Vec<Name>,
}

impl Args for Listed {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new(ENTITY_TYPE)
                    .long(ENTITY_TYPE)
                    .action(ArgAction::Append)
                    .value_parser(EnumValueParser::<EntityType>::new())
                    .help("What the settings belong to; quotas can belong to users and clients together"),
            )
            .arg(
                Arg::new(ENTITY_NAME)
                    .long(ENTITY_NAME)
                    .action(ArgAction::Append)
                    .help("Whose settings: a topic, a broker's id, a group, a user, a client id"),
            )
            .arg(
                Arg::new(ENTITY_DEFAULT)
                    .long(ENTITY_DEFAULT)
                    .action(ArgAction::Append)
                    .num_args(0)
                    .default_missing_value("")
                    .help("The settings of all that have none of their own"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Listed {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let types = matches.get_many(ENTITY_TYPE).unwrap_or_default();
        let named = matches.indices_of(ENTITY_NAME).unwrap_or_default();
        let values = matches.get_many::<String>(ENTITY_NAME).unwrap_or_default();
        let named = named.zip(values.map(|name| Name::Of(name.clone())));
        let defaults = matches.indices_of(ENTITY_DEFAULT).unwrap_or_default();
        let mut names: Vec<(usize, Name)> = named
            .chain(defaults.map(|at| (at, Name::Default)))
            .collect();
        names.sort_by_key(|(at, _)| *at);
        Ok(Self {
            types: types.copied().collect(),
            names: names.into_iter().map(|(_, name)| name).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const ENTITY_TYPE: &str = "entity-type";
const ENTITY_NAME: &str = "entity-name";
const ENTITY_DEFAULT: &str = "entity-default";

#[cfg(test)]
mod tests {
    use super::*;

    fn entities(line: &[&str]) -> Vec<(EntityType, Name)> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            entities: Entities,
        }
        let line = ["configs"].into_iter().chain(line.iter().copied());
        let line = <Line as clap::Parser>::try_parse_from(line).unwrap();
        line.entities.list().unwrap()
    }

    #[test]
    fn names_and_defaults_belong_to_the_types_in_their_order() {
        let (user, client) = (["--entity-type", "users"], ["--entity-type", "clients"]);
        let named = ["--entity-name", "x"];
        let line = |parts: &[&[&'static str]]| entities(&parts.concat());
        assert_eq!(
            line(&[&user, &named, &client, &["--entity-default"]]),
            [
                (EntityType::Users, Name::Of("x".into())),
                (EntityType::Clients, Name::Default)
            ]
        );
        assert_eq!(
            line(&[&user, &["--entity-default"], &client, &named]),
            [
                (EntityType::Users, Name::Default),
                (EntityType::Clients, Name::Of("x".into()))
            ]
        );
        assert_eq!(
            line(&[&user, &client]),
            [
                (EntityType::Users, Name::Any),
                (EntityType::Clients, Name::Any)
            ]
        );
        assert_eq!(
            line(&[&["--user", "u", "--client-defaults"]]),
            [
                (EntityType::Users, Name::Of("u".into())),
                (EntityType::Clients, Name::Default)
            ]
        );
    }
}
