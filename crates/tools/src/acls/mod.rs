//! `kafka-acls.sh`.
//!
//! Owns the options and their rules; [`rules`] makes resources and entries of them, [`names`] spells both as Kafka does.

mod names;
mod rules;

use std::collections::BTreeMap;
use std::io::BufRead;

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_client::Target;
use rdkafka_wire::messages::create_acls::{AclCreation, CreateAclsRequest};
use rdkafka_wire::messages::delete_acls::{DeleteAclsFilter, DeleteAclsRequest};
use rdkafka_wire::messages::describe_acls::DescribeAclsRequest;
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::say;
use rules::{ANY, Entry, Resource};

/// List, add and remove access rules.
#[derive(Debug, Args)]
pub struct Acls {
    #[command(flatten)]
    connect: Connect,
    /// Print the rules; with a resource those about it.
    #[arg(long)]
    list: bool,
    /// Add rules.
    #[arg(long)]
    add: bool,
    /// Remove rules.
    #[arg(long)]
    remove: bool,
    /// With --list: only what is said of this principal. May be repeated.
    #[arg(long, value_name = "TYPE:NAME")]
    principal: Vec<String>,
    /// Ask nothing before rules are removed.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    wanted: Wanted,
}

/// What rules are meant.
#[derive(Debug, Args)]
struct Wanted {
    /// A topic; '*' is every topic. May be repeated.
    #[arg(long, value_name = "NAME")]
    topic: Vec<String>,
    /// A group; '*' is every group. May be repeated.
    #[arg(long, value_name = "ID")]
    group: Vec<String>,
    /// The cluster itself.
    #[arg(long)]
    cluster: bool,
    /// A transactional id; '*' is every one. May be repeated.
    #[arg(long, value_name = "ID")]
    transactional_id: Vec<String>,
    /// A delegation token. May be repeated.
    #[arg(long, value_name = "ID")]
    delegation_token: Vec<String>,
    /// Another user, for whom delegation tokens are created or described. May be repeated.
    #[arg(long, value_name = "TYPE:NAME")]
    user_principal: Vec<String>,
    /// How names are compared: literal, prefixed; to list or remove also any, match.
    #[arg(long, value_name = "TYPE", default_value = "literal")]
    resource_pattern_type: String,
    /// What may, or may not, be done: Read, Write, Create, ... May be repeated; all by default.
    #[arg(long, value_name = "NAME")]
    operation: Vec<String>,
    /// Who may. May be repeated.
    #[arg(long, value_name = "TYPE:NAME")]
    allow_principal: Vec<String>,
    /// Who may not. May be repeated.
    #[arg(long, value_name = "TYPE:NAME")]
    deny_principal: Vec<String>,
    /// From where those who may may; everywhere by default. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    allow_host: Vec<String>,
    /// From where those who may not may not; everywhere by default. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    deny_host: Vec<String>,
    /// What a producer needs: Write, Describe and Create on topics, Write and Describe on transactional ids.
    #[arg(long)]
    producer: bool,
    /// What a consumer needs: Read and Describe on topics, Read on groups.
    #[arg(long)]
    consumer: bool,
    /// With --producer: what an idempotent one needs of brokers before Kafka 2.8.
    #[arg(long)]
    idempotent: bool,
}

/// The rules about each resource.
type Found = BTreeMap<Resource, Vec<Entry>>;

impl Acls {
    pub(crate) fn run(self) -> Result<()> {
        self.check()?;
        if self.add {
            self.add()
        } else if self.remove {
            self.remove()
        } else {
            self.list()
        }
    }

    fn check(&self) -> Result<()> {
        let actions = [self.add, self.remove, self.list];
        if actions.iter().filter(|it| **it).count() != 1 {
            bail!("Command must include exactly one action: --list, --add, --remove.");
        }
        let wanted = &self.wanted;
        let roles = wanted.producer || wanted.consumer;
        let said = |list: &[String]| !list.is_empty();
        let denies = said(&wanted.deny_principal) || said(&wanted.deny_host);
        let allows = said(&wanted.allow_principal) || said(&wanted.allow_host);
        if self.list && (roles || allows || denies) {
            bail!(
                "Option \"[list]\" can't be used with --producer, --consumer, --allow-principal, --allow-host, --deny-principal or --deny-host"
            );
        }
        if roles && (said(&wanted.operation) || denies) {
            bail!(
                "--producer and --consumer say what is allowed: they can't be used with --operation, --deny-principal or --deny-host"
            );
        }
        if said(&self.principal) && !self.list {
            bail!("The --principal option is only available if --list is set");
        }
        if wanted.producer && !said(&wanted.topic) {
            bail!("With --producer you must specify a --topic");
        }
        if wanted.idempotent && !wanted.producer {
            bail!("The --idempotent option is only available if --producer is set");
        }
        let other = wanted.cluster || said(&wanted.transactional_id);
        let incomplete = !said(&wanted.topic) || !said(&wanted.group);
        if wanted.consumer && (incomplete || (!wanted.producer && other)) {
            bail!(
                "With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id option should be specified."
            );
        }
        Ok(())
    }

    fn add(&self) -> Result<()> {
        let rules = self.wanted.rules()?;
        if !rules.is_specific() {
            bail!(
                "A '--resource-pattern-type' value of '{}' is not valid when adding acls.",
                self.wanted.resource_pattern_type
            );
        }
        if rules.about.values().any(Vec::is_empty) {
            bail!(
                "You must specify one of: --allow-principal, --deny-principal when trying to add ACLs."
            );
        }
        let cluster = Cluster::connect(&self.connect)?;
        for (resource, entries) in &rules.about {
            if !self.connect.json {
                say!(
                    "Adding ACLs for resource `{}`: \n {} \n",
                    resource.pattern(),
                    lines(entries)
                );
            }
            let creations = entries.iter().map(|entry| AclCreation {
                resource_type: resource.resource_type,
                resource_name: resource.name.as_str().into(),
                resource_pattern_type: resource.pattern_type,
                principal: entry.principal.as_str().into(),
                host: entry.host.as_str().into(),
                operation: entry.operation,
                permission_type: entry.permission,
            });
            let request = CreateAclsRequest {
                creations: creations.collect(),
            };
            for result in cluster.ask(Target::Any, request)?.results {
                checked(result.error_code, result.error_message.as_ref())?;
            }
        }
        if self.connect.json {
            say!("{}", as_json(&rules.about));
        }
        Ok(())
    }

    fn remove(&self) -> Result<()> {
        let rules = self.wanted.rules()?;
        let cluster = Cluster::connect(&self.connect)?;
        let mut removed = Found::new();
        for (resource, entries) in &rules.about {
            let question = match entries.is_empty() {
                true => format!(
                    "Are you sure you want to delete all ACLs for resource filter `{}`? (y/n)",
                    resource.pattern()
                ),
                false => format!(
                    "Are you sure you want to remove ACLs: \n {} \n from resource filter `{}`? (y/n)",
                    lines(entries),
                    resource.pattern()
                ),
            };
            if !self.is_agreed(&question)? {
                continue;
            }
            let filter = |entry: Option<&Entry>| DeleteAclsFilter {
                resource_type_filter: resource.resource_type,
                resource_name_filter: Some(resource.name.as_str().into()),
                pattern_type_filter: resource.pattern_type,
                principal_filter: entry.map(|it| it.principal.as_str().into()),
                host_filter: entry.map(|it| it.host.as_str().into()),
                operation: entry.map_or(ANY, |it| it.operation),
                permission_type: entry.map_or(ANY, |it| it.permission),
            };
            let filters = match entries.is_empty() {
                true => vec![filter(None)],
                false => entries.iter().map(|it| filter(Some(it))).collect(),
            };
            let response = cluster.ask(Target::Any, DeleteAclsRequest { filters })?;
            for result in response.filter_results {
                checked(result.error_code, result.error_message.as_ref())?;
                for acl in result.matching_acls {
                    checked(acl.error_code, acl.error_message.as_ref())?;
                    let resource = Resource {
                        resource_type: acl.resource_type,
                        pattern_type: acl.pattern_type,
                        name: acl.resource_name.to_string(),
                    };
                    removed.entry(resource).or_default().push(Entry {
                        principal: acl.principal.to_string(),
                        host: acl.host.to_string(),
                        operation: acl.operation,
                        permission: acl.permission_type,
                    });
                }
            }
        }
        if self.connect.json {
            say!("{}", as_json(&removed));
        }
        Ok(())
    }

    /// Whether the user says yes, or need not be asked.
    fn is_agreed(&self, question: &str) -> Result<bool> {
        if self.force {
            return Ok(true);
        }
        say!("{question}");
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        Ok(answer.trim().eq_ignore_ascii_case("y"))
    }

    fn list(&self) -> Result<()> {
        let resources = self.wanted.resources()?;
        let cluster = Cluster::connect(&self.connect)?;
        let mut found = Found::new();
        let filters = match resources.is_empty() {
            true => vec![None],
            false => resources.iter().map(Some).collect(),
        };
        for filter in filters {
            for (resource, entries) in describe(&cluster, filter)? {
                let known = found.entry(resource).or_default();
                for entry in entries {
                    if !known.contains(&entry) {
                        known.push(entry);
                    }
                }
            }
        }
        if self.connect.json {
            let mine = |entry: &Entry| {
                self.principal.is_empty() || self.principal.contains(&entry.principal)
            };
            say!("{}", as_json(&only(&found, mine)));
            return Ok(());
        }
        if self.principal.is_empty() {
            print(&found);
        }
        for principal in &self.principal {
            say!("ACLs for principal `{principal}`");
            print(&only(&found, |entry| entry.principal == *principal));
        }
        Ok(())
    }
}

fn describe(cluster: &Cluster, filter: Option<&Resource>) -> Result<Found> {
    let request = DescribeAclsRequest {
        resource_type_filter: filter.map_or(ANY, |it| it.resource_type),
        resource_name_filter: filter.map(|it| it.name.as_str().into()),
        pattern_type_filter: filter.map_or(ANY, |it| it.pattern_type),
        principal_filter: None,
        host_filter: None,
        operation: ANY,
        permission_type: ANY,
    };
    let response = cluster.ask(Target::Any, request)?;
    checked(response.error_code, response.error_message.as_ref())?;
    let found = response.resources.into_iter().map(|it| {
        let resource = Resource {
            resource_type: it.resource_type,
            pattern_type: it.pattern_type,
            name: it.resource_name.to_string(),
        };
        let entries = it.acls.into_iter().map(|acl| Entry {
            principal: acl.principal.to_string(),
            host: acl.host.to_string(),
            operation: acl.operation,
            permission: acl.permission_type,
        });
        (resource, entries.collect())
    });
    Ok(found.collect())
}

/// Some of the entries, and the resources that have any of them.
fn only(found: &Found, wanted: impl Fn(&Entry) -> bool) -> Found {
    let found = found.iter().map(|(resource, entries)| {
        let entries = entries.iter().filter(|entry| wanted(entry));
        (resource.clone(), entries.cloned().collect::<Vec<_>>())
    });
    found.filter(|(_, entries)| !entries.is_empty()).collect()
}

fn print(found: &Found) {
    for (resource, entries) in found {
        say!(
            "Current ACLs for resource `{}`: \n {} \n",
            resource.pattern(),
            lines(entries)
        );
    }
}

fn lines(entries: &[Entry]) -> String {
    let lines = entries.iter().map(|entry| format!("\t{entry}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn as_json(found: &Found) -> serde_json::Value {
    let rows = found.iter().flat_map(|(resource, entries)| {
        entries.iter().map(move |entry| {
            json!({
                "resourceType": names::resource_type(resource.resource_type),
                "name": resource.name,
                "patternType": names::pattern_type(resource.pattern_type),
                "principal": entry.principal,
                "host": entry.host,
                "operation": names::operation(entry.operation),
                "permissionType": names::permission(entry.permission),
            })
        })
    });
    json!(rows.collect::<Vec<_>>())
}
