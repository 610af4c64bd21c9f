//! What one client may do, asked request by request.
//!
//! Owns: [`Authorizer`] (what the configuration says) and [`Grants`], which a handler gets from
//! [`Shard::grants`](crate::shard::Shard::grants). Guarantees: without an authorizer, and for a super user, nothing is looked
//! up. A refusal that a client asked for is logged, as Kafka's `kafka.authorizer.logger` does.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use rdkafka_wire::ErrorCode;

use super::{Acls, CLUSTER, Operation, ResourceType, Subject, Verdict};
use crate::conf::BrokerConfig;
use crate::request::Peer;

/// Whether there is access control at all, and who is above it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Authorizer {
    pub(crate) is_enabled: bool,
    super_users: BTreeSet<String>,
    allows_without_rule: bool,
}

impl Authorizer {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let users = config.super_users.split(';').map(str::trim);
        Self {
            is_enabled: !config.authorizer_class_name.is_empty(),
            super_users: users
                .filter(|user| !user.is_empty())
                .map(Into::into)
                .collect(),
            allows_without_rule: config.allow_everyone_if_no_acl_found,
        }
    }

    /// What a client may do by these rules.
    pub(crate) fn grants(&self, acls: &Arc<Acls>, peer: &Arc<Peer>) -> Grants {
        if !self.is_enabled || self.super_users.contains(&*peer.principal) {
            return Grants::UNLIMITED;
        }
        let host = peer.host.trim_start_matches('/');
        Grants(Some(Box::new(Judged {
            acls: Arc::clone(acls),
            allows_without_rule: self.allows_without_rule,
            address: host.parse().ok(),
            peer: Arc::clone(peer),
        })))
    }
}

/// What one client may do; everything if there is nothing to judge by.
#[derive(Debug, Clone)]
pub(crate) struct Grants(Option<Box<Judged>>);

#[derive(Debug, Clone)]
struct Judged {
    acls: Arc<Acls>,
    allows_without_rule: bool,
    address: Option<IpAddr>,
    peer: Arc<Peer>,
}

impl Grants {
    /// Everything.
    pub(crate) const UNLIMITED: Self = Self(None);

    /// Whether there is nothing that may not be done.
    pub(crate) fn are_unlimited(&self) -> bool {
        self.0.is_none()
    }

    /// TOPIC_AUTHORIZATION_FAILED unless that may be done to a topic.
    pub(crate) fn topic(&self, operation: Operation, name: &str) -> Result<(), ErrorCode> {
        self.check(operation, ResourceType::Topic, name)
    }

    /// GROUP_AUTHORIZATION_FAILED unless that may be done to a group.
    pub(crate) fn group(&self, operation: Operation, id: &str) -> Result<(), ErrorCode> {
        self.check(operation, ResourceType::Group, id)
    }

    /// TRANSACTIONAL_ID_AUTHORIZATION_FAILED unless that may be done to a transactional id.
    pub(crate) fn transactional_id(&self, operation: Operation, id: &str) -> Result<(), ErrorCode> {
        self.check(operation, ResourceType::TransactionalId, id)
    }

    /// CLUSTER_AUTHORIZATION_FAILED unless that may be done to the cluster.
    pub(crate) fn cluster(&self, operation: Operation) -> Result<(), ErrorCode> {
        self.check(operation, ResourceType::Cluster, CLUSTER)
    }

    /// The error for what may not be done.
    pub(crate) fn check(
        &self,
        operation: Operation,
        resource_type: ResourceType,
        name: &str,
    ) -> Result<(), ErrorCode> {
        if self.allows(operation, resource_type, name) {
            return Ok(());
        }
        if let Some(judged) = &self.0 {
            tracing::info!(
                principal = %judged.peer.principal,
                host = %judged.peer.host,
                ?operation,
                resource = ?resource_type,
                name,
                "access denied"
            );
        }
        Err(match resource_type {
            ResourceType::Topic => ErrorCode::TOPIC_AUTHORIZATION_FAILED,
            ResourceType::Group => ErrorCode::GROUP_AUTHORIZATION_FAILED,
            ResourceType::TransactionalId => ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            ResourceType::DelegationToken | ResourceType::User => {
                ErrorCode::DELEGATION_TOKEN_AUTHORIZATION_FAILED
            }
            ResourceType::Cluster => ErrorCode::CLUSTER_AUTHORIZATION_FAILED,
        })
    }

    /// Whether that may be done, where a refusal is nothing to tell of: what may not be seen is left out.
    pub(crate) fn allows(
        &self,
        operation: Operation,
        resource_type: ResourceType,
        name: &str,
    ) -> bool {
        let Some(judged) = &self.0 else {
            return true;
        };
        let verdict = judged
            .acls
            .judge(judged.subject(), operation, resource_type, name);
        match verdict {
            Verdict::Allowed => true,
            Verdict::Denied => false,
            Verdict::NoRule => judged.allows_without_rule,
        }
    }

    /// Whether the cluster may be altered.
    pub(crate) fn alters_cluster(&self) -> bool {
        self.allows(Operation::Alter, ResourceType::Cluster, CLUSTER)
    }

    /// Whether a group may be seen.
    pub(crate) fn sees_group(&self, id: &str) -> bool {
        self.allows(Operation::Describe, ResourceType::Group, id)
    }

    /// Whether a topic may be seen.
    pub(crate) fn sees_topic(&self, name: &str) -> bool {
        self.allows(Operation::Describe, ResourceType::Topic, name)
    }

    /// Whether an idempotent producer may have an id: who may write to any topic may.
    pub(crate) fn idempotent_producer(&self) -> Result<(), ErrorCode> {
        let Some(judged) = &self.0 else {
            return Ok(());
        };
        let writes_any =
            judged
                .acls
                .allows_any(judged.subject(), Operation::Write, ResourceType::Topic);
        if writes_any
            || self.allows(Operation::Write, ResourceType::Topic, ANY_NAME)
            || self.allows(Operation::IdempotentWrite, ResourceType::Cluster, CLUSTER)
        {
            return Ok(());
        }
        self.cluster(Operation::IdempotentWrite)
    }

    /// What may be done to a resource, as the bits that clients can ask for (KIP-430).
    pub(crate) fn operations(&self, resource_type: ResourceType, name: &str) -> i32 {
        let allowed = supported(resource_type)
            .iter()
            .filter(|operation| self.allows(**operation, resource_type, name));
        allowed.fold(0, |bits, operation| bits | 1 << (*operation as i8))
    }

    /// As [`Self::operations`], for a client that asked (or not).
    pub(crate) fn operations_if(
        &self,
        is_asked_for: bool,
        resource_type: ResourceType,
        name: &str,
    ) -> i32 {
        if is_asked_for {
            self.operations(resource_type, name)
        } else {
            OMITTED
        }
    }

    /// As [`Self::operations_if`], for the cluster, whose bits only who may describe it is told.
    pub(crate) fn cluster_operations_if(&self, is_asked_for: bool) -> i32 {
        if is_asked_for && !self.allows(Operation::Describe, ResourceType::Cluster, CLUSTER) {
            return 0;
        }
        self.operations_if(is_asked_for, ResourceType::Cluster, CLUSTER)
    }
}

impl Judged {
    fn subject(&self) -> Subject<'_> {
        Subject {
            principal: &self.peer.principal,
            host: self.peer.host.trim_start_matches('/'),
            address: self.address,
        }
    }
}

/// What can be done to a kind of resource, of what clients ask for.
fn supported(resource_type: ResourceType) -> &'static [Operation] {
    use Operation::{
        Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe,
        DescribeConfigs, DescribeTokens, IdempotentWrite, Read, TwoPhaseCommit, Write,
    };
    match resource_type {
        ResourceType::Topic => &[
            Read,
            Write,
            Create,
            Delete,
            Alter,
            Describe,
            DescribeConfigs,
            AlterConfigs,
        ],
        ResourceType::Group => &[Read, Delete, Describe, DescribeConfigs, AlterConfigs],
        ResourceType::Cluster => &[
            Create,
            Alter,
            Describe,
            ClusterAction,
            DescribeConfigs,
            AlterConfigs,
            IdempotentWrite,
        ],
        ResourceType::TransactionalId => &[Write, Describe, TwoPhaseCommit],
        ResourceType::DelegationToken => &[Describe],
        ResourceType::User => &[CreateTokens, DescribeTokens],
    }
}

/// Not asked for.
pub(crate) const OMITTED: i32 = i32::MIN;
/// A name that no rule about single topics has.
const ANY_NAME: &str = "";
