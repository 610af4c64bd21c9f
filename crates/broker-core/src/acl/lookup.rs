//! Topics as one client may find them, and changes of the rules: what [`Topics`] does for access control.
//!
//! Guarantees: a topic that may not be touched is refused before it is looked for, so that nobody learns by the error
//! whether it exists; an id says that by itself (Kafka: ids are no secret).

use std::sync::Arc;

use rdkafka_log::LogError;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::Uuid;

use super::grants::Grants;
use super::{Acl, Operation};
use crate::cluster_log::ClusterRecord;
use crate::request::Now;
use crate::topics::{Topic, TopicIndex, Topics};

impl Topics {
    /// The topic of this name: TOPIC_AUTHORIZATION_FAILED, or UNKNOWN_TOPIC_OR_PARTITION.
    pub(crate) fn find_for(
        &self,
        grants: &Grants,
        operation: Operation,
        name: &str,
    ) -> Result<TopicIndex, ErrorCode> {
        grants.topic(operation, name)?;
        self.find(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    /// The topic of this id: UNKNOWN_TOPIC_ID, or TOPIC_AUTHORIZATION_FAILED.
    pub(crate) fn find_id_for(
        &self,
        grants: &Grants,
        operation: Operation,
        id: Uuid,
    ) -> Result<TopicIndex, ErrorCode> {
        let index = self.find_id(id).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?;
        let name = self.get(index).map(|topic| &*topic.name);
        grants.topic(operation, name.unwrap_or_default())?;
        Ok(index)
    }

    /// As [`Self::find_for`], the topic itself.
    pub(crate) fn by_name_for(
        &self,
        grants: &Grants,
        operation: Operation,
        name: &str,
    ) -> Result<&Topic, ErrorCode> {
        let index = self.find_for(grants, operation, name)?;
        self.get(index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    /// Adds a rule, or takes it away; one that is there already, or is not, changes nothing.
    pub(crate) fn set_acl(&mut self, acl: Acl, exists: bool, now: Now) -> Result<(), LogError> {
        if self.acls.contains(&acl) == exists {
            return Ok(());
        }
        let record = ClusterRecord::Acl {
            acl: acl.clone(),
            exists,
        };
        self.cluster.append(&record, now.unix_ms)?;
        Arc::make_mut(&mut self.acls).replay(acl, exists);
        Ok(())
    }
}
