//! The users of SCRAM: who has which password, salted and hashed.
//!
//! Owns [`ScramUsers`], which is what replay makes of the cluster log's records. Guarantees: no password is kept, only
//! what proves the knowledge of one. Leaves to others: the exchange with a client (`rdkafka-sasl`), who may change users.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use bytes::Bytes;
use rdkafka_log::LogError;
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::server::ScramCredential;
use rdkafka_wire::types::StrBytes;

use crate::cluster_log::{ClusterRecord, ScramRecord};
use crate::request::Now;
use crate::topics::Topics;

/// A user's credentials, by mechanism number.
pub(crate) type Credentials = BTreeMap<i8, ScramCredential>;

/// All users.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ScramUsers(BTreeMap<StrBytes, Credentials>);

impl ScramUsers {
    /// Takes in a record of the cluster log.
    pub(crate) fn replay(
        &mut self,
        user: StrBytes,
        mechanism: ScramMechanism,
        value: Option<ScramRecord>,
    ) {
        let Some(record) = value else {
            if let Some(credentials) = self.0.get_mut(&user) {
                credentials.remove(&number(mechanism));
                if credentials.is_empty() {
                    self.0.remove(&user);
                }
            }
            return;
        };
        let iterations = u32::try_from(record.iterations)
            .ok()
            .and_then(NonZeroU32::new);
        let Some(iterations) = iterations else {
            tracing::warn!(user = %user, "a stored password without iterations is ignored");
            return;
        };
        let credential = ScramCredential {
            salt: record.salt.to_vec(),
            iterations,
            stored_key: record.stored_key.to_vec(),
            server_key: record.server_key.to_vec(),
        };
        self.0
            .entry(user)
            .or_default()
            .insert(number(mechanism), credential);
    }

    /// A user's credential.
    pub(crate) fn find(&self, user: &str, mechanism: ScramMechanism) -> Option<&ScramCredential> {
        self.0.get(user)?.get(&number(mechanism))
    }

    /// All credentials of a user.
    pub(crate) fn of_user(&self, user: &str) -> Option<&Credentials> {
        self.0.get(user)
    }

    /// Users and their credentials, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&StrBytes, &Credentials)> {
        self.0.iter()
    }
}

impl Topics {
    /// Gives a user a password, or takes it away.
    pub(crate) fn set_scram(
        &mut self,
        user: &str,
        mechanism: ScramMechanism,
        credential: Option<&ScramCredential>,
        now: Now,
    ) -> Result<(), LogError> {
        let user = StrBytes::from(user.to_owned());
        let value = credential.map(|credential| ScramRecord {
            salt: Bytes::copy_from_slice(&credential.salt),
            stored_key: Bytes::copy_from_slice(&credential.stored_key),
            server_key: Bytes::copy_from_slice(&credential.server_key),
            iterations: i32::try_from(credential.iterations.get()).unwrap_or(i32::MAX),
        });
        let record = ClusterRecord::Scram {
            user: user.clone(),
            mechanism,
            value: value.clone(),
        };
        self.cluster.append(&record, now.unix_ms)?;
        self.users.replay(user, mechanism, value);
        Ok(())
    }
}

/// A mechanism's number in Kafka's messages.
pub(crate) fn number(mechanism: ScramMechanism) -> i8 {
    match mechanism {
        ScramMechanism::Sha256 => 1,
        ScramMechanism::Sha512 => 2,
    }
}

/// The mechanism of a number.
pub(crate) fn mechanism(number: i8) -> Option<ScramMechanism> {
    ScramMechanism::ALL
        .into_iter()
        .find(|it| self::number(*it) == number)
}
