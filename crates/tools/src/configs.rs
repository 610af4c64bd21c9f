//! `kafka-configs.sh`: settings of topics, brokers, groups; SCRAM users; quotas (`quotas`).

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use clap::{ArgGroup, Args};
use rdkafka_client::{NodeId, Target};
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_user_scram_credentials::{
    AlterUserScramCredentialsRequest, ScramCredentialDeletion, ScramCredentialUpsertion,
};
use rdkafka_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
};
use rdkafka_wire::messages::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, UserName,
};
use rdkafka_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::entities::{Entities, EntityType};
use crate::output::say;
use crate::quotas::{self, Name, Owner, Part, is_quota};

/// Kafka's resource types of the config APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub(crate) enum ResourceType {
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}

/// Where a setting can come from, in Kafka's numbers and words.
const SOURCES: [(i8, &str); 7] = [
    (1, "DYNAMIC_TOPIC_CONFIG"),
    (2, "DYNAMIC_BROKER_CONFIG"),
    (3, "DYNAMIC_DEFAULT_BROKER_CONFIG"),
    (4, "STATIC_BROKER_CONFIG"),
    (5, "DEFAULT_CONFIG"),
    (6, "DYNAMIC_BROKER_LOGGER_CONFIG"),
    (8, "DYNAMIC_GROUP_CONFIG"),
];

/// SET and DELETE of IncrementalAlterConfigs.
const SET: i8 = 0;
const DELETE: i8 = 1;

/// Describe and alter the configuration of topics, brokers, groups, users and clients.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true).args(["describe", "alter"])))]
pub struct Configs {
    #[command(flatten)]
    connect: Connect,
    /// Show settings.
    #[arg(long)]
    describe: bool,
    /// Change settings.
    #[arg(long)]
    alter: bool,
    #[command(flatten)]
    entities: Entities,
    /// Defaults too.
    #[arg(long)]
    all: bool,
    /// Settings to add: k1=v1,k2=[v21,v22].
    #[arg(long, value_name = "KEY=VALUE,...")]
    add_config: Option<String>,
    /// A properties file of settings to add.
    #[arg(long, value_name = "FILE")]
    add_config_file: Option<std::path::PathBuf>,
    /// Settings to take back: k1,k2.
    #[arg(long, value_name = "KEY,...")]
    delete_config: Option<String>,
}

impl Configs {
    pub(crate) fn run(self) -> Result<()> {
        let entities = self.entities.list()?;
        let cluster = Cluster::connect(&self.connect)?;
        let owners = entities.iter().filter_map(|(entity, name)| {
            let owner = entity.quota_owner()?;
            let name = name.clone();
            Some(Part { owner, name })
        });
        let owners: Vec<Part> = owners.collect();
        match (&entities[..], self.describe) {
            (parts, true) if parts.len() == owners.len() => {
                self.describe_clients(&cluster, &owners)
            }
            (parts, false) if parts.len() == owners.len() => {
                self.alter_clients(&cluster, &owners, parts[0].0)
            }
            ([(entity, name)], is_described) if let Some(resource) = entity.resource() => {
                if is_described {
                    self.describe(&cluster, *entity, resource, name)
                } else {
                    self.alter(&cluster, *entity, resource, name)
                }
            }
            _ => bail!("only users with clients can be two entities at once"),
        }
    }

    fn describe(
        &self,
        cluster: &Cluster,
        entity: EntityType,
        resource: ResourceType,
        name: &Name,
    ) -> Result<()> {
        let names = match name {
            Name::Of(name) => vec![name.clone()],
            Name::Default => vec![String::new()],
            Name::Any => match entity {
                EntityType::Topics => cluster.topics()?.into_keys().collect(),
                EntityType::Brokers => cluster
                    .nodes()?
                    .iter()
                    .map(|node| node.0.to_string())
                    .collect(),
                _ => bail!("--entity-name is needed"),
            },
        };
        let mut objects = Vec::new();
        for name in names {
            let target = target(resource, &name);
            let settings = describe(cluster, target, resource, std::slice::from_ref(&name))?;
            let settings = settings
                .into_values()
                .flatten()
                .filter(|setting| self.all || is_dynamic(setting, resource));
            if self.connect.json {
                let rows = settings.map(|setting| setting_json(&setting));
                objects.push(json!({
                    "entityType": entity.one(), "entityName": name, "configs": rows.collect::<Vec<_>>(),
                }));
                continue;
            }
            let which = if self.all { "All" } else { "Dynamic" };
            if name.is_empty() {
                say!("Default configs for {}s in the cluster are:", entity.one());
            } else {
                say!("{which} configs for {} {name} are:", entity.one());
            }
            for setting in settings {
                say!("{}", setting_line(&setting));
            }
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }

    fn alter(
        &self,
        cluster: &Cluster,
        entity: EntityType,
        resource: ResourceType,
        name: &Name,
    ) -> Result<()> {
        let name = match name {
            Name::Of(name) => name.clone(),
            Name::Default => String::new(),
            Name::Any => bail!("--alter needs --entity-name or --entity-default"),
        };
        let additions = self.additions()?;
        let deletions: Vec<&str> = self.deletions().collect();
        if additions.is_empty() && deletions.is_empty() {
            bail!("--alter needs --add-config, --add-config-file or --delete-config");
        }
        change(cluster, resource, &name, &additions, &deletions)?;
        if name.is_empty() {
            say!(
                "Completed updating default config for {}s in the cluster.",
                entity.one()
            );
        } else {
            say!("Completed updating config for {} {name}.", entity.one());
        }
        Ok(())
    }

    fn additions(&self) -> Result<Vec<(String, String)>> {
        let mut settings = Vec::new();
        if let Some(path) = &self.add_config_file {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let properties = rdkafka_conf::properties::parse_properties(&text)
                .map_err(|error| anyhow!("{}:{}: {}", path.display(), error.line, error.reason))?;
            settings.extend(
                properties
                    .into_iter()
                    .map(|property| (property.name, property.value)),
            );
        }
        if let Some(list) = &self.add_config {
            settings.extend(parse_settings(list)?);
        }
        Ok(settings)
    }

    fn deletions(&self) -> impl Iterator<Item = &str> {
        let list = self.delete_config.as_deref().unwrap_or_default();
        list.split(',').map(str::trim).filter(|key| !key.is_empty())
    }

    /// Quotas, and the credentials of users.
    fn describe_clients(&self, cluster: &Cluster, entity: &[Part]) -> Result<()> {
        let mut objects = quotas::describe(cluster, entity, self.connect.json)?;
        let has_credentials = match entity {
            [part] => part.owner == Owner::User && part.name != Name::Default,
            _ => false,
        };
        if has_credentials {
            objects.extend(self.describe_credentials(cluster, &entity[0].name)?);
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }

    fn describe_credentials(
        &self,
        cluster: &Cluster,
        name: &Name,
    ) -> Result<Vec<serde_json::Value>> {
        let users = match name {
            Name::Of(name) => Some(vec![UserName {
                name: name.as_str().into(),
            }]),
            _ => None,
        };
        let request = DescribeUserScramCredentialsRequest { users };
        let response = cluster.ask(Target::Any, request)?;
        checked(response.error_code, response.error_message.as_ref())?;
        let mut objects = Vec::new();
        for user in response.results {
            if user.error_code == ErrorCode::RESOURCE_NOT_FOUND.code() {
                continue;
            }
            checked(user.error_code, user.error_message.as_ref())?;
            let credentials: Vec<String> = user
                .credential_infos
                .iter()
                .map(|info| {
                    format!(
                        "{}=iterations={}",
                        mechanism_name(info.mechanism),
                        info.iterations
                    )
                })
                .collect();
            if self.connect.json {
                objects.push(json!({ "user": user.user.as_str(), "credentials": credentials }));
            } else {
                say!(
                    "SCRAM credential configs for user-principal '{}' are {}",
                    user.user.as_str(),
                    credentials.join(", ")
                );
            }
        }
        Ok(objects)
    }

    /// Quotas go to one API, credentials to another.
    fn alter_clients(&self, cluster: &Cluster, entity: &[Part], first: EntityType) -> Result<()> {
        if entity.iter().any(|part| part.name == Name::Any) {
            bail!("--alter needs --entity-name or --entity-default");
        }
        let additions = self.additions()?;
        let (rates, credentials): (Vec<_>, Vec<_>) =
            additions.into_iter().partition(|(key, _)| is_quota(key));
        let (dropped_rates, dropped): (Vec<_>, Vec<_>) =
            self.deletions().partition(|key| is_quota(key));
        let user = match entity {
            [part] if part.owner == Owner::User => match &part.name {
                Name::Of(user) => Some(user),
                _ => None,
            },
            _ => None,
        };
        match user {
            Some(user) if !credentials.is_empty() || !dropped.is_empty() => {
                alter_credentials(cluster, user, &credentials, &dropped)?;
            }
            None if !credentials.is_empty() || !dropped.is_empty() => {
                let names = credentials.iter().map(|(key, _)| key.as_str());
                let names: Vec<_> = names.chain(dropped.iter().copied()).collect();
                bail!(
                    "only quotas can be set for these, and credentials for users with a name; not {}",
                    names.join(", ")
                );
            }
            _ => {}
        }
        let has_rates = !rates.is_empty() || !dropped_rates.is_empty();
        if has_rates || (credentials.is_empty() && dropped.is_empty()) {
            quotas::alter(cluster, entity, &rates, &dropped_rates)?;
        }
        match &entity[0].name {
            Name::Of(name) => say!("Completed updating config for {} {name}.", first.one()),
            _ => say!(
                "Completed updating default config for {}s in the cluster.",
                first.one()
            ),
        }
        Ok(())
    }
}

fn alter_credentials(
    cluster: &Cluster,
    user: &str,
    additions: &[(String, String)],
    deletions: &[&str],
) -> Result<()> {
    let upsertions = additions
        .iter()
        .map(|(key, value)| credential(user, key, value));
    let deletions = deletions.iter().map(|key| {
        Ok(ScramCredentialDeletion {
            name: user.into(),
            mechanism: mechanism(key)?,
        })
    });
    let request = AlterUserScramCredentialsRequest {
        deletions: deletions.collect::<Result<_>>()?,
        upsertions: upsertions.collect::<Result<_>>()?,
    };
    for result in cluster.ask(Target::Controller, request)?.results {
        checked(result.error_code, result.error_message.as_ref())?;
    }
    Ok(())
}

/// Settings of brokers are asked of the broker itself.
/// Sets and deletes settings of one resource.
pub(crate) fn change(
    cluster: &Cluster,
    resource: ResourceType,
    name: &str,
    set: &[(String, String)],
    delete: &[&str],
) -> Result<()> {
    let set = set.iter().map(|(key, value)| AlterableConfig {
        name: key.as_str().into(),
        config_operation: SET,
        value: Some(value.as_str().into()),
    });
    let delete = delete.iter().map(|key| AlterableConfig {
        name: (*key).into(),
        config_operation: DELETE,
        value: None,
    });
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: resource as i8,
            resource_name: name.into(),
            configs: set.chain(delete).collect(),
        }],
        validate_only: false,
    };
    for result in cluster.ask(target(resource, name), request)?.responses {
        checked(result.error_code, result.error_message.as_ref())?;
    }
    Ok(())
}

fn target(resource: ResourceType, name: &str) -> Target {
    match (resource, name.parse()) {
        (ResourceType::Broker | ResourceType::BrokerLogger, Ok(id)) => Target::Node(NodeId(id)),
        _ => Target::Any,
    }
}

/// The settings of these resources, by name.
pub(crate) fn describe(
    cluster: &Cluster,
    target: Target,
    resource: ResourceType,
    names: &[String],
) -> Result<BTreeMap<String, Vec<DescribeConfigsResourceResult>>> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let resources = names.iter().map(|name| DescribeConfigsResource {
        resource_type: resource as i8,
        resource_name: name.as_str().into(),
        configuration_keys: None,
    });
    let request = DescribeConfigsRequest {
        resources: resources.collect(),
        include_synonyms: true,
        include_documentation: false,
    };
    let mut found = BTreeMap::new();
    for result in cluster.ask(target, request)?.results {
        checked(result.error_code, result.error_message.as_ref())?;
        found.insert(result.resource_name.as_str().to_owned(), result.configs);
    }
    Ok(found)
}

/// The settings that these resources have of their own.
pub(crate) fn overridden(
    cluster: &Cluster,
    resource: ResourceType,
    names: &[String],
) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
    let all = describe(cluster, Target::Any, resource, names)?;
    let own = all.into_iter().map(|(name, settings)| {
        let settings = settings
            .into_iter()
            .filter(|setting| setting.config_source != 5);
        let pairs = settings.map(|setting| {
            let value = setting
                .value
                .as_ref()
                .map_or("null", |value| value.as_str())
                .to_owned();
            (setting.name.as_str().to_owned(), value)
        });
        (name, pairs.collect())
    });
    Ok(own.collect())
}

fn is_dynamic(setting: &DescribeConfigsResourceResult, resource: ResourceType) -> bool {
    match resource {
        ResourceType::Topic => setting.config_source == 1,
        ResourceType::Broker => matches!(setting.config_source, 2 | 3),
        ResourceType::BrokerLogger => setting.config_source == 6,
        ResourceType::ClientMetrics => setting.config_source != 5,
        ResourceType::Group => setting.config_source == 8,
    }
}

fn source(number: i8) -> &'static str {
    SOURCES
        .iter()
        .find(|(known, _)| *known == number)
        .map_or("UNKNOWN", |(_, word)| word)
}

fn setting_line(setting: &DescribeConfigsResourceResult) -> String {
    let value = |value: &Option<rdkafka_wire::types::StrBytes>| {
        value
            .as_ref()
            .map_or("null", |value| value.as_str())
            .to_owned()
    };
    let synonyms = setting.synonyms.iter().map(|synonym| {
        format!(
            "{}:{}={}",
            source(synonym.source),
            synonym.name.as_str(),
            value(&synonym.value)
        )
    });
    format!(
        "  {}={} sensitive={} synonyms={{{}}}",
        setting.name.as_str(),
        value(&setting.value),
        setting.is_sensitive,
        synonyms.collect::<Vec<_>>().join(", ")
    )
}

fn setting_json(setting: &DescribeConfigsResourceResult) -> serde_json::Value {
    json!({
        "name": setting.name.as_str(),
        "value": setting.value.as_ref().map(|value| value.as_str()),
        "source": source(setting.config_source),
        "sensitive": setting.is_sensitive,
        "readOnly": setting.read_only,
    })
}

/// `k1=v1,k2=[v21,v22],k3=` : commas inside brackets belong to the value.
fn parse_settings(list: &str) -> Result<Vec<(String, String)>> {
    let mut settings = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let (key, after) = rest
            .split_once('=')
            .with_context(|| format!("{rest:?} is not KEY=VALUE"))?;
        let (value, next) = match after.strip_prefix('[') {
            Some(bracketed) => {
                let (value, next) = bracketed
                    .split_once(']')
                    .with_context(|| format!("{key}=[...: the closing bracket is missing"))?;
                (value, next.trim_start().trim_start_matches(','))
            }
            None => after.split_once(',').unwrap_or((after, "")),
        };
        settings.push((key.trim().to_owned(), value.trim().to_owned()));
        rest = next.trim_start();
    }
    Ok(settings)
}

fn mechanism(name: &str) -> Result<i8> {
    match name {
        "SCRAM-SHA-256" => Ok(1),
        "SCRAM-SHA-512" => Ok(2),
        _ => bail!("{name} is no credential of a user: SCRAM-SHA-256 or SCRAM-SHA-512 is"),
    }
}

fn mechanism_name(number: i8) -> &'static str {
    match number {
        1 => "SCRAM-SHA-256",
        2 => "SCRAM-SHA-512",
        _ => "UNKNOWN",
    }
}

/// `SCRAM-SHA-256=[iterations=8192,password=secret]`.
fn credential(user: &str, key: &str, value: &str) -> Result<ScramCredentialUpsertion> {
    let mechanism = mechanism(key)?;
    let options: BTreeMap<_, _> = parse_settings(value)?.into_iter().collect();
    let password = options
        .get("password")
        .with_context(|| format!("{key}: password=... is missing"))?;
    let iterations = match options.get("iterations").map(String::as_str) {
        None | Some("-1") => 4096u32,
        Some(count) => count
            .parse()
            .with_context(|| format!("{key}: iterations={count}"))?,
    };
    let rounds =
        std::num::NonZeroU32::new(iterations).with_context(|| format!("{key}: iterations=0"))?;
    let hash = ScramMechanism::from_name(key).with_context(|| format!("{key} is unknown"))?;
    let salt: [u8; 16] = std::array::from_fn(|_| fastrand::u8(..));
    let salted_password = hash.salted_password(password.as_bytes(), &salt, rounds);
    Ok(ScramCredentialUpsertion {
        name: user.into(),
        mechanism,
        iterations: i32::try_from(iterations)?,
        salt: Bytes::copy_from_slice(&salt),
        salted_password: salted_password.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn brackets_keep_commas_in_a_value() {
        assert_eq!(
            parse_settings("a=1,cleanup.policy=[compact,delete],b=").unwrap(),
            pairs(&[("a", "1"), ("cleanup.policy", "compact,delete"), ("b", "")])
        );
        assert!(parse_settings("a").is_err());
        assert!(parse_settings("a=[1").is_err());
    }
}
