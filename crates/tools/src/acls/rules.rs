//! The rules that the options of `kafka-acls.sh` ask for.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, anyhow, bail};

use super::{Wanted, names};

/// What rules are about: one name, or what a filter lets through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) resource_type: i8,
    pub(super) pattern_type: i8,
    pub(super) name: String,
}

impl Resource {
    /// As Kafka's tool prints resources and filters.
    pub(super) fn pattern(&self) -> String {
        format!(
            "ResourcePattern(resourceType={}, name={}, patternType={})",
            names::resource_type(self.resource_type),
            self.name,
            names::pattern_type(self.pattern_type)
        )
    }
}

/// Who may, or may not, do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) principal: String,
    pub(super) host: String,
    pub(super) operation: i8,
    pub(super) permission: i8,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "(principal={}, host={}, operation={}, permissionType={})",
            self.principal,
            self.host,
            names::operation(self.operation),
            names::permission(self.permission)
        )
    }
}

/// What is to be added or removed.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) about: BTreeMap<Resource, Vec<Entry>>,
}

impl Rules {
    /// Whether every resource is one that a rule can be about.
    pub(super) fn is_specific(&self) -> bool {
        self.about
            .keys()
            .all(|it| matches!(it.pattern_type, LITERAL | PREFIXED))
    }

    fn add(&mut self, resource: &Resource, entries: Vec<Entry>) {
        let known = self.about.entry(resource.clone()).or_default();
        for entry in entries {
            if !known.contains(&entry) {
                known.push(entry);
            }
        }
    }
}

impl Wanted {
    /// The resources that are named.
    pub(super) fn resources(&self) -> Result<Vec<Resource>> {
        let pattern_type = names::pattern_type_number(&self.resource_pattern_type);
        let pattern_type = pattern_type.ok_or_else(|| {
            anyhow!(
                "Unknown resource-pattern-type: {}",
                self.resource_pattern_type
            )
        })?;
        let lists = [
            (TOPIC, &self.topic),
            (GROUP, &self.group),
            (TRANSACTIONAL_ID, &self.transactional_id),
            (DELEGATION_TOKEN, &self.delegation_token),
            (USER, &self.user_principal),
        ];
        let named = lists.into_iter().flat_map(|(resource_type, names)| {
            names.iter().map(move |name| Resource {
                resource_type,
                pattern_type,
                name: name.trim().to_owned(),
            })
        });
        let mut resources: Vec<_> = named.collect();
        if pattern_type == LITERAL && (self.cluster || self.idempotent) {
            resources.push(cluster());
        }
        Ok(resources)
    }

    /// The resources with what is said about each.
    pub(super) fn rules(&self) -> Result<Rules> {
        let resources = self.resources()?;
        if resources.is_empty() {
            bail!(
                "You must provide at least one resource: --topic <topic> or --cluster or --group <group> or --delegation-token <Delegation Token ID>"
            );
        }
        let mut rules = Rules {
            about: BTreeMap::new(),
        };
        if !self.producer && !self.consumer {
            let operations = self.operations()?;
            for resource in &resources {
                check(resource, &operations)?;
                rules.add(resource, self.entries(&operations));
            }
            return Ok(rules);
        }
        for resource in &resources {
            let kind = resource.resource_type;
            if self.producer {
                match kind {
                    TOPIC => rules.add(resource, self.entries(&[WRITE, DESCRIBE, CREATE])),
                    TRANSACTIONAL_ID => rules.add(resource, self.entries(&[WRITE, DESCRIBE])),
                    CLUSTER if self.idempotent => {
                        rules.add(resource, self.entries(&[IDEMPOTENT_WRITE]));
                    }
                    _ => {}
                }
            }
            if self.consumer {
                match kind {
                    TOPIC => rules.add(resource, self.entries(&[READ, DESCRIBE])),
                    GROUP => rules.add(resource, self.entries(&[READ])),
                    _ => {}
                }
            }
        }
        Ok(rules)
    }

    fn operations(&self) -> Result<Vec<i8>> {
        if self.operation.is_empty() {
            return Ok(vec![ALL]);
        }
        let numbers = self.operation.iter().map(|word| {
            let number = names::operation_number(word.trim());
            number.ok_or_else(|| anyhow!("Unknown operation {word}"))
        });
        numbers.collect()
    }

    fn entries(&self, operations: &[i8]) -> Vec<Entry> {
        let sides = [
            (ALLOW, &self.allow_principal, &self.allow_host),
            (DENY, &self.deny_principal, &self.deny_host),
        ];
        let mut entries = Vec::new();
        for (permission, principals, hosts) in sides {
            let everywhere = ["*".to_owned()];
            let hosts = if hosts.is_empty() {
                &everywhere[..]
            } else {
                hosts
            };
            for principal in principals {
                for operation in operations {
                    for host in hosts {
                        entries.push(Entry {
                            principal: principal.trim().to_owned(),
                            host: host.trim().to_owned(),
                            operation: *operation,
                            permission,
                        });
                    }
                }
            }
        }
        entries
    }
}

/// Whether these can be done to a resource at all.
fn check(resource: &Resource, operations: &[i8]) -> Result<()> {
    let supported: &[i8] = match resource.resource_type {
        TOPIC => &[
            READ,
            WRITE,
            CREATE,
            DESCRIBE,
            DELETE,
            ALTER,
            DESCRIBE_CONFIGS,
            ALTER_CONFIGS,
        ],
        GROUP => &[READ, DESCRIBE, DELETE, DESCRIBE_CONFIGS, ALTER_CONFIGS],
        CLUSTER => &[
            CREATE,
            CLUSTER_ACTION,
            DESCRIBE_CONFIGS,
            ALTER_CONFIGS,
            IDEMPOTENT_WRITE,
            ALTER,
            DESCRIBE,
        ],
        TRANSACTIONAL_ID => &[DESCRIBE, WRITE, TWO_PHASE_COMMIT],
        DELEGATION_TOKEN => &[DESCRIBE],
        _ => &[CREATE_TOKENS, DESCRIBE_TOKENS],
    };
    if operations
        .iter()
        .all(|it| *it == ALL || supported.contains(it))
    {
        return Ok(());
    }
    let words = supported.iter().chain(&[ALL]);
    let words: Vec<String> = words.map(|it| names::operation_word(*it)).collect();
    bail!(
        "ResourceType {} only supports operations {}",
        names::resource_type(resource.resource_type),
        words.join(", ")
    )
}

fn cluster() -> Resource {
    Resource {
        resource_type: CLUSTER,
        pattern_type: LITERAL,
        name: "kafka-cluster".into(),
    }
}

const TOPIC: i8 = 2;
const GROUP: i8 = 3;
const CLUSTER: i8 = 4;
const TRANSACTIONAL_ID: i8 = 5;
const DELEGATION_TOKEN: i8 = 6;
const USER: i8 = 7;
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
/// Open, in every filter.
pub(super) const ANY: i8 = 1;
const ALL: i8 = 2;
const READ: i8 = 3;
const WRITE: i8 = 4;
const CREATE: i8 = 5;
const DELETE: i8 = 6;
const ALTER: i8 = 7;
const DESCRIBE: i8 = 8;
const CLUSTER_ACTION: i8 = 9;
const DESCRIBE_CONFIGS: i8 = 10;
const ALTER_CONFIGS: i8 = 11;
const IDEMPOTENT_WRITE: i8 = 12;
const CREATE_TOKENS: i8 = 13;
const DESCRIBE_TOKENS: i8 = 14;
const TWO_PHASE_COMMIT: i8 = 15;
const DENY: i8 = 2;
const ALLOW: i8 = 3;
